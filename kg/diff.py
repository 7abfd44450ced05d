"""What changed between two graphs, such as two snapshots: sources, entities and facts.

Both are gone through once, side by side: a snapshot yields its entities in the order of identifiers, and its facts in that of their
subjects. Kept in memory are what is listed, and what is needed to follow identifiers: those of entities that are in one graph only, and
the facts of those whose identifier changed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import chain, groupby, islice
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

from kg.build import Progress, no_progress
from kg.model import Alias, AliasKind, Curie, Direction, Entity, Fact, Source
from kg.vocabulary import SYMMETRIC

LIMIT = 100
"""How many of each kind of change are listed, where it is not said."""

T = TypeVar("T")
_TICK = 10_000
_SUBJECT = attrgetter("subject")
_Statement = tuple[Curie, Curie, Curie, str]


class Comparable(Protocol):
    """What is asked of a graph; `entities` come in the order of identifiers, `all_facts` in that of their subjects."""

    @property
    def sources(self) -> Sequence[Source]: ...  # noqa: D102
    def entities(self) -> Iterator[Entity]: ...  # noqa: D102
    def all_facts(self) -> Iterator[Fact]: ...  # noqa: D102
    def entity(self, curie: str) -> Entity | None: ...  # noqa: D102
    def alias(self, curie: str) -> Alias | None: ...  # noqa: D102
    def facts(self, curie: str, direction: Direction) -> Sequence[Fact]: ...  # noqa: D102


@dataclass(slots=True)
class Listing(Generic[T]):
    """Changes of one kind.

    Attributes:
        count: How many there are.
        by: How many there are of each category, of entities, or predicate, of facts.
        first: The first of them, as many as were asked for.
    """

    count: int = 0
    by: Counter[Curie] = field(default_factory=Counter)
    first: list[T] = field(default_factory=list)

    def add(self, kind: Curie, change: T, limit: int) -> None:
        """Count a change, and list it if there is room."""
        self.count += 1
        self.by[kind] += 1
        if len(self.first) < limit:
            self.first.append(change)


@dataclass(frozen=True, slots=True)
class EntityChange:
    """An entity of both graphs that is described otherwise, or under another identifier.

    Attributes:
        old: As it was.
        new: As it is.
        fields: Which of name, category, description, synonyms and xrefs are others; the order of the last two does not count.
        why: Where the identifier is another: SAME, the new graph knows the old identifier as one of the entity; REPLACED, it was
            withdrawn in favour of the new one. None where the identifier is as it was.
        merged: True where the old graph had both.
    """

    old: Entity
    new: Entity
    fields: tuple[str, ...]
    why: AliasKind | None = None
    merged: bool = False


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact of both graphs whose qualifiers are others, or that was denied, or is no more; under today's identifiers."""

    old: Fact
    new: Fact


