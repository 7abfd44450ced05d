"""Reads RDF in any of its forms, OWL ontologies and SKOS vocabularies included, with pyoxigraph, a triple at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from pyoxigraph import RdfFormat, parse

from kg.errors import DataError
from kg.identifiers import iri
from kg.sources.files import COMPRESSED, lines, open_bytes
from kg.sources.nesting import NestedJson, NestedTerms
from kg.sources.records import Options, Record
from kg.sources.triples import TripleReader
from kg.sources.xml_guard import GuardedXml

_FORMATS = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
    ".jsonld": RdfFormat.JSON_LD,
    ".json": RdfFormat.JSON_LD,
}
_WHERE = re.compile(r"^Parser error (?:at|between) .*?: (?=[^ ])|\s*\(line \d+\)$")
_SHOWN = 200
_PIECE = 1 << 14
"""Bytes that are looked at together before the parser gets them."""
_UTF8_BOM = b"\xef\xbb\xbf"


def read(path: Path, options: Options) -> Iterator[Record]:
    """Yield the records of an RDF file in any form: of its terms in the order of first mention, then its facts.

    Args:
        path: The file; compressed or not. Its form is known by its name, else by how it begins; the other functions of this module are
            for files that do not tell it.
        options: How it is to be read. Identifiers that are relative, in a file that does not say to what, are the source's own.

    Raises:
        DataError: It cannot be read, is not UTF-8, is not well-formed, breaks off, holds no triple, or asks for something from elsewhere: a
            remote JSON-LD context, an XML entity outside the file; with the line, where the parser tells it.
    """
    return _read(path, options, None)


def read_turtle(path: Path, options: Options) -> Iterator[Record]:
    """Yield the records of a file in Turtle, as `read` does."""
    return _read(path, options, RdfFormat.TURTLE)


def read_ntriples(path: Path, options: Options) -> Iterator[Record]:
    """Yield the records of a file in N-Triples, as `read` does."""
    return _read(path, options, RdfFormat.N_TRIPLES)


def read_nquads(path: Path, options: Options) -> Iterator[Record]:
    """Yield the records of a file in N-Quads, as `read` does."""
    return _read(path, options, RdfFormat.N_QUADS)


def read_trig(path: Path, options: Options) -> Iterator[Record]:
    """Yield the records of a file in TriG, as `read` does."""
    return _read(path, options, RdfFormat.TRIG)


def read_jsonld(path: Path, options: Options) -> Iterator[Record]:
    """Yield the records of a file in JSON-LD, as `read` does."""
    return _read(path, options, RdfFormat.JSON_LD)


def _read(path: Path, options: Options, form: RdfFormat | None) -> Iterator[Record]:
    reader = TripleReader(options)
    with open_bytes(path) as stream:
        if form is None:
            form = _format(path, stream.peek(512)[:512])
        count = _parse(path, stream, form, reader, options)
    if not count:
        raise DataError(path, None, f"holds no statement: expected {form.name}")
    yield from reader.records()


def _format(path: Path, start: bytes) -> RdfFormat:
    """Return the form of a file, by its name, or by how it begins where names say little."""
    name = path.name.lower()
    name = name.removesuffix(path.suffix.lower()) if path.suffix.lower() in COMPRESSED else name
    known = _FORMATS.get(Path(name).suffix)
    if known is not None:
        return known
    text = start.removeprefix(_UTF8_BOM).lstrip()
    if not text:
        raise DataError(path, None, "is empty")
    if text[:1] in (b"{", b"["):
        return RdfFormat.JSON_LD
    # An IRI in angle brackets, which no element's name is like, begins Turtle and N-Triples.
    if text[:1] == b"<" and not re.match(rb"<[a-z]+://|<urn:|<#", text):
        return RdfFormat.RDF_XML
    if text.startswith((b"Prefix(", b"Ontology(")):
        raise DataError(path, 1, "is OWL in functional syntax: read it as the format owl")
    return RdfFormat.TRIG


def _parse(path: Path, stream: BufferedReader, form: RdfFormat, reader: TripleReader, options: Options) -> int:
    """Let the reader take all triples, and return how many there were; errors of the parser are told in one way."""
    base = iri(f"medkg:source/{options.source}")
    if form != RdfFormat.RDF_XML and stream.peek(3)[:3] == _UTF8_BOM:
        stream.read(3)
    try:
        if form == RdfFormat.RDF_XML:
            guarded = GuardedXml(stream, path)
            count = reader.take(parse(BufferedReader(guarded, _PIECE), form, base_iri=base))
            guarded.check_whole()
            return count
        nested = NestedJson(stream, path) if form == RdfFormat.JSON_LD else NestedTerms(stream, path)
        return reader.take(parse(BufferedReader(nested, _PIECE), form, base_iri=base))
    except SyntaxError as error:
        raise _translated(path, form, error) from error
    except MemoryError as error:
        if not str(error).startswith("Reached the buffer"):
            raise
        raise DataError(path, None, f"is no {form.name}: a name or text in it is longer than is taken; {error}") from error


def _translated(path: Path, form: RdfFormat, error: SyntaxError) -> DataError:
    """Return the parser's error in one sentence, with the line where it can be told."""
    problem = _WHERE.sub("", _WHERE.sub("", error.msg))
    if "LoadDocumentCallback" in problem:
        return DataError(path, error.lineno, "needs a JSON-LD context from elsewhere, which is not fetched: write it into the file")
    if "UTF-8" in problem:
        for _ in lines(path):  # names the line that is not UTF-8
            pass
    return DataError(path, error.lineno, f"is no {form.name}: {problem[:_SHOWN]}")
