"""Tells cross-references that are the same thing from those that are only related, where the file itself does not say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

from kg.identity import CLASSIFICATIONS
from kg.model import Curie
from kg.names import key

# OMIM's phenotypic series and MedDRA's terms are single things; the others are codes under which many things are counted.
BUCKETS = CLASSIFICATIONS - {"OMIMPS", "MEDDRA"}

NameKeys = Mapping[Curie, Collection[str]]
"""How identifiers are called, as keys of `kg.names`."""


def exact_references(references: Mapping[Curie, Iterable[Curie]], names: NameKeys, called: NameKeys) -> dict[Curie, tuple[Curie, ...]]:
    """Return, of each term's cross-references, those that can be taken for the same thing.

    An identifier that several terms refer to cannot be the same as all of them, nor can a term be the same as several identifiers of one
    vocabulary. Such are taken only where exactly one of the rivals bears the same name.

    Args:
        references: The cross-references of each term.
        names: What each term is called.
        called: What the identifiers are called by those who issue them, as far as known.

    >>> gout, attack = Curie("MONDO:1"), Curie("MONDO:2")
    >>> exact_references({gout: [Curie("DOID:1")], attack: [Curie("DOID:1"), Curie("UMLS:C1")]}, {}, {})
    {'MONDO:1': (), 'MONDO:2': ('UMLS:C1',)}
    """
    pairs = [(term, xref) for term, xrefs in references.items() for xref in dict.fromkeys(xrefs) if xref.prefix not in BUCKETS]
    agreed = {(term, xref) for term, xref in pairs if not set(names.get(term, ())).isdisjoint(called.get(xref, ()))}
    terms, agreed_terms = Counter(xref for _, xref in pairs), Counter(xref for _, xref in agreed)
    rivals = Counter((term, xref.prefix) for term, xref in pairs)
    agreed_rivals = Counter((term, xref.prefix) for term, xref in agreed)
    found: dict[Curie, list[Curie]] = {term: [] for term in references}
    for term, xref in pairs:
        named = (term, xref) in agreed
        alone_of_terms = terms[xref] == 1 or (named and agreed_terms[xref] == 1)
        alone_of_rivals = rivals[term, xref.prefix] == 1 or (named and agreed_rivals[term, xref.prefix] == 1)
        if alone_of_terms and alone_of_rivals:
            found[term].append(xref)
    return {term: tuple(xrefs) for term, xrefs in found.items()}


def name_keys(named: Iterable[tuple[Curie, Iterable[str]]]) -> dict[Curie, set[str]]:
    """Return how things are called, as keys, so that spelling does not count.

    >>> name_keys([(Curie("MONDO:1"), ["Anaemias", "anemia"])])
    {'MONDO:1': {'anemia'}}
    """
    found: dict[Curie, set[str]] = defaultdict(set)
    for curie, names in named:
        found[curie].update(filter(None, map(key, names)))
    return dict(found)
