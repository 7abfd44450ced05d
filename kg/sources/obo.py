"""Reads OBO ontologies (https://owlcollab.github.io/oboformat/doc/obo-syntax.html) with fastobo, a stanza at a time."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from kg.errors import CurieError, DataError
from kg.identifiers import PREFIXES
from kg.model import Curie
from kg.sources.files import is_panic, lines, open_bytes
from kg.sources.ontology_ids import of_iri, of_text
from kg.sources.records import About, Options, Record
from kg.sources.records import Mapping as Match
from kg.sources.relations_ontology import relation_id
from kg.sources.terms import EXACT_SOURCE, INEXACT, NO_IDENTIFIER, NO_XREF, Tally, Term, TermRecords, collapsed, version
from kg.sources.vocabularies import EXACT, LICENCES, LOOSE, TITLES, VERSION_INFO

_CHUNK, _LONGEST = 1 << 18, 1 << 24
_STANZA = re.compile(rb"^[ \t]*+\[", re.MULTILINE)
_QUOTED = rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
_REFERENCES = re.compile(rb"^((?:def|synonym): *%b[^\[\n]*+)\[(?:[^]\\\"\n]|\\.|%b)++\]" % (_QUOTED, _QUOTED), re.MULTILINE)
_COMMENT = re.compile(rb"^[ \t]*+![^\n]*", re.MULTILINE)
_INSTANCE = re.compile(rb"^[ \t]*+(\[Instance\]|instance_of:)", re.MULTILINE)
_AS_TERM = {b"[Instance]": b"[Term]", b"instance_of:": b"relationship: instance_of"}
_BOM = b"\xef\xbb\xbf"
_IS_A, _TYPE = Curie("rdfs:subClassOf"), Curie("rdf:type")


def read(path: Path, options: Options) -> Iterator[Record]:
    """Yield the records of an OBO file: of its terms and instances in their order, then its facts and what it withdrew.

    Args:
        path: The file; compressed or not.
        options: How it is to be read.

    Raises:
        DataError: It cannot be read, is not UTF-8 or no OBO, breaks off, or describes a term twice; with the line.
    """
    with open_bytes(path) as stream:
        source = _Numbered(stream)
        frames = _frames(path, source)
        reader = _OboReader(path, options, next(frames))
        yield reader.about
        for number, frame in enumerate(frames):
            yield from reader.take(frame, source.start(number))
    if not reader.terms and not source.starts:
        raise DataError(path, None, "holds no stanza: expected an OBO ontology")
    yield from reader.rest()


def _frames(path: Path, source: _Numbered) -> Iterator[Any]:
    """Yield the header, then the stanzas; errors of the parser are told in one way."""
    import fastobo  # noqa: PLC0415 - only who reads OBO needs it

    try:
        found = fastobo.iter(source, ordered=True)
        yield found.header()
        yield from found
    except SyntaxError as error:
        end = "; the last line has no end, so the file may be cut off" if source.breaks_off(error.lineno) else ""
        raise DataError(path, error.lineno, f"is no OBO: {error.msg} at {(error.text or '').strip()[:80]!r}{end}") from error
    except (OSError, TypeError, ValueError) as error:
        if source.error is not None:
            raise source.error from None
        for _ in lines(path):  # names the line that is not UTF-8
            pass
        raise DataError(path, None, f"is no OBO: {error}") from error
    except BaseException as error:
        if not is_panic(error):
            raise
        raise DataError(path, None, f"is no OBO that can be parsed: {error}") from error


class _Numbered(io.RawIOBase):
    """A stream of whole lines that notes where stanzas start, and keeps the error that fastobo would swallow.

    The references of definitions and synonyms are left out of it: nothing here uses them, and they are where older files, which did not
    escape blanks and colons in them, are no OBO to a strict parser. So are lines of comment, over which fastobo stumbles. Instances, of
    which it shows nothing, are put as terms.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._line, self._ended = 1, True
        self._ready, self._given = b"", 0
        self.starts: list[int] = []
        self.error: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size and self._given >= len(self._ready):
            self._ready, self._given = self._next(), 0
        start = self._given
        self._given += size if size >= 0 else len(self._ready)
        return self._ready[start : self._given]

    def _next(self) -> bytes:
        try:
            chunk = self._stream.read(_CHUNK) + self._stream.readline(_LONGEST)
        except Exception as error:
            self.error = error
            raise
        if not self.starts and self._line == 1:
            chunk = chunk.removeprefix(_BOM)
        before = 0
        for found in _STANZA.finditer(chunk):
            self._line += chunk.count(b"\n", before, found.start())
            before = found.start()
            self.starts.append(self._line)
        self._line += chunk.count(b"\n", before)
        self._ended = chunk.endswith(b"\n") if chunk else self._ended
        chunk = _INSTANCE.sub(lambda found: _AS_TERM[found[1]], chunk)
        return _REFERENCES.sub(rb"\1[]", _COMMENT.sub(b"", chunk))

    def start(self, number: int) -> int | None:
        """Return the line in which a stanza starts."""
        return self.starts[number] if number < len(self.starts) else None

    def breaks_off(self, line: int | None) -> bool:
        """Say whether the file ends within a line, and that line is the one given."""
        return not self._ended and line == self._line


