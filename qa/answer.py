"""From scored evidence to what a person reads: items with their triples, a sentence, and notices."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from kg.graph import Graph
from kg.model import Curie, Direction, Entity, Fact
from kg.vocabulary import CONTRAINDICATED_IN, INHERITANCE, INTERACTS_WITH, PREDICATES, SUBCLASS_OF, gravity
from qa.context import group_label
from qa.model import MEDICINES, PERILS, Answer, Evidence, Item
from qa.sentences import SENTENCES
from qa.standing import warns

DISCLAIMER = "This is general information, not medical advice: ask a doctor or pharmacist about your own case."
DEFINITION = Curie("skos:definition")
DEFINITION_OBJECT = Curie("medkg:definition")
"""Stands for the text of a definition where a triple wants an object; the text itself is the object's name."""

LISTED = 10
"""Items named in the sentence; the rest are counted there and stand in the items."""

_RATED_LISTED = 20
"""Symptoms that are told by how common they are: when so many are named, the less common ones are only counted."""

_RATED = "symptoms ("

_MAX_WARNINGS = 4
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_HEADINGS: Mapping[tuple[str, str], str] = {
    (CONTRAINDICATED_IN, "avoid"): "Should be avoided in {x}",
    (CONTRAINDICATED_IN, "caution"): "Should be used with care in {x}",
    (INTERACTS_WITH, "major"): "Major interaction with {x}",
    (INTERACTS_WITH, "moderate"): "Moderate interaction with {x}",
    (INTERACTS_WITH, "minor"): "Minor interaction with {x}",
    (INTERACTS_WITH, "caution"): "Interaction with {x}",
}
_ADVICE = "Ask a pharmacist or doctor before you take or stop anything."


@dataclass(frozen=True, slots=True)
class Scored:
    """A piece of evidence with the probability, 0 to 1, that it answers the question."""

    evidence: Evidence
    score: float


def list_items(scored: Sequence[Scored]) -> tuple[Item, ...]:
    """Return one item an answer, in the order of the evidence; what several triples say stands once, with all of them."""
    merged: dict[Curie, list[Scored]] = {}
    for entry in scored:
        merged.setdefault(entry.evidence.target.curie, []).append(entry)
    return tuple(_item(curie, entries) for curie, entries in merged.items())


def _item(curie: Curie, entries: Sequence[Scored]) -> Item:
    facts = dict.fromkeys((f.key, f.source) for e in entries for f in (e.evidence.fact, *e.evidence.via))
    by_identity = {(f.key, f.source): f for e in entries for f in (e.evidence.fact, *e.evidence.via)}
    return Item(
        shown(entries[0].evidence),
        curie,
        max(entry.score for entry in entries),
        tuple(by_identity[identity] for identity in facts),
    )


def shown(evidence: Evidence) -> str:
    """Return the answer as a person reads it, with what narrows it: "alteplase (only when a clot is the cause)"."""
    narrowing = [evidence.fact.qualifiers[name] for name in ("purpose", "effect") if name in evidence.fact.qualifiers]
    if evidence.target.category == INHERITANCE and evidence.target.description:
        # "Autosomal recessive" says nothing to most people.
        narrowing.append(evidence.target.description.removesuffix("."))
    return f"{evidence.target.name} ({'; '.join(narrowing)})" if narrowing else evidence.target.name


def list_sentence(scored: Sequence[Scored], rated: Collection[str] = ()) -> str:
    """Return a sentence for each group of the evidence, in the order of the groups.

    Args:
        scored: The evidence.
        rated: Sources of which it is told how common each symptom is, since they list the rarest beside the common ones.
    """
    groups: dict[tuple[str, str], dict[Curie, str]] = {}
    curated: set[tuple[str, str]] = set()
    for entry in scored:
        label = group_label(entry.evidence)
        if label == "symptoms" and entry.evidence.fact.source in rated:
            label = f"{_RATED}{entry.evidence.fact.qualifiers.get('frequency', 'frequency not known')})"
        place = (entry.evidence.focus.name, label)
        groups.setdefault(place, {}).setdefault(entry.evidence.target.curie, shown(entry.evidence))
        if entry.evidence.fact.source not in rated:
            curated.add(place)
    # What was written for patients is told before what an ontology lists: the common causes before the rarest.
    order = sorted(groups, key=lambda place: place not in curated)
    return " ".join(_within_measure({place: list(groups[place].values()) for place in order}))


