"""Facts that RDF states as nodes, `biolink:Association`, with their qualifiers and denials: as this project exports them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.identifiers import PREFIXES
from kg.model import Curie, Fact
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

    ends: list[Curie | None] = field(default_factory=lambda: [None, None, None])
    negated: bool = False
    qualifiers: dict[str, str] | None = None


class Associations:
    """Gathers associations, in whatever order their triples come.

    Most triples of a graph that this project exported are about associations, so what is done with one of them is one call.

    Args:
        tally: Where what is not taken is counted.
        curie: Gives the identifier of an IRI.

    Attributes:
        told: Subject, predicate and object of every association that is not a denial, once `facts` has told them: their
            plain triples say no more.
    """

    def __init__(self, tally: Tally, curie: Callable[[str], Curie | None]) -> None:
        self._tally = tally
        self._curie = curie
        self._found: defaultdict[str, _Association] = defaultdict(_Association)
        self.told: set[tuple[Curie, Curie, Curie]] = set()

    def handlers(self) -> Mapping[str, Handler]:
        """Return what is done with a triple of each property of an association."""
        table: dict[str, Handler] = {
            f"{_BIOLINK}negated": self._negated,
            f"{_BIOLINK}primary_knowledge_source": _nothing,
            f"{_MEDKG}curated_name": _nothing,
        }
        for place, part in enumerate(("subject", "predicate", "object")):
            table[_BIOLINK + part] = self._end(place)
        for name in QUALIFIERS:
            table[_MEDKG + name] = self._qualifier(name)
        return table

    def _end(self, place: int) -> Handler:
        found, curie = self._found, self._curie

        def take(node: NamedNode | BlankNode, value: NamedNode | BlankNode | Literal | Triple) -> None:
            if type(value) is NamedNode:
                found[node.value].ends[place] = curie(value.value)

        return take

    def _negated(self, node: NamedNode | BlankNode, value: NamedNode | BlankNode | Literal | Triple) -> None:
        self._found[node.value].negated = isinstance(value, Literal) and value.value in _TRUE

    def _qualifier(self, name: str) -> Handler:
        found, allowed = self._found, QUALIFIERS[name]

        def take(node: NamedNode | BlankNode, value: NamedNode | BlankNode | Literal | Triple) -> None:
            if type(value) is not Literal:
                return
            text = value.value
            if allowed is not None and text not in allowed:
                self._tally.add(_QUALIFIER, detail=f"{name} {text!r}")
                return
            association = found[node.value]
            if association.qualifiers is None:
                association.qualifiers = {name: text}
            else:
                association.qualifiers[name] = text

        return take

    def facts(self, records: TermRecords) -> Iterator[Fact]:
        """Yield the associations as facts; afterwards `told` holds what they state.

        Args:
            records: Makes facts of statements.
        """
        alike: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
        for association in self._found.values():
            subject, predicate, obj = association.ends
            if subject is None or predicate is None or obj is None:
                self._tally.add(_PARTIAL)
                continue
            qualifiers = association.qualifiers
            # Few are different: facts of the same share them.
            said = alike.setdefault(tuple(qualifiers.items()), qualifiers) if qualifiers else None
            yield records.fact(subject, predicate, obj, said, association.negated)
            if not association.negated:
                self.told.add((subject, predicate, obj))


def _nothing(node: NamedNode | BlankNode, value: NamedNode | BlankNode | Literal | Triple) -> None:
    """Take nothing of what the fact itself says, or of what is no fact."""
