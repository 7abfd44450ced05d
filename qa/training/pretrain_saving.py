"""Where a BERT that is pre-trained further comes from and where it goes: the encoder, and the heads where they are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from qa.errors import ModelError
from qa.name_encoder import SETTINGS, load_name_model
from qa.reader_model import read_weights
from qa.training.pretrain_model import PretrainModel
from qa.training.saving import load_base, save_form, save_weights

HEADS = "heads.safetensors"
SHARD_BYTES = 2 * 2**30
# Our names of the heads' weights, and those of transformers' BertForPreTraining.
_NAMES = {
    "pooler": "bert.pooler.dense",
    "apart": "cls.seq_relationship",
    "transform": "cls.predictions.transform.dense",
    "norm": "cls.predictions.transform.LayerNorm",
    "words": "cls.predictions",
}


def load_pretrained(directory: Path, seed: int) -> tuple[PretrainModel, bool]:
    """Load a BERT to go on with: a Hugging Face directory, one written by `save_pretrained`, a reader's or a linker's.

    Args:
        directory: Of the weights.
        seed: Of the heads' weights, where they are made anew.

    Returns:
        The model, and whether it has a head for words that was trained with the encoder; if not, it is a fresh one.

    Raises:
        ModelError: The directory holds no BERT in safetensors, or heads that do not fit.
    """
    encoder = load_name_model(directory).encoder if (directory / SETTINGS).is_file() else load_base(directory, seed).encoder
    if cast(Any, encoder.config).model_type != "bert":
        raise ModelError(f"{directory}: a model of type {cast(Any, encoder.config).model_type!r}; expected 'bert'")
    torch.manual_seed(seed)
    model = PretrainModel(encoder)
    weights = _head_weights(directory)
    own = {name: tensor for name, tensor in model.state_dict().items() if not name.startswith("encoder.")}
    found = {name: weights[theirs] for name in own if (theirs := _theirs(name)) in weights}
    for name, tensor in found.items():
        if tensor.shape != own[name].shape:
            raise ModelError(f"{directory}: {_theirs(name)} has shape {list(tensor.shape)}; expected {list(own[name].shape)}")
    model.load_state_dict(found, strict=False)
    kept = all(name in found for name in own if name.startswith(("transform.", "norm.", "words.")))
    return model, kept


def save_pretrained(
    directory: Path, model: PretrainModel, weights: dict[str, Tensor], tokenizer: Path, keep_heads: bool, limit: int = SHARD_BYTES
) -> None:
    """Write a Hugging Face directory of the encoder: weights in fp16, config.json, tokenizer.json and vocab.txt.

    Args:
        directory: Created where missing; weights that it held are replaced.
        model: Whose configuration is written.
        weights: By name, as in the model's state.
        tokenizer: The directory whose tokenizer.json is copied.
        keep_heads: Whether to write the heads, too, in fp32, to `HEADS`, under the names of transformers' BertForPreTraining.
        limit: Bytes of a shard; above it, whole matrices are shared out among several, as transformers does.
    """
    directory.mkdir(parents=True, exist_ok=True)
    encoder = {name.removeprefix("encoder."): tensor for name, tensor in weights.items() if name.startswith("encoder.")}
    # A matrix of its own size at least: transformers reads no blocks of rows.
    save_weights(directory, encoder, max(limit, *(2 * tensor.numel() for tensor in encoder.values())))
    (directory / HEADS).unlink(missing_ok=True)
    if keep_heads:
        heads = {_theirs(name): tensor.float().contiguous() for name, tensor in weights.items() if not name.startswith("encoder.")}
        partial = directory / (HEADS + ".partial")
        save_file(heads, partial, metadata={"format": "pt"})
        partial.chmod(0o644)  # safetensors writes for the owner alone
        partial.replace(directory / HEADS)
    save_form(directory, model.config, "BertModel", tokenizer)


def _theirs(name: str) -> str:
    module, _, kind = name.rpartition(".")
    return f"{_NAMES[module]}.{kind}"


def _head_weights(directory: Path) -> dict[str, Tensor]:
    """Return the heads' weights by transformers' names, today's and those of the first models, from `HEADS` or the model's own file."""
    found = _kept(directory / HEADS) if (directory / HEADS).is_file() else read_weights(directory)
    renamed = {name.replace(".gamma", ".weight").replace(".beta", ".bias"): tensor for name, tensor in found.items()}
    return {("bert." + name if name.startswith("pooler.") else name): tensor.float() for name, tensor in renamed.items()}


def _kept(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(f"{path}: not a whole safetensors file ({error})") from error
