"""How much two conditions are alike, by the symptoms and signs that they share.

A symptom says the more the fewer conditions have it: its information content is the negative logarithm of the share of conditions that
are annotated with it or with something narrower (Resnik, "Using information content to evaluate semantic similarity in a taxonomy",
IJCAI 1995). Two conditions are compared by simGIC: the information content of what they share, over that of what either has, where
having a symptom is having everything broader too (Pesquita, Faria, Bastos, Ferreira, Falcão and Couto, "Metrics for GO based protein
semantic similarity: a systematic evaluation", BMC Bioinformatics 9(Suppl 5):S4, 2008).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kg.walk.rank import highest
from kg.walk.sparse import Numbers, SparseRows

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Profiles:
    """The conditions and what each has, made by `phenotype_profiles`.

    Attributes:
        diseases: The conditions that are annotated, by number.
        has: 1 at (position in `diseases`, entity) where the condition has a symptom, or something narrower.
        content: The information content of each entity in nats; 0 for one that no condition has.
        weight: For each condition, the sum of the information content of all that it has.
        hierarchy: Facts from narrower to broader term.
        cycle: The same number for entities that are each broader than the other; of a proper hierarchy, another for each.
    """

    diseases: Numbers
    has: csr_array
    content: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]
    hierarchy: SparseRows
    cycle: Numbers

    def __repr__(self) -> str:
        return f"<Profiles: {len(self.diseases):,} conditions, {np.count_nonzero(self.content):,} informative terms>"


@dataclass(frozen=True, slots=True)
class SimilarDisease:
    """A condition that shares symptoms with another.

    Attributes:
        number: The condition.
        score: From 0, nothing of information is shared, to 1, all is.
        shared: The narrowest terms that both have, each with its information content in nats, the most informative first.
    """

    number: int
    score: float
    shared: tuple[tuple[int, float], ...]


def phenotype_profiles(annotations: SparseRows, hierarchy: SparseRows) -> Profiles:
    """Work out what each condition has, and how much each symptom says.

    Args:
        annotations: Facts whose subject is a condition and whose object is a symptom or sign: `rows.only([HAS_PHENOTYPE])`.
        hierarchy: Facts from narrower to broader term: `rows.only([SUBCLASS_OF])`; it may have cycles.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 - whoever compares nothing does not wait for it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - the same

    entities = annotations.entities
    diseases, position = np.unique(annotations.subject, return_inverse=True)
    direct = csr_array((np.ones(len(annotations)), (position, annotations.object)), shape=(len(diseases), entities))
    up = hierarchy.outward
    parents = csr_array((np.ones(len(up.ends)), up.ends.copy(), up.starts.copy()), shape=(entities, entities))
    # One entry a pair: where two sources state the same, scipy 1.17's search for cycles would never end.
    parents.sum_duplicates()
    has = _upwards(direct, parents)
    content = information_content(has)
    _, cycle = connected_components(parents, directed=True, connection="strong")
    return Profiles(diseases, has, content, has @ content, hierarchy, cycle)


def _upwards(has: csr_array, parents: csr_array) -> csr_array:
    """Return what is had, and everything broader: 1 wherever a way up leads from something had."""
    new = has.copy()
    has = new
    while new.nnz:
        has.data[:] = 1
        grown = has + new @ parents
        grown.data[:] = 1
        # Only what came in this round has to be followed further, which also ends cycles.
        new = grown - has
        new.eliminate_zeros()
        has = grown
    return has


def information_content(has: csr_array) -> npt.NDArray[np.float64]:
    """Return the information content of each term in nats, 0 for one that no condition has.

    Args:
        has: 1 at (condition, term) where the condition has the term or something narrower.
    """
    having = np.bincount(has.indices, minlength=has.shape[1])
    # Adding 0 makes the negative zero of a term that all conditions have a plain one.
    return np.where(having > 0, -np.log(np.maximum(having, 1) / max(has.shape[0], 1)), 0.0) + 0.0


def similar_diseases(profiles: Profiles, disease: int, k: int = 10) -> tuple[SimilarDisease, ...]:
    """Return the conditions most like one, the most alike first, then by number; none where it has no symptom in the graph.

    Args:
        profiles: What every condition has.
        disease: The condition.
        k: How many are wanted at most; those with nothing informative in common are never among them.
    """
    place = int(np.searchsorted(profiles.diseases, disease))
    if place == len(profiles.diseases) or profiles.diseases[place] != disease:
        return ()
    own = _terms(profiles, place)
    informative = np.zeros(len(profiles.content))
    informative[own] = profiles.content[own]
    shared = profiles.has @ informative
    either = profiles.weight + profiles.weight[place] - shared
    scores = np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)
    scores[place] = 0
    return tuple(
        SimilarDisease(int(profiles.diseases[other]), score, _shared(profiles, own, _terms(profiles, other)))
        for other, score in highest(scores, k)
    )


def _terms(profiles: Profiles, place: int) -> Numbers:
    has = profiles.has
    terms: Numbers = has.indices[has.indptr[place] : has.indptr[place + 1]]
    return terms


def _shared(profiles: Profiles, one: Numbers, other: Numbers) -> tuple[tuple[int, float], ...]:
    """Return the narrowest terms of both: those of which no other shared term is a kind."""
    both = np.intersect1d(one, other)
    positions, counts = profiles.hierarchy.outward.from_all(both)
    broader, narrower = profiles.hierarchy.outward.ends[positions], np.repeat(both, counts)
    implied = broader[profiles.cycle[broader] != profiles.cycle[narrower]]
    narrowest = np.setdiff1d(both, implied)
    informative = narrowest[profiles.content[narrowest] > 0]
    order = informative[np.lexsort((informative, -profiles.content[informative]))]
    return tuple(zip(order.tolist(), profiles.content[order].tolist(), strict=True))
