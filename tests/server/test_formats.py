"""Tests of linked texts in the formats of the field."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import Curie, Entity
from kg.vocabulary import CHEMICAL, DISEASE, DRUG, DRUG_CLASS, EXPOSURE, PHENOTYPE, SPECIALTY
from qa.evaluation.pubtator import read_pubtator
from qa.model import Assertion, Kind, Mention
from server.formats import as_brat, as_pubtator

GOUT = Entity(Curie("MONDO:0005393"), DISEASE, "gout")
BREAKS = "\t\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"


def mention(text: str, start: int, end: int, entity: Entity | None = GOUT, **other: object) -> Mention:
    return Mention(start, end, text[start:end], entity, 1.0 if entity else 0.0, **other)  # type: ignore[arg-type]


def test_a_pubtator_document_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    text = "He has gout,\nflu\tand zorblaxin 🤒 no gout."
    mentions = [mention(text, 7, 11), mention(text, 21, 30, None, kind=Kind.CHEMICAL), mention(text, 36, 40)]
    file = tmp_path / "linked.txt"
    file.write_text(as_pubtator("a1", text, mentions) + as_pubtator("a2", "", []), encoding="utf-8", newline="")
    first, second = read_pubtator(file)
    assert (first.id, first.text) == ("a1", "He has gout, flu and zorblaxin 🤒 no gout. ")
    assert [(a.start, a.end, a.text, a.kind, a.identifiers) for a in first.annotations] == [
        (7, 11, "gout", "disease", ("MONDO:0005393",)),
        (21, 30, "zorblaxin", "chemical", ()),
        (36, 40, "gout", "disease", ("MONDO:0005393",)),
    ]
    assert (second.id, second.text.strip(), second.annotations) == ("a2", "", ())


@given(text=st.text(st.one_of(st.sampled_from("ab " + BREAKS), st.characters(codec="utf-8")), min_size=3, max_size=40), at=st.data())
def test_a_pubtator_document_is_one_block_of_lines_with_true_offsets(text: str, at: st.DataObject) -> None:
    start = at.draw(st.integers(0, len(text) - 1))
    end = at.draw(st.integers(start + 1, len(text)))
    title, abstract, annotation, *rest = as_pubtator("7", text, [mention(text, start, end)]).split("\n")
    assert title.startswith("7|t|")
    assert (len(title), abstract, rest) == (4 + len(text), "7|a|", ["", ""])
    columns = annotation.split("\t")
    assert columns[:3] == ["7", str(start), str(end)]
    assert columns[3] == title[4:][start:end]
    assert columns[4:] == ["Disease", "MONDO:0005393"]


@pytest.mark.parametrize(
    ("category", "kind", "written"),
    [
        (DISEASE, None, "Disease"),
        (PHENOTYPE, None, "Phenotype"),
        (DRUG, None, "Chemical"),
        (DRUG_CLASS, None, "Chemical"),
        (CHEMICAL, None, "Chemical"),
        (EXPOSURE, None, "ExposureEvent"),
        (SPECIALTY, None, "Specialty"),
        (None, Kind.DISEASE, "Disease"),
        (None, Kind.CHEMICAL, "Chemical"),
        (None, None, "Unknown"),
    ],
)
def test_mentions_are_typed_as_in_the_corpora_of_the_field(category: Curie | None, kind: Kind | None, written: str) -> None:
    entity = Entity(Curie("medkg:x"), category, "x") if category else None
    found = mention("gout", 0, 4, entity, kind=kind)
    assert as_brat([found]).startswith(f"T1\t{written} 0 4\tgout\n")
    assert as_pubtator("1", "gout", [found]).split("\n")[2].split("\t")[4] == written


def test_brat_says_what_is_meant_and_how_it_is_asserted() -> None:
    text = "no gout, maybe zorblaxin"
    mentions = [
        mention(text, 3, 7, assertion=Assertion.NEGATED),
        mention(text, 15, 24, None, assertion=Assertion.HYPOTHETICAL),
        mention(text, 3, 7),
    ]
    assert as_brat(mentions) == (
        "T1\tDisease 3 7\tgout\n"
        "N1\tReference T1 MONDO:0005393\tgout\n"
        "A1\tNegated T1\n"
        "T2\tUnknown 15 24\tzorblaxin\n"
        "A2\tHypothetical T2\n"
        "T3\tDisease 3 7\tgout\n"
        "N3\tReference T3 MONDO:0005393\tgout\n"
    )


@pytest.mark.parametrize("assertion", [a for a in Assertion if a is not Assertion.PRESENT])
def test_every_assertion_but_the_plain_one_is_an_attribute(assertion: Assertion) -> None:
    assert as_brat([mention("gout", 0, 4, assertion=assertion)]).splitlines()[-1] == f"A1\t{assertion.value.capitalize()} T1"


@pytest.mark.parametrize(
    ("text", "fragments"),
    [
        ("heart\nattack", "2 7;8 14"),
        ("heart\r\nattack", "2 7;9 15"),
        ("heart\n\nattack", "2 7;9 15"),
        ("a\nb\nc", "2 3;4 5;6 7"),
        ("heart\u2028attack", "2 7;8 14"),
    ],
)
def test_a_mention_over_lines_is_a_fragment_a_line(text: str, fragments: str) -> None:
    whole = f"a {text} b"
    line = as_brat([mention(whole, 2, 2 + len(text))]).splitlines()[0]
    kind, written, shown = line.split("\t")
    assert (kind, written) == ("T1", f"Disease {fragments}")
    assert not set(shown) & set(BREAKS)
    parts = [tuple(map(int, part.split())) for part in fragments.split(";")]
    assert " ".join(whole[start:end] for start, end in parts) == " ".join(text.split())


def test_nothing_found_is_nothing_written() -> None:
    assert as_brat([]) == ""
    assert as_pubtator("1", "well", []) == "1|t|well\n1|a|\n\n"
