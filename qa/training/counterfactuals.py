"""Reading tasks whose triples leave or contradict what is generally known, each beside its factual twin.

A reader that follows the triples reads both twins alike; one that remembers what it was trained on does worse where they differ from
it. The twins share their question's wording, the headings' order and the number of slots:

    made-up      the asked entity, and in half of the pairs what answers too, bears a name that exists nowhere
    swapped      what answers is true of another entity, not of the asked one
    missing      what is true stands under another entity's heading, or (yes/no) is not there: nothing answers
    exchanged    two entities, each with what is true of the other one
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path

from tqdm import tqdm

from kg.graph import SnapshotGraph
from kg.model import Curie, Entity
from qa.context import Context, build_context, group_label
from qa.lexicon import common_words
from qa.model import Evidence
from qa.standing import imported
from qa.training.drafting import Drafter
from qa.training.lines import write_lines
from qa.training.made_up import MadeUpNames
from qa.training.prose import plain_name
from qa.training.questions import quotas, task_line
from qa.training.triples import COUNTERFACTUAL, FACTUAL, LabelledTask
from qa.training.wordings import LIST, YES_NO, Facts, Wording, fitting_answers, foci, read_facts, read_wordings

KINDS = MADE_UP, SWAPPED, MISSING, EXCHANGED = ("made-up", "swapped", "missing", "exchanged")
_MOST_ASKED = 6  # triples of the asked group
_YES_NO = 3  # every third pair is a yes/no question, where there is one
_TRIES = 40

Triples = Sequence[Evidence]


@dataclass(frozen=True, slots=True)
class Twins:
    """The triples of a factual task and of its counterfactual, slot by slot, and what is asked of each.

    Attributes:
        factual: In the order of the evidence text.
        changed: What stands in their places.
        labels: Which slots answer the factual question.
        changed_labels: Which slots answer the counterfactual one.
        named: The names that the factual question is filled with, for {x} and {y}.
        changed_named: Those of the counterfactual one.
    """

    factual: Triples
    changed: Triples
    labels: tuple[int, ...]
    changed_labels: tuple[int, ...]
    named: tuple[str, str]
    changed_named: tuple[str, str]


def make_counterfactuals(
    facts: Facts, wordings: Sequence[Wording], names: MadeUpNames, count: int, seed: int, curated: Callable[[Evidence], bool]
) -> Iterator[tuple[LabelledTask, LabelledTask]]:
    """Yield about `count` pairs, factual task first, half of them in wordings that are trained on and half in held-out ones.

    The ids of a pair are alike but for their split: `split/kind/form label/focus/number/wording`, the wording "trained" or "held_out".

    Args:
        facts: What is known.
        wordings: Those of templates.yaml.
        names: Makes the names that do not exist.
        count: Pairs.
        seed: Of every choice.
        curated: Says whether a triple is well known; one of the asked ones has to be.
    """
    able = {
        w.name: (w, [curie for curie in foci(facts, w) if any(map(curated, facts.under(curie, w.labels)))])
        for w in wordings
        if w.kind == LIST
    }
    questions = [w for w in wordings if w.kind == YES_NO]
    for kind in KINDS:
        for name, number in quotas({name: len(curies) for name, (_, curies) in able.items()}, round(count / len(KINDS))).items():
            listing, curies = able[name]
            rng = random.Random(f"{seed} {kind} {name}")
            # Which of two entities each answer is true of is the whole difference of those exchanged: that is asked by lists alone.
            asking = next((w for w in questions if kind != EXCHANGED and listing.labels <= w.labels), listing)
            maker = _Maker(facts, listing, asking, names, rng)
            yield from maker.pairs(kind, rng.sample(curies, len(curies)), number)


def write_counterfactuals(graph: SnapshotGraph, out: Path, vocabulary: Path, count: int = 1000, seed: int = 0) -> dict[str, int]:
    """Write pairs as JSON lines (`qa.training.triples`), whole or not at all; progress goes to stderr.

    Args:
        graph: What is known.
        out: Where the lines go; a file that is there is replaced.
        vocabulary: The reader's vocab.txt, whose whole words no made-up name is to be.
        count: Pairs.
        seed: Of every choice.

    Returns:
        How many pairs there are of each kind.
    """
    facts, words, wide = read_facts(graph), common_words(vocabulary), imported(graph)
    names = MadeUpNames(lambda name: name.casefold() in words or bool(graph.named(name)), random.Random(f"{seed} names"))
    pairs = make_counterfactuals(facts, read_wordings(), names, count, seed, lambda e: e.fact.source not in wide)
    shown = list(tqdm(pairs, total=count, desc="pairs", unit="pair"))
    write_lines(out, (task_line(task) for pair in shown for task in pair))
    return {kind: sum(task.kind == kind for task, _ in shown) for kind in KINDS}


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the pairs that ask for one thing, in lists and, where `asking` is such a wording, in yes/no questions."""

    facts: Facts
    wording: Wording
    asking: Wording
    names: MadeUpNames
    rng: random.Random

    def pairs(self, kind: str, curies: Sequence[Curie], number: int) -> Iterator[tuple[LabelledTask, LabelledTask]]:
        make: Mapping[str, Callable[[Curie, bool], Twins | None]] = {
            MADE_UP: self._made_up,
            SWAPPED: self._swapped,
            MISSING: self._missing,
            EXCHANGED: self._exchanged,
        }
        seen: set[str] = set()
        first = self.rng.randrange(2)  # where there is one pair a wording, half of them are of each kind all the same
        for _, focus in zip(range(_TRIES * number), cycle(curies), strict=False):
            if len(seen) == number:
                return
            yes_no = self.asking is not self.wording and len(seen) % _YES_NO == _YES_NO - 1
            twins = make[kind](focus, yes_no)
            if twins is None or _layout(twins.factual) != _layout(twins.changed):
                continue
            trained = len(seen) % 2 == first
            wording = self.asking if yes_no else self.wording
            template = self.rng.choice(wording.train if trained else wording.held_out)
            place = f"{kind}/{YES_NO if yes_no else LIST} {wording.name}/{focus}/{len(seen)}/{'trained' if trained else 'held_out'}"
            pair = _labelled(twins, template, place, kind)
            if (key := pair[1].task.evidence + pair[1].task.question) not in seen:
                seen.add(key)
                yield pair

    def _made_up(self, focus: Curie, yes_no: bool) -> Twins | None:
        drawn = self._drawn(focus, yes_no)
        if drawn is None:
            return None
        triples, labels, y = drawn
        x = self.facts.entities[focus]
        renamed = {focus: self.names.name(x.category)}
        if self.rng.random() < 0.5:
            renamed |= {e.target.curie: self.names.name(e.target.category) for e, label in zip(triples, labels, strict=True) if label}
        changed = [replace(e, focus=_renamed(e.focus, renamed), target=_renamed(e.target, renamed)) for e in triples]
        named = plain_name(x), "" if y is None else plain_name(y)
        other = renamed[focus], "" if y is None else plain_name(_renamed(y, renamed))
        return Twins(triples, changed, labels, labels, named, other)

    def _swapped(self, focus: Curie, yes_no: bool) -> Twins | None:
        drawn = self._drawn(focus, yes_no)
        if drawn is None:
            return None
        triples, labels, y = drawn
        places = [n for n, label in enumerate(labels) if label]
        donors = self._untrue(focus, [triples[n] for n in places])
        if donors is None:
            return None
        changed = list(triples)
        for n, donor in zip(places, donors, strict=True):
            changed[n] = replace(changed[n], target=donor)
        x = plain_name(self.facts.entities[focus])
        named, other = (x, ""), (x, "")
        if y is not None:
            named, other = (x, plain_name(y)), (x, plain_name(donors[0]))
        return Twins(triples, changed, labels, labels, named, other)

    def _missing(self, focus: Curie, yes_no: bool) -> Twins | None:
        drawn = self._drawn(focus, yes_no)
        if drawn is None:
            return None
        triples, labels, y = drawn
        x = plain_name(self.facts.entities[focus])
        asked = [e for e, label in zip(triples, labels, strict=True) if label]
        changed = list(triples)
        if y is not None:
            shown = {e.target.curie for e in triples} | self._known(y.curie)  # kidney cancer in place of a kind of it would be no clear no
            under = self.facts.groups[focus].get(group_label(asked[0]), ())
            same = [e for e in under if e.target.curie not in shown]
            if not same:
                return None
            changed = [replace(e, target=self.rng.choice(same).target) if label else e for e, label in zip(triples, labels, strict=True)]
        else:
            z = self._unrelated(focus, asked)
            if z is None:
                return None
            changed = [replace(e, focus=z) if label else e for e, label in zip(triples, labels, strict=True)]
        named = x, "" if y is None else plain_name(y)
        return Twins(triples, changed, labels, (0,) * len(labels), named, named)

    def _exchanged(self, focus: Curie, yes_no: bool) -> Twins | None:
        drawn = self._drawn(focus, yes_no)
        if drawn is None:
            return None
        triples, labels, _ = drawn
        asked = [e for e, label in zip(triples, labels, strict=True) if label]
        label = group_label(asked[0])
        mine = [e for e in asked if group_label(e) == label]
        known = self._known(focus)
        for z in self._bearers(label):
            theirs = [e for e in self.facts.groups[z].get(label, ()) if e.target.curie not in known]
            theirs = [e for e in theirs if e.target.category == mine[0].target.category and self.wording.asks_for(e)]
            size = min(len(mine), len(theirs))
            if z != focus and size and not any(e.target.curie in self._known(z) for e in mine) and z not in known:
                break
        else:
            return None
        mine, theirs = mine[:size], self.rng.sample(theirs, size)
        rest = [e for e, answers in zip(triples, labels, strict=True) if not answers and e.focus.curie == focus]
        ahead = self.rng.random() < 0.5
        factual = [*mine, *theirs, *rest] if ahead else [*theirs, *mine, *rest]
        taken = {id(e): other.target for one, two in ((mine, theirs), (theirs, mine)) for e, other in zip(one, two, strict=True)}
        changed = [replace(e, target=taken[id(e)]) if id(e) in taken else e for e in factual]
        answers = tuple(int(any(e is m for m in mine)) for e in factual)
        named = plain_name(self.facts.entities[focus]), ""
        return Twins(factual, changed, answers, answers, named, named)

    def _drawn(self, focus: Curie, yes_no: bool) -> tuple[list[Evidence], tuple[int, ...], Entity | None] | None:
        """Return triples as training draws them, which of them answer (some do), and what a yes/no question names."""
        wording = self.asking if yes_no else self.wording
        drafter = Drafter(self.facts, wording, wording.train, fitting_answers(self.facts, wording, [focus]), self.rng)
        draft = drafter.yes_no(focus) if yes_no else drafter.listing(focus)
        if draft is None:
            return None
        kept: list[Evidence] = []
        answering = 0
        for evidence in draft.context.evidence:
            answering += draft.answers(evidence)
            if not draft.answers(evidence) or answering <= (1 if yes_no else _MOST_ASKED):
                kept.append(evidence)
        labels = tuple(int(draft.answers(e)) for e in kept)
        asked = [e for e, label in zip(kept, labels, strict=True) if label]
        # A target that stands elsewhere in the evidence, too, would tell the truth there.
        seen = [e.target.curie for e in kept]
        if not asked or any(seen.count(e.target.curie) > 1 or e.focus.curie != focus for e in asked):
            return None
        return kept, labels, draft.y

    def _known(self, curie: Curie) -> frozenset[Curie]:
        """Return whatever an entity has to do with."""
        return frozenset(e.target.curie for group in self.facts.groups[curie].values() for e in group)

    def _bearers(self, label: str) -> list[Curie]:
        bearers = self.facts.bearers[label]
        return self.rng.sample(bearers, min(_TRIES, len(bearers)))

    def _untrue(self, focus: Curie, asked: Triples) -> list[Entity] | None:
        """Return for each triple a target of its label and category that its focus has nothing to do with; None where there are too few."""
        known = {*self._known(focus), focus}
        donors: list[Entity] = []
        for evidence in asked:
            found = (
                e.target
                for z in self._bearers(group_label(evidence))
                for e in self.facts.groups[z][group_label(evidence)]
                if e.target.curie not in known and e.target.category == evidence.target.category
            )
            donor = next(found, None)
            if donor is None:
                return None
            known.add(donor.curie)
            donors.append(donor)
        return donors

    def _unrelated(self, focus: Curie, asked: Triples) -> Entity | None:
        """Return another entity that bears the label, of the focus's category, with which the focus has nothing to do."""
        x, known = self.facts.entities[focus], self._known(focus)
        for curie in self._bearers(group_label(asked[0])):
            z = self.facts.entities[curie]
            if curie != focus and curie not in known and z.category == x.category and z.name != x.name:
                return z
        return None


