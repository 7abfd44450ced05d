"""Train a reader: the function behind `medkg train reader`.

`python -m qa.training.train_reader` does the same where only torch, transformers, tokenizers, numpy, safetensors and tqdm are
installed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
import transformers
from tqdm import tqdm

from qa.encoding import SHORTEST, Encoder
from qa.errors import DatasetError, ModelError, QaError
from qa.reader_model import Classes, ReaderModel, autocast, read_json
from qa.training.data import Ints, Store, by_length
from qa.training.loop import LoopOptions, Result, train
from qa.training.losses import Weights, reader_loss, slot_logits
from qa.training.options import options_parser
from qa.training.processes import Processes, joined_processes
from qa.training.reader_data import KINDS, Files, ReaderData, load_data, read_questions
from qa.training.saving import adopt_vocabulary, load_base, save_reader, sha256

_STRIDE = 128
_TEACHER_BATCH = 256


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
        epochs, batch, rate, warm_up, accumulate, max_steps, ema, seed: As in `LoopOptions`.
        log_steps, checkpoint_steps, compile: As in `LoopOptions`.
        minutes: Budget of wall-clock time for everything but writing the result.
        alpha, temperature, slot_alpha, class_alpha: As in `Weights`.
        class_weight: Weight of what a question asks beside a passage's loss.
        slot_weight: Weight of a reading task's loss beside that of a passage.
        resume: Go on from the checkpoint in `out`.
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
        return _fit(options, _prepare(options), processes, started)


def train_students(options: ReaderTraining, alphas: Sequence[float]) -> list[dict[str, Any]]:
    """Train one student for each alpha, of every head, alike in all else; return the contents of their training.json.

    Each is written to `alpha-…` in the directory `out`. A budget of minutes is each student's.

    Raises:
        DatasetError: As `train_reader`.
        ModelError: As `train_reader`.
    """
    with joined_processes() as processes:
        prepared = _prepare(options)
        ways = (replace(options, alpha=a, slot_alpha=a, class_alpha=a, out=options.out / f"alpha-{a:g}") for a in alphas)
        return [_fit(way, prepared, processes, time.monotonic()) for way in ways]


class _Prepared(NamedTuple):
    """What students of one teacher share."""

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
    _say(f"examples: {data.counts}")
    if options.teacher is not None:
        _teach(options, data, labels, device)
    return _Prepared(device, labels, data, {path.name: sha256(path) for path in _files(options).given})


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
    bounds |= {"class_alpha": (0, 1), "temperature": (1e-3, None), "rate": (0, None), "epochs": (0, None)}
    for name, (least, largest) in bounds.items():
        value = getattr(options, name)
        if value < least or (largest is not None and value > largest):
            wanted = f"{least} or more" if largest is None else f"{least} to {largest}"
            raise DatasetError(f"--{name.replace('_', '-')} is {value}; expected {wanted}")


def _fit(options: ReaderTraining, prepared: _Prepared, processes: Processes, started: float) -> dict[str, Any]:
    device, labels, data, digests = prepared
    options.out.mkdir(parents=True, exist_ok=True)
    model = load_base(options.base, options.seed, labels).to(device)
    seconds = None if options.minutes is None else max(1.0, 60 * options.minutes - (time.monotonic() - started))
    loss = reader_loss(_weights(options), [len(found) for found in labels.values()])
    result = train(model, data.store, loss, data.measure, _loop(options, seconds), options.out, options.resume, processes)
    record = _record(options, data, result, device, time.monotonic() - started) | {"sha256": digests}
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
    (options.out / "training.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    save_reader(options.out, model, result.weights, options.base, settings)


def cache_teacher(teacher: ReaderModel, store: Store, wanted: Ints | None = None, classes: bool = True) -> None:
    """Compute the teacher's logits once, and keep them in the store.

    Args:
        teacher: On the store's device.
        store: Of the examples.
        wanted: Numbers of the examples to be taught; all by default.
        classes: Whether the teacher's heads for questions are those of the student.
    """
    teacher.eval()
    plan = by_length(store.lengths, _TEACHER_BATCH if store.device.type == "cuda" else 16, wanted)
    for n, batch in enumerate(tqdm(store.batches(plan), total=len(plan), desc="teacher", unit="batch")):
        with torch.no_grad(), autocast(store.device):
            logits = teacher(batch.ids, batch.types, batch.real)
        spans = torch.stack((logits.start, logits.end), -1)
        asked = logits.classes if classes else logits.classes[:, :0]
        store.keep_teacher(batch, plan.order[plan.cuts[n] : plan.cuts[n + 1]], spans, slot_logits(logits.slot, batch.slots), asked)


def _files(options: ReaderTraining) -> Files:
    return Files(**{name: getattr(options, name) for name in Files.__slots__})


def _teach(options: ReaderTraining, data: ReaderData, labels: Classes, device: torch.device) -> None:
    assert options.teacher is not None
    kinds = [kind.strip() for kind in options.teach.split(",")]
    if unknown := set(kinds) - set(KINDS):
        raise DatasetError(f"--teach names {', '.join(sorted(unknown))}; expected some of {', '.join(KINDS)}")
    if not (options.teacher / "reader.json").is_file():
        raise ModelError(f"{options.teacher}: no reader.json is there; expected a reader, whose heads were trained")
    teacher = load_base(options.teacher, options.seed)
    adopt_vocabulary(teacher, options.teacher, options.base)
    same = {head: tuple(own) for head, own in teacher.classes.items()} == {head: tuple(own) for head, own in labels.items()}
    if len(wanted := data.of(kinds)):
        cache_teacher(teacher.to(device), data.store, wanted, same)


def _weights(options: ReaderTraining) -> Weights:
    spans = Weights(options.alpha, options.temperature, options.slot_weight, options.slot_alpha)
    return spans._replace(classes=options.class_weight, class_alpha=options.class_alpha)


def _loop(options: ReaderTraining, seconds: float | None) -> LoopOptions:
    shared = set(LoopOptions.__slots__) & set(ReaderTraining.__slots__)
    return LoopOptions(**{name: getattr(options, name) for name in shared}, seconds=seconds)


def _record(options: ReaderTraining, data: ReaderData, result: Result, device: torch.device, seconds: float) -> dict[str, Any]:
    # Directories of the machine that trained are nobody else's business: a path is written as its last name.
    arguments = {name: v.resolve().name if isinstance(v, Path) else v for name, v in asdict(options).items()}
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else None
    return {
        "arguments": arguments,
        "seed": options.seed,
        "hardware": {"gpu": gpu, "cores": os.cpu_count(), "machine": platform.machine()},
        "versions": {
            "python": platform.python_version(),
            "torch": str(torch.__version__),
            "transformers": transformers.__version__,
        },
        "seconds": round(seconds, 1),
        "steps": result.steps,
        "examples": data.counts,
        "metrics": result.metrics,
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; its options are the attributes of `ReaderTraining`."""
    return options_parser(ReaderTraining(Path(), Path()), "qa.training.train_reader", "Train a reader.", LoopOptions, Weights)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 1 where the work failed."""
    options = ReaderTraining(**vars(parser().parse_args(arguments)))
    try:
        record = train_reader(options)
    except QaError as error:
        _say(f"error: {error}")
        return 1
    if record["metrics"]:  # of several processes, one speaks
        print(json.dumps(record["metrics"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
