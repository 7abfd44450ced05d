"""A BERT encoder with the two heads that it is pre-trained with: words that were masked, and whether B follows A."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, gelu, linear
from torch.utils.checkpoint import checkpoint
from tqdm import tqdm

from qa.reader_model import autocast
from qa.training.data import by_length
from qa.training.masking import NOT_MASKED, PairBatch, PairStore

_CHUNK = 1_024  # masked tokens whose logits, one for each token of the vocabulary, are held at once


class Outputs(NamedTuple):
    """What the model says of a batch: the last state of each token, shape (batch, length, width), and the logits of B following A and
    of its being from elsewhere, shape (batch, 2); both in float32."""

    states: Tensor
    apart: Tensor


class _Bias(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(size))


class PretrainModel(nn.Module):
    """A BERT encoder with a head for words, whose last matrix is the encoder's own of word embeddings, and one for pairs.

    Args:
        encoder: A `BertModel` without a pooler.
    """

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.config = cast(Any, encoder.config)
        width = self.config.hidden_size
        self.pooler, self.apart = nn.Linear(width, width), nn.Linear(width, 2)
        self.transform, self.norm = nn.Linear(width, width), nn.LayerNorm(width, eps=self.config.layer_norm_eps)
        self.words = _Bias(self.config.vocab_size)
        for layer in (self.pooler, self.apart, self.transform):
            nn.init.normal_(layer.weight, std=self.config.initializer_range)
            nn.init.zeros_(layer.bias)
        # The last states carry on from the embeddings that they are compared with: a fresh head had better not turn them, nor be sure
        # of itself. On abstracts this begins at half the perplexity of random weights.
        nn.init.eye_(self.transform.weight)
        nn.init.constant_(self.norm.weight, 0.5)

    def expect(self, words: Tensor) -> None:
        """Let the head for words begin with how often each is met; a fresh head would first have to learn this alone.

        Args:
            words: Token ids of a text. *Shape:* (n,).
        """
        counts = torch.bincount(words, minlength=len(self.words.bias)) + 1.0
        with torch.no_grad():
            self.words.bias.copy_((counts / counts.sum()).log())

    def forward(self, ids: Tensor, types: Tensor, real: Tensor | None = None) -> Outputs:
        """Read a batch.

        Args:
            ids: Token ids. *Shape:* (batch, length).
            types: Token types. *Shape:* (batch, length).
            real: True where a token is no padding, or None where none is. *Shape:* (batch, length).
        """
        batch, length = ids.shape
        # transformers asks a flat mask whether it is all true, and the device must then be waited for.
        mask = None if real is None else real[:, None, None, :].expand(batch, 1, length, length)
        states = self.encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        return Outputs(states.float(), self.apart(torch.tanh(self.pooler(states[:, 0]))).float())

    def word_logits(self, states: Tensor) -> Tensor:
        """Return the logits of every token of the vocabulary. *Shape:* (n, width) to (n, vocabulary)."""
        with autocast(states.device):
            found = self.norm(gelu(self.transform(states)))
            return linear(found, cast(Any, self.encoder).get_input_embeddings().weight, self.words.bias).float()

    def word_losses(self, states: Tensor, words: Tensor) -> Tensor:
        """Return the cross-entropy of the tokens to be predicted, 0 where none is. *Shape:* (n, width) and (n,) to (n,).

        Of many, the logits are computed part by part, and once more for the gradient, so that memory does not grow with them.
        """
        if len(states) <= _CHUNK:
            return self._losses(states, words)
        parts = zip(torch.split(states, _CHUNK), torch.split(words, _CHUNK), strict=True)
        return torch.cat([checkpoint(self._losses, *part, use_reentrant=False, preserve_rng_state=False) for part in parts])

    def _losses(self, states: Tensor, words: Tensor) -> Tensor:
        return cross_entropy(self.word_logits(states), words, reduction="none", ignore_index=NOT_MASKED)


def pretrain_loss(model: PretrainModel) -> Callable[[Outputs, PairBatch], Tensor]:
    """Return the loss of a batch, summed over its pairs: masked words, weighed as `PairBatch` says, and whether B follows.

    The words' head is part of the loss and not of the model's forward pass, which does not know where to predict what.
    """

    def loss(outputs: Outputs, batch: PairBatch) -> Tensor:
        states, words, at = masked(outputs, batch)
        found = model.word_losses(states, words) * batch.weight[at]
        return found.sum() + cross_entropy(outputs.apart, batch.apart, reduction="sum")

    return loss


def masked(outputs: Outputs, batch: PairBatch) -> tuple[Tensor, Tensor, Tensor]:
    """Return of each masked token its state, the token to be predicted, and its row. *Shapes:* (n, width), (n,), (n,)."""
    rows, columns = (batch.words != NOT_MASKED).nonzero(as_tuple=True)
    return outputs.states[rows, columns], batch.words[rows, columns], rows


def measure(model: PretrainModel, store: PairStore, batch: int = 64) -> dict[str, float]:
    """Return what a model is worth on pairs, always masked in the same way.

    `masked_accuracy` (percent of the masked tokens predicted right), `perplexity` (exp of the mean cross-entropy over them),
    `next_accuracy` (percent of the pairs) and `score`, minus the sum of both mean cross-entropies: it is to be high.
    """
    plan = by_length(store.lengths, batch)
    words_loss = words_right = number = pairs_loss = pairs_right = 0.0
    for part in tqdm(store.batches(plan), total=len(plan), desc="measure", unit="batch", leave=False):
        with torch.no_grad():
            with autocast(store.device):
                outputs = model(part.ids, part.types, part.real)
            states, words, _ = masked(outputs, part)
            for some, wanted in zip(torch.split(states, _CHUNK), torch.split(words, _CHUNK), strict=True):
                logits = model.word_logits(some)
                words_loss += cross_entropy(logits, wanted, reduction="sum").item()
                words_right += (logits.argmax(-1) == wanted).sum().item()
            number += len(words)
            pairs_loss += cross_entropy(outputs.apart, part.apart, reduction="sum").item()
            pairs_right += (outputs.apart.argmax(-1) == part.apart).sum().item()
    of_words, of_pairs = words_loss / number, pairs_loss / len(store)
    return {
        "masked_accuracy": 100 * words_right / number,
        "perplexity": math.exp(min(of_words, 700.0)),
        "next_accuracy": 100 * pairs_right / len(store),
        "score": -(of_words + of_pairs),
    }
