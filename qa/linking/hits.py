"""Names that stand in a text, and which of those that overlap is taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa.model import Candidate

# Words that a name may begin or end with and that say nothing by themselves.
FILLERS = frozenset("my the your his her our their a an in of".split())
SPLIT = "one word written as two"
"""How a name is written of which a word is split: "heart burn"."""

MISSPELT = "misspelt"
"""How a name is written of which a word is misspelt."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A name in a text.

    Attributes:
        first: Number of its first word.
        last: One past the number of its last word.
        name: The folded name.
        penalty: What its wording takes from its score, 0 for a name as it is written.
        how: How it is written where that is not as the name is, for the reason of its score.
    """

    first: int
    last: int
    name: str
    penalty: float = 0.0
    how: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """A hit and what it means.

    Attributes:
        hit: The hit.
        candidates: What it may mean, best first; empty where it is the name of nothing here.
        trusted: Whether a curated source gives the name.
        told: Whether the graph tells anything of what it may mean.
        silent: Whether it is not to be reported: it keeps other names from being found in it.
    """

    hit: Hit
    candidates: tuple[Candidate, ...]
    trusted: bool
    told: bool = True
    silent: bool = False

    def weight(self, keys: Sequence[str]) -> tuple[bool, int, bool, bool, float, int]:
        """Return what decides between names that overlap.

        One of which anything is told, then more words, then the spelling, then trust, the score, and the earlier one.
        """
        said = sum(1 for key in keys[self.hit.first : self.hit.last] if key not in FILLERS)
        score = self.candidates[0].score if self.candidates else 0.0
        return self.told, said, self.hit.how != MISSPELT, self.trusted, score, -self.hit.first


def without_overlap(linked: Iterable[Linked], keys: Sequence[str], starts: Sequence[int]) -> list[Linked]:
    """Return those that are taken, in the order of the text.

    Of names that overlap the one of the most words is taken, words such as "the" not counted, of those of which the graph tells
    anything; "job stress", of which it tells nothing, gives way to "stress". Of equally long ones one is taken that is
    not misspelt, then that which a curated source gives, then the one of the higher score, then the earlier one. So what is
    nested in a longer name is not taken by itself, and a long name that only an imported source gives loses to no shorter one.

    Args:
        linked: The names.
        keys: The folded words of the text.
        starts: First character of each word; words that are written as one share it, and are of one name.
    """
    taken: set[int] = set()
    chosen: list[Linked] = []
    for entry in sorted(linked, key=lambda entry: entry.weight(keys), reverse=True):
        span = starts[entry.hit.first : entry.hit.last]
        if taken.isdisjoint(span):
            taken.update(span)
            chosen.append(entry)
    return sorted(chosen, key=lambda entry: entry.hit.first)
