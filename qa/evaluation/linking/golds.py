"""What the identifiers of annotators stand for in the graph, and whether an entity is the one that they mean."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

from kg.graph import Graph
from kg.model import Curie, Direction, Entity
from kg.names import key
from kg.vocabulary import CHEMICAL as CHEMICAL_ENTITY
from kg.vocabulary import DISEASE as DISEASE_ENTITY
from kg.vocabulary import DRUG, DRUG_CLASS, PHENOTYPE, SUBCLASS_OF
from qa.evaluation.linking.results import candidates
from qa.evaluation.pubtator import CHEMICAL, DISEASE
from qa.model import Mention

_KIND_OF = {DISEASE_ENTITY: DISEASE, PHENOTYPE: DISEASE, DRUG: CHEMICAL, DRUG_CLASS: CHEMICAL, CHEMICAL_ENTITY: CHEMICAL}


def kind_of(mention: Mention) -> str | None:
    """Return whether a mention is of a disease or of a chemical, by its entity or, unlinked, by what the linker says of it; else None."""
    if mention.entity is not None:
        return _KIND_OF.get(mention.entity.category)
    return mention.kind.value if mention.kind is not None else None


@lru_cache(maxsize=16_384)
def _keys(entity: Entity) -> frozenset[str]:
    return frozenset(key(name) for name in (entity.name, *entity.synonyms))


def _is_of(entity: Entity, prefixes: Collection[str]) -> bool:
    return any(curie.prefix in prefixes for curie in (entity.curie, *entity.xrefs))


class Golds:
    """Resolves identifiers against a graph: its entities' own, those that they are cross-referenced to, and those that they replace."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def entities(self, identifiers: Iterable[str]) -> frozenset[Curie]:
        """Return the entities that any of the identifiers stands for; none where the graph knows none of them."""
        found = (self._entity(identifier) for identifier in identifiers)
        return frozenset(curie for curie in found if curie is not None)

    def _entity(self, identifier: str) -> Curie | None:
        entity = self._graph.entity(identifier)
        if entity is not None:
            return entity.curie
        alias = self._graph.alias(identifier)
        return alias.curie if alias is not None else None

    def is_right(self, entity: Entity | None, identifiers: Collection[str]) -> bool:
        """Say whether an entity is what one of the identifiers stands for, or is itself cross-referenced to one of them."""
        if entity is None:
            return False
        return entity.curie in self.entities(identifiers) or any(identifier in entity.xrefs for identifier in identifiers)

    def is_namesake(self, entity: Entity | None, identifiers: Collection[str]) -> bool:
        """Say whether an entity is right, or bears a name of the right one.

        An ontology of signs has its own terms for many an illness, and an identifier leads to one of the two.
        """
        if entity is None or self.is_right(entity, identifiers):
            return entity is not None
        right = filter(None, map(self._graph.entity, self.entities(identifiers)))
        return any(not _keys(entity).isdisjoint(_keys(other)) for other in right)

    def is_filed_under(self, entity: Entity | None, identifiers: Collection[str]) -> bool:
        """Say whether an entity is right, or has none of the annotators' identifiers and the nearest broader ones have one of these.

        Annotators mark the most specific heading that their vocabulary has: MeSH has one for breast neoplasms, and none for breast cancer.
        """
        if entity is None or self.is_right(entity, identifiers):
            return entity is not None
        prefixes = {identifier.partition(":")[0] for identifier in identifiers}
        level, seen = [entity], {entity.curie}
        while level and not any(_is_of(one, prefixes) for one in level):
            parents = {f.object: None for one in level for f in self._graph.facts(one.curie, Direction.OUT) if f.predicate == SUBCLASS_OF}
            level = [found for curie in parents if curie not in seen and (found := self._graph.entity(curie)) is not None]
            seen.update(parents)
        return any(self.is_right(one, identifiers) for one in level)

    def first(self, mention: Mention | None, identifiers: Collection[str]) -> bool:
        """Say whether a mention is linked to the right entity."""
        return mention is not None and self.is_right(mention.entity, identifiers)

    def among_five(self, mention: Mention | None, identifiers: Collection[str]) -> bool:
        """Say whether the right entity is among the five that a mention most probably means."""
        return any(self.is_right(entity, identifiers) for entity in candidates(mention)[:5])
