"""Tests of the question as text: what is refused, what is cleaned, what language it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import QuestionError
from qa.text import MAX_CHARACTERS, check_question, clean, is_english

ODD = "\x00\u200b\u202e\ufeff\ue000\u2028\ud800"


@given(st.text())
def test_cleaning_keeps_every_character_in_its_place(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert all(new in (old, " ") for new, old in zip(cleaned, text, strict=True))
    assert clean(cleaned) == cleaned


def test_controls_zero_width_and_direction_marks_become_spaces() -> None:
    assert clean(f"gout{ODD}?") == f"gout{' ' * len(ODD)}?"


@pytest.mark.parametrize("text", ["Crohn’s", "anæmia", "e\u0301", "حمى", "🤒 fever"])
def test_what_people_write_is_left_alone(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "the question is empty"),
        (" \t\n\u200b", "the question is empty"),
        ("12345", "holds no word"),
        ("?! 🤒 ___", "holds no word"),
        ("a" * (MAX_CHARACTERS + 1), f"has {MAX_CHARACTERS + 1} characters, expected at most {MAX_CHARACTERS}"),
    ],
)
def test_what_is_no_question_is_refused_and_says_why(text: str, expected: str) -> None:
    with pytest.raises(QuestionError, match=expected):
        check_question(text)


def test_the_longest_question_is_taken() -> None:
    assert check_question("a" * MAX_CHARACTERS) == "a" * MAX_CHARACTERS


@given(st.text(max_size=80))
def test_a_text_is_taken_or_refused_and_nothing_else(text: str) -> None:
    try:
        assert len(check_question(text)) == len(text)
    except QuestionError:
        assert not any(c.isalpha() for c in clean(text))


@pytest.mark.parametrize(
    "text",
    [
        "gout",
        "ibuprofen side effects",
        "What is it?",
        "Is Ménière’s disease serious?",
        "die of measles",
        "I have la grippe, what can I take?",
    ],
)
def test_english_and_bare_names_pass(text: str) -> None:
    assert is_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "¿Cuáles son los síntomas de la gota?",
        "Quels sont les symptômes de la goutte ?",
        "Was sind die Symptome der Gicht und wie ist die Behandlung?",
        "Quali sono i sintomi della gotta?",
        "Quais são os sintomas da gota?",
        "痛风的症状是什么？",
        "ما هي أعراض النقرس؟",
        "Каковы симптомы подагры?",
    ],
)
def test_other_languages_do_not_pass(text: str) -> None:
    assert not is_english(text)


@given(st.text())
def test_guessing_the_language_never_raises(text: str) -> None:
    assert is_english(text) in {True, False}
