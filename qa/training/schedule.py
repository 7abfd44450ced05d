"""How long and how fast a training loop trains what."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """How long and how fast to train.

    Attributes:
        epochs: Passes over the data.
        batch: Examples a step.
        rate: Highest learning rate; it rises linearly over `warm_up` of the run, then falls linearly to 0.
        head_rate: That of what is not the encoder's, where it is to be another: a fresh head learns too slowly at an encoder's rate.
        warm_up: Share of the run, 0 to 1.
        decay: Weight decay of matrices (not of biases and norms).
        clip: Largest norm of the gradient.
        accumulate: Parts that a batch is computed in, one after the other, where memory is short.
        max_steps: Stop, with the schedule scaled to it, after so many steps.
        seconds: Stop, with the schedule scaled to it, after so much time, evaluations included.
        clock: Tells the time in seconds from some beginning.
        ema: Decay of the moving average of the weights, which is then what is evaluated and kept; 0 for none.
        seed: Of dropout and of the order of examples.
        log_steps: Steps between lines of metrics.
        checkpoint_steps: Steps between checkpoints; 0 for none.
        also: What else a run must have begun with to be gone on with, by name.
        compile: Compile the forward pass: minutes at the start, for a faster step.
    """

    epochs: float = 2
    batch: int = 32
    rate: float = 3e-5
    head_rate: float | None = None
    warm_up: float = 0.06
    decay: float = 0.01
    clip: float = 1.0
    accumulate: int = 1
    max_steps: int | None = None
    seconds: float | None = None
    clock: Callable[[], float] = time.monotonic
    ema: float = 0.0
    seed: int = 0
    log_steps: int = 50
    checkpoint_steps: int = 1000
    also: Mapping[str, str | float] = field(default_factory=dict)
    compile: bool = False


def rate_share(progress: float, warm_up: float) -> float:
    """Return the share of the highest rate to train with, when `progress` (0 to 1) of the run lies behind.

    >>> [round(rate_share(p, 0.1), 2) for p in (0.0, 0.05, 0.1, 0.55, 1.0)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    if progress < warm_up:
        return progress / warm_up
    return max(0.0, (1 - progress) / (1 - warm_up)) if warm_up < 1 else 1.0


def groups(model: nn.Module, options: LoopOptions) -> Iterator[dict[str, Any]]:
    """Yield what of a model decays alike and learns at one rate, `highest`, as groups of parameters for an optimiser."""
    for head in (False, True):
        for wide in (True, False):
            named = model.named_parameters()
            found = [p for name, p in named if p.requires_grad and (p.ndim > 1) is wide and name.startswith("encoder.") is not head]
            if found:
                highest = options.head_rate if head and options.head_rate is not None else options.rate
                yield {"params": found, "weight_decay": options.decay * wide, "highest": highest}
