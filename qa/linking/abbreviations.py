"""Abbreviations that a text defines itself, "chronic obstructive pulmonary disease (COPD)", by the rules of Schwartz and Hearst.

Schwartz, Hearst, 2003, "A simple algorithm for identifying abbreviation definitions in biomedical text". Besides, initials in another
order, which English has from Latin and French: "myotonic dystrophy (DM)".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_BRACKETS = re.compile(r"\(([^()\n]{2,80})\)")
_SHORT = re.compile(r"[^\W_][\w./+-]{1,9}")
_WORD = re.compile(r"\S+")
_TOKEN = re.compile(r"[^\W_][\w./+-]*")
_PART = re.compile(r"\w+")
_SHORTEST, _LONGEST = 2, 10
_BEFORE = 160
"""Characters before a bracket in which the long form begins."""


@dataclass(frozen=True, slots=True)
class Definition:
    """An abbreviation and what a text says it stands for.

    Attributes:
        short: The abbreviation as written.
        start: First character of the long form.
        end: One past its last character.
    """

    short: str
    start: int
    end: int


def definitions(text: str) -> Iterator[Definition]:
    """Yield what a text abbreviates, in its order: "long form (SHORT)" and "SHORT (long form)".

    >>> text = "restless legs syndrome (RLS)"
    >>> [(d.short, text[d.start : d.end]) for d in definitions(text)]
    [('RLS', 'restless legs syndrome')]
    >>> [(d.short, d.start) for d in definitions("myotonic dystrophy (DM)")]
    [('DM', 0)]
    """
    for bracket in _BRACKETS.finditer(text):
        inside = re.split(r"[;,]", bracket[1], maxsplit=1)[0].strip()
        if _is_short(inside):
            begin = max(0, bracket.start() - _BEFORE)
            before = text[begin : bracket.start()].rstrip()
            words = min(len(inside) + 5, 2 * len(inside))
            starts = [word.start() for word in _WORD.finditer(before)][-words:]
            at = None
            if starts and (at := _begin(inside, before[starts[0] :])) is None and (own := _initials_begin(inside, before)) is not None:
                at = own - starts[0]
            if at is not None:
                yield Definition(inside, begin + starts[0] + at, begin + len(before))
            continue
        short = re.search(r"(\S+)\s*$", text[max(0, bracket.start() - 20) : bracket.start()])
        if short is not None and _is_short(short[1]) and " " in bracket[1] and _begin(short[1], bracket[1]) == 0:
            yield Definition(short[1], bracket.start(1), bracket.end(1))


def longs_of(text: str) -> dict[str, str]:
    """Return what each abbreviation of a text stands for, by its first definition."""
    found: dict[str, str] = {}
    for definition in definitions(text):
        found.setdefault(definition.short, text[definition.start : definition.end])
    return found


def spelt_out(phrase: str, longs: Mapping[str, str]) -> str:
    """Return a phrase with its abbreviations spelt out.

    >>> spelt_out("childhood ALD", {"ALD": "adrenoleukodystrophy"})
    'childhood adrenoleukodystrophy'
    """

    def long(match: re.Match[str]) -> str:
        return longs.get(match[0]) or longs.get(match[0].removesuffix("s")) or match[0]

    def whole(match: re.Match[str]) -> str:  # else part by part: "ALD-related"
        return said if (said := long(match)) != match[0] else _PART.sub(long, match[0])

    return _TOKEN.sub(whole, phrase) if longs else phrase


def _is_short(text: str) -> bool:
    return _SHORTEST <= len(text) <= _LONGEST and _SHORT.fullmatch(text) is not None and any(c.isupper() for c in text)


def _begin(short: str, before: str) -> int | None:
    """Return where in `before` the long form of an abbreviation begins that ends with it, or None where it holds none."""
    at = len(before) - 1
    for number in range(len(short) - 1, -1, -1):
        letter = short[number].casefold()
        if not letter.isalnum():
            continue
        while at >= 0 and (before[at].casefold() != letter or (number == 0 and at > 0 and before[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return None
        at -= 1
    begin = at + 1
    long = before[begin:]
    # The long form is longer, is not the abbreviation itself, and is more than one word, or one much longer than its abbreviation.
    if len(long) <= len(short) + 1 or short.casefold() in long.casefold().split():
        return None
    return begin


def _initials_begin(short: str, before: str) -> int | None:
    """Return where the words begin, at the end of `before`, of which an abbreviation has all the initials, whatever their order."""
    words = list(_WORD.finditer(before))[-len(short) :]
    if len(words) != len(short) or not short.isalpha() or not short.isupper():
        return None
    if sorted(word.group()[0].casefold() for word in words) != sorted(short.casefold()):
        return None
    return words[0].start()
