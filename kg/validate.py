"""Checks a whole graph against its shapes, `shapes.ttl`, in SHACL.

A SHACL engine would take hours for a graph of a million triples. But the shapes see little of a fact: the categories of its ends, its
predicate, whether it is denied, which qualifiers it has and, of those with fixed values, which values. Of an entity they see its category,
how its identifier is made, and whether its texts are blank. So facts and entities are grouped by all that the shapes see of them, their
*signature*; the engine checks one of each signature, and what it finds holds for all that have the signature. Of hundreds of thousands of
facts there are some hundreds of signatures. This is no sample: a mistake in a single fact gives it a signature of its own, which is
checked like any other.

What stands for a fact in the check are two entities of the same categories and an association, as Turtle has one for every fact.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Quad, RdfFormat, serialize

from kg.errors import KgError
from kg.identifiers import iri
from kg.model import Curie, Entity, Fact, Source
from kg.rdf import association_iri, association_quads, entity_quads, source_graph, source_quads, statement_quads
from kg.sources.kgx import WholeGraph
from kg.vocabulary import NAMED_THING, QUALIFIER_VALUES

if TYPE_CHECKING:
    import rdflib

SHAPES = Path(__file__).with_name("shapes.ttl")
"""The shapes: a Turtle document for people, and for any SHACL engine that is to check an exported graph."""

_DIGIT, _LETTERS = re.compile("[0-9]"), re.compile("[a-z]+")


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that is not as the shapes say it must be.

    Attributes:
        what: The source, entity or fact that is wrong.
        message: What should be the case, in the words of the shape.
        source: Who states the fact; of a source its own name; of an entity, which belongs to no single source, empty.
    """

    what: Source | Entity | Fact
    message: str
    source: str = ""

    def __str__(self) -> str:
        """Name what is wrong, and say how it should be."""
        match self.what:
            case Source(name):
                return f"source {name}: {self.message}"
            case Entity(curie, _, name):
                return f"{curie} ({name!r}): {self.message}"
            case Fact(subject, predicate, obj, source, _, negated):
                return f"{'not: ' if negated else ''}{subject} {predicate} {obj} of {source}: {self.message}"


Signature = Hashable
"""All that the shapes see of something; equal for what they cannot tell apart."""


@dataclass(slots=True)
class _Sample:
    """One of each signature, as RDF, and whose nodes they are."""

    quads: list[Quad] = field(default_factory=list)
    owners: dict[str, Signature] = field(default_factory=dict)
    seen: set[Signature] = field(default_factory=set)

    def add(self, signature: Signature, quads: Iterable[Quad], nodes: Iterable[str]) -> None:
        """Add what stands for a signature, and the nodes, its own alone, at which whatever is found is found of it."""
        self.seen.add(signature)
        self.quads += quads
        self.owners.update((node, signature) for node in nodes)


def validate(graph: WholeGraph) -> Iterator[Violation]:
    """Yield what is wrong in a graph: of sources, then of entities, then of facts, each in the graph's order, messages alphabetically.

    The graph is gone through once to find the signatures, and once more where one of them is wrong.

    Raises:
        KgError: pyshacl is not installed.
    """
    sources = {source.name for source in graph.sources}
    categories: dict[str, Curie] = {}
    sample = _Sample()
    for source in graph.sources:
        sample.add(source, source_quads(source, 0), [source_graph(source.name).value])
    for entity in graph.entities():
        categories[entity.curie] = entity.category
        _add_entity(sample, entity)
    for fact in graph.all_facts():
        signature = _fact_signature(fact, categories, sources)
        if signature not in sample.seen:
            _add_fact(sample, signature, fact, categories)
    found = _check(sample)
    if found:
        yield from _expand(graph, found, categories, sources)


def _expand(
    graph: WholeGraph, found: Mapping[Signature, Collection[str]], categories: Mapping[str, Curie], sources: Collection[str]
) -> Iterator[Violation]:
    """Yield a violation for each source, entity and fact that has a signature which is wrong."""
    for source in graph.sources:
        for message in sorted(found.get(source, ())):
            yield Violation(source, message, source.name)
    for entity in graph.entities():
        own, *xrefs = _entity_signatures(entity)
        messages = set(found.get(own, ()))
        for signature, xref in zip(xrefs, entity.xrefs, strict=True):
            messages.update(f"{message}, unlike {xref}" for message in found.get(signature, ()))
        for message in sorted(messages):
            yield Violation(entity, message)
    for fact in graph.all_facts():
        for message in sorted(found.get(_fact_signature(fact, categories, sources), ())):
            yield Violation(fact, message, fact.source)


