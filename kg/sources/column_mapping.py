"""Reads the description of a table's columns, with which `kg.sources.mapped_csv` reads it; docs/importing.md says how to write one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kg.errors import DataError
from kg.identifiers import PREFIXES
from kg.model import Curie
from kg.sources.tsv import read_text
from kg.vocabulary import CATEGORIES, PREDICATES, QUALIFIER_VALUES

QUALIFIERS: Mapping[str, frozenset[str] | None] = {**QUALIFIER_VALUES, "evidence": None, "supported_by": None}
_TABLE_KEYS = (
    "title", "licence", "version", "delimiter", "separator", "subject", "predicate", "object", "qualifiers", "negated",
)  # fmt: skip
_THING_KEYS = ("id", "prefix", "name", "category", "synonyms", "description", "xref")
_COLUMN_KEYS = ("column", "prefix", "values")


@dataclass(frozen=True, slots=True)
class Column:
    """Where a value comes from.

    Attributes:
        line: Where the description says so.
        name: The column; empty where the value is always the same.
        fixed: The value that is always the same; empty where there is a column.
        values: What the column's cells stand for, by cell in lower case; None where they stand for themselves.
        prefix: What an identifier without one begins with.
    """

    line: int
    name: str = ""
    fixed: str = ""
    values: Mapping[str, str] | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """Where the subject or object of a row comes from."""

    line: int
    category: Curie | None = None
    id: Column | None = None
    name: Column | None = None
    synonyms: Column | None = None
    description: Column | None = None
    xref: Column | None = None

    def columns(self) -> list[Column]:
        """Return the columns that it is made of."""
        return [found for found in (self.id, self.name, self.synonyms, self.description, self.xref) if found is not None]


@dataclass(frozen=True, slots=True)
class TableMapping:
    """The description of a table.

    Attributes:
        path: Where it stands.
        subject: What a row is about.
        predicate: What is stated of it; None where the table only lists things.
        object: The other end; None together with `predicate`.
        qualifiers: By name.
        negated: The column that tells which rows are stated as false; its `values` are the cells that say so.
        title: What the table is called.
        licence: The terms under which it may be used.
        version: Its release or date.
        delimiter: What stands between two cells; None, a tab in `.tsv` files, else a comma.
        separator: What stands between the values of a cell that holds several.
    """

    path: Path
    subject: Thing
    predicate: Column | None = None
    object: Thing | None = None
    qualifiers: Mapping[str, Column] = field(default_factory=dict)
    negated: Column | None = None
    title: str = ""
    licence: str = ""
    version: str = ""
    delimiter: str | None = None
    separator: str = "|"

    def columns(self) -> list[Column]:
        """Return the columns that the table must have."""
        ends = [*self.subject.columns(), *(self.object.columns() if self.object is not None else ())]
        others = [column for column in (self.predicate, self.negated, *self.qualifiers.values()) if column is not None]
        return [column for column in (*ends, *others) if column.name]


def read_mapping(path: Path) -> TableMapping:
    """Read the description of a table.

    Raises:
        DataError: It cannot be read, is no YAML, has a key that is not known or lacks one, or names a category, predicate, prefix or value
            that is not of this graph; with file and line.
    """
    try:
        node = yaml.compose(read_text(path), yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise DataError(path, mark.line + 1 if mark else None, f"is no YAML: {getattr(error, 'problem', None) or error}") from error
    return _Parser(path).table(node)


@dataclass(frozen=True, slots=True)
class _Parser:
    """Turns YAML nodes, which know their lines, into the description."""

    path: Path

    def error(self, line: int, problem: str) -> DataError:
        return DataError(self.path, line, problem)

    def table(self, node: Node | None) -> TableMapping:
        parts = self.keys(node, _TABLE_KEYS)
        if "subject" not in parts:
            raise self.error(1, "lacks `subject`: expected which columns say what a row is about")
        if ("predicate" in parts) != ("object" in parts):
            raise self.error(1, "has one of `predicate` and `object`: expected both, or neither for a table that only lists things")
        texts = {key: self.text(parts[key]) for key in ("title", "licence", "version", "delimiter", "separator") if key in parts}
        if len(delimiter := texts.get("delimiter", ",")) != 1 or delimiter in '"\n':
            raise self.error(_line(parts["delimiter"]), f"delimiter is {delimiter!r}: expected one character, such as ;")
        found = TableMapping(
            self.path,
            self.thing(parts["subject"]),
            self.predicate(parts["predicate"]) if "predicate" in parts else None,
            self.thing(parts["object"]) if "object" in parts else None,
            {name: self.qualifier(name, value) for name, value in self.keys(parts.get("qualifiers"), tuple(QUALIFIERS)).items()},
            self.negated(parts["negated"]) if "negated" in parts else None,
            **texts,
        )
        self.check_negated(found)
        return found

    def keys(self, node: Node | None, allowed: Collection[str]) -> dict[str, Node]:
        if node is None:
            return {}
        if not isinstance(node, MappingNode):
            raise self.error(_line(node), f"expected a mapping with some of the keys {', '.join(allowed)}")
        found: dict[str, Node] = {}
        for key_node, value in node.value:
            key = self.text(key_node)
            if key not in allowed:
                raise self.error(_line(key_node), f"the key {key!r} is not known: expected one of {', '.join(allowed)}")
            if key in found:
                raise self.error(_line(key_node), f"the key {key!r} stands twice")
            found[key] = value
        return found

    def text(self, node: Node) -> str:
        if not isinstance(node, ScalarNode) or not node.value:
            raise self.error(_line(node), "expected a text")
        return str(node.value)

    def thing(self, node: Node) -> Thing:
        parts = self.keys(node, _THING_KEYS)
        if "id" not in parts and "name" not in parts:
            raise self.error(_line(node), "expected `id` or `name`, the column that says what it is")
        category = self.one_of(parts["category"], CATEGORIES, "category") if "category" in parts else None
        prefix = self.one_of(parts["prefix"], PREFIXES, "prefix") if "prefix" in parts else ""
        columns = {key: self.column(parts[key]) for key in ("name", "synonyms", "description", "xref") if key in parts}
        identifier = Column(_line(parts["id"]), self.text(parts["id"]), prefix=prefix) if "id" in parts else None
        return Thing(_line(node), Curie(category) if category else None, identifier, **columns)

    def column(self, node: Node) -> Column:
        if isinstance(node, ScalarNode):
            return Column(_line(node), self.text(node))
        parts = self.keys(node, _COLUMN_KEYS)
        if "column" not in parts:
            raise self.error(_line(node), "lacks `column`: expected the name of a column")
        prefix = self.one_of(parts["prefix"], PREFIXES, "prefix") if "prefix" in parts else ""
        return Column(_line(node), self.text(parts["column"]), values=self.values(parts.get("values")), prefix=prefix)

    def values(self, node: Node | None) -> Mapping[str, str] | None:
        if node is None:
            return None
        if isinstance(node, SequenceNode):
            pairs = [(item, item) for item in node.value]
        elif isinstance(node, MappingNode):
            pairs = node.value
        else:
            raise self.error(_line(node), "expected `values` as a mapping of cells to what they stand for, or a list of cells")
        found: dict[str, str] = {}
        for key, value in pairs:
            if (folded := self.text(key).casefold()) in found:
                raise self.error(_line(key), f"the value {self.text(key)!r} stands twice: cells are compared whatever their case")
            found[folded] = self.text(value)
        return found

    def predicate(self, node: Node) -> Column:
        if isinstance(node, ScalarNode):
            return Column(_line(node), fixed=self.one_of(node, PREDICATES, "predicate"))
        column = self.column(node)
        self.check(column, PREDICATES, "predicate")
        return column

    def qualifier(self, name: str, node: Node) -> Column:
        column = self.column(node)
        self.check(column, QUALIFIERS[name], name)
        return column

    def negated(self, node: Node) -> Column:
        column = self.column(node)
        if not column.values:
            raise self.error(column.line, "`negated` lacks `values`: expected the list of cells that say that a row is stated as false")
        return column

    def check_negated(self, found: TableMapping) -> None:
        """Refuse a denial that no row can have: a slip there would turn what is denied into what is claimed."""
        predicate, negated = found.predicate, found.negated
        if predicate is None or negated is None or predicate.name != negated.name or predicate.values is None:
            return
        if unknown := [text for folded, text in (negated.values or {}).items() if folded not in predicate.values]:
            raise self.error(negated.line, f"`negated` names {unknown[0]!r}, which is not among the values of `predicate`")

    def check(self, column: Column, allowed: Collection[str] | None, what: str) -> None:
        for text in (column.values or {}).values():
            if allowed is not None and text not in allowed:
                raise self.error(column.line, f"{what} cannot be {text!r}: expected one of {', '.join(allowed)}")

    def one_of(self, node: Node, allowed: Collection[str], what: str) -> str:
        text = self.text(node)
        if text not in allowed:
            raise self.error(_line(node), f"the {what} {text!r} is not known: expected one of {', '.join(allowed)}")
        return text


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