def _within_measure(groups: Mapping[tuple[str, str], Sequence[str]]) -> Iterator[str]:
    """Yield the sentence of each group; of symptoms that are told by how common they are, only so many that somebody reads them."""
    named = uncounted = 0
    for (focus, label), items in groups.items():
        if label.startswith(_RATED) and named >= _RATED_LISTED:
            uncounted += len(items)
            continue
        named += min(len(items), LISTED) * label.startswith(_RATED)
        yield _sentence(focus, label, items)
    if uncounted:
        yield f"Less common, or of which it is not said how common they are: {uncounted} more, listed below."


def _sentence(focus: str, label: str, items: Sequence[str]) -> str:
    form = SENTENCES.get(label, "{X}: " + label + " {items}.")
    return form.format(x=focus, X=capitalised(focus), items=enumeration(items))


def enumeration(items: Sequence[str]) -> str:
    """Join names as a sentence does.

    >>> enumeration(["fever", "cough", "a rash"])
    'fever, cough and a rash'
    >>> enumeration(["measles", "hand, foot and mouth disease"])
    'measles; and hand, foot and mouth disease'
    """
    named = list(items[:LISTED])
    # "Short stature, Brussels type" is one of them, not two.
    mark = ";" if any("," in _IN_BRACKETS.sub("", name) for name in named) else ","
    if len(items) > LISTED:
        named.append(f"{len(items) - LISTED} more")
    return named[0] if len(named) == 1 else f"{f'{mark} '.join(named[:-1])}{';' * (mark == ';')} and {named[-1]}"


def shared_sentence(entities: Sequence[Entity], items: Sequence[Item]) -> str:
    """Return the sentence for what several entities have in common."""
    return f"What fits {enumeration([e.name for e in entities])} together: {enumeration([item.text for item in items])}."


def verdict_sentence(scored: Sequence[Scored], names: Callable[[str], str], confirms: bool = False, unsettled: bool = False) -> str:
    """Return the sentence for what joins two things: the fact itself, led by yes or no where it settles the question.

    Args:
        scored: The evidence.
        names: Gives an entity's name.
        confirms: Whether "yes" says that a warning holds.
        unsettled: Whether more was asked than the facts can say, so that none of them is a "yes".
    """
    # The gravest warning first, whatever the reader is surest of.
    scored = sorted(scored, key=_pressing, reverse=True)
    best = scored[0].evidence
    text = _statement(best, names)
    if best.fact.predicate not in PERILS:
        if best.fact.negated:
            return capitalised(text) if unsettled else f"No: {text}"
        if unsettled or "purpose" in best.fact.qualifiers:
            # "Does it cure?", "does it help with an acute attack?" where it prevents attacks: the fact itself is all that is known.
            return capitalised(text)
        # What is known of one kind ("ischaemic stroke") does not settle it for all ("stroke").
        return f"{'Yes, for some' if best.of_a_kind else 'Yes'}: {text}"
    # A warning about one pair of several, or one kind of several, must not hide that about another.
    warnings = {_subject_of_warning(best): f"Yes: {text}" if confirms and gravity(best.fact.qualifiers) > 2 else capitalised(text)}
    for item in (entry.evidence for entry in scored):
        if item.fact.predicate in PERILS and not item.fact.negated and _subject_of_warning(item) not in warnings:
            warnings[_subject_of_warning(item)] = capitalised(_statement(item, names))
    said = list(warnings.values())
    more = [f"{len(said) - _MAX_WARNINGS} more warnings stand below."] if len(said) > _MAX_WARNINGS else []
    besides = (e.evidence for e in sorted(scored, key=lambda entry: -entry.score) if e.evidence.fact.predicate not in PERILS)
    others = [f"Apart from that: {_statement(item, names)}" for item in islice(besides, 1)]
    return " ".join([*said[:_MAX_WARNINGS], *more, *others, _ADVICE])


def _pressing(entry: Scored) -> tuple[bool, int, int, float]:
    """Order what joins two things: warnings, the graver, what is said of them rather than of their groups, the surer."""
    evidence = entry.evidence
    return (
        warns(evidence),
        gravity(evidence.fact.qualifiers),
        -len(evidence.via),
        entry.score,
    )


