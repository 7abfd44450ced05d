"""How well mentions of diseases and chemicals are found: whole mentions, and the labels of the words that make them up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from qa.errors import DatasetError
from qa.evaluation.classes import ClassReport, measure
from qa.evaluation.pubtator import Annotation, read_pubtator
from qa.name_encoder import NameEncoder
from qa.tagging import KINDS, LABELS, Tagged
from qa.training.tags import IGNORED, Corpus, label, measure_tags

MARKED: Mapping[str, tuple[str, ...]] = {"bc5cdr": KINDS, "ncbi": ("disease",)}
"""The kinds of mention that each corpus marks, all of them."""


@dataclass(frozen=True, slots=True)
class TagReport:
    """How well the mentions of a corpus are found.

    Attributes:
        documents: How many were read.
        mentions: By kind, of mentions with exactly the annotated borders: how many there are, and precision, recall and F1, in percent.
        words: Of the words' labels, of the kinds that the corpus marks.
    """

    documents: int
    mentions: Mapping[str, Mapping[str, float]]
    words: ClassReport

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON takes it."""
        return {"documents": self.documents, "mentions": dict(self.mentions), "words": self.words.as_dict()}

    def as_text(self) -> str:
        """Return two tables: a line a kind of mention, and a line a label."""
        lines = [f"{self.documents} documents", f"{'mentions':<12} {'precision':>9} {'recall':>7} {'F1':>6} {'support':>7}"]
        for kind, m in self.mentions.items():
            lines.append(f"{kind:<12} {m['precision']:9.1f} {m['recall']:7.1f} {m['f1']:6.1f} {m['mentions']:7.0f}")
        return "\n".join([*lines, f"labels of words: {self.words.as_text()}"])


class _Remembering:
    """Tags each text once."""

    def __init__(self, encoder: NameEncoder) -> None:
        self._encoder, self._found = encoder, dict[str, list[Tagged]]()

    def tag(self, text: str) -> Sequence[Tagged]:
        if text not in self._found:
            self._found[text] = self._encoder.tag(text)
        return self._found[text]


def read_whole(path: Path, name: str) -> Corpus:
    """Read all documents of a corpus of `MARKED`.

    Raises:
        DatasetError: The file cannot be read, is not of PubTator's form or holds no document.
    """
    documents = read_pubtator(path)
    if not documents:
        raise DatasetError(f"{path}: holds no document; expected some in PubTator's form")
    return Corpus(tuple(documents), MARKED[name])


def evaluate_tags(encoder: NameEncoder, corpora: Mapping[str, Corpus], quiet: bool = False) -> dict[str, TagReport]:
    """Return how well an encoder finds the mentions of each corpus; what it finds of kinds that a corpus does not mark counts nothing.

    Raises:
        ModelError: The encoder has no head for tags.
    """
    tagger, reports = _Remembering(encoder), {}
    with tqdm(total=sum(len(corpus.documents) for corpus in corpora.values()), unit="document", desc="tag", disable=quiet) as bar:
        for name, corpus in corpora.items():
            for document in corpus.documents:
                tagger.tag(document.text)
                bar.update()
            mentions = {kind: figures for kind, figures in measure_tags(tagger, [corpus]).items() if kind in corpus.kinds}
            right, given = (_labels(encoder, side) for side in (corpus, _tagged(tagger, corpus)))
            reports[name] = TagReport(len(corpus.documents), mentions, measure(right, given))
    return reports


def _tagged(tagger: _Remembering, corpus: Corpus) -> Corpus:
    """Return a corpus with the mentions that were found in place of those that people have marked."""
    documents = []
    for document in corpus.documents:
        found = (Annotation(t.start, t.end, document.text[t.start : t.end], t.kind, ()) for t in tagger.tag(document.text))
        documents.append(replace(document, annotations=tuple(found)))
    return Corpus(tuple(documents), corpus.kinds)


def _labels(encoder: NameEncoder, corpus: Corpus) -> Sequence[str]:
    labels = np.concatenate([document.labels for document in label(corpus, encoder.tokens)])
    return [LABELS[number] for number in labels[labels != IGNORED]]
