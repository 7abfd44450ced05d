"""What the reader is trained to make small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, kl_div, log_softmax, logsigmoid

from qa.reader_model import Logits
from qa.training.data import Batch

# Not minus infinity: its probability is zero all the same, and zero times it is zero, not NaN.
_NEVER = -1e4

Loss = Callable[[Logits, Batch], Tensor]


class Weights(NamedTuple):
    """How the parts of the loss are mixed.

    Attributes:
        alpha: Share of the cross-entropy against the data; the rest goes to the teacher.
        temperature: Both distributions are softened by it before they are compared.
        slot: Weight of a reading task's loss beside that of a passage.
        slot_alpha: As `alpha`, for the slots of reading tasks; below 1 only with a teacher that has learnt such tasks.
        classes: Weight of what a question asks beside a passage's loss.
        class_alpha: As `alpha`, for what a question asks.
    """

    alpha: float = 1.0
    temperature: float = 2.0
    slot: float = 1.0
    slot_alpha: float = 1.0
    classes: float = 1.0
    class_alpha: float = 1.0


def reader_loss(weights: Weights, classes: Sequence[int] = ()) -> Loss:
    """Return the loss of a mixed batch, summed over its examples (the loop divides by their number).

    Args:
        weights: How its parts are mixed.
        classes: How many labels each head for questions has.
    """

    def loss(logits: Logits, batch: Batch) -> Tensor:
        asked = batch.answer[:, 0] >= 0
        span, slot, kind = span_loss(logits, batch), slot_loss(logits, batch), class_loss(logits, batch, classes)
        if batch.teacher is not None:
            taught = distillation_loss(logits, batch, batch.teacher, weights.temperature)
            span = _mixed(span, taught, weights.alpha, batch.taught)
        if batch.slot_teacher is not None:
            taught = slot_distillation_loss(logits, batch, batch.slot_teacher, weights.temperature)
            slot = _mixed(slot, taught, weights.slot_alpha, batch.taught)
        if batch.class_teacher is not None and batch.class_teacher.shape[1]:  # a teacher with other heads says nothing
            taught = class_distillation_loss(logits, batch, batch.class_teacher, classes, weights.temperature)
            kind = _mixed(kind, taught, weights.class_alpha, batch.taught)
        return (span * asked).sum() + weights.slot * slot.sum() + weights.classes * kind.sum()

    return loss


def _mixed(own: Tensor, taught: Tensor, alpha: float, is_taught: Tensor) -> Tensor:
    return torch.where(is_taught, alpha * own + (1 - alpha) * taught, own)


def span_loss(logits: Logits, batch: Batch) -> Tensor:
    """Return the cross-entropy of start and end, their mean, over the passage and position 0. *Shape:* (batch,)."""
    start, end = (cross_entropy(_candidates(side, batch), batch.answer[:, n].clamp(min=0), reduction="none")
                  for n, side in enumerate((logits.start, logits.end)))  # fmt: skip
    return (start + end) / 2


def distillation_loss(logits: Logits, batch: Batch, teacher: Tensor, temperature: float) -> Tensor:
    """Return T² x KL(teacher || student) at temperature T, the mean of start and end, over passage and position 0.

    The factor keeps gradients of one size whatever the temperature (Hinton, Vinyals, Dean, 2015, "Distilling the knowledge in a
    neural network").

    Args:
        logits: The student's.
        batch: The batch that they are of.
        teacher: Start and end logits. *Shape:* (batch, length, 2).
        temperature: Above 0.

    Returns: *Shape:* (batch,).
    """
    total = logits.start.new_zeros(len(batch.ids))
    for n, side in enumerate((logits.start, logits.end)):
        student = log_softmax(_candidates(side, batch) / temperature, -1)
        wanted = log_softmax(_candidates(teacher[..., n].float(), batch) / temperature, -1)
        total = total + kl_div(student, wanted, reduction="none", log_target=True).sum(-1)
    return total * temperature**2 / 2


def slot_logits(slot: Tensor, slots: Tensor) -> Tensor:
    """Return the mean logit of the tokens of each slot.

    Args:
        slot: Logits of the tokens. *Shape:* (batch, length).
        slots: Half-open ranges of positions. *Shape:* (batch, slots, 2).

    Returns: *Shape:* (batch, slots).
    """
    sums = torch.cat((slot.new_zeros(len(slot), 1), slot.cumsum(1)), 1)
    first, last = slots.unbind(-1)
    return (sums.gather(1, last) - sums.gather(1, first)) / (last - first)


def slot_loss(logits: Logits, batch: Batch) -> Tensor:
    """Return the binary cross-entropy of each example's slots, their mean; 0 where it has none. *Shape:* (batch,)."""
    if not batch.slots.shape[1]:
        return logits.slot.new_zeros(len(batch.ids))
    found = slot_logits(logits.slot, batch.slots)
    return _over_slots(binary_cross_entropy_with_logits(found, batch.labels.float(), reduction="none"), batch)


def slot_distillation_loss(logits: Logits, batch: Batch, teacher: Tensor, temperature: float) -> Tensor:
    """Return T² x KL(teacher || student) at temperature T of each slot being an answer, the mean over an example's slots.

    Args:
        logits: The student's.
        batch: The batch that they are of.
        teacher: Logits of the slots. *Shape:* (batch, slots).
        temperature: Above 0.

    Returns: *Shape:* (batch,).
    """
    if not batch.slots.shape[1]:
        return logits.slot.new_zeros(len(batch.ids))
    student, wanted = slot_logits(logits.slot, batch.slots) / temperature, teacher.float() / temperature
    # Of a slot that answers and of one that does not: log p and log(1 - p).
    yes, no = (kl_div(logsigmoid(sign * student), logsigmoid(sign * wanted), reduction="none", log_target=True) for sign in (1, -1))
    return _over_slots(yes + no, batch) * temperature**2


def class_loss(logits: Logits, batch: Batch, classes: Sequence[int]) -> Tensor:
    """Return the cross-entropy of what the question asks, the mean over the heads that it is asked of. *Shape:* (batch,)."""
    if not batch.classes.shape[1]:  # a model with heads for questions, and no question to learn from
        return torch.zeros(len(batch.ids), device=batch.ids.device)
    heads = [
        cross_entropy(own, batch.classes[:, n].clamp(min=0), reduction="none") for n, own in enumerate(_by_head(logits.classes, classes))
    ]
    return _over_heads(heads, batch)


def class_distillation_loss(logits: Logits, batch: Batch, teacher: Tensor, classes: Sequence[int], temperature: float) -> Tensor:
    """Return T² x KL(teacher || student) at temperature T of what the question asks, the mean over the heads that it is asked of.

    Args:
        logits: The student's.
        batch: The batch that they are of.
        teacher: Logits of the labels of all heads. *Shape:* (batch, labels).
        classes: How many labels each head has.
        temperature: Above 0.

    Returns: *Shape:* (batch,).
    """
    pairs = zip(_by_head(logits.classes, classes), _by_head(teacher.float(), classes), strict=True)
    softened = ((log_softmax(own / temperature, -1), log_softmax(wanted / temperature, -1)) for own, wanted in pairs)
    heads = [kl_div(own, wanted, reduction="none", log_target=True).sum(-1) for own, wanted in softened]
    return _over_heads(heads, batch) * temperature**2


def _by_head(labels: Tensor, classes: Sequence[int]) -> tuple[Tensor, ...]:
    return torch.split(labels, list(classes), 1) if classes else ()


def _over_heads(each: Sequence[Tensor], batch: Batch) -> Tensor:
    """Return the mean over the heads that an example is for, 0 where there is none. *Shape:* (batch,)."""
    if not each:
        return torch.zeros(len(batch.ids), device=batch.ids.device)
    asked = batch.classes >= 0
    return (torch.stack(list(each), 1) * asked).sum(1) / asked.sum(1).clamp(min=1)


def _over_slots(each: Tensor, batch: Batch) -> Tensor:
    """Return the mean over the slots that are any, 0 where there is none. *Shape:* (batch,)."""
    return (each * batch.slot_real).sum(1) / batch.slot_real.sum(1).clamp(min=1)


def _candidates(side: Tensor, batch: Batch) -> Tensor:
    """Keep the logits of the passage and of position 0; a reader never looks at the others."""
    first = torch.arange(side.shape[1], device=side.device) == 0
    return side.masked_fill(~(batch.passage | first), _NEVER)
