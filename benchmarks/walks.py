"""How long walks over the graph take, beside networkx on the same edges.

    python -m benchmarks.walks [--snapshot DIRECTORY] [--entities 50000] [--edges 2100000] [--starts 20] [--repeat 5]

Prints medians in milliseconds of the processor, on which either side keeps to one thread, and their ratio, all from one run: for the
shipped graph, along its facts and either way, and for a made-up one of a few hubs and many entities of few edges. The two sides take
turns. A walk starts at the subject of a fact drawn at random, so that an entity of many facts is as likely to be asked for as it is to be
met. A pair of entities counts once, and both rank to the same tolerance. What the rows, the costs and the transitions take to make once
is printed apart.

"shortest path" is not the same work: ours is, of the paths of fewest steps, the one of least cost; networkx's is any of them.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
import timeit
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

import networkx as nx
import numpy as np

from kg import Direction, open_graph
from kg.walk import (
    SparseRows,
    from_graph,
    k_best_paths,
    one_hop,
    personalised_pagerank,
    rows_of,
    shortest_path,
    transitions,
    two_hops,
    weigh,
)

_TOLERANCE = 1e-9
_SEED = 20_261_124
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Race:
    """One task, done by both.

    Attributes:
        task: What is done.
        ours: Does it for each start.
        theirs: Does the same with networkx.
    """

    task: str
    ours: list[Callable[[], object]]
    theirs: list[Callable[[], object]]


def main() -> int:
    """Run the benchmark and print its tables."""
    options = _parser().parse_args()
    print(f"machine: {platform.machine()}; numpy {np.__version__}, networkx {nx.__version__}")
    shipped = from_graph(open_graph(options.snapshot))
    rows = rows_of(shipped.entities, *_pairs(shipped.subject, shipped.object))
    _run("shipped graph, from subject to object", rows, Direction.OUT, options.starts, options.repeat)
    _run("shipped graph, either way", _one_of_each(rows), None, options.starts, options.repeat)
    _run("made-up graph, from subject to object", _made_up(options.entities, options.edges), Direction.OUT, options.starts, options.repeat)
    return 0


def _pairs(subject: np.ndarray, obj: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the columns of rows that hold every pair once."""
    pairs = np.unique(np.stack((subject, obj)), axis=1)
    return pairs[0], np.zeros(pairs.shape[1], np.int16), pairs[1]


def _one_of_each(rows: SparseRows) -> SparseRows:
    """Return the rows with one of two that join the same entities the other way round."""
    return rows_of(rows.entities, *_pairs(np.minimum(rows.subject, rows.object), np.maximum(rows.subject, rows.object)))


def _made_up(entities: int, edges: int) -> SparseRows:
    """Make a graph whose entity of rank r, at either end, is taken with a chance like r to the power of -0.6."""
    random = np.random.default_rng(_SEED)
    chances = np.arange(1, entities + 1) ** -0.6
    ends = random.permutation(entities)[random.choice(entities, (2, edges), p=chances / chances.sum())]
    return rows_of(entities, *_pairs(*ends))


