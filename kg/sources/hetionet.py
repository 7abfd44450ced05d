"""Reads Hetionet (https://het.io): nodes of eleven kinds and edges of twenty-four."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from kg.errors import CurieError, DataError
from kg.model import NO_QUALIFIERS, Curie, Entity, Fact
from kg.sources.delimited import table
from kg.sources.folders import need
from kg.sources.records import About, Options, Record, Skipped
from kg.vocabulary import (
    AFFECTS,
    ANATOMY,
    BINDS,
    BIOLOGICAL_PROCESS,
    CELLULAR_COMPONENT,
    CHEMICALLY_SIMILAR,
    CORRELATED_WITH,
    DISEASE,
    DRUG,
    DRUG_CLASS,
    EXPRESSES,
    GENE,
    GENE_OF_CONDITION,
    HAS_LOCATION,
    HAS_PHENOTYPE,
    HAS_SIDE_EFFECT,
    MOLECULAR_ACTIVITY,
    PARTICIPATES_IN,
    PATHWAY,
    PHENOTYPE,
    PHYSICALLY_INTERACTS,
    REGULATES,
    SIMILAR_TO,
    SUBCLASS_OF,
    SYMMETRIC,
    TREATS,
)

ABOUT = About(
    "Hetionet",
    "",
    "CC0-1.0 for what Hetionet adds; its sources keep their terms: SIDER (side effects) CC BY-NC-SA 4.0, DisGeNET (genes of diseases) "
    "ODbL 1.0, DrugBank its own, others CC BY or public domain, and for Bgee, DOAF, STARGEO and the interactomes none is stated",
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a kind of node is here: its category, and what stands before its identifier (`Gene::7157` is NCBIGene:7157)."""

    category: Curie
    prefix: str = ""


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "Anatomy": _Kind(ANATOMY),
        "Biological Process": _Kind(BIOLOGICAL_PROCESS),
        "Cellular Component": _Kind(CELLULAR_COMPONENT),
        "Compound": _Kind(DRUG, "DRUGBANK:"),
        "Disease": _Kind(DISEASE),
        "Gene": _Kind(GENE, "NCBIGene:"),
        "Molecular Function": _Kind(MOLECULAR_ACTIVITY),
        "Pathway": _Kind(PATHWAY, "wikipathways:"),
        "Pharmacologic Class": _Kind(DRUG_CLASS, "NDFRT:"),
        "Side Effect": _Kind(PHENOTYPE, "UMLS:"),
        "Symptom": _Kind(PHENOTYPE, "MESH:"),
    }
)
_WIKIPATHWAY = re.compile(r"(WP\d+)_r\d+")


@dataclass(frozen=True, slots=True)
class _Edge:
    """What a kind of edge states here; `reverse` where its target is our subject."""

    predicate: Curie
    qualifiers: Mapping[str, str] = field(default_factory=lambda: NO_QUALIFIERS)
    reverse: bool = False


def _edge(predicate: Curie, reverse: bool = False, **qualifiers: str) -> _Edge:
    return _Edge(predicate, MappingProxyType(qualifiers), reverse)


_REVIEWED = "reviewed by physicians"
_ARTICLES = "mentioned together in articles more often than by chance"
_CELLS = "measured in cell lines"
_TISSUES = "measured in tissue"
_RAISES, _LOWERS = "raises expression", "lowers expression"

