"""Tests of what a text is before it is linked: its visible characters, its blocks, its words and its own abbreviations."""

from __future__ import annotations

from itertools import pairwise

import pytest
from fakes import ENGLISH
from hypothesis import given
from hypothesis import strategies as st

from kg.names import key
from kg.surface import SurfaceNames
from qa.linking.abbreviations import definitions
from qa.linking.markup import visible
from qa.linking.reading import Reading, blocks, read
from qa.linking.spelling import Speller

NAMES = [key(name) for name in ("gout", "dyspnoea", "joint pain", "peptic ulcer", "ibuprofen", "Sjögren syndrome", "Ménière disease")]
SPELLER = Speller(SurfaceNames.of(NAMES, NAMES), ENGLISH)
PAD = "\u200b"

MARKUP = st.lists(
    st.sampled_from(
        [
            "<", ">", "&", ";", "/", "<b>", "</b>", "<p>", "<p class='a'>", "<br/>", "<script>", "</script>", "<!--", "-->", "<style>",
            "&eacute;", "&amp;", "&#233;", "&#x1F912;", "&#0;", "&#x110000;", "&nbsp;", "&lt;", "&notanentity;", "a < b", "<!DOCTYPE html>",
            "gout", " ", "\n", "\x00", "\u0301", "🤒", "حمى",
        ]
    )
).map("".join)  # fmt: skip


def shown(text: str) -> str:
    """Return what a reader sees of a text, without the padding."""
    return visible(text).replace(PAD, "")


def reading(text: str) -> Reading:
    return read(text, visible(text), 0, len(text), SPELLER)


def word_pairs(text: str) -> list[tuple[str, str]]:
    """Return each word as it is written with its key."""
    found = reading(text)
    return [(found.written(number, number + 1), folded) for number, folded in enumerate(found.keys)]


def abbreviated(text: str) -> list[tuple[str, str]]:
    return [(d.short, text[d.start : d.end]) for d in definitions(text)]


@given(text=st.one_of(MARKUP, st.text(max_size=80)))
def test_markup_moves_no_character(text: str) -> None:
    assert len(visible(text)) == len(text)


