"""Finds the nodes that a source means: by its identifiers, by a name, or in running text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from kg.model import Curie, Entity
from kg.names import key, words

Word = tuple[str, int, int]

# Left out of names and texts alike, so that "pain in your joints" names "pain in the joints".
_DETERMINERS = frozenset({"the", "a", "an", "your", "their", "his", "her", "its"})
_NEGATIONS = frozenset(
    {"no", "not", "never", "without", "nor", "neither", "cannot", "don't", "doesn't", "isn't", "aren't", "shouldn't", "avoid", "unlike"}
)
_NEGATION_REACH = 3  # words before the finding, within its sentence
_DOUBT_REACH = 120  # characters before the finding
_BREAK = re.compile(r"[.;:!?]|\s-\s|\n\s*\n")  # a list has a dash before each item
_COMPOUND = re.compile(r"-[^\W\d_]")  # "iron-rich" does not name iron
_DOUBT = re.compile(
    r"not (?:been )?(?:known|clear|proven|shown)|unknown|ruled? out|mistaken for|confused with|no (?:evidence|proof)|can(?: ?not|['’]t) be"
    r"|(?:do|does|did|can|will|is|are)(?: not|n['’]t) (?:cause|help|prevent|increase|affect|contain|treat|work)",
    re.IGNORECASE,
)


def _keys(*names: str) -> frozenset[str]:
    return frozenset(key(name) for name in names)


# "joint pain" is also written "pain in the joints", "loss of appetite" also "appetite loss".
_NOUNS = _keys(
    "pain", "swelling", "stiffness", "weakness", "itching", "numbness", "redness", "tenderness", "loss", "bleeding", "failure", "infection",
    "cancer", "damage", "spasm", "cramp", "inflammation", "enlargement", "narrowing", "scarring", "tumour", "rupture", "discomfort",
    "irritation", "dryness", "fracture", "tingling", "biopsy", "ultrasound", "transplant",
)  # fmt: skip
# "swollen glands" is also written "swelling of the glands".
_ADJECTIVES = {
    key(adjective): key(noun)
    for adjective, noun in (
        ("swollen", "swelling"), ("enlarged", "enlargement"), ("dry", "dryness"), ("red", "redness"), ("stiff", "stiffness"),
        ("itchy", "itching"), ("painful", "pain"), ("tender", "tenderness"), ("narrowed", "narrowing"), ("inflamed", "inflammation"),
    )
}  # fmt: skip


class Mention(NamedTuple):
    """A node that a text names.

    Attributes:
        curie: The node.
        start: Where the name begins in the text.
        end: Where it ends.
        denied: True where a negation stands right before it, or a doubt shortly before it.
    """

    curie: Curie
    start: int
    end: int
    denied: bool


class Names:
    """Finds nodes by a cross-reference, by a name, or in running text."""

    def __init__(self, nodes: Iterable[Entity]) -> None:
        self.entities = {node.curie: node for node in nodes}
        self._by_xref: dict[str, set[Curie]] = defaultdict(set)
        self._by_name: dict[str, set[Curie]] = defaultdict(set)
        self._spelling: dict[str, str] = {}
        for node in self.entities.values():
            for xref in (node.curie, *node.xrefs):
                self._by_xref[xref].add(node.curie)
            for name in (node.name, *node.synonyms):
                self._by_name[_spoken(name)].add(node.curie)
                # "AIDS" is no "aids": an abbreviation counts only as it is written.
                if name.isupper() and len(name) <= 5 and name.isalnum():
                    self._spelling[key(name)] = name
        for name, meant in list(self._by_name.items()):
            for other in _turned(name):
                if other not in self._by_name:
                    self._by_name[other] = meant
        self._longest = max((name.count(" ") + 1 for name in self._by_name), default=0)

    def of(self, xref: str, name: str = "") -> frozenset[Curie]:
        """Return the nodes with this cross-reference or, where there is none, this name."""
        return frozenset(self._by_xref.get(xref, ()) or self._by_name.get(_spoken(name), ()))

    def in_text(self, text: str) -> Iterator[Mention]:
        """Yield each node that a text names, the longest name at each place, in the order of the text.

        No name runs across the end of a sentence or a colon. "Muscle and joint pain" names both.
        """
        found = [word for word in words(text) if word[0] not in _DETERMINERS]
        at = 0
        while at < len(found):
            length, name = self._name_at(text, found, at)
            if name:
                denied = _denied(text, found, at)
                for curie in sorted(self._by_name[name]):
                    yield Mention(curie, found[at][1], found[at + length - 1][2], denied)
            at += length or 1

    def _name_at(self, text: str, found: Sequence[Word], at: int) -> tuple[int, str]:
        length = self._longest_name(text, found, at)
        if length:
            return length, _joined(found, at, length)
        if at + 3 < len(found) and found[at + 1][0] in ("and", "or"):
            other = self._longest_name(text, found, at + 2)
            shared = f"{found[at][0]} {found[at + 1 + other][0]}"
            if other == 2 and shared in self._by_name:
                return 1, shared
        return 0, ""

    def _longest_name(self, text: str, found: Sequence[Word], at: int) -> int:
        for length in range(min(self._longest, len(found) - at), 0, -1):
            name = _joined(found, at, length)
            if name in self._by_name:
                start, end = found[at][1], found[at + length - 1][2]
                written = self._spelling.get(name)
                if not _BREAK.search(text, start, end) and not _COMPOUND.match(text, end) and written in (None, text[start:end]):
                    return length
        return 0


def _spoken(name: str) -> str:
    folded = key(name)
    return " ".join(word for word in folded.split() if word not in _DETERMINERS) or folded


def _turned(name: str) -> Iterator[str]:
    """Yield what a folded name is called when its words are turned round."""
    first, *rest = name.split()
    if rest and rest[-1] in _NOUNS:
        before = " ".join((first, *rest[:-1]))
        yield from (f"{rest[-1]} {joint} {before}" for joint in ("in", "of"))
    if len(rest) > 1 and first in _NOUNS and rest[0] in ("in", "of"):
        yield f"{' '.join(rest[1:])} {first}"
        yield f"{first} {'of' if rest[0] == 'in' else 'in'} {' '.join(rest[1:])}"
    if rest and first in _ADJECTIVES:
        yield from (f"{_ADJECTIVES[first]} {joint} {' '.join(rest)}" for joint in ("in", "of"))


def _joined(found: Sequence[Word], at: int, length: int) -> str:
    return " ".join(word for word, _, _ in found[at : at + length])


def _denied(text: str, found: Sequence[Word], at: int) -> bool:
    """Tell whether a negation stands right before a word, in its sentence, or a doubt shortly before it."""
    if _DOUBT.search(text, max(0, found[at][1] - _DOUBT_REACH), found[at][1]):
        return True
    before = found[max(0, at - _NEGATION_REACH) : at]
    return any(word.replace("’", "'") in _NEGATIONS and not _BREAK.search(text, end, found[at][1]) for word, _, end in before)
