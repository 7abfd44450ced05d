"""Tests of what an imported source may do to answers, and what it may not, beside a curated one."""

from __future__ import annotations

import pytest
from two_sources import ACID, CHRONIC_GOUT, DESCENT, GOUT, NAME, NAPROXEN, NSAID, WOMBAT_1

from kg import vocabulary as v
from kg.graph import SnapshotGraph
from kg.model import Direction, Entity
from qa.hierarchy import ancestors, kinds
from qa.intent import read_intent
from qa.linker import NameLinker
from qa.model import PERILS, Answer, Evidence, Form, Intent, Relation, Status
from qa.pipeline import Pipeline
from qa.retrieval import joining, retrieve
from qa.rollup import broader, namesake, narrower
from qa.standing import MAX_IMPORTED, curated_first, imported, is_root

IN, OUT = Direction.IN, Direction.OUT
ADVICE = "Ask a pharmacist or doctor before you take or stop anything."


def entity(graph: SnapshotGraph, name: str) -> Entity:
    return graph.named(name)[0].entity


def at(graph: SnapshotGraph, curie: str) -> Entity:
    found = graph.entity(curie)
    assert found is not None
    return found


def targets(evidence: list[Evidence]) -> list[str]:
    return [item.target.name for item in evidence]


def asked(graph: SnapshotGraph, names: str, question: str) -> list[Evidence]:
    entities = [entity(graph, name) for name in names.split(", ")]
    return retrieve(graph, entities, read_intent(question, len(entities)))


def linked(linker: NameLinker, text: str) -> list[str]:
    return [m.entity.name for m in linker.link(text) if m.entity]


# Linking


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("what is Wombat syndrome", ["Wombat syndrome"]),
        ("wombatosis in adults", ["Wombat syndrome"]),
        ("gout", ["gout"]),  # and not the sign of that name
        ("the house of my mother", []),  # a word of ordinary English
        ("WBS, wbs or ABCD", []),  # abbreviations
        ("peptic wombat", ["Wombat syndrome"]),
        ("peptic wombats", ["Wombat syndrome"]),
        ("peptik wombat", []),  # misspelt
    ],
)
def test_imported_names_are_trusted_less(wide_linker: NameLinker, text: str, names: list[str]) -> None:
    assert linked(wide_linker, text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("chronic gout", ["chronic gout"]),  # the longer name, whoever gives it
        ("my big joint", ["Wombat syndrome"]),
        ("big joint pain", ["joint pain"]),  # of two of one length, the curated one
        ("my big old joint pain", ["Wombat syndrome"]),
        ("big joint fever", ["Wombat syndrome", "fever"]),
    ],
)
def test_of_names_that_overlap_the_longer_wins_and_of_two_alike_the_curated(wide_linker: NameLinker, text: str, names: list[str]) -> None:
    assert linked(wide_linker, text) == names


# Evidence around one entity


def test_sources_without_a_curated_one_are_all_alike(tiny_graph: SnapshotGraph, wide_graph: SnapshotGraph) -> None:
    assert imported(tiny_graph) == frozenset()
    assert imported(wide_graph) == {NAME}


def test_where_the_curated_source_answers_it_answers_alone(wide_graph: SnapshotGraph, tiny_graph: SnapshotGraph) -> None:
    for name in ("gout", "flu"):
        found = asked(wide_graph, name, f"What are the symptoms of {name}?")
        assert targets(found) == targets(asked(tiny_graph, name, f"What are the symptoms of {name}?"))
        assert {e.fact.source for e in found} == {"tiny"}


def test_an_imported_fact_still_settles_a_question_for_yes_or_no(wide_pipeline: Pipeline) -> None:
    assert wide_pipeline.ask("Is bleeding a symptom of gout?").answer == "Yes: bleeding can be a symptom of gout: very common."


def test_a_question_that_names_no_relation_has_the_curated_facts_of_each(wide_graph: SnapshotGraph) -> None:
    found = retrieve(wide_graph, [entity(wide_graph, "gout")], Intent(Form.LIST, {}))
    symptoms = {e.target.name for e in found if e.relation == Relation(v.HAS_PHENOTYPE, OUT)}
    assert symptoms == {"joint pain", "fever"}
    assert Relation(v.SUBCLASS_OF, IN) in {e.relation for e in found}  # of its kinds the imported source alone knows


