"""Documents in tokens, and the pairs of sentence runs that BERT is pre-trained on (Devlin et al., 2019, section 3.1).

A pair is two runs of whole sentences, A and B. In half of the pairs B is what follows A in its document, in the others it is from another
document.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from qa.encoding import Encoder
from qa.errors import DatasetError
from qa.training.corpus import Document

Ints = npt.NDArray[np.int64]

SPECIALS = 3  # tokens of an input that are no text
_CHUNK = 2_000  # sentences that are tokenised together
_SHORTEST = 2  # tokens of a short pair


@dataclass(frozen=True, slots=True)
class TokenText:
    """Sentences one after the other.

    Attributes:
        ids: Token ids of all sentences, shape (tokens,).
        begins: Whether a word begins with the token, shape (tokens,); True of the first token of every sentence.
        sentences: Where each sentence begins among the tokens, and the end of the last, shape (sentences + 1,).
        documents: Where each document begins among the sentences, and the end of the last, shape (documents + 1,).
    """

    ids: npt.NDArray[np.int32]
    begins: npt.NDArray[np.bool_]
    sentences: Ints
    documents: Ints


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs of sentences, half-open, by the numbers that `TokenText.sentences` gives them.

    Attributes:
        a: The first run.
        b: The second.
        follows: Whether it is what follows the first in its document.
    """

    a: tuple[int, int]
    b: tuple[int, int]
    follows: bool


def tokenise(documents: Sequence[Document], encoder: Encoder, longest: int) -> TokenText:
    """Turn documents into tokens; a sentence of more than `longest` tokens is cut, between words, into several.

    Documents without a token, such as of a script that the vocabulary lacks altogether, are left out.
    """
    vocabulary = encoder.tokenizer.get_vocab()
    continues = np.zeros(max(vocabulary.values()) + 1, bool)
    continues[[number for token, number in vocabulary.items() if token.startswith("##")]] = True
    ids, begins = list[npt.NDArray[np.int32]](), list[npt.NDArray[np.bool_]]()
    ends = [0]
    pieces = _pieces([sentence for document in documents for sentence in document.sentences], encoder)
    for document in documents:
        for _ in document.sentences:
            found = next(pieces)
            starts = ~continues[found]
            for first, last in _cuts(starts, longest):
                part = starts[first:last].copy()
                part[:1] = True
                ids.append(found[first:last])
                begins.append(part)
        if len(ids) > ends[-1]:
            ends.append(len(ids))
    bounds = np.cumsum([0, *map(len, ids)])
    empty = np.zeros(0, np.int32)
    return TokenText(np.concatenate([empty, *ids]), np.concatenate([empty > 0, *begins]), bounds, np.array(ends, np.int64))


def make_pairs(text: TokenText, max_tokens: int, seed: int, short: float = 0.1) -> list[Pair]:
    """Cut documents into pairs, each as long as whole sentences allow; every sentence is in a pair, in the order of the documents.

    Whether B follows is decided by chance and kept in balance; a document of one sentence can only be paired with another document.

    Args:
        text: Its sentences have at most `(max_tokens - SPECIALS) // 2` tokens.
        max_tokens: Longest input, special tokens included.
        seed: Decides everything left to chance.
        short: Share of the pairs that are cut to a random length, lest the model expect long inputs alone.

    Raises:
        DatasetError: There are fewer than two documents.
    """
    if len(text.documents) < 3:
        raise DatasetError(f"{len(text.documents) - 1} documents with tokens; expected at least 2, half of the pairs being of two")
    maker = _PairMaker(text, max_tokens - SPECIALS, random.Random(seed), short)
    return list(chain.from_iterable(map(maker.document, tqdm(range(len(text.documents) - 1), desc="pairs", unit="document"))))


def _pieces(sentences: Sequence[str], encoder: Encoder) -> Iterator[npt.NDArray[np.int32]]:
    with tqdm(total=len(sentences), desc="tokens", unit="sentence") as bar:
        for first in range(0, len(sentences), _CHUNK):
            found = encoder.pieces(sentences[first : first + _CHUNK])
            bar.update(len(found))
            yield from (piece.ids for piece in found)


def _cuts(starts: npt.NDArray[np.bool_], longest: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of at most `longest` tokens; only a word that is longer itself is cut."""
    first = 0
    while len(starts) - first > longest:
        at = np.flatnonzero(starts[first + 1 : first + longest + 1])
        last = first + 1 + int(at[-1]) if len(at) else first + longest
        yield first, last
        first = last
    if len(starts) > first:
        yield first, len(starts)


class _PairMaker:
    """Cuts documents into pairs.

    Args:
        text: The documents.
        room: Tokens of a pair.
        chance: Where chance comes from.
        short: Share of short pairs.
    """

    def __init__(self, text: TokenText, room: int, chance: random.Random, short: float) -> None:
        self.room, self.chance, self.short = room, chance, short
        self.lengths: list[int] = np.diff(text.sentences).tolist()
        self.ends: list[int] = text.documents.tolist()
        self.lead = 0  # pairs whose B follows, less the others

    def document(self, number: int) -> Iterator[Pair]:
        """Yield the pairs that begin in a document."""
        first, end = self.ends[number], self.ends[number + 1]
        at = first
        while at < end:
            target = self._target()
            last = self._run(at, end, target)
            alone = last - at == 1
            if (not alone or at > first) and self._follows():
                at -= alone  # the document's last sentence follows the one before it, if nothing else
                middle = self.chance.randrange(at + 1, last)
                self.lead += 1
                yield Pair((at, middle), (middle, last), True)
                at = last
            else:
                found = self._apart(number, (at, self.chance.randrange(at + 1, max(last, at + 2))), target)
                self.lead -= 1
                yield found
                at = found.a[1]  # what A left over is not lost

    def _follows(self) -> bool:
        return self.chance.random() < 0.5 if self.lead == 0 else self.lead < 0

    def _target(self) -> int:
        return self.chance.randint(_SHORTEST, self.room) if self.chance.random() < self.short else self.room

    def _run(self, at: int, end: int, target: int) -> int:
        """Return the end of a run of at most `target` tokens, of two sentences at least where there are two."""
        last, held = at + 1, self.lengths[at]
        while last < end and (last == at + 1 or held + self.lengths[last] <= target):
            held += self.lengths[last]
            last += 1
        return last

    def _apart(self, number: int, a: tuple[int, int], target: int) -> Pair:
        """Return a pair of A, or of its beginning where B would not fit otherwise, and a run of another document."""
        other = self.chance.randrange(len(self.ends) - 2)
        other += other >= number
        begin = self.chance.randrange(self.ends[other], self.ends[other + 1])
        first, last = a
        held = sum(self.lengths[first:last])
        while held + self.lengths[begin] > self.room:
            last -= 1
            held -= self.lengths[last]
        end = begin + 1
        held += self.lengths[begin]
        while end < self.ends[other + 1] and held + self.lengths[end] <= target:
            held += self.lengths[end]
            end += 1
        return Pair((first, last), (begin, end), False)
