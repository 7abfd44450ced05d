"""`medkg train classes`, `medkg train plot`, `medkg evaluate classes` and `medkg evaluate tags`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, cast

import typer

from kg.snapshot import open_graph
from qa.loading import linker_model
from qa.runtimes import ReaderChoice
from server.commands.common import CallError, JsonOption, ModelOption, SnapshotOption, as_json, build_bar, factories, print_line

PictureOption = Annotated[
    Path | None, typer.Option("--picture", metavar="FILE", dir_okay=False, help="Draw the confusion matrix, as .svg or .png.")
]


def train_classes(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", dir_okay=False, help="JSON lines to write.")],
    medquad: Annotated[
        Path | None, typer.Option("--medquad", metavar="DIR", exists=True, file_okay=False, help="MedQuAD's folders of XML.")
    ] = None,
    squad: Annotated[Path | None, typer.Option("--squad", metavar="FILE", exists=True, dir_okay=False, help="SQuAD file.")] = None,
    count: Annotated[int, typer.Option("--count", min=1, help="Training questions, about.")] = 25_000,
    seed: Annotated[int, typer.Option("--seed", help="Decides everything left to chance.")] = 0,
    snapshot: SnapshotOption = None,
) -> None:
    """Make questions with their type, relation and form from the graph, and from MedQuAD and SQuAD where they are given."""
    from qa.training.class_questions import Sources, make_classes  # noqa: PLC0415 - its sentences are of no use to other commands
    from qa.training.classes import count_classes, write_classes  # noqa: PLC0415

    _check_folder(out)
    questions = make_classes(open_graph(snapshot, build_bar()), Sources(medquad, squad), count, seed)
    write_classes(questions, out)
    print_line(as_json(count_classes(questions)))


def plot_run(
    run: Annotated[Path, typer.Argument(metavar="RUN", exists=True, file_okay=False, help="Directory of a training run.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", dir_okay=False, help="Picture to write, .svg or .png.")],
) -> None:
    """Draw a training run: loss, learning rate and what was measured, over the steps."""
    from qa.evaluation.drawing import check_picture  # noqa: PLC0415 - of no use to other commands
    from qa.evaluation.run_picture import plot_run as plot  # noqa: PLC0415

    check_picture(out)
    plot(run / "metrics.jsonl", out)


def evaluate_classes(
    context: typer.Context,
    data: Annotated[Path, typer.Option("--data", metavar="FILE", exists=True, dir_okay=False, help="Questions with classes.")],
    split: Annotated[
        list[str] | None,
        typer.Option("--split", metavar="NAME", help="Split to measure; may be repeated.", show_default="all but train"),
    ] = None,
    model: ModelOption = None,
    json_: JsonOption = False,
    pictures: Annotated[
        Path | None, typer.Option("--pictures", metavar="DIR", file_okay=False, help="Draw the confusion matrices into a directory.")
    ] = None,
) -> None:
    """Measure the classes that the reader gives questions: accuracy, precision, recall and F1 of each, and what is taken for what."""
    from qa.evaluation import classes  # noqa: PLC0415 - of no use to other commands
    from qa.training.classes import SPLITS, read_classes  # noqa: PLC0415
    from qa.training.triples import TRAIN  # noqa: PLC0415

    wanted = split or [name for name in SPLITS if name != TRAIN]
    for name in wanted:
        if name not in SPLITS:
            raise CallError(f"--split {name} is unknown; expected one of {', '.join(SPLITS)}")
    if pictures is not None and not pictures.is_dir():
        raise CallError(f"{pictures} is no directory; expected one to draw into")
    questions = [question for question in read_classes(data) if question.split in wanted]
    if not questions:
        raise CallError(f"{data} holds no question of {' or '.join(wanted)}; expected some to measure")
    reader = cast(classes.Classifier, factories(context).span_reader(ReaderChoice(model)))
    reports = classes.evaluate_classes(reader, questions)
    if pictures is not None:
        for place, heads in reports.items():
            for head, report in heads.items():
                classes.confusion_picture(report.labels, report.matrix, pictures / f"{place}-{head}.svg", f"{head}, {place}")
    if json_:
        print_line(as_json({place: {head: report.as_dict() for head, report in heads.items()} for place, heads in reports.items()}))
        return
    texts = [f"{head}, {place}\n{report.as_text()}" for place, heads in reports.items() for head, report in heads.items()]
    print_line("\n\n".join(texts))


def evaluate_tags(
    bc5cdr: Annotated[
        Path | None, typer.Option("--bc5cdr", metavar="FILE", exists=True, dir_okay=False, help="BC5CDR in PubTator's form.")
    ] = None,
    ncbi: Annotated[
        Path | None, typer.Option("--ncbi", metavar="FILE", exists=True, dir_okay=False, help="NCBI's disease corpus in PubTator's form.")
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            "--model",
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="Directory of the linker's encoder.",
            show_default="the shipped one",
        ),
    ] = None,
    json_: JsonOption = False,
    picture: PictureOption = None,
) -> None:
    """Measure the mentions of diseases and chemicals that the linker's encoder finds; with both corpora, each on its own."""
    from qa.evaluation import drawing, tags  # noqa: PLC0415 - of no use to other commands
    from qa.evaluation.classes import confusion_picture  # noqa: PLC0415
    from qa.name_encoder import NameEncoder  # noqa: PLC0415 - torch takes a second to import

    given = {name: path for name, path in (("bc5cdr", bc5cdr), ("ncbi", ncbi)) if path is not None}
    if not given:
        raise CallError("neither --bc5cdr nor --ncbi is given; expected a corpus to measure on")
    places = _places(picture, list(given))
    for place in places.values():
        drawing.check_picture(place)
    corpora = {name: tags.read_whole(path, name) for name, path in given.items()}
    reports = tags.evaluate_tags(NameEncoder.load(model or linker_model()), corpora)
    for name, place in places.items():
        words = reports[name].words
        confusion_picture(words.labels, words.matrix, place, f"labels of words, {name}")
    forms: dict[str, Any] = {name: report.as_dict() for name, report in reports.items()}
    print_line(as_json(forms) if json_ else "\n\n".join(f"{name}: {report.as_text()}" for name, report in reports.items()))


def _places(picture: Path | None, names: list[str]) -> dict[str, Path]:
    """Return where each corpus' picture goes: there, or beside it with the corpus' name where there are two."""
    if picture is None:
        return {}
    return {name: picture if len(names) == 1 else picture.with_name(f"{picture.stem}-{name}{picture.suffix}") for name in names}


def _check_folder(out: Path) -> None:
    if not out.parent.is_dir():
        raise CallError(f"{out.parent} is no directory; expected one to write {out.name} into")
