"""Tests of what a person reads: items with their triples, sentences, and the form of the contract."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from kg import vocabulary as v
from kg.graph import SnapshotGraph
from kg.model import Curie, Direction, Entity, Fact
from qa.answer import (
    LISTED,
    Scored,
    answer_as_dict,
    capitalised,
    definition_item,
    enumeration,
    fact_as_dict,
    list_items,
    list_sentence,
    shared_sentence,
    shown,
    verdict_sentence,
)
from qa.model import Answer, Evidence, Item, Mention, Relation, Status

IN, OUT = Direction.IN, Direction.OUT


def scored(
    graph: SnapshotGraph,
    focus: str,
    predicate: Curie,
    target: str,
    direction: Direction = OUT,
    via: tuple[Fact, ...] = (),
    score: float = 0.9,
) -> Scored:
    """Return the graph's own fact between two names, seen from the first."""
    near, far = graph.named(focus)[0][0], graph.named(target)[0][0]
    (fact,) = (f for f in graph.facts(near.curie, direction) if f.predicate == predicate and f.end(direction) == far.curie)
    return Scored(Evidence(fact, near, Relation(predicate, direction), far, via), score)


def names(graph: SnapshotGraph, curie: str) -> str:
    entity = graph.entity(curie)
    assert entity is not None
    return entity.name


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (["fever"], "fever"),
        (["fever", "cough"], "fever and cough"),
        ([str(n) for n in range(1, LISTED + 1)], "1, 2, 3, 4, 5, 6, 7, 8, 9 and 10"),
        ([str(n) for n in range(1, LISTED + 3)], "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more"),
    ],
)
def test_names_are_joined_as_in_a_sentence(items: list[str], expected: str) -> None:
    assert enumeration(items) == expected


def test_the_first_letter_alone_becomes_a_capital() -> None:
    assert [capitalised(text) for text in ("gout", "NSAID", "élan", "")] == ["Gout", "NSAID", "Élan", ""]


def test_each_group_is_a_sentence(tiny_graph: SnapshotGraph) -> None:
    entries = [
        scored(tiny_graph, "ibuprofen", v.HAS_SIDE_EFFECT, "headache"),
        scored(tiny_graph, "ibuprofen", v.HAS_SIDE_EFFECT, "bleeding"),
        scored(tiny_graph, "ibuprofen", v.HAS_SIDE_EFFECT, "peptic ulcer"),
        scored(tiny_graph, "flu", v.TREATS, "ibuprofen", IN),
        scored(tiny_graph, "antibiotics", v.TREATS, "flu"),
    ]
    assert list_sentence(entries) == (
        "Common side effects of ibuprofen include headache. "
        "Serious side effects of ibuprofen, for which help is needed, include bleeding and peptic ulcer. "
        "Treatments for flu include ibuprofen (to bring down a fever). "
        "Antibiotics will not help with flu."
    )


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("predicate", v.PREDICATES)
def test_every_relation_has_a_sentence_of_its_own(predicate: Curie, direction: Direction) -> None:
    focus, target = (Entity(Curie(f"medkg:{n}"), v.DRUG, n) for n in ("here", "there"))
    fact = Fact(focus.curie, predicate, target.curie, "test")
    sentence = list_sentence([Scored(Evidence(fact, focus, Relation(predicate, direction), target), 1.0)])
    assert "there" in sentence and "here" in sentence.lower() and sentence.endswith(".")
    assert "Here: " not in sentence  # the form for a label that nobody thought of


def test_what_narrows_an_answer_is_shown(tiny_graph: SnapshotGraph) -> None:
    assert shown(scored(tiny_graph, "flu", v.TREATS, "ibuprofen", IN).evidence) == "ibuprofen (to bring down a fever)"
    assert shown(scored(tiny_graph, "gout", v.TREATS, "ibuprofen", IN).evidence) == "ibuprofen"


def test_what_several_triples_say_is_one_item_with_all_of_them(tiny_graph: SnapshotGraph) -> None:
    entries = [
        scored(tiny_graph, "fever", v.HAS_PHENOTYPE, "flu", IN, score=0.7),
        scored(tiny_graph, "fever", v.HAS_PHENOTYPE, "measles", IN),
        scored(tiny_graph, "cough", v.HAS_PHENOTYPE, "flu", IN, score=0.8),
    ]
    flu, measles = list_items(entries)
    assert (flu.text, flu.entity, flu.score) == ("flu", "MONDO:0005812", 0.8)
    assert flu.evidence == (entries[0].evidence.fact, entries[2].evidence.fact)
    assert measles.evidence == (entries[1].evidence.fact,)


def test_an_item_rests_on_the_way_to_its_triple_too_and_on_each_once(tiny_graph: SnapshotGraph) -> None:
    (step,) = (f for f in tiny_graph.facts("CHEBI:7476", OUT) if f.predicate == v.SUBCLASS_OF)
    entry = scored(tiny_graph, "NSAID", v.CONTRAINDICATED_IN, "pregnancy", via=(step,))
    (item,) = list_items([entry, entry])
    assert item.evidence == (entry.evidence.fact, step)


def test_items_in_common_are_a_sentence(tiny_graph: SnapshotGraph) -> None:
    entities = [tiny_graph.named(name)[0][0] for name in ("fever", "cough")]
    items = [Item("flu", None, 1.0, ()), Item("measles", None, 1.0, ())]
    assert shared_sentence(entities, items) == "What fits fever and cough together: flu and measles."


ADVICE = "Ask a pharmacist or doctor before you take or stop anything."


