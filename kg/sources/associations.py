"""Facts that RDF states as nodes, `biolink:Association`, with their qualifiers and denials: as this project exports them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.identifiers import PREFIXES
from kg.model import NO_QUALIFIERS, Curie, Fact
from kg.sources.column_mapping import QUALIFIERS
from kg.sources.terms import Tally, TermRecords

Handler = Callable[[NamedNode | BlankNode, NamedNode | BlankNode | Literal | Triple], None]

_BIOLINK, _MEDKG = PREFIXES["biolink"], PREFIXES["medkg"]
_TRUE = frozenset({"true", "1"})
_PARTIAL = "association without a subject, predicate or object that has an identifier"
_QUALIFIER = "qualifier whose value is not known"


@dataclass(slots=True)
class _Association:
    """What has been said of one association."""

    ends: list[str | None] = field(default_factory=lambda: [None, None, None])
    negated: bool = False
    qualifiers: dict[str, str] | None = None


class Associations:
    """Gathers associations, in whatever order their triples come.

    Attributes:
        told: Subject, predicate and object of every association that is not a denial, once `facts` has told them: their
            plain triples say no more.
    """

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._found: dict[str, _Association] = {}
        self.told: set[tuple[Curie, Curie, Curie]] = set()

    def handlers(self) -> Mapping[str, Handler]:
        """Return what is done with a triple of each property of an association."""
        table: dict[str, Handler] = {
            f"{_BIOLINK}negated": self._negated,
            f"{_BIOLINK}primary_knowledge_source": lambda s, o: None,
            f"{_MEDKG}curated_name": lambda s, o: None,
        }
        for place, part in enumerate(("subject", "predicate", "object")):
            table[_BIOLINK + part] = lambda s, o, place=place: self._end(s, place, o)  # type: ignore[misc]
        for name in QUALIFIERS:
            table[_MEDKG + name] = lambda s, o, name=name: self._qualifier(s, name, o)  # type: ignore[misc]
        return table

    def _of(self, node: NamedNode | BlankNode) -> _Association:
        found = self._found.get(node.value)
        if found is None:
            found = self._found[node.value] = _Association()
        return found

    def _end(self, node: NamedNode | BlankNode, place: int, value: object) -> None:
        if isinstance(value, NamedNode):
            self._of(node).ends[place] = value.value

    def _negated(self, node: NamedNode | BlankNode, value: object) -> None:
        self._of(node).negated = isinstance(value, Literal) and value.value in _TRUE

    def _qualifier(self, node: NamedNode | BlankNode, name: str, value: object) -> None:
        if not isinstance(value, Literal):
            return
        allowed = QUALIFIERS[name]
        if allowed is not None and value.value not in allowed:
            self._tally.add(_QUALIFIER, detail=f"{name} {value.value!r}")
            return
        association = self._of(node)
        association.qualifiers = {**(association.qualifiers or {}), name: value.value}

    def facts(self, curie: Callable[[str], Curie | None], records: TermRecords) -> Iterator[Fact]:
        """Yield the associations as facts; afterwards `told` holds what they state.

        Args:
            curie: Gives the identifier of an IRI.
            records: Makes facts of statements.
        """
        for association in self._found.values():
            subject, predicate, obj = (curie(iri) if iri is not None else None for iri in association.ends)
            if subject is None or predicate is None or obj is None:
                self._tally.add(_PARTIAL)
                continue
            fact = records.fact(subject, predicate, obj)
            qualifiers = {**fact.qualifiers, **(association.qualifiers or {})} or NO_QUALIFIERS
            yield Fact(fact.subject, fact.predicate, fact.object, fact.source, qualifiers, association.negated)
            if not association.negated:
                self.told.add((subject, predicate, obj))
