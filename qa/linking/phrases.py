"""The phrases of a question that may name something by its meaning, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from kg.graph import Graph
from kg.model import Curie
from kg.names import fold
from qa.lexicon import QUESTION_KEYS
from qa.linking.hits import Hit, Linked
from qa.linking.meaning import Embedder, MeaningIndex, Near
from qa.linking.reading import Reading
from qa.model import MISSPELT_SCORE, MOST_CANDIDATES, Candidate

_LONGEST = 7
"""Words of the longest phrase."""

_MOST = 96
"""Phrases of one text that are looked at; a longer text is read as a note, not as a question."""

LONGEST_QUESTION = 120
"""Words of the longest text in which phrases are looked for."""

_CURATED = 0.03
"""How much nearer a name is that was written for patients: they seldom mean the sign of a rare disease."""

_BORDER = re.compile(r"[.;:?!,()\n\"“”]")
# A phrase neither begins nor ends with these; "out", "off", "up" and "down" may end one.
_EDGES = frozenset(
    fold(w)
    for w in "a about after again all also always am an and any anyone anything are as at be because been before being both but "
    "by can could did "
    "do does doing even ever every feel feels felt for from get gets getting give given go going got had has have having he her here "
    "hers him his how i if im in into is it its ive just keep keeps know last like lot made make makes making many may maybe me might "
    "more most much must my need never new next no not now of often ok okay on once one only or other our please put quite really said "
    "same say says see she should since so some someone something sometimes still such take taken tell than thank thanks that the their "
    "them then there these they thing things think this those though time times to today told too tried try us very want was way we "
    "week weeks went were what when where which while who whole why will with without wondering would year years yesterday yet you your "
    "day days month months night recently suddenly today tomorrow morning bit little lots mum dad husband wife son daughter friend".split()
)


# These end a phrase and do not begin one: "gone off", "blown up".
_PARTICLES = frozenset("out over up off down away round around through".split())


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of a text, by their numbers, and what they say."""

    first: int
    last: int
    text: str


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How near a phrase must be to a name to mean it: cosines, chosen on phrases that are no test's.

    Attributes:
        phrase: For two words or more.
        over: Where a name that stands in the phrase, as it is, is given up for it: "pain" for "pain when I pee".
        tagged: For what is known to name an illness or a substance.
    """

    phrase: float = 0.88
    over: float = 0.88
    tagged: float = 0.88


def is_plain(word: str) -> bool:
    """Say whether a folded word is one that says nothing by itself, or one of which questions are made."""
    return word in _EDGES or word in QUESTION_KEYS


def phrases(reading: Reading, taken: Collection[int], telling: Callable[[str], bool]) -> Iterator[Phrase]:
    """Yield the phrases that may name something, those that begin first first, and of these the longest.

    Args:
        reading: The text.
        taken: Numbers of words that stand in a name already; a phrase has at least one that does not.
        telling: Says whether a folded word is one of which names are made.
    """
    keys = reading.keys
    plain = [is_plain(key) for key in keys]
    for first, last in _ranges(reading, plain):
        inside = [number for number in range(first, last) if not plain[number]]
        if all(number in taken for number in inside):
            continue
        if any(telling(keys[number]) for number in inside):
            yield Phrase(first, last, reading.seen[reading.starts[first] : reading.ends[last - 1]])


def _ranges(reading: Reading, plain: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield half-open ranges of words that begin and end where something may be named.

    Plain words and punctuation cut a text into runs of telling words. A phrase is one run or some with the plain words between them; of
    its first run it may leave out the first word, of its last one the last.
    """
    runs: list[tuple[int, int]] = []
    cuts: set[int] = set()
    for number, is_cut in enumerate(plain):
        if number and _BORDER.search(reading.between(number - 1, number)):
            cuts.add(len(runs))
            runs += [] if is_cut else [(number, number + 1)]
        elif not is_cut and runs and runs[-1][1] == number:
            runs[-1] = runs[-1][0], number + 1
        elif not is_cut:
            runs.append((number, number + 1))
    for begin, (first, _) in enumerate(runs):
        for end in range(begin, len(runs)):
            last = runs[end][1]
            if last - first > _LONGEST or (end > begin and end in cuts):
                break
            if reading.keys[first] not in _PARTICLES:
                yield first, last
            if runs[begin][1] - first > 1 and last - first > 2:
                yield first + 1, last
            if last - runs[end][0] > 1 and last - first > 2:
                yield first, last - 1


