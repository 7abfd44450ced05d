"""Tests of the readers of single resources, on a few rows in each one's form, and on the real files where they are."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from kg.errors import DataError
from kg.model import Curie, Entity, Fact
from kg.sources import do_axioms, hetionet, hpo_layperson, pharmacotherapydb, sider
from kg.sources.records import Mapping, Options, Reader, Record, Skipped
from kg.vocabulary import CATEGORIES, HAS_PHENOTYPE, PREDICATES, QUALIFIER_VALUES

OPTIONS = Options("test")


def facts(records: Iterable[Record]) -> list[Fact]:
    return [record for record in records if isinstance(record, Fact)]


def entities(records: Iterable[Record]) -> dict[str, Entity]:
    return {record.curie: record for record in records if isinstance(record, Entity)}


def skipped(records: Iterable[Record]) -> Counter[str]:
    return Counter(record.reason for record in records if isinstance(record, Skipped))


def checked(records: Iterable[Record]) -> list[Record]:
    """Return the records, all of them in the words of the graph."""
    found = list(records)
    for record in found:
        if isinstance(record, Entity):
            assert record.category in CATEGORIES
            assert record.name
        elif isinstance(record, Fact):
            assert record.predicate in PREDICATES
            for name, text in record.qualifiers.items():
                allowed = QUALIFIER_VALUES.get(name)
                assert name in QUALIFIER_VALUES or name in {"evidence", "supported_by"}
                assert allowed is None or text in allowed
    return found


HETIONET_NODES = """id\tname\tkind
Gene::7157\tTP53\tGene
Gene::672\tBRCA1\tGene
Disease::DOID:13189\tgout\tDisease
Disease::DOID:1612\tbreast cancer\tDisease
Compound::DB01394\tColchicine\tCompound
Symptom::D010146\tPain\tSymptom
Side Effect::C0011991\tDiarrhoea\tSide Effect
Pharmacologic Class::N0000175713\tSome class\tPharmacologic Class
Pathway::WP106_r74147\tA pathway\tPathway
Pathway::PC7_1\tAnother pathway\tPathway
"""


def hetionet_directory(tmp_path: Path, edges: str, nodes: str = HETIONET_NODES) -> Path:
    (tmp_path / "hetionet-nodes.tsv").write_text(nodes)
    (tmp_path / "edges.sif.gz").write_bytes(gzip.compress(b"source\tmetaedge\ttarget\n" + edges.encode()))
    return tmp_path


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        ("Compound::DB01394\tCtD\tDisease::DOID:13189", "DRUGBANK:DB01394 biolink:treats DOID:13189"),
        ("Disease::DOID:13189\tDpS\tSymptom::D010146", "DOID:13189 biolink:has_phenotype MESH:D010146"),
        ("Compound::DB01394\tCcSE\tSide Effect::C0011991", "DRUGBANK:DB01394 biolink:has_side_effect UMLS:C0011991"),
        ("Disease::DOID:1612\tDaG\tGene::672", "NCBIGene:672 biolink:gene_associated_with_condition DOID:1612"),
        ("Pharmacologic Class::N0000175713\tPCiC\tCompound::DB01394", "DRUGBANK:DB01394 biolink:subclass_of NDFRT:N0000175713"),
        ("Gene::7157\tGiG\tGene::672", "NCBIGene:672 biolink:physically_interacts_with NCBIGene:7157"),
        ("Gene::7157\tGr>G\tGene::672", "NCBIGene:7157 biolink:regulates NCBIGene:672"),
        ("Disease::DOID:1612\tDrD\tDisease::DOID:13189", "DOID:13189 biolink:similar_to DOID:1612"),
        ("Gene::672\tGpPW\tPathway::WP106_r74147", "NCBIGene:672 biolink:participates_in wikipathways:WP106"),
        ("Gene::672\tGpPW\tPathway::PC7_1", "NCBIGene:672 biolink:participates_in medkg:hetionet-PC7_1"),
    ],
)
def test_hetionet_edges_point_as_the_vocabulary_says(tmp_path: Path, edge: str, expected: str) -> None:
    found = checked(hetionet.read(hetionet_directory(tmp_path, edge + "\n"), OPTIONS))
    (fact,) = facts(found)
    assert f"{fact.subject} {fact.predicate} {fact.object}" == expected
    assert {fact.subject, fact.object} <= entities(found).keys()


def test_hetionet_says_how_it_knows_and_what_the_effect_is(tmp_path: Path) -> None:
    edges = "Compound::DB01394\tCpD\tDisease::DOID:13189\nCompound::DB01394\tCdG\tGene::672\nGene::672\tGxG\tGene::672\n"
    found = checked(hetionet.read(hetionet_directory(tmp_path, edges), OPTIONS))
    palliates, lowers = facts(found)
    assert dict(palliates.qualifiers) == {"purpose": "relief of symptoms", "evidence": "reviewed by physicians"}
    assert lowers.qualifiers["effect"] == "lowers expression"
    assert skipped(found) == {"edges of the kind GxG are not known": 1}


@pytest.mark.parametrize(
    ("nodes", "edges", "expected"),
    [
        ("id\tname\n", "", "nodes.tsv:1: the header lacks kind"),
        (HETIONET_NODES + "Planet::1\tMars\tPlanet\n", "", "nodes.tsv:12: 'Planet::1' is of no known kind"),
        (HETIONET_NODES, "Gene::1\tGiG\tgene 2\n", "edges.sif.gz:2: 'gene 2' is of no known kind"),
        (HETIONET_NODES, "Gene::1\tGiG\n", "edges.sif.gz:2: 2 tab-separated cells where 3 are expected"),
    ],
)
def test_hetionet_names_file_and_line_of_what_it_cannot_take(tmp_path: Path, nodes: str, edges: str, expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        list(hetionet.read(hetionet_directory(tmp_path, edges, nodes), OPTIONS))


SIDE_EFFECTS = """CID100000085\tCID000010917\tC0000729\tLLT\tC0000729\tAbdominal cramps
CID100000085\tCID000010917\tC0000729\tPT\tC0000737\tAbdominal pain
CID100000085\tCID000010917\tC0000737\tPT\tC0000737\tAbdominal pain
CID100000085\tCID000010917\tC0027497\tPT\tC0027497\tNausea
CID100004594\tCID000004594\tC0027497\tPT\tC0027497\tNausea
CID100004594\tCID000149096\tC0027497\tPT\tC0027497\tNausea
"""


def sider_directory(tmp_path: Path, **tables: str) -> Path:
    for name, text in {"meddra_all_se": SIDE_EFFECTS, **tables}.items():
        (tmp_path / f"{name}.tsv.gz").write_bytes(gzip.compress(text.encode()))
    return tmp_path


def test_sider_states_preferred_terms_of_compounds_once(tmp_path: Path) -> None:
    found = checked(sider.read(sider_directory(tmp_path), OPTIONS))
    assert [(fact.subject, fact.object) for fact in facts(found)] == [
        ("PUBCHEM.COMPOUND:10917", "UMLS:C0000737"),
        ("PUBCHEM.COMPOUND:10917", "UMLS:C0027497"),
        ("PUBCHEM.COMPOUND:4594", "UMLS:C0027497"),
        ("PUBCHEM.COMPOUND:149096", "UMLS:C0027497"),
    ]
    assert {entity.name for entity in entities(found).values()} == {"Abdominal pain", "Nausea"}
    assert skipped(found) == {"a lowest-level term: its preferred term is taken": 1}


def frequency_row(text: str, lower: str, upper: str, placebo: str = "") -> str:
    return f"CID100000085\tCID000010917\tC0027497\t{placebo}\t{text}\t{lower}\t{upper}\tPT\tC0027497\tNausea\n"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((("uncommon", "0.001", "0.01"),), "occasional"),
        ((("common", "0.01", "1"), ("21%", "0.21", "0.21")), "common"),
        ((("2%", "0.02", "0.02"), ("12%", "0.12", "0.12")), "very common"),
        ((("1%", "0", "0.01"),), "occasional"),
        ((("0%", "0", "0"),), None),
        ((("postmarketing", "0", "0.001"),), None),
        ((("30%", "0.3", "0.3", "placebo"),), None),
        ((("1-0%", "0.01", "0"),), None),
    ],
)
def test_sider_frequencies_are_those_of_labels(tmp_path: Path, rows: tuple[tuple[str, ...], ...], expected: str | None) -> None:
    directory = sider_directory(tmp_path, meddra_freq="".join(frequency_row(*row) for row in rows))
    (nausea,) = (
        fact
        for fact in facts(sider.read(directory, OPTIONS))
        if (fact.subject, fact.object)[0].endswith(":10917") and "27497" in fact.object
    )
    assert nausea.qualifiers.get("frequency") == expected
    assert nausea.qualifiers["evidence"] == "text-mined from labels"


def test_sider_indications_are_those_that_were_read_as_such(tmp_path: Path) -> None:
    methods = ("NLP_indication", "NLP_precondition", "text_mention")
    rows = "".join(f"CID100000085\tC000000{n}\t{method}\tx\tPT\tC000000{n}\tCondition {n}\n" for n, method in enumerate(methods))
    several = "CID100004594\tC0000009\tNLP_indication\tx\tPT\tC0000009\tCondition 9\n"
    found = checked(sider.read(sider_directory(tmp_path, meddra_all_indications=rows + several), OPTIONS))
    treats = [(fact.subject, fact.object) for fact in facts(found) if fact.predicate == "biolink:treats"]
    assert treats == [("PUBCHEM.COMPOUND:10917", "UMLS:C0000000"), ("PUBCHEM.COMPOUND:4594", "UMLS:C0000009")]
    assert entities(found)["UMLS:C0000000"].category == "biolink:Disease"


def test_sider_compounds_have_names_where_there_are_names(tmp_path: Path) -> None:
    directory = sider_directory(tmp_path, drug_names="CID100000085\tcarnitine\nCID100004594\tofloxacin\n")
    found = entities(sider.read(directory, OPTIONS))
    assert (found["PUBCHEM.COMPOUND:10917"].name, found["PUBCHEM.COMPOUND:4594"].name) == ("carnitine", "ofloxacin")


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ({"meddra_all_se": "CID100000085\tCID000010917\n"}, "se.tsv.gz:1: 2 tab-separated cells where 6"),
        ({"meddra_all_se": SIDE_EFFECTS.replace("CID000149096", "149096")}, "se.tsv.gz:6: '149096' is no compound of STITCH"),
        ({"meddra_all_se": SIDE_EFFECTS.replace("PT\tC0027497", "PT\tnausea")}, "se.tsv.gz:4: 'nausea' is no concept of UMLS"),
        ({"meddra_freq": frequency_row("2%", "low", "high")}, "freq.tsv.gz:1: 'low' is no bound of a frequency"),
    ],
)
def test_sider_names_file_and_line_of_what_it_cannot_take(tmp_path: Path, tables: dict[str, str], expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        list(sider.read(sider_directory(tmp_path, **tables), OPTIONS))


def indications(tmp_path: Path, *kinds: str) -> Path:
    path = tmp_path / "indications.tsv"
    rows = (f"DOID:{n}\tDB0000{n}\tdisease {n}\tdrug {n}\t{kind}\t2\t1" for n, kind in enumerate(kinds))
    path.write_text("\n".join(("doid_id\tdrugbank_id\tdisease\tdrug\tcategory\tn_curators\tn_resources", *rows)) + "\n")
    return path


def test_pharmacotherapydb_tells_three_kinds_of_indication(tmp_path: Path) -> None:
    indications(tmp_path, "DM", "SYM", "NOT")
    found = checked(pharmacotherapydb.read(tmp_path, OPTIONS))
    cures, relieves, refused = facts(found)
    assert (cures.subject, cures.object, cures.negated) == ("DRUGBANK:DB00000", "DOID:0", False)
    assert relieves.qualifiers["purpose"] == "relief of symptoms"
    assert (refused.negated, "purpose" in refused.qualifiers) == (True, False)
    assert entities(found)["DRUGBANK:DB00002"].name == "drug 2"


def test_pharmacotherapydb_refuses_an_unknown_kind(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"indications.tsv:3: category is 'PERHAPS': expected one of DM, SYM, NOT"):
        list(pharmacotherapydb.read(indications(tmp_path, "DM", "PERHAPS"), OPTIONS))


def test_layperson_synonyms_are_gathered_by_term(tmp_path: Path) -> None:
    term = "<http://purl.obolibrary.org/obo/HP_0001945>"
    rows = (
        f'{term}\t"Fever"@en\t"High temperature"',
        f'{term}\t"Fever"\t"fever"',
        f'{term}\t"Fever"\t"Fieber"@de',
        f'{term}\t"Fever"\t"Said \\"hot\\""',
    )
    path = tmp_path / "layperson-synonyms.tsv"
    path.write_text("\n".join(("?term\t?term_label\t?layperson", *rows)) + "\n")
    (tmp_path / "hp-zh.babelon.tsv").write_text("subject_id\ttranslation_language\nHP:0001945\tzh\n")
    found = checked(hpo_layperson.read(tmp_path, OPTIONS))
    assert entities(found) == {
        "HP:0001945": Entity(Curie("HP:0001945"), Curie("biolink:PhenotypicFeature"), "Fever", ("High temperature", 'Said "hot"'))
    }
    assert sum(skipped(found).values()) == 2


@pytest.mark.parametrize(
    ("row", "expected"),
    [('HP:1\t"a"\t"b"', "is no IRI"), ('<http://x.org/1>\t"a\t"b"', "is no text"), ("<a b>\ta\tb", "IRI may not|not a CURIE")],
)
def test_layperson_rows_that_are_no_sparql_result_stop_the_import(tmp_path: Path, row: str, expected: str) -> None:
    path = tmp_path / "layperson-synonyms.tsv"
    path.write_text(f"?term\t?term_label\t?layperson\n{row}\n")
    with pytest.raises(DataError, match=f"tsv:2: .*({expected})"):
        list(hpo_layperson.read(path, OPTIONS))


def disease_ontology(tmp_path: Path, axioms: str) -> Path:
    (tmp_path / "HumanDO.tsv").write_text(
        'id\tlabel\tsubClassOf\n"DOID:1"\t"infection"\t""\n"DOID:2"\t"flu"\t"infection"\n"DOID:3"\t"cold"\t"nothing"\n'
    )
    (tmp_path / "DO-subClassOf-anonymous.tsv").write_text(f"ID\tLABEL\tSubClass Of [ANON]\nDOID:2\tflu\t{axioms}\n")
    (tmp_path / "allXREFinDO.tsv").write_text(
        'id\tlabel\txref\n"DOID:2"\t"flu"\t"SNOMEDCT_US_2025_09_01:6142004"\n"DOID:2"\t"flu"\t"odd"\n'
    )
    return tmp_path


def test_disease_ontology_axioms_become_symptoms_and_inheritance(tmp_path: Path) -> None:
    axioms = (
        "'has symptom' some 'joint pain'|'has symptom' some fever|'has material basis in' some 'autosomal recessive inheritance'"
        "|'disease has location' some lung|'transmitted by' some ('tick A' or 'tick B')"
    )
    found = checked(do_axioms.read(disease_ontology(tmp_path, axioms), OPTIONS))
    assert [(fact.subject, fact.predicate, fact.object) for fact in facts(found)] == [
        ("DOID:2", "biolink:subclass_of", "DOID:1"),
        ("DOID:2", "biolink:has_phenotype", "medkg:test-joint-pain"),
        ("DOID:2", "biolink:has_phenotype", "medkg:test-fever"),
        ("DOID:2", "biolink:has_mode_of_inheritance", "HP:0000007"),
    ]
    assert entities(found)["medkg:test-joint-pain"].name == "joint pain"
    assert [record for record in found if isinstance(record, Mapping)] == [
        Mapping(Curie("DOID:2"), Curie("oboInOwl:hasDbXref"), Curie("SNOMEDCT:6142004"))
    ]
    assert sum(skipped(found).values()) == 4


def test_disease_ontology_names_a_cell_count_and_an_open_quotation_mark(tmp_path: Path) -> None:
    directory = disease_ontology(tmp_path, "'has symptom' some fever")
    (directory / "HumanDO.tsv").write_text('id\tlabel\tsubClassOf\n"DOID:1"\t"infection"\n')
    with pytest.raises(DataError, match=r"HumanDO.tsv:2: 2 cells where the header has 3"):
        list(do_axioms.read(directory, OPTIONS))
    (directory / "HumanDO.tsv").write_text('id\tlabel\tsubClassOf\n"DOID:1"\t"infection\t""\n')
    with pytest.raises(DataError, match=r"HumanDO.tsv:\d: .*quotation mark"):
        list(do_axioms.read(directory, OPTIONS))


@pytest.mark.parametrize("read", [hetionet.read, sider.read, pharmacotherapydb.read, hpo_layperson.read, do_axioms.read])
def test_a_directory_without_the_files_is_refused(tmp_path: Path, read: Reader) -> None:
    with pytest.raises(DataError, match="expected the directory of"):
        list(read(tmp_path, OPTIONS))


def counts(records: Iterator[Record]) -> Counter[str]:
    found: Counter[str] = Counter()
    for record in records:
        if isinstance(record, Fact):
            found[("not " if record.negated else "") + record.predicate] += 1
        else:
            found[type(record).__name__] += 1
    return found


def test_real_hetionet(real_data: Path) -> None:
    found = checked(hetionet.read(real_data / "kg" / "hetionet", OPTIONS))
    treats = Counter(fact.qualifiers.get("purpose") for fact in facts(found) if fact.predicate == "biolink:treats")
    assert treats == {None: 755, "relief of symptoms": 390}
    described = entities(found).keys()
    assert (len(facts(found)), len(described), sum(skipped(found).values())) == (99_676, 47_031, 0)
    assert all({fact.subject, fact.object} <= described for fact in facts(found))


def test_real_pharmacotherapydb(real_data: Path) -> None:
    found = counts(pharmacotherapydb.read(real_data / "kg" / "pharmacotherapydb", OPTIONS))
    assert found == {"About": 1, "Entity": 698, "biolink:treats": 1145, "not biolink:treats": 243}


def test_real_sider(real_data: Path) -> None:
    found = counts(sider.read(real_data / "kg" / "sider4", OPTIONS))
    assert (found["biolink:has_side_effect"], found["biolink:treats"], found["Entity"]) == (152_759, 4_840, 4_492)


def test_real_disease_ontology_tables(real_data: Path) -> None:
    found = checked(do_axioms.read(real_data / "kg" / "disease_ontology", OPTIONS))
    symptoms = [fact for fact in facts(found) if fact.predicate == HAS_PHENOTYPE]
    assert len(symptoms) == 2_265 + 202  # `has symptom` and `has phenotype`
    assert counts(iter(found))["Mapping"] == 39_264


def test_real_layperson_synonyms(real_data: Path) -> None:
    found = checked(hpo_layperson.read(real_data / "kg" / "hpo_layperson", OPTIONS))
    assert len(entities(found)) == 4_701
    assert entities(found)["HP:0002615"].synonyms == ("Low blood pressure",)