class _OboReader:
    """Turns the stanzas of one file into records."""

    def __init__(self, path: Path, options: Options, header: Any) -> None:
        self._path = path
        self._tally = Tally()
        self._records = TermRecords(options, self._tally)
        self._spaces = {
            c.prefix.unescaped if hasattr(c.prefix, "unescaped") else str(c.prefix): str(c.url)
            for c in header
            if type(c).__name__ == "IdspaceClause"
        }
        self._ontology = options.source
        self._relations: dict[str, Curie] = {"instance_of": _TYPE}
        self._statements: list[tuple[Curie, str | Curie, Curie]] = []
        self.terms: dict[Curie, int | None] = {}
        self.about = self._about(header)

    def _about(self, header: Any) -> About:
        title = licence = info = where = ""
        for clause in header:
            match type(clause).__name__:
                case "OntologyClause":
                    self._ontology = clause.ontology
                case "DataVersionClause":
                    where = clause.version
                case "PropertyValueClause":
                    iri, value = self._iri(clause.property_value.relation), str(clause.property_value.value)
                    title = value if iri in TITLES else title
                    licence = value if iri in LICENCES else licence
                    info = value if iri == VERSION_INFO else info
        return About(title, version(info, where), licence)

    def take(self, frame: Any, line: int | None) -> Iterator[Record]:
        """Yield what a stanza says, but for its facts, which wait until all relations are known."""
        kind, identifier = type(frame).__name__, frame.id
        if kind == "TypedefFrame":
            self._typedef(frame, line)
        if kind != "TermFrame":
            return
        curie = self._curie(identifier, line, _plain(identifier))
        if curie is None:
            return
        if curie in self.terms:
            raise DataError(self._path, line, f"{curie} is described twice, first in line {self.terms[curie]}")
        self.terms[curie] = line
        term = Term(curie, line, declared=True)
        for clause in frame:
            take = _CLAUSES.get(type(clause).__name__)
            if take is not None:
                yield from take(self, term, clause) or ()
        yield from self._records.add(term)

    def rest(self) -> Iterator[Record]:
        """Yield the facts, what was held back, and what was not taken."""
        for subject, named, obj in self._statements:
            relation = self._relation(named)
            if relation is not None:
                yield self._records.fact(subject, relation, obj)
        yield from self._records.rest()
        yield from self._tally.records()

    def _typedef(self, frame: Any, line: int | None) -> None:
        """Note what a relation that the file names by a word is, where its first cross-reference says so."""
        xrefs = (_plain(clause.xref.id) for clause in frame if type(clause).__name__ == "XrefClause")
        first = next(xrefs, "")
        if first.startswith(("RO:", "BFO:")) and (curie := self._curie(first, line, first)) is not None:
            self._relations[_plain(frame.id)] = curie

    def _relation(self, named: str | Curie) -> Curie | None:
        if isinstance(named, Curie):
            return relation_id(named)
        known = self._relations.get(named) or self._curie(f"http://purl.obolibrary.org/obo/{self._ontology}#{named}", None, named)
        return relation_id(known) if known is not None else None

    def _iri(self, identifier: Any) -> str:
        """Return the IRI that a relation's identifier stands for in this file."""
        text = _plain(identifier)
        prefix, colon, local = text.partition(":")
        if colon and (space := self._spaces.get(prefix) or PREFIXES.get(prefix) or _CUSTOMARY.get(prefix)):
            return space + local
        return text

    def _curie(self, identifier: Any, line: int | None, detail: str) -> Curie | None:
        text = _plain(identifier)
        prefix, _, local = text.partition(":")
        try:
            return of_iri(self._spaces[prefix] + local) if prefix in self._spaces and prefix not in PREFIXES else of_text(text)
        except CurieError:
            self._tally.add(NO_IDENTIFIER, line, detail)
            return None

    def _state(self, term: Term, relation: str | Curie, identifier: Any) -> None:
        obj = self._curie(identifier, term.line, f"{term.curie} {relation} {identifier}")
        if obj is not None:
            self._statements.append((term.curie, relation, obj))
            if relation == _IS_A:
                term.parents.append(obj)

    def _synonym(self, term: Term, clause: Any) -> None:
        synonym = clause.synonym
        text = collapsed(synonym.desc)
        if synonym.scope != "EXACT":
            self._tally.add(INEXACT, term.line, f"{term.curie} {text!r}")
            return
        term.synonyms.append((text, ""))
        if synonym.type is not None:
            term.mark(text, _plain(synonym.type))

    def _xref(self, term: Term, clause: Any) -> None:
        marks = clause.qualifiers
        same = marks and any(str(mark.key) == "source" and mark.value == EXACT_SOURCE for mark in marks)
        (term.exact if same else term.xrefs).append(_plain(clause.xref.id))

    def _property(self, term: Term, clause: Any) -> Iterator[Record]:
        stated = clause.property_value
        iri = self._iri(stated.relation)
        value = stated.value if isinstance(stated.value, str) else _plain(stated.value)
        if iri in EXACT:
            term.exact.append(value)
        elif iri in LOOSE and not term.obsolete:
            try:
                yield Match(term.curie, LOOSE[iri], of_text(value))
            except CurieError:
                self._tally.add(NO_XREF, term.line, f"{term.curie} {value!r}")

    def _relationship(self, term: Term, clause: Any) -> None:
        relation: str | Curie | None = _plain(clause.typedef)
        if relation is not None and ":" in relation:
            relation = self._curie(relation, term.line, f"{term.curie} {relation}")
        if relation is not None:
            self._state(term, relation, clause.term)


