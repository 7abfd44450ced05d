"""The data that ships with the project: beside the packages in a checkout, inside them in an installed wheel."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from kg.errors import DataError
from kg.merge import Reading, collect
from kg.model import Source
from kg.sources.compact import read_compact
from kg.sources.files import source_files
from kg.sources.records import Options
from kg.sources.tsv import read_text

CURATED = "everyday"
"""The hand-written source: of the highest standing, and never left out."""

_FIELD = re.compile(r"^-\s*(title|version|licence):\s*(.+?)\s*$", re.MULTILINE)

_PACKAGE = Path(__file__).resolve().parent


def data_directory() -> Path:
    """Return the directory that holds `ontologies/` and `models/`."""
    installed = _PACKAGE / "_data"
    return installed if installed.is_dir() else _PACKAGE.parent / "data"


def ontologies_directory() -> Path:
    """Return the directory with one folder a source."""
    return data_directory() / "ontologies"


def data_digest(directory: Path) -> str:
    """Return the SHA-256 over the names and contents of a directory's data files; what editors leave behind does not count.

    Raises:
        DataError: A file cannot be read.
    """
    digest = hashlib.sha256()
    for path in source_files(directory):
        try:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise DataError(path, None, f"cannot be read: {error.strerror or error}") from error
        digest.update(f"{path.relative_to(directory).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def read_shipped(ontologies: Path | None = None, without: Collection[str] = ()) -> list[Reading]:
    """Read every source that ships, the hand-written one first, the others by name.

    Args:
        ontologies: The directory with one folder a source; that of the project where None.
        without: Names of sources to leave out.

    Raises:
        DataError: A file of one is missing or broken.
    """
    from kg.sources.everyday import read_everyday  # noqa: PLC0415 - only who builds a snapshot needs it, and what reads YAML

    directory = ontologies if ontologies is not None else ontologies_directory()
    if not (directory / CURATED).is_dir():
        raise DataError(directory / CURATED, None, "the shipped graph's directory is missing; reinstall medkg-qa")
    entities, facts = read_everyday(directory / CURATED)
    readings = [Reading(replace(read_source(directory / CURATED), curated=True), entities, facts)]
    for name in sorted(shipped_names(directory) - {CURATED, *without}):
        folder = directory / name
        readings.append(collect(read_source(folder), read_compact(folder, Options(name))))
    return readings


def shipped_names(ontologies: Path | None = None) -> set[str]:
    """Return the names of the sources that ship."""
    directory = ontologies if ontologies is not None else ontologies_directory()
    return {path.parent.name for path in directory.glob("*/SOURCE.md")} | {CURATED}


def read_source(directory: Path) -> Source:
    """Read what `SOURCE.md` says of a source: its lines `- title: …`, `- version: …` and `- licence: …`.

    Raises:
        DataError: The file cannot be read, or lacks one of them.
    """
    path = directory / "SOURCE.md"
    fields = dict(_FIELD.findall(read_text(path)))
    if missing := [name for name in ("title", "version", "licence") if name not in fields]:
        raise DataError(path, None, f"lacks the line '- {missing[0]}: …'")
    return Source(directory.name, fields["title"], fields["version"], fields["licence"], data_digest(directory))
