"""Training in several processes at once, as `torchrun` starts them: each computes its share of every batch.

A step is the same as that of one process over the whole batch, but for rounding and for what dropout draws.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol, Self

import torch
from torch import Tensor, distributed
from torch.nn.utils import parameters_to_vector, vector_to_parameters

# The others wait for the first while it evaluates.
_PATIENCE = timedelta(hours=4)


class Splittable(Protocol):
    """A batch that can be cut into smaller ones."""

    def split(self, parts: int) -> Iterator[Self]:
        """Yield at most `parts` batches that together are this one."""
        ...


class Processes:
    """The processes that train together; one, unless `torchrun` started more.

    Attributes:
        rank: Number of this process, from 0.
        size: How many there are.
    """

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank, self.size = rank, size

    @property
    def first(self) -> bool:
        """Whether this is the process that evaluates and writes."""
        return self.rank == 0

    def share(self, batch: Splittable) -> Any:
        """Return this process's share of a batch, or None where the batch is too small for all."""
        return next((part for n, part in enumerate(batch.split(self.size)) if n == self.rank), None)

    def sum_up(self, tensors: Sequence[Tensor]) -> None:
        """Put in place of each tensor its sum over the processes."""
        if self.size == 1:
            return
        flat = parameters_to_vector(tensors)
        distributed.all_reduce(flat)
        vector_to_parameters(flat, tensors)

    def agree(self, value: float) -> float:
        """Return the first process's value: clocks differ, and all must end after the same step."""
        if self.size == 1:
            return value
        said = torch.tensor(value, dtype=torch.float64)
        if distributed.get_backend() == "nccl":
            said = said.cuda()
        distributed.broadcast(said, 0)
        return float(said)

    def gather(self, value: Any) -> list[Any]:
        """Return the values of all processes, by rank."""
        if self.size == 1:
            return [value]
        found: list[Any] = [None] * self.size
        distributed.all_gather_object(found, value)
        return found


@contextmanager
def joined_processes() -> Iterator[Processes]:
    """Join the processes that `torchrun` started with this one; alone, there is nothing to join."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Processes()
        return
    cuda = torch.cuda.is_available()
    if cuda:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    distributed.init_process_group("nccl" if cuda else "gloo", timeout=_PATIENCE)
    try:
        yield Processes(distributed.get_rank(), size)
    finally:
        distributed.destroy_process_group()
