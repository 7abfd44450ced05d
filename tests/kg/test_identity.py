"""Tests of which identifiers are one entity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.identity import EXACT, PLAIN, HeldApart, Identities, identify
from kg.model import Curie, Entity
from kg.sources.records import Mapping as Match
from kg.vocabulary import CHEMICAL, DISEASE, DRUG, NAMED_THING, PHENOTYPE

XREF = Curie(PLAIN)
EXACT_MATCH = Curie("skos:exactMatch")


def entity(curie: str, *xrefs: str, category: Curie = DISEASE) -> Entity:
    return Entity(Curie(curie), category, curie, xrefs=tuple(map(Curie, xrefs)))


def match(subject: str, obj: str, predicate: str = EXACT_MATCH) -> Match:
    return Match(Curie(subject), Curie(predicate), Curie(obj))


def joined(described: Sequence[tuple[str, Entity]], matches: Sequence[tuple[str, Match]] = ()) -> Identities:
    return identify(described, matches)


def clusters(canonical: Mapping[Curie, Curie]) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for curie, chosen in canonical.items():
        found.setdefault(chosen, set()).add(curie)
    return set(map(frozenset, found.values()))


GOUT = [
    ("mondo", entity("MONDO:0005393", "DOID:13189", "MESH:D006073")),
    ("doid", entity("DOID:13189")),
    ("mesh", entity("MESH:D006073", "UMLS:C0018099")),
    ("umls", entity("UMLS:C0018099")),
    ("omim", entity("OMIM:138900")),
    ("orpha", entity("ORPHA:999")),
]
GOUT_MATCHES = [("sssom", match("OMIM:138900", "UMLS:C0018099")), ("sssom", match("ORPHA:999", "MONDO:0005393", "owl:equivalentClass"))]


def test_one_disease_of_six_vocabularies_is_one_entity_under_mondo() -> None:
    found = joined(GOUT, GOUT_MATCHES)
    assert set(found.canonical.values()) == {"MONDO:0005393"}
    assert set(found.canonical) == {e.curie for _, e in GOUT}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_sources_joins_no_more_and_no_less(order: tuple[int, ...]) -> None:
    described = [[GOUT[0], GOUT[4]], [GOUT[1], GOUT[5]], [GOUT[2], GOUT[3]]]
    found = joined([pair for place in order for pair in described[place]], GOUT_MATCHES)
    assert set(found.canonical.values()) == {"MONDO:0005393"}


@pytest.mark.parametrize("predicate", sorted(EXACT))
def test_an_exact_match_joins(predicate: str) -> None:
    found = joined([("a", entity("DOID:1")), ("b", entity("MESH:1"))], [("c", match("DOID:1", "MESH:1", predicate))])
    assert clusters(found.canonical) == {frozenset({"DOID:1", "MESH:1"})}


@pytest.mark.parametrize("kind", ["close", "broad", "narrow", "related"])
def test_an_inexact_match_never_joins(kind: str) -> None:
    found = joined([("a", entity("DOID:1")), ("b", entity("MESH:1"))], [("c", match("DOID:1", "MESH:1", f"skos:{kind}Match"))])
    assert clusters(found.canonical) == {frozenset({"DOID:1"}), frozenset({"MESH:1"})}


def test_a_plain_cross_reference_joins_one_to_one() -> None:
    described = [("a", entity("DOID:1")), ("a", entity("DOID:2")), ("b", entity("MESH:1")), ("b", entity("MESH:2"))]
    found = joined(described, [("a", match("DOID:1", "MESH:1", XREF)), ("a", match("DOID:2", "MESH:2", XREF))])
    assert clusters(found.canonical) == {frozenset({"DOID:1", "MESH:1"}), frozenset({"DOID:2", "MESH:2"})}


@pytest.mark.parametrize("pairs", [(("DOID:1", "MESH:1"), ("DOID:1", "MESH:2")), (("DOID:1", "MESH:1"), ("DOID:2", "MESH:1"))])
def test_a_plain_cross_reference_with_several_partners_does_not_join(pairs: tuple[tuple[str, str], ...]) -> None:
    described = [("a", entity("DOID:1")), ("a", entity("DOID:2")), ("b", entity("MESH:1")), ("b", entity("MESH:2"))]
    found = joined(described, [("a", match(subject, obj, XREF)) for subject, obj in pairs])
    assert clusters(found.canonical) == {frozenset({c}) for c in ("DOID:1", "DOID:2", "MESH:1", "MESH:2")}


def test_a_plain_cross_reference_stated_twice_is_one() -> None:
    found = joined([("a", entity("DOID:1")), ("b", entity("MESH:1"))], [("a", match("DOID:1", "MESH:1", XREF))] * 2)
    assert clusters(found.canonical) == {frozenset({"DOID:1", "MESH:1"})}


@pytest.mark.parametrize("turned", [False, True])
def test_a_broad_match_bars_the_plain_cross_reference_of_another_source(turned: bool) -> None:
    broad = match("MESH:1", "DOID:1", "skos:broadMatch") if turned else match("DOID:1", "MESH:1", "skos:broadMatch")
    described = [("a", entity("DOID:1")), ("b", entity("MESH:1"))]
    found = joined(described, [("a", match("DOID:1", "MESH:1", XREF)), ("sssom", broad)])
    assert len(clusters(found.canonical)) == 2


def test_two_entities_of_one_source_are_held_apart_with_the_chain_that_would_join_them() -> None:
    described = [("mondo", entity("MONDO:1", "MESH:1")), ("mondo", entity("MONDO:2")), ("umls", entity("UMLS:1", "MESH:1"))]
    found = joined(described, [("sssom", match("MONDO:2", "UMLS:1"))])
    assert found.canonical["MONDO:1"] != found.canonical["MONDO:2"]  # type: ignore[index]
    (pair,) = found.held_apart
    assert pair == HeldApart(
        "mondo",
        Curie("MONDO:2"),
        Curie("MONDO:1"),
        Curie("UMLS:1"),
        (Curie("MONDO:2"), Curie("UMLS:1"), Curie("MESH:1"), Curie("MONDO:1")),
        "sssom",
    )


def test_a_pair_is_held_apart_once_however_often_it_is_said() -> None:
    described = [("a", entity("DOID:1", "DOID:2")), ("a", entity("DOID:2", "DOID:1"))]
    assert len(joined(described, [("b", match("DOID:1", "DOID:2"))]).held_apart) == 1


def test_entities_of_different_kinds_are_not_joined() -> None:
    found = joined([("a", entity("MONDO:1", "HP:1")), ("b", entity("HP:1", category=PHENOTYPE))])
    assert clusters(found.canonical) == {frozenset({"MONDO:1"}), frozenset({"HP:1"})} and not found.held_apart


def test_an_identifier_of_two_kinds_stands_for_one_and_beside_the_other() -> None:
    described = [("a", entity("MONDO:1", "MESH:1")), ("b", entity("HP:1", category=PHENOTYPE)), ("c", entity("MESH:1", "HP:1"))]
    found = joined(described)
    assert clusters(found.canonical) == {frozenset({"MONDO:1", "MESH:1"}), frozenset({"HP:1"})}
    assert found.beside == {"HP:1": ["MESH:1"]}  # and MONDO:1 is not said to be HP:1, which is an entity itself


@pytest.mark.parametrize(("one", "other"), [(DRUG, CHEMICAL), (DISEASE, NAMED_THING), (NAMED_THING, PHENOTYPE)])
def test_kinds_that_may_be_one_are_joined(one: Curie, other: Curie) -> None:
    found = joined([("a", entity("DOID:1", "MESH:1", category=one)), ("b", entity("MESH:1", category=other))])
    assert len(clusters(found.canonical)) == 1


def test_a_code_of_a_classification_joins_nothing() -> None:
    described = [("a", entity("MONDO:1", "ICD10CM:M10")), ("b", entity("DOID:1", "ICD10CM:M10")), ("c", entity("MESH:1"))]
    matches = [
        ("c", match("MESH:1", "ICD10CM:M10")),
        ("c", match("MESH:1", "ICD9CM:274", XREF)),
        ("a", match("MONDO:1", "ICD9CM:274", XREF)),
    ]
    found = joined(described, matches)
    assert clusters(found.canonical) == {frozenset({"MONDO:1"}), frozenset({"DOID:1"}), frozenset({"MESH:1"})}
    assert not found.held_apart


def test_a_code_that_is_said_of_one_entity_alone_leads_to_it() -> None:
    described = [("a", entity("MONDO:1", "ICD10CM:M10")), ("b", entity("DOID:1", "MONDO:1", "ICD10CM:M10"))]
    assert joined(described).canonical["ICD10CM:M10"] == "MONDO:1"  # type: ignore[index]


def test_a_classification_that_is_imported_itself_is_joined_by_exact_statements() -> None:
    found = joined([("a", entity("MONDO:1", "ICD10CM:M10")), ("icd", entity("ICD10CM:M10"))])
    assert len(clusters(found.canonical)) == 1


@pytest.mark.parametrize(
    ("curies", "category", "chosen"),
    [
        (("UMLS:1", "DOID:1", "MONDO:1"), DISEASE, "MONDO:1"),
        (("MONDO:1", "HP:1"), PHENOTYPE, "HP:1"),
        (("UMLS:1", "MESH:1", "OMIM:1"), DISEASE, "OMIM:1"),
        (("medkg:1", "NOSUCH:1"), DISEASE, "NOSUCH:1"),
        (("NOSUCH:2", "OTHER:1"), DISEASE, "NOSUCH:2"),
    ],
)
def test_the_public_vocabulary_made_for_the_purpose_gives_the_identifier(curies: tuple[str, ...], category: Curie, chosen: str) -> None:
    described = [(str(place), entity(curie, *curies[:place], category=category)) for place, curie in enumerate(curies)]
    assert set(joined(described).canonical.values()) == {chosen}


def test_what_nothing_describes_is_no_entity() -> None:
    assert joined([], [("a", match("DOID:1", "MESH:1"))]).canonical == {}


PREFIXES = ["MONDO", "DOID", "MESH"]
curies = st.builds(lambda prefix, number: f"{prefix}:{number}", st.sampled_from(PREFIXES), st.integers(0, 3))
statements = st.lists(st.builds(match, curies, curies, st.sampled_from(["skos:exactMatch", PLAIN, "skos:broadMatch"])), max_size=12)


@st.composite
def described(draw: st.DrawFn) -> list[tuple[str, Entity]]:
    """Sources named after their vocabularies, so that each identifier is described once."""
    return [(curie.partition(":")[0], entity(curie)) for curie in draw(st.lists(curies, unique=True))]


@given(described(), statements, st.randoms(use_true_random=False))
def test_the_partition_rests_on_what_is_said_and_not_on_its_order(
    known: list[tuple[str, Entity]], said: list[Match], random: object
) -> None:
    stated = [("x", m) for m in said]
    before = joined(known, stated)
    shuffled = [*known], [*stated]
    for part in shuffled:
        random.shuffle(part)  # type: ignore[attr-defined]
    after = joined(*shuffled)
    if not before.held_apart:  # else a conflict must be decided by order: who comes first is heard
        assert clusters(after.canonical) == clusters(before.canonical) and not after.held_apart
        assert after.canonical == before.canonical


@given(described(), statements)
def test_every_described_identifier_has_a_place_and_no_source_is_joined_to_itself(
    known: list[tuple[str, Entity]], said: list[Match]
) -> None:
    found = joined(known, [("x", m) for m in said])
    assert {e.curie for _, e in known} <= set(found.canonical)
    assert set(found.canonical.values()) <= {e.curie for _, e in known}
    for source in PREFIXES:
        own = [found.canonical[e.curie] for name, e in known if name == source]
        assert len(own) == len(set(own))
    for pair in found.held_apart:
        assert (pair.chain[0], pair.chain[-1]) == (pair.first, pair.second)
        assert pair.through in pair.chain and found.canonical[pair.first] != found.canonical[pair.second]
