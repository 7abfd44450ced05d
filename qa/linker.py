"""Finds the diseases, drugs and symptoms that a text names, misspelt or not, and says which entities they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from kg.graph import Graph
from kg.model import Entity
from kg.names import fold, key
from qa.ages import times_of_life
from qa.assertion import assertions
from qa.linking.abbreviations import longs_of, spelt_out
from qa.linking.anchors import MEDICAL, SHORT_TEXT, anchored
from qa.linking.hits import FILLERS, Hit, Linked, without_overlap
from qa.linking.markup import visible
from qa.linking.phrases import Meaning, is_plain
from qa.linking.reading import Reading, blocks, read
from qa.linking.senses import SHORTEST_IMPORTED, Senses
from qa.linking.spans import Spans, first_of_each
from qa.linking.spelling import Speller
from qa.linking.tags import CATEGORIES, Tagger, meeting, with_tags
from qa.linking.variants import variants
from qa.model import MOST_CANDIDATES, SYNONYM_SCORE, Candidate, Kind, Mention

_EPONYMOUS = tuple(key(rest) for rest in ("disease", "syndrome", "muscular dystrophy"))
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
        meaning: Links phrases of questions by what they mean; None, by names alone.
        tagger: Finds what notes speak of beside the names; None, by names alone.
    """

    def __init__(self, graph: Graph, common: frozenset[str], meaning: Meaning | None = None, tagger: Tagger | None = None) -> None:
        self._graph, self._surface, self._meaning, self._tagger = graph, graph.surface, meaning, tagger
        self._speller = Speller(graph.surface, common)
        self._senses = Senses(graph, self._speller)
        self._spans = Spans(self._senses, graph.surface, meaning)
        self._is_plain = lru_cache(maxsize=65_536)(self._may_say_nothing)
        self._called_after = lru_cache(maxsize=65_536)(self._eponymous)

    def link(self, text: str) -> list[Mention]:
        """Return the mentions in the order of the text; they do not overlap.

        A word that looks medical and is not known comes back with `entity` None. Offsets are half-open, in characters of the text
        as it is given, markup and unseen characters counted. Memory is that of the text and its mentions.
        """
        seen = visible(text)
        defined = self._defined(seen)
        mentions: list[Mention] = []
        words = 0
        for begin, end in blocks(seen):
            reading = read(text, seen, begin, end, self._speller)
            mentions += self._block(reading, defined)
            words += len(reading.keys)
        if self._tagger is not None and words > SHORT_TEXT:  # a short text is read as a question
            mentions = with_tags(text, mentions, self._tagger.tag(seen), self._resolve, self._is_told_of)
        if words <= SHORT_TEXT or any(m.entity is not None and m.entity.category in MEDICAL for m in mentions):
            mentions = self._with_unnamed(text, mentions)
        said = zip(mentions, assertions(text, mentions), strict=True)
        return [m if a is m.assertion else replace(m, assertion=a) for m, a in said]

    def _resolve(self, phrase: str, kind: Kind) -> list[Candidate]:
        """Return what a tagged mention means by its words alone: a bearer of the name of its kind, then what it nearly means."""
        bearers = self._senses.bearers(key(phrase))
        # A few letters that no hand-written source gives are an abbreviation of many things.
        if bearers is not None and not bearers.curated and max(map(len, key(phrase).split())) < SHORTEST_IMPORTED:
            return []
        return self._spans.meant(phrase, CATEGORIES[kind])

    def _is_told_of(self, entity: Entity) -> bool:
        return self._graph.degree(entity.curie) > 0

    def link_span(self, text: str, start: int, end: int) -> Mention | None:
        """Return what the characters of a text from `start` to `end` mean, which are known to name something medical.

        Unlike `link`, this ranks whatever there is, however far; None where nothing is.
        """
        written = text[start:end]
        seen = visible(text)
        defined, longs = self._defined(seen), longs_of(seen)
        candidates = [found for short in (written, written.removesuffix("s")) if (found := defined.get(short)) is not None][:1]
        if not candidates and (said := spelt_out(written, longs)) != written:
            candidates += self._spans.meant(said, MEDICAL, however_far=True)
        whole = [m for m in self.link(written) if m.entity is not None and m.text == written.strip()]
        candidates += [c for m in whole for c in m.candidates if c.entity.category in MEDICAL]
        candidates += self._spans.meant(written, MEDICAL, however_far=True)
        ranked = tuple(first_of_each(candidates))
        return Mention(start, end, written, ranked[0].entity, ranked[0].score, candidates=ranked) if ranked else None

    def rank(self, phrase: str) -> tuple[Candidate, ...]:
        """Return what a phrase may mean, best first, at most five: what its words are a name of, then what they nearly mean.

        Unlike `link`, which leaves unlinked what is not near enough, this ranks whatever there is.
        """
        whole = [m for m in self.link(phrase) if m.entity is not None and len(m.text) > len(phrase.strip()) * 0.8]
        found = list(whole[0].candidates) if whole else []
        for candidate in self._meaning.rank(phrase) if self._meaning is not None else ():
            if all(candidate.entity != known.entity for known in found):
                found.append(candidate)
        return tuple(found[:MOST_CANDIDATES])

    def knows(self, word: str) -> bool:
        """Say whether a folded word is ordinary English or part of a name, and so no misspelling."""
        return self._speller.knows(word)

    def _block(self, reading: Reading, defined: dict[str, Candidate | None]) -> list[Mention]:
        hits = [Hit(first, last, name) for first, last, name in self._surface.within(reading.keys)]
        hits += variants(reading, self._surface, self._speller)
        hits = [hit for hit in hits if reading.runs_on(hit.first, hit.last)]
        linked = [judged for hit in hits if (judged := self._senses.judge(hit, reading)) is not None]
        if defined:
            linked = _by_definition(linked, reading, defined)
        if self._meaning is not None:
            linked += self._meaning.link(reading, without_overlap(linked, reading.keys, reading.starts), self._surface.has_curated_word)
        chosen = [entry for entry in without_overlap(linked, reading.keys, reading.starts) if not _says_nothing(entry, reading)]
        chosen = anchored(chosen, len(reading.keys), self._speller.is_everyday)
        mentions = {entry.hit.first: _mention(entry, reading) for entry in chosen if not entry.silent}
        covered = {start for entry in chosen for start in reading.starts[entry.hit.first : entry.hit.last]}
        for number, word in enumerate(reading.keys):
            if reading.starts[number] in covered or (number not in reading.bent and self._is_plain(word)):
                continue
            if found := self._eponym(reading, number) or self._unknown(reading, number):
                mentions[number] = found
                covered.add(reading.starts[number])  # "pepticulcer" is two words here, and one mention
        return [mentions[number] for number in sorted(mentions)]

    def _may_say_nothing(self, word: str) -> bool:
        """Say whether a folded word that stands in no name of the text is ordinary English, and nothing is called after its like."""
        return self._speller.is_english(word) and not self._called_after(word)

    def _eponymous(self, word: str) -> tuple[str, ...]:
        """Return the names that are a folded word and what is left out of one that is called after somebody."""
        return tuple(name for rest in _EPONYMOUS if (name := f"{word} {rest}") in self._surface)

    def _defined(self, seen: str) -> dict[str, Candidate | None]:
        """Return what the text's own abbreviations stand for, None where that is nothing that the graph knows."""
        found: dict[str, Candidate | None] = {}
        for short, long in longs_of(seen).items():
            naming = self._senses.named(long)
            entity = naming.entity if naming is not None else next((c.entity for c in self._spans.named(long, MEDICAL)), None)
            reason = f"abbreviates {long!r} in this text"
            found[short] = None if entity is None else Candidate(entity, SYNONYM_SCORE, reason)
        return found

    def _eponym(self, reading: Reading, number: int) -> Mention | None:
        """Return what is called after somebody, where the rest of its name is left out: "Huntington's", "Duchenne"."""
        word = reading.keys[number]
        named = self._called_after(word)
        if not named or number in reading.bent or len(word) < SHORTEST_IMPORTED:
            return None
        written = reading.written(number, number + 1)
        possessive = written.endswith(("'", "’", "'s", "’s"))
        if possessive and self._owns(reading, number):
            return None
        # Without its ending, a name is too often that of something else: primrose, turner.
        belongs = possessive or (written.endswith("s") and not self._speller.is_frequent(written))
        if not belongs and not written[0].isupper():
            return None
        names = named if belongs else tuple(name for name in named if name.endswith(_EPONYMOUS[-1]))
        found = [bearers for name in names if (bearers := self._senses.bearers(name)) is not None]
        called = {n.entity.curie: n.entity for bearers in found for n in bearers.namings}
        after = [e for e in called.values() if _is_called_after(e, word, written, possessive or not belongs)]
        if len(after) != 1:
            return None
        candidate = Candidate(after[0], SYNONYM_SCORE, "called after somebody, the rest of the name left out")
        return _made(reading, number, number + 1, (candidate,))

    def _owns(self, reading: Reading, number: int) -> bool:
        """Say whether something belongs to whoever is named, "Alexander's death", rather than is called after somebody."""
        behind = number + 1
        return behind < len(reading.keys) and reading.between(number, behind).isspace() and not is_plain(reading.keys[behind])

    def _unknown(self, reading: Reading, number: int) -> Mention | None:
        """Report a word that is in no name and in no English vocabulary, so that nobody thinks it was understood."""
        written = reading.written(number, number + 1)
        if not self._speller.is_odd(written):
            return None
        return Mention(reading.starts[number], reading.ends[number], written, None, 0.0)

    def _with_unnamed(self, text: str, mentions: Sequence[Mention]) -> list[Mention]:
        """Add what is meant and not named: ages in numbers, "my 5 year old", as the time of life that they are, and alcohol."""
        found = list(mentions)
        for match in _DRINKING.finditer(text) if "drink" in text.lower() else ():
            at = meeting(found, *match.span())
            if all(m.entity is None for m in found[at]) and (alcohol := self._meant(text, *match.span(), "alcohol")):
                found[at] = [alcohol]
        for start, end, time_of_life in times_of_life(text):
            at = meeting(found, start, end)
            # "A 6 week old fracture" is nobody's age.
            of_a_thing = any(m.start > end for m in mentions[meeting(mentions, end, end + 3)])
            if not found[at] and not of_a_thing and (age := self._meant(text, start, end, time_of_life)):
                found[at] = [age]
        return found

    def _meant(self, text: str, start: int, end: int, name: str) -> Mention | None:
        naming = next(iter(self._graph.named(name)), None)
        if naming is None:
            return None
        candidate = Candidate(naming.entity, SYNONYM_SCORE, f"means {name}")
        return Mention(start, end, text[start:end], naming.entity, SYNONYM_SCORE, candidates=(candidate,))


