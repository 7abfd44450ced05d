"""Reads the tables that the Disease Ontology publishes beside its ontology: terms, axioms and cross-references.

`HumanDO.tsv` has a row a term and parent, the parent by its label; `DO-subClassOf-anonymous.tsv` a row a term with axioms such as
`'has symptom' some fever`, whose objects are labels too; `allXREFinDO.tsv` a row a term and cross-reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from kg.errors import CurieError, DataError
from kg.identifiers import normal
from kg.model import Curie, Entity, Fact
from kg.sources.delimited import quoted_table
from kg.sources.folders import find, need
from kg.sources.local import local_curie
from kg.sources.records import About, Options, Record, Skipped
from kg.sources.records import Mapping as Match
from kg.vocabulary import DISEASE, HAS_INHERITANCE, HAS_PHENOTYPE, INHERITANCE, PHENOTYPE, SUBCLASS_OF

ABOUT = About("Human Disease Ontology, tables of its axioms", "", "CC0-1.0")
_XREF = Curie("oboInOwl:hasDbXref")
_AXIOM = re.compile(r"(?:'([^']+)'|(\w+)) some (?:'([^']+)'|([^\s()']+))")
_DATED = re.compile(r"_\d{4}_\d\d_\d\d:")
_SYMPTOMS, _BASIS = frozenset({"has symptom", "has phenotype"}), "has material basis in"
# Labels that the Disease Ontology has for what HPO numbers.
_INHERITANCES: Mapping[str, Curie] = MappingProxyType(
    {
        "autosomal dominant inheritance": Curie("HP:0000006"),
        "autosomal recessive inheritance": Curie("HP:0000007"),
        "X-linked inheritance": Curie("HP:0001417"),
        "X-linked recessive inheritance": Curie("HP:0001419"),
        "X-linked dominant inheritance": Curie("HP:0001423"),
        "mitochondrial inheritance": Curie("HP:0001427"),
        "Y-linked inheritance": Curie("HP:0001450"),
    }
)


def read(path: Path, options: Options) -> Iterator[Record]:
    """Yield the terms and their kinds, then what the axioms state, then the cross-references.

    Symptoms are labels in these tables, so each has an identifier of this source only. Modes of inheritance are HPO's. Axioms of other
    relations, and those of several classes, are skipped.

    Args:
        path: The directory with `HumanDO.tsv` and one of the other two at least.
        options: How it is to be read.

    Raises:
        DataError: A file is missing or cannot be read, a header lacks a column, or an identifier is none.
    """
    terms = need(path, "HumanDO.tsv", "the Disease Ontology's tables")
    axioms, xrefs = find(path, "DO-subClassOf-anonymous.tsv"), find(path, "allXREFinDO.tsv")
    if axioms is None and xrefs is None:
        raise DataError(path, None, "holds neither DO-subClassOf-anonymous.tsv nor allXREFinDO.tsv: expected one of them at least")
    yield ABOUT
    yield from _terms(terms, options)
    if axioms is not None:
        yield from _axioms(axioms, options.source)
    if xrefs is not None:
        yield from _xrefs(xrefs)


def _terms(path: Path, options: Options) -> Iterator[Entity | Fact | Skipped]:
    names: dict[Curie, str] = {}
    parents: list[tuple[int, Curie, str]] = []
    for line, (identifier, name, parent) in quoted_table(path, ("id", "label", "subClassOf")):
        curie = _curie(identifier, path, line)
        if not name:
            yield Skipped("a term without a label", line, identifier)
            continue
        names[curie] = name
        if parent:
            parents.append((line, curie, parent))
    by_name: dict[str, list[Curie]] = {}
    for curie, name in names.items():
        yield Entity(curie, options.category or DISEASE, name)
        by_name.setdefault(name, []).append(curie)
    for line, curie, parent in parents:
        found = by_name.get(parent, [])
        if len(found) == 1:
            yield Fact(curie, SUBCLASS_OF, found[0], options.source)
        else:
            yield Skipped("a parent whose label is that of no term, or of several", line, f"{curie} {parent}")


def _axioms(path: Path, source: str) -> Iterator[Entity | Fact | Skipped]:
    described: set[Curie] = set()
    for line, (identifier, _, axioms) in quoted_table(path, ("ID", "LABEL", "SubClass Of [ANON]")):
        subject = _curie(identifier, path, line)
        for axiom in axioms.split("|"):
            found = _AXIOM.fullmatch(axiom.strip())
            if found is None:
                yield Skipped("an axiom of several classes", line, axiom)
                continue
            relation, label = found[1] or found[2], found[3] or found[4]
            if relation in _SYMPTOMS:
                obj = local_curie(source, label)
                if obj not in described:
                    described.add(obj)
                    yield Entity(obj, PHENOTYPE, label)
                yield Fact(subject, HAS_PHENOTYPE, obj, source)
            elif relation == _BASIS and label in _INHERITANCES:
                obj = _INHERITANCES[label]
                if obj not in described:
                    described.add(obj)
                    yield Entity(obj, INHERITANCE, label)
                yield Fact(subject, HAS_INHERITANCE, obj, source)
            else:
                yield Skipped(f"an axiom of the relation {relation!r}, whose object is a label only", line, axiom)


def _xrefs(path: Path) -> Iterator[Match | Skipped]:
    for line, (identifier, _, xref) in quoted_table(path, ("id", "label", "xref")):
        subject = _curie(identifier, path, line)
        try:
            yield Match(subject, _XREF, normal(_DATED.sub(":", xref)))
        except CurieError:
            yield Skipped("a cross-reference that is no prefix:local", line, xref)


def _curie(text: str, path: Path, line: int) -> Curie:
    try:
        return Curie(text)
    except CurieError as error:
        raise DataError(path, line, str(error)) from error
