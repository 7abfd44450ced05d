"""Reads ontologies in OBO-graph JSON (https://github.com/geneontology/obographs)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kg.errors import CurieError, DataError
from kg.model import Curie
from kg.sources.files import lines, open_bytes
from kg.sources.ontology_ids import of_text
from kg.sources.records import About, Options, Record
from kg.sources.records import Mapping as Match
from kg.sources.relations_ontology import relation_id
from kg.sources.terms import EXACT_SOURCE, INEXACT, NO_IDENTIFIER, NO_XREF, Tally, Term, TermRecords, collapsed, version
from kg.sources.vocabularies import ALTERNATIVE, EXACT, LICENCES, LOOSE, NAMESPACE, OIO, REPLACED_BY, TITLES, VERSION_INFO

_IS_A = Curie("rdfs:subClassOf")
_EDGES = {"is_a": _IS_A, "type": Curie("rdf:type")}
_LOGICAL = "axiom of several classes"
_HALF = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair, which JSON can write and no text can hold."""
_LOGICAL_KEYS = ("logicalDefinitionAxioms", "domainRangeAxioms", "propertyChainAxioms")


def read(path: Path, options: Options) -> Iterator[Record]:
    """Yield the records of an OBO-graph document: of its terms in the order of the file, then its facts.

    Args:
        path: The file; compressed or not. It is read whole.
        options: How it is to be read.

    Raises:
        DataError: It cannot be read, is not UTF-8 or no JSON, breaks off, is nested too deep, or is no OBO-graph document; with the line,
            where there is one, or the place within the document.
    """
    document = _loaded(path)
    graphs = _list(path, document if isinstance(document, dict) else {}, "graphs", "the document")
    if not graphs:
        raise DataError(path, None, 'is no OBO-graph document: expected an object with the key "graphs" and a list of graphs')
    reader = _GraphReader(path, options)
    about = reader.about(_object(path, graphs[0], "graph 1"))
    yield about
    for number, graph in enumerate(graphs, start=1):
        reader.take(_object(path, graph, f"graph {number}"), f"graph {number}")
    yield from reader.records()


def _loaded(path: Path) -> Any:
    with open_bytes(path) as stream:
        content = stream.read()
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        for _ in lines(path):  # names the line that is not UTF-8
            pass
        raise DataError(path, None, "is not UTF-8") from error
    except json.JSONDecodeError as error:
        end = "; the file may be cut off" if error.pos >= len(content.rstrip()) - 1 else ""
        raise DataError(path, error.lineno, f"is no JSON: {error.msg}{end}") from error
    except RecursionError as error:
        raise DataError(path, None, "is nested too deep: not taken") from error
    except ValueError as error:
        raise DataError(path, None, f"is no JSON that can be taken: {error}") from error


