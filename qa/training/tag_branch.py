"""Layers of their own for the tags: a branch upon the first layers of the linker's encoder, which stay as they are.

What the shared layers say of a stretch of text never changes. It is computed once and kept in half precision, so that a step runs
the branch alone.
"""

from __future__ import annotations

import copy
import math
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from tqdm import tqdm

from qa.errors import DatasetError, ModelError
from qa.name_encoder import NameEncoder, NameModel, Tokens
from qa.reader_model import autocast
from qa.tagging import LABELS, windows
from qa.training.schedule import rate_share
from qa.training.tags import IGNORED, Labelled, tag_loss

_CLIP = 1.0
_AT_ONCE = 16  # stretches whose shared states are computed together
_SORTED = 8  # batches that are drawn together, so that stretches of like length share one

Evaluate = Callable[[], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A window of a document, as the branch reads it.

    Attributes:
        states: What the shared layers say of it, in fp16, special tokens included. *Shape:* (n + 2, width).
        labels: As in `Labelled`. *Shape:* (n,).
        unknown: As in `Labelled`.
    """

    states: Tensor
    labels: npt.NDArray[np.int64]
    unknown: tuple[int, ...]


class Schedule(NamedTuple):
    """How long and how fast to learn: see `TagTraining`."""

    epochs: float
    seconds: float | None
    max_steps: int | None
    batch: int
    rate: float
    head_rate: float
    warm_up: float
    decay: float
    ema: float
    evaluations: int


def with_branch(model: NameModel, shared: int, layers: NameModel, seed: int) -> NameModel:
    """Return a model with the encoder of one and a branch that begins as the last layers of another.

    The head is that of the other where it has one, else new.

    Args:
        model: Whose encoder is kept; none of its parameters will be trained.
        shared: Layers of the encoder that the branch stands upon.
        layers: Whose layers from `shared` on are copied.
        seed: Of a new head.

    Raises:
        ModelError: The encoders have not so many layers, or not the same shape.
    """
    depth, own = model.config.num_hidden_layers, cast(Any, layers.encoder).encoder.layer
    if not 0 <= shared < depth or len(own) != depth or layers.config.hidden_size != model.config.hidden_size:
        raise ModelError(f"a branch upon {shared} layers is asked for; expected two encoders alike, of more layers than that")
    torch.manual_seed(seed)
    found = NameModel(model.encoder, True, shared)
    found.tag_layers = copy.deepcopy(own[shared:])
    assert found.tag is not None
    if layers.tag is not None and layers.shared is None:
        found.tag = copy.deepcopy(layers.tag)
    else:
        torch.nn.init.normal_(found.tag.weight, std=0.02)
        torch.nn.init.zeros_(found.tag.bias)
    found.encoder.requires_grad_(False)
    return found


def stretches(model: NameModel, tokens: Tokens, documents: Sequence[Labelled]) -> list[Stretch]:
    """Cut documents into windows, as they are read when they are tagged, and compute what the shared layers say of them."""
    cuts = [(document, first, last) for document in documents for first, last, _, _ in windows(len(document.ids)) if last > first]
    order = sorted(range(len(cuts)), key=lambda n: cuts[n][2] - cuts[n][1])
    found: dict[int, Stretch] = {}
    device = next(model.parameters()).device
    model.eval()
    for at in tqdm(range(0, len(order), _AT_ONCE), desc="shared layers", file=sys.stderr):
        numbers = order[at : at + _AT_ONCE]
        rows = [document.ids[first:last] for document, first, last in (cuts[n] for n in numbers)]
        with torch.inference_mode():
            states = model.shared_states(*tokens.batch(rows, device)).half().cpu()
        for row, n in enumerate(numbers):
            document, first, last = cuts[n]
            found[n] = Stretch(states[row, : last - first + 2].clone(), document.labels[first:last], document.unknown)
    return [found[n] for n in range(len(cuts))]


class RememberingEncoder(NameEncoder):
    """Tags texts again and again while the branch changes: what the shared layers say of them is computed once."""

    def __init__(self, model: NameModel, tokens: Tokens) -> None:
        super().__init__(model, tokens)
        self._kept: dict[bytes, Tensor] = {}

    def _logits(self, ids: Tensor, real: Tensor | None) -> Tensor:
        key = ids.cpu().numpy().tobytes()
        if key not in self._kept:
            self._kept[key] = self.model.shared_states(ids, real)
        return self.model.branch(self._kept[key], real)


class BranchLoop:
    """Trains the branch and the head of a model; the encoder is never touched.

    The weights that are evaluated, and kept, are a moving average of those of the steps.
    """

    def __init__(self, model: NameModel, examples: Sequence[Stretch], schedule: Schedule, seed: int) -> None:
        if not examples:
            raise DatasetError("there is nothing to train on; expected an annotated corpus with a text")
        assert model.tag is not None
        self.model, self.examples, self.schedule = model, examples, schedule
        self.device = next(model.parameters()).device
        self.chance = random.Random(seed)
        self.trained = torch.nn.ModuleList((model.tag_layers, model.tag))
        groups = []
        for part, rate in ((model.tag_layers, schedule.rate), (model.tag, schedule.head_rate)):
            for wide in (True, False):
                chosen = [p for p in part.parameters() if (p.ndim > 1) is wide]
                groups.append({"params": chosen, "weight_decay": schedule.decay * wide, "lr": rate, "highest": rate})
        self.optimiser = torch.optim.AdamW(groups, fused=True)
        self.average = [p.detach().clone() for p in self.trained.parameters()]
        self.best: tuple[float, list[Tensor]] = (float("-inf"), self.average)

    def run(self, evaluate: Evaluate) -> list[dict[str, Any]]:
        """Train, leave the model with the best of the weights that were evaluated, and return the metrics of each evaluation.

        Args:
            evaluate: Returns metrics of the model as it then is, of which `score` is to be high.

        Raises:
            ModelError: A loss is no longer finite.
        """
        schedule = self.schedule
        steps = math.ceil(schedule.epochs * len(self.examples) / schedule.batch)
        total = max(1, min(steps, schedule.max_steps or 10**12))
        batches, curve, losses, spent, step = self._batches(), list[dict[str, Any]](), list[float](), 0.0, 0
        with tqdm(total=total, desc="train", file=sys.stderr) as bar:
            while (progress := max(step / total, 0.0 if schedule.seconds is None else spent / max(1e-9, schedule.seconds))) < 1:
                started = time.monotonic()
                losses.append(self._step(next(batches), max(progress, 1 / total), step))
                step, spent = step + 1, spent + time.monotonic() - started
                bar.update()
                if progress * schedule.evaluations >= len(curve) + 1:
                    curve.append(self._evaluate(evaluate, step, losses))
                    bar.set_postfix(score=curve[-1]["score"], loss=curve[-1]["loss"])
        curve.append(self._evaluate(evaluate, step, losses))
        self._assign(self.best[1])
        self.model.eval()
        return curve

    def _batches(self) -> Iterator[list[Stretch]]:
        size = self.schedule.batch
        while True:
            order = self.chance.sample(range(len(self.examples)), len(self.examples))
            drawn = []
            for at in range(0, len(order), size * _SORTED):
                part = sorted(order[at : at + size * _SORTED], key=lambda n: len(self.examples[n].states))
                drawn += [part[first : first + size] for first in range(0, len(part), size)]
            self.chance.shuffle(drawn)
            for numbers in drawn:
                yield [self.examples[n] for n in numbers]

    def _step(self, batch: Sequence[Stretch], progress: float, step: int) -> float:
        states, real, labels, unknown = (t if t is None else t.to(self.device) for t in _stack(batch))
        assert states is not None
        assert labels is not None
        assert unknown is not None
        self.model.train()
        with autocast(self.device):
            logits = self.model.branch(states.float(), real)
        loss = tag_loss(logits[:, 1:-1], labels, unknown)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.trained.parameters(), _CLIP)
        for group in self.optimiser.param_groups:
            group["lr"] = group["highest"] * rate_share(progress, self.schedule.warm_up)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        decay = min(self.schedule.ema, (1 + step) / (10 + step))  # a young average forgets faster
        with torch.no_grad():
            for value, parameter in zip(self.average, self.trained.parameters(), strict=True):
                value.lerp_(parameter, 1 - decay)
        return float(loss.detach())

    def _evaluate(self, evaluate: Evaluate, step: int, losses: list[float]) -> dict[str, Any]:
        loss = sum(losses) / max(1, len(losses))
        losses.clear()
        if not math.isfinite(loss):
            raise ModelError(f"the loss is {loss} at step {step}; expected a finite one: try a lower rate")
        with self._averaged():
            metrics = evaluate()
        if metrics["score"] > self.best[0]:
            self.best = metrics["score"], [value.clone() for value in self.average]
        return {"step": step, "loss": round(loss, 4)} | metrics

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        kept = [p.detach().clone() for p in self.trained.parameters()]
        self._assign(self.average)
        self.model.eval()
        yield
        self._assign(kept)

    def _assign(self, values: Sequence[Tensor]) -> None:
        with torch.no_grad():
            for parameter, value in zip(self.trained.parameters(), values, strict=True):
                parameter.copy_(value)


def _stack(batch: Sequence[Stretch]) -> tuple[Tensor, Tensor | None, Tensor, Tensor]:
    """Pad stretches to the longest: states, which tokens are real (None where all are), labels and the labels not known."""
    lengths = [len(example.states) for example in batch]
    length, width = max(lengths), batch[0].states.shape[1]
    states = torch.zeros(len(batch), length, width, dtype=torch.float16)
    labels = np.full((len(batch), length - 2), IGNORED)
    unknown = np.zeros((len(batch), len(LABELS)), bool)
    for row, example in enumerate(batch):
        states[row, : lengths[row]] = example.states
        labels[row, : lengths[row] - 2] = example.labels
        unknown[row, list(example.unknown)] = True
    real = None if min(lengths) == length else torch.arange(length) < torch.tensor(lengths)[:, None]
    return states, real, torch.from_numpy(labels), torch.from_numpy(unknown)
