"""The Human Phenotype Ontology: annotations of diseases with phenotypes and inheritance, and kinds of phenotypes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kg.authoring.corroborate.ancestors import ancestors
from kg.authoring.corroborate.names import Names
from kg.authoring.corroborate.statements import Statement
from kg.authoring.corroborate.vocabularies import exact_synonyms
from kg.authoring.identity import obo_terms
from kg.errors import DataError
from kg.model import Curie
from kg.sources.files import lines
from kg.sources.tsv import read_text
from kg.vocabulary import HAS_COMPLICATION, HAS_INHERITANCE, HAS_PHENOTYPE, SUBCLASS_OF

NAME = "HPO"
_COLUMNS = ("database_id", "disease_name", "qualifier", "hpo_id", "frequency", "aspect")
_EXCLUDED, _NONE_OBSERVED = "HP:0040285", re.compile(r"0(?:/\d+|(?:\.0*)?%)")
_ASPECTS: Mapping[str, tuple[Curie, ...]] = {"P": (HAS_PHENOTYPE, HAS_COMPLICATION), "I": (HAS_INHERITANCE,)}


def read(path: Path, diseases: Mapping[str, str], names: Names) -> Iterator[Statement]:
    """Yield what `phenotype.hpoa` says of diseases, then the kinds of `hp.obo`, which lies beside it.

    What is annotated with a phenotype has all wider phenotypes too; what is said not to have one has none of its kinds.

    Args:
        path: The annotations.
        diseases: For an OMIM or Orphanet id, the MONDO id of the same disease.
        names: The finder of nodes.

    Raises:
        DataError: A file cannot be read, or its header lacks a column.
    """
    labels, parents = _ontology(path.with_name("hp.obo"))
    release, annotations = _annotations(path)
    nodes = {term: _nodes(term, called, names) for term, called in labels.items()}
    above = {term: ancestors(term, parents) for term in labels}
    below = {term: {other for other in labels if term in above[other]} for term in labels if nodes[term]}
    for row in annotations:
        database_id = row["database_id"].replace("Orphanet:", "ORPHA:")
        found = names.of(diseases.get(database_id, "")) or names.of(database_id, row["disease_name"])
        if found and row["hpo_id"] in labels:
            yield from _statements(row, found, nodes, above, below, f"{release}/{database_id}")
    for term in labels:
        for wider in sorted(above[term]) if nodes[term] else ():
            for child in sorted(nodes[term]):
                for parent in sorted(nodes.get(wider, frozenset()) - {child}):
                    yield Statement((child, SUBCLASS_OF, parent), f"{release}/{term}/is_a/{wider}")


def _statements(
    row: Mapping[str, str],
    found: frozenset[Curie],
    nodes: Mapping[str, frozenset[Curie]],
    above: Mapping[str, set[str]],
    below: Mapping[str, set[str]],
    cited: str,
) -> Iterator[Statement]:
    term, denied = row["hpo_id"], row["qualifier"] == "NOT" or row["frequency"] == _EXCLUDED
    if not denied and _NONE_OBSERVED.fullmatch(row["frequency"]):
        return  # looked for in a few people and not found says neither
    reached = below.get(term, set()) if denied else above[term]
    for predicate in _ASPECTS.get(row["aspect"], ()):
        for disease in sorted(found):
            for other in (term, *sorted(reached)):
                for finding in sorted(nodes.get(other, frozenset()) - {disease}):
                    yield Statement((disease, predicate, finding), f"{cited}/{term}", not denied)


def _nodes(term: str, called: Sequence[str], names: Names) -> frozenset[Curie]:
    """Return the nodes that are a term or, where none is, those that bear its label, else those that bear an exact synonym of it."""
    return next((found for name in called if (found := names.of(term, name))), frozenset())


def _ontology(path: Path) -> tuple[dict[str, tuple[str, ...]], dict[str, list[str]]]:
    """Return what each term is called, its label first, and the terms directly above it."""
    labels: dict[str, tuple[str, ...]] = {}
    parents: dict[str, list[str]] = {}
    for term in obo_terms(read_text(path)):
        if term.get("is_obsolete") != ["true"]:
            for curie in term.get("id", ()):
                labels[curie] = (*term.get("name", ()), *exact_synonyms(term))
                parents[curie] = [parent.partition(" ")[0] for parent in term.get("is_a", ())]
    return labels, parents


def _annotations(path: Path) -> tuple[str, Iterator[dict[str, str]]]:
    """Return the release and the rows, below a header that comments precede."""
    release, rest = NAME, lines(path)
    for number, line in rest:
        if line.startswith("#version:"):
            release = f"{NAME}:{line.partition(':')[2].strip()}"
        elif not line.startswith("#"):
            header = line.split("\t")
            if missing := [name for name in _COLUMNS if name not in header]:
                raise DataError(path, number, f"the header lacks {', '.join(missing)}: expected HPO's annotations of diseases")
            return release, (dict(zip(header, cells.split("\t"), strict=False)) for _, cells in rest)
    raise DataError(path, None, "holds no header: expected HPO's annotations of diseases")
