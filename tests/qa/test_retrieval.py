"""Tests of which triples bear on a question, and in which order."""

from __future__ import annotations

from itertools import pairwise

import pytest

from kg import vocabulary as v
from kg.graph import SnapshotGraph
from kg.model import Curie, Direction, Entity, Fact
from qa.hierarchy import ancestors
from qa.intent import read_intent
from qa.model import Evidence, Form, Intent, Relation
from qa.retrieval import ASKED_FOR, NOT_ASKED_FOR, joining, retrieve, retrieve_unasked

IN, OUT = Direction.IN, Direction.OUT


def asked(graph: SnapshotGraph, names: str, question: str) -> list[Evidence]:
    """Retrieve for a question about the entities with these names, separated by commas."""
    entities = [graph.named(name)[0][0] for name in names.split(", ")]
    return retrieve(graph, entities, read_intent(question, len(entities)))


def targets(evidence: list[Evidence]) -> list[str]:
    return [item.target.name for item in evidence]


def entity(graph: SnapshotGraph, name: str) -> Entity:
    return graph.named(name)[0][0]


def listed(*labels: tuple[Curie, Direction]) -> Intent:
    return Intent(Form.LIST, {Relation(*label): 1.0 for label in labels})


def test_direct_facts_are_found_in_the_direction_asked_for(tiny_graph: SnapshotGraph) -> None:
    assert targets(asked(tiny_graph, "gout", "What are the symptoms of gout?")) == ["joint pain", "fever"]
    assert all(e.prior == ASKED_FOR and not e.via for e in asked(tiny_graph, "gout", "What are the symptoms of gout?"))


def test_nothing_named_is_nothing_found(tiny_graph: SnapshotGraph) -> None:
    assert retrieve(tiny_graph, [], read_intent("What helps?", 0)) == []


def test_no_relation_named_finds_everything_without_a_preference(tiny_graph: SnapshotGraph) -> None:
    found = retrieve(tiny_graph, [entity(tiny_graph, "gout")], Intent(Form.LIST, {}))
    assert {e.prior for e in found} == {0.0}
    assert {e.relation.predicate for e in found} == {v.HAS_PHENOTYPE, v.TREATS, v.PREDISPOSES, v.MANAGED_BY}


def test_warnings_of_a_group_hold_for_its_members_by_way_of_the_membership(tiny_graph: SnapshotGraph) -> None:
    found = {e.target.name: e for e in asked(tiny_graph, "naproxen", "Who should not take naproxen?")}
    assert set(found) == {"pregnancy", "heart attack"}
    (step,) = found["pregnancy"].via
    assert step.key == ("CHEBI:7476", v.SUBCLASS_OF, "medkg:nsaid", False)
    assert found["pregnancy"].focus.name == "naproxen"


def test_an_interaction_stated_of_a_group_holds_for_its_members_from_either_side(tiny_graph: SnapshotGraph) -> None:
    for names in ("naproxen, warfarin", "warfarin, naproxen"):
        (item,) = (e for e in asked(tiny_graph, names, "Does it interact?") if e.prior > 0)
        assert {item.fact.subject, item.fact.object} == {"CHEBI:10033", "medkg:nsaid"}
        assert [f.subject for f in item.via] == ["CHEBI:7476"]


def test_uses_of_a_group_are_not_those_of_its_members(tiny_graph: SnapshotGraph) -> None:
    assert targets(asked(tiny_graph, "naproxen", "What is naproxen used for?")) == ["fever", "knee pain"]


def test_a_fact_of_its_own_stands_before_the_same_fact_of_its_group(tiny_graph: SnapshotGraph) -> None:
    found = asked(tiny_graph, "ibuprofen", "What does ibuprofen interact with?")
    (item,) = (e for e in found if e.target.name == "warfarin")
    assert not item.via


def test_a_groups_warning_is_not_inherited_where_the_member_is_used_for_that(tiny_graph: SnapshotGraph) -> None:
    question = "Who should not take it?"
    assert "heart attack" not in targets(asked(tiny_graph, "aspirin", question))
    assert "heart attack" in targets(asked(tiny_graph, "naproxen", question))
    aspirin, naproxen, attack = (entity(tiny_graph, name) for name in ("aspirin", "naproxen", "heart attack"))
    warnings = frozenset({v.CONTRAINDICATED_IN})
    assert joining(tiny_graph, [aspirin, attack], warnings) == joining(tiny_graph, [attack, aspirin], warnings) == []
    assert len(joining(tiny_graph, [naproxen, attack], warnings)) == len(joining(tiny_graph, [attack, naproxen], warnings)) == 1


def test_what_does_not_help_is_never_among_what_helps(tiny_graph: SnapshotGraph) -> None:
    assert targets(asked(tiny_graph, "flu", "What treats flu?")) == ["ibuprofen"]
    assert targets(asked(tiny_graph, "amoxicillin", "What is amoxicillin used for?")) == ["tonsillitis"]


