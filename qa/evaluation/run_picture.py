"""A picture of a training run: loss, learning rate and what was measured, over the steps."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.errors import DatasetError
from qa.evaluation.drawing import BLUE, FAINT, INK, ORANGE, new_figure, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Line = Mapping[str, Any]
Curve = tuple[list[int], list[float]]

_STATE = frozenset({"step", "epoch", "seconds", "loss", "rate"})
# Numbers that say how much was measured, or where a border was put, not how well it went.
_COUNTS = frozenset({"tasks", "total", "questions", "mentions", "support", "given", "documents", "threshold", "slot_scale", "slot_shift"})
_PARTS = frozenset({"precision", "recall"})  # of an F1, which is drawn
_MOST = 8  # curves in a panel
_TOP = "evaluation"  # what stands in no group
_WIDTH, _HEIGHT = 4.7, 3.0  # inches of a panel
_SMOOTHED_FROM = 40  # points


def plot_run(metrics: Path, out: Path) -> None:
    """Draw a run's metrics.jsonl, as `qa.training.loop` writes it.

    Loss and learning rate have a panel each, and so has each group of the figures that were measured; of a group with many figures, the
    least nested are drawn.

    Args:
        metrics: The file.
        out: A file ending in .svg or .png; one that is there is replaced.

    Raises:
        DatasetError: The file is missing, holds no line or one that is not of its form, or `out` cannot be a picture.
        ExtraError: matplotlib is not installed.
    """
    lines = read_metrics(metrics)
    panels: dict[str, dict[str, Curve]] = {}
    for name in ("loss", "rate"):
        if curve := curves(lines, name):
            panels["learning rate" if name == "rate" else name] = curve
    panels |= curves_of_evaluations(lines)
    columns = min(len(panels), 2 if len(panels) <= 4 else 3)
    rows = -(-len(panels) // columns)
    figure = new_figure(_WIDTH * columns, _HEIGHT * rows + 0.5)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True).flatten()
    for axes, (title, drawn) in zip(grid, panels.items(), strict=False):
        _draw(axes, title, drawn, lines)
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    for axes in grid[len(panels) - columns : len(panels)]:
        axes.set_xlabel("step (dashed: an epoch ends)" if any(_epochs(lines)) else "step", fontsize=9)
        axes.tick_params(labelbottom=True)
    last = lines[-1]
    spent = f"{last['seconds'] / 60:,.0f} min" if last["seconds"] >= 120 else f"{last['seconds']:.0f} s"
    name = metrics.resolve().parent.name
    figure.suptitle(f"{name}: {last['step']:,} steps, {spent}", fontsize=13, color=INK)
    save(figure, out)


def read_metrics(path: Path) -> list[Line]:
    """Read the lines of a run.

    Raises:
        DatasetError: The file is missing, or a line is none of a run; the message names it.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: not readable ({error}); expected the metrics of a training run") from error
    found = [_line(line, f"{path}, line {n}") for n, line in enumerate(lines, 1) if line.strip()]
    if not any(line.keys() - {"step", "epoch", "seconds"} for line in found):
        raise DatasetError(f"{path}: holds no metrics; expected lines with a loss or what was measured")
    return found


def _line(text: str, place: str) -> Line:
    try:
        line = json.loads(text)
    except ValueError as error:
        raise DatasetError(f"{place}: not readable as JSON ({error}); expected metrics of a training run") from error
    if not isinstance(line, dict) or not all(isinstance(line.get(name), int | float) for name in ("step", "epoch", "seconds")):
        raise DatasetError(f"{place}: {text[:60]!r}; expected an object with the numbers step, epoch and seconds")
    return line


def curves(lines: Sequence[Line], name: str) -> dict[str, Curve]:
    """Return the curve of a number that stands at the top of lines, by its name, or nothing where no line has it."""
    points = [(int(line["step"]), float(line[name])) for line in lines if _is_number(line.get(name))]
    return {name: ([step for step, _ in points], [value for _, value in points])} if points else {}


def curves_of_evaluations(lines: Sequence[Line]) -> dict[str, dict[str, Curve]]:
    """Return the curves of what was measured, by group ("squad") and by name within it ("exact", "kinds list f1").

    A group of one figure is called after both.
    """
    groups: dict[str, dict[tuple[str, ...], list[tuple[int, float]]]] = {}
    for line in lines:
        for path, value in _numbers({name: value for name, value in line.items() if name not in _STATE}):
            group, name = (path[0], path[1:]) if len(path) > 1 else (_TOP, path)
            groups.setdefault(group, {}).setdefault(name, []).append((int(line["step"]), value))
    panels = {}
    for group, found in groups.items():
        chosen = sorted(found, key=len)[:_MOST]
        alone = " ".join((*(() if group == _TOP else (group,)), *chosen[0]))
        panels[alone if len(chosen) == 1 else group] = {
            " ".join(name): ([step for step, _ in found[name]], [value for _, value in found[name]]) for name in chosen
        }
    return panels


def _numbers(form: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    for name, value in form.items():
        if isinstance(value, dict):
            yield from _numbers(value, (*above, name))
        elif name not in _COUNTS | _PARTS and _is_number(value):
            yield (*above, name), float(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _draw(axes: Axes, title: str, drawn: Mapping[str, Curve], lines: Sequence[Line]) -> None:
    for number, (name, (steps, values)) in enumerate(drawn.items()):
        if title == "learning rate":
            axes.plot(steps, values, color=ORANGE, linewidth=1.6)
        elif title == "loss":
            _draw_loss(axes, steps, values)
        else:
            colour = f"C{number % 10}" if len(drawn) > 1 else BLUE
            axes.plot(steps, values, color=colour, marker="o", markersize=3.5, linewidth=1.5, label=name.replace("_", " "))
    for step in _epochs(lines):
        axes.axvline(step, color=FAINT, linewidth=0.8, linestyle="--", zorder=0)
    axes.set_title(title, fontsize=10, color=INK, loc="left")
    axes.grid(axis="y", color="#edf2f7", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    if title == "learning rate":
        axes.ticklabel_format(axis="y", style="sci", scilimits=(0, 0))
        axes.yaxis.get_offset_text().set_fontsize(8)
    if len(drawn) > 1:
        axes.legend(fontsize=7.5, framealpha=0.75, edgecolor="none", loc="best", ncols=1 if len(drawn) <= 4 else 2)


def _draw_loss(axes: Axes, steps: Sequence[int], values: Sequence[float]) -> None:
    """Draw a loss; of a long one the mean of its neighbourhood as well."""
    width = len(values) // 20 if len(values) >= _SMOOTHED_FROM else 1
    axes.plot(steps, values, color=BLUE, linewidth=1.6 if width == 1 else 0.7, alpha=1.0 if width == 1 else 0.35)
    if width > 1:
        padded = np.pad(np.asarray(values), (width // 2, width - 1 - width // 2), mode="edge")
        axes.plot(steps, np.convolve(padded, np.full(width, 1 / width), "valid"), color=BLUE, linewidth=1.8)
    # One early peak must not press the rest of the curve flat.
    high, most = float(np.quantile(values, 0.98)), max(values)
    top = high if most > 2 * high else most
    axes.set_ylim(min(0.0, min(values)), 1.08 * top if top > 0 else None)


def _epochs(lines: Sequence[Line]) -> Iterator[int]:
    """Yield the last step of each epoch but the last one."""
    for before, line in pairwise(lines):
        if line["epoch"] > before["epoch"] and before["step"] < lines[-1]["step"]:
            yield int(before["step"])
