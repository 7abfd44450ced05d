"""What a question is about: which of its entities an answer is sought around, and whether it can be answered at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kg.graph import Graph
from kg.model import Direction, Entity
from kg.vocabulary import (
    CAUSES,
    CHEMICAL,
    DIAGNOSES,
    DISEASE,
    DRUG,
    DRUG_CLASS,
    EXPOSURE,
    HAS_COMPLICATION,
    HAS_INHERITANCE,
    HAS_PHENOTYPE,
    HAS_ROLE,
    HAS_SIDE_EFFECT,
    INHERITANCE,
    ORGANISM,
    PHENOTYPE,
    PREDISPOSES,
    PREVENTS,
    SPECIALTY,
    SUBCLASS_OF,
    TREATS,
)
from qa import answer as say
from qa.hierarchy import ancestors
from qa.intent_rules import both
from qa.model import MEDICINES, MISSPELT_SCORE, PERILS, Assertion, Form, Intent, Mention, Relation
from qa.standing import imported
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


def without_bystanders(mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """Return the mentions without people who look after somebody, where medicines are named.

    In "I'm a nurse, can my patient take ..." and "can I take Night Nurse with ..." nobody asks about nurses.
    """
    if not any(m.entity is not None and m.entity.category in MEDICINES for m in mentions):
        return mentions
    return tuple(m for m in mentions if m.entity is None or m.entity.category != SPECIALTY)


# What is left of "is warfarin an antibiotic?" without the names; more is left of "is warfarin OK with an antibiotic?".
_IS_A = re.compile(
    r"\W*(so )?(is|are)\s+((not|really|actually|just|also|technically|considered|classed as)\s+)*"
    r"(an?\s+|the\s+)?((kind|type|sort|form)s?\s+of\s+)?\W*",
    re.IGNORECASE,
)


def asks_of_kind(text: str, mentions: Sequence[Mention], entities: Sequence[Entity]) -> bool:
    """Say whether it is asked whether one medicine is a kind of another, and nothing else: "is warfarin an antibiotic?"."""
    medicines = len(entities) == 2 and all(e.category in MEDICINES for e in entities)
    return medicines and _IS_A.fullmatch(without(text, mentions)) is not None


def other_kind(graph: Graph, thing: Entity, group: Entity) -> str:
    """Return the sentence on what a medicine is a kind of, where it was asked of a kind that it is not listed as."""
    placed = [(upper.name, via[0].source in imported(graph)) for upper, via in ancestors(graph, thing) if len(via) == 1]
    groups = [name for name, wide in placed if not wide] or [name for name, _ in placed]
    known = f"; it is listed as a kind of {say.enumeration(groups)}" if groups else ""
    return f"The graph does not list {thing.name} as a kind of {group.name}{known}."


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
# "Does St John's wort stop the pill working?" stops no medicine.
_WORKING = re.compile(r"\W*(from )?work", re.IGNORECASE)
# "Which antihistamine does not make you drowsy?"
_LACKING = re.compile(
    r"\b(what|which)\b[^.;?!]{0,60}?\b(do|does|will|would|can)(n['’]t| not) "
    r"(cause|make|give|lead|raise|affect|upset|interact|clash|thin|have)\b",
    re.IGNORECASE,
)
_ANIMAL = re.compile(
    r"\b(dog|cat|puppy|kitten|horse|rabbit|hamster|parrot|pet)s? (has|have|is|ate|eats|keeps|got|can|needs|won['’]?t)\b"
    r"|\b(for|give|to) (my|our|a|the) (dog|cat|puppy|kitten|horse|rabbit|hamster|parrot|pet)s?\b",
    re.IGNORECASE,
)
_ALONGSIDE = re.compile(r"^\W*[\w'’-]+( [\w'’-]+){0,3} (and|with|plus) [\w'’ -]+\W*$", re.IGNORECASE)
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
    if any(_STOPPING.search(text[: medicine.start]) and not _WORKING.match(text[medicine.end :]) for medicine in medicines):
        return "Do not stop, skip or change a medicine without asking the doctor or pharmacist who knows your case."
    if medicines and _LACKING.search(text):
        return (
            "The graph lists what medicines do, which does not say which of them do not do it: ask a pharmacist or doctor which one "
            "suits you."
        )
    paired = any(r.predicate in PERILS for r in intent.relations)
    if unknown and (intent.form in {Form.YES_NO, Form.DEFINITION} or paired):
        return f"The graph does not know {named}, so nothing can be said of it; ask a pharmacist or doctor."
    rest = without(text, without_bystanders(tuple(mentions)))
    asks_of_one = intent.form is Form.YES_NO and not _OPEN.search(text)
    if paired and len(entities) == 1 and (partner := missing_partner(rest, anywhere=asks_of_one)) is not None:
        return f"Only {entities[0].name} was understood here, not {partner!r}, so this is not answered: ask a pharmacist or doctor."
    is_taken = medicines or any(e.category == EXPOSURE for e in entities)
    partner = missing_partner(rest, anywhere=True) if is_taken and len(entities) == 1 and _ALONGSIDE.search(text) else None
    if not intent.relations and partner is not None:
        # "Weed and sertraline": what is known of one of two must not pass for what is known of both.
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


def read_as(mentions: Sequence[Mention]) -> list[str]:
    """Return a notice for each misspelt word that was taken for a medicine: another medicine may be meant."""
    linked = ((m.text, m.entity) for m in mentions if m.entity is not None and m.score <= MISSPELT_SCORE)
    misread = {text: entity.name for text, entity in linked if entity.category in MEDICINES}
    return [f"{text!r} was read as {name}; check the spelling." for text, name in misread.items()]


def left_unread(question: str) -> list[str]:
    """Return a notice where a text asks more than is answered."""
    return ["Only one question is answered at a time; ask the others by themselves."] if asks_several(question) else []


def left_out(entities: Sequence[Entity]) -> str:
    """Return the notice on medicines that the question rules out."""
    names = say.enumeration([e.name for e in entities])
    return f"Left out, since you name it as not for you: {names}; ask a pharmacist or doctor about related medicines too."


# Whoever asks by one of these asks what a medicine is good for or does, not whether it may be taken.
_SAYS_WHAT = frozenset({TREATS, PREVENTS, HAS_SIDE_EFFECT, CAUSES, DIAGNOSES, HAS_COMPLICATION, PREDISPOSES})


def _is_pair(asked: Sequence[Entity]) -> bool:
    """Say whether a medicine is named together with something else that is taken: "cannabis with warfarin"."""
    taken = [e for e in asked if e.category in MEDICINES or e.category in {EXPOSURE, CHEMICAL}]
    return len(taken) == len(asked) and any(e.category in MEDICINES for e in taken)


def not_listed(asked: Sequence[Entity], intent: Intent) -> str:
    """Return the sentence for a question to which the graph holds no answer; never that something is safe or untrue."""
    names = say.enumeration([e.name for e in asked])
    if len(asked) > 1:
        is_taken = any(e.category in MEDICINES for e in asked) and intent.form is Form.YES_NO
        unsaid = not intent.relations or not any(r.predicate in _SAYS_WHAT for r in intent.relations)
        if any(r.predicate in PERILS for r in intent.relations) or (is_taken and unsaid) or (not intent.relations and _is_pair(asked)):
            return f"The graph lists nothing of the kind between {names}, which does not mean that it is safe: ask a pharmacist or doctor."
        return f"The graph lists no such connection between {names}, which does not mean that there is none."
    return f"The graph holds no answer to this about {names}."
