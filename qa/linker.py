"""Finds the diseases, drugs and symptoms that a text names, misspelt or not, and says which entities they are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kg.graph import Graph, Naming
from kg.model import Entity
from kg.names import fold, words
from kg.vocabulary import DISEASE
from qa.ages import times_of_life
from qa.assertion import assertions
from qa.lexicon import TOO_COMMON, is_english_word, question_word
from qa.model import MISSPELT_SCORE, Mention

LONGEST_NAME = 10
"""Words in the longest name that is looked for."""

_CORRECTIONS = 4
"""Names' words that a misspelt word may stand for, nearest first."""

_LONGEST_SPLIT, _SHORTEST_SPLIT = 4, 7
"""Words in the longest name of which one may be written as two, and letters in the shortest such word: "I use" is no IUS."""

_SHORTEST_IMPORTED = 5
"""Letters in the longest word of a name that imported sources alone give, at the least."""

_FILLERS = frozenset("my the your his her our their a an in of".split())
_POSSESSIVES = frozenset("my your his her their our".split())
_EPONYMOUS = ("disease", "syndrome", "muscular dystrophy")
# Before and behind these, "cold" says how something feels and names no illness.
_FEELING = frozenset("am m im feel feeling felt feels always so".split())
_BEING = frozenset("is are was very really too getting".split())
_CHILLED = frozenset("drink water weather turkey shower food air bath milk snap ice beer hand feet".split())
# "Can I drink on antibiotics?" names no drink and means one.
_DRINKING = re.compile(
    r"((?<=\bi )|(?<=\bwe )|(?<=\bhe )|(?<=\bshe )|(?<=\byou )|(?<=\bpeople )|(?<=\bto )|(?<=\bnot )|(?<=\bstill ))drink\b"
    r"(?= (on|with|while|when|if|during|and|after)\b)|\bdrinking\b(?= (on|with|while|when|if|during|after)\b)|\bhave a drink\b",
    re.IGNORECASE,
)
_HURTS = frozenset("hurt ache hurting aching pain sore painful".split())
_SYNONYM_SCORE = 0.95


class Linker(Protocol):
    """Finds entities in a text."""

    def link(self, text: str) -> list[Mention]:
        """Return the mentions in the order of the text; they do not overlap."""
        ...

    def knows(self, word: str) -> bool:
        """Say whether a folded word is ordinary English or part of a name, and so no misspelling."""
        ...


@dataclass(frozen=True, slots=True)
class _Token:
    """A word of the text, folded (and corrected, where `exact` is False), with its characters."""

    key: str
    start: int
    end: int
    exact: bool = True
    others: tuple[str, ...] = ()


