"""Names held in memory: what a snapshot keeps in files, for a graph that is asked of elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import marisa_trie

from kg.build import IMPORTED_PREFERRED, OTHER, PREFERRED
from kg.model import Curie
from kg.names import key
from kg.surface import SurfaceNames


class NameIndex:
    """Which entities bear which name, as a snapshot has it.

    Attributes:
        surface: The names by themselves, as the linker looks for them in a text.

    Args:
        names: Entity, whether the name is the preferred one, whether a curated source gives it, and the name.
    """

    def __init__(self, names: Sequence[tuple[Curie, bool, bool, str]]) -> None:
        self._curies = sorted({curie for curie, *_ in names})
        numbers = {curie: number for number, curie in enumerate(self._curies)}
        ranks: dict[tuple[str, int], int] = {}
        for curie, preferred, curated, name in names:
            if folded := key(name):
                rank = (PREFERRED if preferred else OTHER) + (0 if curated else IMPORTED_PREFERRED)
                place = folded, numbers[curie]
                ranks[place] = min(rank, ranks.get(place, rank))
        self._names = marisa_trie.RecordTrie("<IB", ((name, (number, rank)) for (name, number), rank in ranks.items()))
        curated_names = {name for (name, _), rank in ranks.items() if rank < IMPORTED_PREFERRED}
        self.surface = SurfaceNames.of({name for name, _ in ranks}, curated_names)

    def bearers(self, folded: str) -> list[tuple[Curie, bool, bool]]:
        """Return the entities that bear a folded name, whether it is their preferred one, and whether a curated source gives it."""
        records = sorted(self._names.get(folded, ()), key=lambda record: (record[1], record[0]))
        return [(self._curies[number], rank in (PREFERRED, IMPORTED_PREFERRED), rank <= OTHER) for number, rank in records]
