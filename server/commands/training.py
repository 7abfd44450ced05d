"""The commands of `medkg train` that pass all of their options on to a training of `qa.training`, which also prints the help."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

import typer

from server.commands.common import print_line


class Trainer(NamedTuple):
    """A module of `qa.training` with a `parser()` and a `run()`.

    Attributes:
        module: Its name.
        usage: Its options that matter most.
        help: What it does.
    """

    module: str
    usage: str
    help: str


TRAINERS = {
    "reader": Trainer("train_reader", "--base DIR --out DIR [--squad FILE] [--triples FILE]", "Train a reader"),
    "distill": Trainer(
        "distil",
        "--base DIR --teacher DIR --out DIR [--alphas A,B,...] [--squad FILE] [--triples FILE]",
        "Train a reader from a teacher, or one for each of several alphas",
    ),
    "blend": Trainer(
        "blend",
        "--base DIR --trained DIR --out DIR [--share S] [--compare S,S,...] [--squad FILE]",
        "Average two readers, the second trained from the first",
    ),
    "pretrain": Trainer(
        "train_pretrain",
        "--base DIR --out DIR [--text PATH ...] [--medquad DIR] [--pubtator FILE ...] [--snapshot DIR]",
        "Pre-train a BERT further on medical text",
    ),
    "linker": Trainer("train_linker", "--base DIR --out DIR [--synonyms FILE] [--bc5cdr FILE] [--ncbi FILE]", "Train the linker's encoder"),
    "tags": Trainer(
        "train_tags", "--base DIR --out DIR [--bc5cdr FILE] [--ncbi FILE]", "Give the linker's encoder layers of its own for tags"
    ),
}


def add_trainers(train: typer.Typer) -> None:
    """Give `medkg train` a command for each of `TRAINERS`."""
    settings = {"allow_extra_args": True, "ignore_unknown_options": True}
    for name, trainer in TRAINERS.items():
        told = f"{trainer.help}; --help lists the options."
        train.command(name, help=told, add_help_option=False, context_settings=settings)(_command(name, trainer))


def _command(name: str, trainer: Trainer) -> Callable[[typer.Context], None]:
    def command(context: typer.Context) -> None:
        training = import_module(f"qa.training.{trainer.module}")  # here: torch takes seconds to import
        parser = training.parser()
        parser.prog, parser.usage = f"medkg train {name}", f"%(prog)s {trainer.usage} [options]"
        if told := training.run(parser.parse_args(context.args)):
            print_line(told)

    return command
