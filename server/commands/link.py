"""`medkg link`."""

from __future__ import annotations

import json
import multiprocessing
import re
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from tqdm import tqdm

from kg.errors import DataError
from kg.snapshot import open_graph
from qa.linker import Linker
from qa.loading import open_text_linker
from qa.model import Mention
from server.commands.ask import argument, check_one
from server.commands.common import (
    CallError,
    GraphOption,
    JsonOption,
    ModelOption,
    SnapshotOption,
    as_json,
    build_bar,
    lines_of,
    linker_of,
    print_line,
    write_whole,
)
from server.formats import as_brat, as_pubtator

TextsOption = Annotated[Path | None, typer.Option("--file", metavar="FILE", help='JSON lines {"id", "text"}; - reads standard input.')]
_SHOWN_AFTER = 2.0
"""Seconds after which the progress of many texts is shown."""
_AHEAD = 4
"""Texts a process that are read before the first of them is done."""


_FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}")


class Format(StrEnum):
    """How linked texts are written."""

    JSON = "json"
    PUBTATOR = "pubtator"
    BRAT = "brat"


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its name."""

    name: str | int | None
    text: str


def link(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument(metavar="TEXT", show_default=False)] = None,
    json_: JsonOption = False,
    file: TextsOption = None,
    form: Annotated[Format, typer.Option("--format", help="How linked texts are written.")] = Format.JSON,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where brat files go, ID.txt and ID.ann.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Tell what else each mention may mean, and why.")] = False,
    fast: Annotated[bool, typer.Option("--fast", help="Link by names alone, without the neural encoder.")] = False,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that link the texts of --file.")] = 1,
    snapshot: SnapshotOption = None,
    graph: GraphOption = None,
    model: ModelOption = None,
) -> None:
    """Find the diseases, medicines and symptoms that a text names; with --file, text by text, in their order."""
    check_one("TEXT", text, file)
    _check_call(file, form, out, workers, graph)
    if file is None:
        assert text is not None
        entry = Text(None, argument(text))
        mentions = linker_of(context, snapshot, graph, model, fast).link(entry.text)
        print_line(_as_lines(mentions, explain) if form is Format.JSON and not json_ else _written(entry, mentions, form, explain))
        return
    if workers > 1:
        open_graph(snapshot, build_bar())  # built once, not by every process
        linked = _in_processes(_texts(file), workers, (snapshot, model, fast))
    else:
        linker = linker_of(context, snapshot, graph, model, fast)
        linked = ((entry, linker.link(entry.text)) for entry in _texts(file))
    for entry, mentions in tqdm(
        linked, desc="linking", unit=" texts", file=sys.stderr, delay=_SHOWN_AFTER, disable=not sys.stderr.isatty()
    ):
        if out is not None:
            _write_brat(out, entry, mentions)
        else:
            print_line(_written(entry, mentions, form, explain))


def _check_call(file: Path | None, form: Format, out: Path | None, workers: int, graph: str | None) -> None:
    if workers > 1 and (file is None or graph is not None):
        raise CallError("--workers is given without --file, or with --graph; expected the texts of a file and a snapshot")
    if (out is not None) != (form is Format.BRAT and file is not None):
        raise CallError("--out belongs to --file with --format brat, and is needed there; expected all three or no --out")
    if out is not None and not out.is_dir():
        raise CallError(f"{out} is no directory; expected one to write brat files into")


def _texts(file: Path) -> Iterator[Text]:
    """Yield the texts of a file of `{"id", "text"}`, in its order; empty lines are skipped.

    Raises:
        DataError: A line is not of this form.
    """
    for number, line in enumerate(lines_of(file), start=1):
        if not line.strip():
            continue
        try:
            form = json.loads(line)
            name, text = form["id"], form["text"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DataError(file, number, 'not of the form expected, an object {"id", "text"}') from error
        if not isinstance(text, str) or not isinstance(name, str | int):
            raise DataError(file, number, "id is no text or number, or text is no text; expected both")
        yield Text(name, text)


_linker: Linker | None = None
"""Of a process that links for another."""


def _open_in_process(snapshot: Path | None, model: Path | None, fast: bool) -> None:
    global _linker
    _linker = open_text_linker(snapshot, model, fast)


def _link_in_process(text: str) -> list[Mention]:
    assert _linker is not None
    return _linker.link(text)


def _in_processes(
    texts: Iterator[Text], workers: int, opened: tuple[Path | None, Path | None, bool]
) -> Iterator[tuple[Text, list[Mention]]]:
    """Yield each text with its mentions, in order; only so many texts are read ahead that every process has some."""
    # Spawned: a forked process would share the threads of torch, which do not survive it.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_open_in_process, initargs=opened) as pool:
        waiting: deque[tuple[Text, Future[list[Mention]]]] = deque()
        try:
            for text in texts:
                waiting.append((text, pool.submit(_link_in_process, text.text)))
                if len(waiting) > workers * _AHEAD:
                    yield _next(waiting)
            while waiting:
                yield _next(waiting)
        except DataError:  # a line is bad; what stands before it is linked all the same
            while waiting:
                yield _next(waiting)
            raise
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _next(waiting: deque[tuple[Text, Future[list[Mention]]]]) -> tuple[Text, list[Mention]]:
    text, found = waiting.popleft()
    return text, found.result()


def _written(entry: Text, mentions: Sequence[Mention], form: Format, explain: bool) -> str:
    if form is Format.PUBTATOR:
        return as_pubtator("text" if entry.name is None else str(entry.name), entry.text, mentions).removesuffix("\n")
    if form is Format.BRAT:
        return as_brat(mentions).removesuffix("\n")
    found = [_as_dict(mention, explain) for mention in mentions]
    return as_json({"id": entry.name, "mentions": found} if entry.name is not None else {"mentions": found})


def _as_dict(mention: Mention, explain: bool) -> dict[str, Any]:
    """Return the mention in the form of the contract; explained, with what it may mean."""
    explained = {"candidates": [candidate.as_dict() for candidate in mention.candidates]} if explain else {}
    return mention.as_dict() | explained


def _write_brat(directory: Path, entry: Text, mentions: Sequence[Mention]) -> None:
    """Write a text and its annotations side by side, as brat looks for them."""
    name = str(entry.name)
    if not _FILE_NAME.fullmatch(name):
        raise CallError(f"the id {name!r} makes no file name; expected letters, digits, '.', '_' and '-'")
    # What is not text in UTF-8 cannot be written; brat counts characters, and this keeps their number.
    write_whole(directory / f"{name}.txt", entry.text.encode("utf-8", "replace").decode("utf-8"))
    write_whole(directory / f"{name}.ann", as_brat(mentions).encode("utf-8", "replace").decode("utf-8"))


def _as_lines(mentions: Sequence[Mention], explain: bool) -> str:
    lines = []
    for mention in mentions:
        lines.append(_mention_line(mention))
        if explain:
            lines += [f"    {c.score:.2f}  {c.entity.name} ({c.entity.curie}): {c.reason}" for c in mention.candidates]
    return "\n".join(lines) or "Nothing that the graph knows was found in the text."


def _mention_line(mention: Mention) -> str:
    place = f"{mention.start}-{mention.end} {mention.text!r}"
    if mention.entity is None:
        return f"{place}: not known to the graph"
    entity = mention.entity
    why = f" ({mention.reason})" if mention.reason else ""
    return f"{place}: {entity.name} ({entity.curie}, {entity.category}), {mention.assertion.value}, score {mention.score:.2f}{why}"
