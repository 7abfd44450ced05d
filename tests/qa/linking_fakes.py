"""What the tests of linking share: graphs written as lists of names, and stand-ins for the encoder."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kg.build import build_snapshot
from kg.graph import SnapshotGraph, open_snapshot
from kg.merge import Reading, merge
from kg.model import Curie, Entity, Fact, Source
from kg.names import key
from qa.tagging import Tagged

Floats = npt.NDArray[np.float32]
CURATED, IMPORTED = Source("curated", "Curated", "1", "CC0", curated=True), Source("imported", "Imported", "1", "CC0")
WIDTH = 256


def entity(category: Curie, name: str, *synonyms: str) -> Entity:
    return Entity(Curie("medkg:" + key(name).replace(" ", "-")), category, name, synonyms)


def build_graph(
    target: Path, curated: Sequence[Entity], imported: Sequence[Entity] = (), facts: Sequence[Fact] = (), sha256: str = "1"
) -> SnapshotGraph:
    """Build and open a graph of a curated source, which states the facts, and an imported one."""
    source = Source(CURATED.name, CURATED.title, "1", "CC0", sha256=sha256, curated=True)
    build_snapshot(merge([Reading(source, list(curated), list(facts)), Reading(IMPORTED, list(imported), [])]), target, "linking")
    return open_snapshot(target)


def unlike(text: str) -> Floats:
    """Return a vector of length 1 that is far from that of any other text."""
    vector = np.random.default_rng(zlib.crc32(text.encode("utf-8", "replace"))).standard_normal(WIDTH).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


class TableEmbedder:
    """Gives a phrase of the table a vector that is so near to that of a name, and every other text a vector of its own.

    Args:
        table: The name and the cosine of each phrase; phrases are compared as names are.
    """

    def __init__(self, table: Mapping[str, tuple[str, float]] | None = None) -> None:
        self._table = {key(phrase): near for phrase, near in (table or {}).items()}
        self.seen: list[str] = []

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return a vector of length 1 for each text, in order, and remember the texts in `seen`."""
        self.seen.extend(texts)
        return np.stack([self._vector(key(text)) for text in texts]) if texts else np.zeros((0, WIDTH), np.float32)

    def _vector(self, text: str) -> Floats:
        if text not in self._table:
            return unlike(text)
        name, cosine = self._table[text]
        towards, away = unlike(key(name)), unlike(text)
        away = away - towards * np.float32(away @ towards)
        away = away / np.float32(np.linalg.norm(away))
        found: Floats = np.float32(cosine) * towards + np.float32(np.sqrt(1 - cosine**2)) * away
        return found


class LetterEmbedder:
    """Takes texts of the same letters for the same: what is near is like what is near in spelling."""

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return a vector of length 1 for each text, in order."""
        found = np.zeros((len(texts), 32), np.float32)
        for row, text in zip(found, texts, strict=True):
            row[0] = 0.1
            for letter in text:
                row[1 + ord(letter) % 31] += 1
        lengths: Any = np.linalg.norm(found, axis=1, keepdims=True)
        return found / np.maximum(lengths, np.float32(1e-6))


class WordTagger:
    """Tags what it is told, wherever it stands.

    Args:
        kinds: The kind of each string that is tagged.
    """

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self._kinds = kinds
        self.seen: list[str] = []

    def tag(self, text: str) -> list[Tagged]:
        """Return the mentions, left to right, without overlap, and remember the text in `seen`."""
        self.seen.append(text)
        found: list[Tagged] = []
        for written, kind in self._kinds.items():
            at = text.find(written)
            while at >= 0:
                found.append(Tagged(at, at + len(written), kind, 0.9))
                at = text.find(written, at + len(written))
        found.sort(key=lambda tag: (tag.start, -tag.end))
        apart: list[Tagged] = []
        for tag in found:
            if not apart or apart[-1].end <= tag.start:
                apart.append(tag)
        return apart
