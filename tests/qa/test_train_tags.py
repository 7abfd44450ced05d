"""Tests of the branch for tags: it stands upon an encoder whose vectors stay as they are, and is saved in eight bits."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from linker_models import tiny_name_model, write_corpus, write_plain_bert
from reader_models import TOKENS, write_tokenizer
from safetensors.torch import load_file, save_file

from qa.errors import DatasetError, ModelError
from qa.name_encoder import NameEncoder, NameModel, Tokens
from qa.reader_model import read_weights
from qa.tagging import KINDS, LABELS, WINDOW
from qa.training.saving import in_eight_bits, save_weights
from qa.training.tag_branch import BranchLoop, RememberingEncoder, Schedule, Stretch, stretches, with_branch
from qa.training.tags import label, measure_tags, read_corpus
from qa.training.train_linker import LinkerTraining, train_linker
from qa.training.train_tags import TagTraining, main, parser, train_tags

NAMES = ["gout", "joint pain", "swelling of the joint in a house by the river", ""]
SCHEDULE = Schedule(
    epochs=1e6, seconds=None, max_steps=60, batch=4, rate=3e-3, head_rate=1e-2, warm_up=0.1, decay=0.01, ema=0.9, evaluations=3
)


@pytest.fixture(autouse=True)
def two_threads() -> None:
    torch.set_num_threads(2)


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(write_tokenizer(tmp_path / "tokens", TOKENS))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A linker's directory without a branch."""
    plain, text = write_plain_bert(tmp_path / "bert"), write_corpus(tmp_path / "c.txt")
    train_linker(LinkerTraining(plain, tmp_path / "base", bc5cdr=text, max_steps=1, tag_batch=2, device="cpu"))
    return tmp_path / "base"


def branched(shared: int = 1) -> NameModel:
    model = tiny_name_model()
    return with_branch(model, shared, model, 0).eval()


def documents(tokens: Tokens, tmp_path: Path, count: int = 30) -> list[Any]:
    return label(read_corpus(write_corpus(tmp_path / "corpus.txt", count), KINDS)[0], tokens)


@pytest.mark.parametrize("shared", [0, 1])
def test_a_branch_begins_as_the_layers_that_it_takes_the_place_of(shared: int, tokens: Tokens) -> None:
    model = tiny_name_model()
    found = with_branch(model, shared, model, 0).eval()
    assert len(found.tag_layers) == model.config.num_hidden_layers - shared
    batch = tokens.batch([piece.ids for piece in tokens.pieces(["gout and joint pain", "rash"])], torch.device("cpu"))
    torch.testing.assert_close(found.tags(*batch)[1, :3], model.tags(*batch)[1, :3])
    torch.testing.assert_close(found.tags(*batch)[0], model.tags(*batch)[0])


def test_a_branch_can_begin_as_another_models_layers() -> None:
    plain, model = tiny_name_model(tags=False, seed=1), tiny_name_model()
    found = with_branch(model, 1, plain, 0)
    theirs, ours = (m.encoder.get_submodule("encoder.layer.1").state_dict() for m in (plain, model))
    name = "output.dense.weight"
    torch.testing.assert_close(found.tag_layers[0].state_dict()[name], theirs[name])
    assert not torch.equal(ours[name], theirs[name])
    assert found.tag is not None
    assert not found.tag.bias.any()


@pytest.mark.parametrize("shared", [-1, 2, 9])
def test_a_branch_needs_a_layer_to_stand_upon_and_one_of_its_own(shared: int) -> None:
    with pytest.raises(ModelError, match=rf"a branch upon {shared} layers is asked for"):
        branched(shared)


def test_kept_states_are_those_of_the_windows(tokens: Tokens, tmp_path: Path) -> None:
    found = documents(tokens, tmp_path, 3)
    long = replace(found[0], ids=np.tile(found[0].ids, 9), labels=np.tile(found[0].labels, 9), heads=np.tile(found[0].heads, 9))
    model = branched()
    model.encoder.get_submodule("embeddings").position_embeddings = torch.nn.Embedding(WINDOW + 2, 32)
    kept = stretches(model, tokens, [long, found[1]])
    assert [len(k.labels) for k in kept[:1] + kept[-1:]] == [WINDOW, len(found[1].ids)]
    last = kept[-1]
    with torch.inference_mode():
        states = model.shared_states(*tokens.batch([found[1].ids], torch.device("cpu")))[0]
    torch.testing.assert_close(last.states.float(), states, atol=2e-3, rtol=2e-3)
    assert last.labels.tolist() == found[1].labels.tolist()


