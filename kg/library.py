"""The imported sources of a snapshot, kept inside it as they were read, so that it can be made anew when one comes or goes.

snapshot/sources/<name>/source.json      title, version, licence, sha256
snapshot/sources/<name>/facts.tsv        subject, predicate, object, `not` or nothing, qualifiers as JSON
snapshot/sources/<name>/<kind>.jsonl     entities, replacements, matches and what was skipped, one JSON array a line
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from kg.errors import DataError
from kg.merge import Reading
from kg.model import NO_QUALIFIERS, Curie, Entity, Fact, Source
from kg.sources.records import Mapping as Match
from kg.sources.records import Replacement

DIRECTORY = "sources"
# Made once: json.dumps makes one for every row that is not written in its own style.
_write_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_FILES = {kind: f"{kind}.jsonl" for kind in ("entities", "replacements", "matches", "skipped")} | {"facts": "facts.tsv"}
_DENIED = {"not": True, "": False}
_AT_ONCE = 10_000


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
    for kind, name_of_file in _FILES.items():
        path = directory / name_of_file
        try:
            with path.open("rb") as stream:
                if kind == "facts":
                    reading.facts = list(_facts(stream, name))
                else:
                    _take(reading, kind, (json.loads(line) for line in stream))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DataError(path, None, f"cannot be read: {error}; `medkg remove {name}` takes the source out") from error
    return reading


def _facts(lines: Iterable[bytes], source: str) -> Iterator[Fact]:
    told: dict[str, Mapping[str, str]] = {"{}\n": NO_QUALIFIERS}
    for line in lines:
        subject, predicate, obj, denied, qualifiers = line.decode().split("\t")
        if qualifiers not in told:
            told[qualifiers] = json.loads(qualifiers)
        yield Fact(_curie(subject), _curie(predicate), _curie(obj), source, told[qualifiers], _DENIED[denied])


def _take(reading: Reading, kind: str, rows: Iterable[Any]) -> None:
    if kind == "entities":
        reading.entities = [Entity(_curie(c), _curie(k), n, tuple(s), d, tuple(map(_curie, x))) for c, k, n, s, d, x in rows]
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
    if kind == "replacements":
        return ((r.old, r.new, r.name) for r in reading.replacements)
    if kind == "matches":
        return ((m.subject, m.predicate, m.object) for m in reading.matches)
    return ((reason, count, *reading.examples[reason]) for reason, count in sorted(reading.skipped.items()))


def _encoded(reading: Reading, kind: str) -> Iterator[bytes]:
    """Yield the content of a file, many lines at a time."""
    lines = _fact_lines(reading.facts) if kind == "facts" else map(_line, _rows(reading, kind))
    while together := "".join(islice(lines, _AT_ONCE)):
        yield together.encode()


def _fact_lines(facts: Iterable[Fact]) -> Iterator[str]:
    # A line of text takes a fifth of the time of one of JSON, and no identifier holds a tab.
    told: dict[int, str] = {}
    for fact in facts:
        qualifiers = told.get(id(fact.qualifiers))  # many facts share theirs
        if qualifiers is None:
            qualifiers = told[id(fact.qualifiers)] = json.dumps(dict(fact.qualifiers), separators=(",", ":"))
        yield f"{fact.subject}\t{fact.predicate}\t{fact.object}\t{'not' if fact.negated else ''}\t{qualifiers}\n"


def _line(row: Any) -> str:
    # Half a surrogate pair, which UTF-8 cannot hold, is escaped as JSON escapes it.
    text = _write_text(row)
    return (text if _is_whole(text) else json.dumps(row, separators=(",", ":"))) + "\n"


def _is_whole(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def digest(reading: Reading) -> str:
    """Return the SHA-256 over what a source holds."""
    found = hashlib.sha256()
    for kind in _FILES:
        for lines in _encoded(reading, kind):
            found.update(lines)
    return found.hexdigest()


def write_imported(reading: Reading, snapshot: Path) -> None:
    """Write a source into a snapshot that is being built."""
    directory = snapshot / DIRECTORY / reading.source.name
    directory.mkdir(parents=True)
    for kind, name in _FILES.items():
        with (directory / name).open("wb") as stream:
            stream.writelines(_encoded(reading, kind))
    text = json.dumps(asdict(reading.source), indent=1, ensure_ascii=False)
    (directory / "source.json").write_text(text, encoding="utf-8")


def copy_imported(snapshot: Path, name: str, target: Path) -> None:
    """Take an imported source over into a snapshot that is being built; its files are never changed, so a link to them will do."""
    directory = target / DIRECTORY / name
    directory.mkdir(parents=True)
    for path in (snapshot / DIRECTORY / name).iterdir():
        try:
            os.link(path, directory / path.name)
        except OSError:  # a file system without such links, or one that is full
            shutil.copyfile(path, directory / path.name)
