"""What must come above any answer: signs of an emergency, self-harm, poisoning and questions about doses, from a reviewed table."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from kg.names import fold, words
from qa.assertion import is_negated
from qa.errors import TableError

SHIPPED = Path(__file__).with_name("safety.yaml")
"""The table that ships with the package."""

_FILLERS = 2
_NEGATORS = frozenset({"no", "not", "never", "nor", "without", "cannot"})
_SENTENCE_END = re.compile(r"[.;?!]+(?=\s|$)|\n")
# "no fever, chest pain": the comma ends the denial; "no fever, rash or stiff neck": it does not.
_COMMA = re.compile(r",(?![^.;?!]*\b(?:or|nor)\b)", re.IGNORECASE)
_AMOUNT = re.compile(r"(\d+)([^\W\d_]+)")
_NUMBERS = {
    word: value
    for words_, value in (
        ("two couple", 2), ("three few", 3), ("four", 4), ("five", 5), ("six", 6), ("seven", 7), ("eight", 8), ("nine", 9), ("ten", 10),
        ("eleven", 11), ("twelve dozen", 12), ("fifteen", 15), ("sixteen", 16), ("twenty", 20), ("thirty", 30), ("forty", 40),
        ("fifty", 50), ("sixty", 60), ("hundred", 100),
    )
    for word in words_.split()
}  # fmt: skip
_MANY = 10
_CONTRACTIONS: Mapping[str, tuple[str, ...]] = {
    "im": ("i", "am"),
    "ive": ("i", "have"),
    "cant": ("cannot",),
    "theyre": ("they", "are"),
    "wont": ("will", "not"),
    **{
        fold(f"{verb}nt"): (fold(verb), "not")
        for verb in ["do", "does", "did", "is", "are", "was", "has", "have", "could", "would", "should"]
    },
}
_WITH_IS = frozenset(["he", "she", "it", "that", "what", "who"])

Phrase: TypeAlias = tuple[str, ...]


class Kind(StrEnum):
    """What an alert is about, the most pressing first."""

    EMERGENCY = "emergency"
    SELF_HARM = "self_harm"
    POISONING = "poisoning"
    DOSE = "dose"


# How many words may stand between a negation and what it denies. Short for self-harm ("there is no hope and I want to die"),
# five words as in NegEx for signs; a question about a dose cannot be denied ("I do not know how much I can take").
_REACH = {Kind.EMERGENCY: 5, Kind.SELF_HARM: 2, Kind.POISONING: 5}


@dataclass(frozen=True, slots=True)
class Alert:
    """What a person is told before, or instead of, an answer.

    Attributes:
        id: The row of the table that fired.
        kind: What it is about.
        message: What to do now, in one or two sentences.
        source: Where the advice comes from.
    """

    id: str
    kind: Kind
    message: str
    source: str


@dataclass(frozen=True, slots=True)
class Row:
    """One reviewed row of the table.

    Attributes:
        alert: What is said when the row fires.
        groups: Phrases, folded; the row fires when each group has one in the text that is not denied.
        unless: Phrases, folded; a sentence that holds one is not read for this row.
        examples: Texts on which the row fires.
        near_misses: Texts that are close to it and on which nothing of its kind fires.
    """

    alert: Alert
    groups: tuple[frozenset[Phrase], ...]
    unless: frozenset[Phrase]
    examples: tuple[str, ...]
    near_misses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    start: int
    end: int
    sentence: int


class SafetyTable:
    """The reviewed rows, ready to be matched against questions.

    Two filler words, but no negation and no end of a sentence, may stand between the words of a phrase.

    >>> table = SafetyTable.load()
    >>> table.check("I have crushing chest pain and my left arm hurts").kind
    <Kind.EMERGENCY: 'emergency'>
    >>> table.check("What are the symptoms of a heart attack?") is None
    True
    """

    def __init__(
        self, rows: Iterable[Row], information: frozenset[Phrase], personal: frozenset[Phrase], not_denials: frozenset[Phrase]
    ) -> None:
        self.rows = tuple(sorted(rows, key=lambda row: list(Kind).index(row.alert.kind)))
        self._information, self._personal, self._not_denials = information, personal, not_denials
        phrases = information | personal | not_denials
        phrases = phrases.union(*(row.unless.union(*row.groups) for row in self.rows))
        counts = Counter(word for phrase in phrases for word in phrase)
        index: defaultdict[str, list[Phrase]] = defaultdict(list)
        for phrase in phrases:
            index[min(phrase, key=lambda word: (counts[word], word))].append(phrase)
        self._by_rarest_word: Mapping[str, list[Phrase]] = dict(index)

    @classmethod
    def load(cls, path: Path = SHIPPED) -> SafetyTable:
        """Read a table.

        Raises:
            TableError: The file cannot be read or a row is not of its form; the file and the row are named.
        """
        try:
            data = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise TableError(f"{path} cannot be read as YAML: {error}") from error
        if not isinstance(data, dict) or not isinstance(data.get("rows"), list):
            raise TableError(f"{path} holds no list named rows, expected information, personal, not_denials and rows")
        rows = [_row(item, f"{path}, row {number}") for number, item in enumerate(data["rows"], start=1)]
        repeated = [name for name, count in Counter(row.alert.id for row in rows).items() if count > 1]
        if repeated:
            raise TableError(f"{path}, row {repeated[0]!r}: the id is used more than once, expected each id once")
        shared = (_phrases(data.get(name, []), f"{path}, {name}") for name in ("information", "personal", "not_denials"))
        return cls(rows, *shared)

    def check(self, text: str) -> Alert | None:
        """Return the most pressing alert that a text calls for, or None.

        Emergencies come before self-harm, then poisoning, then doses; within a kind the order of the table decides.
        In the text of a question about medicine in general ("what are the signs of ...") only sentences that speak of
        somebody's present state are read for emergencies and poisoning.

        >>> SafetyTable.load().check("no chest pain, what helps a headache?") is None
        True
        """
        return next(_Reading(text, self).alerts(), None)

    def alerts(self, text: str) -> tuple[Alert, ...]:
        """Return every alert that a text calls for, the most pressing first."""
        return tuple(_Reading(text, self).alerts())


class _Reading:
    """One text, with the phrases of a table that it holds."""

    def __init__(self, text: str, table: SafetyTable) -> None:
        self._table = table
        self._tokens = tuple(_tokens(text))
        self._positions: defaultdict[str, list[int]] = defaultdict(list)
        for position, token in enumerate(self._tokens):
            self._positions[token.word].append(position)
            for name in _number_classes(token.word):
                self._positions[name].append(position)
        self._found: dict[Phrase, list[tuple[int, ...]]] = {}
        for word in self._positions:
            for phrase in table._by_rarest_word.get(word, ()):
                if all(part in self._positions for part in phrase) and (places := list(self._places(phrase))):
                    self._found[phrase] = places
        self._denials = self._without_pseudo_denials(text)
        general = self._sentences(table._information) - self._sentences(table._personal)
        every = {token.sentence for token in self._tokens}
        self._read = {kind: every - general if kind in {Kind.EMERGENCY, Kind.POISONING} else every for kind in Kind}

    def alerts(self) -> Iterator[Alert]:
        return (row.alert for row in self._table.rows if self._fires(row))

    def _fires(self, row: Row) -> bool:
        if not all(any(phrase in self._found for phrase in group) for group in row.groups):
            return False
        read = self._read[row.alert.kind] - self._sentences(row.unless)
        # Signs may be told over several sentences; a question about a dose is one sentence.
        parts = [{sentence} for sentence in read] if row.alert.kind is Kind.DOSE else [read]
        reach = _REACH.get(row.alert.kind)
        return any(all(self._affirmed(group, part, reach) for group in row.groups) for part in parts)

    def _affirmed(self, group: frozenset[Phrase], sentences: set[int], reach: int | None) -> bool:
        for phrase in group & self._found.keys():
            for first in {places[0] for places in self._found[phrase]}:
                token = self._tokens[first]
                if token.sentence in sentences and (reach is None or not is_negated(self._denials, token.start, reach)):
                    return True
        return False

    def _sentences(self, phrases: frozenset[Phrase]) -> set[int]:
        return {self._tokens[places[0]].sentence for phrase in phrases & self._found.keys() for places in self._found[phrase]}

    def _places(self, phrase: Phrase) -> Iterator[tuple[int, ...]]:
        """Yield the positions of a phrase's words, one way for each place where it starts."""
        for first in self._positions[phrase[0]]:
            if (places := self._rest(phrase, (first,))) is not None:
                yield places

    def _rest(self, phrase: Phrase, places: tuple[int, ...]) -> tuple[int, ...] | None:
        if len(places) == len(phrase):
            return places
        last = places[-1]
        for position in range(last + 1, min(last + 2 + _FILLERS, len(self._tokens))):
            if self._tokens[position].sentence != self._tokens[last].sentence:
                return None
            wanted = phrase[len(places)]
            word = self._tokens[position].word
            if (word == wanted or wanted in _number_classes(word)) and (found := self._rest(phrase, (*places, position))):
                return found
            if word in _NEGATORS:
                return None
        return None

    def _without_pseudo_denials(self, text: str) -> str:
        """Return the text, offsets kept, with every contraction of "not" spelt out and every "not" that denies nothing blanked.

        A "not" denies nothing where it is part of a sign ("not breathing"), so that it cannot hide the sign after it.
        """
        characters = list(_COMMA.sub(";", text))
        own = {p for phrase, places in self._found.items() if self._is_sign(phrase) for ways in places for p in ways}
        for position, token in enumerate(self._tokens):
            if token.word in _NEGATORS and token.word != "cannot":
                width = token.end - token.start
                characters[token.start : token.end] = (" " * width if position in own else token.word[:width].ljust(width))[:width]
        return "".join(characters)

    def _is_sign(self, phrase: Phrase) -> bool:
        if phrase in self._table._not_denials:
            return True
        return not _NEGATORS.isdisjoint(phrase) and any(phrase in group for row in self._table.rows for group in row.groups)


