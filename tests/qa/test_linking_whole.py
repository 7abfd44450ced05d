"""Tests of the whole linker, with names, meaning and tags: true characters and no overlap, whatever the text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from fakes import ENGLISH
from hypothesis import given
from hypothesis import strategies as st
from linking_fakes import LetterEmbedder, WordTagger, build_graph, entity

from kg.vocabulary import CHEMICAL, DISEASE, DRUG, EXPOSURE, PHENOTYPE
from qa.linker import NameLinker
from qa.linking.meaning import MeaningIndex, names_by_meaning
from qa.linking.phrases import Meaning, Thresholds
from qa.model import MOST_CANDIDATES, Mention

CURATED = [
    entity(DISEASE, "gout", "podagra"), entity(DISEASE, "peptic ulcer", "stomach ulcer"), entity(DISEASE, "multiple sclerosis", "MS"),
    entity(DISEASE, "flu", "the bug"), entity(DISEASE, "measles", "the bug"), entity(DISEASE, "Huntington disease"),
    entity(PHENOTYPE, "joint pain"), entity(PHENOTYPE, "swollen joint"), entity(PHENOTYPE, "pain"), entity(PHENOTYPE, "knee pain"),
    entity(PHENOTYPE, "feeling cold", "cold"), entity(DRUG, "ibuprofen", "Advil"), entity(EXPOSURE, "alcohol"),
    entity(EXPOSURE, "childhood"), *(entity(DISEASE, f"bearer {n}", "mostly") for n in range(7)),
]  # fmt: skip
IMPORTED = [entity(DISEASE, "Wombat syndrome"), entity(CHEMICAL, "wombatine"), entity(DISEASE, "mitral stenosis")]
PIECES = [
    "gout", "Gout's", "joint", "pain", "swollen", "jointpain", "pepticulcer", "peptic", "ulcer", "ibuprofin", "the", "bug", "mostly", "MS",
    "multiple sclerosis (MS)", "mitral stenosis (MS)", "knee", "hurts", "my", "is", "no", "I", "can't", "cold", "drink", "drink on", "old",
    "my 5 year old", "Huntington's", "zorblaxin", "odd ribs", "Wombat syndrome", "<b>", "</b>", "<p>", "<script>", "</script>", "&amp;",
    "&eacute;", "&", "<", "\u200b", "\u00ad", "\u202e", "\u0301", "\ufeff", "\ud800", "حمى", "🤒", "👩🏽‍⚕️", "ﬁ", "ß", "İ", "’s",
    "(", ")", "[",
    ".", ",", ";", "\n", "\n\n", "\r\n", "\x00", "\x85", "\t", " ", "-", "1", "٣", "漢字", "in", "of", "with",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=120),
    st.binary(max_size=80).map(lambda data: data.decode("latin-1")),
    st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=20).map("".join),
    st.lists(st.sampled_from(PIECES), min_size=41, max_size=130).map(" ".join),  # a note: tagged
)


@pytest.fixture(scope="module", params=["names", "meaning", "tags", "all"])
def linker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NameLinker:
    graph = build_graph(tmp_path_factory.mktemp("whole") / "snapshot", CURATED, IMPORTED)
    embedder = LetterEmbedder()
    index = MeaningIndex.build(names_by_meaning(graph, graph.entities()), embedder)
    meaning = Meaning(lambda: index, embedder, graph, Thresholds(0.6, 0.6, 0.6))
    tagger = WordTagger(
        {"gout": "disease", "odd ribs": "disease", "swollen joint": "chemical", "zorblaxin": "chemical", "my knee": "disease"}
    )
    with_meaning, with_tags = request.param in ("meaning", "all"), request.param in ("tags", "all")
    return NameLinker(graph, ENGLISH, meaning if with_meaning else None, tagger if with_tags else None)


def check(text: str, mentions: list[Mention]) -> None:
    for mention in mentions:
        assert 0 <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        assert 0 <= mention.score <= 1
        assert len(mention.candidates) <= MOST_CANDIDATES
        assert all(better.score >= worse.score for better, worse in pairwise(mention.candidates))
        assert len({c.entity.curie for c in mention.candidates}) == len(mention.candidates)
        if mention.entity is not None:
            assert mention.kind is None
            assert (mention.candidates[0].entity, mention.candidates[0].score) == (mention.entity, mention.score)
            assert mention.reason
        else:
            assert mention.score == 0
    assert all(before.end <= after.start for before, after in pairwise(mentions))


@given(text=TEXTS)
def test_characters_are_true_and_candidates_sorted(linker: NameLinker, text: str) -> None:
    check(text, linker.link(text))


@given(text=TEXTS)
def test_a_text_is_linked_the_same_again(linker: NameLinker, text: str) -> None:
    assert linker.link(text) == linker.link(text)


@given(phrase=TEXTS)
def test_ranks_are_few_and_each_entity_is_there_once(linker: NameLinker, phrase: str) -> None:
    ranked = linker.rank(phrase)
    assert len(ranked) <= MOST_CANDIDATES
    assert len({c.entity.curie for c in ranked}) == len(ranked)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "swollen jointpain",
        "swollen jointpain and pain",
        "my knee hurts pepticulcer",
        "I did not see what it was about. " * 8 + "pepticulcer",
        "multiple sclerosis (MS)<script>gout</script> MS",
        "\ud800gout\udfff",
        "\u202eتوغ gout\u202c حمى",
        "g\u0301o\u0301u\u0301t\u0301",
        "go\u00adut of the jo\u200bint pa\u2060in",
        "🤒gout👩🏽‍⚕️ibuprofin🤒",
        "can I drink on 5 year old gout",
        "<p>gout</p>" * 100,
        "mostly " * 100,
        "gout\x00" * 50,
    ],
)
def test_odd_texts_are_linked_with_true_characters(linker: NameLinker, text: str) -> None:
    check(text, linker.link(text))


@pytest.mark.parametrize(
    "unit",
    [
        "x", "gout", "(", "[", "<", "<script>", "<!--", "&", "\u0301", "\u200b", "🤒", "\n", " ", "'", "’s", "pain in ", "knee is ",
        "can I drink on gout? ", "my 5 year old has gout. ", "gout ", "zorblaxin ", "odd ribs ", "ibuprofin", "gout (GT) ", "no gout, ",
    ],
)  # fmt: skip
def test_hostile_texts_are_linked_to_their_end(linker: NameLinker, unit: str) -> None:
    text = unit * (200_000 // len(unit))
    check(text, linker.link(text))


def test_of_many_bearers_five_are_kept(linker: NameLinker) -> None:
    (mention,) = [m for m in linker.link("mostly") if m.text == "mostly"]
    assert len(mention.candidates) == MOST_CANDIDATES


def test_a_word_that_was_two_is_one_mention(linker: NameLinker) -> None:
    mentions = linker.link("a swollen jointpain")
    assert sum("jointpain" in m.text for m in mentions) == 1
