"""One ontology in every syntax must mean the same; and what is special to each syntax of ontologies."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from kg.errors import DataError
from kg.merge import collect, merge
from kg.model import AliasKind, Curie, Entity, Fact, Source
from kg.sources.records import About, Mapping, Options, Record, Replacement, Skipped
from kg.sources.registry import FORMATS, recognise

ONTOLOGY = Path(__file__).parents[1] / "fixtures" / "ontology"
SYNTAXES = {
    "airways.obo": "obo",
    "airways.json": "obographs",
    "airways.ofn": "owl",
    "airways.owx": "owl",
    "airways.owl": "rdfxml",
    "airways.ttl": "turtle",
}

DISEASE, PHENOTYPE, THING, PLACE = (Curie(f"biolink:{name}") for name in ("Disease", "PhenotypicFeature", "NamedThing", "AnatomicalEntity"))
INFLUENZA = Entity(
    Curie("DOID:8469"),
    DISEASE,
    "influenza",
    ("flu", "grippe"),  # lay words first
    "An acute infection of the airways by an influenza virus.",
    (Curie("MONDO:0005812"), Curie("UMLS:C0021400")),
)
ENTITIES = {
    INFLUENZA,
    Entity(Curie("DOID:4"), DISEASE, "disease"),
    Entity(Curie("DOID:0050117"), DISEASE, "disease by infectious agent"),
    Entity(Curie("DOID:2841"), DISEASE, "asthma"),
    Entity(Curie("HP:0000118"), PHENOTYPE, "Phenotypic abnormality"),
    Entity(Curie("HP:0001945"), PHENOTYPE, "Fever", ("Pyrexia",)),
    Entity(Curie("HP:0012735"), PHENOTYPE, "Cough"),
    Entity(Curie("HP:0012823"), THING, "Clinical modifier"),
    Entity(Curie("HP:0012825"), THING, "Mild"),  # by its branch
    Entity(Curie("UBERON:0002048"), PLACE, "lung"),
}
FACTS = {
    "DOID:0050117 biolink:subclass_of DOID:4",
    "DOID:8469 biolink:subclass_of DOID:0050117",
    "DOID:2841 biolink:subclass_of DOID:4",
    "HP:0001945 biolink:subclass_of HP:0000118",
    "HP:0012735 biolink:subclass_of HP:0000118",
    "HP:0012825 biolink:subclass_of HP:0012823",
    "DOID:8469 biolink:has_phenotype HP:0001945",
    "DOID:8469 biolink:has_phenotype HP:0012735",
    "DOID:2841 biolink:disease_has_location UBERON:0002048",
    "UBERON:0002048 biolink:part_of UBERON:0001004",
}
MAPPINGS = {
    ("DOID:8469", "skos:broadMatch", "ICD10CM:J10"),
    ("DOID:8469", "oboInOwl:hasDbXref", "MESH:D007251"),
    ("DOID:2841", "oboInOwl:hasDbXref", "MESH:D001249"),
}
REPLACEMENTS = {
    ("DOID:0000001", "DOID:8469", ""),
    ("DOID:0000002", "DOID:8469", "obsolete epidemic catarrh"),
    ("DOID:0000003", None, "obsolete chest trouble"),
}


def read(path: Path, options: Options | None = None) -> list[Record]:
    return list(recognise(path).read(path, options or Options("test")))


def written(tmp_path: Path, name: str, text: str) -> list[Record]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read(path)


def entities(records: list[Record]) -> dict[str, Entity]:
    return {record.curie: record for record in records if isinstance(record, Entity)}


def facts(records: list[Record]) -> list[str]:
    found = [record for record in records if isinstance(record, Fact)]
    return [f"{fact.subject} {fact.predicate} {fact.object}" for fact in found]


def skipped(records: list[Record]) -> Counter[str]:
    return Counter(record.reason for record in records if isinstance(record, Skipped))


@pytest.fixture(params=SYNTAXES, scope="module")
def airways(request: pytest.FixtureRequest) -> list[Record]:
    return read(ONTOLOGY / request.param)


@pytest.mark.parametrize("name", SYNTAXES)
def test_the_syntax_is_recognised(name: str) -> None:
    assert recognise(ONTOLOGY / name) is FORMATS[SYNTAXES[name]]


def test_every_syntax_gives_the_same_entities(airways: list[Record]) -> None:
    found = [replace(record, xrefs=tuple(sorted(record.xrefs))) for record in airways if isinstance(record, Entity)]
    assert len(found) == len(ENTITIES)
    assert set(found) == ENTITIES


def test_every_syntax_gives_the_same_facts(airways: list[Record]) -> None:
    assert sorted(facts(airways)) == sorted(FACTS)
    assert all((f.source, f.negated, dict(f.qualifiers)) == ("test", False, {}) for f in airways if isinstance(f, Fact))


def test_every_syntax_gives_the_same_mappings(airways: list[Record]) -> None:
    found = [(m.subject, m.predicate, m.object) for m in airways if isinstance(m, Mapping)]
    assert sorted(found) == sorted(MAPPINGS)


def test_every_syntax_gives_the_same_replacements(airways: list[Record]) -> None:
    found = [(r.old, r.new, r.name) for r in airways if isinstance(r, Replacement)]
    assert len(found) == len(REPLACEMENTS)
    assert set(found) == REPLACEMENTS


def test_every_syntax_says_what_the_ontology_is(airways: list[Record]) -> None:
    found = [record for record in airways if isinstance(record, About)]
    assert found == [About("Airways", "2026-02-03", "https://creativecommons.org/publicdomain/zero/1.0/")]


def test_every_syntax_counts_the_synonyms_that_are_not_taken(airways: list[Record]) -> None:
    found = skipped(airways)
    assert (found["synonym that is not exact"], found["synonym that its source calls doubtful"]) == (1, 1)


def test_every_syntax_makes_the_same_graph(airways: list[Record]) -> None:
    data = merge([collect(Source("test", "", "", ""), airways)])
    withdrawn = {old: alias.curie for old, alias in data.aliases.items() if alias.kind is AliasKind.REPLACED}
    assert withdrawn == {old: new for old, new, _ in REPLACEMENTS}
    (share,) = data.shares
    assert (share.entities, share.facts) == (10, 9)
    assert share.skipped["an end of the fact is described by no source"] == 1
    assert share.examples["an end of the fact is described by no source"] == (None, "UBERON:0002048 biolink:part_of UBERON:0001004")


def test_a_category_is_that_of_the_call_where_it_names_one() -> None:
    for name in SYNTAXES:
        found = entities(read(ONTOLOGY / name, Options("test", category=THING)))
        assert {entity.category for entity in found.values()} == {THING}


OBO = "format-version: 1.4\nontology: test\n\n"
GOUT = "[Term]\nid: DOID:13189\nname: gout\n"


def test_obo_is_read_as_others_write_it(tmp_path: Path) -> None:
    text = (
        OBO.replace("\n\n", "\nidspace: OLD http://purl.obolibrary.org/obo/DOID_\n\n")
        + GOUT
        + 'def: "A \\"painful\\"  joint." [url:http\\://example.org/a b, ISBN 0-1]\n! a comment within a stanza\n'
        + 'synonym: "podagra (of\\, say\\, a toe)" EXACT [a: b "c]", d\\]e] {comment="see [f]."}\nis_a: OLD:4 {source="x"} ! disease\n\n'
        + "[Typedef]\nid: x\nname: x\n\n[Instance]\nid: EX:1\nname: one\ninstance_of: EX:2\n"
    )
    found = written(tmp_path, "a.obo", "\ufeff" + text.replace("\n", "\r\n"))
    gout = entities(found)["DOID:13189"]
    assert (gout.description, gout.synonyms) == ('A "painful" joint.', ("podagra (of, say, a toe)",))
    assert facts(found) == ["DOID:13189 biolink:subclass_of DOID:4", "EX:1 biolink:related_to EX:2"]
    assert [dict(fact.qualifiers) for fact in found if isinstance(fact, Fact)] == [{}, {"original_predicate": "rdf:type"}]


def test_an_obo_relation_without_an_identifier_is_kept_by_its_word(tmp_path: Path) -> None:
    found = written(tmp_path, "a.obo", OBO + GOUT + "relationship: part_of EX:1\nrelationship: likes EX:2\n")
    assert facts(found) == ["DOID:13189 biolink:part_of EX:1", "DOID:13189 biolink:related_to EX:2"]
    (other,) = [f.qualifiers for f in found if isinstance(f, Fact) and f.qualifiers]
    assert other == {"original_predicate": "iri:http://purl.obolibrary.org/obo/test#likes"}


def test_what_is_skipped_in_obo_says_where_its_stanza_begins(tmp_path: Path) -> None:
    found = written(tmp_path, "a.obo", OBO + GOUT + "xref: url:http\\://example.org\n\n[Term]\nid: gout\nname: gout\n\n[Term]\nid: EX:1\n")
    assert [(s.reason, s.line) for s in found if isinstance(s, Skipped)] == [
        ("cross-reference that is no identifier", 4),
        ("identifier that is no CURIE", 9),
        ("term without a name", 13),
    ]


def graphs(nodes: str = "", rest: str = "") -> str:
    gout = '{"id": "http://purl.obolibrary.org/obo/DOID_13189", "lbl": "gout", "type": "CLASS"}'
    return '{"graphs": [{"nodes": [' + gout + nodes + "]" + rest + "}]}"


def test_obographs_take_equivalent_nodes_and_count_what_is_logic(tmp_path: Path) -> None:
    rest = (
        ', "equivalentNodesSets": [{"nodeIds": ["http://purl.obolibrary.org/obo/MONDO_0005393",'
        ' "http://purl.obolibrary.org/obo/DOID_13189"]}], "logicalDefinitionAxioms": [{}, {}]'
    )
    found = written(tmp_path, "a.json", graphs(rest=rest))
    assert entities(found)["DOID:13189"].xrefs == ("MONDO:0005393",)
    assert skipped(found) == {"axiom of several classes": 2}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (graphs(', {"id": 7}'), r"node 2 of graph 1: 'id' is 7, expected a text"),
        (graphs(", []"), r"node 2 of graph 1 is \[\], expected an object"),
        (graphs(rest=', "edges": {"a": 1}'), r"graph 1: 'edges' is .*, expected a list"),
        (graphs(rest=', "edges": [{"sub": "EX:1", "pred": "is_a"}]'), r"edge 1 of graph 1: 'obj' is null, expected a text"),
        ('{"graphs": []}', r'is no OBO-graph document: expected an object with the key "graphs"'),
        ('{"graphs": ' + "[" * 100_000, r"is nested too deep"),
    ],
)
def test_what_is_wrong_in_obographs_is_named_by_its_place(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(DataError, match=r"a\.json: " + expected):
        written(tmp_path, "a.json", text)


OFN = (
    "Prefix(:=<http://purl.obolibrary.org/obo/>)\nPrefix(rdfs:=<http://www.w3.org/2000/01/rdf-schema#>)\nOntology(<http://example.org/o>\n"
)
NAMED = 'AnnotationAssertion(rdfs:label :DOID_13189 "gout")\n'


def test_owl_classes_are_equivalent_where_both_have_names(tmp_path: Path) -> None:
    found = written(
        tmp_path,
        "a.ofn",
        OFN + NAMED + "EquivalentClasses(:DOID_13189 :MONDO_0005393)\nEquivalentClasses(:DOID_13189 ObjectComplementOf(:DOID_4))\n"
        "SubClassOf(ObjectIntersectionOf(:DOID_4 :DOID_5) :DOID_13189)\nSubClassOf(:DOID_13189 ObjectAllValuesFrom(:RO_0002452 :HP_1)))",
    )
    assert entities(found)["DOID:13189"].xrefs == ("MONDO:0005393",)
    assert facts(found) == []
    assert skipped(found) == {"axiom of several classes": 3}


def test_owl_is_read_in_the_same_order_every_time(tmp_path: Path) -> None:
    assert all(read(ONTOLOGY / "airways.ofn") == read(ONTOLOGY / "airways.ofn") for _ in range(5))


def test_owl_expressions_that_nest_too_deep_are_refused(tmp_path: Path) -> None:
    deep = "ObjectComplementOf(" * 5_000 + ":DOID_4" + ")" * 5_000
    with pytest.raises(DataError, match="nests class expressions more than 200 deep"):
        written(tmp_path, "a.ofn", f"{OFN}SubClassOf(:DOID_13189 {deep}))")
    found = written(tmp_path, "b.ofn", OFN + NAMED.replace("gout", "gout" + "(" * 300) + ")")
    assert entities(found)["DOID:13189"].name.startswith("gout(((")


def test_owl_that_is_renamed_is_told_by_how_it_begins(tmp_path: Path) -> None:
    for name in ("airways.ofn", "airways.owx", "airways.ttl"):
        path = tmp_path / name.replace(".", "-") / "airways.owl"
        path.parent.mkdir()
        path.write_bytes((ONTOLOGY / name).read_bytes())
        assert set(facts(read(path))) == FACTS


def test_functional_syntax_under_the_wrong_format_says_which_is_right() -> None:
    with pytest.raises(DataError, match=re.escape("airways.ofn:1: is OWL in functional syntax: read it as the format owl")):
        list(FORMATS["rdfxml"].read(ONTOLOGY / "airways.ofn", Options("test")))
