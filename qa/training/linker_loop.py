"""The training loop of the linker's encoder: names and labelled text in turn, in one step."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from tqdm import tqdm

from qa.errors import DatasetError, ModelError
from qa.name_encoder import NameModel, Tokens
from qa.reader_model import autocast
from qa.tagging import WINDOW
from qa.training.contrast import Pairs, PairSampler, contrastive_loss
from qa.training.schedule import rate_share
from qa.training.tags import TagSampler, tag_loss

LONGEST = 30  # tokens of a name in training, the two special ones not counted
_DECAY, _CLIP = 0.01, 1.0
_LOG_STEPS = 50
_PADDED_TOKENS = {"cpu": 2_048, "cuda": 12_288}  # of names that are computed together: less padding, at the price of more calls

Rows = list[npt.NDArray[np.int32]]
T = TypeVar("T")


class Rates(NamedTuple):
    """How fast to learn, and what the loss is made of: see `LinkerTraining`."""

    rate: float
    head_rate: float
    warm_up: float
    temperature: float
    tag_weight: float


class WordedPairs:
    """Batches of pairs of names, tokenised: the rows of left, right and other, one after the other."""

    def __init__(self, sampler: PairSampler, tokens: Tokens, batch: int) -> None:
        self.sampler, self.tokens, self.batch = sampler, tokens, batch
        if not sampler.drawable:
            raise DatasetError("no entity has two names; expected names that mean the same")

    @property
    def epoch_steps(self) -> int:
        """Steps of a pass."""
        return math.ceil(len(self.sampler.epoch()) / self.batch)

    def __iter__(self) -> Iterator[tuple[Pairs, Rows]]:
        for pairs in self.sampler.batches(self.batch):
            texts = pairs.left + pairs.right + pairs.other
            yield pairs, [piece.ids[:LONGEST] for piece in self.tokens.pieces(texts)]


class TagBatches:
    """Batches of labelled text, padded: ids, which are real, labels and the labels not known; all on the CPU."""

    def __init__(self, sampler: TagSampler, tokens: Tokens, batch: int) -> None:
        self.sampler, self.tokens, self.batch = sampler, tokens, batch

    @property
    def epoch_steps(self) -> int:
        """Steps in which as many tokens are seen as the documents hold."""
        return math.ceil(sum(len(document.ids) for document in self.sampler.documents) / (self.batch * WINDOW))

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor | None, Tensor, Tensor]]:
        for rows, labels, unknown in self.sampler.batches(self.batch):
            ids, real = self.tokens.batch(rows, torch.device("cpu"))
            yield ids, real, torch.from_numpy(labels), torch.from_numpy(unknown)


class LinkerLoop:
    """Trains a model on names, on tags, or on both at once."""

    def __init__(self, model: NameModel, names: WordedPairs | None, tags: TagBatches | None, rates: Rates) -> None:
        if names is None and tags is None:
            raise DatasetError("there is nothing to train on; expected names of entities or an annotated corpus")
        self.model, self.names, self.tags, self.rates = model, names, tags, rates
        self.device = next(model.parameters()).device
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        groups = []
        for part, rate in ((model.encoder, rates.rate), (model.tag, rates.head_rate)):
            for wide in (True, False):
                chosen = [] if part is None else [p for p in part.parameters() if (p.ndim > 1) is wide]
                if chosen:
                    groups.append({"params": chosen, "weight_decay": _DECAY * wide, "lr": rate, "highest": rate})
        self.optimiser = torch.optim.AdamW(groups, fused=True)

    def run(self, epochs: float, max_steps: int | None = None, seconds: float | None = None) -> list[dict[str, float]]:
        """Train; return the losses every so many steps.

        Raises:
            ModelError: A loss is no longer finite.
        """
        source = self.names or self.tags
        assert source is not None
        total = max(1, min(math.ceil(epochs * source.epoch_steps), max_steps or 10**12))
        names = None if self.names is None else _ahead(iter(self.names))
        tags = None if self.tags is None else _ahead(iter(self.tags))
        started, curve, step = time.monotonic(), list[dict[str, float]](), 0
        sums, counted = torch.zeros(2, device=self.device), 0
        self.model.train()
        with tqdm(total=100.0, bar_format="{l_bar}{bar}| {elapsed}<{remaining}{postfix}", desc="train", file=sys.stderr) as bar:
            while (progress := self._progress(step, total, started, seconds)) < 1:
                sums += self._step(None if names is None else next(names), None if tags is None else next(tags), max(progress, 1 / total))
                step, counted = step + 1, counted + 1
                if counted == _LOG_STEPS or step == total:
                    curve.append(_point(step, sums / counted, time.monotonic() - started))
                    sums, counted = torch.zeros_like(sums), 0
                    bar.update(100 * progress - bar.n)
                    bar.set_postfix(curve[-1])
        return curve

    def _progress(self, step: int, total: int, started: float, seconds: float | None) -> float:
        spent = 0.0 if seconds is None else (time.monotonic() - started) / max(1e-9, seconds)
        return max(step / total, spent)

    def _step(self, names: tuple[Pairs, Rows] | None, tags: tuple[Tensor, Tensor | None, Tensor, Tensor] | None, progress: float) -> Tensor:
        losses = torch.zeros(2, device=self.device)
        if names is not None:
            losses[0] = self._learn(self._name_loss(*names))
        if tags is not None:
            losses[1] = self._learn(self.rates.tag_weight * self._tag_loss(*tags))
        torch.nn.utils.clip_grad_norm_(self.parameters, _CLIP)
        for group in self.optimiser.param_groups:
            group["lr"] = group["highest"] * rate_share(progress, self.rates.warm_up)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        return losses

    def _learn(self, loss: Tensor) -> Tensor:
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    def _name_loss(self, pairs: Pairs, rows: Rows) -> Tensor:
        with autocast(self.device):
            left, right, other = self._embed(rows).float().chunk(3)
        return contrastive_loss(left, right, other, pairs, self.rates.temperature)

    def _embed(self, rows: Rows) -> Tensor:
        assert self.names is not None
        room = _PADDED_TOKENS.get(self.device.type, _PADDED_TOKENS["cuda"])
        order = sorted(range(len(rows)), key=lambda n: -len(rows[n]))
        parts, first = [], 0
        while first < len(order):
            last = first + max(1, room // (len(rows[order[first]]) + 2))
            parts.append(self.model.embed(*self.names.tokens.batch([rows[n] for n in order[first:last]], self.device)))
            first = last
        places = torch.from_numpy(np.argsort(order)).to(self.device)
        return torch.cat(parts)[places]

    def _tag_loss(self, ids: Tensor, real: Tensor | None, labels: Tensor, unknown: Tensor) -> Tensor:
        ids, labels, unknown = (t.to(self.device) for t in (ids, labels, unknown))
        with autocast(self.device):
            logits = self.model.tags(ids, None if real is None else real.to(self.device))
        return tag_loss(logits[:, 1 : 1 + labels.shape[1]], labels, unknown)


def _point(step: int, losses: Tensor, seconds: float) -> dict[str, float]:
    names, tags = losses.tolist()
    if not math.isfinite(names + tags):
        raise ModelError(f"the loss is {names + tags} at step {step}; expected a finite one: try a lower rate")
    return {"step": step, "names": round(names, 4), "tags": round(tags, 4), "seconds": round(seconds, 1)}


def _ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield what an endless iterator yields, prepared by another thread while the last is used."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, items)
        while True:
            found = waiting.result()
            waiting = pool.submit(next, items)
            yield found
