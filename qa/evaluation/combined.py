"""What triples add to a passage, and a passage to triples: the same questions read with either, with both, and with wrong triples.

An answer is chosen by one rule. A slot is as sure as its probability; the best span of the passage is as sure as the logistic of its
score above the reader's threshold. The surest of them is the answer, the slot where both are alike, if it is surer than a half;
otherwise there is none. An answer is right where it agrees with one of the question's gold texts (SQuAD's exact match and F1), and none
is right where there is no gold text.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from qa.errors import DatasetError
from qa.evaluation.squad import exact_match, f1
from qa.reader import Reading, ReadingTask, Span
from qa.training.combined_data import HELD_OUT, CombinedTask

PASSAGE, TRIPLES, BOTH, SHUFFLED = WAYS = ("passage", "triples", "both", "shuffled")
RESAMPLES = 2000
_TOGETHER = 128  # tasks that are encoded at once, which bounds memory

Floats = npt.NDArray[np.float64]


class BothReader(Protocol):
    """A reader of triples, of passages, and of both at once."""

    threshold: float

    def read(self, tasks: Sequence[ReadingTask]) -> list[tuple[float, ...]]:
        """Return, task by task, the probability of each slot to be an answer."""
        ...

    def extract(self, pairs: Sequence[tuple[str, str]], *, may_abstain: bool = True) -> list[Span]:
        """Return the best span of each (question, passage)."""
        ...

    def read_both(self, tasks: Sequence[ReadingTask]) -> list[Reading]:
        """Return, task by task, what evidence and passage say, read together."""
        ...


@dataclass(frozen=True, slots=True)
class Chosen:
    """An answer; empty for none. `slot` says whether it is a slot's text, rather than the passage's."""

    text: str
    slot: bool


@dataclass(frozen=True, slots=True)
class Marked:
    """A task, its answer one way, and how right it is: exact match and F1, 0 to 1."""

    combined: CombinedTask
    chosen: Chosen
    exact: float
    f1: float


def held_out(tasks: Sequence[CombinedTask], most: int | None = None) -> list[CombinedTask]:
    """Return the held-out tasks; with `most`, no more than so many of each set, evenly spaced.

    Raises:
        DatasetError: There are none.
    """
    sets: dict[str, list[CombinedTask]] = defaultdict(list)
    for task in tasks:
        if task.split == HELD_OUT:
            sets[task.set].append(task)
    if not sets:
        raise DatasetError(f"none of {len(tasks)} tasks is held out; expected a file that `medkg train combined` wrote")
    kept = []
    for members in sets.values():
        step = 1.0 if most is None else max(1.0, len(members) / most)
        kept += [members[int(n * step)] for n in range(int(len(members) / step + 1e-9))]
    return kept


def measure(reader: BothReader, tasks: Sequence[CombinedTask], seed: int = 0, quiet: bool = False) -> dict[str, Any]:
    """Return the figures of each set: `ways` and, for every kind of its tasks, the same under `kinds`; and `gains`.

    See `figures_of` for a way's figures. `gains`: by how many points of exact match reading both is better than each other way, with
    the 95% interval of the paired difference.

    Args:
        reader: What is measured.
        tasks: Held-out ones.
        seed: Of which triples are given to which question where they are shuffled, and of the intervals.
        quiet: Show no progress on standard error.
    """
    marked = answer_all(reader, tasks, seed, quiet)
    report: dict[str, Any] = {}
    for name in dict.fromkeys(task.set for task in tasks):
        mine = {way: [one for one in ones if one.combined.set == name] for way, ones in marked.items()}
        kinds = sorted({one.combined.kind for one in mine[BOTH]})
        exact = {way: np.array([one.exact for one in ones]) for way, ones in mine.items()}
        report[name] = {
            "ways": {way: figures_of(ones, way, seed) for way, ones in mine.items()},
            "gains": {way: _gain(exact[BOTH] - exact[way], seed) for way in WAYS if way != BOTH},
            "kinds": {
                kind: {way: figures_of([one for one in ones if one.combined.kind == kind], way, seed) for way, ones in mine.items()}
                for kind in kinds
            },
        }
    return report


def answer_all(reader: BothReader, tasks: Sequence[CombinedTask], seed: int = 0, quiet: bool = False) -> dict[str, list[Marked]]:
    """Return every way's answers, in the order of the tasks."""
    marked: dict[str, list[Marked]] = {way: [] for way in WAYS}
    wrong = shuffle_triples(tasks, seed)
    with tqdm(total=len(WAYS) * len(tasks), unit="reading", desc="read", disable=quiet) as bar:
        for start in range(0, len(tasks), _TOGETHER):
            group = tasks[start : start + _TOGETHER]
            for way in WAYS:
                given = wrong[start : start + _TOGETHER] if way == SHUFFLED else [combined.task for combined in group]
                for combined, task, reading in zip(group, given, _readings(reader, given, way), strict=True):
                    marked[way].append(mark(combined, choose(task, reading, reader.threshold)))
                bar.update(len(group))
    return marked


