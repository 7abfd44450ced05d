"""Tests of linking by meaning: the index of names, which phrases are looked at, and what they may take the place of."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import ENGLISH
from hypothesis import given
from hypothesis import strategies as st
from linking_fakes import TableEmbedder, build_graph, entity, unlike

from kg.graph import SnapshotGraph
from kg.model import Curie, Fact, Source
from kg.names import key
from kg.surface import SurfaceNames
from kg.vocabulary import CHEMICAL, DISEASE, DRUG, DRUG_CLASS, EXPOSURE, HAS_PHENOTYPE, PHENOTYPE
from qa import loading
from qa.errors import ModelError
from qa.linker import NameLinker
from qa.linking.meaning import ABOUT, INDEX, NAMES, MeaningIndex, graph_digest, made_of, names_by_meaning
from qa.linking.phrases import LONGEST_QUESTION, Meaning, Thresholds, phrases
from qa.linking.reading import Reading, read
from qa.linking.spelling import Speller
from qa.model import Mention

TIGHT, PAIN, GOUT = entity(PHENOTYPE, "chest tightness"), entity(PHENOTYPE, "pain"), entity(DISEASE, "gout", "podagra")
BURNING = entity(PHENOTYPE, "pain when urinating", "burning when passing water")
RARE = entity(PHENOTYPE, "stiff ribs")
CURATED = [
    TIGHT, PAIN, GOUT, BURNING, entity(DRUG, "ibuprofen", "Advil"), entity(DRUG_CLASS, "painkillers"), entity(EXPOSURE, "band practice"),
    entity(PHENOTYPE, "tight chest band"),
]  # fmt: skip
WOMBAT = entity(DISEASE, "Wombat syndrome")
IMPORTED = [RARE, WOMBAT, entity(CHEMICAL, "wombatine"), entity(PHENOTYPE, "sign of which nothing is told")]
FACTS = [
    Fact(WOMBAT.curie, HAS_PHENOTYPE, RARE.curie, "imported"),
    Fact(GOUT.curie, HAS_PHENOTYPE, BURNING.curie, "curated"),
    Fact(GOUT.curie, HAS_PHENOTYPE, TIGHT.curie, "curated"),
]


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> SnapshotGraph:
    return build_graph(tmp_path_factory.mktemp("meaning") / "snapshot", CURATED, IMPORTED, FACTS)


def meaning(graph: SnapshotGraph, embedder: TableEmbedder, thresholds: Thresholds | None = None) -> Meaning:
    return Meaning(lambda: MeaningIndex.build(names_by_meaning(graph, graph.entities()), embedder), embedder, graph, thresholds)


def linker(graph: SnapshotGraph, table: dict[str, tuple[str, float]]) -> NameLinker:
    return NameLinker(graph, ENGLISH, meaning(graph, TableEmbedder(table)))


def found(mentions: list[Mention]) -> list[tuple[str, str | None]]:
    return [(m.text, m.entity.name if m.entity else None) for m in mentions]


# The index


ROWS = [(Curie("medkg:a"), "gout"), (Curie("medkg:b"), "cough"), (Curie("medkg:b"), "coughing"), (Curie("medkg:c"), "fever")]


def test_the_nearest_entities_come_first_each_once() -> None:
    embedder = TableEmbedder({"tussis": ("cough", 0.9), "coughing": ("cough", 0.95)})
    (near,) = MeaningIndex.build(ROWS, embedder).nearest(embedder.embed(["tussis"]), 10)
    assert near[0].curie == "medkg:b"
    assert len({n.curie for n in near}) == len(near) == 3
    assert near[0].name == "cough"
    assert near[0].cosine == pytest.approx(0.9, abs=1e-5)
    assert [n.cosine for n in near] == sorted((n.cosine for n in near), reverse=True)


def test_only_so_many_entities_are_given_as_asked_for() -> None:
    embedder = TableEmbedder()
    index = MeaningIndex.build(ROWS, embedder)
    assert [len(row) for row in index.nearest(embedder.embed(["gout", "fever"]), 1)] == [1, 1]
    assert index.nearest(embedder.embed([]), 3) == []


def test_an_index_without_names_finds_nothing() -> None:
    embedder = TableEmbedder()
    assert MeaningIndex.build([], embedder).nearest(embedder.embed(["gout"]), 3) == [[]]


def test_names_of_any_length_keep_their_rows() -> None:
    rows = [(Curie(f"medkg:{n}"), "word " * (n % 7 + 1) + str(n)) for n in range(50)]
    embedder = TableEmbedder()
    index = MeaningIndex.build(rows, embedder)
    for (curie, _), row in zip(rows, index.nearest(embedder.embed([name for _, name in rows]), 1), strict=True):
        assert [(n.curie, n.cosine) for n in row] == [(curie, pytest.approx(1.0, abs=1e-5))]


def test_many_names_are_divided_into_cells_and_still_found() -> None:
    rows = [(Curie(f"medkg:{n}"), f"name {n}") for n in range(10_000)]
    embedder = TableEmbedder()
    index = MeaningIndex.build(rows, embedder)
    asked = rows[::2_500]
    assert [row[0].curie for row in index.nearest(embedder.embed([name for _, name in asked]), 1)] == [curie for curie, _ in asked]


def test_an_index_is_kept_and_opened_as_it_was(tmp_path: Path) -> None:
    embedder, target = TableEmbedder(), tmp_path / "meaning"
    index = MeaningIndex.build(ROWS, embedder)
    index.save(target, {"graph": "abc"})
    opened = MeaningIndex.open(target)
    assert list(opened.rows) == ROWS
    asked = embedder.embed(["gout", "fever"])
    assert opened.nearest(asked, 2) == index.nearest(asked, 2)
    assert made_of(target) == "abc"
    assert [path.name for path in tmp_path.iterdir()] == ["meaning"]


def test_an_index_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    embedder, target = TableEmbedder(), tmp_path / "meaning"
    MeaningIndex.build(ROWS, embedder).save(target, {"graph": "old"})
    MeaningIndex.build(ROWS[:1], embedder).save(target, {"graph": "new"})
    assert (len(MeaningIndex.open(target).rows), made_of(target)) == (1, "new")


def test_an_index_is_extended_by_what_it_does_not_hold() -> None:
    embedder = TableEmbedder()
    index = MeaningIndex.build(ROWS[:2], embedder)
    embedder.seen.clear()
    longer = index.extended(index.missing(ROWS), embedder)
    assert embedder.seen == ["coughing", "fever"] or embedder.seen == ["fever", "coughing"]
    assert list(longer.rows) == ROWS
    assert longer.nearest(unlike("fever")[None], 1)[0][0].curie == "medkg:c"
    embedder.seen.clear()
    assert longer.extended(longer.missing(ROWS), embedder).rows == longer.rows
    assert embedder.seen == []


def test_progress_is_told_up_to_the_end() -> None:
    told: list[tuple[str, int, int]] = []
    MeaningIndex.build(ROWS, TableEmbedder(), lambda what, done, total: told.append((what, done, total)))
    assert told == [("meanings", 0, 4), ("meanings", 4, 4)]


@pytest.mark.parametrize("name", [INDEX, NAMES])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "other"])
def test_a_damaged_index_is_named(tmp_path: Path, name: str, damage: str) -> None:
    target = tmp_path / "meaning"
    MeaningIndex.build(ROWS, TableEmbedder()).save(target, {})
    file = target / name
    whole = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "other": b"\xff\xfe nothing of the kind\n"}[damage])
    with pytest.raises(ModelError, match=str(target)):
        MeaningIndex.open(target)


def test_a_row_without_an_identifier_is_a_damaged_index(tmp_path: Path) -> None:
    MeaningIndex.build(ROWS, TableEmbedder()).save(tmp_path / "meaning", {})
    (tmp_path / "meaning" / NAMES).write_text("no identifier\n" * 4, encoding="utf-8")
    with pytest.raises(ModelError, match=str(tmp_path / "meaning")):
        MeaningIndex.open(tmp_path / "meaning")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"graph": 3}', "{}"])
def test_what_an_index_is_made_of_is_unknown_where_its_description_is_damaged(tmp_path: Path, content: str) -> None:
    (tmp_path / ABOUT).write_text(content, encoding="utf-8")
    assert made_of(tmp_path) is None
    assert made_of(tmp_path / "nowhere") is None


def test_the_digest_of_a_graph_is_that_of_its_sources_in_any_order() -> None:
    one, two = Source("a", "A", "1", "CC0", "11"), Source("b", "B", "1", "CC0", "22")
    assert graph_digest([one, two]) == graph_digest([two, one])
    others = [[one], [one, replace(two, sha256="23")], [one, replace(two, name="c")], []]
    assert graph_digest([one, two]) not in {graph_digest(sources) for sources in others}
    assert graph_digest([one, replace(two, title="other", version="2")]) == graph_digest([one, two])


def test_names_worth_finding_by_meaning_are_those_of_signs_and_curated_ones_of_illnesses(graph: SnapshotGraph) -> None:
    names = {name for _, name in names_by_meaning(graph, graph.entities())}
    assert names == {
        "chest tightness", "pain", "pain when urinating", "burning when passing water", "stiff ribs", "tight chest band",  # signs
        "gout", "podagra", "painkillers",
    }  # fmt: skip


def test_a_name_is_there_once_and_no_abbreviation(tmp_path: Path) -> None:
    own = build_graph(tmp_path / "snapshot", [entity(DISEASE, "lung clot", "Lung clots", "PE", "lung-clot")])
    assert [name for _, name in names_by_meaning(own, own.entities())] == ["lung clot"]


# Phrases


SURFACE = SurfaceNames.of([key(e.name) for e in CURATED], [key(e.name) for e in CURATED])


def reading(text: str) -> Reading:
    return read(text, text, 0, len(text), Speller(SURFACE, ENGLISH))


def looked_at(text: str, taken: tuple[int, ...] = (), telling: str = "") -> list[str]:
    """Return the phrases of a text; `telling`, the words of which names are made, all where empty."""
    words = telling.split()
    return [p.text for p in phrases(reading(text), taken, lambda word: not words or word in words)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("I have it with the", []),
        ("a gripping chest", ["gripping chest"]),
        ("my chest feels weird", ["chest feels weird", "chest", "weird"]),
        ("gripping chest now", ["gripping chest"]),
        ("big gripping chest", ["big gripping chest", "big gripping", "gripping chest"]),
        ("gripping chest, weird ribs", ["gripping chest", "weird ribs"]),
        ("gripping. Chest", ["gripping", "Chest"]),
        ("gripping (chest) weird", ["gripping", "chest", "weird"]),
        ("gone off food", ["gone off food", "gone off", "off food"]),
        ("out cold", []),
        ("blown out", ["blown out"]),
    ],
)
def test_phrases_begin_and_end_with_words_that_say_something(text: str, expected: list[str]) -> None:
    assert sorted(looked_at(text)) == sorted(expected)


def test_a_phrase_is_no_longer_than_seven_words() -> None:
    assert "red blue green black white brown grey" in looked_at("red blue green black white brown grey")
    assert looked_at("red blue green black white brown grey pink") == []  # no word of these says where a shorter one would end
    assert all(len(text.split()) <= 7 for text in looked_at("ribs of the red and the blue and the green and the black"))


def test_what_has_a_name_already_is_looked_at_only_together_with_more() -> None:
    assert looked_at("gripping chest", taken=(0, 1)) == []
    assert looked_at("gripping chest", taken=(1,)) == ["gripping chest"]


def test_a_phrase_has_a_word_of_which_names_are_made() -> None:
    assert looked_at("weird chest, weird sofa", telling="chest") == ["weird chest"]


@given(text=st.lists(st.sampled_from("my chest feels weird , . out of pain \n the zorblax off".split(" "))).map(" ".join))
def test_phrases_stand_in_the_text(text: str) -> None:
    found = reading(text)
    for phrase in phrases(found, (), lambda word: True):
        assert found.written(phrase.first, phrase.last) == phrase.text
        assert not any(mark in phrase.text for mark in ",.\n")


# Linking by meaning


def test_a_phrase_that_means_a_name_is_linked_with_its_near_ones(graph: SnapshotGraph) -> None:
    (mention,) = linker(graph, {"rope round my chest": ("chest tightness", 0.95)}).link("there is a rope round my chest")
    assert (mention.text, mention.entity) == ("rope round my chest", TIGHT)
    assert mention.reason == "means nearly 'chest tightness' (cosine 0.95)"
    assert mention.score == pytest.approx(0.8 * 0.98, abs=1e-3)
    assert 1 < len(mention.candidates) <= 5
    assert [c.score for c in mention.candidates] == sorted((c.score for c in mention.candidates), reverse=True)


@pytest.mark.parametrize(
    ("phrase", "cosine", "linked"),
    [
        ("rope round my chest", 0.86, True),  # 0.03 nearer, since curated
        ("rope round my chest", 0.84, False),
        ("tightness", 0.99, False),  # a single word means too much
    ],
)
def test_a_phrase_must_be_near_enough(graph: SnapshotGraph, phrase: str, cosine: float, linked: bool) -> None:
    mentions = linker(graph, {phrase: ("chest tightness", cosine)}).link(f"have you a {phrase}")
    assert [m.text for m in mentions if m.entity == TIGHT] == ([phrase] if linked else [])


def test_an_imported_name_must_be_nearer(graph: SnapshotGraph) -> None:
    for cosine, linked in ((0.89, True), (0.87, False)):
        mentions = linker(graph, {"rope round my chest": ("stiff ribs", cosine)}).link("a rope round my chest")
        assert (RARE in [m.entity for m in mentions]) == linked


def test_the_thresholds_can_be_chosen(graph: SnapshotGraph) -> None:
    embedder = TableEmbedder({"rope round my chest": ("chest tightness", 0.5)})
    eager = NameLinker(graph, ENGLISH, meaning(graph, embedder, Thresholds(phrase=0.5)))
    assert ("rope round my chest", "chest tightness") in found(eager.link("a rope round my chest"))


def test_a_name_in_the_phrase_is_given_up_for_another_that_says_more(graph: SnapshotGraph) -> None:
    assert found(linker(graph, {"pain when I pee": ("pain when urinating", 0.95)}).link("pain when I pee")) == [
        ("pain when I pee", "pain when urinating")
    ]


@pytest.mark.parametrize(
    "table",
    [
        {},  # nothing is near
        {"pain when I pee": ("pain when urinating", 0.8)},  # not near enough
        {"pain when I pee": ("pain", 0.99)},  # says no more
        {"pain when I pee": ("stiff ribs", 0.99)},  # nothing is said of it
    ],
)
def test_a_name_in_the_phrase_stands_against_anything_less(graph: SnapshotGraph, table: dict[str, tuple[str, float]]) -> None:
    assert ("pain", "pain") in found(linker(graph, table).link("pain when I pee"))


def test_two_names_are_not_given_up_for_a_phrase(graph: SnapshotGraph) -> None:
    table = {"gout with pain when I pee": ("pain when urinating", 0.99), "gout with pain": ("chest tightness", 0.99)}
    assert found(linker(graph, table).link("gout with pain when I pee"))[:2] == [("gout", "gout"), ("pain", "pain")]


def test_a_long_text_is_no_question(graph: SnapshotGraph) -> None:
    embedder = TableEmbedder({"rope round my chest": ("chest tightness", 0.95)})
    by_meaning = NameLinker(graph, ENGLISH, meaning(graph, embedder))
    text = "a rope round my chest " + "and so on " * LONGEST_QUESTION
    assert [m for m in by_meaning.link(text) if m.entity] == []
    assert embedder.seen == []


def test_nothing_is_opened_or_embedded_where_names_say_it_all(graph: SnapshotGraph) -> None:
    def never() -> MeaningIndex:
        raise AssertionError("opened")

    by_meaning = NameLinker(graph, ENGLISH, Meaning(never, TableEmbedder(), graph))
    assert found(by_meaning.link("what is gout, and what about Advil?")) == [("gout", "gout"), ("Advil", "ibuprofen")]


def test_the_index_is_opened_once(graph: SnapshotGraph) -> None:
    opened: list[int] = []
    embedder = TableEmbedder()

    def once() -> MeaningIndex:
        opened.append(1)
        return MeaningIndex.build(ROWS, embedder)

    own = Meaning(once, embedder, graph)
    assert own.rank("gout") == own.rank("gout") == []  # none of its entities is in the graph
    assert opened == [1]


# Ranks


def test_a_name_is_ranked_before_what_is_near(graph: SnapshotGraph) -> None:
    ranked = linker(graph, {"podagra": ("chest tightness", 0.9)}).rank("podagra")
    assert [c.entity.name for c in ranked][:2] == ["gout", "chest tightness"]
    assert len(ranked) <= 5
    assert len({c.entity.curie for c in ranked}) == len(ranked)


def test_whatever_is_nearest_is_ranked_though_it_is_linked_to_nothing(graph: SnapshotGraph) -> None:
    own = linker(graph, {"rope round my chest": ("chest tightness", 0.5)})
    assert all(m.entity is None for m in own.link("rope round my chest"))
    assert own.rank("rope round my chest")[0].entity == TIGHT


def test_a_name_in_a_part_of_the_phrase_is_not_ranked_as_if_it_were_all_of_it(graph: SnapshotGraph) -> None:
    assert NameLinker(graph, ENGLISH).rank("gout of the wooden furniture") == ()
    assert [c.entity.name for c in NameLinker(graph, ENGLISH).rank("gout")] == ["gout"]
    assert NameLinker(graph, ENGLISH).rank("") == ()


# Beside a snapshot


class Encoder(TableEmbedder, loading.LazyEncoder):
    """Stands in for the encoder."""


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shipped index of two names."""
    target = tmp_path / "shipped"
    rows = [(GOUT.curie, "gout"), (TIGHT.curie, "chest tightness")]
    MeaningIndex.build(rows, TableEmbedder()).save(target, {"graph": "of another graph"})
    monkeypatch.setattr(loading, "shipped_meanings", lambda: target)
    return target


