"""Runs beside the one that a chart or picture is of: what of them has a place on its axes, and what is said of them."""

import math
from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from lrstep.core.iteration import Phase
from lrstep.core.lockstep import Lockstep
from lrstep.core.run import Run
from lrstep.core.state import State

LEAVES = 3.0
"""A run whose RMSE becomes so many times that of the calmest one does not decide how far axes reach."""


def leaving(largest: Mapping[int, float], runs: Mapping[int, Run], shown: int) -> set[int]:
    """The runs that are too far from the calmest one to share its axes, most often as they diverge.

    The calmest is one with the labels of the shown run: of other data an RMSE says nothing about how calm a run is.

    Args:
        largest: place → the largest RMSE so far; infinite where there is none that is finite.
        runs: place → run.
        shown: the place of the run that the axes are of.
    """
    data = runs[shown].raw
    same = [place for place, run in runs.items() if run.raw is data or np.array_equal(run.raw.y, data.y)]
    calmest = min(largest[place] for place in same)
    return {place for place, rmse in largest.items() if rmse > LEAVES * calmest}


def largest_rmse(run: Run, number: int) -> float:
    """The largest finite RMSE of all data of a run up to an iteration, in the units of the data, else infinity."""
    rmses = run.series("full_rmse", np.arange(number + 1))
    finite = rmses[np.isfinite(rmses)]
    return float(finite.max()) * unit(run) if finite.size else math.inf


def alike(run: Run, other: Run) -> bool:
    """Whether two runs have the same parameters, on the same scale."""
    return run.dataset.features == other.dataset.features and run.scaling == other.scaling


def unit(run: Run) -> float:
    """An RMSE of a run times this is in the units of its data."""
    return run.scaling.unscaled_error(1.0) if run.scaling else 1.0


def known(number: int, phase: Phase, since: Phase) -> int:
    """The last iteration whose quantity is known in a phase, if it comes to be known in the phase ``since``."""
    return number if phase >= since else max(number - 1, 0)


class Companion(NamedTuple):
    """One of several runs in a chart or picture of one of them.

    Attributes:
        place: its place among them, from 0.
        label: what tells it from the others.
        number, phase: where it stands.
        shares: whether its parameters are those of the run that is shown, on the same scale.
        leaves: whether axes do not reach as far as it goes.
        unit: its RMSE times this are in the units of the shown run's.
    """

    run: Run
    place: int
    label: str
    number: int
    phase: Phase
    shares: bool
    leaves: bool
    unit: float

    @property
    def mark(self) -> str:
        """Its number among them, as a person counts."""
        return str(self.place + 1)

    def known(self, since: Phase) -> int:
        """The last iteration whose quantity is known, if it comes to be known in a phase."""
        return known(self.number, self.phase, since)

    @property
    def state(self) -> State:
        """Its parameters there."""
        return self.run.state(self.known(Phase.UPDATE))

    def by_its_line(self, x: Sequence[float], y: Sequence[float]) -> "Companion":
        """The same where not its RMSE but its line, if it is one, may leave axes from one to the other x and y."""
        if not self.shares or len(self.run.dataset.columns) > 1:
            return self._replace(leaves=False)
        ends = self.state.predictions([np.array(x)])
        return self._replace(leaves=not (ends.min() <= y[1] and ends.max() >= y[0]))  # so it does where one is nan

    def trouble(self, needs_parameters: bool) -> str:
        """Why it is not to be seen where it stands, also for what is drawn of its parameters; empty where it is."""
        if self.number and (self.run.diverged_at or math.inf) <= self.number:
            return f"diverged at {self.run.diverged_at}"
        if needs_parameters and not self.shares:
            return "other parameters"
        return "beyond the axis" if self.leaves else ""


class Beside(NamedTuple):
    """All runs of a chart or picture, and which of them it is of; none where that is alone."""

    all: list[Companion]
    shown: int

    @property
    def others(self) -> list[Companion]:
        """Those beside the shown one."""
        return [one for one in self.all if one.place != self.shown]

    @property
    def sharing(self) -> list[Companion]:
        """Those whose parameters can be drawn on the axes of the shown one's."""
        return [one for one in self.others if one.shares]

    @property
    def leaves(self) -> bool:
        """Whether the axes are those of the others, for the shown run goes too far."""
        return bool(self.all) and self.all[self.shown].leaves


def beside(runs: Lockstep, gone: Container[int]) -> Beside:
    """Runs as they stand, some of which axes do not reach as far as (see :func:`leaving`)."""
    shown = runs.run
    return Beside([
        Companion(lane.run, place, lane.label, *runs.place(place), alike(lane.run, shown), place in gone,
                  unit(lane.run) / unit(shown))
        for place, lane in enumerate(runs.lanes)
    ], runs.shown)  # fmt: skip
