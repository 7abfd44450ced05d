"""The assertion of conditions in clinical sentences, as annotated for NegEx and ConText."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa.assertion import Context
from qa.evaluation.linking.results import Figure, Miss
from qa.evaluation.negex import evaluate_negex, judge, read_negex

_AIM = 97.0
_HEADLINES = {"negated": "negation", "family": "experiencer"}
_FOLDS = ("odd", "even", "all")
_DIMENSIONS = ("negated", "family", "historical", "hypothetical")


@dataclass(frozen=True, slots=True)
class AssertionResult:
    """What `evaluate_negex` counted."""

    counted: Mapping[str, Any]
    misses: tuple[Miss, ...] = field(default=(), repr=False)

    def figures(self) -> list[Figure]:
        """Return the F1 of negation and of experiencer, on the lines that were only ever scored."""
        values = {name: self.counted["even"][dimension]["f1"] for dimension, name in _HEADLINES.items()}
        return [Figure(f"negex {name}, F1", value, _AIM) for name, value in values.items() if value is not None]

    def as_dict(self) -> dict[str, Any]:
        """Return all figures as plain JSON types."""
        return dict(self.counted)

    def as_text(self) -> str:
        """Return all figures for a terminal."""
        lines = [f"{self.counted['rows']} sentences, {self.counted['unplaced']} that lack their condition"]
        for fold in _FOLDS:
            for dimension, figures in self.counted[fold].items():
                shown = "  ".join(
                    f"{letter} {_percent(figures[name])}" for letter, name in (("P", "precision"), ("R", "recall"), ("F1", "f1"))
                )
                lines.append(f"  {fold:<5} {dimension:<13} {shown}  right {_percent(figures['right'])}")
        return "\n".join(lines)


def _percent(value: float | None) -> str:
    return "    -" if value is None else f"{value:5.1f}"


def evaluate_assertion(path: Path) -> AssertionResult:
    """Judge the sentences of a file, those without their condition left out.

    Raises:
        DatasetError: The file is missing or not of its form.
    """
    rows = read_negex(path).rows
    judged = judge(rows)
    misses = [
        Miss("negex", "wrong assertion", row.sentence, row.sentence[row.start : row.end], _said(row.gold), ", ".join(_said(context)))
        for row, context in zip(rows, judged, strict=True)
        if _said(row.gold) != _said(context)
    ]
    return AssertionResult(evaluate_negex(path, lambda _: judged), tuple(misses))


def _said(context: Context) -> tuple[str, ...]:
    """Return what is told apart in the annotations; "possible" is not."""
    return tuple(name for name in _DIMENSIONS if getattr(context, name)) or ("present",)
