"""Builds a snapshot: a directory that holds the graph, ready to be opened read-only by any number of processes.

It is written into a temporary sibling and renamed into place, so that a build which dies leaves the old snapshot as it was.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from operator import attrgetter
from pathlib import Path

import marisa_trie
import numpy as np
import numpy.typing as npt
from pyoxigraph import NamedNode

from kg.errors import DataError, SnapshotError
from kg.identifiers import iri
from kg.merge import GraphData
from kg.model import AliasKind, Curie, Entity, Fact, Source
from kg.names import key
from kg.store import StoreWriter, triples
from kg.surface import SurfaceNames
from kg.swap import discard, put_in_place
from kg.tables import write_rows
from kg.vocabulary import PREDICATES

FORMAT = 3
"""Version of the snapshot's layout; one of another version is rebuilt, never read."""

FACT_DTYPE = np.dtype(
    [("subject", "<u4"), ("predicate", "<u2"), ("object", "<u4"), ("source", "<u2"), ("negated", "?"), ("qualifiers", "<u4")]
)

# A source's name becomes part of the IRI of its named graph.
_SOURCE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*")
# Files by which a snapshot is known, also one of which some are lost.
_MARKS = frozenset({"manifest.json", "facts.npy", "entities.jsonl"})
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
    check_replaceable(target)
    _check(data, target)
    target = _behind_links(target)
    temporary = target.with_name(temporary_prefix(target) + secrets.token_hex(6))
    try:
        # Not by tempfile, whose directories nobody but their maker may enter.
        temporary.mkdir(parents=True)
        _write(data, temporary, digest, progress, add)
        put_in_place(temporary, target)
    except OSError as error:
        raise SnapshotError(f"the snapshot {target} cannot be written: {error.strerror or error}") from error
    finally:
        discard(temporary)


def check_replaceable(target: Path) -> None:
    """Refuse to put a snapshot in the place of anything but a snapshot, since what is there is removed.

    Raises:
        SnapshotError: A file is there, or a directory that is neither empty nor a snapshot, be it a damaged one.
    """
    if not target.exists():
        return
    if not target.is_dir() or ((names := {path.name for path in target.iterdir()}) and not names & _MARKS):
        raise SnapshotError(f"{target} is there and is no snapshot; expected a snapshot, an empty directory or a new name")


def _behind_links(target: Path) -> Path:
    """Return where a link leads, so that the snapshot lies where the link says and the link stays."""
    return target.resolve() if target.is_symlink() else target


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
        try:
            for curie in (entity.curie, entity.category, *entity.xrefs):
                NamedNode(iri(curie))
            for text in (entity.name, entity.description, *entity.synonyms):
                text.encode()
        except ValueError as error:
            raise DataError(target, None, f"{entity.curie} cannot be taken: {error}") from error
    sources = {source.name for source in data.sources}
    if len(sources) != len(data.sources):
        raise DataError(target, None, "two sources have the same name")
    if wrong := sorted(name for name in sources if not _SOURCE_NAME.fullmatch(name)):
        raise DataError(target, None, f"{wrong[0]!r} cannot name a source: expected letters, digits and . _ : -")
    # All facts at once, which takes a tenth of the time of one after another; which of them is wrong is of interest only if one is.
    if not (_all(data.facts, "subject") | _all(data.facts, "object") <= known
            and _all(data.facts, "predicate") <= PREDICATES.keys() and _all(data.facts, "source") <= sources):  # fmt: skip
        raise _wrong_fact(data.facts, known, sources, target)


def _all(facts: Iterable[Fact], part: str) -> set[str]:
    return set(map(attrgetter(part), facts))


def _wrong_fact(facts: Iterable[Fact], known: Collection[str], sources: Collection[str], target: Path) -> DataError:
    parts: tuple[tuple[str, Collection[str]], ...] = (("subject", known), ("object", known), ("predicate", PREDICATES), ("source", sources))
    fact, part = next((fact, part) for fact in facts for name, allowed in parts if (part := getattr(fact, name)) not in allowed)
    statement = f"{fact.subject} {fact.predicate} {fact.object}"
    return DataError(target, None, f"the fact {statement} of {fact.source} refers to {part}, which is not known")


def _write(data: GraphData, directory: Path, digest: str, progress: Progress, add: Callable[[Path], None] | None) -> None:
    entities = sorted(data.entities, key=lambda entity: entity.curie)
    numbers = {entity.curie: number for number, entity in enumerate(entities)}
    # The RDF store is written by native code, which leaves this thread free for the rest.
    with ThreadPoolExecutor(max_workers=2) as beside:
        store = StoreWriter(directory, beside)
        steps: list[tuple[str, Callable[[], None]]] = [
            ("triples", lambda: store.write(triples(replace(data, sources=_counted(data), entities=entities)))),
            ("entities", lambda: _write_entities(entities, directory)),
            ("facts", lambda: _write_facts(data, numbers, directory)),
            ("names", lambda: _write_names(entities, data.curated_names, directory)),
            ("other identifiers", lambda: _write_aliases(data, numbers, directory)),
            *([("imported sources", lambda: add(directory))] if add is not None else []),
            ("RDF store", store.finish),
        ]
        try:
            for done, (what, step) in enumerate(steps):
                progress(what, done, len(steps))
                step()
        except BaseException:
            beside.shutdown(wait=False, cancel_futures=True)
            raise
    _write_manifest(data, directory, digest)
    progress("done", len(steps), len(steps))


