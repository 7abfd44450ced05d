"""When a page about a condition, a finding, a medicine or a test supports a fact of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.authoring.corroborate.cues import Topic, sentence_start
from kg.model import Curie
from kg.vocabulary import (
    CAUSES,
    CONTRAINDICATED_IN,
    DIAGNOSES,
    DISEASE,
    DRUG,
    DRUG_CLASS,
    HAS_COMPLICATION,
    HAS_INHERITANCE,
    HAS_PHENOTYPE,
    HAS_SIDE_EFFECT,
    INHERITANCE,
    MANAGED_BY,
    PHENOTYPE,
    PREDISPOSES,
    PREVENTS,
    SPECIALTY,
    SUBCLASS_OF,
    TRANSMITTED_BY,
    TREATS,
)

_INFORMATION = frozenset({"information"})
_REMEDIES = frozenset({DRUG, DRUG_CLASS})


@dataclass(frozen=True, slots=True)
class PageRule:
    """When a name on a page supports a fact.

    Attributes:
        predicate: The predicate of the fact.
        about_object: True where the page is about the object of the fact ("ibuprofen treats fever", on a page about fever).
        topic: What a page that has one answer for everything speaks of where it names the other end.
        questions: The types of question whose answers name the other end.
        before: What stands before the name in its sentence, in the answer to another question or on a page of one answer.
        elsewhere: The other types of question in which such a sentence counts.
        categories: The categories of the other end, where the rule takes some only.
        unless: What, right before the name in its sentence, says something else of it; in the fitting answer too.
        denied: True where the name stands after "avoid" or "do not take".
    """

    predicate: Curie
    about_object: bool
    topic: Topic | None = None
    questions: frozenset[str] = frozenset()
    before: str = r"(?!)"
    elsewhere: frozenset[str] = _INFORMATION
    categories: frozenset[Curie] = frozenset()
    unless: str = r"(?!)"
    denied: bool = False


# "Obesity raises the risk of gout" names no cause of obesity, "risk factors for obesity include stress" names one.
_EFFECT = (
    r"\b(?:(?:at|the|your|higher|greater|increased) risk (?:of|for)|more likely to (?:get|develop|have)|leads? to"
    r"|(?:can|may|might|could) (?:also )?cause)\b"
    r"(?:(?!\b(?:includ\w+|is|are|if|when|with|who|those|people|from|because|due|caused)\b)[^.:]){0,70}$"
)
# "Low levels of iron", "men produce testosterone" name no medicine.
_OF_THE_BODY = r"\b(?:low|lack|deficien\w*|enough|nutrients?|too little|produces?|production of|made by|makes?|amounts? of|levels? of)\b"

PAGE_RULES = (
    PageRule(
        HAS_PHENOTYPE, False, Topic.SYMPTOMS, frozenset({"symptoms"}), r"\b(?:symptoms?|signs|characteri[sz]ed by|features?)\b"
    ),
    PageRule(
        HAS_PHENOTYPE, True, Topic.CAUSES, frozenset({"causes"}), r"\b(?:caused by|symptom of|sign of)\b",
        categories=frozenset({DISEASE}), unless=_EFFECT,
    ),
    PageRule(
        HAS_COMPLICATION, False, Topic.COMPLICATIONS, frozenset({"complications"}),
        r"\b(?:complications?|leads? to|(?:can|may|might|could) (?:also )?cause|risk (?:of|for))\b",
        frozenset({"information", "symptoms", "outlook", "considerations"}),
    ),
    PageRule(
        HAS_COMPLICATION, True, Topic.CAUSES, frozenset({"causes"}),
        r"\b(?:caused by|due to|complication of|results? from|risk|more likely|more common)\b",
        frozenset({"information", "symptoms", "susceptibility"}), frozenset({DISEASE, PHENOTYPE}), _EFFECT,
    ),
    PageRule(
        TREATS, True, Topic.TREATMENT, frozenset({"treatment"}), r"\b(?:treat|treats|treated|treatments?|relieves?|manage)\b",
        frozenset({"information", "considerations", "outlook"}),
    ),
    PageRule(TREATS, False, Topic.TREATMENT, before=r"\b(?:treat|treats|treating|treatment (?:for|of)|relieve|used (?:for|to))\b"),
    PageRule(
        CAUSES, True, Topic.CAUSES, frozenset({"causes", "genetic changes"}),
        r"\b(?:caused by|due to|results? from|because of|causes include)\b",
        frozenset({"information", "symptoms", "susceptibility", "prevention", "exams and tests"}), unless=_EFFECT,
    ),
    PageRule(
        CAUSES, False, before=r"\b(?:can|may|might|which|that|it|also|often) (?:also )?(?:causes?|leads? to|results? in)\b",
        questions=frozenset({"complications"}), elsewhere=frozenset({"information", "symptoms", "outlook"}),
        unless=r"\b(?:another|other)\b[^.]{0,40} that causes? [^.]{0,30}$",
    ),
    PageRule(
        PREDISPOSES, True, Topic.RISK, frozenset({"susceptibility", "causes"}),
        r"\b(?:at risk|risk factors?|more likely|the risk|your risk)\b",
        frozenset({"information", "prevention"}), unless=_EFFECT,
    ),
    PageRule(
        PREDISPOSES, False, questions=frozenset({"complications"}),
        before=r"\b(?:risk (?:of|for|factor for)|more likely to|chances? (?:of|for)|leads? to|prone to)\b",
        elsewhere=frozenset({"information", "symptoms", "outlook", "considerations"}),
    ),
    PageRule(
        DIAGNOSES, True, Topic.TESTS, frozenset({"exams and tests"}), r"\b(?:diagnos\w+|tests?|detect\w*|find out|confirm\w*)\b",
        frozenset({"information", "stages"}),
    ),
    PageRule(DIAGNOSES, False, before=r"\b(?:diagnose|detect|check (?:for|on)|test(?:s|ed)? for|find|look for|screen(?:ing)? for)\b"),
    PageRule(
        PREVENTS, True, Topic.PREVENTION, frozenset({"prevention"}),
        r"\b(?:prevents?|protects?|(?:reduces?|lowers?) (?:the|your) (?:risk|chances?))\b",
        frozenset({"information", "treatment", "considerations", "causes", "susceptibility"}),
    ),
    PageRule(
        PREVENTS, False,
        before=r"\b(?:prevents?|protects? (?:you )?(?:against|from)|(?:reduces?|lowers?) (?:the|your) risk (?:of|for))\b",
    ),
    PageRule(
        MANAGED_BY, False, Topic.DOCTORS, frozenset({"exams and tests"}), r"\b(?:specialists?|refer\w*|consult\w*|see an?|team)\b",
        frozenset({"information", "treatment", "considerations", "symptoms"}), frozenset({SPECIALTY}),
    ),
    PageRule(
        TRANSMITTED_BY, False, Topic.SPREAD, before=r"\b(?:spreads?|pass(?:es|ed)?|catch|transmi\w+|infected (?:by|through|with|when))\b",
        elsewhere=frozenset({"information", "causes", "susceptibility", "prevention"}),
    ),
    PageRule(
        HAS_INHERITANCE, False, questions=frozenset({"inheritance"}), before=r"\binherited\b",
        elsewhere=frozenset({"information", "causes", "genetic changes"}), categories=frozenset({INHERITANCE}),
    ),
    PageRule(HAS_SIDE_EFFECT, False, Topic.SIDE_EFFECTS, before=r"\bside effects?\b"),
    PageRule(
        HAS_SIDE_EFFECT, True, Topic.CAUSES, frozenset({"causes"}), r"\b(?:caused by|side effects? of|medicines? (?:that|such as))\b",
        categories=_REMEDIES, unless=_OF_THE_BODY,
    ),
    PageRule(
        CONTRAINDICATED_IN, True,
        before=r"\b(?:avoid|(?:should|do|must)(?: not|n['’]t) (?:take|use|be given|give|get|have)|not safe)\b[^.]{0,60}$",
        elsewhere=frozenset({"information", "treatment", "prevention", "considerations", "susceptibility", "causes"}),
        categories=_REMEDIES, denied=True,
    ),
    PageRule(
        SUBCLASS_OF, False,
        before=r"\b(?:is|are) (?:an?|one|the most common) (?:\w+ ){0,2}?(?:types?|kinds?|forms?|groups?) of (?:an? )?$",
    ),
)  # fmt: skip
_BEFORE = {rule: re.compile(rule.before, re.IGNORECASE) for rule in PAGE_RULES}
_UNLESS = {rule: re.compile(rule.unless, re.IGNORECASE) for rule in PAGE_RULES}


def said_otherwise(rule: PageRule, text: str, start: int) -> bool:
    """Tell whether the words before a name, in its sentence, say something else of it than the rule is about."""
    return _UNLESS[rule].search(text[sentence_start(text, start) : start]) is not None


def said_before(rule: PageRule, text: str, start: int) -> bool:
    """Tell whether the words that the rule asks for stand before a name, in its sentence."""
    return _BEFORE[rule].search(text, sentence_start(text, start), start) is not None


def rules_for(category: Curie, denied: bool) -> Iterator[PageRule]:
    """Yield the rules for a name of this category, denied or not."""
    return (rule for rule in PAGE_RULES if rule.denied == denied and (not rule.categories or category in rule.categories))
