"""Where the data that ships with the project lies: beside the packages in a checkout, inside them in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_directory() -> Path:
    """Return the directory that holds `ontologies/` and `models/`."""
    installed = _PACKAGE / "_data"
    return installed if installed.is_dir() else _PACKAGE.parent / "data"


def ontologies_directory() -> Path:
    """Return the directory with one folder a source."""
    return data_directory() / "ontologies"
