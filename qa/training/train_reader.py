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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from tqdm import tqdm

from qa.bert import ReaderModel, autocast
from qa.encoding import Encoder
from qa.errors import DatasetError, QaError
from qa.training.data import Example, Store, by_length
from qa.training.held_out import HeldOutPairs, HeldOutTasks
from qa.training.loop import LoopOptions, Result, train
from qa.training.losses import Weights, reader_loss, slot_logits
from qa.training.options import options_parser
from qa.training.saving import adopt_vocabulary, load_base, save_reader, sha256
from qa.training.squad import Pair, Squad, hold_out, make_pairs, read_squad, squad_examples
from qa.training.triples import HELD_OUT, TRAIN, LabelledTask, read_triples, triples_examples

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
        squad_fraction: Share of the SQuAD questions to train on.
        negatives: Further pairs of a question and a paragraph without its answer, as a share of the questions.
        held_out: Share of SQuAD, by article, that chooses the checkpoint and the threshold.
        teacher: Reader directory whose logits are learnt from, or None.
        base_name: What the model card calls the base; by default the directory's name.
        max_tokens: Longest input.
        epochs, batch, rate, warm_up, accumulate, max_steps, ema, seed: As in `LoopOptions`.
        log_steps, checkpoint_steps, compile: As in `LoopOptions`.
        minutes: Budget of wall-clock time for everything but writing the result.
        alpha, temperature, slot_weight, slot_alpha: As in `Weights`.
        resume: Go on from the checkpoint in `out`.
        device: By default CUDA where there is one.
    """

    base: Path
    out: Path
    squad: Path | None = None
    triples: Path | None = None
    squad_fraction: float = 1.0
    negatives: float = 0.1
    held_out: float = 0.04
    teacher: Path | None = None
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
    resume: bool = False
    device: str | None = None


@dataclass(frozen=True, slots=True)
class _Data:
    """What is trained on and what is measured on, encoded and on the device."""

    store: Store
    pairs: HeldOutPairs | None
    tasks: dict[str, HeldOutTasks]
    counts: dict[str, int]


def train_reader(options: ReaderTraining) -> dict[str, Any]:
    """Train a reader, write its directory and return the content of its training.json.

    Raises:
        DatasetError: There is nothing to train on, or a data file is not of its form.
        ModelError: The base or the teacher cannot be used, or the training diverged.
    """
    started = time.monotonic()
    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    torch.set_float32_matmul_precision("high")
    options.out.mkdir(parents=True, exist_ok=True)
    encoder = Encoder.load(options.base, options.max_tokens, _STRIDE)
    model = load_base(options.base, options.seed).to(device)
    data = _load(options, encoder, device)
    _say(f"examples: {data.counts}")
    if options.teacher is not None:
        _teach(options, data.store, device)
    seconds = None if options.minutes is None else max(1.0, 60 * options.minutes - (time.monotonic() - started))
    loss = reader_loss(Weights(options.alpha, options.temperature, options.slot_weight, options.slot_alpha))
    result = train(model, data.store, loss, lambda m: _measure(m, data), _loop(options, seconds), options.out, options.resume)
    record = _record(options, data, result, device, time.monotonic() - started)
    base = options.base_name or options.base.resolve().name
    settings = {
        "threshold": result.metrics.get("squad", {}).get("threshold", 0.0),
        "max_tokens": options.max_tokens,
        "stride": _STRIDE,
        "heads": ["span", "slot"],
        "base": base,
    }
    (options.out / "training.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    save_reader(options.out, model, result.weights, options.base, settings)
    return record


def cache_teacher(teacher: ReaderModel, store: Store) -> None:
    """Compute the teacher's logits of every example once, and keep them in the store."""
    teacher.eval()
    plan = by_length(store.lengths, _TEACHER_BATCH if store.device.type == "cuda" else 16)
    for n, batch in enumerate(tqdm(store.batches(plan), total=len(plan), desc="teacher", unit="batch")):
        with torch.no_grad(), autocast(store.device):
            logits = teacher(batch.ids, batch.types, batch.real)
        spans = torch.stack((logits.start, logits.end), -1)
        store.keep_teacher(batch, plan.order[plan.cuts[n] : plan.cuts[n + 1]], spans, slot_logits(logits.slot, batch.slots))


