"""What a rule of the intent is: a pattern in a question, and the relations that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kg.model import Curie, Direction
from qa.model import Relation

Written = tuple[str, Mapping[Relation, float]]
Rule = tuple[re.Pattern[str], Mapping[Relation, float]]


def both(predicate: Curie) -> dict[Relation, float]:
    """Return both directions of a predicate: "symptoms of gout" and "what is fever a symptom of" differ by what is named alone."""
    return {Relation(predicate, direction): 1.0 for direction in Direction}


def one(predicate: Curie, direction: Direction, weight: float = 1.0) -> dict[Relation, float]:
    """Return one direction of a predicate with its weight, 0 to 1."""
    return {Relation(predicate, direction): weight}


def compiled(rules: Iterable[Written]) -> tuple[Rule, ...]:
    """Return the rules with their patterns compiled; case does not matter."""
    return tuple((re.compile(pattern, re.IGNORECASE), relations) for pattern, relations in rules)


def matching(rules: Iterable[Rule], text: str) -> dict[Relation, float]:
    """Return the relations that the rules find named in a text, each with the greatest of its weights."""
    found: dict[Relation, float] = {}
    for pattern, relations in rules:
        if pattern.search(text):
            for relation, weight in relations.items():
                found[relation] = max(weight, found.get(relation, 0.0))
    return found
