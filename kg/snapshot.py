"""Finds, builds and opens the snapshot of the shipped graph."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from platformdirs import user_cache_path

from kg.build import FORMAT, Progress, build_snapshot, check_replaceable, no_progress, temporary_prefix
from kg.collector import collector_paused
from kg.errors import SnapshotError
from kg.graph import SnapshotGraph, open_snapshot
from kg.library import copy_imported, imported, read_imported, write_imported
from kg.merge import Reading, merge
from kg.shipped import data_digest, ontologies_directory, read_shipped
from kg.swap import restore

_PACKAGE = Path(__file__).resolve().parent
# Modules whose change makes an old snapshot wrong without any change of the data.
_DECIDING_CODE = (
    "build.py",
    "identifiers.py",
    "identity.py",
    "merge.py",
    "names.py",
    "rdf.py",
    "store.py",
    "surface.py",
    "tables.py",
    "vocabulary.py",
    "sources/compact.py",
    "sources/everyday.py",
    "sources/relations.py",
    "sources/tsv.py",
)

ALONE = "imported sources alone"
"""The digest of a snapshot that holds nothing of what ships."""


def default_path(environment: Mapping[str, str] | None = None) -> Path:
    """Return where the shipped graph's snapshot is kept: `$MEDKG_SNAPSHOT`, or a directory of the user's cache.

    Args:
        environment: Where `MEDKG_SNAPSHOT` is looked up; the process's environment where None.
    """
    configured = (os.environ if environment is None else environment).get("MEDKG_SNAPSHOT")
    return Path(configured).expanduser() if configured else user_cache_path("medkg") / "snapshot"


def open_graph(path: Path | None = None, progress: Progress = no_progress) -> SnapshotGraph:
    """Open the shipped graph, building its snapshot first where there is none, a damaged one or one of other data.

    Args:
        path: A snapshot to open; the shipped graph's own where None.
        progress: Told of the build's steps.

    Raises:
        SnapshotError: A snapshot named by `path` cannot be opened (it is not rebuilt: it is not known from what).
        DataError: The shipped data cannot be read.

    >>> graph = open_graph()
    >>> [naming.entity.name for naming in graph.named("heart attack") if naming.curated]
    ['heart attack']
    """
    return open_snapshot(path) if path is not None else open_shipped(default_path(), ontologies_directory(), progress)


def open_shipped(target: Path, ontologies: Path, progress: Progress = no_progress) -> SnapshotGraph:
    """Open the snapshot of the sources below `ontologies`, building it first where there is none, a damaged one or one of other data.

    Any number of processes may call this at once: one builds, the others wait for it.

    Args:
        target: Where the snapshot is, or will be.
        ontologies: The directory with one folder a source.
        progress: Told of the build's steps.

    Raises:
        SnapshotError: The snapshot cannot be written.
        DataError: The data cannot be read.
    """
    digest = snapshot_digest(ontologies)
    if (graph := _open_current(target, digest)) is not None:
        return graph
    with only_one(target):
        # Another process may have built it while this one waited.
        if (graph := _open_current(target, digest)) is not None:
            return graph
        assemble(target, None if is_alone(target) else ontologies, progress)
        return open_snapshot(target)


def rebuild(target: Path | None = None, progress: Progress = no_progress, ontologies: Path | None = None) -> Path:
    """Build a snapshot anew, of what ships and of what was imported into it, whether or not it is current; return where it is.

    One that holds imported sources alone stays so.
    """
    target = target if target is not None else default_path()
    with only_one(target):
        assemble(target, None if is_alone(target) else (ontologies if ontologies is not None else ontologies_directory()), progress)
    return target


def is_alone(target: Path) -> bool:
    """Say whether a snapshot, be it damaged or of another format, holds imported sources only."""
    try:
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("digest") == ALONE


@collector_paused()
def assemble(target: Path, ontologies: Path | None, progress: Progress, new: Reading | None = None, without: Collection[str] = ()) -> None:
    """Build a snapshot of what ships, of what was imported into the one that it replaces, and of what is new; the caller holds the lock.

    An imported source takes the place of the shipped one of the same name.

    Args:
        target: The snapshot.
        ontologies: What ships; None, nothing: the snapshot holds imported sources alone.
        progress: Told of the steps.
        new: A source to add, in place of the one of its name.
        without: Names of imported sources to leave out.

    Raises:
        DataError: A source cannot be read.
        SnapshotError: The snapshot cannot be written.
    """
    check_replaceable(target)
    replaced = {*without, *([new.source.name] if new is not None else ())}
    kept = [name for name in imported(target) if name not in replaced]
    progress("sources", 0, 0)
    readings = [read_imported(target, name) for name in kept] + ([new] if new is not None else [])
    readings.sort(key=lambda reading: reading.source.name)
    shipped = [] if ontologies is None else read_shipped(ontologies, {reading.source.name for reading in readings})

    def add(directory: Path) -> None:
        for name in kept:
            copy_imported(target, name, directory)
        if new is not None:
            write_imported(new, directory)

    digest = ALONE if ontologies is None else snapshot_digest(ontologies)
    build_snapshot(merge([*shipped, *readings]), target, digest, progress, add)


def _open_current(path: Path, digest: str) -> SnapshotGraph | None:
    """Open the snapshot if it is whole and made of this data, or was asked to hold nothing of it; None otherwise."""
    try:
        graph = open_snapshot(path)
    except SnapshotError:
        return None
    return graph if graph.manifest.get("digest") in (digest, ALONE) else None


@contextlib.contextmanager
def only_one(target: Path) -> Iterator[None]:
    """Hold off other processes that would build the same snapshot.

    Raises:
        SnapshotError: The place cannot be written.
    """
    from filelock import FileLock  # noqa: PLC0415 - only who writes a snapshot needs it

    lock = FileLock(target.with_name(target.name + ".lock"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        Path(lock.lock_file).touch()  # where this fails for good, acquiring would wait for ever
        lock.acquire()
        # What a killed build left behind: nobody else builds while this process holds the lock.
        restore(target, temporary_prefix(target))
    except OSError as error:
        lock.release()
        raise SnapshotError(f"{target} cannot be written: {error.strerror or error}; set MEDKG_SNAPSHOT to a directory that can") from error
    try:
        yield
    finally:
        lock.release()


def snapshot_digest(ontologies: Path) -> str:
    """Return the SHA-256 over all that decides what a snapshot holds: its format, the code that writes it, and the data."""
    digest = hashlib.sha256(f"format {FORMAT}".encode())
    for module in _DECIDING_CODE:
        with contextlib.suppress(FileNotFoundError):  # an installation may hold compiled modules only
            digest.update(f"{module}\0".encode() + (_PACKAGE / module).read_bytes())
    digest.update(data_digest(ontologies).encode())
    return digest.hexdigest()
