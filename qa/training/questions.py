"""Training questions made from the graph: wordings of patients filled with names, over evidence as serving writes it."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, cycle
from math import sqrt
from pathlib import Path
from typing import Protocol

import yaml
from tqdm import tqdm

from kg import vocabulary as v
from kg.graph import Graph
from kg.model import Curie, Direction, Entity
from qa.context import Context, build_context, group_label
from qa.errors import DatasetError
from qa.model import Evidence, Relation
from qa.training.triples import HELD_OUT, TRAIN, LabelledTask

TEMPLATES = Path(__file__).with_name("templates.yaml")
MAX_ASKED, MAX_OTHER, MAX_WORDS = 25, 6, 200
WIDE_SHARE, MAX_WIDE = 0.25, 12  # as serving writes it where a question's words name no relation: every group, in full
LIST, YES_NO, BOTH, UNANSWERABLE = "list", "yes/no", "both", "unanswerable"
SHARES: Mapping[str, float] = {LIST: 0.55, YES_NO: 0.22, BOTH: 0.08, UNANSWERABLE: 0.15}
HELD_OUT_SHARE = 0.05
_HELD_OUT = 7  # the salt that the held-out entities of the readers trained so far were chosen with
_LONGEST_NAME = 5  # words; nobody types more

_INTERACTIONS = tuple(f"interacts with{severity}" for severity in ("", " (major)", " (moderate)", " (minor)"))
# What may be asked of entities that make silly foci otherwise ("what are the symptoms of older age").
_ODD: Mapping[Curie, frozenset[str]] = {
    v.EXPOSURE: frozenset(
        {"raises the risk of", "spreads", "can cause", "prevents", "medicines to avoid or use with care", *_INTERACTIONS}
    ),
    v.ORGANISM: frozenset({"can cause", "raises the risk of"}),
    v.BIOLOGICAL_ENTITY: frozenset({"can cause", "raises the risk of"}),
    v.SPECIALTY: frozenset({"looks after"}),
    v.ANATOMY: frozenset(),
    v.INHERITANCE: frozenset({"is the inheritance of"}),
}
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

Groups = Mapping[str, tuple[Evidence, ...]]
Counts = dict[str, dict[str, int]]


class ListedGraph(Graph, Protocol):
    """A graph that can name all of its entities."""

    def entities(self) -> Iterator[Entity]:
        """Yield every entity, in a fixed order."""
        ...


@dataclass(frozen=True, slots=True)
class Wording:
    """The ways to ask one thing; its fields are those of templates.yaml, which explains them."""

    kind: str
    name: str
    labels: frozenset[str]
    also: frozenset[str]
    answers: frozenset[str]
    train: tuple[str, ...]
    held_out: tuple[str, ...]

    def asks_for(self, evidence: Evidence) -> bool:
        """Say whether the triple is an answer, whatever its focus."""
        return group_label(evidence) in self.labels and (not self.answers or evidence.target.category in self.answers)


@dataclass(frozen=True, slots=True)
class Facts:
    """The graph as groups of triples: entity by entity, label by label, and which entities have a label's group."""

    entities: Mapping[Curie, Entity]
    groups: Mapping[Curie, Groups]
    bearers: Mapping[str, tuple[Curie, ...]]

    def under(self, focus: Curie, labels: Iterable[str]) -> list[Evidence]:
        """Return the triples that stand at an entity under any of the labels, seen from it."""
        return [evidence for label in sorted(labels) for evidence in self.groups[focus].get(label, ())]


@dataclass(frozen=True, slots=True)
class Draft:
    """A question before its words: whom it names, the evidence, and which triples answer."""

    x: Entity
    y: Entity | None
    template: str
    context: Context
    answers: Callable[[Evidence], bool]


