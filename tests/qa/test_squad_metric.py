"""Tests of SQuAD: its file, its official figures and predictions for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from qa.errors import DatasetError
from qa.evaluation.squad import evaluate, f1, normalise, predict
from qa.reader import Progress, Span
from qa.training.squad import Squad, hold_out, make_pairs, read_squad

PASSAGE = "Alice lives in Paris. Bob lives in Rome."


def qa(name: str, *answers: tuple[str, int], impossible: bool | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": name,
        "question": f"{name}?",
        "answers": [{"text": t, "answer_start": n} for t, n in answers],
    }
    return found if impossible is None else found | {"is_impossible": impossible}


def write(path: Path, *articles: list[tuple[str, list[dict[str, Any]]]]) -> Path:
    data = [{"title": str(n), "paragraphs": [{"context": c, "qas": q} for c, q in a]} for n, a in enumerate(articles)]
    path.write_text(json.dumps({"version": "x", "data": data}), encoding="utf-8")
    return path


def squad(tmp_path: Path, *questions: dict[str, Any], lenient: bool = True) -> Squad:
    return read_squad(write(tmp_path / "squad.json", [(PASSAGE, list(questions))]), lenient)


def test_normalisation_is_the_official_one() -> None:
    assert normalise(" The  Cat's -- a\tlayer, an apple! ") == "cats layer apple"


def test_f1_counts_words_as_often_as_they_occur() -> None:
    assert f1("a big big cat", "big cat") == pytest.approx(0.8)
    assert f1("dog", "cat") == 0
    assert (f1("", ""), f1("", "cat"), f1("the", "")) == (1, 0, 1)
    assert f1("", "", abstains=False) == 0


def test_v1_figures_agree_with_those_worked_by_hand(tmp_path: Path) -> None:
    questions = qa("a", ("Paris", 15), ("in Paris", 12)), qa("b", ("Rome", 35)), qa("c", ("Bob", 22)), qa("d", ("Bob", 22))
    predictions = {"a": "the Paris.", "b": "lives in Rome", "c": "Alice"}
    figures = evaluate(squad(tmp_path, *questions), predictions)
    assert figures == pytest.approx({"exact": 25.0, "f1": 100 * (1 + 0.5) / 4, "total": 4})


def test_v2_figures_agree_with_those_worked_by_hand(tmp_path: Path) -> None:
    questions = (
        qa("a", ("Paris", 15), impossible=False),
        qa("b", ("lives in Rome", 26), impossible=False),
        qa("c", impossible=True),
        qa("d", impossible=True),
    )
    figures = evaluate(squad(tmp_path, *questions), {"a": "", "b": "Rome", "c": "", "d": "Bob"})
    assert figures == pytest.approx(
        {
            "exact": 25.0,
            "f1": 37.5,
            "total": 4,
            "has_answer_exact": 0.0,
            "has_answer_f1": 25.0,
            "has_answer_total": 2,
            "no_answer_exact": 50.0,
            "no_answer_f1": 50.0,
            "no_answer_total": 2,
        }
    )


class FirstWord:
    """Answers with the first word of the passage, and abstains wherever it may."""

    def extract(self, pairs: Sequence[tuple[str, str]], *, may_abstain: bool = True, progress: Progress | None = None) -> list[Span]:
        return [Span(0, 0, "", 0.0) if may_abstain else Span(0, 5, passage[:5], 0.0) for _, passage in pairs]


def test_predictions_abstain_only_where_the_file_has_questions_without_answer(tmp_path: Path) -> None:
    first = write(tmp_path / "1.json", [(PASSAGE, [qa("b", ("Rome", 35)), qa("a", ("Bob", 0))])])
    assert list(predict(FirstWord(), first, batch=1, quiet=True).items()) == [("b", "Alice"), ("a", "Alice")]
    second = write(tmp_path / "2.json", [(PASSAGE, [qa("a", ("Rome", 35), impossible=False)])])
    assert predict(FirstWord(), second, quiet=True) == {"a": ""}


def test_an_answer_that_is_not_at_its_offset_is_reported_and_not_trained_on(tmp_path: Path) -> None:
    found = squad(tmp_path, qa("a", ("Paris", 16)), qa("b", ("Rome", 35), ("Rome", -5)), qa("c"), lenient=False)
    assert found.mismatches == ("a", "b")
    assert [(q.id, len(q.answers)) for _, q in found.questions()] == [("b", 1), ("c", 0)]
    assert len(list(squad(tmp_path, qa("a", ("Paris", 16))).questions())) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "not readable as JSON"),
        ("{}", "data is None; expected an object with 'data' of type list"),
        ('{"data": [{"paragraphs": [{"qas": []}]}]}', r"data\[0\].paragraphs\[0\]: context is None"),
        ('{"data": [{"paragraphs": [{"context": "x", "qas": [3]}]}]}', r"qas\[0\]: a int; expected an object with 'id'"),
        ('{"data": [7]}', r"data\[0\]: a int"),
    ],
)
def test_a_file_of_another_form_is_refused_by_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(DatasetError, match=message):
        read_squad(path)
    with pytest.raises(DatasetError, match=r"missing.json"):
        read_squad(tmp_path / "missing.json")


def test_pairs_without_answer_come_from_the_same_article(tmp_path: Path) -> None:
    articles = [[(f"Alice lives in city {n}.", [qa(f"{n}a", ("Alice", 0))]), (f"Bob of {n}.", [qa(f"{n}b", ("Bob", 0))])] for n in range(9)]
    found = read_squad(write(tmp_path / "squad.json", *articles))
    pairs = make_pairs(found.articles, 1.0, 0)
    without = [pair for pair in pairs if pair.answer is None]
    assert len(pairs) == 36
    assert len(without) == 18
    assert all(("Bob" in p.passage) == p.question.endswith("a?") and p.question[0] in p.passage for p in without)
    training, held = hold_out(found, 0.2, 0)
    assert len(held) == 2
    assert {a.title for a in training} | {a.title for a in held} == {str(n) for n in range(9)}
    assert hold_out(found, 0.2, 0) == (training, held)