def _entity_signatures(entity: Entity) -> Iterator[Signature]:
    """Yield what the shapes see of an entity: of itself, and of each cross-reference, on which no shape looks together with the rest."""
    synonyms = frozenset((*_text(synonym), synonym == entity.name) for synonym in entity.synonyms)
    yield entity.category, _pattern(entity.curie), _text(entity.name), synonyms, _text(entity.description)
    for xref in entity.xrefs:
        yield "xref", _pattern(xref)


def _pattern(curie: Curie) -> tuple[str, str]:
    """Return how an identifier is made: its prefix and, after it, any digit as 0 and any small letters as a; no shape sees more.

    >>> _pattern(Curie("UMLS:C0018099"))
    ('UMLS', 'C0000000')
    """
    prefix, _, local = curie.partition(":")
    return prefix, _LETTERS.sub("a", _DIGIT.sub("0", local))


def _text(text: str) -> tuple[bool, bool, bool, bool]:
    """Return whether a text is there, is blank, has blanks at its ends, has line breaks."""
    bare = text.strip()
    return bool(text), bool(bare), bare != text, "\n" in text or "\r" in text


def _fact_signature(fact: Fact, categories: Mapping[str, Curie], sources: Collection[str]) -> Signature:
    return (
        categories.get(fact.subject),
        fact.predicate,
        categories.get(fact.object),
        fact.negated,
        fact.subject == fact.object,
        fact.source in sources,
        frozenset((name, _value(name, text)) for name, text in fact.qualifiers.items()),
    )


def _value(name: str, text: str) -> Hashable:
    """Return what the shapes see of a qualifier's value: all of it where the values are fixed."""
    if QUALIFIER_VALUES.get(name) is not None:
        return text
    return _DIGIT.sub("0", text) if name == "observed" else bool(text.strip())


def _add_entity(sample: _Sample, entity: Entity) -> None:
    own, *xrefs = _entity_signatures(entity)
    if own not in sample.seen:
        sample.add(own, entity_quads(replace(entity, xrefs=())), [iri(entity.curie)])
    for signature, xref in zip(xrefs, entity.xrefs, strict=True):
        if signature not in sample.seen:
            bearer = replace(_stand_in(sample, "bearer", NAMED_THING), xrefs=(xref,))
            sample.add(signature, entity_quads(bearer), [iri(bearer.curie)])


def _add_fact(sample: _Sample, signature: Signature, fact: Fact, categories: Mapping[str, Curie]) -> None:
    subject = _stand_in(sample, "subject", categories.get(fact.subject))
    obj = subject if fact.object == fact.subject else _stand_in(sample, "object", categories.get(fact.object))
    stand_in = replace(fact, subject=subject.curie, object=obj.curie)
    quads = [*statement_quads(stand_in), *association_quads(stand_in)]
    for end, curie in ((subject, fact.subject), (obj, fact.object)):
        if curie in categories:
            quads += entity_quads(end)
    sample.add(signature, quads, [association_iri(stand_in), iri(subject.curie), iri(obj.curie)])


def _stand_in(sample: _Sample, role: str, category: Curie | None) -> Entity:
    """Return an entity that stands for others of its category, and is in the sample for one signature alone."""
    return Entity(Curie(f"medkg:stand-in-for-validation.{role}.{len(sample.seen)}"), category or NAMED_THING, "stand-in")


def _check(sample: _Sample) -> dict[Signature, set[str]]:
    """Return the messages of the shapes that the sample violates, by signature."""
    import rdflib  # noqa: PLC0415 - only who validates pays for these

    try:
        import pyshacl  # noqa: PLC0415 - it is an extra
    except ImportError as error:
        raise KgError("the graph cannot be validated: pyshacl is not installed; pip install 'medkg-qa[validate]'") from error

    data = serialize((quad.triple for quad in sample.quads), format=RdfFormat.N_TRIPLES) or b""
    _, report, _ = pyshacl.validate(
        rdflib.Graph().parse(data=data, format="nt"), shacl_graph=rdflib.Graph().parse(SHAPES), inference="none", inplace=True
    )
    assert isinstance(report, rdflib.Graph)
    return _messages(report, sample.owners)


def _messages(report: rdflib.Graph, owners: Mapping[str, Signature]) -> dict[Signature, set[str]]:
    from rdflib import SH  # noqa: PLC0415

    found: dict[Signature, set[str]] = defaultdict(set)
    for result in report.objects(predicate=SH.result):
        # What is found of the ends of a predicate's facts is found at the predicate, and its value is the end.
        nodes = [str(node) for part in (SH.focusNode, SH.value) for node in report.objects(result, part)]
        signature = next(owners[node] for node in nodes if node in owners)
        found[signature].update(map(str, report.objects(result, SH.resultMessage)))
    return found
