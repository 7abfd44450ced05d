"""What the suites share: figures with their aims, misses, and counts of what was found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from kg.model import Entity
from qa.evaluation.pubtator import CHEMICAL, DISEASE
from qa.model import Mention

T = TypeVar("T")
Watch = Callable[[Iterable[T], str], Iterable[T]]
"""Passes items through and shows on standard error how far they are, under a title."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a suite is judged by.

    Attributes:
        name: What was measured.
        value: In percent, unless `name` says otherwise.
        aim: What it should reach, None where nothing is agreed.
        at_most: True where less is better, and the aim an upper bound.
    """

    name: str
    value: float
    aim: float | None = None
    at_most: bool = False

    @property
    def reached(self) -> bool | None:
        """Whether the aim is reached; None where there is none."""
        if self.aim is None:
            return None
        return self.value <= self.aim if self.at_most else self.value >= self.aim


@dataclass(frozen=True, slots=True)
class Miss:
    """Something that the linker got wrong.

    Attributes:
        suite: Where.
        kind: "not found", "other span", "not gold", "wrong entity", "false link" or "wrong assertion".
        text: The text, or what of it stands around.
        phrase: The words in question.
        gold: What is right, as CURIEs or as an assertion.
        found: What the linker said, as CURIE and name, as an assertion, or as the words of another span; or nothing.
        candidates: What it held possible, best first.
    """

    suite: str
    kind: str
    text: str
    phrase: str
    gold: tuple[str, ...] = ()
    found: str = ""
    candidates: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the miss as plain JSON types."""
        return {
            "suite": self.suite,
            "kind": self.kind,
            "text": self.text,
            "phrase": self.phrase,
            "gold": list(self.gold),
            "found": self.found,
            "candidates": list(self.candidates),
        }


class Result(Protocol):
    """What a suite returns."""

    @property
    def misses(self) -> Sequence[Miss]:
        """What went wrong, in the order of the data."""
        ...

    def figures(self) -> list[Figure]:
        """Return the main figures, those that stand in the picture."""
        ...

    def as_dict(self) -> dict[str, Any]:
        """Return all figures as plain JSON types."""
        ...

    def as_text(self) -> str:
        """Return all figures for a terminal."""
        ...


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    right: int
    total: int

    @property
    def percent(self) -> float:
        """Right ones of all, in percent; 0 where there are none."""
        return 100 * self.right / self.total if self.total else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the share as plain JSON types."""
        return {"right": self.right, "total": self.total, "percent": round(self.percent, 2)}

    def __str__(self) -> str:
        """Return the share for a terminal."""
        return f"{self.percent:5.1f} % ({self.right}/{self.total})"


@dataclass(frozen=True, slots=True)
class Detection:
    """How mentions were found, whatever they mean.

    Attributes:
        right: Predicted mentions that are gold ones.
        predicted: All predicted mentions.
        found: Gold mentions that were predicted; where overlap counts, it may differ from `right`.
        gold: All gold mentions.
    """

    right: int
    predicted: int
    found: int
    gold: int

    @property
    def precision(self) -> float:
        """Right ones of the predicted, in percent."""
        return Share(self.right, self.predicted).percent

    @property
    def recall(self) -> float:
        """Found ones of gold, in percent."""
        return Share(self.found, self.gold).percent

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, in percent."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def __add__(self, other: Detection) -> Detection:
        """Count two lots together."""
        return Detection(self.right + other.right, self.predicted + other.predicted, self.found + other.found, self.gold + other.gold)

    def as_dict(self) -> dict[str, Any]:
        """Return the counts and figures as plain JSON types."""
        figures = {name: round(getattr(self, name), 2) for name in ("precision", "recall", "f1")}
        return {**figures, "right": self.right, "predicted": self.predicted, "found": self.found, "gold": self.gold}

    def __str__(self) -> str:
        """Return the figures for a terminal."""
        return f"P {self.precision:5.1f}  R {self.recall:5.1f}  F1 {self.f1:5.1f}"


Span = tuple[int, int]


def overlap(one: Span, other: Span) -> int:
    """Return how many characters two half-open spans share.

    >>> overlap((0, 5), (3, 9)), overlap((0, 5), (5, 9))
    (2, 0)
    """
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def detect(predicted: Iterable[Span], gold: Iterable[Span], exact: bool) -> Detection:
    """Count how predicted spans of one text meet the gold ones: by their very ends, or by any character in common.

    >>> detect([(0, 5), (8, 9)], [(0, 4)], exact=False)
    Detection(right=1, predicted=2, found=1, gold=1)
    """
    guesses, marks = set(predicted), set(gold)
    if exact:
        both = len(guesses & marks)
        return Detection(both, len(guesses), both, len(marks))
    right = sum(any(overlap(guess, mark) for mark in marks) for guess in guesses)
    found = sum(any(overlap(mark, guess) for guess in guesses) for mark in marks)
    return Detection(right, len(guesses), found, len(marks))


def covering(mentions: Iterable[Mention], span: Span) -> Mention | None:
    """Return the mention that covers most of a span, of several the one that sticks out least, then the first; None where none does."""
    shared = [(overlap((m.start, m.end), span), m.start - m.end, -m.start, m) for m in mentions]
    best = max((s for s in shared if s[0]), key=lambda s: s[:3], default=None)
    return best[3] if best else None


def candidates(mention: Mention | None) -> list[Entity]:
    """Return what a mention may mean, best first and each once; the entity chosen alone where the linker names no candidates."""
    if mention is None:
        return []
    first = [mention.entity] if mention.entity is not None else []
    return list({entity.curie: entity for entity in [*first, *(candidate.entity for candidate in mention.candidates)]}.values())


def shown(entity: Entity | None) -> str:
    """Return an entity as a line of the errors has it."""
    return f"{entity.curie} {entity.name}" if entity is not None else ""


def shown_candidates(mention: Mention | None) -> tuple[str, ...]:
    """Return the candidates of a mention as a line of the errors has them."""
    return tuple(shown(entity) for entity in candidates(mention))


def around(text: str, span: Span, width: int = 60) -> str:
    """Return a span with some text on either side."""
    return text[max(0, span[0] - width) : span[1] + width]


def sampled(items: Sequence[T], count: int | None, name: Callable[[T], str]) -> list[T]:
    """Return so many of the items, in their order, always the same ones: those whose names have the lowest sha256; all for None."""
    if count is None or count >= len(items):
        return list(items)
    lowest = sorted(range(len(items)), key=lambda n: (hashlib.sha256(name(items[n]).encode()).digest(), n))[:count]
    return [items[n] for n in sorted(lowest)]


KINDS = (DISEASE, CHEMICAL)


def ranked(linker: object, phrase: str) -> list[Entity] | None:
    """Return what a linker that ranks phrases (`NameLinker.rank`) makes of one, best first; None where it only links."""
    rank = getattr(linker, "rank", None)
    return None if rank is None else [candidate.entity for candidate in rank(phrase)]
