"""Tests of results that are kept and of callers that are read together: every caller gets what it would get alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from reader_models import write_reader

from qa.bert import BertReader
from qa.errors import ModelError
from qa.loading import open_pipeline
from qa.reader import ReadingTask, Slot, Span
from qa.runtimes import ReaderChoice
from qa.serving import BatchingReader, CachedReader

LONG = 30.0  # seconds: a bound for what must come at once


def task(number: int) -> ReadingTask:
    evidence = f"gout symptoms: fever {'; joint pain' * (number % 4)}. aspirin treats {number}"
    return ReadingTask(evidence, f"what treats {number}?", (Slot(15, 20), Slot(len(evidence) - 1, len(evidence))))


def pair(number: int) -> tuple[str, str]:
    return f"who is {number}?", f"alice is {number}, " + "bob lives in paris. " * (number % 3)


class FakeReader:
    """Gives what follows from the task alone, and remembers its batches; a task that says so fails."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []
        self.before: Callable[[], object] = lambda: None

    def read(self, tasks: Sequence[ReadingTask]) -> list[tuple[float, ...]]:
        self.batches.append(list(tasks))
        self.before()
        if any(t.question == "fail" for t in tasks):
            raise ModelError("this batch cannot be read")
        return [(*(float(len(t.evidence) + s.start) for s in t.slots), hash(t)) for t in tasks]

    def extract(self, pairs: Sequence[tuple[str, str]]) -> list[Span]:
        self.batches.append(list(pairs))
        return [Span(0, len(p), p, float(hash(q))) for q, p in pairs]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> BertReader:
    return BertReader.load(write_reader(tmp_path_factory.mktemp("reader")), "cpu", "fp32")


