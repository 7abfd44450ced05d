"""Pre-train a BERT further on the text of a domain: the function behind `medkg train pretrain`.

Masked words and next sentences are learnt together, as by Devlin et al., 2019, "BERT: Pre-training of deep bidirectional transformers for
language understanding"; words are masked whole and anew in every pass. What is written is a plain Hugging Face directory, a base for
`medkg train reader` and `medkg train linker`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import torch

from kg.snapshot import open_graph
from qa.encoding import SHORTEST, Encoder
from qa.errors import DatasetError, ModelError
from qa.training.corpus import Document, Sentences, Split, divide, read_abstracts, read_graph, read_medquad, read_texts
from qa.training.loop import Result, remove_checkpoint, train
from qa.training.masking import PairStore, Vocabulary
from qa.training.options import options_parser
from qa.training.pretrain_model import PretrainModel, measure, pretrain_loss
from qa.training.pretrain_saving import load_pretrained, save_pretrained
from qa.training.processes import Processes, joined_processes
from qa.training.program import as_line, record_of, run_program, say
from qa.training.saving import write_json
from qa.training.schedule import LoopOptions
from qa.training.sentence_pairs import SPECIALS, make_pairs, tokenise

RECORD = "training.json"
_OTHERS = ("reader.json", "linker.json")  # of directories that are more than an encoder


@dataclass(frozen=True, slots=True)
class Pretraining:
    """What to pre-train on what; `medkg train pretrain` has an option for each.

    Attributes:
        base: Hugging Face BERT directory, a reader's or a linker's.
        out: The Hugging Face directory to write.
        text: Files of plain text, their documents separated by blank lines, or of JSON lines with "text" (.jsonl), or folders of both.
        medquad: Folder of MedQuAD's XML pages, whose answers are read.
        pubtator: Files of abstracts in PubTator's form, such as BC5CDR's and those of the NCBI disease corpus.
        snapshot: A snapshot of the graph, whose triples are read in words.
        held_out: Share of the documents that is measured on.
        max_tokens: Longest input.
        short: Share of the pairs that are cut to a random length.
        masked: Share of the tokens to be predicted.
        epochs, batch, rate, warm_up, decay, accumulate, max_steps, ema, seed: As in `LoopOptions`.
        log_steps, checkpoint_steps, compile: As in `LoopOptions`.
        minutes: Budget of wall-clock time for everything but writing the result.
        keep_heads: Write the heads, too, so that pre-training can go on from the result.
        resume: Go on from the checkpoint in `out`.
        device: By default CUDA where there is one.
    """

    base: Path
    out: Path
    text: tuple[Path, ...] = ()
    medquad: Path | None = None
    pubtator: tuple[Path, ...] = ()
    snapshot: Path | None = None
    held_out: float = 0.02
    max_tokens: int = 128
    short: float = 0.1
    masked: float = 0.15
    epochs: float = 1
    batch: int = 32
    rate: float = 1e-4
    warm_up: float = 0.06
    decay: float = 0.01
    accumulate: int = 1
    max_steps: int | None = None
    minutes: float | None = None
    ema: float = 0.0
    seed: int = 0
    log_steps: int = 50
    checkpoint_steps: int = 1000
    compile: bool = False
    keep_heads: bool = False
    resume: bool = False
    device: str | None = None


def train_pretrain(options: Pretraining) -> dict[str, Any]:
    """Pre-train an encoder, write its directory and return the content of its training.json.

    Of several processes (`torchrun`) the first evaluates and writes; the others return a record without metrics.

    Raises:
        DatasetError: There is nothing to train on, or a data file is not of its form.
        ModelError: The base cannot be used, `out` is a reader's or a linker's directory, or the training diverged.
    """
    with joined_processes() as processes:
        return _pretrain(options, processes)


def _pretrain(options: Pretraining, processes: Processes) -> dict[str, Any]:
    started = time.monotonic()
    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    torch.set_float32_matmul_precision("high")
    if found := [name for name in _OTHERS if (options.out / name).is_file()]:
        raise ModelError(f"{options.out}: holds {found[0]}; expected a directory of its own for the encoder")
    model, kept = load_pretrained(options.base, options.seed)
    _check(options, model)
    documents = divide(chain.from_iterable(read() for read in _sources(options).values()), options.held_out)
    stores, counts = _stores(options, documents, device)
    if not kept:
        model.expect(torch.from_numpy(stores[0].words()))
    before = measure(model.to(device).eval(), stores[1])
    say(f"{counts}; before: {before}")
    options.out.mkdir(parents=True, exist_ok=True)
    seconds = None if options.minutes is None else max(1.0, 60 * options.minutes - (time.monotonic() - started))
    loop, loss = _loop(options, seconds), pretrain_loss(model)
    result = train(model, stores[0], loss, lambda m: measure(m, stores[1]), loop, options.out, options.resume, processes)
    metrics = {"before": before, "fresh_heads": not kept, "after": result.metrics} if processes.first else {}
    record = _record(options, counts, result, metrics, device, time.monotonic() - started)
    if not processes.first:
        return record
    save_pretrained(options.out, model, result.weights, options.base, options.keep_heads)
    write_json(options.out / RECORD, record)
    remove_checkpoint(options.out)
    return record


def _check(options: Pretraining, model: PretrainModel) -> None:
    most = int(model.config.max_position_embeddings)
    if not SHORTEST <= options.max_tokens <= most:
        raise ModelError(f"inputs of {options.max_tokens} tokens; expected {SHORTEST} to {most}, for which {options.base} has positions")
    for name in ("held_out", "short", "masked"):
        if not 0 <= getattr(options, name) < 1:
            raise DatasetError(f"{name} is {getattr(options, name)}; expected a share from 0 to below 1")


def _sources(options: Pretraining) -> dict[Path, Callable[[], Iterator[Sentences]]]:
    """Return how to read each of the paths that are to be read."""
    found: dict[Path, Callable[[], Iterator[Sentences]]] = {}
    for paths, read in ((options.text, read_texts), (options.pubtator, read_abstracts)):
        found |= {path: lambda path=path, read=read: read(path) for path in paths}  # type: ignore[misc]
    if (pages := options.medquad) is not None:
        found[pages] = lambda: read_medquad(pages)
    if (snapshot := options.snapshot) is not None:
        found[snapshot] = lambda: read_graph(open_graph(snapshot))
    if not found:
        raise DatasetError("there is nothing to train on; expected --text, --medquad, --pubtator or --snapshot")
    return found


def _stores(options: Pretraining, documents: Split, device: torch.device) -> tuple[tuple[PairStore, PairStore], dict[str, int]]:
    """Return the pairs to train on and those to measure on, and how many there are of what."""
    encoder = Encoder.load(options.base, options.max_tokens)
    vocabulary = Vocabulary.of(encoder.tokenizer)
    counts = dict(documents.counts)

    def store(found: Sequence[Document], name: str) -> PairStore:
        text = tokenise(found, encoder, (options.max_tokens - SPECIALS) // 2)
        pairs = make_pairs(text, options.max_tokens, options.seed, options.short)
        counts.update({f"{name}tokens": len(text.ids), f"{name}pairs": len(pairs), f"{name}following": sum(p.follows for p in pairs)})
        return PairStore(text, pairs, vocabulary, device, options.seed, options.masked)

    return (store(documents.training, ""), store(documents.held_out, "held_out_")), counts


def _loop(options: Pretraining, seconds: float | None) -> LoopOptions:
    shared = set(LoopOptions.__slots__) & set(Pretraining.__slots__)
    return LoopOptions(**{name: getattr(options, name) for name in shared}, seconds=seconds)


def _record(
    options: Pretraining, counts: dict[str, int], result: Result, metrics: dict[str, Any], device: torch.device, seconds: float
) -> dict[str, Any]:
    speed = round(result.steps * options.batch / max(1e-9, result.seconds), 1)
    begun = record_of(options, device, _sources(options), seconds)
    return begun | {"steps": result.steps, "pairs_a_second": speed, "examples": counts, "metrics": metrics}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; its options are the attributes of `Pretraining`."""
    return options_parser(Pretraining(Path(), Path()), "qa.training.train_pretrain", "Pre-train a BERT further on text.", LoopOptions)


def run(given: argparse.Namespace) -> str:
    """Pre-train as a command line says; return the metrics as a line of JSON."""
    return as_line(train_pretrain(Pretraining(**vars(given)))["metrics"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 1 where the work failed."""
    return run_program(run, parser(), arguments)


if __name__ == "__main__":
    sys.exit(main())
