"""Tests of the reader: what it gives back, and which files it refuses."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
import torch
from reader_models import MPNET_TOKENS, tiny_bert, tiny_mpnet, write_reader

from qa.bert import BertReader
from qa.decoding import best_spans
from qa.errors import ModelError
from qa.reader import PassageReader, Reader, ReadingTask, Slot, Span
from qa.reader_model import load_model
from qa.training.saving import save_weights

EVIDENCE = "gout symptoms: fever; joint pain. gout treatments: colchicine."
TASK = ReadingTask(EVIDENCE, "what treats gout?", (Slot(15, 20), Slot(22, 32), Slot(51, 61)))


@pytest.fixture
def reader(tmp_path: Path) -> BertReader:
    return BertReader.load(write_reader(tmp_path), device="cpu", precision="fp32")


def test_the_reader_is_both_readers(reader: BertReader) -> None:
    evidence_reader: Reader = reader
    passage_reader: PassageReader = reader
    assert evidence_reader.read([]) == []
    assert passage_reader.extract([]) == []


def test_a_slot_has_the_mean_logit_of_its_tokens(reader: BertReader) -> None:
    ((window,),) = reader.encoder.task_windows([TASK])
    with torch.inference_mode():
        logits = reader.model(torch.tensor([window.ids.tolist()]), torch.tensor([window.types.tolist()]))
    expected = [logits.slot[0, first:last].mean().sigmoid().item() for _, first, last in window.slots]
    assert reader.read([TASK])[0] == pytest.approx(expected, abs=1e-6)


def test_company_in_a_batch_changes_no_answer(reader: BertReader) -> None:
    long = ReadingTask("aspirin treats headache. " * 30, "what?", (Slot(15, 23), Slot(715, 723)))
    together = reader.read([TASK, long, ReadingTask("x", "y", ()), TASK])
    assert together[0] == pytest.approx(reader.read([TASK])[0], abs=1e-5)
    assert together[1] == pytest.approx(reader.read([long])[0], abs=1e-5)
    assert together[2] == ()
    assert together[3] == pytest.approx(together[0], abs=1e-6)


def test_a_slot_without_tokens_has_probability_zero(reader: BertReader) -> None:
    assert reader.read([ReadingTask("gout  fever", "what?", (Slot(4, 6),))]) == [(0.0,)]


def test_a_span_is_the_text_at_its_offsets(reader: BertReader) -> None:
    passages = ["Alice lives in P\u00e0ris, by the river.", "Bob. " * 80, "Rome"]
    for span, passage in zip(reader.extract([("who?", p) for p in passages], may_abstain=False), passages, strict=True):
        assert span.text == passage[span.start : span.end] != ""


def test_an_extract_below_the_threshold_is_empty(reader: BertReader) -> None:
    pair = ("who lives in paris?", "alice lives in paris")
    (best,) = reader.extract([pair], may_abstain=False)
    reader.threshold = best.score + 1
    assert reader.extract([pair]) == [Span(0, 0, "", best.score)]
    assert reader.extract([pair], may_abstain=False) == [best]
    assert reader.extract([("who?", "")], may_abstain=False)[0].text == ""


def test_the_best_span_is_the_joint_one_within_the_passage() -> None:
    start = torch.tensor([[1.0, 9.0, 3.0, 0.0, 2.0, 0.0]])
    end = torch.tensor([[1.0, 9.0, 0.0, 1.0, 4.0, 9.0]])
    passage = torch.tensor([[False, False, True, True, True, False]])
    score, first, last = best_spans(start, end, passage)
    assert (score.item(), first.item(), last.item()) == (5.0, 2, 4)
    long = torch.zeros(1, 40)
    long[0, 1] = long[0, 39] = 5.0
    _, first, last = best_spans(long, long, torch.ones(1, 40, dtype=torch.bool))
    assert last.item() - first.item() < 30


def test_bf16_gives_the_same_answers_nearly(tmp_path: Path) -> None:
    directory = write_reader(tmp_path)
    exact, quick = (BertReader.load(directory, "cpu", p).read([TASK])[0] for p in ("fp32", "bf16"))
    assert quick == pytest.approx(exact, abs=0.02)


def test_shards_give_the_same_weights_as_one_file(tmp_path: Path) -> None:
    directory = write_reader(tmp_path)
    whole = load_model(directory).state_dict()
    save_weights(directory, whole, limit=3000)
    sizes = [path.stat().st_size for path in directory.glob("model-*.safetensors")]
    assert len(sizes) > 5
    assert not (directory / "model.safetensors").exists()
    again = load_model(directory).state_dict()
    assert all(torch.equal(again[name], tensor) for name, tensor in whole.items())
    next(iter(sorted(directory.glob("model-*.safetensors")))).unlink()
    with pytest.raises(ModelError, match=r"model-00001-of-\d+.safetensors: the file is missing"):
        load_model(directory)


def test_a_teacher_can_be_loaded_too(tmp_path: Path) -> None:
    reader = BertReader.load(write_reader(tmp_path, tiny_mpnet(), MPNET_TOKENS), "cpu", "fp32")
    assert len(reader.read([TASK, ReadingTask("gout: fever", "what?", (Slot(6, 11),))])[0]) == 3


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "reader.json", "model.safetensors"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    directory = write_reader(tmp_path)
    (directory / name).unlink()
    with pytest.raises(ModelError, match=f"{name}: the file is missing"):
        BertReader.load(directory)


@pytest.mark.parametrize("cut", [0, 4, 1000, -1])
def test_truncated_weights_are_refused(tmp_path: Path, cut: int) -> None:
    path = write_reader(tmp_path) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ModelError, match=r"model.safetensors: not a whole safetensors file"):
        BertReader.load(tmp_path)


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str, str]]:
            return Path.write_text, (tmp_path / "sprung", "")  # type: ignore[return-value]

    path = write_reader(tmp_path) / "model.safetensors"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ModelError, match=r"not a whole safetensors file"):
        BertReader.load(tmp_path)
    path.rename(tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"never from pickles"):
        BertReader.load(tmp_path)
    assert not (tmp_path / "sprung").exists()


def change(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    directory = write_reader(tmp_path)
    change(directory / "config.json", model_type="gpt2")
    with pytest.raises(ModelError, match=r"a model of type 'gpt2'; expected bert or mpnet"):
        BertReader.load(directory)
    change(directory / "config.json", model_type="bert", intermediate_size=128)
    with pytest.raises(ModelError, match=r"has shape \[64, 32\]; expected \[128, 32\]"):
        BertReader.load(directory)
    change(directory / "config.json", intermediate_size=64, num_hidden_layers=3)
    with pytest.raises(ModelError, match=r"the weights hold no encoder.encoder.layer.2"):
        BertReader.load(directory)
    change(directory / "config.json", num_attention_heads=5)
    with pytest.raises(ModelError, match=r"config.json: no model can be built"):
        BertReader.load(directory)


def test_weights_without_heads_are_refused(tmp_path: Path) -> None:
    directory = write_reader(tmp_path)
    save_weights(directory, tiny_bert().encoder.state_dict())
    with pytest.raises(ModelError, match=r"expected a reader's encoder and heads"):
        BertReader.load(directory)


def test_damaged_settings_are_refused(tmp_path: Path) -> None:
    directory = write_reader(tmp_path)
    change(directory / "reader.json", threshold="high")
    with pytest.raises(ModelError, match=r"threshold is 'high'; expected a number"):
        BertReader.load(directory)
