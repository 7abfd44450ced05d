"""Ordinary English: words that must not be bent into the name of a disease."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kg.names import fold
from qa.errors import ModelError

# Single words that name something in medicine and, far more often, nothing at all.
TOO_COMMON = frozenset(
    fold(w)
    for w in "as all ms mi pe ed id it pid pad his her he she us who aid an am pm or mr la no so do go is be we dish if at by cat ct ra "
    "food wind gas milk tea death honey water dying glass tearing hit add bed mg ie pop pot fas epi ten fit sting dress "
    "sporadic".split()
)

# What questions about medicine are made of: a misspelt word is one of these before it is a rare disease ("waht", "symtoms").
_QUESTION_WORDS = (
    "what which when where does with without have help helps helped helping safe take taking taken took treat treats treated treating "
    "treatment treatments symptoms symptom signs sign causes cause caused causing prevent prevents prevented prevention medicines medicine "
    "medications medication tablets tablet interact interacts interaction interactions mix side effects effect common serious risks risk "
    "factors factor should could would about because doctor hospital diagnose diagnosed diagnosis contagious infectious spread spreads "
    "catch complications complication diseases disease illness conditions condition there their people something anything treating cure "
    "cured relieve relief remedy remedies avoid allowed dangerous different difference between really please"
).split()
_WORD = re.compile(r"[^\W\d_]{4,}")
QUESTION_KEYS = {fold(word): word for word in reversed(_QUESTION_WORDS)}


def question_word(word: str) -> str | None:
    """Return the everyday word of questions that a folded word is a slip of the keyboard away from, or None.

    >>> question_word("waht"), question_word("symtom"), question_word("gout")
    ('what', 'symptoms', None)
    """
    if len(word) < 4 or word in QUESTION_KEYS:
        return None
    # One slip in a short word, two in a long one; the first letter is rarely missed.
    found = process.extractOne(word, QUESTION_KEYS.keys(), scorer=OSA.distance, score_cutoff=1 if len(word) < 8 else 2)
    return QUESTION_KEYS[found[0]] if found is not None and found[0][0] == word[0] else None


def spelt(text: str, known: Callable[[str], bool]) -> str:
    """Return the text with misspelt everyday words of questions put right; for reading what is asked, not for offsets.

    Args:
        text: The question.
        known: Says whether a folded word is a word, and so no misspelling.

    >>> spelt("waht are the symtoms of gout", lambda word: word == "gout")
    'what are the symptoms of gout'
    """

    def right(match: re.Match[str]) -> str:
        word = fold(match.group())
        return match.group() if known(word) else question_word(word) or match.group()

    return _WORD.sub(right, text)


# Words of questions about medicine that name nothing and that a general vocabulary may lack.
_OF_QUESTIONS = frozenset(
    fold(w)
    for w in "contagious contraindicate contraindicates contraindication contraindications curable cure curing dosage genetic hereditary "
    "inherit inheritance inherited parent "
    "immunise immunisation incurable infectious itchy jab painkiller prognosis transmissible vaccinate vaccination vaccine "
    "arent cannot cant contraception couldnt didnt doesnt dont hadnt hasnt havent hows isnt mustnt shouldnt thats theyre wasnt "
    "werent instead allergic allergy intolerant skip skipping whats whos wont wouldnt youre".split()
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
    if word in common or word in _OF_QUESTIONS:
        return True
    bare = [word, *(word.removeprefix(prefix) for prefix in _PREFIXES if word.startswith(prefix))]
    bare += [stem.removesuffix(suffix) for stem in bare for suffix in _SUFFIXES if stem.endswith(suffix)]
    stems = [form for stem in bare if len(stem) >= _SHORTEST_STEM for form in (stem, stem + "e")]
    return not common.isdisjoint(stems) or not _OF_QUESTIONS.isdisjoint(stems)
