"""What the relations of ontologies and vocabularies are here: the predicate of the graph that means the same, if one does.

A relation is mapped only where every statement of it is a statement of the predicate, in the same or the opposite direction. "Has part" is
not "part of" turned round: that every hand has a finger does not make every finger part of a hand. What is not mapped stays, as
`biolink:related_to` with the source's own relation as its qualifier `original_predicate`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kg.model import NO_QUALIFIERS, Curie
from kg.vocabulary import (
    CAUSES,
    CHEMICAL,
    DISEASE,
    DRUG,
    HAS_LOCATION,
    HAS_PHENOTYPE,
    HAS_ROLE,
    PART_OF,
    PREDICATES,
    RELATED_TO,
    SUBCLASS_OF,
    TRANSMITTED_BY,
    TREATS,
)


@dataclass(frozen=True, slots=True)
class Relation:
    """What a relation of a source is here.

    Attributes:
        predicate: The predicate of the facts.
        inverted: True where its object becomes the fact's subject.
        subjects: Categories of the relation's subject for which it means this; empty, any.
    """

    predicate: Curie
    inverted: bool = False
    subjects: frozenset[Curie] = frozenset()


_OF_DISEASES = frozenset({DISEASE})
_OF_CHEMICALS = frozenset({CHEMICAL, DRUG})

RELATIONS: Mapping[str, Relation] = MappingProxyType(
    {
        "rdfs:subClassOf": Relation(SUBCLASS_OF),
        "skos:broader": Relation(SUBCLASS_OF),
        "skos:narrower": Relation(SUBCLASS_OF, inverted=True),
        "skos:related": Relation(RELATED_TO),
        "BFO:0000050": Relation(PART_OF),
        "RO:0002200": Relation(HAS_PHENOTYPE, subjects=_OF_DISEASES),  # has phenotype
        "RO:0002452": Relation(HAS_PHENOTYPE, subjects=_OF_DISEASES),  # has symptom
        "RO:0004026": Relation(HAS_LOCATION),  # disease has location
        "RO:0004027": Relation(HAS_LOCATION),  # disease has inflammation site
        "RO:0001025": Relation(HAS_LOCATION, subjects=_OF_DISEASES),  # located in
        "RO:0000087": Relation(HAS_ROLE, subjects=_OF_CHEMICALS),  # has role
        "RO:0002451": Relation(TRANSMITTED_BY, subjects=_OF_DISEASES),  # transmitted by
        "RO:0002608": Relation(CAUSES, inverted=True, subjects=_OF_DISEASES),  # process has causal agent
        "RO:0002606": Relation(TREATS),  # is substance that treats
        **{predicate: Relation(predicate) for predicate in PREDICATES},
    }
)
"""What a relation is here, by its identifier."""

SHORTHANDS: Mapping[str, Curie] = MappingProxyType(
    {
        "part_of": Curie("BFO:0000050"),
        "has_part": Curie("BFO:0000051"),
        "has_symptom": Curie("RO:0002452"),
        "has_phenotype": Curie("RO:0002200"),
        "located_in": Curie("RO:0001025"),
        "disease_has_location": Curie("RO:0004026"),
        "has_role": Curie("RO:0000087"),
        "transmitted_by": Curie("RO:0002451"),
    }
)
"""Relations that OBO files name by a word, and OWL files made of them by an IRI that ends in it."""

_WORDED = re.compile(r"iri:http://purl\.obolibrary\.org/obo/[A-Za-z0-9_]+#([a-z_]+)")
_RELATED = Relation(RELATED_TO)


def relation_id(identifier: Curie) -> Curie:
    """Return the public identifier of a relation that a file names by a word.

    >>> relation_id(Curie("iri:http://purl.obolibrary.org/obo/symp#part_of"))
    'BFO:0000050'
    """
    worded = _WORDED.fullmatch(identifier)
    return SHORTHANDS.get(worded[1], identifier) if worded else identifier


def relation(identifier: Curie, category: Callable[[], Curie]) -> tuple[Relation, Mapping[str, str]]:
    """Return what a relation is here, and the qualifiers of its facts.

    Args:
        identifier: The relation, as `relation_id` gives it.
        category: Tells the category of the subject of the statement; asked only where it matters.

    >>> relation(Curie("RO:0001025"), lambda: DISEASE)[0].predicate
    'biolink:disease_has_location'
    >>> relation(Curie("RO:0001025"), lambda: CHEMICAL)[1]
    {'original_predicate': 'RO:0001025'}
    """
    known = RELATIONS.get(identifier)
    if known is not None and (not known.subjects or category() in known.subjects):
        return known, NO_QUALIFIERS
    return _RELATED, {"original_predicate": identifier}
