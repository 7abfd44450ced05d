"""Why an answer is what it is: what the reader made of each triple, and which triples it leant on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from kg.graph import Graph
from qa.answer import fact_as_dict
from qa.model import Evidence
from qa.pipeline import Trace
from qa.reader import Contributions, Progress, Reader, ReadingTask

NOTICEABLE = 0.25
"""Logits by which an answer falls where a triple is hidden, from which on the triple is told of."""
_MOST = 3


class ExplainingReader(Reader, Protocol):
    """A reader that can say which triples carry its answers."""

    def contributions(self, task: ReadingTask, progress: Progress | None = None) -> Contributions:
        """Say how far each slot's logit falls where the words of another, or its own, are hidden."""
        ...


@dataclass(frozen=True, slots=True)
class Weighed:
    """What was made of a triple.

    Attributes:
        evidence: The triple.
        score: The probability that it answers, as it was decided: the reader's, where no relation is named that of its whole group,
            and what the question's words say or settle, together.
        read: The reader's probability alone.
        own: How far the reader's logit of the triple, before it is calibrated, falls where the triple's own words are hidden.
        others: Other triples that speak for it, and how far that logit falls where each is hidden; most first.
    """

    evidence: Evidence
    score: float
    read: float
    own: float
    others: tuple[tuple[Evidence, float], ...]


def weigh(trace: Trace, reader: ExplainingReader, progress: Progress | None = None) -> list[Weighed]:
    """Return what was made of every triple that was read, likeliest first; nothing where none was.

    Reads the evidence once more for each triple in it.

    Args:
        trace: Of an answered question.
        reader: The one that answered it.
        progress: Told how much of the evidence has been read, and how much there is.
    """
    if trace.task is None or trace.context is None or not trace.context.slots:
        return []
    evidence = trace.context.evidence
    (read,) = reader.read([trace.task])
    falls = reader.contributions(trace.task, progress).slots
    found = []
    for n, (item, score) in enumerate(zip(evidence, trace.scores, strict=True)):
        others = [(evidence[m], float(falls[m, n])) for m in range(len(evidence)) if m != n and falls[m, n] >= NOTICEABLE]
        others.sort(key=lambda pair: -pair[1])
        found.append(Weighed(item, score, read[n], float(falls[n, n]), tuple(others[:_MOST])))
    return sorted(found, key=lambda weighed: -weighed.score)


def weighed_as_dict(weighed: Weighed, graph: Graph) -> dict[str, Any]:
    """Return the form that is printed as JSON: triples as in the `ask` contract, numbers rounded to three decimals."""
    return {
        "triple": fact_as_dict(weighed.evidence.fact, graph),
        "score": round(weighed.score, 3),
        "reader": round(weighed.read, 3),
        "keywords": round(weighed.evidence.prior, 3),
        "own": round(weighed.own, 3),
        "others": [{"triple": fact_as_dict(item.fact, graph), "fall": round(fall, 3)} for item, fall in weighed.others],
    }
