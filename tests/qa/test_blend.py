"""Tests of the average of two readers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from reader_models import SETTINGS, TOKENS, tiny_bert, write_reader, write_tokenizer
from test_training import write_squad, write_triples

from qa.bert import BertReader
from qa.reader_model import ReaderModel
from qa.training.blend import main, parser
from qa.training.saving import save_reader

WORDS = "encoder.embeddings.word_embeddings.weight"


def write(
    directory: Path, seed: int, classes: dict[str, tuple[str, ...]] | None = None, tokens: list[str] = TOKENS, **settings: Any
) -> Path:
    write_tokenizer(directory, tokens)
    model = ReaderModel(tiny_bert(seed).encoder, classes)
    named = {"classes": {head: list(labels) for head, labels in classes.items()}} if classes else {}
    save_reader(directory, model, model.state_dict(), directory, SETTINGS | named | settings)
    return directory


def weights(directory: Path) -> dict[str, torch.Tensor]:
    return BertReader.load(directory, "cpu", "fp32").model.state_dict()


def settings(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / "reader.json").read_text())
    return found


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return write(tmp_path / "base", 1, threshold=2.0, slot_scale=0.5, slot_shift=0.1)


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    return write(tmp_path / "trained", 2, {"form": ("list", "yes/no")}, threshold=6.0)


def blend(base: Path, trained: Path, out: Path, *more: str) -> int:
    return main([f"--base={base}", f"--trained={trained}", f"--out={out}", "--device=cpu", *more])


def test_every_weight_lies_between_the_two(base: Path, trained: Path, tmp_path: Path) -> None:
    assert blend(base, trained, tmp_path / "out", "--share=0.75") == 0
    one, other, found = (weights(directory) for directory in (base, trained, tmp_path / "out"))
    for name, value in one.items():
        assert torch.allclose(found[name], 0.25 * value + 0.75 * other[name], atol=2e-3), name
    assert torch.equal(found["question.weight"], other["question.weight"])  # the base has no such head


def test_heads_for_other_labels_have_no_average(trained: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", 5, {"form": ("yes/no", "list")})
    assert blend(other, trained, tmp_path / "out", "--share=0.5") == 0
    assert torch.equal(weights(tmp_path / "out")["question.weight"], weights(trained)["question.weight"])


def test_what_was_held_out_in_training_is_held_out_again(base: Path, trained: Path, tmp_path: Path) -> None:
    (trained / "training.json").write_text(json.dumps({"arguments": {"held_out": 0.2, "seed": 7}}))
    assert blend(base, trained, tmp_path / "out", f"--squad={write_squad(tmp_path / 'squad.json')}") == 0
    arguments = json.loads((tmp_path / "out" / "training.json").read_text())["arguments"]
    assert (arguments["held_out"], arguments["seed"]) == (0.2, 7)


def test_settings_are_averaged_or_kept(base: Path, trained: Path, tmp_path: Path) -> None:
    assert blend(base, trained, tmp_path / "out", "--share=0.75") == 0
    found = settings(tmp_path / "out")
    assert found["threshold"] == pytest.approx(5.0)
    assert (found["slot_scale"], found["slot_shift"]) == (0.5, 0.1)
    assert found["classes"] == {"form": ["list", "yes/no"]}
    record = json.loads((tmp_path / "out" / "training.json").read_text())
    assert record["arguments"]["share"] == 0.75
    assert sorted(record["sha256"]) == ["base", "trained"]
    assert record["sha256"]["base"] != record["sha256"]["trained"]


def test_held_out_articles_say_the_threshold(base: Path, trained: Path, tmp_path: Path) -> None:
    squad = write_squad(tmp_path / "squad.json")
    assert blend(base, trained, tmp_path / "out", f"--squad={squad}", "--held-out=0.2") == 0
    record = json.loads((tmp_path / "out" / "training.json").read_text())
    assert settings(tmp_path / "out")["threshold"] == record["metrics"]["squad"]["threshold"]


def test_shares_are_compared_without_a_reader_being_written(
    base: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [f"--squad={write_squad(tmp_path / 'squad.json')}", f"--triples={write_triples(tmp_path / 'triples.jsonl')}"]
    assert blend(base, trained, tmp_path / "out", "--compare=0,0.5,1", "--held-out=0.2", *files) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["share", "0", "0.5", "1"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["blends.json"]
    shares = json.loads((tmp_path / "out" / "blends.json").read_text())["shares"]
    assert shares["0"]["squad"] != shares["1"]["squad"] or shares["0"]["templates"] != shares["1"]["templates"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--share=1.5"], "a share is 1.5; expected 0 to 1"),
        (["--compare=0,x"], "--compare is '0,x'; expected shares"),
        (["--compare=0,1"], "there is nothing to compare by"),
        (["--trained=none"], "reader.json: the file is missing"),
    ],
)
def test_what_cannot_be_averaged_is_refused(
    base: Path, trained: Path, tmp_path: Path, more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert blend(base, trained, tmp_path / "out", *more) == 1
    assert message in capsys.readouterr().err


def test_two_vocabularies_have_no_average(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = write(tmp_path / "other", 2, tokens=[*TOKENS[:-2], TOKENS[-1], TOKENS[-2]])
    assert blend(base, other, tmp_path / "out") == 1
    assert "the vocabulary is not that of" in capsys.readouterr().err


def test_a_trained_reader_must_be_named(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"--base={base}", f"--out={tmp_path / 'out'}"]) == 1
    assert "no trained reader is given; expected --trained DIR" in capsys.readouterr().err
    assert parser().parse_args(["--base=b", "--out=o", "--trained=t"]).share == 0.5
    assert write_reader(tmp_path / "plain").is_dir()
