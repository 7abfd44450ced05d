"""One training loop, for a laptop's CPU and for a GPU."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeVar

import torch
from torch import Tensor, nn
from tqdm import tqdm

from qa.errors import ModelError
from qa.reader_model import autocast
from qa.training.data import Ints, Plan, shuffled
from qa.training.processes import Processes
from qa.training.schedule import LoopOptions, groups, rate_share

Weights = dict[str, Tensor]


class AnyBatch(Protocol):
    """Padded examples on the device; `ids`, `types` and `real` are what a model is given, all of shape (batch, length)."""

    @property
    def ids(self) -> Tensor: ...  # noqa: D102
    @property
    def types(self) -> Tensor: ...  # noqa: D102
    @property
    def real(self) -> Tensor: ...  # noqa: D102

    def split(self, parts: int) -> Iterator[Self]:
        """Yield at most `parts` batches that together are this one."""
        ...


Model = TypeVar("Model", bound=nn.Module)
BatchT = TypeVar("BatchT", bound=AnyBatch)
Built = TypeVar("Built", bound=AnyBatch, covariant=True)


class AnyStore(Protocol[Built]):
    """Examples from which batches are built; a plan and a number say all that is in a batch, chance included."""

    @property
    def device(self) -> torch.device: ...  # noqa: D102
    @property
    def lengths(self) -> Ints: ...  # noqa: D102

    def __len__(self) -> int: ...

    def batches(self, plan: Plan, first: int = 0) -> Iterator[Built]:
        """Yield the batches of a plan, from number `first` on."""
        ...


CHECKPOINT = "checkpoint.pt"
METRICS = "metrics.jsonl"


@dataclass(frozen=True, slots=True)
class Result:
    """The best weights, on the CPU in fp32, the metrics that chose them, and what they took.

    Of several processes only the first has weights and metrics.
    """

    weights: Weights
    metrics: dict[str, Any]
    steps: int
    seconds: float


def train(
    model: Model,
    store: AnyStore[BatchT],
    loss: Callable[[Any, BatchT], Tensor],
    evaluate: Callable[[Model], dict[str, Any]],
    options: LoopOptions,
    directory: Path,
    resume: bool = False,
    processes: Processes | None = None,
) -> Result:
    """Train a model in place; return the best of the weights that were evaluated, after every epoch and at the end.

    The model is called with a batch's `ids`, `types` and `real`, and `loss` with what it returns and the batch: the sum over its
    examples. `evaluate` returns metrics, of which `score` is to be high; with several processes only the first is asked.

    Metrics go to `directory/metrics.jsonl`, a line each. The checkpoint is written whole or not at all, and a run resumed from it
    ends in the same weights as one never interrupted (`seconds` aside, which no two runs spend alike). It is there until
    `remove_checkpoint`, so that nothing is lost before the result is written.
    Where the device's memory runs out, batches are computed in twice as many parts from then on.

    Raises:
        ModelError: The loss is no longer finite, the checkpoint to resume from is missing or damaged, or not even one example fits
            the device's memory.
    """
    run = _Run(model, store, loss, evaluate, options, directory, processes or Processes())
    if resume:
        run.restore()
    elif run.processes.first:
        (directory / METRICS).unlink(missing_ok=True)
    run.go()
    return Result(run.best, run.best_metrics, run.step, run.elapsed())


def remove_checkpoint(directory: Path) -> None:
    """Remove the checkpoint of a run whose result is written."""
    (directory / CHECKPOINT).unlink(missing_ok=True)


class _Run(Generic[Model, BatchT]):
    """The state of a run; all of it is in its checkpoint."""

    def __init__(
        self,
        model: Model,
        store: AnyStore[BatchT],
        loss: Callable[[Any, BatchT], Tensor],
        evaluate: Callable[[Model], dict[str, Any]],
        options: LoopOptions,
        directory: Path,
        processes: Processes,
    ) -> None:
        self.model, self.store, self.loss, self.evaluate = model, store, loss, evaluate
        self.options, self.directory, self.processes = options, directory, processes
        self.parameters: list[Tensor] = [p for p in model.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(list(groups(model, options)), lr=options.rate, fused=True)
        self.average = [p.detach().clone() for p in self.parameters] if options.ema else []
        self.forward = torch.compile(model, dynamic=True) if options.compile else model
        self.parts = max(1, options.accumulate)
        self.step = self.epoch = self.batch = 0
        self.best, self.best_metrics = dict[str, Tensor](), dict[str, Any]()
        self.spent, self.started, self.slowest_evaluation = 0.0, options.clock(), 0.0
        epoch_steps = -(-len(store) // options.batch)
        self.total = min(math.ceil(options.epochs * epoch_steps), options.max_steps or 10**12)
        # Each process drops out units of its own; a single one, those of the seed.
        torch.manual_seed(options.seed + (processes.rank << 32))

    def elapsed(self) -> float:
        return self.spent + self.options.clock() - self.started

    def progress(self) -> float:
        """Return how much of the run lies behind, 0 to 1, by whichever of steps and time is nearer its end."""
        share = self.step / max(1, self.total)
        if self.options.seconds is not None:
            # The last evaluation is part of the budget.
            share = max(share, self.elapsed() / max(1e-9, self.options.seconds - self.slowest_evaluation))
        return self.processes.agree(min(1.0, share))

    def go(self) -> None:
        shape = "{l_bar}{bar}| {elapsed}<{remaining}{postfix}"
        progress = self.progress()
        with tqdm(total=100.0, initial=100 * progress, bar_format=shape, desc="train", disable=not self.processes.first) as bar:
            while progress < 1:
                plan = shuffled(self.store.lengths, self.options.batch, self.options.seed, self.epoch)
                self._pass(plan, bar)
                if self.batch == len(plan):
                    self.epoch, self.batch = self.epoch + 1, 0
                if self.processes.first:
                    self._evaluate()
                progress = self.progress()
                if self.options.checkpoint_steps and progress < 1:
                    self.save()

    def _pass(self, plan: Plan, bar: tqdm[Any]) -> None:
        """Train to the end of the epoch or of the run."""
        self.model.train()
        sums, counted = torch.zeros((), device=self.store.device), 0
        for batch in self.store.batches(plan, self.batch):
            progress = self.progress()
            if progress >= 1:
                return
            sums, counted = sums + self._step(batch, progress), counted + 1
            self.step, self.batch = self.step + 1, self.batch + 1
            if counted == self.options.log_steps or self.batch == len(plan):
                self._log(sums.item() / counted, progress, bar)
                sums, counted = torch.zeros_like(sums), 0
            # At the end of an epoch the evaluation comes first, and a checkpoint of its own after it.
            if self.options.checkpoint_steps and self.step % self.options.checkpoint_steps == 0 and self.batch < len(plan):
                self.save()

    def _step(self, batch: BatchT, progress: float) -> Tensor:
        options, share = self.options, self.processes.share(batch)
        total = torch.zeros((), device=self.store.device) if share is None else self._gradients(share, len(batch.ids))
        for parameter in self.parameters:
            if parameter.grad is None:  # a head that this share had no use for: its decay and momentum go on, as in every process
                parameter.grad = torch.zeros_like(parameter)
        self.processes.sum_up([*(p.grad for p in self.parameters if p.grad is not None), total])
        torch.nn.utils.clip_grad_norm_(self.parameters, options.clip)
        for group in self.optimiser.param_groups:
            # The first step is one of the warm-up, not one of rate 0.
            group["lr"] = group["highest"] * rate_share(max(progress, 1 / max(1, self.total)), options.warm_up)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        if self.average:
            decay = min(options.ema, (1 + self.step) / (10 + self.step))
            with torch.no_grad():
                torch._foreach_lerp_(self.average, self.parameters, 1 - decay)
        return total

    def _gradients(self, batch: BatchT, whole: int) -> Tensor:
        """Add up the gradients of a batch's share in the mean loss over `whole` examples; return that share."""
        while True:
            total = torch.zeros((), device=self.store.device)
            try:
                for part in batch.split(self.parts):
                    total += self._part(part, whole)
                return total
            except torch.OutOfMemoryError as error:
                if self.parts >= len(batch.ids):
                    raise ModelError(f"one example of {batch.ids.shape[1]} tokens does not fit the device's memory") from error
            self.optimiser.zero_grad(set_to_none=True)
            self.parts *= 2

    def _part(self, part: BatchT, whole: int) -> Tensor:
        # A function of its own: what it holds is let go before a smaller part is tried.
        with autocast(self.store.device):
            found = self.forward(part.ids, part.types, part.real)
        loss = self.loss(found, part) / whole
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    def _log(self, loss: float, progress: float, bar: tqdm[Any]) -> None:
        if not math.isfinite(loss):
            raise ModelError(f"the loss is {loss} at step {self.step}; expected a finite one: try a lower rate")
        if not self.processes.first:
            return
        self._write({"loss": loss, "rate": self.optimiser.param_groups[0]["lr"]})
        bar.update(100 * progress - bar.n)
        bar.set_postfix(step=self.step, loss=f"{loss:.3f}")

    def _evaluate(self) -> None:
        started = self.options.clock()
        with self._averaged():
            self.model.eval()
            metrics = self.evaluate(self.model)
            if not self.best or metrics["score"] >= self.best_metrics["score"]:
                self.best = {name: t.detach().float().cpu().clone() for name, t in self.model.state_dict().items()}
                self.best_metrics = metrics | {"step": self.step}
        self._write(metrics)
        self.slowest_evaluation = max(self.slowest_evaluation, self.options.clock() - started)

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        """Give the model its averaged weights, where there are any, for the time of an evaluation."""
        kept = [p.detach().clone() for p in self.parameters] if self.average else []
        with torch.no_grad():
            for parameter, value in zip(self.parameters, self.average, strict=False):
                parameter.copy_(value)
            yield
            for parameter, value in zip(self.parameters, kept, strict=False):
                parameter.copy_(value)

    def _write(self, metrics: dict[str, Any]) -> None:
        line = {"step": self.step, "epoch": self.epoch, "seconds": round(self.elapsed(), 1)} | metrics
        with (self.directory / METRICS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def save(self) -> None:
        """Write the checkpoint beside its place and move it there."""
        device_random = torch.cuda.get_rng_state(self.store.device) if self.store.device.type == "cuda" else None
        random = self.processes.gather((torch.get_rng_state(), device_random))
        if not self.processes.first:
            return
        state = {name: getattr(self, name) for name in ("step", "epoch", "batch", "best", "best_metrics", "average")}
        state |= {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict(), "spent": self.elapsed()}
        state["of"] = self._of()
        state |= {"random": random, "slowest_evaluation": self.slowest_evaluation, "parts": self.parts}
        partial = self.directory / (CHECKPOINT + ".partial")
        torch.save(state, partial)
        os.replace(partial, self.directory / CHECKPOINT)

    def restore(self) -> None:
        """Take up the run of the checkpoint, and drop the metrics that were written after it."""
        path = self.directory / CHECKPOINT
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
            self.model.load_state_dict(state["model"])
            self.optimiser.load_state_dict(state["optimiser"])
        except FileNotFoundError as error:
            raise ModelError(f"{path}: the file is missing; expected the checkpoint to resume from") from error
        except Exception as error:  # torch.load raises half a dozen unrelated types for a damaged file
            raise ModelError(f"{path}: not a checkpoint of this run ({error})") from error
        for name, own in self._of().items():
            if state["of"].get(name) != own:
                raise ModelError(f"{path}: {name} was {state['of'].get(name)}, and is {own}; expected the run to go on as it began")
        for name in ("step", "epoch", "batch", "best", "best_metrics", "spent", "slowest_evaluation", "parts"):
            setattr(self, name, state[name])
        self.average = [value.to(self.store.device) for value in state["average"]]
        if len(state["random"]) != self.processes.size:
            raise ModelError(f"{path}: a run of {len(state['random'])} processes; expected as many as the {self.processes.size} here")
        random, device_random = state["random"][self.processes.rank]
        torch.set_rng_state(random)
        if device_random is not None:
            torch.cuda.set_rng_state(device_random, self.store.device)
        if not self.processes.first:
            return
        metrics = self.directory / METRICS
        lines = metrics.read_text(encoding="utf-8").splitlines(keepends=True) if metrics.is_file() else []
        kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= self.step]
        metrics.write_text("".join(kept), encoding="utf-8")

    def _of(self) -> dict[str, Any]:
        """Return what decides which examples are in which batch, and what a checkpoint must hold."""
        options = self.options
        whole = {"batch": options.batch, "seed": options.seed, "ema": options.ema, "rate": options.rate, "head_rate": options.head_rate}
        return whole | {"examples": len(self.store), "tokens": int(self.store.lengths.sum())} | dict(options.also)
