"""The graph as numbers: facts as columns, and the steps from each entity as compressed sparse rows.

Everything in `kg.walk` but `walks` works on these, never on the graph: an entity is its number in the snapshot (the order of
identifiers), a fact its position in the columns. Denied facts and facts of an entity with itself are left out, so that no walk can
take one; what one source denies and another claims is walked, since the graph holds both.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from kg.errors import CurieError
from kg.graph import SnapshotGraph
from kg.model import Direction, Entity, Fact
from kg.vocabulary import PREDICATES, SYMMETRIC

Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Steps:
    """The steps that can be made from each entity: those of entity i lie at `starts[i]:starts[i + 1]`.

    Attributes:
        starts: One more than there are entities.
        ends: Where each step leads.
        facts: The fact that each step follows.
    """

    starts: Numbers
    ends: Numbers
    facts: Numbers

    def from_all(self, entities: Numbers) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the positions of the steps from several entities, in their order, and how many each has."""
        first = self.starts[entities].astype(np.int64)
        counts = self.starts[entities + 1] - first
        shift = np.repeat(first - (np.cumsum(counts) - counts), counts)
        return np.arange(len(shift)) + shift, counts


@dataclass(frozen=True, eq=False, repr=False)  # not slotted: the steps are made when they are first asked for, and kept
class SparseRows:
    """The facts that may be walked, as columns of equal length sorted by subject.

    Attributes:
        entities: How many entities there are; their numbers are 0 to this, exclusive.
        predicates: What the numbers in `predicate` stand for.
        subject: The number of each fact's subject.
        predicate: Each fact's predicate, as a position in `predicates`.
        object: The number of each fact's object.
        row: Where each fact stands in the graph.
    """

    entities: int
    predicates: Sequence[str]
    subject: Numbers
    predicate: npt.NDArray[np.int16]
    object: Numbers
    row: Numbers

    def __len__(self) -> int:
        """Return how many facts may be walked."""
        return len(self.subject)

    def __repr__(self) -> str:
        return f"<SparseRows: {self.entities:,} entities, {len(self):,} facts>"

    @cached_property
    def outward(self) -> Steps:
        """The steps from subject to object."""
        return Steps(_starts(self.subject, self.entities), self.object, np.arange(len(self), dtype=np.int32))

    @cached_property
    def inward(self) -> Steps:
        """The steps from object to subject."""
        order = np.argsort(self.object, kind="stable").astype(np.int32)
        return Steps(_starts(self.object, self.entities), self.subject[order], order)

    @cached_property
    def both(self) -> Steps:
        """The steps along facts in either direction, each entity's outward ones first."""
        outward, inward = self.outward, self.inward
        ends, facts = np.empty(2 * len(self), np.int32), np.empty(2 * len(self), np.int32)
        # A step comes after those of all entities before its own, and an inward one after its own entity's outward ones.
        for steps, place in (
            (outward, np.arange(len(self)) + inward.starts[self.subject]),
            (inward, np.arange(len(self)) + outward.starts[self.object[inward.facts] + 1]),
        ):
            ends[place], facts[place] = steps.ends, steps.facts
        return Steps(outward.starts + inward.starts, ends, facts)

    def along(self, direction: Direction | None) -> Steps:
        """Return the steps from subject to object (OUT), from object to subject (IN), or both (None)."""
        return self.both if direction is None else self.outward if direction is Direction.OUT else self.inward

    def only(self, predicates: Collection[str]) -> SparseRows:
        """Return the rows of some predicates only.

        Raises:
            CurieError: One of them is no predicate of the graph.
        """
        keep = np.isin(self.predicate, [self.predicate_number(predicate) for predicate in predicates])
        return SparseRows(self.entities, self.predicates, self.subject[keep], self.predicate[keep], self.object[keep], self.row[keep])

    def predicate_number(self, predicate: str) -> int:
        """Return what stands for a predicate in the column.

        Raises:
            CurieError: It is no predicate of the graph.
        """
        try:
            return list(self.predicates).index(predicate)
        except ValueError as error:
            raise CurieError(f"{predicate!r} is no predicate of this graph: expected one of {', '.join(self.predicates)}") from error

    @cached_property
    def symmetric(self) -> npt.NDArray[np.bool_]:
        """For each of `predicates`, whether it says the same in both directions."""
        return np.array([predicate in SYMMETRIC for predicate in self.predicates], dtype=bool)


