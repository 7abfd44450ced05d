"""Tests of the encoding: exact offsets, one layout, windows that lose nothing, texts that stay texts."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from reader_models import TOKENS, write_tokenizer

from qa.encoding import Encoder, Window, load_tokenizer
from qa.errors import ModelError
from qa.reader import ReadingTask, Slot


@pytest.fixture
def encoder(tmp_path: Path) -> Encoder:
    return Encoder.load(write_tokenizer(tmp_path, TOKENS), max_tokens=64, stride=16)


def words(window: Window) -> list[str]:
    return [TOKENS[n] for n in window.ids]


def task(evidence: str, question: str, *answers: str) -> ReadingTask:
    slots = []
    at = 0
    for answer in answers:
        at = evidence.index(answer, at)
        slots.append(Slot(at, at + len(answer)))
        at += len(answer)
    return ReadingTask(evidence, question, tuple(slots))


def test_triples_come_before_the_question(encoder: Encoder) -> None:
    ((window,),) = encoder.task_windows([task("Gout symptoms: fever; rash.", "what is gout?", "fever", "rash")])
    assert words(window) == [
        "[CLS]",
        "gout",
        "symptoms",
        ":",
        "fever",
        ";",
        "rash",
        ".",
        "[SEP]",
        "what",
        "is",
        "gout",
        "?",
        "[SEP]",
    ]
    assert window.types.tolist() == [0] + [1] * 8 + [0] * 5
    assert window.slots == ((0, 4, 5), (1, 6, 7))


def test_a_passage_comes_after_the_question(encoder: Encoder) -> None:
    ((window,),) = encoder.passage_windows([("what is gout?", "Gout is joint pain.")])
    assert words(window) == ["[CLS]", "what", "is", "gout", "?", "[SEP]", "gout", "is", "joint", "pain", ".", "[SEP]"]
    assert window.types.tolist() == [0] * 6 + [1] * 6
    assert window.passage_at == 6


def test_evidence_and_passage_stand_around_the_question(encoder: Encoder) -> None:
    both = replace(task("gout symptoms: fever", "what is gout?", "fever"), passage="gout is pain")
    ((window,),) = encoder.both_windows([both])
    assert words(window) == [
        "[CLS]",
        "gout",
        "symptoms",
        ":",
        "fever",
        "[SEP]",
        "what",
        "is",
        "gout",
        "?",
        "[SEP]",
        "gout",
        "is",
        "pain",
        "[SEP]",
    ]
    assert window.types.tolist() == [0] + [1] * 5 + [0] * 5 + [1] * 4
    assert (window.evidence_at, window.passage_at) == (1, 11)
    assert window.slots == ((0, 4, 5),)


def test_evidence_and_passage_that_do_not_fit_are_laid_side_by_side(encoder: Encoder) -> None:
    names = ["fever", "rash", "pain", "swelling", "headache"] * 8
    evidence = "gout symptoms: " + "; ".join(names) + "."
    passage = " ".join(f"{name} by the river" for name in names)
    asked = replace(task(evidence, "what is gout?", *names), passage=passage)
    (group,) = encoder.both_windows([asked])
    assert len(group) > 2
    assert max(len(window.ids) for window in group) <= encoder.max_tokens
    assert sorted(n for window in group for n, _, _ in window.slots) == list(range(len(names)))
    for window in group:
        for n, first, last in window.slots:
            assert [TOKENS[i] for i in window.ids[first:last]] == [names[n]]
    seen = {tuple(offsets) for window in group for offsets in window.passage.tolist()}
    (piece,) = encoder.pieces([passage])
    assert seen == {tuple(offsets) for offsets in piece.offsets.tolist()}


def test_windows_of_a_passage_overlap_beside_long_evidence_too(encoder: Encoder) -> None:
    evidence = "gout symptoms: " + "; ".join(["fever"] * 14) + "."
    both = replace(task(evidence, "what is gout?", "fever"), passage="by the river " * 30)
    (group,) = encoder.both_windows([both])
    ends = [(int(window.passage[0, 0]), int(window.passage[-1, 1])) for window in group]
    assert len(ends) > 2
    assert all(later[0] < earlier[1] for earlier, later in pairwise(ends))


def test_without_passage_or_evidence_both_is_one_of_them(encoder: Encoder) -> None:
    plain = task("gout symptoms: fever", "what is gout?", "fever")
    bare = ReadingTask("", "what is gout?", (), "gout is pain")
    pairs = [(encoder.both_windows([plain]), encoder.task_windows([plain]))]
    pairs += [(encoder.both_windows([bare]), encoder.passage_windows([("what is gout?", "gout is pain")]))]
    for ((found,),), ((wanted,),) in pairs:
        assert found.ids.tolist() == wanted.ids.tolist()
        assert found.types.tolist() == wanted.types.tolist()
        assert (found.slots, found.passage_at) == (wanted.slots, wanted.passage_at)


def test_a_question_stands_alone_to_be_classed(encoder: Encoder) -> None:
    ((window),) = encoder.question_windows(["what is gout?"])
    assert words(window) == ["[CLS]", "what", "is", "gout", "?", "[SEP]"]
    assert window.types.tolist() == [0] * 6


def test_hidden_tokens_are_masks_and_all_else_stays(encoder: Encoder) -> None:
    ((window,),) = encoder.task_windows([task("gout symptoms: fever", "what is gout?", "fever")])
    hidden = encoder.hiding(window, 4, 5)
    assert words(hidden)[4] == "[MASK]"
    assert [w for n, w in enumerate(words(hidden)) if n != 4] == [w for n, w in enumerate(words(window)) if n != 4]


@pytest.mark.parametrize(
    "text",
    [
        "Gout, fever.",
        "G\u00f6ut f\u00e8ver",
        "\u0130n  the\tcity",
        "gout\x00\x07 \u200bfever",
        "\ud800 gout \U0001f600",
        "pain\ufb01",
    ],
)
def test_offsets_lead_back_to_the_very_characters(encoder: Encoder, text: str) -> None:
    (piece,) = encoder.pieces([text])
    for number, (start, end) in zip(piece.ids, piece.offsets, strict=True):
        assert 0 <= start < end <= len(text)
        if (token := TOKENS[number].removeprefix("##")) != "[UNK]" and text.isascii():
            assert token == text[start:end].lower()
    assert all(a[1] <= b[0] or tuple(a) == tuple(b) for a, b in zip(piece.offsets, piece.offsets[1:], strict=False))


def test_accents_are_read_without_being_lost(encoder: Encoder) -> None:
    text = "in P\u00e0ris, e\u0301 fever"
    (piece,) = encoder.pieces([text])
    found = {TOKENS[n]: text[a:b] for n, (a, b) in zip(piece.ids, piece.offsets, strict=True)}
    assert found["paris"] == "P\u00e0ris"
    assert found["fever"] == "fever"


@pytest.mark.parametrize("name", ["[SEP]", "[CLS]", "[MASK]", "[PAD]", "[UNK]", "<s>", "</s>"])
def test_a_special_token_in_a_text_is_text(encoder: Encoder, name: str) -> None:
    ((window,),) = encoder.task_windows([task(f"gout: {name} fever", f"what is {name}?", "fever")])
    assert words(window).count("[SEP]") == 2
    assert words(window).count("[CLS]") == 1
    assert not {"[PAD]", "[MASK]", "[UNK]"} & set(words(window))
    first, last = window.slots[0][1:]
    assert words(window)[first:last] == ["fever"]


def test_a_long_passage_is_cut_into_windows_that_cover_it(encoder: Encoder) -> None:
    passage = " ".join(["alice", "bob", "carol"] * 50)
    (windows,) = encoder.passage_windows([("who lives in rome?", passage)])
    assert max(len(w.ids) for w in windows) == 64
    seen = {tuple(offset) for w in windows for offset in w.passage.tolist()}
    (piece,) = encoder.pieces([passage])
    assert seen == {tuple(offset) for offset in piece.offsets.tolist()}
    assert windows[1].passage[0, 0] == piece.offsets[16, 0]


def test_every_slot_is_whole_in_exactly_one_window(encoder: Encoder) -> None:
    names = ["joint pain", "fever", "rash", "headache", "swelling"] * 8
    evidence = "gout symptoms: " + "; ".join(names) + ". aspirin treatments: " + "; ".join(names) + "."
    asked = task(evidence, "what is gout?", *names, *names)
    (windows,) = encoder.task_windows([asked])
    assert len(windows) > 2
    assert max(len(w.ids) for w in windows) <= 64
    assert sorted(n for w in windows for n, _, _ in w.slots) == list(range(80))
    for window in windows:
        assert words(window)[-5:] == ["what", "is", "gout", "?", "[SEP]"]
        for n, first, last in window.slots:
            at = window.evidence[first - 1 : last - 1]
            assert (at[0, 0], at[-1, 1]) == (asked.slots[n].start, asked.slots[n].end)


def test_a_window_repeats_what_leads_up_to_its_slots(encoder: Encoder) -> None:
    names = ["fever", "rash"] * 30
    (windows,) = encoder.task_windows([task("gout symptoms: " + "; ".join(names) + ".", "what?", *names)])
    assert [words(w)[1:4] for w in windows] == [["gout", "symptoms", ":"]] * len(windows)


def test_slots_that_overlap_or_outgrow_the_window_are_each_read_once(encoder: Encoder) -> None:
    evidence = " ".join(["gout"] * 200)
    slots = (Slot(0, 4), Slot(0, 900), Slot(5, 800), Slot(890, 999), Slot(4, 5))
    (windows,) = encoder.task_windows([ReadingTask(evidence, "what?", slots)])
    assert sorted(n for w in windows for n, _, _ in w.slots) == [0, 1, 2, 3]
    assert all(1 <= first < last < len(w.ids) - 2 and len(w.ids) <= 64 for w in windows for _, first, last in w.slots)


def test_the_end_of_a_long_question_is_kept(encoder: Encoder) -> None:
    ((window,),) = encoder.task_windows([task("gout: fever", "alice " * 300 + "what is gout", "fever")])
    assert words(window)[-4:] == ["what", "is", "gout", "[SEP]"]
    assert len(window.ids) <= 64


def test_empty_texts_give_one_window(encoder: Encoder) -> None:
    assert [words(w) for w in encoder.passage_windows([("", "")])[0]] == [["[CLS]", "[SEP]", "[SEP]"]]
    assert [words(w) for w in encoder.task_windows([ReadingTask("", "", ())])[0]] == [["[CLS]", "[SEP]", "[SEP]"]]


def test_a_damaged_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tokenizer.json: the file is missing"):
        load_tokenizer(tmp_path)
    (tmp_path / "tokenizer.json").write_text('{"model": {"type": "WordPiece", "vocab": 3}}')
    with pytest.raises(ModelError, match=r"not a readable tokenizer"):
        load_tokenizer(tmp_path)
