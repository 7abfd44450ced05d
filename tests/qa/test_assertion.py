"""Tests of what a text says of its mentions: there, denied, or somebody else's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.assertion import Context, assertions, contexts, is_negated
from qa.assertion_table import read_rules
from qa.errors import TableError
from qa.model import Assertion, Mention
from qa.note_sentences import sentences

GOLDEN = Path(__file__).parents[1] / "fixtures" / "assertions.txt"
MARKED = re.compile(r"\[([^|\]]+)\|(\w+)\]")


def said_of(text: str, name: str) -> Assertion:
    start = text.index(name)
    (assertion,) = assertions(text, [Mention(start, start + len(name), name, None, 1.0)])
    return assertion


def marked(line: str) -> tuple[str, list[tuple[int, int]], list[str]]:
    """The text, the spans of its findings, and what is expected of each."""
    text, spans, expected = "", [], []
    for place, part in enumerate(MARKED.split(line.replace("\\n", "\n"))):
        if place % 3 == 2:
            expected.append(part)
            continue
        if place % 3 == 1:
            spans.append((len(text), len(text) + len(part)))
        text += part
    return text, spans, expected


@pytest.mark.parametrize(
    "line", [line for line in GOLDEN.read_text(encoding="utf-8").splitlines() if MARKED.search(line) and line[0] != "#"]
)
def test_findings_are_judged_as_a_clinician_reads_them(line: str) -> None:
    text, spans, expected = marked(line)
    mentions = [Mention(start, end, text[start:end], None, 1.0) for start, end in spans]
    assert [assertion.value for assertion in assertions(text, mentions)] == expected
    # one by one, out of order and twice, the same
    assert [assertions(text, [mention])[0].value for mention in mentions] == expected
    assert [a.value for a in assertions(text, [*mentions[::-1], *mentions])] == [*expected[::-1], *expected]


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


WORDS = "no not without denies history of father if fever cough , . : ; ? ( ) - but and ruled out was resolved return for FAMILY HISTORY:"
PHRASES = st.lists(st.sampled_from([*WORDS.split(" "), "\n\n", "é", "\u200f", "👩‍⚕️", "a\u0301"]), max_size=40).map(" ".join)
NUMBERS = st.integers(-5, 120)


@given(PHRASES | st.text(max_size=80), st.lists(st.tuples(NUMBERS, NUMBERS), max_size=6))
def test_any_text_and_any_spans_are_judged_without_an_error(text: str, spans: list[tuple[int, int]]) -> None:
    mentions = [Mention(start, end, "x", None, 1.0) for start, end in spans]
    assert all(isinstance(assertion, Assertion) for assertion in assertions(text, mentions))
    assert len(contexts(text, spans)) == len(spans)
    assert all(isinstance(is_negated(text, start, reach), bool) for start, _ in spans for reach in (None, 2))


@given(PHRASES | st.text(max_size=200))
def test_sentences_cover_the_text_without_a_gap(text: str) -> None:
    found = sentences(text, read_rules().headings)
    assert "".join(text[s.start : s.end] for s in found) == text
    assert all(s.start < s.end and s.start <= s.body <= s.end for s in found)


@given(PHRASES, PHRASES, st.integers(0, 60))
def test_what_is_said_in_one_paragraph_does_not_reach_the_next(first: str, second: str, start: int) -> None:
    span = start, start + 5
    shift = len(first) + 7
    joined = f"{first}Well.\n\n{second}"
    (alone,), (behind,) = contexts(second, [span]), contexts(joined, [(span[0] + shift, span[1] + shift)])
    if second.strip() and start < len(second) and not second[:1].isspace():
        assert alone == behind or "HISTORY" in first  # a heading at its end is still open


@pytest.mark.parametrize(
    "piece", [".", " ", "\n", "-", "no ", "no", "fever ", ":", "(", "'", "\u0301", "1.", "A.", ". ", "if ", "HISTORY:", "\r\n", "a\n"]
)
def test_a_long_text_of_one_piece_is_read(piece: str) -> None:
    text = piece * (200_000 // len(piece)) + "fever"
    spans = [(place, place + 5) for place in range(0, len(text), 500)]
    assert len(contexts(text, spans)) == len(spans)


def test_dimensions_are_told_apart() -> None:
    text = "No family history of gout. Mother had a stroke ten years ago. If fever, possible flu. No history of asthma."
    spans = [(text.index(name), text.index(name) + len(name)) for name in ("gout", "stroke", "fever", "flu", "asthma")]
    assert contexts(text, spans) == [
        Context(negated=True, family=True),
        Context(historical=True, family=True),
        Context(hypothetical=True),
        Context(hypothetical=True, possible=True),
        Context(negated=True, historical=True),
    ]


@pytest.mark.parametrize(
    ("context", "assertion"),
    [
        (Context(), Assertion.PRESENT),
        (Context(True, True, True, True, True), Assertion.NEGATED),
        (Context(False, True, True, True, True), Assertion.FAMILY),
        (Context(False, True, True, False, False), Assertion.HYPOTHETICAL),
        (Context(False, False, True, False, True), Assertion.HYPOTHETICAL),
        (Context(False, False, True, False, False), Assertion.HISTORICAL),
    ],
)
def test_of_several_that_hold_the_first_in_the_stated_order_is_given(context: Context, assertion: Assertion) -> None:
    assert context.assertion is assertion


@pytest.mark.parametrize(
    "before",
    [
        "lack of sleep and ",
        "I took 30 tablets instead of two, then ",
        "he is not himself, ",
        "I am not well: ",
        "no change, still ",
        "failed to get help. ",
        "no allergies and am having ",
        "resolution of my cold and ",
        "feeling clear of mind then ",
        "nothing helped my ",
        "I'm not sure about this ",
    ],
)
def test_what_comes_before_an_emergency_does_not_deny_it(before: str) -> None:
    text = f"{before}chest pain"
    assert not is_negated(text, text.index("chest pain"), reach=5)


def test_spaces_before_a_mention_belong_to_its_own_sentence() -> None:
    text = "I do not take anything.      felt dizzy"
    assert not is_negated(text, 25)


def test_a_trigger_within_a_name_is_none() -> None:
    text = "She has absence of speech and fever"
    name, fever = (8, 25), (30, 35)
    assert contexts(text, [fever]) == [Context(negated=True)]
    assert contexts(text, [fever, name]) == [Context(), Context()]


def test_a_trigger_that_runs_into_a_mention_is_read_as_far_as_it_stands_before() -> None:
    assert said_of("No changes in hearing", "changes in hearing") is Assertion.NEGATED
    assert said_of("No changes in hearing", "hearing") is Assertion.PRESENT


def test_nothing_is_read_beyond_a_text() -> None:
    assert contexts("", [(0, 3)]) == [Context()]
    assert contexts("no fever", [(90, 95), (-9, -3)]) == [Context(negated=True), Context()]
    assert contexts("no", []) == []
    assert not is_negated("", 0) and not is_negated("fever", 99) and is_negated("no ", 99)


def test_every_row_of_the_table_is_read() -> None:
    rules = read_rules()
    lengths = {
        words: rules.longest(words.split(), 0)[0] for words in ("denies any", "no evidence of", "r o", "two week history of", "in 1998")
    }
    assert lengths == {"denies any": 2, "no evidence of": 3, "r o": 2, "two week history of": 4, "in 1998": 2}
    assert rules.headings["family history"] == "family" and rules.headings["allergies"] is None


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("no\tnegated\tforward\t-", "line 2: 4 columns, expected 5"),
        ("no\tdenied\tforward\t-\t-", "line 2: the kind 'denied' is unknown"),
        ("no\tnegated\tup\t-\t-", "line 2: the direction 'up' is unknown"),
        ("no\tnegated\tforward\tfar\t-", "line 2: the reach 'far' is no number"),
        ("but\tstop\t-\t-\tdenied", "line 2: a stop ends 'denied'"),
        ("but\tstop\t-\t-\t", "line 2: a stop ends ''"),
        ("fh\theading\t-\t-\tmine", "line 2: a heading says 'mine'"),
        ("\tnegated\tforward\t-\t-", "line 2: the trigger '' has 0 words"),
        ("no/not\tnegated\tforward\t-\t-\nnot\tpseudo\t-\t-\t-", "line 3: the trigger 'not' stands in another row"),
    ],
)
def test_a_malformed_table_is_refused_by_file_and_line(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "rules.tsv"
    path.write_text(f"# a table\n{row}\n", encoding="utf-8")
    with pytest.raises(TableError, match=re.escape(f"{path}, {message}")):
        read_rules(path)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="not readable"):
        read_rules(tmp_path / "none.tsv")


def test_a_binary_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rules.tsv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TableError, match="not readable"):
        read_rules(tmp_path / "rules.tsv")


def test_a_negation_far_before_a_mention_does_not_reach_it() -> None:
    far, near = "no cough and " + "then fever and " * 60, "no cough and " + "then fever and " * 3
    assert not is_negated(far, len(far)) and is_negated(near, len(near))


def test_the_window_begins_at_a_whole_word() -> None:
    for shift in range(520):  # wherever the window begins within "know", its end is not read as a word
        text = "I know " + "x" * shift
        assert not is_negated(text, len(text))
