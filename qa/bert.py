"""The reader: a BERT encoder with a head for spans of passages and a head for slots of evidence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import pad
from transformers.models.bert import BertConfig, BertModel  # narrow: the package's front door costs more

from qa.encoding import Encoder, Window
from qa.errors import ModelError
from qa.reader import ReadingTask, Span

Precision = Literal["fp32", "bf16"]

LONGEST_ANSWER = 30  # tokens
NO_ANSWER = Span(0, 0, "", float("-inf"))
ENCODERS = ("bert", "mpnet")  # those that read WordPiece; the second only teaches
_SHARD = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")
_ROWS = re.compile(r"(?P<name>.+)#(?P<part>\d+)")
INT8, SCALE = ".int8", ".scale"  # ends of the names of a matrix's two parts, where it is stored in eight bits a number
_PADDED_TOKENS = 16_384  # of one batch: bounds memory, and long windows gain nothing from company


class Logits(NamedTuple):
    """What the heads say of each token; every tensor in float32. *Shape:* (batch, length)."""

    start: Tensor
    end: Tensor
    slot: Tensor


class ReaderModel(nn.Module):
    """An encoder with two heads.

    `span` gives each token the logits of starting and ending the answer, position 0 standing for "no answer"; `slot` gives each
    token a logit whose mean over the tokens of a slot is that of the slot.
    """

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.config = cast(Any, encoder.config)
        self.span = nn.Linear(self.config.hidden_size, 2)
        self.slot = nn.Linear(self.config.hidden_size, 1)

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
            return Logits(start, end, self.slot(hidden).squeeze(-1))


def best_spans(start: Tensor, end: Tensor, passage: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return for each window the best span of at most `LONGEST_ANSWER` tokens: score, first position, last position.

    The score is the joint logit of start and end less that of position 0; minus infinity where the passage has no token. Of
    equal spans the first, then the shortest is taken.

    Args:
        start: *Shape:* (batch, length).
        end: *Shape:* (batch, length).
        passage: True at the tokens of the passage. *Shape:* (batch, length).
    """
    lowest = float("-inf")
    starts, ends = start.masked_fill(~passage, lowest), end.masked_fill(~passage, lowest)
    banded = pad(ends, (0, LONGEST_ANSWER - 1), value=lowest).unfold(1, LONGEST_ANSWER, 1)
    score, at = (starts[:, :, None] + banded).flatten(1).max(1)
    first = at // LONGEST_ANSWER
    return score - start[:, 0] - end[:, 0], first, first + at % LONGEST_ANSWER


