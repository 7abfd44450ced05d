"""What stands between many callers and one reader: results that are kept, and callers that are read together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from threading import Condition, Lock
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from cachetools import LRUCache

from qa.errors import ModelError
from qa.reader import PassageReader, Reader, ReadingTask, Span

Item = TypeVar("Item", bound=Hashable)
Result = TypeVar("Result")
Pair = tuple[str, str]
"""A question and a passage."""

WAIT = 0.003
"""Seconds for which the first caller of a batch waits for others: little beside the tens of milliseconds that reading takes."""


class BothReaders(Reader, PassageReader, Protocol):
    """Reads evidence and passages."""


class CachedReader:
    """Gives a result again where the same task, or the same question and passage, was read before; threads may share one.

    What is kept are the texts and results of the tasks used last, in memory alone. Tasks that are not kept are read in one call, each of
    several equal ones once. A passage's span is that which `extract` gives without further arguments.

    Args:
        reader: Reads what is not kept.
        entries: Most results kept, of tasks and of passages each.
    """

    def __init__(self, reader: BothReaders, entries: int) -> None:
        if entries < 1:
            raise ValueError(f"entries {entries}: expected at least 1")
        self._read = _Kept[ReadingTask, tuple[float, ...]](reader.read, entries)
        self._extract = _Kept[Pair, Span](reader.extract, entries)

    def read(self, tasks: Sequence[ReadingTask]) -> list[tuple[float, ...]]:
        """Return, task by task, the probability of each slot to be an answer, in the order of its slots."""
        return self._read(tasks)

    def extract(self, pairs: Sequence[Pair]) -> list[Span]:
        """Return, for each (question, passage), the best span, or an empty one where the passage does not answer."""
        return self._extract(pairs)


class _Kept(Generic[Item, Result]):
    def __init__(self, work: Callable[[Sequence[Item]], list[Result]], entries: int) -> None:
        self._work, self._lock = work, Lock()
        self._results: LRUCache[Item, Result] = LRUCache(entries)

    def __call__(self, items: Sequence[Item]) -> list[Result]:
        with self._lock:
            found = {item: self._results[item] for item in items if item in self._results}
        missing = [item for item in dict.fromkeys(items) if item not in found]
        if missing:
            found.update(zip(missing, self._work(missing), strict=True))
            with self._lock:
                self._results.update((item, found[item]) for item in missing)
        return [found[item] for item in items]


class BatchingReader:
    """Reads what several threads ask for at nearly the same time in one batch.

    The first caller waits for others and then reads for all of them, in its own thread; whoever comes while a batch is read belongs to
    the next one. A batch that is full is read at once, beside the one that is being read, so that a caller waits for no more than one
    running batch and its own. An exception goes to the callers of its batch. `close`, or the end of a `with` block, refuses further
    calls and waits for those that run.

    Args:
        reader: Is called from several threads, though seldom at once.
        most: Tasks of a full batch; more come together only where one caller brings more.
        wait: Seconds for which the first caller waits for others.
    """

    def __init__(self, reader: BothReaders, most: int, wait: float = WAIT) -> None:
        if most < 1:
            raise ValueError(f"most {most}: expected at least 1")
        self._read = _Joined[ReadingTask, tuple[float, ...]](reader.read, most, wait)
        self._extract = _Joined[Pair, Span](reader.extract, most, wait)

    def read(self, tasks: Sequence[ReadingTask]) -> list[tuple[float, ...]]:
        """Return, task by task, the probability of each slot to be an answer; ModelError where the reader is closed."""
        return self._read(tasks)

    def extract(self, pairs: Sequence[Pair]) -> list[Span]:
        """Return, for each (question, passage), the best span, or an empty one; ModelError where the reader is closed."""
        return self._extract(pairs)

    def close(self) -> None:
        """Refuse further calls, read what was asked for and return when all of it was given back."""
        self._read.close()
        self._extract.close()

    def __enter__(self) -> BatchingReader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class _Batch(Generic[Item, Result]):
    """What some callers want read together, and what came of it."""

    def __init__(self, before: _Batch[Item, Result] | None) -> None:
        self.before = before  # that was read last when this one was opened
        self.items: list[Item] = []
        self.full = self.done = False
        self.results: list[Result] = []
        self.error: BaseException | None = None


class _Joined(Generic[Item, Result]):
    def __init__(self, work: Callable[[Sequence[Item]], list[Result]], most: int, wait: float) -> None:
        self._work, self._most, self._wait = work, most, wait
        self._changed = Condition()
        self._open: _Batch[Item, Result] | None = None
        self._last: _Batch[Item, Result] | None = None
        self._callers, self._closed = 0, False

    def __call__(self, items: Sequence[Item]) -> list[Result]:
        with self._changed:
            if self._closed:
                raise ModelError("the reader was closed; expected calls before that only")
            self._callers += 1
        try:
            return self._joined(items)
        finally:
            with self._changed:
                self._callers -= 1
                self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._callers)

    def _joined(self, items: Sequence[Item]) -> list[Result]:
        if not items:
            return []
        with self._changed:
            batch, leads = self._enter(len(items))
            first = len(batch.items)
            batch.items += items
            if len(batch.items) >= self._most:
                self._fill(batch)
            if not leads:
                self._changed.wait_for(lambda: batch.done)
        if leads:
            self._lead(batch)
        if batch.error is not None:
            raise batch.error if leads else _copy(batch.error)
        return batch.results[first : first + len(items)]

    def _enter(self, count: int) -> tuple[_Batch[Item, Result], bool]:
        """Return the batch to join, and whether it is a new one."""
        if self._open is not None and len(self._open.items) + count > self._most:
            self._fill(self._open)
        if self._open is not None:
            return self._open, False
        self._open = _Batch(self._last)
        return self._open, True

    def _fill(self, batch: _Batch[Item, Result]) -> None:
        batch.full = True
        if self._open is batch:
            self._open = None
        self._changed.notify_all()

    def _lead(self, batch: _Batch[Item, Result]) -> None:
        """Wait for others, and while the batch before is read; then read."""
        try:
            with self._changed:
                before, batch.before = batch.before, None
                self._changed.wait_for(lambda: batch.full or self._closed, self._wait)
                self._changed.wait_for(lambda: batch.full or before is None or before.done)
                self._fill(batch)
                self._last = batch
            batch.results = self._work(batch.items)
            if len(batch.results) != len(batch.items):
                raise ModelError(f"the reader gave {len(batch.results)} results; expected one for each of {len(batch.items)} tasks")
        except Exception as error:
            batch.error = error
        except BaseException:
            batch.error = ModelError("reading was interrupted; expected it to run to its end")
            raise
        finally:
            with self._changed:
                batch.done = True
                self._fill(batch)
                self._last = None if self._last is batch else self._last


def _copy(error: BaseException) -> BaseException:
    """Return a further exception of the same kind and text: one that several threads raise would mix up their tracebacks."""
    try:
        copied = type(error)(*error.args)
    except Exception:  # its constructor wants something else
        return error
    copied.__cause__ = error
    return copied
