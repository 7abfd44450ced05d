"""Tests of the automaton of names."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.surface import LONGEST_NAME, Standing, SurfaceNames

NAMES = ["gout", "gouty arthritis", "peptic ulcer", "ulcer", "the runs", "a" * (LONGEST_NAME + 1)]
WORDS = st.lists(st.sampled_from("gout gouty arthritis peptic ulcer the runs a ulcers".split()), max_size=8)


@pytest.fixture(scope="module")
def surface() -> SurfaceNames:
    return SurfaceNames.of(NAMES, ["gout", "peptic ulcer"])


def test_every_name_is_found_also_one_inside_another(surface: SurfaceNames) -> None:
    assert list(surface.within("a peptic ulcer".split())) == [Standing(1, 3, "peptic ulcer"), Standing(2, 3, "ulcer")]


def test_a_name_ends_where_a_word_does(surface: SurfaceNames) -> None:
    assert list(surface.within(["gouty", "ulcerous"])) == []


@given(words=WORDS)
def test_what_is_found_is_what_stands_there(surface: SurfaceNames, words: list[str]) -> None:
    spans = ((first, last) for first in range(len(words)) for last in range(first + 1, len(words) + 1))
    expected = [Standing(first, last, name) for first, last in spans if (name := " ".join(words[first:last])) in NAMES]
    assert list(surface.within(words)) == expected


def test_words_and_curated_names_are_told_apart(surface: SurfaceNames) -> None:
    assert [surface.is_curated(name) for name in ("gout", "ulcer")] == [True, False]
    assert [surface.has_word(word) for word in ("arthritis", "peptic", "cough")] == [True, True, False]
    assert [surface.has_curated_word(word) for word in ("arthritis", "peptic")] == [False, True]
    assert surface.curated_words("p") == ["peptic"]


def test_what_is_saved_is_what_is_opened(surface: SurfaceNames, tmp_path: Path) -> None:
    surface.save(tmp_path)
    opened = SurfaceNames.open(tmp_path)
    assert len(opened) == len(NAMES) and "the runs" in opened
    assert list(opened.curated()) == list(surface.curated())
    assert list(opened.within(["ulcer"])) == [Standing(0, 1, "ulcer")]


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        SurfaceNames.open(tmp_path)
