"""How names are compared: the folding of words that makes "Anaemias" and "anemia" one key."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# A letter or digit, with the accents that follow it where they are written as characters of their own, and what is not seen: soft
# hyphens, joiners, marks of direction and of byte order, which come along when text is copied from pages and letters.
_UNSEEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_LETTER = rf"[^\W_][\u0300-\u036f{_UNSEEN}]*"
# A word is letters and digits, with one inner apostrophe (Crohn's).
_WORD = re.compile(rf"(?:{_LETTER})+(?:['’](?:{_LETTER})+)?")
_POSSESSIVE = re.compile(r"['’]s?$|['’]")
_PLURAL_ABBREVIATION = re.compile(r"[A-Z]{2,}s")
_SPELLINGS = (("ae", "e"), ("oe", "e"), ("our", "or"), ("ph", "f"), ("isation", "ization"))
_ENDINGS = (("ise", "ize"), ("yse", "yze"), ("ising", "izing"), ("ised", "ized"), ("tre", "ter"), ("bre", "ber"))
_NO_PLURAL = ("ss", "us", "is", "ews")
_DROPS_E = ("che", "she", "xe", "sse", "toe", "use")


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each word of a text, folded, with its half-open character range in the text.

    >>> list(words("Crohn’s disease!"))
    [('crohn', 0, 7), ('disease', 8, 15)]
    """
    for match in _WORD.finditer(text):
        if folded := fold(match.group()):
            yield folded, match.start(), match.end()


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """Fold one word: case, accents, possessive, plural, British or American spelling.

    What comes out is a key for comparison, not a word to show; folding a key again leaves it as it is.

    >>> [fold(w) for w in ("Anaemia", "anemias", "Crohn's", "allergies", "Ménière’s", "tumour", "oedema")]
    ['anemia', 'anemia', 'crohn', 'allergy', 'meniere', 'tumor', 'edema']
    >>> fold("UTIs") == fold("UTI"), fold("headache") == fold("headaches")
    (True, True)
    >>> fold("virus") == fold("viruses"), fold("diagnosis") == fold("diagnoses")
    (True, True)
    """
    if _PLURAL_ABBREVIATION.fullmatch(word):  # "UTIs", which the rule for "arthritis" would keep
        word = word[:-1]
    # One rule can make room for another ("aae"); no rule undoes another, so this ends.
    while (folded := _fold_once(word)) != word:
        word = folded
    return folded


def _fold_once(word: str) -> str:
    if word.isascii():  # most words: nothing of it is an accent or not seen
        folded = "".join(word.lower().split())
    else:
        folded = unicodedata.normalize("NFKD", word).casefold()
        folded = "".join(c for c in folded if not unicodedata.combining(c) and not c.isspace() and unicodedata.category(c) != "Cf")
    folded = _singular(_POSSESSIVE.sub("", folded))
    if len(folded) >= 5:
        for british, american in _SPELLINGS:
            folded = folded.replace(british, american)
        for british, american in _ENDINGS:
            if folded.endswith(british):
                folded = folded.removesuffix(british) + american
    return folded


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(_NO_PLURAL):
        word = word[:-1]
    # "headache" and "headaches" must agree as "rash" and "rashes" do, and what is left does not tell which was meant: both lose the e.
    if len(word) > 3 and word.endswith(_DROPS_E):
        word = word[:-1]
    # diagnosis, diagnoses
    return word[:-3] + "se" if len(word) > 4 and word.endswith("sis") else word


def key(name: str) -> str:
    """Return the key under which a name is indexed: its folded words, joined by a space.

    >>> key("High Blood-Pressure") == key("high blood pressure")
    True
    """
    return " ".join(word for word, _, _ in words(name))
