"""Tests of mentions by name and by tags put together, and of how mentions are written."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from fakes import ENGLISH
from hypothesis import given
from hypothesis import strategies as st
from linking_fakes import TableEmbedder, WordTagger, build_graph, entity

from kg.graph import SnapshotGraph
from kg.model import Curie
from kg.vocabulary import CHEMICAL, DISEASE, PHENOTYPE
from qa.linker import NameLinker
from qa.linking.meaning import MeaningIndex, names_by_meaning
from qa.linking.phrases import Meaning
from qa.linking.tags import with_tags
from qa.linking.tidy import tidy
from qa.model import Assertion, Candidate, Kind, Mention
from qa.tagging import Tagged

GOUT, TIGHT = entity(DISEASE, "gout", "podagra"), entity(PHENOTYPE, "chest tightness")


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> SnapshotGraph:
    return build_graph(tmp_path_factory.mktemp("tags") / "snapshot", [GOUT, TIGHT], [entity(CHEMICAL, "wombatine")])


def linker(graph: SnapshotGraph, table: dict[str, tuple[str, float]], tagger: WordTagger) -> NameLinker:
    embedder = TableEmbedder(table)
    index = MeaningIndex.build(names_by_meaning(graph, graph.entities()), embedder)
    return NameLinker(graph, ENGLISH, Meaning(lambda: index, embedder, graph), tagger)


def found(mentions: list[Mention]) -> list[tuple[str, str | None]]:
    return [(m.text, m.entity.name if m.entity else None) for m in mentions]


# Tags


def named(text: str, start: int, end: int, known: bool = True, category: Curie = DISEASE) -> Mention:
    bearer = entity(category, text[start:end]) if known else None
    return Mention(start, end, text[start:end], bearer, 1.0 if known else 0.0)


def resolved(phrase: str, kind: Kind) -> list[Candidate]:
    """Take what begins with a large letter for a name, and what begins with a small one for something near."""
    return [Candidate(entity(DISEASE, phrase), 0.9 if phrase[:1].isupper() else 0.0, "")] if phrase != "nothing" else []


TEXT = "stage 2 Gout nothing near"


@pytest.mark.parametrize(
    ("mentions", "tag", "expected"),
    [
        ([named(TEXT, 8, 12)], Tagged(8, 12, "disease", 1.0), [("Gout", True, None)]),  # the same characters
        ([named(TEXT, 8, 12)], Tagged(0, 12, "disease", 1.0), [("stage 2 Gout", True, None)]),  # takes the longer one
        ([named(TEXT, 8, 12)], Tagged(0, 12, "chemical", 1.0), [("Gout", True, None)]),  # of another kind
        ([named(TEXT, 0, 12)], Tagged(8, 12, "disease", 1.0), [("stage 2 Gout", True, None)]),  # the longer one is named
        ([named(TEXT, 0, 12)], Tagged(8, 20, "disease", 1.0), [("Gout nothing", True, None)]),  # neither holds the other
        ([named(TEXT, 0, 7), named(TEXT, 8, 12)], Tagged(0, 12, "disease", 1.0), [("stage 2", True, None), ("Gout", True, None)]),
        ([], Tagged(8, 12, "disease", 1.0), [("Gout", True, None)]),  # its words say what it means
        ([], Tagged(21, 25, "disease", 1.0), [("near", False, Kind.DISEASE)]),  # a near miss
        ([], Tagged(13, 20, "chemical", 1.0), [("nothing", False, Kind.CHEMICAL)]),
        ([named(TEXT, 13, 20, known=False)], Tagged(13, 20, "disease", 1.0), [("nothing", False, Kind.DISEASE)]),
        ([named(TEXT, 13, 20, known=False)], Tagged(13, 25, "disease", 1.0), [("nothing near", False, Kind.DISEASE)]),
        (
            [named(TEXT, 0, 5, known=False), named(TEXT, 8, 12)],
            Tagged(0, 12, "disease", 1.0),
            [("stage 2 Gout", True, None)],  # what is unknown within it is part of it
        ),
    ],
)
def test_names_and_tags_are_put_together(mentions: list[Mention], tag: Tagged, expected: list[tuple[str, bool, Kind | None]]) -> None:
    together = with_tags(TEXT, mentions, [tag], resolved)
    assert [(m.text, m.entity is not None, m.kind) for m in together] == expected
    assert all(TEXT[m.start : m.end] == m.text for m in together)


def test_a_near_miss_is_kept_as_a_candidate_of_what_is_not_linked() -> None:
    (mention,) = with_tags(TEXT, [], [Tagged(21, 25, "disease", 1.0)], resolved)
    assert (mention.entity, mention.score, [c.entity.name for c in mention.candidates]) == (None, 0.0, ["near"])


def test_a_name_that_the_tagger_does_not_see_stands_where_the_graph_tells_of_it_and_it_is_no_virus() -> None:
    text = "gout and flu virus"
    mentions = [named(text, 0, 4), named(text, 9, 12)]
    assert [m.text for m in with_tags(text, mentions, [], resolved)] == ["gout"]
    assert with_tags(text, mentions, [], resolved, lambda entity: entity.name != "gout") == []
    tag = Tagged(9, 12, "disease", 1.0)  # what is seen needs no such leave
    assert [m.text for m in with_tags(text, mentions, [tag], resolved, lambda entity: False)] == ["flu"]


@pytest.mark.parametrize(
    ("text", "tags", "expected"),
    [
        ("renal failure (RF) and", [(0, 17)], ["renal failure", "RF"]),
        ("failure (renal) and", [(0, 15)], ["failure (renal)"]),
        ("and nausea, of late", [(0, 11)], ["nausea"]),
        ("Gout, then Gout and Goutish anti-Gout Gout", [(0, 4)], ["Gout", "Gout", "Gout"]),  # and no part of a word
        ("lead and lead to", [(0, 4)], ["lead"]),  # a short word in small letters is another thing elsewhere
        ("acute gout or gout", [(0, 10), (14, 18)], ["acute gout", "gout"]),
        ("gout flare, gout, gout flares, gout flare", [(0, 10)], ["gout flare", "gout flare"]),
        ("(R)-warfarin", [(0, 12)], ["(R)-warfarin"]),
        ("[3H]dopamine ([14C]x)", [(0, 12), (13, 21)], ["[3H]dopamine", "([14C]x)"]),
        ("a ((b) c", [(0, 8)], ["a", "(b) c"]),
        ("Abcd)", [(0, 5)], ["Abcd"]),
        ("a )b", [(2, 3), (3, 4)], ["b"]),
        ("flu", [(0, 0)], []),
        (" ( , and ", [(0, 9)], []),
        ("ab-9", [(0, 2), (2, 4)], ["ab", "-9"]),
        ("RF and RF", [(0, 2)], ["RF"]),  # two letters are many things
    ],
)
def test_tags_are_put_right(text: str, tags: list[tuple[int, int]], expected: list[str]) -> None:
    found = tidy(text, [Tagged(start, end, "disease", 0.9) for start, end in tags], 0.8)
    assert [text[tag.start : tag.end] for tag in found] == expected
    assert tidy(text, [Tagged(start, end, "disease", 0.7) for start, end in tags], 0.8) == []


def test_the_code_of_a_substance_is_whole() -> None:
    text = "PG-9 and PG-ish"
    assert [text[t.start : t.end] for t in tidy(text, [Tagged(0, 2, "chemical", 0.9)], 0.8)] == ["PG-9"]
    assert [text[t.start : t.end] for t in tidy(text, [Tagged(0, 2, "disease", 0.9)], 0.8)] == ["PG"]
    assert [text[t.start : t.end] for t in tidy(text, [Tagged(0, 2, "chemical", 0.9), Tagged(2, 4, "chemical", 0.9)], 0.8)] == ["PG-9"]


def test_many_tags_in_a_long_text_take_no_longer_than_it_is() -> None:
    text = " ".join(f"Ab{n}" for n in range(20_000))
    tags = [Tagged(m.start(), m.end(), "disease", 1.0) for m in re.finditer(r"\S+", text)]
    assert tidy(text, tags, 0.8) == tags


@given(st.text(alphabet="ab ()[].,-9", max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8)), max_size=4))
def test_tags_that_are_put_right_do_not_overlap(text: str, spans: list[tuple[int, int]]) -> None:
    tags, last = [], 0
    for start, length in sorted(spans):
        start, end = max(start, last), min(start + length, len(text))
        if start < end:
            tags.append(Tagged(start, end, "chemical", 1.0))
            last = end
    found = tidy(text, tags, 0.8)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(0 <= tag.start < tag.end <= len(text) for tag in found)


SPANS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6), st.booleans()), max_size=6).map(
    lambda spans: [
        (start, start + length, flag)
        for number, (start, length, flag) in enumerate(sorted(spans))
        if all(start >= s + n for s, n, _ in sorted(spans)[:number])
    ]
)


@given(mentions=SPANS, tags=SPANS)
def test_names_and_tags_together_do_not_overlap(mentions: list[tuple[int, int, bool]], tags: list[tuple[int, int, bool]]) -> None:
    text = "Abcdefghijklmnopqrstuvwxyzabcdef"
    by_name = [named(text, start, end, known) for start, end, known in mentions]
    tagged = [Tagged(start, end, "disease" if disease else "chemical", 1.0) for start, end, disease in tags]
    together = with_tags(text, by_name, tagged, resolved)
    assert all(text[m.start : m.end] == m.text for m in together)
    assert all(before.end <= after.start for before, after in pairwise(together))
    untouched = [m for m in by_name if all(m.end <= tag.start or tag.end <= m.start for tag in tagged)]
    assert {m.entity for m in untouched} - {None} <= {m.entity for m in together}


NOTE = "The patient was seen again and again by our team in the clinic. " * 5


def test_a_note_is_tagged_and_a_question_is_not(graph: SnapshotGraph) -> None:
    tagger = WordTagger({"severe gout": "disease", "marmite fever": "disease", "Wombatine": "chemical", "odd ribs": "disease"})
    own = linker(graph, {"odd ribs": ("chest tightness", 0.95)}, tagger)
    assert ("gout", "gout") in found(own.link("severe gout?"))
    assert tagger.seen == []
    mentions = own.link(NOTE + "He has severe gout, marmite fever and odd ribs, and took Wombatine.")
    wanted = [m for m in mentions if m.entity is not None or m.kind is not None]
    assert found(wanted) == [
        ("severe gout", "gout"), ("marmite fever", None), ("odd ribs", "chest tightness"), ("Wombatine", "wombatine"),
    ]  # fmt: skip
    assert wanted[1].kind is Kind.DISEASE
    assert wanted[2].reason == "means nearly 'chest tightness' (cosine 0.95)"


def test_what_is_tagged_means_something_of_its_kind_only(graph: SnapshotGraph) -> None:
    own = linker(graph, {"odd ribs": ("chest tightness", 0.95)}, WordTagger({"odd ribs": "chemical", "Wombatine": "disease"}))
    mentions = own.link(NOTE + "odd ribs, and Wombatine in him")
    assert [(m.text, m.entity and m.entity.name, m.kind) for m in mentions if m.text == "odd ribs"] == [("odd ribs", None, Kind.CHEMICAL)]
    assert [m.entity.name for m in mentions if m.text == "Wombatine" and m.entity] == ["wombatine"]  # it is a name all the same


def test_tags_do_without_meaning(graph: SnapshotGraph) -> None:
    own = NameLinker(graph, ENGLISH, tagger=WordTagger({"odd ribs": "disease"}))
    mentions = own.link(NOTE + "odd ribs")
    assert [(m.text, m.kind, m.candidates) for m in mentions if m.kind] == [("odd ribs", Kind.DISEASE, ())]


def test_what_is_tagged_can_be_denied(graph: SnapshotGraph) -> None:
    own = NameLinker(graph, ENGLISH, tagger=WordTagger({"marmite fever": "disease"}))
    assert [m.assertion for m in own.link(NOTE + "There is no marmite fever.") if m.kind] == [Assertion.NEGATED]


# What is written


def test_a_mention_is_written_the_same_with_candidates_and_without() -> None:
    plain = Mention(0, 4, "gout", GOUT, 0.95)
    full = replace(plain, candidates=(Candidate(GOUT, 0.95, "synonym"), Candidate(TIGHT, 0.5, "near")))
    assert full.as_dict() == plain.as_dict()
    assert (full.reason, plain.reason) == ("synonym", "")
    unlinked = replace(full, entity=None, kind=Kind.DISEASE)
    assert unlinked.reason == ""
    assert unlinked.as_dict().keys() == plain.as_dict().keys()
    assert full.candidates[0].as_dict() == {"entity": "medkg:gout", "name": "gout", "score": 0.95, "reason": "synonym"}
