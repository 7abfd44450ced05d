"""The graph behind a SPARQL 1.1 endpoint, for who keeps it in an engine of their own.

The data is what `kg.rdf` writes. Names are read when it is opened and held in memory; all else is asked for when it is wanted, and kept
for a while. RDF has no order: facts come in that of sources, predicates and identifiers, synonyms in that of the alphabet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeGuard

from pyoxigraph import Literal, NamedNode

from kg import endpoint_queries as queries
from kg.batches import Batches
from kg.build import Progress, no_progress
from kg.errors import EndpointError
from kg.graph import Naming
from kg.identifiers import curie as compress
from kg.identifiers import iri
from kg.model import NO_QUALIFIERS, Alias, AliasKind, Curie, Direction, Entity, Fact, Source
from kg.name_index import NameIndex
from kg.names import key
from kg.sparql_client import TIMEOUT, Row, SparqlClient, open_client, text_of
from kg.surface import SurfaceNames
from kg.vocabulary import CATEGORIES, PREDICATES

# How many entities one query asks about.
_BATCH = 200
_PREDICATE_ORDER = {predicate: number for number, predicate in enumerate(PREDICATES)}
_TYPE, _LABEL, _ALTERNATIVE, _DEFINITION = map(iri, ("rdf:type", "rdfs:label", "skos:altLabel", "skos:definition"))
_XREF, _NEGATED, _CURATED_NAME = map(iri, ("biolink:xref", "biolink:negated", "medkg:curated_name"))
_TITLE, _LICENCE, _VERSION = map(iri, ("dcterms:title", "dcterms:license", "owl:versionInfo"))
_SHA256, _FACTS, _CURATED, _STANDING = map(iri, ("medkg:sha256", "medkg:facts", "medkg:curated", "medkg:standing"))
_CATEGORIES = frozenset(CATEGORIES)


class EndpointGraph:
    """The graph as `kg.graph.Graph` has it, asked of an endpoint.

    Args:
        client: What asks the endpoint.
        place: Where entities are described, one of `endpoint_queries.PLACES`.
        sources: The sources, the one of highest standing first.
        names: The names of all entities.
    """

    def __init__(self, client: SparqlClient, place: str, sources: Sequence[Source], names: NameIndex) -> None:
        self._client = client
        self._place = place
        self._names = names
        self.sources = sources
        self._standing = {source.name: number for number, source in enumerate(sources)}
        self._curated = frozenset(source.name for source in sources if source.curated)
        self._entities = Batches(self._read_entities, _BATCH)
        self._degrees = Batches(self._read_degrees, _BATCH)
        self._facts_at = lru_cache(maxsize=4_096)(self._read_facts)
        self._alias_at = lru_cache(maxsize=16_384)(self._read_alias)

    def entity(self, curie: str) -> Entity | None:
        """Return the entity, or None where the graph does not know it.

        Raises:
            EndpointError: The endpoint does not answer.
        """
        return self._entities.get(curie) if _is_curie(curie) else None

    def facts(self, curie: str, direction: Direction) -> Sequence[Fact]:
        """Return the facts at whose `direction` end the entity stands (OUT: it is their subject).

        They come by far end's identifier where they are incoming, then by source, predicate and far end.

        Raises:
            EndpointError: The endpoint does not answer.
        """
        return self._facts_at(Curie(curie), direction) if _is_curie(curie) else ()

    def degree(self, curie: str) -> int:
        """Return at how many facts the entity stands, at either end; 0 where the graph does not know it.

        Raises:
            EndpointError: The endpoint does not answer.
        """
        return self._degree_of(curie, lambda _: True)

    def curated_degree(self, curie: str) -> int:
        """Return at how many facts of curated sources the entity stands, at either end.

        Raises:
            EndpointError: The endpoint does not answer.
        """
        return self._degree_of(curie, self._curated.__contains__)

    def _degree_of(self, curie: str, counts: Callable[[str], bool]) -> int:
        by_source = (self._degrees.get(curie) if _is_curie(curie) else None) or {}
        return sum(number for source, number in by_source.items() if counts(source))

    def alias(self, curie: str) -> Alias | None:
        """Return what an identifier stands for that is no entity's own, or None where the graph does not know it.

        Raises:
            EndpointError: The endpoint does not answer.
        """
        return self._alias_at(curie) if _is_curie(curie) else None

    def named(self, name: str) -> Sequence[Naming]:
        """Return the entities that bear a name: names of curated sources first, of these the preferred ones.

        Raises:
            EndpointError: The endpoint does not answer.
        """
        bearers = self._names.bearers(key(name))
        self._entities.announce(curie for curie, *_ in bearers)
        entities = ((self.entity(curie), preferred, curated) for curie, preferred, curated in bearers)
        return [Naming(entity, preferred, curated) for entity, preferred, curated in entities if entity is not None]

    @property
    def surface(self) -> SurfaceNames:
        """The names by themselves, as they are looked for in a text."""
        return self._names.surface

    def close(self) -> None:
        """Close the connections to the endpoint."""
        self._client.close()

    def _read_entities(self, curies: Sequence[str]) -> Mapping[str, Entity]:
        rows = self._client.select_whole(("s", "p", "o"), self._place % queries.descriptions(curies), "s")
        described: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, obj in rows:
            if isinstance(subject, NamedNode) and isinstance(predicate, NamedNode) and _is_readable(obj):
                described[compress(subject.value)][predicate.value].append(obj.value)
        found = ((Curie(curie), parts) for curie, parts in described.items())
        return {curie: entity for curie, parts in found if (entity := _entity(curie, parts)) is not None}

    def _read_facts(self, curie: Curie, direction: Direction) -> tuple[Fact, ...]:
        rows = self._client.select_whole(("g", "p", "x", "a", "q", "v"), queries.facts(curie, direction), "x")
        facts = sorted(_facts(curie, direction, rows), key=self._order(direction))
        ends = [fact.end(direction) for fact in facts]
        self._entities.announce(ends)
        self._degrees.announce(ends)
        return tuple(facts)

    def _order(self, direction: Direction) -> Callable[[Fact], tuple[str | int, ...]]:
        def order(fact: Fact) -> tuple[str | int, ...]:
            first = fact.subject if direction is Direction.IN else ""
            return first, self._standing.get(fact.source, len(self._standing)), _PREDICATE_ORDER[fact.predicate], fact.object, fact.negated

        return order

    def _read_degrees(self, curies: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for entity, graph, count in self._client.select_whole(("e", "g", "n"), queries.degrees(curies), "e"):
            if isinstance(entity, NamedNode):
                found[compress(entity.value)][text_of(graph).removeprefix(queries.SOURCE_PREFIX)] = int(text_of(count))
        return found

    def _read_alias(self, curie: str) -> Alias | None:
        if self.entity(curie) is not None:
            return None
        rows = self._client.select_whole(("p", "o"), self._place % queries.aliases(curie), "o")
        others = sorted(
            (predicate is None, compress(other.value)) for predicate, other in rows if isinstance(other, NamedNode)
        )  # a replacement before a cross-reference
        if not others:
            return Alias(None, AliasKind.REPLACED) if rows else None
        is_xref, other = others[0]
        return Alias(other, AliasKind.SAME if is_xref else AliasKind.REPLACED)


def _is_curie(text: str) -> bool:
    """Say whether a text is an identifier in the form that the graph uses; what is none is no entity's."""
    try:
        return compress(NamedNode(iri(text)).value) == text
    except ValueError:  # a CurieError is one
        return False


