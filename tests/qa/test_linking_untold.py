"""Tests of names of which the graph tells nothing: they hide no name of which it tells something."""

from __future__ import annotations

from dataclasses import replace

import pytest
from linking_fakes import build_graph, entity

from kg.model import Curie, Fact
from kg.vocabulary import CHEMICAL, DISEASE, DRUG_CLASS, HAS_PHENOTYPE, PHENOTYPE
from qa.lexicon import common_words
from qa.linker import NameLinker
from qa.loading import default_model

CURATED = [
    entity(PHENOTYPE, "stress"), entity(DISEASE, "insect bites"), entity(PHENOTYPE, "headache"), entity(DRUG_CLASS, "nitrates"),
    entity(DISEASE, "diabetes"), entity(PHENOTYPE, "passing wind", "gas"),
]  # fmt: skip
TOLD = replace(entity(DISEASE, "kidney stone disease"), curie=Curie("MESH:D007669"))
_UNTOLD = [ entity(DISEASE, "job stress"), entity(DISEASE, "insect bites and stings"), entity(DISEASE, "chronic disease"),
    entity(CHEMICAL, "silver nitrate"), entity(CHEMICAL, "olive oil"), entity(CHEMICAL, "mustard gas"), entity(DISEASE, "wombatitis"),
]  # fmt: skip
OF_AN_ONTOLOGY = entity(PHENOTYPE, "marsupial stress")
IMPORTED = [TOLD, OF_AN_ONTOLOGY, *(replace(e, curie=Curie(f"MESH:D{n}")) for n, e in enumerate(_UNTOLD))]
FACTS = [Fact(TOLD.curie, HAS_PHENOTYPE, CURATED[2].curie, "imported")]


@pytest.fixture(scope="module")
def linker(tmp_path_factory: pytest.TempPathFactory) -> NameLinker:
    graph = build_graph(tmp_path_factory.mktemp("untold") / "snapshot", CURATED, IMPORTED, FACTS)
    return NameLinker(graph, common_words(default_model() / "vocab.txt"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Can job stress cause headache?", [("stress", "stress"), ("headache", "headache")]),
        ("How are insect bites and stings treated?", [("insect bites", "insect bites")]),
        ("Is diabetes a chronic disease?", [("diabetes", "diabetes")]),
        ("Is it kidney stone disease?", [("kidney stone disease", "kidney stone disease")]),  # everyday words, and it is told of
        ("Can marsupial stress kill?", [("marsupial stress", "marsupial stress")]),  # what it is a kind of may be told of
        ("I have wombatitis.", [("wombatitis", "wombatitis")]),  # nothing is told, and it is no everyday word
        ("Silver nitrate on a wart", [("Silver nitrate", "silver nitrate")]),  # and no medicine by half its name
        ("He breathed mustard gas.", [("mustard gas", "mustard gas")]),
        ("Fry it in olive oil.", []),
    ],
)
def test_what_is_told_of_is_found_in_what_is_not(linker: NameLinker, text: str, expected: list[tuple[str, str]]) -> None:
    assert [(m.text, m.entity.name) for m in linker.link(text) if m.entity is not None] == expected
