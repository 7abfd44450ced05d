"""How long a snapshot of a 2.2-million-triple file takes to build, beside a bare bulk load of the same file.

    python -m benchmarks.build [--file FILE.nq] [--triples 2200000] [--repeat 3]

Without a file it makes one, the same every time, in the form in which `medkg export nquads` writes a graph. Ours is
`kg.imports.import_source`: every record is read, checked, merged with what is the same, and written as arrays, names and an RDF store.
Theirs is `pyoxigraph.Store.bulk_load` of the file and `optimize`, which is one part of that. Every build runs in a process and into a
directory of its own; the two take turns. Prints the medians, their ratio, the peak of memory, and how long each stage of the median
run took; while the arrays are written, the store is loaded beside it, so the last stage is what is left of that.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

from benchmarks.measure import Job, Measured, in_child, in_turns, machine, middle, spread

Stages = list[tuple[str, float]]


def main() -> int:
    """Run the benchmark and print its table."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="medkg-bench-", dir=options.directory) as scratch:
        directory = Path(scratch)
        path = options.file
        if path is None:
            path = directory / "made-up.nq"
            command = [sys.executable, "-m", "benchmarks.generated", "graph", str(path), "--triples", str(options.triples)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        sides = {"ours": partial(_run, _ours, path, directory), "bulk load": partial(_run, _theirs, path, directory)}
        _print(path, in_turns(sides, options.repeat))
    return 0


def _run(job: Job, path: Path, directory: Path) -> Measured:
    """Build in a process and a directory of its own; the result is how many triples the store holds, and the stages."""
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        target = Path(scratch) / "built"
        measured = in_child(job, path, target)
        store = target / "store" if (target / "store").is_dir() else target
        return replace(measured, result=(in_child(_count, store).result, measured.result))


def _ours(path: Path, target: Path) -> Callable[[], Stages]:
    from kg.imports import Order, import_source  # noqa: PLC0415 - the work alone is timed
    from kg.model import Source  # noqa: PLC0415
    from kg.sources.records import Options  # noqa: PLC0415
    from kg.sources.registry import recognise  # noqa: PLC0415

    def work() -> Stages:
        stages = [("parsing", time.perf_counter())]

        def watch(what: str, done: int, total: int) -> None:
            if stages[-1][0] != what:
                stages.append((what, time.perf_counter()))

        order = Order(Source("made-up", "", "", ""), recognise(path), path, Options("made-up"))
        import_source(order, target, alone=True, progress=watch)
        return [*stages, ("end", time.perf_counter())]

    return work


def _theirs(path: Path, target: Path) -> Callable[[], Stages]:
    import pyoxigraph  # noqa: PLC0415

    def work() -> Stages:
        store = pyoxigraph.Store(str(target))
        started = time.perf_counter()
        store.bulk_load(path=str(path))
        loaded = time.perf_counter()
        store.optimize()
        store.flush()
        return [("bulk load", started), ("optimize", loaded), ("end", time.perf_counter())]

    return work


def _count(store: Path) -> Callable[[], int]:
    import pyoxigraph  # noqa: PLC0415

    return lambda: len(pyoxigraph.Store.read_only(str(store)))


def _print(path: Path, runs: dict[str, list[Measured]]) -> None:
    print(machine())
    print(f"{path.name}: {path.stat().st_size / 1e6:.0f} MB")
    for name, found in runs.items():
        run, memory = middle(found), max(run.megabytes for run in found)
        triples, stages = run.result
        print(f"{name:<10}{run.seconds:8.2f} s ({spread(found)}), processor {run.busy:6.2f} s, peak {memory:6,.0f} MB, {triples:,} triples")
        for (what, start), (_, end) in pairwise(stages):
            print(f"    {what:<24}{end - start:8.2f} s")
    ours, theirs = middle(runs["ours"]), middle(runs["bulk load"])
    print(f"ours to bulk load: {ours.seconds / theirs.seconds:.2f} times the seconds, {ours.busy / theirs.busy:.2f} times the processor's")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.build", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, help="an RDF file to build from; one is made where none is named")
    parser.add_argument("--triples", type=int, default=2_200_000, help="of the file that is made, about")
    parser.add_argument(
        "--directory", type=Path, help="where to build, on the disk to be measured; the system's temporary one if not named"
    )
    parser.add_argument("--repeat", type=int, default=3, help="builds a side, of which the median counts")
    return parser


if __name__ == "__main__":
    sys.exit(main())
