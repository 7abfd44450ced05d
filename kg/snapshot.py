"""Finds, builds and opens the snapshot of the shipped graph."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from kg.build import FORMAT, GraphData, Progress, build_snapshot, no_progress
from kg.errors import DataError, SnapshotError
from kg.graph import SnapshotGraph, open_snapshot, read_manifest
from kg.model import Source
from kg.shipped import ontologies_directory
from kg.sources.everyday import read_everyday

_FIELD = re.compile(r"^-\s*(title|version|licence):\s*(.+?)\s*$", re.MULTILINE)


def default_path() -> Path:
    """Return where the shipped graph's snapshot is kept: `$MEDKG_SNAPSHOT`, or a directory of the user's cache."""
    configured = os.environ.get("MEDKG_SNAPSHOT")
    return Path(configured) if configured else user_cache_path("medkg") / "snapshot"


def open_graph(path: Path | None = None, progress: Progress = no_progress) -> SnapshotGraph:
    """Open the shipped graph, building its snapshot first where there is none, a damaged one or one of other data.

    Args:
        path: A snapshot to open; the shipped graph's own where None.
        progress: Told of the build's steps.

    Raises:
        SnapshotError: A snapshot named by `path` cannot be opened (it is not rebuilt: it is not known from what).
        DataError: The shipped data cannot be read.

    >>> graph = open_graph()
    >>> [e.name for e, preferred in graph.named("heart attack")]
    ['heart attack']
    """
    if path is not None:
        return open_snapshot(path)
    target = default_path()
    digest = data_digest(ontologies_directory())
    if not _is_current(target, digest):
        with _only_one(target):
            # Another process may have built it while this one waited.
            if not _is_current(target, digest):
                build_snapshot(read_shipped(), target, digest, progress)
    try:
        return open_snapshot(target)
    except SnapshotError:
        # The sizes were right and the content is not: build once more, then let the error out.
        with _only_one(target):
            build_snapshot(read_shipped(), target, digest, progress)
        return open_snapshot(target)


def rebuild(target: Path | None = None, progress: Progress = no_progress) -> Path:
    """Build the shipped graph's snapshot whether or not it is current; return where it is."""
    target = target if target is not None else default_path()
    with _only_one(target):
        build_snapshot(read_shipped(), target, data_digest(ontologies_directory()), progress)
    return target


def _is_current(path: Path, digest: str) -> bool:
    try:
        return bool(read_manifest(path)["digest"] == digest)
    except SnapshotError:
        return False


@contextlib.contextmanager
def _only_one(target: Path) -> Iterator[None]:
    """Hold off other processes that would build the same snapshot."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(target.name + ".lock")):
            yield
    except OSError as error:
        raise SnapshotError(f"{target} cannot be written: {error.strerror or error}; set MEDKG_SNAPSHOT to a directory that can") from error


def data_digest(ontologies: Path) -> str:
    """Return the SHA-256 over the shipped files' names and contents, and the snapshot's format."""
    digest = hashlib.sha256(f"format {FORMAT}".encode())
    for path in sorted(ontologies.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(ontologies).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def read_shipped() -> GraphData:
    """Read every source that ships.

    Raises:
        DataError: A file of it is missing or broken.
    """
    directory = ontologies_directory() / "everyday"
    if not directory.is_dir():
        raise DataError(directory, None, "the shipped graph's directory is missing; reinstall medkg-qa")
    entities, facts = read_everyday(directory)
    return GraphData(entities, facts, (read_source(directory),))


def read_source(directory: Path) -> Source:
    """Read what `SOURCE.md` says of a source: its lines `- title: …`, `- version: …` and `- licence: …`."""
    path = directory / "SOURCE.md"
    try:
        fields = dict(_FIELD.findall(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise DataError(path, None, f"cannot be read: {error.strerror}") from error
    if missing := [name for name in ("title", "version", "licence") if name not in fields]:
        raise DataError(path, None, f"lacks the line '- {missing[0]}: …'")
    return Source(directory.name, fields["title"], fields["version"], fields["licence"], data_digest(directory))
