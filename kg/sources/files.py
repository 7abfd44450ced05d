"""Opens source files, compressed or not, and guards against what does not end."""

from __future__ import annotations

import bz2
import fnmatch
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from kg.errors import DataError

MOST_BYTES = 16 * 2**30
"""Bytes that a compressed file may unpack to, at the most."""

MOST_RATIO, RATIO_FROM = 250, 64 * 2**20
"""How many times its size a compressed file may unpack to, once it has unpacked to so many bytes: text reaches 10 to 60 times."""

_OPENERS: Mapping[str, Callable[[BinaryIO], io.BufferedIOBase]] = {
    ".gz": lambda packed: gzip.GzipFile(fileobj=packed),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}
COMPRESSED = frozenset(_OPENERS)
# How files begin that are compressed, whatever their name.
_BEGINNINGS = {b"\x1f\x8b\x08": ".gz", b"BZh": ".bz2", b"\xfd7zXZ\x00": ".xz"}
_BZ2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")
_ZIP = b"PK\x03\x04"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# What editors and file managers leave behind. Hidden names (.DS_Store, .#file, .file.swp) are skipped as well.
_LEFT_BEHIND = ("*~", "#*#", "*.bak", "*.orig", "*.rej", "*.tmp", "Thumbs.db", "desktop.ini", "__pycache__")
# What the decompressors raise for a damaged or truncated file.
DAMAGED = (OSError, EOFError, lzma.LZMAError, zlib.error)


class _Guarded(io.RawIOBase):
    """A decompressed stream that refuses to become larger than any honest file of its compressed size."""

    def __init__(self, stream: io.BufferedIOBase, path: Path) -> None:
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
def open_bytes(path: Path) -> Iterator[io.BufferedReader[Any]]:
    """Open a text file for reading bytes, decompressed where its name ends in .gz, .bz2 or .xz or it begins as such files do.

    Raises:
        DataError: It cannot be opened or read, is damaged or truncated, unpacks to more than an honest file does, is a zip archive or is
            text in UTF-16; also when that shows only while it is read.
    """
    try:
        with path.open("rb") as plain:
            opener = _opener(path, plain.peek(10))
            if opener is None:
                yield _checked(path, plain)
            else:
                with io.BufferedReader(_Guarded(opener(plain), path), 1 << 20) as unpacked:
                    yield _checked(path, unpacked)
    except DAMAGED as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DataError(path, None, f"cannot be read: {reason}") from error


def _opener(path: Path, start: bytes) -> Callable[[BinaryIO], io.BufferedIOBase] | None:
    """Return what unpacks a file; None for one that is not compressed."""
    suffix = path.suffix.lower()
    if suffix not in _OPENERS:
        suffix = next((suffix for beginning, suffix in _BEGINNINGS.items() if start.startswith(beginning)), "")
        if suffix == ".bz2" and start[4:10] not in _BZ2_BLOCKS:  # three letters may also begin a text
            suffix = ""
    return _OPENERS.get(suffix)


def _checked(path: Path, stream: io.BufferedReader[Any]) -> io.BufferedReader[Any]:
    start = stream.peek(4)[:4]
    if start == _ZIP:
        raise DataError(path, None, "is a zip archive: expected one of the files in it")
    if start[:2] in _UTF16:
        raise DataError(path, 1, "is UTF-16: expected a file saved as UTF-8")
    return stream


def is_panic(error: BaseException) -> bool:
    """Say whether an error is what an assertion that fails becomes in a parser written in Rust; it is no `Exception`."""
    return type(error).__name__ == "PanicException"


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
