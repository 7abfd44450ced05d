"""Reads RDF in any of its forms, OWL ontologies and SKOS vocabularies included, with pyoxigraph, a triple at a time."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pyoxigraph import RdfFormat, parse

from kg.errors import DataError
from kg.identifiers import iri
from kg.sources.files import COMPRESSED, lines, open_bytes
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
_BOMS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_BOM = b"\xef\xbb\xbf"


def read(path: Path, options: Options) -> Iterator[Record]:
    """Yield the records of an RDF file: of its terms in the order of first mention, then its facts.

    Args:
        path: The file; compressed or not. Its form is known by its name, else by how it begins.
        options: How it is to be read. Identifiers that are relative, in a file that does not say to what, are the source's own.

    Raises:
        DataError: It cannot be read, is not UTF-8, is not well-formed, breaks off, holds no triple, or asks for something from elsewhere: a
            remote JSON-LD context, an XML entity outside the file; with the line, where the parser tells it.
    """
    reader = TripleReader(options)
    with open_bytes(path) as stream:
        buffered = io.BufferedReader(stream, 1 << 16) if not hasattr(stream, "peek") else stream  # type: ignore[arg-type]
        start = buffered.peek(512)[:512]  # type: ignore[attr-defined]
        form = _format(path, start)
        count = _parse(path, buffered, form, reader, options)
    if not count:
        raise DataError(path, None, f"holds no statement: expected {form.name}")
    yield from reader.records()


def _format(path: Path, start: bytes) -> RdfFormat:
    """Return the form of a file, by its name, or by how it begins where names say little."""
    if start[:2] in _BOMS:
        raise DataError(path, 1, "is UTF-16: expected a file saved as UTF-8")
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


def _parse(path: Path, stream: BinaryIO, form: RdfFormat, reader: TripleReader, options: Options) -> int:
    """Let the reader take all triples, and return how many there were; errors of the parser are told in one way."""
    base = iri(f"medkg:source/{options.source}")
    try:
        if form == RdfFormat.RDF_XML:
            guarded = GuardedXml(stream, path)
            count = reader.take(parse(guarded, form, base_iri=base))  # type: ignore[arg-type]
            guarded.check_whole()
            return count
        if stream.peek(3)[:3] == _UTF8_BOM:  # type: ignore[attr-defined]
            stream.read(3)
        return reader.take(parse(stream, form, base_iri=base))
    except SyntaxError as error:
        problem = _WHERE.sub("", _WHERE.sub("", error.msg))
        if "LoadDocumentCallback" in problem:
            raise DataError(
                path, error.lineno, "needs a JSON-LD context from elsewhere, which is not fetched: write it into the file"
            ) from error
        if "UTF-8" in problem:
            for _ in lines(path):  # names the line that is not UTF-8
                pass
        raise DataError(path, error.lineno, f"is no {form.name}: {problem}") from error
