"""The reader's model: one BERT encoder with heads for spans of passages, for slots of evidence and for what a question asks.

And how it is read from a directory: weights in safetensors, whole or in shards; pickles are never opened.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers.models.bert import BertConfig, BertModel  # narrow: the package's front door costs more

from qa.errors import ModelError

Precision = Literal["fp32", "bf16"]
Classes = Mapping[str, Sequence[str]]
"""The labels of the heads for questions, by the head's name, in the order of their logits."""

ENCODERS = ("bert", "mpnet")  # those that read WordPiece; the second only teaches
INT8, SCALE = ".int8", ".scale"  # ends of the names of a matrix's two parts, where it is stored in eight bits a number
_SHARD = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")
_ROWS = re.compile(r"(?P<name>.+)#(?P<part>\d+)")


class Logits(NamedTuple):
    """What the heads say; every tensor in float32.

    *Shapes:* `start`, `end`, `slot` (batch, length); `classes` (batch, labels of all heads for questions, one after the other).
    """

    start: Tensor
    end: Tensor
    slot: Tensor
    classes: Tensor


class ReaderModel(nn.Module):
    """An encoder with its heads.

    `span` gives each token the logits of starting and ending the answer, position 0 standing for "no answer"; `slot` gives each
    token a logit whose mean over the tokens of a slot is that of the slot; `question` reads what is asked off position 0 and the mean
    of all tokens, side by side. (Position 0 alone knew the relation of seven in a hundred fewer questions of unseen wordings.)

    Args:
        encoder: A BERT or an MPNet.
        classes: The labels of each head for questions, by its name; none, and there is no such head.
    """

    def __init__(self, encoder: nn.Module, classes: Classes | None = None) -> None:
        super().__init__()
        self.encoder = encoder
        self.config = cast(Any, encoder.config)
        self.classes = dict(classes or {})
        self.span = nn.Linear(self.config.hidden_size, 2)
        self.slot = nn.Linear(self.config.hidden_size, 1)
        self.question = self.question_head(self.classes) if self.classes else None

    def question_head(self, classes: Classes) -> nn.Linear:
        """Return a fresh head for questions of some labels."""
        return nn.Linear(2 * self.config.hidden_size, sum(map(len, classes.values())))

    def forward(self, ids: Tensor, types: Tensor, real: Tensor | None = None) -> Logits:
        """Read a batch.

        Args:
            ids: Token ids. *Shape:* (batch, length).
            types: Token types. *Shape:* (batch, length).
            real: True where a token is no padding, or None where none is. *Shape:* (batch, length).
        """
        batch, length = ids.shape
        inputs: dict[str, Tensor | None] = {"input_ids": ids, "attention_mask": real}
        # MPNet, as RoBERTa, counts positions from its padding id's successor; the ids may be those of another vocabulary.
        first = 0 if self.config.model_type == "bert" else int(self.config.pad_token_id) + 1
        inputs["position_ids"] = torch.arange(first, first + length, device=ids.device).expand(batch, length)
        if self.config.model_type == "bert":
            inputs["token_type_ids"] = types
            if real is not None:  # transformers asks a flat mask whether it is all true, and the device must then be waited for
                inputs["attention_mask"] = real[:, None, None, :].expand(batch, 1, length, length)
        hidden = self.encoder(**inputs).last_hidden_state.float()
        with torch.autocast(ids.device.type, enabled=False):  # bf16 would round close answers to a tie
            start, end = self.span(hidden).unbind(-1)
            classes = hidden.new_zeros(batch, 0) if self.question is None else self.question(_pooled(hidden, real))
            return Logits(start, end, self.slot(hidden).squeeze(-1), classes)


def _pooled(hidden: Tensor, real: Tensor | None) -> Tensor:
    """Return the state of position 0 and the mean state of the tokens that are no padding. *Shape:* (batch, 2 x width)."""
    if real is None:
        return torch.cat((hidden[:, 0], hidden.mean(1)), -1)
    mean = (hidden * real[..., None]).sum(1) / real.sum(1, keepdim=True)
    return torch.cat((hidden[:, 0], mean), -1)


def read_settings(directory: Path) -> dict[str, Any]:
    """Return reader.json: the `threshold`, a logit; `max_tokens` and `stride`, in tokens; `heads` and `base`; where the slots'
    probabilities were calibrated, `slot_scale` and `slot_shift`; and, where there are heads for questions, their `classes`.

    Raises:
        ModelError: The file is missing or not of this form.
    """
    settings = read_json(directory / "reader.json")
    classes = settings.get("classes", {})
    if not isinstance(classes, dict) or not all(_labels(labels) for labels in classes.values()):
        raise ModelError(f"{directory / 'reader.json'}: classes are {classes!r:.80}; expected lists of different labels by name")
    for name, kind in (
        ("threshold", (int, float)),
        ("max_tokens", int),
        ("stride", int),
        ("slot_scale", (int, float)),
        ("slot_shift", (int, float)),
    ):
        if not isinstance(settings.get(name, 1.0 if name.startswith("slot_") else None), kind):
            raise ModelError(f"{directory / 'reader.json'}: {name} is {settings.get(name)!r}; expected a number")
    return settings


def _labels(found: object) -> bool:
    return isinstance(found, list) and bool(found) and all(isinstance(x, str) for x in found) and len(set(found)) == len(found)


def build_model(config: dict[str, Any], classes: Classes | None = None) -> ReaderModel:
    """Return a fresh model of the architecture that a config.json describes; ModelError if it is none of `ENCODERS`."""
    kind = config.get("model_type")
    if kind not in ENCODERS:
        raise ModelError(f"config.json describes a model of type {kind!r}; expected {' or '.join(ENCODERS)}")
    if kind == "bert":
        return ReaderModel(BertModel(BertConfig.from_dict(config), add_pooling_layer=False), classes)
    from transformers import AutoConfig, AutoModel  # a teacher; no reader that is served pays for this import

    form = AutoConfig.for_model(**config)
    return ReaderModel(AutoModel.from_config(form, add_pooling_layer=False), classes)  # type: ignore[no-untyped-call]


