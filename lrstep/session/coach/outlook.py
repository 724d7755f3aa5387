"""What becomes of a run: whether it gets to the lowest RMSE, or crawls, circles, rises or diverges."""

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.core.run import Run
from lrstep.core.symbols import FEW

NEAR = 1.05
"""An RMSE of at most this many times the lowest one is there."""

NOTHING = 1e-3
"""Where the lowest RMSE is next to nothing, one of this share of the label's spread is there."""

STRAIGHT = 0.3
"""A path that gets this share of its length nearer is no circling."""

SLICE = 1000
"""Units of work between two pauses: a few milliseconds."""

_ORDER = 6
"""Units of work to draw the order of an epoch."""

Work = Generator[float, None, None]
"""Work that pauses now and then; each time it says how many units it has done."""


def unit(run: Run) -> float:
    """Work of one iteration; one unit is an iteration of a small batch, about 4 µs.

    Arrays take their time however short they are, and an order is drawn for each epoch.
    """
    size = run.batches.size
    return 1 + size / 100 + 2 * (size > FEW) + _ORDER * run.settings.shuffle / run.batches.per_epoch


def advance(run: Run, until: int) -> Work:
    """Compute a run up to an iteration, or until it has diverged."""
    stride = max(1, int(SLICE / unit(run)))
    while run.computed < until and run.diverged_at is None:
        before = run.computed
        run.advance(min(before + stride, until))
        yield (run.computed - before) * unit(run)


def full_rmses(run: Run, first: int, last: int) -> Floats:
    """RMSE over all samples after each of some computed iterations; 0 is the start."""
    return run.series("full_rmse", np.arange(first, last + 1))


def end_of(run: Run, until: int) -> int:
    """So many of the last iterations tell where a run has settled: an epoch, or a tenth of the run."""
    return min(until, max(3, run.batches.per_epoch, until // 10))


@dataclass(frozen=True)
class Goal:
    """What a run can come to at best.

    Attributes:
        lowest: the RMSE of least squares.
        near: up to this RMSE it is there.
        exact: whether the data lie on one line (or plane), but for rounding.
    """

    lowest: float
    near: float
    exact: bool

    @classmethod
    def of(cls, run: Run) -> "Goal | None":
        """The goal of a run; None where the sums of least squares overflow."""
        lowest, y = run.reference.rmse, run.dataset.y
        with np.errstate(all="ignore"):
            spread = float(y.std()) or run.reference.y_reach or 1.0
        if not math.isfinite(lowest + spread):
            return None
        return cls(lowest, max(NEAR * lowest, NOTHING * spread), lowest <= 1e-6 * spread)


@dataclass(frozen=True)
class Outlook:
    """What becomes of a run.

    Attributes:
        goal: what it can come to.
        until: how far was looked, an iteration.
        start, end: RMSE over all data before the first iteration and after the last one looked at.
        low, high: lowest and highest of them in the last quarter.
        there: whether it gets to the goal.
        diverged_at: as of the run.
        rises_from: from this iteration on it stays above where it started; None where it ends below. Where it diverges
            without having risen, or the start is not finite, as ``diverged_at``.
        circles_from: the first iteration as low as ``high``; None where it still gets nearer.
    """

    goal: Goal
    until: int
    start: float
    end: float
    low: float
    high: float
    there: bool
    diverged_at: int | None
    rises_from: int | None
    circles_from: int | None

    @property
    def share(self) -> float:
        """How much of the way from the start to the lowest RMSE it has made."""
        way = self.start - self.goal.lowest
        return (self.start - self.end) / way if way > 0 else 1.0


def look_ahead(run: Run, goal: Goal, until: int) -> Generator[float, None, Outlook]:
    """Compute a run up to an iteration, and say what becomes of it."""
    yield from advance(run, until)
    known = run.computed if run.diverged_at is None else run.diverged_at
    rmses = full_rmses(run, 0, known)
    start, end = float(rmses[0]), float(rmses[-1])
    tail = rmses[-min(known, max(3, run.batches.per_epoch, known // 4)) - 1 :]
    with np.errstate(all="ignore"):
        nearer, path = float(tail[0] - tail[-1]), float(np.abs(np.diff(tail)).sum())
    rises_from = run.diverged_at
    if math.isfinite(start) and not end <= start:
        rises_from = int(np.flatnonzero(rmses <= start)[-1]) + 1
    circles = rises_from is None and path > 0 and nearer < STRAIGHT * path
    return Outlook(
        goal=goal,
        until=known,
        start=start,
        end=end,
        low=float(tail.min()),
        high=float(tail.max()),
        there=run.diverged_at is None and end <= goal.near,
        diverged_at=run.diverged_at,
        rises_from=rises_from,
        circles_from=int(np.flatnonzero(rmses <= tail.max())[0]) if circles else None,
    )
