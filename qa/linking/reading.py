"""A text read as words, as names are compared, each with its characters in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.names import words
from qa.linking.spelling import Speller

_BEGINS = re.compile(r"[.?!:;\n\"(•*-]")
"""Between two words, this lets the second begin a sentence, a heading or an item."""

# Not after one or two letters: "St. John's wort", "E. coli infection".
_ENDS = re.compile(r"(?<=\w\w\w)[.?!]\s|\n\s*\n")
"""Between two words, this ends a sentence or a paragraph."""

_BLOCK = 20_000
"""Characters that are read at once at the least: memory does not grow with the text."""


@dataclass(slots=True)
class Reading:
    """Part of a text, read.

    Attributes:
        text: The whole text, as it is.
        seen: The whole text without what is not seen, of the same length.
        keys: The folded words, misspelt ones put right.
        starts: First character of each word, in the whole text.
        ends: One past its last character.
        bent: The misspelt words, by their number, with the other words that each may stand for, the nearest first.
        folded: The same words as they are written, folded.
    """

    text: str
    seen: str
    keys: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    bent: dict[int, tuple[str, ...]] = field(default_factory=dict)
    folded: dict[int, str] = field(default_factory=dict)

    def written(self, first: int, last: int) -> str:
        """Return the characters from one word up to another, as they are in the text."""
        return self.text[self.starts[first] : self.ends[last - 1]]

    def between(self, first: int, last: int) -> str:
        """Return the characters between a word's end and another's beginning."""
        return self.seen[self.ends[first] : self.starts[last]]

    def runs_on(self, first: int, last: int) -> bool:
        """Say whether neither a sentence nor a paragraph ends between these words: "I hurt my knee. Pain ..." names no knee pain."""
        return last - first == 1 or _ENDS.search(self.seen, self.ends[first], self.starts[last - 1]) is None

    def is_exact(self, first: int, last: int) -> bool:
        """Say whether none of these words is misspelt."""
        return not self.bent or self.bent.keys().isdisjoint(range(first, last))


def read(text: str, seen: str, begin: int, end: int, speller: Speller) -> Reading:
    """Read the characters from `begin` to `end`."""
    part = seen if begin == 0 and end == len(seen) else seen[begin:end]
    found = list(words(part))
    reading = Reading(text, seen, [key for key, _, _ in found], [begin + at for _, at, _ in found], [begin + at for _, _, at in found])
    keys, starts, ends, more, before, knows = reading.keys, reading.starts, reading.ends, 0, 0, speller.knows
    for number, (key, start, stop) in enumerate(found):
        if not knows(key):
            bent = speller.bend(key, part[start:stop], before == 0 or _BEGINS.search(part, before, start) is not None)
            if bent is not None:  # a word that was two, "jointpain", is two again, each with the characters of both
                at, count = number + more, len(bent.keys)
                keys[at : at + 1] = bent.keys
                starts[at : at + 1] = [begin + start] * count
                ends[at : at + 1] = [begin + stop] * count
                for place in range(at, at + count):
                    reading.bent[place], reading.folded[place] = bent.others, key
                more += count - 1
        before = stop
    return reading


def blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield half-open ranges that together are the text, cut at ends of lines, sentences or words.

    >>> list(blocks("a cough"))
    [(0, 7)]
    """
    begin = 0
    while begin < len(text):
        end = min(len(text), begin + _BLOCK)
        if end < len(text):
            cuts = (text.rfind(mark, begin + _BLOCK // 2, end) for mark in ("\n", ". ", " "))
            end = next((cut + 1 for cut in cuts if cut > 0), end)
        yield begin, end
        begin = end
