"""Names as a sentence for patients holds them: an ontology's sign in lower case, spelt as patients know it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from kg.graph import Graph
from kg.model import Entity
from kg.vocabulary import PHENOTYPE
from qa.answer import Scored
from qa.model import Evidence

_IN_LOWER_CASE = re.compile(r"[A-Z][a-z]")
# Names of people and places, and of germs, that the ontology of signs begins a name with; all its other first words are ordinary.
_PROPER = frozenset(
    "achilles acinetobacter alzheimer archibald auspitz axenfeld babinski barrett bartholin battle beau beevor bence bethlem bitot blake "
    "bouchard bowdler bowman brown brushfield budd-chiari burkitt bussaca chaddock chiari cheyne-stokes christmas chvostek civatte "
    "clostridium cogan collier cotard crohn dalen dandy-walker darier darwin descemet duane dupuytren ebstein entamoeba epstein-barr "
    "erlenmeyer ewing flexner-wintersteiner fordyce gaucher gerbode gordon gottron gowers graves hashimoto heberden heinz helicobacter "
    "hirano hirschsprung hodgkin hoffmann homer horner hurthle kaposi kayser-fleischer koebner koeppe lafora leber lester leung lewy "
    "leydig lhermitte libman-sacks lisch luse madelung majocchi mallory mallory-weiss marcus mcconnell meckel merkel michaelis-gutmann "
    "mizuo mobitz mongolian morgagni mozart natal oppenheim paget pappenheimer peters pierre-robin pneumocystis potter probst quelprud "
    "raynaud reye rieger rokitansky-aschoff satyr schmorl sprengel stahl swiss sydney tarlov tessier trousseau tzanck uhl wilson "
    "wolff-parkinson-white zollinger-ellison".split()
)


def within_sentence(name: str) -> str:
    """Return a name of the ontology of signs as it stands inside a sentence.

    >>> [within_sentence(name) for name in ("Short stature", "EEG abnormality", "Meckel diverticulum", "Anti-Ro antibody")]
    ['short stature', 'EEG abnormality', 'Meckel diverticulum', 'anti-Ro antibody']
    """
    first = re.split(r"['’ ,/]", name, maxsplit=1)[0].casefold()
    return name[0].lower() + name[1:] if _IN_LOWER_CASE.match(name) and first not in _PROPER else name


def spoken(graph: Graph, entity: Entity) -> Entity:
    """Return an entity under the name that patients read.

    An imported sign of which a curated entity bears the name is spelt as that one: "anaemia", "cataract". Other names of curated
    entities do not count: some call anorexia nervosa "anorexia", which is also a poor appetite.
    """
    if entity.category != PHENOTYPE or not entity.name[:1].isupper() or graph.curated_degree(entity.curie):
        return entity
    bearers = (naming.entity.name for naming in graph.named(entity.name) if naming.curated and naming.preferred)
    return replace(entity, name=next(bearers, None) or within_sentence(entity.name))


def in_plain_words(graph: Graph, scored: Iterable[Scored]) -> list[Scored]:
    """Return scored evidence with the names that patients read; for telling it, since its entities are no longer the graph's."""
    return [replace(entry, evidence=_spoken(graph, entry.evidence)) for entry in scored]


def _spoken(graph: Graph, evidence: Evidence) -> Evidence:
    return replace(evidence, focus=spoken(graph, evidence.focus), target=spoken(graph, evidence.target))