class BertReader:
    """Reads evidence (`qa.reader.Reader`) and passages (`qa.reader.PassageReader`); threads may share one.

    A passage whose best score is below `threshold` holds no answer; at most `batch` windows are read at once.

    Args:
        model: The model.
        encoder: Of its vocabulary.
        threshold: A logit.
        batch: Windows.
        calibration: Scale and shift of a slot's logit that make its probability true to how often such slots answer (Platt, 1999,
            "Probabilistic outputs for support vector machines"), from held-out tasks.
    """

    def __init__(
        self,
        model: ReaderModel,
        encoder: Encoder,
        threshold: float = 0.0,
        batch: int = 16,
        calibration: tuple[float, float] = (1.0, 0.0),
    ) -> None:
        self.model, self.encoder, self.threshold, self.batch, self.calibration = model, encoder, threshold, batch, calibration
        self.device = next(model.parameters()).device

    @classmethod
    def load(
        cls, directory: Path, device: str | None = None, precision: Precision | None = None, model: ReaderModel | None = None
    ) -> BertReader:
        """Load a reader directory: config.json, tokenizer.json, reader.json and model.safetensors or its shards.

        Args:
            directory: As `qa.training` writes it.
            device: A torch device; by default CUDA where there is one, else the CPU.
            precision: By default bf16 where the device is faster in it, else fp32.
            model: The directory's own, where it is loaded already or converted (`qa.converted`).

        Raises:
            ModelError: A file is missing, damaged or of another architecture.
        """
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        settings = read_settings(directory)
        encoder = Encoder.load(directory, settings["max_tokens"], settings["stride"])
        if model is None:
            model = load_model(directory, torch.bfloat16 if (precision or best_precision(device)) == "bf16" else torch.float32)
        if encoder.tokenizer.get_vocab_size() > model.config.vocab_size:
            raise ModelError(f"{directory}: tokenizer.json has more tokens than the model; expected the one it was trained with")
        calibration = settings.get("slot_scale", 1.0), settings.get("slot_shift", 0.0)
        return cls(model.to(device).eval(), encoder, settings["threshold"], 16 if device == "cpu" else 128, calibration)

    def read(self, tasks: Sequence[ReadingTask]) -> list[tuple[float, ...]]:
        """Return, task by task, the probability of each slot to be an answer, in the order of its slots.

        A slot without a single token (white space, control characters) has probability 0.
        """
        windows = [(task, w) for task, group in enumerate(self.encoder.task_windows(tasks)) for w in group]
        found = [[0.0] * len(task.slots) for task in tasks]
        scale, shift = self.calibration
        for numbers, logits, _ in self._batches([w for _, w in windows]):
            slot = logits.slot.cpu().numpy()
            for row, number in enumerate(numbers):
                task, window = windows[number]
                for n, first, last in window.slots:
                    logit = scale * slot[row, first:last].mean(dtype=np.float64) + shift
                    found[task][n] = float(1 / (1 + np.exp(-logit)))
        return [tuple(probabilities) for probabilities in found]

    def extract(self, pairs: Sequence[tuple[str, str]], *, may_abstain: bool = True) -> list[Span]:
        """Return, for each (question, passage), the best span, or an empty one, with its score, where that is too low.

        With `may_abstain` false only a passage without a token gives an empty one, as SQuAD v1.1 asks.
        """
        windows = [(pair, w) for pair, group in enumerate(self.encoder.passage_windows(pairs)) for w in group]
        best = [NO_ANSWER] * len(pairs)
        for numbers, logits, passage in self._batches([w for _, w in windows]):
            spans = zip(numbers, *(t.tolist() for t in best_spans(logits.start, logits.end, passage)), strict=True)
            for number, score, first, last in spans:
                pair, window = windows[number]
                if score > best[pair].score:
                    begin = int(window.passage[first - window.passage_at, 0])
                    end = int(window.passage[last - window.passage_at, 1])
                    best[pair] = Span(begin, end, pairs[pair][1][begin:end], score)
        return [s if not may_abstain or s.score >= self.threshold else Span(0, 0, "", s.score) for s in best]

    def _batches(self, windows: Sequence[Window]) -> Iterator[tuple[list[int], Logits, Tensor]]:
        """Yield, batch by batch, the numbers of its windows, their logits and where their passages are."""
        order = sorted(range(len(windows)), key=lambda n: len(windows[n].ids))
        while order:
            size = max(1, min(self.batch, len(order), _PADDED_TOKENS // len(windows[order[-1]].ids)))
            numbers, order = order[-size:], order[:-size]
            ids, types, real, passage = (t.to(self.device) for t in _stack([windows[n] for n in numbers], self.encoder.padding))
            with torch.inference_mode():
                even = len(windows[numbers[0]].ids) == ids.shape[1]
                yield numbers, self.model(ids, types, None if even else real), passage


def read_settings(directory: Path) -> dict[str, Any]:
    """Return reader.json: the `threshold`, a logit; `max_tokens` and `stride`, in tokens; `heads` and `base`; and, where the slots'
    probabilities were calibrated, `slot_scale` and `slot_shift`.

    Raises:
        ModelError: The file is missing or not of this form.
    """
    settings = read_json(directory / "reader.json")
    for name, kind in (("threshold", (int, float)), ("max_tokens", int), ("stride", int), ("slot_scale", float), ("slot_shift", float)):
        if not isinstance(settings.get(name, 1.0 if name.startswith("slot_") else None), kind):
            raise ModelError(f"{directory / 'reader.json'}: {name} is {settings.get(name)!r}; expected a number")
    return settings


def build_model(config: dict[str, Any]) -> ReaderModel:
    """Return a fresh model of the architecture that a config.json describes; ModelError if it is none of `ENCODERS`."""
    kind = config.get("model_type")
    if kind not in ENCODERS:
        raise ModelError(f"config.json describes a model of type {kind!r}; expected {' or '.join(ENCODERS)}")
    if kind == "bert":
        return ReaderModel(BertModel(BertConfig.from_dict(config), add_pooling_layer=False))
    from transformers import AutoConfig, AutoModel  # a teacher; no reader that is served pays for this import

    form = AutoConfig.for_model(**config)
    return ReaderModel(AutoModel.from_config(form, add_pooling_layer=False))  # type: ignore[no-untyped-call]


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
            return build_model(config)
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


def _stack(windows: Sequence[Window], padding: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Pad windows to the longest: ids, types, which tokens are real, which are of the passage. *Shape:* (batch, length)."""
    shape = len(windows), max(len(w.ids) for w in windows)
    ids, types = np.full(shape, padding, np.int64), np.zeros(shape, np.int64)
    real, passage = np.zeros(shape, bool), np.zeros(shape, bool)
    for row, w in enumerate(windows):
        ids[row, : len(w.ids)], types[row, : len(w.ids)], real[row, : len(w.ids)] = w.ids, w.types, True
        passage[row, w.passage_at : w.passage_at + len(w.passage)] = True
    return torch.from_numpy(ids), torch.from_numpy(types), torch.from_numpy(real), torch.from_numpy(passage)
