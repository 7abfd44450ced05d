"""Finds the diseases, drugs and symptoms that a text names, misspelt or not, and says which entities they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from kg.graph import Graph
from kg.names import fold, key
from qa.ages import times_of_life
from qa.assertion import assertions
from qa.lexicon import question_word
from qa.linking.abbreviations import definitions
from qa.linking.hits import FILLERS, Hit, Linked, without_overlap
from qa.linking.markup import visible
from qa.linking.reading import Reading, blocks, read
from qa.linking.senses import SHORTEST_IMPORTED, SYNONYM_SCORE, Senses
from qa.linking.spelling import Speller
from qa.linking.variants import variants
from qa.model import Candidate, Mention

_EPONYMOUS = tuple(key(rest) for rest in ("disease", "syndrome", "muscular dystrophy"))
_DRINK = re.compile("drink", re.IGNORECASE)
# "Can I drink on antibiotics?" names no drink and means one.
_DRINKING = re.compile(
    r"((?<=\bi )|(?<=\bwe )|(?<=\bhe )|(?<=\bshe )|(?<=\byou )|(?<=\bpeople )|(?<=\bto )|(?<=\bnot )|(?<=\bstill ))drink\b"
    r"(?= (on|with|while|when|if|during|and|after)\b)|\bdrinking\b(?= (on|with|while|when|if|during|after)\b)|\bhave a drink\b",
    re.IGNORECASE,
)


class Linker(Protocol):
    """Finds entities in a text."""

    def link(self, text: str) -> list[Mention]:
        """Return the mentions in the order of the text; they do not overlap."""
        ...

    def knows(self, word: str) -> bool:
        """Say whether a folded word is ordinary English or part of a name, and so no misspelling."""
        ...


class NameLinker:
    """Links by the graph's names.

    One pass over the text finds every name as it is written, whatever its case, number, accents and spelling. To these come names in
    other words (`qa.linking.variants`), misspelt ones (`qa.linking.spelling`) and abbreviations that the text defines itself
    (`qa.linking.abbreviations`). The context decides what an ambiguous name means (`qa.linking.senses`); of names that overlap
    the longest is taken (`qa.linking.hits`).

    Args:
        graph: Where the names come from.
        common: Folded words of ordinary English, never taken for misspellings.
    """

    def __init__(self, graph: Graph, common: frozenset[str]) -> None:
        self._graph, self._surface = graph, graph.surface
        self._speller = Speller(graph.surface, common)
        self._senses = Senses(graph, self._speller)
        self._is_plain = lru_cache(maxsize=65_536)(self._may_say_nothing)

    def link(self, text: str) -> list[Mention]:
        """Return the mentions in the order of the text; they do not overlap.

        A word that looks medical and is not known comes back with `entity` None. Offsets are half-open, in characters of the text
        as it is given, markup and unseen characters counted. Memory is that of the text and its mentions.
        """
        seen = visible(text)
        defined = self._defined(seen)
        mentions: list[Mention] = []
        for begin, end in blocks(seen):
            mentions += self._block(read(text, seen, begin, end, self._speller), defined)
        mentions = self._with_unnamed(text, mentions)
        return [replace(m, assertion=a) for m, a in zip(mentions, assertions(text, mentions), strict=True)]

    def knows(self, word: str) -> bool:
        """Say whether a folded word is ordinary English or part of a name, and so no misspelling."""
        return self._speller.knows(word)

    def _block(self, reading: Reading, defined: dict[str, Candidate | None]) -> list[Mention]:
        hits = [Hit(first, last, name) for first, last, name in self._surface.within(reading.keys)]
        hits += variants(reading, self._surface)
        linked = [judged for hit in hits if (judged := self._senses.judge(hit, reading)) is not None]
        if defined:
            linked = _by_definition(linked, reading, defined)
        chosen = [entry for entry in without_overlap(linked, reading.keys) if not _says_nothing(entry, reading)]
        mentions = {entry.hit.first: _mention(entry, reading) for entry in chosen}
        covered = {number for entry in chosen for number in range(entry.hit.first, entry.hit.last)}
        for number, word in enumerate(reading.keys):
            if number in covered or (number not in reading.bent and self._is_plain(word)):
                continue
            if found := self._eponym(reading, number) or self._unknown(reading, number):
                mentions[number] = found
        return [mentions[number] for number in sorted(mentions)]

    def _may_say_nothing(self, word: str) -> bool:
        """Say whether a folded word that stands in no name of the text is ordinary English, and nothing is called after its like."""
        return self._speller.is_english(word) and not any(f"{word} {rest}" in self._surface for rest in _EPONYMOUS)

    def _defined(self, seen: str) -> dict[str, Candidate | None]:
        """Return what the text's own abbreviations stand for, None where that is nothing that the graph knows."""
        found: dict[str, Candidate | None] = {}
        for definition in definitions(seen):
            long = seen[definition.start : definition.end]
            naming = self._senses.named(long)
            reason = f"abbreviates {long!r} in this text"
            found.setdefault(definition.short, None if naming is None else Candidate(naming.entity, SYNONYM_SCORE, reason))
        return found

    def _eponym(self, reading: Reading, number: int) -> Mention | None:
        """Return what is called after somebody, where the rest of its name is left out: "Huntington's", "Duchenne"."""
        word, written = reading.keys[number], reading.written(number, number + 1)
        is_possessive = len(written) > SHORTEST_IMPORTED and written.endswith("s") and written.casefold() != word
        if number in reading.bent or len(word) < SHORTEST_IMPORTED or not (is_possessive or written[0].isupper()):
            return None
        # Without its ending, a name is too often that of something else: primrose, turner.
        rests = _EPONYMOUS if is_possessive else _EPONYMOUS[-1:]
        found = [bearers for rest in rests if f"{word} {rest}" in self._surface and (bearers := self._senses.bearers(f"{word} {rest}"))]
        named = {n.entity.curie: n.entity for bearers in found for n in bearers.namings}
        after = [e for e in named.values() if any(fold(part) == word and part[:1].isupper() for part in e.name.split())]
        if len(after) != 1:
            return None
        candidate = Candidate(after[0], SYNONYM_SCORE, "called after somebody, the rest of the name left out")
        return _made(reading, number, number + 1, (candidate,))

    def _unknown(self, reading: Reading, number: int) -> Mention | None:
        """Report a word that is in no name and in no English vocabulary, so that nobody thinks it was understood."""
        written = reading.written(number, number + 1)
        word = fold(written)
        if len(word) < SHORTEST_IMPORTED or not word.isalpha() or self._speller.is_english(word) or question_word(word):
            return None
        return Mention(reading.starts[number], reading.ends[number], written, None, 0.0)

    def _with_unnamed(self, text: str, mentions: Sequence[Mention]) -> list[Mention]:
        """Add what is meant and not named: ages in numbers, "my 5 year old", as the time of life that they are, and alcohol."""
        found = list(mentions)
        for match in _DRINKING.finditer(text) if _DRINK.search(text) else ():
            at = [m for m in found if m.start < match.end() and match.start() < m.end]
            if all(m.entity is None for m in at) and (alcohol := self._meant(text, *match.span(), "alcohol")):
                found = [m for m in found if m not in at] + [alcohol]
        for start, end, time_of_life in times_of_life(text):
            free = all(m.end <= start or m.start >= end for m in found)
            # "A 6 week old fracture" is nobody's age.
            of_a_thing = any(m.start - end in (1, 2) for m in mentions)
            if free and not of_a_thing and (age := self._meant(text, start, end, time_of_life)):
                found.append(age)
        return sorted(found, key=lambda mention: mention.start)

    def _meant(self, text: str, start: int, end: int, name: str) -> Mention | None:
        naming = next(iter(self._graph.named(name)), None)
        if naming is None:
            return None
        candidate = Candidate(naming.entity, SYNONYM_SCORE, f"means {name}")
        return Mention(start, end, text[start:end], naming.entity, SYNONYM_SCORE, candidates=(candidate,))


def _by_definition(linked: Sequence[Linked], reading: Reading, defined: dict[str, Candidate | None]) -> list[Linked]:
    """Let the abbreviations that the text defines mean what it says, and nothing where that is nothing that the graph knows."""
    kept = [entry for entry in linked if reading.written(entry.hit.first, entry.hit.last) not in defined]
    for number, key_ in enumerate(reading.keys):
        written = reading.written(number, number + 1)
        candidate = defined.get(written) or defined.get(written.removesuffix("s"))
        if candidate is not None:
            kept.append(Linked(Hit(number, number + 1, key_), (candidate,), True))
    return kept


def _says_nothing(entry: Linked, reading: Reading) -> bool:
    return all(key_ in FILLERS for key_ in reading.keys[entry.hit.first : entry.hit.last])


def _mention(entry: Linked, reading: Reading) -> Mention:
    return _made(reading, entry.hit.first, entry.hit.last, entry.candidates)


def _made(reading: Reading, first: int, last: int, candidates: tuple[Candidate, ...]) -> Mention:
    best = candidates[0]
    return Mention(
        reading.starts[first], reading.ends[last - 1], reading.written(first, last), best.entity, best.score, candidates=candidates
    )
