"""Tests of the reader's training, from the files to the reader directory."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from reader_models import MPNET_TOKENS, TOKENS, tiny_bert, tiny_mpnet, write_reader, write_tokenizer
from torch import Tensor

from qa.bert import BertReader
from qa.encoding import Encoder
from qa.errors import DatasetError, ModelError
from qa.reader_model import Logits, ReaderModel
from qa.training.data import Batch, Store, by_length, shuffled
from qa.training.loop import Result, remove_checkpoint, train
from qa.training.losses import Weights, distillation_loss, reader_loss, slot_distillation_loss, slot_logits, slot_loss, span_loss
from qa.training.processes import Processes
from qa.training.saving import adopt_vocabulary
from qa.training.schedule import LoopOptions
from qa.training.squad import Answer, Pair, squad_examples
from qa.training.train_reader import ReaderTraining, cache_teacher, main, parser, train_reader
from qa.training.triples import read_triples, triples_examples

CPU = torch.device("cpu")
PEOPLE, CITIES, SYMPTOMS = (
    ("alice", "bob", "carol", "dave"),
    ("paris", "london", "berlin", "rome"),
    ("fever", "rash", "swelling"),
)


@pytest.fixture(autouse=True)
def two_threads() -> None:
    torch.set_num_threads(2)


def people_pairs(number: int) -> list[Pair]:
    random_ = random.Random(0)
    pairs = []
    for n in range(number):
        (one, other), (here, there) = random_.sample(PEOPLE, 2), random_.sample(CITIES, 2)
        passage = f"{one} lives in {here}. {other} lives in {there}."
        answer = Answer(here, passage.index(here))
        pairs.append(Pair(f"where lives {one}?", passage, answer if n % 5 else None))
    return pairs


def write_squad(path: Path, articles: int = 10) -> Path:
    data = []
    for n in range(articles):
        one, here = PEOPLE[n % 4], CITIES[n // 2 % 4]
        qas = [{"id": str(n), "question": f"where lives {one}?", "answers": [{"text": here, "answer_start": len(one) + 10}]}]
        context = f"{one} lives in {here}."
        data.append(
            {
                "title": str(n),
                "paragraphs": [{"context": context, "qas": qas}, {"context": "the house stands by the river.", "qas": []}],
            }
        )
    path.write_text(json.dumps({"data": data}), encoding="utf-8")
    return path


def triples_line(n: int, split: str = "train") -> dict[str, Any]:
    """A stand-in for the generator: which of two groups is asked for."""
    evidence = "gout symptoms: fever; rash. gout treatments: aspirin."
    slots, labels = [[15, 20], [22, 26], [45, 52]], [1, 1, 0] if n % 2 else [0, 0, 1]
    question = "what symptoms?" if n % 2 else "what treatments?"
    return {
        "id": str(n),
        "evidence": evidence,
        "question": question,
        "slots": slots,
        "labels": labels,
        "kind": "list",
        "split": split,
    }


def write_triples(path: Path, number: int = 20) -> Path:
    lines = [triples_line(n, ("train", "train", "train", "templates", "entities")[n % 5]) for n in range(number)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def encoder(tmp_path: Path) -> Encoder:
    return Encoder.load(write_tokenizer(tmp_path / "tokenizer", TOKENS), max_tokens=64, stride=16)


@pytest.fixture
def store(encoder: Encoder, tmp_path: Path) -> Store:
    tasks = read_triples(write_triples(tmp_path / "triples.jsonl"))
    examples = squad_examples(people_pairs(28), encoder) + triples_examples(tasks[:12], encoder)
    return Store(examples, encoder.padding, CPU)


def first_batch(store: Store, size: int = 40) -> Batch:
    return next(store.batches(shuffled(store.lengths, size, 0, 0)))


def logits_of(batch: Batch, seed: int = 0) -> Logits:
    torch.manual_seed(seed)
    return Logits(*torch.randn(3, *batch.ids.shape).unbind(0), torch.randn(len(batch.ids), 0))


def hand_batch(real: Tensor, passage: Tensor, answer: Tensor, slots: Tensor, labels: Tensor, slot_real: Tensor) -> Batch:
    """Return a batch of one example that is taught."""
    none = torch.zeros(1, 0)
    return Batch(real, real, real, passage, answer, slots, labels, slot_real, none, torch.tensor([True]), None, None, None)


def test_answers_are_the_tokens_at_their_offset(encoder: Encoder) -> None:
    pair = Pair("where lives bob?", "alice lives in rome. bob lives in rome.", Answer("rome", 34))
    (example,) = squad_examples([pair], encoder)
    first, last = example.answer
    assert (first, last) == (14, 14)
    assert TOKENS[example.window.ids[first]] == "rome"


def test_a_window_without_the_answer_has_none(encoder: Encoder) -> None:
    passage = "alice lives in paris. " + "bob stands by the river. " * 20
    examples = squad_examples([Pair("where lives alice?", passage, Answer("paris", 15))], encoder)
    assert [example.answer for example in examples[1:]] == [(0, 0)] * (len(examples) - 1)
    assert examples[0].answer != (0, 0)
    assert {example.source for example in examples} == {0}


def test_batches_hold_what_the_windows_held(encoder: Encoder) -> None:
    examples = squad_examples(people_pairs(9), encoder)
    store = Store(examples, encoder.padding, CPU)
    plan = shuffled(store.lengths, 4, 3, 1)
    seen = 0
    for n, batch in enumerate(store.batches(plan)):
        for row, number in enumerate(plan.order[plan.cuts[n] : plan.cuts[n + 1]]):
            example, length = examples[number], int(batch.real[row].sum())
            assert batch.ids[row, :length].tolist() == example.window.ids.tolist()
            assert batch.types[row, :length].tolist() == example.window.types.tolist()
            assert (batch.ids[row, length:] == encoder.padding).all()
            assert batch.passage[row].nonzero()[0].item() == example.window.passage_at
            assert int(batch.passage[row].sum()) == len(example.window.passage)
            assert tuple(batch.answer[row].tolist()) == example.answer
            seen += 1
    assert seen == len(examples)


def test_an_epoch_is_planned_by_its_number_alone() -> None:
    lengths = np.arange(1, 200)
    one, again, other = shuffled(lengths, 8, 1, 0), shuffled(lengths, 8, 1, 0), shuffled(lengths, 8, 1, 1)
    assert one.order.tolist() == again.order.tolist() != other.order.tolist()
    assert sorted(other.order.tolist()) == list(range(199))
    assert by_length(lengths, 64).cuts == (0, 64, 128, 192, 199)


def test_a_slot_logit_is_the_mean_over_its_tokens() -> None:
    slot = torch.tensor([[1.0, 2.0, 4.0, 8.0]])
    assert slot_logits(slot, torch.tensor([[[0, 1], [1, 3], [0, 4]]])).tolist() == [[1.0, 3.0, 3.75]]


def test_losses_of_a_mixed_batch_keep_to_their_own_examples(store: Store) -> None:
    batch = first_batch(store)
    logits = logits_of(batch)
    asked = batch.answer[:, 0] >= 0
    assert 0 < int(asked.sum()) < len(asked)
    assert (slot_loss(logits, batch)[asked] == 0).all()
    expected = span_loss(logits, batch)[asked].sum() + 3 * slot_loss(logits, batch).sum()
    assert reader_loss(Weights(slot=3.0))(logits, batch).item() == pytest.approx(expected.item(), rel=1e-6)
    parts = [reader_loss(Weights())(Logits(*(t[a:b] for t in logits)), part)
             for part, (a, b) in zip(batch.split(2), ((0, 20), (20, 40)), strict=True)]  # fmt: skip
    assert sum(parts).item() == pytest.approx(reader_loss(Weights())(logits, batch).item(), rel=1e-5)  # type: ignore[union-attr]


def test_distillation_is_cross_entropy_at_alpha_one(store: Store) -> None:
    batch = first_batch(store)
    logits, other = logits_of(batch), logits_of(batch, 1)
    taught = batch._replace(teacher=torch.stack((other.start, other.end), -1).half(), taught=torch.ones(len(batch.ids)) > 0)
    plain = reader_loss(Weights())(logits, batch)
    assert reader_loss(Weights(alpha=1.0))(logits, taught).item() == plain.item()
    assert reader_loss(Weights(alpha=0.5))(logits, taught).item() != pytest.approx(plain.item(), rel=1e-3)
    untaught = taught._replace(taught=torch.zeros(len(batch.ids)) > 0)
    assert reader_loss(Weights(alpha=0.5))(logits, untaught).item() == plain.item()


def test_distillation_asks_only_for_the_teachers_passage_logits(store: Store) -> None:
    batch = first_batch(store)
    logits = logits_of(batch)
    same = torch.stack((logits.start, logits.end), -1)
    noise = torch.where((batch.passage | (torch.arange(same.shape[1]) == 0))[..., None], same, 50.0)
    assert distillation_loss(logits, batch, noise, 2.0).abs().max().item() < 1e-5
    start = torch.full((1, 3), 0.0)
    none = torch.zeros(1, 0)
    hand = hand_batch(torch.ones(1, 3), torch.tensor([[False, True, False]]), none, none, none, none)
    teacher = torch.tensor([[[2.0, 0.0], [0.0, 0.0], [9.0, 9.0]]])
    p = torch.softmax(torch.tensor([1.0, 0.0]), 0)
    wanted = 4 * (p * (p.log() - torch.tensor([0.5, 0.5]).log())).sum() / 2
    assert distillation_loss(Logits(start, start, start, none), hand, teacher, 2.0).item() == pytest.approx(wanted.item(), rel=1e-5)


def test_slots_are_distilled_as_two_sided_choices() -> None:
    one = torch.zeros(1, 2)
    slots, real = torch.tensor([[[0, 1], [1, 2], [0, 1]]]), torch.tensor([[True, True, False]])
    hand = hand_batch(one, one > 0, torch.tensor([[-1, -1]]), slots, torch.tensor([[1, 0, 0]]), real)
    p = torch.sigmoid(torch.tensor([2.0 / 2, -6.0 / 2]))
    wanted = 4 * (p * (p / 0.5).log() + (1 - p) * ((1 - p) / 0.5).log()).mean()
    taught, logits = torch.tensor([[2.0, -6.0, 99.0]]), Logits(one, one, one, torch.zeros(1, 0))
    assert slot_distillation_loss(logits, hand, taught, 2.0).item() == pytest.approx(wanted.item(), rel=1e-5)
    mixed = reader_loss(Weights(alpha=0.0, slot=3.0, slot_alpha=0.25))(logits, hand._replace(slot_teacher=taught))
    assert mixed.item() == pytest.approx(3 * (0.25 * np.log(2) + 0.75 * wanted.item()), rel=1e-5)


def test_slot_distillation_asks_for_nothing_where_the_teacher_agrees(store: Store) -> None:
    batch = first_batch(store)
    logits = logits_of(batch)
    found = slot_logits(logits.slot, batch.slots)
    noise = torch.where(batch.slot_real, found, 50.0)
    assert slot_distillation_loss(logits, batch, noise, 2.0).abs().max().item() < 1e-5
    assert (slot_distillation_loss(logits, batch, found + 1, 2.0) > 0).tolist() == batch.slot_real.any(1).tolist()
    none = next(store.batches(by_length(store.lengths[:28], 4)))  # the pairs
    assert none.slots.shape[1] == 0
    assert slot_distillation_loss(logits_of(none), none, none.labels, 2.0).tolist() == [0.0] * 4


def loop(
    directory: Path,
    store: Store,
    options: LoopOptions,
    resume: bool = False,
    kill_at: int | None = None,
    dropout: float = 0.1,
) -> Result:
    """Train a tiny model; `kill_at` breaks off in the middle of a step, as a kill does."""
    directory.mkdir(exist_ok=True)
    steps = 0

    def loss(logits: Logits, batch: Batch) -> Tensor:
        nonlocal steps
        steps += 1
        if steps == kill_at:
            raise KeyboardInterrupt
        return reader_loss(Weights())(logits, batch)

    def score(model: ReaderModel) -> dict[str, Any]:
        return {"score": 0.0, "norm": float(model.span.weight.norm())}

    model = tiny_bert(1)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = dropout
    return train(model, store, loss, score, options, directory, resume)


OPTIONS = LoopOptions(epochs=3, batch=8, rate=1e-3, ema=0.9, seed=5, log_steps=2, checkpoint_steps=3)


@pytest.mark.parametrize("kill_at", [5, 6, 8, 14])
def test_a_killed_run_resumes_to_the_same_weights(store: Store, tmp_path: Path, kill_at: int) -> None:
    whole = loop(tmp_path / "whole", store, OPTIONS)
    with pytest.raises(KeyboardInterrupt):
        loop(tmp_path / "killed", store, OPTIONS, kill_at=kill_at)
    resumed = loop(tmp_path / "killed", store, OPTIONS, resume=True)
    assert resumed.steps == whole.steps == 15
    assert all(torch.equal(resumed.weights[name], tensor) for name, tensor in whole.weights.items())
    lines = [[json.loads(x) for x in (tmp_path / d / "metrics.jsonl").read_text().splitlines()] for d in ("whole", "killed")]
    assert [x["norm"] for x in lines[0] if "norm" in x] == [x["norm"] for x in lines[1] if "norm" in x]


def test_a_checkpoint_stays_until_the_result_is_written(store: Store, tmp_path: Path) -> None:
    loop(tmp_path / "run", store, OPTIONS)
    assert (tmp_path / "run" / "checkpoint.pt").exists()
    remove_checkpoint(tmp_path / "run")
    assert not (tmp_path / "run" / "checkpoint.pt").exists()
    remove_checkpoint(tmp_path / "run")


def test_heads_have_a_rate_of_their_own(store: Store, tmp_path: Path) -> None:
    before = tiny_bert(1).state_dict()
    found = loop(tmp_path / "still", store, replace(OPTIONS, head_rate=0.0, ema=0.0, max_steps=2)).weights
    assert torch.equal(found["span.weight"], before["span.weight"])
    word = "encoder.embeddings.word_embeddings.weight"
    assert not torch.equal(found[word], before[word])
    same, plain = (
        loop(tmp_path / str(rate), store, replace(OPTIONS, head_rate=rate, max_steps=2)).weights for rate in (OPTIONS.rate, None)
    )
    assert all(torch.equal(same[name], tensor) for name, tensor in plain.items())


def test_resuming_needs_a_checkpoint(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"checkpoint.pt: the file is missing"):
        loop(tmp_path / "new", store, OPTIONS, resume=True)
    (tmp_path / "new" / "checkpoint.pt").write_bytes(b"PK")
    with pytest.raises(ModelError, match=r"not a checkpoint of this run"):
        loop(tmp_path / "new", store, OPTIONS, resume=True)


def test_a_run_goes_on_only_as_it_began(store: Store, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        loop(tmp_path / "killed", store, OPTIONS, kill_at=6)
    with pytest.raises(ModelError, match=r"checkpoint.pt: batch was 8, and is 16; expected the run to go on as it began"):
        loop(tmp_path / "killed", store, replace(OPTIONS, batch=16), resume=True)
    with pytest.raises(ModelError, match=r"ema was 0.9, and is 0.0"):
        loop(tmp_path / "killed", store, replace(OPTIONS, ema=0.0), resume=True)
    (tmp_path / "killed" / "metrics.jsonl").unlink()
    assert loop(tmp_path / "killed", store, OPTIONS, resume=True).steps == 15


def test_accumulation_changes_only_rounding(store: Store, tmp_path: Path) -> None:
    options = replace(OPTIONS, max_steps=4, ema=0.0)
    for parts in (1, 3):
        loop(tmp_path / str(parts), store, replace(options, accumulate=parts), dropout=0.0)
    losses = [[json.loads(x).get("loss") for x in (tmp_path / n / "metrics.jsonl").read_text().splitlines()] for n in "13"]
    assert losses[0][:2] == pytest.approx(losses[1][:2], rel=0.01)


def test_training_on_forty_examples_lowers_the_loss(store: Store, tmp_path: Path) -> None:
    assert len(store) == 40
    loop(tmp_path / "run", store, replace(OPTIONS, epochs=25, ema=0.0, rate=3e-3, checkpoint_steps=0, log_steps=5))
    losses = [json.loads(x).get("loss") for x in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    losses = [x for x in losses if x is not None]
    assert losses[-1] < 0.5 * losses[0]


def test_a_budget_of_time_ends_the_run_in_good_order(store: Store, tmp_path: Path) -> None:
    ticks = count()
    result = loop(tmp_path / "run", store, replace(OPTIONS, epochs=10_000, seconds=1.0, clock=lambda: 0.005 * next(ticks)))
    lines = [json.loads(x) for x in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    rates = [x["rate"] for x in lines if "rate" in x]
    assert 10 < result.steps < 1_000
    assert rates[-1] < max(rates)
    assert "norm" in lines[-1]


def test_a_loss_that_is_no_number_ends_the_run(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the loss is .* at step"):
        loop(tmp_path / "run", store, replace(OPTIONS, rate=1e30, clip=1e30, warm_up=0.0))


def test_a_teacher_adopts_the_students_vocabulary(tmp_path: Path, encoder: Encoder) -> None:
    own, wanted = write_reader(tmp_path / "teacher", tiny_mpnet(), MPNET_TOKENS), write_tokenizer(tmp_path / "student", TOKENS)
    pair = ("where lives bob?", "alice lives in rome. xyz \u00e9 lives in paris.")
    theirs = BertReader.load(own, "cpu", "fp32")
    (before,) = theirs.extract([pair], may_abstain=False)
    adopt_vocabulary(theirs.model, own, wanted)
    (after,) = BertReader(theirs.model, encoder).extract([pair], may_abstain=False)
    assert after == before
    with pytest.raises(ModelError, match=r"the vocabulary has no token 'gout'"):
        adopt_vocabulary(tiny_mpnet(), write_tokenizer(tmp_path / "other", [t for t in MPNET_TOKENS if t != "gout"]), wanted)


def test_cached_logits_are_those_of_the_teacher(store: Store) -> None:
    teacher = tiny_bert(9)
    cache_teacher(teacher, store)
    batch = first_batch(store)
    assert batch.teacher is not None
    with torch.no_grad():
        logits = teacher(batch.ids, batch.types, batch.real)
    asked = batch.answer[:, 0] >= 0
    here = (batch.passage & asked[:, None]).nonzero(as_tuple=True)
    torch.testing.assert_close(batch.teacher[..., 0][here].float(), logits.start[here], atol=0.03, rtol=0.03)
    torch.testing.assert_close(batch.teacher[..., 1][here].float(), logits.end[here], atol=0.03, rtol=0.03)
    assert batch.slot_teacher is not None
    slots = slot_logits(logits.slot, batch.slots)
    assert slots[batch.slot_real].unique().numel() > 1
    torch.testing.assert_close(batch.slot_teacher[batch.slot_real].float(), slots[batch.slot_real], atol=0.03, rtol=0.03)


def test_processes_share_the_teachers_pass(store: Store) -> None:
    class Watched(Processes):
        """One of two processes, which keeps what it would send."""

        def sum_up(self, tensors: Sequence[Tensor]) -> None:
            self.sent = [tensor.clone() for tensor in tensors]

    whole = Watched()
    cache_teacher(tiny_bert(9), store, processes=whole)
    shares = [Watched(rank, 2) for rank in range(2)]
    for share in shares:
        cache_teacher(tiny_bert(9), store, processes=share)
    for one, other, both in zip(shares[0].sent, shares[1].sent, whole.sent, strict=True):
        assert one.abs().sum() > 0
        assert other.abs().sum() > 0
        torch.testing.assert_close(one + other, both, atol=1e-3, rtol=1e-3)


def test_teacher_and_student_are_trained_from_the_command_line(tmp_path: Path) -> None:
    squad, triples = write_squad(tmp_path / "squad.json"), write_triples(tmp_path / "triples.jsonl")
    bases = [write_reader(tmp_path / "mpnet", tiny_mpnet(), MPNET_TOKENS), write_reader(tmp_path / "bert")]
    shared = [
        "--squad",
        str(squad),
        "--max-tokens",
        "64",
        "--batch",
        "4",
        "--epochs",
        "2",
        "--held-out",
        "0.2",
        "--negatives",
        "0.5",
    ]
    teacher, student = tmp_path / "teacher", tmp_path / "student"
    shared += ["--triples", str(triples)]
    assert main(["--base", str(bases[0]), "--out", str(teacher), *shared]) == 0
    more = ["--teacher", str(teacher), "--alpha", "0.4", "--slot-alpha", "0.5", "--ema", "0.9", "--minutes", "1"]
    assert main(["--base", str(bases[1]), "--out", str(student), *shared, *more]) == 0
    assert not (student / "checkpoint.pt").exists()
    record = json.loads((student / "training.json").read_text())
    assert record["examples"]["triples_train"] == 12
    assert set(record["metrics"]) == {"templates", "entities", "squad", "score", "step"}
    assert record["arguments"]["squad"] == "squad.json"
    assert str(tmp_path) not in "".join(path.read_text() for path in student.glob("*.json"))
    assert (student / "vocab.txt").read_text().split("\n")[:-1] == TOKENS
    reader = BertReader.load(student, "cpu")
    assert reader.threshold == record["metrics"]["squad"]["threshold"]
    assert len(reader.extract([("where lives bob?", "bob lives in rome.")])) == 1


def test_nothing_to_train_on_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = write_reader(tmp_path / "bert")
    with pytest.raises(DatasetError, match=r"there is nothing to train on"):
        train_reader(ReaderTraining(base, tmp_path / "out", max_tokens=64))
    assert main(["--base", str(tmp_path / "none"), "--out", str(tmp_path / "out"), "--max-tokens", "64"]) == 1
    assert "config.json: the file is missing" in capsys.readouterr().err


def test_every_option_of_the_command_line_is_one_of_the_function() -> None:
    found = parser().parse_args(["--base", "b", "--out", "o", "--squad-fraction", "0.5", "--max-steps", "3", "--resume"])
    assert ReaderTraining(**vars(found)) == ReaderTraining(Path("b"), Path("o"), squad_fraction=0.5, max_steps=3, resume=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"split": "dev"}, "split is 'dev'"),
        ({"slots": [[0, 99], [1, 2], [3, 4]]}, r"slot \[0, 99\); expected a range within the 53 characters"),
        ({"slots": [[0]]}, "expected pairs of character offsets"),
        ({"labels": [1]}, "expected 0 or 1 for each of 3 slots"),
        ({"question": None}, "expected an object with the texts"),
    ],
)
def test_a_reading_task_of_another_form_is_refused_by_line(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "triples.jsonl"
    path.write_text(json.dumps(triples_line(0)) + "\n\n" + json.dumps(triples_line(1) | change) + "\n")
    with pytest.raises(DatasetError, match=f"line 3: .*{message}"):
        read_triples(path)
