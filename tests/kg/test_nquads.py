"""Tests of the graph as text, and of the store that is made of it: it holds what the quads say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Store, parse

from kg.merge import GraphData
from kg.model import Curie, Entity, Fact
from kg.rdf import NQuads, entity_quads, fact_quads, source_quads
from kg.store import StoreWriter, triples
from kg.vocabulary import DISEASE, TREATS

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
curies = st.sampled_from([Curie(c) for c in ("MONDO:1", "NOSUCH:a/b", "iri:http://example.org/é", "medkg:x%20y", "OMIMPS:1")])
entities = st.builds(Entity, curies, st.just(DISEASE), texts, st.lists(texts).map(tuple), texts | st.just(""), st.lists(curies).map(tuple))
qualifiers = st.dictionaries(st.sampled_from(["frequency", "supported_by"]), texts)
facts = st.builds(Fact, curies, st.just(TREATS), curies, st.sampled_from(["a", "b-2.1"]), qualifiers, st.booleans())


@given(entities)
def test_an_entity_in_text_is_its_quads(entity: Entity) -> None:
    assert set(parse(NQuads().entity(entity).encode(), RdfFormat.N_QUADS)) == set(entity_quads(entity))


@given(st.lists(facts))
def test_facts_in_text_are_their_quads(stated: list[Fact]) -> None:
    text = "".join(NQuads().facts(stated))
    assert set(parse(text.encode(), RdfFormat.N_QUADS)) == {quad for fact in stated for quad in fact_quads(fact)}


def test_a_fact_without_qualifiers_needs_no_association() -> None:
    fact = Fact(Curie("CHEBI:5855"), TREATS, Curie("HP:0001945"), "a")
    assert len(list(fact_quads(fact))) == 1
    denied = Fact(fact.subject, TREATS, fact.object, "a", negated=True)
    assert all(quad.subject.value.startswith("urn:medkg:association/") for quad in fact_quads(denied))  # type: ignore[union-attr]


@pytest.mark.parametrize("part", [1, 2_000, 2**27], ids=["many loads", "a few", "one"])
def test_the_store_holds_all_in_however_many_loads(tiny_data: GraphData, tmp_path: Path, part: int) -> None:
    with ThreadPoolExecutor(2) as beside:
        writer = StoreWriter(tmp_path, beside, part)
        writer.write(triples(tiny_data))
        writer.finish()
    expected = {quad for place, source in enumerate(tiny_data.sources) for quad in source_quads(source, place)}
    expected |= {quad for entity in tiny_data.entities for quad in entity_quads(entity)}
    expected |= {quad for fact in tiny_data.facts for quad in fact_quads(fact)}
    assert set(Store.read_only(str(tmp_path / "store"))) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