class NameLinker:
    """Links by the graph's names: the longest name wins, misspelt words are forgiven.

    Args:
        graph: Where the names come from.
        common: Folded words of ordinary English, never taken for misspellings.
    """

    def __init__(self, graph: Graph, common: frozenset[str]) -> None:
        self._graph = graph
        self._common = common
        # Misspelt words are bent to words of curated names only: those of 20,000 rare diseases lie near to nearly everything.
        names = list(graph.curated_names())
        self._name_words = frozenset(word for name in names for word in name.split())
        self._joined = {name.replace(" ", ""): name for name in names if " " in name}
        self._by_initial: defaultdict[str, list[str]] = defaultdict(list)
        self._by_rest: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(word for word in self._name_words if len(word) >= 4):
            self._by_initial[word[0]].append(word)
            self._by_rest[word[1:]].append(word)

    def link(self, text: str) -> list[Mention]:
        """Return the mentions in the order of the text; they do not overlap, and the longest name wins.

        A word that looks medical and is not known comes back with `entity` None.
        """
        tokens = [self._corrected(_Token(key, start, end)) for key, start, end in words(text)]
        mentions = []
        position = 0
        while position < len(tokens):
            mention, used = self._longest(text, tokens, position)
            if mention is not None and not self._is_trusted(mention) and self._hides_trusted(text, tokens, position, used):
                mention, used = None, 1
            if mention is not None and tokens[position].key in _FILLERS and position + 1 < len(tokens):
                # "the flu" is a name, but "the flu jab" means the jab.
                following, taken = self._longest(text, tokens, position + 1)
                if following is not None and following.end > mention.end:
                    mention, used = following, taken + 1
            if mention is not None and used == 1 and tokens[position].key == "cold" and _is_chilled(tokens, position):
                mention = self._felt(text, tokens, position)
            if mention is not None:
                mentions.append(mention)
            position += used
        mentions = self._with_unnamed(text, mentions)
        return [replace(m, assertion=a) for m, a in zip(mentions, assertions(text, mentions), strict=True)]

    def _is_trusted(self, mention: Mention) -> bool:
        """Say whether a mention stands by a name that a curated source gives; one that is unknown takes nothing from any."""
        bearers = self._graph.named(mention.text) if mention.score > MISSPELT_SCORE else ()
        return all(naming.curated for naming in bearers if naming.entity == mention.entity)

    def _hides_trusted(self, text: str, tokens: Sequence[_Token], first: int, used: int) -> bool:
        """Say whether a curated name that is no shorter begins inside an imported one and ends behind it."""
        for inside in range(first + 1, first + used):
            mention, taken = self._longest(text, tokens, inside)
            if mention is not None and mention.entity is not None and inside + taken > first + used and taken >= used:
                return self._is_trusted(mention)
        return False

    def _felt(self, text: str, tokens: Sequence[_Token], position: int) -> Mention | None:
        """Return the mention of a person who is cold, which is no illness; None where it is said of something else."""
        token = tokens[position]
        if position == 0 or tokens[position - 1].key not in _FEELING:
            return None
        cold = self._graph.named("feeling cold")[:1]
        return next((Mention(token.start, token.end, text[token.start : token.end], n.entity, _SYNONYM_SCORE) for n in cold), None)

    def _with_unnamed(self, text: str, mentions: Sequence[Mention]) -> list[Mention]:
        """Add what is meant and not named: ages in numbers, "my 5 year old", as the time of life that they are, and alcohol."""
        found = list(mentions)
        for match in _DRINKING.finditer(text):
            alcohol = [Mention(*match.span(), match.group(), n.entity, _SYNONYM_SCORE) for n in self._graph.named("alcohol")[:1]]
            at = [m for m in found if m.start < match.end() and match.start() < m.end]
            if alcohol and all(m.entity is None for m in at):
                found = [m for m in found if m not in at] + alcohol
        for start, end, time_of_life in times_of_life(text):
            free = all(m.end <= start or m.start >= end for m in found)
            # "A 6 week old fracture" is nobody's age.
            of_a_thing = any(m.start - end in (1, 2) for m in mentions)
            for entity, *_ in self._graph.named(time_of_life)[:1] if free and not of_a_thing else ():
                found.append(Mention(start, end, text[start:end], entity, _SYNONYM_SCORE))
        return sorted(found, key=lambda mention: mention.start)

    def knows(self, word: str) -> bool:
        """Say whether a folded word is ordinary English or part of a name, and so no misspelling."""
        return word in self._name_words or self._graph.has_word(word) or is_english_word(word, self._common)

    def _corrected(self, token: _Token) -> _Token:
        """Bend a word that is neither English nor in any name to the nearest word of a name."""
        word = token.key
        if len(word) < 4 or not word.isalpha() or self.knows(word):
            return token
        if question_word(word) is not None:  # "waht" is not a wart
            return token
        if word in self._joined:  # "jointpain"
            return replace(token, key=self._joined[word], exact=False)
        found = self._nearest(word)
        return replace(token, key=found[0], exact=False, others=tuple(found[1:])) if found else token

    def _nearest(self, word: str) -> list[str]:
        """Return the words of names that a word may be a misspelling of, the nearest first.

        People rarely miss the first letter; a word that differs there is more likely another word, unless that is all that differs.
        """
        allowed = 1 if len(word) < 6 else 2 if len(word) < 10 else 3
        same_initial = self._by_initial.get(word[0], ())
        near = process.extract(word, same_initial, scorer=OSA.distance, score_cutoff=allowed, limit=_CORRECTIONS)
        # One letter off at the beginning: another letter, one too few, one too many, the first two swapped.
        tail, swapped = word[1:], word[1] + word[0] + word[2:]
        others = [*self._by_rest.get(tail, ()), *self._by_rest.get(word, ())]
        others += [name for name in (tail, swapped) if name in self._name_words]
        one_off = [(name, 1) for name in others if name[0] != word[0] and len(name) >= 4]
        ranked = sorted([(name, int(distance)) for name, distance, _ in near] + one_off, key=lambda pair: pair[1])
        return [name for name, _ in ranked][:_CORRECTIONS]

    def _longest(self, text: str, tokens: Sequence[_Token], first: int) -> tuple[Mention | None, int]:
        """Return the mention that begins at this word, if any, and how many words to step on."""
        for last, folded in self._spellings(tokens, first):
            taken = tokens[first:last]
            entity, preferred = self._choose(folded, text, taken)
            if entity is not None:
                score = (1.0 if preferred else _SYNONYM_SCORE) if all(t.exact for t in taken) else MISSPELT_SCORE
                start, end = taken[0].start, taken[-1].end
                return Mention(start, end, text[start:end], entity, score), last - first
        return self._eponym(text, tokens[first]) or self._unknown(text, tokens[first]), 1

    def _eponym(self, text: str, token: _Token) -> Mention | None:
        """Return what is called after somebody, where the rest of its name is left out: "Huntington's", "Duchenne"."""
        written = text[token.start : token.end]
        is_possessive = len(written) > _SHORTEST_IMPORTED and written.endswith("s") and written.casefold() != token.key
        if not token.exact or len(token.key) < _SHORTEST_IMPORTED:
            return None
        # Without its ending, a name is too often that of something else: primrose, turner.
        rests = _EPONYMOUS if is_possessive else _EPONYMOUS[-1:]
        bearers = {n.entity.curie: n.entity for rest in rests for n in self._graph.named(f"{token.key} {rest}")}
        named = [e for e in bearers.values() if any(fold(word) == token.key and word[:1].isupper() for word in e.name.split())]
        return Mention(token.start, token.end, written, named[0], _SYNONYM_SCORE) if len(named) == 1 else None

    def _spellings(self, tokens: Sequence[_Token], first: int) -> Iterator[tuple[int, str]]:
        """Yield (end, folded name) for what the words from `first` may spell, the longest first."""
        longest = min(len(tokens), first + LONGEST_NAME)
        for last in range(longest, first, -1):
            taken = [token.key for token in tokens[first:last]]
            yield last, " ".join(taken)
            for number, token in enumerate(tokens[first:last]):
                for other in token.others:
                    yield last, " ".join([*taken[:number], other, *taken[number + 1 :]])
                joined = taken[number - 1] + taken[number] if number else ""
                if len(joined) >= _SHORTEST_SPLIT and last - first <= _LONGEST_SPLIT:  # "heart burn", "over active thyroid"
                    yield last, " ".join([*taken[: number - 1], joined, *taken[number + 1 :]])
            if not _POSSESSIVES.isdisjoint(taken[1:]):  # "patches in my mouth"
                yield last, " ".join([taken[0], *("the" if word in _POSSESSIVES else word for word in taken[1:])])
            if len(taken) > 2 and (turned := _turned(taken)):
                yield last, turned

    def _choose(self, folded: str, text: str, taken: Sequence[_Token]) -> tuple[Entity | None, bool]:
        """Return the entity meant by a name, and whether by its preferred name."""
        found = self._graph.named(folded)
        if not found:
            return None, False
        written = text[taken[0].start : taken[-1].end]
        if folded in TOO_COMMON and not _is_abbreviation(written):
            return None, False
        # Several entities under one name: that of a curated name, then of a preferred one, then the one that the graph says most about.
        best = max(found, key=self._standing)
        if not best.curated and not (_is_as_written(folded, taken) and _stands_out(folded, self._common)):
            return None, False
        return best.entity, best.preferred

    def _standing(self, naming: Naming) -> tuple[bool, bool, int, bool, int]:
        entity = naming.entity
        degrees = self._graph.curated_degree(entity.curie), self._graph.degree(entity.curie)
        # An ontology of signs has terms for illnesses too, of which it says less than an ontology of illnesses does.
        return naming.curated, naming.preferred, degrees[0], entity.category == DISEASE, degrees[1]

    def _unknown(self, text: str, token: _Token) -> Mention | None:
        """Report a word that is in no name and in no English vocabulary, so that nobody thinks it was understood."""
        word = fold(text[token.start : token.end])
        if len(word) < 5 or not word.isalpha() or is_english_word(word, self._common) or question_word(word):
            return None
        return Mention(token.start, token.end, text[token.start : token.end], None, 0.0)


