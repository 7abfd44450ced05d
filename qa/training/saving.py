"""Where a reader comes from and where it goes: base models, vocabularies, and the files of a reader directory."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor
from transformers import AutoConfig, AutoModel

from qa.encoding import load_tokenizer
from qa.errors import ModelError
from qa.reader_model import ENCODERS, INT8, SCALE, Classes, ReaderModel, load_model

SHARD_BYTES = 15 * 2**20 - 2**16  # the rest is for the header
_GROUP = 64  # numbers of a row that share a scale
_OWN_NAMES = {"[CLS]": "<s>", "[SEP]": "</s>", "[PAD]": "<pad>", "[MASK]": "<mask>"}
_WEIGHTS = re.compile(r"model(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?")


def load_base(directory: Path, seed: int, classes: Classes | None = None) -> ReaderModel:
    """Load what training starts from: a reader directory with its heads, or a Hugging Face directory, to which heads are added.

    Args:
        directory: Of the model.
        seed: Of the heads that are added.
        classes: Labels of the heads for questions; a head of other labels is replaced by a fresh one. None keeps what is there.

    Raises:
        ModelError: The directory holds no BERT or MPNet model in safetensors.
    """
    model = _load(directory, seed)
    wanted = {name: tuple(labels) for name, labels in (classes or {}).items()}
    if wanted and wanted != {name: tuple(labels) for name, labels in model.classes.items()}:
        torch.manual_seed(seed)
        model.classes = dict(wanted)
        model.question = _fresh(model.question_head(wanted))
    return model


def _load(directory: Path, seed: int) -> ReaderModel:
    if (directory / "reader.json").is_file():
        return load_model(directory)
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call] # a pooler left out is no news
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if not (directory / "config.json").is_file():
        raise ModelError(f"{directory / 'config.json'}: the file is missing; expected a Hugging Face model directory")
    try:
        config = AutoConfig.from_pretrained(directory, local_files_only=True)
        if config.model_type not in ENCODERS:
            raise ModelError(f"{directory}: a model of type {config.model_type!r}; expected {' or '.join(ENCODERS)}")
        encoder = AutoModel.from_pretrained(
            directory, local_files_only=True, use_safetensors=True, dtype=torch.float32, add_pooling_layer=False
        )
    except ModelError:
        raise
    except Exception as error:  # transformers raises OSError, ValueError, SafetensorError and more for a damaged directory
        raise ModelError(f"{directory}: no base model can be loaded from it ({error})") from error
    torch.manual_seed(seed)
    model = ReaderModel(encoder)
    for head in (model.span, model.slot):
        _fresh(head)
    return model


def _fresh(head: torch.nn.Linear) -> torch.nn.Linear:
    torch.nn.init.normal_(head.weight, std=0.02)
    torch.nn.init.zeros_(head.bias)
    return head


def adopt_vocabulary(model: ReaderModel, own: Path, wanted: Path) -> None:
    """Reorder a model's word embeddings so that it reads the token ids of another tokenizer.

    Teacher and student then take the same inputs, and their logits stand position by position for the same tokens.

    Args:
        model: The model, changed in place.
        own: Directory of the model's tokenizer.
        wanted: Directory of the tokenizer to be read; both must split every text alike.

    Raises:
        ModelError: A token is unknown to the model, or the tokenizers split texts differently.
    """
    mine, other = load_tokenizer(own), load_tokenizer(wanted)
    if _splitting(mine) != _splitting(other):
        raise ModelError(f"{own}: the tokenizer splits texts differently from {wanted}; expected the same WordPiece rules")
    ids, order = mine.get_vocab(), other.get_vocab()
    rows = [0] * (max(order.values()) + 1)  # an id that no token has is never read
    for token, place in order.items():
        # The other's special tokens may be in the vocabulary too, but were never trained in that part.
        found = ids.get(_OWN_NAMES.get(token, token), ids.get(token))
        if found is None:
            raise ModelError(f"{own}: the vocabulary has no token {token!r}; expected every token of {wanted}")
        rows[place] = found
    encoder: Any = model.encoder
    embedding = encoder.get_input_embeddings()
    embedding.weight = torch.nn.Parameter(embedding.weight.detach()[rows].clone())
    embedding.num_embeddings, embedding.padding_idx = len(rows), None
    model.config.vocab_size = len(rows)


def save_reader(directory: Path, model: ReaderModel, weights: dict[str, Tensor], tokenizer: Path, settings: dict[str, Any]) -> None:
    """Write a reader directory: weights in fp16, config.json, tokenizer.json, vocab.txt and, last, reader.json.

    Args:
        directory: Created where missing; weights that it held are replaced.
        model: Whose configuration is written.
        weights: By name, as in the model's state.
        tokenizer: The directory whose tokenizer.json is copied.
        settings: The content of reader.json.
    """
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "reader.json").unlink(missing_ok=True)  # until it is back, the directory is no reader
    save_weights(directory, weights)
    save_form(directory, model.config, "ReaderModel", tokenizer)
    write_json(directory / "reader.json", settings)


def save_form(directory: Path, config: Any, architecture: str, tokenizer: Path) -> None:
    """Write what a model directory needs beside the weights: config.json, tokenizer.json and vocab.txt.

    Args:
        directory: An existing one.
        config: The model's, as transformers has it.
        architecture: The name of the model's class.
        tokenizer: The directory whose tokenizer.json is copied.
    """
    form = {name: value for name, value in config.to_dict().items() if not name.startswith("_")}
    write_json(directory / "config.json", form | {"architectures": [architecture], "dtype": "float16"})
    if tokenizer.resolve() != directory.resolve():
        shutil.copyfile(tokenizer / "tokenizer.json", directory / "tokenizer.json")
    vocabulary = load_tokenizer(directory).get_vocab()
    lines = "".join(token + "\n" for token in sorted(vocabulary, key=vocabulary.__getitem__))
    (directory / "vocab.txt").write_text(lines, encoding="utf-8")


def save_weights(directory: Path, weights: dict[str, Tensor], limit: int = SHARD_BYTES, eight_bits: Collection[str] = frozenset()) -> None:
    """Write weights in fp16 to model.safetensors, or to shards and their index where they take more than `limit` bytes.

    The shards follow the Hugging Face convention but for a matrix above the limit: it is stored in blocks of rows, `name#0`,
    `name#1`, ... A matrix of `eight_bits` is rounded to `name.int8`, with `name.scale`. `qa.reader_model.read_weights` undoes both.

    Args:
        directory: Weights that it held are replaced.
        weights: By name.
        limit: Bytes of a shard.
        eight_bits: Names of the matrices to be stored in eight bits a number.
    """
    for path in directory.iterdir():
        if _WEIGHTS.fullmatch(path.name):
            path.unlink()
    shards: list[dict[str, Tensor]] = [{}]
    held = 0
    for name, tensor in _blocks(weights, limit, eight_bits):
        if held + tensor.nbytes > limit and shards[-1]:
            shards.append({})
            held = 0
        shards[-1][name] = tensor
        held += tensor.nbytes
    if len(shards) == 1:
        _save(directory / "model.safetensors", shards[0])
        return
    places: dict[str, str] = {}
    for n, shard in enumerate(shards, 1):
        file = f"model-{n:05}-of-{len(shards):05}.safetensors"
        _save(directory / file, shard)
        places |= dict.fromkeys(shard, file)
    total = sum(tensor.nbytes for shard in shards for tensor in shard.values())
    write_json(directory / "model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": places})


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a JSON object, whole or not at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(partial, path)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def in_eight_bits(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Return a matrix rounded to int8 and, in fp16, the scales by which to multiply: one for each 64 numbers of a row.

    A matrix whose width is no multiple of 64 has one scale a row. An error is at most half the scale, 1/254 of the group's largest.
    """
    rows, width = matrix.shape
    groups = matrix.detach().float().cpu().reshape(rows, width // _GROUP if width % _GROUP == 0 else 1, -1)
    scale = (groups.abs().amax(-1) / 127).half()
    scale[scale == 0] = 1
    rounded = (groups / scale[..., None].float()).round().clamp(-127, 127)
    return rounded.to(torch.int8).reshape(rows, width), scale


def _blocks(weights: dict[str, Tensor], limit: int, eight_bits: Collection[str]) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in weights.items():
        parts = {name: tensor.detach().cpu().half().contiguous()}
        if name in eight_bits:
            parts = dict(zip((name + INT8, name + SCALE), in_eight_bits(tensor), strict=True))
        for part, stored in parts.items():
            if stored.nbytes <= limit:
                yield part, stored
                continue
            rows = max(1, limit // stored[0].nbytes)
            for n, first in enumerate(range(0, len(stored), rows)):
                yield f"{part}#{n}", stored[first : first + rows].clone()


def _save(path: Path, tensors: dict[str, Tensor]) -> None:
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata={"format": "pt"})
    partial.chmod(0o644)  # safetensors writes for the owner alone
    os.replace(partial, path)


def _splitting(tokenizer: Tokenizer) -> tuple[Any, ...]:
    form = json.loads(tokenizer.to_str())
    model = {name: value for name, value in form["model"].items() if name not in ("vocab", "unk_token")}
    return form["normalizer"], form["pre_tokenizer"], model
