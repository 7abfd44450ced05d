"""What must come above any answer: signs of an emergency, self-harm, poisoning and questions about doses, from a table."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

from kg.names import fold
from qa.assertion import is_negated
from qa.safety_table import AT_LEAST, CLAUSE_WORDS, NEGATORS, Alert, Kind, Phrase, Row, Shared, Sign, Token, read_table, tokens

SHIPPED = Path(__file__).with_name("safety.yaml")
"""The table that ships with the package."""


_FILLERS = 2
_WINDOW = 7
# "no fever, chest pain": the comma ends the denial; "no fever, rash or stiff neck": it does not.
_COMMA = re.compile(r",(?![^.;?!]*\b(?:or|nor)\b)", re.IGNORECASE)
_QUESTION_WORDS = frozenset({*"what which why how when where who is are do does can could will would should if".split(), fold("does")})
_NUMBERS = {
    **{word: number for number, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())},
    **{
        "couple": 2,
        "few": 3,
        "dozen": 12,
        "fifteen": 15,
        "sixteen": 16,
        "twenty": 20,
        "thirty": 30,
        "forty": 40,
        "fifty": 50,
        "hundred": 100,
    },
}
# What may follow a number that counts no tablets.
_UNITS = "mg mcg ug ml g kg gram milligram microgram unit percent st nd rd th minute min hour hr day week wk month year yr time am pm"
_NO_COUNT = frozenset(map(fold, _UNITS.split()))
# How many words may stand between a negation and what it denies. Short for self-harm ("there is no hope and I want to die"),
# five words as in NegEx for signs; a question about a dose cannot be denied ("I do not know how much I can take").
_REACH = {Kind.EMERGENCY: 5, Kind.SELF_HARM: 2, Kind.POISONING: 5}


class SafetyTable:
    """The reviewed rows, ready to be matched against questions.

    Two filler words, but no negation and no end of a sentence, may stand between the words of a phrase, and seven words
    between the parts of a sign.

    >>> table = SafetyTable.load()
    >>> table.alerts("I have crushing chest pain and my left arm hurts")[0].kind
    <Kind.EMERGENCY: 'emergency'>
    >>> table.alerts("What are the symptoms of a heart attack?")
    ()
    """

    def __init__(self, rows: Iterable[Row], shared: Shared) -> None:
        self.rows = tuple(sorted(rows, key=lambda row: list(Kind).index(row.alert.kind)))
        self.shared = shared
        self._parts_of: defaultdict[Phrase, set[frozenset[Phrase]]] = defaultdict(set)
        self._signs_by_part: defaultdict[frozenset[Phrase], list[tuple[int, int, Sign]]] = defaultdict(list)
        for number, row in enumerate(self.rows):
            for place, group in enumerate(row.groups):
                for sign in group:
                    self._signs_by_part[min(sign, key=len)].append((number, place, sign))
                    for part in sign:
                        for phrase in part:
                            self._parts_of[phrase].add(part)
        self._not_denials = shared.not_denials | {phrase for phrase in self._parts_of if not NEGATORS.isdisjoint(phrase)}
        phrases = set(self._parts_of).union(*(getattr(shared, field.name) for field in fields(shared)), *(row.unless for row in self.rows))
        self._stems = frozenset(word[:-1] for phrase in phrases for word in phrase if word.endswith("*"))
        counts = Counter(word for phrase in phrases for word in phrase)
        self._by_rarest_word: defaultdict[str, list[Phrase]] = defaultdict(list)
        for phrase in phrases:
            self._by_rarest_word[min(phrase, key=lambda word: (counts[word], word))].append(phrase)

    @classmethod
    def load(cls, path: Path = SHIPPED) -> SafetyTable:
        """Read a table.

        Raises:
            TableError: The file cannot be read or a row is not of its form; the file and the row are named.
        """
        return cls(*read_table(path))

    def alerts(self, text: str) -> tuple[Alert, ...]:
        """Return every alert that a text calls for, the most pressing first.

        Emergencies come before self-harm, then poisoning, then doses; within a kind the order of the table decides.
        What a text asks about medicine in general ("what are the signs of ...") and what it tells of the past
        ("last year ...") is not read, except for doses and for rows that say so.

        >>> SafetyTable.load().alerts("no chest pain, what helps a headache?")
        ()
        """
        return tuple(_Reading(text, self).alerts())


class _Reading:
    """One text, with the phrases of a table that it holds."""

    def __init__(self, text: str, table: SafetyTable) -> None:
        self._table, self._text = table, text
        self.tokens = tuple(tokens(text))
        following = (*(token.word for token in self.tokens[1:]), "")
        self._classes = [tuple(self._classes_of(token.word, after)) for token, after in zip(self.tokens, following, strict=False)]
        self._positions: defaultdict[str, list[int]] = defaultdict(list)
        for position, names in enumerate(self._classes):
            for name in names:
                self._positions[name].append(position)
        self._found: dict[Phrase, list[tuple[int, ...]]] = {}
        for word in self._positions:
            for phrase in table._by_rarest_word.get(word, ()):
                if all(part in self._positions for part in phrase) and (places := list(self._places(phrase))):
                    self._found[phrase] = places
        self._denials = self._without_pseudo_denials()
        self._denied: dict[tuple[int, int], bool] = {}
        self._harmless = {position for places in self._all(table.shared.harmless) for position in places}
        self._unread = self._general() | self._past()
        self._spans: defaultdict[frozenset[Phrase], list[tuple[int, ...]]] = defaultdict(list)
        for phrase, places in self._found.items():
            for part in table._parts_of.get(phrase, ()):
                self._spans[part] += (ways for ways in places if self._harmless.isdisjoint(ways))

    def alerts(self) -> Iterator[Alert]:
        held: defaultdict[int, defaultdict[int, list[Sign]]] = defaultdict(lambda: defaultdict(list))
        for part in self._spans:
            for number, place, sign in self._table._signs_by_part.get(part, ()):
                if all(other in self._spans for other in sign):
                    held[number][place].append(sign)
        for number in sorted(held):
            row = self._table.rows[number]
            if len(held[number]) == len(row.groups) and self._fires(row, held[number].values()):
                yield row.alert

    def _fires(self, row: Row, held: Iterable[list[Sign]]) -> bool:
        read = {token.sentence for token in self.tokens} - {self.tokens[places[0]].sentence for places in self._all(row.unless)}
        # Signs may be told over several sentences; a question about a dose is one sentence.
        texts = [{sentence} for sentence in read] if row.alert.kind is Kind.DOSE else [read]
        return any(all(any(self._holds(sign, row, sentences) for sign in signs) for signs in held) for sentences in texts)

    def _holds(self, sign: Sign, row: Row, sentences: set[int]) -> bool:
        """Say whether the parts of a sign stand close together in one of some sentences, read and not denied."""
        ways: list[list[tuple[int, ...]]] = [
            [places for places in self._spans[part] if self.tokens[places[0]].sentence in sentences and self._affirmed(places, row)]
            for part in sign
        ]
        return any(self._close(places[0], places[-1], ways[1:], len(sign)) for places in ways[0])

    def _close(self, first: int, last: int, rest: list[list[tuple[int, ...]]], parts: int) -> bool:
        if not rest:
            return True
        sentence, room = self.tokens[first].sentence, (_WINDOW + 1) * (parts - 1) + _FILLERS
        return any(
            max(last, places[-1]) - min(first, places[0]) <= room
            and self.tokens[places[0]].sentence == sentence
            and self._close(min(first, places[0]), max(last, places[-1]), rest[1:], parts)
            for places in rest[0]
        )

    def _affirmed(self, places: tuple[int, ...], row: Row) -> bool:
        if row.alert.kind is Kind.DOSE:
            return True
        if not row.always and self._unread.issuperset(places):
            return False
        at = self.tokens[places[0]].start, _REACH[row.alert.kind]
        if at not in self._denied:
            self._denied[at] = is_negated(self._denials, *at)
        return not self._denied[at]

    def _all(self, phrases: frozenset[Phrase]) -> Iterator[tuple[int, ...]]:
        return (places for phrase in phrases & self._found.keys() for places in self._found[phrase])

    def _general(self) -> set[int]:
        """Return the words that ask about medicine in general, not about somebody's present state."""
        shared = self._table.shared
        asks = {position for places in self._all(shared.information) for position in places}
        personal = {places[0] for places in self._all(shared.personal)} - asks
        asks |= {position for position in range(len(self.tokens)) if self._opens_question(position, personal)}
        general = {self.tokens[p].sentence for p in asks} - {self.tokens[p].sentence for p in personal}
        found, now = set[int](), False
        for position, token in enumerate(self.tokens):
            if position == 0 or token.sentence != self.tokens[position - 1].sentence:
                now = token.sentence in general
            now = position in asks or (now and position not in personal)
            if now:
                found.add(position)
        return found

    def _opens_question(self, position: int, personal: set[int]) -> bool:
        """Say whether a clause that asks about nobody in particular opens with a word ("is bleeding more likely")."""
        token, before = self.tokens[position], self.tokens[position - 1] if position else _NOTHING
        if token.word not in _QUESTION_WORDS:
            return False
        within = position > 0 and before.sentence == token.sentence
        # "he has a fever, is confused" asks nothing
        if within and (before.clause == token.clause or before.word in CLAUSE_WORDS or "?" not in self._text[token.end :]):
            return False
        following = range(position + 1, min(position + 4, len(self.tokens)))
        return personal.isdisjoint((position, *following)) and all(self.tokens[p].word not in NEGATORS for p in following[:1])

    def _past(self) -> set[int]:
        """Return the words that tell of the past: the sentence, or the clause where the sentence speaks of the present too."""
        past = [self.tokens[places[0]] for places in self._all(self._table.shared.past)]
        present = {self.tokens[places[0]].sentence for places in self._all(self._table.shared.present)}
        sentences, clauses = {token.sentence for token in past} - present, {token.clause for token in past}
        return {p for p, token in enumerate(self.tokens) if token.sentence in sentences or token.clause in clauses}

    def _places(self, phrase: Phrase) -> Iterator[tuple[int, ...]]:
        """Yield the positions of a phrase's words, one way for each place where it starts."""
        return (places for first in self._positions[phrase[0]] if (places := self._rest(phrase, (first,))) is not None)

    def _rest(self, phrase: Phrase, places: tuple[int, ...]) -> tuple[int, ...] | None:
        if len(places) == len(phrase):
            return places
        last = places[-1]
        for position in range(last + 1, min(last + 2 + _FILLERS, len(self.tokens))):
            if self.tokens[position].sentence != self.tokens[last].sentence:
                return None
            if phrase[len(places)] in self._classes[position] and (found := self._rest(phrase, (*places, position))):
                return found
            if self.tokens[position].word in NEGATORS:
                return None
        return None

    def _classes_of(self, word: str, following: str) -> Iterator[str]:
        """Yield what a table can call a word: itself, its stems, and the names for a number."""
        yield word
        yield from (f"{word[:size]}*" for size in range(3, len(word) + 1) if word[:size] in self._table._stems)
        value = int(word[:9]) if word.isascii() and word.isdigit() else _NUMBERS.get(word, 0)
        counts = following not in _NO_COUNT
        yield from (name for name, least in AT_LEAST.items() if value >= least and (counts or name in {"NUMBER", "YEAR"}))

    def _without_pseudo_denials(self) -> str:
        """Return the text, offsets kept, with every contraction of "not" spelt out and every "not" that denies nothing blanked.

        A "not" denies nothing where it is part of a sign ("not breathing"), so that it cannot hide the sign after it.
        """
        characters = list(_COMMA.sub(";", self._text))
        own = {p for phrase, places in self._found.items() if phrase in self._table._not_denials for ways in places for p in ways}
        for position, token in enumerate(self.tokens):
            if token.word in NEGATORS and token.word != "cannot":
                width = token.end - token.start
                characters[token.start : token.end] = (" " * width if position in own else token.word[:width].ljust(width))[:width]
        return "".join(characters)


_NOTHING = Token("", 0, 0, 0, 0)
