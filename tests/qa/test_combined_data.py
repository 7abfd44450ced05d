"""Tests of the questions that have triples and a passage beside them: how they are made, written and read."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import yaml

from kg.graph import SnapshotGraph
from kg.model import Direction
from qa.context import group_label
from qa.errors import DatasetError
from qa.linker import NameLinker
from qa.model import Evidence, Relation
from qa.training.combined_bioasq import ELSEWHERE, NEGATIVE, POSITIVE, bioasq_tasks, bounded, looker
from qa.training.combined_data import HELD_OUT, TRAIN, CombinedTask, combined_line, read_combined
from qa.training.combined_made import FOREIGN, IN_BOTH, MAX_WORDS, NEITHER, PASSAGE, TRIPLES, make_combined
from qa.training.combined_medquad import medquad_tasks, mode_of
from qa.training.lines import write_lines
from qa.training.prose import PROSE, read_sentences, tell
from qa.training.wordings import is_held_out, read_facts, read_wordings

SEED = 3
MEDQUAD_DIRECTORY = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "qa" / "medquad"


@pytest.fixture(scope="module")
def made(tiny_graph: SnapshotGraph) -> dict[str, list[CombinedTask]]:
    facts, wordings = read_facts(tiny_graph), read_wordings()
    return {split: list(make_combined(facts, wordings, split, 200, SEED)) for split in (TRAIN, HELD_OUT)}


def _everything(made: dict[str, list[CombinedTask]]) -> list[CombinedTask]:
    return [task for split in made.values() for task in split]


def _slots(task: CombinedTask, label: int) -> list[str]:
    return [task.task.evidence[s.start : s.end] for s, given in zip(task.task.slots, task.labels, strict=True) if given == label]


def test_the_answer_stands_where_the_kind_says(made: dict[str, list[CombinedTask]]) -> None:
    where = {PASSAGE: (False, True), TRIPLES: (True, False), IN_BOTH: (True, True), NEITHER: (False, False), FOREIGN: (False, True)}
    tasks = _everything(made)
    assert {task.kind for task in tasks} == where.keys()
    for task in tasks:
        assert (any(task.labels), bool(task.answers)) == where[task.kind], task.id


def test_answers_are_at_their_place_and_the_whole_list_comes_first(made: dict[str, list[CombinedTask]]) -> None:
    listed = 0
    for task in _everything(made):
        assert all(task.task.passage.startswith(answer.text, answer.start) for answer in task.answers)
        if len(task.answers) > 1:
            listed += 1
            assert all(answer.text in task.answers[0].text for answer in task.answers)
    assert listed


def test_what_triples_and_passage_answer_is_alike(made: dict[str, list[CombinedTask]], tiny_graph: SnapshotGraph) -> None:
    both = [task for task in _everything(made) if task.kind == IN_BOTH]
    for task in both:
        named = [e for e in tiny_graph.entities() if e.name in _slots(task, 1)]
        names = {name.casefold() for entity in named for name in (entity.name, *entity.synonyms)}
        assert any(answer.text.casefold() in names for answer in task.answers)


def test_foreign_triples_are_of_one_other_entity(made: dict[str, list[CombinedTask]], tiny_graph: SnapshotGraph) -> None:
    foreign = [task for task in made[TRAIN] if task.kind == FOREIGN]
    assert foreign
    for task in foreign:
        heads = {lead.partition(": ")[0] for lead in f"{task.task.evidence} ".split(". ") if lead}
        foci = {e.name for e in tiny_graph.entities() if all(head.startswith(f"{e.name} ") for head in heads)}
        assert foci
        assert not any(task.labels)


def test_evidence_is_bounded(made: dict[str, list[CombinedTask]]) -> None:
    for task in _everything(made):
        # One group that answers may by itself be longer than what is bounded.
        assert len(task.task.evidence.split()) <= MAX_WORDS + 20


def test_held_out_foci_are_those_of_the_training_questions(made: dict[str, list[CombinedTask]], tiny_graph: SnapshotGraph) -> None:
    held = [entity for entity in tiny_graph.entities() if is_held_out(entity.curie)]
    assert held
    for task in made[TRAIN]:
        asked = task.task.question.lower()
        assert not any(f". {e.name} " in f". {task.task.evidence}" and e.name.lower() in asked for e in held)


def test_the_same_seed_makes_the_same_tasks(made: dict[str, list[CombinedTask]], tiny_graph: SnapshotGraph) -> None:
    facts, wordings = read_facts(tiny_graph), read_wordings()
    assert list(make_combined(facts, wordings, TRAIN, 200, SEED)) == made[TRAIN]
    assert list(make_combined(facts, wordings, TRAIN, 200, SEED + 1)) != made[TRAIN]


def test_there_are_six_sentences_a_label_and_none_is_both_trained_and_held_out() -> None:
    content = yaml.safe_load(PROSE.read_text(encoding="utf-8"))
    trained, held = read_sentences("train"), read_sentences("held_out")
    assert len(trained.telling) >= 15
    for label, form in content["sentences"].items():
        assert len(form["train"]) >= 3 and len(form["train"]) + len(form["held_out"]) >= 6, label
    for one, other in ((trained.fillers, held.fillers), (sum(trained.telling.values(), ()), sum(held.telling.values(), ()))):
        assert not set(one) & set(other)


def test_a_sentence_tells_several_answers_in_order(tiny_graph: SnapshotGraph) -> None:
    gout = tiny_graph.entity("MONDO:0005393")
    assert gout is not None
    told = _evidence(tiny_graph, gout.curie, "symptoms")[:2]
    sentence = tell(told, read_sentences("train"), random.Random(1))
    whole, first, second = (answer.text for answer in sentence.answers)
    assert whole == f"{first} and {second}"
    assert all(sentence.text.startswith(answer.text, answer.start) for answer in sentence.answers)


def test_a_sentence_without_room_for_both_names_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "prose.yaml"
    file.write_text("sentences: {symptoms: {train: ['{x} hurts.'], held_out: []}}\nfillers: {train: [], held_out: []}\n")
    with pytest.raises(DatasetError, match="once each"):
        read_sentences("train", file)


def test_lines_come_back_as_they_were_written(made: dict[str, list[CombinedTask]], tmp_path: Path) -> None:
    file = tmp_path / "combined.jsonl"
    write_lines(file, map(combined_line, _everything(made)))
    assert read_combined(file) == _everything(made)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answers": [{"text": "fever", "start": 3}]}, "is not at 3"),
        ({"answers": [{"text": "", "start": 0}]}, "is not at 0"),
        ({"answers": [{"text": "fever"}]}, "expected objects with text and start"),
        ({"answers": None}, "expected objects with text and start"),
        ({"labels": [1, 0]}, "for each of 1 slots"),
        ({"slots": [[0, 99]]}, "expected a range within"),
        ({"split": "test"}, "expected train or held_out"),
        ({"passage": None}, "expected an object with the texts"),
    ],
)
def test_a_damaged_line_is_named(tmp_path: Path, change: dict[str, object], message: str) -> None:
    line = {"id": "made/1", "evidence": "gout symptoms: fever.", "question": "signs?", "slots": [[15, 20]], "labels": [1]}
    line |= {"passage": "a fever.", "answers": [{"text": "fever", "start": 2}], "kind": "both", "split": "train"}
    file = tmp_path / "combined.jsonl"
    file.write_text(json.dumps(line) + "\n" + json.dumps(line | change) + "\n")
    with pytest.raises(DatasetError, match=f"line 2.*{message}"):
        read_combined(file)


def _evidence(graph: SnapshotGraph, curie: str, label: str = "") -> list[Evidence]:
    focus = graph.entity(curie)
    assert focus is not None
    found = []
    for direction in Direction:
        for fact in graph.facts(curie, direction):
            target = graph.entity(fact.end(direction))
            assert target is not None
            found.append(Evidence(fact, focus, Relation(fact.predicate, direction), target))
    return [e for e in found if label in ("", group_label(e))]


def _bioasq(path: Path) -> Path:
    def paragraph(context: str, name: str, question: str, *answers: tuple[str, int]) -> dict[str, object]:
        listed = [{"text": text, "answer_start": start} for text, start in answers]
        qa = {"id": name, "question": question, "answers": listed, "is_impossible": not answers}
        return {"context": context, "qas": [qa]}

    def test_set(title: str, prefix: str) -> dict[str, object]:
        one, other = "What does gout bring?", "Which factor does milvexian block?"
        paragraphs = [
            paragraph("Gout brings joint pain.", f"{prefix}1_000", one, ("joint pain", 12)),
            paragraph("Gout is old.", f"{prefix}1_001", one),
            paragraph("Milvexian blocks factor XIa.", f"{prefix}2_000", other, ("xia", 5)),
        ]
        return {"title": title, "paragraphs": paragraphs}

    path.write_text(json.dumps({"data": [test_set("7B1_golden", "a"), test_set("10B1_golden", "b")]}))
    return path


def test_bioasq_is_held_out_by_edition(tmp_path: Path, tiny_graph: SnapshotGraph, linker: NameLinker) -> None:
    tasks = list(bioasq_tasks(_bioasq(tmp_path / "bioasq.json"), looker(tiny_graph, linker), 0))
    assert {(task.id.split("/")[3][0], task.split) for task in tasks} == {("a", TRAIN), ("b", HELD_OUT)}
    assert {task.kind for task in tasks} == {POSITIVE, NEGATIVE, ELSEWHERE}
    assert all(bool(task.answers) == (task.kind == POSITIVE) for task in tasks)


def test_bioasq_answers_are_words_of_their_own(tmp_path: Path) -> None:
    tasks = bioasq_tasks(_bioasq(tmp_path / "bioasq.json"), lambda _: [], 0)
    found = {answer.text: answer.start for task in tasks if task.kind == POSITIVE for answer in task.answers}
    assert found == {"joint pain": 12, "XIa": 24}


def test_bioasq_questions_have_the_triples_of_what_they_name(tmp_path: Path, tiny_graph: SnapshotGraph, linker: NameLinker) -> None:
    tasks = list(bioasq_tasks(_bioasq(tmp_path / "bioasq.json"), looker(tiny_graph, linker), 0))
    held = [task for task in tasks if task.split == HELD_OUT and task.task.question.startswith("What does gout")]
    assert all("gout " in task.task.evidence for task in held)
    assert {text for task in held for text in _slots(task, 1)} == {"joint pain"}
    assert any(not task.task.slots for task in tasks if task.split == TRAIN)
    # What the held-out question does not name is not made up for: its triples are what serving would find.
    assert not any(task.task.slots for task in tasks if task.split == HELD_OUT and "milvexian" in task.task.question)


def test_bounded_evidence_has_something_of_every_group(tiny_graph: SnapshotGraph) -> None:
    evidence = _evidence(tiny_graph, "MONDO:0005393")
    labels = {group_label(e) for e in evidence}
    short = bounded(evidence, words=1000, most=1)
    assert len(short.slots) == len(labels) > 3
    assert len(bounded(evidence, words=12).text.split()) <= 12


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("It is inherited in an autosomal recessive pattern, which means both copies have mutations.", "autosomal recessive"),
        ("The condition follows an X-linked recessive manner. A feature of X-linked inheritance is that ...", "X-linked recessive"),
        ("It has a mitochondrial pattern of inheritance.", "mitochondrial"),
        ("Mitochondrial DNA is damaged.", None),
        ("Parents of an individual with an autosomal recessive condition are carriers.", None),
        ("It can have an autosomal dominant or an autosomal recessive pattern, in an autosomal dominant manner.", None),
        ("Most cases are sporadic; few have an autosomal dominant pattern.", None),
    ],
)
def test_the_mode_of_inheritance_is_read_off_the_text(text: str, mode: str | None) -> None:
    assert mode_of(text) == mode


def _document(focus: str, text: str) -> str:
    question = f'<Question qid="1-4" qtype="inheritance">Is {focus} inherited ?</Question>'
    return f"<Document><Focus>{focus}</Focus><QAPairs><QAPair>{question}<Answer>{text}</Answer></QAPair></QAPairs></Document>"


def test_medquad_questions_have_the_text_as_passage_and_the_graphs_triples(tmp_path: Path, tiny_graph: SnapshotGraph) -> None:
    folder = tmp_path / "3_GHR_QA"
    folder.mkdir()
    (folder / "1.xml").write_text(_document("Gout", "Gout has an autosomal dominant pattern."))
    (folder / "2.xml").write_text(_document("Numbat disease", "It has an autosomal dominant pattern."))
    (folder / "3.xml").write_text(_document("Gout", "Nobody knows."))
    (task,) = medquad_tasks(tmp_path, tiny_graph)
    assert task.golds == ("autosomal dominant", "autosomal dominant pattern")
    assert task.split == HELD_OUT and "gout symptoms: " in task.task.evidence
    with pytest.raises(DatasetError, match="holds no folder"):
        list(medquad_tasks(folder, tiny_graph))


def test_medquad_as_it_is_names_one_mode_where_it_is_clear() -> None:
    file = MEDQUAD_DIRECTORY / "3_GHR_QA" / "0000021.xml"
    if not file.is_file():
        pytest.skip("MedQuAD is not here")
    assert mode_of(file.read_text(encoding="utf-8")) == "autosomal dominant"
