"""CURIEs to IRIs and back, for RDF."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from kg.errors import CurieError
from kg.model import Curie

if TYPE_CHECKING:
    from curies import Converter

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
    "OMIMPS": "https://omim.org/phenotypicSeries/PS",
    "ORPHA": "http://www.orpha.net/ORDO/Orphanet_",
    "ICD10CM": "http://purl.bioontology.org/ontology/ICD10CM/",
    "ICD9CM": "http://purl.bioontology.org/ontology/ICD9CM/",
    "RXCUI": "http://purl.bioontology.org/ontology/RXNORM/",
    "MEDDRA": "http://purl.bioontology.org/ontology/MEDDRA/",
    "DRUGBANK": "http://identifiers.org/drugbank/",
    "SYMP": f"{_OBO}SYMP_",
    "GO": f"{_OBO}GO_",
    "PATO": f"{_OBO}PATO_",
    "CL": f"{_OBO}CL_",
    "RO": f"{_OBO}RO_",
    "BFO": f"{_OBO}BFO_",
    "IAO": f"{_OBO}IAO_",
    "OBI": f"{_OBO}OBI_",
    "OGMS": f"{_OBO}OGMS_",
    "TRANS": f"{_OBO}TRANS_",
    "FOODON": f"{_OBO}FOODON_",
    "NCIT": f"{_OBO}NCIT_",
    "SO": f"{_OBO}SO_",
    "PR": f"{_OBO}PR_",
    "OMO": f"{_OBO}OMO_",
    "MAXO": f"{_OBO}MAXO_",
    "EFO": "http://www.ebi.ac.uk/efo/EFO_",
    "SNOMEDCT": "http://snomed.info/id/",
    "GARD": "https://rarediseases.info.nih.gov/diseases/",
    "NCBIGene": "https://www.ncbi.nlm.nih.gov/gene/",
    "PUBCHEM.COMPOUND": "https://pubchem.ncbi.nlm.nih.gov/compound/",
    "PMID": "https://pubmed.ncbi.nlm.nih.gov/",
    "oboInOwl": "http://www.geneontology.org/formats/oboInOwl#",
    "biolink": "https://w3id.org/biolink/vocab/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dcterms": "http://purl.org/dc/terms/",
    # A URN until the project owns a resolvable address: an identifier that pretends to resolve is worse than one that does not.
    "medkg": "urn:medkg:",
}
PREFIX_SYNONYMS = {
    "HPO": "HP", "MSH": "MESH", "MeSH": "MESH", "UMLS_CUI": "UMLS", "MIM": "OMIM", "Orphanet": "ORPHA",
    "ORDO": "ORPHA", "ORPHANET": "ORPHA", "ICD10CM2010": "ICD10CM", "ICD9": "ICD9CM", "RXNORM": "RXCUI",
    "RxNorm": "RXCUI", "MedDRA": "MEDDRA", "DrugBank": "DRUGBANK", "DB": "DRUGBANK", "ChEBI": "CHEBI", "NCI": "NCIT",
    "SCTID": "SNOMEDCT", "SNOMEDCT_US": "SNOMEDCT", "SNOMED": "SNOMEDCT", "PUBCHEM": "PUBCHEM.COMPOUND",
    "ENTREZ": "NCBIGene", "PubMed": "PMID",
}  # fmt: skip
"""Other ways in which resources write a prefix."""

# Where a prefix is not in the map, its identifiers still have an address: this service resolves the prefixes of its registry.
_RESOLVER = "https://bioregistry.io/"
_WHOLE = "iri"
_RESOLVED = re.compile(re.escape(_RESOLVER) + r"([A-Za-z_][A-Za-z0-9_.-]*:(?![:/])[^\s]+)")


@cache
def converter() -> Converter:
    """Return the project's prefix map as a `curies.Converter`."""
    from curies import Converter  # noqa: PLC0415 - who only asks a graph does not pay for it

    return Converter.from_prefix_map(PREFIXES)


def is_known(curie: str) -> bool:
    """Say whether an identifier's prefix is one of the project's own map.

    >>> is_known("MONDO:0005393"), is_known("NOSUCH:1")
    (True, False)
    """
    return curie.partition(":")[0] in PREFIXES


def check_known(curie: str) -> None:
    """Refuse an identifier whose prefix is not in the project's map; for text that people write, where it is most likely a slip.

    Raises:
        CurieError: The prefix is not known here.
    """
    if not is_known(curie):
        raise CurieError(f"{curie!r} has a prefix that is not known: expected one of {', '.join(PREFIXES)}")


def normal(curie: str) -> Curie:
    """Return an identifier with the prefix that this project uses, where a resource writes another for the same.

    Raises:
        CurieError: It is not of the form `prefix:local`.

    >>> normal("MSH:D006073"), normal("Orphanet:558"), normal("OMIM:PS154700")
    ('MESH:D006073', 'ORPHA:558', 'OMIMPS:154700')
    """
    prefix, colon, local = curie.partition(":")
    if not colon:
        return Curie(curie)  # which says that it is none
    prefix = PREFIX_SYNONYMS.get(prefix, prefix)
    if prefix == "OMIM" and local.startswith("PS"):
        prefix, local = "OMIMPS", local[2:]
    return Curie(f"{prefix}:{local}")


def iri(curie: str) -> str:
    """Expand a CURIE: by the project's prefixes, else to the address under which a public registry resolves it.

    Raises:
        CurieError: It has no prefix.

    >>> iri("MONDO:0005393")
    'http://purl.obolibrary.org/obo/MONDO_0005393'
    >>> iri("iri:http://example.org/gout")
    'http://example.org/gout'
    """
    prefix, colon, local = curie.partition(":")
    if prefix in PREFIXES:
        return PREFIXES[prefix] + local
    if prefix == _WHOLE:
        return local
    if not colon:
        raise CurieError(f"{curie!r} is not a CURIE: expected prefix:local, such as MONDO:0005393")
    return _RESOLVER + curie


def curie(iri_text: str) -> Curie:
    """Compress an IRI to a CURIE; one that no prefix fits is kept whole, under `iri:`. The inverse of `iri`.

    Raises:
        CurieError: It holds characters that an IRI may not hold.

    >>> curie("http://purl.obolibrary.org/obo/HP_0001945"), curie("http://example.org/gout")
    ('HP:0001945', 'iri:http://example.org/gout')
    """
    compact = converter().compress(iri_text)
    if compact is not None and not compact.endswith(":"):
        return Curie(compact)
    resolved = _RESOLVED.fullmatch(iri_text)
    return Curie(resolved[1] if resolved else f"{_WHOLE}:{iri_text}")
