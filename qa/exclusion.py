"""Medicines that a question names because they are not wanted: "I am allergic to ibuprofen", "other than aspirin"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kg.graph import Graph
from kg.model import Direction, Entity
from kg.vocabulary import CHEMICAL, DRUG, DRUG_CLASS, SUBCLASS_OF
from qa.hierarchy import ancestors, kinds
from qa.model import Mention
from qa.standing import imported

_ARTICLE = r"(the |my |any |a |an |some |taking |using )?$"
_HARMED_BEFORE = re.compile(
    rf"\b(allerg(ic|y|ies) to|intoleran(t|ce) (of|to)|react(s|ed|ion)? (badly )?to|(can['’]?t|cannot|don['’]?t|doesn['’]?t) tolerate"
    rf"|(can['’]?t|cannot|can not|must not|mustn['’]?t|not allowed to|unable to|shouldn['’]?t) (take|have|use)) {_ARTICLE}",
    re.IGNORECASE,
)
_HARMED_AFTER = re.compile(r"^ (allergy|gave me|gives me|upsets my|made me (ill|sick|worse)|makes me (ill|sick))\b", re.IGNORECASE)
_UNWANTED_BEFORE = re.compile(
    rf"\b((what|which)\b[^.;?!]*\b(is|are)(n['’]t| not)"
    rf"|other than|apart from|besides|except( for)?|instead of|rather than|but not|, not|don['’]?t (take|have|use|want)) {_ARTICLE}",
    re.IGNORECASE,
)
_UNWANTED_AFTER = re.compile(r"^ (did not|didn['’]?t|does not|doesn['’]?t|isn['’]?t) (help|work)", re.IGNORECASE)
# "Who can't take metformin?", "why can't I have aspirin with warfarin?" ask about the medicine, they do not rule it out.
_ASKS_WHO = re.compile(r"(^|[.;?!]\s+)\W*(so |and |but )?(who|when|why)\b[^.;?!]*$", re.IGNORECASE)
_ALLERGIC = re.compile(r"\b(allerg\w+|intoleran\w+|react\w*|tolerate)\b[^.;?!]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Excluded:
    """Medicines that must not be offered.

    Attributes:
        harmful: Those that did or would harm whoever asks; related medicines are then left out too.
        unwanted: Those that are only not wanted.
    """

    harmful: tuple[Entity, ...] = ()
    unwanted: tuple[Entity, ...] = ()

    @property
    def entities(self) -> tuple[Entity, ...]:
        """All of them, in the order of the question."""
        return (*self.harmful, *self.unwanted)


def excluded(text: str, mentions: Sequence[Mention]) -> Excluded:
    """Return the medicines that a question names as not wanted."""
    harmful: dict[Entity, None] = {}
    unwanted: dict[Entity, None] = {}
    for mention in mentions:
        entity = mention.entity
        if entity is None or entity.category not in {DRUG, DRUG_CLASS, CHEMICAL}:
            continue
        before, after = text[: mention.start], text[mention.end :]
        if _ASKS_WHO.search(before) and not _ALLERGIC.search(before):
            continue
        if _HARMED_BEFORE.search(before) or _HARMED_AFTER.search(after):
            harmful[entity] = None
        elif _UNWANTED_BEFORE.search(before) or _UNWANTED_AFTER.search(after):
            unwanted[entity] = None
    return Excluded(tuple(harmful), tuple(unwanted))


def is_excluded(graph: Graph, medicine: Entity, out: Excluded) -> bool:
    """Say whether a medicine is one of those excluded, a kind of one, or related to one that harms."""
    lineage = {medicine.curie, *(upper.curie for upper, _ in ancestors(graph, medicine))}
    if any(entity.curie in lineage for entity in out.entities):
        return True
    return any(group.curie in lineage for entity in out.harmful if entity.category == DRUG for group in _nearest_groups(graph, entity))


def _nearest_groups(graph: Graph, medicine: Entity) -> list[Entity]:
    """Return the groups of which a medicine is directly one, the wider of two that contain each other left out: NSAIDs, not painkillers.

    Where a curated source names its groups, those of others are not looked at: a narrower one would hide them.
    """
    placed = [f for f in graph.facts(medicine.curie, Direction.OUT) if f.predicate == SUBCLASS_OF and not f.negated]
    direct = {f.object for f in placed if f.source not in imported(graph)} or {f.object for f in placed}
    found = [entity for entity in map(graph.entity, sorted(direct)) if entity is not None]
    below = {group.curie: {lower.curie for lower, _ in kinds(graph, group)} for group in found}
    return [group for group in found if not any(other.curie in below[group.curie] for other in found)]
