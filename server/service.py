"""Opens what the command line and the web server serve; both take it as a finished object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kg.build import Progress, no_progress
from qa.linker import Linker
from qa.loading import load_reader, open_pipeline, open_text_linker
from qa.pipeline import Pipeline
from qa.runtimes import SHIPPED, ReaderChoice

if TYPE_CHECKING:
    from qa.evaluation.squad import SpanReader


@dataclass(frozen=True, slots=True)
class Service:
    """A pipeline, and the linker that it uses."""

    pipeline: Pipeline
    linker: Linker


class OpenService(Protocol):
    """How a command comes by a service."""

    def __call__(
        self,
        snapshot: Path | None = None,
        choice: ReaderChoice = SHIPPED,
        with_reader: bool = True,
        progress: Progress = no_progress,
        endpoint: str | None = None,
    ) -> Service:
        """Open the service over a snapshot, or the graph behind an endpoint, and a reader; without them, those that ship."""
        ...


def open_service(
    snapshot: Path | None = None,
    choice: ReaderChoice = SHIPPED,
    with_reader: bool = True,
    progress: Progress = no_progress,
    endpoint: str | None = None,
) -> Service:
    """Open the shipped graph and reader, or those named.

    Args:
        snapshot: A snapshot directory; None, the shipped graph, built first where it has to be.
        choice: Which reader, and how it is run.
        with_reader: False answers by the question's keywords and the graph alone; torch is not imported then.
        progress: Told of the steps of a build, or of reading the names behind an endpoint.
        endpoint: Address of a SPARQL endpoint that holds the graph, in place of a snapshot.

    Raises:
        SnapshotError: The snapshot cannot be opened.
        EndpointError: The endpoint cannot be reached, or holds no such graph.
        ModelError: The reader, or its vocabulary, cannot be read.
    """
    pipeline = open_pipeline(snapshot, choice, with_reader, progress, endpoint)
    return Service(pipeline, pipeline.linker)


class OpenLinker(Protocol):
    """How a command comes by a linker of texts."""

    def __call__(
        self,
        snapshot: Path | None = None,
        model: Path | None = None,
        fast: bool = False,
        progress: Progress = no_progress,
        endpoint: str | None = None,
    ) -> Linker:
        """Open the linker over a snapshot or the graph behind an endpoint; `fast`, by names alone."""
        ...


@dataclass(frozen=True, slots=True)
class Factories:
    """How commands come by what takes long to open; tests hand in their own."""

    service: OpenService = open_service
    span_reader: Callable[[ReaderChoice], SpanReader] = load_reader
    linker: OpenLinker = open_text_linker
