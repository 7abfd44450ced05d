"""The keys of the hand-written form: what `symptoms:` or `treated_by:` under an entry means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kg.model import NO_QUALIFIERS, Curie, Direction
from kg.vocabulary import (
    CAUSES,
    CONTRAINDICATED_IN,
    DIAGNOSES,
    DIAGNOSTIC_AID,
    DISEASE,
    DRUG,
    DRUG_CLASS,
    EXPOSURE,
    HAS_COMPLICATION,
    HAS_INHERITANCE,
    HAS_PHENOTYPE,
    HAS_SIDE_EFFECT,
    INHERITANCE,
    INTERACTS_WITH,
    MANAGED_BY,
    PHENOTYPE,
    PREDISPOSES,
    PREVENTS,
    SPECIALTY,
    SUBCLASS_OF,
    TRANSMITTED_BY,
    TREATMENT,
    TREATS,
)


@dataclass(frozen=True, slots=True)
class RelationKey:
    """What a key under an entry of the everyday layer means.

    Attributes:
        predicate: The predicate of the facts below the key.
        direction: OUT where the entry is the subject, IN where it is the object.
        negated: True for statements reviewed as false.
        qualifiers: Qualifiers that the key itself implies.
        ranges: Categories that the items may have; empty, any.
    """

    predicate: Curie
    direction: Direction
    negated: bool = False
    qualifiers: Mapping[str, str] = field(default_factory=lambda: NO_QUALIFIERS)
    ranges: frozenset[Curie] = frozenset()


_CONDITIONS = frozenset({DISEASE, PHENOTYPE})
_REMEDIES = frozenset({DRUG, DRUG_CLASS, TREATMENT})

RELATION_KEYS: Mapping[str, RelationKey] = MappingProxyType(
    {
        "is_a": RelationKey(SUBCLASS_OF, Direction.OUT),
        "symptoms": RelationKey(HAS_PHENOTYPE, Direction.OUT, ranges=frozenset({PHENOTYPE})),
        "treated_by": RelationKey(TREATS, Direction.IN, ranges=_REMEDIES),
        "not_treated_by": RelationKey(TREATS, Direction.IN, negated=True, ranges=_REMEDIES),
        "prevented_by": RelationKey(PREVENTS, Direction.IN),
        "caused_by": RelationKey(CAUSES, Direction.IN),
        "does_not_cause": RelationKey(CAUSES, Direction.OUT, negated=True, ranges=_CONDITIONS),
        "risk_factors": RelationKey(PREDISPOSES, Direction.IN),
        "diagnosed_by": RelationKey(DIAGNOSES, Direction.IN, ranges=frozenset({DIAGNOSTIC_AID})),
        "complications": RelationKey(HAS_COMPLICATION, Direction.OUT, ranges=_CONDITIONS),
        "specialty": RelationKey(MANAGED_BY, Direction.OUT, ranges=frozenset({SPECIALTY})),
        "transmission": RelationKey(TRANSMITTED_BY, Direction.OUT, ranges=frozenset({EXPOSURE})),
        "inheritance": RelationKey(HAS_INHERITANCE, Direction.OUT, ranges=frozenset({INHERITANCE})),
        "treats": RelationKey(TREATS, Direction.OUT, ranges=_CONDITIONS | {EXPOSURE}),
        "does_not_treat": RelationKey(TREATS, Direction.OUT, negated=True, ranges=_CONDITIONS),
        "prevents": RelationKey(PREVENTS, Direction.OUT),
        "side_effects_common": RelationKey(
            HAS_SIDE_EFFECT, Direction.OUT, qualifiers=MappingProxyType({"frequency": "common"}), ranges=_CONDITIONS
        ),
        "side_effects_serious": RelationKey(
            HAS_SIDE_EFFECT, Direction.OUT, qualifiers=MappingProxyType({"seriousness": "serious"}), ranges=_CONDITIONS
        ),
        "contraindicated_in": RelationKey(CONTRAINDICATED_IN, Direction.OUT),
        "interacts_with": RelationKey(INTERACTS_WITH, Direction.OUT),
    }
)
