"""Files of a snapshot that are read a row at a time: JSON rows with their offsets, memory-mapped."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from kg.errors import SnapshotError

# Made once: json.dumps makes one for every row that is not written in its own style.
_write_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def write_rows(path: Path, rows: Iterable[Any]) -> int:
    """Write one JSON value a line, and their byte offsets to a sibling `.offsets.npy`; return how many."""
    offsets = [0]
    with path.open("wb") as handle:
        for row in rows:
            handle.write(_write_text(row).encode() + b"\n")
            offsets.append(handle.tell())
    np.save(_offsets_path(path), np.array(offsets, dtype=np.int64))
    return len(offsets) - 1


def _offsets_path(path: Path) -> Path:
    return path.with_suffix(".offsets.npy")


class RowTable:
    """Rows of JSON, read one at a time by their number, from 0, without loading the others.

    Raises:
        ValueError: The offsets do not fit the file.
        SnapshotError: A row, when it is read, is no JSON.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offsets = np.load(_offsets_path(path), mmap_mode="r")
        with path.open("rb") as handle:
            # An empty file cannot be mapped.
            self._data: mmap.mmap | bytes = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""
        if self._offsets.ndim != 1 or self._offsets.dtype != np.int64 or not len(self._offsets):
            raise ValueError(f"{_offsets_path(path).name} holds no offsets")
        if len(self._data) != int(self._offsets[-1]):
            raise ValueError(f"{path.name} holds {len(self._data)} bytes, its offsets say {int(self._offsets[-1])}")

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._offsets) - 1

    def __getitem__(self, number: int) -> Any:
        """Return one row."""
        try:
            return json.loads(self._data[int(self._offsets[number]) : int(self._offsets[number + 1])])
        except ValueError as error:
            raise SnapshotError(f"row {number} of {self._path} is damaged: {error}; `medkg build` makes a new snapshot") from error

    def __iter__(self) -> Iterator[Any]:
        """Yield every row, in order."""
        return (self[number] for number in range(len(self)))
