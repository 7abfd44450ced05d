"""Refuses XML that reaches outside itself, grows without end, or is cut off; the parsers behind it check none of this.

Harmless entities, as OWL files declare them (`<!ENTITY owl "http://www.w3.org/2002/07/owl#">`), are let through.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

from kg.errors import DataError

_START = 2**20
"""Bytes within which the first element must begin."""

_LONGEST = 512
"""Characters that an entity may stand for, at the most: a namespace's address has a hundred."""

_DEEPEST = 2_000
"""Elements within elements, at the most: the time that pyoxigraph takes grows with the square of it."""

_BETWEEN = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_DOCTYPE = re.compile(rb"<!DOCTYPE\s+([^\s\[>]+)\s*(?:([^\[>]*))")
_ENTITY = re.compile(rb"""<!ENTITY\s+([A-Za-z_][\w.-]*)\s+(?:"([^"]*)"|'([^']*)')\s*>""")
_ELEMENT = re.compile(rb"<([A-Za-z_][\w.:-]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_TAIL = 64 * 1024


class GuardedXml:
    """A stream of XML that is checked while it is read.

    Args:
        stream: The file.
        path: Its name, for messages.
        deepest: Elements within elements, at the most.

    Attributes:
        entities: What the file's own entities stand for.
        root: The name of the first element, as the file writes it.

    Raises:
        DataError: The file is no XML in UTF-8, is an HTML page, or its document type declaration holds anything but plain entities; while
            it is read: it declares more of them, or is nested too deep.
    """

    def __init__(self, stream: BinaryIO, path: Path, deepest: int = _DEEPEST) -> None:
        self._stream, self._path, self._deepest = stream, path, deepest
        self._start = start = stream.read(_START).removeprefix(b"\xef\xbb\xbf")
        if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise DataError(path, 1, "is UTF-16: expected a file saved as UTF-8")
        self.entities: dict[str, str] = {}
        here = self._declarations(start, _end(_BETWEEN, start, 0))
        element = _ELEMENT.match(start, here)
        if element is None:
            line = start.count(b"\n", 0, here) + 1
            raise DataError(path, line, f"is no XML: expected an element, found {start[here : here + 40].decode('utf-8', 'replace')!r}")
        self.root = element[1].decode()
        if self.root.lower() == "html":
            raise DataError(path, None, "is an HTML page: expected RDF or OWL")
        self._empty = element[2].endswith(b"/")
        self._rest, self._tail, self._cut, self._depth = start[:here], b"", b"", 0
        self._waiting = start[here:]

    def _declarations(self, start: bytes, here: int) -> int:
        """Read the document type declaration, if there is one, and return where the first element must begin."""
        doctype = _DOCTYPE.match(start, here)
        if doctype is None:
            return here
        if doctype[1].lower() == b"html":
            raise DataError(self._path, None, "is an HTML page: expected RDF or OWL")
        if doctype[2].strip():
            raise self._refused(start, here, "refers to a document type declaration outside of it, which is not followed")
        here = doctype.end()
        if start[here : here + 1] == b"[":
            here = _end(_BETWEEN, start, here + 1)
            while start[here : here + 1] != b"]":
                entity = _ENTITY.match(start, here)
                if entity is None:
                    found = start[here : here + 60].decode("utf-8", "replace")
                    raise self._refused(start, here, f"declares what is not taken from a file, only plain entities are: {found!r}")
                value = entity[2] if entity[2] is not None else entity[3]
                if b"&" in value or b"<" in value or len(value) > _LONGEST:
                    name = entity[1].decode()
                    raise self._refused(start, here, f"declares the entity {name!r} of other entities, of markup or too long: not taken")
                self.entities[entity[1].decode()] = value.decode("utf-8", "replace")
                here = _end(_BETWEEN, start, entity.end())
            here = _end(_BETWEEN, start, here + 1)
        if start[here : here + 1] != b">":
            raise self._refused(start, here, "has a document type declaration that does not end")
        return _end(_BETWEEN, start, here + 1)

    def _refused(self, start: bytes, here: int, problem: str) -> DataError:
        return DataError(self._path, start.count(b"\n", 0, here) + 1, problem)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        if self._rest:  # what stands before the first element has been checked
            chunk, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
            return chunk if size >= 0 else chunk + self.read()
        if self._waiting:
            chunk, self._waiting = (self._waiting, b"") if size < 0 else (self._waiting[:size], self._waiting[size:])
            chunk = chunk + self._stream.read() if size < 0 else chunk
        else:
            chunk = self._stream.read(size)
        self._check(chunk)
        return chunk

    def _check(self, chunk: bytes) -> None:
        joined = self._tail[-16:] + chunk
        if any(declaration in joined for declaration in _DECLARATIONS):
            raise DataError(self._path, None, "declares a document type or entities within its elements: not taken")
        counted = self._cut + chunk
        # A bracket and the slash beside it may come in two pieces.
        self._cut = counted[-1:] if counted[-1:] in (b"<", b"/") and chunk else b""
        counted = counted[: len(counted) - len(self._cut)]
        closed = counted.count(b"</")
        opened = counted.count(b"<") - closed - counted.count(b"<!") - counted.count(b"<?")
        self._depth = max(0, self._depth + opened - closed - counted.count(b"/>"))
        if self._depth > self._deepest:
            raise DataError(self._path, None, f"nests elements more than {self._deepest} deep: not taken")
        self._tail = (self._tail + chunk)[-_TAIL:] if len(chunk) < _TAIL else chunk[-_TAIL:]

    def check_whole(self) -> None:
        """Refuse a file that was read to its end and does not close its first element.

        Raises:
            DataError: It is cut off.
        """
        closed = re.search(rb"</" + re.escape(self.root.encode()) + rb"\s*>(?:\s+|<\?.*?\?>|<!--.*?-->)*\Z", self._tail, re.DOTALL)
        if closed is None and not self._empty:
            raise DataError(self._path, None, f"is cut off: the element {self.root} does not end")


def _end(pattern: re.Pattern[bytes], text: bytes, here: int) -> int:
    found = pattern.match(text, here)
    return found.end() if found else here
