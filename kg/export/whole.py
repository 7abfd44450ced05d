"""What is exported, and how a file comes to be whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from kg.build import Progress
from kg.errors import DataError
from kg.graph import Naming
from kg.model import Curie, Entity, Fact, Source

T = TypeVar("T")

_STEP = 2_000
_BUFFER = 1 << 20


class WholeGraph(Protocol):
    """A graph that can be gone through from end to end; `SnapshotGraph` is one."""

    @property
    def sources(self) -> Sequence[Source]:
        """The sources of its facts, the one of highest standing first."""
        ...

    def __len__(self) -> int:
        """Return how many entities there are."""
        ...

    def entities(self) -> Iterator[Entity]:
        """Yield every entity."""
        ...

    def all_facts(self) -> Iterator[Fact]:
        """Yield every fact, those of one subject together."""
        ...

    def named(self, name: str) -> Sequence[Naming]:
        """Return the entities that bear a name, and whether a curated source gives it to them."""
        ...

    def withdrawn(self) -> Iterator[tuple[Curie, Curie | None]]:
        """Yield every identifier that was withdrawn, and what replaces it, None where nothing does."""
        ...


class Watched:
    """A graph that tells how far a writer has come, whatever the format.

    Args:
        graph: The graph.
        progress: Told of what is being written, how many entities and facts are, and how many there are.
    """

    def __init__(self, graph: WholeGraph, progress: Progress) -> None:
        self._graph = graph
        self._progress = progress
        self._done = 0
        self._total = len(graph) + sum(source.facts for source in graph.sources)

    @property
    def sources(self) -> Sequence[Source]:
        """The sources of its facts."""
        return self._graph.sources

    def __len__(self) -> int:
        """Return how many entities there are."""
        return len(self._graph)

    def entities(self) -> Iterator[Entity]:
        """Yield every entity."""
        return self._counted("entities", self._graph.entities())

    def all_facts(self) -> Iterator[Fact]:
        """Yield every fact."""
        return self._counted("facts", self._graph.all_facts())

    def named(self, name: str) -> Sequence[Naming]:
        """Return the entities that bear a name."""
        return self._graph.named(name)

    def withdrawn(self) -> Iterator[tuple[Curie, Curie | None]]:
        """Yield every identifier that was withdrawn."""
        return self._graph.withdrawn()

    def finish(self) -> None:
        """Tell that all is written."""
        total = max(self._total, self._done)
        self._progress("done", total, total)

    def _counted(self, what: str, items: Iterable[T]) -> Iterator[T]:
        for item in items:
            if self._done % _STEP == 0:
                # Never as many as there are before the file is in place: that is told by `finish`.
                self._progress(what, self._done, max(self._total, self._done + 1))
            yield item
            self._done += 1


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that replaces what is at `path` when it is whole; until then it is a temporary sibling.

    Raises:
        DataError: It cannot be written, the disk is full, or a text of the graph cannot be written as UTF-8; nothing is left behind.
    """
    if path.is_dir():  # known before all is written, rather than when it is to be put in place
        raise DataError(path, None, "cannot be written: it is a directory; expected the name of a file")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb", buffering=_BUFFER) as stream:
            yield stream
        os.replace(temporary, path)
    except OSError as error:
        raise DataError(path, None, f"cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
