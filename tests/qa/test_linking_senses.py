"""Tests of words of several senses: what stands before, behind and near them, and how they are written, decides what they mean."""

from __future__ import annotations

from importlib import resources

import pytest
import yaml
from linking_fakes import build_graph, entity

from kg.model import Entity, Fact
from kg.names import key
from kg.vocabulary import CHEMICAL, DISEASE, DRUG, EXPOSURE, HAS_PHENOTYPE, PHENOTYPE, TREATS
from qa.lexicon import common_words
from qa.linker import NameLinker
from qa.loading import default_model

ENTITIES = [
    entity(DISEASE, "common cold", "cold"),
    entity(PHENOTYPE, "feeling cold"),
    entity(PHENOTYPE, "cold hands"),
    entity(PHENOTYPE, "cold feet"),
    entity(PHENOTYPE, "passing wind", "wind", "gas"),
    entity(DISEASE, "multiple sclerosis", "MS"),
    entity(DISEASE, "mitral stenosis"),
    entity(DISEASE, "rheumatoid arthritis", "RA"),
    entity(DISEASE, "pulmonary embolism", "PE"),
    entity(DISEASE, "heart attack", "MI"),
    entity(DISEASE, "erectile dysfunction", "ED"),
    entity(DISEASE, "cerebral palsy", "CP"),
    entity(PHENOTYPE, "chest pain"),
    entity(PHENOTYPE, "discharge"),
    entity(DISEASE, "depression"),
    entity(DISEASE, "stroke"),
    entity(DISEASE, "shock"),
    entity(PHENOTYPE, "seizure", "fit"),
    entity(PHENOTYPE, "menstruation", "period"),
    entity(DISEASE, "flu", "bug"),
    entity(PHENOTYPE, "fever", "temperature"),
    entity(PHENOTYPE, "skin rash", "rash"),
    entity(PHENOTYPE, "labour"),
    entity(EXPOSURE, "delivery"),
    entity(DRUG, "amphetamine", "speed"),
    entity(DISEASE, "cataract"),
    entity(DISEASE, "pubic lice", "crabs"),
    entity(DISEASE, "urticaria", "hives"),
    entity(DISEASE, "cancer"),
    entity(DISEASE, "acquired immunodeficiency syndrome", "AIDS"),
    entity(CHEMICAL, "lead"),
    entity(CHEMICAL, "mercury"),
    entity(CHEMICAL, "iron"),
    entity(DISEASE, "melanocytic naevus", "mole"),
    entity(DISEASE, "non-Hodgkin lymphoma", "NHL"),
    entity(EXPOSURE, "exercise"),
    entity(EXPOSURE, "bath"),
    entity(DISEASE, "bipolar disorder", "bipolar"),
    entity(PHENOTYPE, "blindness", "blind"),
    entity(PHENOTYPE, "feeling nervous", "nervous"),
    entity(DISEASE, "tooth decay", "cavity"),
    entity(PHENOTYPE, "blisters", "vesicles"),
    entity(PHENOTYPE, "bleeding"),
    entity(DRUG, "aspirin", "ASA"),
]
# Only what is said of a bearer makes it the likelier one of two.
TWO = [entity(DISEASE, "first bearer", "twofold"), entity(DISEASE, "second bearer", "twofold")]
FACTS = [
    Fact(entity(DISEASE, "common cold").curie, HAS_PHENOTYPE, entity(PHENOTYPE, "fever").curie, "curated"),
    Fact(entity(DRUG, "amphetamine").curie, TREATS, TWO[1].curie, "curated"),
]


@pytest.fixture(scope="module")
def linker(tmp_path_factory: pytest.TempPathFactory) -> NameLinker:
    graph = build_graph(tmp_path_factory.mktemp("senses") / "snapshot", [*ENTITIES, *TWO], facts=FACTS)
    return NameLinker(graph, common_words(default_model() / "vocab.txt"))


