"""How many notes a second the linker reads, beside the bare automaton pass over the same notes, and its memory with many more names.

    python -m benchmarks.linking [--snapshot DIRECTORY] [--data DIRECTORY] [--notes 100] [--repeat 5] [--sizes 300000 1500000]

The bare pass is what no dictionary linker can do without: fold the words of a note and ask the trie of all names, at each word, which of
them begin there. Notes are of about 5 kB: abstracts of BC5CDR's training set one after the other where `--data` names the folder of
published data sets, else names of the graph among words of everyday English. Both sides open the same snapshot in a process of its own,
link one note, which is timed apart together with the opening, and then all of them; they take turns. For `--sizes` a snapshot is made of
the graph and of made-up illnesses with five names each, until it has so many names. Prints medians and the peak of memory.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Job, Measured, in_child, in_turns, machine, middle

if TYPE_CHECKING:
    from kg.graph import SnapshotGraph
    from kg.model import Entity

_LENGTH = 5_000
_SEED = 20_261_127
_FILLER = (
    "The patient was seen in clinic today together with a friend and tells us that things have been much as they were last time, although "
    "on some days it is hard to get going and the stairs at home take longer than they used to. We went through the letters that had come "
    "in since then and agreed what should be done next and by whom."
).split()
_CORPUS = Path("nlp", "bc5cdr", "CDR_TrainingSet.PubTator.txt")

Opened = tuple[float, int]
"""Seconds from the opening to the first note read, and mentions found in all notes."""


def main() -> int:
    """Run the benchmark and print its table."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="medkg-bench-", dir=options.directory) as scratch:
        snapshot = options.snapshot or in_child(_shipped).result
        notes = in_child(_notes, snapshot, options.data, options.notes).result
        print(f"{machine()}; {len(notes)} notes of {sum(map(len, notes)) / len(notes) / 1000:.1f} kB on average")
        _measure(snapshot, notes, options.repeat)
        for size in options.sizes:
            enlarged = Path(scratch) / f"names-{size}"
            in_child(_enlarge, snapshot, enlarged, size)
            _measure(enlarged, notes, options.repeat)
    return 0


def _measure(snapshot: Path, notes: Sequence[str], repeat: int) -> None:
    names = in_child(_count, snapshot).result
    jobs: dict[str, Job] = {"graph opened": _idle, "bare pass": _bare, "linker": _linker}
    runs = in_turns({name: partial(in_child, job, snapshot, notes) for name, job in jobs.items()}, repeat)
    print(f"\n{names:,} names\n{'':<14}{'notes/s':>10}{'ms a note':>12}{'first, ms':>12}{'peak MB':>10}{'found':>10}")
    for name, found in runs.items():
        run = middle(found)
        first, mentions = run.result
        rate = f"{len(notes) / run.seconds:>10.1f}{1000 * run.seconds / len(notes):>12.2f}" if name != "graph opened" else f"{'':>22}"
        print(f"{name:<14}{rate}{1000 * first:>12.1f}{run.megabytes:>10.0f}{mentions:>10}")
    linker, bare = middle(runs["linker"]), middle(runs["bare pass"])
    print(
        f"the linker takes {linker.seconds / bare.seconds:.1f} times the bare pass ({_busy(linker, bare):.1f} times its processor seconds)"
    )


def _busy(one: Measured, other: Measured) -> float:
    return one.busy / other.busy if other.busy else 0.0


def _idle(snapshot: Path, notes: Sequence[str]) -> Callable[[], Opened]:
    from kg.graph import open_snapshot  # noqa: PLC0415 - the work alone is timed

    started = time.perf_counter()
    graph = open_snapshot(snapshot)
    seconds = time.perf_counter() - started
    return lambda: (seconds, len(graph) * 0)


def _bare(snapshot: Path, notes: Sequence[str]) -> Callable[[], Opened]:
    from kg.graph import open_snapshot  # noqa: PLC0415 - the work alone is timed
    from kg.names import words  # noqa: PLC0415

    started = time.perf_counter()
    surface = open_snapshot(snapshot).surface

    def read(note: str) -> int:
        return sum(1 for _ in surface.within([folded for folded, _, _ in words(note)]))

    return _over(read, notes, started)


