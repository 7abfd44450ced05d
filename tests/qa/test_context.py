"""Tests of triples in words: each slot's characters are its answer's name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import vocabulary as v
from kg.graph import SnapshotGraph
from kg.model import Curie, Direction, Entity, Fact
from qa.context import Context, build_context, group_label
from qa.intent import read_intent
from qa.model import Evidence, Form, Intent, Relation
from qa.retrieval import retrieve

IN, OUT = Direction.IN, Direction.OUT


def evidence(
    predicate: Curie, direction: Direction = OUT, focus: str = "a", target: str = "b", negated: bool = False, **qualifiers: str
) -> Evidence:
    here, there = (Entity(Curie(f"medkg:{i}"), v.DRUG, name) for i, name in enumerate((focus, target)))
    subject, obj = (here, there) if direction is OUT else (there, here)
    fact = Fact(subject.curie, predicate, obj.curie, "test", qualifiers, negated)
    return Evidence(fact, here, Relation(predicate, direction), there)


def names(context: Context) -> list[str]:
    return [context.text[slot.start : slot.end] for slot in context.slots]


def test_evidence_is_put_into_words_group_by_group(tiny_graph: SnapshotGraph) -> None:
    found = retrieve(tiny_graph, [tiny_graph.named("gout")[0][0]], Intent(Form.LIST, {}))
    assert build_context(found).text == (
        "gout symptoms: joint pain; fever. gout treatments: NSAID; colchicine; ibuprofen. "
        "gout risk factors: anaemia. gout doctor to see: general practitioner."
    )


def test_each_slot_holds_the_name_of_its_answer(tiny_graph: SnapshotGraph) -> None:
    for entity in tiny_graph.entities():
        context = build_context(retrieve(tiny_graph, [entity], Intent(Form.LIST, {})))
        assert names(context) == [item.target.name for item in context.evidence]


@given(st.lists(st.tuples(st.sampled_from(["a", "b: c", "é🤒", "x. y;"]), st.text(min_size=1, max_size=9), st.booleans()), max_size=8))
def test_slots_are_true_whatever_the_names(rows: list[tuple[str, str, bool]]) -> None:
    items = [evidence(v.TREATS, OUT if out else IN, focus, target) for focus, target, out in rows]
    context = build_context(items)
    assert names(context) == [item.target.name for item in context.evidence][: len(names(context))]
    assert sorted(map(id, context.evidence)) == sorted(map(id, items))


def test_no_evidence_is_an_empty_context() -> None:
    assert build_context([]) == Context("", (), ())


def test_groups_stand_in_the_order_of_their_first_triple() -> None:
    items = [evidence(v.TREATS, target="x"), evidence(v.CAUSES, target="y"), evidence(v.TREATS, target="z")]
    assert build_context(items).text == "a is used for: x; z. a can cause: y."


@pytest.mark.parametrize(
    ("item", "label"),
    [
        (evidence(v.HAS_PHENOTYPE), "symptoms"),
        (evidence(v.HAS_PHENOTYPE, IN), "is a symptom of"),
        (evidence(v.TREATS, negated=True), "does not help with"),
        (evidence(v.TREATS, IN, negated=True), "not helped by"),
        (evidence(v.CAUSES, negated=True), "does not cause"),
        (evidence(v.CAUSES, IN, negated=True), "not caused by"),
        (evidence(v.DIAGNOSES, negated=True), "not: is a test for"),
        (evidence(v.HAS_SIDE_EFFECT, seriousness="serious"), "serious side effects"),
        (evidence(v.HAS_SIDE_EFFECT, frequency="common"), "common side effects"),
        (evidence(v.HAS_SIDE_EFFECT, IN, seriousness="serious"), "is a side effect of"),
        (evidence(v.CONTRAINDICATED_IN, strength="avoid"), "should be avoided in"),
        (evidence(v.CONTRAINDICATED_IN, strength="caution"), "should be used with care in"),
        (evidence(v.CONTRAINDICATED_IN), "avoid or use with care in"),
        (evidence(v.CONTRAINDICATED_IN, IN, strength="avoid"), "medicines to avoid or use with care"),
        (evidence(v.INTERACTS_WITH, severity="major"), "interacts with (major)"),
        (evidence(v.INTERACTS_WITH, IN), "interacts with"),
    ],
)
def test_a_groups_label_says_what_people_ask_for(item: Evidence, label: str) -> None:
    assert group_label(item) == label


def test_a_task_is_the_context_with_its_question(tiny_graph: SnapshotGraph) -> None:
    question = "What are the symptoms of gout?"
    context = build_context(retrieve(tiny_graph, [tiny_graph.named("gout")[0][0]], read_intent(question, 1)))
    task = context.task(question)
    assert (task.evidence, task.question, task.slots) == (context.text, question, context.slots)
