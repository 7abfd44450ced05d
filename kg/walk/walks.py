"""Walks that take identifiers and give entities and facts, over one snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from kg.graph import SnapshotGraph
from kg.model import Direction, Entity, Fact
from kg.vocabulary import HAS_PHENOTYPE, PREDICATES, SUBCLASS_OF
from kg.walk import hierarchy
from kg.walk.paths import Path, WeightedRows, k_best_paths, shortest_path, weigh
from kg.walk.rank import Transitions, highest, personalised_pagerank, transitions
from kg.walk.reach import Reached, neighbourhood
from kg.walk.similarity import Profiles, phenotype_profiles, similar_diseases
from kg.walk.sparse import SparseRows, entity_at, fact_at, from_graph, number_of

_KIND = (SUBCLASS_OF,)


@dataclass(frozen=True, slots=True)
class Near:
    """An entity, and how many steps away it is."""

    entity: Entity
    distance: int

    def __repr__(self) -> str:
        return f"<{self.entity.name}, {self.distance} away>"


@dataclass(frozen=True, slots=True)
class Around:
    """What lies around an entity.

    Attributes:
        entities: Nearest first; empty where the graph does not know the entity.
        facts: All facts among them.
        complete: False where a limit left entities out.
    """

    entities: tuple[Near, ...]
    facts: tuple[Fact, ...]
    complete: bool

    def __repr__(self) -> str:
        return f"<{len(self.entities)} entities, {len(self.facts)} facts{'' if self.complete else ', not all'}>"


@dataclass(frozen=True, slots=True)
class FactPath:
    """A way from one entity to another.

    Attributes:
        entities: Both ends included.
        facts: One less than the entities.
        directions: For each fact, OUT where the way leads from its subject to its object.
        cost: Lower is more specific; see `kg.walk.paths`.
    """

    entities: tuple[Entity, ...]
    facts: tuple[Fact, ...]
    directions: tuple[Direction, ...]
    cost: float

    def __str__(self) -> str:
        """Write the way as a line: what each entity is to the one before it stands between them."""
        parts = [self.entities[0].name]
        for entity, fact, direction in zip(self.entities[1:], self.facts, self.directions, strict=True):
            parts.append(f"[{PREDICATES[fact.predicate].label(direction)}] {entity.name}")
        return " -> ".join(parts)

    def __repr__(self) -> str:
        return f"<{self}; cost {self.cost:.2f}>"


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entity and its score; higher is closer."""

    entity: Entity
    score: float

    def __repr__(self) -> str:
        return f"<{self.entity.name}, {self.score:.3g}>"


@dataclass(frozen=True, slots=True)
class Alike:
    """A condition that is like another.

    Attributes:
        entity: The condition.
        score: From 0 to 1; see `kg.walk.similarity`.
        shared: What both have, each with its information content, the most informative first.
    """

    entity: Entity
    score: float
    shared: tuple[Ranked, ...]

    def __repr__(self) -> str:
        return f"<{self.entity.name}, {self.score:.2f}: {', '.join(ranked.entity.name for ranked in self.shared)}>"


@dataclass(frozen=True, slots=True)
class Held:
    """A fact that holds of an entity.

    Attributes:
        fact: The fact, which names whom it is stated of.
        way: The entity, and those up to the one that the fact is stated of.
    """

    fact: Fact
    way: tuple[Entity, ...]

    def __repr__(self) -> str:
        return f"<{self.fact.subject} {self.fact.predicate} {self.fact.object}, by way of {' > '.join(e.name for e in self.way)}>"


