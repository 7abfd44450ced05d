"""Training questions before they are written: whom they name, the triples beside them, and the words they are asked in."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from kg.model import Curie, Entity
from qa.context import Context, build_context, group_label
from qa.model import Evidence, Relation
from qa.training.wordings import Facts, Wording, is_held_out

MAX_ASKED, MAX_OTHER, MAX_WORDS = 25, 6, 200
WIDE_SHARE, MAX_WIDE = 0.25, 12  # as serving writes it where a question's words name no relation: every group, in full
_LONGEST_NAME = 5  # words; nobody types more
_CONFUSABLE = (
    {"causes", "risk factors"},
    {"can cause", "raises the risk of"},
    {"common side effects", "serious side effects"},
    {"inheritance", "causes", "risk factors"},
    {"can cause", "does not cause"},
    {"treatments", "prevention", "not helped by"},
    {"is used for", "prevents", "does not help with"},
    {"symptoms", "complications"},
    {"is a symptom of", "is a complication of"},
    {"should be avoided in", "should be used with care in", "is used for"},
    {"interacts with (major)", "interacts with (moderate)", "interacts with (minor)"},
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A question before its words: whom it names, the evidence, and which triples answer."""

    x: Entity
    y: Entity | None
    template: str
    context: Context
    answers: Callable[[Evidence], bool]


def _happens(chance: float, rng: random.Random) -> bool:
    return rng.random() < chance


def _sample(items: Sequence[Evidence], most: int, rng: random.Random, keep: frozenset[Curie] = frozenset()) -> list[Evidence]:
    """Return at most `most` items in their order, those with a target in `keep` first of all."""
    wanted = [n for n, item in enumerate(items) if item.target.curie in keep][:most]
    rest = [n for n, item in enumerate(items) if item.target.curie not in keep]
    chosen = wanted + rng.sample(rest, min(len(rest), most - len(wanted)))
    return [items[n] for n in sorted(chosen)]


def _distractors(facts: Facts, focus: Curie, apart: frozenset[str], rng: random.Random) -> list[list[Evidence]]:
    """Return one to five small groups of an entity under other labels, often those that are easily taken for the asked one.

    In a quarter of the cases it is all of them, larger.
    """
    labels = sorted(set(facts.groups[focus]) - apart)
    rng.shuffle(labels)
    if _happens(0.6, rng):
        close = set().union(*(group for group in _CONFUSABLE if group & apart))
        labels.sort(key=lambda label: label not in close)
    if _happens(WIDE_SHARE, rng):
        return [_sample(facts.groups[focus][label], MAX_WIDE, rng) for label in labels]
    return [_sample(facts.groups[focus][label], rng.choice((2, MAX_OTHER, MAX_OTHER)), rng) for label in labels[: rng.randint(1, 5)]]


def _of_another(facts: Facts, focus: Entity, labels: frozenset[str], rng: random.Random) -> list[list[Evidence]]:
    """Return a group under one of the labels of some other entity, or nothing."""
    usable = sorted(label for label in labels if label in facts.bearers)
    if not usable:
        return []
    label = rng.choice(usable)
    other = facts.entities[rng.choice(facts.bearers[label])]
    if other.name == focus.name or is_held_out(other.curie):
        return []
    return [_sample(facts.groups[other.curie][label], rng.randint(1, MAX_OTHER), rng)]


def _assemble(asked: Iterable[Evidence], others: Iterable[list[Evidence]], rng: random.Random) -> Context:
    """Write the asked triples and as many of the other groups as there is room for, groups in random order."""
    groups: dict[tuple[Curie, str], list[Evidence]] = {}
    for item in asked:
        groups.setdefault((item.focus.curie, group_label(item)), []).append(item)
    kept = list(groups.values())
    words = sum(map(_words, kept))
    for group in others:
        words += _words(group)
        if words <= MAX_WORDS:
            kept.append(group)
    rng.shuffle(kept)
    return build_context(chain.from_iterable(kept))