@given(text=st.text(st.characters(exclude_characters="<&"), max_size=80))
def test_a_text_without_markup_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>dys</b>pnoea", "dyspnoea"),
        ("<SPAN class='x'>dys</SPAN>pnoea", "dyspnoea"),
        ("gout<br/>flu", "gout     flu"),
        ("<p>gout</p>", "   gout    "),
        ('<a href="x">gout</a>', "gout"),
        ("gout<!-- no -->flu", "gout           flu"),
        ("<!DOCTYPE html>gout", " " * 15 + "gout"),
        ("Sj&ouml;gren", "Sjögren"),
        ("Sj&#246;gren", "Sjögren"),
        ("Sj&#xF6;gren", "Sjögren"),
        ("gout &amp; flu", "gout & flu"),
        ("gout&nbsp;flu", "gout\xa0flu"),
        ("<script>var gout;</script>", " " * 26),
        ("<STYLE>\n.gout {}\n</STYLE >flu", " " * 26 + "flu"),
        ("<!-- <script> -->gout<script>x</script>", " " * 17 + "gout" + " " * 18),
        ("<script>'<!--'</script>gout<!-- x -->", " " * 23 + "gout" + " " * 10),
        ("<style>gout<script>flu</script>", "       gout" + " " * 20),
    ],
)
def test_what_is_seen_is_what_a_page_shows(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a < b and c > d",
        "if x<5 then",
        "pH <7.35",
        "1 <2> 3",
        "<",
        "<>",
        "<b",
        "gout <b and so on",
        "&",
        "R&D",
        "fish & chips;",
        "&nosuchentity;",
        "&eacute without an end",
        "<!-- never closed",
        "<1>",
    ],
)
def test_what_only_looks_like_markup_is_left(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize("text", ["<script>gout", "<script>gout</script", "<style>gout"])
def test_what_an_unclosed_script_holds_is_text(text: str) -> None:
    assert "gout" in visible(text)


@pytest.mark.parametrize("unit", ["<script>", "<!--", "<style ", "<a ", "<b", "&a", "&#", "</", "<script></script"])
def test_unclosed_markup_without_end_is_read_to_its_end(unit: str) -> None:
    text = unit * (50_000 // len(unit))
    assert len(visible(text)) == len(text)


@pytest.mark.parametrize("text", ["", "a cough", "word " * 10_000, "line\n" * 10_000, "A sentence. " * 5_000, "x" * 70_000, "\n" * 50_000])
def test_blocks_are_together_the_text(text: str) -> None:
    found = list(blocks(text))
    assert "".join(text[begin:end] for begin, end in found) == text
    assert all(begin < end <= begin + 20_000 for begin, end in found)


@pytest.mark.parametrize(
    ("unit", "last"), [("word ", " "), ("many words\n", "\n"), ("A sentence ends. ", "."), ("one line. another\n", "\n")]
)
def test_blocks_are_cut_where_no_name_is_cut(unit: str, last: str) -> None:
    text = unit * 10_000
    found = list(blocks(text))
    assert len(found) > 1
    assert all(text[end - 1] == last for _, end in found[:-1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dys\u00adpnoea", [("dys\u00adpnoea", "dyspnea")]),
        ("go\u200but", [("go\u200but", "gout")]),
        ("go\u2060u\ufefft", [("go\u2060u\ufefft", "gout")]),
        ("Me\u0301nie\u0300re", [("Me\u0301nie\u0300re", "meniere")]),
        ("MÉNIÈRE", [("MÉNIÈRE", "meniere")]),
        ("حمى gout", [("حمى", "حمى"), ("gout", "gout")]),
        ("\u202egout\u202c", [("gout\u202c", "gout")]),
        ("<b>dys</b>pnoea", [("dys</b>pnoea", "dyspnea")]),
        ("<i>gout</i>", [("gout</i>", "gout")]),
        ("Sj&ouml;gren’s", [("Sj&ouml;gren’s", "sjogren")]),
        ("gout\x00ibuprofen", [("gout", "gout"), ("ibuprofen", "ibuprofen")]),
        ("🤒gout🤒", [("gout", "gout")]),
        ("", []),
        ("\u0301\u200b", []),
    ],
)
def test_words_are_read_with_all_their_characters(text: str, expected: list[tuple[str, str]]) -> None:
    assert word_pairs(text) == expected


def test_a_misspelt_word_is_read_as_what_it_stands_for_and_remembered_as_written() -> None:
    found = reading("the ibuprofin helps")
    assert found.keys[1] == "ibuprofen"
    assert found.folded == {1: "ibuprofin"}
    assert found.written(1, 2) == "ibuprofin"
    assert not found.is_exact(0, 2)
    assert found.is_exact(2, 3)


def test_a_word_that_was_two_is_two_with_the_characters_of_both() -> None:
    found = reading("a pepticulcer")
    assert found.keys == ["a", "peptic", "ulcer"]
    assert [found.written(number, number + 1) for number in (1, 2)] == ["pepticulcer"] * 2
    assert found.written(1, 3) == "pepticulcer"


@given(text=st.one_of(MARKUP, st.text(max_size=80)))
def test_words_stand_in_order_and_where_they_are_said_to(text: str) -> None:
    found = reading(text)
    spans = list(dict.fromkeys(zip(found.starts, found.ends, strict=True)))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before <= start for (_, before), (start, _) in pairwise(spans))


def test_a_block_is_read_with_its_place_in_the_whole_text() -> None:
    text = "gout and ibuprofen"
    found = read(text, text, 9, len(text), SPELLER)
    assert (found.keys, found.starts, found.ends) == (["ibuprofen"], [9], [18])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("restless legs syndrome (RLS)", [("RLS", "restless legs syndrome")]),
        ("RLS (restless legs syndrome)", [("RLS", "restless legs syndrome")]),
        ("has chronic obstructive pulmonary disease (COPD) and", [("COPD", "chronic obstructive pulmonary disease")]),
        ("urinary tract infections (UTIs)", [("UTIs", "urinary tract infections")]),
        ("mitral stenosis (MS; severe)", [("MS", "mitral stenosis")]),
        ("mitral stenosis (MS, severe)", [("MS", "mitral stenosis")]),
        ("heparin-induced thrombocytopenia (HIT)", [("HIT", "heparin-induced thrombocytopenia")]),
        ("a peptic (stomach) ulcer (PU)", [("PU", "peptic (stomach) ulcer")]),
        ("((mitral stenosis (MS)))", [("MS", "mitral stenosis")]),
        ("mitral stenosis (MS), aortic stenosis (AS)", [("MS", "mitral stenosis"), ("AS", "aortic stenosis")]),
        ("mitral stenosis\n(MS)", [("MS", "mitral stenosis")]),
    ],
)
def test_an_abbreviation_is_found_on_either_side_of_its_bracket(text: str, expected: list[tuple[str, str]]) -> None:
    assert abbreviated(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "gout (see above)",
        "gout (RLS)",
        "restless legs syndrome (2)",
        "restless legs syndrome (rls)",  # small letters: a remark, not an abbreviation
        "(RLS)",
        "RLS (RLS)",
        "the RLS (RLS)",
        "gout ()",
        "gout (G)",
        "IV (see the next page)",
        "pain (Fig. 2) and fever (Table 3)",
        "mitral stenosis (M\nS)",
        "mitral stenosis (MS",
        "mitral stenosis MS)",
    ],
)
def test_a_remark_in_brackets_is_no_abbreviation(text: str) -> None:
    assert abbreviated(text) == []


@given(text=st.lists(st.sampled_from(["(", ")", "RLS", "restless", " ", "legs", "syndrome", "\n", ";", ",", "A", "é", "1"])).map("".join))
def test_long_forms_stand_in_the_text_and_are_longer(text: str) -> None:
    for definition in definitions(text):
        assert 0 <= definition.start < definition.end <= len(text)
        assert len(text[definition.start : definition.end]) > len(definition.short)


@pytest.mark.parametrize(
    "text", ["(" * 50_000, ")" * 50_000, "x" * 50_000, "(AB" * 17_000, "a b (AB) " * 5_500, " " * 50_000, "(A B) " * 8_000]
)
def test_hostile_brackets_are_read_to_their_end(text: str) -> None:
    assert all(text[d.start : d.end].strip() for d in definitions(text))