def _plain(identifier: Any) -> str:
    """Return an identifier without OBO's escapes."""
    match type(identifier).__name__:
        case "PrefixedIdent":
            return f"{identifier.prefix}:{identifier.local}"
        case "UnprefixedIdent":
            return str(identifier.unescaped)
    return str(identifier)


_CUSTOMARY = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "terms": "http://purl.org/dc/terms/",
}
"""Prefixes that OBO files use for properties, often without saying what they stand for."""

_CLAUSES: Mapping[str, Callable[[_OboReader, Term, Any], Iterator[Record] | None]] = {
    "NameClause": lambda reader, term, clause: term.labels.append((collapsed(clause.name), "")),
    "DefClause": lambda reader, term, clause: term.definitions.append((collapsed(clause.definition), "")),
    "NamespaceClause": lambda reader, term, clause: setattr(term, "namespace", _plain(clause.namespace)),
    "SynonymClause": _OboReader._synonym,
    "XrefClause": _OboReader._xref,
    "AltIdClause": lambda reader, term, clause: term.alternatives.append(_plain(clause.alt_id)),
    "IsAClause": lambda reader, term, clause: reader._state(term, _IS_A, clause.term),
    "RelationshipClause": _OboReader._relationship,
    "EquivalentToClause": lambda reader, term, clause: term.exact.append(_plain(clause.term)),
    "PropertyValueClause": _OboReader._property,
    "IsObsoleteClause": lambda reader, term, clause: setattr(term, "obsolete", clause.obsolete),
    "ReplacedByClause": lambda reader, term, clause: term.replaced_by.append(_plain(clause.term)),
}
