"""Ordinary English: words that must not be bent into the name of a disease."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kg.names import fold
from qa.errors import ModelError

# Single words that name something in medicine and, far more often, nothing at all.
TOO_COMMON = frozenset(
    fold(w)
    for w in "as all ms mi pe ed id it pid pad his her he she us who aid an am pm or mr la no so do go is be we dish if at by cat ct ra "
    "food wind gas milk tea death honey water".split()
)


# Words of questions about medicine that name nothing and that a general vocabulary may lack.
_OF_QUESTIONS = frozenset(
    fold(w)
    for w in "contagious contraindicate contraindicates contraindication contraindications curable cure curing dosage hereditary immunise "
    "immunisation incurable infectious itchy painkiller prognosis transmissible vaccinate vaccination".split()
)


def common_words(vocabulary: Path) -> frozenset[str]:
    """Read a WordPiece vocabulary and return its whole words, folded.

    It holds the most frequent words of English text, so that a word in it is not taken for a misspelling.

    Raises:
        ModelError: The file cannot be read.
    """
    try:
        lines = vocabulary.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ModelError(f"{vocabulary} cannot be read: {error.strerror}; it comes with the reader's weights") from error
    return whole_words(lines)


def whole_words(pieces: Iterable[str]) -> frozenset[str]:
    """Return the folded whole words among WordPiece pieces.

    >>> sorted(whole_words(["[CLS]", "fever", "##ish", "cats"]))
    ['cat', 'fever']
    """
    return frozenset(fold(piece) for piece in pieces if piece.isalpha())


_PREFIXES = ("un", "non", "re", "over", "under", "mis", "pre", "self")
_SUFFIXES = ("ed", "ing", "ly", "ness", "er", "est", "able", "less", "ful", "y", "d", "n")
_SHORTEST_STEM = 4
"""Shorter stems prove nothing: almost any word has one."""


def is_english_word(word: str, common: frozenset[str]) -> bool:
    """Say whether a folded word is ordinary English: common itself, or a common word with a usual beginning and ending.

    >>> is_english_word("untreated", frozenset({"treat"})), is_english_word("diabete", frozenset({"treat"}))
    (True, False)
    """
    known = (common, _OF_QUESTIONS)
    if any(word in words for words in known):
        return True
    stems = {word} | {word.removeprefix(prefix) for prefix in _PREFIXES}
    stems |= {stem.removesuffix(suffix) for stem in tuple(stems) for suffix in _SUFFIXES}
    return any(len(stem) >= _SHORTEST_STEM and (stem in words or stem + "e" in words) for stem in stems for words in known)