def _words(group: Sequence[Evidence]) -> int:
    return len(f"{group[0].focus.name} {group_label(group[0])}".split()) + sum(len(item.target.name.split()) for item in group)


@dataclass(frozen=True, slots=True)
class Drafter:
    """Makes the questions of one wording.

    Attributes:
        facts: What is known.
        wording: What is asked.
        templates: The wordings of the split.
        fitting: By category of the focus, the categories of its answers; others make silly questions ("is gout a kind of alcohol").
        rng: Where chance comes from.
    """

    facts: Facts
    wording: Wording
    templates: tuple[str, ...]
    fitting: Mapping[Curie, frozenset[Curie]]
    rng: random.Random

    def listing(self, focus: Curie) -> Draft | None:
        """Ask what stands under the labels at an entity."""
        x, wording = self.facts.entities[focus], self.wording
        asked = _sample(self.facts.under(focus, wording.labels), MAX_ASKED, self.rng)
        context = _assemble(asked, self._others(x, 1 / 3), self.rng)
        return self._draft(x, None, context, lambda e: e.focus.curie == focus and wording.asks_for(e))

    def unanswerable(self, focus: Curie) -> Draft | None:
        """Ask for a group that is not in the evidence."""
        x = self.facts.entities[focus]
        others = self._others(x, 1 / 2)
        return self._draft(x, None, _assemble((), others, self.rng), lambda _: False) if others else None

    def yes_no(self, focus: Curie) -> Draft | None:
        """Ask whether one entity stands to another under the labels: it does in about half of the cases."""
        wording, rng = self.wording, self.rng
        accepted = self.facts.under(focus, wording.labels | wording.also)
        keys = {evidence.fact.key for evidence in accepted}
        related = {evidence.target.curie for evidence in accepted}
        if _happens(0.55, rng):
            target = rng.choice(self.facts.under(focus, wording.labels)).target
        elif (other := self._unrelated(focus, related)) is not None:
            target = other
        else:
            return None
        template = rng.choice(self.templates)
        context = self._joining(focus, target, template) if _happens(0.4, rng) else self._around(focus, target)
        pair = {focus, target.curie}
        return self._draft(
            self.facts.entities[focus],
            target,
            context,
            lambda e: {e.focus.curie, e.target.curie} == pair and e.fact.key in keys,
            template,
        )

    def both(self, focus: Curie) -> Draft | None:
        """Ask what stands under the labels at two entities."""
        facts, wording, rng = self.facts, self.wording, self.rng
        first = facts.under(focus, wording.labels)
        link = rng.choice(first)
        mirrored = Relation(link.relation.predicate, link.relation.direction.other)
        sharing = [
            e.target for group in facts.groups[link.target.curie].values() for e in group if e.relation == mirrored and not e.fact.negated
        ]
        usable = [e for e in sharing if e.curie != focus and not is_held_out(e.curie)]
        if not usable:
            return None
        x, y = facts.entities[focus], rng.choice(usable)
        second = facts.under(y.curie, wording.labels)
        shared = frozenset(e.target.curie for e in first) & frozenset(e.target.curie for e in second)
        most = rng.choice((0, 6, 12))  # as in serving, what they share alone; or among others
        asked = [e for side in (first, second) for e in _sample(side, max(most, sum(e.target.curie in shared for e in side)), rng, shared)]
        others = [*self._others(x, 0)[:2], *self._others(y, 0)[:1]] if most else []
        pair = {focus, y.curie}
        context = _assemble(asked, others, rng)
        return self._draft(x, y, context, lambda e: e.focus.curie in pair and wording.asks_for(e) and e.target.curie in shared)

    def _others(self, x: Entity, another: float) -> list[list[Evidence]]:
        """Return distractors: other groups of the entity and, with probability `another`, an asked group of another one."""
        groups = _distractors(self.facts, x.curie, self.wording.labels | self.wording.also, self.rng)
        if _happens(another, self.rng):
            groups = [*_of_another(self.facts, x, self.wording.labels, self.rng), *groups]
        return groups

    def _unrelated(self, focus: Curie, related: set[Curie]) -> Entity | None:
        """Return an entity that is not `related`: known to the focus by another label, or what answers for another focus."""
        fitting = self.fitting[self.facts.entities[focus].category]
        known = [
            e.target
            for group in self.facts.groups[focus].values()
            for e in group
            if e.target.curie not in related and e.target.category in fitting
        ]
        if known and _happens(0.5, self.rng):
            return self.rng.choice(known)
        label = self.rng.choice(sorted(self.wording.labels & set(self.facts.bearers)))
        target = self.rng.choice(self.facts.groups[self.rng.choice(self.facts.bearers[label])][label]).target
        return None if target.curie in related or target.curie == focus or target.category not in fitting else target

    def _joining(self, focus: Curie, target: Entity, template: str) -> Context:
        """Write what joins the two, as seen from the one that is named first; where nothing does, what is around the focus."""
        turned = template.index("{y}") < template.index("{x}") and is_held_out(target.curie) == is_held_out(focus)
        near, far = (target.curie, focus) if turned else (focus, target.curie)
        joining = [e for group in self.facts.groups[near].values() for e in group if e.target.curie == far]
        return build_context(joining) if joining else self._around(focus, target)

    def _around(self, focus: Curie, target: Entity) -> Context:
        """Write the asked groups of the focus, every group that the target is in, and others."""
        rng, keep = self.rng, frozenset({target.curie})
        asked = _sample(self.facts.under(focus, self.wording.labels), rng.randint(1, MAX_ASKED), rng, keep)
        with_target = [
            e
            for label, group in self.facts.groups[focus].items()
            if label not in self.wording.labels and any(e.target.curie in keep for e in group)
            for e in _sample(group, rng.randint(1, MAX_OTHER), rng, keep)
        ]
        written = {group_label(e) for e in with_target}
        others = [group for group in self._others(self.facts.entities[focus], 1 / 3) if group_label(group[0]) not in written]
        return _assemble([*asked, *with_target], others, rng)

    def _draft(
        self, x: Entity, y: Entity | None, context: Context, answers: Callable[[Evidence], bool], template: str | None = None
    ) -> Draft:
        return Draft(x, y, template or self.rng.choice(self.templates), context, answers)