def _is_readable(term: object) -> TypeGuard[NamedNode | Literal]:
    """Say whether a term is an identifier, or text in English or of no stated language."""
    return isinstance(term, NamedNode) or (isinstance(term, Literal) and (term.language or "en").lower().split("-")[0] == "en")


def _entity(curie: Curie, parts: Mapping[str, list[str]]) -> Entity | None:
    """Make an entity of what describes it; None where it has no category of this graph or no name."""
    categories = sorted(_CATEGORIES.intersection(map(compress, parts.get(_TYPE, ()))))
    labels = sorted(parts.get(_LABEL, ()))
    if not categories or not labels:
        return None
    synonyms = tuple(sorted(parts.get(_ALTERNATIVE, ()), key=lambda name: (name.casefold(), name)))
    description = min(parts.get(_DEFINITION, ("",)))
    return Entity(curie, categories[0], labels[0], synonyms, description, tuple(sorted(map(compress, parts.get(_XREF, ())))))


def _facts(curie: Curie, direction: Direction, rows: Iterable[Row]) -> Iterator[Fact]:
    """Make facts of plain triples and associations; a fact that has both is one."""
    plain: dict[tuple[str, Curie, Curie], None] = {}
    associations: dict[str, tuple[tuple[str, Curie, Curie], dict[str, str]]] = {}
    for graph, predicate, end, association, name, value in rows:
        if not isinstance(predicate, NamedNode) or not isinstance(end, NamedNode):
            continue
        if (relation := compress(predicate.value)) not in _PREDICATE_ORDER:
            continue  # such as biolink:subject, which leads from an association to the entity
        statement = text_of(graph).removeprefix(queries.SOURCE_PREFIX), relation, compress(end.value)
        if association is None:
            plain[statement] = None
        else:
            associations.setdefault(text_of(association), (statement, {}))[1][text_of(name)] = text_of(value)
    told = [(statement, parts) for statement, parts in associations.values()]
    with_association = {statement for statement, parts in told if parts.get(_NEGATED) not in queries.TRUE}
    told += [(statement, {}) for statement in plain if statement not in with_association]
    for (source, relation, other), parts in told:
        subject, obj = (curie, other) if direction is Direction.OUT else (other, curie)
        prefix = queries.QUALIFIER_PREFIX
        qualifiers = {name.removeprefix(prefix): text for name, text in sorted(parts.items()) if name.startswith(prefix)}
        yield Fact(subject, relation, obj, source, qualifiers or NO_QUALIFIERS, parts.get(_NEGATED) in queries.TRUE)


