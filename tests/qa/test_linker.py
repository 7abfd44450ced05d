"""Tests of the linker: which words of a text name what, and that their characters are those of the original."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.graph import SnapshotGraph
from qa.linker import NameLinker
from qa.model import Assertion, Mention

GOUT, IBUPROFEN, KNEE_PAIN = "MONDO:0005393", "CHEBI:5855", "HP:0030839"

PIECES = st.sampled_from(
    [
        "gout", "joint", "pain", "Ibuprofen", "ibuprofin", "the", "flu", "anæmia", "MI", "no", "my", "knee", "hurts", "pepticulcer",
        "zorblaxin", " ", "\n", "\x00", "\u200b", "\u202e", "\u0301", "🤒", "👩🏽‍⚕️", "ﬁ", "ß", "İ", "’s", "-", ".", ",", "حمى", "e\u0301",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=15).map(" ".join), st.lists(PIECES, max_size=15).map("".join))


def named(linker: NameLinker, text: str) -> list[tuple[str, str | None]]:
    """Return each mention's text with the name of its entity."""
    return [(m.text, m.entity.name if m.entity else None) for m in linker.link(text)]


def only(linker: NameLinker, text: str) -> Mention:
    (mention,) = linker.link(text)
    return mention


@given(text=TEXTS)
def test_offsets_are_true_to_the_original(linker: NameLinker, text: str) -> None:
    mentions = linker.link(text)
    assert all(text[m.start : m.end] == m.text != "" for m in mentions)
    assert all(before.end <= after.start for before, after in pairwise(mentions))


@pytest.mark.parametrize("before", ["🤒 ", "\x00\u200b", "حمى ", "cafe\u0301 ", "\u202e", "ﬁﬁ ", "İİİ "])
def test_odd_characters_before_a_name_move_nothing(linker: NameLinker, before: str) -> None:
    text = f"{before}gout?"
    mention = linker.link(text)[-1]
    assert (mention.start, mention.end, mention.text) == (len(before), len(before) + 4, "gout")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gouty arthritis", [("gouty arthritis", "gout")]),
        ("a skin rash and a rash", [("skin rash", "skin rash"), ("rash", "skin rash")]),
        ("stomach ulcer, peptic ulcer", [("stomach ulcer", "peptic ulcer"), ("peptic ulcer", "peptic ulcer")]),
        ("heart attack and heartburn", [("heart attack", "heart attack"), ("heartburn", "heartburn")]),
        ("non-steroidal anti-inflammatory drugs", [("non-steroidal anti-inflammatory drugs", "NSAID")]),
    ],
)
def test_the_longest_name_wins(linker: NameLinker, text: str, expected: list[tuple[str, str]]) -> None:
    assert named(linker, text) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("anaemia", "anaemia"),
        ("Anemia", "anaemia"),
        ("hemorrhages", "bleeding"),
        ("haemorrhage's", "bleeding"),
        ("GOUT’S", "gout"),
        ("peptic-ulcers", "peptic ulcer"),
        ("headaches", "headache"),
        ("rashes", "skin rash"),
        ("NSAIDs", "NSAID"),
        ("Advil", "ibuprofen"),
    ],
)
def test_spelling_number_case_and_possessive_do_not_matter(linker: NameLinker, text: str, name: str) -> None:
    assert named(linker, f"What about {text}?") == [(text, name)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ibuprofin", "ibuprofen"),
        ("iboprofen", "ibuprofen"),
        ("warferin", "warfarin"),
        ("parasetamol", "paracetamol"),
        ("amoxicilin", "amoxicillin"),
        ("tonsilitis", "tonsillitis"),
        ("influensa", "flu"),
        ("peptik ulser", "peptic ulcer"),
    ],
)
def test_misspellings_are_forgiven_and_score_less(linker: NameLinker, text: str, name: str) -> None:
    mention = only(linker, f"tell me about {text}")
    assert mention.entity is not None
    assert (mention.entity.name, mention.text) == (name, text)
    assert mention.score < only(linker, "high temperature").score < only(linker, "fever").score == 1.0


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("heart burn", "heartburn"),
        ("head aches", "headache"),
        ("Ibu profen", "ibuprofen"),
        ("jointpain", "joint pain"),
        ("pepticulcers", "peptic ulcer"),
        ("heart-attack", "heart attack"),
    ],
)
def test_split_and_joined_words_are_put_right(linker: NameLinker, text: str, name: str) -> None:
    assert named(linker, f"what is {text}") == [(text, name)]


