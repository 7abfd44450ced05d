"""Tests of the reader of SSSOM mappings."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest

from kg.errors import DataError
from kg.model import Curie
from kg.sources.records import About, Mapping, Options, Record, Skipped
from kg.sources.sssom import read

METADATA = """#mapping_set_id: https://example.org/mappings
#mapping_set_title: A few mappings
#mapping_set_version: 2026-13-02
#license: https://creativecommons.org/publicdomain/zero/1.0/
#curie_map:
#  MONDO: http://purl.obolibrary.org/obo/MONDO_
#  DO: http://purl.obolibrary.org/obo/DOID_
#  UMLS: http://example.org/umls/
#  EX: http://example.org/x#
"""
HEADER = "subject_id\tsubject_label\tpredicate_id\tobject_id\tmapping_justification\tpredicate_modifier\n"


def row(predicate: str, obj: str, subject: str = "MONDO:0005393", modifier: str = "") -> str:
    return f'{subject}\t"gout, a disease"\t{predicate}\t{obj}\tsemapv:ManualMappingCuration\t{modifier}\n'


def records(tmp_path: Path, text: str) -> list[Record]:
    path = tmp_path / "a.sssom.tsv"
    path.write_text(text, encoding="utf-8")
    return list(read(path, Options("test")))


def test_metadata_says_what_the_set_is(tmp_path: Path) -> None:
    (about,) = records(tmp_path, METADATA + HEADER)
    assert about == About("A few mappings", "2026-13-02", "https://creativecommons.org/publicdomain/zero/1.0/")


@pytest.mark.parametrize(
    ("predicate", "obj", "expected"),
    [
        ("skos:exactMatch", "DO:13189", ("skos:exactMatch", "DOID:13189")),
        ("skos:broadMatch", "UMLS:C0018099", ("skos:broadMatch", "UMLS:C0018099")),
        ("semapv:crossSpeciesExactMatch", "EX:gout", ("semapv:crossSpeciesExactMatch", "iri:http://example.org/x#gout")),
    ],
)
def test_identifiers_are_those_of_the_curie_map(tmp_path: Path, predicate: str, obj: str, expected: tuple[str, str]) -> None:
    _, mapping = records(tmp_path, METADATA + HEADER + row(predicate, obj))
    assert mapping == Mapping(Curie("MONDO:0005393"), Curie(expected[0]), Curie(expected[1]))


def test_a_file_without_metadata_is_read_with_the_projects_prefixes(tmp_path: Path) -> None:
    _, mapping = records(tmp_path, HEADER + row("skos:exactMatch", "DOID:13189"))
    assert mapping == Mapping(Curie("MONDO:0005393"), Curie("skos:exactMatch"), Curie("DOID:13189"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (row("skos:exactMatch", "DO:1", modifier="Not"), "stated to be false"),
        (row("skos:exactMatch", "sssom:NoTermFound"), "nothing was found"),
        (row("skos:exactMatch", "YY:1"), "prefix the curie_map lacks"),
        (row("skos:exactMatch", "gout"), "no CURIE"),
        (row("skos:exactMatch", "DO:1", subject=""), "no identifier"),
    ],
)
def test_mappings_that_are_not_taken_say_why(tmp_path: Path, line: str, reason: str) -> None:
    _, skipped = records(tmp_path, METADATA + HEADER + line)
    assert isinstance(skipped, Skipped)
    assert reason in skipped.reason
    assert skipped.line == 11


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", r"tsv: holds no table"),
        (METADATA, r"tsv: holds no table"),
        ("#a: [\n" + HEADER, r"tsv:\d: the metadata in # comments is no YAML"),
        ("#a: " + "[" * 5000 + "\n" + HEADER, r"tsv: the metadata in # comments is no YAML"),
        ("#just words\n" + HEADER, r"tsv:1: the metadata in # comments is no YAML mapping"),
        ("#curie_map: [MONDO]\n" + HEADER, r"tsv: the curie_map of the metadata is no mapping"),
        (METADATA + "subject_id\tobject_id\n", r"tsv:10: the header lacks predicate_id, mapping_justification"),
        (METADATA + HEADER + row("skos:exactMatch", "DO:1") + "MONDO:1\tgout\n", r"tsv:12: 2 cells where the header has 6"),
        (METADATA + HEADER + row("skos:exactMatch", "DO:1").replace('disease"', "disease"), r"tsv:\d+: .*quotation mark"),
    ],
)
def test_what_is_no_sssom_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        records(tmp_path, text)


def test_a_compressed_file_is_read_like_a_plain_one(tmp_path: Path) -> None:
    path = tmp_path / "a.sssom.tsv.xz"
    path.write_bytes(lzma.compress((METADATA + HEADER + row("skos:exactMatch", "DO:1")).encode()))
    assert len(list(read(path, Options("test")))) == 2
