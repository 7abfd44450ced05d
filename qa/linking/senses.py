"""What a name means: which of its bearers, in this context, and whether it names anything here at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from kg.graph import Graph, Naming
from kg.names import key
from kg.vocabulary import CHEMICAL, DISEASE
from qa.lexicon import TOO_COMMON
from qa.linking.hits import MISSPELT, Hit, Linked
from qa.linking.reading import Reading
from qa.linking.spelling import Speller
from qa.model import MISSPELT_SCORE, MOST_CANDIDATES, SYNONYM_SCORE, Candidate

# These name something in the plural alone.
_PLURALS = frozenset(
    key(name) for name in ("falls", "the runs", "runs", "the shakes", "shakes", "the trots", "trots", "the bends", "bends")
)
_OTHER_BEARER = 0.6
"""Share of its score that is left to a bearer of the name that is less likely meant."""

SHORTEST_IMPORTED = 5
"""Letters in the longest word of a name that imported sources alone give, at the least."""

_AROUND = 60
_NEARBY = 300
_CAPITALS = re.compile(r"[A-Z][A-Z0-9-]{1,6}")
_LONGEST_ABBREVIATION = 7
_NAMES_ALONE = "MESH"
_FOODS = frozenset(map(key, "oil fat butter sugar honey milk wine beer tea coffee salt water juice syrup starch flour".split()))
_ABBREVIATION = re.compile(r"[A-Z][A-Z0-9]+s?")


@dataclass(frozen=True, slots=True)
class _Rule:
    """A sense of a word that its context decides; see senses.yaml."""

    means: str | None
    why: str
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    near: re.Pattern[str] | None
    written: re.Pattern[str] | None

    def holds(self, text: str, start: int, end: int) -> bool:
        """Say whether the context of the characters [start, end) of a text is that of the rule."""
        if self.written is not None and not self.written.fullmatch(text[start:end]):
            return False
        if self.before is not None and not self.before.search(text[max(0, start - _AROUND) : start]):
            return False
        if self.after is not None and not self.after.match(text[end : end + _AROUND]):
            return False
        if self.near is None:
            return True
        around = text[max(0, start - _NEARBY) : start] + " " + text[end : end + _NEARBY]
        return self.near.search(around) is not None


@dataclass(frozen=True, slots=True)
class Bearers:
    """Who bears a name, the one that is meant without a context first.

    Attributes:
        namings: The bearers.
        needs_capitals: Whether it names something only in capitals: "MS", not "ms".
        stands_out: Whether it is taken for a name where only an imported source gives it.
        spellings: The name as its bearers have it, in lower case.
        abbreviates: Whether they all have it in capitals.
        plural: Whether it is everyday English but for its number: "falls", "the runs".
        plain: What the name may mean where it is written as it is and no context decides.
        told: False for what MeSH alone names, of which the graph has no fact; a substance is told of: silver nitrate is no nitrate.
        is_food: Whether it is a substance to chemists alone: olive oil.
    """

    namings: tuple[Naming, ...]
    needs_capitals: bool
    stands_out: bool
    spellings: frozenset[str]
    abbreviates: bool
    plural: bool
    plain: tuple[Candidate, ...]
    told: bool
    is_food: bool

    @property
    def curated(self) -> bool:
        """Whether a curated source gives the name."""
        return self.namings[0].curated


class Senses:
    """Decides what names mean.

    Args:
        graph: Who bears which name.
        speller: Tells ordinary English.
    """

    def __init__(self, graph: Graph, speller: Speller) -> None:
        self._graph, self._speller = graph, speller
        self._rules = _read_rules()
        self.bearers = lru_cache(maxsize=65_536)(self._bearers)
        self._stands = lru_cache(maxsize=65_536)(self._stands_out)
        self._is_curated = lru_cache(maxsize=65_536)(graph.surface.is_curated)

    def judge(self, hit: Hit, reading: Reading) -> Linked | None:
        """Return what a hit means in its context, or None where its words name nothing here."""
        exact = reading.is_exact(hit.first, hit.last)
        as_written = not hit.how and not hit.penalty and exact
        if not self._is_curated(hit.name) and not (as_written and self._stands(hit.name)):
            return None  # before its bearers are read
        bearers = self.bearers(hit.name)
        if bearers is None:
            return None
        written = reading.written(hit.first, hit.last)
        chosen, why = self._in_context(hit, reading, bearers)
        if chosen is None or (not why and not _fits(bearers, written, self._speller)):
            return None
        if not bearers.curated and not (as_written and bearers.stands_out):
            return None
        if as_written and not why:
            return Linked(hit, bearers.plain, chosen[0].curated, bearers.told, bearers.is_food)
        misspelt = not exact or hit.how == MISSPELT
        return Linked(hit, _candidates(chosen, hit, written, misspelt, why), chosen[0].curated)

    def named(self, name: str) -> Naming | None:
        """Return the first bearer of a name, or None."""
        bearers = self.bearers(key(name))
        return bearers.namings[0] if bearers is not None else None

    def _bearers(self, name: str) -> Bearers | None:
        found = sorted(self._graph.named(name), key=self._standing, reverse=True)
        if not found:
            return None
        entities = [naming.entity for naming in found]
        written = set[str]()
        if name in _PLURALS or len(name) <= _LONGEST_ABBREVIATION:
            written = {own for e in entities for own in (e.name, *e.synonyms) if key(own) == name}
        spellings = frozenset(own.casefold() for own in written)
        plural = name in _PLURALS and all(own.endswith("s") for own in spellings)
        abbreviates = bool(written) and all(_CAPITALS.fullmatch(own) for own in written)
        # A sign of HPO of which nothing is told has a place in its hierarchy, which a question can climb; what MeSH alone names has none.
        told = found[0].curated or any(e.curie.prefix != _NAMES_ALONE or self._graph.degree(e.curie) > 0 for e in entities)
        substance = all(e.category == CHEMICAL for e in entities)
        plain = _candidates(found, Hit(0, 0, name), name, False, "")
        # "Chronic disease" is one to an index of articles alone.
        everyday = not told and all(map(self._speller.is_everyday, name.split()))
        stands_out = self._stands(name) and (substance or not everyday)
        is_food = substance and everyday and name.rpartition(" ")[2] in _FOODS
        return Bearers(tuple(found), name in TOO_COMMON, stands_out, spellings, abbreviates, plural, plain, told or substance, is_food)

    def _standing(self, naming: Naming) -> tuple[bool, bool, int, bool, int]:
        """Return what decides between bearers: a curated name, then a preferred one, then of which the graph says most."""
        entity = naming.entity
        degrees = self._graph.curated_degree(entity.curie), self._graph.degree(entity.curie)
        # An ontology of signs has terms for illnesses too, of which it says less than an ontology of illnesses does.
        return naming.curated, naming.preferred, degrees[0], entity.category == DISEASE, degrees[1]

    def _stands_out(self, name: str) -> bool:
        """Say whether an imported name is taken for one: not where it is ordinary English, nor where it may be an abbreviation.

        The NHS is a disease too, CBD a colour blindness and PCM a fungus, but not to who writes so.
        """
        if not any(len(word) >= SHORTEST_IMPORTED for word in name.split()):
            return False
        return " " in name or not self._speller.is_english(name)

    def _in_context(self, hit: Hit, reading: Reading, bearers: Bearers) -> tuple[tuple[Naming, ...] | None, str]:
        """Return the bearers in the order of what the context says, and why; None where they are not meant at all."""
        start, end = reading.starts[hit.first], reading.ends[hit.last - 1]
        for rule in self._rules.get(hit.name, ()):
            if not rule.holds(reading.seen, start, end):
                continue
            if rule.means is None:
                return None, rule.why
            meant = self.named(rule.means)
            if meant is not None:
                rest = (naming for naming in bearers.namings if naming.entity != meant.entity)
                return (meant, *rest), rule.why
        return bearers.namings, ""


def _fits(bearers: Bearers, written: str, speller: Speller) -> bool:
    """Say whether a name is written as it can be: "MS" in capitals, "PRES" not as "pre", "the runs" not as "the run"."""
    if bearers.needs_capitals and not _ABBREVIATION.fullmatch(written):
        return False
    lower = written.casefold()
    # "UTIs" is a plural; "pre" is no PRES.
    if bearers.abbreviates and not {lower, lower.removesuffix("s")} & bearers.spellings:
        return False
    if bearers.abbreviates and not any(c.isupper() for c in written) and (speller.is_english(lower) or speller.is_frequent(lower)):
        return False
    return not bearers.plural or lower.endswith("s")


def _candidates(namings: Sequence[Naming], hit: Hit, written: str, misspelt: bool, why: str) -> tuple[Candidate, ...]:
    found = []
    for place, naming in enumerate(namings[:MOST_CANDIDATES]):
        own = 1.0 if naming.preferred else SYNONYM_SCORE
        score = MISSPELT_SCORE if misspelt else own - hit.penalty
        name = "preferred name" if naming.preferred else "synonym"
        reason = f"{written!r} read as {hit.name!r}, a {name}" if misspelt else ", ".join(part for part in (name, hit.how) if part)
        if place:
            score, reason = score * _OTHER_BEARER, f"{reason}, of which another bearer is more likely meant"
        elif why:
            reason = f"{reason}; {why}"
        found.append(Candidate(naming.entity, score, reason))
    return tuple(found)


@lru_cache(maxsize=1)
def _read_rules() -> dict[str, tuple[_Rule, ...]]:
    """Read senses.yaml, the table of words that mean one thing or another by their context."""
    entries = yaml.safe_load(resources.files("qa.linking").joinpath("senses.yaml").read_text(encoding="utf-8"))
    rules: dict[str, list[_Rule]] = {}
    for entry in entries:
        found = [_rule(sense) for sense in entry["senses"]]
        for name in entry["names"]:
            rules.setdefault(key(name), []).extend(found)
    return {name: tuple(found) for name, found in rules.items()}


def _rule(sense: dict[str, Any]) -> _Rule:
    def pattern(name: str, flags: int, form: str) -> re.Pattern[str] | None:
        return re.compile(form.format(sense[name]), flags) if name in sense else None

    case = re.IGNORECASE
    return _Rule(
        sense["means"],
        sense["why"],
        pattern("before", case, r"(?:{})\W*$"),
        pattern("after", case, r"\W*(?:{})"),
        pattern("near", case, r"\b(?:{})"),
        pattern("written", 0, "{}"),
    )