@pytest.mark.parametrize("text", ["pain in my knee", "pain in the knee", "knee pain"])
def test_turned_names_of_pains_are_understood(linker: NameLinker, text: str) -> None:
    mention = only(linker, f"I have {text}")
    assert (mention.text, mention.entity and mention.entity.curie) == (text, KNEE_PAIN)


@pytest.mark.parametrize("word", ["zorblaxin", "Xyloquintab", "phlogistitis"])
def test_an_unknown_medical_looking_word_is_reported(linker: NameLinker, word: str) -> None:
    mentions = linker.link(f"Can I take {word} with warfarin?")
    assert [(m.text, m.entity and m.entity.name, m.score) for m in mentions] == [(word, None, 0.0), ("warfarin", "warfarin", 1.0)]


@pytest.mark.parametrize(
    "text",
    [
        "it was never like this, you should have told me",
        "what is the capital of France and what is the weather tomorrow?",
        "fewer levers, as a favour to my father",  # none of them is a fever
        "is it contagious, is it contraindicated, was I vaccinated?",
        "an apple for the woman with the big house",
        "untreated, treating and treated",
    ],
)
def test_ordinary_english_is_not_bent_into_names(linker: NameLinker, text: str) -> None:
    assert linker.link(text) == []


@pytest.mark.parametrize(("text", "expected"), [("MI", "heart attack"), ("mi", None), ("Mi", None)])
def test_an_abbreviation_that_is_a_word_elsewhere_needs_capitals(linker: NameLinker, text: str, expected: str | None) -> None:
    assert named(linker, f"signs of {text}") == ([(text, expected)] if expected else [])


def test_a_name_of_several_things_means_the_one_that_the_graph_says_most_about(linker: NameLinker) -> None:
    assert named(linker, "the bug") == [("the bug", "flu")]


def test_what_the_text_denies_or_says_of_others_is_marked(linker: NameLinker) -> None:
    mentions = linker.link("I have a fever but no cough. My mother has gout.")
    assert [(m.text, m.assertion) for m in mentions] == [
        ("fever", Assertion.PRESENT),
        ("cough", Assertion.NEGATED),
        ("gout", Assertion.FAMILY),
    ]


def test_a_mention_as_json_has_the_keys_of_the_contract(linker: NameLinker) -> None:
    assert only(linker, "podagra").as_dict() == {
        "start": 0,
        "end": 7,
        "text": "podagra",
        "entity": GOUT,
        "name": "gout",
        "category": "biolink:Disease",
        "score": 0.95,
        "xrefs": ["DOID:13189", "ICD10CM:M10"],
        "assertion": "present",
    }
    unknown = only(linker, "zorblaxin").as_dict()
    assert (unknown["entity"], unknown["name"], unknown["category"], unknown["xrefs"]) == (None, None, None, [])


@pytest.mark.parametrize("text", ["", " ", "?", "the", "🤒"])
def test_a_text_without_names_has_no_mentions(linker: NameLinker, text: str) -> None:
    assert linker.link(text) == []


def test_a_long_text_is_linked_to_its_end(linker: NameLinker) -> None:
    text = "I had gout and took ibuprofen. " * 60
    assert {m.entity.curie for m in linker.link(text) if m.entity} == {GOUT, IBUPROFEN}
    assert len(linker.link(text)) == 120


@pytest.mark.parametrize(
    "text",
    ["Can I use ibuprofen gel?", "as a rule", "what can I use for it", "I hit my head", "a dress for the party", "go to bed"],
)
def test_everyday_words_make_no_abbreviation(linker: NameLinker, text: str) -> None:
    assert {m.entity.name for m in linker.link(text) if m.entity} <= {"ibuprofen"}


def test_a_misspelt_everyday_word_is_not_bent_to_a_name(linker: NameLinker) -> None:
    assert [m.text for m in linker.link("waht are the symtoms of gout")] == ["gout"]


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("my 5 year old", "5 year old"),
        ("a 6-week-old", "6-week-old"),
        ("an 80 yr old man", "80 yr old"),
        ("a 30 year old man", None),
        ("a 5 year plan", None),
    ],
)
def test_an_age_in_numbers_is_a_time_of_life(tiny_graph: SnapshotGraph, text: str, age: str | None) -> None:
    class Ages:
        """A graph that knows every time of life under one entity."""

        def __getattr__(self, name: str) -> object:
            return getattr(tiny_graph, name)

        def named(self, name: str) -> object:
            return tiny_graph.named("pregnancy" if name in {"infancy", "childhood", "teenage years", "older age"} else name)

    found = NameLinker(Ages(), frozenset()).link(text)  # type: ignore[arg-type]
    assert [m.text for m in found if m.entity] == ([age] if age else [])
