"""Makes the layer of interactions between medicines out of the French ANSM thesaurus."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kg.authoring.wide.ansm_effects import Effect, effect_of, party, read_effects, spelling
from kg.authoring.wide.ansm_files import NONE, Interaction, Limit, Medicine, Names, read_index, read_limits, read_names, read_thesaurus
from kg.authoring.wide.layer import Layer
from kg.model import Curie, Entity, Fact
from kg.vocabulary import DRUG, DRUG_CLASS, INTERACTS_WITH, SUBCLASS_OF, gravity

NAME = "ansm"
NAMES, LIMITS, EFFECTS = "names.tsv", "limits.tsv", "effects.tsv"
"""The tables of our own, kept beside what is written."""

_GROUP = "ansm-class-"
_NO_MEDICINE = "a name that stands for no one medicine"
_NO_KIND = "belonging to what is no group of medicines, or of what is no medicine"
_EXCEPTED = "belonging to a group whose name excepts the substance"


@dataclass(frozen=True, slots=True)
class _Stated:
    """What one entry says of a pair."""

    severity: str
    effect: str
    purpose: str


def read_ansm(index: Path, thesaurus: Path, tables: Path, categories: Mapping[Curie, Curie]) -> tuple[Layer, Counter[str]]:
    """Read the thesaurus.

    Args:
        index: The substances with their groups.
        thesaurus: The interactions.
        tables: The directory with our tables of names, limits and effects.
        categories: Of the entities of the everyday layer, which they keep.

    Returns:
        Substances, groups, who belongs where, and interactions; and how many of each kind were left out.

    Raises:
        DataError: A file cannot be read, or holds a name or a level that is not known.
    """
    names = read_names(tables / NAMES)
    builder = _Builder(names, read_limits(tables / LIMITS, names), read_effects(tables / EFFECTS), categories)
    builder.read_groups(read_index(index), index)
    for entry in read_thesaurus(thesaurus):
        builder.take(entry, thesaurus)
    return builder.layer(), builder.left_out


class _Builder:
    def __init__(
        self,
        names: Names,
        limits: Mapping[tuple[str, str], Sequence[Limit]],
        effects: Sequence[Effect],
        categories: Mapping[Curie, Curie],
    ) -> None:
        self._names, self._limits, self._effects, self._categories = names, limits, effects, categories
        self._entities: dict[Curie, Entity] = {}
        self._groups: dict[Curie, dict[Curie, None]] = defaultdict(dict)
        self._members: dict[str, dict[Curie, None]] = defaultdict(dict)
        self._pairs: dict[tuple[Curie, Curie], list[_Stated]] = defaultdict(list)
        self.left_out: Counter[str] = Counter()

    def read_groups(self, index: Iterable[tuple[str, Sequence[str]]], path: Path) -> None:
        """Take the substances, and to which groups they belong."""
        for substance, groups in index:
            medicine = self._curie(self._names.of(substance, path))
            for name in groups:
                group = self._curie(self._names.of(name, path))
                if medicine is None or group is None:
                    self.left_out[_NO_MEDICINE] += 1
                elif spelling(substance) in _excepted(name):
                    self.left_out[_EXCEPTED] += 1
                elif medicine != group:
                    self._members[spelling(name)][medicine] = None
                    if self._is_group(group) and self._entities[medicine].category in (DRUG, DRUG_CLASS):
                        self._groups[medicine][group] = None
                    else:
                        self.left_out[_NO_KIND] += 1

    def _is_group(self, curie: Curie) -> bool:
        return self._entities[curie].category == DRUG_CLASS

    def _curie(self, medicine: Medicine) -> Curie | None:
        """Return the entity of a medicine, which is then part of the layer."""
        curie = medicine.curie
        if curie is not None and curie not in self._entities:
            category = self._categories.get(curie, DRUG_CLASS if curie.local.startswith(_GROUP) else DRUG)
            self._entities[curie] = Entity(curie, category, medicine.english, medicine.synonyms)
        return curie

    def take(self, entry: Interaction, path: Path) -> None:
        """Take what an entry says of its pair, and of members of a group where `limits.tsv` tells them apart."""
        main, plus = self._names.of(entry.main, path), self._names.of(entry.plus, path)
        first, second = self._curie(main), self._curie(plus)
        if first is None or second is None:
            self.left_out[_NO_MEDICINE] += 1
            return
        group, limits = self._limits_of(entry)
        other, whole = (second, first) if group == spelling(entry.main) else (first, second)
        stated = _Stated(max(entry.severities, key=_gravity), "", _joined(main.purpose, plus.purpose))
        for limit in limits:
            if not limit.member:
                stated = _narrowed(stated, limit)
        apart = {self._curie(self._names.of(limit.member, path)): limit for limit in limits if limit.member}
        said = {member: _narrowed(stated, limit) for member, limit in apart.items() if member is not None and limit.severity != NONE}
        if first == second:
            said |= {m: said.get(m, stated) for name in (entry.main, entry.plus) for m in self._members[spelling(name)]}
        elif any(limit.severity == NONE for limit in limits):
            said |= {m: stated for m in self._members[group] if m not in apart}
        else:
            said[whole] = stated
        for one, what in said.items():
            self._state(one, other, replace(what, effect=self._effect(entry, group, one, other)))

    def _effect(self, entry: Interaction, group: str, one: Curie, other: Curie) -> str:
        """Return what happens between the two, which the text calls by the names of the entry."""
        names = (entry.main, entry.plus) if group == spelling(entry.main) else (entry.plus, entry.main)
        parties = [party(french, self._entities[curie].name) for french, curie in zip(names, (one, other), strict=True)]
        return effect_of(entry.mechanism, parties, self._effects)

    def _limits_of(self, entry: Interaction) -> tuple[str, Sequence[Limit]]:
        """Return the name of the group whose members are told apart, and what is said of them."""
        names = (spelling(entry.main), spelling(entry.plus))
        for key in (names, names[::-1]):
            if key in self._limits:
                return key[0], self._limits[key]
        return names[0], ()

    def _state(self, one: Curie, other: Curie, stated: _Stated) -> None:
        if one != other:
            self._pairs[min(one, other), max(one, other)].append(stated)

    def layer(self) -> Layer:
        """Return what was taken, each pair once, the smaller identifier first."""
        facts = [Fact(medicine, SUBCLASS_OF, group, NAME) for medicine, groups in self._groups.items() for group in groups]
        facts += [Fact(one, INTERACTS_WITH, other, NAME, dict(_united(said))) for (one, other), said in self._pairs.items()]
        return Layer(list(self._entities.values()), facts)


def _joined(*purposes: str) -> str:
    return "; ".join(dict.fromkeys(filter(None, purposes)))


def _narrowed(stated: _Stated, limit: Limit) -> _Stated:
    return _Stated(limit.severity or stated.severity, stated.effect, _joined(stated.purpose, limit.purpose))


def _gravity(severity: str) -> int:
    return gravity({"severity": severity})


def _united(said: Sequence[_Stated]) -> Iterator[tuple[str, str]]:
    """Yield what holds of a pair: the gravest of what is said, its effect where all say one, its limits where all have some."""
    grave = max(_gravity(stated.severity) for stated in said)
    gravest = [stated for stated in said if _gravity(stated.severity) == grave]
    effects = {stated.effect for stated in gravest} - {""}
    purposes = list(dict.fromkeys(stated.purpose for stated in gravest))
    yield "severity", _TOLD.get(gravest[0].severity, gravest[0].severity)
    if len(effects) == 1:
        yield "effect", effects.pop()
    if "" not in purposes:
        yield "purpose", " or ".join(purposes)


# The lowest level, to be taken into account, is no small matter: breathing slowed by two sedating medicines stands there, where the
# thesaurus has no precaution to offer. It decides which of two statements is the graver, and is told as moderate.
_TOLD = {"minor": "moderate"}


def _excepted(group: str) -> set[str]:
    """Return the substances that a group's name excepts.

    >>> sorted(_excepted("bêta-bloquants (sauf esmolol et sotalol) (y compris collyres)"))
    ['esmolol', 'sotalol']
    """
    found = re.search(r"\bsauf ([^)]*)", spelling(group))
    return set(re.split(r", | et ", found[1])) if found else set()
