"""Which sources may speak to patients first: what was written for them comes before what was imported."""

from __future__ import annotations

from collections.abc import Sequence

from kg.graph import Graph
from kg.model import Direction, Entity
from kg.vocabulary import DRUG_CLASS, SUBCLASS_OF
from qa.model import PERILS, Evidence

MAX_IMPORTED = 60
"""Triples of imported sources given under one heading, at the most: a syndrome has hundreds of signs."""


def imported(graph: Graph) -> frozenset[str]:
    """Return the names of the sources that stand beside curated ones; none where no source is curated."""
    others = frozenset(source.name for source in graph.sources if not source.curated)
    return others if len(others) < len(graph.sources) else frozenset()


def warns(evidence: Evidence) -> bool:
    """Say whether a triple tells that things do not go together."""
    return evidence.fact.predicate in PERILS and not evidence.fact.negated


def curated_first(graph: Graph, evidence: Sequence[Evidence], together: bool = False) -> list[Evidence]:
    """Leave out what imported sources say where a curated one has an answer at least as fitting; no warning is left out.

    Args:
        graph: Says which sources are curated.
        evidence: The triples around some entities, the most fitting first.
        together: Whether an answer by one relation answers the question, so that other relations need none, as where its words name
            what is asked for.
    """
    wide = imported(graph)
    told: dict[tuple[object, ...], float] = {}
    taken: dict[tuple[object, ...], int] = {}
    kept = []
    for item in evidence:
        if item.fact.source not in wide:
            place = _heading(item, together)
            told[place] = max(item.prior, told.get(place, item.prior))
    for item in evidence:
        if item.fact.source in wide and not warns(item):
            place = _heading(item, together)
            taken[place] = taken.get(place, 0) + 1
            if told.get(place, item.prior - 1) >= item.prior or taken[place] > MAX_IMPORTED:
                continue
        kept.append(item)
    return kept


def _heading(evidence: Evidence, together: bool) -> tuple[object, ...]:
    if together:
        return (evidence.focus.curie, evidence.fact.negated)
    return (evidence.focus.curie, evidence.fact.negated, evidence.relation)


def is_root(graph: Graph, group: Entity) -> bool:
    """Say whether it tells nothing to be a kind of this: of "disease" or "phenotypic abnormality", with which an ontology begins."""
    if group.category == DRUG_CLASS or graph.curated_degree(group.curie):
        return False
    return not any(fact.predicate == SUBCLASS_OF and not fact.negated for fact in graph.facts(group.curie, Direction.OUT))
