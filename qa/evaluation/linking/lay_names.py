"""HPO's layperson synonyms, left out of the graph one fold of terms at a time: whether the linker knows what they mean without them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.graph import Graph
from kg.model import Curie
from kg.names import key
from qa.evaluation.linking.golds import Golds
from qa.evaluation.linking.hiding import HidingGraph, NamedGraph
from qa.evaluation.linking.results import Figure, Miss, Share, Watch, covering, ranked, sampled, shown, shown_candidates
from qa.linker import Linker
from qa.training.name_sets import FOLDS, fold_of
from qa.training.synonyms import read_lay_names

OpenFold = Callable[[int, HidingGraph], Linker]
"""Opens a linker over a graph without the lay names of a fold; it must have learnt nothing from these names either."""


@dataclass(frozen=True, slots=True)
class LayName:
    """A layperson synonym: the term of HPO that it is of, the entity of the graph that it means, and its text."""

    term: str
    entity: Curie
    text: str

    @property
    def pair(self) -> tuple[Curie, str]:
        """What is hidden: the entity and the folded name."""
        return self.entity, key(self.text)


def lay_names(path: Path, graph: Graph) -> list[LayName]:
    """Read the names in `layperson-synonyms.tsv` that differ from the label, of terms that the graph knows, each once.

    Raises:
        DatasetError: The file cannot be read, or is not of its form.
    """
    golds = Golds(graph)
    found: dict[tuple[Curie, str], LayName] = {}
    for row in read_lay_names(path):
        for entity in map(graph.entity, golds.entities([row.term])):
            if entity is not None:
                name = LayName(row.term, entity.curie, row.name)
                if name.pair[1] not in ("", key(row.label), key(entity.name)):
                    found.setdefault(name.pair, name)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Fold:
    """The figures of one fold.

    Attributes:
        number: From 0.
        first: Names linked to the entity that they mean.
        five: Names with that entity among the first five candidates.
        unborne_first: As `first`, of the names that no other entity bears either.
        unborne_five: As `five`, of these.
    """

    number: int
    first: Share
    five: Share
    unborne_first: Share
    unborne_five: Share

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as plain JSON types."""
        names = ("first", "five", "unborne_first", "unborne_five")
        return {"fold": self.number, **{name: getattr(self, name).as_dict() for name in names}}


@dataclass(frozen=True, slots=True)
class LayNamesResult:
    """The figures of all folds."""

    folds: tuple[Fold, ...]
    misses: tuple[Miss, ...] = field(default=(), repr=False)

    def mean(self, name: str) -> float:
        """Return the mean of a share of all folds, in percent."""
        shares: list[Share] = [getattr(fold, name) for fold in self.folds]
        return sum(share.percent for share in shares) / len(shares) if shares else 0.0

    def figures(self) -> list[Figure]:
        """Return the main figures."""
        return [Figure("held-out lay names, first", self.mean("first")), Figure("held-out lay names, among five", self.mean("five"))]

    def as_dict(self) -> dict[str, Any]:
        """Return all figures as plain JSON types."""
        means = {name: round(self.mean(name), 2) for name in ("first", "five", "unborne_first", "unborne_five")}
        return {"mean": means, "folds": [fold.as_dict() for fold in self.folds]}

    def as_text(self) -> str:
        """Return all figures for a terminal."""
        lines = [f"{'':8}{'first':>22}{'among five':>24}{'borne by no entity: first':>28}{'among five':>24}"]
        for fold in self.folds:
            lines.append(f"fold {fold.number}  {fold.first!s:>22}{fold.five!s:>24}{fold.unborne_first!s:>28}{fold.unborne_five!s:>24}")
        first, five, unborne_first, unborne_five = (self.mean(n) for n in ("first", "five", "unborne_first", "unborne_five"))
        lines.append(f"mean    {first:>20.1f} %{five:>22.1f} %{unborne_first:>26.1f} %{unborne_five:>22.1f} %")
        return "\n".join(lines)


def evaluate_lay_names(
    open_fold: OpenFold, graph: NamedGraph, names: Sequence[LayName], watch: Watch[LayName], sample: int | None = None
) -> LayNamesResult:
    """Hide the names of one fold after the other, and ask what each means.

    A linker that ranks phrases is asked for that; of another the mention counts that covers most of the name, linked as a text.

    Args:
        open_fold: Opens ours or a peer over the graph without a fold.
        graph: The whole graph.
        names: The lay names.
        watch: Shows how far it is.
        sample: How many names are asked for, of all folds together; all names of a fold are hidden all the same. None, all.
    """
    asked = set(sampled(names, sample, lambda name: f"{name.entity} {name.text}"))
    misses: list[Miss] = []
    folds = []
    for number in range(FOLDS):
        of_fold = [name for name in names if fold_of(name.term) == number]
        questions = [name for name in of_fold if name in asked]
        if questions:
            without = HidingGraph(graph, {name.pair for name in of_fold})
            title = f"lay names, fold {number}"
            folds.append(_fold(number, open_fold(number, without), without, watch(questions, title), misses))
    return LayNamesResult(tuple(folds), tuple(misses))


def _fold(number: int, linker: Linker, graph: HidingGraph, names: Iterable[LayName], misses: list[Miss]) -> Fold:
    golds = Golds(graph)
    judged: list[tuple[bool, bool, bool]] = []
    for name in names:
        mention = covering(linker.link(name.text), (0, len(name.text)))
        first, five = golds.first(mention, [name.entity]), golds.among_five(mention, [name.entity])
        if (entities := ranked(linker, name.text)) is not None:
            right = [golds.is_right(entity, [name.entity]) for entity in entities[:5]]
            first, five = any(right[:1]), any(right)
        judged.append((first, five, bool(graph.named(name.text))))
        if not first:
            gold = (f"{name.entity} {_name(graph, name.entity)}",)
            entity = mention.entity if mention is not None else None
            kind = "wrong entity" if entity is not None else "not found"
            misses.append(Miss("hpo-layperson", kind, name.text, name.text, gold, shown(entity), shown_candidates(mention)))
    unborne = [(first, five) for first, five, borne in judged if not borne]
    return Fold(
        number,
        _share(first for first, _, _ in judged),
        _share(five for _, five, _ in judged),
        _share(first for first, _ in unborne),
        _share(five for _, five in unborne),
    )


def _name(graph: Graph, curie: Curie) -> str:
    entity = graph.entity(curie)
    return entity.name if entity is not None else ""


def _share(judged: Iterable[bool]) -> Share:
    found: Collection[bool] = list(judged)
    return Share(sum(found), len(found))