def test_what_is_known_to_an_imported_source_alone_is_told_with_how_common_it_is(wide_pipeline: Pipeline) -> None:
    answer = wide_pipeline.ask("What are the symptoms of Wombat syndrome, early type?")
    assert answer.answer == (
        "Very common symptoms of Wombat syndrome, early type include fever. Common symptoms of Wombat syndrome, early type include gout. "
        "Symptoms of Wombat syndrome, early type, of which it is not said how common they are, include odd ears. "
        "Rare symptoms of Wombat syndrome, early type include cough."
    )
    assert all(fact.source == NAME for item in answer.items for fact in item.evidence)


def test_a_syndrome_with_hundreds_of_signs_does_not_crowd_the_answer(wide_graph: SnapshotGraph) -> None:
    (sign,) = (f for f in wide_graph.facts(WOMBAT_1, OUT) if f.object == "HP:0001945")
    wombat, fever = at(wide_graph, WOMBAT_1), entity(wide_graph, "fever")
    many = [Evidence(sign, wombat, Relation(v.HAS_PHENOTYPE, OUT), fever)] * (MAX_IMPORTED + 5)
    assert len(curated_first(wide_graph, many)) == MAX_IMPORTED


def test_what_several_have_in_common_is_sought_among_curated_facts_first(wide_graph: SnapshotGraph, tiny_graph: SnapshotGraph) -> None:
    question = "What illness causes fever and cough?"
    assert set(targets(asked(wide_graph, "fever, cough", question))) == {"flu", "measles"}
    rare = "What illness has fever and Odd ears?"
    assert set(targets(asked(wide_graph, "fever, odd ears", rare))) == {"Wombat syndrome, early type"}


def test_the_better_known_comes_first_whatever_imported_sources_say_of_it(wide_graph: SnapshotGraph, tiny_graph: SnapshotGraph) -> None:
    question = "What are the side effects of warfarin?"
    assert targets(asked(wide_graph, "ibuprofen", question)) == targets(asked(tiny_graph, "ibuprofen", question))


# Warnings


def test_an_interaction_of_imported_groups_is_found_for_a_pair_of_members(wide_pipeline: Pipeline) -> None:
    answer = wide_pipeline.ask("Does warfarin interact with erythromycin?")
    assert answer.answer.startswith(
        "Yes: blood thinners of the list and enzyme blockers of the list interact (major): bruises everywhere ("
    )
    assert "antibiotics" not in answer.answer  # the curated one on that pair is milder, and two grades would contradict each other


def test_a_milder_imported_warning_does_not_stand_for_a_curated_one(wide_pipeline: Pipeline) -> None:
    answer = wide_pipeline.ask("Does warfarin interact with amoxicillin?")
    assert answer.answer == f"Yes: warfarin and antibiotics interact (moderate) (amoxicillin: a kind of antibiotics). {ADVICE}"


def test_one_pair_is_one_item_of_the_list_of_interactions(wide_graph: SnapshotGraph) -> None:
    for name in ("erythromycin", "amoxicillin"):
        found = [e for e in asked(wide_graph, name, f"What interacts with {name}?") if e.target.name == "warfarin"]
        assert len(found) == 1


def test_a_use_that_an_imported_source_states_takes_no_warning_away(wide_graph: SnapshotGraph) -> None:
    pair = [entity(wide_graph, "naproxen"), entity(wide_graph, "heart attack")]
    assert [e.fact.subject for e in joining(wide_graph, pair, PERILS)] == [NSAID]


def test_a_denied_interaction_takes_no_warning_away(wide_pipeline: Pipeline) -> None:
    answer = wide_pipeline.ask("Does naproxen interact with warfarin?")
    assert answer.answer == f"Yes: warfarin and NSAID interact (major) (naproxen: a kind of NSAID). {ADVICE}"


