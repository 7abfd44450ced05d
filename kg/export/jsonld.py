"""Writes a graph as JSON-LD (https://www.w3.org/TR/json-ld11), one node a line, in the order that streaming readers need.

The context declares the project's prefixes, and of each property whether its value is an identifier or English text, so that values are
plain strings. Entities and sources stand in the default graph; the facts of a source in its named graph, which is told piece by piece,
whenever the source changes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from kg.export.rdf import all_quads
from kg.export.whole import WholeGraph, whole_file
from kg.identifiers import PREFIXES, iri, is_known
from kg.identifiers import curie as compress
from kg.vocabulary import PREDICATES

_BOOLEAN, _INTEGER, _STRING = (f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("boolean", "integer", "string"))
_IDENTIFIERS = frozenset(
    (*PREDICATES, *map("biolink:{}".format, ("subject", "predicate", "object", "primary_knowledge_source", "xref")), "dcterms:isReplacedBy")
)
_ENGLISH = frozenset(("rdfs:label", "skos:altLabel", "skos:definition", "medkg:curated_name"))

CONTEXT: Mapping[str, Any] = {
    # Without @prefix a term that ends in an underscore would be no prefix.
    **{prefix: {"@id": namespace, "@prefix": True} for prefix, namespace in PREFIXES.items()},
    **{name: {"@id": iri(name), "@type": "@id"} for name in sorted(_IDENTIFIERS)},
    **{name: {"@id": iri(name), "@language": "en"} for name in sorted(_ENGLISH)},
}


def write_jsonld(graph: WholeGraph, path: Path) -> None:
    """Write a graph as JSON-LD.

    Raises:
        DataError: The file cannot be written, or the graph holds what RDF cannot.
    """
    with whole_file(path) as stream:
        for piece in _document(all_quads(graph, path)):
            stream.write(piece.encode())


def _document(quads: Iterable[Quad]) -> Iterator[str]:
    name = lru_cache(maxsize=65_536)(_name)
    yield f'{{"@context":{_encode(CONTEXT)},\n"@graph":['
    separator = "\n"
    for graph, told in groupby(quads, key=attrgetter("graph_name")):
        nodes = (_encode(node) for node in _nodes(told, name))
        if isinstance(graph, DefaultGraph):
            for node in nodes:
                yield separator + node
                separator = ",\n"
            continue
        yield f'{separator}{{"@id":{_encode(name(graph.value))},"@graph":['
        separator = ",\n"
        for number, node in enumerate(nodes):
            yield (",\n" if number else "\n") + node
        yield "]}"
    yield "\n]}\n"


def _nodes(quads: Iterable[Quad], name: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    """Yield a node object for each run of quads of one subject; @type and @id first, as who reads a stream must have them."""
    for subject, told in groupby(quads, key=attrgetter("subject")):
        types: list[str] = []
        parts: dict[str, Any] = {}
        for quad in told:
            key = name(quad.predicate.value)
            if key == "rdf:type" and isinstance(quad.object, NamedNode):
                types.append(name(quad.object.value))
            else:
                parts.setdefault(key, []).append(_value(key, quad.object, name))
        node: dict[str, Any] = {"@type": types} if types else {}
        node |= {"@id": name(subject.value), **parts}
        yield {key: value[0] if isinstance(value, list) and len(value) == 1 else value for key, value in node.items()}


def _value(key: str, term: Any, name: Callable[[str], str]) -> Any:
    """Return a value as the context reads it back: in the short form where the context says the rest."""
    if isinstance(term, NamedNode):
        return name(term.value) if key in _IDENTIFIERS else {"@id": name(term.value)}
    assert isinstance(term, Literal)  # kg.rdf makes no blank nodes
    if key in _ENGLISH and term.language == "en":
        return term.value
    if term.language is not None:
        return {"@value": term.value, "@language": term.language}
    datatype = term.datatype.value
    if datatype in (_BOOLEAN, _INTEGER):
        return json.loads(term.value)
    return term.value if datatype == _STRING and key not in _ENGLISH | _IDENTIFIERS else {"@value": term.value, "@type": datatype}


def _name(iri_text: str) -> str:
    """Return an IRI as the context expands it: compact where its prefix is declared, else whole."""
    compact = compress(iri_text)
    return compact if is_known(compact) else iri_text


def _encode(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
