"""Tests of the training of the linker's encoder: labels of an annotated text, their loss, and the whole run."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from linker_models import tiny_name_model, write_corpus, write_lay_names, write_plain_bert
from reader_models import TOKENS, write_tokenizer

from kg.graph import SnapshotGraph
from qa.errors import DatasetError, ModelError
from qa.evaluation.pubtator import Annotation, Document
from qa.name_encoder import NameEncoder, Tokens
from qa.tagging import KINDS, LABELS, Tagged
from qa.training.contrast import PairSampler
from qa.training.linker_loop import LinkerLoop, Rates, TagBatches, WordedPairs
from qa.training.synonyms import name_sets, write_synonyms
from qa.training.tags import IGNORED, Corpus, TagSampler, label, measure_tags, read_corpus, tag_loss
from qa.training.train_linker import LinkerTraining, main, parser, train_linker

BOTH, DISEASES = KINDS, ("disease",)
RATES = Rates(3e-3, 1e-2, 0.1, 0.05, 1.0)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Compute tiny models on one thread: several would wait for each other on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Tokens:
    return Tokens(write_tokenizer(tmp_path_factory.mktemp("tokens"), TOKENS))


@pytest.fixture
def synonyms(tiny_graph: SnapshotGraph, tmp_path: Path) -> Path:
    path = tmp_path / "synonyms.jsonl.xz"
    write_synonyms(tiny_graph, write_lay_names(tmp_path / "lay.tsv"), path)
    return path


def corpus(text: str, *mentions: tuple[str, str], kinds: tuple[str, ...] = BOTH) -> Corpus:
    found = tuple(Annotation(at := text.index(part), at + len(part), part, kind, ()) for part, kind in mentions)
    return Corpus((Document("1", text, tuple(sorted(found, key=lambda a: (a.start, -a.end)))),), kinds)


def labels_of(found: Corpus, tokens: Tokens) -> list[tuple[str, str]]:
    (document,) = label(found, tokens)
    return [(TOKENS[n], "-" if number == IGNORED else LABELS[number]) for n, number in zip(document.ids, document.labels, strict=True)]


def test_mentions_label_the_first_pieces_of_their_words(tokens: Tokens) -> None:
    found = corpus("Gouts: aspirin, joint pain.", ("Gouts", "disease"), ("aspirin", "chemical"), ("joint pain", "disease"))
    assert labels_of(found, tokens) == [
        ("gout", "B-disease"),
        ("##s", "-"),
        (":", "O"),
        ("aspirin", "B-chemical"),
        (",", "O"),
        ("joint", "B-disease"),
        ("pain", "I-disease"),
        (".", "O"),
    ]


def test_of_mentions_that_overlap_the_longer_is_labelled(tokens: Tokens) -> None:
    found = corpus("joint pain", ("pain", "chemical"), ("joint pain", "disease"))
    assert [name for _, name in labels_of(found, tokens)] == ["B-disease", "I-disease"]


def test_a_mention_within_a_word_is_that_of_the_word(tokens: Tokens) -> None:
    assert labels_of(corpus("gouts rash", ("s rash", "disease")), tokens)[:3] == [
        ("gout", "B-disease"),
        ("##s", "-"),
        ("rash", "I-disease"),
    ]


def test_what_is_not_marked_is_not_known(tokens: Tokens) -> None:
    found = corpus("aspirin, gout", ("aspirin", "chemical"), ("gout", "disease"), kinds=DISEASES)
    (document,) = label(found, tokens)
    assert [LABELS[n] for n in document.labels] == ["O", "O", "B-disease"]
    assert [LABELS[n] for n in document.unknown] == ["B-chemical", "I-chemical"]


def test_a_tenth_of_the_documents_is_held_out_whatever_their_order(tmp_path: Path) -> None:
    training, held = read_corpus(write_corpus(tmp_path / "corpus.txt", 300), BOTH)
    assert {d.id for d in training.documents}.isdisjoint(d.id for d in held.documents)
    assert len(training.documents) + len(held.documents) == 300
    assert 15 <= len(held.documents) <= 45
    again = read_corpus(write_corpus(tmp_path / "corpus.txt", 150), BOTH)[1]
    assert {d.id for d in again.documents} == {d.id for d in held.documents if int(d.id) < 150}


def test_an_empty_corpus_is_refused(tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text("\n\n")
    with pytest.raises(DatasetError, match=r"corpus\.txt: holds no document"):
        read_corpus(tmp_path / "corpus.txt", BOTH)


def test_stretches_begin_with_words_and_keep_their_labels(tokens: Tokens, tmp_path: Path) -> None:
    (text,) = {document.text for document in read_corpus(write_corpus(tmp_path / "c.txt", 1), BOTH)[0].documents}
    (document,) = label(Corpus((Document("1", (text + " ") * 20, ()),), DISEASES), tokens)
    document = replace(document, labels=np.where(document.heads, np.arange(len(document.ids)), IGNORED))
    starts = set()
    for rows, labels, unknown in islice(TagSampler([document], 0).batches(4), 20):
        assert unknown.tolist() == [[False, False, False, True, True]] * 4
        for row, numbers in zip(rows, labels, strict=True):
            first = int(numbers[0])
            assert first != IGNORED
            assert row.tolist() == document.ids[first : first + len(row)].tolist()
            assert numbers[: len(row)].tolist() == document.labels[first : first + len(row)].tolist()
            assert (numbers[len(row) :] == IGNORED).all()
            starts.add(first)
    assert len(starts) > 20


def test_the_loss_leaves_open_what_a_corpus_does_not_know() -> None:
    logits = torch.tensor([[[2.0, 0.0, 0.0, 3.0, 1.0], [0.0, 2.0, 0.0, 0.0, 0.0], [9.0, 9.0, 0.0, 0.0, 0.0]]])
    labels = torch.tensor([[0, 1, IGNORED]])
    known, open_ = torch.zeros(1, 5, dtype=torch.bool), torch.tensor([[False, False, False, True, True]])
    logs = logits[0].log_softmax(-1)
    assert tag_loss(logits, labels, known).item() == pytest.approx(-(logs[0, 0] + logs[1, 1]).item() / 2, rel=1e-5)
    either = logs[0, [0, 3, 4]].exp().sum().log()
    assert tag_loss(logits, labels, open_).item() == pytest.approx(-(either + logs[1, 1]).item() / 2, rel=1e-5)


class Oracle(NameEncoder):
    """Finds what it is told to."""

    def tag(self, text: str) -> list[Tagged]:
        return [Tagged(0, 4, "disease", 1.0), Tagged(6, 10, "chemical", 1.0), Tagged(12, 16, "disease", 1.0)]


def test_tags_are_counted_by_kind_where_the_kind_is_marked(tokens: Tokens) -> None:
    marked = corpus("gout, rash, pain, fever", ("gout", "disease"), ("rash, pain", "disease"), ("pain", "disease"))
    figures = measure_tags(Oracle(tiny_name_model(), tokens), [replace(marked, kinds=DISEASES)])
    assert figures["disease"] == {"mentions": 2, "precision": 50.0, "recall": 50.0, "f1": 50.0}
    assert figures["chemical"]["mentions"] == 0
    assert figures["chemical"]["precision"] == 0


def test_a_run_learns_names_and_tags_at_once(tiny_graph: SnapshotGraph, tokens: Tokens, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = tiny_name_model()
    documents = label(read_corpus(write_corpus(tmp_path / "c.txt"), BOTH)[0], tokens)
    loop = LinkerLoop(
        model,
        WordedPairs(PairSampler(name_sets(tiny_graph), None, 0, 0.0), tokens, 8),
        TagBatches(TagSampler(documents, 0), tokens, 4),
        RATES,
    )
    curve = loop.run(10_000, max_steps=100)
    assert [point["step"] for point in curve] == [50, 100]
    assert curve[-1]["names"] < 0.9 * curve[0]["names"]
    assert curve[-1]["tags"] < 0.5 * curve[0]["tags"]


def test_a_run_ends_with_its_time(tokens: Tokens, tmp_path: Path) -> None:
    documents = label(read_corpus(write_corpus(tmp_path / "c.txt", 3), BOTH)[0], tokens)
    loop = LinkerLoop(tiny_name_model(), None, TagBatches(TagSampler(documents, 0), tokens, 2), RATES)
    assert loop.run(10_000_000, seconds=0.0) == []


def test_a_loss_that_is_no_number_ends_the_run(tokens: Tokens, tmp_path: Path) -> None:
    documents = label(read_corpus(write_corpus(tmp_path / "c.txt", 3), BOTH)[0], tokens)
    model = tiny_name_model()
    assert model.tag is not None
    torch.nn.init.constant_(model.tag.weight, float("nan"))
    with pytest.raises(ModelError, match=r"the loss is nan at step 3"):
        LinkerLoop(model, None, TagBatches(TagSampler(documents, 0), tokens, 2), RATES).run(1e9, max_steps=3)


def test_the_encoder_is_trained_from_the_command_line(synonyms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base, out = write_plain_bert(tmp_path / "bert"), tmp_path / "linker"
    shared = ["--base", str(base), "--synonyms", str(synonyms), "--fold", "0", "--max-steps", "3", "--batch", "4", "--tag-batch", "2"]
    corpora = ["--bc5cdr", str(write_corpus(tmp_path / "bc5cdr.txt")), "--ncbi", str(write_corpus(tmp_path / "ncbi.txt", chemicals=False))]
    assert main([*shared, *corpora, "--out", str(out), "--base-name", "tiny", "--device", "cpu"]) == 0
    record = json.loads((out / "training.json").read_text())
    assert json.loads(capsys.readouterr().out) == record["metrics"]
    assert set(record["metrics"]) == {"lay_before", "lay", "tags"}
    assert record["arguments"]["ncbi"] == "ncbi.txt"
    assert set(record["sha256"]) == {"synonyms.jsonl.xz", "bc5cdr.txt", "ncbi.txt"}
    assert str(tmp_path) not in "".join(path.read_text() for path in out.glob("*.json"))
    assert json.loads((out / "linker.json").read_text()) == {"labels": list(LABELS), "base": "tiny"}
    assert (out / "vocab.txt").read_text().split("\n")[:-1] == TOKENS
    encoder = NameEncoder.load(out, "cpu", "fp32")
    assert encoder.has_tags
    assert not np.allclose(encoder.embed(["gout"]), NameEncoder.load(base, "cpu", "fp32").embed(["gout"]))
    again = train_linker(LinkerTraining(out, tmp_path / "again", synonyms, no_tags=True, max_steps=1, batch=4, device="cpu"))
    assert "tags" not in again["metrics"]
    assert not NameEncoder.load(tmp_path / "again", "cpu").has_tags


def test_names_and_tags_can_be_trained_alone(synonyms: Path, tmp_path: Path) -> None:
    base, text = write_plain_bert(tmp_path / "bert"), write_corpus(tmp_path / "c.txt")
    options = LinkerTraining(
        base, tmp_path / "out", synonyms, text, fold="1", max_steps=50, batch=4, tag_batch=2, no_weights=True, device="cpu"
    )
    tags = train_linker(replace(options, no_names=True))
    assert tags["curve"][-1]["names"] == 0 < tags["curve"][-1]["tags"]
    names = train_linker(replace(options, no_tags=True))
    assert names["curve"][-1]["tags"] == 0 < names["curve"][-1]["names"]
    assert names["metrics"]["lay_before"] == tags["metrics"]["lay_before"]
    assert [path.name for path in options.out.iterdir()] == ["training.json"]


def test_the_same_seed_trains_the_same(synonyms: Path, tmp_path: Path) -> None:
    base, text = write_plain_bert(tmp_path / "bert"), write_corpus(tmp_path / "c.txt")
    options = LinkerTraining(base, tmp_path / "one", synonyms, text, max_steps=4, batch=4, tag_batch=2, device="cpu")
    for out in ("one", "two"):
        train_linker(replace(options, out=tmp_path / out))
    one, two = (NameEncoder.load(tmp_path / out, "cpu", "fp32").embed(["gout", "joint pain"]) for out in ("one", "two"))
    np.testing.assert_array_equal(one, two)


def test_what_cannot_be_trained_on_is_an_error(synonyms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = write_plain_bert(tmp_path / "bert")
    with pytest.raises(DatasetError, match=r"there is nothing to train on"):
        train_linker(LinkerTraining(base, tmp_path / "out", device="cpu"))
    with pytest.raises(DatasetError, match=r"fold is '7'; expected 0 to 4, or none"):
        train_linker(LinkerTraining(base, tmp_path / "out", fold="7"))
    synonyms.write_bytes(lzma.compress(b"{}\n"))
    assert main(["--base", str(base), "--out", str(tmp_path / "out"), "--synonyms", str(synonyms)]) == 1
    assert "line 1: entity is missing" in capsys.readouterr().err


def test_every_option_of_the_command_line_is_one_of_the_function() -> None:
    found = parser().parse_args(["--base", "b", "--out", "o", "--fold", "3", "--max-steps", "3", "--no-tags", "--rate", "1e-5"])
    assert LinkerTraining(**vars(found)) == LinkerTraining(Path("b"), Path("o"), fold="3", max_steps=3, no_tags=True, rate=1e-5)
