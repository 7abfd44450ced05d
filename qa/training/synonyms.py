"""The graph's synonym sets, for training: which names mean the same, and which lay names are kept back for measuring.

Lay names are those of HPO's list of layperson synonyms. Every term of HPO is in one of five folds; whoever is measured on a fold
must have seen none of its lay names, wherever in the graph they stand, so that a name is held out of a fold by its folded key and
not by its source. A lay name that is also the term's label asks nothing and is no part of this.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.graph import SnapshotGraph
from kg.model import Direction, Entity
from kg.names import key
from kg.vocabulary import SUBCLASS_OF
from qa.errors import DatasetError
from qa.training.name_sets import NameSet, fold_of, write_name_sets

_HEADER = ["?term", "?term_label", "?layperson"]
_IRI = "http://purl.obolibrary.org/obo/HP_"


@dataclass(frozen=True, slots=True)
class LayName:
    """A row of the list: what laypeople call a term of HPO."""

    term: str
    label: str
    name: str


def read_lay_names(path: Path) -> list[LayName]:
    """Read HPO's list of layperson synonyms (`layperson-synonyms.tsv`: term, label and lay name, in SPARQL's TSV).

    Raises:
        DatasetError: The file cannot be read or a line is not of its form.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(enumerate(csv.reader(file, delimiter="\t"), 1))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path}: not readable ({error}); expected HPO's list of layperson synonyms") from error
    if not rows or rows[0][1] != _HEADER:
        raise DatasetError(f"{path}, line 1: expected the columns {', '.join(_HEADER)}")
    return [_lay_name(row, f"{path}, line {number}") for number, row in rows[1:]]


def write_synonyms(graph: SnapshotGraph, lay_file: Path | None, path: Path) -> list[NameSet]:
    """Write the names of a graph's entities to a file that training needs nothing beside, and return them.

    Args:
        graph: Whose names they are.
        lay_file: HPO's list of layperson synonyms, or None to hold nothing out.
        path: A file of JSON lines, compressed where its name ends in .xz.

    Raises:
        DatasetError: The list cannot be read.
    """
    sets = name_sets(graph, [] if lay_file is None else read_lay_names(lay_file))
    write_name_sets(sets, path)
    return sets


def name_sets(graph: SnapshotGraph, lay: Iterable[LayName] = ()) -> list[NameSet]:
    """Return the names of every entity: those of which a curated source speaks first, then by identifier."""
    entities = sorted(graph.entities(), key=lambda entity: (graph.curated_degree(entity.curie) == 0, entity.curie))
    number = {str(entity.curie): n for n, entity in enumerate(entities)}
    names = [_by_key(entity) for entity in entities]
    asked, held = _questions(graph, names, number, lay), defaultdict[str, set[int]](set)
    for questions in asked.values():
        for folded, (_, fold) in questions.items():
            held[folded].add(fold)
    clusters = _clusters(names)
    return [
        NameSet(
            str(entity.curie),
            str(entity.category),
            graph.curated_degree(entity.curie) > 0,
            tuple(names[n].values()),
            tuple((at, fold) for at, folded in enumerate(names[n]) for fold in sorted(held.get(folded, ()))),
            tuple(asked[n].values()),
            tuple(_parents(graph, entity, number)),
            clusters[n],
        )
        for n, entity in enumerate(entities)
    ]


def _by_key(entity: Entity) -> dict[str, str]:
    """Return an entity's names by folded name; of names that are folded alike, the first."""
    found: dict[str, str] = {}
    for name in (entity.name, *entity.synonyms):
        found.setdefault(key(name), name)
    found.pop("", None)
    return found


def _questions(
    graph: SnapshotGraph, names: Sequence[Mapping[str, str]], number: Mapping[str, int], lay: Iterable[LayName]
) -> dict[int, dict[str, tuple[str, int]]]:
    """Return, by the number of an entity, its lay names and their folds by folded name, where the entity keeps another name."""
    asked: dict[int, dict[str, tuple[str, int]]] = defaultdict(dict)
    for row in lay:
        entity = _entity(graph, row.term)
        folded = key(row.name)
        if entity is not None and folded and folded != key(row.label):
            asked[number[entity]].setdefault(folded, (row.name, fold_of(row.term)))
    kept = {n: questions for n, questions in asked.items() if names[n].keys() - questions.keys()}
    return defaultdict(dict, kept)


def _entity(graph: SnapshotGraph, term: str) -> str | None:
    if graph.entity(term) is not None:
        return term
    alias = graph.alias(term)
    return None if alias is None or alias.curie is None else str(alias.curie)


def _parents(graph: SnapshotGraph, entity: Entity, number: Mapping[str, int]) -> Iterator[int]:
    facts = graph.facts(entity.curie, Direction.OUT)
    yield from sorted({number[fact.object] for fact in facts if fact.predicate == SUBCLASS_OF and not fact.negated})


def _clusters(names: Sequence[Mapping[str, str]]) -> list[int]:
    """Return a number for each entity: that of the first entity which it shares a folded name with, directly or through others."""
    root = list(range(len(names)))

    def find(n: int) -> int:
        while root[n] != n:
            root[n] = n = root[root[n]]
        return n

    first: dict[str, int] = {}
    for n, found in enumerate(names):
        for folded in found:
            one, other = sorted((find(first.setdefault(folded, n)), find(n)))
            root[other] = one
    return [find(n) for n in range(len(names))]


def _lay_name(row: Sequence[str], place: str) -> LayName:
    if len(row) != 3 or not row[0].startswith(f"<{_IRI}") or not row[0].endswith(">"):
        raise DatasetError(f"{place}: {row!r:.60}; expected <{_IRI}…>, label and lay name")
    return LayName(f"HP:{row[0][len(_IRI) + 1 : -1]}", row[1].partition("@en")[0], row[2])
