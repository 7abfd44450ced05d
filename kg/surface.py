"""The names of a graph as one compact automaton: which of them stand in a text, and which words they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import marisa_trie

LONGEST_NAME = 100
"""Characters of the longest folded name that is looked for in a text; longer ones are formulas and genotypes."""

_FILES = ("surface.marisa", "curated_names.marisa", "words.marisa", "curated_words.marisa")


class Standing(NamedTuple):
    """That a name stands in a text.

    Attributes:
        first: Number of its first word, from 0.
        last: One past the number of its last word.
        name: The folded name.
    """

    first: int
    last: int
    name: str


class SurfaceNames:
    """Folded names in tries, that are mapped from disk in well under a millisecond and shared by processes.

    Args:
        names: Every folded name.
        curated: Those that a curated source gives.
        words: Every word of a name.
        curated_words: Every word of a curated name.
    """

    __slots__ = ("_curated", "_curated_word_set", "_curated_words", "_names", "_words")

    def __init__(
        self, names: marisa_trie.Trie, curated: marisa_trie.Trie, words: marisa_trie.Trie, curated_words: marisa_trie.Trie
    ) -> None:
        self._names, self._curated, self._words, self._curated_words = names, curated, words, curated_words
        self._curated_word_set: frozenset[str] | None = None

    @classmethod
    def of(cls, names: Iterable[str], curated: Iterable[str]) -> SurfaceNames:
        """Make it of folded names.

        >>> surface = SurfaceNames.of(["gout", "peptic ulcer"], ["gout"])
        >>> [tuple(found) for found in surface.within("gout and peptic ulcer".split())]
        [(0, 1, 'gout'), (2, 4, 'peptic ulcer')]
        """
        names, curated = list(names), list(curated)
        return cls(marisa_trie.Trie(names), marisa_trie.Trie(curated), marisa_trie.Trie(_words(names)), marisa_trie.Trie(_words(curated)))

    @classmethod
    def open(cls, directory: Path) -> SurfaceNames:
        """Map what `save` wrote; RuntimeError where a file is missing or damaged."""
        return cls(*(marisa_trie.Trie().mmap(str(directory / name)) for name in _FILES))

    def save(self, directory: Path) -> None:
        """Write the tries into a directory, a file each.

        Raises:
            OSError: The disk is full.
        """
        for trie, name in zip((self._names, self._curated, self._words, self._curated_words), _FILES, strict=True):
            try:
                trie.save(str(directory / name))
            except RuntimeError as error:  # so the library says that the disk is full
                raise OSError(f"{name}: {error}") from error

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        """Say whether a folded name is one."""
        return name in self._names

    def within(self, words: Sequence[str]) -> Iterator[Standing]:
        """Yield every name that stands in a text, those that begin first first, and of these the shortest.

        Args:
            words: The folded words of the text; a name ends where a word does.
        """
        text = " ".join(words) + " "
        prefixes, at = self._names.prefixes, 0
        for first, word in enumerate(words):
            for name in prefixes(text[at : at + LONGEST_NAME]):
                if text[at + len(name)] == " ":
                    yield Standing(first, first + 1 + name.count(" "), name)
            at += len(word) + 1

    def curated_over(self, words: Sequence[str], first: int, last: int) -> Iterator[Standing]:
        """Yield the curated names in a text that hold the words from one up to another, those that begin first first.

        Args:
            words: The folded words of the text.
            first: Number of the first word that a name must hold.
            last: One past the last.
        """
        text = " ".join(words) + " "
        prefixes, at = self._curated.prefixes, 0
        for begin, word in enumerate(words[: first + 1]):
            for name in prefixes(text[at : at + LONGEST_NAME]):
                if text[at + len(name)] == " " and (end := begin + 1 + name.count(" ")) >= last:
                    yield Standing(begin, end, name)
            at += len(word) + 1

    def names(self) -> Iterator[str]:
        """Yield every folded name, once."""
        yield from self._names.iterkeys()

    def is_curated(self, name: str) -> bool:
        """Say whether a curated source gives a folded name."""
        return name in self._curated

    def begins_curated(self, start: str) -> bool:
        """Say whether a curated name begins so, and goes on."""
        return next(iter(self._curated.iterkeys(start)), None) is not None

    def curated(self) -> Iterator[str]:
        """Yield every folded name that a curated source gives, once."""
        yield from self._curated.iterkeys()

    def has_word(self, word: str) -> bool:
        """Say whether a folded word stands in any name."""
        return word in self._words

    def has_curated_word(self, word: str) -> bool:
        """Say whether a folded word stands in a curated name."""
        return word in self.curated_word_set

    @property
    def curated_word_set(self) -> frozenset[str]:
        """Every word of a curated name: where every word of a text is looked up, ten times as fast as the trie."""
        if self._curated_word_set is None:
            self._curated_word_set = frozenset(self._curated_words.iterkeys())
        return self._curated_word_set

    def curated_words(self, prefix: str = "") -> list[str]:
        """Return the words of curated names that begin so, sorted."""
        return sorted(self._curated_words.iterkeys(prefix))


def _words(names: Iterable[str]) -> set[str]:
    return {word for name in names for word in name.split()}
