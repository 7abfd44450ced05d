"""Commands that make and measure the reader's test sets of triples, and of triples beside passages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg.snapshot import open_graph
from qa.loading import default_model, load_reader
from qa.runtimes import ReaderChoice
from server.commands.common import CallError, JsonOption, ModelOption, SnapshotOption, as_json, build_bar, print_line

OutOption = Annotated[Path, typer.Option("--out", metavar="FILE", dir_okay=False, help="JSON lines to write.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Decides everything left to chance.")]
DataOption = Annotated[Path, typer.Option("--data", metavar="FILE", exists=True, dir_okay=False, help="Reading tasks as JSON lines.")]


def train_counterfactuals(
    out: OutOption,
    seed: SeedOption = 0,
    count: Annotated[int, typer.Option("--count", min=4, help="Pairs of a factual and a counterfactual task.")] = 1000,
    snapshot: SnapshotOption = None,
) -> None:
    """Make reading tasks that contradict or leave general knowledge, each beside its factual twin."""
    from qa.training.counterfactuals import write_counterfactuals  # noqa: PLC0415 - of no use to other commands

    _check_place(out)
    counts = write_counterfactuals(open_graph(snapshot, build_bar()), out, default_model() / "vocab.txt", count, seed)
    print_line(as_json(counts))


def train_combined(
    out: OutOption,
    medquad: Annotated[
        Path | None, typer.Option("--medquad", metavar="DIR", exists=True, file_okay=False, help="MedQuAD's directory.")
    ] = None,
    bioasq: Annotated[
        Path | None, typer.Option("--bioasq", metavar="FILE", exists=True, dir_okay=False, help="BioASQ's factoid questions as SQuAD.")
    ] = None,
    count: Annotated[int, typer.Option("--count", min=10, help="Training questions made from the graph.")] = 6000,
    seed: SeedOption = 0,
    snapshot: SnapshotOption = None,
) -> None:
    """Make training and held-out questions with triples and a passage beside them."""
    from qa.training.write_combined import write_combined  # noqa: PLC0415 - of no use to other commands

    _check_place(out)
    print_line(as_json(write_combined(open_graph(snapshot, build_bar()), out, medquad, bioasq, count, seed)))


def evaluate_triples(data: DataOption, model: ModelOption = None, json_: JsonOption = False) -> None:
    """Measure which triples a reader takes for answers, by split and kind, and pair by pair for counterfactual tasks."""
    from qa.evaluation import triples  # noqa: PLC0415 - torch takes seconds to import
    from qa.training.triples import HELD_OUT, PAIRED, TRAIN, read_triples  # noqa: PLC0415

    tasks = read_triples(data, (TRAIN, *HELD_OUT, *PAIRED))
    if not tasks:
        raise CallError(f"{data} holds no reading task; expected some to measure")
    figures = triples.evaluate(triples.judge(triples.uncalibrated(load_reader(ReaderChoice(model))), tasks))
    print_line(as_json(figures) if json_ else triples.as_text(figures))


def evaluate_combined(
    data: DataOption,
    model: ModelOption = None,
    json_: JsonOption = False,
    most: Annotated[int | None, typer.Option("--most", min=1, help="Questions of each set at the most.", show_default="all")] = None,
    seed: SeedOption = 0,
) -> None:
    """Measure what triples add to a passage and a passage to triples: either alone, both, and both with wrong triples."""
    from qa.evaluation import combined  # noqa: PLC0415 - torch takes seconds to import
    from qa.training.combined_data import read_combined  # noqa: PLC0415

    tasks = combined.held_out(read_combined(data), most)
    figures = combined.measure(load_reader(ReaderChoice(model)), tasks, seed)
    print_line(as_json(figures) if json_ else combined.as_text(figures))


def _check_place(out: Path) -> None:
    if not out.parent.is_dir():
        raise CallError(f"{out.parent} is no directory; expected one to write {out.name} into")
