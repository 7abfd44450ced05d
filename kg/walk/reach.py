"""What lies around an entity, by distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kg.model import Direction
from kg.walk.sparse import Numbers, SparseRows, Steps


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reached:
    """The entities that a walk reaches, nearest first, those of one distance by their number.

    Attributes:
        numbers: The entities; the first is the start.
        distances: The fewest steps to each, 0 for the start.
        previous: The entity before each on a walk of so few steps, of several the one of the smallest number; the start for itself.
        complete: False where a limit left entities out that lie within the radius.
    """

    numbers: Numbers
    distances: Numbers
    previous: Numbers
    complete: bool = True

    def __len__(self) -> int:
        """Return how many entities are reached, the start among them."""
        return len(self.numbers)

    def __repr__(self) -> str:
        return f"<Reached: {len(self):,} entities within {self.distances[-1]} steps of entity {self.numbers[0]}>"

    def way_back(self, number: int) -> tuple[int, ...]:
        """Return the entities from the start to a reached one, both included."""
        previous = dict(zip(self.numbers.tolist(), self.previous.tolist(), strict=True))
        way = [number]
        while previous[way[-1]] != way[-1]:
            way.append(previous[way[-1]])
        return tuple(reversed(way))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Neighbourhood:
    """The entities around one, and the facts among them.

    Attributes:
        reached: The entities, nearest first.
        facts: Positions of the facts whose two ends are both reached, in the order of the graph.
    """

    reached: Reached
    facts: Numbers

    def __repr__(self) -> str:
        return f"<Neighbourhood: {len(self.reached):,} entities, {len(self.facts):,} facts>"


def reach(steps: Steps, start: int, radius: int | None = None, limit: int | None = None, hub: int | None = None) -> Reached:
    """Walk in breadth from an entity; cycles are walked once.

    Args:
        steps: The steps that may be made.
        start: Where to begin.
        radius: How many steps to go at most; None goes as far as there are entities.
        limit: How many entities to take at most, the start among them. Where not all of one distance can be taken, those joined
            by the most facts to what was reached before come first, then those of smaller number; nothing beyond is walked.
        hub: An entity with more steps than this is reached, but not walked through; the start is always walked from. None has no hubs.
    """
    levels = [(np.array([start], np.int32), np.array([start], np.int32))]
    taken, complete = 1, True
    seen = np.zeros(len(steps.starts) - 1, dtype=bool)
    seen[start] = True
    while len(levels[-1][0]) and (radius is None or len(levels) <= radius):
        numbers, previous, joined = _level(steps, levels[-1][0], seen, None if len(levels) == 1 else hub)
        if limit is not None and taken + len(numbers) > limit:
            chosen = np.sort(np.lexsort((numbers, -joined))[: max(limit - taken, 0)])
            numbers, previous, complete = numbers[chosen], previous[chosen], False
        levels.append((numbers, previous))
        taken += len(numbers)
        seen[numbers] = True
        if not complete:
            break
    distances = np.repeat(np.arange(len(levels), dtype=np.int32), [len(numbers) for numbers, _ in levels])
    return Reached(np.concatenate([n for n, _ in levels]), distances, np.concatenate([p for _, p in levels]), complete)


def _level(steps: Steps, frontier: Numbers, seen: npt.NDArray[np.bool_], hub: int | None) -> tuple[Numbers, Numbers, npt.NDArray[np.int64]]:
    """Return the entities one step beyond, sorted, the one before each, and by how many facts each is joined to the frontier."""
    if hub is not None:
        frontier = frontier[steps.starts[frontier + 1] - steps.starts[frontier] <= hub]
    positions, counts = steps.from_all(frontier)
    ends = steps.ends[positions]
    fresh = ~seen[ends]
    # The frontier is sorted, so that the first step to an entity comes from the smallest number.
    numbers, first, joined = np.unique(ends[fresh], return_index=True, return_counts=True)
    return numbers, np.repeat(frontier, counts)[fresh][first], joined


def neighbourhood(
    rows: SparseRows, start: int, radius: int = 1, direction: Direction | None = None, limit: int = 200, hub: int | None = None
) -> Neighbourhood:
    """Return the entities around one and all facts among them, whichever way those point.

    Args:
        rows: The facts that may be walked; `rows.only` narrows them to some predicates.
        start: The entity in the middle.
        radius: How many steps to go at most.
        direction: From subject to object (OUT), the other way (IN), or both (None).
        limit: How many entities to take at most, as `reach` takes them.
        hub: Entities of more facts than this are not walked through.
    """
    reached = reach(rows.along(direction), start, radius, limit, hub)
    return Neighbourhood(reached, facts_among(rows, reached.numbers))


def facts_among(rows: SparseRows, numbers: Numbers) -> Numbers:
    """Return the positions of the facts whose two ends are both among some entities, in the order of the graph."""
    inside = np.zeros(rows.entities, dtype=bool)
    inside[numbers] = True
    positions, _ = rows.outward.from_all(np.sort(numbers))
    return positions[inside[rows.object[positions]]].astype(np.int32)
