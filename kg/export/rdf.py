"""Writes a graph as RDF: N-Quads, whose named graphs are the sources, and Turtle, which has no named graphs.

In Turtle the source of a fact is told by its association alone (`biolink:primary_knowledge_source`), so every fact has one there, also
where N-Quads could do without. A fact that several sources state is one plain triple and an association for each. Thus nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from kg.errors import DataError
from kg.export.whole import WholeGraph, whole_file
from kg.identifiers import PREFIXES
from kg.model import Entity, Fact
from kg.rdf import (
    are_mixed,
    association_quads,
    curated_name_quads,
    entity_quads,
    fact_quads,
    source_quads,
    statement_quads,
    withdrawn_quads,
)


def write_nquads(graph: WholeGraph, path: Path) -> None:
    """Write a graph as N-Quads.

    Raises:
        DataError: The file cannot be written, or the graph holds what RDF cannot.
    """
    with whole_file(path) as stream:
        serialize(all_quads(graph, path), stream, RdfFormat.N_QUADS)


def write_turtle(graph: WholeGraph, path: Path) -> None:
    """Write a graph as Turtle: of each subject its plain triples together, then the associations of its facts.

    Raises:
        DataError: As for `write_nquads`.
    """
    with whole_file(path) as stream:
        serialize(_triples(graph, path), stream, RdfFormat.TURTLE, prefixes=PREFIXES)


def all_quads(graph: WholeGraph, path: Path) -> Iterator[Quad]:
    """Yield all that the graph holds: sources and entities in the default graph, each fact in the named graph of its source.

    Args:
        graph: The graph.
        path: Where it is written, for the error.

    Raises:
        DataError: The graph holds what RDF cannot: an identifier that makes no IRI, or half a surrogate pair.
    """
    yield from description_quads(graph, path)
    for fact in graph.all_facts():
        try:
            yield from fact_quads(fact)
        except ValueError as error:
            raise _unsayable(path, _statement(fact), error) from error


def description_quads(graph: WholeGraph, path: Path) -> Iterator[Quad]:
    """Yield the sources, in the order of their standing, what was withdrawn, and the entities, as `all_quads` does.

    Which names a curated source gives is told where some sources are curated and some are not; else none is trusted more than another.
    """
    for standing, source in enumerate(graph.sources):
        try:
            yield from source_quads(source, standing)
        except ValueError as error:
            raise _unsayable(path, f"the source {source.name}", error) from error
    for old, new in graph.withdrawn():
        yield from withdrawn_quads(old, new)
    mixed = are_mixed(graph.sources)
    for entity in graph.entities():
        try:
            yield from entity_quads(entity)
            if mixed:
                yield from curated_name_quads(entity.curie, _curated_names(graph, entity))
        except ValueError as error:
            raise _unsayable(path, entity.curie, error) from error


def _curated_names(graph: WholeGraph, entity: Entity) -> Iterator[str]:
    for name in (entity.name, *entity.synonyms):
        if any(naming.curated and naming.entity.curie == entity.curie for naming in graph.named(name)):
            yield name


def _triples(graph: WholeGraph, path: Path) -> Iterator[Triple]:
    for quad in description_quads(graph, path):
        yield quad.triple
    for _, facts in groupby(graph.all_facts(), key=attrgetter("subject")):
        together = list(facts)
        try:
            yield from dict.fromkeys(quad.triple for fact in together for quad in statement_quads(fact))
            for fact in together:
                for quad in association_quads(fact):
                    yield quad.triple
        except ValueError as error:
            raise _unsayable(path, f"a fact of {together[0].subject}", error) from error


def _statement(fact: Fact) -> str:
    return f"{fact.subject} {fact.predicate} {fact.object} of {fact.source}"


def _unsayable(path: Path, what: str, error: ValueError) -> DataError:
    return DataError(path, None, f"cannot be written: {what} holds what RDF cannot: {error}")
