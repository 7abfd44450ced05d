"""What names are learnt from: pairs that mean the same, beside names that nearly do, and the loss that tells them apart."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from qa.training.name_sets import NameSet, siblings
from qa.training.patient_words import patient_wording

PHENOTYPE, DISEASE = "biolink:PhenotypicFeature", "biolink:Disease"
_MOST_PAIRS = 4  # of one entity in an epoch
_NEVER = -1e4

Neighbours = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Pairs:
    """A batch: row n of `left` and row n of `right` name one entity, row n of `other` names another that is like it.

    `clusters` and `other_clusters` say which of these names may mean the same all the same (`NameSet.cluster`).
    """

    left: list[str]
    right: list[str]
    other: list[str]
    clusters: npt.NDArray[np.int64]
    other_clusters: npt.NDArray[np.int64]


class PairSampler:
    """Draws pairs of names of one entity, each with a name of another as a hard negative.

    Args:
        sets: The names of all entities.
        fold: Names held out of this fold are never drawn; None draws from all.
        seed: What is drawn follows from it.
        wording: Share of the names of conditions and symptoms that are put in a patient's words.
        neighbours: For each entity others whose names are near to its own, or None.
    """

    def __init__(
        self, sets: Sequence[NameSet], fold: int | None, seed: int, wording: float = 0.25, neighbours: Neighbours | None = None
    ) -> None:
        self.sets, self.wording, self.neighbours = sets, wording, neighbours
        self.names = [found.without(fold) for found in sets]
        self.siblings = list(siblings(sets))
        self.chance = random.Random(seed)
        self.drawable = [n for n, names in enumerate(self.names) if len(names) > 1]

    def epoch(self) -> list[int]:
        """Return the entities of a pass in random order: as often as there are pairs to make, those that patients speak of twice so."""
        found = []
        for n in self.drawable:
            pairs = min(_MOST_PAIRS, len(self.names[n]) - 1)
            often = self.sets[n].curated or self.sets[n].category == PHENOTYPE
            found += [n] * (2 * pairs if often else pairs)
        self.chance.shuffle(found)
        return found

    def batches(self, size: int) -> Iterator[Pairs]:
        """Yield batches without end; no batch draws one cluster twice, so that what is not a pair is a negative."""
        waiting: list[int] = []
        while True:
            chosen, seen, passed = list[int](), set[int](), list[int]()
            while len(chosen) < size:
                if not waiting:
                    waiting = self.epoch()
                    if len({self.sets[n].cluster for n in waiting}) < size:
                        size = len({self.sets[n].cluster for n in waiting})
                n = waiting.pop()
                (passed if self.sets[n].cluster in seen else chosen).append(n)
                seen.add(self.sets[n].cluster)
            waiting += passed
            yield self._draw(chosen)

    def _draw(self, chosen: Sequence[int]) -> Pairs:
        drawn = [self.chance.sample(self.names[n], 2) for n in chosen]
        others = [self._other(n) for n in chosen]
        return Pairs(
            [self._worded(n, left) for n, (left, _) in zip(chosen, drawn, strict=True)],
            [right for _, right in drawn],
            [self._worded(n, self.chance.choice(self.names[n])) for n in others],
            np.array([self.sets[n].cluster for n in chosen]),
            np.array([self.sets[n].cluster for n in others]),
        )

    def _other(self, n: int) -> int:
        """Return an entity like another: a sibling or a near one; any where there is none."""
        kin = [found for found in (self.siblings[n], [] if self.neighbours is None else self.neighbours[n]) if found]
        for attempt in range(32):
            pool = self.chance.choice(kin) if kin and attempt < 4 else range(len(self.sets))
            other = self.chance.choice(pool)
            if self.names[other] and self.sets[other].cluster != self.sets[n].cluster:
                return other
        return next(m for m in self.drawable if self.sets[m].cluster != self.sets[n].cluster)

    def _worded(self, n: int, name: str) -> str:
        if self.sets[n].category in (PHENOTYPE, DISEASE) and self.chance.random() < self.wording:
            return patient_wording(name, self.chance)
        return name


def contrastive_loss(left: Tensor, right: Tensor, other: Tensor, pairs: Pairs, temperature: float) -> Tensor:
    """Return the symmetric cross-entropy of finding each name's partner among all names of the batch.

    This is the multiple negatives ranking loss (Henderson et al., 2017, "Efficient natural language response suggestion for Smart
    Reply") with hard negatives, both ways round. Names that may mean the same are no negatives of each other.

    Args:
        left: Vectors of length 1. *Shape:* (n, width).
        right: Those of their partners. *Shape:* (n, width).
        other: Those of the hard negatives. *Shape:* (n, width).
        pairs: What they are of.
        temperature: By which products are divided.
    """
    ours, theirs = (torch.from_numpy(side).to(left.device) for side in (pairs.clusters, pairs.other_clusters))
    same = ours[:, None] == theirs
    wanted = torch.arange(len(left), device=left.device)
    forth = _scores(left, torch.cat((right, other)), same, temperature)
    back = _scores(right, torch.cat((left, other)), same, temperature)
    return (cross_entropy(forth, wanted) + cross_entropy(back, wanted)) / 2


def _scores(one: Tensor, many: Tensor, same: Tensor, temperature: float) -> Tensor:
    # No batch holds a cluster twice, so only the hard negatives can mean the same.
    never = torch.cat((torch.zeros_like(same), same), 1)
    return (one @ many.T / temperature).masked_fill(never, _NEVER)


def nearest_entities(
    names: Sequence[Sequence[str]], sets: Sequence[NameSet], embed: Callable[[Sequence[str]], Tensor], most: int = 8
) -> list[list[int]]:
    """Return, for each entity, up to `most` others whose names are nearest to its first name, those of its own cluster left out.

    Args:
        names: The names of each entity that may be used.
        sets: The entities.
        embed: Gives texts vectors of length 1 on the device to compute on.
        most: How many to return.
    """
    numbers = [n for n, found in enumerate(names) if found]
    vectors = embed([names[n][0] for n in numbers])
    clusters = torch.tensor([sets[n].cluster for n in numbers], device=vectors.device)
    found: list[list[int]] = [[] for _ in names]
    for first in range(0, len(numbers), 1024):
        rows = slice(first, first + 1024)
        products = vectors[rows] @ vectors.T
        products.masked_fill_(clusters[rows, None] == clusters, -1.0)
        for n, near in zip(numbers[rows], products.topk(min(most, len(numbers))).indices.tolist(), strict=True):
            found[n] = [numbers[m] for m in near]
    return found


def lay_questions(sets: Sequence[NameSet], fold: int) -> tuple[list[str], list[set[int]], list[str], list[int]]:
    """Return what a fold is measured on: lay names, the entities that each means, and all phenotypes' other names with their owners."""
    meant: dict[str, tuple[str, set[int]]] = {}
    for n, found in enumerate(sets):
        for name, of in found.lay:
            if of == fold and found.category == PHENOTYPE:
                meant.setdefault(name.casefold(), (name, set()))[1].add(n)
    known = [(name, n) for n, found in enumerate(sets) if found.category == PHENOTYPE for name in found.without(fold)]
    return [name for name, _ in meant.values()], [of for _, of in meant.values()], [name for name, _ in known], [n for _, n in known]


def measure_lay(sets: Sequence[NameSet], fold: int, embed: Callable[[Sequence[str]], Tensor]) -> dict[str, Any]:
    """Return the share (in percent) of a fold's lay names whose nearest name, or one of whose nearest five entities, is right.

    Of an entity's names the nearest counts.
    """
    asked, meant, names, owners = lay_questions(sets, fold)
    vectors, owner = embed(names), np.array(owners)
    right = {1: 0, 5: 0}
    for first in range(0, len(asked), 256):
        products = embed(asked[first : first + 256]) @ vectors.T
        nearest = products.topk(min(64, len(names))).indices.cpu().numpy()
        for row, wanted in zip(nearest, meant[first : first + 256], strict=True):
            ranked = list(dict.fromkeys(owner[row].tolist()))
            for most in right:
                right[most] += not wanted.isdisjoint(ranked[:most])
    return {"questions": len(asked), "names": len(names)} | {f"top{most}": 100 * hits / max(1, len(asked)) for most, hits in right.items()}
