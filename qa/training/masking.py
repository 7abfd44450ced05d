"""Batches of sentence pairs with words masked anew in every pass, and yet the same whenever a pass is repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor

from qa.errors import ModelError
from qa.training.data import Plan
from qa.training.sentence_pairs import SPECIALS, Ints, Pair, TokenText

NOT_MASKED = -1
MASKED_SHARE, REPLACED_SHARE = 0.8, 0.1  # of what is to be predicted: shown as [MASK], as any token; the rest is shown as it is
_MULTIPLE = 8  # lengths are rounded up to it: attention kernels want aligned rows
_NAMES = ("[CLS]", "[SEP]", "[PAD]", "[MASK]")

Bools = npt.NDArray[np.bool_]


class PairBatch(NamedTuple):
    """Padded pairs, masked, on the device.

    *Shapes:* `ids`, `types`, `real`, `words` (batch, length), `apart`, `weight` (batch,).

    `words` is the token to be predicted at each position, `NOT_MASKED` where none is; `apart` is 0 where B follows A, else 1 (the order of
    BERT's own head). `weight` is that of each masked token of the row in a loss that is summed over the batch and then divided by
    its size: with it, the loss of a batch is the mean over its masked tokens, in however many parts it is computed.
    """

    ids: Tensor
    types: Tensor
    real: Tensor
    words: Tensor
    apart: Tensor
    weight: Tensor

    def split(self, parts: int) -> Iterator[PairBatch]:
        """Yield at most `parts` batches of nearly equal size that together are this one."""
        size = -(-len(self.ids) // parts)
        for first in range(0, len(self.ids), size):
            yield PairBatch(*(tensor[first : first + size] for tensor in self))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What masking must know of a vocabulary: the special tokens' ids, and those that may replace a token, shape (n,)."""

    start: int
    separator: int
    padding: int
    mask: int
    ordinary: Ints

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Vocabulary:
        """Return that of a BERT tokenizer; ModelError where it lacks a special token."""
        ids = tokenizer.get_vocab()
        if missing := [name for name in _NAMES if name not in ids]:
            raise ModelError(f"the tokenizer's vocabulary has no token {' or '.join(missing)}; expected that of a BERT model")
        # Any other token in brackets is special, too, or unused: a text's own brackets are tokens by themselves.
        ordinary = [n for token, n in ids.items() if not (len(token) > 2 and token[0] == "[" and token[-1] == "]")]
        start, separator, padding, mask = (ids[name] for name in _NAMES)
        return cls(start, separator, padding, mask, np.array(sorted(ordinary), np.int64))


class PairStore:
    """Pairs of sentence runs, from which masked batches are built.

    What is masked follows from the seed, the plan of the pass and the number of the batch alone: a run resumed in the middle of a pass
    meets the masks that it would have met, and another pass, planned otherwise, meets others.

    Args:
        text: What the pairs are of.
        pairs: At least one.
        vocabulary: Of the tokens.
        device: Where batches go.
        seed: Of the masks.
        share: Of the tokens, how many are to be predicted; whole words are chosen, and one a pair at least.
    """

    def __init__(
        self, text: TokenText, pairs: Sequence[Pair], vocabulary: Vocabulary, device: torch.device, seed: int, share: float = 0.15
    ) -> None:
        self.device, self._text, self._vocabulary, self._seed, self._share = device, text, vocabulary, seed, share
        # First token and one past the last of A, then of B. Shape: (pairs, 2, 2).
        self._runs = text.sentences[np.array([(pair.a, pair.b) for pair in pairs], np.int64)]
        self._apart = np.array([not pair.follows for pair in pairs], np.int64)
        self.lengths: Ints = np.diff(self._runs).sum((1, 2)) + SPECIALS

    def __len__(self) -> int:
        return len(self.lengths)

    def words(self) -> Ints:
        """Return the ids of the tokens of all of the text, in order, none masked. *Shape:* (tokens,)."""
        return self._text.ids.astype(np.int64)

    def batches(self, plan: Plan, first: int = 0) -> Iterator[PairBatch]:
        """Yield the batches of a plan, from number `first` on; each is the same whatever `first` is."""
        digest = hashlib.sha256(plan.order.astype("<i8").tobytes() + repr(plan.cuts).encode()).digest()
        for n in range(first, len(plan)):
            chance = np.random.default_rng((self._seed, int.from_bytes(digest[:16]), n))
            yield self._batch(plan.order[plan.cuts[n] : plan.cuts[n + 1]], chance)

    def _batch(self, numbers: Ints, chance: np.random.Generator) -> PairBatch:
        ids, types, real, text = self._unmasked(numbers)
        begins = np.zeros(ids.shape, bool)
        begins[text >= 0] = self._text.begins[text[text >= 0]]
        chosen = choose_words(begins, text >= 0, self._share, chance)
        words = np.where(chosen, ids, NOT_MASKED)
        kind, other = chance.random(ids.shape), chance.choice(self._vocabulary.ordinary, ids.shape)
        ids[chosen & (kind < MASKED_SHARE)] = self._vocabulary.mask
        replaced = chosen & (kind >= MASKED_SHARE) & (kind < MASKED_SHARE + REPLACED_SHARE)
        ids[replaced] = other[replaced]
        weight = np.full(len(numbers), len(numbers) / max(1, chosen.sum()), np.float32)
        columns = (ids, types, real, words, self._apart[numbers], weight)
        return PairBatch(*(torch.from_numpy(column).to(self.device) for column in columns))

    def _unmasked(self, numbers: Ints) -> tuple[Ints, Ints, Bools, Ints]:
        """Return ids, types, what is no padding, and where in the text each token is, -1 for none. *Shape:* (batch, length)."""
        (a, a_end), (b, b_end) = (self._runs[numbers, n].T[..., None] for n in range(2))
        width = -(-int(self.lengths[numbers].max()) // _MULTIPLE) * _MULTIPLE
        at = np.arange(width)[None]
        first, last = 1 + a_end - a, 2 + (a_end - a) + (b_end - b)  # positions of the separators
        text = np.where((at > 0) & (at < first), a + at - 1, NOT_MASKED)
        text = np.where((at > first) & (at < last), b + at - first - 1, text)
        ids = np.where(text >= 0, self._text.ids[text], self._vocabulary.padding).astype(np.int64)
        ids[:, 0] = self._vocabulary.start
        ids[(at == first) | (at == last)] = self._vocabulary.separator
        return ids, ((at > first) & (at <= last)).astype(np.int64), at <= last, text


def choose_words(begins: Bools, is_text: Bools, share: float, chance: np.random.Generator) -> Bools:
    """Choose about `share` of the tokens, by whole words, and one word a row at least; say of each token whether it is chosen.

    Args:
        begins: Whether a word begins with the token. *Shape:* (rows, length).
        is_text: Whether the token is neither special nor padding. *Shape:* (rows, length).
        share: 0 to 1.
        chance: Where chance comes from; as much is drawn for every array of this shape.
    """
    rows, length = begins.shape
    drawn = np.take_along_axis(chance.random((rows, length + 1)), begins.cumsum(1), 1)
    drawn[~is_text] = 1.0
    chosen: Bools = is_text & ((drawn < share) | (drawn == drawn.min(1, keepdims=True)))
    return chosen
