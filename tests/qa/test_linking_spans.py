"""Tests of what the characters of a text mean that are known to name something."""

from __future__ import annotations

import pytest
from fakes import ENGLISH
from hypothesis import given
from hypothesis import strategies as st
from linking_fakes import TableEmbedder, build_graph, entity

from kg.graph import SnapshotGraph
from kg.vocabulary import CHEMICAL, DISEASE, DRUG, EXPOSURE, PHENOTYPE
from qa.linker import NameLinker
from qa.linking.abbreviations import longs_of, spelt_out
from qa.linking.meaning import MeaningIndex, names_by_meaning
from qa.linking.phrases import Meaning
from qa.linking.spans import other_forms
from qa.model import MOST_CANDIDATES

CURATED = [entity(DISEASE, "gout", "podagra"), entity(PHENOTYPE, "chest tightness"), entity(EXPOSURE, "cocaine use", "cocaine")]
IMPORTED = [
    entity(DISEASE, "hypotension"), entity(DISEASE, "kidney tumor"), entity(DISEASE, "myotonic dystrophy"), entity(DISEASE, "tumor"),
    entity(DISEASE, "von Toad disease"), entity(DISEASE, "Toad syndrome"), entity(DISEASE, "complement 2 deficiency"),
    entity(CHEMICAL, "cocaine"), entity(DRUG, "wombatine"), entity(DISEASE, "adrenoleukodystrophy", "ALD"),
    entity(DISEASE, "albino disease", "ALD"),
]  # fmt: skip


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> SnapshotGraph:
    return build_graph(tmp_path_factory.mktemp("spans") / "snapshot", CURATED, IMPORTED)


@pytest.fixture(scope="module")
def linker(graph: SnapshotGraph) -> NameLinker:
    embedder = TableEmbedder({"odd ribs": ("chest tightness", 0.5)})
    index = MeaningIndex.build(names_by_meaning(graph, graph.entities()), embedder)
    return NameLinker(graph, ENGLISH, Meaning(lambda: index, embedder, graph))


def meant(linker: NameLinker, text: str, span: str) -> str | None:
    start = text.index(span)
    mention = linker.link_span(text, start, start + len(span))
    if mention is None or mention.entity is None:
        return None
    assert (mention.start, mention.end, mention.text) == (start, start + len(span), span)
    assert mention.candidates[0].entity == mention.entity and len(mention.candidates) <= MOST_CANDIDATES
    return mention.entity.name


@pytest.mark.parametrize(
    ("text", "span", "name"),
    [
        ("He has gout.", "gout", "gout"),
        ("A hypotensive effect.", "hypotensive", "hypotension"),
        ("Large renal tumours were seen.", "renal tumours", "kidney tumor"),
        ("The tumor grew.", "tumor", "tumor"),  # ordinary English that only an imported source has for a name
        ("A case of von Toad", "von Toad", "von Toad disease"),
        ("A case of Toad", "Toad", "Toad syndrome"),
        ("They were complement 2 (C2) deficient.", "complement 2 (C2) deficient", "complement 2 deficiency"),
        ("Transient neonatal hypotension.", "Transient neonatal hypotension", "hypotension"),  # by its head
        ("He took cocaine.", "cocaine", "cocaine"),  # medical before a habit
        ("We saw odd ribs.", "odd ribs", "chest tightness"),  # far, and the nearest
    ],
)
def test_a_given_span_means_what_its_words_nearly_say(linker: NameLinker, text: str, span: str, name: str) -> None:
    assert meant(linker, text, span) == name


def test_an_abbreviation_means_what_the_text_says(linker: NameLinker) -> None:
    text = "In myotonic dystrophy (DM), as in adrenoleukodystrophy (ALD), cerebral ALD and two DMs were seen."
    assert meant(linker, text, "DMs") == "myotonic dystrophy"
    assert meant(linker, text, "cerebral ALD") == "adrenoleukodystrophy"
    assert meant(linker, "Cerebral wombatosis.", "Cerebral wombatosis") != "adrenoleukodystrophy"


def test_initials_in_another_order_are_an_abbreviation_and_other_letters_are_none() -> None:
    assert longs_of("a myotonic dystrophy (DM) and the big red cat (XYZ)") == {"DM": "myotonic dystrophy"}
    assert longs_of("after big meals (BAM)") == {"BAM": "after big meals"}
    assert longs_of("the first dose was given then (1D)") == {}


def test_a_phrase_is_spelt_out_where_it_is_abbreviated() -> None:
    assert spelt_out("ALD and DMs", {"DM": "myotonic dystrophy"}) == "ALD and myotonic dystrophy"
    assert spelt_out("DMX", {"DM": "myotonic dystrophy"}) == "DMX"
    assert spelt_out("DM", {}) == "DM"


@pytest.mark.parametrize(
    ("word", "form"),
    [("renal", "kidney"), ("kidney", "renal"), ("ischemic", "ischemia"), ("psychotic", "psychose"), ("anemic", "anemia")],
)
def test_other_forms_are_keys_of_names(word: str, form: str) -> None:
    assert form in other_forms(word)


@given(st.text(max_size=12))
def test_a_word_is_no_other_form_of_itself(word: str) -> None:
    assert word not in other_forms(word)


@given(st.text(max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_any_span_of_any_text_can_be_asked_for(linker: NameLinker, text: str, one: int, other: int) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    mention = linker.link_span(text, start, end)
    assert mention is None or (mention.start, mention.end, mention.text) == (start, end, text[start:end])
