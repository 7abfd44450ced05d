"""Tests of the figures for what notes say of their findings, and of the files that they are taken from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qa.assertion import Context
from qa.errors import DatasetError
from qa.evaluation.negex import evaluate_negex, read_negex
from qa.evaluation.negex_peers import PEERS, evaluate_peers

HEAD = "line number\tCondition\tsentence\tnegation_status\ttemporality\texperiencer\n"
ROWS = (
    "1\tcough\tNo fever or   COUGH.\tNegated\tRecent\tPatient\n"
    "2\tfever\tFever, then a second FEVER if cold.\tAffirmed\tRecent\tPatient\n"
    "3\tchest  pain\tHISTORY OF CHEST PAIN.\tPossible\tHistorical\tPatient\n"
    "4\trash\tReturn for RASH.\tAffirmed\tNot particular\tPatient\n"
    "5\tgout\tFather had GOUT.\tAffirmed\thistorical\tFamily member\n"
    "6\tgout\tWell.\tAffirmed\tRecent\tOther\n"
    "7\tflu\tFLU, at last over.\tNegated\tRecent\tPatient\n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "negex.txt"
    file.write_text(HEAD + ROWS, encoding="utf-8")
    return file


def test_conditions_are_found_where_they_stand_in_capitals(path: Path) -> None:
    rows = read_negex(path)
    assert [row.sentence[row.start : row.end] for row in rows.rows] == ["COUGH", "FEVER", "CHEST PAIN", "RASH", "GOUT", "FLU"]
    assert rows.rows[1].start == 21 and rows.unplaced == (6,)
    assert [row.gold for row in rows.rows][:5] == [
        Context(negated=True),
        Context(),
        Context(historical=True),
        Context(hypothetical=True),
        Context(historical=True, family=True),
    ]


def test_figures_are_given_over_all_lines_and_for_each_fold(path: Path) -> None:
    figures = evaluate_negex(path)
    assert (figures["rows"], figures["unplaced"]) == (6, 1)
    assert figures["all"]["negated"] == {
        "precision": 100.0,
        "recall": 50.0,
        "f1": pytest.approx(66.67, abs=0.01),
        "right": pytest.approx(83.33, abs=0.01),
        "true": 1,
        "false": 0,
        "missed": 1,
    }
    assert figures["all"]["family"]["f1"] == figures["all"]["hypothetical"]["f1"] == 100.0
    assert figures["even"]["negated"]["f1"] is None and figures["odd"]["negated"]["missed"] == 1
    assert figures["odd"]["historical"] == {**figures["all"]["historical"], "right": 75.0}


def test_another_judge_may_be_measured(path: Path) -> None:
    figures = evaluate_negex(path, lambda rows: [Context(negated=True)] * len(rows))
    assert (figures["all"]["negated"]["true"], figures["all"]["negated"]["false"]) == (2, 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD, ": no annotated sentence"),
        (HEAD + "1\tcough\tNo cough.\tNegated\tRecent\n", ", line 2: 5 columns, expected 6"),
        (HEAD + "1\tcough\tNo cough.\tMaybe\tRecent\tPatient\n", ", line 2: 'Maybe' is unknown"),
        (ROWS + "x\tcough\tNo cough.\tNegated\tRecent\tPatient\n", ", line 8: 'x' is no line number"),
    ],
)
def test_a_malformed_file_is_refused_by_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "negex.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=re.escape(f"{path}{message}")):
        read_negex(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="not readable"):
        evaluate_negex(tmp_path / "none.txt")


def test_every_peer_is_measured_or_says_why_not(path: Path) -> None:
    figures = evaluate_peers(path)
    assert figures.keys() == PEERS.keys()
    for name, told in figures.items():
        assert told.get("rows") == 6 or told["skipped"].startswith(f"{name} is not installed")


def test_notes_are_judged_as_well_as_measured_before(real_data: Path) -> None:
    figures = evaluate_negex(real_data / "nlp" / "negex" / "negation_first_half.txt")
    assert (figures["rows"], figures["unplaced"]) == (1182, 6)
    assert figures["even"]["negated"]["f1"] > 97 and figures["odd"]["negated"]["f1"] > 98
    assert figures["all"]["family"]["f1"] == 100 and figures["all"]["hypothetical"]["f1"] > 96
