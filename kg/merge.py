"""Makes one graph of several sources: one entity for each thing, the facts of each source kept apart, and an account of what was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kg.identity import HeldApart, identify, partners
from kg.model import Alias, AliasKind, Curie, Entity, Fact, Source
from kg.sources.records import About, Record, Replacement, Skipped
from kg.sources.records import Mapping as Match
from kg.vocabulary import SYMMETRIC


@dataclass(slots=True)
class Reading:
    """What one source holds.

    Attributes:
        source: The source.
        entities: What it describes.
        facts: What it states.
        replacements: Identifiers that it withdrew or merged.
        matches: How its identifiers relate to others.
        skipped: How often something was not taken, by reason.
        examples: For each reason, the first that was met: its line, where there is one, and what it was.
    """

    source: Source
    entities: list[Entity] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    replacements: list[Replacement] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    examples: dict[str, tuple[int | None, str]] = field(default_factory=dict)


def collect(source: Source, records: Iterable[Record]) -> Reading:
    """Gather the records of a reader; what a file says of itself fills what `source` leaves empty."""
    reading = Reading(source)
    entities, facts = reading.entities, reading.facts
    for record in records:
        match record:
            case Fact():
                facts.append(record)
            case Entity():
                entities.append(record)
            case Match():
                reading.matches.append(record)
            case Replacement():
                reading.replacements.append(record)
            case Skipped(reason, line, detail):
                reading.skipped[reason] += 1
                reading.examples.setdefault(reason, (line, detail))
            case About(title, version, licence):
                s = reading.source
                reading.source = replace(s, title=s.title or title, version=s.version or version, licence=s.licence or licence)
    return reading


@dataclass(frozen=True, slots=True)
class Share:
    """What became of one source in the whole.

    Attributes:
        source: Its name.
        entities: Entities that it alone describes.
        merged: Entities of it that are one with those of other sources.
        facts: Facts of it that stand.
        skipped: What does not stand, by reason.
        examples: For each reason, where the first stood and what it was.
    """

    source: str
    entities: int
    merged: int
    facts: int
    skipped: Mapping[str, int]
    examples: Mapping[str, tuple[int | None, str]]


@dataclass(frozen=True, slots=True)
class GraphData:
    """Everything a snapshot is built from.

    Attributes:
        entities: In any order.
        facts: In the order in which an entity's are told.
        sources: In the order of their standing.
        curated_names: Of how many of its names, the preferred one first and then the synonyms in their order, a curated source is the
            origin; an entity that is not there has only names of curated sources.
        aliases: What other identifiers stand for.
        shares: What became of each source.
        held_apart: Cross-references that were not followed, since a source tells their ends apart.
    """

    entities: Sequence[Entity]
    facts: Sequence[Fact]
    sources: Sequence[Source]
    curated_names: Mapping[Curie, int] = field(default_factory=dict)
    aliases: Mapping[Curie, Alias] = field(default_factory=dict)
    shares: Sequence[Share] = ()
    held_apart: Sequence[HeldApart] = ()


_DANGLING = "an end of the fact is described by no source"
_SELF = "both ends of the fact are one entity"
_TWICE = "the source states the fact more than once"


def merge(readings: Sequence[Reading]) -> GraphData:
    """Merge sources into one graph.

    An entity's name, category and description are those of the source of highest standing that gives them; all other names become
    synonyms, all other identifiers cross-references. A fact whose end is an identifier that was withdrawn is moved to what replaces it.

    Args:
        readings: The sources, the one of highest standing first.
    """
    identities = identify(
        ((r.source.name, e) for r in readings for e in r.entities), ((r.source.name, m) for r in readings for m in r.matches)
    )
    canonical = dict(identities.canonical)
    _follow(canonical, (replacement for r in readings for replacement in r.replacements))
    entities, curated = _merged_entities(readings, canonical, partners(identities.canonical), identities.beside)
    if not any(reading.source.curated for reading in readings):
        curated = {}  # none is trusted more than another
    described = [{canonical[entity.curie] for entity in reading.entities} for reading in readings]
    describers = Counter(curie for curies in described for curie in curies)
    facts: list[Fact] = []
    shares = []
    for reading, curies in zip(readings, described, strict=True):
        skipped, examples = Counter(reading.skipped), dict(reading.examples)
        kept = _merged_facts(reading.facts, canonical, skipped, examples)
        facts += kept
        alone = sum(describers[curie] == 1 for curie in curies)
        shares.append(Share(reading.source.name, alone, len(curies) - alone, len(kept), dict(skipped), examples))
    aliases = _aliases(readings, canonical, entities)
    sources = tuple(replace(r.source, title=r.source.title or r.source.name) for r in readings)
    return GraphData(list(entities.values()), facts, sources, curated, aliases, shares, identities.held_apart)


def _follow(canonical: dict[Curie, Curie], replacements: Iterable[Replacement]) -> None:
    """Let withdrawn identifiers stand for what replaces them, along chains of replacements; a described entity is not withdrawn."""
    new: dict[Curie, Curie] = {}
    for replacement in replacements:
        if replacement.new is not None and replacement.old not in canonical:
            new.setdefault(replacement.old, replacement.new)  # where sources disagree, the one of highest standing is heard
    for old in new:
        seen = {old}
        target: Curie | None = new[old]
        while target is not None and target not in canonical and target not in seen:
            seen.add(target)
            target = new.get(target)
        if target in canonical:
            canonical[old] = canonical[target]


def _merged_entities(
    readings: Sequence[Reading],
    canonical: Mapping[Curie, Curie],
    others: Mapping[Curie, Sequence[Curie]],
    beside: Mapping[Curie, Sequence[Curie]],
) -> tuple[dict[Curie, Entity], dict[Curie, int]]:
    """Return the entities, and of how many of each one's names a curated source is the origin."""
    entities: dict[Curie, Entity] = {}
    curated: dict[Curie, int] = {}
    for reading in readings:
        for entity in reading.entities:
            curie = canonical[entity.curie]
            known = entities.get(curie)
            if known is None:
                entities[curie] = replace(entity, curie=curie)
            else:
                entities[curie] = _united(known, entity)
            if reading.source.curated:
                curated[curie] = 1 + len(entities[curie].synonyms)
    for curie, entity in entities.items():
        own = dict.fromkeys((*entity.xrefs, *others.get(curie, ())))
        xrefs = tuple(x for x in own if x != curie and canonical.get(x, curie) == curie)
        xrefs = tuple(dict.fromkeys((*xrefs, *beside.get(curie, ()))))
        if xrefs != entity.xrefs:
            entities[curie] = replace(entity, xrefs=xrefs)
        curated.setdefault(curie, 0)
    return entities, curated


