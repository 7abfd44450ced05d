"""SIDER: side effects found on the labels of medicines. Its licence excludes commercial use: it is counted, and never cited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from kg.authoring.corroborate.names import Names
from kg.authoring.corroborate.statements import Statement
from kg.errors import DataError
from kg.model import Curie
from kg.sources.files import lines
from kg.vocabulary import HAS_SIDE_EFFECT

NAME = "SIDER"
_CELLS = 6


def read(path: Path, compounds: Path, names: Names) -> Iterator[Statement]:
    """Yield the side effects of the medicines that are nodes.

    Args:
        path: `meddra_all_se.tsv.gz`: STITCH ids, which are PubChem's with a prefix, and MedDRA names.
        compounds: `chebi_to_pubchem.tsv`, which tells which PubChem compound a ChEBI id is.
        names: The finder of nodes.

    Raises:
        DataError: A file cannot be read, or a row has another number of cells.
    """
    medicines: dict[int, set[Curie]] = defaultdict(set)
    for number, line in lines(compounds):
        chebi, _, rest = line.partition("\t")
        pubchem = rest.partition("\t")[0]
        if number > 1 and pubchem.isdigit():
            medicines[int(pubchem)].update(names.of(f"CHEBI:{chebi}"))
    for number, line in lines(path):
        cells = line.split("\t")
        if len(cells) != _CELLS:
            raise DataError(path, number, f"{len(cells)} tab-separated cells: expected the {_CELLS} of SIDER's side effects")
        flat, stereo, _, _, umls, effect = cells
        # A stereo id is the compound itself; a flat one stands 100,000,000 above.
        for medicine in sorted(medicines.get(int(stereo[3:]), set()) | medicines.get(int(flat[3:]) - 100_000_000, set())):
            for finding in sorted(names.of(f"UMLS:{umls}") | names.of("", effect)):
                yield Statement((medicine, HAS_SIDE_EFFECT, finding), NAME)