class _GraphReader:
    """Gathers the nodes and edges of a document's graphs."""

    def __init__(self, path: Path, options: Options) -> None:
        self._path = path
        self._tally = Tally()
        self._records = TermRecords(options, self._tally)
        self._terms: dict[str, Term] = {}
        self._properties: set[str] = set()
        self._matches: list[tuple[Term, Curie, str]] = []
        self._statements: list[tuple[Curie, Curie, Curie]] = []

    def about(self, graph: Mapping[str, Any]) -> About:
        """Return what a graph says of itself."""
        meta = _object(self._path, graph.get("meta") or {}, "the meta of graph 1")
        said = dict(self._values(meta, "graph 1"))
        title, licence = (next((v for p, v in said.items() if p in known), "") for known in (TITLES, LICENCES))
        return About(title, version(said.get(VERSION_INFO, ""), str(meta.get("version") or "")), licence)

    def take(self, graph: Mapping[str, Any], place: str) -> None:
        """Take a graph's nodes, edges and sets of equivalent nodes."""
        for number, node in enumerate(_list(self._path, graph, "nodes", place), start=1):
            self._node(_object(self._path, node, f"node {number} of {place}"), f"node {number} of {place}")
        for number, edge in enumerate(_list(self._path, graph, "edges", place), start=1):
            self._edge(_object(self._path, edge, f"edge {number} of {place}"), f"edge {number} of {place}")
        for same in _list(self._path, graph, "equivalentNodesSets", place):
            first, *others = sorted(map(str, _list(self._path, _object(self._path, same, place), "nodeIds", place))) or [""]
            if first in self._terms:
                self._terms[first].exact += others
        for key in _LOGICAL_KEYS:
            self._tally.add(_LOGICAL, count=len(found)) if (found := _list(self._path, graph, key, place)) else None

    def records(self) -> Iterator[Record]:
        """Yield what was gathered."""
        for term in self._terms.values():
            yield from self._records.add(term)
        for term, kind, text in self._matches:
            if term.obsolete:
                continue
            try:
                yield Match(term.curie, kind, of_text(text))
            except CurieError:
                self._tally.add(NO_XREF, detail=f"{term.curie} {text!r}")
        for statement in self._statements:
            yield self._records.fact(*statement)
        yield from self._records.rest()
        yield from self._tally.records()

    def _node(self, node: Mapping[str, Any], place: str) -> None:
        identifier = self._text(node, "id", place)
        if node.get("type") == "PROPERTY":
            self._properties.add(identifier)
            return
        curie = self._curie(identifier)
        if curie is None:
            return
        term = self._terms.setdefault(identifier, Term(curie, declared=node.get("type") == "CLASS"))
        if node.get("lbl"):
            term.labels.append((collapsed(self._text(node, "lbl", place)), ""))
        if node.get("meta"):
            self._meta(term, _object(self._path, node["meta"], place), place)

    def _meta(self, term: Term, meta: Mapping[str, Any], place: str) -> None:
        term.obsolete = meta.get("deprecated") is True
        if meta.get("definition"):
            definition = _object(self._path, meta["definition"], place)
            term.definitions.append((collapsed(self._text(definition, "val", place)), ""))
        for synonym in _list(self._path, meta, "synonyms", place):
            self._synonym(term, _object(self._path, synonym, place), place)
        for xref in _list(self._path, meta, "xrefs", place):
            found = _object(self._path, xref, place)
            same = (f"{OIO}source", EXACT_SOURCE) in self._values(_object(self._path, found.get("meta") or {}, place), place)
            (term.exact if same else term.xrefs).append(self._text(found, "val", place))
        for predicate, value in self._values(meta, place):
            if predicate in EXACT:
                term.exact.append(value)
            elif predicate in LOOSE:
                self._matches.append((term, LOOSE[predicate], value))
            elif predicate == REPLACED_BY:
                term.replaced_by.append(value)
            elif predicate == ALTERNATIVE:
                term.alternatives.append(value)
            elif predicate == NAMESPACE:
                term.namespace = value

    def _synonym(self, term: Term, synonym: Mapping[str, Any], place: str) -> None:
        text = collapsed(self._text(synonym, "val", place))
        if synonym.get("pred") != "hasExactSynonym":
            self._tally.add(INEXACT, detail=f"{term.curie} {text!r}")
            return
        term.synonyms.append((text, ""))
        if synonym.get("synonymType"):
            term.mark(text, self._text(synonym, "synonymType", place))

    def _values(self, meta: Mapping[str, Any], place: str) -> list[tuple[str, str]]:
        found = (_object(self._path, value, place) for value in _list(self._path, meta, "basicPropertyValues", place))
        return [(self._text(value, "pred", place), self._text(value, "val", place)) for value in found]

    def _edge(self, edge: Mapping[str, Any], place: str) -> None:
        start, named, end = (self._text(edge, key, place) for key in ("sub", "pred", "obj"))
        if start in self._properties or named in {"subPropertyOf", "inverseOf"}:
            return
        relation = _EDGES.get(named) or self._curie(named)
        subject, obj = self._curie(start), self._curie(end)
        if subject is None or relation is None or obj is None:
            return
        if relation == _IS_A and start in self._terms:
            self._terms[start].parents.append(obj)
        self._statements.append((subject, relation_id(relation), obj))

    def _curie(self, text: str) -> Curie | None:
        try:
            return of_text(text)
        except CurieError:
            self._tally.add(NO_IDENTIFIER, detail=text)
            return None

    def _text(self, found: Mapping[str, Any], key: str, place: str) -> str:
        text = found.get(key)
        if not isinstance(text, str):
            raise DataError(self._path, None, f"{place}: {key!r} is {json.dumps(text)[:60]}, expected a text")
        if not text.isascii() and _HALF.search(text):
            raise DataError(self._path, None, f"{place}: {key!r} is {json.dumps(text)[:60]}, which holds half a character")
        return text


def _object(path: Path, found: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise DataError(path, None, f"{place} is {json.dumps(found)[:60]}, expected an object")
    return found


def _list(path: Path, found: Mapping[str, Any], key: str, place: str) -> list[Any]:
    listed = found.get(key) or []
    if not isinstance(listed, list):
        raise DataError(path, None, f"{place}: {key!r} is {json.dumps(listed)[:60]}, expected a list")
    return listed
