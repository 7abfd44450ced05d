"""Which triples bear on a question: those around its entities, those that join them, and those of the groups that they belong to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from kg.graph import Graph
from kg.model import Curie, Direction, Entity, Fact
from kg.vocabulary import (
    CONTRAINDICATED_IN,
    DRUG_CLASS,
    EXPOSURE,
    HAS_PHENOTYPE,
    HAS_SIDE_EFFECT,
    INTERACTS_WITH,
    PHENOTYPE,
    PREVENTS,
    SUBCLASS_OF,
    TREATS,
)
from qa.hierarchy import ancestors, kinds
from qa.model import MEDICINES, PERILS, Evidence, Form, Intent, Relation
from qa.ranking import ranked
from qa.standing import curated_first, imported, is_root, warns

MAX_EVIDENCE = 240
"""Triples given to the reader at the most."""

MAX_KINDS = 24
"""Triples of kinds of what was asked about ("does penicillin help with infections"), at the most."""

ASKED_FOR, NOT_ASKED_FOR = 2.0, -3.0
"""Log-odds added to the reader's for a relation that the question's words name, and for one where they name others."""

# What holds for a group of medicines holds for its members: these, and whatever is reviewed as false. Not what comes with imported
# sources alone: genes, locations, roles and inheritance of a wide group are not those of each of its members.
_INHERITED = frozenset({INTERACTS_WITH, CONTRAINDICATED_IN, HAS_SIDE_EFFECT})
_HELPS = frozenset({TREATS, PREVENTS})


def retrieve(graph: Graph, entities: Sequence[Entity], intent: Intent) -> list[Evidence]:
    """Return the triples that bear on a question, the most fitting first.

    One entity: its own facts and those inherited from its groups. Several: for a yes/no question, or one about what goes together,
    the facts that join them; for a list, what belongs to a group that is named, or what they have in common, or what joins them.
    """
    if len(entities) < 2:
        return _told(graph, _around(graph, entities[0], intent), intent)[:MAX_EVIDENCE] if entities else []
    if not intent.relations and (perils := joining(graph, entities, PERILS)):
        # "Sildenafil and nitroglycerin", "is grapefruit OK with simvastatin": what must not go together is told unasked.
        return perils
    if not intent.relations and all(entity.category in MEDICINES for entity in entities):
        return []  # what else two medicines have to do with each other must not stand where their interaction is looked for
    found: list[Evidence] = []
    if intent.form is Form.YES_NO or _goes_together(intent):
        found = ranked(graph, _joining(graph, entities, intent))
        if intent.form is not Form.YES_NO:
            found = [evidence for evidence in found if evidence.prior > 0]
        elif not intent.narrow:
            fitting = [evidence for evidence in found if evidence.prior >= 0]
            found = fitting + _of_kinds(graph, entities, intent, fitting) or found
        found = found or ranked(graph, _members(graph, entities, intent))
        if not found and any(relation.predicate in PERILS for relation in intent.relations):
            found = joining(graph, entities, PERILS)  # "which painkillers are dangerous with kidney disease"
        if not found and intent.form is not Form.YES_NO:
            # "I take methotrexate for arthritis, what does it interact with?": the medicine is asked about, the illness is its reason.
            # Not so with "... when breastfeeding", which is what is asked about.
            medicines = [e for e in entities if e.category in MEDICINES and all(other.category != EXPOSURE for other in entities)]
            if len(medicines) == 1 or not any(relation.predicate in PERILS for relation in intent.relations):
                found = _told(graph, _each(graph, medicines, intent), intent)
    else:
        for look in (_members, _shared, _joining, _each):
            told = ranked if look is _shared else partial(_told, intent=intent)
            found = found or [e for e in told(graph, look(graph, entities, intent)) if e.prior >= 0]
        # What joins them by a relation that the words do not name comes last: only a reader can still take it for an answer.
        found = found or ranked(graph, _joining(graph, entities, intent))
    return found[:MAX_EVIDENCE]


def _goes_together(intent: Intent) -> bool:
    """Say whether a list is asked of what its entities do to each other; what brings both of two symptoms is something else."""
    seeks_illness = Relation(HAS_PHENOTYPE, Direction.IN) in intent.relations
    return not seeks_illness and any(relation.predicate in _INHERITED for relation in intent.relations)


def retrieve_unasked(graph: Graph, entities: Sequence[Entity], intent: Intent) -> list[Evidence]:
    """Return the facts of the one entity whatever relation they have, with the odds against them that the question names others."""
    if len(entities) != 1 or not intent.relations:
        return []
    open_minded = replace(intent, relations={}, qualifiers=None, categories=frozenset())
    found = _told(graph, _around(graph, entities[0], open_minded), open_minded)[:MAX_EVIDENCE]
    return [replace(evidence, prior=NOT_ASKED_FOR) for evidence in found]


def joining(graph: Graph, entities: Sequence[Entity], predicates: frozenset[Curie]) -> list[Evidence]:
    """Return the facts of some predicates that join the entities, groups that they belong to, or else kinds of them.

    What an imported source says of the entities themselves does not stand in for what a curated one says of kinds of them.
    """
    asked = Intent(Form.YES_NO, {Relation(predicate, direction): 1.0 for predicate in predicates for direction in Direction})
    own = [e for e in ranked(graph, _joining(graph, entities, asked)) if e.fact.predicate in predicates and not e.fact.negated]
    return own + _of_kinds(graph, entities, asked, own)


def _of_kinds(graph: Graph, entities: Sequence[Entity], intent: Intent, told: Iterable[Evidence]) -> list[Evidence]:
    """Return what joins two of the entities through kinds of them, where no curated source joins those two by what is told already.

    What is known of two of three ("ibuprofen and ramipril if I have kidney disease") says nothing of the third.
    """
    known = {frozenset((e.focus.curie, e.target.curie)) for e in told if e.fact.source not in imported(graph)}
    found = ranked(graph, _through_kinds(graph, entities, intent))
    return [e for e in found if frozenset((e.focus.curie, e.target.curie)) not in known][:MAX_KINDS]


def _told(graph: Graph, evidence: Iterable[Evidence], intent: Intent) -> list[Evidence]:
    """Order evidence that lists something, and leave out what imported sources add to what a curated one says."""
    return curated_first(graph, ranked(graph, evidence), together=bool(intent.relations))


def _around(graph: Graph, focus: Entity, intent: Intent) -> Iterator[Evidence]:
    for evidence in _own_and_inherited(graph, focus):
        fitted = _fit(evidence, intent)
        if fitted is not None:
            yield fitted


def _own_and_inherited(graph: Graph, focus: Entity) -> Iterator[Evidence]:
    """Yield every triple at an entity, seen from it; an ancestor's are seen from the entity too, with the way up in `via`."""
    helped = _helped(graph, focus)
    for ancestor, via in ((focus, ()), *ancestors(graph, focus)):
        for direction in Direction:
            for fact in graph.facts(ancestor.curie, direction):
                if via and (not _is_inherited(fact, direction) or (_warns(fact) and fact.end(direction) in helped)):
                    continue
                target = graph.entity(fact.end(direction))
                if target is not None and target.curie != focus.curie and not _is_idle(graph, fact, direction, target):
                    yield Evidence(fact, focus, Relation(fact.predicate, direction), target, via)


