"""One pass of a model over examples, without training: what a teacher says of them, and what is measured on them."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn
from tqdm import tqdm

from qa.errors import ModelError
from qa.reader_model import Logits, autocast
from qa.training.data import Batch, Ints, Store, by_length

_BATCH = {"cuda": 256, "cpu": 16}  # a CPU gains nothing from more, and its progress would be seen in leaps
_SHOWN_AFTER = 2.0
"""Seconds after which a bar is shown."""


def passes(model: nn.Module, store: Store, title: str, wanted: Ints | None = None) -> Iterator[tuple[Ints, Batch, Logits]]:
    """Yield, batch by batch and longest first, the numbers of examples, the batch and what a model says of it, without gradients.

    Where a GPU's memory runs out, batches are half as large from then on.

    Args:
        model: On the store's device; it is put into evaluation.
        store: Of the examples.
        title: Of the bar that shows the progress.
        wanted: Numbers of the examples to read; all by default.

    Raises:
        ModelError: Not even one example fits the device's memory.
    """
    model.eval()
    size = _BATCH["cuda" if store.device.type == "cuda" else "cpu"]
    order = by_length(store.lengths, size, wanted).order
    with tqdm(total=len(order), desc=title, unit="example", delay=_SHOWN_AFTER, leave=False) as bar:
        first = 0
        while first < len(order):
            numbers = order[first : first + size]
            batch = store.pick(numbers)
            try:
                with torch.no_grad(), autocast(store.device):
                    logits = model(batch.ids, batch.types, batch.real)
            except torch.OutOfMemoryError as error:
                if len(numbers) == 1:
                    raise ModelError(f"one example of {batch.ids.shape[1]} tokens does not fit the device's memory") from error
                size = len(numbers) // 2
                continue
            yield numbers, batch, logits
            first += len(numbers)
            bar.update(len(numbers))
