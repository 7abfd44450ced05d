"""The best paths between two entities, where a path through a hub says little.

That two medicines both have nausea as a side effect joins them less than that both bind one receptor. A step costs

    1 + exponent * (log(objects of its subject by its predicate) + log(subjects of its object by its predicate))

whose second part is the negative logarithm of the step's share of the path degree product of Himmelstein and Baranzini, "Heterogeneous
network edge prediction", PLoS Computational Biology 11(7), e1004259, 2015, with its damping exponent; the 1 makes the shorter of two
equally specific paths the better one. The k paths of least cost are found by the algorithm of Yen, "Finding the k shortest loopless
paths in a network", Management Science 17(11), 712-716, 1971, as scipy has it, on the part of the graph in which they must lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kg.model import Direction
from kg.walk.sparse import Numbers, SparseRows, Steps, one_hop

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Costs = npt.NDArray[np.float64]

_NOWHERE = -9999
"""What scipy writes where there is no predecessor."""
_HAIR = 1e-7
"""How much of a step's cost depends on the numbers of its ends alone, so that no two paths cost the same and the order is always one."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path.

    Attributes:
        fact: The position of the fact; of several that join the two entities, the one of least cost, then the first in the graph.
        direction: OUT, the step leads from the fact's subject to its object; IN, the other way.
    """

    fact: int
    direction: Direction


@dataclass(frozen=True, slots=True)
class Path:
    """A way from one entity to another that meets none twice.

    Attributes:
        nodes: The entities, both ends included.
        steps: One less than the entities.
        cost: The sum over the steps; lower is more specific.
    """

    nodes: tuple[int, ...]
    steps: tuple[Step, ...]
    cost: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WeightedRows:
    """Facts with what it costs to walk each, made by `weigh`.

    Attributes:
        rows: The facts.
        direction: The direction in which they may be walked.
        costs: The cost of each fact.
        ahead: Costs from entity (row) to entity (column), parallel facts side by side.
        back: The same the other way.
    """

    rows: SparseRows
    direction: Direction | None
    costs: Costs
    ahead: csr_array
    back: csr_array

    def __repr__(self) -> str:
        return f"<WeightedRows: {self.rows.entities:,} entities, {len(self.rows):,} facts>"


def weigh(rows: SparseRows, direction: Direction | None = None, exponent: float = 0.4) -> WeightedRows:
    """Work out what it costs to walk each fact.

    Args:
        rows: The facts that may be walked; `rows.only` narrows them to some predicates.
        direction: From subject to object (OUT), the other way (IN), or both (None).
        exponent: How much hubs are avoided, 0 or more; with 0, only steps count.
    """
    objects, subjects = _degrees(rows)
    costs: Costs = 1 + exponent * (np.log(objects) + np.log(subjects))
    ahead = _matrix(rows, rows.along(direction), costs)
    back = ahead if direction is None else _matrix(rows, rows.along(direction.other), costs)
    return WeightedRows(rows, direction, costs, ahead, back)


def _degrees(rows: SparseRows) -> tuple[Costs, Costs]:
    """Return for each fact how many objects its subject has by its predicate, and how many subjects its object.

    What several sources state counts once; of a predicate that says the same in both directions, both ends count as both.
    """
    kinds = len(rows.predicates)
    subject = rows.subject.astype(np.int64) * kinds + rows.predicate
    obj = rows.object.astype(np.int64) * kinds + rows.predicate
    _, first = np.unique(subject * rows.entities + rows.object, return_index=True)
    outward = np.bincount(subject[first], minlength=rows.entities * kinds)
    inward = np.bincount(obj[first], minlength=rows.entities * kinds)
    whole = outward + inward
    symmetric = rows.symmetric[rows.predicate]
    return (
        np.where(symmetric, whole[subject], outward[subject]).astype(np.float64),
        np.where(symmetric, whole[obj], inward[obj]).astype(np.float64),
    )


def _matrix(rows: SparseRows, steps: Steps, costs: Costs) -> csr_array:
    from scipy.sparse import csr_array  # noqa: PLC0415 - whoever walks no paths does not wait for it

    hair = _HAIR * np.modf(rows.subject * 0.6180339887498949 + rows.object * 0.4142135623730951)[0]
    return csr_array(((costs + hair)[steps.facts], steps.ends, steps.starts), shape=(rows.entities, rows.entities))


def shortest_path(weighted: WeightedRows, start: int, end: int) -> Path | None:
    """Return the path of the fewest steps, of several the one of least cost; None where there is none, or the ends are one.

    It is walked for from both ends, from the one with fewer steps to look at, until the two walks meet.
    """
    if start == end:
        return None
    rows, direction = weighted.rows, weighted.direction
    ahead = _Side(rows.along(direction), weighted.ahead.data, start)
    back = _Side(rows.along(None if direction is None else direction.other), weighted.back.data, end)
    while len(ahead.frontier) and len(back.frontier):
        side, other = (ahead, back) if ahead.outlook() <= back.outlook() else (back, ahead)
        side.expand()
        met = side.frontier[np.isfinite(other.best[side.frontier])]
        if len(met):
            middle = int(met[np.argmin(ahead.best[met] + back.best[met])])
            return _path(weighted, (*_follow(ahead.previous, middle)[::-1], *_follow(back.previous, middle)[1:]))
    return None


class _Side:
    """One of the two walks of a search: what it has reached, by the fewest steps, and at what least cost."""

    def __init__(self, steps: Steps, costs: Costs, start: int) -> None:
        entities = len(steps.starts) - 1
        self.steps, self.costs = steps, costs
        self.frontier: Numbers = np.array([start], np.int32)
        self.best: Costs = np.full(entities, np.inf)
        self.best[start] = 0
        self.previous: Numbers = np.full(entities, _NOWHERE, np.int32)

    def outlook(self) -> int:
        """Return how many steps lead from the frontier."""
        return int((self.steps.starts[self.frontier + 1] - self.steps.starts[self.frontier]).sum())

    def expand(self) -> None:
        """Go one step further from the frontier, to what was not reached before."""
        positions, counts = self.steps.from_all(self.frontier)
        ends, origin = self.steps.ends[positions], np.repeat(self.frontier, counts)
        fresh = np.flatnonzero(np.isinf(self.best[ends]))
        ends, origin = ends[fresh], origin[fresh]
        costs = self.best[origin] + self.costs[positions[fresh]]
        order = np.lexsort((costs, ends))
        ends, origin, costs = ends[order], origin[order], costs[order]
        cheapest = np.flatnonzero(np.diff(ends, prepend=-1))
        self.frontier = ends[cheapest]
        self.best[self.frontier], self.previous[self.frontier] = costs[cheapest], origin[cheapest]


def k_best_paths(weighted: WeightedRows, start: int, end: int, k: int = 5) -> tuple[Path, ...]:
    """Return the paths of least cost, the best first; fewer where there are not so many, none where the ends are one.

    Two paths differ in at least one entity: of parallel facts between two entities, a path follows the cheapest.

    Args:
        weighted: The facts and their costs.
        start: The first entity.
        end: The last entity.
        k: How many paths are wanted at most.
    """
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 - whoever walks no paths does not wait for it

    if start == end or k < 1:
        return ()
    here, before = dijkstra(weighted.ahead, indices=start, return_predecessors=True)
    there, after = dijkstra(weighted.back, indices=end, return_predecessors=True)
    through = here + there
    if not np.isfinite(through[start]):
        return ()
    bound, best = _bound(through, before, after, k)
    if k > 1:
        best = _yen(weighted, here, there, bound, start, end, k)
    return tuple(_path(weighted, nodes) for nodes in best)


def _bound(through: Costs, before: Numbers, after: Numbers, k: int) -> tuple[float, list[tuple[int, ...]]]:
    """Return a cost that the k best paths do not exceed, and the paths that show it.

    The cheapest walk through an entity goes to it and on from it by cheapest ways; where it meets no entity twice it is a path, and k
    different ones bound the cost of the k best. Infinite where there are not so many.
    """
    found: dict[tuple[int, ...], None] = {}
    for number in np.argsort(through, kind="stable").tolist():
        if through[number] == np.inf:
            break
        nodes = (*_follow(before, number)[::-1], *_follow(after, number)[1:])
        if len(set(nodes)) == len(nodes):
            found.setdefault(nodes)
            if len(found) == k:
                return float(through[number]), list(found)
    return np.inf, list(found)


def _follow(previous: npt.NDArray[Any], number: int) -> tuple[int, ...]:
    """Return the entities from one back to where its predecessors begin."""
    way = [number]
    while (number := int(previous[number])) != _NOWHERE:
        way.append(number)
    return tuple(way)


def _yen(weighted: WeightedRows, here: Costs, there: Costs, bound: float, start: int, end: int, k: int) -> list[tuple[int, ...]]:
    """Return the k best paths as entities, found among the steps that lie on a walk within the bound."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - whoever walks no paths does not wait for it
    from scipy.sparse.csgraph import yen  # noqa: PLC0415 - the same

    bound = bound * (1 + 1e-9) if np.isfinite(bound) else np.finfo(np.float64).max
    near = np.flatnonzero(here + there <= bound).astype(np.int32)
    steps = weighted.rows.along(weighted.direction)
    positions, counts = steps.from_all(near)
    origin, ends, costs = np.repeat(near, counts), steps.ends[positions], weighted.ahead.data[positions]
    within = np.flatnonzero(here[origin] + costs + there[ends] <= bound)
    # Of parallel steps the cheapest: scipy's algorithm would take one of the others for a path of its own.
    within = within[np.lexsort((costs[within], ends[within], origin[within]))]
    pair = np.stack((origin[within], ends[within]))
    within = within[np.append(True, (pair[:, 1:] != pair[:, :-1]).any(axis=0))]
    # Numbered within the part; scipy's algorithm takes no wider numbers.
    local = np.searchsorted(near, np.stack((origin[within], ends[within]))).astype(np.int32)
    part = csr_array((costs[within], tuple(local)), shape=(len(near), len(near)))
    first, last = np.searchsorted(near, (start, end))
    _, previous = yen(part, int(first), int(last), k, return_predecessors=True)
    return [tuple(near[list(reversed(_follow(row, int(last))))].tolist()) for row in previous]


def _path(weighted: WeightedRows, nodes: tuple[int, ...]) -> Path:
    steps = tuple(_step(weighted, origin, end) for origin, end in pairwise(nodes))
    return Path(nodes, steps, float(sum(weighted.costs[step.fact] for step in steps)))


def _step(weighted: WeightedRows, origin: int, end: int) -> Step:
    rows = weighted.rows
    ends, facts = one_hop(rows.along(weighted.direction), origin)
    joining = facts[ends == end]
    fact = int(joining[np.lexsort((joining, weighted.costs[joining]))[0]])
    return Step(fact, Direction.OUT if rows.subject[fact] == origin else Direction.IN)
