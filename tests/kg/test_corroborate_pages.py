"""What running text supports: names found in it, negation, and the rules for pages of MedQuAD."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from kg.authoring.corroborate import Names, medquad
from kg.errors import DataError
from kg.model import Curie, Entity
from kg.vocabulary import DIAGNOSTIC_AID, DISEASE, DRUG, EXPOSURE, PHENOTYPE, SPECIALTY

GOUT = Entity(Curie("MONDO:0005393"), DISEASE, "gout", ("podagra",))
NODES = (
    GOUT,
    Entity(Curie("medkg:stroke"), DISEASE, "stroke"),
    Entity(Curie("medkg:kidney-stones"), DISEASE, "kidney stones"),
    Entity(Curie("HP:0001945"), PHENOTYPE, "fever", ("high temperature",)),
    Entity(Curie("HP:0002829"), PHENOTYPE, "joint pain", ("arthralgia",)),
    Entity(Curie("HP:0012531"), PHENOTYPE, "pain"),
    Entity(Curie("HP:0003326"), PHENOTYPE, "muscle pain"),
    Entity(Curie("HP:0004396"), PHENOTYPE, "loss of appetite"),
    Entity(Curie("HP:0002315"), PHENOTYPE, "headache"),
    Entity(Curie("CHEBI:5855"), DRUG, "ibuprofen", ("Nurofen",)),
    Entity(Curie("CHEBI:15365"), DRUG, "aspirin"),
    Entity(Curie("CHEBI:18248"), DRUG, "iron supplement", ("iron",)),
    Entity(Curie("medkg:aids-drug"), DRUG, "AIDS"),
    Entity(Curie("medkg:obesity"), DISEASE, "obesity"),
    Entity(Curie("medkg:older-age"), EXPOSURE, "older age"),
    Entity(Curie("medkg:blood-test"), DIAGNOSTIC_AID, "blood test"),
    Entity(Curie("medkg:rheumatologist"), SPECIALTY, "rheumatologist"),
)
NAMES = Names(NODES)


def named(text: str) -> set[str]:
    """Return the names of the nodes that a text affirms."""
    return {NAMES.entities[mention.curie].name for mention in NAMES.in_text(text) if not mention.denied}


@pytest.mark.parametrize(
    "text",
    [
        "Fever is common.",
        "They run a high temperature.",
        "This is not so. Fever follows.",
        "FEVERS come and go",
        "It is common with fever: always",
    ],
)
def test_text_names_what_it_affirms(text: str) -> None:
    assert named(text) == {"fever"}


@pytest.mark.parametrize(
    "text",
    [
        "They do not have a high temperature.",
        "It is not known whether it causes a fever.",
        "There is no evidence of fever.",
        "It cannot be told from a fever.",
        "The doctor will rule out a fever.",
        "They run high. Temperature matters.",
        "They are fever-free.",
    ],
)
def test_text_that_denies_or_doubts_a_finding_or_does_not_name_it_affirms_nothing(text: str) -> None:
    assert named(text) == set()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("pain in your joints", {"joint pain"}),
        ("painful joints", set()),
        ("joint and muscle pain", {"joint pain", "muscle pain"}),
        ("appetite loss", {"loss of appetite"}),
    ],
)
def test_a_name_is_found_with_its_words_turned_round(text: str, names: set[str]) -> None:
    assert named(text) == names


def test_a_name_does_not_run_from_one_item_of_a_list_into_the_next() -> None:
    assert named("- loss of appetite - fever") == {"loss of appetite", "fever"}
    assert named("- high - temperature") == set()


def test_a_word_inside_a_longer_name_does_not_name_the_shorter_one() -> None:
    assert named("joint pain") == {"joint pain"}


def test_an_abbreviation_counts_only_as_it_is_written() -> None:
    assert named("It aids recovery.") == set()
    assert named("It leads to AIDS.") == {"AIDS"}


def page(directory: Path, focus: str, kind: str, answer: str, source: str = "NIDDK", name: str = "1.xml") -> Path:
    """Write a page with one question and its answer."""
    path = directory / "nih" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<Document id="1" source="{source}" url="https://example.org/{name} page"><Focus>{escape(focus)}</Focus><QAPairs><QAPair>'
        f'<Question qtype="{kind}">?</Question><Answer>{escape(answer)}</Answer></QAPair></QAPairs></Document>',
        encoding="utf-8",
    )
    return directory


def said(directory: Path) -> set[tuple[str, str, str]]:
    """Return what the pages say, in words."""
    return {
        (NAMES.entities[s.triple[0]].name, s.triple[1].partition(":")[2], NAMES.entities[s.triple[2]].name)
        for s in medquad.read(directory, NAMES)
    }


@pytest.mark.parametrize(
    ("kind", "answer", "fact"),
    [
        ("symptoms", "It brings arthralgia.", ("gout", "has_phenotype", "joint pain")),
        ("information", "Signs include joint pain.", ("gout", "has_phenotype", "joint pain")),
        ("complications", "Kidney stones are frequent.", ("gout", "has_complication", "kidney stones")),
        ("information", "Gout can cause kidney stones.", ("gout", "has_complication", "kidney stones")),
        ("treatment", "Nurofen may be given.", ("ibuprofen", "treats", "gout")),
        ("causes", "Obesity comes first.", ("obesity", "causes", "gout")),
        ("susceptibility", "Obesity and more.", ("obesity", "predisposes_to_condition", "gout")),
        ("prevention", "A little ibuprofen.", ("ibuprofen", "preventative_for_condition", "gout")),
        ("exams and tests", "A blood test is done.", ("blood test", "diagnoses", "gout")),
        ("exams and tests", "The rheumatologist looks.", ("gout", "managed_by", "rheumatologist")),
        ("causes", "Medicines such as aspirin.", ("aspirin", "has_side_effect", "gout")),
        ("treatment", "People with gout should not take aspirin.", ("aspirin", "contraindicated_in", "gout")),
    ],
)
def test_the_answer_to_the_fitting_question_supports_a_fact(tmp_path: Path, kind: str, answer: str, fact: tuple[str, str, str]) -> None:
    assert fact in said(page(tmp_path, "Gout", kind, answer))


@pytest.mark.parametrize(
    ("kind", "answer", "fact"),
    [
        ("information", "Many have joint pain.", ("gout", "has_phenotype", "joint pain")),
        ("symptoms", "There is no joint pain.", ("gout", "has_phenotype", "joint pain")),
        ("treatment", "Gout can lead to kidney stones.", ("gout", "has_complication", "kidney stones")),
        ("frequency", "Ibuprofen treats it.", ("ibuprofen", "treats", "gout")),
        ("causes", "You are at risk of obesity.", ("obesity", "causes", "gout")),
        ("susceptibility", "It is at higher risk for obesity.", ("obesity", "predisposes_to_condition", "gout")),
        ("causes", "Low levels of iron.", ("iron supplement", "has_side_effect", "gout")),
        ("treatment", "Take aspirin.", ("aspirin", "contraindicated_in", "gout")),
        ("treatment", "Do not take aspirin.", ("aspirin", "treats", "gout")),
    ],
)
def test_what_is_said_elsewhere_or_otherwise_supports_nothing(tmp_path: Path, kind: str, answer: str, fact: tuple[str, str, str]) -> None:
    assert fact not in said(page(tmp_path, "Gout", kind, answer))


@pytest.mark.parametrize(
    ("focus", "kind", "answer", "fact"),
    [
        ("Headache", "causes", "A stroke may be behind it.", ("stroke", "has_phenotype", "headache")),
        ("Kidney Stones", "causes", "Gout is one.", ("gout", "has_complication", "kidney stones")),
        ("Obesity", "information", "It raises your risk of gout.", ("obesity", "predisposes_to_condition", "gout")),
        ("Ibuprofen", "information", "It is used to treat gout.", ("ibuprofen", "treats", "gout")),
        ("Blood test", "information", "Doctors use it to check for gout.", ("blood test", "diagnoses", "gout")),
    ],
)
def test_a_page_about_the_other_end_of_a_fact_supports_it(
    tmp_path: Path, focus: str, kind: str, answer: str, fact: tuple[str, str, str]
) -> None:
    assert fact in said(page(tmp_path, focus, kind, answer))


def test_on_a_page_with_one_answer_the_last_word_that_tells_decides(tmp_path: Path) -> None:
    answer = "Gout is common. Symptoms include - Joint pain - Fever Treatments include ibuprofen."
    found = said(page(tmp_path, "Gout", "information", answer, "MPlusHealthTopics"))
    assert {("gout", "has_phenotype", "joint pain"), ("gout", "has_phenotype", "fever"), ("ibuprofen", "treats", "gout")} <= found
    assert not found & {("gout", "has_complication", "fever"), ("ibuprofen", "causes", "gout"), ("gout", "has_side_effect", "ibuprofen")}


def test_the_institute_that_wrote_a_page_names_no_condition(tmp_path: Path) -> None:
    answer = "Causes include gout. NIH: National Institute of Neurological Disorders and Stroke"
    found = said(page(tmp_path, "Headache", "information", answer, "MPlusHealthTopics"))
    assert {subject for subject, _, _ in found} == {"gout"}


def test_a_list_of_links_is_no_treatment(tmp_path: Path) -> None:
    assert said(page(tmp_path, "Gout", "treatment", "See also: Ibuprofen", "GHR")) == set()


@pytest.mark.parametrize("focus", ["What I need to know about Gout", "Gout in Adults", "Childhood Gout", "Gout (arthritis)", " Podagra "])
def test_a_page_is_about_what_its_title_frames(tmp_path: Path, focus: str) -> None:
    assert ("gout", "has_phenotype", "fever") in said(page(tmp_path, focus, "symptoms", "Fever."))


def test_a_page_about_more_or_less_than_a_node_is_left_alone(tmp_path: Path) -> None:
    assert said(page(tmp_path, "Gout and stroke", "symptoms", "Fever.")) == set()


def test_a_page_that_answers_the_fitting_question_comes_first_and_addresses_hold_no_blank(tmp_path: Path) -> None:
    page(tmp_path, "Gout", "information", "Symptoms include fever.", "MPlusHealthTopics", "1.xml")
    page(tmp_path, "Gout", "symptoms", "Fever.", name="2.xml")
    cited = [s.identifier for s in medquad.read(tmp_path, NAMES) if s.triple[1] == "biolink:has_phenotype"]
    assert cited == ["https://example.org/2.xml%20page", "https://example.org/1.xml%20page"]


def test_pages_that_are_missing_or_broken_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no page"):
        list(medquad.read(tmp_path, NAMES))
    page(tmp_path, "Gout", "symptoms", "Fever.")
    (tmp_path / "nih" / "1.xml").write_text("<Document>\n<Focus>Gout</Focus>", encoding="utf-8")
    with pytest.raises(DataError, match=r"1.xml:2: not XML"):
        list(medquad.read(tmp_path, NAMES))
