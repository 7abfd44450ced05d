"""Tests of ages in a text, which a long text is not read through for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.ages import times_of_life

PAD = "The ward round was calm and nobody had much to say about it. " * 18


def found(text: str) -> list[tuple[str, str]]:
    return [(text[start:end], name) for start, end, name in times_of_life(text)]


@pytest.mark.parametrize("before", ["", " ", "(", "[", '"', "“", "\xa0", "—", "\r", "*", ">", "|", ")", "-"])
def test_an_age_stands_behind_whatever_is_no_letter(before: str) -> None:
    assert found(f"{before}aged 72, well") == [("aged 72", "older age")]
    assert found(f"man{before or ' '}aged 72, well") == [("aged 72", "older age")]


@pytest.mark.parametrize("pad", ["", PAD])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The age at onset was not clear. A man aged 70.", [("aged 70", "older age")]),
        ("Her age was given wrongly; she is now aged 72.", [("aged 72", "older age")]),
        ("Mean age of onset was unknown. A woman aged 72", [("aged 72", "older age")]),
        ("a 5 y.o. boy", [("5 y.o.", "childhood")]),
        ("old and older: a 5 year old, an 80-year-old", [("5 year old", "childhood"), ("80-year-old", "older age")]),
        ("aged 8 mg", []),
        ("a damaged 80 and a packaged 8", []),
        ("a 30 year old", []),
    ],
)
def test_a_long_text_has_the_ages_of_a_short_one(pad: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert found(pad + text) == expected
    assert found(text + " " + pad) == expected


PIECES = [
    "aged",
    "age of",
    "Age",
    "7",
    "72",
    "5",
    "year",
    "years",
    "old",
    "-year-old",
    "y.o.",
    "mg",
    "of age",
    "eighty",
    "folder",
    ".",
    ",",
    "\n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join))
def test_reading_near_marks_finds_what_reading_all_finds(text: str) -> None:
    assert found(PAD + text + " " + PAD) == found(text)


def test_many_marks_are_read_once() -> None:
    assert found("old " * 50_000) == []
