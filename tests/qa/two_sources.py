"""A small imported source beside the tiny graph: a rare illness, ontologies' terms, and a thesaurus of interactions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kg import vocabulary as v
from kg.build import build_snapshot
from kg.graph import SnapshotGraph, open_snapshot
from kg.merge import Reading, merge
from kg.model import Curie, Entity, Fact, Source
from kg.shipped import read_source
from kg.sources.everyday import read_everyday

NAME = "wide"
GOUT, FLU, FEVER, COUGH, HEADACHE, BLEEDING = map(
    Curie, ("MONDO:0005393", "MONDO:0005812", "HP:0001945", "HP:0012735", "HP:0002315", "HP:0001892")
)
NAPROXEN, WARFARIN, AMOXICILLIN, ERYTHROMYCIN = map(Curie, ("CHEBI:7476", "CHEBI:10033", "CHEBI:2676", "CHEBI:48923"))
SNEEZES = Curie("medkg:coughs-and-sneezes")
COLCHICINE = Curie("CHEBI:23359")
PODAGRA, NUMBAT, ONE_NSAID = (Curie(f"medkg:wide-{n}") for n in ("podagra", "numbat", "one-nsaid"))
HEART_ATTACK, NSAID = map(Curie, ("MONDO:0005068", "medkg:nsaid"))
ROOT, WOMBAT, WOMBAT_1, CHRONIC_GOUT, GOUT_SIGN, ODD_EARS, CLASS_A, CLASS_B, DESCENT, ACID = (
    Curie(f"medkg:wide-{n}")
    for n in ("root", "wombat", "wombat-1", "chronic-gout", "gout-sign", "odd-ears", "class-a", "class-b", "descent", "acid")
)


def _entities() -> list[Entity]:
    return [
        Entity(ROOT, v.DISEASE, "disorder of anything"),
        Entity(WOMBAT, v.DISEASE, "Wombat syndrome", ("Wombatosis", "house", "WBS", "ABCD", "peptic wombat", "big joint", "big old joint")),
        Entity(WOMBAT_1, v.DISEASE, "Wombat syndrome, early type"),
        Entity(CHRONIC_GOUT, v.DISEASE, "chronic gout"),
        Entity(Curie("medkg:wide-long-cough"), v.PHENOTYPE, "wombat cough"),
        Entity(Curie("medkg:wide-turned"), v.PHENOTYPE, "cough, marsupial, 2"),
        Entity(Curie("medkg:wide-no-cough"), v.PHENOTYPE, "wombat without cough"),
        Entity(GOUT_SIGN, v.PHENOTYPE, "Gout"),
        Entity(PODAGRA, v.PHENOTYPE, "Podagra"),
        Entity(NUMBAT, v.DISEASE, "Numbat syndrome"),
        Entity(Curie("medkg:wide-droplets"), v.CHEMICAL, "droplets"),
        Entity(ONE_NSAID, v.DRUG, "non-steroidal anti-inflammatory drug"),
        Entity(ODD_EARS, v.PHENOTYPE, "Odd ears"),
        Entity(CLASS_A, v.DRUG_CLASS, "blood thinners of the list"),
        Entity(CLASS_B, v.DRUG_CLASS, "enzyme blockers of the list"),
        Entity(DESCENT, v.INHERITANCE, "wombat inheritance", ("wombatal",), "It comes from a wombat."),
        Entity(ACID, v.CHEMICAL, "monocarbonic acid"),
        Entity(SNEEZES, v.EXPOSURE, "as the tiny graph says"),
        *(Entity(c, v.DISEASE, "as the tiny graph says") for c in (GOUT, FLU, HEART_ATTACK)),
        *(Entity(c, v.PHENOTYPE, "as the tiny graph says") for c in (FEVER, COUGH, HEADACHE, BLEEDING)),
        *(Entity(c, v.DRUG, "as the tiny graph says") for c in (COLCHICINE, NAPROXEN, WARFARIN, AMOXICILLIN, ERYTHROMYCIN)),
    ]


def _fact(subject: Curie, predicate: Curie, obj: Curie, negated: bool = False, **qualifiers: str) -> Fact:
    return Fact(subject, predicate, obj, NAME, qualifiers, negated)


def _facts() -> list[Fact]:
    return [
        _fact(GOUT, v.SUBCLASS_OF, ROOT),
        _fact(WOMBAT, v.SUBCLASS_OF, ROOT),
        _fact(WOMBAT_1, v.SUBCLASS_OF, WOMBAT),
        _fact(CHRONIC_GOUT, v.SUBCLASS_OF, GOUT),
        _fact(GOUT, v.HAS_PHENOTYPE, BLEEDING, frequency="very common"),
        _fact(FLU, v.HAS_PHENOTYPE, BLEEDING, frequency="very common"),
        _fact(WOMBAT_1, v.HAS_PHENOTYPE, COUGH, frequency="rare"),
        _fact(WOMBAT_1, v.HAS_PHENOTYPE, FEVER, frequency="very common"),
        _fact(WOMBAT_1, v.HAS_PHENOTYPE, ODD_EARS),
        _fact(WOMBAT_1, v.HAS_PHENOTYPE, GOUT_SIGN, frequency="common"),
        _fact(WOMBAT_1, v.HAS_PHENOTYPE, HEADACHE, negated=True),
        _fact(AMOXICILLIN, v.SUBCLASS_OF, SNEEZES),
        _fact(NAPROXEN, v.SUBCLASS_OF, Curie("medkg:wide-droplets")),
        _fact(NUMBAT, v.HAS_PHENOTYPE, PODAGRA, frequency="common"),
        _fact(ONE_NSAID, v.INTERACTS_WITH, COLCHICINE, severity="major", effect="wombats everywhere"),
        _fact(WOMBAT_1, v.HAS_INHERITANCE, DESCENT),
        _fact(WARFARIN, v.SUBCLASS_OF, CLASS_A),
        _fact(ERYTHROMYCIN, v.SUBCLASS_OF, CLASS_B),
        _fact(CLASS_A, v.INTERACTS_WITH, CLASS_B, severity="major", effect="bruises everywhere"),
        _fact(AMOXICILLIN, v.INTERACTS_WITH, WARFARIN, severity="minor", purpose="short courses"),
        _fact(NAPROXEN, v.INTERACTS_WITH, WARFARIN, negated=True),
        _fact(NAPROXEN, v.TREATS, HEART_ATTACK),
        _fact(NAPROXEN, v.SUBCLASS_OF, ACID),
        _fact(AMOXICILLIN, v.SUBCLASS_OF, ACID),
    ]


def build_wide(tiny: Path, target: Path) -> SnapshotGraph:
    """Build and open the tiny graph, as the curated source that it is, with the imported one beside it."""
    entities, facts = read_everyday(tiny)
    curated = Reading(replace(read_source(tiny), curated=True), entities, facts)
    imported = Reading(Source(NAME, "Wide", "1", "CC0"), _entities(), _facts())
    build_snapshot(merge([curated, imported]), target, "wide")
    return open_snapshot(target)
