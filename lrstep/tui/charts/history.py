"""What a run has been through so far, kept between two draws and thinned to what a chart can show."""

from weakref import WeakKeyDictionary

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.core.iteration import Phase
from lrstep.core.run import Run

_KEPT: WeakKeyDictionary[Run, dict[str, tuple[Floats, int]]] = WeakKeyDictionary()


def history(run: Run, column: str, number: int) -> Floats:
    """A kept quantity (see :meth:`Run.series`) of the iterations 0 … number, shape (number + 1,).

    The losses of batches are NaN at 0. A view: not to be changed.
    """
    run.advance(number)
    columns = _KEPT.setdefault(run, {})
    values, filled = columns.get(column, (np.empty(0), 0))
    if filled <= number:
        if len(values) <= number:
            grown = np.empty(max(256, 2 * (number + 1)))
            grown[:filled] = values[:filled]
            values = grown
        values[filled : number + 1] = run.series(column, np.arange(filled, number + 1))
        if filled == 0 and column in ("loss", "cumulative_loss"):
            values[0] = np.nan
        columns[column] = (values, number + 1)
    return values[: number + 1]


def known(number: int, phase: Phase, since: Phase) -> int:
    """The last iteration whose quantity is known in a phase, if it comes to be known in the phase ``since``."""
    return number if phase >= since else max(number - 1, 0)


def thinned(values: Floats, buckets: int) -> tuple[Floats, Floats]:
    """At most two points for each of so many equal stretches: the least and the largest value, in their order.

    Args:
        values: shape (n,).
        buckets: at least 1.

    Returns:
        Positions (indices into ``values``) and values, both of shape (k,), k ≤ max(n, 2·buckets).
    """
    n = len(values)
    if n <= 2 * buckets:
        return np.arange(n, dtype=np.float64), values
    edges = np.linspace(0, n, buckets, endpoint=False).astype(np.intp)
    with np.errstate(all="ignore"):
        low, high = np.fmin.reduceat(values, edges), np.fmax.reduceat(values, edges)
    rising = values[edges] <= (low + high) / 2
    points = np.stack((np.where(rising, low, high), np.where(rising, high, low)), axis=1)
    middle = (edges + np.append(edges[1:], n) - 1) / 2
    return np.repeat(middle, 2), points.ravel()


def frame_end(number: int, whole: int, columns: int) -> int:
    """Up to which iteration the x axis of a growing picture reaches.

    The whole run where each iteration has room; else so much of it that the frame is outgrown seldom:
    it doubles each time.
    """
    end = max(4 * columns, 1)
    while end < number:
        end *= 2
    return min(end, whole)
