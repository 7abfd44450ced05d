"""Tests of a pass over examples without training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from reader_models import TOKENS, tiny_bert, write_tokenizer
from test_training import CPU, people_pairs

from qa.encoding import Encoder
from qa.errors import ModelError
from qa.training.data import Store
from qa.training.passes import passes
from qa.training.squad import squad_examples


@pytest.fixture
def store(tmp_path: Path) -> Store:
    encoder = Encoder.load(write_tokenizer(tmp_path / "tokenizer", TOKENS), max_tokens=64, stride=16)
    return Store(squad_examples(people_pairs(20), encoder), encoder.padding, CPU)


class SmallMemory(torch.nn.Module):
    """A model that runs out of memory on more than so many examples at once."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.model, self.most, self.sizes = tiny_bert(), most, list[int]()

    def forward(self, ids: torch.Tensor, *more: Any) -> Any:
        if len(ids) > self.most:
            raise torch.OutOfMemoryError("no room")
        self.sizes.append(len(ids))
        return self.model(ids, *more)


def test_every_example_is_read_once_longest_first(store: Store) -> None:
    numbers = np.concatenate([found for found, _, _ in passes(tiny_bert(), store, "test")])
    assert sorted(numbers) == list(range(len(store)))
    assert (np.diff(store.lengths[numbers]) <= 0).all()


def test_only_what_is_wanted_is_read(store: Store) -> None:
    wanted = np.array([3, 1, 7])
    assert sorted(np.concatenate([found for found, _, _ in passes(tiny_bert(), store, "test", wanted)])) == [1, 3, 7]
    assert list(passes(tiny_bert(), store, "test", wanted[:0])) == []


def test_where_memory_runs_out_batches_are_halved_and_nothing_is_lost(store: Store) -> None:
    short = SmallMemory(3)
    found = {n: logits.start[row] for numbers, _, logits in passes(short, store, "test") for row, n in enumerate(numbers)}
    assert sorted(found) == list(range(len(store)))
    assert max(short.sizes) == 2
    for numbers, batch, logits in passes(tiny_bert(), store, "test"):
        for row, n in enumerate(numbers):
            real = batch.real[row]
            assert torch.allclose(logits.start[row][real], found[n][: int(real.sum())], atol=1e-5)


def test_an_example_too_large_for_the_memory_is_an_error(store: Store) -> None:
    with pytest.raises(ModelError, match=r"one example of \d+ tokens does not fit"):
        list(passes(SmallMemory(0), store, "test"))
