"""How long the reader's model takes in each runtime, beside eager torch in fp32, and whether the answers stay the same.

    python -m benchmarks.reader [--model DIR] [--runtimes NAME ...] [--threads 2] [--repeat 15]
    python -m benchmarks.reader --parity [--data SQUAD.json] [--tasks TASKS.jsonl] [--questions 1000] [--runtimes NAME ...]

Each runtime has a process of its own, in which only its own library is at work; they take turns, one batch after the other, so that all
meet the same noise. `products` are the encoder's matrix products alone in torch, without anything between them: what of eager torch's time
nothing around them could save. Prints medians in milliseconds for windows without padding, with the least and the most; the ratios of
eager torch to each, by the clock on the wall and by the seconds of processor of all threads; the seconds from the reader's directory to a
reader that can be asked, imports not counted and conversions made before; and the peak of memory, of loading and of everything.

With `--parity`, prints the share of answers that are those of eager torch: the spans of a SQuAD file's questions, and the sets of slots
above one half of a file of `medkg train questions`; of both, as many as asked for, spread over the file.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.measure import machine, peak_megabytes
from qa.runtimes import Runtime

_EAGER = Runtime.TORCH_FP32
_SHAPES = tuple((batch, length) for batch in (1, 8) for length in (128, 256, 384))
_FLOOR = "products"
_LARGE = 8  # from so many windows on, a third of the turns is enough

Call = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a runtime took to be ready: seconds, without imports, and the peak of memory until then."""

    seconds: float
    megabytes: float
    detail: str


class Worker:
    """A process that holds a reader in one runtime and does one thing at a time."""

    def __init__(self, runtime: Runtime, model: Path | None, threads: int) -> None:
        self.runtime = runtime
        self._pipe, there = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there, runtime, model, threads))
        self._process.start()
        there.close()
        self.loaded: Loaded = self._receive()

    def ask(self, *request: Any) -> Any:
        """Send a request, see `_serve`, and return what came back."""
        self._pipe.send(request)
        return self._receive()

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join()

    def _receive(self) -> Any:
        try:
            return self._pipe.recv()
        except EOFError:
            raise SystemExit(f"{self.runtime} failed: see above") from None


def _serve(pipe: Connection, runtime: Runtime, model: Path | None, threads: int) -> None:
    import torch  # noqa: PLC0415 - in a new process, so that its memory is that of the runtime alone

    import qa.converted  # noqa: F401, PLC0415
    from qa.conversion import LIBRARIES  # noqa: PLC0415
    from qa.loading import default_model  # noqa: PLC0415
    from qa.runtimes import open_reader  # noqa: PLC0415

    torch.set_num_threads(threads)
    if runtime in LIBRARIES:
        LIBRARIES[runtime].version()  # imports ONNX Runtime
    started = time.perf_counter()
    reader = open_reader(model or default_model(), runtime)
    pipe.send(Loaded(time.perf_counter() - started, peak_megabytes(), f"torch {torch.__version__}"))
    work = {"time": _Forward(reader), "floor": _Products(reader), "spans": _spans(reader), "tasks": reader.read, "peak": peak_megabytes}
    while True:
        try:
            name, *arguments = pipe.recv()
        except EOFError:
            return
        pipe.send(work[name](*arguments))


