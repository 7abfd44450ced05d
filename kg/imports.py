"""Takes a source into a snapshot, and out again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from kg.build import Progress, no_progress
from kg.collector import collector_paused
from kg.errors import DataError, SnapshotError
from kg.graph import open_snapshot
from kg.library import digest, imported, source_of
from kg.merge import Reading, Share, collect
from kg.model import Source
from kg.shipped import CURATED, ontologies_directory, shipped_names
from kg.snapshot import assemble, is_alone, only_one
from kg.sources.records import Format, Options, Record

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_TICK = 20_000


@dataclass(frozen=True, slots=True)
class Order:
    """What to import, and how.

    Attributes:
        source: The source, with what the user says of it; what the user leaves open is taken from the file, then from the format.
        format: Its format or resource.
        path: The file or directory.
        options: How it is to be read.
    """

    source: Source
    format: Format
    path: Path
    options: Options


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did.

    Attributes:
        source: The source as the graph has it now.
        share: What became of it; what was not joined is listed in the snapshot's manifest, under `held_apart`.
        changed: False where the snapshot held just this already, and was left as it is.
        replaced: True where an older import of the same name gave way.
    """

    source: Source
    share: Share
    changed: bool
    replaced: bool


def import_source(
    order: Order, target: Path, alone: bool = False, progress: Progress = no_progress, ontologies: Path | None = None
) -> Outcome:
    """Import a source into a snapshot, in place of what it imported under the same name before.

    The file is read whole before the snapshot is touched; the new snapshot is built beside the old one and takes its place at the end.

    Args:
        order: What to import.
        target: The snapshot; made where there is none.
        alone: Where there is none yet: True makes one that holds imported sources only, without what ships.
        progress: Told of the steps; with a total of 0 while the number of records is not known.
        ontologies: What ships; that of the project where None.

    Raises:
        DataError: The file cannot be read, or holds nothing that can be taken.
        SnapshotError: The name cannot be a source's, or the snapshot cannot be written.
    """
    check_name(order.source.name)
    reading = _read(order, progress)
    with only_one(target):
        before = _digest(target, order.source.name)
        nothing_ships = is_alone(target) or (alone and not (target / "manifest.json").is_file())
        shipped = None if nothing_ships else (ontologies if ontologies is not None else ontologies_directory())
        if before == reading.source.sha256 and (share := _share(target, order.source.name)) is not None:
            return Outcome(reading.source, share, changed=False, replaced=False)
        assemble(target, shipped, progress, new=reading)
        share = _share(target, order.source.name)
    if share is None:
        raise SnapshotError(f"{target} was replaced while it was being read; import {order.source.name} once more")
    return Outcome(reading.source, share, changed=True, replaced=before is not None)


def remove_source(name: str, target: Path, progress: Progress = no_progress, ontologies: Path | None = None) -> None:
    """Take an imported source out of a snapshot.

    Raises:
        SnapshotError: The snapshot has imported no such source, or cannot be written.
        DataError: Another source of it cannot be read.
    """
    with only_one(target):
        names = imported(target)
        if name not in names:
            known = ", ".join(names) or "none"
            ships = "; it ships with the graph and stays" if name in shipped_names(ontologies) else ""
            raise SnapshotError(f"{name!r} is no imported source of {target}{ships}; imported are: {known}")
        shipped = None if is_alone(target) else (ontologies if ontologies is not None else ontologies_directory())
        assemble(target, shipped, progress, without={name})


def check_name(name: str) -> None:
    """Refuse a name that cannot be a source's.

    Raises:
        SnapshotError: It holds other characters than letters, digits and `_.-`, or is that of the hand-written source.
    """
    if not _NAME.fullmatch(name):
        raise SnapshotError(f"{name!r} cannot name a source: expected letters, digits and . _ -")
    if name == CURATED:
        raise SnapshotError(f"{CURATED!r} is the graph's own hand-written source and cannot be replaced; choose another name")


@collector_paused()
def _read(order: Order, progress: Progress) -> Reading:
    records = order.format.read(order.path, order.options)
    reading = collect(order.source, _told(records, order.source.name, progress))
    known, source = order.format.about, reading.source
    source = replace(
        source,
        title=source.title or known.title or source.name,
        version=source.version or known.version,
        licence=source.licence or known.licence,
        facts=len(reading.facts),
    )
    if not (reading.entities or reading.facts or reading.matches or reading.replacements):
        skipped = "; ".join(f"{count} skipped: {reason}" for reason, count in reading.skipped.most_common(3))
        raise DataError(order.path, None, f"holds nothing that can be taken as {order.format.name}" + (f" ({skipped})" if skipped else ""))
    return replace(reading, source=replace(source, sha256=digest(reading)))


def _told(records: Iterable[Record], name: str, progress: Progress) -> Iterator[Record]:
    for number, record in enumerate(records):
        if number % _TICK == 0:
            progress(f"reading {name}", number, 0)
        yield record


def _share(target: Path, name: str) -> Share | None:
    """Return what the manifest says of an imported source; None where the snapshot cannot be opened."""
    try:
        shares = open_snapshot(target).manifest["shares"]
    except SnapshotError:
        return None
    return next((Share(**share) for share in shares if share["source"] == name), None)


def _digest(target: Path, name: str) -> str | None:
    """Return the digest of what was imported under a name before; None where nothing was, empty where it cannot be read."""
    if name not in imported(target):
        return None
    try:
        return source_of(target, name).sha256
    except DataError:
        return ""
