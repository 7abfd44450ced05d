"""Refuses XML that reaches outside itself, grows without end, nests too deep or is cut off; the parsers behind it check none of this.

Expat, which follows nothing outside the file, reads along. Harmless entities, as OWL files declare them
(`<!ENTITY owl "http://www.w3.org/2002/07/owl#">`), are let through.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from kg.errors import DataError
from kg.sources.files import lines

_START = 2**20
"""Bytes within which the first element must begin."""

_LONGEST = 512
"""Characters that an entity may stand for, at the most: a namespace's address has a hundred."""

_DEEPEST = 2_000
"""Elements within elements, at the most: the time that pyoxigraph takes grows with the square of it."""

_BOM = b"\xef\xbb\xbf"
_SINGLE_QUOTED = re.compile(rb"""(<!ENTITY\s+[^\s'"]+\s+)'([^'"]*)'""")
# As it is when there is no element, and when there is one that does not end.
_CUT_OFF = frozenset({expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN})


class GuardedXml(io.RawIOBase):
    """A stream of XML that is checked before it is handed on.

    Args:
        stream: The file.
        path: Its name, for messages.
        deepest: Elements within elements, at the most.

    Attributes:
        entities: What the file's own entities stand for.
        root: The name of the first element, as the file writes it.

    Raises:
        DataError: The file is no XML in UTF-8, is an HTML page, or its document type declaration holds anything but plain entities; while
            it is read: it is not well-formed, or is nested too deep.
    """

    def __init__(self, stream: BinaryIO, path: Path, deepest: int = _DEEPEST) -> None:
        self._stream, self._path, self._deepest = stream, path, deepest
        self.entities: dict[str, str] = {}
        self.root = ""
        self._depth = 0
        self._parser = self._watching()
        start = stream.read(_START).removeprefix(_BOM)
        self._check(start)
        if not self.root and len(start) == _START:
            raise DataError(path, None, f"is no XML that is taken: expected an element within the first {_START} bytes")
        # pyoxigraph knows entities in double quotation marks only.
        self._ready = _SINGLE_QUOTED.sub(rb'\1"\2"', start) if self.entities else start

    def _watching(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.ElementDeclHandler = parser.AttlistDeclHandler = parser.NotationDeclHandler = self._declaration
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        return parser

    def _doctype(self, name: str, system: str | None, public: str | None, has_subset: bool) -> None:
        if name.lower() == "html":
            raise DataError(self._path, None, "is an HTML page: expected RDF or OWL")
        if system is not None or public is not None:
            raise self._refused("refers to a document type declaration outside of it, which is not followed")

    def _entity(self, name: str, parameter: bool, value: str | None, base: str | None, system: str | None, *rest: str | None) -> None:
        if parameter or value is None:
            raise self._refused(f"declares what is not taken from a file, only plain entities are: {name!r}")
        if "&" in value or "<" in value or len(value) > _LONGEST:
            raise self._refused(f"declares the entity {name!r} of other entities, of markup or too long: not taken")
        self.entities[name] = value

    def _declaration(self, name: str, *rest: object) -> None:
        raise self._refused(f"declares what is not taken from a file, only plain entities are: {name!r}")

    def _refused(self, problem: str) -> DataError:
        return DataError(self._path, self._parser.CurrentLineNumber, problem)

    def _start(self, name: str, attributes: object) -> None:
        if not self.root:
            self.root = name
            if name.lower() == "html":
                raise DataError(self._path, None, "is an HTML page: expected RDF or OWL")
        self._depth += 1
        if self._depth > self._deepest:
            raise self._refused(f"nests elements more than {self._deepest} deep: not taken")

    def _end(self, name: str) -> None:
        self._depth -= 1

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Put the next bytes into a buffer, and return how many they are."""
        size = len(buffer)
        if self._ready:
            chunk, self._ready = self._ready[:size], self._ready[size:]
        else:
            chunk = self._stream.read(size)
            self._check(chunk)
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def _check(self, chunk: bytes, last: bool = False) -> None:
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as error:
            for _ in lines(self._path):  # names the line that is not UTF-8
                pass
            problem = expat.ErrorString(error.code)
            if last and problem in _CUT_OFF:
                problem = f"is cut off: the element {self.root} does not end" if self.root else "is cut off before its first element"
            else:
                problem = f"is no XML: {problem}"
            raise DataError(self._path, error.lineno, problem) from error

    def check_whole(self) -> None:
        """Refuse a file that was read to its end and does not close its first element.

        Raises:
            DataError: It is cut off.
        """
        self._check(b"", last=True)
