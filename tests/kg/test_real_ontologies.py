"""Published ontologies are read whole, and alike in every syntax; run where they are."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from kg.model import Curie, Entity, Fact
from kg.sources.records import About, Mapping, Options, Record, Replacement, Skipped
from kg.sources.registry import recognise
from kg.vocabulary import CATEGORIES, PREDICATES, SUBCLASS_OF

SYMPTOMS = [f"symptom_ontology/symp.{suffix}" for suffix in ("obo", "json", "owl")]
INFECTIONS = [f"disease_ontology/DO_infectious_disease_slim.{suffix}" for suffix in ("obo", "json", "owl")]
OBO = [SYMPTOMS[0], INFECTIONS[0], *(f"disease_ontology/{name}.obo" for name in ("DO_cancer_slim", "DO_rare_slim", "doid_2016-09-01"))]


@cache
def read(path: Path) -> list[Record]:
    return list(recognise(path).read(path, Options("real")))


def entities(records: list[Record]) -> set[Entity]:
    return {replace(e, synonyms=tuple(sorted(e.synonyms)), xrefs=tuple(sorted(e.xrefs))) for e in records if isinstance(e, Entity)}


def facts(records: list[Record]) -> set[tuple[str, str, str, bool]]:
    return {record.key for record in records if isinstance(record, Fact)}


@pytest.mark.parametrize("name", sorted({*SYMPTOMS, *INFECTIONS, *OBO}))
def test_every_ontology_is_in_the_words_of_the_graph(real_data: Path, name: str) -> None:
    records = read(real_data / "kg" / name)
    assert {record.category for record in records if isinstance(record, Entity)} <= set(CATEGORIES)
    assert {record.predicate for record in records if isinstance(record, Fact)} <= set(PREDICATES)
    assert sum(isinstance(record, About) for record in records) == 1


@pytest.mark.parametrize("name", OBO)
def test_every_living_term_is_an_entity_and_every_other_is_accounted_for(real_data: Path, name: str) -> None:
    path = real_data / "kg" / name
    stanzas = path.read_text(encoding="utf-8").split("\n[Term]\n")[1:]
    ids = {id_.group(1): "\nis_obsolete: true" in stanza for stanza in stanzas if (id_ := re.match(r"id: (\S+)", stanza))}
    records = read(path)
    unnamed = Counter(record.reason for record in records if isinstance(record, Skipped))["term without a name"]
    described = {record.curie for record in records if isinstance(record, Entity)}
    withdrawn = {record.old for record in records if isinstance(record, Replacement)}
    assert len(described) == sum(not obsolete for obsolete in ids.values()) - unnamed
    assert {Curie(id_) for id_, obsolete in ids.items() if obsolete} <= withdrawn
    hierarchy = sum(stanza.count("\nis_a: ") for stanza in stanzas)
    assert sum(isinstance(record, Fact) and record.predicate == SUBCLASS_OF for record in records) == hierarchy


@pytest.mark.parametrize("names", [SYMPTOMS, INFECTIONS], ids=["symptoms", "infections"])
def test_every_syntax_of_an_ontology_says_the_same(real_data: Path, names: list[str]) -> None:
    first, *others = (read(real_data / "kg" / name) for name in names)
    for other in others:
        assert entities(other) == entities(first)
        assert facts(other) == facts(first)
        for kind in (Mapping, Replacement):
            assert {r for r in other if isinstance(r, kind)} == {r for r in first if isinstance(r, kind)}


def test_the_symptom_ontology_is_what_it_is_known_to_be(real_data: Path) -> None:
    records = read(real_data / "kg" / SYMPTOMS[0])
    assert len(entities(records)) == 895
    assert sum(isinstance(record, Replacement) for record in records) == 125
    assert len(facts(records)) >= 890
    (fever,) = (record for record in records if isinstance(record, Entity) and record.name == "fever")
    assert fever.category == "biolink:PhenotypicFeature"


def test_a_release_of_the_disease_ontology_is_read_whole(real_data: Path) -> None:
    records = read(real_data / "kg" / "disease_ontology" / "doid_2016-09-01.obo")
    withdrawn = sum(isinstance(record, Replacement) and record.name != "" for record in records)
    assert len(entities(records)) + withdrawn == 9_344
    assert len(facts(records)) > 7_000
    assert sum(isinstance(record, Mapping) for record in records) > 36_000