def warning_sentences(evidence: Sequence[Evidence], names: Callable[[str], str]) -> list[str]:
    """Return one notice on what does not go together: a sentence for each thing and degree, what is to be avoided first.

    Args:
        evidence: Interactions and contraindications.
        names: Gives an entity's name.
    """
    told: dict[tuple[int, str], list[str]] = {}
    for item in evidence:
        degree = item.fact.qualifiers.get("severity") or item.fact.qualifiers.get("strength") or "caution"
        near, far = item.focus.name, item.target.name
        if item.of_a_kind:  # what holds for pethidine is not said of all opioids
            ends = (item.fact.subject, item.fact.object)
            near, far = (names(curie) for curie in (ends if item.relation.direction is Direction.OUT else ends[::-1]))
        medicine, other = (near, far) if item.focus.category in MEDICINES else (far, near)
        heading = _HEADINGS[item.fact.predicate, degree].format(x=other)
        place = told.setdefault((-gravity(item.fact.qualifiers), heading), [])
        if (text := f"{medicine}{_effect(item)}") not in place:
            place.append(text)
    sentences = [f"{heading}: {enumeration(found)}." for (_, heading), found in sorted(told.items(), key=lambda pair: pair[0][0])]
    return [f"{' '.join(sentences)} {_ADVICE}"] if sentences else []


def _effect(evidence: Evidence) -> str:
    effect = evidence.fact.qualifiers.get("effect") or evidence.fact.qualifiers.get("purpose")
    return f" ({effect})" if effect else ""


def _subject_of_warning(evidence: Evidence) -> tuple[Curie, ...]:
    """Return what one warning is enough for: the pair that was asked about, or the kinds of them that the fact is about."""
    if evidence.of_a_kind:
        return (evidence.fact.subject, evidence.fact.object)
    return (evidence.focus.curie, evidence.target.curie)


def _statement(evidence: Evidence, names: Callable[[str], str]) -> str:
    """Return a fact as a sentence without its capital, with what narrows it and the groups by which it holds."""
    fact = evidence.fact
    predicate = PREDICATES[fact.predicate]
    clause = (predicate.denial if fact.negated else predicate.sentence).format(s=names(fact.subject), o=names(fact.object))
    if (strength := fact.qualifiers.get("strength")) and fact.predicate == CONTRAINDICATED_IN:
        wording = "avoided" if strength == "avoid" else "used with care"
        clause = f"{names(fact.subject)} should be {wording} in {names(fact.object)}"
    if severity := fact.qualifiers.get("severity"):
        clause += f" ({severity})"
    details = [fact.qualifiers[n] for n in ("effect", "purpose", "frequency", "seriousness") if n in fact.qualifiers]
    via = evidence.via
    if fact.predicate == SUBCLASS_OF and via and not fact.negated:
        # "Is codeine a painkiller?": of codeine, not of the opioids in between.
        clause, via = predicate.sentence.format(s=evidence.focus.name, o=evidence.target.name), (*via, fact)
    # Without a verb, since names of groups stand in the plural as well: "penicillins: a kind of antibiotics".
    steps = [f"{names(f.subject)}: a kind of {names(f.object)}" for f in via]
    return f"{clause}{': ' + ', '.join(details) if details else ''}{' (' + '; '.join(steps) + ')' if steps else ''}."


def capitalised(text: str) -> str:
    """Return the text with its first letter upper case, the rest as it was."""
    return text[:1].upper() + text[1:]


def definition_item(entity: Entity, facts: Iterable[Fact], source: str) -> Item:
    """Return the item for "what is ...": the definition, resting on itself and on what the entity is a kind of."""
    definition = Fact(entity.curie, DEFINITION, DEFINITION_OBJECT, source, {"evidence": "general knowledge"})
    return Item(entity.description, entity.curie, 1.0, (definition, *facts))


def answer_as_dict(answer: Answer, graph: Graph) -> dict[str, Any]:
    """Return an answer in the form of the `ask` contract, plain JSON types throughout."""
    return {
        "question": answer.question,
        "status": answer.status.value,
        "answer": answer.answer,
        "confidence": round(answer.confidence, 4),
        "items": [
            {
                "text": item.text,
                "entity": item.entity,
                "score": round(item.score, 4),
                "evidence": [fact_as_dict(fact, graph, item.text) for fact in item.evidence],
            }
            for item in answer.items
        ],
        "mentions": [mention.as_dict() for mention in answer.mentions],
        "notices": list(answer.notices),
    }


def fact_as_dict(fact: Fact, graph: Graph, text: str = "") -> dict[str, Any]:
    """Return a triple in the form of the `ask` contract; `text` is the definition where the triple is one."""
    subject, obj = graph.entity(fact.subject), graph.entity(fact.object)
    qualifiers = dict(fact.qualifiers) | ({"negated": "true"} if fact.negated else {})
    return {
        "subject": fact.subject,
        "predicate": fact.predicate,
        "object": fact.object,
        "subject_name": subject.name if subject else str(fact.subject),
        "object_name": obj.name if obj else text,
        "source": fact.source,
        "qualifiers": qualifiers,
    }
