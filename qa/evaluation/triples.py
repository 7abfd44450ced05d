"""How well a reader finds the triples that answer: by split and kind, and for pairs of a counterfactual task and its factual twin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tqdm import tqdm

from qa.bert import BertReader
from qa.reader import Reader
from qa.training.held_out import slot_figures
from qa.training.triples import COUNTERFACTUAL, FACTUAL, LabelledTask

_TOGETHER = 256  # tasks that are encoded at once, which bounds memory

Figures = dict[str, float]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Judged:
    """A task and which of its slots were given."""

    labelled: LabelledTask
    given: tuple[bool, ...]

    @property
    def exact(self) -> bool:
        """Whether just the slots that answer were given."""
        return self.given == tuple(map(bool, self.labelled.labels))

    @property
    def pair(self) -> str:
        """What both tasks of a pair are called: the id without its split."""
        return self.labelled.id.removeprefix(f"{self.labelled.split}/")


def uncalibrated(reader: BertReader) -> BertReader:
    """Return a reader whose probability is above a half where the slot's logit is above 0, as it is judged in training.

    A reader's calibration makes its probabilities true to how often slots answer, and thereby moves where a half lies.
    """
    return BertReader(reader.model, reader.encoder, reader.threshold, reader.batch)


def judge(reader: Reader, tasks: Sequence[LabelledTask], quiet: bool = False) -> list[Judged]:
    """Let a reader judge every slot: one is given where its probability is above a half.

    Args:
        reader: As `uncalibrated` returns it, where its figures are to compare with those of training.
        tasks: What it reads.
        quiet: Show no progress on standard error.
    """
    judged: list[Judged] = []
    with tqdm(total=len(tasks), unit="task", desc="read", disable=quiet) as bar:
        for group in (tasks[n : n + _TOGETHER] for n in range(0, len(tasks), _TOGETHER)):
            found = reader.read([labelled.task for labelled in group])
            judged += [Judged(task, tuple(p > 0.5 for p in read)) for task, read in zip(group, found, strict=True)]
            bar.update(len(group))
    return judged


def evaluate(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return the figures, in percent, by split, and for pairs where there are any.

    `splits`: for each split the figures of `figures_of` and, under `kinds`, those of each kind. `pairs`: by kind, by wording
    ("trained", "held_out") and for all, the number of `pairs`, the `exact` share of `factual` and of `counterfactual` tasks, and of
    pairs in which `both` are right, so that the answer follows the triples.
    """
    splits: dict[str, Any] = {}
    for split, members in _grouped(judged, lambda one: one.labelled.split).items():
        kinds = _grouped(members, lambda one: one.labelled.kind)
        splits[split] = figures_of(members) | {"kinds": {kind: figures_of(of_kind) for kind, of_kind in sorted(kinds.items())}}
    pairs = _pairs(judged)
    if not pairs:
        return {"splits": splits}
    groups = {"all": pairs}
    groups |= _grouped(pairs, lambda pair: pair[0].labelled.kind)
    groups |= _grouped([pair for pair in pairs if "/" in pair[0].pair], lambda pair: f"wording {pair[0].pair.rpartition('/')[2]}")
    return {"splits": splits, "pairs": {name: _pair_figures(members) for name, members in groups.items()}}


def figures_of(judged: Sequence[Judged]) -> Figures:
    """Return `tasks`, `exact`, slots' `precision`, `recall` and `f1`, and of how many `unanswerable` tasks no slot was given
    (`recognised`), in percent but for the two counts."""
    counts = []
    for one in judged:
        hit = sum(g and bool(label) for g, label in zip(one.given, one.labelled.labels, strict=True))
        counts.append({"exact": int(one.exact), "hit": hit, "given": sum(one.given), "wanted": sum(one.labelled.labels)})
    empty = [one for one in judged if not any(one.labelled.labels)]
    recognised = 100 * sum(one.exact for one in empty) / max(1, len(empty))
    return slot_figures(counts) | {"unanswerable": len(empty), "recognised": recognised}


def as_text(figures: dict[str, Any]) -> str:
    """Return the figures of `evaluate` as tables."""
    columns: tuple[str, ...] = ("tasks", "exact", "precision", "recall", "f1", "unanswerable", "recognised")
    lines = [f"{'':<28}" + "".join(f"{column:>13}" for column in columns)]
    for split, found in figures["splits"].items():
        lines.append(_row(split, found, columns))
        lines += [_row(f"  {kind}", of_kind, columns) for kind, of_kind in found["kinds"].items()]
    if "pairs" in figures:
        told = ("pairs", "factual", "counterfactual", "both")
        lines += ["", f"{'':<28}" + "".join(f"{column:>15}" for column in told)]
        lines += [_row(name, found, told, 15) for name, found in figures["pairs"].items()]
    return "\n".join(lines)


def _row(name: str, found: Figures, columns: Iterable[str], width: int = 13) -> str:
    cells = (f"{found[c]:>{width}}" if isinstance(found[c], int) else f"{found[c]:>{width}.1f}" for c in columns)
    return f"{name:<28}" + "".join(cells)


def _pairs(judged: Sequence[Judged]) -> list[tuple[Judged, Judged]]:
    """Return factual and counterfactual task of each pair, those without their twin left out."""
    sides: dict[str, dict[str, Judged]] = {FACTUAL: {}, COUNTERFACTUAL: {}}
    for one in judged:
        if one.labelled.split in sides:
            sides[one.labelled.split][one.pair] = one
    other = sides[COUNTERFACTUAL]
    return [(one, other[name]) for name, one in sides[FACTUAL].items() if name in other]


def _pair_figures(pairs: Sequence[tuple[Judged, Judged]]) -> Figures:
    total = len(pairs)
    return {
        "pairs": total,
        "factual": 100 * sum(one.exact for one, _ in pairs) / total,
        "counterfactual": 100 * sum(other.exact for _, other in pairs) / total,
        "both": 100 * sum(one.exact and other.exact for one, other in pairs) / total,
    }


def _grouped(members: Iterable[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = defaultdict(list)
    for member in members:
        groups[key(member)].append(member)
    return dict(groups)
