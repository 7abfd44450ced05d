"""What the graph is made of: identifiers, entities and facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from kg.errors import CurieError

# The local part holds nothing that an IRI may not hold.
_CURIE = re.compile(
    r"""[A-Za-z_][A-Za-z0-9_.-]*:(?![:/])(?:[^\s\x00-\x20\x7f-\x9f<>"{}|\\^`%\[\]\ud800-\uf8ff\ufff0-\uffff]|%[0-9A-Fa-f]{2})+"""
)
NO_QUALIFIERS: Mapping[str, str] = MappingProxyType({})


class Curie(str):
    """A compact identifier, `prefix:local`; a string that has been checked once, at the border.

    Raises:
        CurieError: The text is not of the form `prefix:local`.

    >>> gout = Curie("MONDO:0005393")
    >>> gout.prefix, gout.local
    ('MONDO', '0005393')
    >>> Curie("gout")
    Traceback (most recent call last):
        ...
    kg.errors.CurieError: 'gout' is not a CURIE: expected prefix:local, such as MONDO:0005393
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Curie:
        """Check the text and take it."""
        if isinstance(text, Curie):
            return text
        if not _CURIE.fullmatch(text):
            raise CurieError(f"{text[:80]!r} is not a CURIE: expected prefix:local, such as MONDO:0005393")
        return super().__new__(cls, text)

    @property
    def prefix(self) -> str:
        """The part before the colon."""
        return self.partition(":")[0]

    @property
    def local(self) -> str:
        """The part after the colon."""
        return self.partition(":")[2]


class Direction(StrEnum):
    """The end of a fact at which an entity stands: OUT, it is the subject; IN, it is the object."""

    OUT = "out"
    IN = "in"

    @property
    def other(self) -> Direction:
        """The opposite direction."""
        return Direction.IN if self is Direction.OUT else Direction.OUT


@dataclass(frozen=True, slots=True)
class Entity:
    """A node of the graph.

    Attributes:
        curie: Its public identifier.
        category: A Biolink class or a documented `medkg:` one.
        name: The name that a patient reads in an answer.
        synonyms: Other names: medical, lay, brands, abbreviations.
        description: One sentence, or empty.
        xrefs: The same thing in other vocabularies.
    """

    curie: Curie
    category: Curie
    name: str
    synonyms: tuple[str, ...] = ()
    description: str = ""
    xrefs: tuple[Curie, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the entity as plain JSON types."""
        return {
            "curie": self.curie,
            "category": self.category,
            "name": self.name,
            "synonyms": list(self.synonyms),
            "description": self.description,
            "xrefs": list(self.xrefs),
        }


@dataclass(frozen=True, slots=True)
class Fact:
    """A directed edge, subject to object, with where it comes from.

    Attributes:
        subject: Where the edge starts (`ibuprofen` in "ibuprofen treats fever").
        predicate: A Biolink predicate or a documented `medkg:` one.
        object: Where the edge ends.
        source: Name of the source, which is the named graph that holds the fact.
        qualifiers: What narrows it (frequency, severity, line of treatment, effect), how it is known
            (`evidence`) and what supports it (`supported_by`, separated by spaces).
        negated: True for a statement reviewed as false ("antibiotics do not treat flu").
    """

    subject: Curie
    predicate: Curie
    object: Curie
    source: str
    qualifiers: Mapping[str, str] = field(default_factory=lambda: NO_QUALIFIERS, hash=False)  # a mapping has no hash
    negated: bool = False

    @property
    def key(self) -> tuple[str, str, str, bool]:
        """What makes two facts the same statement, whoever says it."""
        return (self.subject, self.predicate, self.object, self.negated)

    def end(self, direction: Direction) -> Curie:
        """Return the far end for an entity that stands at the `direction` end of this fact.

        >>> fact = Fact(Curie("CHEBI:5855"), Curie("biolink:treats"), Curie("HP:0001945"), "example")
        >>> fact.end(Direction.OUT)
        'HP:0001945'
        """
        return self.object if direction is Direction.OUT else self.subject


@dataclass(frozen=True, slots=True)
class Source:
    """Where facts come from: what the manifest says of it.

    Attributes:
        name: What it is called here, which is part of the IRI of its named graph.
        title: What it is called by those who publish it.
        version: Its release or date.
        licence: The terms under which it may be used.
        sha256: Over its data.
        facts: How many facts it states.
        curated: True for what was written for this graph; False for what was imported.
    """

    name: str
    title: str
    version: str
    licence: str
    sha256: str = ""
    facts: int = 0
    curated: bool = False


class AliasKind(StrEnum):
    """Why an identifier stands for another: SAME, both are one entity; REPLACED, it was withdrawn or merged into the other."""

    SAME = "same"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Alias:
    """What an identifier that is no entity's own stands for; `curie` is None where it was withdrawn and nothing replaces it."""

    curie: Curie | None
    kind: AliasKind
