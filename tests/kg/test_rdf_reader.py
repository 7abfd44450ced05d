"""RDF that is no ontology: thesauri in SKOS, plain data, and the graph's own exports, in every form of RDF."""

from __future__ import annotations

import socket
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from kg.errors import DataError
from kg.export import export
from kg.graph import SnapshotGraph
from kg.merge import collect, merge
from kg.model import AliasKind, Curie, Entity, Fact, Source
from kg.rdf import entity_quads, withdrawn_quads
from kg.sources.records import About, Mapping, Options, Record, Skipped
from kg.sources.registry import FORMATS, recognise

PREFIXES = """@prefix : <http://example.org/t/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix biolink: <https://w3id.org/biolink/vocab/> .
@prefix schema: <https://schema.org/> .
"""
THESAURUS = (
    PREFIXES
    + """
<http://example.org/t> a skos:ConceptScheme ;
    dcterms:title "A thesaurus"@en ; owl:versionInfo "7" ; dcterms:license <http://example.org/cc0> .
:person a <http://xmlns.com/foaf/0.1/Person> ; <http://xmlns.com/foaf/0.1/name> "An editor" .
:list a skos:Collection ; skos:prefLabel "All of it" ; skos:member :gout .
:arthritis a skos:Concept ; skos:prefLabel "arthritis"@en ; skos:inScheme <http://example.org/t> ; skos:narrower :gout .
:gout a skos:Concept ;
    skos:prefLabel "goutte"@fr, "gout"@en-GB, "gout (disease)"@en ;
    skos:altLabel "podagra"@en, "Gout", "Gicht"@de ;
    skos:hiddenLabel "gowt"@en ;
    skos:definition "Crystals in a joint."@en, "Cristaux."@fr ;
    skos:notation "M10" ;
    skos:broader :arthritis ;
    skos:broaderTransitive :disease ;
    skos:related :arthritis ;
    skos:exactMatch <http://purl.obolibrary.org/obo/MONDO_0005393> ;
    skos:broadMatch <http://purl.bioontology.org/ontology/ICD10CM/M10> .
:rheuma a skos:Concept ; skos:prefLabel "Rheuma"@de .
"""
)
GOUT, ARTHRITIS, RHEUMA = (Curie(f"iri:http://example.org/t/{name}") for name in ("gout", "arthritis", "rheuma"))


def read(path: Path, options: Options | None = None) -> list[Record]:
    return list(recognise(path).read(path, options or Options("test")))


def written(tmp_path: Path, name: str, text: str, options: Options | None = None) -> list[Record]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read(path, options)


def entities(records: list[Record]) -> dict[str, Entity]:
    return {record.curie: record for record in records if isinstance(record, Entity)}


def facts(records: list[Record]) -> list[str]:
    found = [record for record in records if isinstance(record, Fact)]
    return [f"{fact.subject} {fact.predicate} {fact.object}" for fact in found]


def skipped(records: list[Record]) -> Counter[str]:
    return Counter(record.reason for record in records if isinstance(record, Skipped))


@pytest.fixture
def thesaurus(tmp_path: Path) -> list[Record]:
    return written(tmp_path, "a.ttl", THESAURUS, Options("test", Curie("biolink:Disease")))


def test_concepts_of_a_thesaurus_are_entities_and_nothing_else_is(thesaurus: list[Record]) -> None:
    assert list(entities(thesaurus)) == [ARTHRITIS, GOUT, RHEUMA]
    assert {entity.category for entity in entities(thesaurus).values()} == {"biolink:Disease"}
    assert [record for record in thesaurus if isinstance(record, About)] == [About("A thesaurus", "7", "http://example.org/cc0")]


def test_the_name_is_english_and_other_languages_are_counted(thesaurus: list[Record]) -> None:
    gout = entities(thesaurus)[GOUT]
    assert gout == Entity(
        GOUT, Curie("biolink:Disease"), "gout (disease)", ("gout", "podagra"), "Crystals in a joint.", (Curie("MONDO:0005393"),)
    )
    assert skipped(thesaurus)["name in another language than English"] == 2
    assert entities(thesaurus)[RHEUMA].name == "Rheuma"  # better than none


def test_the_hierarchy_of_a_thesaurus_is_stated_once(thesaurus: list[Record]) -> None:
    assert sorted(facts(thesaurus)) == [f"{GOUT} biolink:related_to {ARTHRITIS}", f"{GOUT} biolink:subclass_of {ARTHRITIS}"]
    found = skipped(thesaurus)
    assert found["hierarchy or association stated both ways"] == 1
    assert found["statement that follows from others"] == 1
    assert found["synonym that is not exact"] == 1


def test_matches_of_a_thesaurus_keep_how_exact_they_are(thesaurus: list[Record]) -> None:
    assert [m for m in thesaurus if isinstance(m, Mapping)] == [Mapping(GOUT, Curie("skos:broadMatch"), Curie("ICD10CM:M10"))]


@pytest.mark.parametrize("form", ["ttl", "trig", "nt", "nq", "jsonld", "rdf"])
def test_every_form_of_rdf_gives_the_same(tmp_path: Path, thesaurus: list[Record], form: str) -> None:
    rdf_format = RdfFormat.from_extension(form)
    assert rdf_format is not None
    path = tmp_path / f"b.{form}"
    serialize(parse(THESAURUS, RdfFormat.TURTLE), path, rdf_format)
    found = read(path, Options("test", Curie("biolink:Disease")))
    assert entities(found) == entities(thesaurus)
    assert sorted(facts(found)) == sorted(facts(thesaurus))
    assert skipped(found) == skipped(thesaurus)


