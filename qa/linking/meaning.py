"""Names found by what they mean: vectors in an approximate index, so that "my chest feels tight" leads to chest tightness."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import faiss
import numpy as np
import numpy.typing as npt

from kg.build import Progress, no_progress
from kg.graph import Graph
from kg.model import Curie, Entity, Source
from kg.names import key
from kg.vocabulary import DISEASE, DRUG_CLASS, PHENOTYPE
from qa.errors import ModelError

Floats = npt.NDArray[np.float32]

INDEX, NAMES, ABOUT = "meaning.faiss", "meaning.tsv", "meaning.json"
_CELLS_FROM = 10_000
"""Names from which on the index is divided into cells, of which a search looks into some."""
_LOOKED_INTO = 24
_BATCH = 4_096
_PER_ENTITY = 4
"""Names of one entity that are looked at to find another: lists of entities are made from lists of names."""


class Embedder(Protocol):
    """Turns short texts into vectors."""

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return a vector of length 1 for each text, in order. *Shape:* (n, width)."""
        ...


class Near(NamedTuple):
    """An entity whose name means nearly what a phrase does.

    Attributes:
        curie: The entity.
        name: The name, as the index has it.
        cosine: How near, 1 for the same.
    """

    curie: Curie
    name: str
    cosine: float