def test_what_does_not_help_settles_a_question_for_yes_or_no(tiny_graph: SnapshotGraph) -> None:
    (item,) = asked(tiny_graph, "amoxicillin, flu", "Does amoxicillin treat flu?")
    assert item.fact.negated and [f.object for f in item.via] == ["medkg:antibiotics"]


def test_several_symptoms_lead_to_what_has_them_all(tiny_graph: SnapshotGraph) -> None:
    for question in ("Which illness has fever and cough?", "What causes fever and cough?"):
        found = asked(tiny_graph, "fever, cough", question)
        assert set(targets(found)) == {"measles", "flu"}
        assert {e.focus.name for e in found} == {"fever", "cough"}
    assert set(targets(asked(tiny_graph, "fever, skin rash, cough", "Which illness is it?"))) == {"measles"}


def test_two_conditions_share_their_treatments(tiny_graph: SnapshotGraph) -> None:
    assert set(targets(asked(tiny_graph, "gout, headache", "What treats gout and headache?"))) == {"ibuprofen"}


def test_a_question_about_a_group_is_answered_by_kinds_of_it(tiny_graph: SnapshotGraph) -> None:
    found = asked(tiny_graph, "antibiotics, tonsillitis", "Do antibiotics help with tonsillitis?")
    assert {e.fact.subject for e in found} == {"CHEBI:2676", "CHEBI:48923"}
    assert {e.focus.name for e in found} == {"antibiotics"} and all(e.via[0].object == "medkg:antibiotics" for e in found)
    (negative,) = asked(tiny_graph, "antibiotics, flu", "Do antibiotics help with flu?")
    assert negative.fact.negated and not negative.via


def test_a_peril_is_weighed_where_help_is_asked_for(tiny_graph: SnapshotGraph) -> None:
    (item,) = (e for e in asked(tiny_graph, "ibuprofen, pregnancy", "Does ibuprofen help in pregnancy?") if e.prior > 0)
    assert item.fact.predicate == v.CONTRAINDICATED_IN


@pytest.mark.parametrize(
    ("names", "question", "expected"),
    [
        ("antibiotics, tonsillitis", "Which antibiotics treat tonsillitis?", ["amoxicillin", "erythromycin"]),
        ("NSAID, fever", "Which NSAIDs help with fever?", ["ibuprofen", "naproxen"]),
        ("NSAID, heart attack", "Which NSAIDs prevent a heart attack?", ["aspirin"]),
        ("peptic ulcer, antibiotics", "Which antibiotics should not be taken, who should not take them?", ["erythromycin"]),
    ],
)
def test_members_of_a_group_are_found(tiny_graph: SnapshotGraph, names: str, question: str, expected: list[str]) -> None:
    found = asked(tiny_graph, names, question)
    assert targets(found) == expected
    assert all(e.via[-1].predicate == v.SUBCLASS_OF for e in found)


def test_common_comes_before_rare(tiny_graph: SnapshotGraph) -> None:
    rank = {"very common": 0, "common": 1, None: 2, "occasional": 3, "rare": 4}
    found = retrieve(tiny_graph, [entity(tiny_graph, "fever")], listed((v.HAS_PHENOTYPE, IN)))
    assert all(rank[a.fact.qualifiers.get("frequency")] <= rank[b.fact.qualifiers.get("frequency")] for a, b in pairwise(found))
    assert targets(found)[-2:] == ["gout", "tonsillitis"]


def test_the_first_line_comes_first_and_others_last(tiny_graph: SnapshotGraph) -> None:
    assert targets(asked(tiny_graph, "tonsillitis", "What treats tonsillitis?")) == ["amoxicillin", "paracetamol", "erythromycin"]


def test_of_two_that_fit_alike_the_better_known_comes_first(tiny_graph: SnapshotGraph) -> None:
    found = targets(asked(tiny_graph, "fever", "What treats a fever?"))
    degrees = [tiny_graph.degree(entity(tiny_graph, name).curie) for name in found]
    assert degrees == sorted(degrees, reverse=True) and len(set(degrees)) > 1
    assert tiny_graph.degree("MONDO:9999999") == 0


def test_avoid_comes_before_caution_and_major_before_moderate(tiny_graph: SnapshotGraph) -> None:
    assert targets(asked(tiny_graph, "erythromycin", "Who should not take erythromycin?")) == ["peptic ulcer", "anaemia"]
    assert targets(retrieve(tiny_graph, [entity(tiny_graph, "warfarin")], listed((v.INTERACTS_WITH, IN), (v.INTERACTS_WITH, OUT)))) == [
        "ibuprofen",
        "NSAID",
        "antibiotics",
    ]


