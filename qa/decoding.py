"""From the logits of windows to extracts of a passage: joint scores of start and end, comparable between windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from qa.encoding import LONGEST_ANSWER, Window
from qa.reader import Span
from qa.reader_model import Logits

NO_ANSWER = Span(0, 0, "", float("-inf"))


def best_spans(start: Tensor, end: Tensor, passage: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return for each window the best span of at most `LONGEST_ANSWER` tokens: score, first position, last position.

    The score is the joint logit of start and end less that of position 0; minus infinity where the passage has no token. Of
    equal spans the first, then the shortest is taken.

    Args:
        start: *Shape:* (batch, length).
        end: *Shape:* (batch, length).
        passage: True at the tokens of the passage. *Shape:* (batch, length).
    """
    lowest = float("-inf")
    starts, ends = start.masked_fill(~passage, lowest), end.masked_fill(~passage, lowest)
    banded = pad(ends, (0, LONGEST_ANSWER - 1), value=lowest).unfold(1, LONGEST_ANSWER, 1)
    score, at = (starts[:, :, None] + banded).flatten(1).max(1)
    first = at // LONGEST_ANSWER
    return score - start[:, 0] - end[:, 0], first, first + at % LONGEST_ANSWER


def window_spans(window: Window, logits: Logits, row: int, passage: str, most: int) -> list[Span]:
    """Return the best spans of a window, best first, of which none overlaps another; fewer where it is short."""
    found: list[Span] = []
    free = [(window.passage_at, window.passage_at + len(window.passage))]
    positions = torch.arange(logits.start.shape[1])
    while len(found) < most and free:
        # A span that overlaps none that was taken lies wholly in one of the stretches between them.
        inside = torch.stack([(positions >= first) & (positions < last) for first, last in free])
        start, end = (side[row].expand(len(free), -1) for side in (logits.start, logits.end))
        scores, firsts, lasts = (column.tolist() for column in best_spans(start, end, inside))
        best = int(np.argmax(scores))
        if scores[best] == float("-inf"):
            break
        first, last = firsts[best], lasts[best] + 1
        begin, stop = int(window.passage[first - window.passage_at, 0]), int(window.passage[last - 1 - window.passage_at, 1])
        found.append(Span(begin, stop, passage[begin:stop], scores[best]))
        low, high = free.pop(best)
        free += [(a, b) for a, b in ((low, first), (last, high)) if a < b]
    return found


def window_span(window: Window, logits: Logits, row: int, passage: str) -> Span:
    """Return the best span of a window, or `NO_ANSWER` where it has no token of the passage."""
    return next(iter(window_spans(window, logits, row, passage, 1)), NO_ANSWER)


def distinct(spans: Sequence[Span], most: int) -> list[Span]:
    """Return the best of spans, best first, at most `most`, leaving out every one that overlaps a better one.

    Of equal scores the one that comes first in the passage is better.
    """
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (-s.score, s.start, s.end)):
        if len(kept) < most and all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return kept
