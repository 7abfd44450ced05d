"""Reads the hand-written form: `nodes.tsv`, one YAML file a body system or drug class, and `support.tsv`."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from kg.errors import CurieError, DataError
from kg.model import Curie, Direction, Entity, Fact
from kg.names import key
from kg.vocabulary import CATEGORIES, PREDICATES, QUALIFIER_VALUES, RELATION_KEYS, RelationKey

NODE_COLUMNS = ("id", "category", "name", "synonym", "description", "xref")
SUPPORT_COLUMNS = ("subject", "predicate", "object", "supported_by")
GENERAL_KNOWLEDGE = "general knowledge"

_Triple = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Item:
    """An item below a relation: a name, its qualifiers, and the line on which it stands."""

    name: str
    qualifiers: Mapping[str, str]
    line: int


class NameTable:
    """Resolves the names that the YAML files use to the nodes of `nodes.tsv`."""

    def __init__(self, nodes: Iterable[Entity]) -> None:
        self.by_curie: dict[Curie, Entity] = {}
        self._by_name: dict[str, list[Entity]] = defaultdict(list)
        for node in nodes:
            self.by_curie[node.curie] = node
            for name in {key(text) for text in (node.name, *node.synonyms)}:
                self._by_name[name].append(node)

    def resolve(self, name: str, path: Path, line: int) -> Entity:
        """Return the one node that bears this name.

        Raises:
            DataError: No node bears it, or several do.
        """
        found = self._by_name.get(key(name), [])
        if len(found) == 1:
            return found[0]
        exact = [node for node in found if node.name.casefold() == name.casefold()]
        if len(exact) == 1:
            return exact[0]
        if not found:
            raise DataError(path, line, f"no node of nodes.tsv is named {name!r}")
        raise DataError(path, line, f"{name!r} is ambiguous: {', '.join(f'{n.curie} ({n.name})' for n in found)}")


def rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a tab-separated file with their line numbers, counted from 1.

    Raises:
        DataError: The header lacks a column, a row has another number of cells, or the file is not UTF-8.
    """
    try:
        with path.open(encoding="utf-8", newline="") as handle:
            reader = csv.reader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
            header = next(reader, [])
            if missing := [name for name in columns if name not in header]:
                raise DataError(path, 1, f"the header lacks {', '.join(missing)}; expected the tab-separated columns {', '.join(columns)}")
            for cells in reader:
                if len(cells) != len(header):
                    raise DataError(path, reader.line_num, f"{len(cells)} tab-separated cells where the header has {len(header)}")
                yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))
    except UnicodeDecodeError as error:
        raise DataError(path, None, f"not UTF-8 text: byte {error.start} cannot be read") from error


def read_nodes(path: Path) -> list[Entity]:
    """Read `nodes.tsv`, in the order of its rows.

    Raises:
        DataError: A row is broken, an id is no CURIE or stands twice, a category is unknown, a name is empty.
    """
    nodes: dict[Curie, Entity] = {}
    for line, row in rows(path, NODE_COLUMNS):
        node = _node(row, path, line)
        if node.curie in nodes:
            raise DataError(path, line, f"{node.curie} stands twice: {nodes[node.curie].name!r} and {node.name!r}")
        nodes[node.curie] = node
    return list(nodes.values())


def _node(row: Mapping[str, str], path: Path, line: int) -> Entity:
    try:
        curie, category = Curie(row["id"]), Curie(row["category"])
        xrefs = tuple(Curie(text) for text in _split(row["xref"]))
    except CurieError as error:
        raise DataError(path, line, str(error)) from error
    if category not in CATEGORIES:
        raise DataError(path, line, f"unknown category {category}: expected one of {', '.join(CATEGORIES)}")
    if not row["name"]:
        raise DataError(path, line, f"{curie} has no name")
    return Entity(curie, category, row["name"], _split(row["synonym"]), row["description"], xrefs)


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def read_everyday(directory: Path) -> tuple[list[Entity], list[Fact]]:
    """Read a whole directory of the hand-written form.

    Facts that stand in several places are merged (the first value of a qualifier wins); their order is that of the files, by name.

    Raises:
        DataError: Anything that cannot be taken, with file and line; also a statement that is both affirmed and denied.
    """
    nodes = read_nodes(directory / "nodes.tsv")
    table = NameTable(nodes)
    support = read_support(directory / "support.tsv")
    merged: dict[tuple[str, str, str, bool], Fact] = {}
    for path in sorted(directory.glob("*.yaml")):
        for line, fact in _file_facts(path, table, directory.name):
            _merge(merged, fact, path, line)
    facts = [_with_support(fact, support) for fact in merged.values()]
    if orphans := support.keys() - {(f.subject, f.predicate, f.object) for f in facts}:
        raise DataError(directory / "support.tsv", None, f"supports a fact that no YAML file states: {' '.join(sorted(orphans)[0])}")
    return nodes, facts