def _layout(triples: Triples) -> list[int]:
    """Return for each triple which heading it stands under, as a number; two headings that are alike are one."""
    headings: dict[tuple[str, str], int] = {}
    return [headings.setdefault((e.focus.name, group_label(e)), len(headings)) for e in triples]


def _renamed(entity: Entity, names: Mapping[Curie, str]) -> Entity:
    return replace(entity, name=names[entity.curie], synonyms=()) if entity.curie in names else entity


def _labelled(twins: Twins, template: str, place: str, kind: str) -> tuple[LabelledTask, LabelledTask]:
    sides = (
        (FACTUAL, twins.factual, twins.labels, twins.named),
        (COUNTERFACTUAL, twins.changed, twins.changed_labels, twins.changed_named),
    )
    found = [
        LabelledTask(f"{split}/{place}", task.task(template.replace("{x}", x).replace("{y}", y)), labels, kind, split)
        for split, triples, answering, (x, y) in sides
        for task, labels in [_in_order(triples, answering)]
    ]
    return found[0], found[1]


def _in_order(triples: Triples, labels: Sequence[int]) -> tuple[Context, tuple[int, ...]]:
    """Write triples; return their labels in the order of the slots."""
    context = build_context(triples)
    answering = {id(e): label for e, label in zip(triples, labels, strict=True)}
    return context, tuple(answering[id(e)] for e in context.evidence)
