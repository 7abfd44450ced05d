"""The graph as it is asked: entities, their facts in both directions, and names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import marisa_trie
import numpy as np
import numpy.typing as npt

from kg.build import ALIAS_KINDS, FACT_DTYPE, FORMAT, IMPORTED_PREFERRED, NO_ENTITY, OTHER, PREFERRED
from kg.errors import SnapshotError
from kg.model import Alias, AliasKind, Curie, Direction, Entity, Fact, Source
from kg.names import key
from kg.surface import SurfaceNames
from kg.swap import identity
from kg.tables import RowTable

_ATTEMPTS = 5


class Naming(NamedTuple):
    """That an entity bears a name.

    Attributes:
        entity: The entity.
        preferred: True where it is the name that the graph shows.
        curated: True where a curated source gives the name, or no source is curated and none is trusted more than another; False where
            only imported ones give it.
    """

    entity: Entity
    preferred: bool
    curated: bool = True


class Graph(Protocol):
    """What everything above the graph may ask of it."""

    @property
    def sources(self) -> Sequence[Source]:
        """The sources of the facts, the one of highest standing first."""
        ...

    def entity(self, curie: str) -> Entity | None:
        """Return the entity, or None where the graph does not know it."""
        ...

    def facts(self, curie: str, direction: Direction) -> Sequence[Fact]:
        """Return the facts at whose `direction` end the entity stands; OUT: it is their subject."""
        ...

    def degree(self, curie: str) -> int:
        """Return at how many facts the entity stands, at either end; 0 where the graph does not know it."""
        ...

    def curated_degree(self, curie: str) -> int:
        """Return at how many facts of curated sources the entity stands, at either end."""
        ...

    def alias(self, curie: str) -> Alias | None:
        """Return what an identifier stands for that is no entity's own, or None where the graph does not know it."""
        ...

    def named(self, name: str) -> Sequence[Naming]:
        """Return the entities that bear a name, whatever its case and spelling, names of curated sources first."""
        ...

    @property
    def surface(self) -> SurfaceNames:
        """The names by themselves, folded, as they are looked for in a text."""
        ...


class SnapshotGraph:
    """A snapshot, opened read-only: arrays are memory-mapped, so that opening takes milliseconds and workers share the memory."""

    def __init__(self, path: Path, manifest: Mapping[str, Any]) -> None:
        self.path = path
        self.manifest = manifest
        self._entities = RowTable(path / "entities.jsonl")
        self._qualifiers = RowTable(path / "qualifiers.jsonl")
        self._curies = marisa_trie.RecordTrie("<I").mmap(str(path / "curies.marisa"))
        self._aliases = marisa_trie.RecordTrie("<IB").mmap(str(path / "aliases.marisa"))
        self._own_curies = RowTable(path / "numbers.jsonl")
        self._surface = SurfaceNames.open(path)
        self._names = marisa_trie.RecordTrie("<IB").mmap(str(path / "names.marisa"))
        self._facts: npt.NDArray[Any] = np.load(path / "facts.npy", mmap_mode="r")
        self._index = {
            direction: (np.load(path / f"{direction}_starts.npy", mmap_mode="r"), np.load(path / f"{direction}_rows.npy", mmap_mode="r"))
            for direction in Direction
        }
        self._predicates = [Curie(text) for text in manifest["predicates"]]
        self.sources: Sequence[Source] = tuple(Source(**source) for source in manifest["sources"])
        self._check()
        self._entity_at = lru_cache(maxsize=16_384)(self._read_entity)
        self._curie_at = lru_cache(maxsize=65_536)(self._read_curie)
        self._facts_at = lru_cache(maxsize=4_096)(self._read_facts)
        self._qualifiers_at = lru_cache(maxsize=16_384)(self._qualifiers.__getitem__)

    def _check(self) -> None:
        """Refuse parts that do not fit each other: a wrong index would answer with another entity's facts, or end in a traceback."""
        facts, entities = int(self.manifest["facts"]), int(self.manifest["entities"])
        if self._facts.dtype != FACT_DTYPE or self._facts.shape != (facts,):
            raise ValueError(f"facts.npy does not hold {facts} facts")
        if not len(self._entities) == len(self._curies) == len(self._own_curies) == entities:
            raise ValueError(f"it does not hold {entities} entities")
        for direction, (starts, rows) in self._index.items():
            if starts.shape != (entities + 1,) or rows.shape != (facts,) or int(starts[-1]) != facts:
                raise ValueError(f"the index {direction}_rows.npy is of other data")

    def __len__(self) -> int:
        """Return how many entities there are."""
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
        """Return the facts at whose `direction` end the entity stands (OUT: it is their subject).

        Outgoing facts come in the order of the data; incoming ones by their subject's identifier, then in the order of the data.

        >>> from kg import open_graph
        >>> {fact.subject for fact in open_graph().facts("MONDO:0005393", Direction.OUT)}
        {'MONDO:0005393'}
        """
        number = self._number(curie)
        return () if number is None else self._facts_at(number, direction)

    def _read_facts(self, number: int, direction: Direction) -> tuple[Fact, ...]:
        starts, rows = self._index[direction]
        return tuple(self._fact(int(row)) for row in rows[int(starts[number]) : int(starts[number + 1])])

    def degree(self, curie: str) -> int:
        """Return at how many facts the entity stands, at either end; 0 where the graph does not know it."""
        number = self._number(curie)
        if number is None:
            return 0
        return sum(int(starts[number + 1] - starts[number]) for starts, _ in self._index.values())

    def curated_degree(self, curie: str) -> int:
        """Return at how many facts of curated sources the entity stands, at either end: how much there is to say of it to patients."""
        number = self._number(curie)
        return 0 if number is None else int(self._curated_degrees[number])

    @cached_property
    def _curated_degrees(self) -> npt.NDArray[np.int64]:
        curated = [number for number, source in enumerate(self.sources) if source.curated]
        facts = self._facts[np.isin(self._facts["source"], curated)]
        return np.bincount(facts["subject"], minlength=len(self)) + np.bincount(facts["object"], minlength=len(self))

    def alias(self, curie: str) -> Alias | None:
        """Return what an identifier stands for that is no entity's own: a cross-reference of one, or one that was withdrawn.

        >>> from kg import open_graph
        >>> open_graph().alias("UMLS:C0018099")
        Alias(curie='MONDO:0005393', kind=<AliasKind.SAME: 'same'>)
        """
        records = self._aliases.get(str(curie)) if _is_text(curie) else None
        if not records:
            return None
        number, kind = records[0]
        return Alias(None if number == NO_ENTITY else self._curie_at(number), ALIAS_KINDS[kind])

    def withdrawn(self) -> Iterator[tuple[Curie, Curie | None]]:
        """Yield every identifier that was withdrawn, in the order of identifiers, and what replaces it, None where nothing does."""
        for old, (number, kind) in self._aliases.items():
            if ALIAS_KINDS[kind] is AliasKind.REPLACED:
                yield Curie(old), None if number == NO_ENTITY else self._curie_at(number)

    def named(self, name: str) -> Sequence[Naming]:
        """Return the entities that bear a name: names of curated sources first, of these the preferred ones."""
        return self.at_key(key(name))

    def at_key(self, folded: str) -> Sequence[Naming]:
        """Return what `named` does for a name that is folded already."""
        records = sorted(self._names.get(folded, ()), key=lambda record: (record[1], record[0]))
        return [Naming(self._entity_at(n), rank in (PREFERRED, IMPORTED_PREFERRED), rank <= OTHER) for n, rank in records]

    @property
    def surface(self) -> SurfaceNames:
        """The names by themselves, folded, as they are looked for in a text."""
        return self._surface

    def entities(self) -> Iterator[Entity]:
        """Yield every entity, in the order of identifiers."""
        return (self._entity_at(number) for number in range(len(self)))

    def all_facts(self) -> Iterator[Fact]:
        """Yield every fact, grouped by subject, subjects in the order of identifiers."""
        return (self._fact(row) for row in range(len(self._facts)))

    def _number(self, curie: str) -> int | None:
        records = self._curies.get(str(curie)) if _is_text(curie) else None  # the trie takes no subclass of str
        return int(records[0][0]) if records else None

    def _read_curie(self, number: int) -> Curie:
        return Curie(self._own_curies[number])

    def _read_entity(self, number: int) -> Entity:
        row = self._entities[number]
        xrefs = tuple(Curie(text) for text in row["xrefs"])
        return Entity(Curie(row["curie"]), Curie(row["category"]), row["name"], tuple(row["synonyms"]), row["description"], xrefs)

    def _fact(self, row: int) -> Fact:
        subject, predicate, obj, source, negated, qualifiers = self._facts[row].item()
        return Fact(
            self._curie_at(subject),
            self._predicates[predicate],
            self._curie_at(obj),
            self.sources[source].name,
            self._qualifiers_at(qualifiers),
            negated,
        )


