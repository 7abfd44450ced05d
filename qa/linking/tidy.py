"""What a tagger leaves ragged in a text: brackets cut in half, parts of names, and a name that it sees here and not there."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa.tagging import Tagged

_EDGES = " \t\r\n,;:."
_BEGINNING = re.compile(r"(?:[\s,;:.]+|(?:and|or|with|the|of|in|by)\s)*", re.IGNORECASE)
_BRACKETS = {"(": ")", "[": "]"}
_CODE = re.compile(r"[A-Z0-9]{1,5}")
_REST_OF_CODE = re.compile(r"-\d+\b")
_WORD = re.compile(r"\w[\w-]*")
# "Lead" is a verb elsewhere; what is long, is of several words, or has a capital or a digit is no other thing.
_DISTINCT = re.compile(r"(?=.*[A-Z0-9\s-]).{3,}|.{8,}", re.DOTALL)


def tidy(text: str, tagged: Sequence[Tagged], sure: float) -> list[Tagged]:
    """Return the tags of which one is sure, put right, left to right and without overlap.

    A tag in which a bracket is opened and not closed is two: "end-stage renal disease (ESRD". A code is whole: "PG-9". What is tagged in
    one place is meant wherever the same characters stand as words of their own, unless they are a short word in small letters.

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
    return _together(found, _again(text, found))


def _parts(text: str, tag: Tagged) -> Iterator[Tagged]:
    cut = _half(text, tag.start, tag.end)
    for start, end in [(tag.start, tag.end)] if cut is None else [(tag.start, cut), (cut + 1, tag.end)]:
        start = _BEGINNING.match(text, start, end).end()  # type: ignore[union-attr]  # matches the empty text
        while start < end and (text[end - 1] in _EDGES or _is_stray(text, start, end)):
            end -= 1
        if tag.kind == "chemical" and _CODE.fullmatch(text, start, end) and (rest := _REST_OF_CODE.match(text, end)) is not None:
            end = rest.end()
        if any(map(str.isalnum, text[start:end])):
            yield replace(tag, start=start, end=end)


def _is_stray(text: str, start: int, end: int) -> bool:
    """Say whether some characters end in a bracket that closes what is not opened among them."""
    return any(text[end - 1] == close and text.find(begin, start, end) < 0 for begin, close in _BRACKETS.items())


def _half(text: str, start: int, end: int) -> int | None:
    """Return where the first bracket stands that is opened within some characters and not closed there, or None."""
    opened: list[int] = []
    for at in range(start, end):
        if text[at] in _BRACKETS:
            opened.append(at)
        elif opened and text[at] == _BRACKETS[text[opened[-1]]]:
            opened.pop()
    return opened[0] if opened else None


def _again(text: str, tagged: Sequence[Tagged]) -> list[Tagged]:
    """Return every place of what is tagged, left to right; of what begins with the same word the longest."""
    by_word: dict[str, dict[str, Tagged]] = {}
    for tag in tagged:
        written = text[tag.start : tag.end]
        if _DISTINCT.fullmatch(written) and (word := _WORD.match(written)) is not None:
            by_word.setdefault(word[0], {}).setdefault(written, tag)
    longest_first = {word: sorted(tags.items(), key=lambda item: -len(item[0])) for word, tags in by_word.items()}
    found: list[Tagged] = []
    for word in _WORD.finditer(text) if by_word else ():
        for written, tag in longest_first.get(word[0], ()):
            end = word.start() + len(written)
            if text.startswith(written, word.start()) and not _goes_on(text, end):
                if not found or found[-1].end <= word.start():
                    found.append(replace(tag, start=word.start(), end=end))
                break
    return found


def _goes_on(text: str, end: int) -> bool:
    return text[end : end + 1] == "-" or text[end : end + 1].isalnum()


def _together(found: Sequence[Tagged], again: Sequence[Tagged]) -> list[Tagged]:
    """Return both, left to right; what meets one of the first is not taken of the others."""
    ends = [tag.end for tag in found]
    more = [t for t in again if (at := bisect_right(ends, t.start)) == len(found) or t.end <= found[at].start]
    return sorted([*found, *more], key=lambda tag: tag.start)
