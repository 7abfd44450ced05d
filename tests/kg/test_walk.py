"""Tests of walks over the graph: against networkx on random graphs, and against what can be counted by hand on a small one."""

from __future__ import annotations

from itertools import islice
from math import log
from pathlib import Path
from random import Random

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.build import build_snapshot
from kg.errors import CurieError
from kg.graph import SnapshotGraph, open_snapshot
from kg.merge import GraphData
from kg.model import Curie, Direction, Entity, Fact, Source
from kg.vocabulary import (
    CAUSES,
    CONTRAINDICATED_IN,
    DISEASE,
    DRUG,
    DRUG_CLASS,
    HAS_PHENOTYPE,
    INTERACTS_WITH,
    PHENOTYPE,
    PREDICATES,
    SUBCLASS_OF,
    TREATS,
)
from kg.walk import (
    SparseRows,
    Walks,
    ancestors,
    common_ancestors,
    descendants,
    from_graph,
    highest,
    k_best_paths,
    lowest_common_ancestors,
    neighbourhood,
    one_hop,
    open_walks,
    personalised_pagerank,
    phenotype_profiles,
    reach,
    roll_up,
    rows_of,
    shortest_path,
    similar_diseases,
    transitions,
    two_hops,
    weigh,
)

GOUT, FLU, ANTIBIOTICS, IBUPROFEN, NSAID = "MONDO:0005393", "MONDO:0005812", "medkg:antibiotics", "CHEBI:5855", "medkg:nsaid"
NODES = 9

ends = st.integers(0, NODES - 1)
triples = st.lists(st.tuples(ends, st.integers(0, len(PREDICATES) - 1), ends), max_size=40)
directions = st.sampled_from([None, Direction.OUT, Direction.IN])
few = settings(max_examples=150, deadline=None, derandomize=True)


def made(facts: list[tuple[int, int, int]], entities: int = NODES) -> SparseRows:
    columns = np.array(facts, dtype=np.int64).reshape(-1, 3)
    return rows_of(entities, *columns.T)


