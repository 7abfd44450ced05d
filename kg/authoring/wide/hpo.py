"""Makes the layer of symptoms, signs and ways of inheritance out of the Human Phenotype Ontology in OBO form."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.authoring.identity import obo_terms
from kg.authoring.wide.exactness import exact_references
from kg.authoring.wide.indra import usable
from kg.authoring.wide.layer import Layer
from kg.errors import CurieError, DataError
from kg.identifiers import normal
from kg.model import Curie, Entity, Fact
from kg.sources.records import Mapping as Match
from kg.sources.records import Replacement
from kg.sources.tsv import read_text
from kg.vocabulary import INHERITANCE, PHENOTYPE, SUBCLASS_OF

NAME = "hpo"
BRANCHES: Mapping[Curie, Curie] = {Curie("HP:0000118"): PHENOTYPE, Curie("HP:0000005"): INHERITANCE}
"""The branches that are taken, and what is in them."""

_REFERENCES = frozenset({"UMLS", "SNOMEDCT", "MESH"})
_RELATED = Curie("skos:relatedMatch")
_SYNONYM = re.compile(r'"((?:[^"\\]|\\.)*)" ([A-Z]+) ?([\w:]*) ?\[')
_NO_NAME = frozenset({"obsolete_synonym", "HP:0034334"})


@dataclass(frozen=True, slots=True)
class PhenotypeTerm:
    """A term of HPO.

    Attributes:
        curie: Its identifier.
        name: What it is called.
        layperson: Its exact synonyms in the words of laypeople.
        synonyms: Its other exact synonyms.
        parents: What it is a kind of.
        xrefs: Its cross-references, however exact.
        alternatives: Identifiers that were merged into it.
        obsolete: True where it was withdrawn.
        replaced_by: What to use instead, or None.
    """

    curie: Curie
    name: str
    layperson: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    parents: tuple[Curie, ...] = ()
    xrefs: tuple[Curie, ...] = ()
    alternatives: tuple[Curie, ...] = ()
    obsolete: bool = False
    replaced_by: Curie | None = None


def read_hpo(path: Path) -> dict[Curie, PhenotypeTerm]:
    """Read the terms of `hp.obo`.

    Raises:
        DataError: The file cannot be read, or a term is not made as OBO makes it.
    """
    try:
        return {(term := _term(found)).curie: term for found in obo_terms(read_text(path))}
    except (CurieError, KeyError, ValueError) as error:
        raise DataError(path, None, f"is no OBO file of HPO: {error}") from error


def _term(found: Mapping[str, Sequence[str]]) -> PhenotypeTerm:
    layperson: list[str] = []
    others: list[str] = []
    for text in found.get("synonym", ()):
        match = _SYNONYM.match(text)
        if match is None:
            raise ValueError(f"the synonym {text!r} is not understood")
        if match[2] == "EXACT" and match[3] not in _NO_NAME:
            (layperson if match[3] == "layperson" else others).append(re.sub(r"\\(.)", r"\1", match[1]))
    if not found["name"][0]:
        raise ValueError(f"{found['id'][0]} has no name")
    replaced_by = found.get("replaced_by", ())
    return PhenotypeTerm(
        Curie(found["id"][0]),
        found["name"][0],
        tuple(layperson),
        tuple(others),
        _curies(found.get("is_a", ())),
        _curies(found.get("xref", ())),
        _curies(found.get("alt_id", ())),
        found.get("is_obsolete") == ["true"],
        normal(replaced_by[0].split()[0]) if replaced_by else None,
    )


def _curies(values: Sequence[str]) -> tuple[Curie, ...]:
    return tuple(normal(value.split()[0]) for value in values)


def phenotypes(terms: Mapping[Curie, PhenotypeTerm]) -> Layer:
    """Return the terms of the branches that are taken, the lay synonyms first, and what they are kinds of."""
    categories = _categories(terms)
    kept = {curie: terms[curie] for curie in sorted(categories)}
    references = {c: [x for x in dict.fromkeys(term.xrefs) if x.prefix in _REFERENCES] for c, term in kept.items()}
    exact = exact_references(references, {}, {})
    synonyms = _synonyms(kept)
    entities = [Entity(c, categories[c], term.name, synonyms[c], xrefs=tuple(sorted(exact[c]))) for c, term in kept.items()]
    facts = [Fact(c, SUBCLASS_OF, parent, NAME) for c, term in kept.items() for parent in term.parents if parent in kept]
    matches = [Match(c, _RELATED, xref) for c, xrefs in references.items() for xref in xrefs if xref not in exact[c]]
    return Layer(entities, facts, list(_replacements(terms, kept)), matches)


def _categories(terms: Mapping[Curie, PhenotypeTerm]) -> dict[Curie, Curie]:
    kinds: dict[Curie, list[Curie]] = defaultdict(list)
    for term in terms.values():
        for parent in term.parents:
            kinds[parent].append(term.curie)
    found: dict[Curie, Curie] = {}
    for root, category in BRANCHES.items():
        waiting = [root]
        while waiting:
            curie = waiting.pop()
            if curie in terms and curie not in found and not terms[curie].obsolete:
                found[curie] = category
                waiting += kinds[curie]
    return found


def _synonyms(kept: Mapping[Curie, PhenotypeTerm]) -> dict[Curie, tuple[str, ...]]:
    names = {term.name.casefold() for term in kept.values()}
    listed = {c: list(usable(term.name, (*term.layperson, *term.synonyms))) for c, term in kept.items()}
    uses = Counter(synonym.casefold() for synonyms in listed.values() for synonym in synonyms)
    return {c: tuple(s for s in synonyms if s.casefold() not in names and uses[s.casefold()] == 1) for c, synonyms in listed.items()}


def _replacements(terms: Mapping[Curie, PhenotypeTerm], kept: Collection[Curie]) -> Iterator[Replacement]:
    for term in terms.values():
        for old in term.alternatives:
            if term.curie in kept and old not in terms:
                yield Replacement(old, term.curie)
        if term.obsolete and (term.replaced_by is None or term.replaced_by in kept):
            yield Replacement(term.curie, term.replaced_by, term.name.removeprefix("obsolete ").strip())