class _Forward:
    """Times a batch of random tokens: seconds, and seconds of processor."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def __call__(self, batch: int, length: int) -> tuple[float, float]:
        import torch  # noqa: PLC0415

        ids = torch.randint(1000, self._reader.model.config.vocab_size, (batch, length))
        types = torch.zeros_like(ids)
        with torch.inference_mode():
            started, busy = time.perf_counter(), time.process_time()
            self._reader.model(ids, types, None)
            return time.perf_counter() - started, time.process_time() - busy


class _Products:
    """Times the matrix products of a batch in torch and fp32: seconds, and seconds of processor."""

    def __init__(self, reader: Any) -> None:
        self._config = reader.model.config

    def __call__(self, batch: int, length: int) -> tuple[float, float]:
        import torch  # noqa: PLC0415

        config, tokens = self._config, batch * length
        width, inner, heads = config.hidden_size, config.intermediate_size, config.num_attention_heads
        states, wide = torch.randn(tokens, width), torch.randn(tokens, inner)
        square, up, down = torch.randn(width, width), torch.randn(width, inner), torch.randn(inner, width)
        query, key = torch.randn(batch * heads, length, width // heads), torch.randn(batch * heads, width // heads, length)
        weights = torch.randn(batch * heads, length, length)
        with torch.inference_mode():
            started, busy = time.perf_counter(), time.process_time()
            for _ in range(config.num_hidden_layers):
                for _ in range(4):  # query, key, value, output
                    torch.mm(states, square)
                torch.bmm(query, key)
                torch.bmm(weights, query)
                torch.mm(states, up)
                torch.mm(wide, down)
            return time.perf_counter() - started, time.process_time() - busy


def _spans(reader: Any) -> Callable[[Sequence[tuple[str, str]], bool], list[tuple[int, int]]]:
    return lambda pairs, abstain: [(span.start, span.end) for span in reader.extract(pairs, may_abstain=abstain)]


def main() -> int:
    """Run the benchmark, or the check of the answers, and print its tables."""
    options = _parser().parse_args()
    chosen = [_EAGER, *(Runtime(name) for name in options.runtimes if name != _EAGER)]
    for runtime in chosen:  # conversions first: whoever converts holds the whole model beside it
        Worker(runtime, options.model, options.threads).close()
    workers = [Worker(runtime, options.model, options.threads) for runtime in chosen]
    print(f"{machine()}, {options.threads} threads; {workers[0].loaded.detail}")
    if options.parity:
        from benchmarks.parity import compare  # noqa: PLC0415 - its imports are of no use to the other half

        compare(workers, options.data, options.tasks, options.questions)
    else:
        workers.append(Worker(_EAGER, options.model, options.threads))  # of its own: products take memory
        _times(workers[:-1], workers[-1], options.repeat)
    for worker in workers:
        worker.close()
    return 0


def _times(workers: Sequence[Worker], floor: Worker, repeat: int) -> None:
    for batch, length in _SHAPES:
        turns = max(5, repeat // 3) if batch >= _LARGE else repeat
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in (*(str(worker.runtime) for worker in workers), _FLOOR)}
        for turn in range(turns + 2):
            taken = {str(worker.runtime): worker.ask("time", batch, length) for worker in workers}
            taken[_FLOOR] = floor.ask("floor", batch, length)
            if turn >= 2:  # the first two warm up
                for name, seconds in taken.items():
                    found[name].append(seconds)
        print(f"\n{batch} x {length} tokens{'ms':>14}{'least - most':>18}{'ratio':>8}{'of processor':>14}")
        wall, busy = ({name: statistics.median(t[n] for t in times) for name, times in found.items()} for n in (0, 1))
        for name, times in found.items():
            spread = f"{1000 * min(t[0] for t in times):.0f} - {1000 * max(t[0] for t in times):.0f}"
            ratios = f"{wall[_EAGER] / wall[name]:>8.2f}{busy[_EAGER] / busy[name]:>14.2f}"
            print(f"  {name:<16}{1000 * wall[name]:>12.1f}{spread:>18}{ratios}", flush=True)
    print(f"\n{'':<18}{'loaded in s':>12}{'peak MB':>10}{'at the end':>12}")
    for worker in workers:
        print(f"  {worker.runtime:<16}{worker.loaded.seconds:>12.2f}{worker.loaded.megabytes:>10.0f}{worker.ask('peak'):>12.0f}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.reader", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [str(runtime) for runtime in Runtime if runtime is not Runtime.AUTO]
    parser.add_argument("--model", type=Path, help="directory of the reader; the shipped one, if not named")
    parser.add_argument("--runtimes", nargs="+", choices=names, default=names, help="runtimes to compare with eager torch in fp32")
    parser.add_argument("--threads", type=int, default=2, help="threads of each runtime")
    parser.add_argument("--repeat", type=int, default=15, help="batches of one window a runtime, of which the median counts")
    parser.add_argument("--parity", action="store_true", help="compare answers instead of times")
    parser.add_argument("--data", type=Path, help="SQuAD file, for --parity")
    parser.add_argument("--tasks", type=Path, help="file of `medkg train questions`, for --parity")
    parser.add_argument("--questions", type=int, default=1000, help="questions of each file, for --parity")
    return parser


if __name__ == "__main__":
    sys.exit(main())
