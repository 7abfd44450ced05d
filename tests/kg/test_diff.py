"""Tests of what changed between two graphs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.build import build_snapshot
from kg.diff import Difference, compare
from kg.diff_report import as_dict, lines
from kg.graph import SnapshotGraph, open_snapshot
from kg.merge import GraphData, Reading, merge
from kg.model import Alias, AliasKind, Curie, Direction, Entity, Fact, Source
from kg.sources.records import Replacement
from kg.vocabulary import CAUSES, DISEASE, DRUG, HAS_PHENOTYPE, INTERACTS_WITH, PHENOTYPE, TREATS

GOUT = Entity(Curie("MONDO:0005393"), DISEASE, "gout", ("podagra",))
FEVER = Entity(Curie("HP:0001945"), PHENOTYPE, "fever")
IBUPROFEN = Entity(Curie("CHEBI:5855"), DRUG, "ibuprofen")
OLD_GOUT = replace(GOUT, curie=Curie("DOID:13189"))

Build = Callable[..., SnapshotGraph]


def fact(subject: Entity, predicate: Curie, obj: Entity, negated: bool = False, **qualifiers: str) -> Fact:
    return Fact(subject.curie, predicate, obj.curie, "s", qualifiers, negated)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Builds a snapshot of one source."""

    def of(
        entities: Sequence[Entity], facts: Sequence[Fact] = (), replaced: Sequence[Replacement] = (), version: str = "1"
    ) -> SnapshotGraph:
        target = tmp_path / str(len(list(tmp_path.iterdir())))
        source = Source("s", "S", version, "CC0-1.0", sha256=version)
        build_snapshot(merge([Reading(source, list(entities), list(facts), list(replaced))]), target, "digest")
        return open_snapshot(target)

    return of


def counts(found: Difference) -> list[int]:
    return [listing.count for listing in found.listings()]


def test_nothing_changed_between_a_graph_and_itself(tiny_graph: SnapshotGraph) -> None:
    found = compare(tiny_graph, tiny_graph)
    assert not found and counts(found) == [0] * 9
    assert list(lines(found)) == ["nothing changed"]


def test_what_comes_and_goes_is_told_by_kind(build: Build) -> None:
    before = build([GOUT, FEVER], [fact(GOUT, HAS_PHENOTYPE, FEVER)])
    after = build([GOUT, IBUPROFEN], [fact(IBUPROFEN, TREATS, GOUT)])
    found = compare(before, after)
    assert found.entities_added.first == [IBUPROFEN] and found.entities_added.by == {DRUG: 1}
    assert found.entities_removed.first == [FEVER] and found.entities_removed.by == {PHENOTYPE: 1}
    assert found.facts_added.first == [fact(IBUPROFEN, TREATS, GOUT)] and found.facts_added.by == {TREATS: 1}
    assert found.facts_removed.first == [fact(GOUT, HAS_PHENOTYPE, FEVER)] and found.facts_removed.by == {HAS_PHENOTYPE: 1}
    assert sum(counts(found)) == 4
    assert [c.count for c in compare(after, before).listings()][:2] == [1, 1]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": "gouty arthritis"}, ("name",)),
        ({"category": PHENOTYPE}, ("category",)),
        ({"description": "A painful joint."}, ("description",)),
        ({"synonyms": ("podagra", "gouty arthritis")}, ("synonyms",)),
        ({"xrefs": (Curie("MESH:D006073"),), "synonyms": ()}, ("synonyms", "xrefs")),
    ],
)
def test_how_an_entity_is_described_otherwise_is_told(build: Build, changes: dict[str, object], fields: tuple[str, ...]) -> None:
    found = compare(build([GOUT]), build([replace(GOUT, **changes)]))  # type: ignore[arg-type]
    (change,) = found.entities_changed.first
    assert change.fields == fields and change.old == GOUT and change.why is None
    assert sum(counts(found)) == 1


def test_the_order_of_synonyms_is_no_change(build: Build) -> None:
    before, after = (replace(GOUT, synonyms=synonyms) for synonyms in (("a", "b"), ("b", "a")))
    assert not compare(build([before]), build([after]))


