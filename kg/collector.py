"""Python's cyclic garbage collector, held off where very many objects are made and none of them is garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Hold the garbage collector off; a decorator as well.

    While a source is read and a snapshot is built, millions of records are made that all stay. The collector goes through them again and
    again and finds nothing, which takes a sixth of the time. What is in no cycle is freed as always.

    >>> with collector_paused():
    ...     gc.isenabled()
    False
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
