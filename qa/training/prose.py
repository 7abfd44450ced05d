"""Facts in prose: sentences of prose.yaml filled with names, each answer's place known."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from kg.model import Entity
from qa.context import group_label
from qa.errors import DatasetError
from qa.model import Evidence
from qa.training.squad import Answer

PROSE = Path(__file__).with_name("prose.yaml")
_LONGEST_NAME = 7  # words
_OTHER_NAME, _SAME_NAME = 0.3, 0.8  # how often prose calls a thing by another name, and the focus as the question does


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of a split: by label those that tell a fact, and those that tell nothing."""

    telling: Mapping[str, tuple[str, ...]]
    fillers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and its answers by where they start in it: all that it names together, then one by one."""

    text: str
    answers: tuple[Answer, ...] = ()


def read_sentences(split: str, path: Path = PROSE) -> Sentences:
    """Read the sentences of a split, "train" or "held_out".

    Raises:
        DatasetError: The file is missing or not of its form.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        telling = {label: tuple(form[split]) for label, form in content["sentences"].items()}
        fillers = tuple(content["fillers"][split])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise DatasetError(f"{path}: not readable ({error!r}); expected sentences and fillers, each for train and held_out") from error
    for sentence in (s for found in telling.values() for s in found):
        if sentence.count("{x}") != 1 or sentence.count("{y}") != 1:
            raise DatasetError(f"{path}: {sentence!r}; expected {{x}} and {{y}} once each")
    return Sentences(telling, fillers)


def tell(told: Sequence[Evidence], sentences: Sentences, rng: random.Random, focus: str = "") -> Sentence:
    """Put triples of one focus and label into a sentence.

    Args:
        told: The triples; at least one.
        sentences: Those to choose from.
        rng: Where chance comes from.
        focus: What to call the focus in most sentences; empty, whatever it is called by.
    """
    template = rng.choice(sentences.telling[group_label(told[0])])
    names = [called(evidence.target, rng) for evidence in told]
    listed, starts = _enumerated(names)
    before, after = template.split("{y}")
    focus = focus if focus and rng.random() < _SAME_NAME else called(told[0].focus, rng)
    at = len(before.replace("{x}", focus))
    text = f"{before}{listed}{after}".replace("{x}", focus, 1) if "{x}" in before else f"{before}{listed}{after.replace('{x}', focus)}"
    capital = text[0].upper()
    text = (capital if len(capital) == 1 else text[0]) + text[1:]
    places = [(at, len(listed)), *((at + start, len(name)) for start, name in zip(starts, names, strict=True))]
    answers = dict.fromkeys(Answer(text[start : start + length], start) for start, length in places)
    return Sentence(text, tuple(answers))


def passage_of(sentences: Sequence[Sentence]) -> tuple[str, tuple[Answer, ...]]:
    """Join sentences to a passage; its answers are those of all sentences, counted from the start of the passage."""
    answers: list[Answer] = []
    position = 0
    for sentence in sentences:
        answers += [Answer(answer.text, position + answer.start) for answer in sentence.answers]
        position += len(sentence.text) + 1
    return " ".join(sentence.text for sentence in sentences), tuple(answers)


def called(entity: Entity, rng: random.Random) -> str:
    """Return what prose calls an entity: its name, or now and then another one that is not too long."""
    others = [name for name in entity.synonyms if len(name.split()) <= _LONGEST_NAME]
    if others and rng.random() < _OTHER_NAME:
        return rng.choice(others)
    return plain_name(entity)


def plain_name(entity: Entity) -> str:
    """Return an entity's name without what stands in brackets."""
    return re.sub(r" \([^)]*\)", "", entity.name)


def name_in(question: str, entity: Entity) -> str:
    """Return the longest of an entity's names that stands in a question; empty where none does, as after a slip of the pen."""
    text = question.casefold()
    found = (name for name in (plain_name(entity), *entity.synonyms) if name.casefold() in text)
    return max(found, key=len, default="")


def _enumerated(names: Sequence[str]) -> tuple[str, list[int]]:
    """Join names with commas and "and"; return where each starts, too."""
    text, starts = "", list[int]()
    for number, name in enumerate(names):
        if number:
            text += " and " if number == len(names) - 1 else ", "
        starts.append(len(text))
        text += name
    return text, starts