def _is_text(text: str) -> bool:
    """Say whether a text holds no lone surrogate, as an argument that is not UTF-8 becomes: such a one is in no trie."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_manifest(path: Path) -> dict[str, Any]:
    """Read a snapshot's manifest and check that its files are whole.

    Raises:
        SnapshotError: It is missing, not JSON, of another format, or a file it lists is missing or of another size.
    """
    try:
        manifest: dict[str, Any] = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        found = manifest["format"]
    except FileNotFoundError as error:
        raise SnapshotError(f"{path} is no snapshot: it holds no manifest.json; `medkg build` makes one") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SnapshotError(f"{path / 'manifest.json'} cannot be read: {error}; `medkg build` makes a new snapshot") from error
    if found != FORMAT:
        raise SnapshotError(f"{path} is a snapshot of format {found}, expected {FORMAT}; `medkg build` makes a new one")
    files = manifest.get("files")
    if not isinstance(files, dict) or not files:
        raise SnapshotError(f"{path / 'manifest.json'} lists no files; `medkg build` makes a new snapshot")
    for name, size in files.items():
        try:
            actual = (path / name).stat().st_size
        except OSError as error:
            raise SnapshotError(f"{path / name} is missing ({error.strerror}); `medkg build` makes a new snapshot") from error
        if actual != size:
            raise SnapshotError(f"{path / name} holds {actual} bytes, expected {size}; `medkg build` makes a new snapshot")
    return manifest


def open_snapshot(path: Path) -> SnapshotGraph:
    """Open a snapshot read-only.

    Raises:
        SnapshotError: It is missing, half-written or damaged.
    """
    for _ in range(_ATTEMPTS):
        before = identity(path)
        try:
            graph = _open_once(path)
        except SnapshotError:
            if identity(path) == before:
                raise
        else:
            # A build may have put a new snapshot in place while the files were opened one after another: never mix two.
            if identity(path) == before:
                return graph
    raise SnapshotError(f"{path} is being replaced again and again; try once more when nothing builds it")


def _open_once(path: Path) -> SnapshotGraph:
    manifest = read_manifest(path)
    try:
        return SnapshotGraph(path, manifest)
    except (OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, RuntimeError) as error:
        raise SnapshotError(f"{path} is damaged: {error}; `medkg build` makes a new snapshot") from error
