"""Tests of making one graph of several sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.merge import GraphData, Reading, collect, merge
from kg.model import Alias, AliasKind, Curie, Entity, Fact, Source
from kg.sources.records import About, Replacement, Skipped
from kg.sources.records import Mapping as Match
from kg.vocabulary import CAUSES, DISEASE, DRUG, HAS_PHENOTYPE, INTERACTS_WITH, NAMED_THING, PHENOTYPE

GOUT, FEVER, COUGH = Curie("MONDO:0005393"), Curie("HP:0001945"), Curie("HP:0012735")
OLD, OLDER = Curie("DOID:2"), Curie("DOID:1")


def entity(
    curie: str, *synonyms: str, name: str = "", xrefs: Sequence[str] = (), category: Curie = DISEASE, description: str = ""
) -> Entity:
    return Entity(Curie(curie), category, name or curie, synonyms, description, tuple(map(Curie, xrefs)))


def reading(name: str, *records: Entity | Fact | Replacement | Match, curated: bool = False) -> Reading:
    return collect(Source(name, "", "", "", curated=curated), records)


def fact(subject: Curie, obj: Curie, source: str = "s", predicate: Curie = HAS_PHENOTYPE, negated: bool = False, **qualifiers: str) -> Fact:
    return Fact(subject, predicate, obj, source, qualifiers, negated)


DESCRIBED = (entity(GOUT), entity(FEVER, category=PHENOTYPE), entity(COUGH, category=PHENOTYPE))


def skipped(data: GraphData, source: str = "s") -> Mapping[str, int]:
    return next(share.skipped for share in data.shares if share.source == source)


def test_a_reader_s_records_are_gathered_and_what_the_user_said_stands() -> None:
    about = About("Symptoms", "2026-07", "CC0-1.0")
    found = collect(Source("s", "My title", "", ""), [about, Skipped("no name", 4, "X:1"), Skipped("no name", 9, "X:2"), *DESCRIBED])
    assert (found.source.title, found.source.version, found.source.licence) == ("My title", "2026-07", "CC0-1.0")
    assert found.skipped == {"no name": 2} and found.examples == {"no name": (4, "X:1")}
    assert found.entities == [*DESCRIBED]


def test_the_source_of_highest_standing_names_and_the_others_add_synonyms() -> None:
    first = reading("a", entity(GOUT, "podagra", name="gout"), curated=True)
    second = reading("b", entity("DOID:13189", "Podagra", "gouty arthritis", name="Gout disease", xrefs=[GOUT], description="A disease."))
    data = merge([first, second])
    (found,) = data.entities
    assert (found.curie, found.name, found.synonyms) == (GOUT, "gout", ("podagra", "Gout disease", "gouty arthritis"))
    assert found.description == "A disease." and found.xrefs == ("DOID:13189",)
    assert data.curated_names[GOUT] == 2  # gout, podagra
    assert data.aliases == {"DOID:13189": Alias(GOUT, AliasKind.SAME)}
    assert [(s.entities, s.merged) for s in data.shares] == [(0, 1), (0, 1)]  # the one that both describe is nobody's alone


def test_the_facts_of_one_entity_follow_it() -> None:
    data = merge([reading("a", *DESCRIBED), reading("b", entity("DOID:13189", xrefs=[GOUT]), fact(Curie("DOID:13189"), FEVER, "b"))])
    assert data.facts == [fact(GOUT, FEVER, "b")]


def test_what_several_sources_state_is_kept_of_each() -> None:
    data = merge([reading("a", *DESCRIBED, fact(GOUT, FEVER, "a")), reading("b", fact(GOUT, FEVER, "b"))])
    assert [f.source for f in data.facts] == ["a", "b"]


@pytest.mark.parametrize("order", list(permutations([(OLDER, OLD), (OLD, GOUT)])))
def test_facts_move_along_a_chain_of_replacements(order: Sequence[tuple[Curie, Curie]]) -> None:
    data = merge([reading("s", *DESCRIBED, fact(OLDER, FEVER), *(Replacement(old, new) for old, new in order))])
    assert data.facts == [fact(GOUT, FEVER)]
    assert data.aliases == {curie: Alias(GOUT, AliasKind.REPLACED) for curie in (OLD, OLDER)}


def test_a_cycle_of_replacements_leads_nowhere_and_ends() -> None:
    data = merge([reading("s", *DESCRIBED, fact(OLDER, FEVER), Replacement(OLDER, OLD), Replacement(OLD, OLDER))])
    assert data.aliases == {curie: Alias(None, AliasKind.REPLACED) for curie in (OLD, OLDER)}
    assert data.facts == [] and skipped(data) == {"an end of the fact is described by no source": 1}


def test_an_identifier_that_lives_is_not_replaced() -> None:
    data = merge([reading("s", *DESCRIBED, fact(FEVER, GOUT), Replacement(FEVER, COUGH))])
    assert FEVER in {e.curie for e in data.entities} and FEVER not in data.aliases
    assert data.facts == [fact(FEVER, GOUT)]


def test_a_replacement_leads_to_the_entity_with_which_it_is_one() -> None:
    data = merge(
        [reading("a", entity(GOUT, xrefs=["DOID:13189"])), reading("b", entity("DOID:13189"), Replacement(OLD, Curie("DOID:13189")))]
    )
    assert data.aliases[OLD] == Alias(GOUT, AliasKind.REPLACED)


def test_a_withdrawn_identifier_without_replacement_is_known() -> None:
    data = merge([reading("s", *DESCRIBED, Replacement(OLD, None, "old gout"))])
    assert data.aliases == {OLD: Alias(None, AliasKind.REPLACED)}


def test_where_sources_disagree_on_a_replacement_the_one_of_highest_standing_is_heard() -> None:
    data = merge([reading("a", *DESCRIBED, Replacement(OLD, FEVER)), reading("b", Replacement(OLD, COUGH))])
    assert data.aliases[OLD] == Alias(FEVER, AliasKind.REPLACED)


def test_a_fact_stated_twice_is_one_with_the_support_of_both() -> None:
    first = fact(GOUT, FEVER, frequency="rare", supported_by="PMID:1 PMID:2")
    second = fact(GOUT, FEVER, frequency="common", line="first", supported_by="PMID:2 PMID:3")
    data = merge([reading("s", *DESCRIBED, first, second)])
    assert [dict(f.qualifiers) for f in data.facts] == [{"frequency": "rare", "line": "first", "supported_by": "PMID:1 PMID:2 PMID:3"}]
    assert skipped(data) == {"the source states the fact more than once": 1}


def test_a_claim_and_a_denial_stand_side_by_side() -> None:
    both = [fact(GOUT, FEVER), fact(GOUT, FEVER, negated=True)]
    assert merge([reading("s", *DESCRIBED, *both)]).facts == both


def test_a_fact_that_leads_from_an_entity_to_itself_is_left_out() -> None:
    data = merge([reading("s", *DESCRIBED, fact(GOUT, GOUT)), reading("b", entity(OLD, xrefs=[GOUT]), fact(OLD, GOUT, "b", CAUSES))])
    assert data.facts == []
    assert skipped(data) == skipped(data, "b") == {"both ends of the fact are one entity": 1}
    assert data.shares[1].examples == {"both ends of the fact are one entity": (None, f"{OLD} {CAUSES} {GOUT}")}


@pytest.mark.parametrize("ends", [(OLD, FEVER), (GOUT, OLD), (OLD, OLDER)])
def test_a_fact_about_what_nothing_describes_is_counted_and_left_out(ends: tuple[Curie, Curie]) -> None:
    data = merge([reading("s", *DESCRIBED, fact(*ends))])
    assert data.facts == [] and skipped(data) == {"an end of the fact is described by no source": 1}


def test_a_fact_that_holds_both_ways_stands_once() -> None:
    one, other = entity("CHEBI:2", category=DRUG), entity("CHEBI:1", category=DRUG)
    there, back = fact(one.curie, other.curie, predicate=INTERACTS_WITH), fact(other.curie, one.curie, predicate=INTERACTS_WITH)
    assert merge([reading("s", one, other, there, back)]).facts == [back]


def test_a_cross_reference_that_is_another_entity_s_is_dropped() -> None:
    data = merge([reading("s", entity("DOID:1", xrefs=["MESH:1"]), entity("DOID:2", xrefs=["MESH:1", "UMLS:2"]))])
    assert {e.curie: e.xrefs for e in data.entities} == {"DOID:1": ("MESH:1",), "DOID:2": ("UMLS:2",)}
    (pair,) = data.held_apart
    assert (pair.source, {pair.first, pair.second}, pair.through) == ("s", {"DOID:1", "DOID:2"}, "MESH:1")


def test_a_cross_reference_to_what_is_also_of_another_kind_stays() -> None:
    sign = Entity(Curie("HP:1"), PHENOTYPE, "hypotension", xrefs=(Curie("MESH:1"),))
    data = merge([reading("s", entity("MONDO:1", xrefs=["MESH:1"])), reading("t", sign)])
    assert {e.curie: e.xrefs for e in data.entities} == {"MONDO:1": ("MESH:1",), "HP:1": ("MESH:1",)}
    assert data.aliases[Curie("MESH:1")].curie == "MONDO:1"


def test_a_code_of_a_classification_stays_with_all_that_name_it() -> None:
    data = merge([reading("s", entity("DOID:1", xrefs=["ICD10CM:M10"]), entity("DOID:2", xrefs=["ICD10CM:M10"]))])
    assert [e.xrefs for e in data.entities] == [("ICD10CM:M10",)] * 2
    assert not data.aliases and not data.held_apart


def test_an_entity_that_a_source_describes_twice_is_one() -> None:
    data = merge([reading("s", entity(GOUT, name="gout"), entity(GOUT, name="podagra"))])
    assert [(e.name, e.synonyms) for e in data.entities] == [("gout", ("podagra",))]


CURIES = [Curie(f"{prefix}:{number}") for prefix in ("MONDO", "DOID", "MESH") for number in range(3)]
curies = st.sampled_from(CURIES)


@st.composite
def readings(draw: st.DrawFn) -> list[Reading]:
    found = []
    for name in ("a", "b", "c"):
        owned = draw(st.lists(curies, unique=True, max_size=4))
        entities = [
            Entity(c, draw(st.sampled_from([DISEASE, NAMED_THING])), c, xrefs=tuple(draw(st.lists(curies, max_size=2)))) for c in owned
        ]
        facts = st.builds(Fact, curies, st.sampled_from([CAUSES, INTERACTS_WITH]), curies, st.just(name), st.just({}), st.booleans())
        replacements = st.builds(Replacement, curies, curies | st.none())
        matches = st.builds(Match, curies, st.sampled_from([Curie("skos:exactMatch"), Curie("skos:broadMatch")]), curies)
        found.append(
            Reading(
                Source(name, name, "", ""),
                entities,
                draw(st.lists(facts, max_size=6)),
                draw(st.lists(replacements, max_size=3)),
                draw(st.lists(matches, max_size=3)),
            )
        )
    return found


@given(readings())
def test_the_whole_is_consistent(sources: list[Reading]) -> None:
    data = merge(sources)
    known = [e.curie for e in data.entities]
    assert len(known) == len(set(known))
    described = {e.curie for r in sources for e in r.entities}
    assert set(known) <= described
    assert all(curie in known or data.aliases[curie].curie in known for curie in described)
    assert not set(known) & set(data.aliases)
    assert all(alias.curie is None or alias.curie in known for alias in data.aliases.values())
    assert all({f.subject, f.object} <= set(known) and f.subject != f.object for f in data.facts)
    keys = [(f.key, f.source) for f in data.facts]
    assert len(keys) == len(set(keys))
    assert all(xref not in known for e in data.entities for xref in e.xrefs)

    def stands_for(curie: Curie) -> Curie | None:
        return data.aliases[curie].curie if curie in data.aliases else curie

    for source, share in zip(sources, data.shares, strict=True):
        assert len(source.facts) == share.facts + sum(share.skipped.values())
        own = {stands_for(e.curie) for e in source.entities}
        others = {stands_for(e.curie) for r in sources if r is not source for e in r.entities}
        assert (share.entities, share.merged) == (len(own - others), len(own & others))


@given(readings())
def test_a_merged_graph_merged_again_is_the_same(sources: list[Reading]) -> None:
    once = merge(sources)
    again = merge([Reading(Source("x", "x", "", ""), list(once.entities), [fact_of_x(f) for f in once.facts])])
    assert list(again.entities) == list(once.entities)
    assert {f.key for f in again.facts} == {f.key for f in once.facts}


def fact_of_x(told: Fact) -> Fact:
    return Fact(told.subject, told.predicate, told.object, "x", told.qualifiers, told.negated)


@given(readings(), st.permutations(range(3)))
def test_the_order_of_sources_changes_the_names_and_not_what_is_joined(sources: list[Reading], order: Sequence[int]) -> None:
    one, other = merge(sources), merge([sources[place] for place in order])
    if one.held_apart or other.held_apart or any(r.replacements for r in sources):
        return  # a conflict is decided by standing
    assert {e.curie for e in one.entities} == {e.curie for e in other.entities}
    assert {(f.key, f.source) for f in one.facts} == {(f.key, f.source) for f in other.facts}
    assert {c: a.curie for c, a in one.aliases.items()} == {c: a.curie for c, a in other.aliases.items()}