def test_the_branch_learns_and_the_encoder_does_not(tokens: Tokens, tmp_path: Path) -> None:
    model, found = branched(), documents(tokens, tmp_path)
    held = [read_corpus(tmp_path / "corpus.txt", KINDS)[1]]
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    vectors = NameEncoder(model, tokens).embed(NAMES)
    loop, encoder = BranchLoop(model, stretches(model, tokens, found), SCHEDULE, 0), RememberingEncoder(model, tokens)
    curve = loop.run(lambda: {"score": measure_tags(encoder, held)["disease"]["f1"]})
    assert [point["step"] for point in curve] == [21, 41, 60]
    assert curve[-1]["loss"] < 0.3 * curve[0]["loss"]
    assert curve[-1]["score"] > 90
    changed = {name.split(".")[0] for name, tensor in model.state_dict().items() if not torch.equal(tensor, before[name])}
    assert changed == {"tag", "tag_layers"}
    np.testing.assert_array_equal(NameEncoder(model, tokens).embed(NAMES), vectors)
    texts = ["Aspirin causes gout.", "rash", "Aspirin causes gout."]
    assert [encoder.tag(text) for text in texts] == [NameEncoder(model, tokens).tag(text) for text in texts]


def test_the_best_of_the_evaluated_weights_are_kept(tokens: Tokens, tmp_path: Path) -> None:
    model, seen = branched(), list[torch.Tensor]()

    def falling() -> dict[str, Any]:
        assert model.tag is not None
        seen.append(model.tag.weight.detach().clone())
        return {"score": -float(len(seen))}

    BranchLoop(model, stretches(model, tokens, documents(tokens, tmp_path, 4)), SCHEDULE._replace(max_steps=6), 0).run(falling)
    assert len(seen) == 3
    assert model.tag is not None
    torch.testing.assert_close(model.tag.weight.detach(), seen[0])
    assert not torch.equal(seen[0], seen[-1])


def test_a_run_ends_with_its_time(tokens: Tokens, tmp_path: Path) -> None:
    kept = stretches(branched(), tokens, documents(tokens, tmp_path, 3))
    curve = BranchLoop(branched(), kept, SCHEDULE._replace(seconds=0.0, max_steps=None), 0).run(lambda: {"score": 1.0})
    assert [point["step"] for point in curve] == [1]


def test_a_loss_that_is_no_number_ends_the_run() -> None:
    model = branched()
    kept = [Stretch(torch.full((4, 32), float("nan"), dtype=torch.float16), np.zeros(2, np.int64), ())]
    with pytest.raises(ModelError, match=r"the loss is nan at step"):
        BranchLoop(model, kept, SCHEDULE, 0).run(lambda: {"score": 1.0})