def test_an_identifier_that_was_replaced_is_no_loss(build: Build) -> None:
    before = build([OLD_GOUT, FEVER], [fact(OLD_GOUT, HAS_PHENOTYPE, FEVER), fact(FEVER, CAUSES, OLD_GOUT)])
    after = build(
        [GOUT, FEVER],
        [fact(GOUT, HAS_PHENOTYPE, FEVER), fact(FEVER, CAUSES, GOUT)],
        [Replacement(OLD_GOUT.curie, GOUT.curie)],
    )
    found = compare(before, after)
    (move,) = found.entities_moved.first
    assert (move.old.curie, move.new.curie, move.why, move.merged, move.fields) == (
        OLD_GOUT.curie,
        GOUT.curie,
        AliasKind.REPLACED,
        False,
        (),
    )
    assert sum(counts(found)) == 1
    assert "    gout (DOID:13189) replaced by gout (MONDO:0005393)" in lines(found)


def test_a_merger_is_told_as_such_and_changes_no_fact(build: Build) -> None:
    facts = [fact(OLD_GOUT, HAS_PHENOTYPE, FEVER), fact(IBUPROFEN, TREATS, OLD_GOUT), fact(IBUPROFEN, TREATS, GOUT)]
    before = build([GOUT, OLD_GOUT, FEVER, IBUPROFEN], facts)
    same = replace(GOUT, xrefs=(OLD_GOUT.curie,))
    after = build([same, FEVER, IBUPROFEN], [fact(GOUT, HAS_PHENOTYPE, FEVER), fact(IBUPROFEN, TREATS, GOUT)])
    found = compare(before, after)
    (move,) = found.entities_moved.first
    assert (move.why, move.merged, move.fields) == (AliasKind.SAME, True, ("xrefs",))
    assert [change.fields for change in found.entities_changed.first] == [("xrefs",)]
    assert sum(counts(found)) == 2
    assert "    gout (DOID:13189) merged into gout (MONDO:0005393)" in lines(found)


def test_a_fact_that_holds_both_ways_is_the_same_under_other_identifiers(build: Build) -> None:
    aspirin = Entity(Curie("CHEBI:15365"), DRUG, "aspirin")
    moved = replace(aspirin, curie=Curie("medkg:aspirin"))
    before = build([aspirin, IBUPROFEN], [fact(aspirin, INTERACTS_WITH, IBUPROFEN)])
    after = build([moved, IBUPROFEN], [fact(moved, INTERACTS_WITH, IBUPROFEN)], [Replacement(aspirin.curie, moved.curie)])
    assert [f.subject for f in before.all_facts()] == [aspirin.curie] and [f.subject for f in after.all_facts()] == [IBUPROFEN.curie]
    assert counts(compare(before, after)) == [0, 0, 0, 1, 0, 0, 0, 0, 0]
    assert counts(compare(after, before))[4:] == [1, 1, 0, 0, 0]  # the older graph does not know the newer identifier


def test_a_withdrawn_identifier_is_a_loss(build: Build) -> None:
    found = compare(build([GOUT, FEVER]), build([FEVER], replaced=[Replacement(GOUT.curie, None)]))
    assert found.entities_removed.first == [GOUT] and sum(counts(found)) == 1


def test_other_qualifiers_are_no_other_fact(build: Build) -> None:
    before, after = (fact(GOUT, HAS_PHENOTYPE, FEVER, frequency=text) for text in ("rare", "common"))
    found = compare(build([GOUT, FEVER], [before]), build([GOUT, FEVER], [after]))
    (change,) = found.facts_requalified.first
    assert (change.old, change.new) == (before, after) and sum(counts(found)) == 1
    assert list(lines(found))[1].endswith("[s, frequency: common], before frequency: rare")


