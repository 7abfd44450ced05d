"""What a run of the suites found, of ours and of its peers side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa.evaluation.linking.results import Figure, Result

OURS = "medkg"


@dataclass(frozen=True, slots=True)
class Report:
    """The results of a run.

    Attributes:
        results: By linker, ours first, and by suite.
        skipped: Suites that were not run, and why.
        sample: How many items of each suite were taken; None, all.
    """

    results: Mapping[str, Mapping[str, Result]]
    skipped: Mapping[str, str] = field(default_factory=dict)
    sample: int | None = None

    def figures(self) -> list[tuple[Figure, tuple[float | None, ...]]]:
        """Return each main figure of ours, and its value for every linker in the order of `results`; None where it was not measured."""
        by_linker = [{f.name: f for result in suites.values() for f in result.figures()} for suites in self.results.values()]
        ours = next(iter(by_linker), {})
        return [(figure, tuple(row[name].value if name in row else None for row in by_linker)) for name, figure in ours.items()]

    def as_dict(self) -> dict[str, Any]:
        """Return the results as plain JSON types."""
        linkers = {name: {suite: result.as_dict() for suite, result in suites.items()} for name, suites in self.results.items()}
        aims = {f.name: {"value": round(f.value, 2), "aim": f.aim, "reached": f.reached} for f, _ in self.figures() if f.aim is not None}
        return {"sample": self.sample, "linkers": linkers, "aims": aims, "skipped": dict(self.skipped)}

    def as_text(self) -> str:
        """Return the results for a terminal: a section a suite, the linkers one after the other, and a table of the main figures."""
        parts = []
        for suite in next(iter(self.results.values()), {}):
            for linker, suites in self.results.items():
                if suite in suites:
                    parts.append(f"{suite}, {linker}\n{suites[suite].as_text()}")
        parts += [f"{suite}: skipped, {reason}" for suite, reason in self.skipped.items()]
        return "\n\n".join([*parts, *([self._table()] if self.figures() else [])])

    def _table(self) -> str:
        rows = self.figures()
        width = max(len(figure.name) for figure, _ in rows)
        lines = [f"{'':{width}}" + "".join(f"{name:>16}" for name in self.results) + f"{'aim':>12}"]
        for figure, values in rows:
            cells = "".join(f"{'-' if value is None else f'{value:.1f}':>16}" for value in values)
            aim = "" if figure.aim is None else f"{'≤' if figure.at_most else '≥'} {figure.aim:g}"
            lines.append(f"{figure.name:{width}}{cells}{aim:>12}" + ("" if figure.reached in (None, True) else "  missed"))
        return "\n".join(lines)

    def write_misses(self, path: Path) -> int:
        """Write what our linker got wrong as JSON lines, and return how many lines these are.

        Raises:
            OSError: The file cannot be written.
        """
        ours = next(iter(self.results.values()), {})
        lines = [json.dumps(miss.as_dict(), ensure_ascii=False) for result in ours.values() for miss in result.misses]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return len(lines)
