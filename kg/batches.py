"""Answers that are asked for one at a time and fetched many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Batches(Generic[T]):
    """Keeps answers by key; a key that is asked for is fetched together with others that were announced.

    Args:
        fetch: Returns the answers to some keys; a key may be missing.
        size: How many keys are fetched at once, at most.
        kept: How many answers are kept, about.

    >>> squares = Batches(lambda keys: {key: len(key) ** 2 for key in keys}, size=10)
    >>> squares.announce(["three", "four"])
    >>> squares.get("three")
    25
    """

    def __init__(self, fetch: Callable[[Sequence[str]], Mapping[str, T]], size: int, kept: int = 65_536) -> None:
        self._fetch = fetch
        self._size = size
        self._kept = kept
        self._answers: dict[str, T | None] = {}
        self._announced: dict[str, None] = {}
        self._lock = Lock()

    def announce(self, keys: Iterable[str]) -> None:
        """Say which keys are likely to be asked for next."""
        with self._lock:
            self._announced.update((key, None) for key in keys if key not in self._answers)
            while len(self._announced) > self._kept:
                del self._announced[next(iter(self._announced))]

    def get(self, key: str) -> T | None:
        """Return the answer to a key, None where there is none; fetched if it is not kept."""
        with self._lock:
            if key in self._answers:
                return self._answers[key]
            self._announced.pop(key, None)
            keys = [key, *(self._announced.popitem()[0] for _ in range(min(self._size - 1, len(self._announced))))]
        found = self._fetch(keys)
        with self._lock:
            if len(self._answers) >= self._kept:
                self._answers.clear()
            self._answers.update((key, found.get(key)) for key in keys)
        return found.get(key)
