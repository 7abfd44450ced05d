"""A graph of which some names are hidden, so that it can be seen how a linker does without them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Protocol

from kg.graph import Graph, Naming
from kg.model import Alias, Curie, Direction, Entity, Fact, Source
from kg.names import key
from kg.surface import SurfaceNames


class NamedGraph(Graph, Protocol):
    """A graph whose entities can be gone through, as a snapshot's can."""

    def entities(self) -> Iterator[Entity]:
        """Yield every entity."""
        ...

    def at_key(self, folded: str) -> Sequence[Naming]:
        """Return what `named` does for a name that is folded already."""
        ...


class HidingGraph:
    """A graph without some of its names; the entities and all that is said of them stay.

    A name stays where it is the one that the graph shows for the entity, and where another entity bears it that it is not hidden for.

    Args:
        graph: The whole graph.
        hidden: Entity and folded name.
    """

    def __init__(self, graph: NamedGraph, hidden: Collection[tuple[Curie, str]]) -> None:
        self._graph = graph
        self._hidden: defaultdict[str, set[Curie]] = defaultdict(set)
        self._of_entity: defaultdict[Curie, set[str]] = defaultdict(set)
        for curie, folded in hidden:
            entity = graph.entity(curie)
            if entity is not None and key(entity.name) != folded:
                self._hidden[folded].add(entity.curie)
                self._of_entity[entity.curie].add(folded)

    @property
    def sources(self) -> Sequence[Source]:
        """The sources of the facts, the one of highest standing first."""
        return self._graph.sources

    def entity(self, curie: str) -> Entity | None:
        """Return the entity without its hidden names, or None where the graph does not know it."""
        entity = self._graph.entity(curie)
        return None if entity is None else self._without(entity)

    def entities(self) -> Iterator[Entity]:
        """Yield every entity, without its hidden names."""
        return map(self._without, self._graph.entities())

    def facts(self, curie: str, direction: Direction) -> Sequence[Fact]:
        """Return the facts at whose `direction` end the entity stands; OUT: it is their subject."""
        return self._graph.facts(curie, direction)

    def degree(self, curie: str) -> int:
        """Return at how many facts the entity stands, at either end."""
        return self._graph.degree(curie)

    def curated_degree(self, curie: str) -> int:
        """Return at how many facts of curated sources the entity stands, at either end."""
        return self._graph.curated_degree(curie)

    def alias(self, curie: str) -> Alias | None:
        """Return what an identifier stands for that is no entity's own."""
        return self._graph.alias(curie)

    def named(self, name: str) -> Sequence[Naming]:
        """Return the entities that bear a name that is not hidden for them."""
        return self._shown(key(name), self._graph.named(name))

    def at_key(self, folded: str) -> Sequence[Naming]:
        """Return what `named` does for a name that is folded already."""
        return self._shown(folded, self._graph.at_key(folded))

    @cached_property
    def surface(self) -> SurfaceNames:
        """The names by themselves, without those that no entity bears any more."""
        whole = self._graph.surface
        left = {folded: self.at_key(folded) for folded in self._hidden}
        names = (name for name in whole.names() if left.get(name, True))
        curated = (name for name in whole.curated() if name not in left or any(naming.curated for naming in left[name]))
        return SurfaceNames.of(names, curated)

    def _shown(self, folded: str, namings: Sequence[Naming]) -> Sequence[Naming]:
        hidden = self._hidden.get(folded, ())
        return [naming._replace(entity=self._without(naming.entity)) for naming in namings if naming.entity.curie not in hidden]

    def _without(self, entity: Entity) -> Entity:
        hidden = self._of_entity.get(entity.curie)
        if not hidden:
            return entity
        return replace(entity, synonyms=tuple(name for name in entity.synonyms if key(name) not in hidden))
