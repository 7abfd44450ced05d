"""Times work in fresh processes, with the memory that each one took.

What calls this imports nothing large itself: on Linux a process starts with the peak of the one that started it.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

Job = Callable[..., Callable[[], Any]]
"""Imports what the work needs, and returns the work, which alone is timed. A function of a module, so that a new process finds it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one process took.

    Attributes:
        seconds: For the work, without starting Python and without imports.
        busy: Seconds of processor for it, of all threads: what other programs do at the same time changes it little.
        megabytes: Of memory at the most, for the whole process.
        result: What the work returned.
    """

    seconds: float
    busy: float
    megabytes: float
    result: Any


def in_child(job: Job, *arguments: Any) -> Measured:
    """Do a job in a process of its own."""
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_child, args=(there, job, arguments))
    process.start()
    there.close()
    try:
        measured: Measured = here.recv()
    except EOFError:
        raise SystemExit(f"{job.__name__} failed: see above") from None
    finally:
        process.join()
    return measured


def _child(pipe: Connection, job: Job, arguments: Sequence[Any]) -> None:
    work = job(*arguments)
    started, busy = time.perf_counter(), time.process_time()
    result = work()
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    pipe.send(Measured(seconds, busy, peak_megabytes(), result))


def peak_megabytes() -> float:
    """Return how much memory this process has held at the most."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def in_turns(sides: Mapping[str, Callable[[], Measured]], repeat: int) -> dict[str, list[Measured]]:
    """Let all sides run once, then once more, and so on, so that all meet the same noise."""
    found: dict[str, list[Measured]] = {name: [] for name in sides}
    for _ in range(repeat):
        for name, run in sides.items():
            found[name].append(run())
    return found


def middle(runs: Sequence[Measured]) -> Measured:
    """Return the run whose seconds are the median; of an even number, the quicker of the two in the middle."""
    chosen = statistics.median_low(run.seconds for run in runs)
    return next(run for run in runs if run.seconds == chosen)


def spread(runs: Sequence[Measured]) -> str:
    """Return the least and the most seconds, as text."""
    return f"{min(run.seconds for run in runs):.2f} to {max(run.seconds for run in runs):.2f} s"


def machine() -> str:
    """Return one line about this machine."""
    return f"machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
