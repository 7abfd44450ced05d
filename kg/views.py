"""The graph for explorers: as an rdflib dataset that answers SPARQL, and as a networkx graph."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyoxigraph

from kg.errors import SnapshotError
from kg.graph import SnapshotGraph
from kg.identifiers import PREFIXES
from kg.model import Direction, Fact
from kg.sparql import select

if TYPE_CHECKING:
    import networkx
    import rdflib

__all__ = ["networkx_view", "rdf_view", "select"]


@contextmanager
def rdf_view(graph: SnapshotGraph) -> Iterator[rdflib.Dataset]:
    """Open the snapshot's RDF store, read-only, as an rdflib dataset whose default graph is the union of all sources.

    >>> from kg import open_graph
    >>> with rdf_view(open_graph()) as dataset:
    ...     rows = dataset.query("SELECT ?name { MONDO:0005393 rdfs:label ?name }")
    ...     [str(row.name) for row in rows]
    ['gout']
    """
    import rdflib  # noqa: PLC0415 - explorers pay for rdflib, a question does not
    from oxrdflib import OxigraphStore  # noqa: PLC0415

    store = OxigraphStore(store=_open_store(graph))
    dataset = rdflib.Dataset(store=store, default_union=True)
    for prefix, namespace in PREFIXES.items():
        dataset.bind(prefix, namespace, override=True)
    try:
        yield dataset
    finally:
        dataset.close()


def _open_store(graph: SnapshotGraph) -> pyoxigraph.Store:
    try:
        return pyoxigraph.Store.read_only(str(graph.path / "store"))
    except (OSError, RuntimeError) as error:
        raise SnapshotError(f"{graph.path / 'store'} cannot be opened: {error}; `medkg build` makes a new snapshot") from error


def networkx_view(graph: SnapshotGraph, centre: str | None = None, radius: int = 1) -> networkx.MultiDiGraph:
    """Return the graph, or a neighbourhood, as a networkx graph whose edges point from subject to object.

    Nodes are CURIEs with `name` and `category`. Edges carry `predicate`, `source`, `negated` and the qualifiers, and are keyed by the
    first three, so that what several sources say of a pair stands side by side, and a denial beside a claim.

    Args:
        graph: The snapshot.
        centre: A CURIE; only what lies within `radius` facts of it, in either direction, is taken. None takes all.
        radius: How many facts away from the centre, 0 or more.

    >>> from kg import open_graph
    >>> view = networkx_view(open_graph(), centre="MONDO:0005393")
    >>> view.nodes["MONDO:0005393"]["name"]
    'gout'
    """
    import networkx as nx  # noqa: PLC0415 - it is what explorers use, not what a question waits for

    view = nx.MultiDiGraph()
    facts = graph.all_facts() if centre is None else _around(graph, centre, radius)
    curies = (entity.curie for entity in graph.entities()) if centre is None else ([centre] if graph.entity(centre) else [])
    view.add_nodes_from(curies)
    for fact in facts:
        data = {**fact.qualifiers, "predicate": fact.predicate, "source": fact.source, "negated": fact.negated}
        view.add_edge(fact.subject, fact.object, key=(fact.predicate, fact.source, fact.negated), **data)
    for curie, attributes in view.nodes(data=True):
        entity = graph.entity(curie)
        if entity is not None:
            attributes.update(name=entity.name, category=entity.category)
    return view


def _around(graph: SnapshotGraph, centre: str, radius: int) -> Iterator[Fact]:
    """Yield every fact within `radius` of the centre once, nearest first."""
    seen = {centre}
    queue = deque([(centre, 0)])
    told: set[tuple[str, str, str, bool, str]] = set()
    while queue:
        curie, distance = queue.popleft()
        if distance >= radius:
            continue
        for direction in Direction:
            for fact in graph.facts(curie, direction):
                if (identity := (*fact.key, fact.source)) not in told:
                    told.add(identity)
                    yield fact
                if (end := fact.end(direction)) not in seen:
                    seen.add(end)
                    queue.append((end, distance + 1))
