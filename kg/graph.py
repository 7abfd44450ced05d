"""The graph as it is asked: entities, their facts in both directions, and names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import marisa_trie
import numpy as np
import numpy.typing as npt

from kg.build import FORMAT, PREFERRED_NAME
from kg.errors import SnapshotError
from kg.model import Curie, Direction, Entity, Fact, Source
from kg.names import key
from kg.tables import RowTable


class Graph(Protocol):
    """What everything above the graph may ask of it."""

    def entity(self, curie: str) -> Entity | None:
        """Return the entity, or None where the graph does not know it."""
        ...

    def facts(self, curie: str, direction: Direction) -> Sequence[Fact]:
        """Return the facts at whose `direction` end the entity stands, in the order of the data; OUT: it is their subject."""
        ...

    def named(self, name: str) -> Sequence[tuple[Entity, bool]]:
        """Return the entities that bear a name, whatever its case and spelling, each with whether it is its preferred name."""
        ...

    def has_name_prefix(self, folded: str) -> bool:
        """Say whether some folded name begins with `folded` followed by another word, or equals it."""
        ...

    def folded_names(self) -> Iterator[str]:
        """Yield every folded name once, in the order of the index."""
        ...


class SnapshotGraph:
    """A snapshot, opened read-only: arrays are memory-mapped, so that opening takes milliseconds and workers share the memory."""

    def __init__(self, path: Path, manifest: Mapping[str, Any]) -> None:
        self.path = path
        self.manifest = manifest
        self._entities = RowTable(path / "entities.jsonl")
        self._qualifiers = RowTable(path / "qualifiers.jsonl")
        self._curies = marisa_trie.RecordTrie("<I").mmap(str(path / "curies.marisa"))
        self._names = marisa_trie.RecordTrie("<IB").mmap(str(path / "names.marisa"))
        self._facts: npt.NDArray[Any] = np.load(path / "facts.npy", mmap_mode="r")
        self._index = {
            direction: (np.load(path / f"{direction}_starts.npy", mmap_mode="r"), np.load(path / f"{direction}_rows.npy", mmap_mode="r"))
            for direction in Direction
        }
        self._predicates = [Curie(text) for text in manifest["predicates"]]
        self.sources = tuple(Source(**source) for source in manifest["sources"])
        self._entity_at = lru_cache(maxsize=16_384)(self._read_entity)
        self._qualifiers_at = lru_cache(maxsize=16_384)(self._qualifiers.__getitem__)

    def __len__(self) -> int:
        return len(self._entities)

    def entity(self, curie: str) -> Entity | None:
        """Return the entity, or None where the graph does not know it.

        >>> from kg import open_graph
        >>> open_graph().entity("MONDO:0005393").name
        'gout'
        """
        number = self._number(curie)
        return None if number is None else self._entity_at(number)

    def facts(self, curie: str, direction: Direction) -> Sequence[Fact]:
        """Return the facts at whose `direction` end the entity stands (OUT: it is their subject), in the order of the data."""
        number = self._number(curie)
        if number is None:
            return ()
        starts, rows = self._index[direction]
        return [self._fact(int(row)) for row in rows[int(starts[number]) : int(starts[number + 1])]]

    def facts_between(self, first: str, second: str) -> list[Fact]:
        """Return the facts that join two entities, in either direction."""
        outward = [fact for fact in self.facts(first, Direction.OUT) if fact.object == second]
        return outward + [fact for fact in self.facts(first, Direction.IN) if fact.subject == second]

    def named(self, name: str) -> Sequence[tuple[Entity, bool]]:
        """Return the entities that bear a name, preferred names first, each with whether it is the preferred one."""
        return self.at_key(key(name))

    def at_key(self, folded: str) -> Sequence[tuple[Entity, bool]]:
        """Return what `named` does for a name that is folded already."""
        records = sorted(self._names.get(folded, ()), key=lambda record: (record[1], record[0]))
        return [(self._entity_at(number), rank == PREFERRED_NAME) for number, rank in records]

    def has_name_prefix(self, folded: str) -> bool:
        """Say whether some folded name equals `folded` or continues it with another word."""
        return folded in self._names or bool(self._names.has_keys_with_prefix(folded + " "))

    def folded_names(self) -> Iterator[str]:
        """Yield every folded name once."""
        previous = None
        for name in self._names.iterkeys():
            if name != previous:
                yield name
            previous = name

    def entities(self) -> Iterator[Entity]:
        """Yield every entity, in the order of identifiers."""
        return (self._entity_at(number) for number in range(len(self)))

    def all_facts(self) -> Iterator[Fact]:
        """Yield every fact, grouped by subject, subjects in the order of identifiers."""
        return (self._fact(row) for row in range(len(self._facts)))

    def _number(self, curie: str) -> int | None:
        records = self._curies.get(curie)
        return int(records[0][0]) if records else None

    def _read_entity(self, number: int) -> Entity:
        row = self._entities[number]
        xrefs = tuple(Curie(text) for text in row["xrefs"])
        return Entity(Curie(row["curie"]), Curie(row["category"]), row["name"], tuple(row["synonyms"]), row["description"], xrefs)

    def _fact(self, row: int) -> Fact:
        subject, predicate, obj, source, negated, qualifiers = self._facts[row].item()
        return Fact(
            self._entity_at(subject).curie,
            self._predicates[predicate],
            self._entity_at(obj).curie,
            self.sources[source].name,
            self._qualifiers_at(qualifiers),
            negated,
        )


def read_manifest(path: Path) -> dict[str, Any]:
    """Read a snapshot's manifest and check that its files are whole.

    Raises:
        SnapshotError: It is missing, not JSON, of another format, or a file it lists is missing or of another size.
    """
    try:
        manifest: dict[str, Any] = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        found, files = manifest["format"], manifest["files"]
    except FileNotFoundError as error:
        raise SnapshotError(f"{path} is no snapshot: it holds no manifest.json; `medkg build` makes one") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SnapshotError(f"{path / 'manifest.json'} cannot be read: {error}; `medkg build` makes a new snapshot") from error
    if found != FORMAT:
        raise SnapshotError(f"{path} is a snapshot of format {found}, expected {FORMAT}; `medkg build` makes a new one")
    for name, size in files.items():
        actual = (path / name).stat().st_size if (path / name).is_file() else None
        if actual != size:
            state = "is missing" if actual is None else f"holds {actual} bytes"
            raise SnapshotError(f"{path / name} {state}, expected {size} bytes; `medkg build` makes a new snapshot")
    if not (path / "store").is_dir():
        raise SnapshotError(f"{path / 'store'} is missing; `medkg build` makes a new snapshot")
    return manifest


def open_snapshot(path: Path) -> SnapshotGraph:
    """Open a snapshot read-only.

    Raises:
        SnapshotError: It is missing, half-written or damaged.
    """
    manifest = read_manifest(path)
    try:
        return SnapshotGraph(path, manifest)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise SnapshotError(f"{path} is damaged: {error}; `medkg build` makes a new snapshot") from error
