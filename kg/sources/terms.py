"""Terms of ontologies: what each format's reader fills in, and the records that come of it, the same for all formats."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import repeat

from kg.errors import CurieError
from kg.model import Curie, Entity, Fact
from kg.names import key
from kg.sources.categories import ROOTED, category_of
from kg.sources.ontology_ids import of_cross_reference, of_text
from kg.sources.records import Mapping, Options, Record, Replacement, Skipped
from kg.sources.relations_ontology import relation

XREF = Curie("oboInOwl:hasDbXref")
EXACT_MATCH = Curie("skos:exactMatch")
EXACT_SOURCE = "MONDO:equivalentTo"
"""The source that Mondo gives of a cross-reference that is the same thing."""

NO_IDENTIFIER = "identifier that is no CURIE"
NO_XREF = "cross-reference that is no identifier"
INEXACT = "synonym that is not exact"
_FOREIGN = "name in another language than English"
_NAMELESS = "term without a name"
_EMPTY = "name without letters or digits"
_DOUBTFUL_SYNONYM = "synonym that its source calls doubtful"
_PERSON = "person, who is no entity of the graph"
_SEVERAL = "obsolete term with several replacements"

# Kinds of synonyms, by the last part of what names the kind: OMO's numbers, and the words that HPO and Mondo had before.
_LAY = frozenset({"layperson", "OMO_0003003", "OMO:0003003"})
_DOUBTFUL = frozenset({"DUBIOUS", "EXCLUDE", "DEPRECATED", "MISNOMER", "AMBIGUOUS"})
_LETTER = re.compile(r"[A-Za-z0-9]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Tally:
    """What was not taken: counted, with the first of each kind."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[Skipped, list[int]]] = {}

    def add(self, reason: str, line: int | None = None, detail: str = "", count: int = 1) -> None:
        """Count something."""
        if reason not in self._found:
            self._found[reason] = (Skipped(reason, line, detail[:200]), [0])
        self._found[reason][1][0] += count

    def records(self) -> Iterator[Skipped]:
        """Yield a record for each thing counted; those of one kind are all like the first."""
        for skipped, (count,) in self._found.values():
            yield from repeat(skipped, count)


@dataclass(slots=True)
class Term:
    """What a file says of one term, as far as it has been read; texts come with their language, or an empty one.

    Attributes:
        curie: Its identifier.
        line: Where it stands.
        labels: Names of equal standing; the best by language is the name.
        titles: Names of lower standing, used where there is no label.
        synonyms: Exact synonyms.
        kinds: The kinds of synonyms, by their text.
        definitions: What it is.
        xrefs: Cross-references that do not say how exact they are, as text.
        exact: Cross-references to the same thing, as text.
        parents: The terms directly above it, for ontologies with branches of different kinds.
        replaced_by: What to use instead of it, as text.
        alternatives: Other identifiers of it, as text.
        obsolete: True where it was withdrawn.
        declared: True where the file says that it is a term, even if it has no name.
        namespace: Its OBO namespace.
        category: What the file says it is.
    """

    curie: Curie
    line: int | None = None
    labels: list[tuple[str, str]] = field(default_factory=list)
    titles: list[tuple[str, str]] = field(default_factory=list)
    synonyms: list[tuple[str, str]] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    definitions: list[tuple[str, str]] = field(default_factory=list)
    xrefs: list[str] = field(default_factory=list)
    exact: list[str] = field(default_factory=list)
    parents: list[Curie] = field(default_factory=list)
    replaced_by: list[str] = field(default_factory=list)
    alternatives: list[str] = field(default_factory=list)
    obsolete: bool = False
    declared: bool = False
    namespace: str = ""
    category: Curie | None = None

    def mark(self, text: str, kind: str) -> None:
        """Note the kind of a synonym, given as its identifier, its IRI or a word."""
        self.kinds[text] = re.split(r"[#/]", kind)[-1]


