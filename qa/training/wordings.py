"""What training questions are made from: the ways to ask a thing, and the graph as groups of triples."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Protocol

import yaml
from tqdm import tqdm

from kg import vocabulary as v
from kg.graph import Graph
from kg.model import Curie, Direction, Entity
from qa.context import group_label
from qa.errors import DatasetError
from qa.model import Evidence, Relation

TEMPLATES = Path(__file__).with_name("templates.yaml")
LIST, YES_NO, BOTH, UNANSWERABLE = "list", "yes/no", "both", "unanswerable"
_HELD_OUT = 7  # the salt that the held-out entities of the readers trained so far were chosen with
_INTERACTIONS = tuple(f"interacts with{severity}" for severity in ("", " (major)", " (moderate)", " (minor)"))
# What may be asked of entities that make silly foci otherwise ("what are the symptoms of older age").
_ODD: Mapping[Curie, frozenset[str]] = {
    v.EXPOSURE: frozenset(
        {"raises the risk of", "spreads", "can cause", "prevents", "medicines to avoid or use with care", *_INTERACTIONS}
    ),
    v.ORGANISM: frozenset({"can cause", "raises the risk of"}),
    v.BIOLOGICAL_ENTITY: frozenset({"can cause", "raises the risk of"}),
    v.SPECIALTY: frozenset({"looks after"}),
    v.ANATOMY: frozenset(),
    v.INHERITANCE: frozenset({"is the inheritance of"}),
}
Groups = Mapping[str, tuple[Evidence, ...]]


class ListedGraph(Graph, Protocol):
    """A graph that can name all of its entities."""

    def entities(self) -> Iterator[Entity]:
        """Yield every entity, in a fixed order."""
        ...


@dataclass(frozen=True, slots=True)
class Wording:
    """The ways to ask one thing; its fields are those of templates.yaml, which explains them."""

    kind: str
    name: str
    labels: frozenset[str]
    also: frozenset[str]
    answers: frozenset[str]
    train: tuple[str, ...]
    held_out: tuple[str, ...]

    def asks_for(self, evidence: Evidence) -> bool:
        """Say whether the triple is an answer, whatever its focus."""
        return group_label(evidence) in self.labels and (not self.answers or evidence.target.category in self.answers)


@dataclass(frozen=True, slots=True)
class Facts:
    """The graph as groups of triples: entity by entity, label by label, and which entities have a label's group."""

    entities: Mapping[Curie, Entity]
    groups: Mapping[Curie, Groups]
    bearers: Mapping[str, tuple[Curie, ...]]

    def under(self, focus: Curie, labels: Iterable[str]) -> list[Evidence]:
        """Return the triples that stand at an entity under any of the labels, seen from it."""
        return [evidence for label in sorted(labels) for evidence in self.groups[focus].get(label, ())]


def read_wordings(path: Path = TEMPLATES) -> list[Wording]:
    """Read the templates, in order.

    Raises:
        DatasetError: The file is missing or not of its form.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [_wording(kind, name, form) for kind in (LIST, YES_NO, BOTH) for name, form in content[kind].items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise DatasetError(f"{path}: not readable ({error!r}); expected templates under list, yes/no and both") from error


def _wording(kind: str, name: str, form: Mapping[str, list[str]]) -> Wording:
    labels, also, answers = (frozenset(form.get(part, ())) for part in ("labels", "also", "answers"))
    return Wording(kind, name, labels, also, answers, tuple(form["train"]), tuple(form["held_out"]))


def is_held_out(curie: Curie) -> bool:
    """Say whether an entity is among the tenth that nothing that is trained on is about, whatever the seed: in every file the same."""
    return int.from_bytes(hashlib.sha256(f"{_HELD_OUT} {curie}".encode()).digest()[:8]) % 10 == 0


def read_facts(graph: ListedGraph) -> Facts:
    """Group every entity's own triples by label; within a label a target stands once, in the order of the graph."""
    entities = {entity.curie: entity for entity in graph.entities()}
    groups: dict[Curie, dict[str, tuple[Evidence, ...]]] = {}
    bearers: dict[str, list[Curie]] = defaultdict(list)
    for focus in tqdm(entities.values(), desc="facts", unit="entity"):
        found: dict[str, dict[Curie, Evidence]] = defaultdict(dict)
        for direction in Direction:
            for fact in graph.facts(focus.curie, direction):
                target = entities[fact.end(direction)]
                if target.curie != focus.curie:
                    evidence = Evidence(fact, focus, Relation(fact.predicate, direction), target)
                    found[group_label(evidence)].setdefault(target.curie, evidence)
        groups[focus.curie] = {label: tuple(items.values()) for label, items in found.items()}
        for label in found:
            bearers[label].append(focus.curie)
    return Facts(entities, groups, {label: tuple(curies) for label, curies in bearers.items()})


def foci(facts: Facts, wording: Wording) -> list[Curie]:
    """Return the entities that a wording can sensibly be asked of and that have an answer, in the order of the graph."""
    bearing = dict.fromkeys(chain.from_iterable(facts.bearers.get(label, ()) for label in sorted(wording.labels)))
    return [
        curie
        for curie in bearing
        if wording.labels & _ODD.get(facts.entities[curie].category, wording.labels)
        and any(wording.asks_for(evidence) for evidence in facts.under(curie, wording.labels))
    ]


def fitting_answers(facts: Facts, wording: Wording, curies: Iterable[Curie]) -> dict[Curie, frozenset[Curie]]:
    """Return, by category of the focus, the categories of the wording's answers."""
    found: dict[Curie, set[Curie]] = defaultdict(set)
    for curie in curies:
        found[facts.entities[curie].category].update(e.target.category for e in facts.under(curie, wording.labels))
    return {category: frozenset(targets) for category, targets in found.items()}
