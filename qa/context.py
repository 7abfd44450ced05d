"""Triples in words, prepended to the question, each word traceable to the triple that it came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.model import Direction
from kg.vocabulary import CAUSES, CONTRAINDICATED_IN, HAS_SIDE_EFFECT, INTERACTS_WITH, PREDICATES, TREATS
from qa.model import Evidence
from qa.reader import ReadingTask, Slot

DEFINITION = "definition"

_DENIALS = {
    (TREATS, Direction.OUT): "does not help with",
    (TREATS, Direction.IN): "not helped by",
    (CAUSES, Direction.OUT): "does not cause",
    (CAUSES, Direction.IN): "not caused by",
}


@dataclass(frozen=True, slots=True)
class Context:
    """Evidence in words.

    Attributes:
        text: Groups of triples that share focus and relation: "gout symptoms: joint pain; fever. gout treatments: colchicine."
        slots: The characters of each possible answer in `text`.
        evidence: The triple behind each slot, in the same order.
    """

    text: str
    slots: tuple[Slot, ...]
    evidence: tuple[Evidence, ...]

    def task(self, question: str) -> ReadingTask:
        """Return what a reader is given."""
        return ReadingTask(self.text, question, self.slots)


def group_label(evidence: Evidence) -> str:
    """Return what the possible answer is to the focus: "symptoms", "common side effects", "is used for".

    The label names a qualifier where people ask for it: how serious a side effect is, how strict a contraindication.
    """
    fact, direction = evidence.fact, evidence.relation.direction
    label = PREDICATES[fact.predicate].label(direction)
    if fact.negated:
        return _DENIALS.get((fact.predicate, direction), f"not: {label}")
    if fact.predicate == HAS_SIDE_EFFECT and direction is Direction.OUT:
        return f"serious {label}" if fact.qualifiers.get("seriousness") else f"common {label}"
    if fact.predicate == CONTRAINDICATED_IN and direction is Direction.OUT:
        return {"avoid": "should be avoided in", "caution": "should be used with care in"}.get(fact.qualifiers.get("strength", ""), label)
    if fact.predicate == INTERACTS_WITH and (severity := fact.qualifiers.get("severity")):
        return f"{label} ({severity})"
    return label


def build_context(evidence: Iterable[Evidence]) -> Context:
    """Put triples into words, group by group, groups and triples in the order given."""
    groups: dict[tuple[str, str], list[Evidence]] = {}
    for item in evidence:
        groups.setdefault((item.focus.name, group_label(item)), []).append(item)
    return _assemble([(f"{focus} {label}", items) for (focus, label), items in groups.items()])


def _assemble(groups: Sequence[tuple[str, Sequence[Evidence]]]) -> Context:
    parts: list[str] = []
    slots: list[Slot] = []
    kept: list[Evidence] = []
    position = 0
    for heading, items in groups:
        lead = f"{heading}: "
        parts.append(lead)
        position += len(lead)
        for number, item in enumerate(items):
            slots.append(Slot(position, position + len(item.target.name)))
            kept.append(item)
            text = item.target.name + ("; " if number < len(items) - 1 else ". ")
            parts.append(text)
            position += len(text)
    return Context("".join(parts).rstrip(), tuple(slots), tuple(kept))
