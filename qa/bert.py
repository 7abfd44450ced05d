"""The reader: one BERT encoder with heads for spans of passages, for slots of evidence and for what a question asks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import pad
from transformers.models.bert import BertConfig, BertModel  # narrow: the package's front door costs more

from qa.encoding import Encoder, Window
from qa.errors import ModelError
from qa.reader import Contributions, Reading, ReadingTask, Span

Precision = Literal["fp32", "bf16"]
Classes = Mapping[str, Sequence[str]]
"""The labels of the heads for questions, by the head's name, in the order of their logits."""

LONGEST_ANSWER = 30  # tokens
NO_ANSWER = Span(0, 0, "", float("-inf"))
ENCODERS = ("bert", "mpnet")  # those that read WordPiece; the second only teaches
_SHARD = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")
_ROWS = re.compile(r"(?P<name>.+)#(?P<part>\d+)")
INT8, SCALE = ".int8", ".scale"  # ends of the names of a matrix's two parts, where it is stored in eight bits a number
Floats = npt.NDArray[np.float32]

_PADDED_TOKENS = 16_384  # of one batch: bounds memory, and long windows gain nothing from company


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
    token a logit whose mean over the tokens of a slot is that of the slot; `question` reads off position 0 what is asked.

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
        labels = sum(map(len, self.classes.values()))
        self.question = nn.Linear(self.config.hidden_size, labels) if labels else None

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
            classes = hidden.new_zeros(batch, 0) if self.question is None else self.question(hidden[:, 0])
            return Logits(start, end, self.slot(hidden).squeeze(-1), classes)


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
    def load(cls, directory: Path, device: str | None = None, precision: Precision | None = None) -> BertReader:
        """Load a reader directory: config.json, tokenizer.json, reader.json and model.safetensors or its shards.

        Args:
            directory: As `qa.training` writes it.
            device: A torch device; by default CUDA where there is one, else the CPU.
            precision: By default bf16 where the device is faster in it, else fp32.

        Raises:
            ModelError: A file is missing, damaged or of another architecture.
        """
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        settings = read_settings(directory)
        encoder = Encoder.load(directory, settings["max_tokens"], settings["stride"])
        model = load_model(directory, torch.bfloat16 if (precision or best_precision(device)) == "bf16" else torch.float32)
        if encoder.tokenizer.get_vocab_size() > model.config.vocab_size:
            raise ModelError(f"{directory}: tokenizer.json has more tokens than the model; expected the one it was trained with")
        calibration = settings.get("slot_scale", 1.0), settings.get("slot_shift", 0.0)
        return cls(model.to(device).eval(), encoder, settings["threshold"], 16 if device == "cpu" else 128, calibration)

    def read(self, tasks: Sequence[ReadingTask]) -> list[tuple[float, ...]]:
        """Return, task by task, the probability of each slot to be an answer, in the order of its slots.

        A slot without a single token (white space, control characters) has probability 0. Passages are not looked at.
        """
        found = [[0.0] * len(task.slots) for task in tasks]
        for task, window, row, logits in self._windows(self.encoder.task_windows(tasks)):
            self._fill(found[task], window, logits.slot[row].numpy())
        return [tuple(probabilities) for probabilities in found]

    def extract(self, pairs: Sequence[tuple[str, str]], *, may_abstain: bool = True) -> list[Span]:
        """Return, for each (question, passage), the best span, or an empty one, with its score, where that is too low.

        With `may_abstain` false only a passage without a token gives an empty one, as SQuAD v1.1 asks.
        """
        best = [NO_ANSWER] * len(pairs)
        for pair, window, row, logits in self._windows(self.encoder.passage_windows(pairs)):
            best[pair] = max(best[pair], _span(window, logits, row, pairs[pair][1]), key=_score)
        return [self._settled(span, may_abstain) for span in best]

    def spans(self, question: str, passage: str, most: int = 5) -> list[Span]:
        """Return the best spans of a passage, best first, at most `most`, of which none overlaps a better one.

        None is held back by the threshold; what no answer scores is 0.
        """
        found: list[Span] = []
        for _, window, row, logits in self._windows(self.encoder.passage_windows([(question, passage)])):
            found += _spans(window, logits, row, passage, most)
        return distinct(found, most)

    def read_both(self, tasks: Sequence[ReadingTask], *, may_abstain: bool = True) -> list[Reading]:
        """Read the evidence and, as second segment, the passage of each task, together.

        Every slot is judged once, beside a part of the passage; the span is the best of all windows, as in `extract`.
        """
        found = [[0.0] * len(task.slots) for task in tasks]
        best = [NO_ANSWER] * len(tasks)
        for task, window, row, logits in self._windows(self.encoder.both_windows(tasks)):
            self._fill(found[task], window, logits.slot[row].numpy())
            best[task] = max(best[task], _span(window, logits, row, tasks[task].passage), key=_score)
        return [Reading(tuple(p), self._settled(span, may_abstain)) for p, span in zip(found, best, strict=True)]

    def classify(self, questions: Sequence[str]) -> list[dict[str, tuple[str, float]]]:
        """Return, question by question and head by head, the likeliest label and its probability.

        Of a long question the end is read. Without heads for questions the dictionaries are empty.
        """
        found: list[dict[str, tuple[str, float]]] = [{} for _ in questions]
        for question, _, row, logits in self._windows([[w] for w in self.encoder.question_windows(questions)]):
            at = 0
            for head, labels in self.model.classes.items():
                shares = logits.classes[row, at : at + len(labels)].softmax(-1)
                best = int(shares.argmax())
                found[question][head] = labels[best], float(shares[best])
                at += len(labels)
        return found

    def contributions(self, task: ReadingTask) -> Contributions:
        """Say which triples carry the answers: how far a logit falls where a triple's words are hidden behind masks.

        Reads every window of the task once for each slot in it.
        """
        slots = np.zeros((len(task.slots), len(task.slots)))
        spans, best = np.zeros(len(task.slots)), float("-inf")
        (group,) = self.encoder.both_windows([task]) if task.passage else self.encoder.task_windows([task])
        for window in group:
            hidden = [self.encoder.hiding(window, first, last) for _, first, last in window.slots]
            rows = sorted(self._windows([[w] for w in [window, *hidden]]), key=lambda row: row[0])
            whole, *without = [[logits.slot[row, a:b].double().mean() for _, a, b in window.slots] for _, _, row, logits in rows]
            numbers = [n for n, _, _ in window.slots]
            for n, fewer in zip(numbers, without, strict=True):
                slots[n, numbers] = np.subtract(whole, fewer)
            scores = [_span(window, logits, row, task.passage).score for _, _, row, logits in rows]
            if scores[0] > best:
                best, spans[:] = scores[0], 0
                spans[numbers] = np.subtract(scores[0], scores[1:])
        return Contributions(slots, spans)

    def _fill(self, found: list[float], window: Window, slot: Floats) -> None:
        scale, shift = self.calibration
        for n, first, last in window.slots:
            found[n] = float(1 / (1 + np.exp(-(scale * slot[first:last].mean(dtype=np.float64) + shift))))

    def _settled(self, span: Span, may_abstain: bool) -> Span:
        return span if not may_abstain or span.score >= self.threshold else Span(0, 0, "", span.score)

    def _windows(self, groups: Sequence[Sequence[Window]]) -> Iterator[tuple[int, Window, int, Logits]]:
        """Yield each window of each group once, in an order of its own: group, window, and its row in a batch's logits."""
        windows = [(group, window) for group, found in enumerate(groups) for window in found]
        for numbers, logits in self._batches([window for _, window in windows]):
            near = Logits(*(t.float().cpu() for t in logits))
            for row, number in enumerate(numbers):
                yield *windows[number], row, near

    def _batches(self, windows: Sequence[Window]) -> Iterator[tuple[list[int], Logits]]:
        """Yield, batch by batch, the numbers of its windows and their logits; where memory runs out, in smaller batches from then on."""
        order = sorted(range(len(windows)), key=lambda n: len(windows[n].ids))
        while order:
            size = max(1, min(self.batch, len(order), _PADDED_TOKENS // len(windows[order[-1]].ids)))
            numbers = order[-size:]
            try:
                logits = self._run([windows[n] for n in numbers])
            except torch.OutOfMemoryError:
                if size == 1:
                    raise
                self.batch = size // 2
                continue
            order = order[:-size]
            yield numbers, logits

    def _run(self, windows: Sequence[Window]) -> Logits:
        ids, types, real = (t.to(self.device) for t in _stack(windows, self.encoder.padding))
        even = min(len(w.ids) for w in windows) == ids.shape[1]
        with torch.inference_mode():
            return cast(Logits, self.model(ids, types, None if even else real))


def _spans(window: Window, logits: Logits, row: int, passage: str, most: int) -> list[Span]:
    """Return the best spans of a window, best first, of which none overlaps another; fewer where it is short."""
    found: list[Span] = []
    free = [(window.passage_at, window.passage_at + len(window.passage))]
    positions = torch.arange(logits.start.shape[1])
    while len(found) < most and free:
        # A span that overlaps none that was taken lies wholly in one of the stretches between them.
        inside = torch.stack([(positions >= first) & (positions < last) for first, last in free])
        start, end = (side[row].expand(len(free), -1) for side in (logits.start, logits.end))
        scores, firsts, lasts = (column.tolist() for column in best_spans(start, end, inside))
        best = int(np.argmax(scores))
        if scores[best] == float("-inf"):
            break
        first, last = firsts[best], lasts[best] + 1
        begin, stop = int(window.passage[first - window.passage_at, 0]), int(window.passage[last - 1 - window.passage_at, 1])
        found.append(Span(begin, stop, passage[begin:stop], scores[best]))
        low, high = free.pop(best)
        free += [(a, b) for a, b in ((low, first), (last, high)) if a < b]
    return found


def _span(window: Window, logits: Logits, row: int, passage: str) -> Span:
    return next(iter(_spans(window, logits, row, passage, 1)), NO_ANSWER)


def _score(span: Span) -> float:
    return span.score


def distinct(spans: Sequence[Span], most: int) -> list[Span]:
    """Return the best of spans, best first, at most `most`, leaving out every one that overlaps a better one.

    Of equal scores the one that comes first in the passage is better.
    """
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (-s.score, s.start, s.end)):
        if len(kept) < most and all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return kept


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
    for name, kind in (("threshold", (int, float)), ("max_tokens", int), ("stride", int), ("slot_scale", float), ("slot_shift", float)):
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
    config = read_json(directory / "config.json")
    try:
        with torch.device("meta"):
            model = build_model(config, read_settings(directory).get("classes"))
    except ModelError as error:
        raise ModelError(f"{directory}: {error}") from error
    except Exception as error:  # transformers and torch raise what they like for impossible sizes
        raise ModelError(f"{directory / 'config.json'}: no model can be built from it ({error})") from error
    weights = read_weights(directory)
    _check(directory, model, weights)
    kinds = {name: dtype if name.startswith("encoder.") else torch.float32 for name in model.state_dict()}
    model.load_state_dict({name: weights[name].to(kind) for name, kind in kinds.items()}, assign=True)
    fill_buffers(model)
    return model


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


def _stack(windows: Sequence[Window], padding: int) -> tuple[Tensor, Tensor, Tensor]:
    """Pad windows to the longest: ids, types and which tokens are real. *Shape:* (batch, length)."""
    shape = len(windows), max(len(w.ids) for w in windows)
    ids, types, real = np.full(shape, padding, np.int64), np.zeros(shape, np.int64), np.zeros(shape, bool)
    for row, w in enumerate(windows):
        ids[row, : len(w.ids)], types[row, : len(w.ids)], real[row, : len(w.ids)] = w.ids, w.types, True
    return torch.from_numpy(ids), torch.from_numpy(types), torch.from_numpy(real)
