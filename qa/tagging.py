"""From a label per token to mentions in a text: windows over long texts, and the decoding of BIO labels.

A word is a token with the pieces ("##itis") that follow it; its first piece speaks for it, so that mentions begin and end at the
borders of words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int32]

KINDS = ("disease", "chemical")
LABELS = ("O", "B-disease", "I-disease", "B-chemical", "I-chemical")
OUTSIDE = 0
WINDOW, STRIDE = 126, 96  # tokens, the two special ones not counted
SEGMENT = 20_000  # characters that are tokenised together: bounds memory


@dataclass(frozen=True, slots=True)
class Tagged:
    """A mention that the tagger has found.

    Attributes:
        start: First character in the text, from 0.
        end: One past the last character.
        kind: One of `KINDS`.
        probability: 0 to 1, the mean over its words of belonging to a mention of this kind.
    """

    start: int
    end: int
    kind: str
    probability: float


def begins(kind: str) -> int:
    """Return the number of the label that begins a mention of a kind; the next goes on with it."""
    return 1 + 2 * KINDS.index(kind)


def segments(text: str, size: int = SEGMENT) -> Iterator[tuple[int, str]]:
    """Cut a text into parts of at most `size` characters, each with its offset, where possible at the end of a line or a sentence.

    >>> list(segments("Gout hurts. Flu, too.", 14))
    [(0, 'Gout hurts. '), (12, 'Flu, too.')]
    """
    first = 0
    while len(text) - first > size:
        earliest, latest = first + size // 2, first + size
        cuts = (text.rfind(mark, earliest, latest) + len(mark) for mark in ("\n", ". ", " "))
        cut = next((cut for cut in cuts if cut > earliest), latest)
        yield first, text[first:cut]
        first = cut
    yield first, text[first:]


def windows(length: int, size: int = WINDOW, stride: int = STRIDE) -> Iterator[tuple[int, int, int, int]]:
    """Yield windows over `length` tokens: first, one past the last, and the part within whose labels are kept.

    Neighbours overlap, and each label is taken from the window that shows more of what stands on both sides.

    >>> list(windows(10, 6, 4))
    [(0, 6, 0, 5), (4, 10, 5, 10)]
    """
    first = kept = 0
    while first + size < length:
        border = first + (size + stride) // 2
        yield first, first + size, kept, border
        first, kept = first + stride, border
    yield first, length, kept, length


def decode(probabilities: Floats, offsets: Ints, first: npt.NDArray[np.bool_]) -> list[Tagged]:
    """Return the mentions of a text, left to right.

    Args:
        probabilities: Of each label, token by token. *Shape:* (n, 5).
        offsets: Half-open characters of the tokens. *Shape:* (n, 2).
        first: True where a token begins a word. *Shape:* (n,).
    """
    heads = np.flatnonzero(first)
    labels = probabilities[heads].argmax(1) if len(heads) else heads
    ends = offsets[np.append(heads[1:], len(offsets)) - 1, 1] if len(heads) else heads
    found: list[Tagged] = []
    word = 0
    while word < len(heads):
        label, begin = int(labels[word]), word
        word += 1
        if label == OUTSIDE:
            continue
        kind = (label - 1) // 2
        while word < len(heads) and labels[word] == 2 * kind + 2:
            word += 1
        inside = probabilities[heads[begin:word], 2 * kind + 1 : 2 * kind + 3].sum(1).mean()
        found.append(Tagged(int(offsets[heads[begin], 0]), int(ends[word - 1]), KINDS[kind], float(min(1.0, inside))))
    return found
