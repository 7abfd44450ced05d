"""What a thing is, told from its identifier, for files that do not say it themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from kg.model import Curie
from kg.vocabulary import (
    ANATOMY,
    BIOLOGICAL_PROCESS,
    CELLULAR_COMPONENT,
    CHEMICAL,
    CHEMICAL_ROLE,
    DISEASE,
    DRUG,
    EXPOSURE,
    GENE,
    INHERITANCE,
    MOLECULAR_ACTIVITY,
    NAMED_THING,
    ORGANISM,
    PHENOTYPE,
    TREATMENT,
)

BY_PREFIX: Mapping[str, Curie] = MappingProxyType(
    {
        "MONDO": DISEASE, "DOID": DISEASE, "OMIM": DISEASE, "OMIMPS": DISEASE, "ORPHA": DISEASE,
        "HP": PHENOTYPE, "SYMP": PHENOTYPE, "MP": PHENOTYPE,
        "CHEBI": CHEMICAL, "DRUGBANK": DRUG, "RXCUI": DRUG,
        "UBERON": ANATOMY, "FMA": ANATOMY, "BTO": ANATOMY, "CL": ANATOMY,
        "NCBITaxon": ORGANISM, "GO": BIOLOGICAL_PROCESS,
        "NCBIGene": GENE, "HGNC": GENE, "PR": GENE,
        "MAXO": TREATMENT, "TRANS": EXPOSURE,
    }
)  # fmt: skip
"""The category of most identifiers of a prefix."""

BY_NAMESPACE: Mapping[str, Curie] = MappingProxyType(
    {
        "biological_process": BIOLOGICAL_PROCESS,
        "molecular_function": MOLECULAR_ACTIVITY,
        "cellular_component": CELLULAR_COMPONENT,
    }
)
"""The category by the OBO namespace of a term, which tells the three branches of the Gene Ontology apart."""

BY_ROOT: Mapping[Curie, Curie] = MappingProxyType(
    {
        Curie("HP:0000005"): INHERITANCE,
        Curie("HP:0012823"): NAMED_THING,  # clinical modifiers: of a phenotype, none themselves
        Curie("HP:0040279"): NAMED_THING,  # frequencies
        Curie("CHEBI:50906"): CHEMICAL_ROLE,
    }
)
"""The category of a term and of all below it, where its branch is of another kind than most of its ontology."""

ROOTED = frozenset(root.prefix for root in BY_ROOT)
"""Prefixes of which the hierarchy must be known before a category can be told."""


def category_of(
    curie: Curie, namespace: str = "", parents: Callable[[Curie], Iterable[Curie]] = lambda _: (), common: set[Curie] | None = None
) -> Curie:
    """Return the category of an identifier.

    Args:
        curie: The identifier.
        namespace: The OBO namespace that its file gives it, or empty.
        parents: The terms directly above a term; used only where an ontology has branches of another kind (`BY_ROOT`).
        common: Terms of the same hierarchy that were found to be in no such branch; what else is found so is added.

    >>> category_of(Curie("DOID:13189")), category_of(Curie("GO:0005634"), "cellular_component"), category_of(Curie("EX:1"))
    ('biolink:Disease', 'biolink:CellularComponent', 'biolink:NamedThing')
    >>> category_of(Curie("HP:0000006"), parents=lambda _: [Curie("HP:0000005")])
    'biolink:GeneticInheritance'
    """
    if curie.prefix == "GO" and namespace in BY_NAMESPACE:
        return BY_NAMESPACE[namespace]
    if curie.prefix in ROOTED:
        common = set() if common is None else common
        seen, waiting = {curie}, [curie]
        while waiting:
            here = waiting.pop()
            if here in BY_ROOT:
                return BY_ROOT[here]
            above = [parent for parent in parents(here) if parent not in seen and parent not in common]
            seen.update(above)
            waiting += above
        common |= seen
    return BY_PREFIX.get(curie.prefix, NAMED_THING)
