"""The words of the graph: categories, predicates, and how each is written and read aloud.

Predicates and categories are Biolink's (https://biolink.github.io/biolink-model) where Biolink has one; those under `medkg:` are
documented here and in docs/vocabulary.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kg.model import Curie, Direction

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
# Those below come with imported sources only.
CHEMICAL = Curie("biolink:ChemicalEntity")
CHEMICAL_ROLE = Curie("biolink:ChemicalRole")
GENE = Curie("biolink:Gene")
PATHWAY = Curie("biolink:Pathway")
BIOLOGICAL_PROCESS = Curie("biolink:BiologicalProcess")
MOLECULAR_ACTIVITY = Curie("biolink:MolecularActivity")
CELLULAR_COMPONENT = Curie("biolink:CellularComponent")
INHERITANCE = Curie("biolink:GeneticInheritance")
NAMED_THING = Curie("biolink:NamedThing")

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
        CHEMICAL: "substance",
        CHEMICAL_ROLE: "what a substance does or is used as",
        GENE: "gene",
        PATHWAY: "pathway",
        BIOLOGICAL_PROCESS: "biological process",
        MOLECULAR_ACTIVITY: "molecular activity",
        CELLULAR_COMPONENT: "part of a cell",
        INHERITANCE: "way in which a condition is inherited",
        NAMED_THING: "anything else",
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
# Those below come with imported sources only.
HAS_INHERITANCE = Curie("biolink:has_mode_of_inheritance")
HAS_ROLE = Curie("biolink:has_chemical_role")
HAS_LOCATION = Curie("biolink:disease_has_location")
PART_OF = Curie("biolink:part_of")
GENE_OF_CONDITION = Curie("biolink:gene_associated_with_condition")
BINDS = Curie("biolink:directly_physically_interacts_with")
PHYSICALLY_INTERACTS = Curie("biolink:physically_interacts_with")
AFFECTS = Curie("biolink:affects")
REGULATES = Curie("biolink:regulates")
EXPRESSES = Curie("biolink:expresses")
PARTICIPATES_IN = Curie("biolink:participates_in")
CORRELATED_WITH = Curie("biolink:correlated_with")
SIMILAR_TO = Curie("biolink:similar_to")
CHEMICALLY_SIMILAR = Curie("biolink:chemically_similar_to")
RELATED_TO = Curie("biolink:related_to")


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
            Predicate(
                HAS_INHERITANCE,
                "inheritance",
                "is the inheritance of",
                "{s} can be inherited: {o}",
                "{s} is not inherited this way: {o}",
                "Subject (a condition) runs in families in the way that the object says.",
            ),
            Predicate(
                HAS_ROLE,
                "acts as",
                "substances that act so",
                "{s} acts as: {o}",
                "{s} does not act as: {o}",
                "Subject (a substance) has the object as what it does or is used as.",
            ),
            Predicate(
                HAS_LOCATION,
                "affects the body in",
                "conditions there",
                "{s} affects: {o}",
                "{s} does not affect: {o}",
                "Subject (a condition) shows itself in the object (a part of the body).",
            ),
            Predicate(PART_OF, "is part of", "parts", "{s} is part of {o}", "{s} is not part of {o}", "Subject is a part of object."),
            Predicate(
                GENE_OF_CONDITION,
                "linked with conditions",
                "genes",
                "the gene {s} is linked with {o}",
                "the gene {s} is not linked with {o}",
                "Subject (a gene) is associated with the object (a condition).",
            ),
            Predicate(
                BINDS,
                "binds",
                "is bound by",
                "{s} binds {o}",
                "{s} does not bind {o}",
                "Subject (a substance) binds to the object (the product of a gene).",
            ),
            Predicate(
                PHYSICALLY_INTERACTS,
                "physically interacts with",
                "physically interacts with",
                "{s} and {o} physically interact",
                "{s} and {o} do not physically interact",
                "The products of two genes touch each other; symmetric.",
            ),
            Predicate(
                AFFECTS,
                "affects",
                "is affected by",
                "{s} affects {o}",
                "{s} does not affect {o}",
                "Subject changes how much there is or what it does of the object; `effect` says which way.",
            ),
            Predicate(
                REGULATES,
                "regulates",
                "is regulated by",
                "{s} regulates {o}",
                "{s} does not regulate {o}",
                "Subject (a gene) regulates the object (a gene).",
            ),
            Predicate(
                EXPRESSES,
                "expresses",
                "is expressed in",
                "{s} expresses {o}",
                "{s} does not express {o}",
                "Subject (a part of the body) expresses the object (a gene).",
            ),
            Predicate(
                PARTICIPATES_IN,
                "takes part in",
                "participants",
                "{s} takes part in {o}",
                "{s} takes no part in {o}",
                "Subject (a gene) takes part in the object (a process, pathway, activity or part of a cell).",
            ),
            Predicate(
                CORRELATED_WITH,
                "is correlated with",
                "is correlated with",
                "{s} and {o} are correlated",
                "{s} and {o} are not correlated",
                "Subject and object vary together; symmetric.",
            ),
            Predicate(
                SIMILAR_TO,
                "resembles",
                "resembles",
                "{s} resembles {o}",
                "{s} does not resemble {o}",
                "Subject and object are alike; symmetric.",
            ),
            Predicate(
                CHEMICALLY_SIMILAR,
                "is chemically similar to",
                "is chemically similar to",
                "{s} and {o} are chemically similar",
                "{s} and {o} are not chemically similar",
                "Subject and object have similar structures; symmetric.",
            ),
            Predicate(
                RELATED_TO,
                "is related to",
                "is related to",
                "{s} is related to {o}",
                "{s} is not related to {o}",
                "Subject and object are related in a way that no predicate above says; `original_predicate` keeps the source's own.",
            ),
        )
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
        # Those below come with imported sources only.
        "observed": None,
        "sex": frozenset({"female", "male"}),
        "original_predicate": None,
    }
)


SYMMETRIC = frozenset(p.curie for p in PREDICATES.values() if p.outward == p.inward) - {RELATED_TO}
"""Predicates that say the same in both directions; such a fact is stated once, the smaller identifier first."""

_GRAVITY = {"major": 4, "avoid": 4, "moderate": 3, "caution": 2, "minor": 1}


def gravity(qualifiers: Mapping[str, str]) -> int:
    """Return how grave a warning is by its severity or strength, 1 to 4; one that says neither is as grave as a caution.

    >>> gravity({"severity": "major"}), gravity({"strength": "caution"}), gravity({})
    (4, 2, 2)
    """
    return _GRAVITY.get(qualifiers.get("severity") or qualifiers.get("strength") or "caution", 2)
