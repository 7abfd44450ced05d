"""Broader and narrower terms, and what holds of a term because it holds of a broader one.

A hierarchy is rows of the predicates that lead from a narrower term (subject) to a broader one (object): `rows.only([SUBCLASS_OF])`.
Where it has a cycle, each term of the cycle is both an ancestor and a descendant of the others, and never of itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.model import Direction
from kg.walk.reach import Reached, reach
from kg.walk.sparse import SparseRows, one_hop


def ancestors(hierarchy: SparseRows, entity: int) -> Reached:
    """Return a term and those broader than it, nearest first; the first is the term itself, at distance 0."""
    return reach(hierarchy.outward, entity)


def descendants(hierarchy: SparseRows, entity: int) -> Reached:
    """Return a term and those narrower than it, nearest first; the first is the term itself, at distance 0."""
    return reach(hierarchy.inward, entity)


@dataclass(frozen=True, slots=True)
class CommonAncestor:
    """A term that is as broad as two others, or broader.

    Attributes:
        number: The term; it may be one of the two.
        distances: The fewest steps up to it from each of the two.
    """

    number: int
    distances: tuple[int, int]


def common_ancestors(hierarchy: SparseRows, first: int, second: int) -> tuple[CommonAncestor, ...]:
    """Return the terms that both terms are or lie below, the least steps from both together first, then by number."""
    one, other = (dict(zip(r.numbers.tolist(), r.distances.tolist(), strict=True)) for r in _both(hierarchy, first, second))
    common = (CommonAncestor(number, (steps, other[number])) for number, steps in one.items() if number in other)
    return tuple(sorted(common, key=lambda ancestor: (sum(ancestor.distances), ancestor.number)))


def _both(hierarchy: SparseRows, first: int, second: int) -> Iterator[Reached]:
    return (ancestors(hierarchy, entity) for entity in (first, second))


def lowest_common_ancestors(hierarchy: SparseRows, first: int, second: int) -> tuple[CommonAncestor, ...]:
    """Return the common ancestors of which no other common ancestor is a narrower term, in the same order; several in a polyhierarchy."""
    common = common_ancestors(hierarchy, first, second)
    above = {ancestor.number: frozenset(ancestors(hierarchy, ancestor.number).numbers[1:].tolist()) for ancestor in common}
    # In a cycle two terms are above each other; neither is then the narrower.
    return tuple(a for a in common if not any(a.number in above[b.number] and b.number not in above[a.number] for b in common))


@dataclass(frozen=True, slots=True)
class Inherited:
    """A fact that holds of a term because it is stated of the term itself or of a broader one.

    Attributes:
        fact: The position of the fact in the rows it was found in.
        way: The entities from the term up to the one that the fact is stated of, both included; one where it is the term's own.
    """

    fact: int
    way: tuple[int, ...]

    @property
    def distance(self) -> int:
        """How many steps up the fact is stated; 0 for the term's own."""
        return len(self.way) - 1


def roll_up(
    rows: SparseRows, hierarchy: SparseRows, entity: int, direction: Direction = Direction.OUT, denials: SparseRows | None = None
) -> tuple[Inherited, ...]:
    """Return the facts of a term and those that it inherits from broader terms, nearest first.

    A statement is told at the least distance only, there by every source that makes it. Which predicates hold of narrower terms is
    for the caller to say: what a group of medicines is contraindicated in, its members are; what one member treats, the group need not.

    Args:
        rows: The facts to look among; `rows.only` narrows them to the predicates that are inherited.
        hierarchy: Facts from narrower to broader term.
        entity: The term.
        direction: The end of the facts at which the term and its ancestors stand: OUT, as their subject.
        denials: Facts reviewed as false (`from_graph(graph, negated=True)`); what is denied nearer to the term than it is stated is
            not inherited.
    """
    reached = ancestors(hierarchy, entity)
    settled: dict[tuple[int, int], int] = {}
    denied: dict[tuple[int, int], int] = {}
    found = []
    for holder, distance in zip(reached.numbers.tolist(), reached.distances.tolist(), strict=True):
        for far, fact in _statements(rows, holder, direction):
            statement = (int(rows.predicate[fact]), far)
            if far != entity and settled.setdefault(statement, distance) == distance and denied.get(statement, distance) >= distance:
                found.append(Inherited(fact, reached.way_back(holder)))
        if denials is not None:
            for far, fact in _statements(denials, holder, direction):
                denied.setdefault((int(denials.predicate[fact]), far), distance)
    return tuple(found)


def _statements(rows: SparseRows, entity: int, direction: Direction) -> Iterator[tuple[int, int]]:
    """Yield the far end and the position of each fact at whose `direction` end an entity stands.

    A predicate that says the same in both directions is stated once, from the smaller identifier; the entity then stands at either end.
    """
    ends, facts = one_hop(rows.along(direction), entity)
    yield from zip(ends.tolist(), facts.tolist(), strict=True)
    ends, facts = one_hop(rows.along(direction.other), entity)
    symmetric = rows.symmetric[rows.predicate[facts]]
    yield from zip(ends[symmetric].tolist(), facts[symmetric].tolist(), strict=True)
