"""Tests of what a text says of its mentions: there, denied, or somebody else's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.assertion import assertions, is_negated
from qa.model import Assertion, Mention


def said_of(text: str, name: str) -> Assertion:
    start = text.index(name)
    (assertion,) = assertions(text, [Mention(start, start + len(name), name, None, 1.0)])
    return assertion


@pytest.mark.parametrize(
    "text",
    [
        "no fever",
        "I do not have a fever",
        "I don't have a fever",
        "I don’t have a cough or a fever",
        "She denies any fever",
        "a cough without fever",
        "The doctor ruled out a fever",
        "I have never had a fever",
        "negative for fever",
    ],
)
def test_what_is_denied_is_negated(text: str) -> None:
    assert said_of(text, "fever") is Assertion.NEGATED


@pytest.mark.parametrize(
    "text",
    [
        "I have a fever",
        "no cough but a fever",
        "I have no cough. I have a fever",
        "no cough, however a fever",
        "I am not sure if it is a fever",
        "no change in the fever",
        "not only a fever",
        "Why does the fever not go?",
        "Isn't it a fever?",
        "Why do I not get over this fever?",
        "fever, no cough",
        "nobody knows this fever",
    ],
)
def test_what_no_negation_reaches_is_present(text: str) -> None:
    assert said_of(text, "fever") is Assertion.PRESENT


@pytest.mark.parametrize("text", ["My mother has gout", "my son's friend and gout", "Our baby may have gout", "her husband had gout"])
def test_what_a_relative_has_is_marked(text: str) -> None:
    assert said_of(text, "gout") is Assertion.FAMILY


def test_a_new_sentence_is_the_persons_own() -> None:
    assert said_of("My mother is well. I have gout", "gout") is Assertion.PRESENT


def test_what_a_relative_does_not_have_is_negated() -> None:
    assert said_of("My mother has no gout", "gout") is Assertion.NEGATED


def test_reach_bounds_a_negation_in_words() -> None:
    text = "no word of that kind or fever"
    assert is_negated(text, text.index("fever"))
    assert not is_negated(text, text.index("fever"), reach=3)


@given(st.text(max_size=80), st.integers(0, 80))
def test_any_text_is_judged_without_an_error(text: str, start: int) -> None:
    assert isinstance(assertions(text, [Mention(start, start + 1, "x", None, 1.0)])[0], Assertion)


def test_a_negation_far_before_a_mention_does_not_reach_it() -> None:
    far, near = "no cough and " + "then fever and " * 60, "no cough and " + "then fever and " * 3
    assert not is_negated(far, len(far)) and is_negated(near, len(near))


def test_the_window_begins_at_a_whole_word() -> None:
    for shift in range(520):  # wherever the window begins within "know", its end is not read as a word
        text = "I know " + "x" * shift
        assert not is_negated(text, len(text))