def _linker(snapshot: Path, notes: Sequence[str]) -> Callable[[], Opened]:
    from kg.graph import open_snapshot  # noqa: PLC0415 - the work alone is timed
    from qa.loading import open_linker  # noqa: PLC0415

    started = time.perf_counter()
    linker = open_linker(open_snapshot(snapshot))
    return _over(lambda note: len(linker.link(note)), notes, started)


def _over(read: Callable[[str], int], notes: Sequence[str], started: float) -> Callable[[], Opened]:
    """Read the first note, and return what reads all of them."""
    read(notes[0])
    first = time.perf_counter() - started
    return lambda: (first, sum(map(read, notes)))


def _shipped() -> Callable[[], Path]:
    from kg.snapshot import open_graph  # noqa: PLC0415

    return lambda: open_graph().path


def _count(snapshot: Path) -> Callable[[], int]:
    from kg.graph import open_snapshot  # noqa: PLC0415

    return lambda: len(open_snapshot(snapshot).surface)


def _notes(snapshot: Path, data: Path | None, count: int) -> Callable[[], list[str]]:
    from kg.graph import open_snapshot  # noqa: PLC0415
    from qa.evaluation.pubtator import read_pubtator  # noqa: PLC0415

    def work() -> list[str]:
        if data is not None:
            texts = [document.text for document in read_pubtator(data / _CORPUS)]
            random.Random(_SEED).shuffle(texts)
        else:
            texts = list(_made_up([entity.name for entity in open_snapshot(snapshot).entities()], 5 * count))
        return list(_joined(texts, count))

    return work


def _joined(texts: Sequence[str], count: int) -> Iterator[str]:
    """Yield so many notes of the length wanted, of texts one after the other, from the beginning again where they run out."""
    at = 0
    for _ in range(count):
        note = ""
        while len(note) < _LENGTH:
            note += texts[at % len(texts)] + "\n"
            at += 1
        yield note[:_LENGTH]


def _made_up(names: Sequence[str], count: int) -> Iterator[str]:
    """Yield texts in which one word in twenty or so is a name."""
    choose = random.Random(_SEED)
    for _ in range(count):
        yield " ".join(choose.choice(names) if choose.random() < 0.05 else choose.choice(_FILLER) for _ in range(200)) + "."


def _enlarge(snapshot: Path, target: Path, size: int) -> Callable[[], None]:
    from benchmarks.generated import many_names  # noqa: PLC0415
    from kg.build import build_snapshot  # noqa: PLC0415
    from kg.graph import open_snapshot  # noqa: PLC0415
    from kg.merge import GraphData  # noqa: PLC0415

    def work() -> None:
        graph = open_snapshot(snapshot)
        entities = list(graph.entities())
        known = {entity.curie: _curated(graph, entity) for entity in entities}
        made_up = list(many_names(max(0, size - len(graph.surface))))
        curated = known | {entity.curie: 0 for entity in made_up}
        data = GraphData([*entities, *made_up], list(graph.all_facts()), tuple(graph.sources), curated_names=curated)
        build_snapshot(data, target, "benchmark")

    return work


def _curated(graph: SnapshotGraph, entity: Entity) -> int:
    """Return how many of an entity's names a curated source gives; these stand first."""
    names = (entity.name, *entity.synonyms)
    return sum(any(naming.curated and naming.entity.curie == entity.curie for naming in graph.named(name)) for name in names)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.linking", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snapshot", type=Path, help="the snapshot's directory; the shipped graph's where none is named")
    parser.add_argument("--data", type=Path, help="folder of published data sets; notes are made up where none is named")
    parser.add_argument("--notes", type=int, default=100, help="how many notes")
    parser.add_argument("--repeat", type=int, default=5, help="processes a side, of which the median counts")
    parser.add_argument("--sizes", type=int, nargs="*", default=[300_000, 1_500_000], help="names of the larger snapshots")
    parser.add_argument(
        "--directory", type=Path, help="where the larger snapshots are made; the system's temporary directory, if not named"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
