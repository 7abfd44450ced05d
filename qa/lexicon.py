"""Ordinary English: words that must not be bent into the name of a disease."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kg.names import fold
from qa.errors import ModelError

# Single words that name something in medicine and, far more often, nothing at all.
TOO_COMMON = frozenset(
    fold(w)
    for w in "as all ms mi pe ed id it pid pad his her he she us who aid an am pm or mr la no so do go is be we dish if at by cat ct ra".split()
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
