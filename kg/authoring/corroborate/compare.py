"""Lays the statements of the sources beside the facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kg.authoring.corroborate.names import Names
from kg.authoring.corroborate.statements import Source, Statement, Triple
from kg.model import Curie, Entity, Fact
from kg.vocabulary import (
    CAUSES,
    DIAGNOSES,
    HAS_COMPLICATION,
    HAS_PHENOTYPE,
    HAS_SIDE_EFFECT,
    PREDISPOSES,
    PREVENTS,
    TRANSMITTED_BY,
    TREATS,
)

_ADDRESSES_A_FACT = 2

# A condition that brings knee pain brings joint pain; what a test of one kind finds, a test finds. The other end stays as it is: what
# holds of a kind of a condition need not hold of the condition.
_WIDER_SUBJECT = frozenset({CAUSES, DIAGNOSES, PREDISPOSES, PREVENTS, TREATS})
_WIDER_OBJECT = frozenset({HAS_COMPLICATION, HAS_PHENOTYPE, HAS_SIDE_EFFECT, TRANSMITTED_BY})

FactKey = tuple[str, str, str, bool]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Findings:
    """What the sources say of the facts.

    Attributes:
        support: The identifiers and addresses that say the same as an affirmed fact, in the order of the sources.
        sources: The sources of that support, by fact.
        contradicted: The identifier that says the opposite of a fact, affirmed or denied, by `Fact.key`.
        compared: What the sources that may not be cited say as well, by source.
        covered: The subjects of which such a source says anything at all, by source.
    """

    support: dict[Triple, list[str]] = field(default_factory=dict)
    sources: dict[Triple, list[str]] = field(default_factory=dict)
    contradicted: dict[FactKey, str] = field(default_factory=dict)
    compared: dict[str, set[Triple]] = field(default_factory=dict)
    covered: dict[str, set[Curie]] = field(default_factory=dict)


@dataclass(slots=True)
class _Said:
    """What one source says of the facts: directly, of a narrower finding, and that it is not so."""

    affirmed: dict[Triple, list[str]] = field(default_factory=lambda: defaultdict(list))
    narrower: dict[Triple, list[str]] = field(default_factory=lambda: defaultdict(list))
    denied: dict[Triple, str] = field(default_factory=dict)


def silent(what: str, done: int, total: int) -> None:
    """Show no progress."""


def compare(
    facts: Sequence[Fact],
    nodes: Iterable[Entity],
    sources: Sequence[Source],
    wider: Mapping[Curie, Iterable[Curie]] | None = None,
    progress: Progress = silent,
) -> Findings:
    """Compare facts with sources.

    Args:
        facts: The facts, affirmed and denied.
        nodes: The nodes that they speak of.
        sources: The sources; those of which another took its statements come before it.
        wider: All that a node is a kind of. A source that names the node says so of these, as a symptom or a remedy.
        progress: Called with each source before it is read, how many were read, and how many there are.

    Raises:
        DataError: A source cannot be read.
    """
    names = Names(nodes)
    findings = Findings()
    stated = {(fact.subject, fact.predicate, fact.object): fact for fact in facts}
    taken: dict[str, set[Triple]] = {}
    for number, source in enumerate(sources):
        progress(source.name, number, len(sources))
        said = _Said()
        for statement in source.read(names):
            if not source.citable:
                findings.covered.setdefault(source.name, set()).add(statement.triple[0])
            _note(statement, stated, said, wider or {})
        taken[source.name] = {*said.affirmed, *said.narrower}
        if source.citable:
            _weigh(source, said, taken.get(source.follows, set()), stated, findings)
        else:
            findings.compared[source.name] = {triple for triple in said.affirmed if not stated[triple].negated}
    progress("compared", len(sources), len(sources))
    return findings


def _note(statement: Statement, stated: Mapping[Triple, Fact], said: _Said, wider: Mapping[Curie, Iterable[Curie]]) -> None:
    triple = statement.triple
    if not statement.affirmed:
        if triple in stated:
            said.denied.setdefault(triple, statement.identifier)
        return
    if triple in stated and statement.identifier not in said.affirmed[triple]:
        said.affirmed[triple].append(statement.identifier)
    for other in _widened(triple, wider):
        if other in stated and statement.identifier not in said.narrower[other]:
            said.narrower[other].append(statement.identifier)


def _widened(triple: Triple, wider: Mapping[Curie, Iterable[Curie]]) -> Iterator[Triple]:
    subject, predicate, obj = triple
    if predicate in _WIDER_SUBJECT:
        yield from ((other, predicate, obj) for other in wider.get(subject, ()) if other != obj)
    elif predicate in _WIDER_OBJECT:
        yield from ((subject, predicate, other) for other in wider.get(obj, ()) if other != subject)


def _weigh(source: Source, said: _Said, taken: set[Triple], stated: Mapping[Triple, Fact], findings: Findings) -> None:
    affirmed = {triple: found for triple, found in said.affirmed.items() if triple not in taken}
    narrower = {triple: found for triple, found in said.narrower.items() if triple not in taken and triple not in affirmed}
    for triple, identifiers in (*affirmed.items(), *narrower.items()):
        fact = stated[triple]
        if not fact.negated:
            # A source that says it twice is named once, with the first place; of pages, two are given.
            findings.support.setdefault(triple, []).extend(identifiers[: _ADDRESSES_A_FACT if source.text else 1])
            findings.sources.setdefault(triple, []).append(source.name)
        elif not source.text and triple not in said.denied and triple in affirmed:
            findings.contradicted.setdefault(fact.key, identifiers[0])
    for triple, identifier in said.denied.items():
        if not stated[triple].negated and triple not in affirmed:
            findings.contradicted.setdefault(stated[triple].key, identifier)
