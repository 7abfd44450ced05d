"""The French thesaurus of drug interactions (ANSM), in the compact form in which it lies beside the everyday layer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kg.authoring.corroborate.ancestors import ancestors
from kg.authoring.corroborate.names import Names
from kg.authoring.corroborate.statements import Statement
from kg.model import Curie, Entity, Fact
from kg.sources.compact import read_compact
from kg.sources.records import Options
from kg.vocabulary import DRUG_CLASS, HAS_SIDE_EFFECT, INTERACTS_WITH, SUBCLASS_OF

NAME = "ANSM"
_RELEASE = f"{NAME}:2020-10-20"  # the edition
# What the medicines hold whose names do not tell.
_INGREDIENTS = {
    "co-amoxiclav": ("amoxicillin", "clavulanic acid"),
    "co-codamol": ("codeine", "paracetamol"),
    "co-trimoxazole": ("sulfamethoxazole", "trimethoprim"),
}
# Groups that are named for the harm that each of their members can do.
_HARMS = {
    "medicines that can cause angio-oedema": ("angioedema",),
    "medicines that cause low blood pressure on standing": ("dizziness on standing up", "low blood pressure"),
    "medicines that cause methaemoglobinaemia": ("methaemoglobinaemia",),
    "medicines that harm hearing": ("hearing loss",),
    "medicines that harm the kidneys": ("kidney damage",),
    "medicines that lower potassium": ("low potassium",),
    "medicines that lower sodium": ("low sodium",),
    "medicines that lower the seizure threshold": ("seizures",),
    "medicines that prolong the QT interval": ("QT prolongation",),
    "medicines that raise potassium": ("high potassium",),
    "medicines that slow the heart": ("slow heartbeat",),
    "sedating medicines": ("drowsiness",),
    "serotonergic medicines": ("serotonin syndrome",),  # in French, those that bring it on
}
_FEWEST = 2  # members of a group that the thesaurus must know before they speak for the group

_Partners = dict[Curie, dict[Curie, str]]


def read(directory: Path, wider: Mapping[Curie, Iterable[Curie]], names: Names) -> Iterator[Statement]:
    """Yield its interactions, then the harms after which it names groups, then which medicine it counts among which group.

    What it says of a group holds of each medicine that it counts among the group, and what it says of a medicine holds of a product that
    holds it. A group of ours does what all those of its members do that the thesaurus knows, two at least.

    Args:
        directory: The thesaurus.
        wider: The groups to which a medicine of ours belongs.
        names: The finder of nodes.

    Raises:
        DataError: The directory holds no table, or one is damaged.
    """
    labels: dict[Curie, str] = {}
    parents: dict[str, set[str]] = defaultdict(set)
    pairs: list[Fact] = []
    for record in read_compact(directory, Options("ansm")):
        if isinstance(record, Entity):
            labels[record.curie] = record.name
        elif isinstance(record, Fact) and record.predicate == SUBCLASS_OF:
            parents[record.subject].add(record.object)
        elif isinstance(record, Fact) and record.predicate == INTERACTS_WITH and not record.negated:
            pairs.append(record)
    meant = _meant(labels, parents, names)
    partners = _partners(pairs, meant)
    members = _members(wider, {node for found in meant.values() for node in found}, names)
    _add_groups(partners, members)
    for one, others in sorted(partners.items()):
        # The fact is symmetric: it is stated once, the smaller identifier first.
        yield from (Statement((one, INTERACTS_WITH, other), cited) for other, cited in sorted(others.items()) if one < other)
    for group, label in labels.items():
        for harm in _HARMS.get(label, ()):
            for finding in sorted(names.of("", harm)):
                harmful = meant[group] | {ours for ours, those in members.items() if those <= meant[group]}
                yield from (Statement((one, HAS_SIDE_EFFECT, finding), f"{_RELEASE}/{group}") for one in sorted(harmful))
    for curie, label in labels.items():
        for holder in sorted(ancestors(curie, parents) & labels.keys()):
            for one in sorted(names.of(curie, label)):
                for other in sorted(names.of(holder, labels[Curie(holder)]) - {one}):
                    yield Statement((one, SUBCLASS_OF, other), f"{_RELEASE}/{curie}/{holder}")


def _meant(labels: Mapping[Curie, str], parents: Mapping[str, Iterable[str]], names: Names) -> dict[str, set[Curie]]:
    """Return the nodes that each of its substances and groups is or holds."""
    products: dict[Curie, set[Curie]] = defaultdict(set)
    for node in names.entities.values():
        parts = _INGREDIENTS.get(node.name, node.name.split("/") if "/" in node.name else ())
        for part in parts:
            for ingredient in names.of("", part.strip()):
                products[ingredient].add(node.curie)
    meant: dict[str, set[Curie]] = defaultdict(set)
    for curie, label in labels.items():
        found = {*names.of(curie, label)}
        found |= {product for node in found for product in products.get(node, ())}
        for holder in (curie, *ancestors(curie, parents)):
            meant[holder] |= found
    return meant


def _partners(pairs: Iterable[Fact], meant: Mapping[str, set[Curie]]) -> _Partners:
    partners: _Partners = defaultdict(dict)
    for fact in pairs:
        cited = f"{_RELEASE}/{fact.subject}/{fact.object}"
        for one in meant.get(fact.subject, ()):
            for other in meant.get(fact.object, set()) - {one}:
                partners[one].setdefault(other, cited)
                partners[other].setdefault(one, cited)
    return partners


def _members(wider: Mapping[Curie, Iterable[Curie]], known: Iterable[Curie], names: Names) -> dict[Curie, set[Curie]]:
    """Return which members of the groups of ours the thesaurus knows, where it knows enough of them."""
    members: dict[Curie, set[Curie]] = defaultdict(set)
    for node in known:
        for group in wider.get(node, ()):
            if names.entities[group].category == DRUG_CLASS and names.entities[node].category != DRUG_CLASS:
                members[group].add(node)
    return {group: those for group, those in sorted(members.items()) if len(those) >= _FEWEST}


def _add_groups(partners: _Partners, members: Mapping[Curie, set[Curie]]) -> None:
    # Twice: a group interacts with another one where each of its members does.
    for _ in range(2):
        for group, those in members.items():
            first, *rest = sorted(those)
            for other, cited in list(partners.get(first, {}).items()):
                if other != group and other not in those and all(other in partners.get(member, {}) for member in rest):
                    partners[group].setdefault(other, cited)
                    partners[other].setdefault(group, cited)
