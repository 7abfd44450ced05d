"""CURIEs to IRIs and back, for RDF."""

from __future__ import annotations

from functools import cache

from curies import Converter

from kg.errors import CurieError
from kg.model import Curie

_OBO = "http://purl.obolibrary.org/obo/"
PREFIXES = {
    "MONDO": f"{_OBO}MONDO_",
    "HP": f"{_OBO}HP_",
    "CHEBI": f"{_OBO}CHEBI_",
    "DOID": f"{_OBO}DOID_",
    "NCBITaxon": f"{_OBO}NCBITaxon_",
    "UBERON": f"{_OBO}UBERON_",
    "MESH": "http://id.nlm.nih.gov/mesh/",
    "UMLS": "https://uts.nlm.nih.gov/uts/umls/concept/",
    "OMIM": "https://omim.org/entry/",
    "ORPHA": "http://www.orpha.net/ORDO/Orphanet_",
    "ICD10CM": "http://purl.bioontology.org/ontology/ICD10CM/",
    "RXCUI": "http://purl.bioontology.org/ontology/RXNORM/",
    "DRUGBANK": "http://identifiers.org/drugbank/",
    "biolink": "https://w3id.org/biolink/vocab/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dcterms": "http://purl.org/dc/terms/",
    # A URN until the project owns a resolvable address: an identifier that pretends to resolve is worse than one that does not.
    "medkg": "urn:medkg:",
}


@cache
def converter() -> Converter:
    """Return the project's prefix map as a `curies.Converter`."""
    return Converter.from_prefix_map(PREFIXES)


def iri(curie: str) -> str:
    """Expand a CURIE.

    Raises:
        CurieError: The prefix is not known here.

    >>> iri("MONDO:0005393")
    'http://purl.obolibrary.org/obo/MONDO_0005393'
    """
    expanded = converter().expand(curie)
    if expanded is None:
        raise CurieError(f"{curie!r} has a prefix that is not known: expected one of {', '.join(PREFIXES)}")
    return expanded


def curie(iri_text: str) -> Curie | None:
    """Compress an IRI to a CURIE, or return None where no prefix fits.

    >>> curie("http://purl.obolibrary.org/obo/HP_0001945")
    'HP:0001945'
    """
    compact = converter().compress(iri_text)
    return Curie(compact) if compact is not None else None
