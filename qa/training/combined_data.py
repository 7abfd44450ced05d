"""Questions with evidence and a passage beside it, and their answers in both, as JSON lines.

A line: `{"id", "evidence", "question", "slots": [[start, end], ...], "labels": [0 | 1, ...], "passage", "answers": [{"text",
"start"}, ...], "kind", "split"}`, the slots as half-open characters of the evidence, `start` as a character of the passage. Where
there are several answers, each is right; the first is the one to learn. The id begins with the set that the line is of, and a slash;
the split is "train" or "held_out".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import DatasetError
from qa.reader import ReadingTask
from qa.training.lines import as_line, read_lines
from qa.training.squad import Answer
from qa.training.triples import read_labels, read_slots

TRAIN, HELD_OUT = "train", "held_out"
_TEXTS = ("id", "evidence", "question", "passage", "kind", "split")


@dataclass(frozen=True, slots=True)
class CombinedTask:
    """A reading task with a passage, and its answers.

    Attributes:
        id: `set/...`, unique in its file.
        task: Evidence, question, slots and passage.
        labels: 1 for each slot that answers, else 0.
        answers: What answers in the passage; empty where nothing does.
        kind: Where the answer stands, or what the line is made of.
        split: "train" or "held_out".
    """

    id: str
    task: ReadingTask
    labels: tuple[int, ...]
    answers: tuple[Answer, ...]
    kind: str
    split: str

    @property
    def set(self) -> str:
        """The set that the task is of: the part of its id before the first slash."""
        return self.id.partition("/")[0]

    @property
    def golds(self) -> tuple[str, ...]:
        """The texts that are right: those of the slots that answer, and those of the passage; empty where nothing answers."""
        told = (self.task.evidence[s.start : s.end] for s, label in zip(self.task.slots, self.labels, strict=True) if label)
        return tuple(dict.fromkeys((*told, *(answer.text for answer in self.answers))))


def read_combined(path: Path) -> list[CombinedTask]:
    """Read the tasks of a file, in order.

    Raises:
        DatasetError: The file is missing or a line is not of this form; the message names the line and what was expected.
    """
    found: dict[str, CombinedTask] = {}

    def parse(form: dict[str, Any], place: str) -> CombinedTask:
        task = _parse(form, place)
        if found.setdefault(task.id, task) is not task:
            raise DatasetError(f"{place}: the id {task.id!r} stands there twice; expected each once")
        return task

    return read_lines(path, "reading task with a passage", _TEXTS, (TRAIN, HELD_OUT), parse)


def combined_line(combined: CombinedTask) -> str:
    """Return the line of a task, with its end."""
    task = combined.task
    form = {
        "id": combined.id,
        "evidence": task.evidence,
        "question": task.question,
        "slots": [[slot.start, slot.end] for slot in task.slots],
        "labels": list(combined.labels),
        "passage": task.passage,
        "answers": [{"text": answer.text, "start": answer.start} for answer in combined.answers],
        "kind": combined.kind,
        "split": combined.split,
    }
    return as_line(form)


def _parse(form: dict[str, Any], place: str) -> CombinedTask:
    slots = read_slots(form, place)
    task = ReadingTask(form["evidence"], form["question"], slots, form["passage"])
    return CombinedTask(form["id"], task, read_labels(form, slots, place), _answers(form, place), form["kind"], form["split"])


def _answers(form: dict[str, Any], place: str) -> tuple[Answer, ...]:
    try:
        answers = tuple(Answer(str(answer["text"]), int(answer["start"])) for answer in form["answers"])
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{place}: answers are {form.get('answers')!r:.60}; expected objects with text and start") from error
    for answer in answers:
        if not answer.text or answer.start < 0 or not form["passage"].startswith(answer.text, answer.start):
            raise DatasetError(f"{place}: answer {answer.text!r:.60} is not at {answer.start} of the passage")
    return answers