def test_a_linker_gets_a_branch_from_the_command_line(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, text = tmp_path / "out", write_corpus(tmp_path / "ncbi.txt", chemicals=False)
    shared = ["--base", str(base), "--out", str(out), "--shared", "1", "--max-steps", "2", "--batch", "2", "--device", "cpu"]
    assert main([*shared, "--ncbi", str(text), "--layers", str(tmp_path / "bert")]) == 0
    record = json.loads((out / "training_tags.json").read_text())
    assert json.loads(capsys.readouterr().out) == record["metrics"]
    assert record["arguments"]["layers"] == "bert"
    assert set(record["sha256"]) == {"ncbi.txt"}
    assert str(tmp_path) not in "".join(path.read_text() for path in out.glob("*.json"))
    assert json.loads((out / "linker.json").read_text()) == {"labels": list(LABELS), "base": "bert", "shared_layers": 1}
    assert (out / "training.json").read_bytes() == (base / "training.json").read_bytes()
    ours, before = (NameEncoder.load(directory, "cpu", "fp32") for directory in (out, base))
    np.testing.assert_array_equal(ours.embed(NAMES), before.embed(NAMES))
    assert ours.model.shared == 1
    assert all(found.kind in KINDS for found in ours.tag("aspirin is the treatment of gout"))


def test_a_linker_can_be_given_a_branch_in_its_own_place(base: Path, tmp_path: Path) -> None:
    text, before = write_corpus(tmp_path / "c.txt"), NameEncoder.load(base, "cpu", "fp32").embed(NAMES)
    for _ in range(2):  # a branch is replaced
        train_tags(TagTraining(base, base, bc5cdr=text, shared=1, max_steps=2, batch=2, device="cpu"))
        np.testing.assert_array_equal(NameEncoder.load(base, "cpu", "fp32").embed(NAMES), before)
    again = train_linker(LinkerTraining(base, tmp_path / "again", bc5cdr=text, max_steps=1, tag_batch=2, device="cpu"))
    assert "tags" in again["metrics"]
    assert NameEncoder.load(tmp_path / "again", "cpu").model.shared is None


def test_words_in_eight_bits_hardly_change_a_vector(base: Path, tmp_path: Path) -> None:
    text, before = write_corpus(tmp_path / "c.txt"), NameEncoder.load(base, "cpu", "fp32").embed(NAMES)
    vectors = []
    for _ in range(2):
        train_tags(TagTraining(base, base, bc5cdr=text, shared=1, max_steps=1, batch=2, device="cpu", eight_bit_words=True))
        vectors.append(NameEncoder.load(base, "cpu", "fp32").embed(NAMES))
    assert (vectors[0] * before).sum(1).min() > 0.995
    assert not np.array_equal(vectors[0], before)
    np.testing.assert_array_equal(vectors[1], vectors[0])  # what is rounded stays as it is


def test_the_branch_is_read_in_bf16_as_well(base: Path, tmp_path: Path) -> None:
    train_tags(TagTraining(base, base, bc5cdr=write_corpus(tmp_path / "c.txt"), shared=1, max_steps=2, batch=2, device="cpu"))
    model = NameEncoder.load(base, "cpu", "bf16").model
    assert {p.dtype for p in model.tag_layers.parameters()} == {torch.bfloat16}
    assert model.tag is not None
    assert model.tag.weight.dtype == torch.float32
    NameEncoder.load(base, "cpu", "bf16").tag("gout and rash")


@pytest.mark.parametrize("shared", ["1", 2, -1, True, 1.0])
def test_an_impossible_number_of_shared_layers_is_refused(base: Path, shared: Any) -> None:
    settings = json.loads((base / "linker.json").read_text())
    (base / "linker.json").write_text(json.dumps(settings | {"shared_layers": shared}))
    with pytest.raises(ModelError, match=rf"linker.json: shared_layers is {shared!r}; expected 0 to 1, and labels"):
        NameEncoder.load(base, "cpu")


def test_what_cannot_be_trained_on_is_an_error(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DatasetError, match=r"expected --bc5cdr or --ncbi"):
        train_tags(TagTraining(base, tmp_path / "out"))
    arguments = ["--base", str(tmp_path / "bert"), "--out", str(tmp_path / "out"), "--bc5cdr", str(tmp_path / "c.txt")]
    assert main(arguments) == 1
    assert "linker.json: the file is missing" in capsys.readouterr().err


def test_every_option_of_the_command_line_is_one_of_the_function() -> None:
    found = parser().parse_args(["--base", "b", "--out", "o", "--shared", "3", "--minutes", "2", "--layers", "m", "--ema", "0.9"])
    assert TagTraining(**vars(found)) == TagTraining(Path("b"), Path("o"), Path("m"), shared=3, minutes=2, ema=0.9)


@pytest.mark.parametrize("width", [32, 128])
def test_eight_bits_are_near_enough(width: int, tmp_path: Path) -> None:
    torch.manual_seed(0)
    matrix = torch.randn(50, width) * torch.logspace(-3, 1, 50)[:, None]
    matrix[7] = 0
    rounded, scale = in_eight_bits(matrix)
    assert (rounded.dtype, scale.dtype, scale.shape[1]) == (torch.int8, torch.float16, max(1, width // 64))
    save_weights(tmp_path, {"m": matrix, "v": matrix[0]}, limit=1000, eight_bits={"m"})
    assert "m.int8#1" in json.loads((tmp_path / "model.safetensors.index.json").read_text())["weight_map"]
    read = read_weights(tmp_path)
    assert set(read) == {"m", "v"}
    largest = matrix.reshape(50, scale.shape[1], -1).abs().amax(-1, keepdim=True)
    error = (read["m"] - matrix).reshape(50, scale.shape[1], -1).abs()
    assert (error <= largest * 0.0045 + 1e-7).all()
    torch.testing.assert_close(read["v"], matrix[0].half())


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        (None, r"m\.int8 has no m\.scale of as many rows"),
        (torch.ones(4), r"m\.int8 has no m\.scale of as many rows"),
        (torch.ones(3, 1), r"m\.int8 has no m\.scale of as many rows"),
        (torch.ones(4, 5), r"m\.scale has 5 columns; expected a divisor of 32"),
        (torch.ones(4, 0), r"m\.scale has 0 columns; expected a divisor of 32"),
    ],
)
def test_eight_bits_without_their_scales_are_refused(scale: torch.Tensor | None, message: str, tmp_path: Path) -> None:
    save_weights(tmp_path, {"m": torch.randn(4, 32)}, eight_bits={"m"})
    parts = load_file(tmp_path / "model.safetensors")
    del parts["m.scale"]
    save_file(parts | ({} if scale is None else {"m.scale": scale}), tmp_path / "model.safetensors")
    with pytest.raises(ModelError, match=message):
        read_weights(tmp_path)
