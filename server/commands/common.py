"""What the commands share: options, errors of the call, output, progress."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from tqdm import tqdm

from kg.build import Progress, check_replaceable
from kg.errors import SnapshotError
from qa.linker import Linker
from qa.runtimes import SHIPPED, ReaderChoice, Runtime
from server.service import Factories, Service

SnapshotOption = Annotated[
    Path | None, typer.Option("--snapshot", metavar="DIR", help="Snapshot of the graph.", show_default="the shipped graph's")
]
ModelOption = Annotated[
    Path | None, typer.Option("--model", metavar="DIR", help="Directory of the reader.", show_default="the shipped one")
]
RuntimeOption = Annotated[
    Runtime, typer.Option("--runtime", help="What computes the reader's logits; auto is torch in the precision that suits the machine.")
]
GraphOption = Annotated[
    str | None, typer.Option("--graph", metavar="URL", help="Ask the graph behind a SPARQL 1.1 endpoint instead of a snapshot.")
]
NoReaderOption = Annotated[bool, typer.Option("--no-reader", help="Answer by the question's keywords and the graph alone.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_SHOWN_AFTER = 0.5
"""Seconds after which a bar is shown."""


class CallError(typer.TyperException):
    """The call was wrong: an argument is missing, contradicts another or cannot be taken."""

    exit_code = 2


class ServeError(typer.TyperException):
    """The server cannot start: its address cannot be taken."""

    exit_code = 1


def factories(context: typer.Context) -> Factories:
    """Return how this call comes by a service."""
    found = context.obj
    assert isinstance(found, Factories)
    return found


def service_of(
    context: typer.Context, snapshot: Path | None, graph: str | None, choice: ReaderChoice = SHIPPED, with_reader: bool = True
) -> Service:
    """Open what this call asks: the graph of a snapshot or of an endpoint, the linker and, where it is wanted, the reader.

    Raises:
        CallError: Both a snapshot and an endpoint are given.
    """
    if snapshot is not None and graph is not None:
        raise CallError("both --snapshot and --graph are given; expected one of them")
    title = "building the snapshot" if graph is None else "opening the graph"
    return factories(context).service(snapshot, choice, with_reader, progress_bar(title), graph)


def linker_of(context: typer.Context, snapshot: Path | None, graph: str | None, model: Path | None, fast: bool) -> Linker:
    """Open what links texts; `fast`, by names alone.

    Raises:
        CallError: Both a snapshot and an endpoint are given.
    """
    if snapshot is not None and graph is not None:
        raise CallError("both --snapshot and --graph are given; expected one of them")
    title = "building the snapshot" if graph is None else "opening the graph"
    return factories(context).linker(snapshot, model, fast, progress_bar(title), graph)


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def as_json(content: Any, indent: int | None = None) -> str:
    """Return JSON that the standard output can carry: escaped where it is not UTF-8 or the text holds half a surrogate pair."""
    text = json.dumps(content, ensure_ascii=False, indent=indent)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(content, indent=indent)
    return text


def print_line(text: str) -> None:
    """Print a line at once, so that whoever reads the other end of a pipe need not wait for the rest."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)


def progress_bar(title: str) -> Progress:
    """Return what shows the steps of something long on standard error; nothing is shown where nothing takes its time.

    Where the number of steps is not known, a total of 0, they are counted.
    """
    bar: tqdm[Any] | None = None

    def show(what: str, done: int, total: int) -> None:
        nonlocal bar
        if bar is not None and bar.total != (total or None):
            bar.close()
            bar = None
        if bar is None:
            bar = tqdm(total=total or None, desc=title, unit=" steps" if total else " records", file=sys.stderr, delay=_SHOWN_AFTER)
        bar.set_postfix_str(what, refresh=False)
        bar.update(done - bar.n)
        if total and done >= total:
            bar.close()
            bar = None

    return show


def build_bar() -> Progress:
    """Return what shows the steps of a build."""
    return progress_bar("building the snapshot")


def refuse_to_replace(target: Path) -> None:
    """Refuse a place for a snapshot that holds something else, before anything is read.

    Raises:
        CallError: What is there is no snapshot, and would be removed.
    """
    try:
        check_replaceable(target)
    except SnapshotError as error:
        raise CallError(str(error)) from error


def check_readable(file: Path) -> None:
    """Refuse a file that is not there, before anything is opened; `-` and pipes pass.

    Raises:
        CallError: It is missing, a directory, or not to be read by this user.
    """
    if str(file) == "-":
        return
    if not file.exists() or file.is_dir() or not os.access(file, os.R_OK):
        state = "is a directory" if file.is_dir() else "cannot be read" if file.exists() else "does not exist"
        raise CallError(f"{file} {state}; expected a file, or - for standard input")


def lines_of(file: Path) -> Iterator[bytes]:
    """Yield the lines of a file, or of standard input for `-`, as they come and without their ends.

    Bytes are split, at line feeds alone, so that lines are counted as other tools count them.
    """
    if str(file) == "-":
        yield from _lines(sys.stdin.buffer)
        return
    with file.open("rb") as stream:
        yield from _lines(stream)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    for number, line in enumerate(stream):
        stripped = line.rstrip(b"\r\n")
        yield stripped.removeprefix(b"\xef\xbb\xbf") if number == 0 else stripped
