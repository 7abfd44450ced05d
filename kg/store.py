"""Writes the RDF store of a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from itertools import chain
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from kg.merge import GraphData
from kg.model import AliasKind
from kg.rdf import NQuads, are_mixed, source_quads, withdrawn_quads

# Characters of triples that are loaded at once, and the number of such loads from which on the store is compacted. Each load is a layer of
# its own; to look into a few takes hardly longer than to look into one, while to compact them takes a quarter of the time of the build.
PART, _LAYERS = 2**27, 8


def triples(data: GraphData) -> Iterator[str]:
    """Yield all triples as N-Quads, the form in which the store takes them fastest, some lines at a time.

    They are those that `kg.export.rdf.all_quads` yields of the finished snapshot.
    """
    text = NQuads()
    sources = chain.from_iterable(source_quads(source, standing) for standing, source in enumerate(data.sources))
    withdrawn = chain.from_iterable(
        withdrawn_quads(old, alias.curie) for old, alias in data.aliases.items() if alias.kind is AliasKind.REPLACED
    )
    mixed = are_mixed(data.sources)
    names = (text.curated_names(e, data.curated_names.get(e.curie, 1 + len(e.synonyms))) for e in data.entities) if mixed else ()
    return chain((f"{quad} .\n" for quad in chain(sources, withdrawn)), map(text.entity, data.entities), names, text.facts(data.facts))


class StoreWriter:
    """Writes the RDF store: files of text in this thread, and what the store makes of them in others.

    Args:
        directory: The snapshot that is being built.
        beside: Threads that load; a load keeps one processor busy.
        part: Characters that are loaded at once.
    """

    def __init__(self, directory: Path, beside: Executor, part: int = PART) -> None:
        self._directory, self._beside, self._part = directory, beside, part
        self._store = Store(str(directory / "store"))
        self._loads: list[Future[None]] = []

    def write(self, lines: Iterator[str]) -> None:
        """Write lines; one file after the other is loaded while the next is being written.

        Raises:
            OSError: The disk is full.
        """
        for first in lines:
            path = self._directory / f"triples-{len(self._loads)}.nq"
            with path.open("w", encoding="utf-8", newline="", buffering=1 << 20) as stream:
                stream.writelines(_up_to(self._part, first, lines))
            self._loads.append(self._beside.submit(self._load, path))

    def _load(self, path: Path) -> None:
        # What was written here needs no validation a second time.
        self._store.bulk_load(path=path, format=RdfFormat.N_QUADS, lenient=True)
        path.unlink()

    def finish(self) -> None:
        """Wait until all is in the store, and on disk.

        Raises:
            OSError: The disk is full.
        """
        for load in self._loads:
            load.result()
        if len(self._loads) > _LAYERS:
            self._store.optimize()
        self._store.flush()
        del self._store


def _up_to(characters: int, first: str, lines: Iterator[str]) -> Iterator[str]:
    """Yield the first lines and those that follow until there are enough."""
    yield first
    size = len(first)
    while size < characters and (line := next(lines, None)) is not None:
        yield line
        size += len(line)
