"""Reading tasks with their answers, as JSON lines.

A line: `{"id", "evidence", "question", "slots": [[start, end], ...], "labels": [0 | 1, ...], "kind", "split"}`, the slots as
half-open characters of the evidence or, where a person writes it, as the texts that stand there, in order. The split is "train",
"templates" (wordings never trained on), "entities" (names never trained on) or, in test sets of pairs, "factual" or
"counterfactual" (`qa.training.counterfactuals`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.encoding import Encoder
from qa.errors import DatasetError
from qa.reader import ReadingTask, Slot
from qa.training.data import NOT_ASKED, Example
from qa.training.lines import read_lines

TRAIN = "train"
HELD_OUT = ("templates", "entities")
FACTUAL, COUNTERFACTUAL = PAIRED = ("factual", "counterfactual")
_TEXTS = ("id", "evidence", "question", "kind", "split")


@dataclass(frozen=True, slots=True)
class LabelledTask:
    """A reading task and, for each of its slots, whether it answers the question."""

    id: str
    task: ReadingTask
    labels: tuple[int, ...]
    kind: str
    split: str


def read_triples(path: Path, splits: Sequence[str] = (TRAIN, *HELD_OUT)) -> list[LabelledTask]:
    """Read the tasks of a file, in order.

    Args:
        path: The file.
        splits: Those that a line may be of.

    Raises:
        DatasetError: The file is missing or a line is not of this form; the message names the line and what was expected.
    """
    return read_lines(path, "reading task", _TEXTS, splits, _parse)


def triples_examples(tasks: Sequence[LabelledTask], encoder: Encoder) -> list[Example]:
    """Encode tasks; the source of an example is the number of its task."""
    windows = encoder.task_windows([labelled.task for labelled in tasks])
    return [
        Example(window, (NOT_ASKED, NOT_ASKED), tuple(tasks[number].labels[n] for n, _, _ in window.slots), number)
        for number, group in enumerate(windows)
        for window in group
    ]


def _parse(form: dict[str, Any], place: str) -> LabelledTask:
    slots = read_slots(form, place)
    task = ReadingTask(form["evidence"], form["question"], slots)
    return LabelledTask(form["id"], task, read_labels(form, slots, place), form["kind"], form["split"])


def read_slots(form: dict[str, Any], place: str) -> tuple[Slot, ...]:
    """Return the slots of a line; DatasetError, which names the place, where one is no range of the line's evidence, or text in it."""
    length = len(form["evidence"])
    try:
        texts = isinstance(form["slots"], list) and all(isinstance(slot, str) and slot for slot in form["slots"])
        slots = _resolved(form, place) if texts else tuple(Slot(int(start), int(end)) for start, end in form["slots"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise DatasetError(f"{place}: slots are {form.get('slots')!r:.60}; expected pairs of character offsets") from error
    for slot in slots:
        if not 0 <= slot.start < slot.end <= length:
            raise DatasetError(f"{place}: slot [{slot.start}, {slot.end}); expected a range within the {length} characters")
    return slots


def read_labels(form: dict[str, Any], slots: Sequence[Slot], place: str) -> tuple[int, ...]:
    """Return the labels of a line's slots, 0 or 1; DatasetError, which names the place, where they are others."""
    labels = form.get("labels")
    if not isinstance(labels, list) or len(labels) != len(slots) or any(label not in (0, 1) for label in labels):
        raise DatasetError(f"{place}: labels are {labels!r:.60}; expected 0 or 1 for each of {len(slots)} slots")
    return tuple(int(label) for label in labels)


def _resolved(form: dict[str, Any], place: str) -> tuple[Slot, ...]:
    """Find texts in the evidence, each behind the one before it."""
    slots: list[Slot] = []
    for text in form["slots"]:
        start = form["evidence"].find(text, slots[-1].end if slots else 0)
        if start < 0:
            raise DatasetError(f"{place}: slot {text!r:.60} is not in the evidence, or not behind the slots before it")
        slots.append(Slot(start, start + len(text)))
    return tuple(slots)
