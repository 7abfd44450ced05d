"""Annotated abstracts as labelled tokens, and what the head for tags is trained to make small."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import nll_loss

from qa.encoding import token_range
from qa.errors import DatasetError
from qa.evaluation.pubtator import Document, read_pubtator
from qa.linking.tags import Tagger
from qa.name_encoder import Tokens
from qa.tagging import KINDS, LABELS, OUTSIDE, WINDOW, begins

IGNORED = -1
_HELD_OUT = 10  # one document in so many


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents and the kinds of mention that all of them mark; what is of another kind there is not known."""

    documents: tuple[Document, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document in tokens.

    Attributes:
        ids: Token ids. *Shape:* (n,).
        labels: The label of each token that begins a word, `IGNORED` for the others. *Shape:* (n,).
        heads: True where a token begins a word. *Shape:* (n,).
        unknown: Labels that stand for kinds which the corpus does not mark: "outside" may be one of these.
    """

    ids: npt.NDArray[np.int32]
    labels: npt.NDArray[np.int64]
    heads: npt.NDArray[np.bool_]
    unknown: tuple[int, ...]


def read_corpus(path: Path, kinds: Sequence[str]) -> tuple[Corpus, Corpus]:
    """Read a corpus in PubTator's form; return what to train on, and the tenth of its documents that is held out to choose by.

    Raises:
        DatasetError: The file cannot be read or is not of its form.
    """
    documents = read_pubtator(path)
    if not documents:
        raise DatasetError(f"{path}: holds no document")
    held = [int(sha256(document.id.encode()).hexdigest(), 16) % _HELD_OUT == 0 for document in documents]
    parts = (tuple(d for d, out in zip(documents, held, strict=True) if out is side) for side in (False, True))
    training, kept = (Corpus(part, tuple(kinds)) for part in parts)
    return training, kept


def label(corpus: Corpus, tokens: Tokens) -> list[Labelled]:
    """Tokenise and label the documents of a corpus. Of mentions that overlap, the longer is labelled."""
    unknown = tuple(number for kind in KINDS if kind not in corpus.kinds for number in (begins(kind), begins(kind) + 1))
    pieces = tokens.pieces([document.text for document in corpus.documents])
    found = []
    for document, piece in zip(corpus.documents, pieces, strict=True):
        heads = tokens.begins_word(piece.ids)
        labels = np.where(heads, OUTSIDE, IGNORED)
        taken = np.zeros(len(piece), bool)
        for mention in sorted(document.annotations, key=lambda a: a.start - a.end):
            first, last = token_range(piece.offsets, mention.start, mention.end)
            while first > 0 and not heads[first]:  # a mention that begins within a word is that of the word
                first -= 1
            if mention.kind in corpus.kinds and first < last and not taken[first:last].any():
                taken[first:last] = True
                labels[first:last] = np.where(heads[first:last], begins(mention.kind) + 1, IGNORED)
                labels[first] = begins(mention.kind)
        found.append(Labelled(piece.ids, labels, heads, unknown))
    return found


class TagSampler:
    """Draws stretches of documents, long documents as much more often as they are longer."""

    def __init__(self, documents: Sequence[Labelled], seed: int) -> None:
        self.documents = [document for document in documents if len(document.ids)]
        self.random = np.random.default_rng(seed)
        lengths = np.array([len(document.ids) for document in self.documents], float)
        self.share = lengths / lengths.sum()

    def batches(self, size: int) -> Iterator[tuple[list[npt.NDArray[np.int32]], npt.NDArray[np.int64], npt.NDArray[np.bool_]]]:
        """Yield without end: rows of ids, their labels, and the labels that each row does not know.

        *Shapes:* labels (size, longest), `IGNORED` behind the end of a row; unknown (size, 5).
        """
        while True:
            chosen = self.random.choice(len(self.documents), size, p=self.share)
            rows, labels = [], np.full((size, WINDOW), IGNORED)
            unknown = np.zeros((size, len(LABELS)), bool)
            for row, document in enumerate(self.documents[n] for n in chosen):
                first = self._first(document)
                part = slice(first, first + WINDOW)
                rows.append(document.ids[part])
                labels[row, : len(rows[-1])] = document.labels[part]
                unknown[row, list(document.unknown)] = True
            yield rows, labels[:, : max(map(len, rows))], unknown

    def _first(self, document: Labelled) -> int:
        first = int(self.random.integers(-WINDOW // 2, max(1, len(document.ids) - WINDOW // 2)))
        first = max(0, min(first, len(document.ids) - WINDOW))
        while not document.heads[first]:
            first -= 1
        return first


def tag_loss(logits: Tensor, labels: Tensor, unknown: Tensor) -> Tensor:
    """Return the mean cross-entropy of the labels; where a row does not know a label, "outside" stands for it as well.

    Args:
        logits: *Shape:* (batch, length, 5).
        labels: `IGNORED` where there is none. *Shape:* (batch, length).
        unknown: True for the labels that a row's corpus does not mark. *Shape:* (batch, 5).
    """
    logs = logits.log_softmax(-1)
    outside = unknown.clone()
    outside[:, OUTSIDE] = True
    either = logs.masked_fill(~outside[:, None, :], float("-inf")).logsumexp(-1)
    logs = torch.cat((either[..., None], logs[..., 1:]), -1)
    return nll_loss(logs.flatten(0, 1), labels.flatten(), ignore_index=IGNORED)


def measure_tags(encoder: Tagger, corpora: Sequence[Corpus]) -> dict[str, Any]:
    """Return precision, recall and F1, in percent, of mentions with exactly the annotated borders, by kind, in what marks the kind.

    Of mentions that overlap, the longer is wanted.
    """
    figures: dict[str, Any] = {}
    for kind in KINDS:
        given, wanted = set[tuple[str, int, int]](), set[tuple[str, int, int]]()
        for corpus in corpora:
            if kind in corpus.kinds:
                for document in corpus.documents:
                    given |= {(document.id, t.start, t.end) for t in encoder.tag(document.text) if t.kind == kind}
                    wanted |= {(document.id, start, end) for start, end in _outer(document, kind)}
        hits = len(given & wanted)
        figures[kind] = {
            "mentions": len(wanted),
            "precision": 100 * hits / max(1, len(given)),
            "recall": 100 * hits / max(1, len(wanted)),
            "f1": 200 * hits / max(1, len(given) + len(wanted)),
        }
    return figures


def _outer(document: Document, kind: str) -> Iterator[tuple[int, int]]:
    end = -1
    for mention in document.annotations:  # by offset, the longer first
        if mention.start >= end and mention.kind == kind:
            yield mention.start, mention.end
        end = max(end, mention.end)
