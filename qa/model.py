"""What passes from one step of an answer to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kg.model import Curie, Direction, Entity, Fact
from kg.vocabulary import CONTRAINDICATED_IN, DRUG, DRUG_CLASS, INTERACTS_WITH


class Assertion(StrEnum):
    """What a text says of a mention."""

    PRESENT = "present"
    NEGATED = "negated"
    HYPOTHETICAL = "hypothetical"
    HISTORICAL = "historical"
    FAMILY = "family"


class Form(StrEnum):
    """The form of answer that a question asks for."""

    LIST = "list"
    YES_NO = "yes/no"
    DEFINITION = "definition"


class Status(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a mention may mean.

    Attributes:
        entity: The entity.
        score: 0 to 1; 1 for a preferred name as written.
        reason: Why it may be meant, and what its score comes from, in words.
    """

    entity: Entity
    score: float
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """Return the candidate in the form in which the commands write it."""
        return {"entity": self.entity.curie, "name": self.entity.name, "score": round(self.score, 4), "reason": self.reason}


class Kind(StrEnum):
    """What an unlinked mention is, as far as its wording and its context tell."""

    DISEASE = "disease"
    CHEMICAL = "chemical"


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity found in a text.

    Attributes:
        start: First character, from 0, in the original text.
        end: One past the last character.
        text: The text itself.
        entity: What it means, or None for a medical-looking word that the graph does not know.
        score: 0 to 1; 1 for a preferred name as written.
        assertion: Whether the text affirms it.
        candidates: What it may mean, best first, at most five; of a linked mention the first is its entity, of an unlinked one all are
            near misses.
        kind: What an unlinked mention is, where that is known.
    """

    start: int
    end: int
    text: str
    entity: Entity | None
    score: float
    assertion: Assertion = Assertion.PRESENT
    candidates: tuple[Candidate, ...] = ()
    kind: Kind | None = None

    @property
    def reason(self) -> str:
        """Why it means what it does, in words; empty where nothing is known of it."""
        return self.candidates[0].reason if self.candidates and self.entity is not None else ""

    def as_dict(self) -> dict[str, Any]:
        """Return the mention in the form of the `link` contract."""
        return {
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "entity": self.entity.curie if self.entity else None,
            "name": self.entity.name if self.entity else None,
            "category": self.entity.category if self.entity else None,
            "score": round(self.score, 4),
            "xrefs": list(self.entity.xrefs) if self.entity else [],
            "assertion": self.assertion.value,
        }


MOST_CANDIDATES = 5
"""Candidates of a mention that are kept."""

MEDICINES = frozenset({DRUG, DRUG_CLASS})
SYNONYM_SCORE = 0.95
"""Score of a mention by another name than the preferred one."""

MISSPELT_SCORE = 0.8
"""Score of a mention whose name is misspelt."""

PERILS = frozenset({INTERACTS_WITH, CONTRAINDICATED_IN})
"""Relations that warn."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A predicate seen from one end: (has_phenotype, OUT) asks for symptoms, (has_phenotype, IN) for conditions."""

    predicate: Curie
    direction: Direction


@dataclass(frozen=True, slots=True)
class Intent:
    """What a question asks for.

    Attributes:
        form: The form of the answer.
        relations: The relations that its words name, with a weight from 0 to 1; empty where the words name none.
        categories: Categories that the answer should have ("which medicine ...", "what illness ..."); empty, any.
        qualifiers: Qualifiers that the answer should have ("serious side effects").
        confirms: True where "yes" says that a warning holds ("does it interact?"), as it must not for "is it safe?".
        narrow: True where the question means something narrower, or claims more, than its entities and relations say ("viral
            infections", "cure"), so that what holds for some kind is no "yes".
    """

    form: Form
    relations: Mapping[Relation, float]
    categories: frozenset[Curie] = frozenset()
    qualifiers: Mapping[str, str] | None = None
    confirms: bool = False
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """A triple retrieved for a question.

    Attributes:
        fact: The triple.
        focus: The entity of the question from which it is seen.
        relation: How it is seen from there.
        target: The entity at its far end: a possible answer.
        via: Facts that lead from the question's own entity to the triple's (a medicine to its group, a group to one of its kinds),
            or none.
        prior: Log-odds that it is asked for, judged by the question's words alone.
    """

    fact: Fact
    focus: Entity
    relation: Relation
    target: Entity
    via: tuple[Fact, ...] = ()
    prior: float = 0.0

    @property
    def of_a_kind(self) -> bool:
        """Whether the triple is one of a kind of what was asked about, rather than of itself or of a group above it."""
        return any(step.object in (self.focus.curie, self.target.curie) for step in self.via)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that answers the question.

    Attributes:
        text: What a person reads.
        entity: Its identifier, or None for a text such as a definition.
        score: 0 to 1.
        evidence: The triples that it rests on.
    """

    text: str
    entity: Curie | None
    score: float
    evidence: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person gets: the `ask` contract."""

    question: str
    status: Status
    answer: str
    confidence: float
    items: tuple[Item, ...] = ()
    mentions: tuple[Mention, ...] = ()
    notices: tuple[str, ...] = ()
