"""Average two readers, weight by weight: the function behind `medkg train blend`.

A reader that was trained further on other data gains there and loses a little of what it knew; between the two, most of both is kept
(Wortsman and others, 2022, "Robust fine-tuning of zero-shot models"). Several shares are compared on data that neither was trained on.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from qa.encoding import Encoder, load_tokenizer
from qa.errors import DatasetError, ModelError
from qa.reader_model import ReaderModel, load_model, read_json, read_settings
from qa.training.distil import as_text
from qa.training.options import options_parser
from qa.training.program import as_line, digest_weights, record_of, run_program, say
from qa.training.reader_data import Files, load_held_out, read_questions
from qa.training.saving import save_reader, write_json

COMPARED, RECORD = "blends.json", "training.json"
_HELD_OUT = 0.04
Weights = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Blending:
    """What to average; `medkg train blend` has an option for each.

    Attributes:
        base: The reader that the other was trained from.
        out: The reader directory to write; where shares are compared, the table of their figures is written into it.
        trained: The reader that was trained from it; must be given.
        share: Share of the trained reader's weights, 0 to 1.
        compare: Shares to compare, separated by commas; no reader is written then.
        squad: SQuAD file whose held-out articles give the threshold for "no answer"; without it, thresholds are averaged as weights are.
        triples, combined, classes: Files as `medkg train reader` takes them; what they hold out is measured on.
        held_out: Share of SQuAD that is held out, by article; as in training, by default that of the trained reader's training.json.
        seed: Says which articles; as in training, by default that of the trained reader's training.json.
        device: By default CUDA where there is one.
    """

    base: Path
    out: Path
    trained: Path | None = None
    share: float = 0.5
    compare: str = ""
    squad: Path | None = None
    triples: Path | None = None
    combined: Path | None = None
    classes: Path | None = None
    held_out: float | None = None
    seed: int | None = None
    device: str | None = None


def blend(options: Blending) -> dict[str, Any]:
    """Average two readers, measure the result, write its directory, and return the metrics.

    Where shares are compared, the metrics are by share, and `blends.json` is all that is written. A head for questions that the base
    has not, or has for other labels, is the trained reader's alone.

    Raises:
        DatasetError: A share is not between 0 and 1, or a data file is not of its form.
        ModelError: A directory holds no reader, or the two are not of one architecture and vocabulary.
    """
    started = time.monotonic()
    if options.trained is None:
        raise DatasetError("no trained reader is given; expected --trained DIR")
    shares = _shares(options)
    base, trained = _load(options.base), _load(options.trained)
    _check(options.base, base, options.trained, trained)
    options = _as_trained(options, options.trained)
    assert options.trained is not None and options.held_out is not None and options.seed is not None
    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    settings = read_settings(options.trained)
    encoder = Encoder.load(options.trained, settings["max_tokens"], settings["stride"])
    files = Files(options.squad, options.triples, options.combined, options.classes, 0.0, 0.0, options.held_out, options.seed)
    held = load_held_out(files, read_questions(options.classes), trained.classes, encoder, device)
    own = base.state_dict()
    if [*base.classes.items()] != [*trained.classes.items()]:
        own = {name: value for name, value in own.items() if not name.startswith("question.")}
    parts = own, {name: value.clone() for name, value in trained.state_dict().items()}
    metrics: dict[str, Any] = {}
    options.out.mkdir(parents=True, exist_ok=True)
    for share in shares:
        say(f"share {share:g}")
        trained.load_state_dict(average(*parts, share))
        metrics[f"{share:g}"] = held.measure(trained.to(device))
        if options.compare:  # one by one: a comparison takes minutes, and may be broken off
            write_json(options.out / COMPARED, {"shares": metrics})
    if options.compare:
        return metrics
    found: dict[str, Any] = metrics[f"{options.share:g}"]
    record = record_of(options, device, files.given, time.monotonic() - started) | {"metrics": found}
    _save(options, options.trained, trained, record)
    return found


def average(base: Weights, trained: Weights, share: float) -> Weights:
    """Return `share` of the trained weights and the rest of the base's; what the base lacks is the trained's alone.

    >>> average({"a": torch.tensor([0.0])}, {"a": torch.tensor([2.0]), "b": torch.tensor([3.0])}, 0.25)
    {'a': tensor([0.5000]), 'b': tensor([3.])}
    """
    return {name: torch.lerp(base[name], value, share) if name in base else value.clone() for name, value in trained.items()}


def _shares(options: Blending) -> list[float]:
    try:
        found = [float(part) for part in options.compare.split(",")] if options.compare else [options.share]
    except ValueError as error:
        raise DatasetError(f"--compare is {options.compare!r}; expected shares separated by commas") from error
    if options.compare and options.squad is options.triples is options.combined is options.classes is None:
        raise DatasetError("there is nothing to compare by; expected --squad, --triples, --combined or --classes")
    if wrong := [share for share in found if not 0 <= share <= 1]:
        raise DatasetError(f"a share is {wrong[0]:g}; expected 0 to 1")
    return found


def _load(directory: Path) -> ReaderModel:
    read_settings(directory)  # says what is missing where a directory is no reader's
    return load_model(directory)


def _check(base: Path, first: ReaderModel, trained: Path, second: ReaderModel) -> None:
    """Refuse two readers whose weights do not mean the same, number by number."""
    if first.config.model_type != second.config.model_type:
        raise ModelError(f"{trained}: model_type is {second.config.model_type}; expected {first.config.model_type}, as that of {base}")
    theirs = first.state_dict()
    for name, value in second.state_dict().items():
        if name.startswith("question."):
            continue
        if name not in theirs or theirs[name].shape != value.shape:
            raise ModelError(f"{trained}: {name} is not of the shape that it has in {base}; expected one trained from the other")
    if load_tokenizer(base).get_vocab() != load_tokenizer(trained).get_vocab():
        raise ModelError(f"{trained}: the vocabulary is not that of {base}; expected one trained from the other")


def _as_trained(options: Blending, trained: Path) -> Blending:
    """Fill in what is held out, as the trained reader's record says."""
    before = read_json(trained / RECORD).get("arguments", {}) if (trained / RECORD).is_file() else {}
    held_out = before.get("held_out", _HELD_OUT) if options.held_out is None else options.held_out
    return replace(options, held_out=held_out, seed=before.get("seed", 0) if options.seed is None else options.seed)


