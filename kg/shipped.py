"""Where the data that ships with the project lies: beside the packages in a checkout, inside them in an installed wheel."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from pathlib import Path

from kg.errors import DataError

# What editors and file managers leave behind. Hidden names (.DS_Store, .#file, .file.swp) are skipped as well.
_LEFT_BEHIND = ("*~", "#*#", "*.bak", "*.orig", "*.rej", "*.tmp", "Thumbs.db", "desktop.ini", "__pycache__")

_PACKAGE = Path(__file__).resolve().parent


def data_directory() -> Path:
    """Return the directory that holds `ontologies/` and `models/`."""
    installed = _PACKAGE / "_data"
    return installed if installed.is_dir() else _PACKAGE.parent / "data"


def ontologies_directory() -> Path:
    """Return the directory with one folder a source."""
    return data_directory() / "ontologies"


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
