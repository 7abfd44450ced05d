"""Finds, builds and opens the snapshot of the shipped graph."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from kg.build import FORMAT, GraphData, Progress, build_snapshot, no_progress, temporary_prefix
from kg.errors import DataError, SnapshotError
from kg.graph import SnapshotGraph, open_snapshot
from kg.model import Source
from kg.shipped import ontologies_directory, source_files
from kg.sources.everyday import read_everyday
from kg.sources.tsv import read_text

_PACKAGE = Path(__file__).resolve().parent
# Modules whose change makes an old snapshot wrong without any change of the data.
_DECIDING_CODE = (
    "build.py",
    "identifiers.py",
    "names.py",
    "rdf.py",
    "tables.py",
    "vocabulary.py",
    "sources/everyday.py",
    "sources/relations.py",
    "sources/tsv.py",
)

_FIELD = re.compile(r"^-\s*(title|version|licence):\s*(.+?)\s*$", re.MULTILINE)


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
    >>> [e.name for e, preferred in graph.named("heart attack")]
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
    with _only_one(target):
        # Another process may have built it while this one waited.
        if (graph := _open_current(target, digest)) is not None:
            return graph
        build_snapshot(read_shipped(ontologies), target, digest, progress)
        return open_snapshot(target)


def rebuild(target: Path | None = None, progress: Progress = no_progress, ontologies: Path | None = None) -> Path:
    """Build the shipped graph's snapshot whether or not it is current; return where it is."""
    target = target if target is not None else default_path()
    ontologies = ontologies if ontologies is not None else ontologies_directory()
    with _only_one(target):
        build_snapshot(read_shipped(ontologies), target, snapshot_digest(ontologies), progress)
    return target


def _open_current(path: Path, digest: str) -> SnapshotGraph | None:
    """Open the snapshot if it is whole and made of this data; None otherwise."""
    try:
        graph = open_snapshot(path)
    except SnapshotError:
        return None
    return graph if graph.manifest.get("digest") == digest else None


@contextlib.contextmanager
def _only_one(target: Path) -> Iterator[None]:
    """Hold off other processes that would build the same snapshot."""
    lock = FileLock(target.with_name(target.name + ".lock"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        Path(lock.lock_file).touch()  # where this fails for good, acquiring would wait for ever
        lock.acquire()
    except OSError as error:
        raise SnapshotError(f"{target} cannot be written: {error.strerror or error}; set MEDKG_SNAPSHOT to a directory that can") from error
    try:
        # What a killed build left behind: nobody else builds while this process holds the lock.
        for left in target.parent.glob(glob.escape(temporary_prefix(target)) + "*"):
            shutil.rmtree(left, ignore_errors=True)
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


def read_shipped(ontologies: Path | None = None) -> GraphData:
    """Read every source that ships.

    Raises:
        DataError: A file of it is missing or broken.
    """
    directory = (ontologies if ontologies is not None else ontologies_directory()) / "everyday"
    if not directory.is_dir():
        raise DataError(directory, None, "the shipped graph's directory is missing; reinstall medkg-qa")
    entities, facts = read_everyday(directory)
    return GraphData(entities, facts, (read_source(directory),))


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
