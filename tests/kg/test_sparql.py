"""Tests of queries over a snapshot: what is refused, what is stopped, and what answers all the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kg.errors import QueryError, SnapshotError
from kg.graph import SnapshotGraph, open_snapshot
from kg.sparql import select

PRODUCT = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l ."


def count(graph: SnapshotGraph, query: str) -> int:
    ((text,),) = select(graph, query)[1]
    return int(str(text))


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} }}",
        f"SELECT (COUNT(DISTINCT ?a) AS ?n) {{ {PRODUCT} }} GROUP BY ?b HAVING (COUNT(*) < 0)",
        f"ASK {{ {PRODUCT} FILTER(CONCAT(STR(?a), STR(?d), STR(?g), STR(?j)) = '') }}",
        "SELECT (COUNT(*) AS ?n) { ?a (!rdf:x|^!rdf:x)+ ?b . ?c (!rdf:x|^!rdf:x)+ ?d . ?e (!rdf:x|^!rdf:x)+ ?f }",
        f"SELECT ?a ?d ?g ?j (COUNT(*) AS ?n) {{ {PRODUCT} }} GROUP BY ?a ?d ?g ?j",
    ],
)
def test_a_query_without_end_is_stopped(tiny_graph: SnapshotGraph, query: str) -> None:
    with pytest.raises(QueryError, match=r"stopped after 0\.5 seconds; name an entity or a predicate"):
        select(tiny_graph, query, timeout=0.5)


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * {{ {PRODUCT} }} ORDER BY ?a ?l",
        f"SELECT DISTINCT * {{ {PRODUCT} }} ORDER BY ?a",
        f"SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?l))) AS ?t) {{ {PRODUCT} }}",
    ],
)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory can be limited on Linux only")
def test_a_query_that_takes_too_much_memory_is_stopped(tiny_graph: SnapshotGraph, query: str) -> None:
    with pytest.raises(QueryError, match="more than 60 MB of memory"):
        select(tiny_graph, query, megabytes=60)


def test_a_query_that_is_nested_too_deeply_is_stopped(tiny_graph: SnapshotGraph) -> None:
    with pytest.raises(QueryError, match="nested too deeply"):
        select(tiny_graph, "ASK " + "{" * 100_000 + "}" * 100_000)


def test_an_answer_is_whole_or_an_error(tiny_graph: SnapshotGraph) -> None:
    query = "SELECT * { ?a rdfs:label ?b }"
    _, rows = select(tiny_graph, query)
    assert len(rows) == len(tiny_graph)
    assert len(select(tiny_graph, query, limit=len(rows))[1]) == len(rows)
    with pytest.raises(QueryError, match=f"more than {len(rows) - 1} rows"):
        select(tiny_graph, query, limit=len(rows) - 1)


def test_an_answer_of_too_many_characters_is_stopped(tiny_graph: SnapshotGraph) -> None:
    doubled = " ".join(f"BIND(CONCAT(?t{n}, ?t{n}) AS ?t{n + 1})" for n in range(22))
    with pytest.raises(QueryError, match="characters"):
        select(tiny_graph, f"SELECT ?t22 {{ ?a rdfs:label ?t0 {doubled} }}", timeout=60)


@pytest.mark.parametrize(("timeout", "limit"), [(0, 1), (-1, 1), (1, -1)])
def test_a_limit_that_is_none_is_refused(tiny_graph: SnapshotGraph, timeout: float, limit: int) -> None:
    with pytest.raises(QueryError, match="expected a timeout above 0"):
        select(tiny_graph, "ASK {}", timeout, limit)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { sErViCe ?where { ?s ?p ?o } }",
        "SELECT * { SER# SERVICE\nVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { \\u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { \\U00000053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { \\u005cu0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { { SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } } } }",
        "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } } }",
    ],
)
def test_no_other_server_is_asked(tiny_graph: SnapshotGraph, query: str) -> None:
    with pytest.raises(QueryError):
        select(tiny_graph, query)


@pytest.mark.parametrize(
    "query",
    [
        "LOAD <http://127.0.0.1:9/x>",
        "LOAD SILENT <file:///etc/hostname>",
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
        "DELETE WHERE { ?s ?p ?o }",
        "CLEAR ALL",
        "DROP ALL",
        "ASK {} ; INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "DESCRIBE MONDO:0005393",
        "ASK { ?s ?p \udce9 }",
        "ASK { nowhere:x ?p ?o }",
        "\0",
        "",
    ],
)
def test_what_does_not_read_is_refused(tiny_graph: SnapshotGraph, query: str) -> None:
    with pytest.raises(QueryError, match="cannot be answered"):
        select(tiny_graph, query)


def test_from_chooses_among_the_sources_and_fetches_nothing(tiny_graph: SnapshotGraph) -> None:
    everything = count(tiny_graph, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    of_source = count(tiny_graph, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
    (graph,) = {row[0] for row in select(tiny_graph, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")[1]}
    assert 0 < of_source < everything
    assert count(tiny_graph, f"SELECT (COUNT(*) AS ?n) FROM <{graph}> {{ ?s ?p ?o }}") == of_source
    assert count(tiny_graph, "SELECT (COUNT(*) AS ?n) from<http://127.0.0.1:9/x> { ?s ?p ?o }") == 0
    assert count(tiny_graph, "SELECT (COUNT(*) AS ?n) FROM NAMED <http://127.0.0.1:9/x> { GRAPH ?g { ?s ?p ?o } }") == 0


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } # FROM <urn:x>",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(STR(?o) != ' FROM ') }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(STR(?o) != 'it\\'s FROM ') }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(STR(?o) != '''a 'quoted' FROM ''') }",
        "SELECT (COUNT(*) AS ?n) { ?from ?p ?o FILTER(?o != <urn:FROM>) }",
        "PREFIX from: <urn:x> SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(?o != from:FROM) }",
    ],
)
def test_the_letters_of_from_elsewhere_leave_the_union(tiny_graph: SnapshotGraph, query: str) -> None:
    assert count(tiny_graph, query) == count(tiny_graph, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")


def test_values_come_as_they_are(tiny_graph: SnapshotGraph) -> None:
    names, rows = select(tiny_graph, "SELECT ?b ?a { BIND('\"tab\\t, é, \\u0000 and 🩺' AS ?a) }")
    assert (names, rows) == (["b", "a"], [[None, '"tab\t, é, \0 and 🩺']])


def test_a_damaged_store_is_a_snapshot_error(tiny_graph: SnapshotGraph, tmp_path: Path) -> None:
    graph = open_snapshot(Path(shutil.copytree(tiny_graph.path, tmp_path / "snapshot")))
    for path in (graph.path / "store").glob("CURRENT"):
        path.write_text("nonsense")
    with pytest.raises(SnapshotError, match="medkg build"):
        select(graph, "ASK { ?s ?p ?o }")