def _is_idle(graph: Graph, fact: Fact, direction: Direction, target: Entity) -> bool:
    """Say whether a fact places something under the root of an ontology: that gout is a disease answers nothing."""
    return direction is Direction.OUT and fact.predicate == SUBCLASS_OF and is_root(graph, target)


def _helped(graph: Graph, entity: Entity) -> frozenset[str]:
    """Return what an entity itself is used for: its group's warnings about that are not its own (aspirin, an NSAID, after a heart attack).

    Only a curated source may take a warning away.
    """
    wide = imported(graph)
    facts = graph.facts(entity.curie, Direction.OUT)
    return frozenset(f.object for f in facts if f.predicate in _HELPS and not f.negated and f.source not in wide)


def _warns(fact: Fact) -> bool:
    return fact.negated or fact.predicate == CONTRAINDICATED_IN


def _is_inherited(fact: Fact, direction: Direction) -> bool:
    return fact.negated or (fact.predicate in _INHERITED and (direction is Direction.OUT or fact.predicate == INTERACTS_WITH))


def _fit(evidence: Evidence, intent: Intent) -> Evidence | None:
    """Return the evidence with its prior, or None where the question's words rule it out."""
    if not intent.relations:
        # A medicine has a hundred interactions: they answer who asks for them, not every question that is not understood.
        return evidence if evidence.fact.predicate != INTERACTS_WITH else None
    weight = intent.relations.get(evidence.relation)
    if weight is None or evidence.fact.negated:
        return None  # what does not help is no answer to what helps
    if intent.categories and not (intent.categories & {evidence.target.category}):
        return None
    if intent.qualifiers and any(evidence.fact.qualifiers.get(name) != value for name, value in intent.qualifiers.items()):
        return None
    return replace(evidence, prior=ASKED_FOR * weight)


def _joining(graph: Graph, entities: Sequence[Entity], intent: Intent) -> Iterator[Evidence]:
    """Yield the triples that join two of the entities, or groups that they belong to; also that one is of a group further up."""
    for number, first in enumerate(entities):
        for second in entities[number + 1 :]:
            yield from _between(graph, first, second, intent)
            for upper, via in ancestors(graph, first):
                if upper == second and len(via) > 1:
                    relation = Relation(SUBCLASS_OF, Direction.OUT)
                    yield Evidence(via[-1], first, relation, second, via[:-1], _prior(relation, via[-1], intent, False))


def _between(graph: Graph, first: Entity, second: Entity, intent: Intent) -> Iterator[Evidence]:
    is_remedy = second.curie in _helped(graph, first) or first.curie in _helped(graph, second)
    ends = {second.curie: ()} | {upper.curie: via for upper, via in ancestors(graph, second)}
    for lower, via in ((first, ()), *ancestors(graph, first)):
        for direction in Direction:
            for fact in graph.facts(lower.curie, direction):
                far = ends.get(fact.end(direction))
                if far is None or not _holds_for_both(fact, direction, via, far) or ((via or far) and _warns(fact) and is_remedy):
                    continue
                relation = Relation(fact.predicate, direction)
                yield Evidence(fact, first, relation, second, (*via, *far), _prior(relation, fact, intent, is_remedy))


