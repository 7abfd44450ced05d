"""Reads PharmacotherapyDB (https://doi.org/10.15363/thinklab.d182): indications of drugs that physicians reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

from kg.errors import CurieError, DataError
from kg.model import Curie, Entity, Fact
from kg.sources.delimited import quoted_table
from kg.sources.folders import need
from kg.sources.records import About, Options, Record
from kg.vocabulary import DISEASE, DRUG, TREATS

COLUMNS = ("doid_id", "drugbank_id", "disease", "drug", "category")
ABOUT = About(
    "PharmacotherapyDB",
    "",
    "CC0-1.0 for what is its own; names of diseases CC BY 3.0 (Disease Ontology); DrugBank requires permission for commercial use",
)
_REVIEWED = "reviewed by physicians"
# Disease-modifying, symptomatic, and reviewed as no indication.
_KINDS = {
    "DM": (MappingProxyType({"evidence": _REVIEWED}), False),
    "SYM": (MappingProxyType({"purpose": "relief of symptoms", "evidence": _REVIEWED}), False),
    "NOT": (MappingProxyType({"evidence": _REVIEWED}), True),
}


def read(path: Path, options: Options) -> Iterator[Record]:
    """Yield the drugs and diseases, and drug treats disease: plain, for the relief of symptoms, or negated.

    Args:
        path: `indications.tsv` or its directory.
        options: How it is to be read.

    Raises:
        DataError: The file cannot be read, its header lacks a column, or a row is not made as PharmacotherapyDB makes it.
    """
    table = need(path, "indications.tsv", "PharmacotherapyDB") if path.is_dir() else path
    yield ABOUT
    seen: set[Curie] = set()
    for line, (doid, drugbank, disease_name, drug_name, kind) in quoted_table(table, COLUMNS):
        if kind not in _KINDS:
            raise DataError(table, line, f"category is {kind!r}: expected one of {', '.join(_KINDS)}")
        try:
            disease, drug = Curie(doid), Curie(f"DRUGBANK:{drugbank}")
        except CurieError as error:
            raise DataError(table, line, str(error)) from error
        for entity in (Entity(drug, DRUG, drug_name), Entity(disease, DISEASE, disease_name)):
            if not entity.name:
                raise DataError(table, line, f"{entity.curie} has no name")
            if entity.curie not in seen:
                seen.add(entity.curie)
                yield entity
        qualifiers, negated = _KINDS[kind]
        yield Fact(drug, TREATS, disease, options.source, qualifiers, negated)