def _run(name: str, rows: SparseRows, direction: Direction | None, starts: int, repeat: int) -> None:
    print(f"\n{name}: {rows.entities:,} entities, {len(rows):,} edges")
    steps, making_steps = _timed(lambda: rows.along(direction))
    moves, making_moves = _timed(lambda: transitions(rows, direction))
    weighted, making_costs = _timed(lambda: weigh(rows, direction))
    print(f"  made once: steps {making_steps:.0f} ms, transitions {making_moves:.0f} ms, costs {making_costs:.0f} ms")
    graph = nx.Graph() if direction is None else nx.DiGraph()
    ends = zip(rows.subject.tolist(), rows.object.tolist(), weighted.costs.tolist(), strict=True)
    graph.add_edges_from((a, b, {"fact": fact, "cost": cost}) for fact, (a, b, cost) in enumerate(ends))
    facts = np.random.default_rng(_SEED).choice(len(rows), starts, replace=False)
    numbers = rows.subject[facts].tolist()
    joined = [(a, b) for a, b in zip(numbers, numbers[1:] + numbers[:1], strict=True) if a != b and nx.has_path(graph, a, b)]
    tolerance = _TOLERANCE / len(graph)  # networkx multiplies its own by the number of entities
    races = [
        Race("one-hop neighbours", [partial(one_hop, steps, n) for n in numbers], [partial(_one_hop, graph, n) for n in numbers]),
        Race("two-hop paths", [partial(two_hops, steps, n) for n in numbers], [partial(_two_hops, graph, n) for n in numbers]),
        Race(
            "shortest path",
            [partial(shortest_path, weighted, a, b) for a, b in joined],
            [partial(nx.shortest_path, graph, a, b) for a, b in joined],
        ),
        Race(
            "5 best paths",
            [partial(k_best_paths, weighted, a, b, 5) for a, b in joined[:3]],
            [partial(_best_paths, graph, a, b, 5) for a, b in joined[:3]],
        ),
        Race(
            "personalised PageRank",
            [partial(personalised_pagerank, moves, {n: 1.0}, tolerance=_TOLERANCE) for n in numbers[:3]],
            [partial(nx.pagerank, graph, personalization={n: 1.0}, tol=tolerance, max_iter=1000, weight=None) for n in numbers[:3]],
        ),
    ]
    print(f"  {'task':<24}{'ours':>13}{'networkx':>15}{'ratio':>9}")
    for race in races:
        if race.ours:
            ours, theirs = _race(race, repeat if race.task in ("one-hop neighbours", "two-hop paths", "shortest path") else 1)
            print(f"  {race.task:<24}{ours:>10.4f} ms{theirs:>12.4f} ms{theirs / ours:>9.1f}")


def _race(race: Race, repeat: int) -> tuple[float, float]:
    """Return the median milliseconds of either side, the two taking turns."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(repeat):
        for mine, other in zip(race.ours, race.theirs, strict=True):
            ours.append(_milliseconds(mine))
            theirs.append(_milliseconds(other))
    return statistics.median(ours), statistics.median(theirs)


def _milliseconds(call: Callable[[], object]) -> float:
    """Return how long a call takes; a short one is called often, since it would drown in the clock's own time."""
    first = _timed(call)[1]
    often = int(min(1000, 1 / max(first, 1e-3)))
    return first if often < 2 else timeit.timeit(call, timer=time.process_time, number=often) / often * 1000


def _timed(call: Callable[[], _T]) -> tuple[_T, float]:
    """Return what a call returns, and its milliseconds."""
    started = time.process_time()
    result = call()
    return result, 1000 * (time.process_time() - started)


def _one_hop(graph: nx.DiGraph, start: int) -> list[tuple[int, int]]:
    return [(end, data["fact"]) for end, data in graph[start].items()]


def _two_hops(graph: nx.DiGraph, start: int) -> list[tuple[int, int, int, int]]:
    return [
        (middle, end, first["fact"], second["fact"])
        for middle, first in graph[start].items()
        for end, second in graph[middle].items()
        if end != start
    ]


def _best_paths(graph: nx.DiGraph, start: int, end: int, k: int) -> Iterable[list[int]]:
    return list(islice(nx.shortest_simple_paths(graph, start, end, weight="cost"), k))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.walks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snapshot", type=Path, help="the snapshot's directory; the shipped graph's where none is named")
    parser.add_argument("--entities", type=int, default=50_000, help="entities of the made-up graph")
    parser.add_argument("--edges", type=int, default=2_100_000, help="edges of the made-up graph, before those drawn twice are dropped")
    parser.add_argument("--starts", type=int, default=20, help="entities to walk from; paths and ranks are longer and take three")
    parser.add_argument("--repeat", type=int, default=5, help="rounds of the short tasks")
    return parser


if __name__ == "__main__":
    sys.exit(main())