def _within(phrase: Phrase, taken: Mapping[int, Linked]) -> list[Linked]:
    """Return the names that stand in a phrase, wholly or in part."""
    found = {id(taken[number]): taken[number] for number in range(phrase.first, phrase.last) if number in taken}
    return list(found.values())


class Meaning:
    """Links phrases by what they mean.

    Args:
        index: Opens the names, when a phrase is first looked for: most questions name what they mean.
        embedder: Of the same weights as the vectors of the index.
        graph: Whose entities they are.
        thresholds: How near is near enough.
    """

    def __init__(self, index: Callable[[], MeaningIndex], embedder: Embedder, graph: Graph, thresholds: Thresholds | None = None) -> None:
        self._open, self._embedder, self._graph = index, embedder, graph
        self._thresholds = thresholds or Thresholds()
        self._index: MeaningIndex | None = None
        self._lock = Lock()

    def link(self, reading: Reading, linked: Sequence[Linked], telling: Callable[[str], bool]) -> list[Linked]:
        """Return the phrases of a question that mean what a name does; what overlaps is for the caller to choose from.

        A text of more than `LONGEST_QUESTION` words is a note, and has none.
        """
        if len(reading.keys) > LONGEST_QUESTION:
            return []
        taken = {number: entry for entry in linked for number in range(entry.hit.first, entry.hit.last)}
        looked_at = [p for p in phrases(reading, taken, telling) if len(_within(p, taken)) < 2 and not self._is_name(p, reading)][:_MOST]
        if not looked_at:
            return []
        found = []
        for phrase, near in zip(looked_at, self._nearest([phrase.text for phrase in looked_at]), strict=True):
            if near and self._is_meant(phrase, near[0], _within(phrase, taken)):
                found.append(Linked(Hit(phrase.first, phrase.last, phrase.text), tuple(near), False))
        return found

    def rank(self, phrase: str) -> list[Candidate]:
        """Return what a phrase may mean, nearest first, however far."""
        return self._nearest([phrase])[0]

    def of_kind(self, phrase: str, categories: Collection[Curie]) -> list[Candidate]:
        """Return what a phrase that is known to name something of these categories means, nearest first.

        What is not near enough to be meant has a score of 0, and is kept as a near miss.
        """
        near = [c for c in self.rank(phrase) if c.entity.category in categories]
        return [c if c.score >= MISSPELT_SCORE * self._thresholds.tagged else replace(c, score=0.0) for c in near]

    def _is_name(self, phrase: Phrase, reading: Reading) -> bool:
        """Say whether a phrase is a name, of which it was judged already what it means here, or a single word, which means too much."""
        return phrase.last - phrase.first == 1 or " ".join(reading.keys[phrase.first : phrase.last]) in self._graph.surface

    def _is_meant(self, phrase: Phrase, best: Candidate, over: Sequence[Linked]) -> bool:
        """Say whether a phrase means what it is nearest to; a name that stands in it is given up only for another that says more."""
        if not over:
            return best.score >= MISSPELT_SCORE * self._thresholds.phrase
        told = self._graph.curated_degree(best.entity.curie) > 0 and best.entity != over[0].candidates[0].entity
        return told and best.score >= MISSPELT_SCORE * self._thresholds.over

    def _nearest(self, texts: Sequence[str]) -> list[list[Candidate]]:
        with self._lock:
            if self._index is None:
                self._index = self._open()
        found = self._index.nearest(self._embedder.embed(texts), 2 * MOST_CANDIDATES)
        ranked = ([c for near in row if (c := self._candidate(near)) is not None] for row in found)
        return [sorted(row, key=lambda candidate: -candidate.score)[:MOST_CANDIDATES] for row in ranked]

    def _candidate(self, near: Near) -> Candidate | None:
        entity = self._graph.entity(near.curie)
        if entity is None:
            return None
        is_curated = any(naming.curated and naming.entity.curie == near.curie for naming in self._graph.named(near.name))
        likely = near.cosine + (_CURATED if is_curated else 0.0)
        score = MISSPELT_SCORE * max(0.0, min(1.0, likely))
        return Candidate(entity, score, f"means nearly {near.name!r} (cosine {near.cosine:.2f})")
