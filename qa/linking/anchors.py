"""Everyday words that name something in medicine: in a long text they do so only where medicine is spoken of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kg.vocabulary import CHEMICAL, DISEASE, DRUG, DRUG_CLASS, PHENOTYPE
from qa.linking.hits import FILLERS, SPLIT, Linked
from qa.model import MISSPELT_SCORE

SHORT_TEXT = 40
"""Words of the longest text that is taken for one about medicine whatever it says, as a question to a medical service is."""

_FAR, _NEAR = 40, 15
"""Words between an everyday word and what shows that medicine is spoken of: a name that stands out, another everyday one."""

MEDICAL = frozenset({CHEMICAL, DISEASE, DRUG, DRUG_CLASS, PHENOTYPE})
"""Categories of illnesses, signs and medicines."""


def anchored(linked: Sequence[Linked], words: int, is_everyday: Callable[[str], bool]) -> list[Linked]:
    """Return the names without the everyday words that nothing around them shows to be meant medically.

    "The injury of the economy", "children", "the rest of the world": a single frequent word for an illness, a sign or a medicine stands
    only near another of these; what is misspelt, or an everyday word for anything else, only near one that is no everyday word.

    Args:
        linked: Names without overlap, in the order of the text.
        words: Words of the text.
        is_everyday: Says whether a folded word is among the most frequent of English.
    """
    if words <= SHORT_TEXT:
        return list(linked)
    weak = [_is_weak(entry, is_everyday) for entry in linked]
    return [entry for number, entry in enumerate(linked) if not weak[number] or _is_anchored(number, linked, weak)]


def _is_weak(entry: Linked, is_everyday: Callable[[str], bool]) -> bool:
    category = entry.candidates[0].entity.category
    said = [word for word in entry.hit.name.split() if word not in FILLERS]
    if entry.candidates[0].score <= MISSPELT_SCORE or entry.hit.how == SPLIT:
        return True
    return all(is_everyday(word) for word in said) and (len(said) == 1 or category not in MEDICAL)


def _is_anchored(number: int, linked: Sequence[Linked], weak: Sequence[bool]) -> bool:
    here = linked[number]
    best = here.candidates[0]
    by_weak = best.entity.category in MEDICAL and best.score > MISSPELT_SCORE and here.hit.how != SPLIT
    for step in (-1, 1):
        other = number + step
        while 0 <= other < len(linked):
            there = linked[other]
            distance = there.hit.first - here.hit.last if step > 0 else here.hit.first - there.hit.last
            if distance > _FAR:
                break
            entity = there.candidates[0].entity
            if entity.category in MEDICAL and entity != best.entity and (not weak[other] or (by_weak and distance <= _NEAR)):
                return True
            other += step
    return False