def _united(known: Entity, other: Entity) -> Entity:
    names = {name.casefold(): name for name in (known.name, *known.synonyms)}
    for name in (other.name, *other.synonyms):
        names.setdefault(name.casefold(), name)
    xrefs = tuple(dict.fromkeys((*known.xrefs, *other.xrefs)))
    return replace(known, synonyms=tuple(names.values())[1:], description=known.description or other.description, xrefs=xrefs)


def _merged_facts(
    facts: Iterable[Fact], canonical: Mapping[Curie, Curie], skipped: Counter[str], examples: dict[str, tuple[int | None, str]]
) -> list[Fact]:
    kept: dict[tuple[str, str, str, bool], Fact] = {}

    def skip(reason: str, fact: Fact) -> None:
        skipped[reason] += 1
        examples.setdefault(reason, (None, f"{fact.subject} {fact.predicate} {fact.object}"))

    for fact in facts:
        subject, predicate, obj = canonical.get(fact.subject), fact.predicate, canonical.get(fact.object)
        if subject is None or obj is None:
            skip(_DANGLING, fact)
            continue
        if subject == obj:
            skip(_SELF, fact)
            continue
        if predicate in SYMMETRIC and obj < subject:
            subject, obj = obj, subject
        key = (subject, predicate, obj, fact.negated)
        first = kept.get(key)
        if first is not None:
            skip(_TWICE, fact)
            kept[key] = replace(first, qualifiers=_united_qualifiers(first.qualifiers, fact.qualifiers))
        elif subject is fact.subject and obj is fact.object:
            kept[key] = fact
        else:
            kept[key] = Fact(subject, predicate, obj, fact.source, fact.qualifiers, fact.negated)
    return list(kept.values())


def _united_qualifiers(first: Mapping[str, str], second: Mapping[str, str]) -> Mapping[str, str]:
    """Return the qualifiers of a fact that is stated twice: the first value stands, but all support is kept."""
    if first == second:
        return first
    found = {**second, **first}
    if "supported_by" in first and "supported_by" in second:
        found["supported_by"] = " ".join(dict.fromkeys((*first["supported_by"].split(), *second["supported_by"].split())))
    return found


def _aliases(readings: Sequence[Reading], canonical: Mapping[Curie, Curie], entities: Mapping[Curie, Entity]) -> dict[Curie, Alias]:
    replaced = {r.old: r for reading in readings for r in reading.replacements}
    found = {
        curie: Alias(chosen, AliasKind.REPLACED if curie in replaced else AliasKind.SAME)
        for curie, chosen in canonical.items()
        if curie != chosen
    }
    for old in replaced:
        if old not in found and old not in entities:
            found[old] = Alias(None, AliasKind.REPLACED)
    return found
