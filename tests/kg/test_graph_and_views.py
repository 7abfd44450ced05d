"""Tests of the graph as it is asked, and of its views and exports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from kg.build import GraphData
from kg.errors import DataError, QueryError
from kg.graph import SnapshotGraph
from kg.model import Curie, Direction, Entity, Fact, Source
from kg.sources.kgx import read_kgx, write_kgx
from kg.views import networkx_view, rdf_view, select

GOUT, FLU, ANTIBIOTICS, IBUPROFEN = "MONDO:0005393", "MONDO:0005812", "medkg:antibiotics", "CHEBI:5855"


def test_a_snapshot_holds_what_was_read(tiny_graph: SnapshotGraph, tiny_data: GraphData) -> None:
    assert sorted(tiny_graph.entities(), key=lambda e: e.curie) == sorted(tiny_data.entities, key=lambda e: e.curie)
    assert {(f.key, tuple(sorted(f.qualifiers.items()))) for f in tiny_graph.all_facts()} == {
        (f.key, tuple(sorted(f.qualifiers.items()))) for f in tiny_data.facts
    }
    assert [s.facts for s in tiny_graph.sources] == [len(tiny_data.facts)]


def test_facts_are_found_from_both_ends(tiny_graph: SnapshotGraph) -> None:
    outward = tiny_graph.facts(GOUT, Direction.OUT)
    assert [f.object for f in outward] == ["HP:0002829", "HP:0001945", "medkg:general-practitioner"]
    assert [f.subject for f in tiny_graph.facts(GOUT, Direction.IN)] == ["CHEBI:23359", IBUPROFEN, "MONDO:0002280", "medkg:nsaid"]


@pytest.mark.parametrize("curie", ["MONDO:0", "gout", "", "\udce9", "MONDO:000539"])
def test_an_unknown_entity_is_none_and_has_no_facts(tiny_graph: SnapshotGraph, curie: str) -> None:
    assert tiny_graph.entity(curie) is None
    assert list(tiny_graph.facts(curie, Direction.OUT)) == []


@pytest.mark.parametrize(
    ("name", "curie"),
    [
        ("GOUT", GOUT),
        ("fevers", "HP:0001945"),
        ("Anemia", "MONDO:0002280"),
        ("hemorrhages", "HP:0001892"),
        ("peptic-ulcers", "MONDO:0004247"),
    ],
)
def test_a_name_is_found_whatever_its_case_number_and_spelling(tiny_graph: SnapshotGraph, name: str, curie: str) -> None:
    assert [naming.entity.curie for naming in tiny_graph.named(name)] == [curie]


def test_an_ambiguous_name_gives_all_its_entities_in_order(tiny_graph: SnapshotGraph) -> None:
    assert [(n.entity.name, n.preferred) for n in tiny_graph.named("the bug")] == [("measles", False), ("flu", False)]
    assert [naming.preferred for naming in tiny_graph.named("flu")] == [True]
    assert list(tiny_graph.named("no such name")) == list(tiny_graph.named("")) == []


def test_each_folded_name_stands_once(tiny_graph: SnapshotGraph) -> None:
    names = list(tiny_graph.surface.curated())
    assert len(names) == len(set(names)) and "gouty arthritis" in names


def test_rdf_view_answers_sparql(tiny_graph: SnapshotGraph) -> None:
    with rdf_view(tiny_graph) as dataset:
        rows = list(dataset.query("SELECT ?name { MONDO:0005393 biolink:has_phenotype/rdfs:label ?name } ORDER BY ?name"))
    assert [str(row[0]) for row in rows] == ["fever", "joint pain"]  # type: ignore[index]


def test_select_gives_names_and_rows(tiny_graph: SnapshotGraph) -> None:
    query = "SELECT ?name ?none { MONDO:0005393 rdfs:label ?name OPTIONAL { MONDO:0005393 skos:note ?none } }"
    assert select(tiny_graph, query) == (["name", "none"], [["gout", None]])


def test_a_denied_fact_is_no_plain_triple(tiny_graph: SnapshotGraph) -> None:
    assert select(tiny_graph, f"ASK {{ {ANTIBIOTICS} biolink:treats {FLU} }}")[1] == [["false"]]
    negated = f"ASK {{ [] biolink:subject {ANTIBIOTICS} ; biolink:object {FLU} ; biolink:negated true }}"
    assert select(tiny_graph, negated)[1] == [["true"]]


@pytest.mark.parametrize(
    "query",
    [
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "DESCRIBE MONDO:0005393",
        "SELECT * { ?s ?p",
        "DELETE WHERE { ?s ?p ?o }",
        "",
        "SELECT ?x { nowhere:x ?p ?x }",
        "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }",
        "SELECT * { \\u0053ERVICE <http://example.org/> { ?s ?p ?o } }",
    ],
)
def test_select_refuses_what_is_no_reading_of_this_graph(tiny_graph: SnapshotGraph, query: str) -> None:
    with pytest.raises(QueryError):
        select(tiny_graph, query)


def test_networkx_view_of_the_whole(tiny_graph: SnapshotGraph) -> None:
    view = networkx_view(tiny_graph)
    assert (view.number_of_nodes(), view.number_of_edges()) == (len(tiny_graph), tiny_graph.manifest["facts"])
    assert view.nodes[GOUT] == {"name": "gout", "category": "biolink:Disease"}
    (denial,) = view.get_edge_data(ANTIBIOTICS, FLU).values()
    assert denial["negated"] and denial["predicate"] == "biolink:treats"


def test_networkx_view_of_a_neighbourhood(tiny_graph: SnapshotGraph) -> None:
    near = networkx_view(tiny_graph, GOUT, 1)
    assert set(near) == {GOUT} | set(networkx_view(tiny_graph).to_undirected()[GOUT])
    assert near.number_of_edges() == 7
    assert set(near) < set(networkx_view(tiny_graph, GOUT, 2))
    assert list(networkx_view(tiny_graph, GOUT, 0)) == [GOUT]
    assert not networkx_view(tiny_graph, "MONDO:0")


def test_kgx_round_trip_is_equal(tiny_graph: SnapshotGraph, tmp_path: Path) -> None:
    for _ in range(2):  # a second export replaces the first
        write_kgx(tiny_graph, tmp_path / "kgx")
    data = read_kgx(tmp_path / "kgx")
    assert data.entities == list(tiny_graph.entities())
    assert data.facts == list(tiny_graph.all_facts())
    assert tuple(data.sources) == tiny_graph.sources
    assert sorted(p.name for p in (tmp_path / "kgx").iterdir()) == ["edges.tsv", "nodes.tsv", "sources.tsv"]


@dataclass
class Listed:
    """A graph of lists."""

    data: GraphData

    @property
    def sources(self) -> Sequence[Source]:
        return self.data.sources

    def entities(self) -> Iterator[Entity]:
        return iter(self.data.entities)

    def all_facts(self) -> Iterator[Fact]:
        return iter(self.data.facts)


@pytest.mark.parametrize("entity", [{"name": "a\tb"}, {"name": "a\nb"}, {"synonyms": ("a|b",)}, {"description": " a"}])
def test_kgx_refuses_what_would_not_come_back(tmp_path: Path, entity: dict[str, str]) -> None:
    node = Entity(Curie(GOUT), Curie("biolink:Disease"), **{"name": "gout", **entity})  # type: ignore[arg-type]
    with pytest.raises(DataError, match="cannot be written"):
        write_kgx(Listed(GraphData([node], [], [])), tmp_path)
    assert list(tmp_path.iterdir()) == []


NODES = "id\tcategory\tname\nHP:1\tbiolink:NamedThing|biolink:Disease\tflu\nHP:2\tbiolink:Drug\trest\n"
EDGES = "subject\tpredicate\tobject\tprimary_knowledge_source\tnegated\tline\tknowledge_level\n"
EDGE = "HP:2\tbiolink:treats\tHP:1\tinfores:x\t\tfirst\tassertion\n"


def test_kgx_of_others_is_read(tmp_path: Path) -> None:
    (tmp_path / "nodes.tsv").write_text(NODES)
    (tmp_path / "edges.tsv").write_text(EDGES + EDGE)
    data = read_kgx(tmp_path)
    assert [e.category for e in data.entities] == ["biolink:Disease", "biolink:Drug"]
    assert data.facts == [Fact(Curie("HP:2"), Curie("biolink:treats"), Curie("HP:1"), "infores:x", {"line": "first"})]
    assert list(data.sources) == [Source("infores:x", "infores:x", "", "", facts=1)]


@pytest.mark.parametrize(
    ("name", "text", "line", "expected"),
    [
        ("nodes.tsv", "id\tname\n", 1, "header lacks category"),
        ("nodes.tsv", NODES + "flu\tbiolink:Disease\tx\n", 4, "'flu' is not a CURIE"),
        ("nodes.tsv", NODES + "HP:1\tbiolink:Disease\tx\n", 4, "HP:1 stands twice"),
        ("nodes.tsv", NODES + "HP:3\tbiolink:Cat\tx\n", 4, "unknown category 'biolink:Cat'"),
        ("nodes.tsv", NODES + "HP:3\tbiolink:Drug\t\udcff\n", 4, "not UTF-8"),
        ("edges.tsv", "subject\tobject\n", 1, "header lacks predicate, primary_knowledge_source"),
        ("edges.tsv", EDGES + EDGE.replace("HP:1", "HP:3"), 2, "HP:3 is not in nodes.tsv"),
        ("edges.tsv", EDGES + EDGE.replace("treats", "likes"), 2, "unknown predicate biolink:likes"),
        ("edges.tsv", EDGES + EDGE.replace("\t\t", "\tperhaps\t"), 2, "negated is 'perhaps'"),
        ("edges.tsv", EDGES + EDGE.replace("first", "third"), 2, "line is 'third'"),
        ("edges.tsv", EDGES + EDGE + EDGE, 3, "stands twice, first in line 2"),
    ],
)
def test_mistakes_in_kgx_are_named(tmp_path: Path, name: str, text: str, line: int, expected: str) -> None:
    (tmp_path / "nodes.tsv").write_text(NODES)
    (tmp_path / "edges.tsv").write_text(EDGES + EDGE)
    (tmp_path / name).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(DataError, match=re.escape(expected)) as caught:
        read_kgx(tmp_path)
    assert (caught.value.path, caught.value.line) == (tmp_path / name, line)
