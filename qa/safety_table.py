"""The table of emergencies as a file: its rows, signs and concepts, and the words that they are made of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from kg.names import fold, words
from qa.errors import TableError

NEGATORS = frozenset({"no", "not", "never", "nor", "without", "cannot"})
"""Words that deny; none is a sign by itself."""

AT_LEAST = {"NUMBER": 2, "SEVERAL": 5, "MANY": 9, "YEAR": 1900}
"""Words of the table that stand for numbers, and the least number each stands for."""

# libyaml where the installation has it: several times faster, and read at every start.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SENTENCE_END = re.compile(r"[.;?!]+(?=\s|$)|\n")
_CLAUSE_MARK = re.compile(r"[,:()–—]|\s-\s")
CLAUSE_WORDS = frozenset({"and", "but", "so", "then"})
_AMOUNT = re.compile(r"(\d+)([^\W\d_]+)")
_CONCEPT = re.compile(r"[A-Z][A-Z_]+")
_SHORT = "im=i am, ive=i have, cant=cannot, theyre=they are, theyve=they have, theyd=they would, weve=we have, hes=he is, shes=she is"
_CONTRACTIONS: Mapping[str, tuple[str, ...]] = {
    **{short: tuple(full.split()) for short, full in (pair.split("=") for pair in f"{_SHORT}, theres=there is, wont=will not".split(", "))},
    **{fold(f"{verb}nt"): (fold(verb), "not") for verb in "do does did is are was were has have had could would should".split()},
}
_WITH_IS = frozenset(["he", "she", "it", "that", "what", "who", "there"])

Phrase: TypeAlias = tuple[str, ...]
Sign: TypeAlias = tuple[frozenset[Phrase], ...]
Concepts: TypeAlias = Mapping[str, frozenset[Phrase]]


class Kind(StrEnum):
    """What an alert is about, the most pressing first."""

    EMERGENCY = "emergency"
    SELF_HARM = "self_harm"
    POISONING = "poisoning"
    DOSE = "dose"


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
    """One reviewed row of the table; phrases are folded.

    Attributes:
        alert: What is said when the row fires.
        groups: Signs; the row fires when each group has one in the text that is read and not denied. A sign is one or
            more parts, each a set of phrases, that stand close together in one sentence in any order.
        unless: A sentence that holds one of these phrases is not read for this row.
        always: Whether questions about medicine in general and what is long past are read too.
        examples: Texts on which the row fires.
        near_misses: Texts that are close to it and on which nothing of its kind fires.
    """

    alert: Alert
    groups: tuple[frozenset[Sign], ...]
    unless: frozenset[Phrase]
    always: bool
    examples: tuple[str, ...]
    near_misses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """The lists of phrases that hold for all rows; what each does is told where the table gives it."""

    information: frozenset[Phrase]
    personal: frozenset[Phrase]
    past: frozenset[Phrase]
    present: frozenset[Phrase]
    harmless: frozenset[Phrase]
    not_denials: frozenset[Phrase]


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, folded, with its half-open character range and the sentence and clause in which it stands."""

    word: str
    start: int
    end: int
    sentence: int
    clause: int


_SHARED = tuple(field.name for field in fields(Shared))