@pytest.mark.parametrize("form", ["turtle", "trig", "ntriples", "nquads", "jsonld", "rdfxml", "skos"])
def test_the_format_counts_where_the_name_says_nothing(tmp_path: Path, form: str) -> None:
    rdf_format = {"ntriples": "nt", "nquads": "nq", "rdfxml": "rdf", "turtle": "ttl", "skos": "ttl"}.get(form, form)
    path = tmp_path / "data"
    serialize(parse(THESAURUS, RdfFormat.TURTLE), path, RdfFormat.from_extension(rdf_format))
    assert list(entities(list(FORMATS[form].read(path, Options("test"))))) == [ARTHRITIS, GOUT, RHEUMA]


def test_plain_data_has_names_kinds_and_facts(tmp_path: Path) -> None:
    text = """
:aspirin a biolink:Drug ; schema:name "aspirin" ; schema:alternateName "ASA" ;
    biolink:treats :fever ; :colour "white" ; :likes :fever, :nobody .
:fever biolink:category biolink:PhenotypicFeature ; rdfs:label "fever" .
"""
    found = written(tmp_path, "a.ttl", PREFIXES + text)
    aspirin, fever = entities(found).values()
    assert (aspirin.category, aspirin.name, aspirin.synonyms) == ("biolink:Drug", "aspirin", ("ASA",))
    assert fever.category == "biolink:PhenotypicFeature"
    assert [(f.predicate, dict(f.qualifiers)) for f in found if isinstance(f, Fact)] == [
        ("biolink:treats", {}),
        ("biolink:related_to", {"original_predicate": "iri:http://example.org/t/likes"}),
    ]
    assert skipped(found) == {
        "statement of which an end is no entity of the file": 1,
        "statement of a text or number, which is no fact": 1,
    }


def test_identifiers_that_are_relative_are_those_of_the_source(tmp_path: Path) -> None:
    found = written(tmp_path, "a.ttl", '<#gout> <http://www.w3.org/2000/01/rdf-schema#label> "gout" .', Options("mine"))
    assert list(entities(found)) == ["medkg:source/mine#gout"]


@pytest.mark.parametrize("form", ["nquads", "turtle", "jsonld"])
def test_an_export_comes_back(tmp_path: Path, tiny_graph: SnapshotGraph, form: str) -> None:
    path = tmp_path / {"nquads": "a.nq", "turtle": "a.ttl", "jsonld": "a.jsonld"}[form]
    export(tiny_graph, form, path)
    found = read(path)
    expected = {
        (e.curie, e.category, e.name, tuple(sorted(e.synonyms)), e.description, tuple(sorted(e.xrefs))) for e in tiny_graph.entities()
    }
    assert expected == {
        (e.curie, e.category, e.name, tuple(sorted(e.synonyms)), e.description, tuple(sorted(e.xrefs))) for e in entities(found).values()
    }
    assert sorted((f.key, sorted(f.qualifiers.items())) for f in found if isinstance(f, Fact)) == sorted(
        (f.key, sorted(f.qualifiers.items())) for f in tiny_graph.all_facts()
    )
    assert any(f.negated for f in found if isinstance(f, Fact))
    assert [(a.title, a.licence) for a in found if isinstance(a, About)] == [(s.title, s.licence) for s in tiny_graph.sources]


def test_facts_of_several_named_graphs_are_all_taken(tmp_path: Path) -> None:
    triple = "<http://purl.obolibrary.org/obo/CHEBI_1> <https://w3id.org/biolink/vocab/treats> <http://purl.obolibrary.org/obo/HP_{}>"
    lines = (f"{triple.format(n)} <http://example.org/g{n}> .\n" for n in (1, 2))
    assert facts(written(tmp_path, "a.nq", "".join(lines))) == ["CHEBI:1 biolink:treats HP:1", "CHEBI:1 biolink:treats HP:2"]


def test_what_was_withdrawn_comes_back_as_withdrawn(tmp_path: Path) -> None:
    gout = Entity(Curie("MONDO:0005393"), Curie("biolink:Disease"), "gout")
    quads = [*entity_quads(gout), *withdrawn_quads(Curie("MONDO:1"), gout.curie), *withdrawn_quads(Curie("MONDO:2"), None)]
    path = tmp_path / "a.nq"
    serialize(quads, path, RdfFormat.N_QUADS)
    data = merge([collect(Source("test", "", "", ""), read(path))])
    assert {old: (alias.curie, alias.kind) for old, alias in data.aliases.items()} == {
        "MONDO:1": (gout.curie, AliasKind.REPLACED),
        "MONDO:2": (None, AliasKind.REPLACED),
    }


def test_a_json_ld_context_from_elsewhere_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "context.jsonld").write_text('{"@context": {"name": "http://www.w3.org/2000/01/rdf-schema#label"}}')
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        for context in (f"http://127.0.0.1:{server.getsockname()[1]}/", "context.jsonld", (tmp_path / "context.jsonld").as_uri()):
            text = '{"@context": "' + context + '", "@id": "http://example.org/t/gout", "name": "gout"}'
            with pytest.raises(DataError, match=r"a\.jsonld: needs a JSON-LD context from elsewhere, which is not fetched"):
                written(tmp_path, "a.jsonld", text)
        with pytest.raises(BlockingIOError):  # nobody called
            server.accept()


def test_a_json_ld_context_within_the_file_is_used(tmp_path: Path) -> None:
    text = '{"@context": {"name": "http://www.w3.org/2000/01/rdf-schema#label"}, "@id": "http://example.org/t/gout", "name": "gout"}'
    assert entities(written(tmp_path, "a.json", text))[GOUT].name == "gout"
