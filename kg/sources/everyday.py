"""Reads the hand-written form: `nodes.tsv`, one YAML file a body system or drug class, and `support.tsv`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from kg.errors import CurieError, DataError
from kg.identifiers import check_known
from kg.model import Curie, Direction, Entity, Fact
from kg.names import key
from kg.sources.files import source_files
from kg.sources.relations import RELATION_KEYS, RelationKey
from kg.sources.tsv import read_text, rows, split
from kg.vocabulary import CATEGORIES, QUALIFIER_VALUES, SYMMETRIC, gravity

NODE_COLUMNS = ("id", "category", "name", "synonym", "description", "xref")
SUPPORT_COLUMNS = ("subject", "predicate", "object", "supported_by")
GENERAL_KNOWLEDGE = "general knowledge"

# The parser in C where PyYAML was built with it; both give the same nodes.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

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
        xrefs = tuple(Curie(text) for text in split(row["xref"]))
        for known in (curie, *xrefs):
            check_known(known)
    except CurieError as error:
        raise DataError(path, line, str(error)) from error
    if category not in CATEGORIES:
        raise DataError(path, line, f"unknown category {category}: expected one of {', '.join(CATEGORIES)}")
    if not key(row["name"]):
        raise DataError(path, line, f"{curie} has no name: expected at least one word, got {row['name']!r}")
    return Entity(curie, category, row["name"], split(row["synonym"]), row["description"], xrefs)


def read_everyday(directory: Path) -> tuple[list[Entity], list[Fact]]:
    """Read a whole directory of the hand-written form.

    Facts that stand in several places are merged: the graver severity or strength wins, and what is not everywhere the first choice is
    none; of other qualifiers the first value stands. Their order is that of the files, by name.

    Raises:
        DataError: Anything that cannot be taken, with file and line; also a statement that is both affirmed and denied.
    """
    nodes = read_nodes(directory / "nodes.tsv")
    table = NameTable(nodes)
    support = read_support(directory / "support.tsv")
    merged: dict[tuple[str, str, str, bool], Fact] = {}
    for path in source_files(directory):
        if path.parent == directory and path.suffix == ".yaml":
            for line, fact in _file_facts(path, table, directory.name):
                _merge(merged, fact, path, line)
    stated = {(fact.subject, fact.predicate, fact.object) for fact in merged.values() if not fact.negated}
    for triple, (line, _) in support.items():
        if triple not in stated:
            raise DataError(directory / "support.tsv", line, f"supports a fact that no YAML file states: {' '.join(triple)}")
    return nodes, [_with_support(fact, support) for fact in merged.values()]


def read_support(path: Path) -> dict[_Triple, tuple[int, str]]:
    """Read which documents or datasets support which fact, each with its line; an absent file supports none.

    Raises:
        DataError: A row is broken, stands twice, or names no support.
    """
    support: dict[_Triple, tuple[int, str]] = {}
    for line, row in rows(path, SUPPORT_COLUMNS) if path.exists() else ():
        triple = (row["subject"], row["predicate"], row["object"])
        if triple in support:
            raise DataError(path, line, f"{' '.join(triple)} stands twice, first in line {support[triple][0]}")
        if not row["supported_by"]:
            raise DataError(path, line, "supported_by is empty: expected public identifiers or addresses, separated by spaces")
        support[triple] = (line, row["supported_by"])
    return support


def _merge(merged: dict[tuple[str, str, str, bool], Fact], fact: Fact, path: Path, line: int) -> None:
    subject, predicate, obj, negated = fact.key
    if (subject, predicate, obj, not negated) in merged:
        raise DataError(path, line, f"{subject} {predicate} {obj} is both affirmed and denied")
    known = merged.get(fact.key)
    if known is not None:
        fact = Fact(fact.subject, fact.predicate, fact.object, fact.source, _reconciled(known.qualifiers, fact.qualifiers), negated)
    merged[fact.key] = fact


def _reconciled(first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, str]:
    """Return the qualifiers of a fact that two files state: where they differ, the more cautious."""
    graver = gravity(second) > gravity(first)
    found = {**first, **second} if graver else {**second, **first}
    if "other" in (first.get("line"), second.get("line")):
        found["line"] = "other"
    return found


def _with_support(fact: Fact, support: Mapping[_Triple, tuple[int, str]]) -> Fact:
    found = None if fact.negated else support.get((fact.subject, fact.predicate, fact.object))
    qualifiers = {**fact.qualifiers, "evidence": GENERAL_KNOWLEDGE}
    if found is not None:
        qualifiers["supported_by"] = found[1]
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
    if meaning.predicate in SYMMETRIC and obj.curie < subject.curie:
        subject, obj = obj, subject  # a symmetric fact has one form, whichever entry states it
    return Fact(subject.curie, meaning.predicate, obj.curie, source, {**meaning.qualifiers, **item.qualifiers}, meaning.negated)


def _entries(path: Path) -> Iterator[tuple[str, int, list[tuple[str, int, list[_Item]]]]]:
    """Yield the entries of a file as (name, line, [(relation, line, items)])."""
    text = read_text(path)
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise DataError(path, line, f"not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise DataError(path, None, f"not YAML: {' '.join(str(error).split())}") from error
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
        text = _scalar(name, path)
        if text in seen:
            raise DataError(path, line, f"{text!r} stands twice")
        seen.add(text)
        yield text, line, value


def _scalar(node: yaml.Node, path: Path) -> str:
    if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
        raise DataError(path, node.start_mark.line + 1, "expected a word or words")
    return str(node.value)


def _items(node: yaml.Node, path: Path) -> list[_Item]:
    if not isinstance(node, yaml.SequenceNode):
        raise DataError(path, node.start_mark.line + 1, "expected a list of names")
    return [_item(child, path) for child in node.value]


def _item(node: yaml.Node, path: Path) -> _Item:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return _Item(_scalar(node, path), {}, line)
    pairs = list(_pairs(node, path, "a name, or one name with its qualifiers"))
    if len(pairs) != 1:
        raise DataError(path, line, "expected one name with its qualifiers")
    name, _, value = pairs[0]
    qualifiers: dict[str, str] = {}
    for qualifier, at, text_node in _pairs(value, path, f"qualifiers of {name!r}"):
        if qualifier not in QUALIFIER_VALUES:
            raise DataError(path, at, f"unknown qualifier {qualifier!r}: expected one of {', '.join(QUALIFIER_VALUES)}")
        qualifiers[qualifier] = " ".join(_scalar(text_node, path).split())
        allowed = QUALIFIER_VALUES[qualifier]
        if allowed is not None and qualifiers[qualifier] not in allowed:
            raise DataError(path, at, f"{qualifier} is {qualifiers[qualifier]!r}, expected one of {', '.join(sorted(allowed))}")
    return _Item(name, qualifiers, line)