def open_endpoint(url: str, progress: Progress = no_progress, timeout: float = TIMEOUT) -> EndpointGraph:
    """Open the graph of an endpoint, reading all names.

    Args:
        url: Where queries are sent, such as `http://localhost:7878/query`.
        progress: Told of the steps.
        timeout: Seconds that one answer may take.

    Raises:
        EndpointError: It cannot be reached, does not speak SPARQL 1.1, or holds no entity.
    """
    client = open_client(url, timeout)
    try:
        progress("endpoint", 0, 3)
        place = _place(client)
        progress("names", 1, 3)
        names = NameIndex(_read_names(client, place))
        progress("sources", 2, 3)
        graph = EndpointGraph(client, place, _read_sources(client, place), names)
        progress("done", 3, 3)
    except BaseException:
        client.close()
        raise
    return graph


def _place(client: SparqlClient) -> str:
    """Find out where entities are described."""
    for place in queries.PLACES:
        if client.ask(f"ASK WHERE {{ {place % queries.IS_ENTITY} }}"):
            return place
    raise EndpointError(f"{client.name} holds no entity of this graph; `medkg export nquads PATH` writes what it should hold")


def _read_names(client: SparqlClient, place: str) -> list[tuple[Curie, bool, bool, str]]:
    rows = client.select_whole(("s", "p", "o"), place % queries.NAMES, "s")
    curie_of = lru_cache(maxsize=None)(compress)  # each entity has several names
    texts = [
        (curie_of(entity.value), text_of(kind), name.value)
        for entity, kind, name in rows
        if isinstance(entity, NamedNode) and isinstance(name, Literal) and _is_readable(name)
    ]
    curated = {(curie, name) for curie, kind, name in texts if kind == _CURATED_NAME}
    # A graph that does not say which names are curated is taken for one of curated sources alone.
    return [(c, kind == _LABEL, not curated or (c, name) in curated, name) for c, kind, name in texts if kind != _CURATED_NAME]


def _read_sources(client: SparqlClient, place: str) -> tuple[Source, ...]:
    """Return the sources that are described, in the order of their standing, and then those that only have facts."""
    described: dict[str, dict[str, str]] = defaultdict(dict)
    for source, predicate, value in client.select_whole(("s", "p", "o"), place % queries.SOURCES, "s"):
        described[text_of(source).removeprefix(queries.SOURCE_PREFIX)][text_of(predicate)] = text_of(value)
    if not described:
        graphs = client.select_whole(("g",), queries.SOURCE_GRAPHS, "g")
        described = {text_of(graph).removeprefix(queries.SOURCE_PREFIX): {} for (graph,) in graphs}
    by_standing = sorted(described.items(), key=lambda item: (_number(item[1].get(_STANDING)), item[0]))
    return tuple(_source(name, parts) for name, parts in by_standing)


def _source(name: str, parts: Mapping[str, str]) -> Source:
    title, version, licence, sha256 = (parts.get(part, "") for part in (_TITLE, _VERSION, _LICENCE, _SHA256))
    return Source(name, title or name, version, licence, sha256, _number(parts.get(_FACTS)), parts.get(_CURATED) in queries.TRUE)


def _number(text: str | None) -> int:
    """Read a number of the kind that this project writes; what another wrote there counts as none."""
    return int(text) if text is not None and text.isascii() and text.isdecimal() else 0