def networkx_graph(rows: SparseRows, direction: Direction | None) -> nx.DiGraph:
    """The pairs that may be walked, with the least cost of the facts that join them."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(rows.entities))
    costs = weigh(rows).costs
    for s, o, cost in zip(rows.subject.tolist(), rows.object.tolist(), costs.tolist(), strict=True):
        for a, b, way in ((s, o, Direction.OUT), (o, s, Direction.IN)):
            if direction in (None, way):
                known = graph.edges[a, b]["cost"] if graph.has_edge(a, b) else cost
                graph.add_edge(a, b, cost=min(cost, known))
    return graph


# Steps


@few
@given(triples, directions)
def test_steps_are_the_facts_at_an_entity(facts: list[tuple[int, int, int]], direction: Direction | None) -> None:
    rows = made(facts)
    for entity in range(NODES):
        ends, followed = one_hop(rows.along(direction), entity)
        outward = [o for s, _, o in facts if s == entity != o and direction is not Direction.IN]
        inward = [s for s, _, o in facts if o == entity != s and direction is not Direction.OUT]
        assert sorted(ends.tolist()) == sorted(outward + inward)
        for end, fact in zip(ends.tolist(), followed.tolist(), strict=True):
            assert {int(rows.subject[fact]), int(rows.object[fact])} == {entity, end}


@few
@given(triples, directions, ends)
def test_two_hops_are_all_pairs_of_steps_that_do_not_come_back(
    facts: list[tuple[int, int, int]], direction: Direction | None, start: int
) -> None:
    steps = made(facts).along(direction)
    hops = two_hops(steps, start)
    expected = [
        (middle, end, first, second)
        for middle, first in zip(*(part.tolist() for part in one_hop(steps, start)), strict=True)
        for end, second in zip(*(part.tolist() for part in one_hop(steps, middle)), strict=True)
        if end != start
    ]
    assert list(zip(hops.middle.tolist(), hops.end.tolist(), hops.first.tolist(), hops.second.tolist(), strict=True)) == expected


def test_rows_of_some_predicates_keep_where_their_facts_stand(tiny_graph: SnapshotGraph) -> None:
    rows = from_graph(tiny_graph).only([TREATS])
    facts = list(tiny_graph.all_facts())
    assert len(rows) == sum(fact.predicate == TREATS and not fact.negated for fact in facts)
    assert {facts[row].predicate for row in rows.row.tolist()} == {TREATS}
    with pytest.raises(CurieError, match="'biolink:no_such' is no predicate"):
        rows.only(["biolink:no_such"])


# Neighbourhoods


@few
@given(triples, directions, ends, st.integers(0, 3))
def test_a_neighbourhood_is_that_of_networkx(
    facts: list[tuple[int, int, int]], direction: Direction | None, start: int, radius: int
) -> None:
    rows = made(facts)
    found = neighbourhood(rows, start, radius, direction)
    expected = nx.single_source_shortest_path_length(networkx_graph(rows, direction), start, cutoff=radius)
    reached = list(zip(found.reached.numbers.tolist(), found.reached.distances.tolist(), strict=True))
    assert dict(reached) == expected and reached == sorted(reached, key=lambda pair: (pair[1], pair[0]))
    inside = [i for i, (s, o) in enumerate(zip(rows.subject.tolist(), rows.object.tolist(), strict=True)) if {s, o} <= set(expected)]
    assert found.facts.tolist() == inside
    for number, distance in reached:
        assert len(found.reached.way_back(number)) == distance + 1


def test_a_limit_keeps_those_joined_by_most_facts_and_says_that_it_cut() -> None:
    star = made([(0, 0, end) for end in (1, 2, 3, 4)] + [(0, 1, 3), (4, 2, 5)])
    found = reach(star.both, 0, limit=3)
    assert found.numbers.tolist() == [0, 1, 3] and not found.complete
    assert reach(star.both, 0, radius=1, limit=5).complete


def test_a_hub_is_reached_but_not_walked_through() -> None:
    rows = made([(0, 0, 1), (0, 0, 2), (1, 0, 3), (1, 0, 4), (1, 0, 5), (2, 0, 6)])
    assert reach(rows.both, 0, hub=3).numbers.tolist() == [0, 1, 2, 6]
    assert reach(rows.both, 1, hub=0).numbers.tolist() == [1, 0, 3, 4, 5]


# Paths


@few
@given(triples, directions, ends, ends)
def test_a_shortest_path_is_as_long_as_that_of_networkx(
    facts: list[tuple[int, int, int]], direction: Direction | None, start: int, end: int
) -> None:
    rows = made(facts)
    path, graph = shortest_path(weigh(rows, direction), start, end), networkx_graph(rows, direction)
    if start == end or not nx.has_path(graph, start, end):
        assert path is None
        return
    assert path is not None and len(path.steps) == nx.shortest_path_length(graph, start, end)
    assert path.cost == pytest.approx(min(nx.path_weight(graph, p, "cost") for p in nx.all_shortest_paths(graph, start, end)), abs=1e-5)


@few
@given(triples, directions, ends, ends, st.integers(1, 6))
def test_the_best_paths_are_those_of_networkx(
    facts: list[tuple[int, int, int]], direction: Direction | None, start: int, end: int, k: int
) -> None:
    rows = made(facts)
    paths, graph = k_best_paths(weigh(rows, direction), start, end, k), networkx_graph(rows, direction)
    expected = []
    if start != end and nx.has_path(graph, start, end):
        expected = [nx.path_weight(graph, p, "cost") for p in islice(nx.shortest_simple_paths(graph, start, end, weight="cost"), k)]
    assert [path.cost for path in paths] == pytest.approx(expected, abs=1e-5)
    assert len({path.nodes for path in paths}) == len(paths)
    for path in paths:
        assert (path.nodes[0], path.nodes[-1]) == (start, end) and len(set(path.nodes)) == len(path.nodes)
        for origin, to, step in zip(path.nodes, path.nodes[1:], path.steps, strict=False):
            pair = (int(rows.subject[step.fact]), int(rows.object[step.fact]))
            assert pair == ((origin, to) if step.direction is Direction.OUT else (to, origin))
            assert direction in (None, step.direction)


@few
@given(triples, st.randoms(use_true_random=False), ends, ends)
def test_the_order_of_facts_does_not_change_the_best_paths(facts: list[tuple[int, int, int]], random: Random, start: int, end: int) -> None:
    shuffled = list(facts)
    random.shuffle(shuffled)
    one, other = (k_best_paths(weigh(made(order)), start, end, 4) for order in (facts, shuffled))
    assert [path.nodes for path in one] == [path.nodes for path in other]


def test_a_path_through_a_hub_costs_more_than_one_through_something_specific() -> None:
    hub, specific = 2, 8
    rows = made([(0, 1, hub), (1, 1, hub), *((end, 1, hub) for end in range(3, 8)), (0, 1, specific), (1, 1, specific)])
    best, second = k_best_paths(weigh(rows), 0, 1, 2)
    assert (best.nodes, second.nodes) == ((0, specific, 1), (0, hub, 1))
    assert best.cost == pytest.approx(2 * (1 + 0.4 * (log(2) + log(2))))
    assert second.cost == pytest.approx(2 * (1 + 0.4 * (log(2) + log(7))))


def test_what_two_sources_state_counts_once_in_the_cost() -> None:
    once, twice = made([(0, 1, 1), (0, 1, 2)]), made([(0, 1, 1), (0, 1, 2), (0, 1, 2)])
    assert k_best_paths(weigh(once), 0, 1)[0].cost == k_best_paths(weigh(twice), 0, 1)[0].cost


def test_of_parallel_facts_a_path_follows_the_cheapest_and_of_these_the_first() -> None:
    dear, cheap = 0, 1
    rows = made([(0, dear, 1), (0, dear, 2), (0, dear, 3), (0, cheap, 1), (0, cheap, 1)])
    (path,) = k_best_paths(weigh(rows, Direction.OUT), 0, 1, 3)
    assert [step.fact for step in path.steps] == [3]


# Rank


@few
@given(triples, directions, st.dictionaries(ends, st.floats(0.1, 10), min_size=1), st.sampled_from([0.5, 0.85]))
def test_pagerank_is_that_of_networkx(
    facts: list[tuple[int, int, int]], direction: Direction | None, seeds: dict[int, float], damping: float
) -> None:
    rows = made(facts)
    scores = personalised_pagerank(transitions(rows, direction), seeds, damping)
    graph = nx.DiGraph(networkx_graph(rows, direction).edges)
    graph.add_nodes_from(range(NODES))
    expected = nx.pagerank(graph, alpha=damping, personalization=seeds, tol=1e-12, max_iter=1000, weight=None)
    assert scores == pytest.approx([expected[number] for number in range(NODES)], abs=1e-6)
    assert scores.sum() == pytest.approx(1)


def test_pagerank_without_seeds_is_nowhere_and_with_wrong_ones_an_error() -> None:
    moves = transitions(made([(0, 0, 1)]))
    assert not personalised_pagerank(moves, {}).any()
    with pytest.raises(ValueError, match="damping is 1"):
        personalised_pagerank(moves, {0: 1}, damping=1)
    with pytest.raises(ValueError, match="the seed 0 counts -1"):
        personalised_pagerank(moves, {0: -1})


def test_the_highest_come_first_and_ties_by_number() -> None:
    scores = np.array([0.1, 0.4, 0.0, 0.1, 0.4])
    assert highest(scores, 3) == [(1, 0.4), (4, 0.4), (0, 0.1)]
    assert highest(scores, 9) == [(1, 0.4), (4, 0.4), (0, 0.1), (3, 0.1)]
    assert highest(scores, 0) == []


# Hierarchy


def _kinds(pairs: list[tuple[int, int]]) -> SparseRows:
    return made([(narrow, 0, broad) for narrow, broad in pairs])


@few
@given(st.lists(st.tuples(ends, ends), max_size=25), st.booleans(), ends)
def test_ancestors_and_descendants_are_those_of_networkx_with_and_without_cycles(
    pairs: list[tuple[int, int]], acyclic: bool, entity: int
) -> None:
    if acyclic:
        pairs = [(max(pair), min(pair)) for pair in pairs if pair[0] != pair[1]]
    graph = nx.DiGraph(pairs)
    graph.add_nodes_from(range(NODES))
    kinds = _kinds(pairs)
    for found, expected in ((ancestors(kinds, entity), graph), (descendants(kinds, entity), graph.reverse())):
        lengths = nx.single_source_shortest_path_length(expected, entity)
        assert dict(zip(found.numbers.tolist(), found.distances.tolist(), strict=True)) == lengths


@few
@given(st.lists(st.tuples(ends, ends), max_size=25), ends, ends)
def test_the_lowest_common_ancestors_are_the_common_ones_without_a_narrower_one(
    pairs: list[tuple[int, int]], first: int, second: int
) -> None:
    graph = nx.DiGraph([(max(pair), min(pair)) for pair in pairs if pair[0] != pair[1]])
    graph.add_nodes_from(range(NODES))
    above = {number: {number} | nx.descendants(graph, number) for number in range(NODES)}
    common = above[first] & above[second]
    kinds = _kinds(list(graph.edges))
    assert {ancestor.number for ancestor in common_ancestors(kinds, first, second)} == common
    lowest = {number for number in common if not any(number in above[other] - {other} for other in common)}
    assert {ancestor.number for ancestor in lowest_common_ancestors(kinds, first, second)} == lowest


def test_a_cycle_that_two_sources_state_ends_too() -> None:
    # scipy's search for cycles does not end on these pairs where one stands twice.
    pairs = [(1, 4), (1, 2), (1, 0), (1, 2), (2, 4), (2, 3), (2, 4), (3, 0), (4, 2)]
    annotations, kinds = _phenotypes([(5, 1), (6, 3), (7, 8)], pairs)
    (alike,) = similar_diseases(phenotype_profiles(annotations, kinds), 5)
    assert alike.score == pytest.approx(2 * log(3 / 2) / (2 * log(3 / 2) + 3 * log(3)))
    assert (alike.number, [term for term, _ in alike.shared]) == (6, [3])


def test_terms_of_a_cycle_are_all_lowest_common_ancestors() -> None:
    kinds = _kinds([(0, 1), (1, 2), (2, 1), (3, 2), (2, 4)])
    assert [ancestor.number for ancestor in lowest_common_ancestors(kinds, 0, 3)] == [1, 2]


# Likeness


def _phenotypes(has: list[tuple[int, int]], kinds: list[tuple[int, int]]) -> tuple[SparseRows, SparseRows]:
    rows = made([(d, 1, p) for d, p in has] + [(n, 0, b) for n, b in kinds])
    return rows.only([HAS_PHENOTYPE]), rows.only([SUBCLASS_OF])


conditions, symptoms = st.integers(0, 3), st.integers(4, NODES - 1)


@few
@given(st.lists(st.tuples(conditions, symptoms), max_size=12), st.lists(st.tuples(symptoms, symptoms), max_size=8), conditions)
def test_likeness_is_simgic(has: list[tuple[int, int]], kinds: list[tuple[int, int]], disease: int) -> None:
    graph = nx.DiGraph(kinds)
    graph.add_nodes_from(range(NODES))
    closure = {d: {t for c, p in has if c == d for t in {p} | nx.descendants(graph, p)} for d in {d for d, _ in has}}
    content = {t: -log(n / len(closure)) if (n := sum(t in of for of in closure.values())) else 0.0 for t in range(NODES)}

    def total(terms: set[int]) -> float:
        return sum(content[term] for term in terms)

    own = closure.get(disease, set())
    expected = {
        other: total(own & terms) / total(own | terms)
        for other, terms in closure.items()
        if other != disease and total(own & terms) > 1e-12
    }
    found = similar_diseases(phenotype_profiles(*_phenotypes(has, kinds)), disease)
    assert {alike.number: alike.score for alike in found} == pytest.approx(expected)
    for alike in found:
        shared, terms = own & closure[alike.number], [term for term, _ in alike.shared]
        assert terms and set(terms) <= shared
        # All that is shared and says something is one of the terms named, or broader than one.
        assert {t for t in shared if content[t] > 0} <= {t for term in terms for t in {term} | nx.descendants(graph, term)}


def test_a_rare_shared_symptom_counts_more_and_broader_ones_are_not_named_beside_it() -> None:
    # 0 and 1 share the rare 5, a kind of 6; 0 and 2 share the common 4; 3 has 6 only.
    profiles = phenotype_profiles(*_phenotypes([(0, 4), (0, 5), (1, 5), (2, 4), (3, 4), (3, 6)], [(5, 6)]))
    assert profiles.content[[4, 5, 6]] == pytest.approx([log(4 / 3), log(2), log(4 / 3)])
    found = similar_diseases(profiles, 0)
    assert [alike.number for alike in found] == [1, 3, 2]
    assert found[0].shared == (pytest.approx((5, log(2))),)
    assert similar_diseases(profiles, 8) == ()


# Through identifiers


@pytest.fixture(scope="module")
def walks(tiny_graph: SnapshotGraph) -> Walks:
    return open_walks(tiny_graph)


def test_a_denied_fact_is_not_walked(walks: Walks, tiny_graph: SnapshotGraph) -> None:
    denied = [fact for fact in tiny_graph.all_facts() if fact.negated]
    assert [(fact.subject, fact.object) for fact in denied] == [(ANTIBIOTICS, FLU)]
    assert len(walks.rows) == len(list(tiny_graph.all_facts())) - 1
    assert walks.shortest_path(ANTIBIOTICS, FLU, predicates=[TREATS]) is None
    path = walks.shortest_path(ANTIBIOTICS, FLU)
    assert path is not None and len(path.facts) > 1
    assert FLU not in {near.entity.curie for near in walks.neighbourhood(ANTIBIOTICS).entities}
    assert all(not fact.negated for fact in walks.neighbourhood(ANTIBIOTICS, radius=3).facts)


def test_a_path_gives_facts_and_can_be_read(walks: Walks) -> None:
    path = walks.shortest_path(GOUT, "HP:0012735", predicates=[HAS_PHENOTYPE])
    assert path is not None
    assert str(path) == "gout -> [symptoms] joint pain -> [is a symptom of] flu -> [symptoms] cough"
    assert [fact.subject for fact in path.facts] == [GOUT, FLU, FLU]
    assert path.directions == (Direction.OUT, Direction.IN, Direction.OUT)


def test_paths_are_simple_and_come_best_first(walks: Walks) -> None:
    paths = walks.paths(GOUT, FLU, k=6)
    assert len(paths) == 6 and [path.cost for path in paths] == sorted(path.cost for path in paths)
    assert paths == walks.paths(GOUT, FLU, k=6) == open_walks(walks.graph).paths(GOUT, FLU, k=6)


@pytest.mark.parametrize("unknown", ["MONDO:0", "gout", "", "\udce9"])
def test_an_unknown_entity_is_an_empty_result(walks: Walks, unknown: str) -> None:
    around = walks.neighbourhood(unknown)
    assert (around.entities, around.facts, around.complete) == ((), (), True)
    assert walks.shortest_path(unknown, GOUT) is walks.shortest_path(GOUT, unknown) is None
    assert walks.paths(unknown, GOUT) == walks.paths(GOUT, unknown) == ()
    assert walks.ancestors(unknown) == walks.descendants(unknown) == walks.lowest_common_ancestors(unknown, GOUT) == ()
    assert walks.roll_up(unknown, [TREATS]) == walks.related([unknown]) == walks.similar_diseases(unknown) == ()


def test_an_unknown_predicate_is_an_error(walks: Walks) -> None:
    with pytest.raises(CurieError, match="'treats' is no predicate of this graph"):
        walks.paths(GOUT, FLU, predicates=["treats"])


def test_kinds_are_found_in_both_directions(walks: Walks) -> None:
    assert [near.entity.name for near in walks.ancestors(IBUPROFEN)] == ["NSAID"]
    assert {near.entity.name for near in walks.descendants(NSAID)} == {"ibuprofen", "naproxen", "aspirin"}
    assert [entity.curie for entity in walks.lowest_common_ancestors(IBUPROFEN, "CHEBI:7476")] == [NSAID]


def test_a_medicine_inherits_the_warnings_of_its_group(walks: Walks) -> None:
    held = walks.roll_up(IBUPROFEN, [CONTRAINDICATED_IN])
    assert [(h.fact.subject, h.fact.object, [e.name for e in h.way]) for h in held] == [
        (IBUPROFEN, "MONDO:0004247", ["ibuprofen"]),
        (NSAID, "medkg:pregnancy", ["ibuprofen", "NSAID"]),
        (NSAID, "MONDO:0005068", ["ibuprofen", "NSAID"]),
    ]


def test_an_interaction_is_inherited_whichever_end_states_it_and_told_once(walks: Walks) -> None:
    held = walks.roll_up(IBUPROFEN, [INTERACTS_WITH])
    assert [(h.fact.qualifiers["severity"], len(h.way)) for h in held] == [("major", 1)]
    held = walks.roll_up("CHEBI:7476", [INTERACTS_WITH])
    assert [({h.fact.subject, h.fact.object}, len(h.way)) for h in held] == [({"CHEBI:10033", NSAID}, 2)]


def test_related_entities_leave_out_the_seeds(walks: Walks) -> None:
    related = walks.related([GOUT, "MONDO:0"], k=3)
    assert len(related) == 3 and GOUT not in {ranked.entity.curie for ranked in related}
    assert [ranked.score for ranked in related] == sorted((ranked.score for ranked in related), reverse=True)
    assert walks.related({GOUT: 2.0}, k=3) == related


def test_alike_conditions_say_what_they_share(walks: Walks) -> None:
    first = walks.similar_diseases(FLU)[0]
    # Of the six conditions with symptoms, two have joint pain, two cough, three headache and four fever.
    assert first.entity.name == "gout" and [ranked.entity.name for ranked in first.shared] == ["joint pain", "fever"]
    both, own = log(6 / 2) + log(6 / 4), 2 * log(6 / 2) + log(6 / 3) + log(6 / 4)
    assert first.score == pytest.approx(both / own)
    assert repr(first) == "<gout, 0.46: joint pain, fever>"


# A graph of several sources, made by hand


@pytest.fixture(scope="module")
def two_sources(tmp_path_factory: pytest.TempPathFactory) -> SnapshotGraph:
    def entity(curie: str, category: Curie, name: str) -> Entity:
        return Entity(Curie(curie), category, name)

    def fact(subject: str, predicate: Curie, obj: str, source: str = "one", negated: bool = False) -> Fact:
        return Fact(Curie(subject), predicate, Curie(obj), source, negated=negated)

    data = GraphData(
        [
            entity("medkg:group", DRUG_CLASS, "group"),
            entity("medkg:subgroup", DRUG_CLASS, "subgroup"),
            entity("medkg:member", DRUG, "member"),
            entity("medkg:asthma", DISEASE, "asthma"),
            entity("medkg:gout", DISEASE, "gout"),
            entity("medkg:wheeze", PHENOTYPE, "wheeze"),
        ],
        [
            fact("medkg:member", SUBCLASS_OF, "medkg:subgroup"),
            fact("medkg:subgroup", SUBCLASS_OF, "medkg:group"),
            fact("medkg:group", SUBCLASS_OF, "medkg:member", "two"),
            fact("medkg:group", CONTRAINDICATED_IN, "medkg:asthma"),
            fact("medkg:group", CONTRAINDICATED_IN, "medkg:gout"),
            fact("medkg:group", CONTRAINDICATED_IN, "medkg:gout", "two"),
            fact("medkg:subgroup", CONTRAINDICATED_IN, "medkg:asthma", negated=True),
            fact("medkg:asthma", HAS_PHENOTYPE, "medkg:wheeze", "two"),
            fact("medkg:gout", CAUSES, "medkg:gout"),
        ],
        (Source("one", "One", "1", "CC0-1.0"), Source("two", "Two", "1", "CC0-1.0")),
    )
    target = tmp_path_factory.mktemp("two") / "snapshot"
    build_snapshot(data, target, "none")
    return open_snapshot(target)


def test_what_is_denied_nearer_is_not_inherited_and_each_source_is_told(two_sources: SnapshotGraph) -> None:
    held = open_walks(two_sources).roll_up("medkg:member", [CONTRAINDICATED_IN])
    assert [(h.fact.object, h.fact.source, len(h.way)) for h in held] == [("medkg:gout", "one", 3), ("medkg:gout", "two", 3)]
    rows = from_graph(two_sources)
    kinds, warnings = rows.only([SUBCLASS_OF]), rows.only([CONTRAINDICATED_IN])
    member = [entity.curie for entity in two_sources.entities()].index(Curie("medkg:member"))
    assert len(roll_up(warnings, kinds, member)) == 3


def test_a_cycle_of_kinds_ends(two_sources: SnapshotGraph) -> None:
    assert [near.entity.name for near in open_walks(two_sources).ancestors("medkg:member")] == ["subgroup", "group"]


def test_sources_can_be_left_out(two_sources: SnapshotGraph) -> None:
    assert open_walks(two_sources, sources=["one"]).paths("medkg:asthma", "medkg:wheeze") == ()
    assert len(open_walks(two_sources).paths("medkg:asthma", "medkg:wheeze")) == 1


def test_a_fact_of_an_entity_with_itself_leads_nowhere(two_sources: SnapshotGraph) -> None:
    rows = from_graph(two_sources)
    assert not (rows.subject == rows.object).any() and len(rows) == 7


def test_an_empty_graph_can_be_walked(tmp_path: Path) -> None:
    build_snapshot(GraphData([Entity(Curie("medkg:alone"), DISEASE, "alone")], [], ()), tmp_path / "snapshot", "none")
    walks = open_walks(open_snapshot(tmp_path / "snapshot"))
    assert [near.entity.name for near in walks.neighbourhood("medkg:alone", radius=2).entities] == ["alone"]
    assert walks.related(["medkg:alone"]) == walks.similar_diseases("medkg:alone") == walks.paths("medkg:alone", "medkg:alone") == ()
