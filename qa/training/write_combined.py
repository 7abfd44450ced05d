"""The file from which a reader learns to read evidence and a passage together, and by which that is measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tqdm import tqdm

from kg.graph import SnapshotGraph
from qa.loading import open_linker
from qa.training.combined_bioasq import bioasq_tasks, looker
from qa.training.combined_data import HELD_OUT, TRAIN, CombinedTask, combined_line
from qa.training.combined_made import make_combined
from qa.training.combined_medquad import medquad_tasks
from qa.training.lines import write_lines
from qa.training.wordings import read_facts, read_wordings

HELD_OUT_SHARE = 0.1
"""Held-out questions made from the graph for each one to train on."""


def write_combined(
    graph: SnapshotGraph, out: Path, medquad: Path | None = None, bioasq: Path | None = None, count: int = 6000, seed: int = 0
) -> dict[str, dict[str, int]]:
    """Write training and held-out lines, whole or not at all; progress goes to stderr.

    Args:
        graph: What is known.
        out: Where the lines go; a file that is there is replaced.
        medquad: MedQuAD's directory, whose questions about inheritance are held out; None, without them.
        bioasq: BioASQ's questions in SQuAD's form; None, without them.
        count: Training lines made from the graph; BioASQ's come on top.
        seed: Decides everything left to chance. With that of the training questions, the same entities are held out.

    Returns:
        How many lines there are, by `split`, and by set, split and kind (`lines`).

    Raises:
        DatasetError: A file is missing or not of its form.
    """
    tasks: list[CombinedTask] = []
    if bioasq is not None:
        tasks += bioasq_tasks(bioasq, looker(graph, open_linker(graph)), seed)
    if medquad is not None:
        tasks += medquad_tasks(medquad, graph)
    tasks += _made(graph, count, seed)
    write_lines(out, map(combined_line, tasks))
    return count_combined(tasks)


def count_combined(tasks: Iterable[CombinedTask]) -> dict[str, dict[str, int]]:
    """Count tasks by `split`, and by set, split and kind (`lines`)."""
    listed = list(tasks)
    lines = Counter(f"{task.set}/{task.split}/{task.kind}" for task in listed)
    return {"split": dict(Counter(task.split for task in listed)), "lines": dict(lines)}


def _made(graph: SnapshotGraph, count: int, seed: int) -> Iterator[CombinedTask]:
    facts, wordings = read_facts(graph), read_wordings()
    sizes = {TRAIN: count, HELD_OUT: round(count * HELD_OUT_SHARE)}
    with tqdm(total=sum(sizes.values()), desc="made", unit="task") as bar:
        for split, size in sizes.items():
            for task in make_combined(facts, wordings, split, size, seed):
                bar.update()
                yield task
