"""Train the linker's encoder: the function behind `medkg train linker`.

Each step takes a batch of names and a batch of labelled text. `python -m qa.training.train_linker` does the same where only torch,
transformers, tokenizers, numpy, safetensors and tqdm are installed.
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

from qa.encoding import load_tokenizer
from qa.errors import DatasetError
from qa.name_encoder import SETTINGS, NameEncoder, NameModel, Tokens, load_name_model
from qa.tagging import KINDS, LABELS
from qa.training.contrast import PairSampler, measure_lay, nearest_entities
from qa.training.linker_loop import LinkerLoop, Rates, TagBatches, WordedPairs
from qa.training.name_sets import FOLDS, NameSet, read_name_sets
from qa.training.options import options_parser
from qa.training.program import as_line, record_of, run_program, say
from qa.training.saving import save_weights, write_json
from qa.training.tags import Corpus, TagSampler, label, measure_tags, read_corpus


@dataclass(frozen=True, slots=True)
class LinkerTraining:
    """What to train on what; `medkg train linker` has an option for each.

    Attributes:
        base: Hugging Face BERT directory, or a linker directory.
        out: The linker directory to write.
        synonyms: Names of entities (`qa.training.name_sets`), or None to train tags alone.
        bc5cdr: BC5CDR's training set in PubTator's form, or None.
        ncbi: The NCBI disease corpus's training set, or None.
        fold: Lay names of this fold, 0 to 4, are held out and measured on; "none" holds nothing out.
        no_names: Train tags alone; names are measured all the same.
        no_tags: Train names alone.
        no_weights: Write training.json only.
        base_name: What training.json calls the base; by default the directory's name.
        epochs: Passes over the pairs of names, or over the text where tags are trained alone.
        minutes: Budget of wall-clock time for the training itself; the schedule is scaled to it.
        max_steps: Stop, with the schedule scaled to it, after so many steps.
        batch: Pairs of names a step.
        tag_batch: Stretches of text a step.
        rate: Highest learning rate of the encoder.
        head_rate: That of the head for tags.
        warm_up: Share of the run over which the rate rises.
        temperature: Of the loss of names.
        wording: Share of names put in patients' words.
        tag_weight: Weight of the loss of tags beside that of names.
        seed: Of everything drawn.
        device: By default CUDA where there is one.
    """

    base: Path
    out: Path
    synonyms: Path | None = None
    bc5cdr: Path | None = None
    ncbi: Path | None = None
    fold: str = "none"
    no_names: bool = False
    no_tags: bool = False
    no_weights: bool = False
    base_name: str | None = None
    epochs: float = 3
    minutes: float | None = None
    max_steps: int | None = None
    batch: int = 256
    tag_batch: int = 32
    rate: float = 1e-4
    head_rate: float = 1e-3
    warm_up: float = 0.06
    temperature: float = 0.05
    wording: float = 0.25
    tag_weight: float = 1.0
    seed: int = 0
    device: str | None = None

    @property
    def held_fold(self) -> int | None:
        """The fold as a number, None for none."""
        return None if self.fold == "none" else int(self.fold)


def train_linker(options: LinkerTraining) -> dict[str, Any]:
    """Train the encoder, write its directory and return the content of its training.json.

    Raises:
        DatasetError: There is nothing to train on, or a data file is not of its form.
        ModelError: The base cannot be used, or the training diverged.
    """
    started = time.monotonic()
    if options.fold != "none" and options.fold not in map(str, range(FOLDS)):
        raise DatasetError(f"fold is {options.fold!r}; expected 0 to {FOLDS - 1}, or none")
    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    torch.set_float32_matmul_precision("high")
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    sets = [] if options.synonyms is None else read_name_sets(options.synonyms)
    training, held = _corpora(options)
    model, tokens = _model(options, bool(training)).to(device), Tokens(options.base)
    encoder = NameEncoder(model.eval(), tokens)
    before = _measure_names(encoder, sets, options.held_fold)
    say(f"{len(sets)} entities, {sum(len(c.documents) for c in training)} documents; before: {before}")
    loop = LinkerLoop(
        model,
        _pairs(options, encoder, sets),
        _tags(options, tokens, training),
        Rates(options.rate, options.head_rate, options.warm_up, options.temperature, options.tag_weight),
    )
    curve = loop.run(options.epochs, options.max_steps, None if options.minutes is None else 60 * options.minutes)
    model.eval()
    if not options.no_weights:
        _save(options, model)
        encoder = NameEncoder.load(options.out, str(device), "fp32")  # what is measured is what was written
    metrics: dict[str, Any] = {"lay_before": before, "lay": _measure_names(encoder, sets, options.held_fold)}
    if encoder.has_tags:
        metrics["tags"] = measure_tags(encoder, held)
    files = [path for path in (options.synonyms, options.bc5cdr, options.ncbi) if path is not None]
    record = record_of(options, device, files, time.monotonic() - started) | {"metrics": metrics, "curve": curve}
    write_json(options.out / "training.json", record)
    return record


def _corpora(options: LinkerTraining) -> tuple[list[Corpus], list[Corpus]]:
    named = ((options.bc5cdr, KINDS), (options.ncbi, ("disease",)))
    parts = [] if options.no_tags else [read_corpus(path, kinds) for path, kinds in named if path is not None]
    return [training for training, _ in parts], [held for _, held in parts]


def _model(options: LinkerTraining, tags: bool) -> NameModel:
    loaded = load_name_model(options.base)
    model = NameModel(loaded.encoder, tags)
    if model.tag is not None:
        torch.nn.init.normal_(model.tag.weight, std=0.02)
        torch.nn.init.zeros_(model.tag.bias)
        if loaded.tag is not None and loaded.shared is None:  # the head of a branch knows other states
            model.tag = loaded.tag
    return model


def _pairs(options: LinkerTraining, encoder: NameEncoder, sets: Sequence[NameSet]) -> WordedPairs | None:
    if options.no_names or not sets:
        return None
    names = [found.without(options.held_fold) for found in sets]
    near = nearest_entities(names, sets, lambda texts: torch.from_numpy(encoder.embed(texts)).to(encoder.device))
    sampler = PairSampler(sets, options.held_fold, options.seed, options.wording, near)
    return WordedPairs(sampler, encoder.tokens, options.batch)


def _tags(options: LinkerTraining, tokens: Tokens, training: Sequence[Corpus]) -> TagBatches | None:
    labelled = [document for corpus in training for document in label(corpus, tokens)]
    return TagBatches(TagSampler(labelled, options.seed), tokens, options.tag_batch) if labelled else None


def _measure_names(encoder: NameEncoder, sets: Sequence[NameSet], fold: int | None) -> dict[str, Any]:
    if not sets or fold is None:
        return {}
    return measure_lay(sets, fold, lambda texts: torch.from_numpy(encoder.embed(texts)).to(encoder.device))


def _save(options: LinkerTraining, model: NameModel) -> None:
    """Write the directory: weights in fp16, config.json, tokenizer.json, vocab.txt and, last, linker.json."""
    out = options.out
    (out / SETTINGS).unlink(missing_ok=True)  # until it is back, the directory is no linker
    save_weights(out, model.state_dict())
    config = {name: value for name, value in model.config.to_dict().items() if not name.startswith("_")}
    write_json(out / "config.json", config | {"architectures": ["NameModel"], "dtype": "float16"})
    if options.base.resolve() != out.resolve():
        shutil.copyfile(options.base / "tokenizer.json", out / "tokenizer.json")
    vocabulary = load_tokenizer(out).get_vocab()
    lines = "".join(token + "\n" for token in sorted(vocabulary, key=vocabulary.__getitem__))
    (out / "vocab.txt").write_text(lines, encoding="utf-8")
    labels = [] if model.tag is None else list(LABELS)
    write_json(out / SETTINGS, {"labels": labels, "base": options.base_name or options.base.resolve().name})


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; its options are the attributes of `LinkerTraining`."""
    return options_parser(LinkerTraining(Path(), Path()), "qa.training.train_linker", "Train the linker's encoder.")


def run(given: argparse.Namespace) -> str:
    """Train as a command line says; return the metrics as a line of JSON."""
    return as_line(train_linker(LinkerTraining(**vars(given)))["metrics"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 1 where the work failed."""
    return run_program(run, parser(), arguments)


if __name__ == "__main__":
    sys.exit(main())
