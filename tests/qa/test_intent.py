"""Tests of what a question asks for; every rule has its wordings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import vocabulary as v
from kg.model import Curie, Direction
from qa.intent import read_intent
from qa.model import Form, Relation
from qa.wording import is_statement, missing_partner

IN, OUT = Direction.IN, Direction.OUT

WORDINGS: dict[Curie, tuple[str, ...]] = {
    v.HAS_SIDE_EFFECT: (
        "What are the side effects of warfarin?",
        "adverse effects of warfarin",
        "side affects warfarin",
        "unwanted effects of warfarin",
    ),
    v.INTERACTS_WITH: (
        "Does warfarin interact with ibuprofen?",
        "can you mix warfarin with ibuprofen",
        "warfarin and ibuprofen at the same time",
        "warfarin together with ibuprofen",
        "Which pills should I avoid with warfarin?",
        "don't mix warfarin with what?",
    ),
    v.CONTRAINDICATED_IN: (
        "Is warfarin contraindicated in pregnancy?",
        "Who should not take warfarin?",
        "Who can't take warfarin?",
        "which medicines should I avoid with an ulcer",
        "stay away from which drugs with an ulcer",
        "Should warfarin be avoided in pregnancy?",
        "What should I avoid in pregnancy?",
        "I shouldn't take warfarin when?",
        "Is warfarin safe in pregnancy?",
        "Is it dangerous to take warfarin?",
        "Can I take warfarin in pregnancy?",
    ),
    v.HAS_COMPLICATION: (
        "What are the complications of gout?",
        "what can gout lead to",
        "long-term effects of gout",
        "gout if left untreated",
    ),
    v.PREDISPOSES: (
        "What are the risk factors for gout?",
        "who is at risk of gout",
        "what raises my risk of gout",
        "chances of getting gout",
    ),
    v.PREVENTS: (
        "How do I prevent measles?",
        "Is there a vaccine against measles?",
        "how to avoid catching measles",
        "how can I protect myself from measles",
        "stop myself from getting measles",
    ),
    v.DIAGNOSES: ("How is gout diagnosed?", "which tests find gout", "how do doctors know it is gout", "how is gout detected"),
    v.MANAGED_BY: ("Which doctor treats gout?", "who should I see about gout", "is there a specialist for gout"),
    v.TRANSMITTED_BY: ("Is flu contagious?", "how does flu spread", "how is flu transmitted", "is flu passed on"),
    v.HAS_PHENOTYPE: ("What are the symptoms of gout?", "signs of gout", "how do I know I have gout", "what does gout feel like"),
    v.TREATS: (
        "What is the treatment for gout?",
        "how do I get rid of gout",
        "what helps with gout",
        "what can I take for gout",
        "remedies for gout",
        "gout medication",
        "what is good for gout",
        "what is warfarin used for",
        "what does warfarin do",
        "why would I be taking warfarin",
        "what is warfarin prescribed to people with",
    ),
    v.CAUSES: ("What causes gout?", "why do I have gout", "what brings on gout", "reasons for gout", "what triggers gout"),
    v.SUBCLASS_OF: (
        "What kinds of ulcer are there?",
        "types of ulcer",
        "forms of ulcer",
        "What kind of medicine is ibuprofen?",
        "which group of drugs does ibuprofen belong to",
    ),
    v.HAS_INHERITANCE: (
        "How is cystic fibrosis inherited?",
        "Does haemophilia run in families?",
        "does it run in the family",
        "is Huntington's hereditary",
        "Is gout genetic?",
        "is sickle cell disease passed down from parents",
        "can you get cystic fibrosis from your parents",
        "Can I pass haemophilia on to my children?",
        "will my baby have Marfan syndrome",
        "what is the inheritance of Fabry disease",
    ),
    v.HAS_ROLE: ("What does ibuprofen act as?", "chemical roles of ibuprofen", "Which substances act as an antioxidant?"),
    v.HAS_LOCATION: (
        "What part of the body does gout affect?",
        "which organs does sarcoidosis attack",
        "where in the body is gout",
        "Which diseases affect the kidney?",
    ),
    v.PART_OF: ("What is part of the heart?", "what are the parts of the heart", "What is the mitral valve a part of?"),
    v.GENE_OF_CONDITION: ("Which gene causes cystic fibrosis?", "genes linked to asthma", "what mutation causes Marfan syndrome"),
    v.BINDS: ("What does imatinib bind?", "what is bound by imatinib", "protein targets of imatinib"),
    v.PHYSICALLY_INTERACTS: (
        "What does TP53 physically interact with?",
        "protein-protein partners of TP53",
        "interaction partners of TP53",
    ),
    v.AFFECTS: ("Which genes does aspirin affect?", "what is upregulated by aspirin", "which enzymes are inhibited by aspirin"),
    v.REGULATES: ("Which genes does TP53 regulate?", "what genes are regulated by TP53", "regulators of the TP53 gene"),
    v.EXPRESSES: ("Where is TP53 expressed?", "which genes are active in the liver", "tissues that express TP53"),
    v.PARTICIPATES_IN: ("Which pathways is TP53 in?", "which genes take part in apoptosis", "what biological processes does TP53 have"),
    v.CORRELATED_WITH: (
        "What is correlated with asthma?",
        "what varies together with asthma, which things vary together",
        "correlations of asthma",
    ),
    v.SIMILAR_TO: ("What resembles gout?", "which diseases are similar to gout", "what does gout resemble"),
    v.CHEMICALLY_SIMILAR: (
        "What is chemically similar to ibuprofen?",
        "similar structure to ibuprofen",
        "structurally related to ibuprofen",
    ),
    v.RELATED_TO: ("What is related to gout?", "which conditions are related to gout", "everything related to gout"),
}


def predicates(question: str) -> set[Curie]:
    return {relation.predicate for relation in read_intent(question, 1).relations}


@pytest.mark.parametrize(("predicate", "question"), [(p, q) for p, questions in WORDINGS.items() for q in questions])
def test_each_rule_understands_its_wordings(predicate: Curie, question: str) -> None:
    assert predicate in predicates(question)


@pytest.mark.parametrize("predicate", list(v.PREDICATES))
def test_every_predicate_can_be_asked_for_in_two_ways(predicate: Curie) -> None:
    assert len(WORDINGS[predicate]) >= 2


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What are the side effects of warfarin?", {v.HAS_SIDE_EFFECT}),  # and not what it causes
        ("What treatment prevents gout?", {v.PREVENTS}),
        ("Which doctor treats gout?", {v.MANAGED_BY}),
        ("What are the symptoms of gout and what causes it?", {v.HAS_PHENOTYPE}),
    ],
)
def test_the_specific_comes_before_the_general(question: str, expected: set[Curie]) -> None:
    assert predicates(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Is chickenpox contagious?",
        "how does flu spread",
        "can I catch a cold from a colleague",
        "How do you get malaria?",
        "is there a genetic test for it",
        "Can I give ibuprofen to my child?",
        "What should I eat with my family history?",
    ],
)
def test_what_is_caught_is_not_inherited(question: str) -> None:
    assert v.HAS_INHERITANCE not in predicates(question)


def test_what_comes_from_a_mother_may_be_inherited_or_caught() -> None:
    assert predicates("Can a baby get hepatitis B from its mother?") == {v.HAS_INHERITANCE, v.TRANSMITTED_BY}


WIDE = {p for p in WORDINGS if p in v.PREDICATES and list(v.PREDICATES).index(p) > list(v.PREDICATES).index(v.HAS_INHERITANCE)}


@pytest.mark.parametrize(
    "question",
    [
        "What can I take to regulate my periods?",
        "can I express milk while taking sertraline",
        "Is my cough related to lisinopril?",
        "could my rash be related to penicillin",
        "I have symptoms similar to flu, what could it be?",
        "What role does stress play in asthma?",
        "can I take part in sports with asthma",
        "something that binds me up",
        "Which part of the body hurts with gout?",
        "what type of medicine is used for gout",
        "What kind of tablets are there for migraine?",
        "what kind of doctor treats gout",
        "is gene therapy safe",
        "which symptoms are part of flu",
    ],
)
def test_words_of_patients_are_not_taken_for_those_of_ontologies(question: str) -> None:
    assert not WIDE & predicates(question)
    assert Relation(v.SUBCLASS_OF, OUT) not in read_intent(question, 1).relations


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("What is hereditary angioedema?", "What is                      ?"),
        ("what is age-related macular degeneration", "what is                                 "),
        ("familial Mediterranean fever", "                            "),
    ],
)
def test_words_in_names_ask_for_nothing(question: str, rest: str) -> None:
    assert read_intent(question, 1, rest).form is Form.DEFINITION


@pytest.mark.parametrize(
    "question",
    ["What illness causes fever?", "what could it be, I have a fever", "which disease has a fever"],
)
def test_what_ails_somebody_is_sought_from_the_symptom(question: str) -> None:
    relations = read_intent(question, 1).relations
    assert relations[Relation(v.HAS_PHENOTYPE, IN)] == 1.0
    assert all(weight < 1 for relation, weight in relations.items() if relation != Relation(v.HAS_PHENOTYPE, IN))


@pytest.mark.parametrize(
    "question", ["What can warfarin cause?", "warfarin makes me ill", "what does gout do to people", "effects of gout"]
)
def test_what_something_does_is_sought_from_its_cause(question: str) -> None:
    assert {Relation(v.CAUSES, OUT), Relation(v.TREATS, OUT)} & set(read_intent(question, 1).relations)


@pytest.mark.parametrize("question", ["gout", "Tell me about gout.", "What day is it?", ""])
def test_a_question_that_names_no_relation_has_none(question: str) -> None:
    assert not read_intent(question, 1).relations


@pytest.mark.parametrize("question", ["Can I take ibuprofen for my ulcer?", "Hello, can I use ibuprofen for an ulcer"])
def test_whether_a_medicine_may_be_taken_for_something_asks_for_warnings_too(question: str) -> None:
    assert predicates(question) == {v.TREATS, v.CONTRAINDICATED_IN, v.INTERACTS_WITH}


def test_what_can_be_taken_for_something_asks_for_treatments_alone() -> None:
    assert predicates("What can I take for my ulcer?") == {v.TREATS}


@pytest.mark.parametrize(
    "question",
    [
        "Is ibuprofen safe?",
        "Does ibuprofen treat gout?",
        "Hello, can I take ibuprofen?",
        "I have gout. Should I take ibuprofen?",
        "My doctor gave me warfarin, is it ok to drink?",
        "Don't NSAIDs cause ulcers?",
        "So is gout serious?",
    ],
)
def test_a_question_for_yes_or_no_is_one(question: str) -> None:
    assert read_intent(question, 2).form is Form.YES_NO


@pytest.mark.parametrize(
    "question", ["What are the symptoms of gout?", "Which medicine can I take for gout?", "symptoms of gout", "How do I treat gout?"]
)
def test_a_question_for_several_things_is_a_list(question: str) -> None:
    assert read_intent(question, 1).form is Form.LIST


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("What is gout?", "What is     ?"),
        ("gout", "    "),
        ("Please tell me about gout", "Please tell me about     "),
        ("define gout in plain English", "define      in plain English"),
        ("I was told that I have gout, what is it?", "I was told that I have     , what is it?"),
    ],
)
def test_a_bare_name_and_what_is_it_ask_for_a_definition(question: str, rest: str) -> None:
    assert read_intent(question, 1, rest).form is Form.DEFINITION


def test_a_definition_is_of_one_thing_and_of_nothing_more() -> None:
    assert read_intent("What are gout and flu?", 2, "What are     and    ?").form is Form.LIST
    assert read_intent("What is the history of gout?", 1, "What is the history of     ?").form is Form.LIST


@pytest.mark.parametrize(
    ("question", "confirms"),
    [
        ("Does ibuprofen interact with warfarin?", True),
        ("Do ibuprofen and warfarin clash?", True),
        ("Is ibuprofen contraindicated in pregnancy?", True),
        ("Should ibuprofen be avoided in pregnancy?", True),
        ("Can I take ibuprofen with warfarin?", False),
        ("Is ibuprofen safe with warfarin?", False),
        ("Is it ok to mix ibuprofen and warfarin?", False),
        ("What interacts with warfarin?", False),
    ],
)
def test_yes_confirms_a_warning_only_where_the_question_asks_for_the_warning(question: str, confirms: bool) -> None:
    assert read_intent(question, 2).confirms is confirms


@pytest.mark.parametrize(
    ("question", "categories"),
    [
        ("Which illness causes fever?", {v.DISEASE}),
        ("Which common medicines help?", {v.DRUG, v.DRUG_CLASS}),
        ("Is there a vaccine against measles?", {v.DRUG, v.DRUG_CLASS}),
        ("What helps?", set()),
    ],
)
def test_the_kind_of_thing_that_is_wanted_is_read(question: str, categories: set[Curie]) -> None:
    assert read_intent(question, 1).categories == categories


@pytest.mark.parametrize(
    ("question", "qualifiers"),
    [
        ("What are the serious side effects of warfarin?", {"seriousness": "serious"}),
        ("dangerous reactions to warfarin", {"seriousness": "serious"}),
        ("common side effects of warfarin", {"frequency": "common"}),
        ("What is the first-line treatment for gout?", {"line": "first"}),
        ("best medicine for gout", {"line": "first"}),
        ("side effects of warfarin", None),
    ],
)
def test_what_narrows_the_answer_is_read(question: str, qualifiers: dict[str, str] | None) -> None:
    assert read_intent(question, 1).qualifiers == qualifiers


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title])
def test_case_does_not_matter(change: type[str]) -> None:
    question = "What are the serious side effects of warfarin?"
    assert read_intent(change(question), 1) == read_intent(question, 1)


@given(st.text(max_size=200), st.integers(0, 3))
def test_any_text_has_an_intent(text: str, entities: int) -> None:
    intent = read_intent(text, entities, text)
    assert all(0 <= weight <= 1 for weight in intent.relations.values())
    assert not intent.confirms or intent.form is Form.YES_NO


@pytest.mark.parametrize(
    ("rest", "anywhere", "partner"),
    [
        ("can i take           with broccoli", False, "broccoli"),
        ("can i take           if i have long toes", False, "toes"),
        ("is            safe every day", False, None),
        ("can          eat honey", False, None),
        ("can          eat honey", True, "honey"),
    ],
)
def test_what_a_medicine_is_taken_with_is_missed_where_it_is_not_understood(rest: str, anywhere: bool, partner: str | None) -> None:
    assert missing_partner(rest, anywhere) == partner


@pytest.mark.parametrize(
    ("question", "wanted", "unwanted"),
    [
        ("What are the symptoms of jaundice?", (v.HAS_PHENOTYPE, OUT), (v.HAS_PHENOTYPE, IN)),
        ("What are the complications of diabetes?", (v.HAS_COMPLICATION, OUT), (v.HAS_COMPLICATION, IN)),
        ("What leads to cirrhosis?", (v.HAS_COMPLICATION, IN), (v.HAS_COMPLICATION, OUT)),
        ("What are the risk factors for osteoporosis?", (v.PREDISPOSES, IN), (v.PREDISPOSES, OUT)),
        ("What causes asthma?", (v.CAUSES, IN), (v.CAUSES, OUT)),
        ("Which medicines can cause a cough?", (v.HAS_SIDE_EFFECT, IN), (v.TREATS, IN)),
        ("What drugs cause constipation?", (v.HAS_SIDE_EFFECT, IN), (v.TREATS, IN)),
        ("Can warfarin tablets be taken with aspirin tablets?", (v.INTERACTS_WITH, OUT), (v.TREATS, IN)),
        ("Is treatment with warfarin safe in pregnancy?", (v.CONTRAINDICATED_IN, OUT), (v.TREATS, IN)),
    ],
)
def test_a_question_asks_in_one_direction(question: str, wanted: tuple[Curie, Direction], unwanted: tuple[Curie, Direction]) -> None:
    relations = read_intent(question, 1).relations
    assert Relation(*wanted) in relations and Relation(*unwanted) not in relations


@pytest.mark.parametrize(("question", "statement"), [("I have chest pain", True), ("What if I have gout?", False), ("Am I ill?", False)])
def test_a_statement_asks_for_nothing(question: str, statement: bool) -> None:
    assert is_statement(question) is statement


def test_a_cure_is_more_than_a_help() -> None:
    assert read_intent("can vaccines cure cancer", 2).narrow and not read_intent("can vaccines help with cancer", 2).narrow