def test_a_fact_that_is_denied_now_is_told_as_such(build: Build) -> None:
    claim, denial = (fact(IBUPROFEN, TREATS, GOUT, negated) for negated in (False, True))
    one, other, both = (build([GOUT, IBUPROFEN], facts) for facts in ([claim], [denial], [claim, denial]))
    assert counts(compare(one, other)) == [0, 0, 0, 0, 0, 0, 0, 1, 0]
    assert counts(compare(other, one)) == [0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert compare(one, both).facts_added.first == [denial] and compare(both, one).facts_removed.first == [denial]
    assert list(lines(compare(one, other))) == [
        "facts denied now: 1 (1 is used for)",
        "    ibuprofen (CHEBI:5855) will not help with gout (MONDO:0005393) [s]",
    ]


def test_sources_are_compared_by_what_they_hold(build: Build) -> None:
    found = compare(build([GOUT], version="2025-01-01"), build([GOUT], version="2026-01-01"))
    assert list(lines(found)) == ["source changed: s, 2025-01-01 to 2026-01-01, 0 to 0 facts"]
    assert as_dict(found)["sources"]["changed"][0]["old"]["version"] == "2025-01-01"


def test_all_are_counted_and_some_are_listed(build: Build) -> None:
    many = [Entity(Curie(f"HP:{number:07}"), PHENOTYPE, f"sign {number}") for number in range(9)]
    facts = [fact(one, CAUSES, other) for one in many for other in many if one is not other]
    found = compare(build([GOUT]), build([GOUT, *many], facts), limit=2)
    assert found.entities_added.count == 9 and found.entities_added.first == many[:2]
    assert found.facts_added.count == 72 and found.facts_added.first == facts[:2]
    assert list(lines(found))[-1] == "    ... and 70 more"
    assert as_dict(found)["facts"]["added"]["by_predicate"] == {CAUSES: 72}


def test_the_difference_is_plain_json_with_names(build: Build) -> None:
    before = build([GOUT, FEVER], [fact(GOUT, HAS_PHENOTYPE, FEVER, frequency="rare")])
    after = build([replace(GOUT, name="gouty arthritis", synonyms=("podagra", "gout")), FEVER])
    found = as_dict(compare(before, after))
    assert found["entities"]["changed"] == {
        "count": 1,
        "by_category": {DISEASE: 1},
        "first": [
            {
                "curie": "MONDO:0005393",
                "name": "gouty arthritis",
                "category": DISEASE,
                "changes": {"name": {"old": "gout", "new": "gouty arthritis"}, "synonyms": {"added": ["gout"], "removed": []}},
            }
        ],
    }
    (removed,) = found["facts"]["removed"]["first"]
    assert (removed["subject_name"], removed["object_name"], removed["qualifiers"]) == ("gouty arthritis", "fever", {"frequency": "rare"})


class Listed:
    """A graph of lists, with the aliases that it is given."""

    def __init__(self, data: GraphData) -> None:
        self.data = data
        self.sources = data.sources
        self._by_curie = {entity.curie: entity for entity in sorted(data.entities, key=lambda entity: entity.curie)}
        self._facts = sorted(data.facts, key=lambda fact: fact.subject)

    def entities(self) -> list[Entity]:
        return list(self._by_curie.values())

    def all_facts(self) -> list[Fact]:
        return self._facts

    def entity(self, curie: str) -> Entity | None:
        return self._by_curie.get(curie)  # type: ignore[call-overload, no-any-return]

    def alias(self, curie: str) -> Alias | None:
        return self.data.aliases.get(curie)  # type: ignore[call-overload, no-any-return]

    def facts(self, curie: str, direction: Direction) -> list[Fact]:
        return [fact for fact in self._facts if fact.end(direction.other) == curie]


CURIES = [Curie(f"HP:{number}") for number in range(5)]


@st.composite
def graphs(draw: st.DrawFn) -> Listed:
    curies = draw(st.lists(st.sampled_from(CURIES), unique=True))
    replaced = [Replacement(curie, draw(st.sampled_from(CURIES))) for curie in CURIES if curie not in curies and draw(st.booleans())]
    ends, predicates = st.sampled_from(curies or CURIES), st.sampled_from([CAUSES, INTERACTS_WITH])
    facts = draw(st.lists(st.builds(Fact, ends, predicates, ends, st.just("s"), st.just({}), st.booleans())))
    return Listed(merge([Reading(Source("s", "", "", ""), [Entity(c, PHENOTYPE, c) for c in curies], facts, replaced)]))


@given(graphs(), graphs())
def test_the_numbers_add_up(before: Listed, after: Listed) -> None:
    found = compare(before, after)  # type: ignore[arg-type]
    added, removed, _, moved = counts(found)[:4]
    new_only = {e.curie for e in after.entities()} - {e.curie for e in before.entities()}
    renamed = {change.new.curie for change in found.entities_moved.first} & new_only
    assert added == len(new_only - renamed)
    assert removed + moved == len({e.curie for e in before.entities()} - {e.curie for e in after.entities()})
    facts_added, facts_removed, _, denied, affirmed = counts(found)[4:]
    if not moved:
        keys = [{fact.key for fact in graph.all_facts()} for graph in (before, after)]
        assert facts_added + denied + affirmed == len(keys[1] - keys[0])
        assert facts_removed + denied + affirmed == len(keys[0] - keys[1])


@given(graphs())
def test_no_graph_differs_from_itself(graph: Listed) -> None:
    assert not compare(graph, graph)  # type: ignore[arg-type]
