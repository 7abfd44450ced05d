"""`medkg ask`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from qa.answer import answer_as_dict
from qa.errors import QuestionError
from qa.explain import ExplainingReader, weigh, weighed_as_dict
from qa.pipeline import Pipeline, Trace
from qa.runtimes import REMEMBERED, ReaderChoice, Runtime
from server.commands.common import (
    CallError,
    GraphOption,
    JsonOption,
    ModelOption,
    NoReaderOption,
    RuntimeOption,
    SnapshotOption,
    as_json,
    check_readable,
    lines_of,
    print_line,
    progress_bar,
    service_of,
)
from server.render import answer_lines, why_lines

WhyOption = Annotated[bool, typer.Option("--why", help="Tell, too, what the reader made of each triple, and which ones it leant on.")]
QuestionsOption = Annotated[Path | None, typer.Option("--file", metavar="FILE", help="Questions, one a line; - reads standard input.")]


def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(metavar="QUESTION", show_default=False)] = None,
    json_: JsonOption = False,
    file: QuestionsOption = None,
    snapshot: SnapshotOption = None,
    graph: GraphOption = None,
    model: ModelOption = None,
    runtime: RuntimeOption = Runtime.AUTO,
    no_reader: NoReaderOption = False,
    why: WhyOption = False,
) -> None:
    """Answer a question, or each line of a file as a line of JSON in the same order."""
    check_one("QUESTION", question, file)
    if why and (file is not None or no_reader):
        raise CallError(f"--why is given with {'--file' if file is not None else '--no-reader'}; expected one question and the reader")
    choice = ReaderChoice(model, runtime, remembered=0 if file is None else REMEMBERED)
    pipeline = service_of(context, snapshot, graph, choice, not no_reader).pipeline
    if file is not None:
        for answer in answers(pipeline, lines_of(file)):
            print_line(as_json(answer))
        return
    assert question is not None
    trace = pipeline.trace(argument(question))
    answer = answer_as_dict(trace.answer, pipeline.graph)
    if why:
        answer["why"] = _why(pipeline, trace)
    if json_:
        print_line(as_json(answer))
        return
    lines = [*answer_lines(answer, sys.stdout.isatty()), *(why_lines(answer["why"]) if why else ())]
    print_line("\n".join(lines))


def _why(pipeline: Pipeline, trace: Trace) -> list[dict[str, Any]]:
    """Return what was made of each triple, likeliest first."""
    show = progress_bar("hiding triples")
    reader = cast(ExplainingReader, pipeline.reader)
    found = weigh(trace, reader, lambda done, total: show("", done, total))
    return [weighed_as_dict(weighed, pipeline.graph) for weighed in found]


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


def argument(text: str) -> str:
    """Return an argument with bytes that are not UTF-8, which Python keeps as half surrogate pairs, replaced."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def check_one(name: str, argument: str | None, file: Path | None) -> None:
    """Refuse a call with neither an argument nor a file, or with both, or with a file that cannot be read."""
    if argument is None and file is None:
        raise CallError(f"neither {name} nor --file is given; expected one of them")
    if argument is not None and file is not None:
        raise CallError(f"both {name} and --file are given; expected one of them")
    if file is not None:
        check_readable(file)