def test_what_narrows_the_question_narrows_the_evidence(tiny_graph: SnapshotGraph) -> None:
    assert targets(asked(tiny_graph, "ibuprofen", "What are the serious side effects?")) == ["peptic ulcer", "bleeding"]
    assert targets(asked(tiny_graph, "tonsillitis", "What is the first-line treatment?")) == ["amoxicillin"]
    assert set(targets(asked(tiny_graph, "fever", "Which illness has fever?"))) == {"measles", "flu", "gout", "tonsillitis"}


def test_a_relation_that_the_words_do_not_name_has_the_odds_against_it(tiny_graph: SnapshotGraph) -> None:
    (item,) = asked(tiny_graph, "warfarin, bleeding", "Does warfarin treat bleeding?")
    assert (item.fact.predicate, item.prior) == (v.HAS_SIDE_EFFECT, NOT_ASKED_FOR)
    unasked = retrieve_unasked(tiny_graph, [entity(tiny_graph, "colchicine")], read_intent("What does it interact with?", 1))
    assert [(e.target.name, e.prior) for e in unasked] == [("gout", NOT_ASKED_FOR)]


def test_a_medicine_that_is_only_mentioned_does_not_hide_the_answer(tiny_graph: SnapshotGraph) -> None:
    found = asked(tiny_graph, "ibuprofen, warfarin", "What is ibuprofen used for?")
    assert "fever" in targets(found) and all(e.prior > 0 for e in found)


def test_joining_finds_no_denials_and_no_other_predicates(tiny_graph: SnapshotGraph) -> None:
    amoxicillin, flu = entity(tiny_graph, "amoxicillin"), entity(tiny_graph, "flu")
    assert joining(tiny_graph, [amoxicillin, flu], frozenset({v.TREATS})) == []
    ibuprofen, warfarin = entity(tiny_graph, "ibuprofen"), entity(tiny_graph, "warfarin")
    assert joining(tiny_graph, [ibuprofen, warfarin], frozenset({v.TREATS})) == []


def test_groups_above_come_with_the_way_up(tiny_graph: SnapshotGraph) -> None:
    ((group, path),) = ancestors(tiny_graph, entity(tiny_graph, "naproxen"))
    assert group.name == "NSAID" and [f.subject for f in path] == ["CHEBI:7476"]
    assert ancestors(tiny_graph, entity(tiny_graph, "gout")) == []


def test_a_group_further_up_is_still_a_group_of_it(tiny_graph: SnapshotGraph) -> None:
    near, far = entity(tiny_graph, "NSAID"), entity(tiny_graph, "antibiotics")
    above = Fact(near.curie, v.SUBCLASS_OF, far.curie, "test")

    class Deeper:
        """The tiny graph, with NSAIDs made a kind of antibiotics."""

        def __getattr__(self, name: str) -> object:
            return getattr(tiny_graph, name)

        def facts(self, curie: str, direction: Direction) -> list[Fact]:
            end = near.curie if direction is Direction.OUT else far.curie
            return [*tiny_graph.facts(curie, direction), *([above] if curie == end else [])]

    found = retrieve(Deeper(), [entity(tiny_graph, "ibuprofen"), far], read_intent("Is ibuprofen an antibiotic?", 2))  # type: ignore[arg-type]
    (item,) = (e for e in found if e.prior > 0)
    assert item.fact == above and [step.object for step in item.via] == [near.curie]


def test_a_kind_of_a_symptom_counts_for_the_symptom(tiny_graph: SnapshotGraph) -> None:
    knee, joint = entity(tiny_graph, "knee pain"), entity(tiny_graph, "joint pain")
    kind = Fact(knee.curie, v.SUBCLASS_OF, joint.curie, "test")
    symptom = Fact("MONDO:0005068", v.HAS_PHENOTYPE, knee.curie, "test")
    fever = Fact("MONDO:0005068", v.HAS_PHENOTYPE, entity(tiny_graph, "fever").curie, "test")

    class Wider:
        """The tiny graph, with an illness that has a fever and a kind of joint pain."""

        def __getattr__(self, name: str) -> object:
            return getattr(tiny_graph, name)

        def facts(self, curie: str, direction: Direction) -> list[Fact]:
            extra = [f for f in (kind, symptom, fever) if (f.subject if direction is Direction.OUT else f.object) == curie]
            return [*tiny_graph.facts(curie, direction), *extra]

    intent = read_intent("Which illness has joint pain and fever?", 2)
    found = retrieve(Wider(), [joint, entity(tiny_graph, "fever")], intent)  # type: ignore[arg-type]
    assert "heart attack" in targets(found) and "heart attack" not in targets(
        retrieve(tiny_graph, [joint, entity(tiny_graph, "fever")], intent)
    )
