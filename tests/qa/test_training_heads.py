"""Tests of training all heads of one encoder together: spans, slots, both at once, and what a question asks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from reader_models import TOKENS, tiny_bert, write_reader, write_tokenizer
from test_training import write_squad, write_triples

from qa.bert import BertReader
from qa.encoding import Encoder
from qa.errors import DatasetError, ModelError
from qa.reader import ReadingTask, Slot
from qa.reader_model import Logits
from qa.training.classes import ClassedQuestion
from qa.training.combined import combined_examples
from qa.training.combined_data import CombinedTask, read_combined
from qa.training.data import NOT_ASKED, Store, by_length
from qa.training.losses import Weights, class_distillation_loss, class_loss, reader_loss
from qa.training.reader_data import class_examples
from qa.training.squad import Answer
from qa.training.train_reader import ReaderTraining, train_reader

NAMES = ("gout", "fever", "rash", "headache")
ASKED = (("what causes {}?", "causes", "list"), ("what symptoms of {}?", "symptoms", "list"), ("is {} a rash?", "symptoms", "yes/no"))
LABELS = {"form": ("list", "yes/no"), "relation": ("causes", "symptoms")}


@pytest.fixture
def encoder(tmp_path: Path) -> Encoder:
    return Encoder.load(write_tokenizer(tmp_path / "tokenizer", TOKENS), max_tokens=64, stride=16)


def questions() -> list[ClassedQuestion]:
    splits = {"gout": "held_out"}
    return [
        ClassedQuestion(f"{n}/{name}", wording.format(name), {"relation": relation, "form": form}, splits.get(name, "train"))
        for n, (wording, relation, form) in enumerate(ASKED)
        for name in NAMES
    ]


def write_questions(path: Path) -> Path:
    lines = [{"id": q.id, "question": q.question, "classes": dict(q.classes), "split": q.split} for q in questions()]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def write_combined(path: Path, number: int = 16) -> Path:
    lines = []
    for n in range(number):
        city = ("rome", "paris", "london")[n % 3]
        passage = f"bob stands by the river. alice lives in {city}."
        line: dict[str, Any] = {"id": f"made/{n}", "evidence": "gout symptoms: fever.", "question": "where lives alice?"}
        line |= {"slots": [[15, 20]], "labels": [0], "passage": passage, "answers": [{"text": city, "start": passage.index(city)}]}
        lines.append(line | {"kind": "passage", "split": "held_out" if n % 4 == 0 else "train"})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_a_task_with_passage_has_slots_and_an_answer(encoder: Encoder) -> None:
    passage = "alice lives in rome."
    task = ReadingTask("gout symptoms: fever.", "where lives alice?", (Slot(15, 20),), passage)
    answers = (Answer("nowhere", 99), Answer("rome", 15))
    found, nothing, alone = combined_examples(
        [
            CombinedTask("made/1", task, (1,), answers, "both", "train"),
            CombinedTask("made/2", task, (0,), (), "neither", "train"),
            CombinedTask("made/3", ReadingTask(task.evidence, task.question, task.slots), (1,), (), "triples", "train"),
        ],
        encoder,
    )
    assert found.labels == (1,)
    assert [TOKENS[found.window.ids[n]] for n in range(found.answer[0], found.answer[1] + 1)] == ["rome"]
    assert nothing.answer == (0, 0)
    assert alone.answer == (NOT_ASKED, NOT_ASKED)


def test_what_a_question_asks_is_learnt_by_the_heads_that_it_is_for(encoder: Encoder) -> None:
    asked = [*questions()[:3], ClassedQuestion("x", "what?", {"form": "list", "relation": "of no head"}, "train")]
    examples = class_examples(asked, LABELS, encoder)
    assert [example.classes for example in examples] == [(0, 0)] * 3 + [(0, NOT_ASKED)]
    store = Store(examples, encoder.padding, torch.device("cpu"))
    batch = next(store.batches(by_length(store.lengths, 4)))
    torch.manual_seed(0)
    odds = torch.randn(4, 4)
    none = torch.zeros(batch.ids.shape)
    logits = Logits(none, none, none, odds)
    row = int((batch.classes[:, 1] == NOT_ASKED).nonzero())
    other = (row + 1) % 4
    form, relation = -odds[:, :2].log_softmax(-1)[:, 0], -odds[:, 2:].log_softmax(-1)[:, 0]
    found = class_loss(logits, batch, (2, 2))
    assert found[row].item() == pytest.approx(form[row].item(), rel=1e-5)
    assert found[other].item() == pytest.approx((form[other] + relation[other]).item() / 2, rel=1e-5)
    assert reader_loss(Weights(classes=3.0), (2, 2))(logits, batch).item() == pytest.approx(3 * found.sum().item(), rel=1e-5)


def test_classes_are_distilled_from_a_teacher_with_the_same_heads_only(encoder: Encoder) -> None:
    store = Store(class_examples(questions(), LABELS, encoder), encoder.padding, torch.device("cpu"))
    batch = next(store.batches(by_length(store.lengths, 4)))
    none, odds = torch.zeros(batch.ids.shape), torch.randn(4, 4)
    logits = Logits(none, none, none, odds)
    assert class_distillation_loss(logits, batch, odds.clone(), (2, 2), 2.0).abs().max().item() < 1e-6
    assert (class_distillation_loss(logits, batch, odds.flip(1), (2, 2), 2.0) > 0).all()
    taught = batch._replace(taught=torch.ones(4) > 0, class_teacher=odds.flip(1))
    plain = reader_loss(Weights(), (2, 2))(logits, batch).item()
    assert reader_loss(Weights(class_alpha=0.5), (2, 2))(logits, taught).item() != pytest.approx(plain, rel=1e-3)
    assert reader_loss(Weights(class_alpha=0.5), (2, 2))(logits, taught._replace(class_teacher=odds[:, :0])).item() == plain


def training(tmp_path: Path, **more: Any) -> ReaderTraining:
    files = {"squad": write_squad(tmp_path / "squad.json"), "triples": write_triples(tmp_path / "triples.jsonl")}
    files |= {"combined": write_combined(tmp_path / "combined.jsonl"), "classes": write_questions(tmp_path / "classes.jsonl")}
    return ReaderTraining(
        base=tmp_path / "base", out=tmp_path / "out", max_tokens=64, batch=8, epochs=12, held_out=0.2, rate=3e-3, seed=2, device="cpu",
        checkpoint_steps=0, **files, **more,
    )  # fmt: skip


def test_all_heads_are_trained_together_beside_a_teacher(tmp_path: Path) -> None:
    write_reader(tmp_path / "base", tiny_bert())
    record = train_reader(training(tmp_path, teacher=tmp_path / "base", teach="squad,classes", alpha=0.5, class_alpha=0.5))
    metrics = record["metrics"]
    assert {"squad", "combined", "classes", "templates"} <= metrics.keys()
    assert record["examples"]["combined"] == 12
    assert record["examples"]["classes"] == 9
    assert metrics["classes"]["held_out"]["relation"] == 100.0
    reader = BertReader.load(tmp_path / "out", "cpu", "fp32")
    (found,) = reader.classify(["what causes gout?"])
    assert {head: label for head, (label, _) in found.items()} == {"form": "list", "relation": "causes"}


def test_a_teacher_is_asked_only_about_what_there_is(tmp_path: Path) -> None:
    write_reader(tmp_path / "base", tiny_bert())
    with pytest.raises(DatasetError, match=r"--teach names songs; expected some of squad, triples, combined, classes"):
        train_reader(training(tmp_path, teacher=tmp_path / "base", teach="squad, songs"))


def test_a_base_with_heads_for_questions_is_trained_on_without_any(tmp_path: Path) -> None:
    write_reader(tmp_path / "base", tiny_bert())
    train_reader(training(tmp_path))
    settings = {"base": tmp_path / "out", "out": tmp_path / "again", "classes": None, "combined": None, "epochs": 1}
    train_reader(replace(training(tmp_path), **settings))
    assert BertReader.load(tmp_path / "again", "cpu", "fp32").classify(["what?"])[0].keys() == LABELS.keys()


def test_a_teacher_must_be_a_reader(tmp_path: Path) -> None:
    write_reader(tmp_path / "base", tiny_bert())
    write_reader(tmp_path / "plain", tiny_bert())
    (tmp_path / "plain" / "reader.json").unlink()
    with pytest.raises(ModelError, match=r"plain: no reader.json is there; expected a reader"):
        train_reader(training(tmp_path, teacher=tmp_path / "plain"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_tokens": 65}, "--max-tokens is 65; expected 16 to 64"),
        ({"batch": 0}, "--batch is 0; expected 1 or more"),
        ({"warm_up": -1.0}, "--warm-up is -1.0; expected 0 to 1"),
        ({"temperature": 0.0}, "--temperature is 0.0; expected 0.001 or more"),
    ],
)
def test_options_that_cannot_be_are_refused_at_once(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    write_reader(tmp_path / "base", tiny_bert())
    with pytest.raises(DatasetError, match=message):
        train_reader(replace(training(tmp_path), **changes))


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = write_combined(tmp_path / "combined.jsonl", 3)
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"line 4: the id 'made/1' stands there twice"):
        read_combined(path)