class Walks:
    """Walks over one snapshot; what a kind of walk needs is made at its first call and kept.

    An identifier that the graph does not know gives an empty result. `predicates` narrows a walk to some predicates (none named: all),
    and a text that is no predicate raises a CurieError. `direction` is the way in which facts are followed: from subject to object
    (OUT), the other way (IN), or both (None). Facts reviewed as false are never followed.

    >>> from kg import open_graph
    >>> walks = open_walks(open_graph())
    >>> [path.entities[1].name for path in walks.paths("MONDO:0005393", "CHEBI:5855", k=1)]
    ['ibuprofen']
    """

    def __init__(self, graph: SnapshotGraph, rows: SparseRows) -> None:
        self.graph = graph
        self.rows = rows
        self._only = lru_cache(maxsize=32)(self._select)
        self._weighted = lru_cache(maxsize=8)(self._weigh)
        self._transitions = lru_cache(maxsize=8)(self._move)
        self._profiles = lru_cache(maxsize=1)(self._profile)
        self._denials = lru_cache(maxsize=1)(lambda: from_graph(self.graph, negated=True))

    def __repr__(self) -> str:
        return f"<Walks over {self.rows.entities:,} entities, {len(self.rows):,} facts>"

    def neighbourhood(
        self,
        curie: str,
        radius: int = 1,
        predicates: Collection[str] = (),
        direction: Direction | None = None,
        limit: int = 200,
        hub: int | None = None,
    ) -> Around:
        """Return what lies within `radius` steps, at most `limit` entities; those of more than `hub` facts are not walked through."""
        number = number_of(self.graph, curie)
        if number is None:
            return Around((), (), True)
        rows = self._narrowed(predicates)
        found = neighbourhood(rows, number, radius, direction, limit, hub)
        return Around(self._near(found.reached), tuple(self._facts(rows, found.facts.tolist())), found.reached.complete)

    def shortest_path(self, start: str, end: str, predicates: Collection[str] = (), direction: Direction | None = None) -> FactPath | None:
        """Return a path of the fewest steps, of several the most specific one; None where there is none."""
        first, last = number_of(self.graph, start), number_of(self.graph, end)
        if first is None or last is None:
            return None
        path = shortest_path(self._weights(predicates, direction), first, last)
        return None if path is None else self._path(path, self._narrowed(predicates))

    def paths(
        self, start: str, end: str, k: int = 5, predicates: Collection[str] = (), direction: Direction | None = None
    ) -> tuple[FactPath, ...]:
        """Return the k most specific paths, the best first."""
        first, last = number_of(self.graph, start), number_of(self.graph, end)
        if first is None or last is None:
            return ()
        best = k_best_paths(self._weights(predicates, direction), first, last, k)
        return tuple(self._path(path, self._narrowed(predicates)) for path in best)

    def ancestors(self, curie: str, predicates: Collection[str] = _KIND) -> tuple[Near, ...]:
        """Return what is broader than an entity, nearest first, without the entity itself."""
        number = number_of(self.graph, curie)
        return () if number is None else self._near(hierarchy.ancestors(self._narrowed(predicates), number))[1:]

    def descendants(self, curie: str, predicates: Collection[str] = _KIND) -> tuple[Near, ...]:
        """Return what is narrower than an entity, nearest first, without the entity itself."""
        number = number_of(self.graph, curie)
        return () if number is None else self._near(hierarchy.descendants(self._narrowed(predicates), number))[1:]

    def lowest_common_ancestors(self, first: str, second: str, predicates: Collection[str] = _KIND) -> tuple[Entity, ...]:
        """Return the narrowest of what two entities both are or lie below, the fewest steps from both first."""
        one, other = number_of(self.graph, first), number_of(self.graph, second)
        if one is None or other is None:
            return ()
        found = hierarchy.lowest_common_ancestors(self._narrowed(predicates), one, other)
        return tuple(entity_at(self.graph, ancestor.number) for ancestor in found)

    def roll_up(self, curie: str, predicates: Collection[str], direction: Direction = Direction.OUT) -> tuple[Held, ...]:
        """Return the facts of some predicates that are stated of an entity or of what is broader, nearest first.

        What is denied nearer to the entity than it is stated is not inherited. Name only predicates that narrower terms inherit.
        """
        number = number_of(self.graph, curie)
        if number is None:
            return ()
        rows, kinds = self._narrowed(predicates), self._narrowed(_KIND)
        found = hierarchy.roll_up(rows, kinds, number, direction, self._denials())
        return tuple(
            Held(fact_at(self.graph, int(rows.row[held.fact])), tuple(entity_at(self.graph, n) for n in held.way)) for held in found
        )

    def related(
        self,
        seeds: str | Mapping[str, float] | Iterable[str],
        k: int = 20,
        predicates: Collection[str] = (),
        direction: Direction | None = None,
        damping: float = 0.85,
    ) -> tuple[Ranked, ...]:
        """Return the entities closest to some others by personalised PageRank, without these; unknown seeds are left out."""
        several = (seeds,) if isinstance(seeds, str) else seeds
        weights = dict(several) if isinstance(several, Mapping) else dict.fromkeys(several, 1.0)
        known = {number: weight for curie, weight in weights.items() if (number := number_of(self.graph, curie)) is not None}
        scores = personalised_pagerank(self._transitions(frozenset(predicates), direction), known, damping)
        scores[list(known)] = 0
        return tuple(Ranked(entity_at(self.graph, number), score) for number, score in highest(scores, k))

    def similar_diseases(self, curie: str, k: int = 10) -> tuple[Alike, ...]:
        """Return the conditions most like one by the symptoms they share, with these."""
        number = number_of(self.graph, curie)
        if number is None:
            return ()
        return tuple(
            Alike(entity_at(self.graph, s.number), s.score, tuple(Ranked(entity_at(self.graph, n), content) for n, content in s.shared))
            for s in similar_diseases(self._profiles(), number, k)
        )

    def _narrowed(self, predicates: Collection[str]) -> SparseRows:
        return self._only(frozenset(predicates))

    def _weights(self, predicates: Collection[str], direction: Direction | None) -> WeightedRows:
        return self._weighted(frozenset(predicates), direction)

    def _select(self, predicates: frozenset[str]) -> SparseRows:
        return self.rows.only(predicates) if predicates else self.rows

    def _weigh(self, predicates: frozenset[str], direction: Direction | None) -> WeightedRows:
        return weigh(self._only(predicates), direction)

    def _move(self, predicates: frozenset[str], direction: Direction | None) -> Transitions:
        return transitions(self._only(predicates), direction)

    def _profile(self) -> Profiles:
        return phenotype_profiles(self._narrowed((HAS_PHENOTYPE,)), self._narrowed(_KIND))

    def _near(self, reached: Reached) -> tuple[Near, ...]:
        pairs = zip(reached.numbers.tolist(), reached.distances.tolist(), strict=True)
        return tuple(Near(entity_at(self.graph, number), distance) for number, distance in pairs)

    def _facts(self, rows: SparseRows, positions: Iterable[int]) -> Iterable[Fact]:
        return (fact_at(self.graph, int(rows.row[position])) for position in positions)

    def _path(self, path: Path, rows: SparseRows) -> FactPath:
        return FactPath(
            tuple(entity_at(self.graph, number) for number in path.nodes),
            tuple(self._facts(rows, (step.fact for step in path.steps))),
            tuple(step.direction for step in path.steps),
            path.cost,
        )


def open_walks(graph: SnapshotGraph, sources: Collection[str] | None = None) -> Walks:
    """Make walks over a snapshot, or over the facts of some of its sources only."""
    return Walks(graph, from_graph(graph, sources=sources))
