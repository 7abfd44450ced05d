"""Opens everything that a question needs: the graph, the linker, the safety table and the reader."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kg.build import Progress, no_progress
from kg.graph import Graph
from kg.shipped import data_directory
from kg.snapshot import open_graph
from qa.lexicon import common_words
from qa.linker import NameLinker
from qa.pipeline import Pipeline
from qa.safety import SafetyTable

if TYPE_CHECKING:
    from qa.bert import BertReader


def default_model() -> Path:
    """Return the directory of the reader that ships with the project."""
    return data_directory() / "models" / "reader"


def open_linker(graph: Graph, model: Path | None = None) -> NameLinker:
    """Open the linker over a graph; the ordinary words of English come from the reader's vocabulary.

    Raises:
        ModelError: The vocabulary cannot be read.
    """
    return NameLinker(graph, common_words((model or default_model()) / "vocab.txt"))


def load_reader(model: Path | None = None) -> BertReader:
    """Load the reader; torch is imported here and not before.

    Raises:
        ModelError: The weights are missing, damaged or of another architecture.
    """
    from qa.bert import BertReader  # noqa: PLC0415 - torch takes a second to import, and much does not need it

    return BertReader.load(model or default_model())


def open_pipeline(
    snapshot: Path | None = None,
    model: Path | None = None,
    with_reader: bool = True,
    progress: Progress = no_progress,
    endpoint: str | None = None,
) -> Pipeline:
    """Open a pipeline over the shipped graph, or over the snapshot or endpoint and the reader named.

    Args:
        snapshot: A snapshot directory; None, the shipped graph, built first where it has to be.
        model: A reader directory; None, the shipped reader.
        with_reader: False answers by the question's keywords and the graph alone.
        progress: Told of the steps of a build, or of reading the names behind an endpoint.
        endpoint: Address of a SPARQL endpoint that holds the graph, in place of a snapshot.

    Raises:
        SnapshotError: The snapshot cannot be opened.
        EndpointError: The endpoint cannot be reached, or holds no such graph.
        ModelError: The reader cannot be loaded.
    """
    graph = open_graph(snapshot, progress) if endpoint is None else _open_endpoint(endpoint, progress)
    linker = open_linker(graph, model)
    reader = load_reader(model) if with_reader else None
    return Pipeline(graph, linker, SafetyTable.load(), reader)


def _open_endpoint(address: str, progress: Progress) -> Graph:
    from kg.endpoint import open_endpoint  # noqa: PLC0415 - whoever asks a snapshot does not pay for an HTTP client

    return open_endpoint(address, progress)