def meant(linker: NameLinker, text: str) -> list[str]:
    return [m.entity.name for m in linker.link(text) if m.entity is not None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a cold drink", []),
        ("I have a cold", ["common cold"]),
        ("a discharge summary", []),
        ("the discharge smells", ["discharge"]),
        ("a stroke of luck", []),
        ("she had a stroke last year", ["stroke"]),
        ("the shock absorber broke", []),
        ("he went into shock", ["shock"]),
        ("the speed limit", []),
        ("she takes speed", ["amphetamine"]),
        ("a bug in the software", []),
        ("the temperature of the room", []),
        ("a rash decision", []),
        ("a rash on my arm", ["skin rash"]),
        ("the Labour party", []),
        ("she is in labour", ["labour"]),
        ("a delivery van", []),
        ("a bipolar transistor", []),
        ("I am bipolar", ["bipolar disorder"]),
        ("the period of history", []),
        ("an iron gate", []),
        ("PE: chest clear", []),
        ("the right to exercise caution", []),
        ("a bath towel", []),
        ("cold hands", ["cold hands"]),
        ("my cold hands", ["cold hands"]),
    ],
)
def test_what_stands_behind_a_word_decides(linker: NameLinker, text: str, expected: list[str]) -> None:
    assert meant(linker, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I feel cold", ["feeling cold"]),
        ("my tea is cold", []),
        ("I have trapped wind", ["passing wind"]),
        ("ST depression", []),
        ("the Great Depression", []),
        ("she has depression", ["depression"]),
        ("a tropical depression", []),
        ("culture shock", []),
        ("a terrorist attack on the town", []),
        ("after his discharge he slept", []),
        ("does it fit me well", []),
        ("the notice period", []),
        ("a computer bug", []),
        ("the room temperature", []),
        ("it was rash to go", []),
        ("child labour", []),
        ("pizza delivery", []),
        ("at top speed", []),
        ("the tropic of cancer", []),
        ("corrugated iron", []),
        ("he lives in Bath", []),
        ("a warm bath", ["bath"]),
        ("a military exercise", []),
    ],
)
def test_what_stands_before_a_word_decides(linker: NameLinker, text: str, expected: list[str]) -> None:
    assert meant(linker, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The MS was of a grade found with mitral valves.", ["mitral stenosis"]),
        ("Samples went to the chromatograph and then MS.", []),
        ("The folio of the MS is torn.", []),
        ("My MS is worse.", ["multiple sclerosis"]),
        ("The right atrium was large and RA pressure was up.", []),
        ("My RA is worse.", ["rheumatoid arthritis"]),
        ("Our teacher took us for PE.", []),
        ("He had a PE after the flight.", ["pulmonary embolism"]),
        ("Detroit, MI", []),
        ("He had an MI.", ["heart attack"]),
        ("He was brought in by ambulance to the ED.", []),
        ("He has ED.", ["erectile dysfunction"]),
        ("CP, sob and a raised troponin.", ["chest pain"]),
        ("Our daughter has CP.", ["cerebral palsy"]),
        ("The canoe went over the cataract in the gorge.", []),
        ("A cataract of the left eye.", ["cataract"]),
        ("We ate crabs at the beach.", []),
        ("I caught crabs from him.", ["pubic lice"]),
        ("The bees left their hives.", []),
        ("I came out in hives.", ["urticaria"]),
        ("His horoscope says Cancer.", []),
        ("The planet Venus, Mars and mercury.", []),
        ("A mole dug up the lawn.", []),
        ("A mole on my back.", ["melanocytic naevus"]),
        ("The NHL season is long.", []),
        ("She was treated for NHL.", ["non-Hodgkin lymphoma"]),
        ("A double-blind trial.", []),
        ("The raters were blind to treatment.", []),
        ("She has gone blind.", ["blindness"]),
        ("The central nervous system.", []),
        ("I feel nervous.", ["feeling nervous"]),
        ("A lesion of the oral cavity.", []),
        ("I have a cavity.", ["tooth decay"]),
        ("They bind to synaptic vesicles.", []),
        ("He came out in vesicles.", ["blisters"]),
        ("The bleeding time was normal.", []),
        ("Bleeding stopped in time.", ["bleeding"]),
        ("Patients of ASA class III.", []),
        ("He takes ASA.", ["aspirin"]),
    ],
)
def test_what_stands_near_a_word_decides(linker: NameLinker, text: str, expected: list[str]) -> None:
    assert meant(linker, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ms Carter", []),
        ("ms", []),
        ("Ms", []),
        ("MS", ["multiple sclerosis"]),
        ("hearing aids", []),
        ("She has AIDS.", ["acquired immunodeficiency syndrome"]),
        ("first aid", []),
        ("mi", []),
        ("Ed came", []),
    ],
)
def test_how_a_word_is_written_decides(linker: NameLinker, text: str, expected: list[str]) -> None:
    assert meant(linker, text) == expected


def test_what_is_far_away_decides_nothing(linker: NameLinker) -> None:
    filler = "and so it went on and on with this and that " * 10
    assert meant(linker, f"Mitral valves {filler} MS") == ["multiple sclerosis"]
    assert meant(linker, f"MS {filler} mitral valves") == ["multiple sclerosis"]


def test_markup_is_no_context(linker: NameLinker) -> None:
    text = "a <b>cold</b> <i>drink</i>"
    assert meant(linker, text) == []
    assert meant(linker, "<p title='drink'>I have a cold</p>") == ["common cold"]


def test_a_sense_that_the_context_decides_says_so_and_keeps_the_other(linker: NameLinker) -> None:
    mention = linker.link("The MS is of a kind of mitral trouble.")[0]
    assert mention.reason.endswith("; heart valves are spoken of")
    assert [c.entity.name for c in mention.candidates] == ["mitral stenosis", "multiple sclerosis"]
    first, second = (c.score for c in mention.candidates)
    assert first > second > 0


def test_of_two_bearers_the_one_of_which_more_is_said_is_meant(linker: NameLinker) -> None:
    (mention,) = linker.link("it is twofold")
    assert [c.entity.name for c in mention.candidates] == ["second bearer", "first bearer"]
    assert mention.candidates[1].reason == "synonym, of which another bearer is more likely meant"


def test_a_sense_that_the_graph_does_not_have_decides_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    only: list[Entity] = [entity(DISEASE, "multiple sclerosis", "MS")]
    linker = NameLinker(build_graph(tmp_path_factory.mktemp("one") / "snapshot", only), frozenset())
    assert [m.entity.name for m in linker.link("MS, mitral") if m.entity] == ["multiple sclerosis"]


def test_every_rule_of_the_table_says_why_and_asks_something_of_the_context() -> None:
    entries = yaml.safe_load(resources.files("qa.linking").joinpath("senses.yaml").read_text(encoding="utf-8"))
    for entry in entries:
        assert entry.keys() == {"names", "senses"}
        assert all(key(name) for name in entry["names"])
        for sense in entry["senses"]:
            assert {"means", "why"} < sense.keys() <= {"means", "why", "before", "after", "near", "written"}
            assert sense["why"]
