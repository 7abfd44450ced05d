"""A difference of two graphs as plain JSON types, and as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kg.diff import Difference, EntityChange, FactChange, Listing
from kg.model import AliasKind, Curie, Direction, Entity, Fact, Source
from kg.vocabulary import PREDICATES

_LISTS = ("synonyms", "xrefs")


def as_dict(found: Difference) -> dict[str, Any]:
    """Return a difference as plain JSON types: for each kind of change how many there are, of what, and the first of them."""
    return {
        "sources": {
            "added": [_source(source) for source in found.sources_added],
            "removed": [_source(source) for source in found.sources_removed],
            "changed": [{"name": new.name, "old": _source(old), "new": _source(new)} for old, new in found.sources_changed],
        },
        "entities": {
            "added": _counted(found.entities_added, "by_category", [_brief(entity) for entity in found.entities_added.first]),
            "removed": _counted(found.entities_removed, "by_category", [_brief(entity) for entity in found.entities_removed.first]),
            "changed": _counted(found.entities_changed, "by_category", [_entity_change(c) for c in found.entities_changed.first]),
            "moved": _counted(found.entities_moved, "by_category", [_entity_change(c) for c in found.entities_moved.first]),
        },
        "facts": {
            "added": _counted(found.facts_added, "by_predicate", [_fact(fact, found.names) for fact in found.facts_added.first]),
            "removed": _counted(found.facts_removed, "by_predicate", [_fact(fact, found.names) for fact in found.facts_removed.first]),
            **{
                name: _counted(listing, "by_predicate", [_fact_change(change, found.names) for change in listing.first])
                for name, listing in _turned(found).items()
            },
        },
    }


def _turned(found: Difference) -> Mapping[str, Listing[FactChange]]:
    return {"requalified": found.facts_requalified, "denied": found.facts_denied, "affirmed": found.facts_affirmed}


def _counted(listing: Listing[Any], by: str, first: list[dict[str, Any]]) -> dict[str, Any]:
    return {"count": listing.count, by: dict(sorted(listing.by.items())), "first": first}


def _source(source: Source) -> dict[str, Any]:
    return {key: getattr(source, key) for key in ("name", "title", "version", "licence", "sha256", "facts")}


def _brief(entity: Entity) -> dict[str, Any]:
    return {"curie": entity.curie, "name": entity.name, "category": entity.category}


def _entity_change(change: EntityChange) -> dict[str, Any]:
    moved = {} if change.why is None else {"from": change.old.curie, "why": change.why.value, "merged": change.merged}
    changes = {name: _values(name, getattr(change.old, name), getattr(change.new, name)) for name in change.fields}
    return {**_brief(change.new), **moved, "changes": changes}


def _values(name: str, old: Any, new: Any) -> dict[str, Any]:
    if name not in _LISTS:
        return {"old": old, "new": new}
    return {"added": [text for text in new if text not in old], "removed": [text for text in old if text not in new]}


def _fact(fact: Fact, names: Mapping[Curie, str]) -> dict[str, Any]:
    return {
        "subject": fact.subject,
        "predicate": fact.predicate,
        "object": fact.object,
        "subject_name": names.get(fact.subject, fact.subject),
        "object_name": names.get(fact.object, fact.object),
        "source": fact.source,
        "negated": fact.negated,
        "qualifiers": dict(fact.qualifiers),
    }


def _fact_change(change: FactChange, names: Mapping[Curie, str]) -> dict[str, Any]:
    return {**_fact(change.new, names), "old_qualifiers": dict(change.old.qualifiers)}


def lines(found: Difference) -> Iterator[str]:
    """Yield a difference as lines for people: each kind of change with its number, then the first of them, indented."""
    if not found:
        yield "nothing changed"
        return
    yield from (f"source added: {source.name}{_version(source)}, {source.facts:,} facts" for source in found.sources_added)
    yield from (f"source removed: {source.name}{_version(source)}, {source.facts:,} facts" for source in found.sources_removed)
    for old, new in found.sources_changed:
        versions = f"{old.version or 'no version'} to {new.version or 'no version'}"
        yield f"source changed: {new.name}, {versions}, {old.facts:,} to {new.facts:,} facts"
    yield from _section("entities added", found.entities_added, map(_named, found.entities_added.first))
    yield from _section("entities removed", found.entities_removed, map(_named, found.entities_removed.first))
    yield from _section("entities under another identifier", found.entities_moved, map(_moved_line, found.entities_moved.first))
    yield from _section("entities changed", found.entities_changed, map(_changed_line, found.entities_changed.first))
    yield from _section("facts added", found.facts_added, (_fact_line(fact, found) for fact in found.facts_added.first))
    yield from _section("facts removed", found.facts_removed, (_fact_line(fact, found) for fact in found.facts_removed.first))
    told = {"requalified": "facts with other qualifiers", "denied": "facts denied now", "affirmed": "facts no longer denied"}
    for name, listing in _turned(found).items():
        yield from _section(told[name], listing, (_fact_change_line(change, found) for change in listing.first))


def _section(what: str, listing: Listing[Any], first: Iterator[str]) -> Iterator[str]:
    if not listing.count:
        return
    kinds = ", ".join(f"{count:,} {_word(kind)}" for kind, count in listing.by.most_common())
    yield f"{what}: {listing.count:,} ({kinds})"
    yield from (f"    {line}" for line in first)
    if (more := listing.count - len(listing.first)) > 0:
        yield f"    ... and {more:,} more"


def _word(kind: Curie) -> str:
    return PREDICATES[kind].label(Direction.OUT) if kind in PREDICATES else kind.local


def _version(source: Source) -> str:
    return f" {source.version}" if source.version else ""


def _named(entity: Entity) -> str:
    return f"{entity.name} ({entity.curie})"


def _moved_line(change: EntityChange) -> str:
    how = "merged into" if change.merged else "replaced by" if change.why is AliasKind.REPLACED else "now"
    return f"{_named(change.old)} {how} {_named(change.new)}"


def _changed_line(change: EntityChange) -> str:
    parts = []
    for name in change.fields:
        values = _values(name, getattr(change.old, name), getattr(change.new, name))
        if name in _LISTS:
            parts.append(f"{name} {' '.join([*(f'+{text!s}' for text in values['added']), *(f'-{text!s}' for text in values['removed'])])}")
        else:
            parts.append(f"{name} {values['old']!r} to {values['new']!r}")
    return f"{_named(change.new)}: {'; '.join(parts)}"


def _fact_line(fact: Fact, found: Difference) -> str:
    subject, obj = (f"{found.names.get(end, end)} ({end})" for end in (fact.subject, fact.object))
    predicate = PREDICATES[fact.predicate]
    clause = (predicate.denial if fact.negated else predicate.sentence).format(s=subject, o=obj)
    return f"{clause} [{', '.join((fact.source, *_said(fact.qualifiers)))}]"


def _said(qualifiers: Mapping[str, str]) -> Iterator[str]:
    return (f"{name}: {value}" for name, value in sorted(qualifiers.items()))


def _fact_change_line(change: FactChange, found: Difference) -> str:
    was = ", ".join(_said(change.old.qualifiers)) or "without qualifiers"
    return f"{_fact_line(change.new, found)}, before {was}" if change.old.negated == change.new.negated else _fact_line(change.new, found)
