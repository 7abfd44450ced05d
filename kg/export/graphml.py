"""Writes a graph as GraphML (http://graphml.graphdrawing.org), as `networkx.read_graphml` and the drawing programs read it.

The schema is that of `kg.views.networkx_view`, with what it leaves out: a node has `name`, `category`, `description`, `synonyms` and
`xrefs`; an edge points from subject to object and has `predicate`, `source`, `negated` and its qualifiers; edges between the same two nodes
are told apart by their ids, those of the facts' associations. GraphML knows no lists, so `synonyms` and `xrefs` are JSON arrays, and so is
`sources` at the graph, which says what is known of each source. Empty attributes are left out.

XML 1.0 cannot hold control characters, nor can it escape them; text that has one is refused rather than altered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from kg.errors import DataError
from kg.export.whole import WholeGraph, whole_file
from kg.identifiers import curie as compress
from kg.model import Entity, Fact
from kg.rdf import association_iri
from kg.vocabulary import QUALIFIER_VALUES

_NODE_KEYS = ("name", "category", "description", "synonyms", "xrefs")
_EDGE_KEYS = ("predicate", "source", "negated", *QUALIFIER_VALUES, "evidence", "supported_by")
_TYPES = {"negated": "boolean"}

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A line break other than \n would be read back as one.
_ESCAPED = {"\r": "&#13;"}

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
"""


def write_graphml(graph: WholeGraph, path: Path) -> None:
    """Write a graph as GraphML.

    Raises:
        DataError: The file cannot be written, a text holds a character that XML cannot, or a fact has a qualifier that is not known.
    """
    with whole_file(path) as stream:
        for line in _document(graph, path):
            stream.write(line.encode())


def _document(graph: WholeGraph, path: Path) -> Iterator[str]:
    yield _HEAD
    for element, names in (("graph", ("sources",)), ("node", _NODE_KEYS), ("edge", _EDGE_KEYS)):
        for name in names:
            yield f'<key id="{element}_{name}" for="{element}" attr.name="{name}" attr.type="{_TYPES.get(name, "string")}"/>\n'
    yield '<graph id="medkg" edgedefault="directed">\n'
    sources = json.dumps([asdict(source) for source in graph.sources], ensure_ascii=False)
    yield _data("graph", {"sources": sources}, path, "the sources") + "\n"
    for entity in graph.entities():
        yield f"<node id={quoteattr(entity.curie)}>{_data('node', _node(entity), path, entity.curie)}</node>\n"
    for fact in graph.all_facts():
        ends = f"source={quoteattr(fact.subject)} target={quoteattr(fact.object)}"
        what = f"{fact.subject} {fact.predicate} {fact.object} of {fact.source}"
        yield f"<edge id={quoteattr(compress(association_iri(fact)))} {ends}>{_data('edge', _edge(fact, path), path, what)}</edge>\n"
    yield "</graph>\n</graphml>\n"


def _node(entity: Entity) -> Mapping[str, str]:
    synonyms = json.dumps(entity.synonyms, ensure_ascii=False) if entity.synonyms else ""
    xrefs = json.dumps(entity.xrefs) if entity.xrefs else ""
    values = (entity.name, entity.category, entity.description, synonyms, xrefs)
    return dict(zip(_NODE_KEYS, values, strict=True))


def _edge(fact: Fact, path: Path) -> Mapping[str, str]:
    if unknown := sorted(fact.qualifiers.keys() - set(_EDGE_KEYS[3:])):
        raise DataError(path, None, f"cannot be written: the qualifier {unknown[0]!r} of a fact of {fact.source} is not known")
    return {"predicate": fact.predicate, "source": fact.source, "negated": "true" if fact.negated else "false", **fact.qualifiers}


def _data(element: str, values: Mapping[str, str], path: Path, what: str) -> str:
    """Return the attributes of an element, those that are not empty."""
    text = "".join(f'<data key="{element}_{name}">{escape(value, _ESCAPED)}</data>' for name, value in values.items() if value)
    if found := _FORBIDDEN.search(text):
        problem = f"{what} holds the character U+{ord(found[0]):04X}, which XML cannot hold; another format can"
        raise DataError(path, None, f"cannot be written: {problem}")
    return text