def _prior(relation: Relation, fact: Fact, intent: Intent, is_remedy: bool) -> float:
    """Return the log-odds that the question's words give to a fact that joins two entities."""
    if not intent.relations:
        return 0.0
    helps = intent.form is Form.YES_NO and any(named.predicate in _HELPS for named in intent.relations)
    if helps and fact.predicate in PERILS and not fact.negated and not is_remedy:
        # "Does aspirin help a child with flu?": whoever asks whether it helps must hear that it harms.
        return ASKED_FOR
    named = intent.relations.get(relation)
    return NOT_ASKED_FOR if named is None else ASKED_FOR * named


def _through_kinds(graph: Graph, entities: Sequence[Entity], intent: Intent) -> Iterator[Evidence]:
    """Yield what joins two entities through kinds of them: alteplase treats ischaemic stroke, which is a kind of stroke.

    It holds for that kind, so only what is affirmed, and by a relation that the words name, is worth saying.
    """
    for number, first in enumerate(entities):
        for second in entities[number + 1 :]:
            ends = {second.curie: ()} | {lower.curie: via for lower, via in kinds(graph, second)}
            for near, via in ((first, ()), *kinds(graph, first)):
                for direction in Direction:
                    for fact in graph.facts(near.curie, direction):
                        far = ends.get(fact.end(direction))
                        weight = intent.relations.get(relation := Relation(fact.predicate, direction))
                        if (via or far) and far is not None and weight is not None and not fact.negated:
                            yield Evidence(fact, first, relation, second, (*via, *far), ASKED_FOR * weight)


def _holds_for_both(fact: Fact, direction: Direction, near: tuple[Fact, ...], far: tuple[Fact, ...]) -> bool:
    """Say whether a fact stated of a group at either end holds for the member that was asked about."""
    if not near and not far:
        return True
    if fact.predicate == HAS_SIDE_EFFECT and not fact.negated:
        # A member of the group of medicines has it; but anaemia as a side effect is not every kind of anaemia.
        return not (far if direction is Direction.OUT else near)
    return fact.negated or fact.predicate in _INHERITED


def _members(graph: Graph, entities: Sequence[Entity], intent: Intent) -> Iterator[Evidence]:
    """Yield, for a group of medicines among the entities, what the others lead to that belongs to it ("which antibiotics ...")."""
    for group in (entity for entity in entities if entity.category == DRUG_CLASS):
        for other in (entity for entity in entities if entity is not group):
            for evidence in _around(graph, other, intent):
                path = next((via for upper, via in ancestors(graph, evidence.target) if upper == group), None)
                if path is not None and not evidence.fact.negated:
                    yield replace(evidence, via=(*evidence.via, *path))


def _each(graph: Graph, entities: Sequence[Entity], intent: Intent) -> list[Evidence]:
    """Return what each entity leads to by itself; not for "which illness has both", where one of two is a wrong answer."""
    if not intent.relations or Relation(HAS_PHENOTYPE, Direction.IN) in intent.relations:
        return []
    return [evidence for entity in entities for evidence in _around(graph, entity, intent)]


def _shared(graph: Graph, entities: Sequence[Entity], intent: Intent) -> list[Evidence]:
    """Return what the entities have in common: the same far end for each, a group counting through its members.

    What curated sources know to be common is told alone: with rare diseases, any two symptoms have a hundred.
    """
    wide = imported(graph)
    return _common(graph, entities, intent, wide) or (_common(graph, entities, intent, frozenset()) if wide else [])


def _common(graph: Graph, entities: Sequence[Entity], intent: Intent, without: Collection[str]) -> list[Evidence]:
    sides: list[dict[str, list[Evidence]]] = []
    for entity in entities:
        side: dict[str, list[Evidence]] = {}
        for evidence in (*_own_and_inherited(graph, entity), *_of_kinds_of_symptom(graph, entity)):
            fitted = _fit(evidence, intent) if evidence.fact.source not in without or warns(evidence) else None
            if fitted is not None and not evidence.fact.negated:
                side.setdefault(evidence.target.curie, []).append(fitted)
        if side:
            sides.append(side)
    if len(sides) < 2:
        return []
    common = set.intersection(*(set(side) for side in sides))
    return [evidence for side in sides for curie, found in side.items() if curie in common for evidence in found]


def _of_kinds_of_symptom(graph: Graph, symptom: Entity) -> Iterator[Evidence]:
    """Yield the illnesses that have a kind of a symptom: what brings a long-lasting cough brings a cough."""
    for kind, via in kinds(graph, symptom) if symptom.category == PHENOTYPE else ():
        for fact in graph.facts(kind.curie, Direction.IN):
            illness = graph.entity(fact.subject)
            if fact.predicate == HAS_PHENOTYPE and illness is not None:
                yield Evidence(fact, symptom, Relation(HAS_PHENOTYPE, Direction.IN), illness, via)