def _load(options: ReaderTraining, encoder: Encoder, device: torch.device) -> _Data:
    examples: list[Example] = []
    pairs: list[Pair] = []
    counts: dict[str, int] = {}
    if options.squad is not None:
        squad = read_squad(options.squad)
        training, pairs = _split(options, squad)
        examples += squad_examples(training, encoder)
        counts |= {"squad": len(training), "squad_without_answer": sum(p.answer is None for p in training)}
        counts |= {"squad_mismatches": len(squad.mismatches), "squad_held_out": len(pairs)}
    tasks: dict[str, list[LabelledTask]] = {split: [] for split in (TRAIN, *HELD_OUT)}
    for task in read_triples(options.triples) if options.triples is not None else ():
        tasks[task.split].append(task)
    examples += triples_examples(tasks[TRAIN], encoder)
    counts |= {f"triples_{split}": len(found) for split, found in tasks.items()} | {"windows": len(examples)}
    if not examples:
        raise DatasetError("there is nothing to train on; expected a SQuAD file or reading tasks of the split 'train'")
    return _Data(
        Store(examples, encoder.padding, device),
        HeldOutPairs(pairs, encoder, device) if pairs else None,
        {split: HeldOutTasks(tasks[split], encoder, device) for split in HELD_OUT if tasks[split]},
        counts,
    )


def _split(options: ReaderTraining, squad: Squad) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs to train on and those held out, the latter with as many without answer as the threshold needs."""
    articles, held = hold_out(squad, options.held_out, options.seed)
    training = make_pairs(articles, options.negatives, options.seed, options.squad_fraction)
    return training, make_pairs(held, 1.0, options.seed)


def _teach(options: ReaderTraining, store: Store, device: torch.device) -> None:
    assert options.teacher is not None
    teacher = load_base(options.teacher, options.seed)
    adopt_vocabulary(teacher, options.teacher, options.base)
    cache_teacher(teacher.to(device), store)


def _measure(model: ReaderModel, data: _Data) -> dict[str, Any]:
    metrics: dict[str, Any] = {split: tasks.measure(model) for split, tasks in data.tasks.items()}
    if data.pairs is None:
        # Nothing is left to choose by: the last weights are taken.
        return metrics | {"score": 0.0}
    squad = data.pairs.measure(model)
    return metrics | {"squad": squad, "score": squad["f1"] + squad["f1_abstaining"]}


def _loop(options: ReaderTraining, seconds: float | None) -> LoopOptions:
    shared = set(LoopOptions.__slots__) & set(ReaderTraining.__slots__)
    return LoopOptions(**{name: getattr(options, name) for name in shared}, seconds=seconds)


def _record(options: ReaderTraining, data: _Data, result: Result, device: torch.device, seconds: float) -> dict[str, Any]:
    # Directories of the machine that trained are nobody else's business: a path is written as its last name.
    arguments = {name: v.resolve().name if isinstance(v, Path) else v for name, v in asdict(options).items()}
    files = {path.name: sha256(path) for path in (options.squad, options.triples) if path is not None}
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else None
    return {
        "arguments": arguments,
        "sha256": files,
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
    return options_parser(ReaderTraining(Path(), Path()), "qa.training.train_reader", "Train a reader.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 1 where the work failed."""
    options = ReaderTraining(**vars(parser().parse_args(arguments)))
    try:
        record = train_reader(options)
    except QaError as error:
        _say(f"error: {error}")
        return 1
    print(json.dumps(record["metrics"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
