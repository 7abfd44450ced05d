"""The linker's encoder: what short names mean, as vectors, and where a text speaks of diseases and chemicals.

One BERT does both. A name's vector is the mean over its tokens, of length 1, as sentence-transformers has it. Tokens are labelled
(`qa.tagging`) by a head on their states: the last, or those of a branch, layers of its own upon the first layers of the encoder.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from transformers.models.bert import BertConfig, BertModel  # narrow: the package's front door costs more
from transformers.models.bert.modeling_bert import BertLayer

from qa.encoding import Encoder, Piece
from qa.errors import ModelError
from qa.reader_model import Precision, best_precision, fill_buffers, read_json, read_weights
from qa.tagging import LABELS, Tagged, decode, segments, windows

SETTINGS = "linker.json"
LONGEST_NAME = 256  # tokens; what lies beyond is not read
_PADDED_TOKENS = {"cpu": 1_024, "cuda": 65_536}  # of one batch
_ALIGNED = 8  # lengths are rounded up to it on a GPU, whose kernels want aligned rows


class NameModel(nn.Module):
    """A BERT encoder with a head for tags, or without one.

    Args:
        encoder: A `BertModel`.
        tags: Whether there is a head.
        shared: Layers of the encoder that the head's branch stands upon; it takes the place of the others. None for no branch.
    """

    def __init__(self, encoder: nn.Module, tags: bool, shared: int | None = None) -> None:
        super().__init__()
        self.encoder = encoder
        self.config = cast(Any, encoder.config)
        self.tag = nn.Linear(self.config.hidden_size, len(LABELS)) if tags else None
        self.shared = shared
        own = [] if shared is None else range(shared, self.config.num_hidden_layers)
        self.tag_layers = nn.ModuleList(BertLayer(self.config, layer_idx=n) for n in own)  # type: ignore[no-untyped-call]

    def states(self, ids: Tensor, real: Tensor | None) -> Tensor:
        """Return the last states of the tokens, in float32. *Shape:* (batch, length, width).

        Args:
            ids: Token ids. *Shape:* (batch, length).
            real: True where a token is no padding, or None where none is. *Shape:* (batch, length).
        """
        # transformers asks a flat mask whether it is all true, and the device must then be waited for.
        found = self.encoder(attention_mask=_square(real), **_inputs(ids))
        return cast(Tensor, found.last_hidden_state.float())

    def shared_states(self, ids: Tensor, real: Tensor | None) -> Tensor:
        """Return the states that the branch begins with. *Shape:* (batch, length, width)."""
        encoder = cast(Any, self.encoder)
        states = encoder.embeddings(**_inputs(ids))
        for layer in encoder.encoder.layer[: self.shared]:
            states = layer(states, _square(real))
        return cast(Tensor, states)

    def branch(self, states: Tensor, real: Tensor | None) -> Tensor:
        """Return the logits of the labels for the states that the branch begins with, in float32. *Shape:* (batch, length, 5)."""
        for layer in self.tag_layers:
            states = layer(states, _square(real))
        return self._label(states.float())

    def embed(self, ids: Tensor, real: Tensor | None) -> Tensor:
        """Return the mean of the states of the real tokens, of length 1. *Shape:* (batch, width)."""
        states = self.states(ids, real)
        if real is None:
            return normalize(states.mean(1), dim=-1)
        return normalize((states * real[..., None]).sum(1), dim=-1)

    def tags(self, ids: Tensor, real: Tensor | None) -> Tensor:
        """Return the logits of the labels, in float32. *Shape:* (batch, length, 5)."""
        if self.shared is not None:
            return self.branch(self.shared_states(ids, real), real)
        return self._label(self.states(ids, real))

    def _label(self, states: Tensor) -> Tensor:
        assert self.tag is not None, "the model has no head for tags"
        with torch.autocast(states.device.type, enabled=False):
            return cast(Tensor, self.tag(states))


def _inputs(ids: Tensor) -> dict[str, Tensor]:
    batch, length = ids.shape
    positions = torch.arange(length, device=ids.device).expand(batch, length)
    return {"input_ids": ids, "token_type_ids": torch.zeros_like(ids), "position_ids": positions}


def _square(real: Tensor | None) -> Tensor | None:
    if real is None:
        return None
    batch, length = real.shape
    return real[:, None, None, :].expand(batch, 1, length, length)


class Tokens:
    """Turns texts into padded batches.

    Args:
        directory: Of the tokenizer.json.
    """

    def __init__(self, directory: Path) -> None:
        self.encoder = Encoder.load(directory)
        vocabulary = self.encoder.tokenizer.get_vocab()
        missing = {"[CLS]", "[SEP]", "[PAD]"} - vocabulary.keys()
        if missing:
            raise ModelError(f"{directory}: the tokenizer has no token {' or '.join(sorted(missing))}; expected that of a BERT model")
        self._start, self._end, self._padding = (vocabulary[name] for name in ("[CLS]", "[SEP]", "[PAD]"))
        self.size = len(vocabulary)
        self._continues = np.zeros(max(vocabulary.values()) + 1, bool)
        self._continues[[number for token, number in vocabulary.items() if token.startswith("##")]] = True

    def pieces(self, texts: Sequence[str]) -> list[Piece]:
        """Tokenise texts, without special tokens."""
        return self.encoder.pieces(texts)

    def begins_word(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """Say of each token whether a word begins with it."""
        begins: npt.NDArray[np.bool_] = ~self._continues[ids]
        begins[:1] = True  # a window may cut a word in two
        return begins

    def batch(self, rows: Sequence[npt.NDArray[np.int32]], device: torch.device) -> tuple[Tensor, Tensor | None]:
        """Return rows of ids between their special tokens, padded, and which tokens are real (None where all are)."""
        lengths = [len(row) + 2 for row in rows]
        width = max(lengths)
        if device.type != "cpu":
            width = -(-width // _ALIGNED) * _ALIGNED
        ids = np.full((len(rows), width), self._padding, np.int64)
        ids[:, 0] = self._start
        for number, (row, length) in enumerate(zip(rows, lengths, strict=True)):
            ids[number, 1 : length - 1], ids[number, length - 1] = row, self._end
        even = min(lengths) == width
        real = None if even else torch.from_numpy(np.arange(width) < np.array(lengths)[:, None]).to(device)
        return torch.from_numpy(ids).to(device), real


class NameEncoder:
    """Embeds names and finds mentions; threads may share one.

    Attributes:
        has_tags: Whether it can find mentions.
        width: Numbers in a vector.
    """

    def __init__(self, model: NameModel, tokens: Tokens) -> None:
        self.model, self.tokens = model, tokens
        self.device = next(model.parameters()).device
        self.has_tags = model.tag is not None
        self.width = int(model.config.hidden_size)

    @classmethod
    def load(cls, directory: Path, device: str | None = None, precision: Precision | None = None) -> NameEncoder:
        """Load the linker's encoder, or a plain Hugging Face directory of a BERT, which has no head for tags.

        Args:
            directory: With config.json, tokenizer.json and weights in safetensors.
            device: A torch device; by default CUDA where there is one, else the CPU.
            precision: By default bf16 where the device is faster in it, else fp32.

        Raises:
            ModelError: A file is missing, damaged or of another architecture.
        """
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        dtype = torch.bfloat16 if (precision or best_precision(device)) == "bf16" else torch.float32
        model, tokens = load_name_model(directory, dtype), Tokens(directory)
        if tokens.size > model.config.vocab_size:
            raise ModelError(f"{directory}: tokenizer.json has more tokens than the model; expected the one it was trained with")
        return cls(model.to(device).eval(), tokens)

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return a vector of length 1 for each text, in order. *Shape:* (n, width).

        The product of two vectors is 1 for the same meaning and near 0 for unrelated ones. An empty text has one, too.
        """
        found = np.zeros((len(texts), self.width), np.float32)
        rows = [piece.ids[: LONGEST_NAME - 2] for piece in self.tokens.pieces(texts)]
        for numbers in self._batches([len(row) for row in rows]):
            with torch.inference_mode():
                found[numbers] = self.model.embed(*self.tokens.batch([rows[n] for n in numbers], self.device)).cpu().numpy()
        return found

    def tag(self, text: str) -> list[Tagged]:
        """Return the mentions of diseases and chemicals, left to right; they do not overlap.

        Long texts are read window by window, in memory that does not grow with them.

        Raises:
            ModelError: There is no head for tags.
        """
        if not self.has_tags:
            raise ModelError("the encoder has no head for tags; expected the linker's own weights rather than a plain model's")
        return [
            Tagged(offset + found.start, offset + found.end, found.kind, found.probability)
            for offset, segment in segments(text)
            for found in self._tag_segment(segment)
        ]

    def _tag_segment(self, text: str) -> list[Tagged]:
        (piece,) = self.tokens.pieces([text])
        if not len(piece):
            return []
        cuts = list(windows(len(piece)))
        probabilities = np.zeros((len(piece), len(LABELS)), np.float32)
        for numbers in self._batches([last - first for first, last, _, _ in cuts]):
            rows = [piece.ids[cuts[n][0] : cuts[n][1]] for n in numbers]
            with torch.inference_mode():
                found = self._logits(*self.tokens.batch(rows, self.device)).softmax(-1).cpu().numpy()
            for row, n in zip(found, numbers, strict=True):
                first, _, kept, last_kept = cuts[n]
                probabilities[kept:last_kept] = row[1 + kept - first : 1 + last_kept - first]
        return decode(probabilities, piece.offsets, self.tokens.begins_word(piece.ids))

    def _logits(self, ids: Tensor, real: Tensor | None) -> Tensor:
        return self.model.tags(ids, real)

    def _batches(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Yield numbers of rows of like length, longest first, so many that their padded tokens stay bounded."""
        order = sorted(range(len(lengths)), key=lambda n: -lengths[n])
        room = _PADDED_TOKENS.get(self.device.type, _PADDED_TOKENS["cuda"])
        first = 0
        while first < len(order):
            last = first + max(1, room // (lengths[order[first]] + 2))
            yield order[first:last]
            first = last


def load_name_model(directory: Path, dtype: torch.dtype = torch.float32) -> NameModel:
    """Load an encoder in `dtype`, with the branch and, in fp32, the head for tags where it has them, on the CPU.

    Raises:
        ModelError: A file is missing, damaged or of another architecture.
    """
    config = read_json(directory / "config.json")
    if config.get("model_type") != "bert":
        raise ModelError(f"{directory / 'config.json'}: describes a model of type {config.get('model_type')!r}; expected bert")
    ours = (directory / SETTINGS).is_file()
    try:
        with torch.device("meta"):
            bert = BertModel(BertConfig.from_dict(config), add_pooling_layer=False)
            model = NameModel(bert, *(_tagging(directory, bert.config.num_hidden_layers) if ours else (False, None)))
    except ModelError:
        raise
    except Exception as error:  # transformers and torch raise what they like for impossible sizes
        raise ModelError(f"{directory / 'config.json'}: no model can be built from it ({error})") from error
    weights = read_weights(directory)
    if not ours:
        weights = {"encoder." + name.removeprefix("bert."): tensor for name, tensor in weights.items()}
    chosen = {}
    for name, expected in model.state_dict().items():
        if name not in weights or weights[name].shape != expected.shape:
            got = f"shape {list(weights[name].shape)}" if name in weights else "no such weight"
            raise ModelError(f"{directory}: {name} has {got}; expected shape {list(expected.shape)} from config.json")
        chosen[name] = weights[name].to(torch.float32 if name.startswith("tag.") else dtype)
    model.load_state_dict(chosen, assign=True)
    fill_buffers(model)
    return model


def _tagging(directory: Path, layers: int) -> tuple[bool, int | None]:
    """Return whether there is a head for tags, and how many layers its branch shares with the encoder, None without a branch."""
    settings = read_json(directory / SETTINGS)
    labels, shared = settings.get("labels"), settings.get("shared_layers")
    if labels not in ([], list(LABELS)):
        raise ModelError(f"{directory / SETTINGS}: labels are {labels!r:.80}; expected {list(LABELS)}, or none")
    if shared is not None and not (type(shared) is int and 0 <= shared < layers and labels):
        raise ModelError(f"{directory / SETTINGS}: shared_layers is {shared!r:.80}; expected 0 to {layers - 1}, and labels")
    return bool(labels), shared
