"""Entities and facts as RDF quads, in one place for every writer.

A fact is a plain triple in the named graph of its source, so that SPARQL stays simple, and beside it, where it has qualifiers, an
association node (`biolink:Association`) that carries them. A fact reviewed as false has only the association, with `biolink:negated`
true: it must never be read as a plain triple.

A source is described in the default graph, as a `biolink:InformationResource`: its title (`dcterms:title`), version (`owl:versionInfo`),
licence (`dcterms:license`) and, for who asks the graph of an endpoint, what a snapshot knows of it besides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from kg.identifiers import iri
from kg.model import Curie, Entity, Fact, Source

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
_RESOURCE = NamedNode(iri("biolink:InformationResource"))
_TITLE = NamedNode(iri("dcterms:title"))
_VERSION = NamedNode(iri("owl:versionInfo"))
_LICENCE = NamedNode(iri("dcterms:license"))
_SHA256 = NamedNode(iri("medkg:sha256"))
_FACTS = NamedNode(iri("medkg:facts"))
_CURATED = NamedNode(iri("medkg:curated"))
_STANDING = NamedNode(iri("medkg:standing"))
_CURATED_NAME = NamedNode(iri("medkg:curated_name"))
_REPLACED_BY = NamedNode(iri("dcterms:isReplacedBy"))
_DEPRECATED = NamedNode(iri("owl:deprecated"))


def source_graph(source: str) -> NamedNode:
    """Return the named graph of a source."""
    return NamedNode(iri(f"medkg:source/{source}"))


def are_mixed(sources: Iterable[Source]) -> bool:
    """Say whether some sources are curated and some are not, so that it matters which of them gives a name."""
    return len({source.curated for source in sources}) == 2


def source_quads(source: Source, standing: int) -> Iterator[Quad]:
    """Yield what describes a source, in the default graph; what it does not say of itself is left out.

    Args:
        source: The source; its node is the name of its named graph.
        standing: Its place among the sources, 0 for the one of highest standing.
    """
    graph = DefaultGraph()
    node = source_graph(source.name)
    yield Quad(node, _TYPE, _RESOURCE, graph)
    for predicate, text in ((_TITLE, source.title), (_VERSION, source.version), (_LICENCE, source.licence), (_SHA256, source.sha256)):
        if text:
            yield Quad(node, predicate, Literal(text), graph)
    yield Quad(node, _FACTS, Literal(source.facts), graph)
    yield Quad(node, _CURATED, Literal(source.curated), graph)
    yield Quad(node, _STANDING, Literal(standing), graph)


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


def curated_name_quads(curie: Curie, names: Iterable[str]) -> Iterator[Quad]:
    """Yield which of an entity's names a curated source gives, in the default graph; needed where other sources give names too."""
    for name in names:
        yield Quad(NamedNode(iri(curie)), _CURATED_NAME, Literal(name, language="en"), DefaultGraph())


def withdrawn_quads(old: Curie, new: Curie | None) -> Iterator[Quad]:
    """Yield that an identifier was withdrawn, and what replaces it where something does, in the default graph."""
    graph = DefaultGraph()
    yield Quad(NamedNode(iri(old)), _DEPRECATED, Literal(True), graph)
    if new is not None:
        yield Quad(NamedNode(iri(old)), _REPLACED_BY, NamedNode(iri(new)), graph)


def fact_quads(fact: Fact) -> Iterator[Quad]:
    """Yield a fact's quads, in the named graph of its source; the association only where it says more than the plain triple."""
    yield from statement_quads(fact)
    if fact.negated or fact.qualifiers:
        yield from association_quads(fact)


def statement_quads(fact: Fact) -> Iterator[Quad]:
    """Yield the plain triple of a fact, in the named graph of its source; none where it was reviewed as false."""
    if not fact.negated:
        subject, predicate, obj = (NamedNode(iri(part)) for part in (fact.subject, fact.predicate, fact.object))
        yield Quad(subject, predicate, obj, source_graph(fact.source))


def association_quads(fact: Fact) -> Iterator[Quad]:
    """Yield the association node of a fact, in the named graph of its source, with the source, the denial and the qualifiers."""
    graph = source_graph(fact.source)
    subject, predicate, obj = (NamedNode(iri(part)) for part in (fact.subject, fact.predicate, fact.object))
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


class NQuads:
    """Writes what `entity_quads` and `fact_quads` yield as text, in which a million facts take a second and not ten."""

    def __init__(self) -> None:
        self._nodes = _Nodes()

    def entity(self, entity: Entity) -> str:
        """Return an entity's lines."""
        nodes = self._nodes
        subject = nodes[entity.curie]
        text = f"{subject} {nodes['rdf:type']} {nodes[entity.category]} .\n{subject} {nodes['rdfs:label']} {_english(entity.name)} .\n"
        for synonym in entity.synonyms:
            text += f"{subject} {nodes['skos:altLabel']} {_english(synonym)} .\n"
        if entity.description:
            text += f"{subject} {nodes['skos:definition']} {_english(entity.description)} .\n"
        for xref in entity.xrefs:
            text += f"{subject} {nodes['biolink:xref']} {nodes[xref]} .\n"
        return text

    def curated_names(self, entity: Entity, count: int) -> str:
        """Return the lines that say that a curated source gives the first so many of an entity's names."""
        start = f"{self._nodes[entity.curie]} {self._nodes['medkg:curated_name']}"
        return "".join(f"{start} {_english(name)} .\n" for name in (entity.name, *entity.synonyms)[:count])

    def facts(self, facts: Iterable[Fact]) -> Iterator[str]:
        """Yield the lines of each fact."""
        nodes = self._nodes
        graphs: dict[str, str] = {}
        for fact in facts:
            graph = graphs.get(fact.source) or graphs.setdefault(fact.source, str(source_graph(fact.source)))
            if not fact.negated:
                yield f"{nodes[fact.subject]} {nodes[fact.predicate]} {nodes[fact.object]} {graph} .\n"
            if fact.negated or fact.qualifiers:
                yield self._association(fact, graph)

    def _association(self, fact: Fact, graph: str) -> str:
        nodes = self._nodes
        node = f"<{association_iri(fact)}>"
        text = (
            f"{node} {nodes['rdf:type']} {nodes['biolink:Association']} {graph} .\n"
            f"{node} {nodes['biolink:subject']} {nodes[fact.subject]} {graph} .\n"
            f"{node} {nodes['biolink:predicate']} {nodes[fact.predicate]} {graph} .\n"
            f"{node} {nodes['biolink:object']} {nodes[fact.object]} {graph} .\n"
            f"{node} {nodes['biolink:primary_knowledge_source']} {graph} {graph} .\n"
        )
        if fact.negated:
            text += f"{node} {nodes['biolink:negated']} {_TRUE} {graph} .\n"
        for name, value in fact.qualifiers.items():
            text += f"{node} {nodes['medkg:' + name]} {_quoted(value)} {graph} .\n"
        return text


class _Nodes(dict[str, str]):
    """The text of each identifier, made once."""

    def __missing__(self, curie: str) -> str:
        text = self[curie] = f"<{iri(curie)}>"
        return text


_TRUE = str(Literal(True))
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _english(text: str) -> str:
    return f"{_quoted(text)}@en"
