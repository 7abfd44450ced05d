"""The graph for explorers: as an rdflib dataset that answers SPARQL, and as a networkx graph."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyoxigraph

from kg.errors import QueryError, SnapshotError
from kg.graph import SnapshotGraph
from kg.identifiers import PREFIXES
from kg.model import Direction, Fact

if TYPE_CHECKING:
    import networkx
    import rdflib

# The engine would ask any address that a query names after SERVICE. The word is refused wherever it stands, in strings too: telling
# the two apart takes a parser, and a mistake there would let a visitor reach other hosts through the server.
_SERVICE = re.compile("service", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})")


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


def select(graph: SnapshotGraph, query: str) -> tuple[list[str], list[list[str | None]]]:
    """Answer a SPARQL SELECT or ASK query over the union of all sources, with the project's prefixes declared.

    Returns:
        The variables' names, and the rows, in the order of the engine; None where a variable is unbound.

    Raises:
        QueryError: The query is malformed, is neither SELECT nor ASK, or asks another server (`SERVICE`).
        SnapshotError: The RDF store is missing or damaged.

    >>> from kg import open_graph
    >>> select(open_graph(), "SELECT ?name { MONDO:0005393 rdfs:label ?name }")
    (['name'], [['gout']])
    """
    if _SERVICE.search(_ESCAPE.sub(_character, query)):
        raise QueryError("a query here asks this graph only, so the word SERVICE may not stand in it; in a regex, write [s]ervice")
    store = _open_store(graph)
    try:
        solutions = store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
        if isinstance(solutions, pyoxigraph.QueryBoolean):
            return ["answer"], [[str(bool(solutions)).lower()]]
        if not isinstance(solutions, pyoxigraph.QuerySolutions):
            raise QueryError("only SELECT and ASK queries are answered here")
        names = [variable.value for variable in solutions.variables]
        return names, [[_text(solution[name]) for name in names] for solution in solutions]
    except (SyntaxError, ValueError) as error:
        raise QueryError(f"the query cannot be answered: {error}") from error
    except (OSError, RuntimeError) as error:
        raise SnapshotError(f"{graph.path / 'store'} cannot be read: {error}; `medkg build` makes a new snapshot") from error


def _open_store(graph: SnapshotGraph) -> pyoxigraph.Store:
    try:
        return pyoxigraph.Store.read_only(str(graph.path / "store"))
    except (OSError, RuntimeError) as error:
        raise SnapshotError(f"{graph.path / 'store'} cannot be opened: {error}; `medkg build` makes a new snapshot") from error


def _character(escape: re.Match[str]) -> str:
    number = int(escape[1] or escape[2], 16)
    return chr(number) if number < 0x110000 else ""


def _text(term: pyoxigraph.NamedNode | pyoxigraph.Literal | pyoxigraph.BlankNode | pyoxigraph.Triple | None) -> str | None:
    return None if term is None else str(getattr(term, "value", term))


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