def _starts(ends: Numbers, entities: int) -> Numbers:
    starts = np.zeros(entities + 1, dtype=np.int32)
    np.cumsum(np.bincount(ends, minlength=entities), out=starts[1:])
    return starts


def rows_of(
    entities: int,
    subject: npt.ArrayLike,
    predicate: npt.ArrayLike,
    object: npt.ArrayLike,
    predicates: Sequence[str] = tuple(PREDICATES),
) -> SparseRows:
    """Make rows of columns in any order; a fact of an entity with itself is left out.

    Args:
        entities: How many entities there are.
        subject: Numbers below `entities`.
        predicate: Positions in `predicates`.
        object: Numbers below `entities`.
        predicates: What the numbers in `predicate` stand for.

    >>> rows_of(3, subject=[1, 0], predicate=[0, 0], object=[2, 1])
    <SparseRows: 3 entities, 2 facts>
    """
    s, p, o = np.asarray(subject, np.int32), np.asarray(predicate, np.int16), np.asarray(object, np.int32)
    order = np.argsort(s, kind="stable").astype(np.int32)
    order = order[s[order] != o[order]]
    return SparseRows(entities, tuple(predicates), s[order], p[order], o[order], order)


def from_graph(graph: SnapshotGraph, *, sources: Collection[str] | None = None, negated: bool = False) -> SparseRows:
    """Copy the facts of a snapshot into rows, 14 bytes a fact.

    Args:
        graph: The snapshot.
        sources: Names of the sources whose facts are taken; None takes all.
        negated: True takes the facts reviewed as false instead of those that hold: not to be walked, but to see what is denied.
    """
    facts, predicates = columns(graph)
    keep = (facts["negated"] == negated) & (facts["subject"] != facts["object"])
    if sources is not None:
        keep &= np.isin(facts["source"], [number for number, source in enumerate(graph.sources) if source.name in sources])
    row = np.flatnonzero(keep).astype(np.int32)
    taken = (facts["subject"][row].astype(np.int32), facts["predicate"][row].astype(np.int16), facts["object"][row].astype(np.int32))
    return SparseRows(len(graph), predicates, *taken, row)


def columns(graph: SnapshotGraph) -> tuple[npt.NDArray[Any], Sequence[str]]:
    """Return a snapshot's facts as they lie on disk, sorted by subject, and the predicates that their numbers stand for."""
    return graph._facts, tuple(graph._predicates)


def number_of(graph: SnapshotGraph, curie: str) -> int | None:
    """Return the number of an entity, or None where the graph does not know it."""
    return graph._number(curie)


def entity_at(graph: SnapshotGraph, number: int) -> Entity:
    """Return the entity of a number."""
    return graph._entity_at(int(number))


def fact_at(graph: SnapshotGraph, row: int) -> Fact:
    """Return the fact of a row."""
    return graph._fact(int(row))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TwoHops:
    """Walks of two steps from one entity, each a position in these arrays of equal length.

    Attributes:
        middle: The entity after the first step.
        end: The entity after the second.
        first: The fact of the first step.
        second: The fact of the second.
    """

    middle: Numbers
    end: Numbers
    first: Numbers
    second: Numbers

    def __len__(self) -> int:
        """Return how many walks there are."""
        return len(self.end)


def one_hop(steps: Steps, entity: int) -> tuple[Numbers, Numbers]:
    """Return where the steps from an entity lead, and the facts that they follow, without a copy."""
    first, last = steps.starts[entity], steps.starts[entity + 1]
    return steps.ends[first:last], steps.facts[first:last]


def two_hops(steps: Steps, entity: int) -> TwoHops:
    """Return every walk of two steps from an entity that does not come back to it, in the order of the steps.

    >>> rows = rows_of(4, subject=[0, 1, 1], predicate=[0, 0, 0], object=[1, 2, 3])
    >>> two_hops(rows.outward, 0).end.tolist()
    [2, 3]
    """
    middle, first = one_hop(steps, entity)
    positions, counts = steps.from_all(middle)
    ends = steps.ends[positions]
    away = ends != entity
    return TwoHops(np.repeat(middle, counts)[away], ends[away], np.repeat(first, counts)[away], steps.facts[positions[away]])
