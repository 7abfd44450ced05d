"""The question as text: checked, cleaned without moving a character, and its language guessed."""

from __future__ import annotations

import re
import unicodedata

from kg.names import words
from qa.errors import QuestionError

MAX_CHARACTERS = 2_000
"""Longer questions are refused: a patient's question is a few sentences, a note goes to `medkg link`."""

# Function words that are frequent in one language and are no English words.
_FOREIGN = frozenset(
    "el los las una por para con qué que cuáles cuál cómo como es está tengo puedo del "
    "le les des une est sont quels quelles quel quelle pour avec dans comment je mon ma "
    "der die das und ist sind welche wie ein eine ich habe mit für von nicht gegen hilft bei "
    "il gli che sono quali come della di ho posso "
    "os uma quais são não meu minha posso tenho".split()
)
_ENGLISH = frozenset(
    "the a an of is are do does can could i my me you your what which who how why when to for with and or in on at it this that have has had "
    "should will be been was were not no if from take get".split()
)
_SHARED = frozenset("die was in on me come as".split())


def clean(text: str) -> str:
    """Replace what must not reach the steps below, character for character, so that offsets stay true.

    Control, zero-width and bidirectional formatting characters become spaces.

    >>> clean("gout\\x00\\u200b?")
    'gout  ?'
    """
    if text.isprintable():
        return text
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} else c for c in text)


def check_question(text: str) -> str:
    """Return the question cleaned.

    Raises:
        QuestionError: It is empty, too long, or holds no letter.
    """
    if len(text) > MAX_CHARACTERS:
        raise QuestionError(f"the question has {len(text)} characters, expected at most {MAX_CHARACTERS}")
    cleaned = clean(text)
    if not cleaned.strip():
        raise QuestionError("the question is empty, expected a question in words")
    if not re.search(r"[^\W\d_]", cleaned):
        raise QuestionError("the question holds no word, expected a question in words")
    return cleaned


def is_english(text: str) -> bool:
    """Guess whether a question is English, from its script and its function words.

    A text without function words, such as a bare name, passes.

    >>> is_english("What are the symptoms of gout?"), is_english("¿Cuáles son los síntomas de la gripe?"), is_english("gout")
    (True, False, True)
    """
    letters = [c for c in text if c.isalpha()]
    latin = sum("LATIN" in unicodedata.name(c, "") for c in letters)
    if latin < len(letters) / 2:
        return False
    found = [text[start:end].casefold() for _, start, end in words(text)]
    english = sum(word in _ENGLISH for word in found)
    foreign = sum(word in _FOREIGN and word not in _SHARED for word in found)
    return foreign <= english
