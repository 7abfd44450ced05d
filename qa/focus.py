"""What a question is about: which of its entities an answer is sought around, and whether it can be answered at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kg.graph import Graph
from kg.model import Direction, Entity
from kg.vocabulary import (
    DISEASE,
    DRUG,
    DRUG_CLASS,
    EXPOSURE,
    HAS_INHERITANCE,
    HAS_PHENOTYPE,
    HAS_ROLE,
    INHERITANCE,
    ORGANISM,
    PHENOTYPE,
    SUBCLASS_OF,
    TREATS,
)
from qa import answer as say
from qa.intent_rules import both
from qa.model import MEDICINES, PERILS, Assertion, Form, Intent, Mention, Relation
from qa.wording import asks_for_another, asks_several, is_statement, missing_partner

_MAIN = frozenset({DISEASE, PHENOTYPE, DRUG, DRUG_CLASS, ORGANISM})


def affirmed(mentions: Sequence[Mention]) -> tuple[Entity, ...]:
    """Return the distinct entities that the question affirms, in its order."""
    return tuple(dict.fromkeys(m.entity for m in mentions if m.entity is not None and m.assertion is not Assertion.NEGATED))


def focus_of(graph: Graph, entities: Sequence[Entity], intent: Intent) -> list[Entity]:
    """Return the entities that the answer is sought around.

    A list is sought around conditions, medicines and germs where there are any ("asthma in children"); and around the illness
    alone where the rest of what is named are its own symptoms ("treatment for joint pain in gout").
    """
    unsaid = not intent.relations and any(e.category in MEDICINES for e in entities)  # "metronidazole and alcohol"
    if intent.form is Form.YES_NO or unsaid or any(r.predicate in PERILS for r in intent.relations):
        return list(entities)
    main = [e for e in entities if e.category in _MAIN] or list(entities)
    if Relation(HAS_PHENOTYPE, Direction.IN) not in intent.relations:
        for illness in (e for e in main if e.category == DISEASE):
            own = {f.object for f in graph.facts(illness.curie, Direction.OUT) if f.predicate == HAS_PHENOTYPE}
            if all(e is illness or e.curie in own for e in main):
                return [illness]
    return main


# After these comes what else is the matter with whoever asks, not what is to be treated.
_ASIDE = re.compile(
    r"\b((for|in) (someone|somebody|people|a person|patients?|a patient|(wo)?men|a (wo)?man) (with|who|on)|who (has|have|takes?)|with"
    r"|(if|when|while|and|but|as) (i|you) (also )?(have|am|get|take)|[.?!] i (also )?(have|get|suffer from)|i also have"
    r"|i['’]?m (also )?(taking|on)|(?<!can )(?<!could )(?<!should )i (also )?take|i am on)\b",
    re.IGNORECASE,
)


OUTLINE = {
    Relation(predicate, Direction.OUT): weight
    for predicate, weight in ((SUBCLASS_OF, 1.0), (HAS_ROLE, 0.9), (HAS_PHENOTYPE, 0.9), (HAS_INHERITANCE, 0.8))
}
"""What is told of a thing that no source defines, in place of a definition."""

# "Is it genetic?", "will my children get it?" name a circumstance and mean what is asked, not what it is asked about.
_KIN = re.compile(r"genetic|heredit|inherit|famil|parent|mother|father|child|kid|bab(y|ies)|son|daughter", re.IGNORECASE)


def of_inheritance(intent: Intent, entities: Sequence[Entity]) -> Intent:
    """Return the intent, of inheritance where a way of inheriting is named: "is cystic fibrosis autosomal recessive?"."""
    if intent.form is Form.DEFINITION or not any(entity.category == INHERITANCE for entity in entities):
        return intent
    return replace(intent, relations=both(HAS_INHERITANCE), categories=frozenset())


def aside(text: str, mentions: Sequence[Mention], intent: Intent) -> set[Entity]:
    """Return what a question about treatment only mentions: heart disease in "migraine treatment for someone with heart disease".

    Of a question about inheritance, those who inherit.
    """
    if any(r.predicate == HAS_INHERITANCE for r in intent.relations):
        kin = {m.entity for m in mentions if m.entity is not None and m.entity.category == EXPOSURE and _KIN.search(m.text)}
        return kin if any(m.entity is not None and m.entity not in kin for m in mentions) else set()
    if intent.form is Form.YES_NO or not any(r.predicate == TREATS for r in intent.relations):
        return set()
    linked = [m for m in mentions if m.entity is not None and m.assertion is not Assertion.NEGATED]
    for marker in _ASIDE.finditer(text):
        before = {m.entity for m in linked if m.end <= marker.start()}
        after = {m.entity for m in linked if m.start >= marker.end()}
        if any(e.category in _MAIN for e in before if e is not None) and after - before:
            return {e for e in after - before if e is not None}
    return set()


# What is done to a medicine, right before its name, other than taking it.
_STOPPING = re.compile(
    r"\b(stop|stopping|quit|quitting|come off|coming off|get off|wean(ing)? off|skip|skipping|miss|missing|missed|not taking|without taking"
    r"|cut down|cutting down|too (little|much))( on| of)?( taking| using)?( my| the| a| an)? $",
    re.IGNORECASE,
)
_ANIMAL = re.compile(
    r"\b(dog|cat|puppy|kitten|horse|rabbit|hamster|parrot|pet)s? (has|have|is|ate|eats|keeps|got|can|needs|won['’]?t)\b"
    r"|\b(for|give|to) (my|our|a|the) (dog|cat|puppy|kitten|horse|rabbit|hamster|parrot|pet)s?\b",
    re.IGNORECASE,
)
_OPEN = re.compile(r"\b(any|anything|something|what|which)\b", re.IGNORECASE)


def unanswerable(text: str, mentions: Sequence[Mention], entities: Sequence[Entity], intent: Intent) -> str | None:
    """Return why a question cannot be answered whatever the graph says, or None."""
    if _ANIMAL.search(text):
        return "Only questions about people are answered here: ask a vet."
    if asks_for_another(text) and all(e.category in MEDICINES for e in entities):
        return "What could be used instead is not worked out here: ask how the condition itself is treated, or ask a pharmacist or doctor."
    unknown = [m.text for m in mentions if m.entity is None]
    named = " or ".join(repr(name) for name in unknown)
    if not entities:
        if unknown:
            return f"The graph does not know {named}; check the spelling, or ask a pharmacist or doctor."
        return "No disease, medicine or symptom that the graph knows was found in the question; only medical questions are answered here."
    medicines = [m for m in mentions if m.entity is not None and m.entity.category in MEDICINES]
    if any(_STOPPING.search(text[: medicine.start]) for medicine in medicines):
        return "Do not stop, skip or change a medicine without asking the doctor or pharmacist who knows your case."
    paired = any(r.predicate in PERILS for r in intent.relations)
    if unknown and (intent.form in {Form.YES_NO, Form.DEFINITION} or paired):
        return f"The graph does not know {named}, so nothing can be said of it; ask a pharmacist or doctor."
    rest = without(text, mentions)
    asks_of_one = intent.form is Form.YES_NO and not _OPEN.search(text)
    if paired and len(entities) == 1 and (partner := missing_partner(rest, anywhere=asks_of_one)) is not None:
        return f"Only {entities[0].name} was understood here, not {partner!r}, so this is not answered: ask a pharmacist or doctor."
    if is_statement(text) and not intent.relations:
        return (
            f"It is not clear what you want to know about {say.enumeration([e.name for e in entities])}: ask, for example, what can cause "
            "it or what helps with it. If it is severe, sudden or getting worse, call a doctor or your local emergency number."
        )
    return None


def without(text: str, mentions: Sequence[Mention]) -> str:
    """Return the text with its mentions blanked out."""
    for mention in mentions:
        text = text[: mention.start] + " " * (mention.end - mention.start) + text[mention.end :]
    return text


def not_understood(mentions: Sequence[Mention]) -> list[str]:
    """Return a notice for each word that looks medical and that the graph does not know."""
    return [f"{m.text!r} was not understood and is left out of the answer." for m in mentions if m.entity is None]


def left_unread(question: str) -> list[str]:
    """Return a notice where a text asks more than is answered."""
    return ["Only one question is answered at a time; ask the others by themselves."] if asks_several(question) else []


def left_out(entities: Sequence[Entity]) -> str:
    """Return the notice on medicines that the question rules out."""
    names = say.enumeration([e.name for e in entities])
    return f"Left out, since you name it as not for you: {names}; ask a pharmacist or doctor about related medicines too."


def not_listed(asked: Sequence[Entity], intent: Intent) -> str:
    """Return the sentence for a question to which the graph holds no answer; never that something is safe or untrue."""
    names = say.enumeration([e.name for e in asked])
    if len(asked) > 1:
        if any(r.predicate in PERILS for r in intent.relations):
            return f"The graph lists nothing of the kind between {names}, which does not mean that it is safe: ask a pharmacist or doctor."
        return f"The graph lists no such connection between {names}, which does not mean that there is none."
    return f"The graph holds no answer to this about {names}."
