"""The shapes say what they should of every word of the vocabulary, and no violation is lost by checking one of each signature."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import rdflib
from rdflib import SH, BNode
from rdflib.collection import Collection

from kg.export import export
from kg.graph import SnapshotGraph
from kg.identifiers import curie as compress
from kg.model import Curie, Entity, Fact, Source
from kg.sources.relations import RELATION_KEYS
from kg.validate import SHAPES, Violation, validate
from kg.vocabulary import CATEGORIES, PREDICATES, QUALIFIER_VALUES

pyshacl = pytest.importorskip("pyshacl", reason="needs the extra `validate`")
# pyshacl and rdflib use parts of rdflib that are deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")

SOURCE = Source("book", "A book", "1", "CC0", curated=True)
TREATS = Curie("biolink:treats")


@dataclass
class Listed:
    """A graph of lists."""

    entity_list: list[Entity] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    sources: Sequence[Source] = (SOURCE,)

    def entities(self) -> Iterator[Entity]:
        return iter(self.entity_list)

    def all_facts(self) -> Iterator[Fact]:
        return iter(self.facts)


def entity_of(category: str, number: int = 0, **texts: Any) -> Entity:
    local = category.partition(":")[2].lower()
    return Entity(Curie(f"medkg:{local}-{number}"), Curie(category), **{"name": local, **texts})


def fact_of(subject: str | None, predicate: str, obj: str | None, **more: Any) -> Listed:
    """A graph of one fact whose ends are of these categories; an end that is None is not described."""
    ends = [entity_of(category or "biolink:Gene", number) for number, category in enumerate((subject, obj))]
    described = [end for end, category in zip(ends, (subject, obj), strict=True) if category]
    return Listed(described, [Fact(ends[0].curie, Curie(predicate), ends[1].curie, **{"source": SOURCE.name, **more})])


def messages(graph: Listed) -> list[str]:
    return [violation.message for violation in validate(graph)]


# The shapes and the vocabulary


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    return rdflib.Graph().parse(SHAPES)


def values(shapes: rdflib.Graph, path: str) -> list[set[str]]:
    """The lists of allowed values of every property shape with this path."""
    found = []
    for shape in shapes.subjects(SH.path):
        (node,) = shapes.objects(shape, SH.path)
        if not isinstance(node, BNode) and compress(str(node)) == path:
            for listed in shapes.objects(shape, SH["in"]):
                items = Collection(shapes, listed)
                found.append({str(i) if isinstance(i, rdflib.Literal) else compress(str(i)) for i in items})
    return found


def test_the_shapes_are_shapes(shapes: rdflib.Graph) -> None:
    conforms, _, text = pyshacl.validate(rdflib.Graph(), shacl_graph=shapes, meta_shacl=True)
    assert conforms, text


def test_every_category_is_one_of_an_entity(shapes: rdflib.Graph) -> None:
    assert set(CATEGORIES) in values(shapes, "rdf:type")
    assert set().union(*values(shapes, "rdf:type")) == set(CATEGORIES)


def test_every_predicate_has_a_shape_and_is_one_of_a_fact(shapes: rdflib.Graph) -> None:
    assert {compress(str(node)) for node in shapes.objects(predicate=SH.targetNode)} == set(PREDICATES)
    assert set(PREDICATES) in values(shapes, "biolink:predicate")
    assert set().union(*values(shapes, "biolink:predicate")) == set(PREDICATES)


def test_every_qualifier_has_its_values(shapes: rdflib.Graph) -> None:
    found = {name: values(shapes, f"medkg:{name}") for name in QUALIFIER_VALUES}
    assert found == {name: [set(allowed)] if allowed else [] for name, allowed in QUALIFIER_VALUES.items()}
    told = {compress(str(node)) for node in shapes.objects(predicate=SH.path) if not isinstance(node, BNode)}
    assert {name for name in told if name.startswith("medkg:")} == {f"medkg:{n}" for n in (*QUALIFIER_VALUES, "evidence", "supported_by")}


def test_every_shape_with_a_target_says_in_words_what_it_wants(shapes: rdflib.Graph) -> None:
    targets = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf)
    for shape in {subject for target in targets for subject in shapes.subjects(target)}:
        parts = list(shapes.objects(shape, SH.property))
        assert all((part, SH.message, None) in shapes for part in parts)
        assert parts or (shape, SH.message, None) in shapes


# Facts. Of each predicate: fitting ends, and ends that do not fit; None where anything does that is described.

DISEASE, SIGN, DRUG, GROUP = "biolink:Disease", "biolink:PhenotypicFeature", "biolink:Drug", "medkg:DrugClass"
GENE, ORGAN, TEST, HABIT = "biolink:Gene", "biolink:AnatomicalEntity", "biolink:DiagnosticAid", "biolink:ExposureEvent"
SUBSTANCE, DOCTOR, PROCESS = "biolink:ChemicalEntity", "medkg:Specialty", "biolink:BiologicalProcess"
ENDS: Mapping[str, tuple[str, str, str | None, str | None]] = {
    "biolink:subclass_of": (DRUG, GROUP, None, DISEASE),
    "biolink:has_phenotype": (DISEASE, SIGN, DRUG, DRUG),
    "biolink:treats": (DRUG, DISEASE, DISEASE, DRUG),
    "biolink:preventative_for_condition": (HABIT, DISEASE, GENE, DRUG),
    "biolink:causes": ("biolink:OrganismTaxon", SIGN, DOCTOR, HABIT),
    "biolink:predisposes_to_condition": (HABIT, DISEASE, DOCTOR, HABIT),
    "biolink:diagnoses": (TEST, DISEASE, DRUG, TEST),
    "biolink:has_side_effect": (DRUG, SIGN, DISEASE, DRUG),
    "biolink:contraindicated_in": (GROUP, HABIT, DISEASE, DRUG),
    "biolink:interacts_with": (DRUG, HABIT, DISEASE, SIGN),
    "medkg:has_complication": (DISEASE, SIGN, DRUG, DOCTOR),
    "medkg:managed_by": (SIGN, DOCTOR, DRUG, DISEASE),
    "medkg:transmitted_by": (DISEASE, HABIT, DRUG, DISEASE),
    "biolink:has_mode_of_inheritance": (DISEASE, "biolink:GeneticInheritance", SIGN, SIGN),
    "biolink:has_chemical_role": (SUBSTANCE, "biolink:ChemicalRole", DISEASE, DRUG),
    "biolink:disease_has_location": (DISEASE, ORGAN, ORGAN, DISEASE),
    "biolink:part_of": (ORGAN, ORGAN, None, None),
    "biolink:gene_associated_with_condition": (GENE, DISEASE, DISEASE, GENE),
    "biolink:directly_physically_interacts_with": (DRUG, GENE, GENE, DRUG),
    "biolink:physically_interacts_with": (GENE, GENE, DRUG, DISEASE),
    "biolink:affects": (DRUG, GENE, None, DISEASE),
    "biolink:regulates": (GENE, GENE, DRUG, DISEASE),
    "biolink:expresses": (ORGAN, GENE, GENE, ORGAN),
    "biolink:participates_in": (GENE, PROCESS, PROCESS, GENE),
    "biolink:correlated_with": (GENE, GENE, None, None),
    "biolink:similar_to": (DISEASE, DISEASE, None, None),
    "biolink:chemically_similar_to": (DRUG, SUBSTANCE, DISEASE, GENE),
    "biolink:related_to": (DISEASE, GENE, None, None),
}


def end_message(shapes: rdflib.Graph, predicate: str, end: str) -> str:
    """What the shape of a predicate says of its subjects or objects."""
    for shape in shapes.subjects(SH.targetNode):
        if compress(str(shapes.value(shape, SH.targetNode))) == predicate:
            for part in shapes.objects(shape, SH.property):
                steps = list(Collection(shapes, shapes.value(part, SH.path)))  # type: ignore[arg-type]
                if compress(str(steps[-1])) == f"biolink:{end}":
                    return str(shapes.value(part, SH.message))
    return "a kind of something is of a category that goes with its: a condition of a condition, a medicine of a group of medicines"


def test_the_ends_of_every_predicate_are_tested() -> None:
    assert set(ENDS) == set(PREDICATES)


@pytest.mark.parametrize("negated", [False, True])
@pytest.mark.parametrize("predicate", PREDICATES)
def test_a_fitting_fact_passes(predicate: str, negated: bool) -> None:
    subject, obj, *_ = ENDS[predicate]
    assert messages(fact_of(subject, predicate, obj, negated=negated)) == []


@pytest.mark.parametrize("predicate", PREDICATES)
def test_an_end_that_does_not_fit_is_named(shapes: rdflib.Graph, predicate: str) -> None:
    subject, obj, bad_subject, bad_object = ENDS[predicate]
    for graph, end in ((fact_of(bad_subject, predicate, obj), "subject"), (fact_of(subject, predicate, bad_object), "object")):
        expected = [end_message(shapes, predicate, end)]
        if None in (bad_subject, bad_object) and len(graph.entity_list) == 1:
            expected.append(f"the {end} of a fact is an entity of the graph")
        assert list(validate(graph)) == [Violation(graph.facts[0], message, "book") for message in sorted(expected)]


@pytest.mark.parametrize("key", RELATION_KEYS)
def test_what_the_hand_written_form_allows_passes(key: str) -> None:
    relation = RELATION_KEYS[key]
    subject, obj, *_ = ENDS[relation.predicate]
    for item in relation.ranges:
        ends = (subject, item) if relation.direction == "out" else (item, obj)
        qualifiers = dict(relation.qualifiers)
        assert messages(fact_of(ends[0], relation.predicate, ends[1], negated=relation.negated, qualifiers=qualifiers)) == []


FACTS = {
    "the subject of a fact is an entity of the graph": fact_of(None, "biolink:related_to", DISEASE),
    "the object of a fact is an entity of the graph": fact_of(DISEASE, "biolink:related_to", None),
    "the predicate of a fact is one of docs/vocabulary.md": fact_of(DRUG, "biolink:cures", DISEASE),
    "the source of a fact is described": fact_of(DRUG, TREATS, DISEASE, source="hearsay"),
    "the two ends of a fact are two entities": Listed(
        [entity_of(DISEASE)], [Fact(Curie("medkg:disease-0"), Curie("biolink:causes"), Curie("medkg:disease-0"), "book")]
    ),
    "a fact has no qualifiers but those of docs/vocabulary.md": fact_of(DRUG, TREATS, DISEASE, qualifiers={"dose": "1"}),
    "`frequency` is very common, common, occasional or rare": fact_of(
        DISEASE, "biolink:has_phenotype", SIGN, qualifiers={"frequency": "often"}
    ),
    "`line` is first or other": fact_of(DRUG, TREATS, DISEASE, qualifiers={"line": "third"}),
    "`strength` is avoid or caution": fact_of(DRUG, "biolink:contraindicated_in", DISEASE, qualifiers={"strength": "never"}),
    "`severity` is major, moderate or minor": fact_of(DRUG, "biolink:interacts_with", DRUG, qualifiers={"severity": "grave"}),
    "`seriousness` is serious": fact_of(DRUG, "biolink:has_side_effect", SIGN, qualifiers={"seriousness": "very"}),
    "`sex` is female or male": fact_of(DISEASE, "biolink:has_phenotype", SIGN, qualifiers={"sex": "woman"}),
    "`observed` is a count of a count, such as 5/7": fact_of(DISEASE, "biolink:has_phenotype", SIGN, qualifiers={"observed": "5 of 7"}),
    **{
        f"`{name}` is not blank": fact_of(DRUG, TREATS, DISEASE, qualifiers={name: " "})
        for name in ("purpose", "effect", "original_predicate", "evidence", "supported_by")
    },
    "`frequency` is said of symptoms, side effects and inheritance": fact_of(DRUG, TREATS, DISEASE, qualifiers={"frequency": "rare"}),
    "`line` is said of treatment and prevention": fact_of(DISEASE, "biolink:has_phenotype", SIGN, qualifiers={"line": "first"}),
    "`strength` is said of contraindications": fact_of(DRUG, TREATS, DISEASE, qualifiers={"strength": "avoid"}),
    "`severity` is said of interactions": fact_of(DRUG, TREATS, DISEASE, qualifiers={"severity": "major"}),
    "`seriousness` is said of side effects": fact_of(DRUG, TREATS, DISEASE, qualifiers={"seriousness": "serious"}),
    "`observed` is said of symptoms and of inheritance": fact_of(DRUG, TREATS, DISEASE, qualifiers={"observed": "1/2"}),
    "`sex` is said of symptoms and of inheritance": fact_of(DRUG, TREATS, DISEASE, qualifiers={"sex": "female"}),
}


@pytest.mark.parametrize("message", FACTS)
def test_a_wrong_fact_is_named(message: str) -> None:
    graph = FACTS[message]
    assert Violation(graph.facts[0], message, graph.facts[0].source) in list(validate(graph))


# Entities and sources

ENTITIES = {
    "an entity has exactly one category, one of those in docs/vocabulary.md": entity_of("biolink:Cat"),
    "the name of an entity is not empty, and has no blanks at its ends and no line breaks": entity_of(DISEASE, name=" "),
    "a synonym is not empty, and has no blanks at its ends and no line breaks": entity_of(DISEASE, synonyms=("flu", "the flu ")),
    "a synonym is not the name again": entity_of(DISEASE, name="flu", synonyms=("grippe", "flu")),
    "an entity has at most one description, which is not blank": entity_of(DISEASE, description=" "),
}
IDENTIFIERS = {
    "MONDO:5393": "a MONDO identifier has seven digits",
    "HP:00019450": "an HP identifier has seven digits",
    "CHEBI:5855a": "a CHEBI identifier is a number",
    "DOID:x": "a DOID identifier is a number",
    "UMLS:CN205405": "a UMLS identifier is C and seven digits",
    "MESH:gout": "a MESH identifier is a letter and six to nine digits",
    "OMIM:1": "an OMIM or OMIMPS identifier has six digits",
    "ORPHA:C1": "an ORPHA identifier is a number",
    "RXCUI:ibuprofen": "an RXCUI identifier is a number",
    "ICD10CM:10.M": "an ICD10CM identifier is a code such as M10 or M10.9, or a block such as M05-M14",
    "DRUGBANK:01050": "a DRUGBANK identifier is DB and five digits, or of a salt DBSALT and six",
    "medkg:Gout": "an identifier of this project is made of small letters, digits and . , -",
}
WELL_MADE = (
    "MONDO:0005393", "HP:0001945", "CHEBI:5855", "DOID:13189", "UMLS:C0018099", "MESH:D006073", "MESH:C000657245", "OMIM:138900",
    "OMIMPS:154700", "ORPHA:558", "RXCUI:5640", "ICD10CM:M10", "ICD10CM:M10.9", "ICD10CM:A00-A09", "DRUGBANK:DB01050", "NOSUCH:1",
    "iri:http://example.org/Gout",
)  # fmt: skip


@pytest.mark.parametrize("message", ENTITIES)
def test_a_wrong_entity_is_named(message: str) -> None:
    wrong = ENTITIES[message]
    assert list(validate(Listed([entity_of(DRUG), wrong]))) == [Violation(wrong, message)]


@pytest.mark.parametrize("name", ["", " flu", "flu\t", "a\nb", "a\rb"])
def test_a_name_is_one_line_of_text(name: str) -> None:
    assert [violation.what.name for violation in validate(Listed([entity_of(DISEASE, name=name)]))] == [name]  # type: ignore[union-attr]


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_an_identifier_that_is_made_otherwise_is_named(identifier: str) -> None:
    wrong = Entity(Curie(identifier), Curie(DISEASE), "gout")
    assert list(validate(Listed([wrong]))) == [Violation(wrong, IDENTIFIERS[identifier])]
    bearer = entity_of(DISEASE, xrefs=(Curie("DOID:1"), Curie(identifier)))
    graph = Listed([bearer, entity_of(DISEASE, 1, xrefs=tuple(map(Curie, WELL_MADE)))])
    assert list(validate(graph)) == [Violation(bearer, f"{IDENTIFIERS[identifier]}, unlike {identifier}")]


def test_well_made_identifiers_pass() -> None:
    assert messages(Listed([Entity(Curie(identifier), Curie(DISEASE), "x") for identifier in WELL_MADE])) == []


@pytest.mark.parametrize("part", ["title", "version", "licence"])
def test_a_source_that_is_not_described_is_named(part: str) -> None:
    bare = replace(SOURCE, **{part: " "})
    assert list(validate(Listed(sources=[bare, replace(SOURCE, name="other")]))) == [Violation(bare, f"a source has a {part}", "book")]
    assert messages(Listed(sources=[replace(SOURCE, **{part: ""})])) == [f"a source has a {part}"]


# What no graph of this package can be, but a Turtle file can

HEAD = (
    "@prefix biolink: <https://w3id.org/biolink/vocab/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    "@prefix medkg: <urn:medkg:> .\n"
)


@pytest.mark.parametrize(
    ("turtle", "message"),
    [
        ('medkg:a a biolink:Drug, biolink:Disease ; rdfs:label "a"@en .', "an entity has exactly one category"),
        ('medkg:a a biolink:Drug ; rdfs:label "a"@en, "b"@en .', "an entity has exactly one name, in English"),
        ('medkg:a a biolink:Drug ; rdfs:label "a"@de .', "an entity has exactly one name, in English"),
        ('medkg:a a biolink:Drug ; rdfs:label "a"@en ; biolink:xref "b" .', "a cross-reference is an identifier"),
        ("medkg:a a biolink:Association ; biolink:negated false .", "a fact is denied, or says nothing of it"),
        ("medkg:a a biolink:Association .", "the subject of a fact is an entity of the graph"),
        (
            "medkg:a a biolink:Association ; biolink:predicate biolink:subclass_of ; biolink:subject medkg:b .",
            "what is a kind of something",
        ),
    ],
)
def test_the_shapes_fit_any_engine(shapes: rdflib.Graph, turtle: str, message: str) -> None:
    conforms, _, text = pyshacl.validate(rdflib.Graph().parse(data=HEAD + turtle), shacl_graph=shapes)
    assert not conforms and message in text


def test_an_exported_graph_conforms(tiny_graph: SnapshotGraph, shapes: rdflib.Graph, tmp_path: Path) -> None:
    export(tiny_graph, "turtle", tmp_path / "graph.ttl")
    conforms, _, text = pyshacl.validate(rdflib.Graph().parse(tmp_path / "graph.ttl"), shacl_graph=shapes)
    assert conforms, text
    assert list(validate(tiny_graph)) == []


# One of each signature


def test_one_wrong_fact_among_ten_thousand_is_found_and_named() -> None:
    drugs, conditions = ([entity_of(category, number) for number in range(100)] for category in (DRUG, DISEASE))
    facts = [Fact(drug.curie, TREATS, condition.curie, "book", {"line": "first"}) for drug in drugs for condition in conditions]
    graph = Listed([*drugs, *conditions], facts)
    assert messages(graph) == []
    facts[7_777] = replace(facts[7_777], qualifiers={"line": "third"})
    (violation,) = validate(graph)
    assert violation == Violation(facts[7_777], "`line` is first or other", "book")
    assert str(violation) == "medkg:drug-77 biolink:treats medkg:disease-77 of book: `line` is first or other"


def test_one_wrong_entity_makes_every_fact_of_it_wrong_and_no_other() -> None:
    drugs, conditions = ([entity_of(category, number) for number in range(100)] for category in (DRUG, DISEASE))
    drugs[50] = replace(drugs[50], category=Curie(DOCTOR))
    facts = [Fact(drug.curie, TREATS, condition.curie, "book") for drug in drugs for condition in conditions]
    found = list(validate(Listed([*drugs, *conditions], facts)))
    assert [violation.what for violation in found] == [fact for fact in facts if fact.subject == drugs[50].curie]
    assert len({violation.message for violation in found}) == 1


def test_an_entity_named_as_what_stands_for_others_is_not_taken_for_it() -> None:
    named = Entity(Curie("medkg:subject-0"), Curie(DISEASE), " ", xrefs=(Curie("UMLS:1"),))
    bearer = entity_of(DRUG, xrefs=(Curie("medkg:subject-0"),))
    assert [violation.what for violation in validate(Listed([named, bearer]))] == [named, named]


def test_violations_come_in_the_order_of_the_graph() -> None:
    wrong = [FACTS["`line` is first or other"].facts[0], FACTS["`strength` is said of contraindications"].facts[0]]
    ends = FACTS["`line` is first or other"].entity_list
    graph = Listed([*ends, entity_of("biolink:Cat")], [*wrong, *wrong], [SOURCE, replace(SOURCE, name="other", title="")])
    found = list(validate(graph))
    assert [type(violation.what) for violation in found] == [Source, Entity, Fact, Fact, Fact, Fact]
    assert [violation.what for violation in found[2:]] == [*wrong, *wrong]
    assert list(validate(graph)) == found
    assert [str(violation) for violation in found[:2]] == [
        "source other: a source has a title",
        "medkg:cat-0 ('cat'): an entity has exactly one category, one of those in docs/vocabulary.md",
    ]


def test_the_extra_is_named_where_it_is_not_installed() -> None:
    code = (
        "import sys; sys.modules['pyshacl'] = None\n"
        "from kg.errors import KgError; from kg.validate import validate\n"
        "class Empty:\n    sources = ()\n    entities = all_facts = lambda self: iter(())\n"
        "try:\n    list(validate(Empty()))\nexcept KgError as error:\n    print(error)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert "pip install 'medkg-qa[validate]'" in ran.stdout
