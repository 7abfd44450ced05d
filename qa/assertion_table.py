"""The table of trigger words behind `qa.assertion`: read, checked, and ready to be matched against the words of a sentence."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from qa.errors import TableError

SHIPPED = Path(__file__).with_name("assertion_rules.tsv")
"""The table that ships with the package; its first lines say how it is read."""

DIMENSIONS = frozenset({"negated", "possible", "hypothetical", "historical", "family"})
"""What can hold of a mention, each independent of the others."""

END = "$"
"""The word that stands for the end of a sentence."""

_COLUMNS = ("trigger", "kind", "direction", "reach", "ends")
_DIRECTIONS = {"forward": (True, False), "backward": (False, True), "both": (True, True)}
_NUMBERS = frozenset("one two three four five six seven eight nine ten eleven twelve several few".split())
_YEAR = re.compile(r"(19|20)\d\d")
_LONGEST = 12


@dataclass(frozen=True, slots=True)
class Rule:
    """What a trigger does.

    Attributes:
        says: What holds of the mentions in its scope; nothing for pseudo-triggers and for words that end scopes.
        forward: Whether its scope lies behind it.
        backward: Whether its scope lies before it.
        reach: How many words and marks may stand between it and a mention; None, as many as the scope holds.
        ends: The kinds whose scopes it ends.
    """

    says: frozenset[str] = frozenset()
    forward: bool = False
    backward: bool = False
    reach: int | None = None
    ends: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RuleTable:
    """The table, ready to be matched.

    Attributes:
        triggers: The triggers as a tree of words; the rule stands under the empty word.
        starters: Words that a trigger may begin with, save numbers in digits.
        headings: The headings of sections, with what holds below each, or None.
        rows: How many rows the file has.

    >>> table = read_rules()
    >>> length, rule = table.longest(["no", "history", "of", "gout"], 0)
    >>> length, sorted(rule.says)
    (3, ['historical', 'negated'])
    """

    triggers: Mapping[str, Any]
    starters: frozenset[str]
    headings: Mapping[str, str | None]
    rows: int

    def longest(self, words: Sequence[str], position: int, end: int | None = None) -> tuple[int, Rule | None]:
        """Return the longest trigger that begins at a word, as its number of words and its rule; 0 and None where there is none.

        Args:
            words: The words of a sentence, as `qa.assertion` cuts and folds them.
            position: Where the trigger begins.
            end: One past the last word that it may hold; None, the end of the sentence.
        """
        node, length, rule = self.triggers, 0, None
        for place in range(position, min(len(words) if end is None else end, position + _LONGEST)):
            following = node.get(words[place]) or (_numbered(node, words[place]) if "#" in node or "####" in node else None)
            if following is None:
                break
            node = following
            if "" in node:
                length, rule = place + 1 - position, node[""]
        return length, rule


def _numbered(node: Mapping[str, Any], word: str) -> Any:
    if "####" in node and _YEAR.fullmatch(word):
        return node["####"]
    return node.get("#") if word.isdecimal() or word in _NUMBERS else None


@lru_cache(maxsize=4)
def read_rules(path: Path = SHIPPED) -> RuleTable:
    """Read a table of triggers.

    Raises:
        TableError: The file cannot be read or a row is not of its form; the file and the line are named.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(f"{path}: not readable ({error}); expected a table of triggers") from error
    triggers: dict[str, Any] = {}
    headings: dict[str, str | None] = {}
    rows = 0
    for number, line in enumerate(lines, start=1):
        fields = tuple(line.split("\t"))
        if not line.strip() or (line.startswith("#") and len(fields) == 1) or fields == _COLUMNS:
            continue
        rows += 1
        try:
            _add(fields, triggers, headings)
        except ValueError as error:
            raise TableError(f"{path}, line {number}: {error}") from error
    return RuleTable(triggers, _NUMBERS.union(triggers), headings, rows)


def _add(fields: tuple[str, ...], triggers: dict[str, Any], headings: dict[str, str | None]) -> None:
    if len(fields) != len(_COLUMNS):
        raise ValueError(f"{len(fields)} columns, expected {len(_COLUMNS)}: {', '.join(_COLUMNS)}")
    trigger, kind, _, _, ends = fields
    if kind == "heading":
        if ends not in DIMENSIONS | {"none"}:
            raise ValueError(f"a heading says {ends!r}, expected none or one of {', '.join(sorted(DIMENSIONS))}")
        headings[trigger] = None if ends == "none" else ends
        return
    rule = _rule(fields)
    for words in _spelt_out(trigger):
        node = triggers
        for word in words:
            node = node.setdefault(word, {})
        if node.setdefault("", rule) != rule:
            raise ValueError(f"the trigger {' '.join(words)!r} stands in another row with another meaning")


def _rule(fields: tuple[str, ...]) -> Rule:
    _, kind, direction, reach, ends = fields
    if kind == "pseudo":
        return Rule()
    if kind == "stop":
        ended = DIMENSIONS if ends == "all" else frozenset(ends.split())
        if not ended or not ended <= DIMENSIONS:
            raise ValueError(f"a stop ends {ends!r}, expected all or some of {', '.join(sorted(DIMENSIONS))}")
        return Rule(ends=ended)
    says = frozenset(kind.split())
    if not says or not says <= DIMENSIONS:
        raise ValueError(f"the kind {kind!r} is unknown, expected pseudo, stop, heading or some of {', '.join(sorted(DIMENSIONS))}")
    if direction not in _DIRECTIONS:
        raise ValueError(f"the direction {direction!r} is unknown, expected forward, backward or both")
    if reach != "-" and not reach.isdecimal():
        raise ValueError(f"the reach {reach!r} is no number of words and not -")
    forward, backward = _DIRECTIONS[direction]
    return Rule(says, forward, backward, None if reach == "-" else int(reach))


def _spelt_out(trigger: str) -> Iterator[tuple[str, ...]]:
    """Yield every way to say a trigger: "no/without [any] sign" is four."""
    choices: list[tuple[str, ...]] = []
    for word in trigger.split():
        optional = word.startswith("[") and word.endswith("]")
        choices.append((*word.strip("[]").split("/"), "") if optional else tuple(word.split("/")))
    if not choices or len(choices) > _LONGEST:
        raise ValueError(f"the trigger {trigger!r} has {len(choices)} words, expected 1 to {_LONGEST}")
    for taken in itertools.product(*choices):
        if words := tuple(word for word in taken if word):
            yield words
