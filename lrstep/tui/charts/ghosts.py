"""The runs beside the one that a chart is of: ghost lines, each with its number as a mark."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from lrstep.core.arithmetic import rmse
from lrstep.core.dataset import Floats
from lrstep.core.iteration import Phase
from lrstep.core.lockstep import Lockstep, along
from lrstep.plotting.beside import Beside, Companion, beside, leaving, unit
from lrstep.tui.charts.chart import Chart, LegendEntry
from lrstep.tui.charts.history import curve, least_and_most
from lrstep.tui.charts.scene import Scene

APART = 8
"""Columns between two marks on a ghost line."""

FAINT = (2.0, 2.0)
"""Dots of a dash and of a gap of ghost lines."""


def ghosts(runs: Lockstep | None) -> Beside:
    """The runs beside the shown one; none where it is alone."""
    if runs is None:
        return Beside([], 0)
    found = {}
    for place, lane in enumerate(runs.lanes):
        losses = least_and_most(lane.run, "full_loss", runs.place(place)[0])
        found[place] = rmse(losses[1]) * unit(lane.run) if losses else math.inf
    return beside(runs, leaving(found, {place: lane.run for place, lane in enumerate(runs.lanes)}, runs.shown))


def style(ghost: Companion) -> str:
    """A name of :data:`lrstep.session.styled_rows.STYLES`."""
    return f"run{ghost.mark}"


def entries(found: Iterable[Companion], needs_parameters: bool = True) -> list[LegendEntry]:
    """What their marks mean, for a legend."""
    said = ((ghost, ghost.trouble(needs_parameters)) for ghost in found)
    return [
        LegendEntry(one.mark, style(one), f"{one.label}: {trouble}" if trouble else one.label) for one, trouble in said
    ]


def reach(found: Beside, lines: Iterable[tuple[Companion, Floats, Floats]], *own: ArrayLike) -> list[ArrayLike]:
    """What decides how far axes reach: the lines of those whose axes are shared, and the shown run's own."""
    return [*(() if found.leaves else own), *(y for ghost, _, y in lines if not ghost.leaves)]


def ghost_curve(scene: Scene, ghost: Companion, column: str, since: Phase, end: int) -> tuple[Floats, Floats]:
    """A quantity of a run beside on the axis of the shown run's iterations: places on it, and values.

    Args:
        scene: the chart.
        ghost: the run.
        column: see :meth:`Run.series`.
        since: the phase in which it comes to be known.
        end: the last iteration on the axis.
    """
    runs, last = scene.runs, ghost.known(since)
    assert runs is not None
    share = float(along(runs.run, ghost.run, np.array([last]), runs.pace)[0]) / max(end, 1)
    numbers, values = curve(ghost.run, column, 0, last, scene.width * share)
    return along(runs.run, ghost.run, numbers, runs.pace), values


def draw_ghost(chart: Chart, ghost: Companion, x: Floats, y: Floats, behind: bool = False) -> None:
    """Draw a ghost line, with its mark now and then and at its end.

    Args:
        chart, ghost: where, and which run.
        x, y: the line.
        behind: whether the last mark stands behind the end, where the shown run has its own marks; at the edge of the
            chart before it.
    """
    chart.curve(chart.plane.clip(x, y), style(ghost), ghost.mark, FAINT)
    columns, _ = chart.plane.place(x, y)
    with np.errstate(all="ignore"):
        changes = np.flatnonzero(np.diff((columns + APART / 3 * int(ghost.mark)) // APART, prepend=-1) > 0)
    changes = changes[np.abs(columns[changes] - columns[-1]) > 2]
    chart.points(x[changes], y[changes], ghost.mark, style(ghost))
    end = chart.plane.cell(float(x[-1]), float(y[-1]))
    if end:
        column = end[0] + behind if end[0] + behind < chart.plane.columns else end[0] - 1
        chart.cells(np.array([(column, end[1])]), ghost.mark, style(ghost))
