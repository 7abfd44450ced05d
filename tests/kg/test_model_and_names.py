"""Tests of identifiers, facts and the folding of names."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.errors import CurieError, DataError
from kg.identifiers import PREFIXES, check_known, curie, iri
from kg.model import Curie, Direction, Fact
from kg.names import fold, key, words


@pytest.mark.parametrize("text", ["", "gout", "MONDO:", ":1", "http://example.org/x", "MONDO:1 2", "MONDO:a|b", "MONDO:<x>", "MONDO:\t1"])
def test_what_is_no_curie_is_refused(text: str) -> None:
    with pytest.raises(CurieError, match="is not a CURIE"):
        Curie(text)


def test_every_prefix_goes_to_an_iri_and_back() -> None:
    for prefix in PREFIXES:
        assert curie(iri(f"{prefix}:1")) == f"{prefix}:1"


def test_an_unknown_prefix_is_refused_where_people_write_and_has_an_iri_all_the_same() -> None:
    with pytest.raises(CurieError, match="prefix that is not known"):
        check_known("NOWHERE:1")
    assert curie(iri("NOWHERE:1")) == "NOWHERE:1"


@pytest.mark.parametrize("text", ["http://example.org/a:b#c", "urn:isbn:1", "https://bioregistry.io/not a curie"])
def test_an_iri_without_a_prefix_is_kept_whole(text: str) -> None:
    if " " in text:
        with pytest.raises(CurieError):
            curie(text)
    else:
        assert curie(text) == f"iri:{text}"
        assert iri(curie(text)) == text


def test_the_far_end_depends_on_the_direction() -> None:
    fact = Fact(Curie("CHEBI:5855"), Curie("biolink:treats"), Curie("HP:0001945"), "example", {"line": "first"})
    assert (fact.end(Direction.OUT), fact.end(Direction.IN)) == ("HP:0001945", "CHEBI:5855")
    assert fact in {fact}
    assert Direction.OUT.other is Direction.IN


def test_a_data_error_crosses_processes_whole() -> None:
    error = pickle.loads(pickle.dumps(DataError(Path("a.tsv"), 3, "wrong")))
    assert (str(error), error.line) == ("a.tsv:3: wrong", 3)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Headaches", "headache"),
        ("rashes", "rash"),
        ("viruses", "virus"),
        ("hernias", "hernia"),
        ("diagnoses", "diagnosis"),
        ("abscesses", "abscess"),
        ("mosquitoes", "mosquito"),
        ("allergies", "allergy"),
        ("Anaemias", "anemia"),
        ("oedema", "edema"),
        ("tumours", "tumor"),
        ("Crohn’s", "crohn"),
        ("Me\u0301nie\u0300re's disease", "Meniere disease"),
        ("high blood-pressure", "High  Blood Pressure"),
    ],
)
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(("one", "other"), [("gout", "goat"), ("arthritis", "arthrosis"), ("virus", "viral")])
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert key(one) != key(other)


@given(st.text())
@example("aaeeisations phphise")
@example("½ ﹰﷺ İ ŉ")
def test_offsets_point_at_the_words(text: str) -> None:
    end = 0
    for word, first, last in words(text):
        assert end <= first < last <= len(text)
        assert word == fold(text[first:last]) != ""
        end = last


@given(st.text(min_size=1) | st.from_regex(r"\A(ae|oe|our|ph|isation|ses|sis|che|use|tre|ies|s){1,6}\Z"))
def test_folding_twice_changes_nothing(word: str) -> None:
    assert fold(fold(word)) == fold(word)
