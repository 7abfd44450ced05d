"""A question, answered: question -> mentions -> entities -> evidence -> context -> reader -> answer, each step kept in a trace."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kg.graph import Graph
from kg.model import Direction, Entity
from kg.names import key
from kg.vocabulary import EXPOSURE, PHENOTYPE, PREVENTS, SUBCLASS_OF, TREATS
from qa import answer as say
from qa.answer import Scored
from qa.context import Context, build_context
from qa.exclusion import Excluded, excluded, is_excluded
from qa.focus import (
    OUTLINE,
    affirmed,
    aside,
    asks_of_kind,
    focus_of,
    left_out,
    left_unread,
    not_listed,
    not_understood,
    of_inheritance,
    other_kind,
    read_as,
    unanswerable,
    without,
    without_bystanders,
)
from qa.hierarchy import ancestors, placings
from qa.intent import read_intent
from qa.lexicon import spelt
from qa.linker import Linker
from qa.model import MEDICINES, PERILS, Answer, Assertion, Evidence, Form, Intent, Item, Mention, Status
from qa.odds import add, pooled
from qa.plain import in_plain_words, spoken
from qa.reader import Reader, ReadingTask
from qa.retrieval import NOT_ASKED_FOR, joining, retrieve_unasked
from qa.rollup import look_up, narrower
from qa.safety import SafetyTable
from qa.safety_table import Alert, Kind
from qa.standing import imported
from qa.text import check_question, is_english
from qa.wording import asks_how_often, asks_to_compare

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
        task: What the reader was given, if it was asked.
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
    task: ReadingTask | None = None
    scores: tuple[float, ...] = field(default=())

    @property
    def named(self) -> tuple[Entity, ...]:
        """The entities that the question names; also times of life that it denies ("but not in pregnancy")."""
        denied = (m.entity for m in self.mentions if m.assertion is Assertion.NEGATED and m.entity is not None)
        return tuple(dict.fromkeys((*self.entities, *(e for e in denied if e.category == EXPOSURE))))


# Of one thing this asks for its definition; of several findings, for what has them all.
_UNNAMED = re.compile(r"\bwhat(?:[’']?s| is) (?:it|this|that|wrong)\W*$", re.IGNORECASE)


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
        self.reader = reader

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
        entities = tuple(e for e in affirmed(without_bystanders(mentions)) if e not in out.entities)
        intent = self._intent(text, mentions, entities)
        trace = Trace(text, _abstain(question, ""), None, mentions, intent, entities)
        if reason := self._same_as_excluded(entities, out) or self._unanswerable(text, mentions, entities, intent):
            return replace(trace, answer=self._warned(_abstain(question, reason, mentions), entities))
        if intent.form is Form.DEFINITION or (len(entities) == 2 and not intent.relations and asks_to_compare(text)):
            return replace(trace, answer=self._warned(self._define(question, entities, mentions), entities))
        mentioned = aside(text, mentions, intent)
        asked = focus_of(self.graph, [e for e in entities if e not in mentioned], intent)
        asked, found, up = look_up(self.graph, asked, intent)
        context = build_context(e for e in found if not is_excluded(self.graph, e.target, out))
        if not context.slots and self.reader is not None:
            # The keywords led nowhere: the reader may still see what is meant, against the odds that the keywords give.
            context = build_context(e for e in retrieve_unasked(self.graph, asked, intent) if not is_excluded(self.graph, e.target, out))
        task = context.task(in_names_of_evidence(text, trace.mentions, context))
        scores = self._scores(context, asked, intent, task)
        answer = self._answer(trace, asked, context, scores)
        if up is not None and answer.status is Status.ANSWERED:
            answer = up.told(answer)
        if out.entities:
            answer = replace(answer, notices=(left_out(out.entities), *answer.notices))
        return replace(trace, entities=tuple(asked), context=context, task=task if self.reader else None, scores=scores, answer=answer)

    def _intent(self, text: str, mentions: Sequence[Mention], entities: Sequence[Entity]) -> Intent:
        things = [m for m in mentions if m.entity is None or m.entity.category != EXPOSURE]
        intent = read_intent(spelt(text, self.linker.knows), len(entities), without(text, mentions), without(text, things))
        if not intent.relations and len(entities) > 1 and all(e.category == PHENOTYPE for e in entities) and _UNNAMED.search(text):
            return read_intent("what could it be", len(entities))
        if intent.form is Form.DEFINITION and not any(entity.description for entity in entities):
            return replace(intent, form=Form.LIST, relations=OUTLINE)
        return of_inheritance(intent, entities)

    def _unanswerable(self, text: str, mentions: Sequence[Mention], entities: Sequence[Entity], intent: Intent) -> str | None:
        """Return why a question cannot be answered; a word that is not known does not take away a warning about those that are."""
        reason = unanswerable(text, mentions, entities, intent)
        if reason is None or intent.form is not Form.YES_NO or all(m.entity is not None for m in mentions):
            return reason
        known = [mention for mention in mentions if mention.entity is not None]
        warned = len(entities) > 1 and unanswerable(text, known, entities, intent) is None and joining(self.graph, entities, PERILS)
        return None if warned else reason

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

    def _scores(self, context: Context, asked: Sequence[Entity], intent: Intent, task: ReadingTask) -> tuple[float, ...]:
        """Return each slot's probability: the reader's log-odds and the keywords' prior, added.

        What the words name settles the question where a fact joins two things that are named, and for warnings and serious side
        effects: a reader that overlooks some, as it does (see its model card), must not take them away.
        """
        if not context.slots:
            return ()
        read = self.reader.read([task])[0] if self.reader else (0.5,) * len(context.slots)
        if len(asked) == 1 and (not intent.relations or all(e.prior == NOT_ASKED_FOR for e in context.evidence)):
            # The words name no relation, or none that is known, so the reader alone decides, and then for a whole group: "the
            # symptoms", not four of nine.
            read = pooled(read, context.evidence)
        pairs = zip(read, context.evidence, strict=True)
        # An outline asks for nothing that a reader could find; what is asked for by its kinds alone ("name some statins") is all of them.
        listed = intent.form is not Form.YES_NO
        whole = intent.relations is OUTLINE or (listed and {r.predicate for r in intent.relations} == {SUBCLASS_OF})
        settled = [e.prior > 0 and (whole or e.target in asked or _warns(e, listed)) for e in context.evidence]
        return tuple(add(max(p, 0.5) if known else p, e.prior) for (p, e), known in zip(pairs, settled, strict=True))

    def _answer(self, trace: Trace, asked: Sequence[Entity], context: Context, scores: Sequence[float]) -> Answer:
        question, intent = trace.answer.question, trace.intent
        assert intent is not None
        kept = [Scored(e, s) for e, s in zip(context.evidence, scores, strict=True) if s > THRESHOLD]
        if not kept and asks_of_kind(trace.question, trace.mentions, asked):
            return self._warned(_abstain(question, other_kind(self.graph, *asked), trace.mentions), trace.entities)
        if not kept:
            # "Nothing is listed" must not be said where something is, only under another relation than the one asked for.
            kept = [Scored(e, add(0.5, e.prior)) for e in joining(self.graph, asked, PERILS)]
        if not kept:
            reason = narrower(self.graph, asked, intent) or not_listed(asked, intent)
            return self._warned(_abstain(question, reason, trace.mentions), trace.entities)
        against = self._spoken_against(kept, trace.named)
        # What must not be taken is named in the notice, not among what helps.
        barred = {medicine for medicine, _, evidence in against if _forbids(evidence)}
        left = [entry for entry in kept if entry.evidence.target not in barred]
        if not left:
            # Nothing else is known to help: the warnings are the answer.
            warned = [Scored(evidence, add(0.5, evidence.prior)) for _, _, evidence in against if _forbids(evidence)]
            answer = self._paired_answer(trace, warned + kept[:1], unsettled=True)
            return replace(answer, notices=(*not_understood(trace.mentions), *read_as(trace.mentions), *answer.notices))
        kept, told = left, in_plain_words(self.graph, left)
        items = say.list_items(told)
        paired = len(asked) > 1 and all(e.evidence.target in asked for e in kept)
        if paired:
            unsettled = intent.narrow or intent.form is not Form.YES_NO or asks_how_often(trace.question) or _is_swapped(trace, asked)
            sentence = say.verdict_sentence(kept, self._name, intent.confirms, unsettled)
        elif common := _in_common(items, kept, context.evidence):
            items = common
            sentence = say.shared_sentence([spoken(self.graph, entity) for entity in asked], items)
        else:
            sentence = say.list_sentence(told, imported(self.graph))
        warnings = say.warning_sentences([evidence for _, _, evidence in against], self._name)
        if not paired and any(entry.evidence.focus in barred for entry in kept):
            # The medicine that is asked about is itself the one not to take.
            sentence, warnings = f"{' '.join(warnings)} {sentence}", []
        notices = (
            *warnings,
            *not_understood(trace.mentions),
            *read_as(trace.mentions),
            *left_unread(trace.question),
            say.DISCLAIMER,
        )
        confidence = max(i.score for i in items) if paired else sum(i.score for i in items) / len(items)
        return Answer(question, Status.ANSWERED, sentence, confidence, items, trace.mentions, notices)

    def _paired_answer(self, trace: Trace, kept: Sequence[Scored], unsettled: bool) -> Answer:
        """Answer with the facts that join what the question names."""
        items = say.list_items(in_plain_words(self.graph, kept))
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
        return spoken(self.graph, entity).name if entity else curie


def in_names_of_evidence(question: str, mentions: Sequence[Mention], context: Context) -> str:
    """Return the question with what it names called as the evidence calls it: a reader knows no brands and forgives few misspellings."""
    shown = {item.focus.curie: item.focus.name for item in context.evidence}
    for mention in reversed(mentions):
        if mention.entity is not None and mention.entity.curie in shown:
            question = question[: mention.start] + shown[mention.entity.curie] + question[mention.end :]
    return question


def _warns(evidence: Evidence, listed: bool) -> bool:
    """Say whether a triple warns; where a list is asked for, also whether it tells of a side effect for which help is needed."""
    outward = evidence.relation.direction is Direction.OUT
    return evidence.fact.predicate in PERILS or (listed and outward and "seriousness" in evidence.fact.qualifiers)


def _is_swapped(trace: Trace, asked: Sequence[Entity]) -> bool:
    """Say whether something else than what the question names was asked about, under another name: hypertension as a sign."""
    return not {key(entity.name) for entity in asked} <= {key(entity.name) for entity in trace.entities}


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
    notices = (*not_understood(mentions), *read_as(mentions), say.DISCLAIMER)
    return Answer(question, Status.ABSTAINED, reason, 0.0, (), mentions, notices)


def evidence_of(trace: Trace) -> Sequence[tuple[Evidence, float]]:
    """Return the triples that were weighed, each with its probability, in the order of the context."""
    return list(zip(trace.context.evidence, trace.scores, strict=True)) if trace.context else []
