"""Opens source files, compressed or not, and guards against what does not end."""

from __future__ import annotations

import bz2
import fnmatch
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kg.errors import DataError

MOST_BYTES = 16 * 2**30
"""Bytes that a compressed file may unpack to, at the most."""

MOST_RATIO, RATIO_FROM = 250, 64 * 2**20
"""How many times its size a compressed file may unpack to, once it has unpacked to so many bytes: text reaches 10 to 60 times."""

_OPENERS: dict[str, Callable[[Path], BinaryIO]] = {".gz": gzip.GzipFile, ".bz2": bz2.BZ2File, ".xz": lzma.LZMAFile}  # type: ignore[dict-item]
COMPRESSED = frozenset(_OPENERS)
# What editors and file managers leave behind. Hidden names (.DS_Store, .#file, .file.swp) are skipped as well.
_LEFT_BEHIND = ("*~", "#*#", "*.bak", "*.orig", "*.rej", "*.tmp", "Thumbs.db", "desktop.ini", "__pycache__")
# What the decompressors raise for a damaged or truncated file.
DAMAGED = (OSError, EOFError, lzma.LZMAError, zlib.error)


class _Guarded(io.RawIOBase):
    """A decompressed stream that refuses to become larger than any honest file of its compressed size."""

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self._stream, self._path = stream, path
        self._size = max(1, path.stat().st_size)
        self._seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        chunk = self._stream.read(len(buffer))
        self._seen += len(chunk)
        if self._seen > MOST_BYTES or (self._seen > RATIO_FROM and self._seen > MOST_RATIO * self._size):
            problem = (
                f"unpacks to more than {self._seen // 2**20} MiB from {self._size} bytes: not taken, it looks like a decompression bomb"
            )
            raise DataError(self._path, None, problem)
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._stream.close()
        super().close()


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading bytes, decompressed where its name ends in .gz, .bz2 or .xz.

    Raises:
        DataError: It cannot be opened or read, is damaged or truncated, or unpacks to more than an honest file does; also when that shows
            only while it is read.
    """
    opener = _OPENERS.get(path.suffix.lower())
    try:
        if opener is None:
            with path.open("rb") as plain:
                yield plain
        else:
            with io.BufferedReader(_Guarded(opener(path), path), 1 << 20) as unpacked:
                yield unpacked
    except DAMAGED as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DataError(path, None, f"cannot be read: {reason}") from error


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a UTF-8 text file, without their ends, with their numbers from 1; a byte order mark is dropped.

    Raises:
        DataError: As for `open_bytes`; or a line is not UTF-8.
    """
    with open_bytes(path) as stream:
        for number, raw in enumerate(stream, start=1):
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError as error:
                raise DataError(path, number, f"is not UTF-8: byte {error.start + 1} of the line is {raw[error.start]:#04x}") from error
            yield number, (text.removeprefix("\ufeff") if number == 1 else text).rstrip("\r\n")


def stem(path: Path) -> str:
    """Return a file's name without the ends that say how it is compressed and written.

    >>> stem(Path("data/symp.obo.gz"))
    'symp'
    """
    name = path.name.removesuffix(path.suffix) if path.suffix.lower() in COMPRESSED else path.name
    return name.rsplit(".", 1)[0] or name


def source_files(directory: Path) -> Iterator[Path]:
    """Yield the files of a source, or of several, at any depth, in the order of their paths; not what editors leave behind.

    Raises:
        DataError: The directory cannot be listed.
    """
    try:
        listed = sorted(directory.iterdir())
    except OSError as error:
        raise DataError(directory, None, f"cannot be read: {error.strerror or error}") from error
    for path in listed:
        if path.name.startswith(".") or any(fnmatch.fnmatchcase(path.name, pattern) for pattern in _LEFT_BEHIND):
            continue
        if path.is_dir():
            yield from source_files(path)
        else:
            yield path
