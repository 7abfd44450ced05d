"""Reads OWL 2 ontologies in functional syntax and in OWL/XML with py-horned-owl; those in RDF/XML are RDF (`kg.sources.rdf`).

The axioms that say something here are turned into the triples that the W3C's mapping gives them
(https://www.w3.org/TR/owl2-mapping-to-rdf/), so that an ontology means the same in every syntax.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from typing import Literal as OneOf

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.errors import DataError
from kg.sources.files import is_panic, lines, open_bytes
from kg.sources.records import Options, Record
from kg.sources.triples import TripleReader
from kg.sources.vocabularies import OWL, RDF, RDFS
from kg.sources.xml_guard import GuardedXml

Subject = NamedNode | BlankNode
_Syntax: TypeAlias = OneOf["ofn", "owx"]

_DEEPEST = 200
"""Class expressions within each other, at the most: the parser calls itself for each, and nothing stops it short of the process's end."""

# Texts, IRIs and comments of functional syntax, in which a bracket is no bracket.
_OPAQUE = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|<[^<>\s]*>|#[^\n]*', re.DOTALL)
_BRACKET = re.compile(r"[()]")
_REFERENCE = re.compile(r"&([A-Za-z_][\w.-]*);")
_LINE, _BYTE = re.compile(r"line_col: Pos\(\((\d+)"), re.compile(r"BytePosition\((\d+)\)")
_EXPECTED = re.compile(r"positives: \[(\w+)")

_TYPE, _ONTOLOGY = NamedNode(f"{RDF}type"), NamedNode(f"{OWL}Ontology")
_SUBCLASS, _EQUIVALENT, _SAME = NamedNode(f"{RDFS}subClassOf"), NamedNode(f"{OWL}equivalentClass"), NamedNode(f"{OWL}sameAs")
_DECLARED = {
    f"Declare{kind}": NamedNode(OWL + name)
    for kind, name in (
        ("Class", "Class"), ("NamedIndividual", "NamedIndividual"), ("ObjectProperty", "ObjectProperty"),
        ("DataProperty", "DatatypeProperty"), ("AnnotationProperty", "AnnotationProperty"),
    )
}  # fmt: skip


def read(path: Path, options: Options) -> Iterator[Record]:
    """Yield the records of an OWL ontology: of its terms, then its facts, in the order of their identifiers.

    Args:
        path: The file; compressed or not. It is read whole; imports are not followed.
        options: How it is to be read.

    Raises:
        DataError: py-horned-owl is not installed; or the file cannot be read, is not UTF-8, is not well-formed, breaks off, reaches outside
            itself, or nests class expressions too deep; with the line, where the parser tells it.
    """
    reader = TripleReader(options)
    components = _components(path)
    try:
        count = reader.take(_triples(components))
    except ValueError as error:
        raise DataError(path, None, f"holds an identifier that is no IRI: {error}") from error
    if not count:
        raise DataError(path, None, "holds no axiom: expected an OWL ontology")
    yield from reader.records()


def _components(path: Path) -> list[Any]:
    """Return what the ontology is made of, in an order that is the same every time; the parser's is not."""
    try:
        import pyhornedowl  # noqa: PLC0415 - an optional dependency
    except ImportError as error:
        problem = "needs py-horned-owl to be read: pip install 'medkg-qa[owl]'"
        raise DataError(path, None, problem) from error
    text, syntax = _text(path)
    try:
        return sorted(pyhornedowl.open_ontology_from_string(text, syntax).get_components(), key=lambda c: str(c.component))
    except ValueError as error:
        raise _translated(path, text, syntax, str(error)) from error
    except BaseException as error:
        if not is_panic(error):
            raise
        raise DataError(path, None, f"is no OWL that can be parsed: {error}") from error


def _text(path: Path) -> tuple[str, _Syntax]:
    """Return a file's text, safe to be parsed, and which syntax it is."""
    with open_bytes(path) as stream:
        content = stream.read()
    if not content.strip():
        raise DataError(path, None, "is empty")
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        guarded = GuardedXml(io.BytesIO(content), path, _DEEPEST)
        content = guarded.read()
        guarded.check_whole()
        text = _decoded(path, content)
        return _REFERENCE.sub(lambda found: guarded.entities.get(found[1], found[0]), text), "owx"
    text = _decoded(path, content)
    depth = 0
    for bracket in _BRACKET.finditer(_OPAQUE.sub("", text)):
        depth += 1 if bracket[0] == "(" else -1
        if depth > _DEEPEST:
            raise DataError(path, None, f"nests class expressions more than {_DEEPEST} deep: not taken")
    return text, "ofn"


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        for _ in lines(path):  # names the line that is not UTF-8
            pass
        raise


