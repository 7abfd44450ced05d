"""Tests of `medkg ask --why`: what was made of each triple."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from qa.explain import weigh
from qa.pipeline import Pipeline
from qa.reader import Contributions, ReadingTask
from qa.safety import SafetyTable
from server.cli import main
from server.service import Factories, Service

SYMPTOMS = "What are the symptoms of gout?"


class LeaningReader:
    """Is surest of the first slot; each slot leans on its own words by 2, and the last one on those of the first by 3."""

    def read(self, tasks: Sequence[ReadingTask]) -> list[tuple[float, ...]]:
        return [tuple(0.9 - 0.01 * n for n in range(len(task.slots))) for task in tasks]

    def contributions(self, task: ReadingTask, progress: Callable[[int, int], None] | None = None) -> Contributions:
        falls = 2 * np.eye(len(task.slots))
        falls[0, -1] = 3
        if progress is not None:
            progress(1, 1)
        return Contributions(falls, np.zeros(len(task.slots)))


@pytest.fixture
def pipeline(service: Service) -> Pipeline:
    return Pipeline(service.pipeline.graph, service.linker, SafetyTable.load(), LeaningReader())


@pytest.fixture
def leaning(pipeline: Pipeline, service: Service) -> Factories:
    return Factories(service=lambda *_, **__: replace(service, pipeline=pipeline))


def test_each_triple_is_weighed_likeliest_first(pipeline: Pipeline) -> None:
    trace = pipeline.trace(SYMPTOMS)
    assert trace.context is not None
    found = weigh(trace, LeaningReader())
    assert {w.evidence for w in found} == set(trace.context.evidence)
    assert len(found) > 1
    assert [w.score for w in found] == sorted(trace.scores, reverse=True)
    assert {w.own for w in found} == {2.0}
    first, last = trace.context.evidence[0], trace.context.evidence[-1]
    others = {w.evidence: w.others for w in found}
    assert others[last] == ((first, 3.0),)
    assert others[first] == ()


def test_where_nothing_was_read_nothing_is_weighed(pipeline: Pipeline) -> None:
    assert weigh(pipeline.trace("I have crushing chest pain and cannot breathe"), LeaningReader()) == []


def test_the_answer_says_why(leaning: Factories, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", SYMPTOMS, "--why"], leaning) == 0
    told = capsys.readouterr().out
    assert "score  reader  keywords  own words  triple" in told
    assert any("gout has_phenotype" in line and "+2.0" in line for line in told.splitlines())
    assert "+3.0    with gout has_phenotype" in told


def test_why_in_json_stands_beside_the_contract(leaning: Factories, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", SYMPTOMS, "--json"], leaning) == 0
    plain = json.loads(capsys.readouterr().out)
    assert main(["ask", SYMPTOMS, "--json", "--why"], leaning) == 0
    told = json.loads(capsys.readouterr().out)
    why = told.pop("why")
    assert told == plain
    assert {"triple", "score", "reader", "keywords", "own", "others"} == set(why[0])
    assert why[0]["triple"]["subject_name"] == "gout"


def test_an_answer_without_reading_says_so(leaning: Factories, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "I have crushing chest pain and cannot breathe", "--why"], leaning) == 0
    assert "No triple was read for this answer." in capsys.readouterr().out