def _tokens(text: str) -> Iterator[_Token]:
    """Yield a text's words, folded, contractions and amounts taken apart; the parts share the offsets of the whole."""
    ends = [match.start() for match in _SENTENCE_END.finditer(text)]
    sentence, held = 0, None
    for word, start, end in words(text):
        while sentence < len(ends) and ends[sentence] < start:
            sentence += 1
        for part in _parts(word, text[start:end]):
            token = _Token(part, start, end, sentence)
            if held is not None and part == "not":
                token, held = _Token("cannot", held.start, end, sentence), None
            if held is not None:
                yield held
            held = token if part == "can" else None
            if held is None:
                yield token
    if held is not None:
        yield held


def _parts(word: str, written: str) -> tuple[str, ...]:
    if word in _CONTRACTIONS:
        return _CONTRACTIONS[word]
    if word in _WITH_IS and written[-2:] in {"'s", "’s", "'S", "’S"}:
        return word, "is"
    if amount := _AMOUNT.fullmatch(word):
        return amount.groups()
    return (word,)


def _number_classes(word: str) -> tuple[str, ...]:
    """Return the names under which a table can speak of a number: NUMBER, two or more; MANY, ten or more."""
    value = _NUMBERS.get(word)
    if value is None and word.isascii() and word.isdigit():
        value = int(word[:9])
    if value is None or value < 2:
        return ()
    return ("NUMBER", "MANY") if value >= _MANY else ("NUMBER",)


