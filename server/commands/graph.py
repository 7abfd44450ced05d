"""`medkg build`, `medkg stats` and `medkg sparql`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kg.graph import SnapshotGraph
from kg.snapshot import default_path, open_graph, rebuild
from kg.views import select
from server.commands.common import JsonOption, SnapshotOption, as_json, build_bar, print_line, refuse_to_replace

_SOURCE_FIELDS = ("name", "version", "licence", "facts")


def build(snapshot: SnapshotOption = None) -> None:
    """Build the snapshot of the shipped graph anew."""
    target = snapshot if snapshot is not None else default_path()
    refuse_to_replace(target)
    rebuild(target, build_bar())
    print_line(f"Built {target}.")


def stats(json_: JsonOption = False, snapshot: SnapshotOption = None) -> None:
    """Say what the graph holds and where it comes from."""
    found = statistics(open_graph(snapshot, build_bar()))
    if json_:
        print_line(as_json(found, indent=2))
        return
    lines = [f"{found['entities']} entities, {found['facts']} facts"]
    for heading in ("by_category", "by_predicate"):
        lines += ["", heading.replace("_", " ") + ":", *(f"  {count:>8}  {name}" for name, count in found[heading].items())]
    lines += ["", "sources:"]
    lines += [f"  {source['facts']:>8}  {source['name']} {source['version']} ({source['licence']})" for source in found["sources"]]
    print_line("\n".join(lines))


def statistics(graph: SnapshotGraph) -> dict[str, Any]:
    """Return what the graph holds in the form of the `stats` contract."""
    manifest = graph.manifest
    counts = {name: manifest[name] for name in ("entities", "facts", "by_category", "by_predicate")}
    return counts | {"sources": [{name: source[name] for name in _SOURCE_FIELDS} for source in manifest["sources"]]}


def sparql(
    query: Annotated[str, typer.Argument(help="A SELECT or ASK query; the project's prefixes are declared.")],
    json_: JsonOption = False,
    snapshot: SnapshotOption = None,
) -> None:
    """Answer a SPARQL query: tab-separated rows under a line of names, or with --json an array of objects."""
    names, rows = select(open_graph(snapshot, build_bar()), query)
    if json_:
        print_line(as_json([dict(zip(names, row, strict=True)) for row in rows]))
        return
    print_line("\t".join(names))
    for row in rows:
        print_line("\t".join(_cell(value) for value in row))


def _cell(value: str | None) -> str:
    """Return a value that cannot break a row of tab-separated text."""
    return "" if value is None else value.replace("\\", "\\\\").replace("\t", "\\t").replace("\r", "\\r").replace("\n", "\\n")