def read_wordings(path: Path = TEMPLATES) -> list[Wording]:
    """Read the templates, in order.

    Raises:
        DatasetError: The file is missing or not of its form.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [_wording(kind, name, form) for kind in (LIST, YES_NO, BOTH) for name, form in content[kind].items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise DatasetError(f"{path}: not readable ({error!r}); expected templates under list, yes/no and both") from error


def _wording(kind: str, name: str, form: Mapping[str, list[str]]) -> Wording:
    labels, also, answers = (frozenset(form.get(part, ())) for part in ("labels", "also", "answers"))
    return Wording(kind, name, labels, also, answers, tuple(form["train"]), tuple(form["held_out"]))


def is_held_out(curie: Curie) -> bool:
    """Say whether an entity is among the tenth that nothing that is trained on is about, whatever the seed: in every file the same."""
    return int.from_bytes(hashlib.sha256(f"{_HELD_OUT} {curie}".encode()).digest()[:8]) % 10 == 0


def read_facts(graph: ListedGraph) -> Facts:
    """Group every entity's own triples by label; within a label a target stands once, in the order of the graph."""
    entities = {entity.curie: entity for entity in graph.entities()}
    groups: dict[Curie, dict[str, tuple[Evidence, ...]]] = {}
    bearers: dict[str, list[Curie]] = defaultdict(list)
    for focus in tqdm(entities.values(), desc="facts", unit="entity"):
        found: dict[str, dict[Curie, Evidence]] = defaultdict(dict)
        for direction in Direction:
            for fact in graph.facts(focus.curie, direction):
                target = entities[fact.end(direction)]
                if target.curie != focus.curie:
                    evidence = Evidence(fact, focus, Relation(fact.predicate, direction), target)
                    found[group_label(evidence)].setdefault(target.curie, evidence)
        groups[focus.curie] = {label: tuple(items.values()) for label, items in found.items()}
        for label in found:
            bearers[label].append(focus.curie)
    return Facts(entities, groups, {label: tuple(curies) for label, curies in bearers.items()})


def foci(facts: Facts, wording: Wording) -> list[Curie]:
    """Return the entities that a wording can sensibly be asked of and that have an answer, in the order of the graph."""
    bearing = dict.fromkeys(chain.from_iterable(facts.bearers.get(label, ()) for label in sorted(wording.labels)))
    return [
        curie
        for curie in bearing
        if wording.labels & _ODD.get(facts.entities[curie].category, wording.labels)
        and any(wording.asks_for(evidence) for evidence in facts.under(curie, wording.labels))
    ]


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


def quotas(weights: Mapping[str, int], total: int) -> dict[str, int]:
    """Share out a total by the square root of frequencies, remainders to the largest fractions.

    >>> quotas({"symptoms": 400, "kinds": 100}, 30)
    {'symptoms': 20, 'kinds': 10}
    """
    whole = sum(sqrt(weight) for weight in weights.values())
    exact = {name: total * sqrt(weight) / whole for name, weight in weights.items()} if whole else {}
    shared = {name: int(share) for name, share in exact.items()}
    for name in sorted(exact, key=lambda name: shared[name] - exact[name])[: total - sum(shared.values()) if exact else 0]:
        shared[name] += 1
    return shared


def make_questions(facts: Facts, wordings: Sequence[Wording], split: str, total: int, seed: int) -> Iterator[LabelledTask]:
    """Yield about `total` tasks of a split, kind by kind and label by label; fewer where the graph is too small for more."""
    for kind, share in SHARES.items():
        able = {w.name: (w, foci(facts, w)) for w in wordings if w.kind == (LIST if kind == UNANSWERABLE else kind)}
        for name, number in quotas({name: len(curies) for name, (_, curies) in able.items()}, round(total * share)).items():
            wording, curies = able[name]
            usable = [curie for curie in curies if is_held_out(curie) == (split == "entities")]
            rng = random.Random(f"{seed} {split} {kind} {name}")
            templates = wording.held_out if split == "templates" else wording.train
            drafter = Drafter(facts, wording, templates, fitting_answers(facts, wording, curies), rng)
            yield from _tasks(drafter, kind, usable, number, split)