def _by_definition(linked: Sequence[Linked], reading: Reading, defined: dict[str, Candidate | None]) -> list[Linked]:
    """Let the abbreviations that the text defines mean what it says, and nothing where that is nothing that the graph knows."""
    kept = [entry for entry in linked if reading.written(entry.hit.first, entry.hit.last) not in defined]
    keys = {fold(short) for short in defined}
    for number, key_ in enumerate(reading.keys):
        if key_ not in keys:
            continue
        written = reading.written(number, number + 1)
        candidate = defined.get(written) or defined.get(written.removesuffix("s"))
        if candidate is not None:
            kept.append(Linked(Hit(number, number + 1, key_), (candidate,), True))
    return kept


def _is_called_after(entity: Entity, word: str, written: str, whole: bool) -> bool:
    """Say whether a name has a word as that of somebody; where the ending alone says so, it must not be the name's own: "Reynolds"."""
    parts = [part for part in entity.name.split() if fold(part) == word and part[:1].isupper() and not part.isupper()]
    return any(whole or not part.casefold().endswith("s") for part in parts)


def _says_nothing(entry: Linked, reading: Reading) -> bool:
    return all(key_ in FILLERS for key_ in reading.keys[entry.hit.first : entry.hit.last])


def _mention(entry: Linked, reading: Reading) -> Mention:
    return _made(reading, entry.hit.first, entry.hit.last, entry.candidates)


def _made(reading: Reading, first: int, last: int, candidates: tuple[Candidate, ...]) -> Mention:
    best = candidates[0]
    return Mention(
        reading.starts[first], reading.ends[last - 1], reading.written(first, last), best.entity, best.score, candidates=candidates
    )
