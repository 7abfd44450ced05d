"""What a reader is: given a context, it says how sure it is of each possible answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Slot:
    """A possible answer: the characters `[start, end)` of a context's evidence text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ReadingTask:
    """What is given to a reader.

    Attributes:
        evidence: Triples in words; it is prepended to the question.
        question: The question as it was asked.
        slots: The possible answers, half-open character ranges of `evidence`, in order.
        passage: A text that is read as well, in which the answer may stand, or none.
    """

    evidence: str
    question: str
    slots: tuple[Slot, ...]
    passage: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """An extract of a passage: half-open characters `[start, end)`, its text and its score.

    An empty text, at 0 to 0, says that the passage holds no answer. `score` is the joint logit of start and end minus that of
    no answer, comparable between windows and passages.
    """

    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader finds in evidence and passage read together: each slot's probability to be an answer, and the best extract."""

    probabilities: tuple[float, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Contributions:
    """Which triples carry the answers, by what happens where one is hidden; positive where it speaks for an answer.

    Attributes:
        slots: Row: the slot that is hidden; column: the fall of a slot's logit. 0 for slots that are never read together.
            *Shape:* (slots, slots).
        span: The fall of the score of the passage's best extract for each slot that is hidden; 0 without a passage.
            *Shape:* (slots,).
    """

    slots: npt.NDArray[np.float64]
    span: npt.NDArray[np.float64]


Progress = Callable[[int, int], None]
"""Told how much of some work is done, and how much there is."""


class Reader(Protocol):
    """Decides which slots of the evidence answer the question."""

    def read(self, tasks: Sequence[ReadingTask]) -> list[tuple[float, ...]]:
        """Return, task by task, the probability of each slot to be an answer, in the order of its slots."""
        ...


class PassageReader(Protocol):
    """Finds the answer to a question in a passage."""

    def extract(self, pairs: Sequence[tuple[str, str]]) -> list[Span]:
        """Return, for each (question, passage), the best span, or an empty one where the passage does not answer."""
        ...