def _phrases(item: Any, where: str) -> frozenset[Phrase]:
    """Return phrases, folded; a list inside a list is a shared one and is laid flat."""
    if not isinstance(item, list):
        raise TableError(f"{where}: got {item!r}, expected a list of phrases")
    found: set[Phrase] = set()
    for phrase in item:
        if isinstance(phrase, list):
            found |= _phrases(phrase, where)
        elif isinstance(phrase, str) and (folded := _folded(phrase)):
            found.add(folded)
        else:
            raise TableError(f"{where}: got {phrase!r}, expected a phrase in words; put it in quotes if YAML reads it as something else")
    return frozenset(found)


def _folded(phrase: str) -> Phrase:
    parts: list[str] = []
    for piece in phrase.split():
        parts.extend([piece] if piece in {"NUMBER", "MANY"} else (token.word for token in _tokens(piece)))
    return tuple(parts)


def _row(item: Any, where: str) -> Row:
    if not isinstance(item, dict):
        raise TableError(f"{where}: got {item!r}, expected a mapping with id, kind, groups, message and source")
    where = f"{where} ({item.get('id')!r})"
    unknown = item.keys() - {"id", "kind", "groups", "unless", "message", "source", "examples", "near_misses"}
    if unknown:
        raise TableError(f"{where}: unknown key {min(map(str, unknown))!r}")
    for name in ("id", "kind", "message", "source"):
        if not isinstance(item.get(name), str) or not item[name].strip():
            raise TableError(f"{where}: {name} is {item.get(name)!r}, expected a text")
    if item["kind"] not in set(Kind):
        raise TableError(f"{where}: kind is {item['kind']!r}, expected one of {', '.join(Kind)}")
    groups = item.get("groups")
    if not isinstance(groups, list) or not groups or not all(groups):
        raise TableError(f"{where}: groups is {groups!r}, expected a list of lists of phrases, none of them empty")
    return Row(
        alert=Alert(item["id"], Kind(item["kind"]), item["message"].strip(), item["source"].strip()),
        groups=tuple(_phrases(group, f"{where}, groups") for group in groups),
        unless=_phrases(item.get("unless", []), f"{where}, unless"),
        examples=_texts(item, "examples", where),
        near_misses=_texts(item, "near_misses", where),
    )


def _texts(item: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    texts = item.get(name, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise TableError(f"{where}: {name} is {texts!r}, expected a list of texts")
    return tuple(texts)
