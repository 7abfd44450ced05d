"""Tests of how classes and tags are measured, and of the pictures."""

from __future__ import annotations

import builtins
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kg.shipped import data_directory
from qa.errors import DatasetError, ExtraError, ModelError
from qa.evaluation.classes import confusion_picture, evaluate_classes, measure
from qa.evaluation.pubtator import Annotation, Document
from qa.evaluation.run_picture import curves_of_evaluations, plot_run, read_metrics
from qa.evaluation.tags import evaluate_tags, read_whole
from qa.name_encoder import Tokens
from qa.tagging import Tagged
from qa.training.classes import ClassedQuestion, write_classes
from qa.training.tags import Corpus
from server.cli import main
from server.service import Factories


class FakeClassifier:
    """Takes the first word of a question for its type; every form is a list."""

    def classify(self, questions: Sequence[str]) -> list[dict[str, tuple[str, float]]]:
        return [{"type": (question.split()[0], 0.9), "form": ("list", 0.5)} for question in questions]


def _asked(text: str, split: str, **classes: str) -> ClassedQuestion:
    return ClassedQuestion(f"{split}/{text}", text, classes, split)


QUESTIONS = [
    _asked("causes of gout", "held_out", type="causes", form="list"),
    _asked("causes of flu", "held_out", type="symptoms"),
    _asked("symptoms of flu", "held_out", type="symptoms", form="both"),
    _asked("symptoms of gout", "templates", type="symptoms"),
    _asked("causes of colds", "train", type="symptoms"),
]


def test_figures_are_those_of_the_definitions() -> None:
    report = measure(list("aaabbc"), list("aabbbd"))
    assert report.labels == ("a", "b", "c", "d")
    assert report.matrix.tolist() == [[2, 1, 0, 0], [0, 2, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]]
    assert report.accuracy == pytest.approx(100 * 4 / 6)
    a, b, c, d = report.classes.values()
    assert (a.precision, a.recall, a.f1) == pytest.approx((100, 200 / 3, 80))
    assert (b.precision, b.recall, b.f1) == pytest.approx((200 / 3, 100, 80))
    assert (c.f1, c.support, c.given, d.f1, d.support, d.given) == (0, 1, 0, 0, 0, 1)
    assert report.macro_f1 == pytest.approx(160 / 4)
    json.dumps(report.as_dict())
    assert re.search(r"^b +66\.7 +100\.0 +80\.0 +2$", report.as_text(), re.MULTILINE)


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(DatasetError, match="at least one"):
        measure([], [])


def test_heads_are_measured_split_by_split_over_the_questions_that_they_are_for() -> None:
    reports = evaluate_classes(FakeClassifier(), QUESTIONS, batch=2, quiet=True)
    assert {split: list(heads) for split, heads in reports.items()} == {
        "held_out": ["type", "form"],
        "templates": ["type"],
        "train": ["type"],
    }
    assert reports["held_out"]["type"].total == 3
    assert reports["held_out"]["type"].accuracy == pytest.approx(200 / 3)
    assert reports["held_out"]["form"].classes["list"].precision == 50
    assert (reports["templates"]["type"].accuracy, reports["train"]["type"].accuracy) == (100, 0)


def test_reader_without_a_head_is_refused() -> None:
    with pytest.raises(ModelError, match="'relation'"):
        evaluate_classes(FakeClassifier(), [_asked("what", "train", relation="none")], quiet=True)


@pytest.fixture
def factories() -> Factories:
    return Factories(span_reader=lambda model: FakeClassifier())  # type: ignore[arg-type,return-value]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_classes(QUESTIONS, tmp_path / "classes.jsonl")
    return tmp_path / "classes.jsonl"


def test_command_measures_the_held_out_splits_and_draws(
    data: Path, factories: Factories, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "drawn").mkdir()
    assert main(["evaluate", "classes", "--data", str(data), "--json", "--pictures", str(tmp_path / "drawn")], factories) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["held_out", "templates"]
    assert found["held_out"]["type"]["confusion"] == {"labels": ["causes", "symptoms"], "matrix": [[1, 0], [1, 1]]}
    names = {path.name for path in (tmp_path / "drawn").iterdir()}
    assert names == {"held_out-type.svg", "held_out-form.svg", "templates-type.svg"}
    assert main(["evaluate", "classes", "--data", str(data), "--split", "train"], factories) == 0
    assert capsys.readouterr().out.startswith("type, train\naccuracy 0.0")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--split", "test"], "expected one of train"),
        (["--split", "entities"], "no question of entities"),
        (["--pictures", "no"], "no dir"),
    ],
)
def test_command_refuses_what_it_cannot_measure(
    data: Path, factories: Factories, arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "classes", "--data", str(data), *arguments], factories) == 2
    assert expected in capsys.readouterr().err


def test_confusion_picture_is_of_its_suffix_and_always_the_same(tmp_path: Path) -> None:
    labels, matrix = [f"class {n}" for n in range(15)], np.eye(15, dtype=np.int64) * 1234
    for name in ("one.svg", "two.svg", "one.png"):
        confusion_picture(labels, matrix, tmp_path / name, "relation")
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")
    text = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert "<svg" in text and text == (tmp_path / "two.svg").read_text(encoding="utf-8")
    assert text.count("<!-- 1234 -->") == 15
    assert "<!-- relation: accuracy 100.0 % of 18,510 -->" in text
    assert len(list(tmp_path.iterdir())) == 3


