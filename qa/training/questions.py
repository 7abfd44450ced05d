"""Training questions made from the graph: wordings of patients filled with names, over evidence as serving writes it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle
from math import sqrt
from pathlib import Path

from tqdm import tqdm

from kg.model import Curie
from qa.training.drafting import Drafter, ask
from qa.training.lines import as_line, write_lines
from qa.training.triples import HELD_OUT, TRAIN, LabelledTask
from qa.training.wordings import (
    BOTH,
    LIST,
    UNANSWERABLE,
    YES_NO,
    Facts,
    ListedGraph,
    Wording,
    fitting_answers,
    foci,
    is_held_out,
    read_facts,
    read_wordings,
)

SHARES: Mapping[str, float] = {LIST: 0.55, YES_NO: 0.22, BOTH: 0.08, UNANSWERABLE: 0.15}
HELD_OUT_SHARE = 0.05
Counts = dict[str, dict[str, int]]


def quotas(weights: Mapping[str, int], total: int) -> dict[str, int]:
    """Share out a total by the square root of frequencies, remainders to the largest fractions.

    >>> quotas({"symptoms": 400, "kinds": 100}, 30)
    {'symptoms': 20, 'kinds': 10}
    """
    whole = sum(sqrt(weight) for weight in weights.values())
    exact = {name: total * sqrt(weight) / whole for name, weight in weights.items()} if whole else {}
    shared = {name: int(share) for name, share in exact.items()}
    for name in sorted(exact, key=lambda name: shared[name] - exact[name])[: total - sum(shared.values()) if exact else 0]:
        shared[name] += 1
    return shared


def make_questions(facts: Facts, wordings: Sequence[Wording], split: str, total: int, seed: int) -> Iterator[LabelledTask]:
    """Yield about `total` tasks of a split, kind by kind and label by label; fewer where the graph is too small for more."""
    for kind, share in SHARES.items():
        able = {w.name: (w, foci(facts, w)) for w in wordings if w.kind == (LIST if kind == UNANSWERABLE else kind)}
        for name, number in quotas({name: len(curies) for name, (_, curies) in able.items()}, round(total * share)).items():
            wording, curies = able[name]
            usable = [curie for curie in curies if is_held_out(curie) == (split == "entities")]
            rng = random.Random(f"{seed} {split} {kind} {name}")
            templates = wording.held_out if split == "templates" else wording.train
            drafter = Drafter(facts, wording, templates, fitting_answers(facts, wording, curies), rng)
            yield from _tasks(drafter, kind, usable, number, split)


def _tasks(drafter: Drafter, kind: str, usable: list[Curie], number: int, split: str) -> Iterator[LabelledTask]:
    """Yield up to `number` different tasks, each focus in its turn."""
    drafter.rng.shuffle(usable)
    make = {LIST: drafter.listing, YES_NO: drafter.yes_no, BOTH: drafter.both, UNANSWERABLE: drafter.unanswerable}[kind]
    seen: set[tuple[str, str]] = set()
    for _, focus in zip(range(4 * number), cycle(usable), strict=False):
        draft = make(focus)
        if len(seen) == number:
            return
        if draft is None or not draft.context.slots:
            continue
        task = draft.context.task(ask(draft, drafter.rng))
        labels = tuple(int(draft.answers(evidence)) for evidence in draft.context.evidence)
        missing = kind in (LIST, BOTH) and not any(labels)  # the answers were sampled away
        if not missing and (task.question, task.evidence) not in seen:
            seen.add((task.question, task.evidence))
            yield LabelledTask(f"{split}/{kind}/{drafter.wording.name}/{focus}/{len(seen)}", task, labels, kind, split)


def write_questions(graph: ListedGraph, path: Path, per_label: int = 333, seed: int = 0) -> Counts:
    """Write training and held-out questions as JSON lines, whole or not at all; progress goes to stderr.

    Args:
        graph: What is known.
        path: Where the lines go; a file that is there is replaced.
        per_label: Training tasks for each list wording of templates.yaml on average; each held-out split gets a twentieth.
        seed: Decides everything left to chance, but not which entities are held out.

    Returns:
        How many tasks there are, as `count_questions` says.
    """
    facts, wordings = read_facts(graph), read_wordings()
    total = per_label * sum(wording.kind == LIST for wording in wordings)
    sizes = {TRAIN: total} | dict.fromkeys(HELD_OUT, round(total * HELD_OUT_SHARE))
    tasks: list[LabelledTask] = []
    with tqdm(total=sum(sizes.values()), desc="questions", unit="task") as bar:
        for split, size in sizes.items():
            for task in make_questions(facts, wordings, split, size, seed):
                tasks.append(task)
                bar.update()
    write_lines(path, map(task_line, tasks))
    return count_questions(tasks)


def task_line(labelled: LabelledTask) -> str:
    """Return the line of a task, with its end."""
    task = labelled.task
    form = {"id": labelled.id, "evidence": task.evidence, "question": task.question}
    slots = {"slots": [[slot.start, slot.end] for slot in task.slots], "labels": list(labelled.labels)}
    return as_line(form | slots | {"kind": labelled.kind, "split": labelled.split})


def count_questions(tasks: Iterable[LabelledTask]) -> Counts:
    """Count tasks by `split`, by `kind` and by what they ask for (`label`); ids are `split/kind/label/focus/number`."""
    counts: dict[str, Counter[str]] = {"split": Counter(), "kind": Counter(), "label": Counter()}
    for task in tasks:
        counts["split"][task.split] += 1
        counts["kind"][task.kind] += 1
        counts["label"][task.id.removeprefix(f"{task.split}/{task.kind}/").split("/")[0]] += 1
    return {name: dict(counter) for name, counter in counts.items()}