def read_support(path: Path) -> dict[_Triple, str]:
    """Read which documents or datasets support which fact; an absent file supports none."""
    if not path.exists():
        return {}
    return {(r["subject"], r["predicate"], r["object"]): r["supported_by"] for _, r in rows(path, SUPPORT_COLUMNS)}


def _merge(merged: dict[tuple[str, str, str, bool], Fact], fact: Fact, path: Path, line: int) -> None:
    subject, predicate, obj, negated = fact.key
    if (subject, predicate, obj, not negated) in merged:
        raise DataError(path, line, f"{subject} {predicate} {obj} is both affirmed and denied")
    known = merged.get(fact.key)
    if known is not None:
        fact = Fact(fact.subject, fact.predicate, fact.object, fact.source, {**fact.qualifiers, **known.qualifiers}, negated)
    merged[fact.key] = fact


def _with_support(fact: Fact, support: Mapping[_Triple, str]) -> Fact:
    supported_by = support.get((fact.subject, fact.predicate, fact.object))
    qualifiers = {**fact.qualifiers, "evidence": GENERAL_KNOWLEDGE}
    if supported_by and not fact.negated:
        qualifiers["supported_by"] = supported_by
    return Fact(fact.subject, fact.predicate, fact.object, fact.source, qualifiers, fact.negated)


def _file_facts(path: Path, table: NameTable, source: str) -> Iterator[tuple[int, Fact]]:
    for entry_name, entry_line, relations in _entries(path):
        entry = table.resolve(entry_name, path, entry_line)
        for relation, line, items in relations:
            meaning = RELATION_KEYS.get(relation)
            if meaning is None:
                raise DataError(path, line, f"unknown relation {relation!r}: expected one of {', '.join(RELATION_KEYS)}")
            for item in items:
                yield item.line, _fact(entry, meaning, item, table, path, source)


def _fact(entry: Entity, meaning: RelationKey, item: _Item, table: NameTable, path: Path, source: str) -> Fact:
    other = table.resolve(item.name, path, item.line)
    if other.curie == entry.curie:
        raise DataError(path, item.line, f"{entry.name!r} is related to itself")
    if meaning.ranges and other.category not in meaning.ranges:
        expected = " or ".join(sorted(meaning.ranges))
        raise DataError(path, item.line, f"{item.name!r} is a {other.category}, expected {expected}")
    subject, obj = (entry, other) if meaning.direction is Direction.OUT else (other, entry)
    if PREDICATES[meaning.predicate].inward == PREDICATES[meaning.predicate].outward and obj.curie < subject.curie:
        subject, obj = obj, subject  # a symmetric fact has one form, whichever entry states it
    return Fact(subject.curie, meaning.predicate, obj.curie, source, {**meaning.qualifiers, **item.qualifiers}, meaning.negated)


def _entries(path: Path) -> Iterator[tuple[str, int, list[tuple[str, int, list[_Item]]]]]:
    """Yield the entries of a file as (name, line, [(relation, line, items)])."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise DataError(path, line, f"not YAML: {error.problem}") from error
    except UnicodeDecodeError as error:
        raise DataError(path, None, f"not UTF-8 text: byte {error.start} cannot be read") from error
    if root is None:
        return
    for name, line, value in _pairs(root, path, "entries, each a name with its relations"):
        relations = [(r, ln, _items(v, path)) for r, ln, v in _pairs(value, path, f"relations of {name!r}")]
        yield name, line, relations


def _pairs(node: yaml.Node, path: Path, expected: str) -> Iterator[tuple[str, int, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise DataError(path, node.start_mark.line + 1, f"expected {expected}")
    seen: set[str] = set()
    for name, value in node.value:
        line = name.start_mark.line + 1
        if name.value in seen:
            raise DataError(path, line, f"{name.value!r} stands twice")
        seen.add(name.value)
        yield str(name.value), line, value


def _items(node: yaml.Node, path: Path) -> list[_Item]:
    if not isinstance(node, yaml.SequenceNode):
        raise DataError(path, node.start_mark.line + 1, "expected a list of names")
    return [_item(child, path) for child in node.value]


def _item(node: yaml.Node, path: Path) -> _Item:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return _Item(node.value, {}, line)
    pairs = list(_pairs(node, path, "a name, or one name with its qualifiers"))
    if len(pairs) != 1:
        raise DataError(path, line, "expected one name with its qualifiers")
    name, _, value = pairs[0]
    qualifiers = {k: str(v.value) for k, _, v in _pairs(value, path, f"qualifiers of {name!r}")}
    for qualifier, text in qualifiers.items():
        if qualifier not in QUALIFIER_VALUES:
            raise DataError(path, line, f"unknown qualifier {qualifier!r}: expected one of {', '.join(QUALIFIER_VALUES)}")
        allowed = QUALIFIER_VALUES[qualifier]
        if allowed is not None and text not in allowed:
            raise DataError(path, line, f"{qualifier} is {text!r}, expected one of {', '.join(sorted(allowed))}")
    return _Item(name, qualifiers, line)
