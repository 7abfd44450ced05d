"""Tests of distillation as a command: one student, several alphas, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reader_models import MPNET_TOKENS, tiny_bert, tiny_mpnet, write_reader
from test_training import write_squad, write_triples

from qa.bert import BertReader
from qa.training.distil import as_text, main


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    write_reader(tmp_path / "student", tiny_bert())
    write_reader(tmp_path / "teacher", tiny_mpnet(), MPNET_TOKENS)
    write_squad(tmp_path / "squad.json")
    write_triples(tmp_path / "triples.jsonl")
    files = [f"--{name}={tmp_path / file}" for name, file in (("base", "student"), ("out", "out"), ("squad", "squad.json"))]
    files += [f"--triples={tmp_path / 'triples.jsonl'}", "--max-tokens=64", "--batch=8", "--epochs=1", "--held-out=0.2"]
    return [*files, "--rate=1e-3", "--seed=3", "--device=cpu", "--checkpoint-steps=0"]


def weights(directory: Path) -> list[float]:
    return list(BertReader.load(directory, "cpu", "fp32").model.span.weight.flatten().tolist())


def test_a_student_for_each_alpha_differs_by_its_alpha_alone(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    teacher = f"--teacher={tmp_path / 'teacher'}"
    assert main([*arguments, teacher, "--alphas=0,0.5,1"]) == 0
    table = capsys.readouterr().out
    assert [line.split()[0] for line in table.splitlines()] == ["alpha", "0", "0.5", "1"]
    found = json.loads((tmp_path / "out" / "ablation.json").read_text())
    assert list(found["alphas"]) == ["0", "0.5", "1"]
    records = [json.loads((tmp_path / "out" / f"alpha-{a}" / "training.json").read_text()) for a in ("0", "0.5", "1")]
    assert [record["arguments"]["slot_alpha"] for record in records] == [0, 0.5, 1]
    assert len({record["steps"] for record in records}) == 1
    students = [weights(tmp_path / "out" / f"alpha-{a}") for a in ("0", "0.5", "1")]
    assert students[0] != students[1] != students[2]
    # At alpha 1 the teacher says nothing: the student is that of a training without one.
    alone = tmp_path / "alone"
    assert main([*[a for a in arguments if not a.startswith("--out")], teacher, f"--out={alone}", "--alpha=1"]) == 0
    assert weights(alone) == students[2]


def test_interrupted_students_are_gone_on_with(arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = [*arguments, f"--teacher={tmp_path / 'teacher'}", "--alphas=0,1"]
    assert main(call) == 0
    table = capsys.readouterr().out
    first, second = (tmp_path / "out" / f"alpha-{alpha}" for alpha in (0, 1))
    wanted, written = weights(second), (first / "reader.json").stat().st_mtime_ns
    (second / "reader.json").unlink()  # as a kill leaves it while it is written
    assert main([*call, "--resume"]) == 0
    said = capsys.readouterr()
    assert said.out == table
    assert "alpha-0 is whole" in said.err
    assert (first / "reader.json").stat().st_mtime_ns == written
    assert weights(second) == wanted
    assert main([*call, "--resume", "--rate=2e-3"]) == 0
    assert "is whole" not in capsys.readouterr().err
    assert (first / "reader.json").stat().st_mtime_ns != written


def test_heads_take_the_alpha_of_spans_where_none_is_given(arguments: list[str], tmp_path: Path) -> None:
    assert main([*arguments, f"--teacher={tmp_path / 'teacher'}", "--alpha=0.25", "--max-steps=1"]) == 0
    given = json.loads((tmp_path / "out" / "training.json").read_text())["arguments"]
    assert (given["alpha"], given["slot_alpha"], given["class_alpha"]) == (0.25, 0.25, 0.25)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ([], "no teacher is given"),
        (["--teacher=t", "--alphas=0.5,2"], "alpha is 2.0; expected a share"),
        (["--teacher=t", "--alpha=-1"], "-1"),
    ],
)
def test_what_cannot_be_distilled_is_refused(
    arguments: list[str], more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, *more]) == 1
    assert message in capsys.readouterr().err


def test_the_table_tells_what_was_measured() -> None:
    text = as_text({"0.5": {"squad": {"exact": 70.0, "f1": 80.0}}, "1": {"squad": {"exact": 71.0, "f1": 79.0}}})
    assert [line.split() for line in text.splitlines()] == [
        ["alpha", "SQuAD", "exact", "SQuAD", "F1"],
        ["0.5", "70.0", "80.0"],
        ["1", "71.0", "79.0"],
    ]
