"""Tells from the words before a name what a text says of it."""

from __future__ import annotations

import re
from enum import StrEnum


class Topic(StrEnum):
    """What a passage of a page that has one answer for everything is about."""

    SYMPTOMS = "symptoms"
    COMPLICATIONS = "complications"
    CAUSES = "causes"
    RISK = "risk"
    TREATMENT = "treatment"
    TESTS = "tests"
    PREVENTION = "prevention"
    SPREAD = "spread"
    DOCTORS = "doctors"
    SIDE_EFFECTS = "side effects"


_CUES = {
    Topic.SYMPTOMS: r"symptoms?|signs?|characteri[sz]ed by|you (?:may|might) (?:also )?(?:have|feel|notice)|feels? like|(?:may|might) feel",
    Topic.COMPLICATIONS: r"complications?|leads? to|(?:can|may|might|could|also) (?:also )?cause|(?:serious|health|other) problems",
    Topic.CAUSES: r"caused by|causes? (?:of|include|are)|causes include|because of|due to|results? from|triggers?|happens when|reasons",
    Topic.RISK: r"risk|more likely|more common|tends? to (?:run|affect)",
    Topic.TREATMENT: r"treat(?:s|ed|ment|ments|ing)?|medicines?|reliev\w+|therap(?:y|ies)|manage|control",
    Topic.TESTS: r"tests?|diagnos(?:e|es|ed|is|ing)|exams?|check(?:s|ed)?",
    Topic.PREVENTION: r"prevent(?:s|ed|ing|ion)?|protect(?:s|ed|ion)?|(?:lower|reduce) (?:your|the) (?:risk|chance)",
    Topic.SPREAD: r"spreads?|pass(?:es|ed)?|catch|transmit(?:s|ted)?|get it (?:from|by|through)",
    Topic.DOCTORS: r"specialists?|refer(?:s|red)?|see an?",
    Topic.SIDE_EFFECTS: r"side effects?",
}
_TOPIC = re.compile("|".join(rf"(?P<{topic.name}>\b(?:{cue})\b)" for topic, cue in _CUES.items()), re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n\s*\n")
_REACH = 260  # characters before a name in which the words that say what it is must stand


def topic_at(text: str, start: int) -> Topic | None:
    """Return what a text that speaks of everything is about where a name begins: the last word before it that tells."""
    found = None
    for match in _TOPIC.finditer(text, max(0, start - _REACH), start):
        found = match.lastgroup
    return None if found is None else Topic[found]


def sentence_start(text: str, start: int) -> int:
    """Return where the sentence begins that holds this place, or the part of it that is near enough."""
    begin = max(0, start - _REACH)
    for match in _SENTENCE_END.finditer(text, begin, start):
        begin = match.end()
    return begin