def in_threads(count: int, call: Callable[[int], Any]) -> list[Any]:
    """Call with 0, 1, ... from so many threads that begin together."""
    barrier = Barrier(count)

    def begin(number: int) -> Any:
        barrier.wait(LONG)
        return call(number)

    with ThreadPoolExecutor(count) as pool:
        return [future.result(LONG) for future in [pool.submit(begin, n) for n in range(count)]]


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do."""
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_a_result_is_given_again_without_reading() -> None:
    reader = FakeReader()
    cached = CachedReader(reader, 10)
    expected = FakeReader().read([task(1), task(2), task(1)])
    assert cached.read([task(1), task(2), task(1)]) == expected
    assert cached.read([task(2), task(1), task(3)]) == [expected[1], expected[0], *FakeReader().read([task(3)])]
    assert reader.batches == [[task(1), task(2)], [task(3)]]
    assert cached.extract([pair(1), pair(1)]) == FakeReader().extract([pair(1)]) * 2
    assert cached.extract([]) == cached.read([]) == []
    assert len(reader.batches) == 3


def test_another_question_evidence_or_slot_is_another_task() -> None:
    reader = FakeReader()
    cached = CachedReader(reader, 10)
    tasks = [
        ReadingTask("ab", "c", (Slot(0, 1),)),
        ReadingTask("ab", "c", (Slot(0, 2),)),
        ReadingTask("abc", "c", ()),
        ReadingTask("ab", "d", ()),
    ]
    assert cached.read(tasks) == [cached.read([t])[0] for t in tasks] == FakeReader().read(tasks)
    assert reader.batches == [tasks]


def test_what_was_used_last_is_kept_and_no_more_than_asked_for() -> None:
    reader = FakeReader()
    cached = CachedReader(reader, 2)
    cached.read([task(1)])
    cached.read([task(2)])
    cached.read([task(1)])
    cached.read([task(3)])  # puts out 2
    cached.read([task(1)])
    cached.read([task(2)])
    assert reader.batches == [[task(1)], [task(2)], [task(3)], [task(2)]]
    many = [task(n) for n in range(20)]
    assert cached.read(many) == FakeReader().read(many)
    with pytest.raises(ValueError, match="entries 0: expected at least 1"):
        CachedReader(reader, 0)


def test_a_failure_is_not_kept() -> None:
    reader = FakeReader()
    cached = CachedReader(reader, 2)
    bad = ReadingTask("x", "fail", ())
    for _ in range(2):
        with pytest.raises(ModelError, match="this batch cannot be read"):
            cached.read([task(1), bad])
    assert cached.read([task(1)]) == FakeReader().read([task(1)])
    assert len(reader.batches) == 3


def test_threads_that_share_a_cache_get_what_they_would_alone(bert: BertReader) -> None:
    cached = CachedReader(bert, 3)  # fewer than the tasks: some are put out and read again
    alone = [bert.read([task(n)])[0] for n in range(8)]

    def ask(number: int) -> list[tuple[int, tuple[float, ...]]]:
        order = [(number * 5 + step * 3) % 8 for step in range(10)]
        return [(n, cached.read([task(n)])[0]) for n in order]

    for found in in_threads(8, ask):
        for n, result in found:
            assert result == pytest.approx(alone[n], abs=1e-6)


@pytest.mark.parametrize("most", [1, 3, 16, 100])
def test_every_caller_gets_its_own_results(most: int) -> None:
    reader = FakeReader()

    def ask(number: int) -> list[bool]:
        right = []
        for step in range(20):
            tasks = [task(100 * number + 10 * step + n) for n in range(step % 4)]
            right.append(together.read(tasks) == FakeReader().read(tasks))
            pairs = [pair(100 * number + step)] * (step % 2)
            right.append(together.extract(pairs) == FakeReader().extract(pairs))
        return right

    with BatchingReader(reader, most, 0.001) as together:
        assert all(all(right) for right in in_threads(16, ask))
    assert sum(map(len, reader.batches)) == 16 * (20 // 4 * (0 + 1 + 2 + 3) + 10)
    assert max(map(len, reader.batches)) <= max(most, 3)


def test_bert_reads_together_what_it_reads_alone(bert: BertReader) -> None:
    with BatchingReader(bert, 8, 0.05) as together:
        found = in_threads(12, lambda n: (together.read([task(n), task(n + 50)]), together.extract([pair(n)])))
    for n, (probabilities, (span,)) in enumerate(found):
        for got, expected in zip(probabilities, bert.read([task(n), task(n + 50)]), strict=True):
            assert got == pytest.approx(expected, abs=1e-5)
        (alone,) = bert.extract([pair(n)])
        assert (span.start, span.end, span.text) == (alone.start, alone.end, alone.text)
        assert span.score == pytest.approx(alone.score, abs=1e-4)


def test_callers_that_come_together_are_read_in_one_batch() -> None:
    reader = FakeReader()
    with BatchingReader(reader, 4, LONG) as together:  # the fourth fills the batch, long before the wait is over
        found = in_threads(4, lambda n: together.read([task(n)]))
    assert found == [FakeReader().read([task(n)]) for n in range(4)]
    assert [sorted(t.question for t in batch) for batch in reader.batches] == [[f"what treats {n}?" for n in range(4)]]


def test_who_comes_while_a_batch_is_read_is_read_with_the_next_one() -> None:
    reader, begun, go_on = FakeReader(), Event(), Event()

    def before() -> None:
        if not begun.is_set():
            begun.set()
            go_on.wait(LONG)

    reader.before = before
    with BatchingReader(reader, 10, 0) as together, ThreadPoolExecutor(4) as pool:
        first = pool.submit(together.read, [task(0)])
        begun.wait(LONG)
        others = [pool.submit(together.read, [task(n)]) for n in (1, 2, 3)]
        until(lambda: together._read._open is not None and len(together._read._open.items) == 3)
        go_on.set()
        assert [f.result(LONG) for f in [first, *others]] == [FakeReader().read([task(n)]) for n in range(4)]
    assert reader.batches[0] == [task(0)]
    assert sorted(t.question for batch in reader.batches[1:] for t in batch) == [f"what treats {n}?" for n in (1, 2, 3)]
    assert len(reader.batches) == 2


def test_a_full_batch_does_not_wait_for_the_one_that_is_read() -> None:
    reader, begun, go_on = FakeReader(), Event(), Event()

    def before() -> None:
        if not begun.is_set():
            begun.set()
            go_on.wait(LONG)

    reader.before = before
    with BatchingReader(reader, 2, 0) as together, ThreadPoolExecutor(2) as pool:
        slow = pool.submit(together.read, [task(0)])
        begun.wait(LONG)
        try:
            assert pool.submit(together.read, [task(1), task(2)]).result(LONG) == FakeReader().read([task(1), task(2)])
            assert not slow.done()
        finally:
            go_on.set()


def test_an_exception_goes_to_the_callers_of_its_batch_alone() -> None:
    reader = FakeReader()
    with BatchingReader(reader, 2, LONG) as together, ThreadPoolExecutor(2) as pool:
        failing = [pool.submit(together.read, [ReadingTask(str(n), "fail", ())]) for n in range(2)]
        errors = [future.exception(LONG) for future in failing]
        assert [type(error) for error in errors] == [ModelError, ModelError]
        assert errors[0] is not errors[1]
        assert {str(error) for error in errors} == {"this batch cannot be read"}
        assert together.read([task(1), task(2)]) == FakeReader().read([task(1), task(2)])


def test_a_reader_that_loses_a_task_is_found_out() -> None:
    reader = FakeReader()
    reader.read = lambda tasks: []  # type: ignore[method-assign]
    with (
        BatchingReader(reader, 1) as together,
        pytest.raises(ModelError, match="the reader gave 0 results; expected one for each of 1 tasks"),
    ):
        together.read([task(1)])


def test_closing_gives_back_what_was_asked_for_and_refuses_the_rest() -> None:
    reader, begun, go_on = FakeReader(), Event(), Event()
    reader.before = lambda: (begun.set(), go_on.wait(LONG))
    together = BatchingReader(reader, 10, 0)
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(together.read, [task(1)])
        begun.wait(LONG)
        closing = Thread(target=together.close)
        closing.start()
        closing.join(0.05)
        assert closing.is_alive()
        go_on.set()
        assert running.result(LONG) == FakeReader().read([task(1)])
        closing.join(LONG)
        assert not closing.is_alive()
    with pytest.raises(ModelError, match="the reader was closed"):
        together.read([task(2)])
    together.close()


def test_closing_ends_the_wait_for_company() -> None:
    together = BatchingReader(FakeReader(), 10, LONG)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(together.read, [task(1)])
        until(lambda: together._read._open is not None)
        together.close()
        assert waiting.result(1) == FakeReader().read([task(1)])


def test_a_batch_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="most 0: expected at least 1"):
        BatchingReader(FakeReader(), 0)


def test_a_pipeline_reads_as_it_was_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = FakeReader()
    built: list[object] = []
    monkeypatch.setattr("qa.loading.load_reader", lambda choice: reader)
    monkeypatch.setattr("qa.loading.open_graph", lambda *_: None)
    monkeypatch.setattr("qa.loading.open_meaning", lambda *_: None)
    monkeypatch.setattr("qa.loading.open_linker", lambda *_: None)
    monkeypatch.setattr("qa.loading.Pipeline", lambda graph, linker, safety, reader: built.append(reader))
    for choice in (ReaderChoice(), ReaderChoice(remembered=5), ReaderChoice(together=2), ReaderChoice(remembered=5, together=2)):
        open_pipeline(choice=choice)
    assert [type(found) for found in built] == [FakeReader, CachedReader, BatchingReader, CachedReader]
    open_pipeline(with_reader=False)
    assert built[-1] is None
