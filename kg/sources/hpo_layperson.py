"""Reads the layperson synonyms of the Human Phenotype Ontology: `layperson-synonyms.tsv`, the result of a SPARQL query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from kg.errors import CurieError, DataError
from kg.identifiers import curie
from kg.model import Curie, Entity
from kg.sources.delimited import table
from kg.sources.folders import find, need
from kg.sources.records import About, Options, Record, Skipped
from kg.vocabulary import PHENOTYPE

COLUMNS = ("?term", "?term_label", "?layperson")
ABOUT = About("Human Phenotype Ontology, layperson synonyms", "", "HPO licence, https://human-phenotype-ontology.github.io/license.html")
_IRI = re.compile(r"<([^<>]+)>")
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z-]+))?')
_ESCAPE = re.compile(r"\\(.)")


def read(path: Path, options: Options) -> Iterator[Record]:
    """Yield each term with its label as name and its layperson synonyms, in the order of first mention.

    Args:
        path: `layperson-synonyms.tsv`, or its directory; translations that lie beside it (`*.babelon.tsv`) are skipped, since the graph is
            in English.
        options: How it is to be read.

    Raises:
        DataError: The file cannot be read, its header lacks a column, or a cell is no IRI or no literal as SPARQL's TSV writes it.
    """
    found = need(path, "layperson-synonyms.tsv", "HPO's layperson synonyms") if path.is_dir() else path
    yield ABOUT
    terms: dict[Curie, tuple[str, dict[str, None]]] = {}
    for line, (term, label, synonym) in table(found, COLUMNS):
        iri = _IRI.fullmatch(term)
        if iri is None:
            raise DataError(found, line, f"{term!r} is no IRI in angle brackets")
        try:
            identifier = curie(iri[1])
        except CurieError as error:
            raise DataError(found, line, str(error)) from error
        name, (other, language) = _literal(label, found, line)[0], _literal(synonym, found, line)
        if not language.casefold().startswith("en"):
            yield Skipped(f"a synonym in the language {language}: the graph is in English", line, other)
        else:
            terms.setdefault(identifier, (name, {}))[1][other] = None
    for identifier, (name, others) in terms.items():
        yield Entity(identifier, options.category or PHENOTYPE, name, tuple(o for o in others if o.casefold() != name.casefold()))
    if path.is_dir() and (translations := find(path, "*.babelon.tsv")) is not None:
        yield from _translations(translations)


def _literal(text: str, path: Path, line: int) -> tuple[str, str]:
    """Return a literal's text and language, English where it names none."""
    found = _LITERAL.fullmatch(text)
    if found is None or not found[1].strip():
        raise DataError(path, line, f"{text!r} is no text in quotation marks")
    return _ESCAPE.sub(r"\1", found[1]).strip(), found[2] or "en"


def _translations(path: Path) -> Iterator[Skipped]:
    for line, (term, language) in table(path, ("subject_id", "translation_language")):
        yield Skipped(f"a translation into the language {language}: the graph is in English", line, term)
