"""Identifiers as ontologies write them: IRIs, OBO identifiers and cross-references, brought to one form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from kg.errors import CurieError
from kg.identifiers import PREFIXES, normal
from kg.identifiers import curie as compress
from kg.model import Curie

# The OBO Foundry's rule for the IRIs of its identifiers: http://purl.obolibrary.org/obo/FOO_0001 is FOO:0001.
_OBO_IRI = re.compile(r"http://purl\.obolibrary\.org/obo/([A-Za-z][A-Za-z.]*)_([A-Za-z0-9]+)")
_IDENTIFIERS_ORG = re.compile(r"https?://(?:www\.)?identifiers\.org/([A-Za-z0-9.]+)[/:](?:[A-Z]+:)?([^\s/]+)")
_LINKED_LIFE_DATA = re.compile(r"https?://linkedlifedata\.com/resource/umls/id/(C\d+)")
_ADDRESS = frozenset({"url", "http", "https", "ftp", "mailto", "doi", "urn"})


@cache
def _by_lower_case() -> Mapping[str, str]:
    return {prefix.lower(): prefix for prefix in PREFIXES} | {"snomedct": "SNOMEDCT", "orphanet": "ORPHA", "taxonomy": "NCBITaxon"}


def of_iri(iri: str) -> Curie:
    """Return the identifier that an IRI stands for; one that no rule fits is kept whole, under `iri:`.

    Raises:
        CurieError: It holds characters that an IRI may not hold.

    >>> of_iri("http://purl.obolibrary.org/obo/FOO_0001"), of_iri("http://identifiers.org/mesh/D006073")
    ('FOO:0001', 'MESH:D006073')
    >>> of_iri("http://example.org/gout")
    'iri:http://example.org/gout'
    """
    found = compress(iri)
    if not found.startswith("iri:"):
        return normal(found)
    if obo := _OBO_IRI.fullmatch(iri):
        return normal(f"{obo[1]}:{obo[2]}")
    if umls := _LINKED_LIFE_DATA.fullmatch(iri):
        return Curie(f"UMLS:{umls[1]}")
    registered = _IDENTIFIERS_ORG.fullmatch(iri)
    if registered and (prefix := _by_lower_case().get(registered[1].lower())):
        return normal(f"{prefix}:{registered[2]}")
    return found


@lru_cache(maxsize=1 << 16)
def of_text(text: str) -> Curie:
    """Return the identifier that a file writes as text: an IRI or `prefix:local`.

    Raises:
        CurieError: It is neither.

    >>> of_text("MSH:D006073"), of_text("http://purl.obolibrary.org/obo/DOID_13189")
    ('MESH:D006073', 'DOID:13189')
    """
    text = text.strip()
    return of_iri(text) if "://" in text else normal(text)


def of_cross_reference(text: str) -> Curie:
    """Return the identifier that a cross-reference names.

    Raises:
        CurieError: It names none: it is the address of a page, or has no local part.

    >>> of_cross_reference("UMLS_CUI:C0018099")
    'UMLS:C0018099'
    >>> of_cross_reference("url:http://example.org/gout")
    Traceback (most recent call last):
        ...
    kg.errors.CurieError: 'url:http://example.org/gout' is an address, no identifier
    """
    found = of_text(text)
    if found.prefix == "iri" or found.prefix.lower() in _ADDRESS:
        raise CurieError(f"{text[:80]!r} is an address, no identifier")
    return found