def own_graph(tmp_path: Path, sha256: str = "1") -> SnapshotGraph:
    return build_graph(tmp_path / f"snapshot{sha256}", CURATED, IMPORTED, FACTS, sha256)


def test_names_beyond_the_shipped_ones_are_embedded_once_and_kept_beside_the_snapshot(shipped: Path, tmp_path: Path) -> None:
    graph, encoder = own_graph(tmp_path), Encoder()
    assert loading.open_meaning(graph, encoder).rank("stiff ribs")[0].entity == RARE
    kept = graph.path.with_name(graph.path.name + ".meaning")
    assert made_of(kept) == graph_digest(graph.sources)
    assert {"gout", "chest tightness"}.isdisjoint(encoder.seen)
    before = {path.name: path.stat().st_mtime_ns for path in kept.iterdir()}
    again = Encoder()
    assert loading.open_meaning(graph, again).rank("stiff ribs")[0].entity == RARE
    assert again.seen == ["stiff ribs"]
    assert {path.name: path.stat().st_mtime_ns for path in kept.iterdir()} == before


def test_what_is_kept_for_another_graph_is_made_anew(shipped: Path, tmp_path: Path) -> None:
    graph = own_graph(tmp_path)
    kept = graph.path.with_name(graph.path.name + ".meaning")
    MeaningIndex.build(ROWS, TableEmbedder()).save(kept, {"graph": "another"})
    assert loading.open_meaning(graph, Encoder()).rank("stiff ribs")[0].entity == RARE
    assert made_of(kept) == graph_digest(graph.sources)


