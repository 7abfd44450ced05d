"""What a text says of each finding it mentions: there, denied, only possible or conditional, past, or somebody else's.

The method is ConText (Harkema et al. 2009; Chapman et al. 2013): trigger words, each with a direction and a scope that other
words end, within the sentence. The words are in `assertion_rules.tsv`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qa.assertion_table import DIMENSIONS, END, Rule, RuleTable, read_rules
from qa.model import Assertion, Mention
from qa.note_sentences import Sentence, sentences

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[,:;()?]|[-–—](?=[\s)])|(?<=[\s(])[-–—]")
_MARKS = str.maketrans("–—’", "--'")
_PUNCTUATION = frozenset(",:;()?-")
# Characters to either side of a mention that are read, so that a long note without a full stop stays linear.
_FARTHEST = 500
# Longer mentions hide no trigger: a name is shorter.
_LONGEST_NAME = 80
# What opens a question whose "not" denies no finding, and what opens a question at all.
_ASKING = frozenset("isn't aren't isnt arent why should can do does shouldn't shouldnt who when which what".split())
_QUESTIONS = _ASKING | frozenset("is are how where could would did may will".split())
_RELATIVE = frozenset("who which".split())
_VERBS = frozenset("denies denied does did do is was are were has had have never not no states reports shows reveals demonstrates".split())
_OTHERS = frozenset("he she they the patient pt symptoms return call follow be".split())
_ARTICLES = frozenset("a an any the".split())


@dataclass(frozen=True, slots=True)
class Context:
    """What a text says of a mention, each apart from the others.

    Attributes:
        negated: It is denied, or said to be over.
        hypothetical: It may come, or something is to be done should it come.
        historical: It was before the present illness.
        family: Somebody else has it.
        possible: It is considered, neither affirmed nor denied ("r/o pneumonia").
    """

    negated: bool = False
    hypothetical: bool = False
    historical: bool = False
    family: bool = False
    possible: bool = False

    @property
    def assertion(self) -> Assertion:
        """The one value of the contract: the first that holds of negated, family, hypothetical, historical; else present.

        Denied comes first, whoever is meant ("no family history of gout"), since what is denied must not be answered about.
        What is only possible is not affirmed, and so hypothetical.

        >>> Context(family=True, historical=True).assertion, Context(possible=True).assertion
        (<Assertion.FAMILY: 'family'>, <Assertion.HYPOTHETICAL: 'hypothetical'>)
        """
        if self.negated:
            return Assertion.NEGATED
        if self.family:
            return Assertion.FAMILY
        if self.hypothetical or self.possible:
            return Assertion.HYPOTHETICAL
        return Assertion.HISTORICAL if self.historical else Assertion.PRESENT


_NOTHING = Context()


@dataclass(frozen=True, slots=True)
class _Trigger:
    """A trigger in a sentence: its characters, and its words as a half-open range."""

    start: int
    end: int
    first: int
    last: int
    rule: Rule


def assertions(text: str, mentions: Sequence[Mention]) -> list[Assertion]:
    """Return what the text says of each mention, in the order of the mentions.

    >>> m = Mention(15, 25, "chest pain", None, 1.0)
    >>> assertions("a cough but no chest pain", [m])
    [<Assertion.NEGATED: 'negated'>]
    """
    return [context.assertion for context in contexts(text, [(mention.start, mention.end) for mention in mentions])]


def contexts(text: str, spans: Sequence[tuple[int, int]]) -> list[Context]:
    """Return what the text says of each span, in the order of the spans.

    A trigger that is part of a mention's name ("absence seizure") is none. In a question "if", "when" and "could" tell
    nothing of a finding, and "isn't gout ..." denies none.

    Args:
        text: A note or a question, with its lines.
        spans: Half-open ranges of characters, in any order; they may overlap.

    >>> contexts("Father had gout. No cough or fever.", [(11, 15), (29, 34)])  # doctest: +NORMALIZE_WHITESPACE
    [Context(negated=False, hypothetical=False, historical=False, family=True, possible=False),
     Context(negated=True, hypothetical=False, historical=False, family=False, possible=False)]
    """
    if not spans or not text:
        return [Context()] * len(spans)
    table = read_rules()
    found = sentences(text, table.headings)
    starts = [sentence.start for sentence in found]
    clamped = [(min(max(start, 0), len(text) - 1), min(max(end, start, 0), len(text))) for start, end in spans]
    order = sorted(range(len(spans)), key=clamped.__getitem__)
    results = [Context()] * len(spans)
    names = _Names(clamped[place] for place in order)
    reading: _Reading | None = None
    for place in order:
        sentence = found[bisect_right(starts, clamped[place][0]) - 1]
        if reading is None or reading.sentence is not sentence:
            reading = _Reading(text, sentence, table, names)
        results[place] = reading.context(*clamped[place])
    return results


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
    start = min(max(start, 0), len(text))
    begin = max(0, start - _FARTHEST)
    if begin:  # at a whole word: the end of "know" is no negation
        begin = max(text.find(" ", begin, start), begin)
    window = text[begin : start + _FARTHEST]
    here = start - begin
    here += len(window[here:]) - len(window[here:].lstrip())  # spaces may stand for a blanked word: a sentence begins behind them
    table = read_rules()
    found = sentences(window, table.headings)
    if not found:
        return False
    sentence = next((sentence for sentence in found if sentence.end > here), found[-1])
    return _Reading(window, sentence, table, _Names()).is_denied_before(here, reach)


class _Names:
    """Spans in order, asked whether one of them covers a trigger."""

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        kept = [(start, end) for start, end in spans if end - start <= _LONGEST_NAME]
        self._starts = [start for start, _ in kept]
        self._ends: list[int] = []
        for _, end in kept:
            self._ends.append(max(end, self._ends[-1] if self._ends else 0))

    def cover(self, start: int, end: int) -> bool:
        """Say whether a range of characters lies within a span."""
        place = bisect_right(self._starts, start)
        return place > 0 and self._ends[place - 1] >= end


def _plain(text: str) -> str:
    """Return a text in small letters and with plain marks, of the same length."""
    lower = text.lower()
    if len(lower) != len(text):  # a few capitals are two characters when small
        lower = "".join(c if len(c.lower()) != 1 else c.lower() for c in text)
    return lower if lower.isascii() else lower.translate(_MARKS)


class _Reading:
    """A sentence with its words and its triggers."""

    def __init__(self, text: str, sentence: Sentence, table: RuleTable, names: _Names) -> None:
        self.sentence = sentence
        self._table = table
        body, offset = _plain(text[sentence.body : sentence.end]), sentence.body
        spans = [match.span() for match in _WORD.finditer(body)]
        self._words = [body[start:end] for start, end in spans]
        if "'" in body:
            self._words = [word.removesuffix("'s") for word in self._words]
        self._starts = [offset + start for start, _ in spans]
        self._ends = [offset + end for _, end in spans]
        self._triggers = [t for t in self._found(0, len(self._words), True) if not names.cover(t.start, t.end)]
        self._trigger_starts = [trigger.start for trigger in self._triggers]
        self._marked = text[max(sentence.body, sentence.end - 10) : sentence.end].rstrip(" \t\r\n\"'”’)").endswith(("?", "؟", "？"))
        self._asks = self._marked or _opens_question(self._words, 0, _QUESTIONS, False)

    def context(self, start: int, end: int) -> Context:
        """Return what the sentence says of a mention."""
        if not self._triggers:
            return Context(**{self.sentence.section: True}) if self.sentence.section else _NOTHING
        held = self._held_before(start) | self._held_behind(end)
        if self.is_denied_before(start):
            held.add("negated")
        if self._asks:
            held -= {"possible", "hypothetical"}
        if self.sentence.section:
            held.add(self.sentence.section)
        return Context(**dict.fromkeys(held, True))

    def is_denied_before(self, start: int, reach: int | None = None) -> bool:
        """Say whether a negation before a character holds there, with at most so many words between."""
        here = bisect_left(self._starts, start)
        nearest: _Trigger | None = None
        clause = 0
        for trigger in self._before(start):
            if "negated" in trigger.rule.ends:
                clause = trigger.last - (self._words[trigger.last - 1] in _ASKING)  # ", which" opens the clause that it begins
                break
            if nearest is None and "negated" in trigger.rule.says and _reaches(trigger.rule.forward, trigger.rule, here - trigger.last):
                nearest = trigger
        if nearest is None:
            return False
        if self._is_question(clause):  # "what does not help gout" asks about gout, "which disease has a rash without fever" rules fever out
            return self._is_right_before(nearest, here)
        return reach is None or sum(word not in _PUNCTUATION for word in self._words[nearest.last : here]) <= reach

    def _held_before(self, start: int) -> set[str]:
        """Return what triggers before a mention say of it, save that they deny it."""
        here, held, scopes = bisect_left(self._starts, start), set[str](), set(DIMENSIONS - {"negated"})
        for trigger in self._before(start):
            rule = trigger.rule
            scopes -= rule.ends
            if not scopes:
                break
            if _reaches(rule.forward, rule, here - trigger.last):
                held |= rule.says & scopes
        return held

    def _held_behind(self, end: int) -> set[str]:
        here, held, scopes = bisect_left(self._starts, end), set[str](), set(DIMENSIONS)
        if self._asks:
            scopes.discard("negated")
        for trigger in self._behind(end):
            rule = trigger.rule
            scopes -= rule.ends
            if not scopes:
                break
            if _reaches(rule.backward, rule, trigger.first - here):
                held |= rule.says & scopes
        return held

    def _found(self, first: int, last: int, ends: bool) -> Iterator[_Trigger]:
        """Yield the triggers among some words, none overlapping another; the longest that begins at a word is taken.

        Where the sentence ends behind these words, its end is part of some triggers.
        """
        words = [*self._words[first:last], END] if ends else self._words[first:last]
        starters, free = self._table.starters, 0
        for place in [place for place, word in enumerate(words) if word in starters or word.isdecimal()]:
            if place < free:
                continue
            length, rule = self._table.longest(words, place)
            if rule is None:
                continue
            begin, stop = first + place, first + place + length
            end = self._ends[stop - 1] if stop <= last else self.sentence.end + 1
            yield _Trigger(self._starts[begin], end, begin, min(stop, last), rule)
            free = place + length

    def _before(self, start: int) -> Iterator[_Trigger]:
        """Yield the triggers before a character, the nearest first; of one that goes on behind it, what stands before it."""
        place = bisect_left(self._trigger_starts, start)
        if place and self._triggers[place - 1].end > start:
            place -= 1
            yield from reversed(list(self._found(self._triggers[place].first, bisect_left(self._starts, start), False)))
        for index in range(place - 1, -1, -1):
            if self._triggers[index].end < start - _FARTHEST:
                return
            yield self._triggers[index]

    def _behind(self, end: int) -> Iterator[_Trigger]:
        place = bisect_left(self._trigger_starts, end)
        if place and self._triggers[place - 1].end > end:
            cut = self._triggers[place - 1]
            yield from self._found(bisect_left(self._starts, end), cut.last, cut.last == len(self._words))
        for index in range(place, len(self._triggers)):
            if self._triggers[index].start > end + _FARTHEST:
                return
            yield self._triggers[index]

    def _is_question(self, clause: int) -> bool:
        """Say whether the negation belongs to a question's own verb ("isn't gout ...", "why do I not ...") rather than to a finding."""
        opener, following = (*self._words[clause : clause + 2], "", "")[:2]
        if clause and opener in _RELATIVE and (following in _VERBS or following.endswith("ed")) and not self._marked:
            return False  # "a man, who denies fever", but "I have a cold, which medicine does not ..."
        return _opens_question(self._words, clause, _ASKING, self._marked)

    def _is_right_before(self, trigger: _Trigger, here: int) -> bool:
        between = self._words[trigger.last : here]
        if len(between) > 1 or not _ARTICLES.issuperset(between):
            return False
        before = self._words[trigger.first - 1] if trigger.first else ""
        first = self._words[trigger.first]
        return first == "without" or (before in {"but", "and", "with"} and first in {"no", "not"})


def _reaches(directed: bool, rule: Rule, between: int) -> bool:
    return directed and (rule.reach is None or between <= rule.reach)


def _opens_question(words: Sequence[str], place: int, openers: frozenset[str], marked: bool) -> bool:
    """Say whether a question begins at a word: "does it help", but not the note's "does not give" or "should he return"."""
    word, following = (*words[place : place + 2], "", "")[:2]
    if word not in openers or marked:
        return word in openers
    return following != "not" and not (word in {"should", "will"} and following in _OTHERS)
