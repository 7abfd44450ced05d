"""Questions with their classes, as JSON lines.

A line: `{"id", "question", "classes": {"type", "relation", "form"}, "split"}`, each class a name and each of the three optional; the
split "train", "held_out" (foci and articles never trained on), "templates" (wordings never trained on) or "entities" (names never
trained on).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import DatasetError
from qa.training.lines import as_line, read_lines, write_lines
from qa.training.triples import HELD_OUT, TRAIN

TYPE, RELATION, FORM = HEADS = ("type", "relation", "form")
FOCI = "held_out"
SPLITS = (TRAIN, FOCI, *HELD_OUT)
_TEXTS = ("id", "question", "split")

Counts = dict[str, dict[str, dict[str, int]]]


@dataclass(frozen=True, slots=True)
class ClassedQuestion:
    """A question and its classes by head, at least one of `HEADS`; a head that is left out is not known."""

    id: str
    question: str
    classes: Mapping[str, str]
    split: str


def read_classes(path: Path) -> list[ClassedQuestion]:
    """Read the questions of a file, in order.

    Raises:
        DatasetError: The file is missing or a line is not of this form; the message names the line and what was expected.
    """
    return read_lines(path, "question with classes", _TEXTS, SPLITS, _parse)


def write_classes(questions: Iterable[ClassedQuestion], path: Path) -> None:
    """Write questions as JSON lines, whole or not at all; a file that is there is replaced."""
    write_lines(path, map(_line, questions))


def count_classes(questions: Iterable[ClassedQuestion]) -> Counts:
    """Count questions by split, head and class; under the head `all`, whatever their class."""
    counted = Counter(
        (question.split, *kind) for question in questions for kind in (("all", "questions"), *sorted(question.classes.items()))
    )
    counts: Counts = {}
    for (split, head, name), number in sorted(counted.items()):
        counts.setdefault(split, {}).setdefault(head, {})[name] = number
    return counts


def _line(question: ClassedQuestion) -> str:
    form = {"id": question.id, "question": question.question, "classes": dict(question.classes), "split": question.split}
    return as_line(form)


def _parse(form: dict[str, Any], place: str) -> ClassedQuestion:
    if not form["question"].strip():
        raise DatasetError(f"{place}: question is {form['question']!r}; expected one of at least one word")
    classes = form.get("classes")
    if (
        not isinstance(classes, dict)
        or not classes
        or not all(head in HEADS and isinstance(name, str) and name for head, name in classes.items())
    ):
        raise DatasetError(f"{place}: classes are {classes!r:.60}; expected a name for one or more of {', '.join(HEADS)}")
    return ClassedQuestion(form["id"], form["question"], classes, form["split"])