def test_the_shipped_graph_has_its_names_embedded(shipped: Path, tmp_path: Path) -> None:
    graph, encoder = own_graph(tmp_path), Encoder()
    (shipped / ABOUT).write_text(json.dumps({"graph": graph_digest(graph.sources)}), encoding="utf-8")
    assert loading.open_meaning(graph, encoder).rank("gout")[0].entity == GOUT
    assert encoder.seen == ["gout"]
    assert not graph.path.with_name(graph.path.name + ".meaning").exists()


def test_a_place_that_cannot_be_written_costs_time_only(shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: MeaningIndex, directory: Path, about: object) -> None:
        raise OSError("no space left")

    graph = own_graph(tmp_path)
    monkeypatch.setattr(MeaningIndex, "save", full)
    assert loading.open_meaning(graph, Encoder()).rank("stiff ribs")[0].entity == RARE


def test_a_missing_shipped_index_is_named(shipped: Path, tmp_path: Path) -> None:
    (shipped / INDEX).unlink()
    with pytest.raises(ModelError, match=str(shipped / INDEX)):
        loading.open_meaning(own_graph(tmp_path), Encoder())


def test_the_encoder_is_not_loaded_until_something_is_asked_of_it(tmp_path: Path) -> None:
    lazy = loading.LazyEncoder(tmp_path / "nowhere")
    with pytest.raises(ModelError, match="nowhere"):
        lazy.embed(["gout"])


def test_vectors_of_the_stand_in_are_as_near_as_said() -> None:
    vectors = TableEmbedder({"x": ("gout", 0.7)}).embed(["x", "gout", "other"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert vectors[0] @ vectors[1] == pytest.approx(0.7, abs=1e-5)
    assert abs(float(vectors[0] @ vectors[2])) < 0.4
