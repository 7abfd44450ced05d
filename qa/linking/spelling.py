"""Misspelt words, bent to the words of names that they may stand for, and never ordinary English."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import jellyfish
from rapidfuzz import process
from rapidfuzz.distance import OSA

from kg.surface import SurfaceNames
from qa.lexicon import is_english_word, question_word

_CORRECTIONS = 4
"""Names' words that a misspelt word may stand for, nearest first."""

_SHORTEST = 4
"""Letters of the shortest word that is bent."""

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
        self.bend = lru_cache(maxsize=65_536)(self._bend)
        self.is_english = lru_cache(maxsize=65_536)(self._is_english)

    def knows(self, word: str) -> bool:
        """Say whether a folded word is ordinary English or part of a name, and so no misspelling."""
        return self._surface.has_word(word) or self.is_english(word)

    def _is_english(self, word: str) -> bool:
        return is_english_word(word, self._common)

    def _bend(self, word: str) -> Bent | None:
        """Return what a folded word stands for that is neither English nor in any name, or None."""
        if len(word) < _SHORTEST or not word.isalpha() or self.knows(word):
            return None
        if question_word(word) is not None:  # "waht" is not a wart
            return None
        if joined := self._split(word):
            return Bent(joined)
        found = self._nearest(word)
        return Bent((found[0],), tuple(found[1:])) if found else None

    def _split(self, word: str) -> tuple[str, ...]:
        """Return the words of the curated name that is written as one word here, "jointpain", or none."""
        for cut in range(2, len(word) - 1):
            first, rest = word[:cut], word[cut:]
            if not self._surface.has_curated_word(first):
                continue
            if self._surface.is_curated(f"{first} {rest}"):
                return first, rest
            for second in range(2, len(rest) - 1):
                if self._surface.is_curated(f"{first} {rest[:second]} {rest[second:]}"):
                    return first, rest[:second], rest[second:]
        return ()

    def _nearest(self, word: str) -> list[str]:
        """Return the words of names that a word may be a misspelling of, the nearest first.

        People rarely miss the first letter; a word that differs there is more likely another word, unless that is all that
        differs or it sounds the same.
        """
        allowed = 1 if len(word) < 6 else 2 if len(word) < 10 else 3
        same_initial, sounds = self._initial(word[0])
        ranked = {name: float(d) for name, d, _ in process.extract(word, same_initial, scorer=OSA.distance, score_cutoff=allowed, limit=12)}
        # One letter off at the beginning: another letter, one too few, one too many, the first two swapped.
        others = [letter + word[1:] for letter in _ALPHABET] + [letter + word for letter in _ALPHABET]
        others += [word[1:], word[1] + word[0] + word[2:]]
        ranked |= {n: 1.0 for n in others if n[:1] != word[0] and len(n) >= _SHORTEST and self._surface.has_curated_word(n)}
        if len(word) > 5:
            for name in self._alike(word, sounds):
                # What sounds the same is one slip nearer than its letters are.
                distance = OSA.distance(word, name)
                if distance <= allowed + 2:
                    ranked[name] = min(ranked.get(name, 9.0), max(0.5, distance - 1.5))
        return sorted(ranked, key=lambda name: (ranked[name], name))[:_CORRECTIONS]

    def _alike(self, word: str, sounds: dict[str, list[str]]) -> list[str]:
        """Return the words of names that sound the same, also those that begin with another letter of the same sound."""
        sound = jellyfish.metaphone(word) if word.isascii() else ""
        found = list(sounds.get(sound, ()))
        for letters in ("ck", "sz", "fp", "gj", "xz", "ie", "ae", "kq"):
            if word[0] in letters:
                for other in letters.replace(word[0], ""):
                    found += self._initial(other)[1].get(sound, ())
        return found if len(sound) > 2 else []

    def _initial(self, letter: str) -> tuple[list[str], dict[str, list[str]]]:
        """Return the words of curated names that begin with a letter, and the same by their sound."""
        if letter not in self._initials:
            words = [word for word in self._surface.curated_words(letter) if len(word) >= _SHORTEST]
            sounds: dict[str, list[str]] = {}
            for word in words:
                if word.isascii() and word.isalpha():
                    sounds.setdefault(jellyfish.metaphone(word), []).append(word)
            self._initials[letter] = words, sounds
        return self._initials[letter]