def _write_entities(entities: Sequence[Entity], directory: Path) -> None:
    write_rows(directory / "entities.jsonl", (entity.as_dict() for entity in entities))
    write_rows(directory / "numbers.jsonl", (entity.curie for entity in entities))
    curies = marisa_trie.RecordTrie("<I", ((str(entity.curie), (number,)) for number, entity in enumerate(entities)))
    _save(curies, directory / "curies.marisa")


def _write_aliases(data: GraphData, numbers: Mapping[Curie, int], directory: Path) -> None:
    """Write what other identifiers stand for: identifier to (entity number, kind)."""
    records = (
        (str(curie), (NO_ENTITY if alias.curie is None else numbers[alias.curie], ALIAS_KINDS.index(alias.kind)))
        for curie, alias in data.aliases.items()
    )
    _save(marisa_trie.RecordTrie("<IB", records), directory / "aliases.marisa")


def _write_names(entities: Sequence[Entity], curated: Mapping[Curie, int], directory: Path) -> None:
    """Write the surface-name index, folded name to (entity number, what the name is to it), several a name where it is ambiguous.

    And the names and their words by themselves, as the linker looks for them in a text.
    """
    records: dict[tuple[str, int], int] = {}
    for number, entity in enumerate(entities):
        own = curated.get(entity.curie, len(entity.synonyms) + 1)
        for position, name in enumerate((entity.name, *entity.synonyms)):
            if folded := key(name):
                rank = (OTHER if position else PREFERRED) + (0 if position < own else IMPORTED_PREFERRED)
                records[folded, number] = min(rank, records.get((folded, number), rank))
    trie = marisa_trie.RecordTrie("<IB", ((name, (number, rank)) for (name, number), rank in records.items()))
    _save(trie, directory / "names.marisa")
    curated_names = {name for (name, _), rank in records.items() if rank < IMPORTED_PREFERRED}
    SurfaceNames.of({name for name, _ in records}, curated_names).save(directory)


def _save(trie: marisa_trie.RecordTrie, path: Path) -> None:
    try:
        trie.save(str(path))
    except RuntimeError as error:  # so the library says that the disk is full
        raise OSError(f"{path.name}: {error}") from error


def _write_facts(data: GraphData, numbers: Mapping[Curie, int], directory: Path) -> None:
    predicates = {curie: number for number, curie in enumerate(PREDICATES)}
    sources = {source.name: number for number, source in enumerate(data.sources)}
    qualifiers: dict[tuple[tuple[str, str], ...], int] = {}
    facts = data.facts
    array = np.empty(len(facts), dtype=FACT_DTYPE)
    columns: dict[str, Iterable[int]] = {
        "subject": map(numbers.__getitem__, map(attrgetter("subject"), facts)),
        "predicate": map(predicates.__getitem__, map(attrgetter("predicate"), facts)),
        "object": map(numbers.__getitem__, map(attrgetter("object"), facts)),
        "source": map(sources.__getitem__, map(attrgetter("source"), facts)),
        "negated": map(attrgetter("negated"), facts),
        "qualifiers": _numbered_qualifiers(facts, qualifiers),
    }
    for name, values in columns.items():
        array[name] = np.fromiter(values, dtype=FACT_DTYPE[name], count=len(array))
    # Sorted by subject, so that an entity's outgoing facts lie together; the order within a subject is that of the data.
    array = array[np.argsort(array["subject"], kind="stable")]
    np.save(directory / "facts.npy", array)
    _write_index(array["subject"], len(numbers), directory / "out")
    _write_index(array["object"], len(numbers), directory / "in")
    write_rows(directory / "qualifiers.jsonl", (dict(items) for items in qualifiers))


def _numbered_qualifiers(facts: Iterable[Fact], numbers: dict[tuple[tuple[str, str], ...], int]) -> Iterator[int]:
    """Yield the number of each fact's qualifiers, giving new ones the next."""
    known: dict[int, int] = {}
    for told in map(attrgetter("qualifiers"), facts):
        number = known.get(id(told))  # many facts share theirs
        if number is None:
            number = known[id(told)] = numbers.setdefault(tuple(sorted(told.items())), len(numbers))
        yield number


def _write_index(ends: npt.NDArray[np.uint32], entities: int, stem: Path) -> None:
    """Write compressed sparse rows: the facts of entity i are `rows[starts[i]:starts[i + 1]]`."""
    starts = np.zeros(entities + 1, dtype=np.int64)
    np.cumsum(np.bincount(ends, minlength=entities), out=starts[1:])
    np.save(stem.with_name(stem.name + "_starts.npy"), starts)
    np.save(stem.with_name(stem.name + "_rows.npy"), np.argsort(ends, kind="stable").astype(np.uint32))


def _counted(data: GraphData) -> list[Source]:
    """Return the sources with the numbers of their facts."""
    facts = Counter(map(attrgetter("source"), data.facts))
    return [replace(source, facts=facts[source.name]) for source in data.sources]


def _write_manifest(data: GraphData, directory: Path, digest: str) -> None:
    manifest = {
        "format": FORMAT,
        "digest": digest,
        "entities": len(data.entities),
        "facts": len(data.facts),
        "by_category": dict(sorted(Counter(entity.category for entity in data.entities).items())),
        "by_predicate": dict(sorted(Counter(fact.predicate for fact in data.facts).items())),
        "sources": [asdict(source) for source in _counted(data)],
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
