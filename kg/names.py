"""How names are compared: the folding of words that makes "Anaemias" and "anemia" one key."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# A word is letters and digits, with one inner apostrophe (Crohn's).
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_POSSESSIVE = re.compile(r"['’]s?$|['’]")
_SPELLINGS = (("ae", "e"), ("oe", "e"), ("our", "or"), ("ph", "f"), ("isation", "ization"))
_ENDINGS = (("ise", "ize"), ("yse", "yze"), ("ising", "izing"), ("ised", "ized"), ("tre", "ter"), ("bre", "ber"))
_UNCHANGED_PLURAL = ("ss", "us", "is", "as", "ews")


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each word of a text, folded, with its half-open character range in the text.

    >>> list(words("Crohn’s disease!"))
    [('crohn', 0, 7), ('disease', 8, 15)]
    """
    for match in _WORD.finditer(text):
        yield fold(match.group()), match.start(), match.end()


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """Fold one word: case, accents, possessive, plural, British or American spelling.

    What comes out is a key for comparison, not a word to show.

    >>> [fold(w) for w in ("Anaemia", "anemias", "Crohn's", "allergies", "Ménière’s", "tumour", "oedema")]
    ['anemia', 'anemia', 'crohn', 'allergy', 'meniere', 'tumor', 'edema']
    """
    folded = unicodedata.normalize("NFKD", word).casefold()
    folded = "".join(c for c in folded if not unicodedata.combining(c))
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
    if len(word) > 5 and word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(_UNCHANGED_PLURAL):
        return word[:-1]
    return word


def key(name: str) -> str:
    """Return the key under which a name is indexed: its folded words, joined by a space.

    >>> key("High Blood-Pressure") == key("high blood pressure")
    True
    """
    return " ".join(word for word, _, _ in words(name))
