"""What the programs that train have in common: the record of a run, and being run from a command line."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
import transformers

from qa.errors import QaError
from qa.training.saving import sha256


def record_of(options: Any, device: torch.device, files: Iterable[Path], seconds: float) -> dict[str, Any]:
    """Return what every training.json begins with: arguments, hashes of the data, seed, hardware, versions and seconds.

    A path is written as its last name: directories of the machine that trained are nobody else's business.

    Args:
        options: A dataclass with a `seed`.
        device: That was trained on.
        files: That were trained from; a folder's hash is that of its files' names and hashes, by name. They are told by their names.
        seconds: That the run took.
    """
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else None
    return {
        "arguments": {name: _named(value) for name, value in asdict(options).items()},
        "sha256": {path.name: digest(path) for path in files},
        "seed": options.seed,
        "hardware": {"gpu": gpu, "cores": os.cpu_count(), "machine": platform.machine()},
        "versions": {"python": platform.python_version(), "torch": str(torch.__version__), "transformers": transformers.__version__},
        "seconds": round(seconds, 1),
    }


def say(text: str) -> None:
    """Tell whoever watches a run something, on standard error."""
    print(text, file=sys.stderr, flush=True)


def as_line(metrics: dict[str, Any]) -> str:
    """Return metrics as a line of JSON, or nothing where there are none: of several processes, one speaks."""
    return json.dumps(metrics) if metrics else ""


def run_program(run: Callable[[argparse.Namespace], str], parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    """Run a training from a command line and print what it returns; return 0, or 1 where it failed.

    Args:
        run: Trains, given the arguments.
        parser: Of the arguments.
        arguments: Those of the process where None.
    """
    try:
        told = run(parser.parse_args(arguments))
    except QaError as error:
        say(f"error: {error}")
        return 1
    if told:
        print(told, flush=True)
    return 0


def digest(path: Path) -> str:
    """Return the SHA-256 of a file; of a folder, that of its files' names and hashes, by name."""
    if not path.is_dir():
        return sha256(path)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return hashlib.sha256("".join(f"{sha256(file)}  {file.relative_to(path)}\n" for file in files).encode()).hexdigest()


def digest_weights(directory: Path) -> str:
    """Return the SHA-256 over the names and hashes of a model directory's safetensors, in order."""
    lines = (f"{sha256(path)}  {path.name}\n" for path in sorted(directory.glob("model*.safetensors")))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _named(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_named(item) for item in value]
    return value.resolve().name if isinstance(value, Path) else value
