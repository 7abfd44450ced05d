"""The comparison of hand-written facts with independent sources: verdicts, the report, what is written, and the command."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from kg.authoring.corroborate import Findings, Names, Places, Report, Source, Statement, compare, main, run
from kg.authoring.corroborate.report import Verdict
from kg.model import Curie, Entity, Fact
from kg.sources.everyday import NODE_COLUMNS, read_everyday
from kg.sources.tsv import write_rows
from kg.vocabulary import DISEASE, DRUG, DRUG_CLASS, HAS_PHENOTYPE, HAS_SIDE_EFFECT, PHENOTYPE, TREATS

GOUT, PAIN, TOE_PAIN = Curie("MONDO:0005393"), Curie("HP:0012531"), Curie("HP:0025130")
IBUPROFEN, NSAID = Curie("CHEBI:5855"), Curie("CHEBI:35475")
NODES = (
    Entity(GOUT, DISEASE, "gout"),
    Entity(PAIN, PHENOTYPE, "pain"),
    Entity(TOE_PAIN, PHENOTYPE, "toe pain"),
    Entity(IBUPROFEN, DRUG, "ibuprofen"),
    Entity(NSAID, DRUG_CLASS, "NSAIDs"),
)


def source(name: str, *statements: Statement, text: bool = False, citable: bool = True, follows: str = "") -> Source:
    """Return a source that says this."""

    def read(_: Names) -> Iterator[Statement]:
        return iter(statements)

    return Source(name, read, citable, follows, text)


def fact(subject: Curie, predicate: Curie, obj: Curie, negated: bool = False) -> Fact:
    return Fact(subject, predicate, obj, "everyday", {}, negated)


def found(facts: Sequence[Fact], *sources: Source) -> Findings:
    """Compare facts with sources; toe pain is a kind of pain, ibuprofen an NSAID."""
    return compare(facts, NODES, sources, {TOE_PAIN: [PAIN], IBUPROFEN: [NSAID]})


def test_support_names_each_source_once_and_two_pages() -> None:
    said = Statement((GOUT, HAS_PHENOTYPE, PAIN), "A:1")
    pages = [Statement(said.triple, f"https://example.org/{n}") for n in range(3)]
    findings = found(
        [fact(GOUT, HAS_PHENOTYPE, PAIN)], source("A", said, said._replace(identifier="A:2")), source("Pages", *pages, text=True)
    )
    assert findings.support == {said.triple: ["A:1", "https://example.org/0", "https://example.org/1"]}
    assert findings.sources == {said.triple: ["A", "Pages"]}


def test_what_is_said_of_a_kind_of_symptom_supports_the_symptom_and_not_the_reverse() -> None:
    narrow, wide = (GOUT, HAS_PHENOTYPE, TOE_PAIN), (GOUT, HAS_PHENOTYPE, PAIN)
    facts = [fact(*narrow), fact(*wide)]
    assert set(found(facts, source("A", Statement(narrow, "A:1"))).support) == {narrow, wide}
    assert set(found(facts, source("A", Statement(wide, "A:1"))).support) == {wide}


def test_a_medicine_supports_its_group_as_a_treatment_and_not_as_a_cause_of_side_effects() -> None:
    facts = [fact(NSAID, TREATS, GOUT), fact(NSAID, HAS_SIDE_EFFECT, PAIN)]
    said = source("A", Statement((IBUPROFEN, TREATS, GOUT), "A:1"), Statement((IBUPROFEN, HAS_SIDE_EFFECT, PAIN), "A:2"))
    assert set(found(facts, said).support) == {(NSAID, TREATS, GOUT)}


def test_what_stands_there_itself_is_cited_before_what_a_narrower_one_supports() -> None:
    facts = [fact(GOUT, HAS_PHENOTYPE, PAIN)]
    statements = (Statement((GOUT, HAS_PHENOTYPE, TOE_PAIN), "A:narrow"), Statement((GOUT, HAS_PHENOTYPE, PAIN), "A:itself"))
    assert found(facts, source("A", *statements)).support == {(GOUT, HAS_PHENOTYPE, PAIN): ["A:itself"]}


def test_a_source_is_not_cited_beside_the_one_it_took_a_statement_from() -> None:
    said = Statement((IBUPROFEN, TREATS, GOUT), "A:1")
    findings = found([fact(*said.triple)], source("A", said), source("B", said._replace(identifier="B:1"), follows="A"))
    assert findings.support == {said.triple: ["A:1"]}


def test_a_denial_contradicts_a_fact_and_an_affirmation_a_denied_one() -> None:
    treats = (IBUPROFEN, TREATS, GOUT)
    assert found([fact(*treats)], source("A", Statement(treats, "A:1", affirmed=False))).contradicted == {(*treats, False): "A:1"}
    denied = found([fact(*treats, negated=True)], source("A", Statement(treats, "A:1")))
    assert denied.contradicted == {(*treats, True): "A:1"}
    assert denied.support == {}


def test_a_source_that_says_both_contradicts_nothing() -> None:
    treats = (IBUPROFEN, TREATS, GOUT)
    both = source("A", Statement(treats, "A:1"), Statement(treats, "A:2", affirmed=False))
    assert found([fact(*treats)], both).contradicted == {}
    assert found([fact(*treats, negated=True)], both).contradicted == {}


def test_a_denied_fact_is_not_contradicted_by_running_text_nor_by_a_member_of_the_group() -> None:
    treats = (NSAID, TREATS, GOUT)
    assert found([fact(*treats, negated=True)], source("Pages", Statement(treats, "https://example.org"), text=True)).contradicted == {}
    assert found([fact(*treats, negated=True)], source("A", Statement((IBUPROFEN, TREATS, GOUT), "A:1"))).contradicted == {}


def test_a_source_that_may_not_be_cited_is_counted_and_supports_nothing() -> None:
    effect, other = (IBUPROFEN, HAS_SIDE_EFFECT, PAIN), (NSAID, HAS_SIDE_EFFECT, PAIN)
    facts = [fact(*effect), fact(*other)]
    findings = found(facts, source("Closed", Statement(effect, "Closed"), citable=False))
    report = Report(facts, {node.curie: node.name for node in NODES}, findings, ["Closed"])
    assert findings.support == {}
    assert report.compared() == {"Closed": (1, 1, 2)}
    assert "1 of 1 facts" in "\n".join(report.table())


@pytest.fixture
def report() -> Report:
    """A report on four facts: one supported, one silent, one contradicted, and one denied, of which no source speaks."""
    facts = [
        fact(GOUT, HAS_PHENOTYPE, PAIN),
        fact(GOUT, HAS_PHENOTYPE, TOE_PAIN),
        fact(IBUPROFEN, TREATS, GOUT),
        fact(NSAID, TREATS, GOUT, negated=True),
    ]
    findings = found(
        facts, source("A", Statement((GOUT, HAS_PHENOTYPE, PAIN), "A:1"), Statement((IBUPROFEN, TREATS, GOUT), "A:2", affirmed=False))
    )
    return Report(facts, {node.curie: node.name for node in NODES}, findings, ["A"])


def test_report_counts_by_predicate_and_gives_the_share_of_affirmed_facts(report: Report) -> None:
    assert list(report.table()) == [
        "| predicate | facts | supported | share | contradicted | A |",
        "|---|---:|---:|---:|---:|---:|",
        "| biolink:has_phenotype | 2 | 1 | 50.0% | 0 | 1 |",
        "| biolink:treats | 1 | 0 | 0.0% | 1 | 0 |",
        "| all | 3 | 1 | 33.3% | 1 | 1 |",
    ]
    assert [line.split(" | ")[0] for line in report.table(TREATS)][2:] == ["| biolink:treats", "| all"]


def test_report_lists_the_facts_of_a_verdict_with_where_it_stands(report: Report) -> None:
    assert list(report.listing(Verdict.SUPPORT)) == ["support: gout biolink:has_phenotype pain (A:1)"]
    assert list(report.listing(Verdict.SILENCE)) == ["silence: gout biolink:has_phenotype toe pain"]
    assert list(report.listing(Verdict.CONTRADICTION)) == ["contradiction: ibuprofen biolink:treats gout (A:2)"]
    assert list(report.listing(Verdict.CONTRADICTION, HAS_PHENOTYPE)) == []


def test_report_as_json_holds_the_table_and_the_facts(report: Report) -> None:
    told = json.loads(json.dumps(report.as_json(verdicts=[Verdict.CONTRADICTION])))
    assert told["predicates"]["all"] == {"facts": 3, "contradicted": 1, "supported": 1, "A": 1}
    assert told["facts"] == [
        {"subject": IBUPROFEN, "predicate": TREATS, "object": GOUT, "negated": False, "verdict": "contradiction", "where": ["A:2"]}
    ]


@pytest.fixture
def everyday(tmp_path: Path) -> Path:
    """A layer of three facts about gout."""
    directory = tmp_path / "everyday"
    rows = [(node.curie, node.category, node.name, "", "", "DOID:13189" if node.curie == GOUT else "") for node in NODES]
    write_rows(directory / "nodes.tsv", NODE_COLUMNS, rows)
    (directory / "joints.yaml").write_text("gout:\n  symptoms: [pain]\n  treated_by: [ibuprofen, NSAIDs]\n", encoding="utf-8")
    return directory


@pytest.fixture
def thesaurus(everyday: Path) -> Path:
    """A thesaurus of interactions beside the layer, which says that ibuprofen is one of the NSAIDs."""
    directory = everyday.with_name("ansm")
    write_rows(directory / "nodes.tsv", ("id", "category", "name"), [(IBUPROFEN, DRUG, "ibuprofen"), (NSAID, DRUG_CLASS, "NSAIDs")])
    write_rows(directory / "edges.tsv", ("subject", "predicate", "object"), [(IBUPROFEN, "biolink:subclass_of", NSAID)])
    return directory


@pytest.fixture
def annotations(tmp_path: Path) -> Path:
    """Annotations of HPO: gout has pain."""
    (tmp_path / "hp.obo").write_text(
        "[Term]\nid: HP:0012531\nname: Pain\n\n[Term]\nid: HP:0025130\nname: Toe ache\nis_a: HP:0012531 ! Pain\n", encoding="utf-8"
    )
    path = tmp_path / "phenotype.hpoa"
    path.write_text(
        "#version: 2025-01-16\ndatabase_id\tdisease_name\tqualifier\thpo_id\tfrequency\taspect\nOMIM:1\tGout\t\tHP:0012531\t\tP\n",
        encoding="utf-8",
    )
    return path


def test_run_tells_its_progress_and_takes_the_thesaurus_beside_the_layer(everyday: Path, thesaurus: Path, annotations: Path) -> None:
    told: list[tuple[str, int, int]] = []
    report = run(everyday, Places(hpo=annotations), progress=lambda what, done, total: told.append((what, done, total)))
    assert thesaurus.name in str(told).lower()
    assert told[-1] == ("compared", 2, 2)
    assert report.sources == ["ANSM", "HPO"]
    assert not (everyday / "support.tsv").exists()


def test_written_support_is_what_the_reader_of_the_layer_takes(everyday: Path, annotations: Path) -> None:
    run(everyday, Places(hpo=annotations), write=True)
    _, facts = read_everyday(everyday)
    supported = {fact.object: fact.qualifiers["supported_by"] for fact in facts if "supported_by" in fact.qualifiers}
    assert supported == {PAIN: "HPO:2025-01-16/OMIM:1/HP:0012531"}
    first = (everyday / "support.tsv").read_bytes()
    run(everyday, Places(hpo=annotations), write=True)
    assert (everyday / "support.tsv").read_bytes() == first


def test_support_of_a_source_that_is_not_at_hand_is_not_lost(
    everyday: Path, annotations: Path, thesaurus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(everyday, Places(hpo=annotations), write=True)
    written = (everyday / "support.tsv").read_bytes()
    assert main([str(everyday), "--write"]) == 1
    assert "support.tsv:2: not written: it cites HPO, which is not at hand" in capsys.readouterr().err
    assert (everyday / "support.tsv").read_bytes() == written


def test_command_prints_the_list_and_the_table(everyday: Path, annotations: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(everyday), "--hpo", str(annotations), "--list", "support", "--predicate", "biolink:has_phenotype"]) == 0
    out = capsys.readouterr().out
    assert "support: gout biolink:has_phenotype pain (HPO:2025-01-16/OMIM:1/HP:0012531)" in out
    assert "| all | 1 | 1 | 100.0% | 0 | 1 |" in out
    assert main([str(everyday), "--hpo", str(annotations), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["predicates"]["all"]["supported"] == 1


def test_command_names_the_file_that_is_missing_and_writes_nothing(
    everyday: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(everyday), "--data", str(tmp_path), "--write"]) == 1
    assert "indications.tsv: cannot be read" in capsys.readouterr().err
    assert not (everyday / "support.tsv").exists()


def test_shipped_layer_is_compared_with_published_data(real_data: Path, tmp_path: Path) -> None:
    layer = Path(__file__).resolve().parents[2] / "data" / "ontologies" / "everyday"
    report = run(layer, Places(data=real_data))
    assert report.rows()["all"]["supported"] > 3000
    decided = (layer / "CONTRADICTIONS.md").read_text(encoding="utf-8")
    undecided = [fact for fact in report.facts if report.verdict(fact) is Verdict.CONTRADICTION]
    assert [report.names[f.subject] for f in undecided if f"{report.names[f.subject]} treats {report.names[f.object]}" not in decided] == []
