"""A question, answered: question -> mentions -> entities -> evidence -> context -> reader -> answer, each step kept in a trace."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kg.graph import Graph
from kg.model import Direction, Entity
from kg.vocabulary import EXPOSURE, PREVENTS, TREATS
from qa import answer as say
from qa.answer import Scored
from qa.context import Context, build_context, group_label
from qa.exclusion import Excluded, excluded, is_excluded
from qa.focus import (
    OUTLINE,
    affirmed,
    aside,
    focus_of,
    left_out,
    left_unread,
    not_listed,
    not_understood,
    of_inheritance,
    unanswerable,
    without,
)
from qa.hierarchy import ancestors, placings
from qa.intent import read_intent
from qa.lexicon import spelt
from qa.linker import Linker
from qa.model import MEDICINES, PERILS, Answer, Assertion, Evidence, Form, Intent, Item, Mention, Status
from qa.reader import Reader
from qa.retrieval import joining, retrieve_unasked
from qa.rollup import look_up, narrower
from qa.safety import SafetyTable
from qa.safety_table import Alert, Kind
from qa.standing import imported
from qa.text import check_question, is_english
from qa.wording import asks_to_compare

THRESHOLD = 0.5
"""Probability from which a possible answer is given."""


@dataclass(frozen=True, slots=True)
class Trace:
    """How an answer came about: every intermediate of the pipeline.

    Attributes:
        question: The question, cleaned.
        alert: What the safety table said, if anything.
        mentions: What was found in the question.
        intent: What it asks for.
        entities: The entities that it is about.
        context: The triples, in words.
        scores: For each slot of the context, the probability that it answers.
        answer: The answer.
    """

    question: str
    answer: Answer
    alert: Alert | None = None
    mentions: tuple[Mention, ...] = ()
    intent: Intent | None = None
    entities: tuple[Entity, ...] = ()
    context: Context | None = None
    scores: tuple[float, ...] = field(default=())

    @property
    def named(self) -> tuple[Entity, ...]:
        """The entities that the question names; also times of life that it denies ("but not in pregnancy")."""
        denied = (m.entity for m in self.mentions if m.assertion is Assertion.NEGATED and m.entity is not None)
        return tuple(dict.fromkeys((*self.entities, *(e for e in denied if e.category == EXPOSURE))))


class Pipeline:
    """Answers questions from a graph.

    Args:
        graph: What is known.
        linker: Finds entities in a question.
        safety: What comes above any answer.
        reader: Decides which triples answer; None answers by the question's keywords alone.
    """

    def __init__(self, graph: Graph, linker: Linker, safety: SafetyTable, reader: Reader | None) -> None:
        self.graph = graph
        self.linker = linker
        self._safety = safety
        self._reader = reader

    def ask(self, question: str) -> Answer:
        """Answer one question.

        Raises:
            QuestionError: The question is empty, too long or holds no word.
        """
        return self.trace(question).answer

    def trace(self, question: str) -> Trace:
        """Answer one question and tell how.

        Raises:
            QuestionError: The question is empty, too long or holds no word.
        """
        text = check_question(question)
        if alerts := self._safety.alerts(text):
            return Trace(text, self._alerted(question, alerts, self.linker.link(text)), alerts[0])
        if not is_english(text):
            return Trace(text, _abstain(question, "Only questions in English are understood here."))
        mentions = tuple(self.linker.link(text))
        out = excluded(text, mentions)
        entities = tuple(e for e in affirmed(mentions) if e not in out.entities)
        intent = self._intent(text, mentions, entities)
        trace = Trace(text, _abstain(question, ""), None, mentions, intent, entities)
        if reason := self._same_as_excluded(entities, out) or unanswerable(text, mentions, entities, intent):
            return replace(trace, answer=self._warned(_abstain(question, reason, mentions), entities))
        if intent.form is Form.DEFINITION or (len(entities) == 2 and not intent.relations and asks_to_compare(text)):
            return replace(trace, answer=self._warned(self._define(question, entities, mentions), entities))
        mentioned = aside(text, mentions, intent)
        asked = focus_of(self.graph, [e for e in entities if e not in mentioned], intent)
        asked, found, up = look_up(self.graph, asked, intent)
        context = build_context(e for e in found if not is_excluded(self.graph, e.target, out))
        if not context.slots and self._reader is not None:
            # The keywords led nowhere: the reader may still see what is meant, against the odds that the keywords give.
            context = build_context(e for e in retrieve_unasked(self.graph, asked, intent) if not is_excluded(self.graph, e.target, out))
        scores = self._scores(context, asked, intent, text)
        answer = self._answer(trace, asked, context, scores)
        if up is not None and answer.status is Status.ANSWERED:
            answer = up.told(answer)
        if out.entities:
            answer = replace(answer, notices=(left_out(out.entities), *answer.notices))
        return replace(trace, entities=tuple(asked), context=context, scores=scores, answer=answer)

    def _intent(self, text: str, mentions: Sequence[Mention], entities: Sequence[Entity]) -> Intent:
        things = [m for m in mentions if m.entity is None or m.entity.category != EXPOSURE]
        intent = read_intent(spelt(text, self.linker.knows), len(entities), without(text, mentions), without(text, things))
        if intent.form is Form.DEFINITION and not any(entity.description for entity in entities):
            return replace(intent, form=Form.LIST, relations=OUTLINE)
        return of_inheritance(intent, entities)

    def _same_as_excluded(self, entities: Sequence[Entity], out: Excluded) -> str | None:
        """Return what to say where a medicine is asked about that the question itself rules out, or one related to it."""
        for medicine in (e for e in entities if e.category in MEDICINES):
            if is_excluded(self.graph, medicine, out):
                return (
                    f"{say.capitalised(medicine.name)} is the same as, or related to, what you say you cannot take "
                    f"({say.enumeration([e.name for e in out.entities])}): ask a pharmacist or doctor before you take it."
                )
        return None

    def _warned(self, answer: Answer, entities: Sequence[Entity]) -> Answer:
        """Add what must not go together among what is named, which is said whatever else is not answered."""
        warnings = say.warning_sentences(joining(self.graph, entities, PERILS), self._name)
        return replace(answer, notices=(*warnings, *answer.notices))

    def _scores(self, context: Context, asked: Sequence[Entity], intent: Intent, question: str) -> tuple[float, ...]:
        """Return each slot's probability: the reader's log-odds and the keywords' prior, added.

        What the words name settles the question where a fact joins two things that are named, and for warnings: a reader that
        overlooks some, as it does (see its model card), must not take them away.
        """
        if not context.slots:
            return ()
        read = self._reader.read([context.task(question)])[0] if self._reader else (0.5,) * len(context.slots)
        if len(asked) == 1 and not intent.relations:
            # The words name no relation, so the reader alone decides, and then for a whole group: "the symptoms", not four of nine.
            read = _pooled(read, context.evidence)
        pairs = zip(read, context.evidence, strict=True)
        whole = intent.relations is OUTLINE  # nothing was asked for that a reader could find
        settled = [e.prior > 0 and (whole or e.target in asked or e.fact.predicate in PERILS) for e in context.evidence]
        return tuple(_add(max(p, 0.5) if known else p, e.prior) for (p, e), known in zip(pairs, settled, strict=True))

    def _answer(self, trace: Trace, asked: Sequence[Entity], context: Context, scores: Sequence[float]) -> Answer:
        question, intent = trace.answer.question, trace.intent
        assert intent is not None
        kept = [Scored(e, s) for e, s in zip(context.evidence, scores, strict=True) if s > THRESHOLD]
        if not kept:
            # "Nothing is listed" must not be said where something is, only under another relation than the one asked for.
            kept = [Scored(e, _add(0.5, e.prior)) for e in joining(self.graph, asked, PERILS)]
        if not kept:
            reason = narrower(self.graph, asked, intent) or not_listed(asked, intent)
            return self._warned(_abstain(question, reason, trace.mentions), trace.entities)
        against = self._spoken_against(kept, trace.named)
        # What must not be taken is named in the notice, not among what helps.
        barred = {medicine for medicine, _, evidence in against if _forbids(evidence)}
        left = [entry for entry in kept if entry.evidence.target not in barred]
        if not left:
            # Nothing else is known to help: the warnings are the answer.
            warned = [Scored(evidence, _add(0.5, evidence.prior)) for _, _, evidence in against if _forbids(evidence)]
            answer = self._paired_answer(trace, warned + kept[:1], unsettled=True)
            return replace(answer, notices=(*not_understood(trace.mentions), *answer.notices))
        kept = left
        items = say.list_items(kept)
        paired = len(asked) > 1 and all(e.evidence.target in asked for e in kept)
        if paired:
            unsettled = intent.narrow or intent.form is not Form.YES_NO
            sentence = say.verdict_sentence(kept, self._name, intent.confirms, unsettled)
        elif common := _in_common(items, kept, context.evidence):
            items = common
            sentence = say.shared_sentence(asked, items)
        else:
            sentence = say.list_sentence(kept, imported(self.graph))
        warnings = say.warning_sentences([evidence for _, _, evidence in against], self._name)
        if not paired and any(entry.evidence.focus in barred for entry in kept):
            # The medicine that is asked about is itself the one not to take.
            sentence, warnings = f"{' '.join(warnings)} {sentence}", []
        notices = (
            *warnings,
            *not_understood(trace.mentions),
            *left_unread(trace.question),
            say.DISCLAIMER,
        )
        confidence = max(i.score for i in items) if paired else sum(i.score for i in items) / len(items)
        return Answer(question, Status.ANSWERED, sentence, confidence, items, trace.mentions, notices)

    def _paired_answer(self, trace: Trace, kept: Sequence[Scored], unsettled: bool) -> Answer:
        """Answer with the facts that join what the question names."""
        items = say.list_items(kept)
        assert trace.intent is not None
        sentence = say.verdict_sentence(kept, self._name, trace.intent.confirms, unsettled)
        score = max(item.score for item in items)
        return Answer(trace.answer.question, Status.ANSWERED, sentence, score, items, trace.mentions, (say.DISCLAIMER,))

    def _spoken_against(self, kept: Sequence[Scored], named: Sequence[Entity]) -> list[tuple[Entity, Entity, Evidence]]:
        """Return what speaks against a medicine that answers, and another thing in the question, together (pregnancy, warfarin)."""
        found: dict[tuple[Entity, Entity], list[Evidence]] = {}
        said = {entry.evidence.fact for entry in kept}
        for item in (entry.evidence for entry in kept if entry.evidence.fact.predicate in {TREATS, PREVENTS}):
            outward = item.relation.direction is Direction.OUT
            medicine, purpose = (item.focus, item.target) if outward else (item.target, item.focus)
            if medicine.category not in MEDICINES:
                continue
            groups = [upper for upper, _ in ancestors(self.graph, medicine)]
            for other in (entity for entity in named if entity not in (medicine, purpose, *groups)):
                if (medicine, other) not in found:
                    found[medicine, other] = [e for e in joining(self.graph, [medicine, other], PERILS) if e.fact not in said]
        return [(medicine, other, evidence) for (medicine, other), evidences in found.items() for evidence in evidences]

    def _alerted(self, question: str, alerts: Sequence[Alert], mentions: Sequence[Mention]) -> Answer:
        """Return what the safety table says: the first alert of each kind, so that an overdose does not hide what drove somebody to it."""
        if alerts[0].kind == Kind.DOSE:
            # How much is not said; whether at all may be: "how much ibuprofen can I take with warfarin?"
            warnings = say.warning_sentences(joining(self.graph, affirmed(mentions), PERILS), self._name)
            answer = _abstain(question, alerts[0].message, tuple(mentions))
            return replace(answer, notices=(*warnings, *answer.notices))
        first = {alert.kind: alert.message for alert in reversed(alerts) if alert.kind != Kind.DOSE}
        message = " ".join(dict.fromkeys(first[kind] for kind in dict.fromkeys(a.kind for a in alerts) if kind in first))
        return Answer(question, Status.URGENT, message, 1.0, (), tuple(mentions), (say.DISCLAIMER,))

    def _define(self, question: str, entities: Sequence[Entity], mentions: tuple[Mention, ...]) -> Answer:
        """Say what one thing is, or what each of two is."""
        if nameless := [entity.name for entity in entities if not entity.description]:
            return _abstain(question, f"The graph has no description of {say.enumeration(nameless)}.", mentions)
        items = []
        for entity in entities:
            kinds = placings(self.graph, entity, Direction.OUT)
            score = max(m.score for m in mentions if m.entity == entity)
            items.append(replace(say.definition_item(entity, kinds, self.graph.sources[0].name), score=score))
        sentence = " ".join(f"{say.capitalised(entity.name)}: {entity.description}" for entity in entities)
        notices = (*not_understood(mentions), say.DISCLAIMER)
        return Answer(question, Status.ANSWERED, sentence, min(i.score for i in items), tuple(items), mentions, notices)

    def _name(self, curie: str) -> str:
        entity = self.graph.entity(curie)
        return entity.name if entity else curie


def _log_odds(probability: float) -> float:
    clipped = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(clipped / (1 - clipped))


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def _add(probability: float, prior: float) -> float:
    return _probability(_log_odds(probability) + prior)


def _pooled(probabilities: Sequence[float], evidence: Sequence[Evidence]) -> tuple[float, ...]:
    """Give every triple of a group the probability of the group: its mean log-odds."""
    groups: dict[str, list[float]] = {}
    for probability, item in zip(probabilities, evidence, strict=True):
        groups.setdefault(group_label(item), []).append(_log_odds(probability))
    means = {label: _probability(sum(odds) / len(odds)) for label, odds in groups.items()}
    return tuple(means[group_label(item)] for item in evidence)


def _forbids(evidence: Evidence) -> bool:
    """Say whether a warning leaves no room: to be avoided, or a major interaction, with the very thing that is named."""
    qualifiers = evidence.fact.qualifiers
    strong = qualifiers.get("strength") == "avoid" or qualifiers.get("severity") == "major"
    return strong and not evidence.of_a_kind


def _in_common(items: Sequence[Item], kept: Sequence[Scored], weighed: Sequence[Evidence]) -> tuple[Item, ...]:
    """Return the items to which most of the foci lead, or none where the foci were looked at one by one ("side effects of both")."""
    if any(len(foci) == 1 for foci in _reach(weighed).values()):
        return ()
    reach = _reach([entry.evidence for entry in kept])
    most = max(len(found) for found in reach.values())
    return tuple(item for item in items if most > 1 and item.entity is not None and len(reach[item.entity]) == most)


def _reach(evidence: Sequence[Evidence]) -> dict[str, set[str]]:
    """Return, for each target, the foci that lead to it."""
    reach: dict[str, set[str]] = {}
    for item in evidence:
        reach.setdefault(item.target.curie, set()).add(item.focus.curie)
    return reach


def _abstain(question: str, reason: str, mentions: tuple[Mention, ...] = ()) -> Answer:
    return Answer(question, Status.ABSTAINED, reason, 0.0, (), mentions, (*not_understood(mentions), say.DISCLAIMER))


def evidence_of(trace: Trace) -> Sequence[tuple[Evidence, float]]:
    """Return the triples that were weighed, each with its probability, in the order of the context."""
    return list(zip(trace.context.evidence, trace.scores, strict=True)) if trace.context else []
