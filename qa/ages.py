"""Ages in a text, "my 5 year old", "aged eight", as the times of life that the graph knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {word: n for n, word in enumerate(_ONES.split(), 1)} | {word: 10 * n for n, word in enumerate(_TENS.split(), 2)}
_NUMBER = rf"(?P<number>\d{{1,3}}|{'|'.join(_WORDS)})"
_UNIT = r"(?P<unit>years?|yrs?|months?|weeks?|days?)"
_WHO = r"\b(he|she|i|son|daughter|child|kid|boy|girl|baby|grandson|granddaughter|mum|mom|dad|gran|grandma|grandad|mother|father)"
# "a 5 year old", "6 years of age"; "5 y.o."; "aged 8"; "he is 4 and ...".
_AGES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_NUMBER}[- ]?{_UNIT}[- ](old|of age)\b",
        rf"\b{_NUMBER} ?(?P<unit>y)[./ ]?o\b\.?",
        rf"\b(aged?|age of) {_NUMBER}\b( ?{_UNIT})?(?! ?(mg|g|ml|mcg))",
        rf"{_WHO}(['’]s| is| am|['’]m) (only |just |now )?{_NUMBER}( {_UNIT}( old)?)?(?= and\b| with\b|[,.;?!]|$)",
    )
)
# Without one of these a pattern matches nothing; looking for them first is much the faster.
_MARKS = (
    ("old", "of age"),
    ("yo", "y.o", "y/o", "y o"),
    ("aged ", "age "),
    ("is", "am", "'", "’"),
)
_LONGEST_QUESTION = 1_000
"""Characters of the longest text in which "he is 4 and" is looked for, which notes do not say and which takes long to look for."""

_SPACE = re.compile(r"\s")
_REACH = 40
"""Characters to either side of a mark that are read."""

_GIVEN_TO = re.compile(r"\bgiv(e|ing) (to )?(my |our )?(little )?(son|daughter|grandson|granddaughter|nephew|niece)\b", re.IGNORECASE)
_TIMES_OF_LIFE = ((1, "infancy"), (13, "childhood"), (18, "teenage years"), (65, None))


def times_of_life(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the half-open character range of each age in a text, and the name of that time of life; none for adults below 65.

    >>> list(times_of_life("my 5 year old")), list(times_of_life("a 30 year old"))
    ([(3, 13, 'childhood')], [])
    """
    lower = text.lower()
    for pattern, mark in zip(_AGES, _MARKS, strict=True):
        if not any(part in lower for part in mark) or (pattern is _AGES[-1] and len(text) > _LONGEST_QUESTION):
            continue
        for match in _matches(pattern, text, lower, mark):
            written = match["number"].casefold()
            number = int(written) if written.isdigit() else _WORDS[written]
            if (name := _time_of_life(number, (match["unit"] or "y").casefold())) is not None:
                yield match.start(), match.end(), name
    for match in _GIVEN_TO.finditer(text) if "giv" in lower else ():
        yield match.start(), match.end(), "childhood"


def _matches(pattern: re.Pattern[str], text: str, lower: str, marks: Sequence[str]) -> Iterator[re.Match[str]]:
    """Yield what a pattern matches, in the order of the text; in a long one only what stands near a mark is read."""
    if len(text) <= _LONGEST_QUESTION or len(lower) != len(text):  # a few large letters are two characters when small
        yield from pattern.finditer(text)
        return
    begin = end = 0
    for at in sorted(m.start() for m in re.finditer("|".join(map(re.escape, marks)), lower)):
        if at - _REACH > end:
            yield from pattern.finditer(text, begin, end)
            begin = _at_a_space(text, at - _REACH)
        end = max(end, _at_a_space(text, at + _REACH))
    yield from pattern.finditer(text, begin, end)


def _at_a_space(text: str, at: int) -> int:
    """Return the next white space from a character on, so that no word or number is cut; in a word without end, the character itself."""
    match = _SPACE.search(text, max(0, at), at + _REACH)
    return match.start() if match is not None else min(max(0, at), len(text))


def _time_of_life(number: int, unit: str) -> str | None:
    if unit[0] != "y":
        return "infancy" if number < {"d": 365, "w": 52, "m": 12}[unit[0]] else "childhood"
    return next((name for limit, name in _TIMES_OF_LIFE if number < limit), "older age")
