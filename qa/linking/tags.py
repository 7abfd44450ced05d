"""Mentions that a trained tagger finds in notes, put together with those that are found by name."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from kg.model import Entity
from kg.vocabulary import CHEMICAL, DISEASE, DRUG, DRUG_CLASS, PHENOTYPE
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


_SURE = 0.8
"""Probability from which on a tag is believed; chosen on training documents that the tagger has not seen."""

_AS_WRITTEN = SYNONYM_SCORE
"""Score of a name that stands by itself in a note, where the tagger sees nothing: it is written as it is."""


def with_tags(text: str, mentions: Sequence[Mention], tagged: Sequence[Tagged], resolve: Resolve) -> list[Mention]:
    """Return the mentions by name and those that the tagger adds, in the order of the text, without overlap.

    A name inside a longer tagged mention of its kind takes its characters, "stage 2 hypertension" for "hypertension"; several names
    there stand as they are. A name that the tagger does not see stands where it is written as it is. What is tagged and has no name
    is linked where its words alone mean something, and else reported unlinked, with its kind and its near misses.

    Args:
        text: The text.
        mentions: Those by name.
        tagged: What the tagger found.
        resolve: Says what the words of a tagged mention mean.
    """
    given = list(mentions)
    seen, replaced, added = set[int](), dict[int, Mention](), list[Mention]()
    for tag in (tag for tag in tagged if tag.probability >= _SURE):
        kind, here = Kind(tag.kind), meeting(given, tag.start, tag.end)
        numbers = range(*here.indices(len(given)))
        linked = [number for number in numbers if given[number].entity is not None]
        seen.update(numbers)
        if not linked:
            added.append(_found(text, tag, kind, resolve(text[tag.start : tag.end], kind)))
        elif len(linked) == 1 and _is_inside(given[linked[0]], tag) and _is_of(given[linked[0]].entity, kind):
            # What is unlinked beside the name, within the tag, is part of it now.
            replaced[linked[0]] = replace(given[linked[0]], start=tag.start, end=tag.end, text=text[tag.start : tag.end])
    kept = [
        replaced.get(number, mention)
        for number, mention in enumerate(given)
        if (mention.score >= _AS_WRITTEN or (number in seen and mention.entity is not None))
        or (mention.entity is None and number not in seen)
    ]
    return sorted([*kept, *added], key=lambda mention: mention.start)


def meeting(mentions: Sequence[Mention], start: int, end: int) -> slice:
    """Return which mentions meet the characters [start, end); they are in the order of the text and do not overlap."""
    first = bisect_right(mentions, start, key=lambda mention: mention.end)
    return slice(first, bisect_left(mentions, end, lo=first, key=lambda mention: mention.start))


def _found(text: str, tag: Tagged, kind: Kind, candidates: Sequence[Candidate]) -> Mention:
    written = text[tag.start : tag.end]
    best = candidates[0] if candidates and candidates[0].score > 0 else None
    entity, score = (best.entity, best.score) if best is not None else (None, 0.0)
    return Mention(tag.start, tag.end, written, entity, score, candidates=tuple(candidates), kind=kind if entity is None else None)


def _is_inside(mention: Mention, tag: Tagged) -> bool:
    return tag.start <= mention.start and mention.end <= tag.end and (mention.start, mention.end) != (tag.start, tag.end)


def _is_of(entity: Entity | None, kind: Kind) -> bool:
    return entity is not None and entity.category in CATEGORIES[kind]
