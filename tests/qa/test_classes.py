"""Tests of the questions with classes: the file, MedQuAD, and what is made from the graph and from sentences."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from kg import vocabulary as v
from kg.model import Curie, Direction, Entity, Fact
from qa.errors import DatasetError
from qa.training.class_questions import NONE, Sources, make_classes, read_sentences, relation_names
from qa.training.classes import FORM, RELATION, SPLITS, TYPE, ClassedQuestion, count_classes, read_classes, write_classes
from qa.training.medquad import OTHER, RARE, is_held_out_focus, read_medquad
from qa.training.wordings import LIST, is_held_out, read_wordings
from server.cli import main

SEED = 3
GOOD = {"id": "a", "question": "what is gout", "classes": {"form": "definition"}, "split": "train"}
MEDQUAD = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "qa" / "medquad"


class TinyGraph:
    """Entities and facts in memory."""

    def __init__(self, entities: Sequence[Entity], facts: Sequence[Fact]) -> None:
        self._entities = {entity.curie: entity for entity in entities}
        self._facts = facts

    def entity(self, curie: str) -> Entity | None:
        return self._entities.get(Curie(curie))

    def facts(self, curie: str, direction: Direction) -> Sequence[Fact]:
        return [fact for fact in self._facts if fact.end(direction.other) == curie]

    def entities(self) -> Iterator[Entity]:
        return iter(self._entities.values())


def _entities(first: int, number: int, category: Curie, name: str) -> list[Entity]:
    return [Entity(Curie(f"medkg:{first + n}"), category, f"{name} {n}", ()) for n in range(number)]


ILLNESSES = _entities(0, 40, v.DISEASE, "illness")
SIGNS = _entities(100, 10, v.PHENOTYPE, "sign")
MEDICINES = _entities(200, 20, v.DRUG, "medicine")
UNTOLD = Entity(Curie("medkg:999"), v.DISEASE, "untold illness", ())


def _told() -> Iterator[Fact]:
    for n, illness in enumerate(ILLNESSES):
        for k in range(2):
            yield Fact(illness.curie, v.HAS_PHENOTYPE, SIGNS[(n + k) % len(SIGNS)].curie, "tiny", {}, False)
            yield Fact(MEDICINES[(n + k) % len(MEDICINES)].curie, v.TREATS, illness.curie, "tiny", {}, False)


def _page(directory: Path, number: int, focus: str, asked: Sequence[tuple[str, str]], head: str = "") -> None:
    directory.mkdir(parents=True, exist_ok=True)
    pairs = "".join(f'<QAPair><Question qid="{n}" qtype="{kind}">{text}</Question></QAPair>' for n, (kind, text) in enumerate(asked))
    text = f'<?xml version="1.0" encoding="UTF-8"?>{head}<Document><Focus>{focus}</Focus><QAPairs>{pairs}</QAPairs></Document>'
    (directory / f"{number}.xml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    directory = tmp_path_factory.mktemp("sources")
    for n in range(60):
        asked = [("symptoms", f"What are the symptoms of illness {n} ?"), ("Genetic_Changes", f"Which genes has illness {n} ? ?")]
        _page(directory / "medquad" / "1_Pages", n, f"Illness {n}", asked)
    articles = [("Gene", "What is a gene?")] + [(f"Town {n}", f"Where is town {n}?") for n in range(200)]
    data = [
        {"title": title, "paragraphs": [{"context": "Here.", "qas": [{"id": title, "question": text, "answers": []}]}]}
        for title, text in articles
    ]
    (directory / "squad.json").write_text(json.dumps({"version": "1.1", "data": data}), encoding="utf-8")
    return Sources(directory / "medquad", directory / "squad.json")


@pytest.fixture(scope="module")
def graph() -> TinyGraph:
    return TinyGraph([*ILLNESSES, *SIGNS, *MEDICINES, UNTOLD], list(_told()))


@pytest.fixture(scope="module")
def made(graph: TinyGraph, sources: Sources) -> list[ClassedQuestion]:
    return make_classes(graph, sources, 900, SEED)


def _of(made: Sequence[ClassedQuestion], split: str) -> list[ClassedQuestion]:
    found = [question for question in made if question.split == split]
    assert found
    return found


def test_file_reads_back_as_written(made: list[ClassedQuestion], tmp_path: Path) -> None:
    write_classes(made, tmp_path / "classes.jsonl")
    assert read_classes(tmp_path / "classes.jsonl") == made
    assert [path.name for path in tmp_path.iterdir()] == ["classes.jsonl"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"classes": {"colour": "red"}}, "type, relation, form"),
        ({"classes": {}}, "one or more of"),
        ({"classes": {"type": 3}}, "a name"),
        ({"split": "test"}, "split is 'test'"),
        ({"question": " "}, "at least one word"),
        ({"id": None}, "expected an object with the texts"),
    ],
)
def test_line_of_another_form_is_named(tmp_path: Path, change: dict[str, object], expected: str) -> None:
    path = tmp_path / "classes.jsonl"
    path.write_text(json.dumps(GOOD) + "\n\n" + json.dumps(GOOD | change) + "\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=f"line 3: .*{expected}"):
        read_classes(path)


def test_broken_line_and_missing_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "broken.jsonl").write_text("{", encoding="utf-8")
    with pytest.raises(DatasetError, match="line 1: not readable as JSON"):
        read_classes(tmp_path / "broken.jsonl")
    with pytest.raises(DatasetError, match="expected a question with classes a line"):
        read_classes(tmp_path / "missing.jsonl")


def test_counts_are_by_split_head_and_class() -> None:
    questions = [ClassedQuestion(str(n), "q", {TYPE: "causes"} if n else {FORM: LIST}, "train") for n in range(3)]
    assert count_classes(questions) == {"train": {"all": {"questions": 3}, "form": {"list": 1}, "type": {"causes": 2}}}


def test_medquad_texts_and_types_are_tidied_and_rare_types_are_one(tmp_path: Path) -> None:
    for n in range(RARE):
        _page(tmp_path / "a", n, f"illness {n}", [("Exams_and  Tests", f" How to diagnose\n illness {n}? ?")])
    _page(tmp_path / "b", 0, "illness", [("stages", "What are the stages?"), ("exams and tests", "how to diagnose illness 0?")])
    found = read_medquad(tmp_path)
    assert [(q.text, q.type) for q in found] == [(f"How to diagnose illness {n}?", "exams and tests") for n in range(RARE)] + [
        ("What are the stages?", OTHER)
    ]
    assert len({q.id for q in found}) == len(found)


def test_medquad_that_expands_entities_or_is_cut_off_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE Document [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    _page(tmp_path / "bomb" / "a", 0, "&b;", [("causes", "Why?")], bomb)
    with pytest.raises(DatasetError, match=r"0\.xml.*'b'"):
        read_medquad(tmp_path / "bomb")
    _page(tmp_path / "outside" / "a", 0, "gout", [("causes", "Why?")], '<!DOCTYPE Document SYSTEM "file:///etc/hostname">')
    with pytest.raises(DatasetError, match="not followed"):
        read_medquad(tmp_path / "outside")
    (tmp_path / "cut" / "a").mkdir(parents=True)
    (tmp_path / "cut" / "a" / "0.xml").write_text("<Document><Focus>gout", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"0\.xml.*no XML"):
        read_medquad(tmp_path / "cut")
    with pytest.raises(DatasetError, match="holds no file"):
        read_medquad(tmp_path)


def test_every_wording_has_a_relation_that_a_list_asks_for() -> None:
    wordings, sentences = read_wordings(), read_sentences()
    names = relation_names(wordings, sentences)
    listed = {wording.name: wording for wording in wordings if wording.kind == LIST}
    for wording in wordings:
        relation = listed[names[wording.kind, wording.name]]
        assert relation.labels & wording.labels
    assert names["yes/no", "tests"] == "is a test for"
    assert names["both", "treatments"] == "treatments"
    assert set(sentences.relations) <= {wording.name for wording in wordings if wording.kind != LIST}
    assert set(sentences.types) <= {*listed, "definition"}


def test_wording_without_a_relation_is_refused() -> None:
    sentences = read_sentences()
    odd = [w for w in read_wordings() if w.name != "can cause"]
    with pytest.raises(DatasetError, match="'effects'"):
        relation_names(odd, sentences)


def test_sentences_are_whole_and_a_quarter_is_held_out() -> None:
    for group in read_sentences().groups:
        assert group.classes and 0 < group.share < 0.1
        assert not {s.lower().rstrip("?.") for s in group.train} & {s.lower().rstrip("?.") for s in group.held_out}
        for sentence in (*group.train, *group.held_out):
            assert ("{x}" in sentence) == bool(group.about)
            assert sentence.replace("{x}", "").count("{") == 0
        assert 0.15 < len(group.held_out) / len((*group.train, *group.held_out)) < 0.35


def test_sentences_of_another_form_are_refused(tmp_path: Path) -> None:
    (tmp_path / "classes.yaml").write_text("groups: {a: {share: many}}", encoding="utf-8")
    with pytest.raises(DatasetError, match="expected groups"):
        read_sentences(tmp_path / "classes.yaml")


def test_graph_question_has_the_classes_of_its_wording(made: list[ClassedQuestion]) -> None:
    seen = set()
    for question in made:
        for kind, form in (("list", "list"), ("unanswerable", "list"), ("yes/no", "yes/no"), ("both", "both")):
            if question.id.startswith(f"{question.split}/{kind}/symptoms/"):
                seen.add(kind)
                assert question.classes == {RELATION: "symptoms", FORM: form, TYPE: "symptoms"}
        if question.id.startswith(f"{question.split}/yes/no/treats/"):
            seen.add("treats")
            assert question.classes == {RELATION: "is used for", FORM: "yes/no"}
    assert seen >= {"list", "unanswerable", "yes/no", "treats"}


def test_every_split_is_made_and_no_question_stands_in_two(made: list[ClassedQuestion]) -> None:
    splits = defaultdict(set)
    for question in made:
        splits[question.question.casefold().rstrip("?. ")].add(question.split)
    assert {split for found in splits.values() for split in found} == set(SPLITS)
    assert all(len(found) == 1 for found in splits.values())
    assert len({question.id for question in made}) == len(made)


def test_held_out_names_and_sentences_are_never_trained_on(made: list[ClassedQuestion]) -> None:
    held = {str(entity.curie) for entity in (*ILLNESSES, *SIGNS, *MEDICINES) if is_held_out(entity.curie)}
    definitions = [question for question in made if question.classes.get(FORM) == "definition"]
    assert {question.split for question in definitions} == {"train", "templates", "entities"}
    for question in definitions:
        assert (question.id.split("/")[2] in held) == (question.split == "entities")
    for group in read_sentences().groups:
        if not group.about:
            assert not {s.lower() for s in group.held_out} & {q.question.lower() for q in _of(made, "train")}


def test_no_focus_stands_on_both_sides(made: list[ClassedQuestion]) -> None:
    held = {n for n in range(60) if is_held_out_focus(f"illness {n}")}
    assert held and is_held_out_focus("Illness 1") == is_held_out_focus(" illness 1")
    for question in _of(made, "held_out"):
        if question.id.startswith("medquad"):
            assert int(question.question.rstrip("?").split()[-1]) in held
    foci = {question.id.split("/")[-2] for question in made if not question.id.startswith(("medquad", "squad"))}
    assert not foci & {str(ILLNESSES[n].curie) for n in held if n < len(ILLNESSES)}
    for question in _of(made, "train"):
        if question.id.startswith("medquad"):
            assert int(question.question.rstrip("?").split()[-1]) not in held


def test_squad_stands_for_what_is_not_medical_but_not_with_its_medical_articles(made: list[ClassedQuestion]) -> None:
    asked = [question for question in made if question.id.startswith("squad/")]
    assert {question.split for question in asked} == {"train", "held_out"}
    assert all(question.classes == {RELATION: NONE, FORM: NONE} for question in asked)
    assert not any("gene" in question.question for question in asked)


def test_what_is_untold_is_not_asked_about(made: list[ClassedQuestion]) -> None:
    assert not any(UNTOLD.name in question.question.lower() for question in made)


def test_sources_are_optional_and_the_same_seed_gives_the_same(graph: TinyGraph) -> None:
    one, two, other = (make_classes(graph, Sources(), 300, seed) for seed in (1, 1, 2))
    assert one == two != other
    assert not any(question.id.startswith(("medquad", "squad")) for question in one)


def test_folder_to_write_into_must_be_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "classes", "--out", str(tmp_path / "none" / "classes.jsonl")]) == 2
    assert "expected one to write classes.jsonl into" in capsys.readouterr().err


@pytest.mark.skipif(not MEDQUAD.is_dir(), reason="MedQuAD is not there")
def test_medquad_as_published_gives_known_types() -> None:
    found = read_medquad(MEDQUAD)
    types = {question.type for question in found}
    assert {"information", "symptoms", "treatment", "exams and tests", "susceptibility"} <= types
    assert set(read_sentences().types.values()) <= types
    held = sum(is_held_out_focus(question.focus) for question in found)
    assert 0.05 < held / len(found) < 0.15
