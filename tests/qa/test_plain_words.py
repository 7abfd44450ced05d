"""Tests of what patients read: names, lists that can be read, and no answer to what was not asked."""

from __future__ import annotations

import pytest
from fakes import KeywordReader

from kg.graph import SnapshotGraph
from kg.model import Curie, Direction, Entity, Fact
from kg.vocabulary import DISEASE, HAS_PHENOTYPE, INTERACTS_WITH, PHENOTYPE
from qa.answer import LISTED, Scored, enumeration, list_sentence
from qa.linker import NameLinker
from qa.model import Evidence, Relation, Status
from qa.pipeline import Pipeline
from qa.plain import spoken, within_sentence
from qa.safety import SafetyTable

ADVICE = "Ask a pharmacist or doctor before you take or stop anything."


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Short stature", "short stature"),
        ("Tetralogy of Fallot", "tetralogy of Fallot"),
        ("Beau's lines", "Beau's lines"),
        ("Wolff-Parkinson-White syndrome", "Wolff-Parkinson-White syndrome"),
        ("CSF pleocytosis", "CSF pleocytosis"),
        ("cough", "cough"),
    ],
)
def test_a_sign_is_in_lower_case_unless_somebody_is_in_its_name(name: str, expected: str) -> None:
    assert within_sentence(name) == expected


def test_a_sign_is_spelt_as_the_curated_thing_of_its_name(wide_graph: SnapshotGraph) -> None:
    assert spoken(wide_graph, Entity(Curie("HP:0000001"), PHENOTYPE, "Anemia")).name == "anaemia"


def test_another_name_of_a_curated_thing_is_no_name_for_a_sign(wide_graph: SnapshotGraph) -> None:
    assert spoken(wide_graph, Entity(Curie("HP:0000002"), PHENOTYPE, "Podagra")).name == "podagra"


def test_a_name_with_a_comma_is_one_thing_in_a_list() -> None:
    assert enumeration(["measles", "red, warm joint", "gout"]) == "measles; red, warm joint; and gout"
    assert enumeration(["ibuprofen (fever, pain)", "rest"]) == "ibuprofen (fever, pain) and rest"


def rated(number: int, frequency: str, source: str = "wide") -> Scored:
    focus = Entity(Curie("MONDO:0000001"), DISEASE, "wombat syndrome")
    sign = Entity(Curie(f"HP:{frequency.replace(' ', '')}{number}"), PHENOTYPE, f"{frequency} sign {number}")
    fact = Fact(focus.curie, HAS_PHENOTYPE, sign.curie, source, {"frequency": frequency})
    return Scored(Evidence(fact, focus, Relation(HAS_PHENOTYPE, Direction.OUT), sign), 0.9)


def test_less_common_symptoms_are_counted_where_many_are_named() -> None:
    signs = [rated(n, frequency) for frequency in ("very common", "common", "rare") for n in range(LISTED + 1)]
    sentence = list_sentence(signs, {"wide"})
    assert "very common sign 9" in sentence
    assert "common sign 9" in sentence
    assert "rare sign" not in sentence
    assert sentence.endswith("Less common, or of which it is not said how common they are: 11 more, listed below.")


def test_a_few_rare_symptoms_are_named() -> None:
    assert list_sentence([rated(1, "very common"), rated(1, "rare")], {"wide"}).endswith("include rare sign 1.")


def test_what_was_written_for_patients_is_told_before_what_an_ontology_lists() -> None:
    sentence = list_sentence([rated(1, "very common"), rated(2, "common", "everyday")], {"wide"})
    assert sentence.startswith("Symptoms of wombat syndrome include common sign 2. Very common")


@pytest.mark.parametrize("question", ["how do I crush naproxen", "write a song about warfarin", "what is the price of warfarin"])
def test_interactions_are_no_answer_to_whatever_is_not_understood(
    tiny_graph: SnapshotGraph, linker: NameLinker, safety: SafetyTable, question: str
) -> None:
    eager = Pipeline(tiny_graph, linker, safety, KeywordReader(otherwise=0.9))
    answer = eager.ask(question)
    assert all(fact.predicate != INTERACTS_WITH for item in answer.items for fact in item.evidence)


def test_a_single_sign_that_a_reader_likes_answers_for_no_treatment(
    tiny_graph: SnapshotGraph, linker: NameLinker, safety: SafetyTable
) -> None:
    fond_of_fever = Pipeline(tiny_graph, linker, safety, KeywordReader({"fever": 0.999}, otherwise=0.01))
    assert fond_of_fever.ask("Is there a cure for measles?").status is Status.ABSTAINED


def test_a_reader_takes_no_serious_side_effect_away(tiny_graph: SnapshotGraph, linker: NameLinker, safety: SafetyTable) -> None:
    doubting = Pipeline(tiny_graph, linker, safety, KeywordReader(otherwise=0.01))
    assert {i.text for i in doubting.ask("What are the side effects of ibuprofen?").items} == {"peptic ulcer", "bleeding"}


