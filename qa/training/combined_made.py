"""Questions of which the answer stands in prose, in triples, in both or in neither, made from the graph."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, takewhile

from kg.model import Curie, Entity
from qa.context import Context, build_context, group_label
from qa.model import Evidence
from qa.reader import ReadingTask
from qa.training.combined_data import HELD_OUT, TRAIN, CombinedTask
from qa.training.drafting import Draft, ask
from qa.training.prose import Sentence, Sentences, name_in, passage_of, read_sentences, tell
from qa.training.questions import quotas
from qa.training.squad import Answer
from qa.training.wordings import LIST, Facts, Wording, foci, is_held_out

MADE = "made"
PASSAGE, TRIPLES, IN_BOTH, NEITHER, FOREIGN = "passage", "triples", "both", "neither", "foreign"
SHARES: Mapping[str, Mapping[str, float]] = {
    TRAIN: {PASSAGE: 0.25, TRIPLES: 0.2, IN_BOTH: 0.2, NEITHER: 0.2, FOREIGN: 0.15},
    HELD_OUT: {PASSAGE: 0.25, TRIPLES: 0.25, IN_BOTH: 0.25, NEITHER: 0.25},
}
"""How often the answer stands where; "foreign" has it in the passage, beside triples that are all of another entity."""

MAX_WORDS = 90
"""Words of evidence at the most."""

_MAX_ASKED, _MAX_OTHER, _MAX_TOLD = 6, 4, 3


def make_combined(facts: Facts, wordings: Sequence[Wording], split: str, total: int, seed: int) -> Iterator[CombinedTask]:
    """Yield about `total` tasks of a split; fewer where the graph is too small.

    Held-out tasks have sentences, wordings and foci that training tasks have not; the foci held out are those of the training
    questions (`qa.training.questions`).
    """
    sentences = read_sentences(split)
    able = {w.name: (w, foci(facts, w)) for w in wordings if w.kind == LIST and w.labels & sentences.telling.keys()}
    for kind, share in SHARES[split].items():
        for name, number in quotas({name: len(curies) for name, (_, curies) in able.items()}, round(total * share)).items():
            wording, curies = able[name]
            rng = random.Random(f"{seed} {split} {kind} {name}")
            usable = [curie for curie in curies if is_held_out(curie) == (split == HELD_OUT)]
            rng.shuffle(usable)
            yield from Maker(facts, wording, sentences, split, rng).tasks(kind, usable, number)


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the tasks of one wording.

    Attributes:
        facts: What is known.
        wording: What is asked.
        sentences: Those of the split.
        split: "train" or "held_out".
        rng: Where chance comes from.
    """

    facts: Facts
    wording: Wording
    sentences: Sentences
    split: str
    rng: random.Random

    def tasks(self, kind: str, usable: Sequence[Curie], number: int) -> Iterator[CombinedTask]:
        """Yield up to `number` tasks of a kind, each focus in its turn."""
        made = (self.task(kind, focus) for _, focus in zip(range(4 * number), cycle(usable), strict=False))
        told = enumerate(task for task in made if task is not None)
        for count, (task, labels, answers) in takewhile(lambda entry: entry[0] < number, told):
            name = f"{MADE}/{self.split}/{kind}/{self.wording.name}/{count}"
            yield CombinedTask(name, task, labels, answers, kind, self.split)

    def task(self, kind: str, focus: Curie) -> tuple[ReadingTask, tuple[int, ...], tuple[Answer, ...]] | None:
        """Return a task, its labels and its answers, or None where the graph does not hold enough."""
        told = self._told(focus)
        if not told:
            return None
        context = self._context(kind, focus, told)
        if not context.slots:
            return None
        templates = self.wording.held_out if self.split == HELD_OUT else self.wording.train
        x = self.facts.entities[focus]
        question = ask(Draft(x, None, self.rng.choice(templates), context, bool), self.rng)
        name = name_in(question, x)
        lead = [tell(told, self.sentences, self.rng, name)] if kind in (PASSAGE, IN_BOTH, FOREIGN) else []
        passage, answers = self._passage(focus, lead, name)
        labels = tuple(int(e.focus.curie == focus and self.wording.asks_for(e)) for e in context.evidence)
        return ReadingTask(context.text, question, context.slots, passage), labels, answers

    def _told(self, focus: Curie) -> list[Evidence]:
        """Return what the passage tells: one answer, or now and then two or three of one label."""
        asked = [e for e in self.facts.under(focus, self.wording.labels) if self.wording.asks_for(e)]
        asked = [e for e in asked if group_label(e) in self.sentences.telling]
        if not asked:
            return []
        label = group_label(self.rng.choice(asked))
        same = [e for e in asked if group_label(e) == label]
        return self.rng.sample(same, min(len(same), self.rng.choice((1, 1, 1, 2, _MAX_TOLD))))

    def _context(self, kind: str, focus: Curie, told: Sequence[Evidence]) -> Context:
        """Write the evidence: the asked group where the kind has it there, and others."""
        if kind == FOREIGN:
            other = self._another(focus)
            if other is None:
                return build_context(())
            labels = self._labels(other, frozenset())
            labels.sort(key=lambda label: label not in self.wording.labels)
            groups = [self._group(other, label) for label in labels[: self.rng.randint(1, 4)]]
        else:
            groups = [self._group(focus, label) for label in self._labels(focus, self.wording.labels | self.wording.also)]
            groups = groups[: self.rng.randint(1, 3)]
            other = self._another(focus)
            if other is not None and self.rng.random() < 0.5:
                label = self.rng.choice(sorted(self.wording.labels & set(self.facts.groups[other])))
                groups.insert(0, self._group(other, label))
        asked: list[list[Evidence]] = []
        if kind in (TRIPLES, IN_BOTH):
            answering = [e for e in self.facts.under(focus, self.wording.labels) if self.wording.asks_for(e) and e not in told]
            asked = [[*told, *self.rng.sample(answering, min(len(answering), self.rng.randint(0, _MAX_ASKED - 1)))]]
        kept = _within(asked, groups)
        self.rng.shuffle(kept)
        return build_context(chain.from_iterable(kept))

    def _passage(self, focus: Curie, lead: Sequence[Sentence], name: str) -> tuple[str, tuple[Answer, ...]]:
        """Write the passage: what is given, and sentences about other things of the focus, about others, and about nothing."""
        rng = self.rng
        labels = [x for x in self._labels(focus, self.wording.labels | self.wording.also) if x in self.sentences.telling]
        around = [self._group(focus, label)[: rng.randint(1, 2)] for label in labels[: rng.randint(0, 4)]]
        others = []
        for _ in range(rng.choice((0, 1, 1, 2, 3))):
            if (other := self._another(focus)) is not None:
                usable = sorted(self.wording.labels & set(self.facts.groups[other]) & self.sentences.telling.keys())
                if usable:
                    others.append(self._group(other, rng.choice(usable))[:1])
        told = [Sentence(tell(group, self.sentences, rng, name).text) for group in around]
        told += [Sentence(tell(group, self.sentences, rng).text) for group in others]
        fillers = [Sentence(text) for text in rng.sample(self.sentences.fillers, rng.randint(not (told or lead), 2))]
        parts = [*lead, *told, *fillers]
        rng.shuffle(parts)
        return passage_of(parts)

    def _labels(self, curie: Curie, apart: frozenset[str]) -> list[str]:
        labels = sorted(set(self.facts.groups[curie]) - apart)
        self.rng.shuffle(labels)
        return labels

    def _group(self, curie: Curie, label: str) -> list[Evidence]:
        group = self.facts.groups[curie][label]
        return self.rng.sample(group, min(len(group), self.rng.randint(1, _MAX_OTHER)))

    def _another(self, focus: Curie) -> Curie | None:
        """Return another entity that has one of the asked groups, of the same side of what is held out."""
        x: Entity = self.facts.entities[focus]
        label = self.rng.choice(sorted(self.wording.labels & set(self.facts.bearers)))
        for curie in self.rng.sample(self.facts.bearers[label], min(8, len(self.facts.bearers[label]))):
            fits = self.split == HELD_OUT or not is_held_out(curie)
            if fits and curie != focus and self.facts.entities[curie].name != x.name:
                return curie
        return None


def _within(asked: Sequence[list[Evidence]], others: Sequence[list[Evidence]]) -> list[list[Evidence]]:
    """Return the asked groups, and as many of the others as there is room for."""
    kept = list(asked)
    words = sum(map(_words, kept))
    for group in others:
        words += _words(group)
        if words > MAX_WORDS and kept:
            break
        kept.append(group)
    return kept


def _words(group: Sequence[Evidence]) -> int:
    heading = f"{group[0].focus.name} {group_label(group[0])}" if group else ""
    return len(heading.split()) + sum(len(item.target.name.split()) for item in group)
