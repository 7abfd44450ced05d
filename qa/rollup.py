"""Where an answer is sought when a thing itself has none: with another thing of its name, its nearest group, or its kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kg.graph import Graph
from kg.model import Entity, Fact
from kg.names import key
from kg.vocabulary import DISEASE, DRUG, DRUG_CLASS, EXPOSURE, PHENOTYPE
from qa.answer import capitalised, enumeration
from qa.hierarchy import ancestors, kinds
from qa.model import Answer, Evidence, Intent
from qa.retrieval import retrieve
from qa.standing import imported

_MAX_STEPS = 2
# With one of these, the last words of a name are not what it is a kind of.
_JOINING_WORDS = frozenset("of in with without no non not due to by from and or lack absent absence pseudo".split())
# What may go, in one source, under its own name by which another source calls something of the category before it.
_OWN = {DISEASE: PHENOTYPE, DRUG_CLASS: DRUG}
_KINDS_NAMED, _KINDS_LOOKED_AT = 5, 40


@dataclass(frozen=True, slots=True)
class Broader:
    """A group of a thing, of which a curated source answers what was asked of the thing.

    Attributes:
        thing: What was asked about.
        group: The group, a condition if the thing is one.
        via: The facts that lead from the thing up to the group; none where the thing's name alone says so.
        evidence: What is known of the group.
    """

    thing: Entity
    group: Entity
    via: tuple[Fact, ...]
    evidence: tuple[Evidence, ...]

    def told(self, answer: Answer) -> Answer:
        """Return an answer about the group as one that nobody takes for one about the thing itself."""
        items = tuple(replace(item, evidence=(*item.evidence, *self.via)) for item in answer.items)
        group = f", which is a kind of {self.group.name}" if self.via else f"; what follows is about {self.group.name}"
        lead = f"Nothing is listed for {self.thing.name} itself{group}."
        return replace(answer, answer=f"{lead} {answer.answer}", items=items)


def look_up(graph: Graph, asked: Sequence[Entity], intent: Intent) -> tuple[list[Entity], list[Evidence], Broader | None]:
    """Return what an answer is sought around in the end, the triples there, and the group that was turned to, if one was."""
    found = retrieve(graph, asked, intent)
    if not any(evidence.prior >= 0 for evidence in found):
        others, of_others = namesake(graph, asked, intent)
        if of_others:
            return others, of_others, None
    if not found and (up := broader(graph, asked, intent)) is not None:
        return [up.group], list(up.evidence), up
    return list(asked), found, None


def namesake(graph: Graph, asked: Sequence[Entity], intent: Intent) -> tuple[list[Entity], list[Evidence]]:
    """Return what is asked about with one of it replaced by another thing of that name, of which there is an answer; else nothing.

    An illness and a sign of others may bear one name: scoliosis, kidney failure. Or the sign's name is another one of the illness:
    high blood pressure, which as a sign is hypertension; and a medicine's is one by which its group is known.
    """
    for place, entity in enumerate(asked):
        if entity.category == EXPOSURE:
            continue  # who drinks alcohol does not take the substances that chemists call alcohols
        own = _OWN.get(entity.category)
        others_names = (naming for name in entity.synonyms for naming in graph.named(name) if own is not None)
        namings = [*graph.named(entity.name), *(n for n in others_names if n.preferred and n.entity.category == own)]
        for other in (naming.entity for naming in namings if naming.entity.curie != entity.curie):
            others = [*asked[:place], other, *asked[place + 1 :]]
            if found := [evidence for evidence in retrieve(graph, others, intent) if evidence.prior > 0]:
                return others, found
    return list(asked), []


def broader(graph: Graph, asked: Sequence[Entity], intent: Intent) -> Broader | None:
    """Return the nearest group of the one thing asked about of which a curated source has an answer, two steps up at the most.

    What a curated source describes is answered for itself or not at all: somebody looked at what there is to say of it.
    """
    if len(asked) != 1 or not intent.relations or graph.curated_degree(asked[0].curie) or not imported(graph):
        return None
    (thing,) = asked
    for group, via in ancestors(graph, thing):
        is_near = len(via) <= _MAX_STEPS and group.category == thing.category and graph.curated_degree(group.curie) > 0
        if is_near and (found := _curated_answer(graph, group, intent)):
            return Broader(thing, group, via, found)
    if (head := _head(graph, thing)) is not None and (found := _curated_answer(graph, head, intent)):
        return Broader(thing, head, (), found)
    return None


def _curated_answer(graph: Graph, group: Entity, intent: Intent) -> tuple[Evidence, ...]:
    return tuple(e for e in retrieve(graph, [group], intent) if e.fact.source not in imported(graph))


def _head(graph: Graph, thing: Entity) -> Entity | None:
    """Return what the last words of a name name by themselves: hiccups for "chronic hiccup", but no fever for "absence of fever".

    In a name that is turned round, "migraine, familial hemiplegic, 2", it is what stands before the comma.
    """
    words = key(thing.name).split()
    if _JOINING_WORDS.intersection(words):
        return None
    turned, comma, _ = thing.name.partition(",")
    heads = [turned] if comma else [" ".join(words[first:]) for first in range(1, len(words))]
    return next((naming.entity for head in heads for naming in graph.named(head) if naming.curated), None)


def narrower(graph: Graph, asked: Sequence[Entity], intent: Intent) -> str | None:
    """Return the sentence that names kinds of the one thing asked about of which there is an answer, where there is none of itself."""
    if len(asked) != 1 or not intent.relations or graph.curated_degree(asked[0].curie):
        return None
    names: list[str] = []
    for kind, _ in kinds(graph, asked[0])[:_KINDS_LOOKED_AT]:
        if retrieve(graph, [kind], intent):
            names.append(kind.name)
        if len(names) == _KINDS_NAMED:
            break
    if not names:
        return None
    name = capitalised(asked[0].name)
    return f"{name} has several kinds, of which the answers differ; ask about one of them, such as {enumeration(names)}."
