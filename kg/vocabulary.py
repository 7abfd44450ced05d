"""The words of the graph: categories, predicates, and how each is written and read aloud.

Predicates and categories are Biolink's (https://biolink.github.io/biolink-model) where Biolink has one; those under `medkg:` are
documented here and in docs/vocabulary.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kg.model import NO_QUALIFIERS, Curie, Direction

DISEASE = Curie("biolink:Disease")
PHENOTYPE = Curie("biolink:PhenotypicFeature")
DRUG = Curie("biolink:Drug")
DRUG_CLASS = Curie("medkg:DrugClass")
TREATMENT = Curie("biolink:Treatment")
DIAGNOSTIC_AID = Curie("biolink:DiagnosticAid")
EXPOSURE = Curie("biolink:ExposureEvent")
ORGANISM = Curie("biolink:OrganismTaxon")
BIOLOGICAL_ENTITY = Curie("biolink:BiologicalEntity")
ANATOMY = Curie("biolink:AnatomicalEntity")
SPECIALTY = Curie("medkg:Specialty")

CATEGORIES: Mapping[Curie, str] = MappingProxyType(
    {
        DISEASE: "condition",
        PHENOTYPE: "symptom or sign",
        DRUG: "medicine or vaccine",
        DRUG_CLASS: "group of medicines",
        TREATMENT: "treatment other than a medicine",
        DIAGNOSTIC_AID: "test or examination",
        EXPOSURE: "risk factor, habit or circumstance",
        ORGANISM: "germ or parasite",
        BIOLOGICAL_ENTITY: "process or material in the body",
        ANATOMY: "part of the body",
        SPECIALTY: "kind of doctor or clinic",
    }
)

SUBCLASS_OF = Curie("biolink:subclass_of")
HAS_PHENOTYPE = Curie("biolink:has_phenotype")
TREATS = Curie("biolink:treats")
PREVENTS = Curie("biolink:preventative_for_condition")
CAUSES = Curie("biolink:causes")
PREDISPOSES = Curie("biolink:predisposes_to_condition")
DIAGNOSES = Curie("biolink:diagnoses")
HAS_SIDE_EFFECT = Curie("biolink:has_side_effect")
CONTRAINDICATED_IN = Curie("biolink:contraindicated_in")
INTERACTS_WITH = Curie("biolink:interacts_with")
HAS_COMPLICATION = Curie("medkg:has_complication")
MANAGED_BY = Curie("medkg:managed_by")
TRANSMITTED_BY = Curie("medkg:transmitted_by")


@dataclass(frozen=True, slots=True)
class Predicate:
    """A kind of fact.

    Attributes:
        curie: Its identifier.
        outward: What its objects are to its subject ("symptoms": gout's symptoms are ...).
        inward: What its subjects are to its object ("symptom of": joint pain is a symptom of ...).
        sentence: The fact as a clause, with `{s}` and `{o}` for the names.
        denial: The clause for a fact reviewed as false.
        meaning: What it states, for the documentation.
    """

    curie: Curie
    outward: str
    inward: str
    sentence: str
    denial: str
    meaning: str

    def label(self, direction: Direction) -> str:
        """Return what the far ends are to an entity that stands at the `direction` end."""
        return self.outward if direction is Direction.OUT else self.inward


PREDICATES: Mapping[Curie, Predicate] = MappingProxyType(
    {
        p.curie: p
        for p in (
            Predicate(
                SUBCLASS_OF,
                "is a kind of",
                "kinds",
                "{s} is a kind of {o}",
                "{s} is not a kind of {o}",
                "Subject is a narrower term of object.",
            ),
            Predicate(
                HAS_PHENOTYPE,
                "symptoms",
                "is a symptom of",
                "{o} can be a symptom of {s}",
                "{o} is not a symptom of {s}",
                "People with the subject (a condition) have the object (a symptom or sign).",
            ),
            Predicate(
                TREATS,
                "is used for",
                "treatments",
                "{s} can help with {o}",
                "{s} will not help with {o}",
                "Subject (a medicine or other treatment) cures, controls or relieves the object.",
            ),
            Predicate(
                PREVENTS,
                "prevents",
                "prevention",
                "{s} can help to prevent {o}",
                "{s} will not prevent {o}",
                "Subject (a vaccine, medicine or habit) lowers the chance of the object.",
            ),
            Predicate(CAUSES, "can cause", "causes", "{s} can cause {o}", "{s} will not cause {o}", "Subject brings about the object."),
            Predicate(
                PREDISPOSES,
                "raises the risk of",
                "risk factors",
                "{s} can raise the risk of {o}",
                "{s} does not raise the risk of {o}",
                "Subject makes the object more likely.",
            ),
            Predicate(
                DIAGNOSES,
                "is a test for",
                "tests",
                "{s} can help to find {o}",
                "{s} is not a test for {o}",
                "Subject (a test or examination) is used to find or confirm the object.",
            ),
            Predicate(
                HAS_SIDE_EFFECT,
                "side effects",
                "is a side effect of",
                "{o} can be a side effect of {s}",
                "{o} is not a side effect of {s}",
                "Subject (a medicine) can bring about the object as an unwanted effect.",
            ),
            Predicate(
                CONTRAINDICATED_IN,
                "avoid or use with care in",
                "medicines to avoid or use with care",
                "{s} should be avoided or used with care in {o}",
                "{s} is not contraindicated in {o}",
                "Subject (a medicine) should be avoided (`strength` avoid) or used with care (caution) in the object.",
            ),
            Predicate(
                INTERACTS_WITH,
                "interacts with",
                "interacts with",
                "{s} and {o} interact",
                "{s} and {o} do not interact",
                "Subject and object affect each other when taken together; symmetric, stated once.",
            ),
            Predicate(
                HAS_COMPLICATION,
                "complications",
                "is a complication of",
                "{s} can lead to {o}",
                "{s} does not lead to {o}",
                "Subject (a condition) can lead to the object.",
            ),
            Predicate(
                MANAGED_BY,
                "doctor to see",
                "looks after",
                "{o} can look after {s}",
                "{s} is not looked after by a {o}",
                "Subject (a condition) is looked after by the object (a specialty).",
            ),
            Predicate(
                TRANSMITTED_BY,
                "spreads through",
                "spreads",
                "{s} can spread through {o}",
                "{s} does not spread through {o}",
                "Subject (an infection) passes from one person to another by way of the object.",
            ),
        )
    }
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

QUALIFIER_VALUES: Mapping[str, frozenset[str] | None] = MappingProxyType(
    {
        "frequency": frozenset({"very common", "common", "occasional", "rare"}),
        "line": frozenset({"first", "other"}),
        "strength": frozenset({"avoid", "caution"}),
        "severity": frozenset({"major", "moderate", "minor"}),
        "seriousness": frozenset({"serious"}),
        "purpose": None,
        "effect": None,
    }
)


_GRAVITY = {"major": 4, "avoid": 4, "moderate": 3, "caution": 2, "minor": 1}


def gravity(qualifiers: Mapping[str, str]) -> int:
    """Return how grave a warning is by its severity or strength, 1 to 4; one that says neither is as grave as a caution.

    >>> gravity({"severity": "major"}), gravity({"strength": "caution"}), gravity({})
    (4, 2, 2)
    """
    return _GRAVITY.get(qualifiers.get("severity") or qualifiers.get("strength") or "caution", 2)
