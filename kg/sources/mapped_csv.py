"""Reads any table, given a description of its columns (`kg.sources.column_mapping`)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from kg.errors import CurieError, DataError
from kg.identifiers import check_known, normal
from kg.model import Curie, Entity, Fact
from kg.sources.column_mapping import QUALIFIERS, Column, TableMapping, Thing, read_mapping
from kg.sources.delimited import quoted_table
from kg.sources.files import lines
from kg.sources.local import local_curie
from kg.sources.records import About, Options, Record, Skipped
from kg.vocabulary import NAMED_THING, PREDICATES, SYMMETRIC

_SHOWN = 200
_Cells = Mapping[str, str]


def read(path: Path, options: Options) -> Iterator[Record]:
    """Yield what the description says of the table, a fact a row, then the entities in the order of first mention.

    What has no identifier gets one of this source, made of its name; the same name is the same thing in every row. An entity that
    several rows describe has the first row's name and all others as synonyms.

    Args:
        path: The table.
        options: With `mapping`, the description of its columns; `category` is that of things for which it names none.

    Raises:
        DataError: The table or its description cannot be read, a column that it names is not there, or a cell cannot be what it is said
            to be; with the lines of both.
    """
    if options.mapping is None:
        raise DataError(path, None, "needs a description of its columns: expected --mapping FILE.yaml")
    mapping = read_mapping(options.mapping)
    yield About(mapping.title, mapping.version, mapping.licence)
    delimiter = mapping.delimiter or ("\t" if ".tsv" in (suffix.lower() for suffix in path.suffixes) else ",")
    numbered = lines(path)
    first = next(numbered, (1, ""))
    _check_header(first, delimiter, mapping, path)
    names = list(dict.fromkeys(column.name for column in mapping.columns()))
    table = _Table(path, options, mapping)
    for line, found in quoted_table(path, names, chain([first], numbered), delimiter):
        # A name or identifier never holds a line break, which a cell may.
        yield from table.row({name: " ".join(cell.split()) for name, cell in zip(names, found, strict=True)}, line)
    table.check_negated()
    for curie, entity in table.described.items():
        yield entity.as_entity(curie)


def _check_header(first: tuple[int, str], delimiter: str, mapping: TableMapping, path: Path) -> None:
    line, text = first
    try:
        header = [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter), [])]
    except csv.Error as error:
        raise DataError(path, line, f"is no delimited text: {error}") from error
    for column in mapping.columns():
        if column.name not in header:
            described = f"(described at {mapping.path}:{column.line})"
            raise DataError(
                path, line, f"has no column {column.name!r} {described}; its columns are: {', '.join(header)[:_SHOWN] or 'none'}"
            )


@dataclass(slots=True)
class _Described:
    """What the rows say of one thing."""

    category: Curie
    names: dict[str, None] = field(default_factory=dict)
    xrefs: dict[Curie, None] = field(default_factory=dict)
    description: str = ""

    def as_entity(self, curie: Curie) -> Entity:
        """Return it as an entity; of names that differ in case only the first one counts."""
        spelt: dict[str, str] = {}
        for text in self.names:
            spelt.setdefault(text.casefold(), text)
        name, *synonyms = spelt.values()
        return Entity(curie, self.category, name, tuple(synonyms), self.description, tuple(self.xrefs))


@dataclass(slots=True)
class _Table:
    """The rows of a table, one after another."""

    path: Path
    options: Options
    mapping: TableMapping
    described: dict[Curie, _Described] = field(default_factory=dict)
    denies: bool = False

    def check_negated(self) -> None:
        """Refuse a table of which no row is denied though the description says how denials look.

        Raises:
            DataError: So it is; where the words are misspelt in the description, every denial was read as a claim.
        """
        negated = self.mapping.negated
        if negated is not None and not self.denies:
            listed = ", ".join(repr(text) for text in (negated.values or {}).values())
            problem = (
                f"has no row that is denied: none of {listed} stands in the column {negated.name!r} (described at {self.mapping.path}:"
            )
            raise DataError(self.path, None, f"{problem}{negated.line}); correct `negated`, or leave it out where nothing is denied")

    def row(self, cells: _Cells, line: int) -> Iterator[Fact | Skipped]:
        """Take in a row."""
        subject = self.thing(self.mapping.subject, cells, line)
        if subject is None:
            yield Skipped("a row whose subject has neither identifier nor name", line)
            return
        if self.mapping.predicate is None or self.mapping.object is None:
            return
        obj = self.thing(self.mapping.object, cells, line)
        if obj is None:
            yield Skipped("a row whose object has neither identifier nor name", line)
            return
        predicate = self.value(self.mapping.predicate, cells)
        if predicate is None:
            column = self.mapping.predicate.name
            yield Skipped(f"a row whose {column!r} is not among the values of the description", line, cells[column])
            return
        if predicate not in PREDICATES:
            raise self.error(line, self.mapping.predicate, f"{predicate!r} is no predicate of this graph", cells)
        if predicate in SYMMETRIC and obj < subject:
            subject, obj = obj, subject
        negated = self.mapping.negated is not None and self.value(self.mapping.negated, cells) not in {None, ""}
        self.denies |= negated
        yield Fact(subject, Curie(predicate), obj, self.options.source, self.qualifiers(cells, line), negated)

    def value(self, column: Column, cells: _Cells) -> str | None:
        """Return what a row has for a column; None where the description lists values and the row has none of them."""
        if not column.name:
            return column.fixed
        return cells[column.name] if column.values is None else column.values.get(cells[column.name].casefold())

    def qualifiers(self, cells: _Cells, line: int) -> dict[str, str]:
        """Return the qualifiers that a row has; empty cells give none."""
        found = {}
        for name, column in self.mapping.qualifiers.items():
            text, allowed = self.value(column, cells), QUALIFIERS[name]
            if text is None and cells[column.name]:
                raise self.error(line, column, "is not among the values of the description", cells)
            if text and allowed is not None and text not in allowed:
                raise self.error(line, column, f"{name} cannot be {text!r}: expected one of {', '.join(sorted(allowed))}", cells)
            if text:
                found[name] = text
        return found

    def thing(self, thing: Thing, cells: _Cells, line: int) -> Curie | None:
        """Return the identifier of a row's subject or object, and note what the row says of it; None where the row has none."""
        name = cells[thing.name.name] if thing.name is not None else ""
        identifier = cells[thing.id.name] if thing.id is not None else ""
        if thing.id is not None and identifier:
            curie = self.curie(identifier, thing.id, cells, line)
        elif name:
            curie = local_curie(self.options.source, name)
        else:
            return None
        if name:
            category = thing.category or self.options.category or NAMED_THING
            known = self.described.setdefault(curie, _Described(category))
            if thing.category is not None and known.category != category:
                column = thing.name or thing.id or Column(thing.line)
                raise self.error(line, column, f"{curie} is {category} here and {known.category} elsewhere: expected one category", cells)
            known.names.update(dict.fromkeys((name, *self.several(thing.synonyms, cells))))
            known.xrefs.update((self.curie(x, thing.xref, cells, line), None) for x in self.several(thing.xref, cells) if thing.xref)
            known.description = known.description or (cells[thing.description.name] if thing.description is not None else "")
        return curie

    def several(self, column: Column | None, cells: _Cells) -> list[str]:
        """Return the values of a cell that may hold several."""
        parts = cells[column.name].split(self.mapping.separator) if column is not None else []
        return [part.strip() for part in parts if part.strip()]

    def curie(self, text: str, column: Column, cells: _Cells, line: int) -> Curie:
        """Return an identifier, with the column's prefix where it has none."""
        try:
            curie = normal(text if ":" in text or not column.prefix else f"{column.prefix}:{text}")
            check_known(curie)
        except CurieError as error:
            raise self.error(line, column, str(error), cells) from error
        return curie

    def error(self, line: int, column: Column, problem: str, cells: _Cells) -> DataError:
        """Return an error that names the line of the table and that of the description."""
        cell = f"{column.name!r} is {cells.get(column.name, '')!r}"
        return DataError(self.path, line, f"{cell}: {problem} (described at {self.mapping.path}:{column.line})")
