"""Tests of pre-training: pairs and their masks, the model's heads, and the whole run."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from linker_models import write_corpus, write_plain_bert
from reader_models import TOKENS, tiny_mpnet, write_reader, write_tokenizer
from torch import Tensor
from transformers import BertForPreTraining

from qa.encoding import Encoder
from qa.errors import DatasetError, ModelError
from qa.name_encoder import load_name_model
from qa.training import pretrain_model
from qa.training.corpus import Document, Sentences
from qa.training.data import by_length, shuffled
from qa.training.loop import Result, train
from qa.training.masking import NOT_MASKED, PairBatch, PairStore, Vocabulary, choose_words
from qa.training.pretrain_model import Outputs, PretrainModel, measure, pretrain_loss
from qa.training.pretrain_saving import HEADS, load_pretrained, save_pretrained
from qa.training.saving import load_base
from qa.training.schedule import LoopOptions
from qa.training.sentence_pairs import TokenText, make_pairs, tokenise
from qa.training.train_pretrain import Pretraining, main, parser, train_pretrain

CPU = torch.device("cpu")
MAX_TOKENS = 48
FOCI, DRUGS = ("gout", "headache", "fever"), ("aspirin", "colchicine", "ibuprofen")
SIGNS, CITIES = ("joint pain", "rash", "swelling", "fever", "headache"), ("paris", "london", "berlin", "rome")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def texts(number: int) -> list[Sentences]:
    """Documents of one sentence to seven that are each about one thing; of up to 50 no sentence stands twice."""
    places = list(product(SIGNS, CITIES, ("house", "river", "city"), ("stands", "lives", "is")))
    random.Random(0).shuffle(places)
    told = cycle(places)
    return [
        tuple(f"{FOCI[n % 3]} causes {sign} in {city} where the {place} {verb}, treat by {DRUGS[n % 3]}."
              for sign, city, place, verb in islice(told, n % 7 + 1))
        for n in range(number)
    ]  # fmt: skip


def documents(found: list[Sentences]) -> list[Document]:
    return [Document(0.5, sentences) for sentences in found]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return Encoder.load(write_tokenizer(tmp_path_factory.mktemp("tokens"), TOKENS), MAX_TOKENS)


def tokens_of(found: list[Sentences], encoder: Encoder) -> TokenText:
    return tokenise(documents(found), encoder, (MAX_TOKENS - 3) // 2)


def store_of(found: list[Sentences], encoder: Encoder, seed: int = 0) -> PairStore:
    text = tokens_of(found, encoder)
    return PairStore(text, make_pairs(text, MAX_TOKENS, 0), Vocabulary.of(encoder.tokenizer), CPU, seed)


def all_batches(store: PairStore, epochs: int = 1) -> list[PairBatch]:
    return [batch for epoch in range(epochs) for batch in store.batches(shuffled(store.lengths, 16, 0, epoch))]


def unmasked(batch: PairBatch) -> Tensor:
    return torch.where(batch.words == NOT_MASKED, batch.ids, batch.words)


def test_long_sentences_are_cut_between_words(encoder: Encoder) -> None:
    text = tokenise(documents([("what " * 10 + "gouty " * 4 + "a" * 30 + ".",)]), encoder, 14)
    parts = [[TOKENS[n] for n in text.ids[a:b]] for a, b in zip(text.sentences, text.sentences[1:], strict=False)]
    assert parts[:2] == [["what"] * 10 + ["gout", "##y"] * 2, ["gout", "##y"] * 2]
    assert [len(part) for part in parts[2:]] == [14, 14, 3]
    assert "".join(token.removeprefix("##") for part in parts[2:] for token in part) == "a" * 30 + "."
    assert text.begins[text.sentences[:-1]].all()
    assert text.documents.tolist() == [0, len(parts)]


def test_documents_without_a_token_are_left_out(encoder: Encoder) -> None:
    assert tokens_of([("gout",), ("\x01",), ("rash", "rash")], encoder).documents.tolist() == [0, 1, 3]
    with pytest.raises(DatasetError, match="1 documents with tokens; expected at least 2"):
        make_pairs(tokens_of([("gout.",)], encoder), MAX_TOKENS, 0)


def test_half_of_the_pairs_follow_and_the_others_are_of_two_documents(encoder: Encoder) -> None:
    text = tokens_of([found for found in texts(120) if len(found) > 1], encoder)
    pairs = make_pairs(text, MAX_TOKENS, 3)
    assert abs(sum(1 if pair.follows else -1 for pair in pairs)) <= 1
    assert pairs == make_pairs(text, MAX_TOKENS, 3) != make_pairs(text, MAX_TOKENS, 4)
    document = np.searchsorted(text.documents, np.arange(len(text.sentences) - 1), side="right")
    for pair in pairs:
        (a, a_end), (b, b_end) = pair.a, pair.b
        assert document[a] == document[a_end - 1]
        assert document[b] == document[b_end - 1]
        assert (a_end == b and document[a] == document[b]) if pair.follows else document[a] != document[b]
        assert text.sentences[a_end] - text.sentences[a] + text.sentences[b_end] - text.sentences[b] <= MAX_TOKENS - 3
    assert {n for pair in pairs for n in range(*pair.a)} | {n for p in pairs if p.follows for n in range(*p.b)} == set(range(len(document)))


def test_documents_of_one_sentence_are_paired_with_others(encoder: Encoder) -> None:
    pairs = make_pairs(tokens_of([("gout.",), ("rash.",), ("fever.",)], encoder), MAX_TOKENS, 0)
    assert [(pair.a, pair.follows) for pair in pairs] == [((0, 1), False), ((1, 2), False), ((2, 3), False)]
    assert all(pair.b != pair.a for pair in pairs)


def test_batches_hold_the_runs_of_their_pairs(encoder: Encoder) -> None:
    text = tokens_of(texts(30), encoder)
    pairs = make_pairs(text, MAX_TOKENS, 0)
    store = PairStore(text, pairs, Vocabulary.of(encoder.tokenizer), CPU, 0)
    plan = shuffled(store.lengths, 7, 0, 0)
    seen = 0
    for n, batch in enumerate(store.batches(plan)):
        for row, number in enumerate(plan.order[plan.cuts[n] : plan.cuts[n + 1]]):
            runs = ((text.sentences[first], text.sentences[last]) for first, last in (pairs[number].a, pairs[number].b))
            a, b = ([TOKENS[i] for i in text.ids[first:last]] for first, last in runs)
            length = store.lengths[number]
            expected = ["[CLS]", *a, "[SEP]", *b, "[SEP]"]
            assert [TOKENS[i] for i in unmasked(batch)[row]] == expected + ["[PAD]"] * (batch.ids.shape[1] - length)
            assert batch.types[row].tolist() == [0] * (len(a) + 2) + [1] * (len(b) + 1) + [0] * (batch.ids.shape[1] - length)
            assert batch.real[row].tolist() == [n < length for n in range(batch.ids.shape[1])]
            assert batch.apart[row] == (not pairs[number].follows)
            seen += 1
    assert seen == len(store) == len(pairs)


def test_masks_follow_from_seed_pass_and_batch_alone(encoder: Encoder) -> None:
    store, other = store_of(texts(60), encoder), store_of(texts(60), encoder, seed=1)
    plan, later = (shuffled(store.lengths, 8, 0, epoch) for epoch in (0, 1))
    torch.manual_seed(5)
    whole = list(store.batches(plan))
    for first in (1, 3):
        resumed = list(store_of(texts(60), encoder).batches(plan, first))
        assert all(map(torch.equal, one, again) for one, again in zip(whole[first:], resumed, strict=True))
        assert all(torch.equal(a, b) for one, again in zip(whole[first:], resumed, strict=True) for a, b in zip(one, again, strict=True))
    assert not torch.equal(whole[0].words, next(other.batches(plan)).words)

    def by_text(batches: list[PairBatch]) -> dict[tuple[int, ...], tuple[int, ...]]:
        rows = (row for batch in batches for row in zip(unmasked(batch).tolist(), batch.words.tolist(), strict=True))
        return {tuple(i for i in ids if i): tuple(n for n, w in enumerate(words) if w >= 0) for ids, words in rows}

    first_pass, second_pass = by_text(whole), by_text(list(store.batches(later)))
    assert first_pass.keys() == second_pass.keys()
    assert sum(first_pass[text] != second_pass[text] for text in first_pass) > 0.8 * len(first_pass)


def test_fifteen_percent_are_masked_eighty_ten_ten(encoder: Encoder) -> None:
    batches = all_batches(store_of(texts(150), encoder), 12)
    ids, words, shown = (torch.cat([getattr(b, name).flatten() for b in batches]) for name in ("ids", "words", "real"))
    clean = torch.cat([unmasked(b).flatten() for b in batches])
    text = shown & (clean > TOKENS.index("[MASK]"))
    chosen = words != NOT_MASKED
    assert not chosen[~text].any(), "special tokens and padding are never to be predicted"
    assert 0.15 <= chosen.sum() / text.sum() < 0.18  # one word a pair at least, and pairs are short here
    masked, same = ids[chosen] == TOKENS.index("[MASK]"), ids[chosen] == words[chosen]
    assert masked.float().mean().item() == pytest.approx(0.8, abs=0.02)
    assert same.float().mean().item() == pytest.approx(0.1 + 0.1 / (len(TOKENS) - 5), abs=0.015)
    others = ids[chosen][~masked & ~same]
    assert others.min() > TOKENS.index("[MASK]")
    assert len(others.unique()) > 0.8 * (len(TOKENS) - 5)


def test_words_are_masked_whole_and_one_a_row_at_least() -> None:
    chance = np.random.default_rng(0)
    begins = chance.random((200, 40)) < 0.5
    is_text = np.ones_like(begins)
    is_text[:, [0, 20, 39]] = False
    begins[:, [1, 21]], begins[:, [0, 20, 39]] = True, False
    chosen = choose_words(begins, is_text, 0.15, chance)
    goes_on = ~begins[:, 1:] & is_text[:, 1:]
    assert (chosen[:, 1:] == chosen[:, :-1])[goes_on].all()
    assert not chosen[~is_text].any()
    assert 0.12 < chosen.sum() / is_text.sum() < 0.18
    assert choose_words(begins, is_text, 0.0, chance).any(1).all()


def test_text_that_looks_special_is_text(encoder: Encoder) -> None:
    text = tokens_of([("[MASK] [SEP] gout",), ("[CLS]",)], encoder)
    assert not np.isin(text.ids, [TOKENS.index(name) for name in ("[MASK]", "[SEP]", "[CLS]", "[PAD]")]).any()
    assert [TOKENS[n] for n in text.ids[:3]] == ["[", "m", "##a"]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return write_plain_bert(tmp_path / "base")


def test_the_loss_is_that_of_a_batch_in_however_many_parts(encoder: Encoder, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, _ = load_pretrained(base, 0)
    model.eval()
    batch, loss = max(all_batches(store_of(texts(60), encoder)), key=lambda b: len(b.ids)), pretrain_loss(model)
    outputs = model(batch.ids, batch.types, batch.real)
    whole = loss(outputs, batch) / len(batch.ids)
    at = batch.words != NOT_MASKED
    words = torch.nn.functional.cross_entropy(model.word_logits(outputs.states[at]), batch.words[at])
    apart = torch.nn.functional.cross_entropy(outputs.apart, batch.apart)
    assert whole.item() == pytest.approx((words + apart).item(), rel=1e-5)
    parts = list(batch.split(3))
    assert [len(part.ids) for part in parts] == [6, 6, 4]
    summed = sum(loss(model(part.ids, part.types, part.real), part) for part in parts) / len(batch.ids)
    assert summed.item() == pytest.approx(whole.item(), rel=1e-5)
    (expected,) = torch.autograd.grad(whole, model.transform.weight, retain_graph=True)
    monkeypatch.setattr(pretrain_model, "_CHUNK", 5)
    (chunked,) = torch.autograd.grad(loss(outputs, batch) / len(batch.ids), model.transform.weight)
    torch.testing.assert_close(chunked, expected)


def test_heads_are_those_of_transformers(tmp_path: Path, encoder: Encoder, base: Path) -> None:
    theirs = BertForPreTraining(load_base(base, 0).encoder.config).eval()
    torch.nn.init.normal_(theirs.cls.predictions.bias)
    torch.nn.init.normal_(theirs.cls.predictions.transform.LayerNorm.weight)
    theirs.save_pretrained(tmp_path / "theirs")
    write_tokenizer(tmp_path / "theirs", TOKENS)
    model, kept = load_pretrained(tmp_path / "theirs", 0)
    assert kept
    model.eval()
    batch = all_batches(store_of(texts(20), encoder))[0]
    with torch.no_grad():
        expected = theirs(input_ids=batch.ids, token_type_ids=batch.types, attention_mask=batch.real.long())
        outputs = model(batch.ids, batch.types, batch.real)
        logits = model.word_logits(outputs.states[batch.real])
    torch.testing.assert_close(logits, expected.prediction_logits[batch.real], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(outputs.apart, expected.seq_relationship_logits, atol=1e-5, rtol=1e-4)


def test_a_fresh_head_expects_words_as_often_as_they_were_met(base: Path, encoder: Encoder) -> None:
    model, kept = load_pretrained(base, 0)
    assert not kept
    store = store_of(texts(40), encoder)
    before = measure(model.eval(), store)
    model.expect(torch.from_numpy(store.words()))
    assert model.words.bias.exp().sum().item() == pytest.approx(1.0, rel=1e-4)
    after = measure(model, store)
    assert after["perplexity"] < before["perplexity"]
    assert after == measure(model, store), "what is measured is always masked alike"


def test_measures_are_those_of_the_predictions(base: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of(texts(40), encoder)
    model, _ = load_pretrained(base, 0)

    def known(ids: Tensor, types: Tensor, real: Tensor) -> Outputs:
        return Outputs(torch.zeros(*ids.shape, 32), torch.tensor([0.0, 5.0]).expand(len(ids), 2))

    def always_a_stop(states: Tensor) -> Tensor:
        return torch.zeros(len(states), len(TOKENS)).index_fill(1, torch.tensor(TOKENS.index(".")), 1e-3)

    monkeypatch.setattr(PretrainModel, "forward", lambda self, *inputs: known(*inputs))
    monkeypatch.setattr(PretrainModel, "word_logits", lambda self, states: always_a_stop(states))
    found = measure(model, store)
    words = torch.cat([b.words[b.words != NOT_MASKED] for b in store.batches(by_length(store.lengths, 64))])
    apart = torch.cat([b.apart for b in store.batches(by_length(store.lengths, 64))])
    assert found["masked_accuracy"] == pytest.approx(100 * (words == TOKENS.index(".")).float().mean().item())
    assert found["perplexity"] == pytest.approx(len(TOKENS), rel=0.01)
    assert found["next_accuracy"] == pytest.approx(100 * apart.float().mean().item())


OPTIONS = LoopOptions(epochs=2, batch=6, rate=1e-3, ema=0.9, seed=5, log_steps=2, checkpoint_steps=3)


def loop(directory: Path, base: Path, store: PairStore, options: LoopOptions, resume: bool = False, kill_at: int | None = None) -> Result:
    directory.mkdir(exist_ok=True)
    model, _ = load_pretrained(base, 0)
    inner, steps = pretrain_loss(model), 0

    def loss(outputs: Outputs, batch: PairBatch) -> Tensor:
        nonlocal steps
        steps += 1
        if steps == kill_at:
            raise KeyboardInterrupt
        return inner(outputs, batch)

    def score(model: Any) -> dict[str, Any]:
        return {"score": 0.0, "norm": float(model.transform.weight.norm())}

    return train(model, store, loss, score, options, directory, resume)  # type: ignore[arg-type]


@pytest.mark.parametrize("kill_at", [5, 11])
def test_a_killed_run_resumes_to_the_same_weights(base: Path, encoder: Encoder, tmp_path: Path, kill_at: int) -> None:
    store = store_of(texts(30), encoder)
    whole = loop(tmp_path / "whole", base, store, OPTIONS)
    with pytest.raises(KeyboardInterrupt):
        loop(tmp_path / "killed", base, store, OPTIONS, kill_at=kill_at)
    resumed = loop(tmp_path / "killed", base, store, OPTIONS, resume=True)
    assert resumed.steps == whole.steps > 11
    assert all(torch.equal(resumed.weights[name], tensor) for name, tensor in whole.weights.items())


def write_texts(path: Path) -> Path:
    path.write_text("\n\n".join(map("\n".join, texts(50))), encoding="utf-8")
    return path


def test_pretraining_from_the_command_line_makes_a_base(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, out = write_texts(tmp_path / "text.txt"), tmp_path / "out"
    shared = ["--text", str(text), "--max-tokens", "48", "--batch", "8", "--rate", "1e-2", "--held-out", "0.1", "--log-steps", "4"]
    shared += ["--pubtator", str(write_corpus(tmp_path / "abstracts.txt", 2))]
    assert main(["--base", str(base), "--out", str(out), "--epochs", "5", "--keep-heads", *shared]) == 0
    record = json.loads((out / "training.json").read_text())
    assert json.loads(capsys.readouterr().out) == record["metrics"]
    before, after = record["metrics"]["before"], record["metrics"]["after"]
    assert after["perplexity"] < 0.7 * before["perplexity"]
    assert after["masked_accuracy"] > before["masked_accuracy"]
    losses = [x["loss"] for x in map(json.loads, (out / "metrics.jsonl").read_text().splitlines()) if "loss" in x]
    assert sum(losses[-3:]) < 0.85 * sum(losses[:3])
    assert record["arguments"]["text"] == ["text.txt"]
    assert set(record["sha256"]) == {"text.txt", "abstracts.txt"}
    assert str(tmp_path) not in "".join(path.read_text() for path in out.glob("*.json"))
    assert (out / "vocab.txt").read_text().split("\n")[:-1] == TOKENS
    # Pre-training goes on from what was kept, and begins where it ended but for the rounding to fp16.
    assert main(["--base", str(out), "--out", str(tmp_path / "more"), "--max-steps", "1", *shared]) == 0
    more = json.loads((tmp_path / "more" / "training.json").read_text())
    assert not more["metrics"]["fresh_heads"]
    assert more["metrics"]["before"]["perplexity"] == pytest.approx(after["perplexity"], rel=0.02)
    assert not (tmp_path / "more" / HEADS).exists()


@pytest.mark.parametrize("limit", [None, 2_000])
def test_what_is_written_loads_as_a_base_with_the_same_weights(base: Path, tmp_path: Path, limit: int | None) -> None:
    model, _ = load_pretrained(base, 3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.01)
    out = tmp_path / "out"
    save_pretrained(out, model, model.state_dict(), base, False, **({} if limit is None else {"limit": limit}))
    assert (out / "model.safetensors.index.json").is_file() == (limit is not None)
    expected = {name: tensor.half().float() for name, tensor in model.encoder.state_dict().items()}
    for loaded in (load_base(out, 0), load_name_model(out)):
        found = loaded.encoder.state_dict()
        assert found.keys() == expected.keys()
        assert all(torch.equal(found[name], tensor) for name, tensor in expected.items())


def test_readers_and_linkers_can_be_gone_on_with_but_not_replaced(base: Path, tmp_path: Path) -> None:
    reader, text = write_reader(tmp_path / "reader"), write_texts(tmp_path / "text.txt")
    model, kept = load_pretrained(reader, 0)
    assert not kept
    same = load_base(reader, 0).encoder.state_dict()
    assert all(torch.equal(tensor, same[name]) for name, tensor in model.encoder.state_dict().items())
    with pytest.raises(ModelError, match=r"reader: holds reader.json; expected a directory of its own"):
        train_pretrain(Pretraining(base, reader, (text,), max_tokens=48))


def test_what_cannot_be_used_is_refused(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = write_texts(tmp_path / "text.txt")
    options = Pretraining(base, tmp_path / "out", (text,), max_tokens=48)
    mpnet = write_reader(tmp_path / "mpnet", tiny_mpnet(), ["<s>", "<pad>", *TOKENS])
    for change, error, message in (
        ({"text": ()}, DatasetError, "there is nothing to train on"),
        ({"max_tokens": 128}, ModelError, "inputs of 128 tokens; expected 16 to 64"),
        ({"masked": 1.5}, DatasetError, r"masked is 1.5; expected a share"),
        ({"base": mpnet}, ModelError, "a model of type 'mpnet'; expected 'bert'"),
    ):
        with pytest.raises(error, match=message):
            train_pretrain(replace(options, **change))  # type: ignore[arg-type]
    assert main(["--base", str(tmp_path / "none"), "--out", str(tmp_path / "out"), "--text", str(text)]) == 1
    assert "config.json: the file is missing" in capsys.readouterr().err
    (base / HEADS).write_bytes(b"no safetensors")
    with pytest.raises(ModelError, match=rf"{HEADS}: not a whole safetensors file"):
        load_pretrained(base, 0)


def test_every_option_of_the_command_line_is_one_of_the_function() -> None:
    found = parser().parse_args(["--base", "b", "--out", "o", "--text", "x", "y", "--text", "z", "--keep-heads"])
    assert Pretraining(**vars(found)) == Pretraining(Path("b"), Path("o"), (Path("x"), Path("y"), Path("z")), keep_heads=True)
