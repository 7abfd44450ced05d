"""The command line, `medkg`: exit status 0 done, 1 the work failed, 2 the call was wrong; an error is one sentence."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from kg.errors import KgError
from qa.errors import QaError, QuestionError
from server.commands import ask, graph, inspect, link, reading, serve, sources
from server.commands.common import CallError, ServeError
from server.service import Factories

_INTERRUPTED = 130

app = typer.Typer(
    name="medkg",
    help="Answers medical questions from a knowledge graph. This is information, not medical advice.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(ask.ask)
app.command()(link.link)
app.command()(reading.read)
app.command()(graph.build)
app.command()(graph.stats)
app.command()(graph.sparql)
app.command("import")(sources.import_)
app.command()(sources.remove)
app.command()(sources.merges)
app.command()(inspect.entity)
app.command()(inspect.diff)
app.command()(inspect.export)
app.command()(inspect.validate)
app.command()(inspect.corroborate)
app.command()(serve.serve)
app.add_typer(reading.train, name="train")
app.add_typer(reading.evaluate, name="evaluate")


@app.callback()
def _options(debug: Annotated[bool, typer.Option("--debug", help="Show a traceback with an error.")] = False) -> None:
    """Answers medical questions from a knowledge graph. This is information, not medical advice."""


def main(arguments: Sequence[str] | None = None, factories: Factories | None = None) -> int:
    """Run a command and return its exit status.

    Args:
        arguments: What follows the program's name; None, those of this process.
        factories: How commands come by what takes long to open; None, what ships.
    """
    given, debug = _take_debug(sys.argv[1:] if arguments is None else arguments)
    try:
        status = app(given, prog_name="medkg", standalone_mode=False, obj=factories or Factories())
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has seen enough. Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except SystemExit as stop:  # argparse, behind `train reader`, and Typer on a broken pipe
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except (KeyboardInterrupt, typer.Abort):
        print("medkg: interrupted", file=sys.stderr)
        return _INTERRUPTED
    except Exception as error:
        return _report(error, debug)
    return status if isinstance(status, int) else 0


def _take_debug(arguments: Sequence[str]) -> tuple[list[str], bool]:
    """Take `--debug` out of the arguments, wherever it stands before a `--`."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept = [argument for argument in arguments[:end] if argument != "--debug"]
    return [*kept, *arguments[end:]], len(kept) < end


def _report(error: Exception, debug: bool) -> int:
    """Print an error as one sentence, with a traceback only for those who ask, and return the exit status."""
    if debug:
        traceback.print_exception(error, file=sys.stderr)
    status, sentence = _sentence(error)
    if sentence:
        line = " ".join(sentence.split())
        print(f"medkg: {line}".encode("utf-8", "replace").decode("utf-8"), file=sys.stderr)
    return status


def _sentence(error: Exception) -> tuple[int, str]:
    match error:
        case typer.TyperException():
            # Typer's own errors, unlike ours, do not say what was expected.
            expected = "" if isinstance(error, CallError | ServeError) else "; --help shows what is expected"
            return error.exit_code, error.format_message().rstrip(".") + expected
        case QuestionError():
            return 2, str(error)
        case KgError() | QaError():
            return 1, str(error)
        case OSError():
            place = f"{error.filename}: " if error.filename else ""
            return 1, f"{place}{error.strerror or error}"
        case _:
            return 1, f"an error that should not happen, {type(error).__name__}: {error}; --debug shows where"


if __name__ == "__main__":
    sys.exit(main())
