"""The IRIs of the properties that ontologies and vocabularies describe their terms with."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kg.identifiers import PREFIXES
from kg.model import Curie

OBO = "http://purl.obolibrary.org/obo/"
RDF, RDFS, OWL, SKOS = PREFIXES["rdf"], PREFIXES["rdfs"], PREFIXES["owl"], PREFIXES["skos"]
OIO, BIOLINK, TERMS = PREFIXES["oboInOwl"], PREFIXES["biolink"], PREFIXES["dcterms"]
DC = "http://purl.org/dc/elements/1.1/"
SCHEMAS = ("http://schema.org/", "https://schema.org/")
FOAF = "http://xmlns.com/foaf/0.1/"

TITLES = frozenset({f"{DC}title", f"{TERMS}title"})
LICENCES = frozenset({f"{TERMS}license", f"{DC}rights", f"{TERMS}rights", *(f"{s}license" for s in SCHEMAS)})
VERSION_INFO = f"{OWL}versionInfo"

EXACT = frozenset({f"{SKOS}exactMatch", f"{OWL}equivalentClass", f"{OWL}sameAs"})
"""Properties that say that both ends are the same thing."""

LOOSE: Mapping[str, Curie] = MappingProxyType(
    {f"{SKOS}{kind}Match": Curie(f"skos:{kind}Match") for kind in ("close", "broad", "narrow", "related")}
)
"""Properties that say how two identifiers relate that are not the same thing."""

REPLACED_BY = f"{OBO}IAO_0100001"
ALTERNATIVE = f"{OIO}hasAlternativeId"
NAMESPACE = f"{OIO}hasOBONamespace"
