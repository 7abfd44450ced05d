"""Give the linker's encoder layers of its own for tags: the function behind `medkg train tags`.

The encoder, and with it every vector of a name, stays as it is to the bit, unless `eight_bit_words` says otherwise.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from qa.errors import DatasetError
from qa.name_encoder import SETTINGS, NameEncoder, NameModel, Tokens, load_name_model
from qa.reader_model import read_json
from qa.tagging import KINDS, LABELS
from qa.training.options import options_parser
from qa.training.program import as_line, record_of, run_program
from qa.training.saving import save_weights, write_json
from qa.training.tag_branch import BranchLoop, RememberingEncoder, Schedule, stretches, with_branch
from qa.training.tags import label, measure_tags, read_corpus

RECORD = "training_tags.json"
WORDS = "encoder.embeddings.word_embeddings.weight"


@dataclass(frozen=True, slots=True)
class TagTraining:
    """What to train on what; `medkg train tags` has an option for each.

    Attributes:
        base: Linker directory whose encoder is kept.
        out: The linker directory to write; that of the base replaces it.
        layers: BERT directory whose last layers the branch begins as; by default those of the base.
        bc5cdr: BC5CDR's training set in PubTator's form, or None.
        ncbi: The NCBI disease corpus's training set, or None.
        shared: Layers of the encoder that the branch stands upon.
        epochs: Passes over the text.
        minutes: Budget of wall-clock time for the training itself; the schedule is scaled to it.
        max_steps: Stop, with the schedule scaled to it, after so many steps.
        batch: Stretches of text a step.
        rate: Highest learning rate of the branch.
        head_rate: That of the head for tags.
        warm_up: Share of the run over which the rate rises.
        decay: Weight decay of matrices.
        ema: Decay of the moving average of the weights, which is what is evaluated and kept.
        evaluations: Evaluations on the held-out documents; the best weights are kept.
        eight_bit_words: Store the word embeddings in eight bits: half their size, for vectors of names that are the same but for
            the rounding.
        seed: Of everything drawn.
        device: By default CUDA where there is one.
    """

    base: Path
    out: Path
    layers: Path | None = None
    bc5cdr: Path | None = None
    ncbi: Path | None = None
    shared: int = 4
    epochs: float = 10
    minutes: float | None = None
    max_steps: int | None = None
    batch: int = 16
    rate: float = 1e-4
    head_rate: float = 5e-4
    warm_up: float = 0.06
    decay: float = 0.01
    ema: float = 0.99
    evaluations: int = 5
    eight_bit_words: bool = False
    seed: int = 0
    device: str | None = None


def train_tags(options: TagTraining) -> dict[str, Any]:
    """Train a branch, write the linker's directory and return the content of its training_tags.json.

    Raises:
        DatasetError: There is nothing to train on, or a data file is not of its form.
        ModelError: The base cannot be used, or the training diverged.
    """
    started = time.monotonic()
    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    named = ((options.bc5cdr, KINDS), (options.ncbi, ("disease",)))
    parts = [read_corpus(path, kinds) for path, kinds in named if path is not None]
    if not parts:
        raise DatasetError("there is nothing to train on; expected --bc5cdr or --ncbi")
    if not (options.base / SETTINGS).is_file():
        raise DatasetError(f"{options.base / SETTINGS}: the file is missing; expected a linker directory, whose encoder is kept")
    base, held = load_name_model(options.base), [kept for _, kept in parts]
    layers = base if options.layers is None else load_name_model(options.layers)
    model, tokens = with_branch(base, options.shared, layers, options.seed).to(device), Tokens(options.base)
    documents = [document for training, _ in parts for document in label(training, tokens)]
    loop = BranchLoop(model, stretches(model, tokens, documents), _schedule(options), options.seed)
    torch.manual_seed(options.seed)
    encoder = RememberingEncoder(model, tokens)
    curve = loop.run(lambda: _scored(measure_tags(encoder, held)))
    _save(options, model)
    # What is measured is what was written.
    metrics = measure_tags(NameEncoder.load(options.out, str(device), "fp32"), held)
    files = [path for path in (options.bc5cdr, options.ncbi) if path is not None]
    record = record_of(options, device, files, time.monotonic() - started) | {"metrics": metrics, "curve": curve}
    write_json(options.out / RECORD, record)
    return record


def _schedule(options: TagTraining) -> Schedule:
    seconds = None if options.minutes is None else 60 * options.minutes
    return Schedule(
        options.epochs,
        seconds,
        options.max_steps,
        options.batch,
        options.rate,
        options.head_rate,
        options.warm_up,
        options.decay,
        options.ema,
        options.evaluations,
    )


def _scored(figures: dict[str, Any]) -> dict[str, Any]:
    marked = [found["f1"] for found in figures.values() if found["mentions"]]
    return {"score": sum(marked) / max(1, len(marked))} | {kind: round(found["f1"], 2) for kind, found in figures.items()}


def _save(options: TagTraining, model: NameModel) -> None:
    """Write the directory; the branch's matrices in eight bits, all else as the base has it."""
    out, base = options.out, options.base
    settings = read_json(base / SETTINGS) | {"labels": list(LABELS), "shared_layers": options.shared}
    out.mkdir(parents=True, exist_ok=True)
    if base.resolve() != out.resolve():
        for name in ("config.json", "tokenizer.json", "vocab.txt", "training.json"):
            if (base / name).is_file():
                shutil.copyfile(base / name, out / name)
    (out / SETTINGS).unlink(missing_ok=True)  # until it is back, the directory is no linker
    weights = model.state_dict()
    matrices = {name for name, tensor in weights.items() if name.startswith("tag_layers.") and tensor.ndim == 2}
    save_weights(out, weights, eight_bits=matrices | {WORDS} if options.eight_bit_words else matrices)
    write_json(out / SETTINGS, settings)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; its options are the attributes of `TagTraining`."""
    return options_parser(TagTraining(Path(), Path()), "qa.training.train_tags", "Train a branch for tags upon the linker's encoder.")


def run(given: argparse.Namespace) -> str:
    """Train as a command line says; return the metrics as a line of JSON."""
    return as_line(train_tags(TagTraining(**vars(given)))["metrics"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 1 where the work failed."""
    return run_program(run, parser(), arguments)


if __name__ == "__main__":
    sys.exit(main())