def ask(draft: Draft, rng: random.Random) -> str:
    """Put a draft into words, as `phrase` does."""
    return phrase(draft.template, draft.x, draft.y, rng)


def phrase(template: str, x: Entity | None, y: Entity | None, rng: random.Random) -> str:
    """Fill a template: names or synonyms for its entities, and the small slips of people in a hurry."""
    text = _typo(template, rng) if _happens(0.08, rng) else template
    by_synonym = _happens(0.5, rng)
    for mark, entity in (("{x}", x), ("{y}", y)):
        if entity is not None:
            text = text.replace(mark, _called(entity, by_synonym, rng))
    if _happens(0.35, rng):
        text = text.lower().removesuffix("?").removesuffix(".")
    elif _happens(0.4, rng):
        text = text[0].upper() + text[1:].removesuffix("?") + "?"
    return text


def _called(entity: Entity, by_synonym: bool, rng: random.Random) -> str:
    others = [name for name in entity.synonyms if len(name.split()) <= _LONGEST_NAME]
    name = rng.choice(others) if by_synonym and others else re.sub(r" \([^)]*\)", "", entity.name)
    return _typo(name, rng) if _happens(0.03, rng) else name


def _typo(text: str, rng: random.Random) -> str:
    """Drop, double or swap a letter inside one of the longer words; names to be filled in stay whole."""
    words = list(re.finditer(r"[A-Za-z]{5,}", text))
    if not words:
        return text
    word = rng.choice(words)
    at = rng.randrange(word.start() + 1, word.end() - 1)
    here, following = text[at], text[at + 1]
    return text[:at] + rng.choice((following, here * 2 + following, following + here)) + text[at + 2 :]
