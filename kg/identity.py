"""Which identifiers are one entity: cross-references joined into clusters, with a stated reason for whatever is held apart.

Joining rests on exact statements only (`skos:exactMatch`, `owl:equivalentClass`, an entity's own `xrefs`). A plain cross-reference
(`oboInOwl:hasDbXref`) says nothing of exactness: it is taken for exact where, within its source, both ends have no other partner of that
kind. Close, broad, narrow and related matches never join, and a pair of which one source says broad or narrow is not joined by another's
plain cross-reference. Two entities of one source, or of different kinds, are never joined: a source that tells two things apart knows
more than a cross-reference does. Nor do two entities become one because both name a code of a classification, which is a bucket.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg.model import Curie, Entity
from kg.sources.records import Mapping as Match
from kg.vocabulary import CHEMICAL, DISEASE, DRUG, NAMED_THING, PHENOTYPE

EXACT = frozenset({"skos:exactMatch", "owl:equivalentClass", "owl:sameAs", "semapv:crossSpeciesExactMatch"})
"""Mapping predicates that say that both ends are one entity."""

PLAIN = "oboInOwl:hasDbXref"
"""The mapping predicate of a cross-reference that does not say how exact it is."""

CLASSIFICATIONS = frozenset({"ICD9CM", "ICD10CM", "ICD10", "ICD10WHO", "ICD11", "ICDO", "MEDDRA", "OMIMPS"})
"""Prefixes of classifications, whose codes are buckets: such a code stands for an entity only where an exact statement says so, and of no
other entity."""

_PREFERRED = ("MONDO", "HP", "CHEBI", "DOID", "UBERON", "NCBITaxon", "SYMP", "OMIM", "ORPHA", "MESH", "UMLS")
_LAST = ("medkg", "iri")
# Categories that may be one entity although sources classify them differently; NAMED_THING goes with everything.
_ALIKE = {CHEMICAL: DRUG}


@dataclass(frozen=True, slots=True)
class HeldApart:
    """A cross-reference that would have joined two entities of one source.

    Attributes:
        source: The source that tells the two apart.
        first: One of its entities.
        second: The other.
        through: The identifier through which they would have been joined: the object of the cross-reference.
        chain: The identifiers from the first to the second, each said to be the same as the next.
        stated_by: The source that states the cross-reference, which was the last missing link of the chain.
    """

    source: str
    first: Curie
    second: Curie
    through: Curie
    chain: tuple[Curie, ...]
    stated_by: str


@dataclass(slots=True)
class _Cluster:
    """Identifiers that are one entity; of the members, those that a source describes; and what was said to be the same."""

    identifiers: list[Curie]
    by_source: dict[str, Curie] = field(default_factory=dict)
    kind: Curie = NAMED_THING
    links: list[tuple[Curie, Curie]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Identities:
    """What is one entity with what.

    Attributes:
        canonical: The identifier under which the graph keeps each identifier that it knows; of a described entity always there.
        held_apart: What was not joined because a source tells the two apart, in the order in which it was met.
        beside: By entity, the identifiers that are said to be exactly it and that stand for an entity of another kind. MeSH has one
            heading for hypotension, which is an illness and a sign.
    """

    canonical: Mapping[Curie, Curie]
    held_apart: Sequence[HeldApart]
    beside: Mapping[Curie, Sequence[Curie]] = field(default_factory=dict)


def identify(described: Iterable[tuple[str, Entity]], matches: Iterable[tuple[str, Match]]) -> Identities:
    """Join identifiers into entities.

    Args:
        described: Each source's name with each entity that it describes, the source of highest standing first.
        matches: Each source's name with each mapping that it states, in the same order.

    >>> doid = Entity(Curie("DOID:13189"), DISEASE, "gout")
    >>> mondo = Entity(Curie("MONDO:0005393"), DISEASE, "gout", xrefs=(Curie("DOID:13189"),))
    >>> identify([("a", doid), ("b", mondo)], []).canonical[Curie("DOID:13189")]
    'MONDO:0005393'
    """
    clusters = _Clusters()
    described = list(described)
    for source, entity in described:
        clusters.describe(source, entity)
    listed = list(matches)
    barred = {frozenset((m.subject, m.object)) for _, m in listed if m.predicate not in EXACT and m.predicate != PLAIN}
    for source, entity in described:
        for xref in entity.xrefs:
            clusters.join(entity.curie, xref, source)
    for source, match in listed:
        if match.predicate in EXACT:
            clusters.join(match.subject, match.object, source)
    for source, match in _one_to_one(listed):
        if frozenset((match.subject, match.object)) not in barred:
            clusters.join(match.subject, match.object, source)
    clusters.join_codes()
    canonical = clusters.canonical()
    return Identities(canonical, tuple(clusters.held_apart.values()), clusters.beside(canonical))


def _one_to_one(matches: Sequence[tuple[str, Match]]) -> list[tuple[str, Match]]:
    """Return the plain cross-references of which both ends have, in their source, no other of the same prefix."""
    plain = [(s, m) for s, m in matches if m.predicate == PLAIN and not CLASSIFICATIONS & {m.subject.prefix, m.object.prefix}]
    plain = list(dict.fromkeys(plain))
    outward = Counter((source, m.subject, m.object.prefix) for source, m in plain)
    inward = Counter((source, m.object, m.subject.prefix) for source, m in plain)
    return [
        (source, m)
        for source, m in plain
        if outward[source, m.subject, m.object.prefix] == 1 and inward[source, m.object, m.subject.prefix] == 1
    ]


class _Clusters:
    """Disjoint sets of identifiers, merged smaller into larger."""

    def __init__(self) -> None:
        self._of: dict[Curie, _Cluster] = {}
        self._standing: dict[str, int] = {}
        self._codes: dict[Curie, list[tuple[Curie, str]]] = defaultdict(list)
        self.held_apart: dict[tuple[str, frozenset[Curie]], HeldApart] = {}
        self._of_two_kinds: list[tuple[Curie, Curie]] = []

    def describe(self, source: str, entity: Entity) -> None:
        self._standing.setdefault(source, len(self._standing))
        cluster = self._cluster(entity.curie)
        cluster.by_source.setdefault(source, entity.curie)
        if cluster.kind == NAMED_THING:
            cluster.kind = _ALIKE.get(entity.category, entity.category)

    def _cluster(self, curie: Curie) -> _Cluster:
        found = self._of.get(curie)
        if found is None:
            found = self._of[curie] = _Cluster([curie])
        return found

    def join(self, one: Curie, other: Curie, source: str) -> None:
        """Take two identifiers for one entity, unless something tells them apart; a code of a classification waits for `join_codes`."""
        for code, claimant in ((other, one), (one, other)):
            if code.prefix in CLASSIFICATIONS and not self._cluster(code).by_source:
                self._codes[code].append((claimant, source))
                return
        self._join(one, other, source)

    def join_codes(self) -> None:
        """Give each code to the entity that it is said to be, if it is one alone."""
        for code, claims in self._codes.items():
            described = [(claimant, source) for claimant, source in claims if self._cluster(claimant).by_source]
            if len({id(self._cluster(claimant)) for claimant, _ in described}) == 1:
                claimant, source = described[0]
                self._join(claimant, code, source)

    def _join(self, one: Curie, other: Curie, source: str) -> None:
        first, second = self._cluster(one), self._cluster(other)
        if first is second:
            return
        if first.by_source and second.by_source:
            if NAMED_THING not in (first.kind, second.kind) and first.kind != second.kind:
                self._of_two_kinds.append((one, other))
                return
            if common := first.by_source.keys() & second.by_source.keys():
                self._hold_apart(min(common, key=self._standing.__getitem__), (one, other), source)
                return
        if len(first.identifiers) < len(second.identifiers):
            first, second = second, first
        for curie in second.identifiers:
            self._of[curie] = first
        first.identifiers += second.identifiers
        first.by_source |= second.by_source
        first.links += [*second.links, (one, other)]
        if first.kind == NAMED_THING:
            first.kind = second.kind

    def _hold_apart(self, name: str, link: tuple[Curie, Curie], source: str) -> None:
        """Note that a link was not made, since `name` describes an entity at either side; once for each pair of entities."""
        near, far = (self._cluster(curie) for curie in link)
        first, second = near.by_source[name], far.by_source[name]
        if (pair := (name, frozenset((first, second)))) not in self.held_apart:
            chain = _chain(first, second, [*near.links, *far.links, link])
            self.held_apart[pair] = HeldApart(name, first, second, link[1], chain, source)

    def canonical(self) -> dict[Curie, Curie]:
        chosen: dict[int, Curie] = {}
        found: dict[Curie, Curie] = {}
        for curie, cluster in self._of.items():
            if cluster.by_source:
                if id(cluster) not in chosen:
                    chosen[id(cluster)] = self._choose(cluster)
                found[curie] = chosen[id(cluster)]
        return found

    def beside(self, canonical: Mapping[Curie, Curie]) -> dict[Curie, list[Curie]]:
        """Return what was said to be exactly an entity of another kind, by that entity; what is such an entity itself is not."""
        found: dict[Curie, list[Curie]] = defaultdict(list)
        for pair in self._of_two_kinds:
            for one, other in (pair, pair[::-1]):
                here = canonical[one]
                if canonical[other] not in (here, other) and other not in found[here]:
                    found[here].append(other)
        return dict(found)

    def _choose(self, cluster: _Cluster) -> Curie:
        """Choose among the described members: the public vocabulary made for the purpose, then the source of highest standing."""
        by_standing = sorted(cluster.by_source.items(), key=lambda pair: self._standing[pair[0]])
        return min((curie for _, curie in by_standing), key=lambda curie: _preference(curie, cluster.kind))


def _chain(start: Curie, end: Curie, links: Iterable[tuple[Curie, Curie]]) -> tuple[Curie, ...]:
    """Return the shortest way from one identifier to another that the links connect."""
    near: dict[Curie, list[Curie]] = defaultdict(list)
    for one, other in links:
        near[one].append(other)
        near[other].append(one)
    before = {end: end}  # from the end, so that the way can be read from the start
    queue = deque([end])
    while start not in before:
        here = queue.popleft()
        for curie in near[here]:
            if curie not in before:
                before[curie] = here
                queue.append(curie)
    way = [start]
    while way[-1] != end:
        way.append(before[way[-1]])
    return tuple(way)


def _preference(curie: Curie, kind: Curie) -> int:
    if curie.prefix in _LAST:
        return len(_PREFERRED) + 1
    if (kind == PHENOTYPE and curie.prefix == "HP") or (kind == DISEASE and curie.prefix == "MONDO"):
        return -1
    return _PREFERRED.index(curie.prefix) if curie.prefix in _PREFERRED else len(_PREFERRED)


def partners(canonical: Mapping[Curie, Curie]) -> dict[Curie, list[Curie]]:
    """Return, by entity, the other identifiers that are the same thing, in the order in which they were met."""
    found: dict[Curie, list[Curie]] = defaultdict(list)
    for curie, chosen in canonical.items():
        if curie != chosen:
            found[chosen].append(curie)
    return found