@dataclass(frozen=True, slots=True)
class MeaningIndex:
    """The names of a graph by what they mean.

    Attributes:
        index: The vectors.
        rows: Entity and name of each vector.
    """

    index: Any
    rows: Sequence[tuple[Curie, str]]

    @classmethod
    def build(cls, names: Iterable[tuple[Curie, str]], embedder: Embedder, progress: Progress = no_progress) -> MeaningIndex:
        """Embed names and index them."""
        rows = list(names)
        vectors = _embedded([name for _, name in rows], embedder, progress)
        width = vectors.shape[1] if len(rows) else 1
        # Four bits a number: half the size of eight, and of 400 searches 398 with the same first name, 92% with the same ten.
        kind = "Flat" if len(rows) < _CELLS_FROM else f"IVF{_cells(len(rows))},SQ4"
        index = faiss.index_factory(width, kind, faiss.METRIC_INNER_PRODUCT)
        if not index.is_trained:
            index.train(vectors)
        if len(rows):
            index.add(vectors)
        return cls(index, rows)

    def missing(self, names: Iterable[tuple[Curie, str]]) -> list[tuple[Curie, str]]:
        """Return the names that are not in it, in their order."""
        known = set(self.rows)
        return [row for row in names if row not in known]

    def extended(self, names: Sequence[tuple[Curie, str]], embedder: Embedder, progress: Progress = no_progress) -> MeaningIndex:
        """Return an index of these names too, which are not in it."""
        if names:
            self.index.add(_embedded([name for _, name in names], embedder, progress))
        return MeaningIndex(self.index, [*self.rows, *names])

    def nearest(self, vectors: Floats, count: int) -> list[list[Near]]:
        """Return, for each vector, the `count` entities that are nearest by one of their names, nearest first.

        Args:
            vectors: Of length 1. *Shape:* (n, width).
            count: Entities a vector.
        """
        if not len(self.rows) or not len(vectors):
            return [[] for _ in vectors]
        if hasattr(self.index, "nprobe"):
            self.index.nprobe = _LOOKED_INTO
        cosines, numbers = self.index.search(vectors, min(len(self.rows), count * _PER_ENTITY))
        return [self._entities(row, cosine, count) for row, cosine in zip(numbers.tolist(), cosines.tolist(), strict=True)]

    def _entities(self, numbers: Sequence[int], cosines: Sequence[float], count: int) -> list[Near]:
        found: dict[Curie, Near] = {}
        for number, cosine in zip(numbers, cosines, strict=True):
            if number >= 0:  # the index fills up with -1
                curie, name = self.rows[number]
                found.setdefault(curie, Near(curie, name, cosine))
        return list(found.values())[:count]

    def save(self, directory: Path, about: dict[str, Any]) -> None:
        """Write the index into a directory, whole or not at all."""
        partial = directory.with_name(f".{directory.name}.{os.getpid()}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        faiss.write_index(self.index, str(partial / INDEX))
        (partial / NAMES).write_text("".join(f"{curie}\t{name}\n" for curie, name in self.rows), encoding="utf-8")
        (partial / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        shutil.rmtree(directory, ignore_errors=True)
        os.replace(partial, directory)

    @classmethod
    def open(cls, directory: Path) -> MeaningIndex:
        """Open what `save` wrote.

        Raises:
            ModelError: A file is missing or damaged.
        """
        try:
            lines = (directory / NAMES).read_text(encoding="utf-8").splitlines()
            rows = [(Curie(curie), name) for curie, _, name in (line.partition("\t") for line in lines)]
            index = faiss.read_index(str(directory / INDEX))
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(f"{directory}: the index of meanings cannot be read ({error}); remove it, and a new one is made") from error
        if index.ntotal != len(rows):
            raise ModelError(f"{directory}: {INDEX} holds {index.ntotal} vectors and {NAMES} {len(rows)} names; expected as many")
        return cls(index, rows)


def names_by_meaning(graph: Graph, entities: Iterable[Entity]) -> Iterator[tuple[Curie, str]]:
    """Yield the names that are worth finding by meaning: of signs and symptoms all, of illnesses and the like the curated ones.

    What a medicine is called means nothing by itself, the names of 20,000 rare diseases are near to nearly everything, and habits and
    treatments are named with the words of everyday life. What no curated source names and no fact is told of is left out.
    """
    for entity in entities:
        if entity.category not in (PHENOTYPE, DISEASE, DRUG_CLASS):
            continue
        seen, is_told_of = set(), graph.degree(entity.curie) > 0
        for name in (entity.name, *entity.synonyms):
            folded = key(name)
            wanted = (entity.category == PHENOTYPE and is_told_of) or _is_curated(graph, entity, folded)
            if wanted and any(c.islower() for c in name) and folded not in seen:
                seen.add(folded)
                yield entity.curie, name


def _is_curated(graph: Graph, entity: Entity, folded: str) -> bool:
    """Say whether a curated source gives a name to this entity, and not only to another one."""
    return graph.surface.is_curated(folded) and any(n.curated and n.entity.curie == entity.curie for n in graph.named(folded))


def graph_digest(sources: Sequence[Source]) -> str:
    """Return what the names of a graph are made of, as one SHA-256: its sources, whatever their order."""
    return hashlib.sha256("\n".join(sorted(f"{source.name}\0{source.sha256}" for source in sources)).encode()).hexdigest()


def made_of(directory: Path) -> str | None:
    """Return the digest of the graph whose names an index holds, or None where there is no index."""
    try:
        found = json.loads((directory / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    digest = found.get("graph") if isinstance(found, dict) else None
    return digest if isinstance(digest, str) else None


def _embedded(names: Sequence[str], embedder: Embedder, progress: Progress) -> Floats:
    if not names:
        return np.zeros((0, 1), np.float32)
    # Names of like length together, so that little is padded.
    order = sorted(range(len(names)), key=lambda number: len(names[number]))
    found: Floats | None = None
    for first in range(0, len(order), _BATCH):
        progress("meanings", first, len(order))
        numbers = order[first : first + _BATCH]
        vectors = embedder.embed([names[n] for n in numbers])
        if found is None:
            found = np.zeros((len(names), vectors.shape[1]), np.float32)
        found[numbers] = vectors
    progress("meanings", len(order), len(order))
    assert found is not None
    return found


def _cells(names: int) -> int:
    """Return into how many cells an index is divided: near the square root, a power of two."""
    return int(2 ** round(np.log2(np.sqrt(names))))