def test_an_imported_warning_of_a_pair_does_not_hide_curated_ones_of_kinds_of_it(wide_graph: SnapshotGraph) -> None:
    pair = [entity(wide_graph, "blood thinners of the list"), entity(wide_graph, "enzyme blockers of the list")]
    found = joining(wide_graph, pair, PERILS)
    assert {e.fact.source for e in found} == {NAME}
    antibiotics = [entity(wide_graph, "blood thinners of the list"), entity(wide_graph, "antibiotics")]
    assert {e.fact.source for e in joining(wide_graph, antibiotics, PERILS)} == {"tiny", NAME}


def test_medicines_are_related_by_the_groups_of_the_curated_source(wide_pipeline: Pipeline) -> None:
    # Both are "monocarbonic acids" to a chemist; only an antibiotic is to be feared by whoever cannot take one.
    assert wide_pipeline.ask("I am allergic to amoxicillin, can I take naproxen for fever?").answer.startswith("Yes")
    assert "same as, or related to" in wide_pipeline.ask("I am allergic to amoxicillin, can I take erythromycin?").answer


# The hierarchy


def test_where_the_curated_source_places_a_medicine_only_groups_of_medicines_are_added(wide_graph: SnapshotGraph) -> None:
    assert [group.curie for group, _ in ancestors(wide_graph, at(wide_graph, NAPROXEN))] == [NSAID]
    assert {group.name for group, _ in ancestors(wide_graph, entity(wide_graph, "erythromycin"))} == {
        "antibiotics",
        "enzyme blockers of the list",
    }


def test_the_root_of_an_ontology_is_no_group(wide_graph: SnapshotGraph, wide_pipeline: Pipeline) -> None:
    assert ancestors(wide_graph, entity(wide_graph, "gout")) == []
    assert [group.name for group, _ in ancestors(wide_graph, at(wide_graph, WOMBAT_1))] == ["Wombat syndrome"]
    assert wide_pipeline.ask("what kind of disease is gout").status is Status.ABSTAINED
    assert is_root(wide_graph, entity(wide_graph, "disorder of anything")) and not is_root(wide_graph, entity(wide_graph, "NSAID"))


def test_kinds_come_from_the_imported_source_where_the_curated_names_none(wide_graph: SnapshotGraph) -> None:
    assert [kind.curie for kind, _ in kinds(wide_graph, at(wide_graph, GOUT))] == [CHRONIC_GOUT]
    assert [kind.curie for kind, _ in kinds(wide_graph, at(wide_graph, ACID))] == []


# What to say where the thing itself has no answer


def test_the_nearest_group_with_a_curated_answer_answers_by_its_own_name(wide_pipeline: Pipeline) -> None:
    answer = wide_pipeline.ask("What is the treatment for chronic gout?")
    assert answer.answer == (
        "Nothing is listed for chronic gout itself, which is a kind of gout. Treatments for gout include NSAID, colchicine and ibuprofen."
    )
    assert all((CHRONIC_GOUT, v.SUBCLASS_OF, GOUT, False) in {f.key for f in item.evidence} for item in answer.items)


def test_the_last_words_of_a_name_answer_where_the_hierarchy_leads_nowhere(wide_pipeline: Pipeline) -> None:
    answer = wide_pipeline.ask("What illness causes wombat cough?")
    assert answer.answer == (
        "Nothing is listed for wombat cough itself; what follows is about cough. Cough can be a symptom of flu and measles."
    )
    assert "what follows is about cough." in wide_pipeline.ask("What illness causes cough, marsupial, 2?").answer
    assert wide_pipeline.ask("What illness causes wombat without cough?").status is Status.ABSTAINED


def test_the_curated_source_is_not_outdone(wide_graph: SnapshotGraph, tiny_graph: SnapshotGraph) -> None:
    intent = read_intent("What are the complications of gout?", 1)
    assert broader(wide_graph, [at(wide_graph, GOUT)], intent) is None
    assert narrower(wide_graph, [at(wide_graph, GOUT)], intent) is None
    assert broader(tiny_graph, [at(tiny_graph, GOUT)], intent) is None


def test_kinds_are_named_where_they_alone_have_an_answer(wide_pipeline: Pipeline) -> None:
    answer = wide_pipeline.ask("What are the symptoms of Wombat syndrome?")
    assert answer.status is Status.ABSTAINED
    assert answer.answer == (
        "Wombat syndrome has several kinds, of which the answers differ; ask about one of them, such as Wombat syndrome, early type."
    )