class TermRecords:
    """Turns terms into records; those of ontologies with branches of different kinds are held back until all are known.

    Args:
        options: How the file is read.
        tally: Where what is not taken is counted.
    """

    def __init__(self, options: Options, tally: Tally) -> None:
        self.options, self.tally = options, tally
        self.entities: set[Curie] = set()
        self._held: list[Term] = []
        self._parents: dict[Curie, list[Curie]] = {}
        self._common: set[Curie] = set()
        self._replacements: dict[tuple[Curie, Curie | None], str] = {}
        self._categories: dict[Curie, Curie] = {}

    def add(self, term: Term) -> Iterator[Record]:
        """Yield the records of a term: its entity, unless it must wait, and its mappings."""
        if "://orcid.org/" in term.curie:
            self.tally.add(_PERSON, term.line, term.curie)
            return
        for text in term.alternatives:
            if (old := self._identifier(text, term, of_text, NO_IDENTIFIER)) is not None:
                self._replacements.setdefault((old, term.curie), "")
        name = _best(term.labels) or _best(term.titles)
        if term.obsolete:
            self._withdraw(term, name[0] if name else "")
            return
        if term.curie.prefix in ROOTED:
            self._parents[term.curie] = term.parents
        for text in term.xrefs:
            if (xref := self._identifier(text, term, of_cross_reference, NO_XREF)) is not None:
                yield Mapping(term.curie, XREF, xref)
        if name is None or not named(name[0]):
            if term.declared or name is not None:
                self.tally.add(_EMPTY if name else _NAMELESS, term.line, term.curie)
            yield from (Mapping(term.curie, EXACT_MATCH, xref) for xref in self._exact(term))
            return
        self.entities.add(term.curie)
        if term.category is not None:
            self._categories[term.curie] = term.category
        if term.category is None and self.options.category is None and term.curie.prefix in ROOTED:
            self._held.append(term)
        else:
            yield self._entity(term, name)

    def rest(self) -> Iterator[Record]:
        """Yield what could only be told at the end."""
        for term in self._held:
            yield self._entity(term, _best(term.labels) or term.titles[0])
        for (old, new), name in self._replacements.items():
            yield Replacement(old, new, name)

    def fact(self, subject: Curie, identifier: Curie, obj: Curie, said: dict[str, str] | None = None, negated: bool = False) -> Fact:
        """Return a statement as a fact; its relation as `relation_id` gives it, with the qualifiers that the file says."""
        known, qualifiers = relation(identifier, lambda: self._category(subject))
        if known.inverted:
            subject, obj = obj, subject
        if said:
            qualifiers = {**qualifiers, **said} if qualifiers else said
        return Fact(subject, known.predicate, obj, self.options.source, qualifiers, negated)

    def _category(self, curie: Curie, namespace: str = "") -> Curie:
        told = self._categories.get(curie) or self.options.category
        return told or category_of(curie, namespace, lambda term: self._parents.get(term, ()), self._common)

    def _entity(self, term: Term, name: tuple[str, str]) -> Entity:
        category = self._category(term.curie, term.namespace)
        definition = _best(term.definitions)
        xrefs = tuple(xref for xref in self._exact(term) if xref != term.curie)
        return Entity(term.curie, category, name[0], self._synonyms(term, name), definition[0] if definition else "", xrefs)

    def _synonyms(self, term: Term, name: tuple[str, str]) -> tuple[str, ...]:
        """Return the other names, each once: those for lay people first, then in the order of the file."""
        chosen: dict[str, tuple[bool, str]] = {}
        for text, language in (*term.labels, *term.titles, *term.synonyms):
            if _rank(language) == _OTHER and language != name[1]:
                self.tally.add(_FOREIGN, term.line, f"{term.curie} {text!r} ({language})")
            elif not named(text):
                self.tally.add(_EMPTY, term.line, f"{term.curie} {text!r}")
            elif term.kinds.get(text, "").upper() in _DOUBTFUL:
                self.tally.add(_DOUBTFUL_SYNONYM, term.line, f"{term.curie} {text!r}")
            elif text.casefold() != name[0].casefold():
                chosen.setdefault(text.casefold(), (term.kinds.get(text) not in _LAY, text))
        return tuple(text for _, text in sorted(chosen.values(), key=lambda pair: pair[0]))

    def _exact(self, term: Term) -> Iterator[Curie]:
        for text in dict.fromkeys(term.exact):
            if (xref := self._identifier(text, term, of_text, NO_XREF)) is not None:
                yield xref

    def _withdraw(self, term: Term, name: str) -> None:
        found = [self._identifier(text, term, of_text, NO_IDENTIFIER) for text in dict.fromkeys(term.replaced_by)]
        new = [curie for curie in found if curie is not None]
        if len(new) > 1:
            self.tally.add(_SEVERAL, term.line, f"{term.curie}: {', '.join(new)}")
        pair = (term.curie, new[0] if len(new) == 1 else None)
        self._replacements[pair] = self._replacements.get(pair) or name

    def _identifier(self, text: str, term: Term, parse: Callable[[str], Curie], reason: str) -> Curie | None:
        try:
            return parse(text)
        except CurieError:
            self.tally.add(reason, term.line, f"{term.curie} {text!r}")
            return None


def named(text: str) -> bool:
    """Say whether a text can be a name: whether anything is left of it when names are compared."""
    return _LETTER.search(text) is not None or bool(key(text))


def collapsed(text: str) -> str:
    """Return a text in which every run of white space is one blank."""
    return " ".join(text.split())


def version(info: str, where: str) -> str:
    """Return an ontology's version: what it states, else the date in the address of this version, else that address.

    >>> version("", "http://purl.obolibrary.org/obo/symp/releases/2026-07-30/symp.owl")
    '2026-07-30'
    """
    dated = _DATE.search(where)
    return info or (dated[0] if dated else where)


_OTHER = 3


@cache
def _rank(language: str) -> int:
    language = language.lower()
    return 2 if not language else 0 if language == "en" else 1 if language.startswith("en-") else _OTHER


def _best(texts: list[tuple[str, str]]) -> tuple[str, str] | None:
    """Return the text of the best language: English, a kind of it, none, any other; the first of those that are equal."""
    if len(texts) == 1:
        return texts[0]
    return min(texts, key=lambda pair: _rank(pair[1]), default=None)
