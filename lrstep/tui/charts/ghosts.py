"""The runs beside the one that a chart is of: ghost lines, each with its number as a mark."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lrstep.core.dataset import Floats, Rows
from lrstep.core.iteration import Phase
from lrstep.core.lockstep import Lockstep, along
from lrstep.core.run import Run
from lrstep.plotting.beside import alike, leaving, trouble, unit
from lrstep.tui.charts.frame import Chart, Entry
from lrstep.tui.charts.history import curve, least_and_most
from lrstep.tui.charts.scene import known

APART = 8
"""Columns between two marks on a ghost line."""

FAINT = (2.0, 2.0)
"""Dots of a dash and of a gap of ghost lines."""


class Ghost(NamedTuple):
    """A run beside the one that a chart is of.

    Attributes:
        mark: its number among the runs, as a person counts.
        style: a name of :data:`lrstep.session.styled_rows.STYLES`.
        label: what tells it from the others.
        number, phase: where it stands.
        leaves: whether axes do not reach as far as it goes.
        shares: whether its parameters are those of the shown run, on the same scale.
        unit: its RMSE times this are in the units of the shown run's.
        runs: all of them.
    """

    run: Run
    mark: str
    style: str
    label: str
    number: int
    phase: Phase
    leaves: bool
    shares: bool
    unit: float
    runs: Lockstep

    def known(self, since: Phase) -> int:
        """The last iteration whose quantity is known, if it comes to be known in a phase."""
        return known(self.number, self.phase, since)

    def curve(self, column: str, since: Phase, end: int, width: int) -> tuple[Floats, Floats]:
        """One of its quantities on the axis of the shown run's iterations: places on it, and values.

        Args:
            column: see :meth:`Run.series`.
            since: the phase in which it comes to be known.
            end, width: the last iteration on the axis, and the width of it in cells.
        """
        last = self.known(since)
        share = float(self._along(np.array([last]))[0]) / max(end, 1)
        numbers, values = curve(self.run, column, 0, last, width * share)
        return self._along(numbers), values

    def _along(self, numbers: Floats | Rows) -> Floats:
        return along(self.runs.run, self.run, numbers, self.runs.pace)

    def entry(self, needs_parameters: bool = True) -> Entry:
        """Its entry in a legend."""
        said = trouble(self.run, self.number, shares=self.shares or not needs_parameters, leaves=self.leaves)
        return Entry(self.mark, self.style, f"{self.label}: {said}" if said else self.label)


class Ghosts(NamedTuple):
    """The runs beside the shown one, and whether axes do not reach as far as that one goes."""

    all: list[Ghost]
    leaves: bool

    @property
    def sharing(self) -> list[Ghost]:
        """Those whose parameters can be drawn on the axes of the shown one's."""
        return [ghost for ghost in self.all if ghost.shares]

    def reach(self, lines: Iterable[tuple[Ghost, Floats, Floats]], *own: ArrayLike) -> list[ArrayLike]:
        """What decides how far axes reach: the lines of those whose axes are shared, and the shown run's own."""
        return [*(() if self.leaves else own), *(y for ghost, _, y in lines if not ghost.leaves)]

    def legend(self, needs_parameters: bool = True) -> list[Entry]:
        """What its marks mean."""
        return [ghost.entry(needs_parameters) for ghost in self.all]


def ghosts(runs: Lockstep | None) -> Ghosts:
    """The runs beside the shown one; none where it is alone."""
    if runs is None:
        return Ghosts([], False)
    gone, shown = _leaving(runs), runs.run
    found = [
        Ghost(lane.run, str(place + 1), f"run{place + 1}", lane.label, *runs.place(place), place in gone,
              alike(lane.run, shown), unit(lane.run) / unit(shown), runs)
        for place, lane in enumerate(runs.lanes)
        if place != runs.shown
    ]  # fmt: skip
    return Ghosts(found, runs.shown in gone)


def _leaving(runs: Lockstep) -> set[int]:
    """The places of the runs that are too far from the calmest one to share its axes."""
    found = {}
    for place, lane in enumerate(runs.lanes):
        losses = least_and_most(lane.run, "full_loss", runs.place(place)[0])
        found[place] = math.sqrt(losses[1]) * unit(lane.run) if losses else math.inf
    return leaving(found)


def draw_ghost(chart: Chart, ghost: Ghost, x: Floats, y: Floats, behind: bool = False) -> None:
    """Draw a ghost line, with its mark now and then and at its end.

    Args:
        chart, ghost: where, and which run.
        x, y: the line.
        behind: whether the last mark stands behind the end, where the shown run has its own marks; at the edge of the
            chart before it.
    """
    chart.curve(chart.plane.clip(x, y), ghost.style, ghost.mark, FAINT)
    columns, _ = chart.plane.place(x, y)
    with np.errstate(all="ignore"):
        changes = np.flatnonzero(np.diff((columns + APART / 3 * int(ghost.mark)) // APART, prepend=-1) > 0)
    changes = changes[np.abs(columns[changes] - columns[-1]) > 2]
    chart.points(x[changes], y[changes], ghost.mark, ghost.style)
    end = chart.plane.cell(float(x[-1]), float(y[-1]))
    if end:
        column = end[0] + behind if end[0] + behind < chart.plane.columns else end[0] - 1
        chart.cells(np.array([(column, end[1])]), ghost.mark, ghost.style)
