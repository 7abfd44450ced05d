"""Refuses RDF that nests too deep: pyoxigraph calls itself for each level, and nothing stops it short of the process's end."""

from __future__ import annotations

import io
import re
from abc import abstractmethod
from pathlib import Path
from typing import BinaryIO

import numpy as np

from kg.errors import DataError

_DEEPEST = 200
"""Levels, at the most: no honest file has a tenth of them, and a process ends at some thousands."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_BACKSLASHES = re.compile(rb"\\*\Z")
_STEPS = np.zeros(256, np.int8)
_STEPS[list(b"[{")] = 1
_STEPS[list(b"]}")] = -1


class _Nested(io.RawIOBase):
    """A stream of which each piece is checked before it is handed on."""

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self._stream, self._path = stream, path
        self._depth = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        chunk = self._stream.read(len(buffer))
        if self._deepest(chunk) > _DEEPEST:
            raise DataError(self._path, None, f"nests more than {_DEEPEST} levels deep: not taken")
        buffer[: len(chunk)] = chunk
        return len(chunk)

    @abstractmethod
    def _deepest(self, chunk: bytes) -> int:
        """Follow the depth through a piece, and return the most that it reaches."""


class NestedJson(_Nested):
    """A stream of JSON whose objects and arrays nest only so deep.

    Raises:
        DataError: They nest deeper; while it is read.
    """

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        super().__init__(stream, path)
        self._open = b""  # how a string that the last piece left open begins

    def _deepest(self, chunk: bytes) -> int:
        bare = _STRING.sub(b"", self._open + chunk)
        here = bare.find(b'"')
        self._open = b""
        if here >= 0:
            escaping = _BACKSLASHES.search(bare)
            self._open = b'"\\' if escaping is not None and len(escaping[0]) % 2 else b'"'
            bare = bare[:here]
        depths = self._depth + np.cumsum(_STEPS[np.frombuffer(bare, np.uint8)], dtype=np.int64)
        if not len(depths):
            return self._depth
        self._depth = int(depths[-1])
        return int(depths.max())


class NestedTerms(_Nested):
    """A stream of Turtle, or of a form like it, whose triple terms (`<<( … )>>`) nest only so deep.

    Raises:
        DataError: They nest deeper; while it is read.
    """

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        super().__init__(stream, path)
        self._tail = b""

    def _deepest(self, chunk: bytes) -> int:
        joined = self._tail + chunk
        self._tail = joined[-2:]
        self._depth = max(0, self._depth + joined.count(b"<<(") - joined.count(b")>>"))
        return self._depth
