"""How many guesses would fit a number by chance."""

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.formulas.numerals import Typed
from lrstep.why.worlds import COMMON, KNOWN

NEAR = (0.5, 0.1, 0.02)
"""How far around a number, as a part of it, values are counted: where they are densest is what counts."""

LIMITS = {4: 0.15}
"""Digits → up to which chance a mistake is named; :data:`LIMIT` for more of them, and never for fewer."""

LIMIT = 0.045
FEWEST = 4


class Chances:
    """How many of the values tried, ordered by the rank of their guesses, fit a number by chance.

    Args:
        typed: the number.
    """

    def __init__(self, typed: Typed) -> None:
        self.typed = typed
        self._counts: dict[int, np.ndarray] = {}

    def add(self, ranks: np.ndarray, values: Floats) -> None:
        """Count values of guesses, each of its rank; shapes (r,) and (r, k)."""
        distances = np.abs(values - self.typed.value)
        spans = np.array(NEAR) * abs(self.typed.value)
        for rank in np.unique(ranks).tolist():
            of_rank = distances[ranks == rank]
            counted = np.array([np.count_nonzero(of_rank <= span) for span in spans])
            self._counts[rank] = self._counts.get(rank, np.zeros(len(NEAR))) + counted

    def of(self, rank: int) -> float:
        """The number of guesses of this rank or a more common one that fit by chance."""
        counts = sum((count for of, count in self._counts.items() if of <= rank), np.zeros(len(NEAR)))
        if not self.typed.value:
            return float(counts.max())
        densities = counts / (2 * np.array(NEAR) * abs(self.typed.value))
        return float(densities.max() * 2 * self.typed.tolerance)

    def plain(self, rank: int) -> bool:
        """Whether one that fits is so unlikely to do so by chance that rarer guesses need not be tried."""
        return self.sure(rank) and (rank <= COMMON or (rank == KNOWN and self.of(rank) <= LIMIT / 3))

    def sure(self, rank: int) -> bool:
        """Whether so few would fit by chance that one which fits may be named."""
        if self.typed.digits < FEWEST:
            return False
        return self.of(rank) <= LIMITS.get(self.typed.digits, LIMIT)
