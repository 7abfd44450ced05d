"""Tests of words that mean one thing or another by what stands around them."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import ENGLISH

from kg.build import build_snapshot
from kg.graph import open_snapshot
from kg.merge import GraphData
from kg.model import Curie, Entity, Source
from kg.vocabulary import DISEASE, EXPOSURE, PHENOTYPE
from qa.linker import NameLinker

ENTITIES = [
    Entity(Curie("MONDO:0005709"), DISEASE, "common cold", ("cold",)),
    Entity(Curie("HP:6000855"), PHENOTYPE, "feeling cold"),
    Entity(Curie("HP:0000001"), PHENOTYPE, "white patches in the mouth"),
    Entity(Curie("medkg:alcohol"), EXPOSURE, "alcohol"),
    Entity(Curie("medkg:grapefruit-juice"), EXPOSURE, "grapefruit juice"),
    Entity(Curie("MONDO:0007739"), DISEASE, "Huntington disease"),
    Entity(Curie("MONDO:0010679"), DISEASE, "Duchenne muscular dystrophy"),
    Entity(Curie("MONDO:0005240"), DISEASE, "kidney disease"),
]


@pytest.fixture(scope="module")
def contextual(tmp_path_factory: pytest.TempPathFactory) -> NameLinker:
    target: Path = tmp_path_factory.mktemp("context") / "snapshot"
    build_snapshot(GraphData(ENTITIES, [], (Source("words", "Words", "1", "CC0", curated=True),)), target, "words")
    return NameLinker(open_snapshot(target), ENGLISH)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I have a cold", ["common cold"]),
        ("is cold catching", ["common cold"]),
        ("I'm cold all day", ["feeling cold"]),
        ("my tea is cold", []),
        ("may I have a cold drink with it", []),
        ("can I drink on it", ["alcohol"]),
        ("is drinking while on it bad", ["alcohol"]),
        ("can I drink grapefruit juice with it", ["grapefruit juice"]),
        ("a drink with water", []),
        ("white patches in my mouth", ["white patches in the mouth"]),
        ("what is Huntington's", ["Huntington disease"]),
        ("symptoms of huntingtons", ["Huntington disease"]),
        ("a boy with Duchenne", ["Duchenne muscular dystrophy"]),
        ("my kidneys", []),
    ],
)
def test_a_word_means_what_stands_around_it(contextual: NameLinker, text: str, expected: list[str]) -> None:
    assert [mention.entity.name for mention in contextual.link(text) if mention.entity is not None] == expected
