"""How a question is put: for yes or no, as a statement, as several at once, with words that were not understood."""

from __future__ import annotations

import re

from kg.names import words

YES_NO = re.compile(
    r"(^|[.!?;]\s)\W*(so |and |but |please |hi |hello |hey |also |um |well )*(is|are|am|do|does|did|can|could|will|would|should|may|might|has|have|isn|aren|don|doesn|can['’]?t)\b",
    re.IGNORECASE,
)
# Read only where nothing in the text asks what, which or how.
YES_NO_INSIDE = re.compile(
    r"\b(is it (ok|okay|safe|true|alright|possible)|can i|should i|could i|may i|am i (ok|okay|allowed)|does it|could (it|this|that) be"
    r"|is (this|that|it) )\b|,\s(is|are|do|does|did|can|could|will|would|should|may|might)\s",
    re.IGNORECASE,
)
WH = re.compile(r"\b(what|which|who|how|why|when|where|whats|wat|wot)\b", re.IGNORECASE)
WHAT_IS_IT = re.compile(r"what('s| is| are) (it|that|this|they|these)( exactly| again)?\W*$", re.IGNORECASE)
# "I have chest pain" says something of a person and asks for nothing.
STATEMENT = re.compile(
    r"^(?!.*\b(what|which|who|how|why|wat|wot)(['’]?s)?\b).*\b(i|he|she|we|they|my \w+|i['’]?ve|i['’]?m)\b", re.IGNORECASE
)
_OPENERS = frozenset(
    "what whats wat wot is are was the a an of s tell me about explain define describe meaning mean means does do please can you exactly "
    "some info information on just hi hello hey so and i want to know have called really actually in plain simple words english".split()
)


def content(rest: str) -> set[str]:
    """Return the words that say something beyond "what is"."""
    return {rest[start:end].casefold() for _, start, end in words(rest)} - _OPENERS


# After these, a question about taking something names what it goes together with.
_PARTNER = re.compile(r"\b(with|while|if|when|on|and|plus|after|before|during|alongside|as a|in)\b(?P<partner>.*)", re.IGNORECASE)
_NO_PARTNER = _OPENERS | frozenset(
    "my your his her our their with while if when on plus after before during alongside in i im am as at it its this that these those not "
    "no or be been being get gets got getting take takes taking took use using used drink drinking have has had having eat eating safe safely "
    "other others another anything something else medicine medicines medication medications drug drugs tablet tablets pill pills together "
    "people someone person patient patients you we they who which any many much time times same day days daily every night morning week long "
    "term often still already always never sometimes mix mixing interact interacts interaction interactions bad ok okay good should could "
    "give giving given true right longer can't cannot shouldn't mustn't don't won't can’t shouldn’t mustn’t don’t won’t "
    "would will may might must need needs because from by for off me him them us".split()
)


def missing_partner(rest: str, anywhere: bool = False) -> str | None:
    """Return what a medicine is said to be taken with, where that was not understood; None where nothing is named.

    Args:
        rest: The question without what was understood.
        anywhere: Whether it is the medicine itself that was not understood, which may stand anywhere.

    >>> missing_partner("can i take          with broccoli"), missing_partner("is it safe to take            every day")
    ('broccoli', None)
    """
    match = _PARTNER.search(rest)
    if match is None and not anywhere:
        return None
    after = rest if anywhere or match is None else match["partner"]
    left = [after[start:end] for _, start, end in words(after) if after[start:end].casefold() not in _NO_PARTNER]
    return " ".join(left) if left else None


def is_statement(question: str) -> bool:
    """Say whether a text tells something of a person and asks for nothing: "I have chest pain"."""
    return bool(STATEMENT.search(question)) and not YES_NO.search(question) and not YES_NO_INSIDE.search(question)


_INSTEAD = re.compile(r"\b(instead of|alternatives? (to|for)|rather than|substitutes? for|replacements? for)\b", re.IGNORECASE)


def asks_for_another(question: str) -> bool:
    """Say whether a text asks for something in place of what it names, which no triple says: "what can I use instead of aspirin?"."""
    return bool(_INSTEAD.search(question))


_DIFFERENCE = re.compile(r"\bdifferen(ce|t)\b|\bdiffers?\b|\b(versus|vs)\b", re.IGNORECASE)


def asks_to_compare(question: str) -> bool:
    """Say whether a text asks how two things differ: "what is the difference between a cold and flu?"."""
    return bool(_DIFFERENCE.search(question))


_HOW_OFTEN = re.compile(r"\bhow (common|often|usual|frequent|likely|rare|typical)(ly)?\b", re.IGNORECASE)


def asks_how_often(question: str) -> bool:
    """Say whether a text asks how common something is with something else: "how common is hearing loss in Alport syndrome?"."""
    return bool(_HOW_OFTEN.search(question))


_ASKED = re.compile(r"(^|[.?!,;]\s*)\W*(what|which|how|why|who|can|does|is|are|should|symptoms|side effects)\b", re.IGNORECASE)
_FURTHER = re.compile(
    r"(\?|\band\b|,|;|\.)\s*(also |then |so )?(what|which|how|why|who|when|where|can i|can you|does it|do i|is it|should i)\b",
    re.IGNORECASE,
)


def asks_several(question: str) -> bool:
    """Say whether a text asks more than one thing.

    >>> asks_several("symptoms of flu and how is it treated?"), asks_several("I have gout, what helps?")
    (True, False)
    """
    first = _ASKED.search(question)
    return first is not None and any(match.start() > first.start() for match in _FURTHER.finditer(question))
