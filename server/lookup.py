"""Looks an identifier up, and says so where it is another name for an entity, or was withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kg.graph import Graph
from kg.identifiers import PREFIX_SYNONYMS, PREFIXES, normal
from kg.identifiers import curie as curie_of
from kg.model import Alias, AliasKind, Curie, Direction, Entity
from qa.answer import fact_as_dict

_PREFIXES = {name.casefold(): kept for name, kept in (*PREFIX_SYNONYMS.items(), *zip(PREFIXES, PREFIXES, strict=True))}


@dataclass(frozen=True, slots=True)
class Found:
    """What an identifier stands for.

    Attributes:
        asked: The identifier.
        entity: The entity; None where the graph does not know it.
        alias: Why the identifier stands for it, where it is not the entity's own; with `entity` None, that it was withdrawn.
    """

    asked: Curie
    entity: Entity | None
    alias: Alias | None = None

    def remark(self) -> str:
        """Say in a sentence what the identifier is, where it is not an entity's own; empty where it is.

        >>> Found(Curie("MONDO:0000002"), None, Alias(None, AliasKind.REPLACED)).remark()
        'MONDO:0000002 was withdrawn, and nothing replaces it.'
        """
        if self.alias is None:
            return "" if self.entity is not None else f"The graph has no entity {self.asked}."
        if self.entity is None:
            return f"{self.asked} was withdrawn, and nothing replaces it."
        verb = "was replaced by" if self.alias.kind is AliasKind.REPLACED else "is another identifier of"
        return f"{self.asked} {verb} {self.entity.curie}."


def read_identifier(text: str) -> Curie:
    """Read an identifier as people write it: with blanks around it, a prefix in other letters (`mondo:`, `Orphanet:`), or as a whole IRI.

    Raises:
        CurieError: It is none.

    >>> read_identifier(" mondo:0005393"), read_identifier("http://purl.obolibrary.org/obo/MONDO_0005393")
    ('MONDO:0005393', 'MONDO:0005393')
    """
    stripped = text.strip()
    if stripped.startswith(("http://", "https://", "urn:")):
        return curie_of(stripped)
    found = normal(stripped)
    prefix = _PREFIXES.get(found.prefix.casefold(), found.prefix)
    return Curie(f"{prefix}:{found.local}")


def look_up(graph: Graph, asked: Curie) -> Found:
    """Return the entity of an identifier, by way of what it stands for where it is no entity's own."""
    entity = graph.entity(asked)
    if entity is not None:
        return Found(asked, entity)
    alias = graph.alias(asked)
    target = alias.curie if alias is not None else None
    return Found(asked, graph.entity(target) if target is not None else None, alias)


def found_as_dict(graph: Graph, found: Found) -> dict[str, Any] | None:
    """Return an entity, its facts both ways, and what was asked for where it is not its identifier; None where there is none."""
    if found.entity is None:
        return None
    curie = found.entity.curie
    facts = {direction.value: [fact_as_dict(fact, graph) for fact in graph.facts(curie, direction)] for direction in Direction}
    alias = {"curie": found.asked, "kind": found.alias.kind.value} if found.alias is not None else None
    return found.entity.as_dict() | {"alias": alias, "facts": facts}
