"""Tests of the reader beyond one head at a time: several extracts, evidence with a passage, what is asked, what carries an answer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from reader_models import SETTINGS, tiny_bert, write_reader
from torch import Tensor

from qa.bert import BertReader
from qa.decoding import distinct
from qa.errors import ModelError
from qa.reader import ReadingTask, Slot, Span
from qa.reader_model import Logits, ReaderModel
from qa.training.saving import load_base, save_reader

CLASSES = {"form": ("list", "yes/no"), "relation": ("causes", "symptoms", "treatments")}
EVIDENCE = "gout symptoms: fever; rash. gout treatments: colchicine."
TASK = ReadingTask(
    EVIDENCE, "what treatments of gout?", (Slot(15, 20), Slot(22, 26), Slot(45, 55)), "alice lives in rome. bob lives in paris."
)


@pytest.fixture
def reader(tmp_path: Path) -> BertReader:
    model = tiny_bert(3)
    model.question = model.question_head(CLASSES)
    model.classes = dict(CLASSES)
    write_reader(tmp_path, model)
    settings = SETTINGS | {"classes": {head: list(labels) for head, labels in CLASSES.items()}}
    (tmp_path / "reader.json").write_text(json.dumps(settings), encoding="utf-8")
    return BertReader.load(tmp_path, "cpu", "fp32")


def test_several_extracts_are_the_best_that_do_not_overlap(reader: BertReader) -> None:
    passage = "alice lives in rome. bob lives in paris."
    found = reader.spans("where lives bob?", passage, 4)
    (best,) = reader.extract([("where lives bob?", passage)], may_abstain=False)
    assert found[0] == best
    assert [span.score for span in found] == sorted((span.score for span in found), reverse=True)
    assert all(span.text == passage[span.start : span.end] for span in found)
    taken = [n for span in found for n in range(span.start, span.end)]
    assert len(taken) == len(set(taken))
    assert reader.spans("where?", "") == []


def test_of_extracts_that_overlap_the_better_stays() -> None:
    spans = [Span(0, 4, "abcd", 1.0), Span(2, 6, "cdef", 2.0), Span(6, 8, "gh", 0.5), Span(9, 10, "j", 0.5)]
    assert distinct(spans, 9) == [spans[1], spans[2], spans[3]]
    assert distinct(spans, 2) == [spans[1], spans[2]]


def test_evidence_and_passage_are_read_together(reader: BertReader) -> None:
    (reading,) = reader.read_both([TASK], may_abstain=False)
    assert len(reading.probabilities) == 3
    assert TASK.passage[reading.span.start : reading.span.end] == reading.span.text != ""
    ((window,),) = reader.encoder.both_windows([TASK])
    logits = reader.model(*(torch.from_numpy(part.astype(np.int64))[None] for part in (window.ids, window.types)))
    for (n, first, last), got in zip(window.slots, reading.probabilities, strict=True):
        assert got == pytest.approx(torch.sigmoid(logits.slot[0, first:last].mean()).item(), abs=1e-5)
        assert n == window.slots[n][0]
    (other,) = reader.read_both([replace(TASK, passage="carol lives in berlin by the river.")])
    assert other.probabilities != pytest.approx(reading.probabilities, abs=1e-6)


def test_without_a_passage_both_is_reading_triples(reader: BertReader) -> None:
    alone = replace(TASK, passage="")
    (reading,) = reader.read_both([alone])
    assert reading.probabilities == pytest.approx(reader.read([alone])[0], abs=1e-6)
    assert reading.span.text == ""


def test_company_changes_no_joint_reading(reader: BertReader) -> None:
    long = replace(TASK, passage=" ".join(["alice lives in rome by the river."] * 30))
    alone = [reader.read_both([task], may_abstain=False)[0] for task in (TASK, long)]
    together = reader.read_both([TASK, long], may_abstain=False)
    for one, other in zip(alone, together, strict=True):
        assert (one.span.start, one.span.end) == (other.span.start, other.span.end)
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)


def test_each_head_says_what_is_asked(reader: BertReader) -> None:
    questions = ["what causes gout?", "is gout fever?", ""]
    found = reader.classify(questions)
    assert reader.model.question is not None
    for question, classes in zip(questions, found, strict=True):
        (window,) = reader.encoder.question_windows([question])
        logits = reader.model(*(torch.from_numpy(part.astype(np.int64))[None] for part in (window.ids, window.types)))
        parts = logits.classes[0].split([2, 3])
        for (head, labels), odds in zip(CLASSES.items(), parts, strict=True):
            assert classes[head][0] == labels[int(odds.argmax())]
            assert classes[head][1] == pytest.approx(odds.softmax(-1).max().item(), abs=1e-5)


def test_padding_is_no_part_of_what_is_asked(reader: BertReader) -> None:
    ids, types = torch.tensor([[2, 7, 8, 3]]), torch.zeros(1, 4, dtype=torch.long)
    padded = torch.cat((ids, torch.zeros(1, 5, dtype=torch.long)), 1)
    real = torch.arange(9)[None] < 4
    with torch.no_grad():
        alone = reader.model(ids, types).classes
        beside = reader.model(padded, torch.zeros_like(padded), real).classes
    assert torch.allclose(alone, beside, atol=1e-5)


def test_a_reader_without_such_heads_says_nothing_of_a_question(tmp_path: Path) -> None:
    assert BertReader.load(write_reader(tmp_path), "cpu").classify(["what is gout?"]) == [{}]


def test_heads_for_questions_are_saved_and_kept_by_a_base(reader: BertReader, tmp_path: Path) -> None:
    settings = SETTINGS | {"classes": {head: list(labels) for head, labels in CLASSES.items()}}
    save_reader(tmp_path / "saved", reader.model, reader.model.state_dict(), tmp_path, settings)
    again = BertReader.load(tmp_path / "saved", "cpu", "fp32")
    assert again.classify(["what causes gout?"])[0].keys() == CLASSES.keys()
    kept = load_base(tmp_path / "saved", 0, CLASSES).question
    assert kept is not None
    assert reader.model.question is not None
    assert torch.allclose(kept.weight, reader.model.question.weight, atol=1e-3)
    fresh = load_base(tmp_path / "saved", 0, {"form": ("list", "count", "yes/no")})
    assert fresh.question is not None
    assert fresh.question.weight.shape == (3, 64)


@pytest.mark.parametrize("classes", [["list"], {"form": []}, {"form": ["list", "list"]}, {"form": [1]}, {"form": "list"}])
def test_classes_of_another_form_are_refused(tmp_path: Path, classes: object) -> None:
    write_reader(tmp_path)
    (tmp_path / "reader.json").write_text(json.dumps(SETTINGS | {"classes": classes}), encoding="utf-8")
    with pytest.raises(ModelError, match=r"reader.json: classes are .* expected lists of different labels"):
        BertReader.load(tmp_path, "cpu")


class Watching(ReaderModel):
    """Gives every slot token the number of colchicine tokens that can be seen, and a token near the end twice that as a start."""

    token = 0

    def forward(self, ids: Tensor, types: Tensor, real: Tensor | None = None) -> Logits:
        seen = (ids == self.token).sum(1, keepdim=True).float().expand(ids.shape)
        start = torch.zeros(ids.shape)
        lengths = (torch.ones_like(ids) > 0 if real is None else real).sum(1)
        start[torch.arange(len(ids)), lengths - 3] = 2 * seen[:, 0]
        return Logits(start, start.clone(), seen, torch.zeros(len(ids), 0))


def test_what_carries_an_answer_is_what_it_loses_with(reader: BertReader) -> None:
    model = Watching(reader.model.encoder)
    model.token = int(reader.encoder.tokenizer.token_to_id("colchicine"))
    watching = BertReader(model, reader.encoder)
    found = watching.contributions(TASK)
    assert found.slots.tolist() == [[0.0] * 3, [0.0] * 3, [1.0] * 3]
    assert found.span.tolist() == [0.0, 0.0, 4.0]
    alone = watching.contributions(replace(TASK, passage=""))
    assert alone.slots.tolist() == found.slots.tolist()
    assert alone.span.tolist() == [0.0] * 3


def test_what_carries_an_extract_is_told_wherever_in_a_long_passage_it_is(reader: BertReader) -> None:
    model = Watching(reader.model.encoder)
    model.token = int(reader.encoder.tokenizer.token_to_id("colchicine"))
    long = replace(TASK, passage="by the river " * 40 + "alice lives in rome.")
    (group,) = reader.encoder.both_windows([long])
    assert len(group) > 2
    assert [bool(window.slots) for window in group] == [True] + [False] * (len(group) - 1)
    found = BertReader(model, reader.encoder).contributions(long)
    assert found.span.tolist() == [0.0, 0.0, 4.0]
    assert found.slots.tolist() == [[0.0] * 3, [0.0] * 3, [1.0] * 3]


def test_a_passage_of_a_hundred_thousand_words_is_read_to_its_end(reader: BertReader) -> None:
    model = Watching(reader.model.encoder)
    model.token = int(reader.encoder.tokenizer.token_to_id("colchicine"))
    passage = "by the river " * 33_333 + "colchicine is the house"
    told: list[tuple[int, int]] = []
    (span,) = BertReader(model, reader.encoder).extract([("what is it?", passage)], progress=lambda *parts: told.append(parts))
    assert len(told) > 10
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    assert span.score == 4.0
    assert span.end > len(passage) - 30


def test_a_reader_out_of_memory_reads_in_smaller_batches(reader: BertReader) -> None:
    tasks = [replace(TASK, question=f"what is {name}?") for name in ("gout", "fever", "rash", "pain", "paris")]
    wanted = reader.read(tasks)
    forward, sizes = reader.model.forward, list[int]()

    def short(ids: Tensor, types: Tensor, real: Tensor | None = None) -> Logits:
        if len(ids) > 2:
            raise torch.OutOfMemoryError("no room")
        sizes.append(len(ids))
        return forward(ids, types, real)

    reader.model.forward = short  # type: ignore[method-assign]
    found = reader.read(tasks)
    assert sizes == [2, 2, 1]
    for got, all_at_once in zip(found, wanted, strict=True):
        assert got == pytest.approx(all_at_once, abs=1e-5)
    reader.model.forward = lambda *_: (_ for _ in ()).throw(torch.OutOfMemoryError("none"))  # type: ignore[method-assign,assignment]
    with pytest.raises(torch.OutOfMemoryError):
        reader.read(tasks[:1])


def test_empty_texts_are_read(reader: BertReader) -> None:
    empty = ReadingTask("", "", (), "")
    assert reader.read([empty]) == [()]
    (reading,) = reader.read_both([empty])
    assert (reading.probabilities, reading.span.text) == ((), "")
    assert reader.extract([("", ""), ("", "alice")], may_abstain=False)[0].text == ""
    assert reader.extract([], may_abstain=False) == []