def test_a_sign_answers_for_the_illness_of_its_name(wide_pipeline: Pipeline, wide_graph: SnapshotGraph) -> None:
    question = "Is gout a symptom of Wombat syndrome, early type?"
    assert wide_pipeline.ask(question).answer == "Yes: gout can be a symptom of Wombat syndrome, early type: common."
    nothing = namesake(wide_graph, [at(wide_graph, WOMBAT_1)], read_intent("What treats it?", 1))
    assert nothing == ([at(wide_graph, WOMBAT_1)], [])


def test_a_thing_that_nobody_defines_is_told_by_what_it_is_a_kind_of_and_its_signs(wide_pipeline: Pipeline) -> None:
    answer = wide_pipeline.ask("What is Wombat syndrome, early type?").answer
    assert answer.startswith("Wombat syndrome, early type is a kind of Wombat syndrome. Very common symptoms of")
    assert "How Wombat syndrome, early type can be inherited: wombat inheritance (It comes from a wombat)." in answer


# Inheritance


def ways(answer: Answer) -> list[str | None]:
    return [item.entity for item in answer.items]


@pytest.mark.parametrize(
    "question",
    [
        "How is Wombat syndrome, early type inherited?",
        "is Wombat syndrome, early type hereditary",
        "Does Wombat syndrome, early type run in families?",
        "can you get Wombat syndrome, early type from your parents",
    ],
)
def test_how_it_is_inherited_is_told_in_plain_words(wide_pipeline: Pipeline, question: str) -> None:
    answer = wide_pipeline.ask(question)
    assert answer.answer == "How Wombat syndrome, early type can be inherited: wombat inheritance (It comes from a wombat)."
    assert ways(answer) == [DESCENT]


def test_a_way_of_inheriting_that_is_named_is_what_is_asked_about(wide_pipeline: Pipeline) -> None:
    yes = wide_pipeline.ask("Is Wombat syndrome, early type wombatal?")
    assert yes.answer == "Yes: Wombat syndrome, early type can be inherited: wombat inheritance."
    assert ways(wide_pipeline.ask("Which conditions are wombatal?")) == [WOMBAT_1]


def test_an_infection_is_not_inherited(wide_pipeline: Pipeline) -> None:
    assert wide_pipeline.ask("Is the flu contagious?").answer == "How flu can spread: coughs and sneezes."
    assert wide_pipeline.ask("Is flu hereditary?").status is Status.ABSTAINED


def test_a_sign_answers_for_the_illness_of_which_it_is_another_name(wide_pipeline: Pipeline) -> None:
    answer = wide_pipeline.ask("Is gout a symptom of Numbat syndrome?").answer
    assert answer == "Podagra can be a symptom of Numbat syndrome: common."


def test_a_medicine_warns_under_the_name_by_which_its_group_is_known(wide_pipeline: Pipeline) -> None:
    answer = wide_pipeline.ask("Can I take a non-steroidal anti-inflammatory drug with colchicine?").answer
    assert answer.startswith("Colchicine and non-steroidal anti-inflammatory drug interact (major): wombats everywhere.")


def test_the_rest_of_a_name_after_somebody_may_be_left_out(wide_linker: NameLinker) -> None:
    assert [m.entity.name for m in wide_linker.link("numbat's and numbats") if m.entity] == ["Numbat syndrome", "Numbat syndrome"]
    assert not [m for m in wide_linker.link("a numbat in a garden") if m.entity]


def test_a_habit_has_no_kinds_among_substances(wide_graph: SnapshotGraph) -> None:
    sneezes = wide_graph.entity("medkg:coughs-and-sneezes")
    assert sneezes is not None
    assert kinds(wide_graph, sneezes) == []


def test_a_habit_is_no_substance_of_its_name(wide_pipeline: Pipeline) -> None:
    answer = wide_pipeline.ask("Are droplets safe in pregnancy?")
    assert answer.status is Status.ABSTAINED
    assert "does not mean that it is safe" in answer.answer