@dataclass(slots=True)
class Difference:
    """What changed from an old graph to a new one.

    Attributes:
        sources_added: Sources of the new graph alone.
        sources_removed: Sources of the old graph alone.
        sources_changed: Sources of both whose data, version, licence or title is another, as they were and as they are.
        entities_added: Entities that the old graph does not know under any identifier that the new one leads from.
        entities_removed: Entities that the new graph does not know under any identifier.
        entities_changed: Entities that are described otherwise.
        entities_moved: Entities whose identifier is another now, since it was replaced or they were merged.
        facts_added: Facts of the new graph alone.
        facts_removed: Facts of the old graph alone.
        facts_requalified: Facts with other qualifiers.
        facts_denied: Facts that their source denies now.
        facts_affirmed: Facts that their source denied.
        names: Names of the ends of the facts that are listed.
    """

    sources_added: list[Source] = field(default_factory=list)
    sources_removed: list[Source] = field(default_factory=list)
    sources_changed: list[tuple[Source, Source]] = field(default_factory=list)
    entities_added: Listing[Entity] = field(default_factory=Listing)
    entities_removed: Listing[Entity] = field(default_factory=Listing)
    entities_changed: Listing[EntityChange] = field(default_factory=Listing)
    entities_moved: Listing[EntityChange] = field(default_factory=Listing)
    facts_added: Listing[Fact] = field(default_factory=Listing)
    facts_removed: Listing[Fact] = field(default_factory=Listing)
    facts_requalified: Listing[FactChange] = field(default_factory=Listing)
    facts_denied: Listing[FactChange] = field(default_factory=Listing)
    facts_affirmed: Listing[FactChange] = field(default_factory=Listing)
    names: dict[Curie, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Say whether anything changed."""
        return bool(self.sources_added or self.sources_removed or self.sources_changed) or any(found.count for found in self.listings())

    def listings(self) -> Iterator[Listing[Entity] | Listing[EntityChange] | Listing[Fact] | Listing[FactChange]]:
        """Yield what changed of entities, then of facts."""
        yield from (self.entities_added, self.entities_removed, self.entities_changed, self.entities_moved)
        yield from (self.facts_added, self.facts_removed, self.facts_requalified, self.facts_denied, self.facts_affirmed)


def compare(old: Comparable, new: Comparable, limit: int = LIMIT, progress: Progress = no_progress) -> Difference:
    """Tell what changed from an old graph to a new one.

    A fact is the same in both where subject, predicate, object and source are; an identifier that the new graph leads to another entity
    counts as that entity's, so that a merger alone changes no fact.

    Args:
        old: The graph as it was.
        new: The graph as it is.
        limit: How many of each kind of change are listed; all are counted.
        progress: Told how many facts were looked at; of how many is not known.

    >>> from kg import open_graph
    >>> bool(compare(open_graph(), open_graph()))
    False
    """
    found = Difference()
    _compare_sources({s.name: s for s in old.sources}, {s.name: s for s in new.sources}, found)
    progress("entities", 0, 0)
    moved = _compare_entities(old, new, limit, found)
    looked_at = 0
    for before, after in _by_subject(old, new, moved):
        _compare_facts(before, after, limit, found)
        if looked_at // _TICK != (looked_at := looked_at + len(before) + len(after)) // _TICK:
            progress("facts", looked_at, 0)
    listed = [*found.facts_added.first, *found.facts_removed.first]
    for changes in (found.facts_requalified, found.facts_denied, found.facts_affirmed):
        listed += (change.new for change in changes.first)
    for curie in {end for fact in listed for end in (fact.subject, fact.object)}:
        if (entity := new.entity(curie) or old.entity(curie)) is not None:
            found.names[curie] = entity.name
    return found


def _compare_sources(old: Mapping[str, Source], new: Mapping[str, Source], found: Difference) -> None:
    found.sources_added = [source for name, source in new.items() if name not in old]
    found.sources_removed = [source for name, source in old.items() if name not in new]
    identity = attrgetter("sha256", "version", "licence", "title")
    found.sources_changed = [(old[name], source) for name, source in new.items() if name in old and identity(old[name]) != identity(source)]


def _compare_entities(old: Comparable, new: Comparable, limit: int, found: Difference) -> dict[Curie, Curie]:
    """Compare the entities; return the identifiers of the old graph's whose entity has another in the new graph."""
    moved: dict[Curie, Curie] = {}
    added: dict[Curie, Curie] = {}
    for before, after in _side_by_side(old.entities(), new.entities(), attrgetter("curie")):
        if before is None and after is not None:
            added[after.curie] = after.category
        elif before is not None and after is None:
            if (target := _lead(new, before)) is None:
                found.entities_removed.add(before.category, before, limit)
            else:
                moved[before.curie] = target.entity.curie
                merged = old.entity(target.entity.curie) is not None
                change = EntityChange(before, target.entity, _changed(before, target.entity), target.why, merged)
                found.entities_moved.add(before.category, change, limit)
        elif before is not None and after is not None and (fields := _changed(before, after)):
            found.entities_changed.add(after.category, EntityChange(before, after, fields), limit)
    for curie in moved.values():
        added.pop(curie, None)
    listed = [entity for curie in islice(added, limit) if (entity := new.entity(curie)) is not None]
    found.entities_added = Listing(len(added), Counter(added.values()), listed)
    return moved


@dataclass(frozen=True, slots=True)
class _Target:
    entity: Entity
    why: AliasKind


def _lead(new: Comparable, before: Entity) -> _Target | None:
    """Return the entity to which a graph leads from the identifier of one that it does not have."""
    alias = new.alias(before.curie)
    entity = new.entity(alias.curie) if alias is not None and alias.curie is not None else None
    return _Target(entity, alias.kind) if alias is not None and entity is not None else None


def _changed(old: Entity, new: Entity) -> tuple[str, ...]:
    plain = [name for name in ("name", "category", "description") if getattr(old, name) != getattr(new, name)]
    return (*plain, *(name for name in ("synonyms", "xrefs") if set(getattr(old, name)) != set(getattr(new, name))))


def _side_by_side(old: Iterable[T], new: Iterable[T], key: Callable[[T], str]) -> Iterator[tuple[T | None, T | None]]:
    """Yield pairs of what has the same key, and what has none beside it; both must be sorted, no key twice."""
    marked = merge(((key(item), 0, item) for item in old), ((key(item), 1, item) for item in new), key=lambda found: found[:2])
    for _, together in groupby(marked, key=lambda found: found[0]):
        sides: list[T | None] = [None, None]
        for _, side, item in together:
            sides[side] = item
        yield sides[0], sides[1]


def _by_subject(old: Comparable, new: Comparable, moved: Mapping[Curie, Curie]) -> Iterator[tuple[list[Fact], list[Fact]]]:
    """Yield, for each subject of either graph, its facts in both, those of the old one with the identifiers of the new one."""
    elsewhere: dict[Curie, list[Fact]] = defaultdict(list)
    for curie in moved:
        inward = (fact for fact in old.facts(curie, Direction.IN) if fact.subject not in moved)
        for fact in chain(old.facts(curie, Direction.OUT), inward):
            if (there := _translated(fact, moved)).subject != fact.subject:
                elsewhere[there.subject].append(there)
    stay = (there for fact in old.all_facts() if (there := _translated(fact, moved)).subject == fact.subject)
    before = merge(stay, (fact for curie in sorted(elsewhere) for fact in elsewhere[curie]), key=_SUBJECT)
    for one, other in _side_by_side(_groups(before), _groups(new.all_facts()), lambda facts: facts[0].subject):
        yield one or [], other or []


def _groups(facts: Iterable[Fact]) -> Iterator[list[Fact]]:
    return (list(together) for _, together in groupby(facts, key=_SUBJECT))


def _translated(fact: Fact, moved: Mapping[Curie, Curie]) -> Fact:
    if fact.subject not in moved and fact.object not in moved:
        return fact
    subject, obj = moved.get(fact.subject, fact.subject), moved.get(fact.object, fact.object)
    if fact.predicate in SYMMETRIC and obj < subject:
        subject, obj = obj, subject
    return Fact(subject, fact.predicate, obj, fact.source, fact.qualifiers, fact.negated)


def _compare_facts(old: Sequence[Fact], new: Sequence[Fact], limit: int, found: Difference) -> None:
    before, after = ({(_statement(fact), fact.negated): fact for fact in facts} for facts in (old, new))
    for (statement, negated), fact in before.items():
        same, opposite = after.get((statement, negated)), after.get((statement, not negated))
        if same is not None:
            if same.qualifiers != fact.qualifiers:
                found.facts_requalified.add(fact.predicate, FactChange(fact, same), limit)
        elif opposite is not None and (statement, not negated) not in before:
            (found.facts_affirmed if negated else found.facts_denied).add(fact.predicate, FactChange(fact, opposite), limit)
        else:
            found.facts_removed.add(fact.predicate, fact, limit)
    for (statement, negated), fact in after.items():
        turned = (statement, not negated) in before and (statement, not negated) not in after
        if (statement, negated) not in before and not turned:
            found.facts_added.add(fact.predicate, fact, limit)


def _statement(fact: Fact) -> _Statement:
    return fact.subject, fact.predicate, fact.object, fact.source
