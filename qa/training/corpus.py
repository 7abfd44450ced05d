"""Text of a domain, as documents of clean sentences: what an encoder is pre-trained on.

Read are plain text, JSON lines, MedQuAD's pages, annotated abstracts in PubTator's form, and the graph itself, in the words in which a
reader is shown its triples.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tqdm import tqdm

from qa.context import build_context
from qa.errors import DatasetError
from qa.evaluation.pubtator import read_pubtator
from qa.note_sentences import sentences
from qa.training.wordings import ListedGraph, is_held_out, read_facts

JSON_LINES = ".jsonl"
_MEASURED_ON = "inheritance"  # `qa.training.combined_medquad` makes held-out tasks of these
_SUFFIXES = (".txt", JSON_LINES)
_MOST_TARGETS, _IN_A_SENTENCE = 24, 8  # of a group of triples: what is told, and what fits into a window with its heading
_BLANK = re.compile(r"\n[^\S\n]*\n\s*")
_ITEM = re.compile(r"\s{3,}(?=- )")  # MedQuAD's lists have lost their lines
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_LINE_END = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ud800-\udfff]")
_LETTER = re.compile(r"[^\W\d_]")

Sentences = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """Sentences that follow each other.

    Attributes:
        key: A number from 0 to 1 that follows from the text as it was read, whatever else is read beside it.
        sentences: At least one, each with a letter, without control characters or repeated white space.
    """

    key: float
    sentences: Sentences


@dataclass(frozen=True, slots=True)
class Split:
    """The documents to train on, those to measure on, and how many there are of what."""

    training: tuple[Document, ...]
    held_out: tuple[Document, ...]
    counts: dict[str, int]


def read_texts(path: Path) -> Iterator[Sentences]:
    """Yield the documents of a file, or of all the .txt and .jsonl files below a folder, by path.

    A name that ends in .jsonl is read as JSON lines, each an object with the document under "text"; every other file as plain text
    whose documents are separated by blank lines.

    Raises:
        DatasetError: A file is missing, empty or not of its form; the message names the line.
    """
    paths = sorted(p for p in path.rglob("*") if p.suffix in _SUFFIXES and p.is_file()) if path.is_dir() else [path]
    if not paths:
        raise DatasetError(f"{path}: holds no file *{' or *'.join(_SUFFIXES)}; expected text to train on")
    for file in paths:
        yield from _some(map(split, _json_lines(file) if file.suffix == JSON_LINES else _BLANK.split(_lines(_read(file)))), file)


def read_medquad(directory: Path) -> Iterator[Sentences]:
    """Yield the answers of MedQuAD's pages, by path, but for those on inheritance, on which readers are measured.

    An answer that is empty is passed over.

    Raises:
        DatasetError: There is no page with an answer, or one is no XML; the message names the line.
    """
    return _some((split(_ITEM.sub("\n", answer)) for path in sorted(directory.rglob("*.xml")) for answer in _answers(path)), directory)


def read_abstracts(path: Path) -> Iterator[Sentences]:
    """Yield titles and abstracts of a file in PubTator's form, in order; DatasetError as `read_pubtator` and where there is none."""
    return _some((split(document.text) for document in read_pubtator(path)), path)


def read_graph(graph: ListedGraph) -> Iterator[Sentences]:
    """Yield what a graph says of each entity: its description, then its triples as serving writes them, a sentence a group or part of one.

    Entities of which less than two sentences are said yield nothing: nothing follows there, and the triple stands at its other end,
    too. Nor do those that are held out of the training questions (`qa.training.wordings.is_held_out`), lest a reader be
    measured on what its encoder has read.
    """
    facts = read_facts(graph)
    for curie, groups in facts.groups.items():
        if is_held_out(curie):
            continue
        told = [facts.entities[curie].description]
        for group in groups.values():
            shown = group[:_MOST_TARGETS]
            told += [build_context(shown[n : n + _IN_A_SENTENCE]).text for n in range(0, len(shown), _IN_A_SENTENCE)]
        found = tuple(filter(_LETTER.search, map(_plain, told)))
        if len(found) > 1:
            yield found


def split(text: str) -> Sentences:
    """Return the sentences of a text that have a letter, clean.

    >>> split("Gout hurts.  See\\u00ad Dr. Smith!\\n\\n- 12 -\\n\\nA \\x00 rash")
    ('Gout hurts.', 'See Dr. Smith!', 'A rash')
    """
    text = _lines(text)
    found = (_plain(text[sentence.start : sentence.end]) for sentence in sentences(text, {}))
    return tuple(sentence for sentence in found if _LETTER.search(sentence))


def divide(texts: Iterable[Sentences], held_out: float) -> Split:
    """Drop every sentence that was read before, in whatever document, and divide the documents that are left.

    Whether a document is held out follows from its own text; no sentence is on both sides. There are two documents at least on either.

    Args:
        texts: Documents as sentences.
        held_out: Share of the documents to hold out, 0 to 1.

    Raises:
        DatasetError: There are fewer than four documents.
    """
    counts: Counter[str] = Counter()
    documents, seen = list[Document](), set[bytes]()
    for found in tqdm(texts, desc="text", unit="document"):
        fresh = [sentence for sentence in dict.fromkeys(found) if _mark(sentence) not in seen]
        seen.update(map(_mark, fresh))
        counts.update(sentences=len(fresh), repeated_sentences=len(found) - len(fresh))
        if fresh:
            key = hashlib.sha256("\n".join(found).encode()).digest()
            documents.append(Document(int.from_bytes(key[:6]) / 2**48, tuple(fresh)))
    if len(documents) < 4:
        raise DatasetError(f"{len(documents)} different documents to train on; expected at least 4, half of the pairs being of two")
    lowest = sorted(document.key for document in documents)
    limit = min(max(held_out, lowest[2]), lowest[-2])  # keys below it are held out: two at least, and all but two at most
    training, held = (tuple(d for d in documents if (d.key < limit) is wanted) for wanted in (False, True))
    return Split(training, held, dict(counts) | {"documents": len(training), "held_out_documents": len(held)})


def _mark(sentence: str) -> bytes:
    return hashlib.blake2b(sentence.encode(), digest_size=10).digest()


def _some(documents: Iterable[Sentences], path: Path) -> Iterator[Sentences]:
    """Yield the documents that have a sentence; DatasetError where none has."""
    found = False
    for document in filter(None, documents):
        found = True
        yield document
    if not found:
        raise DatasetError(f"{path}: holds no text; expected at least one sentence")


def _answers(path: Path) -> Iterator[str]:
    try:
        root = ElementTree.fromstring(_read(path))
    except ElementTree.ParseError as error:
        raise DatasetError(f"{path}, line {error.position[0]}: not XML ({error.msg}); expected a page of MedQuAD") from error
    for pair in root.iter("QAPair"):
        question = pair.find("Question")
        if question is None or question.get("qtype") != _MEASURED_ON:
            yield pair.findtext("Answer") or ""


def _json_lines(path: Path) -> Iterator[str]:
    for number, line in enumerate(_read(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            form = json.loads(line)
        except ValueError as error:
            raise DatasetError(f"{path}, line {number}: not readable as JSON ({error}); expected an object with the text") from error
        if not isinstance(form, dict) or not isinstance(form.get("text"), str):
            raise DatasetError(f"{path}, line {number}: {line[:40]!r}; expected an object with a document under 'text'")
        yield form["text"]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: not readable ({error}); expected text in UTF-8") from error


def _lines(text: str) -> str:
    return _INVISIBLE.sub("", _LINE_END.sub("\n", text))


def _plain(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())
