"""Tests of the hand-written form: what it reads, and that every mistake is named with its file and line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from kg.build import GraphData
from kg.errors import DataError
from kg.sources.everyday import read_everyday

HEADER = "id\tcategory\tname\tsynonym\tdescription\txref"


@pytest.fixture
def copy(tiny_directory: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_directory, tmp_path / "tiny"))


def test_facts_carry_their_qualifiers_and_how_they_are_known(tiny_data: GraphData) -> None:
    by_key = {fact.key: fact for fact in tiny_data.facts}
    fever = by_key["MONDO:0005812", "biolink:has_phenotype", "HP:0001945", False]
    assert dict(fever.qualifiers) == {"frequency": "very common", "evidence": "general knowledge"}
    supported = by_key["CHEBI:5855", "biolink:treats", "HP:0001945", False]
    assert supported.qualifiers["supported_by"] == "https://example.org/ibuprofen https://example.org/fever"
    assert ("medkg:antibiotics", "biolink:treats", "MONDO:0005812", True) in by_key


@pytest.mark.parametrize("files", [("a", "b"), ("b", "a")])
def test_where_two_files_differ_the_more_cautious_statement_wins(copy: Path, files: tuple[str, str]) -> None:
    (copy / f"{files[0]}.yaml").write_text(
        "colchicine:\n  treats:\n    - fever: {line: first}\n  interacts_with:\n    - warfarin: {severity: minor, effect: little}\n"
    )
    (copy / f"{files[1]}.yaml").write_text(
        "colchicine:\n  treats:\n    - fever: {line: other}\n  interacts_with:\n    - warfarin: {severity: major, effect: much}\n"
    )
    facts = {(f.predicate, f.object): f.qualifiers for f in read_everyday(copy)[1] if "CHEBI:23359" in (f.subject, f.object)}
    (interaction,) = (q for (predicate, _), q in facts.items() if predicate == "biolink:interacts_with")
    assert (interaction["severity"], interaction["effect"]) == ("major", "much")
    assert facts["biolink:treats", "HP:0001945"]["line"] == "other"


def test_a_symmetric_fact_stated_twice_is_one(tiny_data: GraphData) -> None:
    pair = {"CHEBI:5855", "CHEBI:10033"}
    (fact,) = (f for f in tiny_data.facts if {f.subject, f.object} == pair)
    assert fact.qualifiers["severity"] == "major"


@pytest.mark.parametrize(
    ("nodes", "line", "expected"),
    [
        ("id\tcategory\tname\n", 1, "header lacks synonym, description, xref"),
        (f"{HEADER}\nHP:1\tbiolink:Disease\tflu\n", 2, "3 tab-separated cells where the header has 6"),
        (f"{HEADER}\nHP:1\tbiolink:Disease\ta\t\t\t\nHP:1\tbiolink:Disease\tb\t\t\t\n", 3, "HP:1 stands twice: 'a' and 'b'"),
        (f"{HEADER}\nflu\tbiolink:Disease\tflu\t\t\t\n", 2, "'flu' is not a CURIE"),
        (f"{HEADER}\nXX:1\tbiolink:Disease\tflu\t\t\t\n", 2, "'XX:1' has a prefix that is not known"),
        (f"{HEADER}\nHP:1\tbiolink:Disease\tflu\t\t\tDOID\n", 2, "'DOID' is not a CURIE"),
        (f"{HEADER}\nHP:1\tbiolink:Illness\tflu\t\t\t\n", 2, "unknown category biolink:Illness: expected one of biolink:Disease"),
        (f"{HEADER}\nHP:1\tbiolink:Disease\t--\t\t\t\n", 2, "has no name"),
        (f"{HEADER}\nHP:1\tbiolink:Disease\tgrippe aigu\udce9\t\t\t\n", 2, "not UTF-8 text: byte 0xe9"),
    ],
)
def test_mistakes_in_nodes_are_named(copy: Path, nodes: str, line: int, expected: str) -> None:
    path = copy / "nodes.tsv"
    path.write_bytes(nodes.encode(errors="surrogateescape"))
    with pytest.raises(DataError, match=re.escape(expected)) as caught:
        read_everyday(copy)
    assert (caught.value.path, caught.value.line) == (path, line)


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("gout:\n  symptoms:\n    - toothache", 3, "no node of nodes.tsv is named 'toothache'"),
        ("the bug:\n  symptoms:\n    - fever", 1, "'the bug' is ambiguous: MONDO:0005812 (flu), MONDO:0004619 (measles)"),
        ("gout:\n  signs:\n    - fever", 2, "unknown relation 'signs': expected one of is_a, symptoms"),
        ("gout:\n  symptoms:\n    - cough: {frequency: daily}", 3, "frequency is 'daily', expected one of common"),
        ("gout:\n  symptoms:\n    - cough: {often: daily}", 3, "unknown qualifier 'often': expected one of frequency"),
        ("gout:\n  symptoms:\n    - cough: {purpose: [a]}", 3, "expected a word or words"),
        ("gout:\n  symptoms:\n    - ibuprofen", 3, "'ibuprofen' is a biolink:Drug, expected biolink:PhenotypicFeature"),
        ("gout:\n  is_a:\n    - podagra", 3, "'gout' is related to itself"),
        ("gout:\n  not_treated_by:\n    - colchicine", 3, "is both affirmed and denied"),
        ("gout:\n  symptoms: fever", 2, "expected a list of names"),
        ("gout:\n  symptoms:\n    - fever: {}\n      cough: {}", 3, "expected one name with its qualifiers"),
        ("gout:\n  symptoms:\n    -", 3, "expected a word or words"),
        ("? [a]\n: b", 1, "expected a word or words"),
        ("- gout", 1, "expected entries"),
        ("gout: {}\ngout: {}", 2, "'gout' stands twice"),
        ("gout:\n  symptoms: [fever", 3, "not YAML"),
        ("gout: \x01", None, "not YAML"),
        ("gout:\n  symptoms:\n    - fi\udce8vre", 3, "not UTF-8 text: byte 0xe8"),
    ],
)
def test_mistakes_in_facts_are_named(copy: Path, text: str, line: int | None, expected: str) -> None:
    path = copy / "more.yaml"
    path.write_bytes(text.encode(errors="surrogateescape") + b"\n")
    with pytest.raises(DataError, match=re.escape(expected)) as caught:
        read_everyday(copy)
    assert caught.value.path == path
    assert line is None or caught.value.line in {line, line + 1}


def test_support_of_a_fact_that_nobody_states_is_named(copy: Path) -> None:
    with (copy / "support.tsv").open("a") as handle:
        handle.write("CHEBI:5855\tbiolink:treats\tMONDO:0004619\thttps://example.org\n")
    with pytest.raises(DataError, match=r"support\.tsv:3: supports a fact that no YAML file states"):
        read_everyday(copy)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nodes\.tsv: cannot be read: No such file"):
        read_everyday(tmp_path)


def test_what_editors_leave_behind_is_not_read(copy: Path, tiny_data: GraphData) -> None:
    for name in ("conditions.yaml~", ".#conditions.yaml", ".DS_Store"):
        (copy / name).write_bytes(b"\xff: [")
    assert read_everyday(copy)[1] == tiny_data.facts
