"""BC5CDR: abstracts of PubMed in which experts marked which chemical brings on which condition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from kg.authoring.corroborate.names import Names
from kg.authoring.corroborate.statements import Statement
from kg.errors import DataError
from kg.model import Curie
from kg.sources.files import lines
from kg.vocabulary import CAUSES, HAS_SIDE_EFFECT

NAME = "BC5CDR"
_FILES = ("CDR_TrainingSet.PubTator.txt", "CDR_DevelopmentSet.PubTator.txt")
_MENTION_CELLS, _RELATION_CELLS = (6, 7), 4  # a mention of several things at once has a seventh cell


def read(directory: Path, names: Names) -> Iterator[Statement]:
    """Yield the pairs marked as chemical-induced disease, each with the PubMed id of the abstract and the two MeSH ids.

    A MeSH id means the nodes that bear it or, where none does, those that bear the words by which the abstract names it.

    Raises:
        DataError: A file cannot be read, or a row has another number of cells.
    """
    for name in _FILES:
        words: dict[str, set[str]] = defaultdict(set)
        for number, line in lines(directory / name):
            cells = line.split("\t")
            if not line:
                words = defaultdict(set)
            elif len(cells) in _MENTION_CELLS:
                words[cells[5]].add(cells[3])
            elif len(cells) == _RELATION_CELLS and cells[1] == "CID":
                yield from _statements(cells[0], cells[2], cells[3], words, names)
            elif len(cells) > 1:
                raise DataError(directory / name, number, f"{len(cells)} tab-separated cells: expected a mention or a relation of PubTator")


def _statements(abstract: str, chemical: str, disease: str, words: dict[str, set[str]], names: Names) -> Iterator[Statement]:
    def meant(identifier: str) -> set[Curie]:
        return {node for word in sorted(words[identifier]) for node in names.of(f"MESH:{identifier}", word)}

    for one in sorted(meant(chemical)):
        for other in sorted(meant(disease)):
            cited = f"{NAME}:{abstract}/{chemical}/{disease}"
            for predicate in (HAS_SIDE_EFFECT, CAUSES):
                yield Statement((one, predicate, other), cited)
