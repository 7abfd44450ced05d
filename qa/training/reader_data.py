"""What a reader is trained on and measured on: files read, split and encoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from qa.encoding import Encoder
from qa.errors import DatasetError
from qa.reader_model import Classes, ReaderModel
from qa.training.classes import ClassedQuestion, read_classes
from qa.training.combined import combined_examples
from qa.training.combined_data import CombinedTask, read_combined
from qa.training.data import NOT_ASKED, Example, Ints, Store
from qa.training.held_out import HeldOutClasses, HeldOutCombined, HeldOutPairs, HeldOutTasks
from qa.training.squad import Pair, Squad, hold_out, make_pairs, read_squad, squad_examples
from qa.training.triples import HELD_OUT, TRAIN, LabelledTask, read_triples, triples_examples

SQUAD, TRIPLES, COMBINED, CLASSES = KINDS = ("squad", "triples", "combined", "classes")
"""What a reader learns from, in the order of its examples."""


@dataclass(frozen=True, slots=True)
class Files:
    """Where a reader's data are, and how much of it is taken; see `qa.training.train_reader.ReaderTraining`."""

    squad: Path | None
    triples: Path | None
    combined: Path | None
    classes: Path | None
    squad_fraction: float
    negatives: float
    held_out: float
    seed: int

    @property
    def given(self) -> list[Path]:
        """The files that are given."""
        return [path for path in (self.squad, self.triples, self.combined, self.classes) if path is not None]


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions with their classes, and the labels of each head."""

    asked: tuple[ClassedQuestion, ...]
    labels: Classes


@dataclass(frozen=True, slots=True)
class ReaderData:
    """Encoded and on the device.

    Attributes:
        store: What is trained on.
        kinds: What each of its examples is of, as a number of `KINDS`. *Shape:* (n,).
        pairs, tasks, combined, classes: What is measured on, by split.
        counts: How many there are of what.
    """

    store: Store
    kinds: Ints
    pairs: HeldOutPairs | None
    tasks: dict[str, HeldOutTasks]
    combined: HeldOutCombined | None
    classes: dict[str, HeldOutClasses]
    counts: dict[str, int]

    def of(self, kinds: Sequence[str]) -> Ints:
        """Return the numbers of the examples of some kinds."""
        return np.flatnonzero(np.isin(self.kinds, [KINDS.index(kind) for kind in kinds]))

    def measure(self, model: ReaderModel) -> dict[str, Any]:
        """Return the figures of a model, by what they are of, and `score`, by which the best weights are chosen.

        The score is that of passages; without SQuAD nothing is left to choose by, and the last weights are taken.
        """
        found: dict[str, Any] = {split: tasks.measure(model) for split, tasks in self.tasks.items()}
        if self.combined is not None:
            found[COMBINED] = self.combined.measure(model)
        if self.classes:
            found[CLASSES] = {split: questions.measure(model) for split, questions in self.classes.items()}
        if self.pairs is None:
            return found | {"score": 0.0}
        squad = self.pairs.measure(model)
        return found | {SQUAD: squad, "score": squad["f1"] + squad["f1_abstaining"]}


def read_questions(path: Path | None) -> Questions:
    """Read the questions with classes, where there are any; the labels of a head are those that are trained on, in order.

    Raises:
        DatasetError: The file is not of its form.
    """
    asked = tuple(read_classes(path)) if path is not None else ()
    found: dict[str, set[str]] = {}
    for question in asked:
        if question.split == TRAIN:
            for head, label in question.classes.items():
                found.setdefault(head, set()).add(label)
    return Questions(asked, {head: tuple(sorted(labels)) for head, labels in sorted(found.items())})


def load_data(files: Files, questions: Questions, labels: Classes, encoder: Encoder, device: torch.device) -> ReaderData:
    """Read and encode the data.

    Args:
        files: Where it is.
        questions: As `read_questions` returns them.
        labels: Of the model's heads for questions.
        encoder: Of the model's vocabulary.
        device: Where the examples will live.

    Raises:
        DatasetError: There is nothing to train on, or a file is not of its form.
    """
    counts: dict[str, int] = {}
    examples: dict[str, list[Example]] = {kind: [] for kind in KINDS}
    held: list[Pair] = []
    if files.squad is not None:
        squad = read_squad(files.squad)
        training, held = _split(files, squad)
        examples[SQUAD] = squad_examples(training, encoder)
        counts |= {"squad": len(training), "squad_without_answer": sum(p.answer is None for p in training)}
        counts |= {"squad_mismatches": len(squad.mismatches), "squad_held_out": len(held)}
    tasks: dict[str, list[LabelledTask]] = {split: [] for split in (TRAIN, *HELD_OUT)}
    for task in read_triples(files.triples) if files.triples is not None else ():
        tasks.setdefault(task.split, []).append(task)
    examples[TRIPLES] = triples_examples(tasks[TRAIN], encoder)
    counts |= {f"triples_{split}": len(found) for split, found in tasks.items()}
    both = read_combined(files.combined) if files.combined is not None else []
    examples[COMBINED] = combined_examples([task for task in both if task.split == TRAIN], encoder)
    asked = _by_split(questions.asked)
    examples[CLASSES] = class_examples(asked.pop(TRAIN, []), labels, encoder)
    if files.combined is not None:
        counts |= {"combined": sum(task.split == TRAIN for task in both), "combined_held_out": sum(task.split != TRAIN for task in both)}
    if questions.asked:
        counts |= {"classes": len(examples[CLASSES])} | {f"classes_{split}": len(found) for split, found in asked.items()}
    joined = [example for kind in KINDS for example in examples[kind]]
    if not joined:
        raise DatasetError("there is nothing to train on; expected a SQuAD file, or reading tasks or questions of the split 'train'")
    return ReaderData(
        Store(joined, encoder.padding, device),
        np.repeat(np.arange(len(KINDS)), [len(examples[kind]) for kind in KINDS]),
        HeldOutPairs(held, encoder, device) if held else None,
        {split: HeldOutTasks(found, encoder, device) for split, found in tasks.items() if split != TRAIN and found},
        _held_out_combined(both, encoder, device),
        {split: HeldOutClasses(found, class_examples(found, labels, encoder), labels, encoder, device) for split, found in asked.items()},
        counts | {"windows": len(joined)},
    )


def class_examples(questions: Sequence[ClassedQuestion], labels: Classes, encoder: Encoder) -> list[Example]:
    """Encode questions; the source of an example is the number of its question. A label that no head has is not asked."""
    numbers = {head: {label: n for n, label in enumerate(known)} for head, known in labels.items()}
    windows = encoder.question_windows([question.question for question in questions])
    return [
        Example(
            window,
            (NOT_ASKED, NOT_ASKED),
            (),
            source,
            tuple(known.get(question.classes.get(head, ""), NOT_ASKED) for head, known in numbers.items()),
        )
        for source, (question, window) in enumerate(zip(questions, windows, strict=True))
    ]


def _held_out_combined(tasks: Sequence[CombinedTask], encoder: Encoder, device: torch.device) -> HeldOutCombined | None:
    held = [task for task in tasks if task.split != TRAIN]
    return HeldOutCombined(held, combined_examples(held, encoder), encoder, device) if held else None


def _by_split(questions: Sequence[ClassedQuestion]) -> dict[str, list[ClassedQuestion]]:
    found: dict[str, list[ClassedQuestion]] = {}
    for question in questions:
        found.setdefault(question.split, []).append(question)
    return found


def _split(files: Files, squad: Squad) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs to train on and those held out, the latter with as many without answer as the threshold needs."""
    articles, held = hold_out(squad, files.held_out, files.seed)
    training = make_pairs(articles, files.negatives, files.seed, files.squad_fraction)
    return training, make_pairs(held, 1.0, files.seed)
