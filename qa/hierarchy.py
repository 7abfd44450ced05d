"""Up and down the graph's hierarchy: the groups that something belongs to, and what belongs to a group.

Where a curated source places an entity, it alone does: an ontology's groups are far wider, and what holds for them says little of what
patients ask about. Groups of medicines count whoever names them, since warnings are stated of them.
"""

from __future__ import annotations

from kg.graph import Graph
from kg.model import Direction, Entity, Fact
from kg.vocabulary import DRUG_CLASS, EXPOSURE, SUBCLASS_OF
from qa.standing import imported, is_root

_MAX_STEPS = 4
_MAX_FOUND = 400
"""Terms looked at, at the most: "hereditary disease" has thousands of kinds."""


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
            for fact in placings(graph, start, direction):
                following = graph.entity(fact.end(direction))
                if following is not None and following.curie not in seen and len(found) + len(reached) < _MAX_FOUND:
                    seen.add(following.curie)
                    reached.append((following, (*path, fact)))
        found.extend(reached)
        level = reached
    return found


def placings(graph: Graph, entity: Entity, direction: Direction) -> list[Fact]:
    """Return the facts that say of what an entity is a kind (OUT), or what is a kind of it (IN), as far as they count."""
    wide = imported(graph)
    found = [f for f in graph.facts(entity.curie, direction) if f.predicate == SUBCLASS_OF and not f.negated]
    own = [fact for fact in found if fact.source not in wide]
    return own + [f for f in found if f.source in wide and _counts(graph, f, bool(own))]


def _counts(graph: Graph, fact: Fact, is_placed: bool) -> bool:
    group = graph.entity(fact.object)
    if group is None or group.category == EXPOSURE:  # to drink alcohol is not to take one of the thousand substances that are alcohols
        return False
    return group.category == DRUG_CLASS or not (is_placed or is_root(graph, group))