def shuffle_triples(tasks: Sequence[CombinedTask], seed: int) -> list[ReadingTask]:
    """Return each task with the evidence and slots of another one of its set, about another question; without any where none has."""
    given: dict[str, ReadingTask] = {}
    for name in sorted({combined.set for combined in tasks}):
        mine = [combined for combined in tasks if combined.set == name]
        donors = [combined.task for combined in mine if combined.task.slots]
        random.Random(f"{seed} {name}").shuffle(donors)
        for n, combined in enumerate(mine):
            task = combined.task
            turns = (donors[(n + k) % len(donors)] for k in range(len(donors)))
            other = next((d for d in turns if d.question != task.question and d.evidence != task.evidence), ReadingTask("", "", ()))
            given[combined.id] = replace(task, evidence=other.evidence, slots=other.slots)
    return [given[combined.id] for combined in tasks]


def choose(task: ReadingTask, reading: Reading, threshold: float) -> Chosen:
    """Return the answer by the rule of this module.

    Args:
        task: What was read.
        reading: What the reader says of it.
        threshold: The score from which the reader takes a span for an answer.
    """
    sure, best = max(((p, n) for n, p in enumerate(reading.probabilities)), default=(0.0, 0), key=lambda entry: entry[0])
    span = 1 / (1 + exp(min(700.0, threshold - reading.span.score))) if reading.span.text else 0.0
    if max(sure, span) <= 0.5:
        return Chosen("", False)
    if span > sure:
        return Chosen(reading.span.text, False)
    slot = task.slots[best]
    return Chosen(task.evidence[slot.start : slot.end], True)


def mark(combined: CombinedTask, chosen: Chosen) -> Marked:
    """Compare an answer with the gold texts of a task, the best counting; where there are none, no answer is right."""
    golds = combined.golds or ("",)
    exact = max(exact_match(chosen.text, gold) for gold in golds)
    return Marked(combined, chosen, exact, max(f1(chosen.text, gold) for gold in golds))


def figures_of(marked: Sequence[Marked], way: str, seed: int = 0) -> dict[str, Any]:
    """Return `tasks` and, in percent, `exact` and `f1` with their 95% intervals, `abstained` and, where the triples were shuffled,
    `misled`: how often the answer was a text of the wrong triples, and wrong."""
    exact, overlap = np.array([one.exact for one in marked]), np.array([one.f1 for one in marked])
    found: dict[str, Any] = {
        "tasks": len(marked),
        "exact": 100 * float(exact.mean()),
        "exact_interval": interval(exact, seed),
        "f1": 100 * float(overlap.mean()),
        "f1_interval": interval(overlap, seed),
        "abstained": 100 * float(np.mean([not one.chosen.text for one in marked])),
    }
    if way == SHUFFLED:
        found["misled"] = 100 * float(np.mean([one.chosen.slot and not one.exact for one in marked]))
    return found


def interval(values: Floats, seed: int = 0) -> tuple[float, float]:
    """Return the 95% interval of a mean, in percent, by the percentiles of `RESAMPLES` means of resampled values."""
    chance = np.random.default_rng(seed)
    means = values[chance.integers(0, len(values), (RESAMPLES, len(values)))].mean(1)
    low, high = np.percentile(means, (2.5, 97.5))
    return 100 * float(low), 100 * float(high)


def as_text(report: dict[str, Any]) -> str:
    """Return the figures of `measure` as tables."""
    lines = []
    for name, found in report.items():
        lines += [f"{name + ', ' + str(found['ways'][BOTH]['tasks']) + ' questions':<34}{'exact':>8}{'95%':>15}{'F1':>8}{'95%':>15}"
                  f"{'abstained':>11}{'misled':>8}"]  # fmt: skip
        for kind, ways in ({"": found["ways"]} | found["kinds"]).items():
            for way, figures in ways.items():
                title = f"{kind}: {way}" if kind else way
                misled = f"{figures['misled']:>8.1f}" if "misled" in figures else ""
                lines.append(
                    f"  {title:<32}{figures['exact']:>8.1f}{_range(figures['exact_interval']):>15}{figures['f1']:>8.1f}"
                    f"{_range(figures['f1_interval']):>15}{figures['abstained']:>11.1f}{misled}"
                )
        lines += [f"  both less {way:<22}{gain['exact']:>+8.1f}{_range(gain['interval']):>15}" for way, gain in found["gains"].items()]
        lines.append("")
    return "\n".join(lines).rstrip()


def _readings(reader: BothReader, tasks: Sequence[ReadingTask], way: str) -> list[Reading]:
    if way == TRIPLES:
        found = reader.read([replace(task, passage="") for task in tasks])
        return [Reading(probabilities, Span(0, 0, "", float("-inf"))) for probabilities in found]
    if way == PASSAGE:
        return [Reading((), span) for span in reader.extract([(task.question, task.passage) for task in tasks])]
    return reader.read_both(tasks)


def _gain(differences: Floats, seed: int) -> dict[str, Any]:
    return {"exact": 100 * float(differences.mean()), "interval": interval(differences, seed)}


def _range(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]:.1f} to {bounds[1]:.1f}"
