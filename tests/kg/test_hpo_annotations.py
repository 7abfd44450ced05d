"""Tests of the reader of HPO's annotations of diseases: what its rows state, and how those of one disease and phenotype are pooled."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from kg.errors import DataError
from kg.model import Curie, Entity, Fact
from kg.sources import hpo_annotations
from kg.sources.hpo_annotations import Annotation, pool
from kg.sources.records import About, Options, Record, Skipped
from kg.vocabulary import HAS_PHENOTYPE

OPTIONS = Options("test")


def facts(records: Iterable[Record]) -> list[Fact]:
    return [record for record in records if isinstance(record, Fact)]


def entities(records: Iterable[Record]) -> dict[str, Entity]:
    return {record.curie: record for record in records if isinstance(record, Entity)}


def skipped(records: Iterable[Record]) -> Counter[str]:
    return Counter(record.reason for record in records if isinstance(record, Skipped))


HPOA = "database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex\tmodifier\taspect\tbiocuration"


def hpoa_row(term: str, **changes: str) -> str:
    row = {
        "database_id": "OMIM:100", "disease_name": "Some syndrome", "qualifier": "", "hpo_id": term, "reference": "PMID:1",
        "evidence": "PCS",
        "onset": "", "frequency": "", "sex": "", "modifier": "", "aspect": "P", "biocuration": "HPO:me[2026-01-01]",
    }  # fmt: skip
    return "\t".join({**row, **changes}.values())


def hpoa(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "phenotype.hpoa"
    path.write_text("\n".join(('#description: "a few"', "#version: 2026-02-03", HPOA, *rows)) + "\n", encoding="utf-8")
    return path


def test_hpo_pools_the_rows_of_a_pair(tmp_path: Path) -> None:
    path = hpoa(
        tmp_path,
        hpoa_row("HP:0000001", frequency="3/4", reference="PMID:1"),
        hpoa_row("HP:0000002", frequency="HP:0040281", evidence="TAS"),
        hpoa_row("HP:0000001", frequency="0/6", reference="PMID:2;PMID:1", evidence="IEA"),
        hpoa_row("HP:0000002", frequency="1/20"),
    )
    found = list(hpo_annotations.read(path, OPTIONS))
    assert found[0] == About(hpo_annotations.TITLE, "2026-02-03", hpo_annotations.LICENCE)
    first, second = facts(found)
    assert first == Fact(Curie("OMIM:100"), HAS_PHENOTYPE, Curie("HP:0000001"), "test", first.qualifiers)
    assert dict(first.qualifiers) == {
        "frequency": "common",
        "observed": "3/10",
        "evidence": "published clinical study",
        "supported_by": "PMID:1 PMID:2",
    }
    assert (second.qualifiers["frequency"], second.qualifiers["observed"]) == ("occasional", "1/20")
    assert entities(found)["OMIM:100"] == Entity(Curie("OMIM:100"), Curie("biolink:Disease"), "Some syndrome")


@pytest.mark.parametrize(
    ("frequency", "expected"),
    [
        ("HP:0040280", "very common"), ("HP:0040284", "rare"), ("80%", "very common"), ("79.6%", "common"), ("29%", "occasional"),
        ("4.9 %", "rare"), ("8/10", "very common"), ("9/9", None), ("1/21", "rare"), ("", None),
    ],
)  # fmt: skip
def test_hpo_frequencies_become_classes(tmp_path: Path, frequency: str, expected: str | None) -> None:
    (fact,) = facts(hpo_annotations.read(hpoa(tmp_path, hpoa_row("HP:0000001", frequency=frequency)), OPTIONS))
    assert fact.qualifiers.get("frequency") == expected


@pytest.mark.parametrize("changes", [{"qualifier": "NOT"}, {"frequency": "HP:0040285"}, {"frequency": "0/10"}])
def test_hpo_denials_are_negated(tmp_path: Path, changes: dict[str, str]) -> None:
    (fact,) = facts(hpo_annotations.read(hpoa(tmp_path, hpoa_row("HP:0000001", **changes)), OPTIONS))
    assert fact.negated
    assert "frequency" not in fact.qualifiers


def test_hpo_what_few_people_did_not_have_is_not_denied(tmp_path: Path) -> None:
    found = list(hpo_annotations.read(hpoa(tmp_path, hpoa_row("HP:0000001", frequency="0/9")), OPTIONS))
    assert facts(found) == []
    assert skipped(found) == {"not found in fewer than 10 people: says neither": 1}


def test_hpo_a_denial_that_another_row_contradicts_is_skipped_with_what_supports_it(tmp_path: Path) -> None:
    rows = (hpoa_row("HP:0000001", qualifier="NOT", reference="PMID:9"), hpoa_row("HP:0000001", reference="PMID:1"))
    found = list(hpo_annotations.read(hpoa(tmp_path, *rows), OPTIONS))
    (fact,) = facts(found)
    assert (fact.negated, fact.qualifiers["supported_by"]) == (False, "PMID:1")
    assert sum(skipped(found).values()) == 1


def test_hpo_a_denial_and_a_small_count_of_nobody_are_one_denial(tmp_path: Path) -> None:
    rows = (hpoa_row("HP:0000001", frequency="0/12"), hpoa_row("HP:0000001", qualifier="NOT"))
    (fact,) = facts(hpo_annotations.read(hpoa(tmp_path, *rows), OPTIONS))
    assert fact.negated


def test_hpo_sex_inheritance_and_other_aspects(tmp_path: Path) -> None:
    path = hpoa(
        tmp_path,
        hpoa_row("HP:0000001", sex="MALE"),
        hpoa_row("HP:0000002", sex="MALE"),
        hpoa_row("HP:0000002", sex="FEMALE"),
        hpoa_row("HP:0000006", aspect="I"),
        hpoa_row("HP:0003577", aspect="C"),
        hpoa_row("HP:0000003", frequency="often"),
    )
    found = list(hpo_annotations.read(path, OPTIONS))
    male, both, inherited, odd = facts(found)
    assert male.qualifiers["sex"] == "male"
    assert "sex" not in both.qualifiers
    assert inherited.predicate == "biolink:has_mode_of_inheritance"
    assert "frequency" not in odd.qualifiers
    assert len(skipped(found)) == 2


def test_hpo_a_disease_has_the_name_of_most_rows(tmp_path: Path) -> None:
    names = ("SOME SYNDROME", "Other name", "Some syndrome", "Some syndrome")
    rows = (hpoa_row(f"HP:000000{number}", disease_name=name) for number, name in enumerate(names))
    (disease,) = entities(hpo_annotations.read(hpoa(tmp_path, *rows), OPTIONS)).values()
    assert (disease.name, disease.synonyms) == ("Some syndrome", ("Other name",))


def test_hpo_pooling_under_other_subjects() -> None:
    rows = [
        Annotation(Curie("OMIM:1"), "a", HAS_PHENOTYPE, Curie("HP:1"), count=(3, 6)),
        Annotation(Curie("ORPHA:2"), "b", HAS_PHENOTYPE, Curie("HP:1"), count=(2, 4), references=("ORPHA:2",)),
        Annotation(Curie("OMIM:3"), "c", HAS_PHENOTYPE, Curie("HP:1")),
    ]
    same = {Curie("OMIM:1"): Curie("MONDO:1"), Curie("ORPHA:2"): Curie("MONDO:1")}
    assert list(pool(rows, "wide", same.get)) == [
        Fact(
            Curie("MONDO:1"),
            HAS_PHENOTYPE,
            Curie("HP:1"),
            "wide",
            {"frequency": "common", "observed": "5/10", "supported_by": "ORPHA:2"},
        )
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"aspect": "X"}, "aspect is 'X': expected one of P, I"),
        ({"evidence": "ICE"}, "evidence is 'ICE'"),
        ({"qualifier": "MAYBE"}, "qualifier is 'MAYBE': expected one of nothing, NOT"),
        ({"hpo_id": "HP:"}, "'HP:' is not a CURIE"),
        ({"disease_name": ""}, "OMIM:100 has no disease_name"),
        ({"biocuration": "a\tb"}, "13 tab-separated cells where 12 are expected"),
    ],
)
def test_hpo_rows_that_are_not_hpos_stop_the_import(tmp_path: Path, changes: dict[str, str], expected: str) -> None:
    path = hpoa(tmp_path, hpoa_row("HP:0000001"), hpoa_row("HP:0000002", **changes))
    with pytest.raises(DataError, match=f"hpoa:5: .*{expected}"):
        list(hpo_annotations.read(path, OPTIONS))


@pytest.mark.parametrize("text", ["", "#version: 1\n", "#version: 1\nname\tid\n"])
def test_hpo_files_without_its_header_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "phenotype.hpoa"
    path.write_text(text)
    with pytest.raises(DataError, match="header"):
        list(hpo_annotations.read(path, OPTIONS))


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(hpoa(tmp_path, *(hpoa_row(f"HP:{n:07}") for n in range(2000))).read_bytes())
    path = tmp_path / "phenotype.hpoa.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="cannot be read"):
        list(hpo_annotations.read(path, OPTIONS))
