"""Tests of training in several processes, and of training where memory is short."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from reader_models import TOKENS, tiny_bert, write_reader, write_tokenizer
from test_training import CPU, people_pairs, write_squad, write_triples

from qa.encoding import Encoder
from qa.errors import ModelError
from qa.reader_model import Logits, ReaderModel
from qa.training.data import Batch, Store
from qa.training.loop import train
from qa.training.losses import Weights, reader_loss
from qa.training.processes import Processes
from qa.training.schedule import LoopOptions
from qa.training.squad import squad_examples
from qa.training.train_reader import ReaderTraining, parser, train_reader

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = LoopOptions(epochs=2, batch=8, rate=1e-3, seed=5, log_steps=1, checkpoint_steps=0)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    encoder = Encoder.load(write_tokenizer(tmp_path / "tokenizer", TOKENS), max_tokens=64, stride=16)
    return Store(squad_examples(people_pairs(20), encoder), encoder.padding, CPU)


class SmallMemory:
    """A loss that runs out of memory on more than so many examples at once."""

    def __init__(self, most: int) -> None:
        self.most, self.sizes = most, list[int]()

    def __call__(self, logits: Logits, batch: Batch) -> torch.Tensor:
        if len(batch.ids) > self.most:
            raise torch.OutOfMemoryError("no room")
        self.sizes.append(len(batch.ids))
        return reader_loss(Weights())(logits, batch)


def run(directory: Path, store: Store, loss: Any) -> tuple[list[float], dict[str, torch.Tensor]]:
    directory.mkdir()
    model = tiny_bert(1)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    result = train(model, store, loss, lambda _: {"score": 0.0}, OPTIONS, directory)
    lines = [json.loads(line) for line in (directory / "metrics.jsonl").read_text().splitlines()]
    return [line["loss"] for line in lines if "loss" in line], result.weights


def test_out_of_memory_halves_the_batch_and_goes_on(store: Store, tmp_path: Path) -> None:
    short = SmallMemory(2)
    losses, weights = run(tmp_path / "short", store, short)
    whole, wanted = run(tmp_path / "whole", store, SmallMemory(99))
    assert max(short.sizes) == 2
    assert sum(short.sizes) == 2 * len(store)
    assert losses == pytest.approx(whole, rel=1e-4)
    assert all(torch.allclose(weights[name], tensor, atol=1e-3) for name, tensor in wanted.items())


def test_an_example_too_large_for_the_memory_is_an_error(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"one example of \d+ tokens does not fit"):
        run(tmp_path / "none", store, SmallMemory(0))


def test_shares_of_a_batch_are_the_batch(store: Store) -> None:
    from qa.training.data import by_length

    batch = next(store.batches(by_length(store.lengths, 5)))
    shares = [Processes(rank, 3).share(batch) for rank in range(3)]
    assert torch.equal(torch.cat([share.ids for share in shares]), batch.ids)
    assert Processes(3, 6).share(next(batch.split(5))) is None


def command(tmp_path: Path, out: str, *more: str) -> list[str]:
    return [
        *("--base", str(tmp_path / "base"), "--out", str(tmp_path / out), "--squad", str(tmp_path / "squad.json")),
        *("--triples", str(tmp_path / "triples.jsonl"), "--max-tokens", "64", "--batch", "5", "--epochs", "2", "--held-out", "0.2"),
        *("--rate", "1e-3", "--seed", "3", "--device", "cpu", "--log-steps", "1", "--checkpoint-steps", "2", *more),
    ]


def without_dropout() -> ReaderModel:
    model = tiny_bert()
    model.config.hidden_dropout_prob = model.config.attention_probs_dropout_prob = 0.0
    return model


def losses(directory: Path) -> Iterator[float]:
    for line in (directory / "metrics.jsonl").read_text().splitlines():
        if "loss" in (found := json.loads(line)):
            yield found["loss"]


def test_two_processes_learn_what_one_does(tmp_path: Path) -> None:
    write_reader(tmp_path / "base", without_dropout())
    write_squad(tmp_path / "squad.json")
    write_triples(tmp_path / "triples.jsonl")
    taught = ("--teacher", str(write_reader(tmp_path / "teacher", tiny_bert(4))), "--alpha", "0.5", "--slot-alpha", "0.5")
    train_reader(ReaderTraining(**vars(parser().parse_args(command(tmp_path, "one", *taught)))))
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "qa.training.train_reader"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*torchrun, *command(tmp_path, "two", *taught)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count('"score"') == 1
    one, two = list(losses(tmp_path / "one")), list(losses(tmp_path / "two"))
    assert len(one) == 10
    assert two == pytest.approx(one, rel=1e-3)
    metrics = [json.loads((tmp_path / out / "training.json").read_text())["metrics"] for out in ("one", "two")]
    assert metrics[1]["squad"]["f1"] == pytest.approx(metrics[0]["squad"]["f1"], abs=0.5)
