"""PharmacotherapyDB: indications reviewed by physicians, and pairs reviewed as none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kg.authoring.corroborate.names import Names
from kg.authoring.corroborate.statements import Statement
from kg.sources.tsv import rows
from kg.vocabulary import TREATS

NAME = "PharmacotherapyDB"
_RELEASE = f"{NAME}:2016-03-15"  # the date of the commit that was read


def read(path: Path, names: Names) -> Iterator[Statement]:
    """Yield each pair of `indications.tsv`, denied where it was reviewed as no indication."""
    for _, row in rows(path, ("doid_id", "drugbank_id", "disease", "drug", "category")):
        cited = f"{_RELEASE}/{row['doid_id']}/{row['drugbank_id']}"
        for drug in sorted(names.of(f"DRUGBANK:{row['drugbank_id']}", row["drug"])):
            for disease in sorted(names.of(row["doid_id"], row["disease"])):
                yield Statement((drug, TREATS, disease), cited, row["category"] != "NOT")