def test_picture_of_another_suffix_or_without_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"expected \.svg or \.png"):
        confusion_picture(["a"], np.ones((1, 1), np.int64), tmp_path / "a.pdf")
    with pytest.raises(DatasetError, match="no directory"):
        confusion_picture(["a"], np.ones((1, 1), np.int64), tmp_path / "none" / "a.svg")


def test_missing_libraries_name_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(name: str, *rest: Any, real: Any = builtins.__import__) -> Any:
        if name.split(".")[0] in ("matplotlib", "sklearn"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ExtraError, match=r"scikit-learn.*medkg-qa\[evaluate\]"):
        measure(["a"], ["a"])
    with pytest.raises(ExtraError, match=r"matplotlib.*medkg-qa\[evaluate\]"):
        confusion_picture(["a"], np.ones((1, 1), np.int64), tmp_path / "a.svg")


class FakeEncoder:
    """Finds given words, with the shipped tokeniser."""

    def __init__(self, words: dict[str, str]) -> None:
        self.tokens = Tokens(data_directory() / "models" / "linker")
        self._words, self.read = words, 0

    def tag(self, text: str) -> list[Tagged]:
        self.read += 1
        found = [(match, kind) for word, kind in self._words.items() for match in re.finditer(word, text)]
        return sorted((Tagged(match.start(), match.end(), kind, 1.0) for match, kind in found), key=lambda tag: tag.start)


TEXT = "Naloxone helps with severe gout."


def _corpus(*kinds: str) -> Corpus:
    marked = [("Naloxone", "chemical"), ("severe gout", "disease")]
    mentions = [Annotation(TEXT.index(word), TEXT.index(word) + len(word), word, kind, ()) for word, kind in marked if kind in kinds]
    return Corpus((Document("1", TEXT, tuple(mentions)),), kinds)


def test_tags_are_measured_by_mention_and_by_word() -> None:
    encoder = FakeEncoder({"Naloxone": "chemical", "gout": "disease", "helps": "chemical"})
    report = evaluate_tags(encoder, {"bc5cdr": _corpus("disease", "chemical")}, quiet=True)["bc5cdr"]  # type: ignore[arg-type]
    assert report.mentions["chemical"] == pytest.approx({"mentions": 1, "precision": 50, "recall": 100, "f1": 200 / 3})
    assert report.mentions["disease"] == {"mentions": 1, "precision": 0, "recall": 0, "f1": 0}
    assert report.words.labels == ("B-chemical", "B-disease", "I-disease", "O")
    assert report.words.matrix.tolist() == [[1, 0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0], [1, 0, 0, 2]]
    assert encoder.read == 1
    assert re.search(r"^chemical +50\.0 +100\.0 +66\.7 +1$", report.as_text(), re.MULTILINE)


def test_kinds_that_a_corpus_does_not_mark_count_nothing() -> None:
    encoder = FakeEncoder({"Naloxone": "chemical", "severe gout": "disease"})
    report = evaluate_tags(encoder, {"ncbi": _corpus("disease")}, quiet=True)["ncbi"]  # type: ignore[arg-type]
    assert list(report.mentions) == ["disease"]
    assert report.mentions["disease"]["f1"] == report.words.accuracy == 100


def test_empty_corpus_and_call_without_one_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.txt").write_text("\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="holds no document"):
        read_whole(tmp_path / "empty.txt", "ncbi")
    assert main(["evaluate", "tags"]) == 2
    assert "expected a corpus" in capsys.readouterr().err


def _run(directory: Path) -> Path:
    lines: list[dict[str, Any]] = []
    for epoch in range(2):
        for step in (epoch * 20 + 10, epoch * 20 + 20):
            lines.append({"step": step, "epoch": epoch, "seconds": step / 2, "loss": 3 / step, "rate": 1e-5})
        squad = {"f1": 70.0 + epoch, "threshold": 3.0, "kinds": {"list": {"f1": 60.0, "tasks": 5, "precision": 1.0}}}
        lines.append({"step": lines[-1]["step"], "epoch": epoch + 1, "seconds": 10, "squad": squad, "score": 70.0})
    (directory / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return directory


def test_curves_are_what_was_measured_and_not_how_much_of_it(tmp_path: Path) -> None:
    panels = curves_of_evaluations(read_metrics(_run(tmp_path) / "metrics.jsonl"))
    assert panels == {
        "squad": {"f1": ([20, 40], [70.0, 71.0]), "kinds list f1": ([20, 40], [60.0, 60.0])},
        "score": {"score": ([20, 40], [70.0, 70.0])},
    }


def test_run_is_drawn_with_a_panel_for_each_group(tmp_path: Path) -> None:
    assert main(["train", "plot", str(_run(tmp_path)), "--out", str(tmp_path / "run.svg")]) == 0
    text = (tmp_path / "run.svg").read_text(encoding="utf-8")
    for title in ("loss", "learning rate", "squad", "score", "kinds list f1", "step (dashed: an epoch ends)"):
        assert f"<!-- {title} -->" in text
    assert f"<!-- {tmp_path.name}: 40 steps, 10 s -->" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "line 1: not readable"),
        ('{"step": 1}', "line 1: .*step, epoch and seconds"),
        ('{"step": 1, "epoch": 0, "seconds": 2}', "holds no metrics"),
        ("", "holds no metrics"),
    ],
)
def test_metrics_of_another_form_are_refused(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "metrics.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=expected):
        plot_run(tmp_path / "metrics.jsonl", tmp_path / "run.png")
    with pytest.raises(DatasetError, match="expected the metrics"):
        plot_run(tmp_path / "none.jsonl", tmp_path / "run.png")
