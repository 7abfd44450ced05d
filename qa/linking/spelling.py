"""Misspelt words, bent to the words of names that they may stand for, and never ordinary English."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import jellyfish
from rapidfuzz import process
from rapidfuzz.distance import OSA

from kg.names import fold
from kg.surface import SurfaceNames
from qa.lexicon import is_english_word, question_word

_CORRECTIONS = 4
"""Names' words that a misspelt word may stand for, nearest first."""

_SHORTEST = 4
"""Letters of the shortest word that is bent."""

_FULL_LENGTH = 7
"""Letters of the shortest word in which more than a slip of one kind is forgiven."""

_SHORTEST_ODD = 5
"""Letters of the shortest word that is reported as unknown."""

_EVERYDAY = 16_000
"""How many words of English are everyday ones."""

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Bent:
    """A misspelt word, put right.

    Attributes:
        keys: What it stands for, a word, or the two or three that were written as one.
        others: Other words that it may stand for, the nearest first.
    """

    keys: tuple[str, ...]
    others: tuple[str, ...] = ()


class Speller:
    """Puts misspelt words of names right.

    Words are bent to those of curated names only: those of 20,000 rare diseases lie near to nearly everything.

    Args:
        surface: The graph's names.
        common: Folded words of ordinary English, never taken for misspellings.
    """

    def __init__(self, surface: SurfaceNames, common: frozenset[str]) -> None:
        self._surface, self._common = surface, common
        self._initials: dict[str, tuple[list[str], dict[str, list[str]]]] = {}
        self._bend_once = lru_cache(maxsize=65_536)(self._bend)
        self.is_everyday = lru_cache(maxsize=65_536)(self._is_everyday)
        self.is_of_name = lru_cache(maxsize=65_536)(surface.has_curated_word)
        self.is_odd = lru_cache(maxsize=65_536)(self._is_odd)
        self._sounding = lru_cache(maxsize=65_536)(self._sounding_like)
        self.knows = lru_cache(maxsize=65_536)(self._knows)
        self.is_english = lru_cache(maxsize=65_536)(self._is_english)

    def bend(self, word: str, written: str, begins: bool = True) -> Bent | None:
        """Return what a folded word stands for that is neither English nor in any name, or None.

        Args:
            word: The folded word.
            written: The word as it stands in the text.
            begins: Whether it may be written large for where it stands; elsewhere a large letter marks a name of somebody or of a
                place, and only a slip of a letter is forgiven, in a name of some length.
        """
        if len(word) < _SHORTEST or not word.isalpha() or self.knows(word):
            return None
        is_name = not begins and written[0].isupper() and not written.isupper()
        return self._bend_once(word, written.casefold(), is_name)

    def _is_odd(self, written: str) -> bool:
        """Say whether a word, as it is written, is neither ordinary English nor near a word of which questions are made."""
        word = fold(written)
        return len(word) >= _SHORTEST_ODD and word.isalpha() and not self.is_english(word) and question_word(word) is None

    def alike(self, word: str) -> tuple[str, ...]:
        """Return the words of curated names that an English word, or one of imported names, may stand for: "hart" for heart."""
        return self._sounding(word)

    def _sounding_like(self, word: str) -> tuple[str, ...]:
        if len(word) < _SHORTEST or not (word.isascii() and word.isalpha()):
            return ()
        same_initial, sounds = self._initial(word[0])
        near = [n for n in self._alike(word, sounds) if OSA.distance(word, n) <= 3]
        if len(word) > _SHORTEST:
            near += [name for name, _, _ in process.extract(word, same_initial, scorer=OSA.distance, score_cutoff=1, limit=_CORRECTIONS)]
        return tuple(name for name in dict.fromkeys(near) if name != word)[: 2 * _CORRECTIONS]

    def is_frequent(self, written: str) -> bool:
        """Say whether a word, as it is written, is among the frequent ones of English, names of people and places not told apart."""
        return written.casefold() in _frequent_words()

    def _is_everyday(self, word: str) -> bool:
        """Say whether a folded word is among the most frequent of English."""
        ranks = _frequent_words()
        return any(ranks.get(form, _EVERYDAY) < _EVERYDAY for form in (word, word + "s", word + "e", word + "es", word[:-1] + "ies"))

    def _knows(self, word: str) -> bool:
        """Say whether a folded word is ordinary English or part of a name, and so no misspelling."""
        return self._surface.has_word(word) or self.is_english(word)

    def _is_english(self, word: str) -> bool:
        if not is_english_word(word, self._common):
            return False
        # "Diabeties" has the stem of an English word, and that is the name of an illness.
        stems = {word[:-1], word[:-1] + "e"} - {word}
        return word in self._common or not any(self._surface.has_curated_word(stem) for stem in stems)

    def _bend(self, word: str, written: str, is_name: bool) -> Bent | None:
        if question_word(word) is not None:  # "waht" is not a wart
            return None
        if joined := self._split(word):
            return Bent(joined)
        if written in _frequent_words() or written.removesuffix("s") in _frequent_words():
            return None
        found = self._nearest(word, is_name)
        return Bent((found[0],), tuple(found[1:])) if found else None

    def _split(self, word: str) -> tuple[str, ...]:
        """Return the words of the curated name that is written as one word here, "jointpain", or none."""
        for cut in range(2, len(word) - 1):
            first, rest = word[:cut], word[cut:]
            if not self._surface.has_curated_word(first):
                continue
            if self._surface.is_curated(f"{first} {rest}") or self._surface.begins_curated(f"{first} {rest} "):
                return first, rest
            for second in range(2, len(rest) - 1):
                if self._surface.is_curated(f"{first} {rest[:second]} {rest[second:]}"):
                    return first, rest[:second], rest[second:]
        return ()

    def _nearest(self, word: str, is_name: bool) -> list[str]:
        """Return the words of names that a word may be a misspelling of, the nearest first.

        People rarely miss the first letter; a word that differs there is more likely another word, unless that is all that
        differs or it sounds the same.
        """
        allowed = 1 if len(word) < _FULL_LENGTH - 1 or is_name else 2 if len(word) < 10 else 3
        if is_name and len(word) < _FULL_LENGTH:
            return []
        same_initial, sounds = self._initial(word[0])
        ranked = {name: float(d) for name, d, _ in process.extract(word, same_initial, scorer=OSA.distance, score_cutoff=allowed, limit=12)}
        if not is_name:
            # One letter off at the beginning: another letter, one too few, one too many, the first two swapped.
            others = [letter + word[1:] for letter in _ALPHABET] + [letter + word for letter in _ALPHABET]
            others += [word[1:], word[1] + word[0] + word[2:]]
            ranked |= {n: 1.0 for n in others if n[:1] != word[0] and len(n) >= _SHORTEST and self._surface.has_curated_word(n)}
        alike = self._alike(word, sounds) if len(word) >= _SHORTEST else []
        for name in alike:
            # What sounds the same is one slip nearer than its letters are.
            distance = OSA.distance(word, name)
            if distance <= allowed + (0 if is_name else 2):
                ranked[name] = min(ranked.get(name, 9.0), max(0.5, distance - 1.5))
        # Of a short word every letter counts: what neither sounds the same nor has the same letters in another order is another word.
        if len(word) < _FULL_LENGTH - 1:
            ranked = {n: d for n, d in ranked.items() if n in alike or sorted(n) == sorted(word) or _undoubled(n) == _undoubled(word)}
        return sorted(ranked, key=lambda name: (ranked[name], name))[:_CORRECTIONS]

    def _alike(self, word: str, sounds: dict[str, list[str]]) -> list[str]:
        """Return the words of names that sound the same, also those that begin with another letter of the same sound."""
        sound, consonants = _sounds(word)
        found = [*sounds.get(sound, ()), *sounds.get(consonants, ())]
        for letters in ("ck", "sz", "sc", "fp", "gj", "xz", "ie", "ae", "kq"):
            if word[0] in letters and len(sound) > 2:
                for other in letters.replace(word[0], ""):
                    found += self._initial(other)[1].get(sound, ())
        return found if len(sound) > 2 or len(consonants) > 3 else []

    def _initial(self, letter: str) -> tuple[list[str], dict[str, list[str]]]:
        """Return the words of curated names that begin with a letter, and the same by their sound."""
        if letter not in self._initials:
            words = [word for word in self._surface.curated_words(letter) if len(word) >= _SHORTEST]
            sounds: dict[str, list[str]] = {}
            for word in words:
                for sound in _sounds(word):
                    sounds.setdefault(sound, []).append(word)
            self._initials[letter] = words, sounds
        return self._initials[letter]


def _sounds(word: str) -> tuple[str, str]:
    """Return how a word sounds, by Metaphone, and its consonants, in small letters and behind a mark; empty where it has other letters."""
    if not (word.isascii() and word.isalpha()):
        return "", ""
    return jellyfish.metaphone(word), "-" + "".join(letter for letter in _undoubled(word) if letter not in "aeiouyhw")


def _undoubled(word: str) -> str:
    return "".join(letter for letter, before in zip(word, " " + word, strict=False) if letter != before)


@lru_cache(maxsize=1)
def _frequent_words() -> dict[str, int]:
    """Return the 82,765 most frequent words of English books and the web, as symspellpy carries them, in lower case, with their rank."""
    text = resources.files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    return {line.partition(" ")[0]: rank for rank, line in enumerate(text.splitlines())}
