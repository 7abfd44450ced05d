"""Builds a snapshot: a directory that holds the graph, ready to be opened read-only by any number of processes.

It is written into a temporary sibling and renamed into place, so that a build which dies leaves the old snapshot as it was.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path

import marisa_trie
import numpy as np
import numpy.typing as npt
from pyoxigraph import Store

from kg.errors import CurieError, DataError, SnapshotError
from kg.identifiers import iri
from kg.merge import GraphData
from kg.model import AliasKind, Curie, Entity, Fact, Source
from kg.names import key
from kg.rdf import entity_quads, fact_quads
from kg.tables import write_rows
from kg.vocabulary import PREDICATES

FORMAT = 2
"""Version of the snapshot's layout; one of another version is rebuilt, never read."""

FACT_DTYPE = np.dtype(
    [("subject", "<u4"), ("predicate", "<u2"), ("object", "<u4"), ("source", "<u2"), ("negated", "?"), ("qualifiers", "<u4")]
)

# A source's name becomes part of the IRI of its named graph.
_SOURCE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*")
# Files of the store that say nothing of its content.
_UNCOUNTED = ("LOG", "LOCK")

PREFERRED, OTHER, IMPORTED_PREFERRED, IMPORTED_OTHER = range(4)
"""What a name is to its entity, in the order in which names are trusted: curated ones before imported ones."""

ALIAS_KINDS = tuple(AliasKind)
"""In the order in which a snapshot numbers them."""
NO_ENTITY = 2**32 - 1
"""Stands for the number of an entity where an identifier was withdrawn and nothing replaces it."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done and how many there are."""


def no_progress(what: str, done: int, total: int) -> None:
    """Show nothing."""


