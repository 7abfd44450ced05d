"""Tests of the runtimes: they give what torch gives, and convert a reader once."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from reader_models import MPNET_TOKENS, tiny_bert, tiny_mpnet, write_reader

from qa.bert import BertReader
from qa.conversion import LIBRARIES, Compute
from qa.converted import default_cache, load_converted
from qa.errors import ModelError
from qa.reader import ReadingTask, Slot
from qa.runtimes import Runtime, open_reader

EVIDENCE = "gout symptoms: fever; joint pain. gout treatments: colchicine."
TASKS = [
    ReadingTask(EVIDENCE, "what treats gout?", (Slot(15, 20), Slot(22, 32), Slot(51, 61))),
    ReadingTask("aspirin treats headache. " * 30, "what?", (Slot(15, 23), Slot(715, 723))),
    ReadingTask("x", "y", ()),
]
PAIRS = [("who lives in paris?", "alice lives in paris, by the river. " * 6), ("where?", "rome"), ("who?", "")]
CONVERTED = [Runtime.OPENVINO, Runtime.ONNXRUNTIME]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reader(tmp_path_factory.mktemp("reader"))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, kept: Path) -> Path:
    monkeypatch.setenv("MEDKG_RUNTIMES", str(kept))
    return kept


def needs(runtime: Runtime) -> None:
    if runtime in LIBRARIES and (missing := LIBRARIES[runtime].missing()):
        pytest.skip(f"{missing} is not installed")


@pytest.mark.parametrize("runtime", [*CONVERTED, Runtime.TORCH_BF16])
def test_a_runtime_gives_the_logits_of_torch_at_every_token_that_is_no_padding(directory: Path, runtime: Runtime) -> None:
    needs(runtime)
    exact, other = (open_reader(directory, name) for name in (Runtime.TORCH_FP32, runtime))
    random = np.random.default_rng(1)
    for batch, length in ((1, 3), (3, 40), (5, 64)):
        ids = torch.from_numpy(random.integers(5, 40, (batch, length)))
        types = torch.from_numpy(random.integers(0, 2, (batch, length)))
        real = torch.arange(length) < torch.from_numpy(random.integers(1, length + 1, (batch, 1)))
        for mask in (None, real):
            with torch.inference_mode():
                expected, found = (reader.model(ids, types, mask) for reader in (exact, other))
            assert len(found) == len(expected)
            for name, one, theirs in zip(expected._fields, expected, found, strict=True):
                assert (theirs.dtype, theirs.shape) == (one.dtype, one.shape), name
                rows = slice(None) if mask is None or one.shape != mask.shape else mask
                torch.testing.assert_close(theirs[rows], one[rows], atol=2e-2 if runtime is Runtime.TORCH_BF16 else 1e-5, rtol=1e-5)


@pytest.mark.parametrize("runtime", CONVERTED)
def test_a_runtime_gives_the_answers_of_torch(directory: Path, runtime: Runtime) -> None:
    needs(runtime)
    exact, other = (open_reader(directory, name) for name in (Runtime.TORCH_FP32, runtime))
    for one, theirs in zip(exact.read(TASKS), other.read(TASKS), strict=True):
        assert theirs == pytest.approx(one, abs=1e-5)
    for span, theirs in zip(*(reader.extract(PAIRS, may_abstain=False) for reader in (exact, other)), strict=True):
        assert (theirs.start, theirs.end, theirs.text) == (span.start, span.end, span.text)
        assert theirs.score == pytest.approx(span.score, abs=1e-4)


def test_the_default_is_that_of_the_reader_itself(directory: Path) -> None:
    assert open_reader(directory).read(TASKS) == BertReader.load(directory).read(TASKS)
    dtypes = {name: next(open_reader(directory, name).model.encoder.parameters()).dtype for name in list(Runtime)[1:3]}
    assert dtypes == {Runtime.TORCH_FP32: torch.float32, Runtime.TORCH_BF16: torch.bfloat16}


@pytest.mark.parametrize("runtime", CONVERTED)
def test_a_missing_library_names_its_extra(directory: Path, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.conversion.find_spec", lambda name: None)
    extra = LIBRARIES[runtime].extra
    with pytest.raises(ModelError, match=rf"runtime {runtime}: {runtime} is not installed; .*pip install 'medkg-qa\[{extra}\]'"):
        open_reader(directory, runtime)


def test_a_model_that_only_teaches_is_not_converted(tmp_path: Path, fake: FakeLibrary) -> None:
    with pytest.raises(ModelError, match="a model of type 'mpnet'; expected bert"):
        open_reader(write_reader(tmp_path, tiny_mpnet(), MPNET_TOKENS), Runtime.OPENVINO)


class FakeLibrary:
    """An encoder that is its table of words, written in no time."""

    package, extra = "openvino", "openvino"

    def __init__(self) -> None:
        self.conversions = 0

    def missing(self) -> str:
        return ""

    def version(self) -> str:
        return "1"

    def convert(self, module: Any, example: tuple[torch.Tensor, ...], directory: Path) -> None:
        self.conversions += 1
        assert module(*example).shape == (*example[0].shape, 32)
        np.save(directory / "encoder.npy", module.encoder.embeddings.word_embeddings.weight.numpy(force=True))

    def open(self, directory: Path, threads: int) -> Compute:
        table = np.load(directory / "encoder.npy")
        return lambda ids, types, real: table[ids] * real[:, :, None]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeLibrary:
    library = FakeLibrary()
    monkeypatch.setitem(LIBRARIES, Runtime.OPENVINO, library)
    return library


def logits(directory: Path, cache: Path) -> torch.Tensor:
    with torch.inference_mode():
        start: torch.Tensor = load_converted(directory, Runtime.OPENVINO, cache)(*torch.ones(2, 1, 8, dtype=torch.long)).start
        return start


def test_a_reader_is_converted_once_and_again_only_when_its_weights_change(tmp_path: Path, fake: FakeLibrary) -> None:
    directory, cache = write_reader(tmp_path / "reader"), tmp_path / "cache"
    first = logits(directory, cache)
    assert torch.equal(logits(directory, cache), first)
    assert fake.conversions == 1
    write_reader(directory, tiny_bert(seed=7))
    assert not torch.allclose(logits(directory, cache), first)
    assert fake.conversions == 2


@pytest.mark.parametrize("file", ["encoder.npy", "heads.safetensors", "manifest.json"])
@pytest.mark.parametrize("harm", ["changed", "cut", "gone"])
def test_a_damaged_conversion_is_made_anew(directory: Path, tmp_path: Path, fake: FakeLibrary, file: str, harm: str) -> None:
    first = logits(directory, tmp_path)
    (path,) = tmp_path.glob(f"*/{file}")
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.unlink()
    if harm != "gone":
        path.write_bytes(whole[:middle] + (bytes([whole[middle] ^ 1]) + whole[middle + 1 :] if harm == "changed" else b""))
    assert torch.equal(logits(directory, tmp_path), first)
    assert fake.conversions == 2
    assert not list(tmp_path.glob(".*.partial*"))


def test_what_a_killed_conversion_left_behind_is_removed(directory: Path, tmp_path: Path, fake: FakeLibrary) -> None:
    logits(directory, tmp_path)
    (kept,) = (path.parent for path in tmp_path.glob("*/manifest.json"))
    left = tmp_path / f".{kept.name}.x.partial"
    kept.rename(left)
    logits(directory, tmp_path)
    assert kept.is_dir()
    assert not left.exists()


def test_a_manifest_of_another_form_is_not_trusted(directory: Path, tmp_path: Path, fake: FakeLibrary) -> None:
    logits(directory, tmp_path)
    (path,) = tmp_path.glob("*/manifest.json")
    for form in ("[]", "{}", "null", json.dumps({"heads.safetensors": 1})):
        path.write_text(form)
        logits(directory, tmp_path)
    assert fake.conversions == 5


def test_a_cache_that_cannot_be_written_is_named(directory: Path, tmp_path: Path, fake: FakeLibrary) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match=r"cannot be written: .*; set MEDKG_RUNTIMES"):
        load_converted(directory, Runtime.OPENVINO, tmp_path / "file" / "cache")


def test_an_encoder_that_cannot_be_traced_is_an_error_of_the_model(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: FakeLibrary
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no such operation")

    monkeypatch.setattr(fake, "convert", fail)
    with pytest.raises(ModelError, match=r"cannot be converted for openvino \(RuntimeError: no such operation\)"):
        load_converted(directory, Runtime.OPENVINO, tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]


def test_damaged_weights_are_refused_whatever_the_runtime(tmp_path: Path, fake: FakeLibrary) -> None:
    path = write_reader(tmp_path) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match="not a whole safetensors file"):
        open_reader(tmp_path, Runtime.OPENVINO)


def test_nothing_is_told_to_the_makers_of_a_library(directory: Path) -> None:
    needs(Runtime.OPENVINO)
    open_reader(directory, Runtime.OPENVINO)
    assert sys.modules["openvino_telemetry"] is None


def test_the_place_of_conversions_can_be_set(tmp_path: Path) -> None:
    assert default_cache({"MEDKG_RUNTIMES": str(tmp_path)}) == tmp_path
    assert default_cache({}).name == "runtimes"
