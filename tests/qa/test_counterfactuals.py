"""Tests of the tasks that contradict general knowledge, of their figures, and of the shipped reader on those written by hand."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from reader_models import write_reader

from kg import vocabulary as v
from kg.graph import SnapshotGraph
from qa.bert import BertReader
from qa.errors import DatasetError
from qa.evaluation.triples import Judged, as_text, evaluate, judge, uncalibrated
from qa.loading import load_reader
from qa.reader import ReadingTask, Slot
from qa.training.counterfactuals import EXCHANGED, KINDS, MADE_UP, MISSING, SWAPPED, make_counterfactuals
from qa.training.made_up import MadeUpNames
from qa.training.triples import COUNTERFACTUAL, FACTUAL, PAIRED, LabelledTask, read_triples
from qa.training.wordings import Wording, read_facts, read_wordings

FIXTURE = Path(__file__).parents[1] / "fixtures" / "counterfactual.jsonl"
SEED = 3
Pairs = list[tuple[LabelledTask, LabelledTask]]


@pytest.fixture(scope="module")
def wordings() -> list[Wording]:
    return read_wordings()


@pytest.fixture(scope="module")
def pairs(tiny_graph: SnapshotGraph, wordings: list[Wording]) -> Pairs:
    names = MadeUpNames(lambda name: bool(tiny_graph.named(name)), random.Random(0))
    return list(make_counterfactuals(read_facts(tiny_graph), wordings, names, 120, SEED, lambda _: True))


def _of(pairs: Pairs, kind: str) -> Pairs:
    found = [pair for pair in pairs if pair[0].kind == kind]
    assert found
    return found


def _texts(task: LabelledTask, label: int = 1) -> list[str]:
    return [task.task.evidence[s.start : s.end] for s, given in zip(task.task.slots, task.labels, strict=True) if given == label]


def test_twins_differ_in_nothing_but_names(pairs: Pairs) -> None:
    assert {pair[0].kind for pair in pairs} == set(KINDS)
    for factual, other in pairs:
        assert (factual.split, other.split) == (FACTUAL, COUNTERFACTUAL)
        assert factual.id.removeprefix(FACTUAL) == other.id.removeprefix(COUNTERFACTUAL)
        assert len(factual.task.slots) == len(other.task.slots)
        assert factual.task.evidence.count(": ") == other.task.evidence.count(": ")
        assert factual.task.evidence != other.task.evidence


def test_every_factual_task_has_an_answer_and_its_twin_unless_it_is_missing(pairs: Pairs) -> None:
    for factual, other in pairs:
        assert any(factual.labels)
        assert other.labels == (factual.labels if factual.kind != MISSING else (0,) * len(factual.labels))


def test_made_up_things_are_in_no_graph(pairs: Pairs, tiny_graph: SnapshotGraph) -> None:
    for factual, other in _of(pairs, MADE_UP):
        heads = [re.split(r"\. |^", part)[-1] for part in other.task.evidence.split(": ")[:-1]]
        kept = [re.split(r"\. |^", part)[-1] for part in factual.task.evidence.split(": ")[:-1]]
        changed = [head for head, before in zip(heads, kept, strict=True) if head != before]
        assert changed
        for head in changed:
            assert not any(head.startswith(f"{entity.name} ") for entity in tiny_graph.entities())


def test_made_up_questions_ask_of_what_was_made_up(pairs: Pairs) -> None:
    for factual, other in _of(pairs, MADE_UP):
        assert factual.task.question != other.task.question


def test_swapped_answers_are_untrue(pairs: Pairs, tiny_graph: SnapshotGraph) -> None:
    facts = read_facts(tiny_graph)
    for _, other in _of(pairs, SWAPPED):
        focus = next(c for c in facts.groups if f"/{c}/" in other.id)
        true = {e.target.name for group in facts.groups[focus].values() for e in group}
        assert not set(_texts(other)) & true


def test_what_is_true_is_missing_where_it_is_asked_for(pairs: Pairs, tiny_graph: SnapshotGraph) -> None:
    for factual, other in _of(pairs, MISSING):
        assert factual.task.question == other.task.question
        assert not any(other.labels)


def test_exchanged_answers_are_the_other_ones(pairs: Pairs) -> None:
    for factual, other in _of(pairs, EXCHANGED):
        assert factual.task.question == other.task.question
        assert not set(_texts(factual)) & set(_texts(other))
        assert set(_texts(factual)) <= set(_texts(other, 0))


def test_both_kinds_of_wording_are_used(pairs: Pairs, wordings: list[Wording]) -> None:
    lists = {w.name: w for w in wordings if w.kind == "list"}
    seen = set()
    for factual, _ in pairs:
        _, _, rest = factual.id.split("/", 2)
        if rest.startswith("list "):
            wording = lists[rest.removeprefix("list ").split("/")[0]]
            marked = rest.rpartition("/")[2]
            forms = [re.escape(t).replace(r"\{x\}", ".+") for t in (wording.train if marked == "trained" else wording.held_out)]
            assert any(re.fullmatch(form, factual.task.question) for form in forms), factual.id
            seen.add(marked)
    assert seen == {"trained", "held_out"}


def test_made_up_names_are_new_and_none_is_known() -> None:
    known = lambda name: len(name) % 4 == 0  # noqa: E731
    names = MadeUpNames(known, random.Random(1))
    given = [names.name(category) for category in (v.DRUG, v.DISEASE, v.PHENOTYPE, v.SPECIALTY) * 25]
    assert len(set(given)) == len(given)
    assert not any(map(known, given))


def test_the_same_seed_makes_up_the_same_names() -> None:
    one, other = (MadeUpNames(lambda _: False, random.Random(1)) for _ in range(2))
    assert [one.name(v.DISEASE) for _ in range(9)] == [other.name(v.DISEASE) for _ in range(9)]


def _task(name: str, split: str, labels: tuple[int, ...], kind: str = SWAPPED) -> LabelledTask:
    evidence = "gout symptoms: fever; rash."
    return LabelledTask(f"{split}/{name}", ReadingTask(evidence, "signs?", (Slot(15, 20), Slot(22, 26))), labels, kind, split)


def test_figures_of_splits_kinds_and_pairs() -> None:
    judged = [
        Judged(_task("a/trained", FACTUAL, (1, 0)), (True, False)),
        Judged(_task("a/trained", COUNTERFACTUAL, (1, 0)), (True, True)),
        Judged(_task("b/held_out", FACTUAL, (1, 1)), (True, True)),
        Judged(_task("b/held_out", COUNTERFACTUAL, (1, 1)), (True, True)),
        Judged(_task("c/held_out", FACTUAL, (1, 0), MISSING), (False, True)),
        Judged(_task("c/held_out", COUNTERFACTUAL, (0, 0), MISSING), (False, False)),
        Judged(_task("alone/trained", FACTUAL, (1, 0)), (True, False)),
    ]
    figures = evaluate(judged)
    changed = figures["splits"][COUNTERFACTUAL]
    assert (changed["tasks"], changed["unanswerable"], changed["recognised"]) == (3, 1, 100.0)
    assert (changed["precision"], changed["recall"]) == (75.0, 100.0)
    assert figures["splits"][FACTUAL]["kinds"][MISSING]["exact"] == 0
    third, two_thirds = pytest.approx(100 / 3), pytest.approx(200 / 3)
    assert figures["pairs"]["all"] == {
        "pairs": 3,
        "factual": two_thirds,
        "counterfactual": two_thirds,
        "both": third,
    }
    assert figures["pairs"]["wording trained"]["both"] == 0
    assert figures["pairs"][SWAPPED]["both"] == 50
    text = as_text(figures)
    assert "wording held_out" in text and "counterfactual" in text


def test_tasks_without_twins_have_no_figures_of_pairs() -> None:
    figures = evaluate([Judged(_task("a", "templates", (0, 0)), (False, True))])
    assert "pairs" not in figures and figures["splits"]["templates"]["recognised"] == 0
    assert as_text(figures).count("\n") == 2


def test_a_slot_is_judged_by_its_logit_whatever_the_calibration(tmp_path: Path) -> None:
    plain = BertReader.load(write_reader(tmp_path), "cpu")
    shifted = BertReader(plain.model, plain.encoder, calibration=(0.1, 5.0))
    tasks = [_task(str(n), FACTUAL, (1, 0)) for n in range(2)]
    assert [one.given for one in judge(shifted, tasks, quiet=True)] == [(True, True)] * 2
    with torch.inference_mode():
        expected = [tuple(p > 0.5 for p in read) for read in plain.read([task.task for task in tasks])]
    assert [one.given for one in judge(uncalibrated(shifted), tasks, quiet=True)] == expected


def _write(path: Path, slots: Sequence[object]) -> Path:
    line = {"id": "1", "evidence": "gout symptoms: fever; rash.", "question": "signs?", "slots": slots, "labels": [1, 0]}
    path.write_text(json.dumps(line | {"kind": SWAPPED, "split": COUNTERFACTUAL}) + "\n")
    return path


def test_slots_may_be_written_as_texts(tmp_path: Path) -> None:
    (task,) = read_triples(_write(tmp_path / "a.jsonl", ["fever", "rash"]), PAIRED)
    assert task.task.slots == (Slot(15, 20), Slot(22, 26))
    with pytest.raises(DatasetError, match="'fever' is not in the evidence, or not behind"):
        read_triples(_write(tmp_path / "b.jsonl", ["rash", "fever"]), PAIRED)
    with pytest.raises(DatasetError, match="split is 'counterfactual'; expected train, templates or entities"):
        read_triples(tmp_path / "a.jsonl")


def test_the_shipped_reader_follows_the_triples() -> None:
    tasks = read_triples(FIXTURE, PAIRED)
    assert len(tasks) == 40
    right = [one for one in judge(uncalibrated(load_reader()), tasks, quiet=True) if one.exact]
    assert len(right) >= 36
    for kind in (MADE_UP, SWAPPED, MISSING):
        of_kind = [task for task in tasks if task.kind == kind]
        assert len([one for one in right if one.labelled.kind == kind]) >= 0.8 * len(of_kind)
