"""How well classes are given: accuracy, precision, recall and F1 of each, the confusion matrix, and a picture of it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from qa.errors import DatasetError, ExtraError, ModelError
from qa.evaluation.drawing import FAINT, INK, new_figure, power_scale, save
from qa.training.classes import HEADS, ClassedQuestion

Matrix = npt.NDArray[np.int64]
_CELL, _SMALLEST, _CHARACTER = 0.29, 4.2, 0.1  # inches
_LONGEST = 36  # characters of a label in a picture
_GAMMA = 0.6  # of the colours: what is seldom taken for something else is to be seen as well
_WHITE_ABOVE = 0.4  # share of a row from which its cell is too dark for black


class Classifier(Protocol):
    """What gives a question its classes."""

    def classify(self, questions: Sequence[str]) -> list[dict[str, tuple[str, float]]]:
        """Return, question by question, the class and its probability, by head."""
        ...


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How well one class is given.

    Attributes:
        precision: In percent; 0 where it is never given.
        recall: In percent; 0 where it is never right.
        f1: In percent, the harmonic mean of both.
        support: How often it is right.
        given: How often it is given.
    """

    precision: float
    recall: float
    f1: float
    support: int
    given: int


@dataclass(frozen=True, slots=True)
class ClassReport:
    """How well the classes of one head are given.

    Attributes:
        accuracy: In percent.
        macro_f1: In percent, the mean over the classes that are right or given at least once.
        total: How many were to be given.
        classes: Class by class, in the order of `labels`.
        labels: Of the matrix.
        matrix: How often a class is right (row) and another given (column). *Shape:* (labels, labels).
    """

    accuracy: float
    macro_f1: float
    total: int
    classes: Mapping[str, ClassScore]
    labels: tuple[str, ...]
    matrix: Matrix

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON takes it."""
        figures = {"accuracy": self.accuracy, "macro_f1": self.macro_f1, "total": self.total}
        classes = {name: asdict(score) for name, score in self.classes.items()}
        return figures | {"classes": classes, "confusion": {"labels": list(self.labels), "matrix": self.matrix.tolist()}}

    def as_text(self) -> str:
        """Return a table, a line a class."""
        width = max(map(len, (*self.labels, "class")))
        lines = [f"accuracy {self.accuracy:.1f}, macro F1 {self.macro_f1:.1f}, of {self.total}"]
        lines.append(f"{'class':<{width}} {'precision':>9} {'recall':>7} {'F1':>6} {'support':>7}")
        for name, s in self.classes.items():
            lines.append(f"{name:<{width}} {s.precision:9.1f} {s.recall:7.1f} {s.f1:6.1f} {s.support:7d}")
        return "\n".join(lines)


def measure(right: Sequence[str], given: Sequence[str]) -> ClassReport:
    """Compare the classes that are right with those that were given, item by item; classes are in alphabetical order.

    Raises:
        ExtraError: scikit-learn is not installed.
        DatasetError: There is nothing to compare.
    """
    try:
        from sklearn import metrics  # noqa: PLC0415 - of an extra
    except ImportError as error:
        raise ExtraError.of("measuring classes", "scikit-learn", "evaluate") from error
    if not right:
        raise DatasetError("no classes to compare were given; expected at least one")
    labels = sorted({*right, *given})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that there is a single label is no fault here
        matrix = metrics.confusion_matrix(right, given, labels=labels)
    parts = metrics.precision_recall_fscore_support(right, given, labels=labels, average=None, zero_division=0)
    precision, recall, f1, support = (part.tolist() for part in parts)
    columns = zip(labels, precision, recall, f1, support, matrix.sum(0).tolist(), strict=True)
    scores = {name: ClassScore(100 * p, 100 * r, 100 * f, int(n), int(m)) for name, p, r, f, n, m in columns}
    accuracy, macro = 100 * matrix.trace() / len(right), 100 * sum(f1) / len(f1)
    return ClassReport(float(accuracy), macro, len(right), scores, tuple(labels), matrix.astype(np.int64))


def evaluate_classes(
    classifier: Classifier, questions: Sequence[ClassedQuestion], batch: int = 256, quiet: bool = False
) -> dict[str, dict[str, ClassReport]]:
    """Return, split by split and head by head, how well a classifier does; a head of which a split knows nothing is left out.

    Raises:
        ModelError: The classifier lacks a head that the questions have.
    """
    pairs: dict[str, dict[str, tuple[list[str], list[str]]]] = {}
    with tqdm(total=len(questions), unit="question", desc="classify", disable=quiet) as bar:
        for group in (questions[n : n + batch] for n in range(0, len(questions), batch)):
            answers = classifier.classify([question.question for question in group])
            for question, answer in zip(group, answers, strict=True):
                for head, name in question.classes.items():
                    if head not in answer:
                        heads = ", ".join(answer) or "none"
                        raise ModelError(f"the reader's heads for questions are {heads}; expected {head!r}, which {question.id} has")
                    right, given = pairs.setdefault(question.split, {}).setdefault(head, ([], []))
                    right.append(name)
                    given.append(answer[head][0])
            bar.update(len(group))
    return {split: {head: measure(*heads[head]) for head in HEADS if head in heads} for split, heads in pairs.items()}


def confusion_picture(labels: Sequence[str], matrix: Matrix, path: Path, title: str = "") -> None:
    """Draw a confusion matrix: what is right downwards, what was given across, each cell as dark as its share of its row.

    Args:
        labels: Of rows and columns.
        matrix: Counts. *Shape:* (labels, labels).
        path: A file ending in .svg or .png; one that is there is replaced.
        title: What stands before the accuracy.

    Raises:
        DatasetError: The path has another suffix or no directory.
        ExtraError: matplotlib is not installed.
    """
    total, count = int(matrix.sum()), len(labels)
    shares = matrix / np.maximum(matrix.sum(1, keepdims=True), 1)
    names = [label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…" for label in labels]
    side = max(_SMALLEST, _CELL * count if count > 12 else 0.5 * count)
    margin = 0.075 * max(map(len, names)) + 0.5
    figure = new_figure(side + margin + 0.6, side + margin + 0.5)
    axes = figure.add_subplot()
    image = axes.imshow(shares, cmap="Blues", norm=power_scale(_GAMMA), aspect="equal")
    size = 7.5 if count > 12 else 9
    for row, column in zip(*np.nonzero(matrix), strict=True):
        colour = "white" if shares[row, column] > _WHITE_ABOVE else INK
        axes.text(column, row, f"{matrix[row, column]}", ha="center", va="center", color=colour, fontsize=size)
    upright = max(map(len, names)) * _CHARACTER > side / count
    axes.set_xticks(range(count), names, rotation=90 if upright else 0, fontsize=size + 1.5)
    axes.set_yticks(range(count), names, fontsize=size + 1.5)
    axes.set_xticks(np.arange(-0.5, count), minor=True)
    axes.set_yticks(np.arange(-0.5, count), minor=True)
    axes.grid(which="minor", color=FAINT, linewidth=0.4)
    axes.tick_params(which="both", length=0)
    axes.set_xlabel("given", fontsize=10)
    axes.set_ylabel("right", fontsize=10)
    accuracy = f"accuracy {100 * matrix.trace() / max(1, total):.1f} % of {total:,}"
    axes.set_title(f"{title}: {accuracy}" if title else accuracy, fontsize=12, color=INK)
    bar = figure.colorbar(image, ax=axes, fraction=0.03, pad=0.02, shrink=0.6, format=lambda share, _: f"{100 * share:.0f} %")
    bar.set_label("share of the row", fontsize=9)
    bar.ax.tick_params(labelsize=8)
    save(figure, path)
