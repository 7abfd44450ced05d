"""`medkg ask` and `medkg link`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from kg.errors import DataError
from qa.answer import answer_as_dict
from qa.errors import QuestionError
from qa.linker import Linker
from qa.model import Mention
from qa.pipeline import Pipeline
from server.commands.common import (
    CallError,
    GraphOption,
    JsonOption,
    ModelOption,
    NoReaderOption,
    SnapshotOption,
    as_json,
    check_readable,
    lines_of,
    print_line,
    service_of,
)
from server.render import answer_lines

QuestionsOption = Annotated[Path | None, typer.Option("--file", metavar="FILE", help="Questions, one a line; - reads standard input.")]
TextsOption = Annotated[Path | None, typer.Option("--file", metavar="FILE", help='JSON lines {"id", "text"}; - reads standard input.')]


def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(metavar="QUESTION", show_default=False)] = None,
    json_: JsonOption = False,
    file: QuestionsOption = None,
    snapshot: SnapshotOption = None,
    graph: GraphOption = None,
    model: ModelOption = None,
    no_reader: NoReaderOption = False,
) -> None:
    """Answer a question, or each line of a file as a line of JSON in the same order."""
    _check_one("QUESTION", question, file)
    pipeline = service_of(context, snapshot, graph, model, not no_reader).pipeline
    if file is not None:
        for answer in answers(pipeline, lines_of(file)):
            print_line(as_json(answer))
        return
    assert question is not None
    answer = answer_as_dict(pipeline.ask(_argument(question)), pipeline.graph)
    print_line(as_json(answer) if json_ else "\n".join(answer_lines(answer, sys.stdout.isatty())))


def answers(pipeline: Pipeline, lines: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """Yield, line by line, the answer in the form of the contract; a line that cannot be taken has an abstention that says why."""
    for line in lines:
        question = line.decode("utf-8", "replace")
        try:
            line.decode("utf-8")
            answer = answer_as_dict(pipeline.ask(question), pipeline.graph)
        except UnicodeDecodeError:
            answer = _refused(question, "the line is not UTF-8, expected a question in UTF-8")
        except QuestionError as error:
            answer = _refused(question, str(error))
        yield answer


def _refused(question: str, reason: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"items": [], "mentions": [], "notices": []}
    return {"question": question, "status": "abstained", "answer": reason, "confidence": 0, **empty}


def link(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument(metavar="TEXT", show_default=False)] = None,
    json_: JsonOption = False,
    file: TextsOption = None,
    snapshot: SnapshotOption = None,
    graph: GraphOption = None,
    model: ModelOption = None,
) -> None:
    """Find the diseases, medicines and symptoms that a text names; with --file, line by line as JSON."""
    _check_one("TEXT", text, file)
    linker = service_of(context, snapshot, graph, model, with_reader=False).linker
    if file is not None:
        for line in linked(linker, file):
            print_line(as_json(line))
        return
    assert text is not None
    mentions = linker.link(_argument(text))
    if json_:
        print_line(as_json({"mentions": [mention.as_dict() for mention in mentions]}))
        return
    for mention in mentions:
        print_line(_mention_line(mention))
    if not mentions:
        print_line("Nothing that the graph knows was found in the text.")


def linked(linker: Linker, file: Path) -> Iterator[dict[str, Any]]:
    """Yield `{"id", "mentions"}` for each line of a file of `{"id", "text"}`, in its order; empty lines are skipped.

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
        yield {"id": name, "mentions": [mention.as_dict() for mention in linker.link(text)]}


def _mention_line(mention: Mention) -> str:
    place = f"{mention.start}-{mention.end} {mention.text!r}"
    if mention.entity is None:
        return f"{place}: not known to the graph"
    entity = mention.entity
    return f"{place}: {entity.name} ({entity.curie}, {entity.category}), {mention.assertion.value}, score {mention.score:.2f}"


def _argument(text: str) -> str:
    """Return an argument with bytes that are not UTF-8, which Python keeps as half surrogate pairs, replaced."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _check_one(name: str, argument: str | None, file: Path | None) -> None:
    if argument is None and file is None:
        raise CallError(f"neither {name} nor --file is given; expected one of them")
    if argument is not None and file is not None:
        raise CallError(f"both {name} and --file are given; expected one of them")
    if file is not None:
        check_readable(file)
