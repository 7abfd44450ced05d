"""Entities and facts as RDF quads, in one place for every writer.

A fact is a plain triple in the named graph of its source, so that SPARQL stays simple, and beside it an association node
(`biolink:Association`) that carries its qualifiers. A fact reviewed as false has only the association, with `biolink:negated` true:
it must never be read as a plain triple.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from kg.identifiers import iri
from kg.model import Entity, Fact

_TYPE = NamedNode(iri("rdf:type"))
_LABEL = NamedNode(iri("rdfs:label"))
_ALTERNATIVE = NamedNode(iri("skos:altLabel"))
_DEFINITION = NamedNode(iri("skos:definition"))
_XREF = NamedNode(iri("biolink:xref"))
_ASSOCIATION = NamedNode(iri("biolink:Association"))
_SUBJECT = NamedNode(iri("biolink:subject"))
_PREDICATE = NamedNode(iri("biolink:predicate"))
_OBJECT = NamedNode(iri("biolink:object"))
_NEGATED = NamedNode(iri("biolink:negated"))
_SOURCE = NamedNode(iri("biolink:primary_knowledge_source"))


def source_graph(source: str) -> NamedNode:
    """Return the named graph of a source."""
    return NamedNode(iri(f"medkg:source/{source}"))


def entity_quads(entity: Entity) -> Iterator[Quad]:
    """Yield an entity's quads, in the default graph: its description belongs to no single source."""
    graph = DefaultGraph()
    subject = NamedNode(iri(entity.curie))
    yield Quad(subject, _TYPE, NamedNode(iri(entity.category)), graph)
    yield Quad(subject, _LABEL, Literal(entity.name, language="en"), graph)
    for synonym in entity.synonyms:
        yield Quad(subject, _ALTERNATIVE, Literal(synonym, language="en"), graph)
    if entity.description:
        yield Quad(subject, _DEFINITION, Literal(entity.description, language="en"), graph)
    for xref in entity.xrefs:
        yield Quad(subject, _XREF, NamedNode(iri(xref)), graph)


def fact_quads(fact: Fact) -> Iterator[Quad]:
    """Yield a fact's quads, in the named graph of its source."""
    graph = source_graph(fact.source)
    subject, predicate, obj = (NamedNode(iri(part)) for part in (fact.subject, fact.predicate, fact.object))
    if not fact.negated:
        yield Quad(subject, predicate, obj, graph)
    association = NamedNode(association_iri(fact))
    yield Quad(association, _TYPE, _ASSOCIATION, graph)
    yield Quad(association, _SUBJECT, subject, graph)
    yield Quad(association, _PREDICATE, predicate, graph)
    yield Quad(association, _OBJECT, obj, graph)
    yield Quad(association, _SOURCE, graph, graph)
    if fact.negated:
        yield Quad(association, _NEGATED, Literal(True), graph)
    for name, value in sorted(fact.qualifiers.items()):
        yield Quad(association, NamedNode(iri(f"medkg:{name}")), Literal(value), graph)


def association_iri(fact: Fact) -> str:
    """Return the identifier of the association: the same statement of the same source always has the same."""
    text = "\0".join((fact.source, fact.subject, fact.predicate, fact.object, str(fact.negated)))
    return iri(f"medkg:association/{hashlib.sha256(text.encode()).hexdigest()[:24]}")
