"""Opens everything that a question needs: the graph, the linker, the safety table and the reader."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from kg.build import Progress, no_progress
from kg.graph import Graph, SnapshotGraph
from kg.shipped import data_directory
from kg.snapshot import open_graph
from qa.errors import ModelError
from qa.lexicon import common_words
from qa.linker import NameLinker
from qa.linking.meaning import INDEX, Floats, MeaningIndex, graph_digest, made_of, names_by_meaning
from qa.linking.phrases import Meaning
from qa.linking.tags import Tagger
from qa.pipeline import Pipeline
from qa.reader import Reader
from qa.runtimes import SHIPPED, ReaderChoice, open_reader
from qa.safety import SafetyTable
from qa.serving import BatchingReader, CachedReader

if TYPE_CHECKING:
    from qa.bert import BertReader
    from qa.name_encoder import NameEncoder
    from qa.tagging import Tagged


def default_model() -> Path:
    """Return the directory of the reader that ships with the project."""
    return data_directory() / "models" / "reader"


def linker_model() -> Path:
    """Return the directory of the linker's encoder that ships with the project."""
    return data_directory() / "models" / "linker"


MOST_NEW_NAMES = 20_000
"""Names beyond those that ship that are embedded when they are first needed, at about a thousand a second; where a graph has more, it is
linked by the meaning of the shipped names alone."""


class LazyEncoder:
    """The linker's encoder, loaded when something is first asked of it: most questions name what they mean.

    Args:
        directory: Of the weights.
    """

    def __init__(self, directory: Path) -> None:
        self._directory, self._lock = directory, Lock()
        self._encoder: NameEncoder | None = None

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return a vector of length 1 for each text, in order. *Shape:* (n, width)."""
        return self._loaded().embed(texts)

    def tag(self, text: str) -> list[Tagged]:
        """Return the mentions of diseases and chemicals, left to right."""
        return self._loaded().tag(text)

    def _loaded(self) -> NameEncoder:
        with self._lock:
            if self._encoder is None:
                from qa.name_encoder import NameEncoder  # noqa: PLC0415 - torch takes a second to import, and much does not need it

                self._encoder = NameEncoder.load(self._directory)
            return self._encoder


def open_linker(graph: Graph, model: Path | None = None, meaning: Meaning | None = None, tagger: Tagger | None = None) -> NameLinker:
    """Open the linker over a graph; the ordinary words of English come from the reader's vocabulary.

    Raises:
        ModelError: The vocabulary cannot be read.
    """
    return NameLinker(graph, common_words((model or default_model()) / "vocab.txt"), meaning, tagger)


def shipped_meanings() -> Path:
    """Return the directory of the shipped graph's names by their meaning."""
    return data_directory() / "models" / "meaning"


def open_meaning(graph: Graph, encoder: LazyEncoder, progress: Progress = no_progress) -> Meaning:
    """Open what links phrases of questions by what they mean.

    The vectors of the shipped graph's names come with the project. Names that a snapshot has beyond them are embedded when a phrase is
    first looked for, and kept beside the snapshot, unless they are more than `MOST_NEW_NAMES`.

    Args:
        graph: Whose names are linked to.
        encoder: Embeds phrases and names.
        progress: Told of the names that are embedded.

    Raises:
        ModelError: The shipped index is missing.
    """
    if not (shipped_meanings() / INDEX).is_file():
        raise ModelError(f"{shipped_meanings() / INDEX}: the file is missing; reinstall medkg-qa")
    return Meaning(lambda: _meanings(graph, encoder, progress), encoder, graph)


def _meanings(graph: Graph, encoder: LazyEncoder, progress: Progress) -> MeaningIndex:
    shipped = shipped_meanings()
    wanted = graph_digest(graph.sources)
    if not isinstance(graph, SnapshotGraph) or made_of(shipped) == wanted:
        return MeaningIndex.open(shipped)
    own = graph.path.with_name(graph.path.name + ".meaning")
    if made_of(own) == wanted:
        return MeaningIndex.open(own)
    index = MeaningIndex.open(shipped)
    more = index.missing(names_by_meaning(graph, graph.entities()))
    if len(more) > MOST_NEW_NAMES:
        return index
    index = index.extended(more, encoder, progress)
    with suppress(OSError):  # a place that cannot be written costs time, the next time, too
        index.save(own, {"graph": wanted})
    return index


def open_text_linker(
    snapshot: Path | None = None,
    model: Path | None = None,
    fast: bool = False,
    progress: Progress = no_progress,
    endpoint: str | None = None,
) -> NameLinker:
    """Open the linker of texts, of questions as of notes, over the shipped graph or over the snapshot or endpoint named.

    Args:
        snapshot: A snapshot directory; None, the shipped graph, built first where it has to be.
        model: A reader directory, of which the vocabulary is used; None, the shipped reader.
        fast: By names alone, without the encoder: a hundred times faster on long notes.
        progress: Told of the steps of a build, or of reading the names behind an endpoint.
        endpoint: Address of a SPARQL endpoint that holds the graph, in place of a snapshot.

    Raises:
        SnapshotError: The snapshot cannot be opened.
        EndpointError: The endpoint cannot be reached, or holds no such graph.
        ModelError: The vocabulary or the encoder cannot be read.
    """
    graph = open_graph(snapshot, progress) if endpoint is None else _open_endpoint(endpoint, progress)
    if fast:
        return open_linker(graph, model)
    encoder = LazyEncoder(linker_model())
    return open_linker(graph, model, open_meaning(graph, encoder, progress), encoder)


def load_reader(choice: ReaderChoice = SHIPPED) -> BertReader:
    """Load the reader; torch is imported here and not before.

    Raises:
        ModelError: The weights are missing, damaged or of another architecture, or the runtime's library is not installed.
    """
    return open_reader(choice.model or default_model(), choice.runtime)


def open_pipeline(
    snapshot: Path | None = None,
    choice: ReaderChoice = SHIPPED,
    with_reader: bool = True,
    progress: Progress = no_progress,
    endpoint: str | None = None,
) -> Pipeline:
    """Open a pipeline over the shipped graph, or over the snapshot or endpoint and the reader named.

    Args:
        snapshot: A snapshot directory; None, the shipped graph, built first where it has to be.
        choice: Which reader, and how it is run.
        with_reader: False answers by the question's keywords and the graph alone.
        progress: Told of the steps of a build, or of reading the names behind an endpoint.
        endpoint: Address of a SPARQL endpoint that holds the graph, in place of a snapshot.

    Raises:
        SnapshotError: The snapshot cannot be opened.
        EndpointError: The endpoint cannot be reached, or holds no such graph.
        ModelError: The reader cannot be loaded.
    """
    graph = open_graph(snapshot, progress) if endpoint is None else _open_endpoint(endpoint, progress)
    linker = open_linker(graph, choice.model, open_meaning(graph, LazyEncoder(linker_model()), progress))
    reader = _served(load_reader(choice), choice) if with_reader else None
    return Pipeline(graph, linker, SafetyTable.load(), reader)


def _served(reader: BertReader, choice: ReaderChoice) -> Reader:
    together = BatchingReader(reader, choice.together) if choice.together > 1 else reader
    return CachedReader(together, choice.remembered) if choice.remembered else together


def _open_endpoint(address: str, progress: Progress) -> Graph:
    from kg.endpoint import open_endpoint  # noqa: PLC0415 - whoever asks a snapshot does not pay for an HTTP client

    return open_endpoint(address, progress)