@pytest.mark.parametrize(
    ("focus", "predicate", "target", "confirms", "expected"),
    [
        ("ibuprofen", v.TREATS, "fever", False, "Yes: ibuprofen can help with fever."),
        ("antibiotics", v.TREATS, "flu", False, "No: antibiotics will not help with flu."),
        ("gout", v.HAS_PHENOTYPE, "fever", False, "Yes: fever can be a symptom of gout: occasional."),
        ("warfarin", v.CONTRAINDICATED_IN, "peptic ulcer", False, f"Warfarin should be avoided in peptic ulcer. {ADVICE}"),
        ("erythromycin", v.CONTRAINDICATED_IN, "anaemia", True, f"Erythromycin should be used with care in anaemia. {ADVICE}"),
        ("warfarin", v.INTERACTS_WITH, "antibiotics", True, f"Yes: warfarin and antibiotics interact (moderate). {ADVICE}"),
        ("warfarin", v.INTERACTS_WITH, "ibuprofen", False, f"Warfarin and ibuprofen interact (major): bleeding is more likely. {ADVICE}"),
    ],
)
def test_a_verdict_is_the_fact_led_by_yes_or_no_where_that_settles_it(
    tiny_graph: SnapshotGraph, focus: str, predicate: Curie, target: str, confirms: bool, expected: str
) -> None:
    entry = scored(tiny_graph, focus, predicate, target)
    assert verdict_sentence([entry], lambda curie: names(tiny_graph, curie), confirms) == expected


def test_what_is_known_of_a_kind_is_not_said_of_all(tiny_graph: SnapshotGraph) -> None:
    of_kind = scored(tiny_graph, "amoxicillin", v.TREATS, "tonsillitis")
    (step,) = (f for f in tiny_graph.facts(of_kind.evidence.focus.curie, OUT) if f.predicate == v.SUBCLASS_OF)
    group = tiny_graph.named("antibiotics")[0][0]
    entry = replace(of_kind, evidence=replace(of_kind.evidence, focus=group, via=(step,)))
    sentence = verdict_sentence([entry], lambda curie: names(tiny_graph, curie))
    assert sentence == "Yes, for some: amoxicillin can help with tonsillitis (amoxicillin: a kind of antibiotics)."


def test_a_warning_comes_before_a_use_and_none_hides_another(tiny_graph: SnapshotGraph) -> None:
    entries = [
        scored(tiny_graph, "ibuprofen", v.TREATS, "headache", score=0.99),
        scored(tiny_graph, "ibuprofen", v.INTERACTS_WITH, "warfarin", IN, score=0.8),
        scored(tiny_graph, "ibuprofen", v.CONTRAINDICATED_IN, "peptic ulcer", score=0.7),
    ]
    assert verdict_sentence(entries, lambda curie: names(tiny_graph, curie)) == (
        "Warfarin and ibuprofen interact (major): bleeding is more likely. Ibuprofen should be avoided in peptic ulcer. "
        "Apart from that: ibuprofen can help with headache. " + ADVICE
    )


def test_a_verdict_says_by_which_group_it_holds(tiny_graph: SnapshotGraph) -> None:
    (step,) = (f for f in tiny_graph.facts("CHEBI:2676", OUT) if f.predicate == v.SUBCLASS_OF)
    entry = scored(tiny_graph, "antibiotics", v.TREATS, "flu", via=(step,))
    sentence = verdict_sentence([entry], lambda curie: names(tiny_graph, curie))
    assert sentence == "No: antibiotics will not help with flu (amoxicillin: a kind of antibiotics)."


def test_a_definition_rests_on_itself(tiny_graph: SnapshotGraph) -> None:
    gout = tiny_graph.named("gout")[0][0]
    item = definition_item(gout, [], "tiny")
    assert item.text == gout.description
    (fact,) = item.evidence
    assert fact_as_dict(fact, tiny_graph, item.text) == {
        "subject": "MONDO:0005393",
        "predicate": "skos:definition",
        "object": "medkg:definition",
        "subject_name": "gout",
        "object_name": "Painful swelling of a joint from crystals of uric acid.",
        "source": "tiny",
        "qualifiers": {"evidence": "general knowledge"},
    }


def test_an_answer_has_the_form_of_the_contract(tiny_graph: SnapshotGraph) -> None:
    entry = scored(tiny_graph, "antibiotics", v.TREATS, "flu", score=0.123456)
    flu = entry.evidence.target
    answer = Answer("?", Status.ANSWERED, "No.", 0.123456, list_items([entry]), (Mention(0, 1, "?", flu, 0.95),), ("Mind.",))
    found = answer_as_dict(answer, tiny_graph)
    assert found == {
        "question": "?",
        "status": "answered",
        "answer": "No.",
        "confidence": 0.1235,
        "items": [
            {
                "text": "flu",
                "entity": "MONDO:0005812",
                "score": 0.1235,
                "evidence": [
                    {
                        "subject": "medkg:antibiotics",
                        "predicate": "biolink:treats",
                        "object": "MONDO:0005812",
                        "subject_name": "antibiotics",
                        "object_name": "flu",
                        "source": "tiny",
                        "qualifiers": {"evidence": "general knowledge", "negated": "true"},
                    }
                ],
            }
        ],
        "mentions": [
            {
                "start": 0,
                "end": 1,
                "text": "?",
                "entity": "MONDO:0005812",
                "name": "flu",
                "category": "biolink:Disease",
                "score": 0.95,
                "xrefs": ["DOID:8469"],
                "assertion": "present",
            }
        ],
        "notices": ["Mind."],
    }
    assert json.loads(json.dumps(found)) == found
