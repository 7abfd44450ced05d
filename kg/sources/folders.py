"""Finds the files of a resource that comes as a directory."""

from __future__ import annotations

import fnmatch
from pathlib import Path

from kg.errors import DataError
from kg.sources.files import COMPRESSED


def matching(directory: Path, pattern: str) -> list[Path]:
    """Return the files of a directory whose names fit a pattern, compressed or not, sorted.

    Raises:
        DataError: The directory cannot be listed.
    """
    try:
        names = [path for path in directory.iterdir() if path.is_file() and not path.name.startswith(".")]
    except OSError as error:
        raise DataError(directory, None, f"cannot be read as a directory: {error.strerror or error}") from error
    return sorted(path for path in names if fnmatch.fnmatchcase(_plain(path), pattern))


def find(directory: Path, pattern: str) -> Path | None:
    """Return the one file of a directory whose name fits a pattern, compressed or not; None where there is none.

    Raises:
        DataError: The directory cannot be listed, or several files fit.
    """
    found = matching(directory, pattern)
    if len(found) > 1:
        raise DataError(directory, None, f"holds several files {pattern}: {', '.join(path.name for path in found)}; expected one")
    return found[0] if found else None


def need(directory: Path, pattern: str, what: str) -> Path:
    """Return the one file of a directory whose name fits a pattern, compressed or not.

    Raises:
        DataError: As for `find`; or none fits, then `what` says what was looked for.
    """
    found = find(directory, pattern)
    if found is None:
        raise DataError(directory, None, f"holds no {pattern}: expected the directory of {what}")
    return found


def _plain(path: Path) -> str:
    return path.name.removesuffix(path.suffix) if path.suffix.lower() in COMPRESSED else path.name