def _translated(path: Path, text: str, syntax: str, problem: str) -> DataError:
    """Return the parser's error in one sentence, with the line where it tells it."""
    name = {"owx": "OWL/XML", "ofn": "OWL in functional syntax"}[syntax]
    line = None
    if stated := _LINE.search(problem):
        line = int(stated[1])
    elif (position := _BYTE.search(problem)) and int(position[1]):
        line = text.encode()[: int(position[1])].count(b"\n") + 1
    expected = _EXPECTED.search(problem)
    what = f"expected {expected[1]} here" if expected else problem.removeprefix("Failed to open ontology: ")[:160]
    return DataError(path, line, f"is no {name}, or is cut off: {what}")


def _triples(components: Sequence[Any]) -> Iterator[Triple]:
    names = [c.component for c in components if type(c.component).__name__ == "OntologyID" and c.component.iri is not None]
    ontology: Subject = NamedNode(str(names[0].iri)) if names else BlankNode()
    for annotated in components:
        component = annotated.component
        match type(component).__name__:
            case "OntologyID":
                yield Triple(ontology, _TYPE, _ONTOLOGY)
                if component.viri is not None:
                    yield Triple(ontology, NamedNode(f"{OWL}versionIRI"), NamedNode(str(component.viri)))
            case "OntologyAnnotation":
                yield _annotation(ontology, component.first)
            case "AnnotationAssertion":
                triple = _annotation(_node(component.subject), component.ann)
                yield triple
                yield from _axiom(triple, annotated.ann)
            case "SubClassOf":
                yield from _subclass(component.sub, component.sup)
            case "EquivalentClasses":
                yield from _same(_EQUIVALENT, component.first)
            case "SameIndividual":
                yield from _same(_SAME, component.first)
            case "ClassAssertion":
                yield Triple(_node(component.i), _TYPE, _node(component.ce))
            case "ObjectPropertyAssertion" if type(component.ope).__name__ == "ObjectProperty":
                yield Triple(_node(component.source), _property(component.ope), _node(component.target))
            case kind if kind in _DECLARED:
                yield Triple(_node(component.first), _TYPE, _DECLARED[kind])


def _node(part: Any) -> Subject:
    """Return the node of an IRI or of something named; a blank one for a class expression or an individual without a name."""
    match type(part).__name__:
        case "IRI":
            return NamedNode(str(part))
        case "Class" | "NamedIndividual" | "ObjectProperty" | "DataProperty" | "AnnotationProperty":
            return NamedNode(str(part.first))
    return BlankNode()


def _property(part: Any) -> NamedNode:
    return NamedNode(str(part.first))


def _annotation(subject: Subject, annotation: Any) -> Triple:
    return Triple(subject, _property(annotation.ap), _value(annotation.av))


def _value(value: Any) -> Subject | Literal:
    match type(value).__name__:
        case "SimpleLiteral":
            return Literal(value.literal)
        case "LanguageLiteral":
            return Literal(value.literal, language=value.lang)
        case "DatatypeLiteral":
            return Literal(value.literal, datatype=NamedNode(str(value.datatype_iri)))
    return _node(value)


def _axiom(triple: Triple, annotations: Iterable[Any]) -> Iterator[Triple]:
    """Yield the triples of what is said about an axiom."""
    if annotations:
        node = BlankNode()
        yield Triple(node, NamedNode(f"{OWL}annotatedSource"), triple.subject)
        yield Triple(node, NamedNode(f"{OWL}annotatedProperty"), triple.predicate)
        yield Triple(node, NamedNode(f"{OWL}annotatedTarget"), triple.object)
        yield from (_annotation(node, annotation) for annotation in annotations)


def _subclass(sub: Any, sup: Any) -> Iterator[Triple]:
    above = _node(sup)
    yield Triple(_node(sub), _SUBCLASS, above)
    if type(sup).__name__ == "ObjectSomeValuesFrom" and type(sup.ope).__name__ == "ObjectProperty":
        yield Triple(above, NamedNode(f"{OWL}onProperty"), _property(sup.ope))
        yield Triple(above, NamedNode(f"{OWL}someValuesFrom"), _node(sup.bce))


def _same(predicate: NamedNode, members: Sequence[Any]) -> Iterator[Triple]:
    first, *others = sorted((_node(member) for member in members), key=lambda node: (type(node) is BlankNode, str(node)))
    for other in others:
        yield Triple(first, predicate, other)
