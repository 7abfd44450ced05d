"""`medkg evaluate linking`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg.snapshot import open_graph
from server.commands.common import CallError, JsonOption, SnapshotOption, as_json, build_bar, print_line, progress_bar

DataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", exists=True, file_okay=False, help="Folder of published data sets.", show_default="none"),
]
ListsOption = Annotated[
    Path | None,
    typer.Option("--lists", metavar="DIR", exists=True, file_okay=False, help="Folder of lists.", show_default="those of a checkout"),
]


def evaluate_linking(
    data: DataOption = None,
    lists: ListsOption = None,
    suite: Annotated[list[str] | None, typer.Option("--suite", metavar="NAME", help="Suite to run; may be repeated.")] = None,
    peer: Annotated[list[str] | None, typer.Option("--peer", metavar="NAME", help="gilda or phrasematcher, beside ours.")] = None,
    sample: Annotated[int | None, typer.Option("--sample", min=1, metavar="N", help="Items of each suite, always the same.")] = None,
    json_: JsonOption = False,
    snapshot: SnapshotOption = None,
    fast: Annotated[bool, typer.Option("--fast", help="Measure the linker by names alone, without its encoder.")] = False,
    fold_models: Annotated[
        Path | None,
        typer.Option(
            "--fold-models",
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="Encoder that has seen no lay name, or fold-0 to fold-4 with one each, for the suite hpo-layperson.",
            show_default="by names alone",
        ),
    ] = None,
    errors: Annotated[
        Path | None, typer.Option("--errors", metavar="FILE", dir_okay=False, help="Write all that is wrong as JSON lines.")
    ] = None,
    picture: Annotated[Path | None, typer.Option("--picture", metavar="FILE.svg", dir_okay=False, help="Draw the main figures.")] = None,
) -> None:
    """Measure the linker: mentions, entities, lay language, spelling, ambiguity, false links and assertion."""
    from qa.evaluation.linking import ours, peers, report, suites  # noqa: PLC0415 - of no use to other commands
    from qa.evaluation.linking.picture import picture as drawn  # noqa: PLC0415

    _check_names("--suite", suite or [], list(suites.SUITES))
    _check_names("--peer", peer or [], list(peers.PEERS))
    for out in (errors, picture):
        if out is not None and not out.parent.is_dir():
            raise CallError(f"{out.parent} is no directory; expected one to write {out.name} into")
    material = suites.Material(open_graph(snapshot, build_bar()), data, lists or _own_lists(), sample)
    contenders = {report.OURS: ours.contender(fast, fold_models, progress_bar("embedding names"))}
    contenders |= {name: suites.Contender(peers.PEERS[name]) for name in peer or []}
    found = suites.run(contenders, material, suite or [])
    if errors is not None:
        found.write_misses(errors)
    if picture is not None:
        picture.write_text(drawn(found), encoding="utf-8")
    print_line(as_json(found.as_dict(), indent=2) if json_ else found.as_text())


def _check_names(option: str, given: list[str], known: list[str]) -> None:
    for name in given:
        if name not in known:
            raise CallError(f"{option} {name} is unknown; expected one of {', '.join(known)}")


def _own_lists() -> Path | None:
    """Return the lists that lie beside the tests of a checkout, None where there is none."""
    path = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "linking"
    return path if path.is_dir() else None
