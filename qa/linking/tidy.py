"""What a tagger leaves ragged in a text: brackets cut in half, parts of names, and a name that it sees here and not there."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa.tagging import Tagged

_HALF = re.compile(r"[(\[]")
_EDGES = " \t\r\n,;:.(["
_BEGINNING = re.compile(r"(?:[\s,;:.(\[]+|(?:and|or|with|the|of|in|by)\s)*", re.IGNORECASE)
_REST_OF_CODE = re.compile(r"-\d+\b")
_SHORTEST_REPEATED = 3


def tidy(text: str, tagged: Sequence[Tagged], sure: float) -> list[Tagged]:
    """Return the tags of which one is sure, put right, left to right and without overlap.

    A tag that holds half a pair of brackets is two: "end-stage renal disease (ESRD". A code is whole: "PG-9". What is tagged in one place
    is meant wherever the same characters stand as a word of their own.

    Args:
        text: The text.
        tagged: What the tagger found, left to right.
        sure: The probability from which on a tag is believed.

    >>> text = "end-stage renal disease (ESRD). ESRD is grave."
    >>> [text[t.start : t.end] for t in tidy(text, [Tagged(0, 29, "disease", 0.9)], 0.8)]
    ['end-stage renal disease', 'ESRD', 'ESRD']
    """
    found: list[Tagged] = []
    for part in (part for tag in tagged if tag.probability >= sure for part in _parts(text, tag)):
        if not found or found[-1].end <= part.start:
            found.append(part)
    for again in _again(text, found):
        at = bisect_left(found, again.start, key=lambda tag: tag.start)
        if (at == 0 or found[at - 1].end <= again.start) and (at == len(found) or again.end <= found[at].start):
            found.insert(at, again)
    return found


def _parts(text: str, tag: Tagged) -> Iterator[Tagged]:
    written = text[tag.start : tag.end]
    cut = next((m.start() for m in _HALF.finditer(written) if not _is_closed(written, m.start())), None)
    pieces = [(tag.start, tag.end)] if cut is None else [(tag.start, tag.start + cut), (tag.start + cut, tag.end)]
    for start, end in pieces:
        start = _BEGINNING.match(text, start, end).end()  # type: ignore[union-attr]  # matches the empty text
        while start < end and text[end - 1] in _EDGES:
            end -= 1
        if tag.kind == "chemical" and (rest := _REST_OF_CODE.match(text, end)) is not None:
            end = rest.end()
        if start < end:
            yield replace(tag, start=start, end=end)


def _is_closed(written: str, at: int) -> bool:
    closing = ")" if written[at] == "(" else "]"
    return closing in written[at:]


def _again(text: str, tagged: Sequence[Tagged]) -> Iterator[Tagged]:
    """Yield every place of what is tagged, the longest first."""
    by_text = {text[tag.start : tag.end]: tag for tag in tagged if tag.end - tag.start >= _SHORTEST_REPEATED}
    for written in sorted(by_text, key=len, reverse=True):
        for match in re.finditer(rf"(?<![\w-]){re.escape(written)}(?![\w-])", text):
            yield replace(by_text[written], start=match.start(), end=match.end())
