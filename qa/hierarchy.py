"""Up and down the graph's hierarchy: the groups that something belongs to, and what belongs to a group."""

from __future__ import annotations

from kg.graph import Graph
from kg.model import Direction, Entity, Fact
from kg.vocabulary import SUBCLASS_OF

_MAX_STEPS = 4


def ancestors(graph: Graph, entity: Entity) -> list[tuple[Entity, tuple[Fact, ...]]]:
    """Return the groups that an entity belongs to, nearest first, each with the subclass facts that lead up to it."""
    return _along_hierarchy(graph, entity, Direction.OUT)


def kinds(graph: Graph, entity: Entity) -> list[tuple[Entity, tuple[Fact, ...]]]:
    """Return what belongs to a group, nearest first, each with the subclass facts that lead down to it."""
    return _along_hierarchy(graph, entity, Direction.IN)


def _along_hierarchy(graph: Graph, entity: Entity, direction: Direction) -> list[tuple[Entity, tuple[Fact, ...]]]:
    found: list[tuple[Entity, tuple[Fact, ...]]] = []
    seen = {entity.curie}
    level: list[tuple[Entity, tuple[Fact, ...]]] = [(entity, ())]
    for _ in range(_MAX_STEPS):
        reached: list[tuple[Entity, tuple[Fact, ...]]] = []
        for start, path in level:
            for fact in graph.facts(start.curie, direction):
                following = graph.entity(fact.end(direction)) if fact.predicate == SUBCLASS_OF and not fact.negated else None
                if following is not None and following.curie not in seen:
                    seen.add(following.curie)
                    reached.append((following, (*path, fact)))
        found.extend(reached)
        level = reached
    return found
