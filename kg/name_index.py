"""Names held in memory: what a snapshot keeps in files, for a graph that is asked of elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import marisa_trie

from kg.build import IMPORTED_PREFERRED, OTHER, PREFERRED
from kg.model import Curie
from kg.names import key


class NameIndex:
    """Which entities bear which name, as a snapshot has it.

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
        self._curated = marisa_trie.Trie({name for (name, _), rank in ranks.items() if rank < IMPORTED_PREFERRED})
        self._words = marisa_trie.Trie({word for name, _ in ranks for word in name.split()})

    def bearers(self, folded: str) -> list[tuple[Curie, bool, bool]]:
        """Return the entities that bear a folded name, whether it is their preferred one, and whether a curated source gives it."""
        records = sorted(self._names.get(folded, ()), key=lambda record: (record[1], record[0]))
        return [(self._curies[number], rank in (PREFERRED, IMPORTED_PREFERRED), rank <= OTHER) for number, rank in records]

    def curated(self) -> Iterator[str]:
        """Yield every folded name that a curated source gives, once."""
        yield from self._curated.iterkeys()

    def has_word(self, word: str) -> bool:
        """Say whether a folded word stands in any name."""
        return word in self._words
