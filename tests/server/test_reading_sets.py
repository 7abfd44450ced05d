"""Tests of the commands that make and measure test sets for the reader."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.graph import SnapshotGraph
from server.cli import main


def test_counterfactual_tasks_are_made_and_measured(tiny_graph: SnapshotGraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = tmp_path / "pairs.jsonl"
    assert main(["train", "counterfactuals", "--out", str(pairs), "--count", "40", "--snapshot", str(tiny_graph.path)]) == 0
    counts = json.loads(capsys.readouterr().out)
    lines = [json.loads(line) for line in pairs.read_text().splitlines()]
    assert len(lines) == 2 * sum(counts.values()) > 20
    pairs.write_text("".join(json.dumps(line) + "\n" for line in lines[:8]))
    assert main(["evaluate", "triples", "--data", str(pairs), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["pairs"]["all"]["pairs"] == 4
    assert set(figures["splits"]) == {"factual", "counterfactual"}


def test_combined_tasks_are_made_and_measured(tiny_graph: SnapshotGraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "combined.jsonl"
    assert main(["train", "combined", "--out", str(out), "--count", "200", "--seed", "3", "--snapshot", str(tiny_graph.path)]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert counts["split"]["train"] > 100 and counts["split"]["held_out"] > 3
    assert main(["evaluate", "combined", "--data", str(out), "--most", "3"]) == 0
    assert "made, 3 questions" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["counterfactuals", "combined"])
def test_a_place_that_is_not_there_is_a_wrong_call(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", command, "--out", str(tmp_path / "missing" / "out.jsonl")]) == 2
    assert "is no directory" in capsys.readouterr().err


def test_a_file_of_another_form_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "odd.jsonl"
    file.write_text("{}\n")
    for kind in ("triples", "combined"):
        assert main(["evaluate", kind, "--data", str(file)]) == 1
        assert "line 1" in capsys.readouterr().err