def load_model(directory: Path, dtype: torch.dtype = torch.float32) -> ReaderModel:
    """Load the encoder, in `dtype`, and the heads, in fp32, on the CPU. No weight is initialised first, none is unpickled.

    Raises:
        ModelError: A file is missing, damaged or of another architecture.
    """
    model = empty_model(directory)
    weights = read_weights(directory)
    _check(directory, model, weights)
    kinds = {name: dtype if name.startswith("encoder.") else torch.float32 for name in model.state_dict()}
    model.load_state_dict({name: weights[name].to(kind) for name, kind in kinds.items()}, assign=True)
    fill_buffers(model)
    return model


def empty_model(directory: Path) -> ReaderModel:
    """Return the model of a reader directory without storage; ModelError if its config.json describes none of `ENCODERS`."""
    config = read_json(directory / "config.json")
    try:
        with torch.device("meta"):
            return build_model(config, read_settings(directory).get("classes"))
    except ModelError as error:
        raise ModelError(f"{directory}: {error}") from error
    except Exception as error:  # transformers and torch raise what they like for impossible sizes
        raise ModelError(f"{directory / 'config.json'}: no model can be built from it ({error})") from error


def fill_buffers(model: nn.Module) -> None:
    """Give a model that was built without storage its positions and token types, which are saved nowhere."""
    for module in model.modules():
        for name, buffer in list(module.named_buffers(recurse=False)):
            if buffer.is_meta:
                value = torch.arange(buffer.shape[-1]) if name == "position_ids" else torch.zeros(buffer.shape[-1])
                module.register_buffer(name, value.long().expand(buffer.shape), persistent=False)


def read_weights(directory: Path) -> dict[str, Tensor]:
    """Read model.safetensors, or the shards that model.safetensors.index.json names.

    Tensors stored in rows, or as int8 with scales (`qa.training.saving.save_weights`), are put together.

    Raises:
        ModelError: A file is missing or damaged.
    """
    index = directory / "model.safetensors.index.json"
    names = ["model.safetensors"]
    if index.is_file():
        listed = read_json(index).get("weight_map")
        names = sorted(set(listed.values())) if isinstance(listed, dict) else []
        if not names or not all(isinstance(name, str) and _SHARD.fullmatch(name) for name in names):
            raise ModelError(f"{index}: weight_map does not name shards; expected model-00001-of-0000N.safetensors")
    weights: dict[str, Tensor] = {}
    for name in names:
        try:
            weights.update(load_file(directory / name))
        except FileNotFoundError as error:
            raise ModelError(f"{directory / name}: the file is missing; weights are read from safetensors, never from pickles") from error
        except (SafetensorError, OSError, ValueError) as error:
            raise ModelError(f"{directory / name}: not a whole safetensors file ({error})") from error
    return _scaled(directory, _whole(weights))


def _whole(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    whole, rows = {}, dict[str, dict[int, Tensor]]()
    for name, tensor in weights.items():
        if match := _ROWS.fullmatch(name):
            rows.setdefault(match["name"], {})[int(match["part"])] = tensor
        else:
            whole[name] = tensor
    return whole | {name: torch.cat([parts[n] for n in sorted(parts)]) for name, parts in rows.items()}


def _scaled(directory: Path, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    for rounded in [name for name in weights if name.endswith(INT8)]:
        name = rounded.removesuffix(INT8)
        matrix, scale = weights.pop(rounded), weights.pop(name + SCALE, torch.ones(()))
        if matrix.ndim != 2 or scale.ndim != 2 or len(scale) != len(matrix):
            raise ModelError(f"{directory}: {rounded} has no {name + SCALE} of as many rows")
        try:
            weights[name] = (matrix.reshape(*scale.shape, -1) * scale[..., None].float()).reshape(matrix.shape)
        except RuntimeError as error:
            raise ModelError(
                f"{directory}: {name + SCALE} has {scale.shape[1]} columns; expected a divisor of {matrix.shape[1]}"
            ) from error
    return weights


def _check(directory: Path, model: ReaderModel, weights: dict[str, Tensor]) -> None:
    for name, expected in model.state_dict().items():
        if name not in weights:
            raise ModelError(f"{directory}: the weights hold no {name}; expected a reader's encoder and heads, whole")
        if weights[name].shape != expected.shape:
            got, wanted = list(weights[name].shape), list(expected.shape)
            raise ModelError(f"{directory}: {name} has shape {got}; expected {wanted} from config.json")


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object of a model directory; ModelError if it is missing or none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{path}: the file is missing; expected a model directory with it") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: not readable as JSON ({error})") from error
    if not isinstance(found, dict):
        raise ModelError(f"{path}: holds a {type(found).__name__}; expected a JSON object")
    return found


def autocast(device: torch.device) -> torch.autocast:
    """Return the context in which to train: bf16 where the device is faster in it, else nothing."""
    return torch.autocast(device.type, torch.bfloat16, enabled=best_precision(device.type) == "bf16")


def best_precision(device: str) -> Precision:
    """Return bf16 where a device computes faster in it, else fp32."""
    if device.startswith("cuda"):
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    # AVX-512's bf16 without AMX is no gain: MiniLM takes 1.45 times as long in it as in fp32, in training as well.
    # The probe is private in torch up to 2.13; where it is gone, fp32 is slower and right.
    probe = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return "bf16" if device == "cpu" and probe is not None and probe() else "fp32"