def _save(options: Blending, trained: Path, model: ReaderModel, record: dict[str, Any]) -> None:
    first, second = read_settings(options.base), read_settings(trained)
    averaged = first["threshold"] + options.share * (second["threshold"] - first["threshold"])
    calibrated = {name: first[name] for name in ("slot_scale", "slot_shift") if name in first}  # of the trained, where it has its own
    settings = calibrated | second | {"threshold": record["metrics"].get("squad", {}).get("threshold", averaged)}
    weights = {"base": digest_weights(options.base), "trained": digest_weights(trained)}
    before = read_json(trained / RECORD) if (trained / RECORD).is_file() else None
    (options.out / "reader.json").unlink(missing_ok=True)
    write_json(options.out / RECORD, record | {"sha256": record["sha256"] | weights, "trained": before})
    save_reader(options.out, model, model.state_dict(), trained, settings)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; its options are the attributes of `Blending`."""
    return options_parser(Blending(Path(), Path()), "qa.training.blend", "Average two readers.")


def run(given: argparse.Namespace) -> str:
    """Average as a command line says; return the metrics as a line of JSON, or those of several shares as a table."""
    options = Blending(**vars(given))
    found = blend(options)
    return as_text(found, "share") if options.compare else as_line(found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 1 where the work failed."""
    return run_program(run, parser(), arguments)


if __name__ == "__main__":
    sys.exit(main())
