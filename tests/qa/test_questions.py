"""Tests of the training questions that are made from the graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from kg import vocabulary as v
from kg.model import Curie, Direction, Entity, Fact
from kg.shipped import CURATED, ontologies_directory
from kg.sources.everyday import read_everyday
from kg.sources.relations import RELATION_KEYS
from qa.context import group_label
from qa.errors import DatasetError
from qa.model import Evidence, Relation
from qa.training.drafting import MAX_WORDS
from qa.training.questions import count_questions, make_questions, write_questions
from qa.training.triples import LabelledTask, read_triples
from qa.training.wordings import Facts, Wording, is_held_out, read_facts, read_wordings

SEED = 3


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


def _entity(number: int, category: Curie, name: str) -> Entity:
    return Entity(Curie(f"medkg:{number}"), category, name, (f"{name} thing",))


def _fact(subject: Entity, predicate: Curie, obj: Entity, negated: bool = False, **qualifiers: str) -> Fact:
    return Fact(subject.curie, predicate, obj.curie, "tiny", qualifiers, negated)


CONDITIONS = [_entity(n, v.DISEASE, f"illness {n}") for n in range(30)]
SIGNS = [_entity(100 + n, v.PHENOTYPE, name) for n, name in enumerate(("fever", "rash", "nausea", "joint pain", "cough", "headache"))]
MEDICINES = [_entity(200 + n, v.DRUG, f"medicine {n}") for n in range(12)]
AGE = _entity(300, v.EXPOSURE, "older age")
WAYS = [_entity(400 + n, v.INHERITANCE, f"inheritance {n}") for n in range(3)]


def _facts() -> list[Fact]:
    facts = []
    for n, condition in enumerate(CONDITIONS):
        facts += [_fact(condition, v.HAS_PHENOTYPE, SIGNS[(n + k) % len(SIGNS)]) for k in range(3)]
        facts += [_fact(MEDICINES[(n + k) % len(MEDICINES)], v.TREATS, condition) for k in range(2)]
        facts.append(_fact(MEDICINES[(n + 5) % len(MEDICINES)], v.TREATS, condition, negated=True))
        facts.append(_fact(condition, v.HAS_COMPLICATION, CONDITIONS[(n + 1) % len(CONDITIONS)]))
        facts.append(_fact(AGE, v.PREDISPOSES, condition))
        facts.append(_fact(condition, v.HAS_INHERITANCE, WAYS[n % len(WAYS)]))
        facts.append(_fact(MEDICINES[(n + 3) % len(MEDICINES)], v.CAUSES, condition, negated=True))
    for n, medicine in enumerate(MEDICINES):
        facts.append(_fact(medicine, v.HAS_SIDE_EFFECT, SIGNS[n % len(SIGNS)], frequency="common"))
        facts.append(_fact(medicine, v.HAS_SIDE_EFFECT, SIGNS[(n + 1) % len(SIGNS)], seriousness="serious"))
        facts.append(_fact(medicine, v.CONTRAINDICATED_IN, CONDITIONS[n], strength="avoid"))
        facts.append(_fact(medicine, v.INTERACTS_WITH, MEDICINES[(n + 1) % len(MEDICINES)], severity="major"))
    return facts


@pytest.fixture(scope="module")
def graph() -> TinyGraph:
    return TinyGraph([*CONDITIONS, *SIGNS, *MEDICINES, AGE, *WAYS], _facts())


@pytest.fixture(scope="module")
def known(graph: TinyGraph) -> Facts:
    return read_facts(graph)


@pytest.fixture(scope="module")
def wordings() -> list[Wording]:
    return read_wordings()


@pytest.fixture(scope="module")
def tasks(known: Facts, wordings: list[Wording]) -> dict[str, list[LabelledTask]]:
    return {split: list(make_questions(known, wordings, split, 800, SEED)) for split in ("train", "templates", "entities")}


def _everything(tasks: dict[str, list[LabelledTask]]) -> list[LabelledTask]:
    return [task for split in tasks.values() for task in split]


def _of_kind(tasks: dict[str, list[LabelledTask]], kind: str, name: str) -> list[LabelledTask]:
    found = [task for task in _everything(tasks) if task.id.startswith(f"{task.split}/{kind}/{name}/")]
    assert found
    return found


def _focus(task: LabelledTask) -> Curie:
    return Curie(task.id.split("/")[-2])


def _answers(task: LabelledTask) -> set[str]:
    text = task.task.evidence
    return {text[slot.start : slot.end] for slot, label in zip(task.task.slots, task.labels, strict=True) if label}


def test_list_question_is_answered_by_all_that_stands_under_its_label(tasks: dict[str, list[LabelledTask]], known: Facts) -> None:
    for task in _of_kind(tasks, "list", "symptoms"):
        assert _answers(task) == {evidence.target.name for evidence in known.groups[_focus(task)]["symptoms"]}


def test_direction_of_a_relation_decides_who_answers(tasks: dict[str, list[LabelledTask]], known: Facts) -> None:
    for task in _of_kind(tasks, "list", "treatments"):
        treating = {fact.subject for fact in _facts() if fact.predicate == v.TREATS and not fact.negated and fact.object == _focus(task)}
        assert _answers(task) == {known.entities[curie].name for curie in treating}


def test_answers_stand_in_the_group_of_the_asked_focus(tasks: dict[str, list[LabelledTask]], known: Facts) -> None:
    for task in _of_kind(tasks, "list", "serious side effects"):
        text, heading = task.task.evidence, f"{known.entities[_focus(task)].name} serious side effects: "
        for slot, label in zip(task.task.slots, task.labels, strict=True):
            lead = text[: slot.start].rpartition(". ")[2]
            assert label == lead.startswith(heading)


def test_yes_no_question_is_answered_by_what_it_asks_about_alone(tasks: dict[str, list[LabelledTask]], known: Facts) -> None:
    asked = _of_kind(tasks, "yes/no", "symptoms")
    assert {any(task.labels) for task in asked} == {True, False}
    for task in asked:
        assert sum(task.labels) <= 1
        symptoms = {evidence.target.name for evidence in known.groups[_focus(task)]["symptoms"]}
        assert _answers(task) <= symptoms | {known.entities[_focus(task)].name}


def test_yes_no_question_about_something_else_has_no_answer(tasks: dict[str, list[LabelledTask]], known: Facts) -> None:
    for task in _of_kind(tasks, "yes/no", "symptoms"):
        symptoms = {evidence.target.name for evidence in known.groups[_focus(task)]["symptoms"]}
        named = {sign.name for sign in SIGNS if sign.name in task.task.question.lower()}
        if named and not named & symptoms:
            assert not any(task.labels)


def test_unanswerable_question_has_no_answer(tasks: dict[str, list[LabelledTask]]) -> None:
    unanswerable = [task for task in _everything(tasks) if task.kind == "unanswerable"]
    assert unanswerable
    assert not any(any(task.labels) for task in unanswerable)


def test_intersection_is_answered_by_what_both_share(tasks: dict[str, list[LabelledTask]]) -> None:
    for task in _of_kind(tasks, "both", "is a symptom of"):
        answers = _answers(task)
        assert sum(task.labels) == 2 * len(answers) > 0


def test_held_out_entities_are_never_what_training_asks_about(tasks: dict[str, list[LabelledTask]]) -> None:
    assert tasks["entities"]
    assert all(is_held_out(_focus(task)) for task in tasks["entities"])
    assert not any(is_held_out(_focus(task)) for split in ("train", "templates") for task in tasks[split])


def test_held_out_entities_head_no_evidence_of_training(tasks: dict[str, list[LabelledTask]], known: Facts) -> None:
    labels = {label for groups in known.groups.values() for label in groups}
    headings = [f"{entity.name} {label}: " for curie, entity in known.entities.items() if is_held_out(curie) for label in labels]
    assert headings
    for task in tasks["train"]:
        assert not any(f". {task.task.evidence}".find(f". {heading}") >= 0 for heading in headings)


def test_held_out_wordings_are_never_trained_on(wordings: list[Wording]) -> None:
    trained = {template.lower().rstrip("?.") for wording in wordings for template in wording.train}
    assert not trained & {template.lower().rstrip("?.") for wording in wordings for template in wording.held_out}


def test_every_label_of_the_graph_can_be_asked_for(known: Facts, wordings: list[Wording]) -> None:
    asked = frozenset().union(*(wording.labels for wording in wordings if wording.kind == "list"))
    assert set(known.bearers) <= asked
    # What only imported sources state is not trained on: the reader learns from the hand-written facts.
    stated = {key.predicate for key in RELATION_KEYS.values()}
    possible = {v.PREDICATES[predicate].label(direction) for predicate in stated for direction in Direction}
    assert possible - {"avoid or use with care in"} <= asked


def test_every_label_of_the_shipped_facts_can_be_asked_for(wordings: list[Wording]) -> None:
    asked = frozenset().union(*(wording.labels for wording in wordings if wording.kind == "list"))
    entities, facts = read_everyday(ontologies_directory() / CURATED)
    categories = {entity.curie: entity for entity in entities}
    labels = {
        group_label(
            Evidence(fact, categories[fact.end(direction.other)], Relation(fact.predicate, direction), categories[fact.end(direction)])
        )
        for fact in facts
        for direction in Direction
    }
    assert labels - asked == set()


def test_every_template_names_what_it_is_about(wordings: list[Wording]) -> None:
    for wording in wordings:
        for template in (*wording.train, *wording.held_out):
            assert "{x}" in template
            assert ("{y}" in template) == (wording.kind != "list")


def test_slots_are_names_and_evidence_is_short(tasks: dict[str, list[LabelledTask]], known: Facts) -> None:
    names = {entity.name for entity in known.entities.values()}
    for task in _everything(tasks):
        assert {task.task.evidence[slot.start : slot.end] for slot in task.task.slots} <= names
        assert len(task.task.evidence.split()) <= MAX_WORDS
        assert "{" not in task.task.question


def test_same_seed_gives_the_same_file_and_it_reads_back(graph: TinyGraph, tmp_path: Path) -> None:
    counts = write_questions(graph, tmp_path / "one.jsonl", 5, SEED)
    write_questions(graph, tmp_path / "two.jsonl", 5, SEED)
    write_questions(graph, tmp_path / "other.jsonl", 5, SEED + 1)
    one, two, other = ((tmp_path / f"{name}.jsonl").read_bytes() for name in ("one", "two", "other"))
    assert one == two != other
    assert count_questions(read_triples(tmp_path / "one.jsonl")) == counts
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.jsonl", "other.jsonl", "two.jsonl"]


def test_templates_of_another_form_are_refused(tmp_path: Path) -> None:
    (tmp_path / "templates.yaml").write_text("list: [symptoms]", encoding="utf-8")
    with pytest.raises(DatasetError, match="expected templates"):
        read_wordings(tmp_path / "templates.yaml")
