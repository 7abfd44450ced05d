"""Annotated abstracts: which mentions of diseases and chemicals are found, and whether they are given the right entity."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from qa.evaluation.linking.golds import Golds, kind_of
from qa.evaluation.linking.results import (
    KINDS,
    Detection,
    Figure,
    Miss,
    Share,
    Watch,
    around,
    covering,
    detect,
    shown,
    shown_candidates,
)
from qa.evaluation.pubtator import CHEMICAL, DISEASE, Annotation, Document
from qa.linker import Linker
from qa.model import Mention

_MENTION_AIMS = {DISEASE: 80.0, CHEMICAL: 85.0}
_NORMALISATION_AIM = 90.0
_JUDGED = ("exact", "overlapping", "given", "given_namesake", "given_heading", "given_five")


@runtime_checkable
class SpanLinker(Protocol):
    """A linker that can be told where a mention is."""

    def link_span(self, text: str, start: int, end: int) -> Mention | None:
        """Return what the characters of a text from `start` to `end` mean, or None."""
        ...


@dataclass(frozen=True, slots=True)
class KindCounts:
    """What was counted for diseases, or for chemicals.

    Attributes:
        kind: `DISEASE` or `CHEMICAL`.
        strict: Mentions with the very ends of gold ones.
        loose: Mentions that overlap gold ones.
        in_graph: Gold mentions with an identifier, and how many of these mean an entity of the graph.
        in_graph_ids: The same of distinct identifiers.
        exact: Of gold mentions in graph that were found with their very ends, those linked to the right entity.
        overlapping: Of gold mentions in graph that were found at all, those linked to the right entity.
        given: Of all gold mentions in graph, those linked rightly where the linker is told the span.
        given_namesake: The same, where an entity that shares a name with the right one counts as well.
        given_heading: The same, where an entity for which the annotators' vocabulary has no identifier counts as the nearest broader ones.
        given_five: The same, where the right entity is among the first five candidates.
    """

    kind: str
    strict: Detection
    loose: Detection
    in_graph: Share
    in_graph_ids: Share
    exact: Share
    overlapping: Share
    given: Share
    given_namesake: Share
    given_heading: Share
    given_five: Share

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as plain JSON types."""
        names = ("strict", "loose", "in_graph", "in_graph_ids", *_JUDGED)
        return {name: getattr(self, name).as_dict() for name in names}


@dataclass(frozen=True, slots=True)
class CorpusResult:
    """The figures of a corpus; `seconds` were spent in linking whole documents."""

    name: str
    documents: int
    seconds: float
    kinds: tuple[KindCounts, ...]
    misses: tuple[Miss, ...] = field(default=(), repr=False)

    @property
    def per_second(self) -> float:
        """Documents linked in a second."""
        return self.documents / self.seconds if self.seconds else 0.0

    def figures(self) -> list[Figure]:
        """Return the main figures."""
        figures = []
        for kind in self.kinds:
            figures.append(Figure(f"{self.name} {kind.kind} mentions, F1", kind.strict.f1, _MENTION_AIMS[kind.kind]))
            figures.append(Figure(f"{self.name} {kind.kind} normalisation", kind.given.percent, _NORMALISATION_AIM))
        return figures

    def as_dict(self) -> dict[str, Any]:
        """Return all figures as plain JSON types."""
        kinds = {kind.kind: kind.as_dict() for kind in self.kinds}
        return {"documents": self.documents, "documents_per_second": round(self.per_second, 2), **kinds}

    def as_text(self) -> str:
        """Return all figures for a terminal."""
        lines = [f"{self.documents} documents, {self.per_second:.1f} a second"]
        for kind in self.kinds:
            lines += [
                f"{kind.kind}: {kind.strict.gold} mentions",
                f"  mentions, exact spans                 {kind.strict}",
                f"  mentions, overlapping                 {kind.loose}",
                f"  gold mentions whose id is in graph    {kind.in_graph}; distinct ids {kind.in_graph_ids}",
                f"  right entity, found with exact span   {kind.exact}",
                f"  right entity, found                   {kind.overlapping}",
                f"  right entity, span given              {kind.given}",
                f"  right or of its name, span given      {kind.given_namesake}",
                f"  right or filed there, span given      {kind.given_heading}",
                f"  among five, span given                {kind.given_five}",
            ]
        return "\n".join(lines)


def evaluate_corpus(name: str, linker: Linker, documents: Sequence[Document], golds: Golds, watch: Watch[Document]) -> CorpusResult:
    """Link the documents of a corpus and count what was found.

    A gold mention is found where a mention of its kind overlaps it; of several the one that covers most of it counts. Where the span
    is given, a mention of the document that has the very span stands for it, since it was linked in its context; else the linker is
    asked for the span, or, if it cannot be, for the text of the span alone. A mention with several identifiers is right with one.

    Args:
        name: What the corpus is called, in figures and misses.
        linker: Ours or a peer.
        documents: The corpus.
        golds: Resolves identifiers.
        watch: Shows how far it is.
    """
    kinds = [kind for kind in KINDS if any(a.kind == kind for d in documents for a in d.annotations)]
    tallies = {kind: _Tally(name, kind, golds) for kind in kinds}
    seconds = 0.0
    for document in watch(documents, name):
        started = time.perf_counter()
        mentions = linker.link(document.text)
        seconds += time.perf_counter() - started
        for kind, tally in tallies.items():
            tally.add(linker, document, mentions, [a for a in document.annotations if a.kind == kind])
    misses = tuple(miss for tally in tallies.values() for miss in tally.misses)
    return CorpusResult(name, len(documents), seconds, tuple(tally.counts() for tally in tallies.values()), misses)


