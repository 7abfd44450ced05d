"""Distil a reader from a teacher: the function behind `medkg train distill`.

A student learns from the labels and from the teacher's softened distributions, of every head: alpha x cross-entropy + (1 - alpha) x
T² x KL (Hinton, Vinyals, Dean, 2015). With several alphas a student is trained for each, alike in all else, to see what the teacher adds;
at alpha 1 it adds nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from qa.errors import DatasetError, QaError
from qa.training import train_reader as training
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
        _write(options.out / ABLATION, {"teacher": options.teacher.resolve().name, "alphas": found})
    return found


def as_text(found: dict[str, Any]) -> str:
    """Return the figures by alpha as a table, in percent."""
    rows = {alpha: {name: _figure(metrics, path) for name, path in FIGURES.items()} for alpha, metrics in found.items()}
    told = [name for name in FIGURES if any(row[name] is not None for row in rows.values())]
    lines = [f"{'alpha':>6}" + "".join(f"{name:>15}" for name in told)]
    lines += [f"{alpha:>6}" + "".join(f"{row[name] or 0.0:>15.1f}" for name in told) for alpha, row in rows.items()]
    return "\n".join(lines)


def _figure(metrics: Any, path: Sequence[str]) -> float | None:
    for name in path:
        if not isinstance(metrics, dict) or name not in metrics:
            return None
        metrics = metrics[name]
    return float(metrics)


def _write(path: Path, value: dict[str, Any]) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    os.replace(partial, path)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line: the options of a reader, and `--alphas`."""
    found = training.parser()
    found.prog, found.description = "qa.training.distil", "Distil a reader from a teacher."
    found.add_argument("--alphas", type=_alphas, default=(), metavar="A,B,...")
    return found


def _alphas(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


def run(arguments: Sequence[str] | None, program: argparse.ArgumentParser) -> str:
    """Distil as a command line says; return what to print: figures as JSON, of several students as a table."""
    given = vars(program.parse_args(arguments))
    alphas = given.pop("alphas")
    found = distil(ReaderTraining(**given), alphas)
    if not found or not all(found.values()):  # of several processes, one speaks
        return ""
    return as_text(found) if alphas else json.dumps(found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 1 where the work failed."""
    try:
        if said := run(arguments, parser()):
            print(said)
    except QaError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
