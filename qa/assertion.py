"""Whether a text affirms what it mentions: negation and somebody else's illness, by trigger words and their scope."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.model import Assertion, Mention

# A trigger before a mention holds until the scope is broken; the rules are those of NegEx (Chapman et al. 2001) in small.
_NEGATION = re.compile(
    r"\b(no|not|without|never|denies|denied|deny|isn['’]?t|aren['’]?t|don['’]?t have|doesn['’]?t have|didn['’]?t have|haven['’]?t|hasn['’]?t|"
    r"no sign of|no history of|ruled out|negative for|absence of|free of)\b",
    re.IGNORECASE,
)
_PSEUDO = re.compile(
    r"\b(no change|not only|not sure|why not|no idea|not certain|no increase|not drain|no matter|whether or not)\b",
    re.IGNORECASE,
)
_RIGHT_BEFORE = re.compile(r"\b(without|but no|and no|with no|but not|and not) (an? |any |the )?$", re.IGNORECASE)
_BREAK = re.compile(
    r"[.;:?!]|,(?= (and |so |but )?(can|could|what|which|is|are|do|does|should|how|why|who|will|i|i['’]m|my|he|she|we) )"
    r"|\band (i |he |she )?(take|takes|want|am|is on|need)\b"
    r"|\b(but|however|although|though|except|yet|still|and have|and i have|now|because)\b",
    re.IGNORECASE,
)
# Characters before a mention that are read: no negation reaches further, and a long note stays linear.
_WINDOW = 500
_FAMILY = re.compile(
    r"\b(my|his|her|our) (mum|mom|mother|dad|father|sister|brother|son|daughter|aunt|uncle|gran\w*|wife|husband|child|baby|partner|friend)\b",
    re.IGNORECASE,
)


def assertions(text: str, mentions: Sequence[Mention]) -> list[Assertion]:
    """Return what the text says of each mention: negated, family or present.

    >>> m = Mention(15, 25, "chest pain", None, 1.0)
    >>> assertions("a cough but no chest pain", [m])
    [<Assertion.NEGATED: 'negated'>]
    """
    return [_assertion(text, mention) for mention in mentions]


def is_negated(text: str, start: int, reach: int | None = None) -> bool:
    """Say whether a negation before a character of a text still holds there.

    Args:
        text: The text.
        start: Offset of the mention's first character.
        reach: How many words may stand between the negation and the mention; None, as many as the scope holds.

    >>> is_negated("a cough but no chest pain", 15), is_negated("no cough but chest pain", 13)
    (True, False)
    >>> is_negated("no fever and now and then some chest pain", 31, reach=5)
    False
    """
    scope = _scope(text, start)
    negations = list(_NEGATION.finditer(scope))
    if not negations:
        return False
    if _is_question(scope):  # "what does not help gout" asks about gout, "which disease has a rash without fever" rules fever out
        return bool(_RIGHT_BEFORE.search(scope))
    return reach is None or len(scope[negations[-1].end() :].split()) <= reach


def _assertion(text: str, mention: Mention) -> Assertion:
    if is_negated(text, mention.start):
        return Assertion.NEGATED
    if _FAMILY.search(_scope(text, mention.start)):
        return Assertion.FAMILY
    return Assertion.PRESENT


def _scope(text: str, start: int) -> str:
    """Return the text before a character, from where the last scope was broken; pseudo-negations are blanked."""
    begin = max(0, start - _WINDOW)
    if begin:  # at a whole word: the end of "know" is no negation
        begin = max(text.find(" ", begin, start), begin)
    before = _PSEUDO.sub(lambda match: " " * len(match.group()), text[begin:start])
    return before[max((match.end() for match in _BREAK.finditer(before)), default=0) :]


def _is_question(scope: str) -> bool:
    """Say whether the negation belongs to a question's own verb ("isn't gout ...", "why do I not ...") rather than to a finding."""
    return bool(re.match(r"\s*(isn|aren|why|should|can|do|does|shouldn|who|when|which|what)\b", scope, re.IGNORECASE))
