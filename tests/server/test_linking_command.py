"""Tests of `medkg evaluate linking`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.graph import SnapshotGraph
from server.cli import main


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    (tmp_path / "misspelt.tsv").write_text(
        "misspelling\tgold\terror\tsentence\nibuprofin\tCHEBI:5855\tdrug\tCan I take ibuprofin?\nmeesles\tHP:0001945\tillness\t\n",
        encoding="utf-8",
    )
    return tmp_path


def test_a_suite_is_measured_and_its_misses_and_picture_written(
    tiny_graph: SnapshotGraph, lists: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    errors, picture = lists / "errors.jsonl", lists / "picture.svg"
    options = ["--suite", "misspelt", "--lists", str(lists), "--fast", "--errors", str(errors), "--picture", str(picture), "--json"]
    assert main(["evaluate", "linking", "--snapshot", str(tiny_graph.path), *options]) == 0
    found = json.loads(capsys.readouterr().out)["linkers"]["medkg"]["misspelt"]
    assert found["first"] == {"right": 1, "total": 2, "percent": 50.0}
    assert json.loads(errors.read_text(encoding="utf-8"))["phrase"] == "meesles"
    assert picture.read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (["--suite", "nonsense"], 2, "--suite nonsense is unknown; expected one of bc5cdr"),
        (["--peer", "nobody"], 2, "--peer nobody is unknown; expected one of gilda"),
        (["--suite", "bc5cdr"], 1, "the suite bc5cdr needs nlp/bc5cdr"),
        (["--errors", "nowhere/errors.jsonl"], 2, "nowhere is no directory"),
    ],
)
def test_a_wrong_call_is_one_sentence(
    tiny_graph: SnapshotGraph, lists: Path, capsys: pytest.CaptureFixture[str], options: list[str], status: int, said: str
) -> None:
    assert main(["evaluate", "linking", "--snapshot", str(tiny_graph.path), "--lists", str(lists), "--fast", *options]) == status
    assert said in capsys.readouterr().err