def _is_chilled(tokens: Sequence[_Token], position: int) -> bool:
    """Say whether "cold" tells how something feels: "I'm cold", "a cold drink", but not "is cold sore" or "is cold catching"."""
    before = tokens[position - 1].key if position else ""
    behind = tokens[position + 1].key if position + 1 < len(tokens) else ""
    return behind in _CHILLED or before in _FEELING or (before in _BEING and position > 1)


def _turned(taken: Sequence[str]) -> str | None:
    """Turn "pain in my left knee" and "my knee hurts" into the order of a name, "left knee pain"."""
    if taken[0] in _HURTS and taken[1] in _FILLERS:
        rest = [word for word in taken[1:] if word not in _FILLERS]
        return " ".join([*rest, "pain"]) if rest else None
    return None


def _is_as_written(folded: str, taken: Sequence[_Token]) -> bool:
    """Say whether a name stands there as it is, neither misspelt nor split nor turned: among 100,000 names there is one near any word."""
    return all(token.exact for token in taken) and folded == " ".join(token.key for token in taken)


def _stands_out(folded: str, common: frozenset[str]) -> bool:
    """Say whether an imported name is taken for one: not where it is a word of ordinary English, nor where it may be an abbreviation.

    The NHS is a disease too, CBD a colour blindness and PCM a fungus, but not to who writes so.
    """
    if not any(len(word) >= _SHORTEST_IMPORTED for word in folded.split()):
        return False
    return " " in folded or not is_english_word(folded, common)


def _is_abbreviation(written: str) -> bool:
    return bool(re.fullmatch(r"[A-Z][A-Z0-9]+", written))