KINDS = {
    "Name some NSAIDs": "Kinds of NSAID include ibuprofen, naproxen and aspirin.",
    "Give me a list of antibiotics": "Kinds of antibiotics include erythromycin and amoxicillin.",
    "What type is ibuprofen?": "Ibuprofen is a kind of NSAID.",
    "Is naproxen an NSAID?": "Yes: naproxen is a kind of NSAID.",
}


@pytest.mark.parametrize(("question", "expected"), KINDS.items())
def test_kinds_are_told_and_nothing_else(pipeline: Pipeline, question: str, expected: str) -> None:
    assert pipeline.ask(question).answer == expected


def test_a_kind_that_is_not_listed_is_answered_by_those_that_are_and_its_warning_stays(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Is ibuprofen an antibiotic?")
    assert answer.answer == "The graph does not list ibuprofen as a kind of antibiotics; it is listed as a kind of NSAID."
    warned = pipeline.ask("Is warfarin an antibiotic?")
    assert warned.answer == "The graph does not list warfarin as a kind of antibiotics."
    assert warned.notices[0] == f"Moderate interaction with antibiotics: warfarin. {ADVICE}"


def test_with_a_kind_of_medicine_is_no_question_about_kinds(pipeline: Pipeline) -> None:
    assert pipeline.ask("Is warfarin ok with an antibiotic?").answer == f"Warfarin and antibiotics interact (moderate). {ADVICE}"


def test_a_kind_that_is_ruled_out_is_left_out(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Which antibiotics are not erythromycin?")
    assert answer.answer == "Kinds of antibiotics include amoxicillin."


def test_which_medicine_lacks_an_effect_is_not_read_off_what_has_it(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Which antibiotics do not cause a skin rash?")
    assert answer.status is Status.ABSTAINED
    assert "amoxicillin" not in answer.answer


@pytest.mark.parametrize("question", ["Who can't take ibuprofen?", "When should you not take ibuprofen?"])
def test_who_must_not_take_a_medicine_asks_about_it(pipeline: Pipeline, question: str) -> None:
    assert "Ibuprofen should be avoided in peptic ulcer" in pipeline.ask(question).answer


def test_somebody_who_cannot_take_a_medicine_asks_about_another(pipeline: Pipeline) -> None:
    answer = pipeline.ask("My mother, who can't take ibuprofen, has gout: what helps?")
    assert "colchicine" in answer.answer
    assert "ibuprofen" not in answer.answer


def test_what_is_taken_beside_a_medicine_and_not_known_is_said(pipeline: Pipeline) -> None:
    assert pipeline.ask("house and warfarin").answer.startswith("Only warfarin was understood here, not 'house'")


def test_a_nurse_in_the_question_is_not_what_a_medicine_is_taken_with(pipeline: Pipeline) -> None:
    answer = pipeline.ask("I am a GP, can I give ibuprofen with warfarin?")
    assert answer.answer == f"Warfarin and ibuprofen interact (major): bleeding is more likely. {ADVICE}"


def test_a_word_that_is_not_known_takes_no_warning_away(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Can I take ibuprofen with warfarin and zzyzxol?")
    assert answer.answer == f"Warfarin and ibuprofen interact (major): bleeding is more likely. {ADVICE}"
    assert "'zzyzxol' was not understood and is left out of the answer." in answer.notices


def test_a_misspelt_medicine_is_told_as_it_was_read(pipeline: Pipeline) -> None:
    assert "'ibuprofun' was read as ibuprofen; check the spelling." in pipeline.ask("Can I take ibuprofun with warfarin?").notices


def test_a_warning_about_one_pair_does_not_hide_one_through_a_kind(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Can I take warfarin and antibiotics if I have a peptic ulcer?").answer
    assert "Erythromycin should be avoided in peptic ulcer" in answer
    assert "Warfarin should be avoided in peptic ulcer" in answer


def test_a_medicine_that_stops_another_working_stops_no_treatment(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Does ibuprofen stop warfarin working?")
    assert answer.answer == f"Warfarin and ibuprofen interact (major): bleeding is more likely. {ADVICE}"


def test_two_medicines_together_are_asked_of_each_other(pipeline: Pipeline) -> None:
    answer = pipeline.ask("paracetamol and ibuprofen together?")
    assert answer.status is Status.ABSTAINED
    assert "does not mean that it is safe" in answer.answer


@pytest.mark.parametrize(
    "question", ["paracetamol and amoxicillin", "is paracetamol ok in pregnancy", "is amoxicillin fine with a headache"]
)
def test_nothing_listed_is_never_said_to_be_safe(pipeline: Pipeline, question: str) -> None:
    assert "does not mean that it is safe" in pipeline.ask(question).answer


def test_how_common_is_told_of_the_two_that_are_named(pipeline: Pipeline) -> None:
    assert pipeline.ask("How common is joint pain in gout?").answer == "Joint pain can be a symptom of gout: very common."
