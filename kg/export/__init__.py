"""Writes the whole graph in formats that others read.

| format | titles, versions and licences of sources | remarks |
|---|---|---|
| `nquads` | described in the default graph | named graphs are the sources; what an RDF engine loads |
| `turtle` | described | the source of a fact is told by its association |
| `jsonld` | described in the default graph | named graphs are the sources |
| `kgx` | `sources.tsv` beside the tables | a directory of tab-separated tables; refuses tabs and line breaks in texts |
| `graphml` | JSON at the graph | for drawing programs and networkx; refuses control characters in texts |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from kg.build import Progress, no_progress
from kg.errors import DataError
from kg.export.graphml import write_graphml
from kg.export.jsonld import write_jsonld
from kg.export.rdf import write_nquads, write_turtle
from kg.export.whole import Watched, WholeGraph
from kg.sources.kgx import write_kgx

__all__ = ["FORMATS", "Format", "WholeGraph", "export"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format in which the graph can be written.

    Attributes:
        write: Writes a graph at a path.
        summary: One line for `--help`.
    """

    write: Callable[[WholeGraph, Path], None]
    summary: str


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "turtle": Format(write_turtle, "RDF to be read by people; sources are told at associations"),
        "nquads": Format(write_nquads, "RDF for engines; a named graph a source"),
        "jsonld": Format(write_jsonld, "RDF for programs that read JSON; a named graph a source"),
        "kgx": Format(write_kgx, "a directory of tab-separated tables, to be imported again"),
        "graphml": Format(write_graphml, "for networkx and programs that draw graphs"),
    }
)


def export(graph: WholeGraph, format: str, path: Path, progress: Progress = no_progress) -> None:
    """Write the whole graph; memory does not grow with it.

    What is at `path` is replaced when the new file is whole (of `kgx`, each of its files), and left as it is where something fails.

    Args:
        graph: The graph.
        format: A key of `FORMATS`.
        path: The file to write; of `kgx`, the directory.
        progress: Told how many entities and facts are written, and how many there are.

    Raises:
        DataError: The format is not known, the file cannot be written, or a text is such as the format cannot hold.
    """
    if format not in FORMATS:
        raise DataError(path, None, f"cannot be written: unknown format {format!r}, expected one of {', '.join(FORMATS)}")
    watched = Watched(graph, progress)
    FORMATS[format].write(watched, path)
    watched.finish()