# How each kind is known stands in the article on Hetionet (https://doi.org/10.7554/eLife.26726).
_EDGES: Mapping[str, _Edge] = MappingProxyType(
    {
        "CtD": _edge(TREATS, evidence=_REVIEWED),
        "CpD": _edge(TREATS, purpose="relief of symptoms", evidence=_REVIEWED),
        "CcSE": _edge(HAS_SIDE_EFFECT, evidence="text-mined from labels"),
        "DpS": _edge(HAS_PHENOTYPE, evidence=_ARTICLES),
        "DlA": _edge(HAS_LOCATION, evidence=_ARTICLES),
        "DrD": _edge(SIMILAR_TO, evidence=_ARTICLES),
        "CrC": _edge(CHEMICALLY_SIMILAR, evidence="computed from the structures"),
        "CbG": _edge(BINDS),
        "CuG": _edge(AFFECTS, effect=_RAISES, evidence=_CELLS),
        "CdG": _edge(AFFECTS, effect=_LOWERS, evidence=_CELLS),
        "DaG": _edge(GENE_OF_CONDITION, reverse=True),
        "DuG": _edge(AFFECTS, effect=_RAISES, evidence=_TISSUES),
        "DdG": _edge(AFFECTS, effect=_LOWERS, evidence=_TISSUES),
        "AeG": _edge(EXPRESSES),
        "AuG": _edge(AFFECTS, effect=_RAISES, evidence=_TISSUES),
        "AdG": _edge(AFFECTS, effect=_LOWERS, evidence=_TISSUES),
        "GpBP": _edge(PARTICIPATES_IN),
        "GpCC": _edge(PARTICIPATES_IN),
        "GpMF": _edge(PARTICIPATES_IN),
        "GpPW": _edge(PARTICIPATES_IN),
        "GiG": _edge(PHYSICALLY_INTERACTS),
        "GcG": _edge(CORRELATED_WITH, evidence="rates of evolution vary together"),
        "Gr>G": _edge(REGULATES, evidence=_CELLS),
        "PCiC": _edge(SUBCLASS_OF, reverse=True),
    }
)


def read(path: Path, options: Options) -> Iterator[Record]:
    """Yield the nodes, then the edges.

    Args:
        path: The directory with `nodes.tsv` and the edges in `.sif`, whatever stands before and after these words in their names.
        options: How it is to be read.

    Raises:
        DataError: A file is missing or cannot be read, a header lacks a column, or an identifier is of no known kind.
    """
    nodes, edges = need(path, "*nodes.tsv", "Hetionet"), need(path, "*edges*.sif", "Hetionet")
    yield ABOUT
    for line, (node, name, kind) in table(nodes, ("id", "name", "kind")):
        try:
            curie = _curie(node)
        except CurieError as error:
            raise DataError(nodes, line, str(error)) from error
        if not name:
            raise DataError(nodes, line, f"{node} has no name")
        if kind not in _KINDS:
            raise DataError(nodes, line, f"the kind {kind!r} is not known: expected one of {', '.join(_KINDS)}")
        yield Entity(curie, _KINDS[kind].category, name)
    yield from _read_edges(edges, options)


def _read_edges(edges: Path, options: Options) -> Iterator[Fact | Skipped]:
    for line, (source, metaedge, target) in table(edges, ("source", "metaedge", "target")):
        kind = _EDGES.get(metaedge)
        if kind is None:
            yield Skipped(f"edges of the kind {metaedge} are not known", line, f"{source} {target}")
            continue
        try:
            subject, obj = _curie(source), _curie(target)
        except CurieError as error:
            raise DataError(edges, line, str(error)) from error
        if kind.reverse or (kind.predicate in SYMMETRIC and obj < subject):
            subject, obj = obj, subject
        yield Fact(subject, kind.predicate, obj, options.source, kind.qualifiers)


@cache
def _curie(node: str) -> Curie:
    """Return what `Kind::identifier` stands for.

    Pathways of Pathway Commons 7 have no identifiers outside Hetionet: theirs are local.
    """
    kind, _, identifier = node.partition("::")
    if kind not in _KINDS:
        raise CurieError(f"{node!r} is of no known kind: expected {', '.join(_KINDS)}, then :: and an identifier")
    prefix = _KINDS[kind].prefix
    if kind == "Pathway":
        wikipathway = _WIKIPATHWAY.fullmatch(identifier)
        return Curie(prefix + wikipathway[1] if wikipathway else f"medkg:hetionet-{identifier}")
    return Curie(prefix + identifier)
