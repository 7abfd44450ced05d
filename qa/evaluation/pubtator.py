"""Annotated abstracts in PubTator's form, as BC5CDR and the NCBI disease corpus are published in.

A document is a block of lines that an empty line ends:

    227508|t|Naloxone reverses the antihypertensive effect of clonidine.
    227508|a|In unanesthetized, spontaneously hypertensive rats ...
    227508	0	8	Naloxone	Chemical	D009270
    227508	CID	D008750	D007022

Offsets count through the title, one character between, and the abstract. Lines that state a relation (the last) are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from qa.errors import DatasetError

DISEASE, CHEMICAL = "disease", "chemical"
_KINDS = {
    "Disease": DISEASE,
    "Chemical": CHEMICAL,
    "SpecificDisease": DISEASE,
    "DiseaseClass": DISEASE,
    "Modifier": DISEASE,
    "CompositeMention": DISEASE,
}
_TITLE = re.compile(r"(?P<id>[^|\t]+)\|t\|(?P<text>.*)")
_ABSTRACT = re.compile(r"(?P<id>[^|\t]+)\|a\|(?P<text>.*)")
_UNKNOWN = "-1"
_JOINED = re.compile(r"[|+]")


@dataclass(frozen=True, slots=True)
class Annotation:
    """A mention that people have marked.

    Attributes:
        start: First character in the document's text, from 0.
        end: One past the last character.
        text: The text itself.
        kind: `DISEASE` or `CHEMICAL`.
        identifiers: What it means, as CURIEs ("MESH:D006973", "OMIM:175100"): several for a composite mention ("breast and ovarian
            cancer") or for a meaning that takes two terms, none where the corpus knows of no identifier.
    """

    start: int
    end: int
    text: str
    kind: str
    identifiers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """An abstract with its title before it, and its mentions in the order of their offsets, the longer first."""

    id: str
    text: str
    annotations: tuple[Annotation, ...]


def read_pubtator(path: Path) -> list[Document]:
    """Read the documents of a file, in order; one that the file holds twice is read once.

    Raises:
        DatasetError: The file cannot be read, or a line is not of its form; the message names the line and what was expected.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: not readable ({error}); expected documents in PubTator's form") from error
    # Not splitlines(): a line separator of Unicode within an abstract ends no line of the file.
    lines = [(f"{path}, line {n}", line.removesuffix("\r")) for n, line in enumerate(text.split("\n"), 1)]
    found: dict[str, Document] = {}
    for filled, block in groupby(lines, lambda item: bool(item[1].strip())):
        if filled:
            document = _document(list(block))
            found.setdefault(document.id, document)
    return list(found.values())


def _document(lines: Sequence[tuple[str, str]]) -> Document:
    place, first = lines[0]
    title = _TITLE.fullmatch(first)
    if title is None:
        raise DatasetError(f"{place}: {first[:40]!r}; expected 'ID|t|TITLE', which begins a document")
    abstract = _ABSTRACT.fullmatch(lines[1][1]) if len(lines) > 1 else None
    if abstract is None or abstract["id"] != title["id"]:
        raise DatasetError(f"{place}: the next line is not '{title['id']}|a|ABSTRACT'; expected the abstract of this title")
    text = f"{title['text']} {abstract['text']}"
    found = sorted(_annotations(lines[2:], title["id"], text), key=lambda a: (a.start, -a.end))
    return Document(title["id"], text, tuple(found))


def _annotations(lines: Sequence[tuple[str, str]], document: str, text: str) -> Iterator[Annotation]:
    for place, line in lines:
        columns = line.split("\t")
        if columns[0] != document:
            raise DatasetError(f"{place}: {columns[0][:20]!r} in the first column; expected {document}, the document above it")
        if len(columns) >= 5 and columns[1].isdecimal():
            yield _annotation(columns, place, text)
        elif len(columns) != 4 or not columns[1].isalpha():
            raise DatasetError(f"{place}: {line[:60]!r}; expected id, start, end, text, kind and identifier, or a relation")


def _annotation(columns: Sequence[str], place: str, text: str) -> Annotation:
    start, end, kind = columns[1], columns[2], _KINDS.get(columns[4])
    if kind is None:
        raise DatasetError(f"{place}: a mention of kind {columns[4]!r}; expected one of {', '.join(_KINDS)}")
    identifiers = columns[5] if len(columns) > 5 else _UNKNOWN
    here = text[int(start) : int(end)] if end.isdecimal() else ""
    # One mention of NCBI's is written with white space behind it that its offsets leave out.
    if not here or here != columns[3].strip():
        raise DatasetError(f"{place}: characters {start} to {end} of the document are not {columns[3]!r}; expected offsets that fit")
    return Annotation(int(start), int(end), here, kind, tuple(_identifiers(identifiers)))


def _identifiers(column: str) -> Iterator[str]:
    for part in dict.fromkeys(part.strip() for part in _JOINED.split(column)):
        if part and part != _UNKNOWN:
            yield part if ":" in part else f"MESH:{part}"
