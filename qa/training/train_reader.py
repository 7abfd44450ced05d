"""Train a reader: the function behind `medkg train reader`.

`python -m qa.training.train_reader` does the same where only torch, transformers, tokenizers, numpy, safetensors and tqdm are
installed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from qa.encoding import SHORTEST, Encoder
from qa.errors import DatasetError, ModelError
from qa.reader_model import Classes, ReaderModel, read_json
from qa.training.data import Ints, Store
from qa.training.loop import CHECKPOINT, Result, remove_checkpoint, train
from qa.training.losses import Weights, reader_loss, slot_logits
from qa.training.options import options_parser
from qa.training.passes import passes
from qa.training.processes import Processes, joined_processes
from qa.training.program import as_line, digest_weights, record_of, run_program, say
from qa.training.reader_data import KINDS, Files, ReaderData, load_data, read_questions
from qa.training.saving import adopt_vocabulary, load_base, save_reader, sha256, write_json
from qa.training.schedule import LoopOptions

RECORD = "training.json"
_STRIDE = 128


@dataclass(frozen=True, slots=True)
class ReaderTraining:
    """What to train on what; `medkg train reader` has an option for each.

    Attributes:
        base: Hugging Face BERT or MPNet directory, or a reader directory.
        out: The reader directory to write.
        squad: SQuAD file, or None.
        triples: Reading tasks as JSON lines, or None.
        combined: Reading tasks with passages as JSON lines, or None.
        classes: Questions with what they ask as JSON lines, or None.
        squad_fraction: Share of the SQuAD questions to train on.
        negatives: Further pairs of a question and a paragraph without its answer, as a share of the questions.
        held_out: Share of SQuAD, by article, that chooses the checkpoint and the threshold.
        teacher: Reader directory whose logits are learnt from, or None.
        teach: What the teacher is asked about, separated by commas: squad, triples, combined, classes.
        base_name: What the model card calls the base; by default the directory's name.
        max_tokens: Longest input.
        epochs, batch, rate, head_rate, warm_up, accumulate, max_steps, ema, seed: As in `LoopOptions`.
        log_steps, checkpoint_steps, compile: As in `LoopOptions`.
        minutes: Budget of wall-clock time for everything but writing the result.
        alpha, temperature, slot_alpha, class_alpha: As in `Weights`.
        class_weight: Weight of what a question asks beside a passage's loss.
        slot_weight: Weight of a reading task's loss beside that of a passage.
        resume: Go on from the checkpoint in `out`; of several students, keep those that are whole and go on with the others.
        device: By default CUDA where there is one.
    """

    base: Path
    out: Path
    squad: Path | None = None
    triples: Path | None = None
    combined: Path | None = None
    classes: Path | None = None
    squad_fraction: float = 1.0
    negatives: float = 0.1
    held_out: float = 0.04
    teacher: Path | None = None
    teach: str = ",".join(KINDS)
    base_name: str | None = None
    max_tokens: int = 384
    epochs: float = 2
    batch: int = 32
    rate: float = 5e-5
    head_rate: float | None = None
    warm_up: float = 0.06
    accumulate: int = 1
    max_steps: int | None = None
    minutes: float | None = None
    ema: float = 0.0
    seed: int = 0
    log_steps: int = 50
    checkpoint_steps: int = 1000
    compile: bool = False
    alpha: float = 0.5
    temperature: float = 2.0
    slot_weight: float = 1.0
    slot_alpha: float = 1.0
    class_weight: float = 1.0
    class_alpha: float = 1.0
    resume: bool = False
    device: str | None = None


def train_reader(options: ReaderTraining) -> dict[str, Any]:
    """Train a reader, write its directory and return the content of its training.json.

    Of several processes (`torchrun`) the first evaluates, writes and returns the whole; the others return a record without metrics.

    Raises:
        DatasetError: There is nothing to train on, or a data file is not of its form.
        ModelError: The base or the teacher cannot be used, or the training diverged.
    """
    with joined_processes() as processes:
        started = time.monotonic()
        prepared = _prepare(options)
        _teach(options, prepared, processes)
        return _fit(options, prepared, processes, started)


def train_students(options: ReaderTraining, alphas: Sequence[float]) -> list[dict[str, Any]]:
    """Train one student for each alpha, of every head, alike in all else; return the contents of their training.json.

    Each is written to `alpha-…` in the directory `out`. A budget of minutes is each student's. With `resume`, students that are whole
    are taken as they are, the one with a checkpoint goes on from it, and the others are trained from the beginning.

    Raises:
        DatasetError: As `train_reader`.
        ModelError: As `train_reader`.
    """
    with joined_processes() as processes:
        prepared = _prepare(options)
        ways = [replace(options, alpha=a, slot_alpha=a, class_alpha=a, out=options.out / f"alpha-{a:g}") for a in alphas]
        whole = {way.out: found for way in ways if options.resume and (found := _whole(way, prepared)) is not None}
        if processes.first:
            for directory in whole:
                say(f"{directory.name} is whole")
        if len(whole) < len(ways):
            _teach(options, prepared, processes)
        records = []
        for way in ways:
            if way.out in whole:
                records.append(whole[way.out] if processes.first else whole[way.out] | {"metrics": {}})
            else:
                begun = (way.out / CHECKPOINT).is_file()
                records.append(_fit(replace(way, resume=options.resume and begun), prepared, processes, time.monotonic()))
        return records


def _whole(options: ReaderTraining, prepared: _Prepared) -> dict[str, Any] | None:
    """Return the record of a student that an interrupted run left whole and that would be trained alike, or None."""
    record = options.out / RECORD
    if not record.is_file() or not (options.out / "reader.json").is_file():
        return None
    found, mine = read_json(record), record_of(replace(options, resume=False), prepared.device, (), 0)["arguments"]
    same = {name: found.get("arguments", {}).get(name) for name in mine} | {"resume": False} == mine
    return found if same and found.get("sha256") == prepared.sha256 else None


class _Prepared(NamedTuple):
    """What students of one teacher share; `sha256` is of the data files and, as `base` and `teacher`, of the weights."""

    device: torch.device
    labels: Classes
    data: ReaderData
    sha256: dict[str, str]


def _prepare(options: ReaderTraining) -> _Prepared:
    _check(options)
    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    torch.set_float32_matmul_precision("high")
    encoder = Encoder.load(options.base, options.max_tokens, _STRIDE)
    questions = read_questions(options.classes)
    labels = load_base(options.base, options.seed, questions.labels).classes
    data = load_data(_files(options), questions, labels, encoder, device)
    say(f"examples: {data.counts}")
    digests = {path.name: sha256(path) for path in _files(options).given}
    models = {"base": options.base} | ({"teacher": options.teacher} if options.teacher is not None else {})
    return _Prepared(device, labels, data, digests | {name: digest_weights(directory) for name, directory in models.items()})


def _check(options: ReaderTraining) -> None:
    """Refuse what would fail, or mean nothing, after hours."""
    most = read_json(options.base / "config.json").get("max_position_embeddings", 512)
    bounds: dict[str, tuple[float, float | None]] = {
        "max_tokens": (SHORTEST, most),
        "batch": (1, None),
        "accumulate": (1, None),
        "warm_up": (0, 1),
        "ema": (0, 1),
    }
    bounds |= {"held_out": (0, 1), "squad_fraction": (0, 1), "negatives": (0, None), "alpha": (0, 1), "slot_alpha": (0, 1)}
    bounds |= {"class_alpha": (0, 1), "temperature": (1e-3, None), "rate": (0, None), "head_rate": (0, None), "epochs": (0, None)}
    for name, (least, largest) in bounds.items():
        value = getattr(options, name)
        if value is None:
            continue
        if value < least or (largest is not None and value > largest):
            wanted = f"{least} or more" if largest is None else f"{least} to {largest}"
            raise DatasetError(f"--{name.replace('_', '-')} is {value}; expected {wanted}")


def _fit(options: ReaderTraining, prepared: _Prepared, processes: Processes, started: float) -> dict[str, Any]:
    device, labels, data, digests = prepared
    options.out.mkdir(parents=True, exist_ok=True)
    model = load_base(options.base, options.seed, labels).to(device)
    seconds = None if options.minutes is None else max(1.0, 60 * options.minutes - (time.monotonic() - started))
    loss = reader_loss(_weights(options), [len(found) for found in labels.values()])
    result = train(model, data.store, loss, data.held.measure, _loop(options, seconds, digests), options.out, options.resume, processes)
    record = _record(options, prepared, result, time.monotonic() - started)
    if processes.first:
        _save(options, model, result, record)
    return record


def _save(options: ReaderTraining, model: ReaderModel, result: Result, record: dict[str, Any]) -> None:
    settings = {
        "threshold": result.metrics.get("squad", {}).get("threshold", 0.0),
        "max_tokens": options.max_tokens,
        "stride": _STRIDE,
        "heads": ["span", "slot"] + ["question"] * bool(model.classes),
        "base": options.base_name or options.base.resolve().name,
    }
    if model.classes:
        settings["classes"] = {head: list(labels) for head, labels in model.classes.items()}
    (options.out / "reader.json").unlink(missing_ok=True)  # a record beside another run's weights would be a lie
    write_json(options.out / RECORD, record)
    save_reader(options.out, model, result.weights, options.base, settings)
    remove_checkpoint(options.out)


def cache_teacher(
    teacher: ReaderModel, store: Store, wanted: Ints | None = None, classes: bool = True, processes: Processes | None = None
) -> None:
    """Compute the teacher's logits once, and keep them in the store.

    Args:
        teacher: On the store's device.
        store: Of the examples.
        wanted: Numbers of the examples to be taught; all by default.
        classes: Whether the teacher's heads for questions are those of the student.
        processes: Of which each asks the teacher about a share; all have the whole afterwards.
    """
    processes = processes or Processes()
    taught = np.arange(len(store)) if wanted is None else wanted
    kept = store.expect_teacher(taught, sum(map(len, teacher.classes.values())) if classes else 0)
    for numbers, batch, logits in passes(teacher, store, "teacher", taught[processes.rank :: processes.size]):
        spans = torch.stack((logits.start, logits.end), -1)
        asked = logits.classes if classes else logits.classes[:, :0]
        store.keep_teacher(batch, numbers, spans, slot_logits(logits.slot, batch.slots), asked)
    processes.sum_up([part for part in kept if part.numel()])


def _files(options: ReaderTraining) -> Files:
    return Files(**{name: getattr(options, name) for name in Files.__slots__})


def _teach(options: ReaderTraining, prepared: _Prepared, processes: Processes) -> None:
    """Ask the teacher, if there is one, about what it is to teach."""
    if options.teacher is None:
        return
    device, labels, data, _ = prepared
    kinds = [kind.strip() for kind in options.teach.split(",")]
    if unknown := set(kinds) - set(KINDS):
        raise DatasetError(f"--teach names {', '.join(sorted(unknown))}; expected some of {', '.join(KINDS)}")
    if not (options.teacher / "reader.json").is_file():
        raise ModelError(f"{options.teacher}: no reader.json is there; expected a reader, whose heads were trained")
    teacher = load_base(options.teacher, options.seed)
    adopt_vocabulary(teacher, options.teacher, options.base)
    same = {head: tuple(own) for head, own in teacher.classes.items()} == {head: tuple(own) for head, own in labels.items()}
    if len(wanted := data.of(kinds)):
        cache_teacher(teacher.to(device), data.store, wanted, same, processes)


def _weights(options: ReaderTraining) -> Weights:
    spans = Weights(options.alpha, options.temperature, options.slot_weight, options.slot_alpha)
    return spans._replace(classes=options.class_weight, class_alpha=options.class_alpha)


def _loop(options: ReaderTraining, seconds: float | None, digests: dict[str, str]) -> LoopOptions:
    shared = set(LoopOptions.__slots__) & set(ReaderTraining.__slots__)
    lossy = ("alpha", "temperature", "slot_weight", "slot_alpha", "class_weight", "class_alpha", "teach")
    also = {name: getattr(options, name) for name in lossy} | {name: digests[name] for name in ("base", "teacher") if name in digests}
    return LoopOptions(**{name: getattr(options, name) for name in shared}, seconds=seconds, also=also)


def _record(options: ReaderTraining, prepared: _Prepared, result: Result, seconds: float) -> dict[str, Any]:
    begun = record_of(options, prepared.device, (), seconds) | {"sha256": prepared.sha256}
    return begun | {"steps": result.steps, "examples": prepared.data.counts, "metrics": result.metrics}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; its options are the attributes of `ReaderTraining`."""
    return options_parser(ReaderTraining(Path(), Path()), "qa.training.train_reader", "Train a reader.", LoopOptions, Weights)


def run(given: argparse.Namespace) -> str:
    """Train as a command line says; return the metrics as a line of JSON."""
    return as_line(train_reader(ReaderTraining(**vars(given)))["metrics"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 1 where the work failed."""
    return run_program(run, parser(), arguments)


if __name__ == "__main__":
    sys.exit(main())
