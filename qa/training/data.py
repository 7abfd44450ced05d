"""Training examples as flat arrays on the device, from which batches are built by index.

Everything is tokenised once; a batch is a gather, so that a fast GPU never waits for Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from qa.encoding import Window

Ints = npt.NDArray[np.int64]

NOT_ASKED = -1  # the answer position of an example without passage, and the label of a head that it is not for
_POOL = 64  # batches that are sorted by length together
_MULTIPLE = 8  # lengths are rounded up to it: attention kernels want aligned rows


@dataclass(frozen=True, slots=True)
class Example:
    """A window and what is to be learnt from it.

    Attributes:
        window: The input.
        answer: First and last position of the answer, (0, 0) for no answer, `NOT_ASKED` twice where there is no passage.
        labels: 1 for each of the window's slots that answers, else 0, in the window's order.
        source: Number of the question or task that the window is of.
        classes: What is asked, as the number of a label for each head for questions, or `NOT_ASKED`; empty for none of them.
    """

    window: Window
    answer: tuple[int, int]
    labels: tuple[int, ...]
    source: int
    classes: tuple[int, ...] = ()


class Batch(NamedTuple):
    """Padded examples on the device.

    *Shapes:* `ids`, `types`, `real`, `passage` (batch, length), `answer` (batch, 2), `slots` (batch, slots, 2), `labels` and
    `slot_real` (batch, slots), `classes` (batch, heads for questions), `taught` (batch,), whether a teacher's logits are there:
    `teacher` (batch, length, 2), `slot_teacher` (batch, slots) and `class_teacher` (batch, labels of all heads), or None.
    """

    ids: Tensor
    types: Tensor
    real: Tensor
    passage: Tensor
    answer: Tensor
    slots: Tensor
    labels: Tensor
    slot_real: Tensor
    classes: Tensor
    taught: Tensor
    teacher: Tensor | None
    slot_teacher: Tensor | None
    class_teacher: Tensor | None

    def split(self, parts: int) -> Iterator[Batch]:
        """Yield at most `parts` batches of nearly equal size that together are this one."""
        size = -(-len(self.ids) // parts)
        for first in range(0, len(self.ids), size):
            yield Batch(*(None if t is None else t[first : first + size] for t in self))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Plan:
    """The batches of one pass, as numbers of examples: batch n is `order[cuts[n]:cuts[n + 1]]`."""

    order: Ints
    cuts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.cuts) - 1


def shuffled(lengths: Ints, batch: int, seed: int, epoch: int) -> Plan:
    """Plan an epoch: every example once, examples of like length together, batches in random order.

    The plan follows from its arguments alone, so that a resumed run meets the same batches.
    """
    random = np.random.default_rng((seed, epoch))
    mixed = random.permutation(len(lengths))
    pools = [mixed[n : n + batch * _POOL] for n in range(0, len(mixed), batch * _POOL)]
    pools = [pool[np.argsort(lengths[pool], kind="stable")] for pool in pools]
    batches = [pool[n : n + batch] for pool in pools for n in range(0, len(pool), batch)]
    batches = [batches[n] for n in random.permutation(len(batches))]
    cuts = np.cumsum([0, *map(len, batches)])
    return Plan(np.concatenate([*batches, np.zeros(0, np.int64)]), tuple(cuts.tolist()))


def by_length(lengths: Ints, batch: int, wanted: Ints | None = None) -> Plan:
    """Plan a pass without chance over all examples or those wanted, longest first, so that memory runs out at once or never."""
    numbers = np.arange(len(lengths)) if wanted is None else wanted
    order = numbers[np.argsort(-lengths[numbers], kind="stable")]
    return Plan(order, (*range(0, len(order), batch), len(order)))


class Store:
    """Examples as tensors on a device.

    Args:
        examples: At least one.
        padding: Id of the padding token.
        device: Where the tensors live and batches are built.
    """

    def __init__(self, examples: Sequence[Example], padding: int, device: torch.device) -> None:
        self.padding, self.device = padding, device
        windows = [example.window for example in examples]
        self.lengths: Ints = np.array([len(w.ids) for w in windows], np.int64)
        self.slot_counts: Ints = np.array([len(w.slots) for w in windows], np.int64)
        self.sources: Ints = np.array([e.source for e in examples], np.int64)
        self.teacher: Tensor | None = None
        self.slot_teacher: Tensor | None = None
        self.class_teacher: Tensor | None = None
        self._taught = torch.zeros(len(examples), dtype=torch.bool, device=device)
        heads = max(len(e.classes) for e in examples)
        self._classes = self._tensor([e.classes or (NOT_ASKED,) * heads for e in examples]).reshape(len(examples), heads)
        self._bounds, self._slot_bounds = self._tensor(_bounds(self.lengths)), self._tensor(_bounds(self.slot_counts))
        self._ids = self._tensor(np.concatenate([w.ids for w in windows]))
        self._types = self._tensor(np.concatenate([w.types for w in windows]))
        self._passage = self._tensor([(w.passage_at, w.passage_at + len(w.passage)) for w in windows])
        self._answer = self._tensor([e.answer for e in examples])
        # One row more than there are slots: an index past the end has somewhere to point.
        self._slots = self._tensor([*(slot[1:] for w in windows for slot in w.slots), (0, 1)])
        self._labels = self._tensor([*(label for e in examples for label in e.labels), 0])

    def __len__(self) -> int:
        return len(self.lengths)

    def batches(self, plan: Plan, first: int = 0) -> Iterator[Batch]:
        """Yield the batches of a plan, from number `first` on."""
        order = self._tensor(plan.order)
        for n in range(first, len(plan)):
            cut = slice(plan.cuts[n], plan.cuts[n + 1])
            yield self._batch(order[cut], *self._shape(plan.order[cut]))

    def pick(self, numbers: Ints) -> Batch:
        """Return the batch of some examples, at least one."""
        return self._batch(self._tensor(numbers), *self._shape(numbers))

    def expect_teacher(self, numbers: Ints, labels: int) -> list[Tensor]:
        """Make room for a teacher's logits of some examples, 0 until they are kept; return what will hold them, all in fp16.

        Args:
            numbers: Those of the examples, of every one of which `keep_teacher` is told, in one process or another, before any batch is
                trained on.
            labels: Of all heads for questions together, of which the teacher says something.
        """
        self.teacher = torch.zeros((len(self._ids), 2), dtype=torch.float16, device=self.device)
        self.slot_teacher = torch.zeros(len(self._labels), dtype=torch.float16, device=self.device)
        self.class_teacher = torch.zeros((len(self), labels), dtype=torch.float16, device=self.device)
        self._taught[self._tensor(numbers)] = True
        return [self.teacher, self.slot_teacher, self.class_teacher]

    def keep_teacher(self, batch: Batch, numbers: Ints, spans: Tensor, slots: Tensor, classes: Tensor) -> None:
        """Keep a teacher's logits of a batch, in fp16, where `expect_teacher` made room, for every batch that is built from now on.

        Args:
            batch: What the teacher read.
            numbers: Those of its examples.
            spans: Start and end logits. *Shape:* (batch, length, 2).
            slots: Logits of the slots. *Shape:* (batch, slots).
            classes: Logits of the labels of all heads for questions. *Shape:* (batch, labels).
        """
        assert self.teacher is not None and self.slot_teacher is not None and self.class_teacher is not None
        rows = self._tensor(numbers)
        self.class_teacher[rows] = classes.clamp(-1e4, 1e4).half()
        _put(self.teacher, self._bounds[rows], batch.real, spans)
        _put(self.slot_teacher, self._slot_bounds[rows], batch.slot_real, slots)

    def _shape(self, numbers: Ints) -> tuple[int, int]:
        """Return how many positions and how many slots a batch of some examples has."""
        return -(-int(self.lengths[numbers].max()) // _MULTIPLE) * _MULTIPLE, int(self.slot_counts[numbers].max())

    def _batch(self, numbers: Tensor, width: int, slots: int) -> Batch:
        position = torch.arange(width, device=self.device)
        first, last = self._bounds[numbers], self._bounds[numbers + 1]
        at = (first[:, None] + position).clamp_(max=len(self._ids) - 1)
        real = position < (last - first)[:, None]
        passage = self._passage[numbers]
        first_slot, last_slot = self._slot_bounds[numbers], self._slot_bounds[numbers + 1]
        slot_at = first_slot[:, None] + torch.arange(slots, device=self.device)
        slot_real = slot_at < last_slot[:, None]
        slot_at.clamp_(max=len(self._slots) - 1)
        return Batch(
            ids=self._ids[at].long().masked_fill(~real, self.padding),
            types=self._types[at].long() * real,
            real=real,
            passage=(position >= passage[:, :1]) & (position < passage[:, 1:]),
            answer=self._answer[numbers],
            # A slot that is none is the first token, so that whatever is computed of it is finite.
            slots=torch.where(slot_real[..., None], self._slots[slot_at], self._slots[-1]),
            labels=self._labels[slot_at] * slot_real,
            slot_real=slot_real,
            classes=self._classes[numbers],
            taught=self._taught[numbers],
            teacher=None if self.teacher is None else self.teacher[at],
            slot_teacher=None if self.slot_teacher is None else self.slot_teacher[slot_at],
            class_teacher=None if self.class_teacher is None else self.class_teacher[numbers],
        )

    def _tensor(self, values: object) -> Tensor:
        return torch.as_tensor(np.asarray(values), device=self.device)


def _put(kept: Tensor, first: Tensor, real: Tensor, values: Tensor) -> None:
    at = first[:, None] + torch.arange(real.shape[1], device=real.device)
    # Logits beyond fp16's range would come back infinite.
    kept[at[real]] = values[real].clamp(-1e4, 1e4).half()


def _bounds(counts: Ints) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
