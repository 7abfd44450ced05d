"""`medkg import`, `medkg remove` and `medkg merges`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from kg.errors import SnapshotError
from kg.graph import SnapshotGraph
from kg.imports import Order, Outcome, check_name, import_source, remove_source
from kg.model import Curie, Source
from kg.shipped import shipped_names
from kg.snapshot import default_path, open_graph
from kg.sources.files import stem
from kg.sources.records import Format, Options
from kg.sources.registry import FORMATS, known, recognise
from kg.vocabulary import CATEGORIES
from server.commands.common import CallError, JsonOption, SnapshotOption, as_json, build_bar, print_line, progress_bar, refuse_to_replace

SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE", show_default=False, help="Name of the source in the graph.")]
FormatOption = Annotated[str | None, typer.Option("--format", metavar="FORMAT", help="What the file is, where its name does not tell.")]
MappingOption = Annotated[
    Path | None, typer.Option("--mapping", metavar="YAML", exists=True, dir_okay=False, help="Description of a table's columns.")
]
CategoryOption = Annotated[
    str | None, typer.Option("--category", metavar="CURIE", help="Category of what the file does not say it is, such as biolink:Disease.")
]
_STANDARD_INPUT = "standard-input"


def import_(
    source: SourceArgument,
    path: Annotated[Path, typer.Argument(metavar="PATH", show_default=False, help="File or directory; - reads standard input.")],
    format_: FormatOption = None,
    mapping: MappingOption = None,
    category: CategoryOption = None,
    title: Annotated[str, typer.Option("--title", help="What the source is called; where its files do not say.")] = "",
    version: Annotated[str, typer.Option("--version", help="Its release or date; where its files do not say.")] = "",
    licence: Annotated[str, typer.Option("--licence", help="The terms of its use; where its files do not say.")] = "",
    alone: Annotated[bool, typer.Option("--alone", help="A new snapshot holds imported sources only, nothing of what ships.")] = False,
    snapshot: SnapshotOption = None,
    json_: JsonOption = False,
) -> None:
    """Take a source into the graph, in place of what was imported under its name before.

    SOURCE is its name in the graph; or that of a known resource, such as sider; or that of a format, and then it is named after the file.
    """
    target = snapshot if snapshot is not None else default_path()
    refuse_to_replace(target)
    kind, name = _kind_and_name(source, path, format_, mapping)
    options = Options(name, _category(category), mapping)
    if str(path) != "-" and not path.exists():
        raise CallError(f"{path} does not exist; expected a file, a directory, or - for standard input")
    with _readable(path, kind) as readable:
        order = Order(Source(name, title, version, licence), kind or recognise(readable), readable, options)
        outcome = import_source(order, target, alone, progress_bar(f"importing {name}"))
    held_apart = _held_apart(open_graph(target), name)
    if json_:
        print_line(as_json(_as_dict(outcome, len(held_apart)), indent=2))
    else:
        print_line("\n".join(_lines(outcome, target, len(held_apart))))


def _kind_and_name(source: str, path: Path, format_: str | None, mapping: Path | None) -> tuple[Format | None, str]:
    """Return the format where the call names it, and the name that the source gets."""
    if format_ is not None and format_ not in FORMATS:
        raise CallError(f"--format {format_} is not known; expected one of {known()}")
    kind = FORMATS[format_] if format_ is not None else FORMATS.get(source)
    if kind is None and mapping is not None:
        kind = FORMATS["csv"]
    name = source
    if format_ is None and kind is not None and kind.name == source and not kind.resource:
        if str(path) == "-":
            raise CallError(f"{source} is a format and standard input has no name; expected the name of the source, and --format {source}")
        name = stem(path)
    if kind is None and str(path) == "-":
        raise CallError(f"standard input does not tell its format; expected --format, one of {known()}")
    try:
        check_name(name)
    except SnapshotError as error:
        raise CallError(str(error)) from error
    return kind, name


def _category(text: str | None) -> Curie | None:
    if text is None:
        return None
    if text not in CATEGORIES:
        raise CallError(f"--category {text} is not known; expected one of {', '.join(CATEGORIES)}")
    return Curie(text)


@contextmanager
def _readable(path: Path, kind: Format | None) -> Iterator[Path]:
    """Let what comes through standard input be read as a file for as long as the block lasts: some formats are read twice."""
    if str(path) != "-":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="medkg-") as directory:
        file = Path(directory) / f"{_STANDARD_INPUT}{kind.suffixes[0] if kind is not None and kind.suffixes else ''}"
        with file.open("wb") as stream:
            shutil.copyfileobj(sys.stdin.buffer, stream)
        yield file


def _as_dict(outcome: Outcome, held_apart: int) -> dict[str, Any]:
    source, share = outcome.source, outcome.share
    skipped = [
        {"reason": reason, "count": count, "line": share.examples[reason][0], "example": share.examples[reason][1]}
        for reason, count in sorted(share.skipped.items(), key=lambda item: -item[1])
    ]
    return {
        "source": {"name": source.name, "title": source.title, "version": source.version, "licence": source.licence},
        "changed": outcome.changed,
        "replaced": outcome.replaced,
        "added": share.entities,
        "merged": share.merged,
        "facts": share.facts,
        "skipped": skipped,
        "held_apart": held_apart,
    }


def _lines(outcome: Outcome, target: Path, held_apart: int) -> Iterator[str]:
    source, share = outcome.source, outcome.share
    done = "is in the graph already, just as it is" if not outcome.changed else "was imported anew" if outcome.replaced else "was imported"
    yield f"{source.name} {done}: {', '.join(part for part in (source.title, source.version) if part)}"
    yield f"licence: {source.licence or 'not stated; --licence keeps it with the source'}"
    if source.name in shipped_names():
        yield f"it takes the place of the {source.name} that ships, which medkg remove {source.name} brings back"
    yield f"snapshot: {target}"
    yield f"{share.entities:>10,}  entities added"
    yield f"{share.merged:>10,}  entities merged with those of other sources"
    yield f"{share.facts:>10,}  facts"
    for reason, count in sorted(share.skipped.items(), key=lambda item: -item[1]):
        line, example = share.examples[reason]
        first = ", ".join(part for part in (f"line {line}" if line is not None else "", example) if part)
        yield f"{count:>10,}  skipped: {reason}" + (f" (the first: {first})" if first else "")
    if held_apart:
        yield f"{held_apart:>10,}  merges not made, since they would join two of its entities: medkg merges --source {source.name}"


def remove(source: SourceArgument, snapshot: SnapshotOption = None) -> None:
    """Take an imported source out of the graph again."""
    target = snapshot if snapshot is not None else default_path()
    remove_source(source, target, progress_bar(f"removing {source}"))
    print_line(f"{source} was removed from {target}.")


def merges(
    source: Annotated[str | None, typer.Option("--source", metavar="SOURCE", help="Only those of this source.")] = None,
    json_: JsonOption = False,
    snapshot: SnapshotOption = None,
) -> None:
    """List merges that would have joined two entities of one source, and were not made."""
    graph = open_graph(snapshot, build_bar())
    found = _held_apart(graph, source)
    if json_:
        print_line(as_json(found, indent=2))
        return
    merges_were = "merge was" if len(found) == 1 else "merges were"
    print_line(f"{len(found)} {merges_were} not made, since a source tells the two entities apart.")
    for pair in found:
        first, second = (_named(graph, pair[end]) for end in ("first", "second"))
        print_line(f"{pair['source']}: {first} and {second}, by {' = '.join(pair['chain'])} ({pair['stated_by']})")


def _held_apart(graph: SnapshotGraph, source: str | None) -> list[dict[str, Any]]:
    return [pair for pair in graph.manifest["held_apart"] if source in (None, pair["source"])]


def _named(graph: SnapshotGraph, curie: str) -> str:
    alias = graph.alias(curie)
    entity = graph.entity(alias.curie if alias is not None and alias.curie is not None else curie)
    return f"{curie} ({entity.name})" if entity is not None else curie
