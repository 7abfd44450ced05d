"""Whether the runtimes of the reader give the answers of the first one; a part of `benchmarks.reader`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tqdm import tqdm

from qa.training.squad import read_squad
from qa.training.triples import read_triples

if TYPE_CHECKING:
    from benchmarks.reader import Worker

T = TypeVar("T")
_GROUP = 50  # questions that a runtime reads in a turn
_SURE = 0.5


def compare(workers: Sequence[Worker], squad: Path | None, tasks: Path | None, questions: int) -> None:
    """Print, for each file and runtime, the share of answers that are those of the first runtime.

    Args:
        workers: The runtimes; the first one is the measure.
        squad: SQuAD file of v1.1 or v2.0, or None.
        tasks: Reading tasks, of `medkg train questions`, or None.
        questions: How many of each file.
    """
    if squad is None and tasks is None:
        raise SystemExit("--parity needs --data or --tasks")
    if squad is not None:
        read = read_squad(squad, lenient=True)
        pairs = spread([(question.text, paragraph.passage) for paragraph, question in read.questions()], questions)
        spans = _answers(workers, pairs, lambda worker, group: worker.ask("spans", group, read.abstains))
        _print(f"{squad.name}: {len(pairs)} spans", workers, spans)
    if tasks is not None:
        chosen = spread([labelled.task for labelled in read_triples(tasks)], questions)
        found = _answers(workers, chosen, lambda worker, group: worker.ask("tasks", group))
        sets = [[tuple(p > _SURE for p in slots) for slots in probabilities] for probabilities in found]
        _print(f"{tasks.name}: {len(chosen)} tasks, {sum(len(task.slots) for task in chosen)} slots", workers, sets)
        for worker, theirs in zip(workers[1:], found[1:], strict=True):
            most = max(abs(p - q) for one, other in zip(found[0], theirs, strict=True) for p, q in zip(one, other, strict=True))
            print(f"  {worker.runtime:<16} largest difference of a probability: {most:.2g}")


def spread(items: Sequence[T], count: int) -> list[T]:
    """Return so many of the items, spread evenly, or all where there are fewer.

    >>> spread("abcdefghij", 4)
    ['a', 'c', 'f', 'h']
    """
    count = min(count, len(items))
    return [items[n * len(items) // count] for n in range(count)]


def _answers(workers: Sequence[Worker], items: Sequence[Any], ask: Callable[[Worker, Sequence[Any]], list[Any]]) -> list[list[Any]]:
    found: list[list[Any]] = [[] for _ in workers]
    with tqdm(total=len(items) * len(workers), unit="question", desc="read", file=sys.stderr) as bar:
        for group in (items[n : n + _GROUP] for n in range(0, len(items), _GROUP)):
            for worker, answers in zip(workers, found, strict=True):
                answers += ask(worker, group)
                bar.update(len(group))
    return found


def _print(title: str, workers: Sequence[Worker], answers: Sequence[Sequence[Any]]) -> None:
    print(f"\n{title}")
    for worker, theirs in zip(workers, answers, strict=True):
        same = sum(one == other for one, other in zip(answers[0], theirs, strict=True))
        print(f"  {worker.runtime:<16} {100 * same / len(theirs):6.2f} % the same answers, {len(theirs) - same} others")
