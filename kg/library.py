"""The imported sources of a snapshot, kept inside it as they were read, so that it can be made anew when one comes or goes.

snapshot/sources/<name>/source.json      title, version, licence, sha256
snapshot/sources/<name>/<kind>.jsonl     entities, facts, replacements, matches and what was skipped, one JSON array a line
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kg.errors import DataError
from kg.merge import Reading
from kg.model import Curie, Entity, Fact, Source
from kg.sources.records import Mapping as Match
from kg.sources.records import Replacement

DIRECTORY = "sources"
_KINDS = ("entities", "facts", "replacements", "matches", "skipped")


def imported(snapshot: Path) -> list[str]:
    """Return the names of a snapshot's imported sources, sorted; a snapshot that is not there has none."""
    directory = snapshot / DIRECTORY
    return sorted(path.name for path in directory.iterdir() if path.is_dir()) if directory.is_dir() else []


def source_of(snapshot: Path, name: str) -> Source:
    """Read what a snapshot says of an imported source.

    Raises:
        DataError: It cannot be read.
    """
    path = snapshot / DIRECTORY / name / "source.json"
    try:
        return Source(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise DataError(path, None, f"cannot be read: {error}; `medkg remove {name}` takes the source out") from error


def read_imported(snapshot: Path, name: str) -> Reading:
    """Read an imported source back.

    Raises:
        DataError: Its files are missing or damaged.
    """
    directory = snapshot / DIRECTORY / name
    reading = Reading(source_of(snapshot, name))
    for kind in _KINDS:
        path = directory / f"{kind}.jsonl"
        try:
            with path.open("rb") as stream:
                _take(reading, kind, (json.loads(line) for line in stream))
        except (OSError, ValueError, TypeError) as error:
            raise DataError(path, None, f"cannot be read: {error}; `medkg remove {name}` takes the source out") from error
    return reading


def _take(reading: Reading, kind: str, rows: Iterable[Any]) -> None:
    if kind == "entities":
        reading.entities = [Entity(_curie(c), _curie(k), n, tuple(s), d, tuple(map(_curie, x))) for c, k, n, s, d, x in rows]
    elif kind == "facts":
        source = reading.source.name
        reading.facts = [Fact(_curie(s), _curie(p), _curie(o), source, q, n) for s, p, o, n, q in rows]
    elif kind == "replacements":
        reading.replacements = [Replacement(_curie(old), new and _curie(new), name) for old, new, name in rows]
    elif kind == "matches":
        reading.matches = [Match(_curie(s), _curie(p), _curie(o)) for s, p, o in rows]
    else:
        found = [(reason, count, line, detail) for reason, count, line, detail in rows]
        reading.skipped = Counter({reason: count for reason, count, _, _ in found})
        reading.examples = {reason: (line, detail) for reason, _, line, detail in found}


_known: dict[str, Curie] = {}


def _curie(text: str) -> Curie:
    """Return one object for one identifier: most stand in many rows."""
    found = _known.get(text)
    if found is None:
        if len(_known) > 1_000_000:
            _known.clear()
        found = _known[text] = Curie(text)
    return found


def _rows(reading: Reading, kind: str) -> Iterator[Any]:
    if kind == "entities":
        return ((e.curie, e.category, e.name, e.synonyms, e.description, e.xrefs) for e in reading.entities)
    if kind == "facts":
        return ((f.subject, f.predicate, f.object, f.negated, dict(f.qualifiers)) for f in reading.facts)
    if kind == "replacements":
        return ((r.old, r.new, r.name) for r in reading.replacements)
    if kind == "matches":
        return ((m.subject, m.predicate, m.object) for m in reading.matches)
    return ((reason, count, *reading.examples[reason]) for reason, count in sorted(reading.skipped.items()))


def _encoded(reading: Reading, kind: str) -> Iterator[bytes]:
    for row in _rows(reading, kind):
        # Half a surrogate pair, which UTF-8 cannot hold, is escaped as JSON escapes it.
        text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        yield (text if _is_whole(text) else json.dumps(row, separators=(",", ":"))).encode() + b"\n"


def _is_whole(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def digest(reading: Reading) -> str:
    """Return the SHA-256 over what a source holds."""
    found = hashlib.sha256()
    for kind in _KINDS:
        for line in _encoded(reading, kind):
            found.update(line)
    return found.hexdigest()


def write_imported(reading: Reading, snapshot: Path) -> None:
    """Write a source into a snapshot that is being built."""
    directory = snapshot / DIRECTORY / reading.source.name
    directory.mkdir(parents=True)
    for kind in _KINDS:
        with (directory / f"{kind}.jsonl").open("wb") as stream:
            stream.writelines(_encoded(reading, kind))
    text = json.dumps(asdict(reading.source), indent=1, ensure_ascii=False)
    (directory / "source.json").write_text(text, encoding="utf-8")


def copy_imported(snapshot: Path, name: str, target: Path) -> None:
    """Copy an imported source into a snapshot that is being built."""
    shutil.copytree(snapshot / DIRECTORY / name, target / DIRECTORY / name)