class _Tally:
    """Counts one kind over the documents."""

    def __init__(self, name: str, kind: str, golds: Golds) -> None:
        self._name, self._kind, self._golds = name, kind, golds
        self._strict = self._loose = Detection(0, 0, 0, 0)
        self._with_id: list[tuple[str, ...]] = []
        self._known: list[bool] = []
        self._judged: dict[str, list[bool]] = {name: [] for name in _JUDGED}
        self.misses: list[Miss] = []

    def add(self, linker: Linker, document: Document, mentions: Sequence[Mention], gold: Sequence[Annotation]) -> None:
        of_kind = [mention for mention in mentions if kind_of(mention) == self._kind]
        spans, marks = [(m.start, m.end) for m in of_kind], [(a.start, a.end) for a in gold]
        self._strict += detect(spans, marks, exact=True)
        self._loose += detect(spans, marks, exact=False)
        self.misses += self._strays(document, of_kind, gold)
        for annotation in gold:
            found = self._found(document, of_kind, annotation)
            if annotation.identifiers:
                known = bool(self._golds.entities(annotation.identifiers))
                self._with_id.append(annotation.identifiers)
                self._known.append(known)
                if known:
                    self._judge(annotation, found)
                    self._judge_given(linker, document, mentions, annotation)

    def _found(self, document: Document, of_kind: Sequence[Mention], annotation: Annotation) -> Mention | None:
        found = covering(of_kind, (annotation.start, annotation.end))
        if found is None:
            self._miss("not found", document, annotation, None)
        elif (found.start, found.end) != (annotation.start, annotation.end):
            place = around(document.text, (annotation.start, annotation.end))
            self.misses.append(Miss(self._name, "other span", place, annotation.text, (), found.text, shown_candidates(found)))
        return found

    def _judge(self, annotation: Annotation, found: Mention | None) -> None:
        if found is not None:
            right = self._golds.first(found, annotation.identifiers)
            self._judged["overlapping"].append(right)
            if (found.start, found.end) == (annotation.start, annotation.end):
                self._judged["exact"].append(right)

    def _judge_given(self, linker: Linker, document: Document, mentions: Sequence[Mention], annotation: Annotation) -> None:
        mention = linked_at(linker, document.text, (annotation.start, annotation.end), mentions)
        right = self._golds.first(mention, annotation.identifiers)
        self._judged["given"].append(right)
        entity = mention.entity if mention is not None else None
        self._judged["given_namesake"].append(self._golds.is_namesake(entity, annotation.identifiers))
        self._judged["given_heading"].append(self._golds.is_filed_under(entity, annotation.identifiers))
        self._judged["given_five"].append(self._golds.among_five(mention, annotation.identifiers))
        if not right:
            self._miss("wrong entity", document, annotation, mention)

    def _strays(self, document: Document, mentions: Iterable[Mention], gold: Sequence[Annotation]) -> Iterator[Miss]:
        for mention in mentions:
            if not any(a.start < mention.end and mention.start < a.end for a in gold):
                place = around(document.text, (mention.start, mention.end))
                yield Miss(self._name, "not gold", place, mention.text, (), shown(mention.entity), shown_candidates(mention))

    def _miss(self, kind: str, document: Document, annotation: Annotation, mention: Mention | None) -> None:
        place = around(document.text, (annotation.start, annotation.end))
        gold = (*annotation.identifiers, *sorted(self._golds.entities(annotation.identifiers)))
        entity = mention.entity if mention is not None else None
        self.misses.append(Miss(self._name, kind, place, annotation.text, gold, shown(entity), shown_candidates(mention)))

    def counts(self) -> KindCounts:
        ids = {one for several in self._with_id for one in several}
        return KindCounts(
            kind=self._kind,
            strict=self._strict,
            loose=self._loose,
            in_graph=Share(sum(self._known), len(self._known)),
            in_graph_ids=Share(sum(bool(self._golds.entities([one])) for one in ids), len(ids)),
            **{name: Share(sum(judged), len(judged)) for name, judged in self._judged.items()},
        )


def linked_at(linker: Linker, text: str, span: tuple[int, int], mentions: Iterable[Mention]) -> Mention | None:
    """Return what a linker makes of a given span: in its context where it can, else alone.

    Args:
        linker: Ours or a peer.
        text: The whole text.
        span: Half-open, in characters of the text.
        mentions: What the linker found in the whole text.
    """
    there = next((m for m in mentions if (m.start, m.end) == span and m.entity is not None), None)
    if there is not None:
        return there
    if isinstance(linker, SpanLinker):
        return linker.link_span(text, *span)
    alone = text[span[0] : span[1]]
    return covering(linker.link(alone), (0, len(alone)))
