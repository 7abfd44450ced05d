"""Which entities are closest to some others, by personalised PageRank."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kg.model import Direction
from kg.walk.sparse import SparseRows

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Transitions:
    """Where a random walker may go, made by `transitions`.

    Attributes:
        matrix: 1 at (to, from) where a step leads from one entity to another.
        ways: For each entity, to how many others a step leads.
        symmetric: True where every step leads back as well.
    """

    matrix: csr_array
    ways: Scores
    symmetric: bool = False

    def __repr__(self) -> str:
        return f"<Transitions: {len(self.ways):,} entities, {self.matrix.nnz:,} pairs>"


def transitions(rows: SparseRows, direction: Direction | None = None) -> Transitions:
    """Work out where a random walker may go: from an entity to each that is joined to it, with equal chances.

    However many facts join two entities and however many sources state them, the two are joined once.

    Args:
        rows: The facts that may be walked; `rows.only` narrows them to some predicates.
        direction: From subject to object (OUT), the other way (IN), or both (None).
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 - whoever ranks nothing does not wait for it

    steps = rows.along(None if direction is None else direction.other)
    # Copied, since scipy sorts in place.
    matrix = csr_array((np.ones(len(steps.ends)), steps.ends.copy(), steps.starts.copy()), shape=(rows.entities, rows.entities))
    matrix.sum_duplicates()
    matrix.data[:] = 1
    ways = np.bincount(matrix.indices, minlength=rows.entities).astype(np.float64)
    return Transitions(matrix, ways, symmetric=direction is None)


def personalised_pagerank(moves: Transitions, seeds: Mapping[int, float], damping: float = 0.85, tolerance: float = 1e-9) -> Scores:
    """Return for each entity the chance to find there a random walker that keeps coming back to the seeds.

    Page, Brin, Motwani and Winograd, "The PageRank citation ranking: bringing order to the web", Stanford InfoLab 1999-66, 1999. A
    walker with nowhere to go comes back too. The scores add up to 1; without seeds all are 0. They are in proportion to how often the
    walker is at each entity before it first comes back (Gleich, "PageRank beyond the web", SIAM Review 57(3), 321-363, 2015), which is
    summed step by step; what is left of the sum is taken to shrink as it did in the last step. Where every step leads back as well, the
    sum solves a symmetric positive definite system, which conjugate gradients (Hestenes and Stiefel, 1952) do in half the time.

    Args:
        moves: Where the walker may go.
        seeds: Entities and how much each counts beside the others, more than 0.
        damping: The chance that the walker goes on instead of coming back, above 0 and below 1.
        tolerance: The iteration ends when one more step would change the scores by less than this, all together.

    Raises:
        ValueError: `damping` or `tolerance` is out of its range, or a seed counts 0 or less.

    >>> from kg.walk.sparse import rows_of
    >>> chain = rows_of(3, subject=[0, 1], predicate=[0, 0], object=[1, 2])
    >>> personalised_pagerank(transitions(chain), {0: 1}).round(3).tolist()
    [0.345, 0.459, 0.195]
    """
    if not 0 < damping < 1 or tolerance <= 0:
        raise ValueError(f"damping is {damping} and tolerance {tolerance}: expected damping between 0 and 1, tolerance above 0")
    home = np.zeros(len(moves.ways))
    for number, weight in seeds.items():
        if not 0 < weight < math.inf:
            raise ValueError(f"the seed {number} counts {weight}: expected more than 0")
        home[number] = weight
    if not seeds:
        return home
    home /= home.sum()
    visits = _solved(moves, home, damping, tolerance) if moves.symmetric else _summed(moves, home, damping, tolerance)
    scores: Scores = visits / visits.sum()
    return scores


def _solved(moves: Transitions, home: Scores, damping: float, tolerance: float) -> Scores:
    """Return how often a walker is where before it first comes back, by conjugate gradients.

    The visits x are home + damping A D^-1 x, with A the pairs and D the ways on its diagonal; y = D^-1/2 x makes the matrix symmetric.
    """
    root = np.sqrt(np.maximum(moves.ways, 1))
    found, residual = np.zeros_like(home), home / root
    towards, square = residual.copy(), _dot(residual, residual)
    for _ in range(_steps(damping, tolerance)):
        # The residual is what one more step of the walk would add.
        if np.abs(root * residual).sum() <= tolerance * max((root * found).sum(), 1.0):
            break
        image = towards - damping * (moves.matrix @ (towards / root)) / root
        length = square / _dot(towards, image)
        found += length * towards
        residual -= length * image
        before, square = square, _dot(residual, residual)
        towards = residual + (square / before) * towards
    visits: Scores = np.maximum(root * found, 0.0)
    return visits


def _dot(one: Scores, other: Scores) -> float:
    """Return the inner product, without the threads that a linear algebra library would start for it and keep spinning."""
    return float((one * other).sum())


def _steps(damping: float, tolerance: float) -> int:
    """Return after how many steps the change is below the tolerance, since what a step adds shrinks by the damping at least."""
    return math.ceil(math.log(tolerance * (1 - damping) / 2) / math.log(damping)) + 1


def _summed(moves: Transitions, home: Scores, damping: float, tolerance: float) -> Scores:
    """Return how often a walker is where before it first comes back, summed step by step."""
    share = damping / np.maximum(moves.ways, 1)
    visits, last, rest = home.copy(), home, 0.0
    for _ in range(_steps(damping, tolerance)):
        added = moves.matrix @ (last * share)
        shrinks = added.sum() / (last.sum() or 1)
        rest = shrinks / (1 - shrinks)
        change = np.abs(added + rest * (added - last)).sum()
        visits += added
        last = added
        if change < tolerance * visits.sum():
            break
    whole: Scores = visits + rest * last
    return whole


def highest(scores: Scores, k: int) -> list[tuple[int, float]]:
    """Return the k entities of the highest scores above 0, the highest first, then by number.

    >>> highest(np.array([0.0, 0.5, 0.2, 0.5]), 2)
    [(1, 0.5), (3, 0.5)]
    """
    above = np.flatnonzero(scores > 0)
    if k < len(above):
        # All that tie with the last are kept until the order is made.
        above = above[scores[above] >= np.partition(scores[above], len(above) - k)[len(above) - k]] if k > 0 else above[:0]
    order = above[np.lexsort((above, -scores[above]))][: max(k, 0)]
    return list(zip(order.tolist(), scores[order].tolist(), strict=True))
