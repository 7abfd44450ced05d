"""How well `qa.assertion` tells what clinical notes say of a finding, on the annotated sentences of NegEx and ConText.

The file is that of Chapman's group (`rsAnnotations-1-120-random.txt` or a part of it): a line number, a condition, the sentence
with the condition in capitals, whether it is negated, whether it is recent, historical or "not particular" (hypothetical), and
whose it is. Errors on odd lines were looked at while the triggers were written; those on even lines never were.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.assertion import Context, contexts
from qa.errors import DatasetError

_COLUMNS = 6
_NEGATION = {"negated": True, "affirmed": False, "possible": False}
_TEMPORALITY = {"recent": (False, False), "historical": (True, False), "not particular": (False, True), "hypothetical": (False, True)}
_EXPERIENCER = {"patient": False, "other": True, "family member": True}

Judge = Callable[[Sequence["Row"]], Sequence[Context]]
"""Says what each sentence holds of its condition, in order."""


@dataclass(frozen=True, slots=True)
class Row:
    """One annotated sentence.

    Attributes:
        line: Its number in the file.
        sentence: The text.
        start: First character of the condition.
        end: One past its last.
        gold: What the annotators said of it; `possible` is not told apart from affirmed.
    """

    line: int
    sentence: str
    start: int
    end: int
    gold: Context


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that can be scored, and the lines whose condition does not stand in the sentence."""

    rows: tuple[Row, ...]
    unplaced: tuple[int, ...]


def read_negex(path: Path) -> Rows:
    """Read the annotated sentences.

    Raises:
        DatasetError: The file cannot be read or a line is not of its form; the file and the line are named.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: not readable ({error}); expected the annotated sentences of NegEx") from error
    rows: list[Row] = []
    unplaced: list[int] = []
    for number, line in enumerate(lines, start=1):
        fields = line.split("\t")
        if not line.strip() or (number == 1 and not fields[0].strip().isdecimal()):
            continue
        try:
            row = _row(fields)
        except ValueError as error:
            raise DatasetError(f"{path}, line {number}: {error}") from error
        if row is None:
            unplaced.append(int(fields[0]))
        else:
            rows.append(row)
    if not rows:
        raise DatasetError(f"{path}: no annotated sentence; expected {_COLUMNS} columns separated by tabs")
    return Rows(tuple(rows), tuple(unplaced))


def _row(fields: Sequence[str]) -> Row | None:
    if len(fields) != _COLUMNS:
        raise ValueError(f"{len(fields)} columns, expected {_COLUMNS}: number, condition, sentence, negation, temporality, experiencer")
    number, condition, sentence = fields[:3]
    if not number.strip().isdecimal():
        raise ValueError(f"{number!r} is no line number")
    historical, hypothetical = _label(fields[4], _TEMPORALITY)
    gold = Context(_label(fields[3], _NEGATION), hypothetical, historical, _label(fields[5], _EXPERIENCER))
    # The sentence shows the condition in capitals, which tells one occurrence from another; white space may differ.
    shouted, words = (r"\s+".join(map(re.escape, text.split())) for text in (condition.upper(), condition))
    place = re.search(shouted, sentence) or re.search(words, sentence, re.IGNORECASE)
    return Row(int(number), sentence, place.start(), place.end(), gold) if words and place else None


def _label(text: str, meanings: Mapping[str, Any]) -> Any:
    if (key := text.strip().lower()) not in meanings:
        raise ValueError(f"{text!r} is unknown, expected {', '.join(meanings)}")
    return meanings[key]


def judge(rows: Sequence[Row]) -> list[Context]:
    """Judge every row by `qa.assertion`."""
    return [contexts(row.sentence, [(row.start, row.end)])[0] for row in rows]


def evaluate_negex(path: Path, judged_by: Judge = judge) -> dict[str, Any]:
    """Return the figures of a file of annotated sentences.

    `rows` are scored, `unplaced` are lines whose condition does not stand in their sentence. `odd`, `even` and `all` (lines) hold
    for each of negated, family, historical and hypothetical `precision`, `recall` and `f1` in percent (None where undefined)
    and the counts `true`, `false`, `missed`, and `right`, the share of rows of which that is judged rightly.

    Raises:
        DatasetError: The file is missing or not of its form.
    """
    data = read_negex(path)
    pairs = list(zip(data.rows, judged_by(data.rows), strict=True))
    folds = {
        "odd": [pair for pair in pairs if pair[0].line % 2],
        "even": [pair for pair in pairs if not pair[0].line % 2],
        "all": pairs,
    }
    figures: dict[str, Any] = {"rows": len(data.rows), "unplaced": len(data.unplaced)}
    for fold, members in folds.items():
        figures[fold] = {
            dimension: _figures([(getattr(row.gold, dimension), getattr(context, dimension)) for row, context in members])
            for dimension in ("negated", "family", "historical", "hypothetical")
        }
    return figures


def _figures(pairs: Iterable[tuple[bool, bool]]) -> dict[str, float | int | None]:
    pairs = list(pairs)
    true, false = sum(gold and said for gold, said in pairs), sum(said and not gold for gold, said in pairs)
    missed = sum(gold and not said for gold, said in pairs)
    return {
        "precision": 100 * true / (true + false) if true + false else None,
        "recall": 100 * true / (true + missed) if true + missed else None,
        "f1": 200 * true / (2 * true + false + missed) if true + false + missed else None,
        "right": 100 * sum(gold == said for gold, said in pairs) / len(pairs) if pairs else None,
        "true": true,
        "false": false,
        "missed": missed,
    }
