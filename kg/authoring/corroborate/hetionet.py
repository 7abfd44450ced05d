"""Hetionet: symptoms (DpS), treatments (CtD, CpD), and which compounds belong to a pharmacologic class (PCiC).

Its side effects (CcSE) are those of SIDER, whose licence excludes commercial use, and are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kg.authoring.corroborate.names import Names
from kg.authoring.corroborate.statements import Statement
from kg.errors import DataError
from kg.model import Curie
from kg.sources.files import lines
from kg.sources.tsv import rows
from kg.vocabulary import HAS_PHENOTYPE, SUBCLASS_OF, TREATS

NAME = "Hetionet"
_RELEASE = f"{NAME}:2017-09-22"  # the date of the commit that was read
_PREFIXES = {"Disease": "", "Symptom": "MESH:", "Compound": "DRUGBANK:"}
_PREDICATES = {"DpS": HAS_PHENOTYPE, "CtD": TREATS, "CpD": TREATS, "PCiC": SUBCLASS_OF}


def read(directory: Path, names: Names) -> Iterator[Statement]:
    """Yield what its edges say, each with the node ids of the edge.

    Raises:
        DataError: A file cannot be read, or an edge is not of the form source, kind, target.
    """
    labels = {row["id"]: row["name"] for _, row in rows(directory / "nodes.tsv", ("id", "name"))}

    def meant(end: str) -> list[Curie]:
        kind, _, local = end.partition("::")
        prefix = _PREFIXES.get(kind)
        return sorted(names.of("" if prefix is None else prefix + local, labels.get(end, "")))

    for source, edge, target in _edges(directory / "edges-5k.sif.gz"):
        predicate = _PREDICATES.get(edge)
        if predicate is None:
            continue
        subject, obj = (target, source) if edge == "PCiC" else (source, target)  # the class includes the compound
        cited = f"{_RELEASE}/{source.partition('::')[2]}/{edge}/{target.partition('::')[2]}"
        for one in meant(subject):
            for other in meant(obj):
                yield Statement((one, predicate, other), cited)


def _edges(path: Path) -> Iterator[tuple[str, str, str]]:
    for number, line in lines(path):
        cells = line.split("\t")
        if len(cells) != 3:
            raise DataError(path, number, f"{len(cells)} tab-separated cells: expected source, kind of edge and target")
        yield cells[0], cells[1], cells[2]
