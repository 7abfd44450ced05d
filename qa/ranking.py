"""In which order triples are told, and which of two that say the same stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kg.graph import Graph
from kg.model import Entity, Fact
from kg.vocabulary import SYMMETRIC, gravity
from qa.model import Evidence
from qa.standing import imported, warns

_FREQUENCY = {"very common": 0, "common": 1, None: 2, "occasional": 3, "rare": 4}


def ranked(graph: Graph, evidence: Iterable[Evidence]) -> list[Evidence]:
    """Order by fit, then common before rare, then what the graph says most about; the same answer under the same heading stands once."""
    best: dict[tuple[object, ...], Evidence] = {}
    for item in evidence:
        # Two that interact do so whichever of them a source names first.
        relation = item.relation.predicate if item.relation.predicate in SYMMETRIC else item.relation
        identity = (item.focus.curie, item.target.curie, relation, item.fact.negated, item.fact.key if item.of_a_kind else None)
        if identity not in best or _tells_more(item, best[identity], imported(graph)):
            best[identity] = item
    return sorted(best.values(), key=lambda e: (-e.prior, _order(e.fact), *_fame(graph, e.target)))


def _fame(graph: Graph, entity: Entity) -> tuple[int, int]:
    """Return what puts an entity that there is much to say of first: to patients, then at all."""
    return -graph.curated_degree(entity.curie), -graph.degree(entity.curie)


def _tells_more(item: Evidence, known: Evidence, wide: Collection[str]) -> bool:
    """Say whether a fact stands for another of the same: the graver warning, then that of the nearer group, then the curated one.

    A milder statement of a member's own stands where it says what it is limited to (aspirin in pregnancy: low doses only), unless
    it is imported and what it is milder than is not.
    """
    if warns(item) and warns(known) and gravity(item.fact.qualifiers) != gravity(known.fact.qualifiers):
        mild, grave = sorted((item, known), key=lambda e: gravity(e.fact.qualifiers))
        is_exception = "purpose" in mild.fact.qualifiers and len(mild.via) < len(grave.via)
        if not is_exception or (mild.fact.source in wide and grave.fact.source not in wide):
            return item is grave
    return (len(item.via), item.fact.source in wide) < (len(known.via), known.fact.source in wide)


def _order(fact: Fact) -> tuple[int, int, int]:
    qualifiers = fact.qualifiers
    line = {"first": 0, None: 1, "other": 2}.get(qualifiers.get("line"), 1)
    return (_FREQUENCY.get(qualifiers.get("frequency"), 2), line, -gravity(qualifiers))