def build_snapshot(
    data: GraphData, target: Path, digest: str, progress: Progress = no_progress, add: Callable[[Path], None] | None = None
) -> None:
    """Build a snapshot at `target`, replacing what is there.

    Args:
        data: The graph.
        target: The directory to put in place.
        digest: What the data was made of; kept in the manifest, so that a change of the data is seen.
        progress: Called after every step.
        add: Puts more files into the directory that is to become the snapshot, before its manifest is written.

    Raises:
        DataError: An entity stands twice, or a fact refers to an entity, a predicate or a source that is not there.
        SnapshotError: The snapshot cannot be written.
    """
    _check(data, target)
    temporary = target.with_name(temporary_prefix(target) + secrets.token_hex(6))
    try:
        # Not by tempfile, whose directories nobody but their maker may enter.
        temporary.mkdir(parents=True)
        if add is not None:
            add(temporary)
        _write(data, temporary, digest, progress)
        _swap(temporary, target)
    except OSError as error:
        raise SnapshotError(f"the snapshot {target} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def temporary_prefix(target: Path) -> str:
    """Return what the names of the directories begin with in which a snapshot for `target` is built."""
    return f".{target.name}.building-"


def _check(data: GraphData, target: Path) -> None:
    """Refuse data that would make a snapshot which contradicts itself."""
    known: set[str] = set()
    for entity in data.entities:
        if entity.curie in known:
            raise DataError(target, None, f"{entity.curie} stands twice among the entities")
        known.add(entity.curie)
        for curie in (entity.curie, entity.category, *entity.xrefs):
            try:
                iri(curie)
            except CurieError as error:
                raise DataError(target, None, f"{entity.curie} cannot be taken: {error}") from error
    sources = {source.name for source in data.sources}
    if len(sources) != len(data.sources):
        raise DataError(target, None, "two sources have the same name")
    if wrong := sorted(name for name in sources if not _SOURCE_NAME.fullmatch(name)):
        raise DataError(target, None, f"{wrong[0]!r} cannot name a source: expected letters, digits and . _ : -")
    for fact in data.facts:
        for part, parts in ((fact.subject, known), (fact.object, known), (fact.predicate, PREDICATES), (fact.source, sources)):
            if part not in parts:
                statement = f"{fact.subject} {fact.predicate} {fact.object}"
                raise DataError(target, None, f"the fact {statement} of {fact.source} refers to {part}, which is not known")


def _swap(built: Path, target: Path) -> None:
    """Put `built` where `target` is.

    A directory cannot replace a full one in a single rename, so the old one steps aside first and comes back if the new one cannot
    take its place. Between the two renames there is none; who opens the shipped graph then waits for the builder's lock and looks again.
    """
    aside = built.with_name(built.name + ".old")
    # A link that points nowhere does not exist, and a directory cannot take its place.
    if target.is_symlink() or target.exists():
        os.replace(target, aside)
    try:
        os.replace(built, target)
    except BaseException:
        if aside.is_symlink() or aside.exists():
            os.replace(aside, target)
        raise
    if aside.is_symlink() or aside.is_file():
        aside.unlink()
    shutil.rmtree(aside, ignore_errors=True)


def _write(data: GraphData, directory: Path, digest: str, progress: Progress) -> None:
    entities = sorted(data.entities, key=lambda entity: entity.curie)
    numbers = {entity.curie: number for number, entity in enumerate(entities)}
    # The RDF store is written by native code, which leaves this thread free for the arrays.
    with ThreadPoolExecutor(max_workers=1) as beside:
        store = beside.submit(_write_store, entities, data.facts, data.sources, directory)
        steps: list[tuple[str, Callable[[], None]]] = [
            ("entities", lambda: _write_entities(entities, directory)),
            ("facts", lambda: _write_facts(data, numbers, directory)),
            ("names", lambda: _write_names(entities, data.curated_names, directory)),
            ("other identifiers", lambda: _write_aliases(data, numbers, directory)),
            ("RDF store", store.result),
        ]
        for done, (what, step) in enumerate(steps):
            progress(what, done, len(steps))
            step()
    _write_manifest(data, directory, digest)
    progress("done", len(steps), len(steps))


def _write_entities(entities: Sequence[Entity], directory: Path) -> None:
    write_rows(directory / "entities.jsonl", (entity.as_dict() for entity in entities))
    write_rows(directory / "numbers.jsonl", (entity.curie for entity in entities))
    curies = marisa_trie.RecordTrie("<I", ((str(entity.curie), (number,)) for number, entity in enumerate(entities)))
    curies.save(str(directory / "curies.marisa"))


def _write_aliases(data: GraphData, numbers: Mapping[Curie, int], directory: Path) -> None:
    """Write what other identifiers stand for: identifier to (entity number, kind)."""
    records = (
        (str(curie), (NO_ENTITY if alias.curie is None else numbers[alias.curie], ALIAS_KINDS.index(alias.kind)))
        for curie, alias in data.aliases.items()
    )
    marisa_trie.RecordTrie("<IB", records).save(str(directory / "aliases.marisa"))


def _write_names(entities: Sequence[Entity], curated: Mapping[Curie, int], directory: Path) -> None:
    """Write the surface-name index, folded name to (entity number, what the name is to it), several a name where it is ambiguous.

    And the words of all names, so that a word can be told from a misspelling without reading the names.
    """
    records: dict[tuple[str, int], int] = {}
    for number, entity in enumerate(entities):
        own = curated.get(entity.curie, len(entity.synonyms) + 1)
        for position, name in enumerate((entity.name, *entity.synonyms)):
            if folded := key(name):
                rank = (OTHER if position else PREFERRED) + (0 if position < own else IMPORTED_PREFERRED)
                records[folded, number] = min(rank, records.get((folded, number), rank))
    trie = marisa_trie.RecordTrie("<IB", ((name, (number, rank)) for (name, number), rank in records.items()))
    trie.save(str(directory / "names.marisa"))
    curated_names = {name for (name, _), rank in records.items() if rank < IMPORTED_PREFERRED}
    marisa_trie.Trie(curated_names).save(str(directory / "curated_names.marisa"))
    marisa_trie.Trie({word for name, _ in records for word in name.split()}).save(str(directory / "words.marisa"))


def _write_facts(data: GraphData, numbers: Mapping[Curie, int], directory: Path) -> None:
    predicates = {curie: number for number, curie in enumerate(PREDICATES)}
    sources = {source.name: number for number, source in enumerate(data.sources)}
    qualifiers: dict[tuple[tuple[str, str], ...], int] = {}
    array = np.empty(len(data.facts), dtype=FACT_DTYPE)
    columns: dict[str, Iterable[int]] = {
        "subject": (numbers[fact.subject] for fact in data.facts),
        "predicate": (predicates[fact.predicate] for fact in data.facts),
        "object": (numbers[fact.object] for fact in data.facts),
        "source": (sources[fact.source] for fact in data.facts),
        "negated": (fact.negated for fact in data.facts),
        "qualifiers": (qualifiers.setdefault(tuple(sorted(fact.qualifiers.items())), len(qualifiers)) for fact in data.facts),
    }
    for name, values in columns.items():
        array[name] = np.fromiter(values, dtype=FACT_DTYPE[name], count=len(array))
    # Sorted by subject, so that an entity's outgoing facts lie together; the order within a subject is that of the data.
    array = array[np.argsort(array["subject"], kind="stable")]
    np.save(directory / "facts.npy", array)
    _write_index(array["subject"], len(numbers), directory / "out")
    _write_index(array["object"], len(numbers), directory / "in")
    write_rows(directory / "qualifiers.jsonl", (dict(items) for items in qualifiers))


def _write_index(ends: npt.NDArray[np.uint32], entities: int, stem: Path) -> None:
    """Write compressed sparse rows: the facts of entity i are `rows[starts[i]:starts[i + 1]]`."""
    starts = np.zeros(entities + 1, dtype=np.int64)
    np.cumsum(np.bincount(ends, minlength=entities), out=starts[1:])
    np.save(stem.with_name(stem.name + "_starts.npy"), starts)
    np.save(stem.with_name(stem.name + "_rows.npy"), np.argsort(ends, kind="stable").astype(np.uint32))


def _write_store(entities: Iterable[Entity], facts: Iterable[Fact], sources: Iterable[Source], directory: Path) -> None:
    store = Store(str(directory / "store"))
    store.bulk_extend(
        chain(
            (quad for entity in entities for quad in entity_quads(entity)),
            (quad for fact in facts for quad in fact_quads(fact)),
        )
    )
    store.optimize()
    store.flush()


def _write_manifest(data: GraphData, directory: Path, digest: str) -> None:
    by_source = Counter(fact.source for fact in data.facts)
    manifest = {
        "format": FORMAT,
        "digest": digest,
        "entities": len(data.entities),
        "facts": len(data.facts),
        "by_category": dict(sorted(Counter(entity.category for entity in data.entities).items())),
        "by_predicate": dict(sorted(Counter(fact.predicate for fact in data.facts).items())),
        "sources": [asdict(replace(source, facts=by_source[source.name])) for source in data.sources],
        "shares": [asdict(share) for share in data.shares],
        "held_apart": [asdict(pair) for pair in data.held_apart],
        "predicates": list(PREDICATES),
        "files": {
            path.relative_to(directory).as_posix(): path.stat().st_size
            for path in sorted(directory.rglob("*"))
            if path.is_file() and path.name not in _UNCOUNTED
        },
    }
    # Written last and only when all else is on disk: a directory without a manifest is no snapshot.
    (directory / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")
