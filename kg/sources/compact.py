"""Reads the compact form of the sources that ship: tables `NAME.tsv` or `NAME.tsv.xz` in one directory, none of which must be there.

nodes       id, category, name; optional synonym, xref (several with `|`), description
edges       subject, predicate, object; optional negated (`true` or nothing) and any qualifier
replaced    old, new, name; new and name may be empty
mappings    subject, predicate, object; the predicate says how exact it is
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from kg.errors import CurieError, DataError
from kg.model import NO_QUALIFIERS, Curie, Entity, Fact
from kg.sources.files import lines
from kg.sources.records import Mapping as Match
from kg.sources.records import Options, Record, Replacement
from kg.vocabulary import CATEGORIES, PREDICATES, QUALIFIER_VALUES

NODE_COLUMNS = ("id", "category", "name")
EDGE_COLUMNS = ("subject", "predicate", "object")
REPLACED_COLUMNS = ("old", "new", "name")
MAPPING_COLUMNS = ("subject", "predicate", "object")
QUALIFIERS: Mapping[str, frozenset[str] | None] = {**QUALIFIER_VALUES, "evidence": None, "supported_by": None}
MATCHES = tuple(Curie(f"skos:{kind}Match") for kind in ("exact", "close", "broad", "narrow", "related"))

_NODE_OPTIONS = ("synonym", "xref", "description")
_NEGATED = {"": False, "true": True}

Row = tuple[int, Sequence[str]]


def read_compact(directory: Path, options: Options) -> Iterator[Record]:
    """Yield the entities, facts, replacements and mappings of a directory, in this order and that of the files.

    Args:
        directory: The directory of one source.
        options: The facts carry its `source`.

    Raises:
        DataError: No table is there or one stands there twice, is damaged, lacks a column or has one that is not known; a row has another
            number of cells than the header; an identifier is no CURIE; a category, predicate or qualifier value is unknown; with file
            and line.
    """
    reader = _Reader(options.source)
    readers: dict[str, Callable[[Path], Iterator[Record]]] = {
        "nodes": reader.nodes,
        "edges": reader.edges,
        "replaced": reader.replaced,
        "mappings": reader.mappings,
    }
    found = False
    for name, read in readers.items():
        paths = [path for path in (directory / f"{name}.tsv.xz", directory / f"{name}.tsv") if path.exists()]
        if len(paths) > 1:
            raise DataError(paths[1], None, f"stands beside {paths[0].name}: expected one of the two")
        for path in paths:
            found = True
            yield from read(path)
    if not found:
        raise DataError(directory, None, f"holds no table: expected some of {', '.join(f'{name}.tsv.xz' for name in readers)}")


def _rows(path: Path, required: Collection[str], optional: Collection[str] = ()) -> tuple[list[str], Iterator[Row]]:
    """Return the header and the rows of a table."""
    numbered = lines(path)
    _, first = next(numbered, (1, ""))
    header = first.split("\t")
    if missing := [name for name in required if name not in header]:
        raise DataError(path, 1, f"the header lacks {', '.join(missing)}: expected the columns {', '.join(required)}")
    if unknown := [name for name in header if name not in required and name not in optional]:
        raise DataError(path, 1, f"the column {unknown[0]!r} is not known: expected {', '.join((*required, *optional))}")
    if len(set(header)) != len(header):
        raise DataError(path, 1, "the header names a column twice")
    return header, _cells(path, numbered, len(header))


def _cells(path: Path, numbered: Iterator[tuple[int, str]], count: int) -> Iterator[Row]:
    for line, text in numbered:
        cells = text.split("\t")
        if len(cells) != count:
            raise DataError(path, line, f"{len(cells)} tab-separated cells where the header has {count}")
        yield line, cells


class _Reader:
    """Reads the tables of one source; an identifier that stands in many rows is one object."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._known: dict[str, Curie] = {}

    def curie(self, text: str, path: Path, line: int) -> Curie:
        found = self._known.get(text)
        if found is None:
            try:
                found = self._known[text] = Curie(text)
            except CurieError as error:
                raise DataError(path, line, str(error)) from error
        return found

    def nodes(self, path: Path) -> Iterator[Entity]:
        header, found = _rows(path, NODE_COLUMNS, _NODE_OPTIONS)
        for line, cells in found:
            row = dict(zip(header, cells, strict=True))
            if not row["name"]:
                raise DataError(path, line, f"{row['id']} has no name")
            category = self.one_of(row["category"], CATEGORIES, "category", path, line)
            xrefs = tuple([self.curie(text, path, line) for text in _several(row.get("xref", ""), path, line)])
            synonyms = _several(row.get("synonym", ""), path, line)
            yield Entity(self.curie(row["id"], path, line), category, row["name"], synonyms, row.get("description", ""), xrefs)

    def edges(self, path: Path) -> Iterator[Fact]:
        header, found = _rows(path, EDGE_COLUMNS, ("negated", *QUALIFIERS))
        subject, predicate, obj = (header.index(name) for name in EDGE_COLUMNS)
        others = [place for place in range(len(header)) if header[place] not in EDGE_COLUMNS]
        names = [header[place] for place in others]
        # What narrows a fact is alike in many rows: it is checked, and kept, once.
        narrowed: dict[tuple[str, ...], tuple[Mapping[str, str], bool]] = {}
        predicates: dict[str, Curie] = {}
        known, source = self._known, self._source
        for line, cells in found:
            what = cells[predicate]
            if what not in predicates:
                predicates[what] = self.one_of(what, PREDICATES, "predicate", path, line)
            rest = tuple([cells[place] for place in others])
            if (narrow := narrowed.get(rest)) is None:
                narrow = narrowed[rest] = _narrowed(names, rest, path, line)
            start = known.get(cells[subject]) or self.curie(cells[subject], path, line)
            end = known.get(cells[obj]) or self.curie(cells[obj], path, line)
            yield Fact(start, predicates[what], end, source, narrow[0], narrow[1])

    def replaced(self, path: Path) -> Iterator[Replacement]:
        header, found = _rows(path, REPLACED_COLUMNS)
        for line, cells in found:
            row = dict(zip(header, cells, strict=True))
            new = self.curie(row["new"], path, line) if row["new"] else None
            yield Replacement(self.curie(row["old"], path, line), new, row["name"])

    def mappings(self, path: Path) -> Iterator[Match]:
        header, found = _rows(path, MAPPING_COLUMNS)
        subject, predicate, obj = (header.index(name) for name in MAPPING_COLUMNS)
        for line, cells in found:
            how = self.one_of(cells[predicate], MATCHES, "predicate of a mapping", path, line)
            yield Match(self.curie(cells[subject], path, line), how, self.curie(cells[obj], path, line))

    def one_of(self, text: str, allowed: Collection[Curie], what: str, path: Path, line: int) -> Curie:
        if text not in allowed:
            raise DataError(path, line, f"the {what} {text!r} is not known: expected one of {', '.join(allowed)}")
        return self.curie(text, path, line)


def _several(cell: str, path: Path, line: int) -> tuple[str, ...]:
    if not cell:
        return ()
    parts = tuple(cell.split("|"))
    if "" in parts:
        raise DataError(path, line, f"{cell[:80]!r} has nothing between two |")
    return parts


def _narrowed(names: Sequence[str], cells: Sequence[str], path: Path, line: int) -> tuple[Mapping[str, str], bool]:
    found = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
    negated = found.pop("negated", "")
    if negated not in _NEGATED:
        raise DataError(path, line, f"negated is {negated!r}: expected true or nothing")
    for name, text in found.items():
        allowed = QUALIFIERS[name]
        if allowed is not None and text not in allowed:
            raise DataError(path, line, f"{name} is {text!r}: expected one of {', '.join(sorted(allowed))}")
    return found or NO_QUALIFIERS, _NEGATED[negated]
