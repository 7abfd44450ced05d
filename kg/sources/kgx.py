"""Reads and writes KGX in its TSV form: `nodes.tsv` and `edges.tsv`, as https://github.com/biolink/kgx describes them.

`sources.tsv` beside them is ours: KGX has no place for a source's title, version and licence. Without it a source has its name only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from kg.errors import CurieError, DataError
from kg.identifiers import check_known
from kg.identifiers import curie as compress
from kg.merge import GraphData
from kg.model import Curie, Entity, Fact, Source
from kg.rdf import association_iri
from kg.sources.tsv import rows, split, write_rows
from kg.vocabulary import CATEGORIES, NAMED_THING, PREDICATES, QUALIFIER_VALUES

NODE_COLUMNS = ("id", "category", "name", "description", "synonym", "xref")
EDGE_COLUMNS = ("id", "subject", "predicate", "object", "primary_knowledge_source", "negated")
QUALIFIER_COLUMNS = (
    "frequency",
    "severity",
    "line",
    "strength",
    "seriousness",
    "purpose",
    "effect",
    "observed",
    "sex",
    "original_predicate",
    "evidence",
    "supported_by",
)
SOURCE_COLUMNS = ("id", "title", "version", "licence", "sha256")

_NEGATED = {"": False, "false": False, "true": True}


class WholeGraph(Protocol):
    """A graph that can be gone through from end to end; `SnapshotGraph` is one."""

    @property
    def sources(self) -> Sequence[Source]:
        """The sources of its facts."""
        ...

    def entities(self) -> Iterator[Entity]:
        """Yield every entity."""
        ...

    def all_facts(self) -> Iterator[Fact]:
        """Yield every fact."""
        ...


def read_kgx(directory: Path) -> GraphData:
    """Read a directory of KGX TSV files; columns that the graph has no use for are passed over.

    Returns:
        Entities and facts in the order of the files, and the sources, with how many facts each states, in the order of `sources.tsv`,
        then of their first fact.

    Raises:
        DataError: A column is missing, an identifier is no CURIE or stands twice, a category, predicate or qualifier value is unknown,
            an edge refers to a node that is not there, or a file is not UTF-8; with file and line.

    >>> read_kgx(Path("/no/such/directory"))
    Traceback (most recent call last):
        ...
    kg.errors.DataError: /no/such/directory/nodes.tsv: cannot be read: No such file or directory
    """
    entities: dict[Curie, Entity] = {}
    path = directory / "nodes.tsv"
    for line, row in rows(path, ("id", "category", "name")):
        entity = _entity(row, path, line)
        if entity.curie in entities:
            raise DataError(path, line, f"{entity.curie} stands twice")
        entities[entity.curie] = entity
    facts = _read_edges(directory / "edges.tsv", entities)
    return GraphData(list(entities.values()), facts, _read_sources(directory / "sources.tsv", facts))


def _entity(row: Mapping[str, str], path: Path, line: int) -> Entity:
    curie = _curie(row["id"], path, line)
    # KGX gives a node's class and the classes above it; the graph keeps the one it knows.
    known = [c for c in split(row["category"]) if c in CATEGORIES]
    category = next((c for c in known if c != NAMED_THING), known[0] if known else None)
    if category is None:
        raise DataError(path, line, f"unknown category {row['category']!r}: expected one of {', '.join(CATEGORIES)}")
    if not row["name"]:
        raise DataError(path, line, f"{curie} has no name")
    xrefs = tuple(_curie(text, path, line) for text in split(row.get("xref", "")))
    return Entity(curie, Curie(category), row["name"], split(row.get("synonym", "")), row.get("description", ""), xrefs)


def _curie(text: str, path: Path, line: int) -> Curie:
    try:
        curie = Curie(text)
        check_known(curie)
    except CurieError as error:
        raise DataError(path, line, str(error)) from error
    return curie


def _read_edges(path: Path, entities: Mapping[Curie, Entity]) -> list[Fact]:
    facts: list[Fact] = []
    lines: dict[tuple[str, ...], int] = {}
    for line, row in rows(path, ("subject", "predicate", "object", "primary_knowledge_source")):
        fact = _fact(row, entities, path, line)
        identity = (*(str(part) for part in fact.key), fact.source)
        if identity in lines:
            statement = f"{fact.subject} {fact.predicate} {fact.object} of {fact.source}"
            raise DataError(path, line, f"{statement} stands twice, first in line {lines[identity]}")
        lines[identity] = line
        facts.append(fact)
    return facts


def _fact(row: Mapping[str, str], entities: Mapping[Curie, Entity], path: Path, line: int) -> Fact:
    subject, predicate, obj = (_curie(row[column], path, line) for column in ("subject", "predicate", "object"))
    for curie in (subject, obj):
        if curie not in entities:
            raise DataError(path, line, f"{curie} is not in nodes.tsv")
    if predicate not in PREDICATES:
        raise DataError(path, line, f"unknown predicate {predicate}: expected one of {', '.join(PREDICATES)}")
    if not row["primary_knowledge_source"]:
        raise DataError(path, line, "primary_knowledge_source is empty: expected the name of the source")
    negated = _NEGATED.get(row.get("negated", "").lower())
    if negated is None:
        raise DataError(path, line, f"negated is {row['negated']!r}, expected true, false or nothing")
    return Fact(subject, predicate, obj, row["primary_knowledge_source"], _qualifiers(row, path, line), negated)


def _qualifiers(row: Mapping[str, str], path: Path, line: int) -> dict[str, str]:
    qualifiers = {name: row[name] for name in QUALIFIER_COLUMNS if row.get(name)}
    for name, text in qualifiers.items():
        allowed = QUALIFIER_VALUES.get(name)
        if allowed is not None and text not in allowed:
            raise DataError(path, line, f"{name} is {text!r}, expected one of {', '.join(sorted(allowed))}")
    if "supported_by" in qualifiers:
        qualifiers["supported_by"] = " ".join(split(qualifiers["supported_by"]))
    return qualifiers


def _read_sources(path: Path, facts: Sequence[Fact]) -> list[Source]:
    known: dict[str, Source] = {}
    for line, row in rows(path, SOURCE_COLUMNS) if path.exists() else ():
        if row["id"] in known:
            raise DataError(path, line, f"{row['id']} stands twice")
        known[row["id"]] = Source(row["id"], row["title"], row["version"], row["licence"], row["sha256"])
    counts = Counter(fact.source for fact in facts)
    for name in counts:
        known.setdefault(name, Source(name, name, "", ""))
    return [replace(source, facts=counts[source.name]) for source in known.values()]


def write_kgx(graph: WholeGraph, directory: Path) -> None:
    """Write a graph as `nodes.tsv`, `edges.tsv` and `sources.tsv`; each file replaces an older one only when it is whole.

    Raises:
        DataError: A file cannot be written, or a text holds what a cell cannot hold (tabs, line breaks; `|` in a synonym).
    """
    nodes, edges = directory / "nodes.tsv", directory / "edges.tsv"
    write_rows(nodes, NODE_COLUMNS, (_node_cells(entity, nodes) for entity in graph.entities()))
    write_rows(edges, EDGE_COLUMNS + QUALIFIER_COLUMNS, (_edge_cells(fact, edges) for fact in graph.all_facts()))
    sources = ((source.name, source.title, source.version, source.licence, source.sha256) for source in graph.sources)
    write_rows(directory / "sources.tsv", SOURCE_COLUMNS, sources)


def _node_cells(entity: Entity, path: Path) -> tuple[str, ...]:
    for synonym in entity.synonyms:
        if "|" in synonym or synonym != synonym.strip() or not synonym:
            problem = f"the synonym {synonym!r} of {entity.curie} is empty, or holds | or blanks at an end"
            raise DataError(path, None, f"cannot be written: {problem}")
    return (entity.curie, entity.category, entity.name, entity.description, "|".join(entity.synonyms), "|".join(entity.xrefs))


def _edge_cells(fact: Fact, path: Path) -> tuple[str, ...]:
    if unknown := sorted(fact.qualifiers.keys() - set(QUALIFIER_COLUMNS)):
        raise DataError(path, None, f"cannot be written: the qualifier {unknown[0]!r} has no column")
    qualifiers = {**fact.qualifiers, "supported_by": "|".join(fact.qualifiers.get("supported_by", "").split())}
    negated = "true" if fact.negated else "false"
    statement = (fact.subject, fact.predicate, fact.object, fact.source, negated)
    return (compress(association_iri(fact)), *statement, *(qualifiers.get(name, "") for name in QUALIFIER_COLUMNS))