def fitting_answers(facts: Facts, wording: Wording, curies: Iterable[Curie]) -> dict[Curie, frozenset[Curie]]:
    """Return, by category of the focus, the categories of the wording's answers."""
    found: dict[Curie, set[Curie]] = defaultdict(set)
    for curie in curies:
        found[facts.entities[curie].category].update(e.target.category for e in facts.under(curie, wording.labels))
    return {category: frozenset(targets) for category, targets in found.items()}


def _tasks(drafter: Drafter, kind: str, usable: list[Curie], number: int, split: str) -> Iterator[LabelledTask]:
    """Yield up to `number` different tasks, each focus in its turn."""
    drafter.rng.shuffle(usable)
    make = {LIST: drafter.listing, YES_NO: drafter.yes_no, BOTH: drafter.both, UNANSWERABLE: drafter.unanswerable}[kind]
    seen: set[tuple[str, str]] = set()
    for _, focus in zip(range(4 * number), cycle(usable), strict=False):
        draft = make(focus)
        if len(seen) == number:
            return
        if draft is None or not draft.context.slots:
            continue
        task = draft.context.task(ask(draft, drafter.rng))
        labels = tuple(int(draft.answers(evidence)) for evidence in draft.context.evidence)
        missing = kind in (LIST, BOTH) and not any(labels)  # the answers were sampled away
        if not missing and (task.question, task.evidence) not in seen:
            seen.add((task.question, task.evidence))
            yield LabelledTask(f"{split}/{kind}/{drafter.wording.name}/{focus}/{len(seen)}", task, labels, kind, split)


def write_questions(graph: ListedGraph, path: Path, per_label: int = 333, seed: int = 0) -> Counts:
    """Write training and held-out questions as JSON lines, whole or not at all; progress goes to stderr.

    Args:
        graph: What is known.
        path: Where the lines go; a file that is there is replaced.
        per_label: Training tasks for each list wording of templates.yaml on average; each held-out split gets a twentieth.
        seed: Decides everything left to chance, but not which entities are held out.

    Returns:
        How many tasks there are, as `count_questions` says.
    """
    facts, wordings = read_facts(graph), read_wordings()
    total = per_label * sum(wording.kind == LIST for wording in wordings)
    sizes = {TRAIN: total} | dict.fromkeys(HELD_OUT, round(total * HELD_OUT_SHARE))
    tasks: list[LabelledTask] = []
    with tqdm(total=sum(sizes.values()), desc="questions", unit="task") as bar:
        for split, size in sizes.items():
            for task in make_questions(facts, wordings, split, size, seed):
                tasks.append(task)
                bar.update()
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text("".join(map(task_line, tasks)), encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return count_questions(tasks)


def task_line(labelled: LabelledTask) -> str:
    """Return the line of a task, with its end."""
    task = labelled.task
    form = {"id": labelled.id, "evidence": task.evidence, "question": task.question}
    slots = {"slots": [[slot.start, slot.end] for slot in task.slots], "labels": list(labelled.labels)}
    return json.dumps(form | slots | {"kind": labelled.kind, "split": labelled.split}, ensure_ascii=False) + "\n"


def count_questions(tasks: Iterable[LabelledTask]) -> Counts:
    """Count tasks by `split`, by `kind` and by what they ask for (`label`); ids are `split/kind/label/focus/number`."""
    counts: dict[str, Counter[str]] = {"split": Counter(), "kind": Counter(), "label": Counter()}
    for task in tasks:
        counts["split"][task.split] += 1
        counts["kind"][task.kind] += 1
        counts["label"][task.id.removeprefix(f"{task.split}/{task.kind}/").split("/")[0]] += 1
    return {name: dict(counter) for name, counter in counts.items()}
