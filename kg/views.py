"""The graph for explorers: as an rdflib dataset that answers SPARQL, and as a networkx graph."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kg.errors import KgError, QueryError
from kg.graph import SnapshotGraph
from kg.identifiers import PREFIXES
from kg.model import Direction, Fact

if TYPE_CHECKING:
    import networkx
    import pyoxigraph
    import rdflib


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
    yield dataset


def select(graph: SnapshotGraph, query: str) -> tuple[list[str], list[list[str | None]]]:
    """Answer a SPARQL SELECT or ASK query over the union of all sources, with the project's prefixes declared.

    Returns:
        The variables' names, and the rows, in the order of the engine; None where a variable is unbound.

    Raises:
        QueryError: The query is malformed, or is neither SELECT nor ASK.
    """
    import pyoxigraph  # noqa: PLC0415

    store = _open_store(graph)
    try:
        solutions = store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
        if isinstance(solutions, pyoxigraph.QueryBoolean):
            return ["answer"], [[str(bool(solutions)).lower()]]
        if not isinstance(solutions, pyoxigraph.QuerySolutions):
            raise QueryError("only SELECT and ASK queries are answered here")
        names = [variable.value for variable in solutions.variables]
        return names, [[_text(solution[name]) for name in names] for solution in solutions]
    except (SyntaxError, ValueError, OSError) as error:
        raise QueryError(f"the query cannot be answered: {error}") from error


def _open_store(graph: SnapshotGraph) -> pyoxigraph.Store:
    import pyoxigraph  # noqa: PLC0415

    try:
        return pyoxigraph.Store.read_only(str(graph.path / "store"))
    except OSError as error:
        raise KgError(f"{graph.path / 'store'} cannot be opened: {error}; `medkg build` makes a new snapshot") from error


def _text(term: pyoxigraph.NamedNode | pyoxigraph.Literal | pyoxigraph.BlankNode | pyoxigraph.Triple | None) -> str | None:
    return None if term is None else str(getattr(term, "value", term))


def networkx_view(graph: SnapshotGraph, centre: str | None = None, radius: int = 1) -> networkx.MultiDiGraph:
    """Return the graph, or a neighbourhood, as a networkx graph whose edges point from subject to object.

    Nodes are CURIEs with `name` and `category`; edges are keyed by predicate, with `source`, `negated` and the qualifiers.

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
        data = {"source": fact.source, "negated": fact.negated, **fact.qualifiers}
        view.add_edge(fact.subject, fact.object, key=fact.predicate, **data)
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
        if distance == radius:
            continue
        for direction in Direction:
            for fact in graph.facts(curie, direction):
                if (identity := (*fact.key, fact.source)) not in told:
                    told.add(identity)
                    yield fact
                if (end := fact.end(direction)) not in seen:
                    seen.add(end)
                    queue.append((end, distance + 1))
