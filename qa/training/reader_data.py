"""What a reader is trained on and measured on: files read, split and encoded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

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


class _OfSplit(Protocol):
    @property
    def split(self) -> str: ...


_Splits = TypeVar("_Splits", bound=_OfSplit)


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
class HeldOut:
    """What a model is measured on, encoded and on the device.

    Attributes:
        pairs: Of SQuAD's articles.
        tasks: Reading tasks, by split.
        combined: Reading tasks with passages.
        classes: Questions, by split.
    """

    pairs: HeldOutPairs | None
    tasks: dict[str, HeldOutTasks]
    combined: HeldOutCombined | None
    classes: dict[str, HeldOutClasses]

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


@dataclass(frozen=True, slots=True)
class ReaderData:
    """Encoded and on the device.

    Attributes:
        store: What is trained on.
        kinds: What each of its examples is of, as a number of `KINDS`. *Shape:* (n,).
        held: What is measured on.
        counts: How many there are of what.
    """

    store: Store
    kinds: Ints
    held: HeldOut
    counts: dict[str, int]

    def of(self, kinds: Sequence[str]) -> Ints:
        """Return the numbers of the examples of some kinds."""
        return np.flatnonzero(np.isin(self.kinds, [KINDS.index(kind) for kind in kinds]))


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
    """Read and encode what is trained on and what is measured on.

    Args:
        files: Where it is.
        questions: As `read_questions` returns them.
        labels: Of the model's heads for questions.
        encoder: Of the model's vocabulary.
        device: Where the examples will live.

    Raises:
        DatasetError: There is nothing to train on, or a file is not of its form.
    """
    read = _read(files, questions)
    examples: dict[str, list[Example]] = {
        SQUAD: squad_examples(read.training, encoder),
        TRIPLES: triples_examples(read.tasks.get(TRAIN, []), encoder),
        COMBINED: combined_examples(read.combined.get(TRAIN, []), encoder),
        CLASSES: class_examples(read.classes.get(TRAIN, []), labels, encoder),
    }
    joined = [example for kind in KINDS for example in examples[kind]]
    if not joined:
        raise DatasetError("there is nothing to train on; expected a SQuAD file, or reading tasks or questions of the split 'train'")
    kinds = np.repeat(np.arange(len(KINDS)), [len(examples[kind]) for kind in KINDS])
    held = _held_out(read, labels, encoder, device)
    return ReaderData(Store(joined, encoder.padding, device), kinds, held, read.counts(files) | {"windows": len(joined)})


def load_held_out(files: Files, questions: Questions, labels: Classes, encoder: Encoder, device: torch.device) -> HeldOut:
    """Read and encode what is measured on alone; arguments and errors as those of `load_data`, but that nothing need be there."""
    return _held_out(_read(files, questions), labels, encoder, device)


@dataclass(frozen=True, slots=True)
class _Read:
    """Files that were read, and split: `training` and `held` of SQuAD, all else by split."""

    training: list[Pair]
    held: list[Pair]
    mismatches: int
    tasks: dict[str, list[LabelledTask]]
    combined: dict[str, list[CombinedTask]]
    classes: dict[str, list[ClassedQuestion]]

    def counts(self, files: Files) -> dict[str, int]:
        """Return how many there are of what, of the files that are given."""
        counts: dict[str, int] = {}
        if files.squad is not None:
            counts |= {"squad": len(self.training), "squad_without_answer": sum(p.answer is None for p in self.training)}
            counts |= {"squad_mismatches": self.mismatches, "squad_held_out": len(self.held)}
        counts |= {f"triples_{split}": len(self.tasks.get(split, [])) for split in dict.fromkeys((TRAIN, *HELD_OUT, *self.tasks))}
        if files.combined is not None:
            held = sum(len(found) for split, found in self.combined.items() if split != TRAIN)
            counts |= {"combined": len(self.combined.get(TRAIN, [])), "combined_held_out": held}
        if self.classes:
            counts |= {"classes": len(self.classes.get(TRAIN, []))}
            counts |= {f"classes_{split}": len(found) for split, found in self.classes.items() if split != TRAIN}
        return counts


def _read(files: Files, questions: Questions) -> _Read:
    training: list[Pair] = []
    held: list[Pair] = []
    mismatches = 0
    if files.squad is not None:
        squad = read_squad(files.squad)
        training, held = _split(files, squad)
        mismatches = len(squad.mismatches)
    tasks = read_triples(files.triples) if files.triples is not None else []
    both = read_combined(files.combined) if files.combined is not None else []
    return _Read(training, held, mismatches, _by_split(tasks), _by_split(both), _by_split(questions.asked))


def _held_out(read: _Read, labels: Classes, encoder: Encoder, device: torch.device) -> HeldOut:
    both = [task for split, found in read.combined.items() if split != TRAIN for task in found]
    tasks = {split: found for split, found in read.tasks.items() if split != TRAIN}
    asked = {split: found for split, found in read.classes.items() if split != TRAIN}
    return HeldOut(
        HeldOutPairs(read.held, encoder, device) if read.held else None,
        {split: HeldOutTasks(found, encoder, device) for split, found in tasks.items()},
        HeldOutCombined(both, combined_examples(both, encoder), encoder, device) if both else None,
        {split: HeldOutClasses(found, class_examples(found, labels, encoder), labels, encoder, device) for split, found in asked.items()},
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


def _by_split(examples: Iterable[_Splits]) -> dict[str, list[_Splits]]:
    found: dict[str, list[_Splits]] = {}
    for example in examples:
        found.setdefault(example.split, []).append(example)
    return found


def _split(files: Files, squad: Squad) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs to train on and those held out, the latter with as many without answer as the threshold needs."""
    articles, held = hold_out(squad, files.held_out, files.seed)
    training = make_pairs(articles, files.negatives, files.seed, files.squad_fraction)
    return training, make_pairs(held, 1.0, files.seed)