def read_table(path: Path) -> tuple[list[Row], Shared]:
    """Read a table: its rows, and the lists of phrases that hold for all of them.

    Raises:
        TableError: The file cannot be read or a row is not of its form; the file and the row are named.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TableError(f"{path} cannot be read as YAML: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("rows"), list):
        raise TableError(f"{path} holds no list named rows, expected concepts, {', '.join(_SHARED)} and rows")
    concepts: dict[str, frozenset[Phrase]] = {}
    for name, item in data.get("concepts", {}).items():
        concepts[name] = _phrases(item, concepts, f"{path}, concepts, {name}")
    shared = Shared(*(_phrases(data.get(name, []), concepts, f"{path}, {name}") for name in _SHARED))
    rows = [_row(item, concepts, f"{path}, row {number}") for number, item in enumerate(data["rows"], start=1)]
    repeated = [name for name, count in Counter(row.alert.id for row in rows).items() if count > 1]
    if repeated:
        raise TableError(f"{path}, row {repeated[0]!r}: the id is used more than once, expected each id once")
    return rows, shared


def _phrases(item: Any, concepts: Concepts, where: str) -> frozenset[Phrase]:
    """Return phrases, folded; a concept is replaced by its phrases and a list inside a list is laid flat."""
    found = _signs(item, concepts, where)
    if joined := [sign for sign in found if len(sign) > 1]:
        raise TableError(f"{where}: got {joined[0]!r}, expected phrases without a plus")
    return frozenset(phrase for (part,) in found for phrase in part)


def _signs(item: Any, concepts: Concepts, where: str) -> frozenset[Sign]:
    if not isinstance(item, list):
        raise TableError(f"{where}: got {item!r}, expected a list of phrases")
    found: set[Sign] = set()
    for sign in item:
        if isinstance(sign, list):
            found |= _signs(sign, concepts, where)
        elif isinstance(sign, str) and all(parts := [_part(part, concepts, where) for part in sign.split(" + ")]):
            found.add(tuple(parts))
        else:
            raise TableError(f"{where}: got {sign!r}, expected a phrase in words; put it in quotes if YAML reads it as something else")
    return frozenset(found)


def _part(part: str, concepts: Concepts, where: str) -> frozenset[Phrase]:
    name = part.strip()
    if name in concepts:
        return concepts[name]
    words_: list[str] = []
    for piece in name.split():
        if _CONCEPT.fullmatch(piece) and piece not in AT_LEAST:
            raise TableError(f"{where}: {piece} in {part!r} is no concept, or not on its own between plus signs")
        stem = "*" if piece.endswith("*") else ""
        words_ += [piece] if piece in AT_LEAST else [f"{token.word}{stem}" for token in tokens(piece)]
    if len(words_) == 1 and words_[0] in NEGATORS - {"cannot"}:
        raise TableError(f"{where}: {part!r} denies and is no part of its own, expected it within a phrase")
    return frozenset({tuple(words_)} if words_ else ())


def _row(item: Any, concepts: Concepts, where: str) -> Row:
    if not isinstance(item, dict):
        raise TableError(f"{where}: got {item!r}, expected a mapping with id, kind, groups, message and source")
    where = f"{where} ({item.get('id')!r})"
    unknown = item.keys() - {"id", "kind", "groups", "unless", "always", "message", "source", "examples", "near_misses"}
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
    if not isinstance(item.get("always", False), bool):
        raise TableError(f"{where}: always is {item['always']!r}, expected true or false")
    return Row(
        alert=Alert(item["id"], Kind(item["kind"]), item["message"].strip(), item["source"].strip()),
        groups=tuple(_signs(group, concepts, f"{where}, groups") for group in groups),
        unless=_phrases(item.get("unless", []), concepts, f"{where}, unless"),
        always=item.get("always", False),
        examples=_texts(item, "examples", where),
        near_misses=_texts(item, "near_misses", where),
    )


def _texts(item: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    texts = item.get(name, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise TableError(f"{where}: {name} is {texts!r}, expected a list of texts")
    return tuple(texts)


def tokens(text: str) -> Iterator[Token]:
    """Yield a text's words, folded, contractions and amounts taken apart; the parts share the offsets of the whole."""
    last = held = None
    sentence = clause = 0
    for word, start, end in words(text):
        if last is not None:
            sentence += _SENTENCE_END.search(text, last.end, start + 1) is not None
            parted = last.sentence != sentence or not CLAUSE_WORDS.isdisjoint((word, last.word))
            clause += parted or _CLAUSE_MARK.search(text, last.end, start) is not None
        for part in _parts(word, text[start:end]):
            last = Token(part, start, end, sentence, clause)
            if held is not None and part == "not":
                last, held = Token("cannot", held.start, end, sentence, clause), None
            if held is not None:
                yield held
            held = last if part == "can" else None
            if held is None:
                yield last
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
