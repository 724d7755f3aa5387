"""What a run has been through so far, thinned to what a chart can show.

Of a long run only the least and the largest value of each block of iterations are kept, and a few thousand samples: a
chart costs the same however far the run has come, and next to no memory.
"""

from weakref import WeakKeyDictionary

import numpy as np

from lrstep.core.dataset import Floats, RowNumbers
from lrstep.core.run import Run
from lrstep.tui.charts.plane import extent

DIRECT = 8192
"""Up to so many iterations each of them is looked at."""

BLOCK = 32
"""Iterations in a block."""


class History:
    """One kept quantity of a run, see :meth:`Run.series`; the losses of batches are NaN at iteration 0.

    Args:
        column: which quantity.
    """

    def __init__(self, column: str) -> None:
        self._column = column
        self._direct = np.empty(0)
        self._blocks = np.empty((2, 0))  # the least and the largest value of each
        self._every, self._samples = 1, np.empty(0)

    def values(self, run: Run, first: int, last: int) -> Floats:
        """The values of the iterations first … last."""
        if last > DIRECT:
            return self._read(run, np.arange(first, last + 1))
        if len(self._direct) <= last:
            more = np.arange(len(self._direct), min(run.computed, DIRECT) + 1)
            self._direct = np.concatenate((self._direct, self._read(run, more)))
        return self._direct[first : last + 1]

    def blocks(self, run: Run, last: int) -> Floats:
        """The least and the largest value of each block of the iterations 0 … last, shape (2, k).

        The last block may be short.
        """
        whole, slices = (last + 1) // BLOCK, [self._blocks]
        for begin in range(self._blocks.shape[1], whole, DIRECT // BLOCK):
            end = min(begin + DIRECT // BLOCK, whole)
            slices.append(_extremes(self._read(run, np.arange(begin * BLOCK, end * BLOCK)).reshape(-1, BLOCK)))
        if len(slices) > 1:
            self._blocks = np.hstack(slices)
        rest = self._read(run, np.arange(whole * BLOCK, last + 1)).reshape(1, -1)
        return np.hstack((self._blocks[:, :whole], _extremes(rest) if rest.size else np.empty((2, 0))))

    def samples(self, run: Run, last: int) -> Floats:
        """The value of one in so many iterations, from 0 to ``last``: as few as give at most ``DIRECT`` of them."""
        every = 1
        while last // every >= DIRECT:
            every *= 2
        if every != self._every:
            self._every, self._samples = every, np.empty(0)
        count = last // every + 1
        if len(self._samples) < count:
            more = np.arange(len(self._samples), count) * every
            self._samples = np.concatenate((self._samples, self._read(run, more)))
        return self._samples[:count]

    def _read(self, run: Run, numbers: RowNumbers) -> Floats:
        values = run.series(self._column, numbers)
        if self._column in ("loss", "cumulative_loss"):
            values[numbers == 0] = np.nan
        return values


_KEPT: WeakKeyDictionary[Run, dict[str, History]] = WeakKeyDictionary()


def history(run: Run, column: str, last: int) -> History:
    """What is kept of a quantity of a run, which is computed up to an iteration."""
    run.advance(last)
    return _KEPT.setdefault(run, {}).setdefault(column, History(column))


def recent(run: Run, column: str, first: int, last: int) -> Floats:
    """A quantity in the iterations first … last, none before 0, of which there are not many."""
    return history(run, column, last).values(run, max(first, 0), last)


def sampled(run: Run, column: str, last: int) -> Floats:
    """A quantity in evenly spaced iterations from 0 to at most ``last``; in all of them where they are few."""
    return history(run, column, last).samples(run, last)


def curve(run: Run, column: str, first: int, last: int, columns: float) -> tuple[Floats, Floats]:
    """A quantity over the iterations first … last, in as few points as about so many columns can show.

    Returns:
        Iterations and values, both of shape (k,).
    """
    kept, buckets = history(run, column, last), max(1, round(columns))
    if last <= DIRECT:
        values = kept.values(run, first, last)
        places, values = thinned(values, values, buckets)
        return places + first, values
    least, most = kept.blocks(run, last)
    places, values = thinned(least, most, buckets)
    return places * BLOCK + (BLOCK - 1) / 2, values


def least_and_most(run: Run, column: str, last: int) -> tuple[float, float] | None:
    """The least and the largest finite value of a quantity in the iterations 0 … last; None without any."""
    kept = history(run, column, last)
    return extent(kept.values(run, 0, last) if last <= DIRECT else kept.blocks(run, last))


def thinned(least: Floats, most: Floats, buckets: int) -> tuple[Floats, Floats]:
    """At most two points for each of so many equal stretches: the least and the largest value, in their order.

    Args:
        least, most: of each place, shape (n,); the same where a place has one value.
        buckets: at least 1.

    Returns:
        Places (indices, or between them) and values, both of shape (k,), k ≤ max(n, 2·buckets).
    """
    n = len(least)
    if n <= 2 * buckets and least is most:
        return np.arange(n, dtype=np.float64), least
    edges = np.linspace(0, n, min(n, buckets), endpoint=False).astype(np.intp)
    with np.errstate(all="ignore"):
        low, high = np.fmin.reduceat(least, edges), np.fmax.reduceat(most, edges)
        rising = (least[edges] + most[edges]) / 2 <= (low + high) / 2
    points = np.stack((np.where(rising, low, high), np.where(rising, high, low)), axis=1)
    middle = (edges + np.append(edges[1:], n) - 1) / 2
    return np.repeat(middle, 2), points.ravel()


def _extremes(values: Floats) -> Floats:
    """The least and the largest of each row that are numbers, shape (2, k)."""
    return np.stack((np.fmin.reduce(values, axis=1), np.fmax.reduce(values, axis=1)))
