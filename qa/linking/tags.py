"""Mentions that a trained tagger finds in notes, put together with those that are found by name."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from kg.model import Entity
from kg.vocabulary import CHEMICAL, DISEASE, DRUG, DRUG_CLASS, PHENOTYPE
from qa.linking.tidy import tidy
from qa.model import SYNONYM_SCORE, Candidate, Kind, Mention
from qa.tagging import Tagged

CATEGORIES = {Kind.DISEASE: frozenset({DISEASE, PHENOTYPE}), Kind.CHEMICAL: frozenset({DRUG, DRUG_CLASS, CHEMICAL})}
"""Categories of what is of a kind."""

Resolve = Callable[[str, Kind], Sequence[Candidate]]
"""Returns what a mention of a kind may mean, best first; empty where nothing is near enough."""


class Tagger(Protocol):
    """Finds where a text speaks of diseases and chemicals, known to the graph or not."""

    def tag(self, text: str) -> Sequence[Tagged]:
        """Return the mentions, left to right; they do not overlap."""
        ...


_SURE = 0.9
"""Probability from which on a tag is believed; chosen on training documents that the tagger has not seen."""

IsToldOf = Callable[[Entity], bool]
"""Says whether the graph has facts of an entity."""

_GERM = re.compile(r"[ -](virus|viral|antigen|antibod|vaccin|RNA|DNA)", re.IGNORECASE)
"""Behind the name of an illness, this makes it that of something else: a hepatitis B virus."""

_AS_WRITTEN = SYNONYM_SCORE
"""Score of a name that stands by itself in a note, where the tagger sees nothing: it is written as it is."""


def with_tags(
    text: str, mentions: Sequence[Mention], tagged: Sequence[Tagged], resolve: Resolve, is_told_of: IsToldOf = lambda entity: True
) -> list[Mention]:
    """Return the mentions by name and those that the tagger adds, in the order of the text, without overlap.

    A longer name around a tagged mention stands. So do several names in one; a single name there, or one that only meets it, takes its
    characters: "stage 2 hypertension" for "hypertension". A name of another kind gives way to what the tagged words mean. A name that
    the tagger does not see stands where it is written as it is, names something of which the graph has facts, and no virus. What is
    tagged and has no name is linked where its words alone mean something, and else reported unlinked, with its kind and its near misses.

    Args:
        text: The text.
        mentions: Those by name.
        tagged: What the tagger found.
        resolve: Says what the words of a tagged mention mean.
        is_told_of: Says whether the graph has facts of an entity.
    """
    given = list(mentions)
    seen, kept = set[int](), list[Mention]()
    for tag in tidy(text, tagged, _SURE):
        at = meeting(given, tag.start, tag.end)
        numbers = set(range(*at.indices(len(given)))) - seen
        seen |= numbers
        linked = [given[number] for number in sorted(numbers) if given[number].entity is not None]
        kept += _together(text, tag, linked, resolve)
    kept += [m for n, m in enumerate(given) if n not in seen and (m.entity is None or _stands(text, m, is_told_of(m.entity)))]
    return _apart(kept)


def _stands(text: str, mention: Mention, is_told_of: bool) -> bool:
    """Say whether a name stands that the tagger does not see."""
    return mention.score >= _AS_WRITTEN and is_told_of and _GERM.match(text, mention.end) is None


def _together(text: str, tag: Tagged, linked: Sequence[Mention], resolve: Resolve) -> list[Mention]:
    """Return what becomes of a tag and of the names that meet it."""
    kind = Kind(tag.kind)
    same = [m for m in linked if _is_of(m.entity, kind)]
    around = [m for m in same if m.start <= tag.start and tag.end <= m.end]
    inside = {m.entity for m in same if tag.start <= m.start and m.end <= tag.end}
    if around or len(inside) > 1:
        return around[:1] or list(linked)
    if same:
        name = max(same, key=lambda mention: mention.end - mention.start)
        return [replace(name, start=tag.start, end=tag.end, text=text[tag.start : tag.end])]
    found = _found(text, tag, kind, resolve(text[tag.start : tag.end], kind))
    return list(linked) if linked and found.entity is None else [found]


def _apart(mentions: Sequence[Mention]) -> list[Mention]:
    """Return mentions in the order of the text, of two that overlap the linked one, then the longer."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda mention: mention.start):
        last = kept[-1] if kept else None
        if last is None or last.end <= mention.start:
            kept.append(mention)
        elif (mention.entity is not None, mention.end - mention.start) > (last.entity is not None, last.end - last.start):
            kept[-1] = mention
    return kept


def meeting(mentions: Sequence[Mention], start: int, end: int) -> slice:
    """Return which mentions meet the characters [start, end); they are in the order of the text and do not overlap."""
    first = bisect_right(mentions, start, key=lambda mention: mention.end)
    return slice(first, bisect_left(mentions, end, lo=first, key=lambda mention: mention.start))


def _found(text: str, tag: Tagged, kind: Kind, candidates: Sequence[Candidate]) -> Mention:
    written = text[tag.start : tag.end]
    best = candidates[0] if candidates and candidates[0].score > 0 else None
    entity, score = (best.entity, best.score) if best is not None else (None, 0.0)
    return Mention(tag.start, tag.end, written, entity, score, candidates=tuple(candidates), kind=kind if entity is None else None)


def _is_of(entity: Entity | None, kind: Kind) -> bool:
    return entity is not None and entity.category in CATEGORIES[kind]
