"""Tests of what is measured where triples and passage are read together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from qa.errors import DatasetError
from qa.evaluation.combined import (
    BOTH,
    PASSAGE,
    SHUFFLED,
    TRIPLES,
    Chosen,
    answer_all,
    as_text,
    choose,
    held_out,
    interval,
    mark,
    measure,
    shuffle_triples,
)
from qa.reader import Progress, Reading, ReadingTask, Slot, Span
from qa.training.combined_data import HELD_OUT, TRAIN, CombinedTask
from qa.training.squad import Answer


class Words:
    """Takes a slot for an answer where its text stands in `right`, and the first such word of a passage."""

    threshold = 2.0

    def __init__(self, *right: str) -> None:
        self.right = right

    def read(self, tasks: Sequence[ReadingTask]) -> list[tuple[float, ...]]:
        assert not any(task.passage for task in tasks)
        return [reading.probabilities for reading in self.read_both(tasks)]

    def extract(self, pairs: Sequence[tuple[str, str]], *, may_abstain: bool = True, progress: Progress | None = None) -> list[Span]:
        return [reading.span for reading in self.read_both([ReadingTask("", q, (), passage) for q, passage in pairs])]

    def read_both(self, tasks: Sequence[ReadingTask]) -> list[Reading]:
        readings = []
        for task in tasks:
            sure = tuple(0.9 if task.evidence[s.start : s.end] in self.right else 0.2 for s in task.slots)
            found = next((word for word in self.right if word in task.passage), "")
            start = task.passage.find(found) if found else 0
            readings.append(Reading(sure, Span(start, start + len(found), found, 3.0 if found else -5.0)))
        return readings


def _combined(name: str, slot: str, passage: str, gold: str, kind: str = "both", split: str = HELD_OUT) -> CombinedTask:
    evidence = f"{name} symptoms: {slot}."
    start = evidence.index(slot)
    task = ReadingTask(evidence, f"signs of {name}?", (Slot(start, start + len(slot)),), passage)
    answers = (Answer(gold, passage.index(gold)),) if gold and gold in passage else ()
    return CombinedTask(f"made/{split}/{name}", task, (int(slot == gold),), answers, kind, split)


TASKS = [
    _combined("gout", "fever", "It brings fever.", "fever"),
    _combined("flu", "cough", "It brings nothing.", "cough", "triples"),
    _combined("cold", "rash", "It brings sneezing.", "sneezing", "passage"),
    _combined("mumps", "pain", "It brings nothing.", "", "neither"),
]


def test_the_surest_of_slots_and_span_is_the_answer() -> None:
    task = ReadingTask("gout symptoms: fever; rash.", "signs?", (Slot(15, 20), Slot(22, 26)), "a cough")
    span = Span(2, 7, "cough", 3.0)
    assert choose(task, Reading((0.6, 0.9), span), 2.0) == Chosen("rash", True)
    assert choose(task, Reading((0.6, 0.7), span), 2.0) == Chosen("cough", False)
    assert choose(task, Reading((0.5, 0.4), Span(2, 7, "cough", 2.0)), 2.0) == Chosen("", False)
    assert choose(task, Reading((0.4, 0.6), Span(0, 0, "", 9.0)), 2.0) == Chosen("rash", True)
    assert choose(ReadingTask("", "signs?", (), ""), Reading((), Span(0, 0, "", float("-inf"))), 2.0) == Chosen("", False)


def test_an_answer_is_right_by_any_gold_and_none_is_right_without() -> None:
    both = CombinedTask("made/1", TASKS[0].task, (1,), (Answer("It brings fever", 0),), "both", HELD_OUT)
    assert both.golds == ("fever", "It brings fever")
    assert mark(both, Chosen("the Fever", True)).exact == 1
    assert (mark(both, Chosen("bad fever", False)).exact, mark(both, Chosen("bad fever", False)).f1) == (0, pytest.approx(2 / 3))
    assert (mark(TASKS[3], Chosen("", False)).exact, mark(TASKS[3], Chosen("pain", True)).exact) == (1, 0)
    assert mark(TASKS[0], Chosen("", False)).f1 == 0


def test_shuffled_triples_are_of_another_question() -> None:
    empty = CombinedTask("other/1", ReadingTask("", "signs?", (), "text"), (), (), "both", HELD_OUT)
    given = shuffle_triples([*TASKS, empty], 1)
    assert shuffle_triples([*TASKS, empty], 1) == given
    for before, after in zip(TASKS, given, strict=False):
        assert after.question == before.task.question and after.passage == before.task.passage
        assert after.evidence != before.task.evidence and after.evidence in {task.task.evidence for task in TASKS}
        assert after.slots
    assert given[-1] == empty.task


def test_each_way_reads_what_it_is_given() -> None:
    reader = Words("fever", "cough", "sneezing")
    marked = answer_all(reader, TASKS, quiet=True)
    right = {way: [one.exact for one in ones] for way, ones in marked.items()}
    assert right[PASSAGE] == [1, 0, 1, 1]
    assert right[TRIPLES] == [1, 1, 0, 1]
    assert right[BOTH] == [1, 1, 1, 1]
    assert sum(right[SHUFFLED]) < 4


def test_figures_gains_and_what_misleads() -> None:
    report = measure(Words("fever", "cough", "sneezing"), TASKS, quiet=True)["made"]
    assert report["ways"][BOTH]["exact"] == 100 and report["ways"][PASSAGE]["exact"] == 75
    assert report["gains"][PASSAGE]["exact"] == 25
    assert report["ways"][PASSAGE]["abstained"] == 50
    assert report["kinds"]["triples"][PASSAGE]["exact"] == 0
    # Whatever two of the triples are given to the wrong questions, they are taken for answers there, or the passage's is.
    shuffled = report["ways"][SHUFFLED]
    assert 0 < shuffled["misled"] <= 50 and "misled" not in report["ways"][BOTH]
    text = as_text({"made": report})
    assert "both less passage" in text and "neither: shuffled" in text


def test_the_interval_holds_the_mean_and_narrows() -> None:
    few, many = (np.tile([1.0, 1.0, 0.0, 1.0], n) for n in (10, 400))
    low, high = interval(few)
    assert low < 75 < high and interval(few) == (low, high)
    assert interval(many)[1] - interval(many)[0] < (high - low) / 4


def test_held_out_tasks_alone_are_measured_and_evenly_taken() -> None:
    tasks = [_combined(str(n), "fever", "a fever", "fever", split=HELD_OUT if n % 2 else TRAIN) for n in range(40)]
    assert [task.id for task in held_out(tasks)] == [task.id for task in tasks if task.split == HELD_OUT]
    assert [int(task.id.split("/")[-1]) for task in held_out(tasks, 5)] == [1, 9, 17, 25, 33]
    with pytest.raises(DatasetError, match="none of 1 tasks is held out"):
        held_out(tasks[:1])
