"""Probabilities put together: a reader's with what the words of a question say, and those of a group."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qa.context import group_label
from qa.model import Evidence


def _log_odds(probability: float) -> float:
    clipped = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(clipped / (1 - clipped))


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def add(probability: float, prior: float) -> float:
    """Return a probability, 0 to 1, to which log-odds are added.

    >>> add(0.5, 0.0), round(add(0.5, 2.0), 2)
    (0.5, 0.88)
    """
    return _probability(_log_odds(probability) + prior)


def pooled(probabilities: Sequence[float], evidence: Sequence[Evidence]) -> tuple[float, ...]:
    """Give every triple of a group the probability of the group: its mean log-odds."""
    groups: dict[str, list[float]] = {}
    for probability, item in zip(probabilities, evidence, strict=True):
        groups.setdefault(group_label(item), []).append(_log_odds(probability))
    means = {label: _probability(sum(odds) / len(odds)) for label, odds in groups.items()}
    return tuple(means[group_label(item)] for item in evidence)
