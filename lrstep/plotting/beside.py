"""Runs beside the one that a chart or picture is of: what of them has a place on its axes, and what is said of them."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from lrstep.core.run import Run

LEAVES = 3.0
"""A run whose RMSE becomes so many times that of the calmest one does not decide how far axes reach."""


def leaving(largest: Mapping[int, float]) -> set[int]:
    """The runs that are too far from the calmest one to share its axes, most often as they diverge.

    Args:
        largest: place → the largest RMSE so far; infinite where there is none that is finite.
    """
    calmest = min(largest.values())
    return {place for place, rmse in largest.items() if rmse > LEAVES * calmest}


def largest_rmse(run: Run, number: int) -> float:
    """The largest finite RMSE of all data of a run up to an iteration, in the units of the data, else infinity."""
    losses = run.series("full_loss", np.arange(number + 1))
    finite = losses[np.isfinite(losses)]
    return math.sqrt(finite.max()) * unit(run) if finite.size else math.inf


def alike(run: Run, other: Run) -> bool:
    """Whether two runs have the same parameters, on the same scale."""
    return run.dataset.features == other.dataset.features and run.scaling == other.scaling


def unit(run: Run) -> float:
    """An RMSE of a run times this is in the units of its data."""
    return run.scaling.unscaled_error(1.0) if run.scaling else 1.0


def crosses(x: Sequence[float], y: Sequence[float], weight: float, bias: float) -> bool:
    """Whether something of a line is within a window, from one to the other x and y; never so for nan."""
    low, high = sorted(weight * end + bias for end in x)
    return low <= y[1] and high >= y[0]


def trouble(run: Run, number: int, *, shares: bool, leaves: bool) -> str:
    """Why a run is not to be seen where it stands; empty where it is.

    Args:
        run: the run.
        number: the iteration after which it stands.
        shares: whether what is drawn of it has a place on the axes.
        leaves: whether the axes do not reach as far as it goes.
    """
    if number and (run.diverged_at or math.inf) <= number:
        return f"diverged at {run.diverged_at}"
    if not shares:
        return "other parameters"
    return "beyond the axis" if leaves else ""
