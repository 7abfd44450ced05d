"""Distil a reader from a teacher: the function behind `medkg train distill`.

A student learns from the labels and from the teacher's softened distributions, of every head: alpha x cross-entropy + (1 - alpha) x
T² x KL (Hinton, Vinyals, Dean, 2015). With several alphas a student is trained for each, alike in all else, to see what the teacher adds;
at alpha 1 it adds nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qa.errors import DatasetError
from qa.training import train_reader as training
from qa.training.program import as_line, run_program
from qa.training.saving import write_json
from qa.training.train_reader import ReaderTraining

ABLATION = "ablation.json"
FIGURES = {
    "SQuAD exact": ("squad", "exact"),
    "SQuAD F1": ("squad", "f1"),
    "abstaining F1": ("squad", "f1_abstaining"),
    "wordings F1": ("templates", "f1"),
    "entities F1": ("entities", "f1"),
    "combined F1": ("combined", "f1"),
    "type": ("classes", "held_out", "type"),
    "relation": ("classes", "templates", "relation"),
    "form": ("classes", "templates", "form"),
}
"""What is told of a student, and where it stands in its metrics; what was not measured is left out."""


def distil(options: ReaderTraining, alphas: Sequence[float] = ()) -> dict[str, Any]:
    """Train a student, or one for each alpha, and return the metrics: of the one, or by alpha.

    Args:
        options: As for a reader, with a teacher. Heads other than the one for spans take its `alpha` where theirs is 1, the default.
        alphas: Shares of the labels to compare, 0 to 1; the students are written to `alpha-…` in `out`, their figures to
            ablation.json.

    Raises:
        DatasetError: There is no teacher, an alpha is no share, or as for a reader.
        ModelError: As for a reader.
    """
    if options.teacher is None:
        raise DatasetError("no teacher is given; expected --teacher DIR, a reader directory")
    if wrong := [alpha for alpha in (*alphas, options.alpha) if not 0 <= alpha <= 1]:
        raise DatasetError(f"alpha is {wrong[0]}; expected a share from 0 to 1")
    if len(set(alphas)) < len(alphas):
        raise DatasetError("an alpha is given twice; expected different ones")
    if not alphas:
        slots, classes = (options.alpha if own == 1.0 else own for own in (options.slot_alpha, options.class_alpha))
        return dict(training.train_reader(replace(options, slot_alpha=slots, class_alpha=classes))["metrics"])
    records = training.train_students(options, alphas)
    found = {f"{alpha:g}": record["metrics"] for alpha, record in zip(alphas, records, strict=True)}
    if all(found.values()):  # of several processes, the first has metrics
        write_json(options.out / ABLATION, {"teacher": options.teacher.resolve().name, "alphas": found})
    return found


def as_text(found: dict[str, Any], title: str = "alpha") -> str:
    """Return the figures by alpha, or by what else the readers differ in, as a table, in percent."""
    rows = {alpha: {name: _figure(metrics, path) for name, path in FIGURES.items()} for alpha, metrics in found.items()}
    told = [name for name in FIGURES if any(row[name] is not None for row in rows.values())]
    lines = [f"{title:>6}" + "".join(f"{name:>15}" for name in told)]
    lines += [f"{alpha:>6}" + "".join(f"{row[name] or 0.0:>15.1f}" for name in told) for alpha, row in rows.items()]
    return "\n".join(lines)


def _figure(metrics: Any, path: Sequence[str]) -> float | None:
    for name in path:
        if not isinstance(metrics, dict) or name not in metrics:
            return None
        metrics = metrics[name]
    return float(metrics)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line: the options of a reader, and `--alphas`."""
    found = training.parser()
    found.prog, found.description = "qa.training.distil", "Distil a reader from a teacher."
    found.add_argument("--alphas", type=_alphas, default=(), metavar="A,B,...", help="Train a student for each of these alphas.")
    return found


def _alphas(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


def run(given: argparse.Namespace) -> str:
    """Distil as a command line says; return what to print: figures as a line of JSON, of several students as a table."""
    options = dict(vars(given))
    alphas = options.pop("alphas")
    found = distil(ReaderTraining(**options), alphas)
    if alphas:
        return as_text(found) if all(found.values()) else ""  # of several processes, one speaks
    return as_line(found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 1 where the work failed."""
    return run_program(run, parser(), arguments)


if __name__ == "__main__":
    sys.exit(main())
