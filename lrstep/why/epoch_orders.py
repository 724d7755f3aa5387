"""A run whose samples were shuffled: the orders of its first epoch that give a number."""

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from lrstep.core.run import Run
from lrstep.formulas.numerals import Typed
from lrstep.why.fleet import Fleet
from lrstep.why.kept import kept
from lrstep.why.worlds import KNOWN, World, moments

MOST, MOST_PAIRS = 60_000, 40_000_000
"""So many orders are tried, and so many pairs of what was taken and what comes next are looked at."""

HOW = "To have the order that Keras took, record it: lrstep record train.py, or give fit shuffle=False."


@dataclass(frozen=True, eq=False)
class Orders:
    """The batches of the first iterations of an epoch, in every order that makes a difference.

    Attributes:
        taken: the samples of each batch as bits, shape (t, h).
        values: quantity → its value after them, shape (h,).
    """

    taken: np.ndarray
    values: dict[str, np.ndarray]


def orders_sentence(run: Run, typed: Typed, quantity: str, iteration: int) -> str:
    """How many orders of the first epoch give a number, with an example; empty where that cannot be told."""
    if run.recorded or not few_enough(run, iteration):
        return ""
    orders = kept(run, ("orders", iteration), lambda: every_order(run, iteration))
    if quantity not in orders.values:
        return ""
    fits = np.flatnonzero(np.abs(orders.values[quantity] - typed.value) <= typed.tolerance)
    tried = f"{orders.taken.shape[1]:,}"
    begin = "Keras shuffles by default. Of the"
    if not len(fits):
        return f"{begin} {tried} ways to shuffle the first epoch none gives {typed.text}: it is not the order alone."
    n, first = len(run.dataset), orders.taken[:, fits[0]].tolist()
    example = " | ".join(" ".join(str(row + 1) for row in range(n) if bits >> row & 1) for bits in first)
    give = f"{len(fits):,} give{'s' * (len(fits) == 1)} {typed.text}, such as {example}"
    return f"{begin} {tried} ways to shuffle the first epoch {give}. {HOW}"


def few_enough(run: Run, iteration: int) -> bool:
    """Whether the iteration is in the first epoch, and its orders are few."""
    n, size = len(run.dataset), run.batches.size
    if not 1 <= iteration <= run.batches.per_epoch or run.batches.per_epoch == 1 or n > 40:
        return False
    states, left = 1, n
    for _ in range(iteration):
        m = min(size, left)
        if states * comb(n, m) > MOST_PAIRS:
            return False
        states, left = states * comb(left, m), left - m
    return states <= MOST


def every_order(run: Run, iteration: int) -> Orders:
    """All orders, followed as far as an iteration."""
    n, size = len(run.dataset), run.batches.size
    used, places, tables, rows, left = np.zeros(1, dtype=np.int64), np.empty((0, 1), dtype=np.int32), [], 0, n
    taken = np.empty((0, 1), dtype=np.int64)
    for _ in range(iteration):
        m = min(size, left)
        subsets = np.array(list(combinations(range(n), m)))
        bits = (np.int64(1) << subsets).sum(axis=1)
        order, choice = np.nonzero((used[:, None] & bits) == 0)
        taken = np.vstack([taken[:, order], bits[choice]])
        places = np.vstack([places[:, order], choice + rows])
        used = used[order] | bits[choice]
        tables.append(moments([(run.dataset, list(subsets))]))
        rows, left = rows + len(subsets), left - m
    fleet = Fleet(run, [World("order", "", KNOWN)] * len(used), iteration)
    fleet.take_in(np.concatenate(tables), places)
    with np.errstate(all="ignore"):
        ((_, figures),) = fleet.figures([iteration])
    return Orders(taken, {key: np.asarray(values) for key, values in figures.items()})
