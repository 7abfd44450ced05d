"""Reads KGX as others write it (https://github.com/biolink/kgx); `kg.sources.kgx` reads back exactly what this project wrote.

A predicate or category that the graph does not know stops nothing here: the fact becomes `biolink:related_to` with its own predicate as a
qualifier, and the category is told from the identifier.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kg.errors import CurieError, DataError
from kg.model import Curie, Entity, Fact
from kg.sources.categories import category_of
from kg.sources.delimited import cells
from kg.sources.files import lines
from kg.sources.folders import find, need
from kg.sources.kgx import QUALIFIER_COLUMNS, SOURCE_COLUMNS
from kg.sources.ontology_ids import of_cross_reference, of_text
from kg.sources.records import About, Options, Record, Skipped
from kg.sources.records import Mapping as Match
from kg.sources.relations_ontology import relation
from kg.sources.terms import NO_XREF, XREF, named
from kg.sources.tsv import split
from kg.vocabulary import CATEGORIES, NAMED_THING, QUALIFIER_VALUES

Row = tuple[int, Mapping[str, str]]

_NAMELESS = "node without a name"
_QUALIFIER = "qualifier whose value is not known"
_NEGATED = {"": False, "false": False, "true": True}


def read(path: Path, options: Options) -> Iterator[Record]:
    """Yield the nodes of a directory of KGX TSV files, then its edges, in the order of the files.

    Cross-references (`xref`) are the same thing where this project wrote the files, which `sources.tsv` shows; of others they only say
    that there is a connection.

    Args:
        path: The directory, with `nodes.tsv` and `edges.tsv`, or `NAME_nodes.tsv` and `NAME_edges.tsv`; compressed or not.
        options: How it is to be read.

    Raises:
        DataError: A file is not there or cannot be read, a column is missing, a row has another number of cells than the header, or an
            identifier is no CURIE or stands for two nodes; with file and line.
    """
    nodes, edges = need(path, "*nodes.tsv", "a graph in KGX"), need(path, "*edges.tsv", "a graph in KGX")
    sources = find(path, "sources.tsv")
    if sources is not None:
        yield from _about(sources)
    reader = _Reader(options, exact=sources is not None)
    yield from reader.nodes(nodes)
    yield from reader.edges(edges)


def _rows(path: Path, required: Sequence[str]) -> Iterator[Row]:
    numbered = lines(path)
    _, first = next(numbered, (1, ""))
    header = [name.strip() for name in first.split("\t")]
    if missing := [name for name in required if name not in header]:
        raise DataError(path, 1, f"the header lacks {', '.join(missing)}: expected the columns {', '.join(required)}")
    if len(set(header)) != len(header):
        raise DataError(path, 1, "the header names a column twice")
    for line, found in cells(path, numbered, len(header)):
        yield line, {name: cell.strip() for name, cell in zip(header, found, strict=True)}


def _about(path: Path) -> Iterator[About]:
    """Yield what the files say of their source; nothing where there are several."""
    described = [row for _, row in _rows(path, SOURCE_COLUMNS)]
    if len(described) == 1:
        yield About(described[0]["title"], described[0]["version"], described[0]["licence"])


class _Reader:
    """Reads the nodes and edges of one directory."""

    def __init__(self, options: Options, exact: bool) -> None:
        self._options, self._exact = options, exact
        self._categories: dict[Curie, Curie] = {}

    def nodes(self, path: Path) -> Iterator[Record]:
        seen: dict[Curie, int] = {}
        for line, row in _rows(path, ("id", "category")):
            curie = _curie(row["id"], path, line)
            if curie in seen:
                raise DataError(path, line, f"{curie} stands twice, first in line {seen[curie]}")
            seen[curie] = line
            self._categories[curie] = category = self._category(row["category"], curie)
            xrefs: list[Curie] = []
            others: list[Curie] = []
            for text in split(row.get("xref", "")):
                try:
                    (xrefs if self._exact else others).append(of_text(text) if self._exact else of_cross_reference(text))
                except CurieError:
                    yield Skipped(NO_XREF, line, f"{curie} {text!r}")
            yield from (Match(curie, XREF, other) for other in others)
            xrefs += [_curie(text, path, line) for text in split(row.get("same_as", ""))]
            if not named(name := row.get("name", "")):
                yield Skipped(_NAMELESS, line, curie)
                continue
            synonyms = tuple(text for text in split(row.get("synonym", "")) if named(text))
            yield Entity(curie, category, name, synonyms, row.get("description", ""), tuple(dict.fromkeys(xrefs)))

    def _category(self, cell: str, curie: Curie) -> Curie:
        # KGX gives a node's class and the classes above it, in no order that all keep to.
        known = [Curie(text) for text in split(cell) if text in CATEGORIES]
        told = next((category for category in known if category != NAMED_THING), None)
        return told or self._options.category or category_of(curie)

    def edges(self, path: Path) -> Iterator[Record]:
        for line, row in _rows(path, ("subject", "predicate", "object")):
            subject, predicate, obj = (_curie(row[column], path, line) for column in ("subject", "predicate", "object"))
            negated = _NEGATED.get(row.get("negated", "").lower())
            if negated is None:
                raise DataError(path, line, f"negated is {row['negated']!r}: expected true, false or nothing")
            known, narrowed = relation(predicate, lambda subject=subject: self._categories.get(subject) or category_of(subject))  # type: ignore[misc]
            if known.inverted:
                subject, obj = obj, subject
            qualifiers = dict(narrowed)
            for name in QUALIFIER_COLUMNS:
                text, allowed = row.get(name, ""), QUALIFIER_VALUES.get(name)
                if text and allowed is not None and text not in allowed:
                    yield Skipped(_QUALIFIER, line, f"{name} {text!r}")
                elif text:
                    qualifiers[name] = " ".join(split(text)) if name == "supported_by" else text
            yield Fact(subject, known.predicate, obj, self._options.source, qualifiers, negated)


def _curie(text: str, path: Path, line: int) -> Curie:
    try:
        return of_text(text)
    except CurieError as error:
        raise DataError(path, line, str(error)) from error
