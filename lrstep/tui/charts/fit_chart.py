"""The chart Fit: the data, the batch, and the line before and after the update."""

import math
from functools import lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.state import State
from lrstep.plotting.ticks import Interval
from lrstep.session.styled_rows import Rows
from lrstep.tui.charts import predicted_chart
from lrstep.tui.charts.chart import DASHED, DOTTED, Chart, LegendEntry, drawing
from lrstep.tui.charts.curves import Polyline
from lrstep.tui.charts.ghosts import draw_ghost, entries, ghosts
from lrstep.tui.charts.plane import Plane, extent, widened
from lrstep.tui.charts.scene import Scene

DENSE = 0.12
"""From this share of the cells on data points are drawn as the smallest mark."""

_WINDOWS: WeakKeyDictionary[Run, tuple[Interval, Interval]] = WeakKeyDictionary()
_CELLS: WeakKeyDictionary[Dataset, dict[Plane, NDArray[np.intp]]] = WeakKeyDictionary()


class Marks(NamedTuple):
    """The characters of this chart: of points as drawn, of lines as the legend shows them (and ASCII draws them)."""

    batch: str
    data: str
    dense: str
    before: str
    after: str
    reference: str


DRAWN = Marks("●", "○", "·", "╌╌", "──", "··")
ASCII = Marks("@", "o", ".", "-", "*", ".")


@drawing
def draw(scene: Scene) -> Rows:
    """Draw data and lines of one iteration.

    At the start (number 0) the line is the initial one and the batch is the one to come. The line after the update
    appears with the update; of the runs beside this one the lines of those that have the same feature are drawn.
    """
    run, dataset = scene.run, scene.run.dataset
    if len(dataset.columns) > 1:
        return predicted_chart.draw(*scene)
    marks, window = ASCII if scene.ascii else DRAWN, _window(run)
    others = [ghost.by_its_line(*window) for ghost in ghosts(scene.runs).others]
    legend = _legend(scene, marks, entries(others))
    chart = Chart(scene, *window, (dataset.feature, dataset.label), legend)
    if run.reference.exists:
        chart.curve(_visible(chart.plane, *run.reference.parameters), "reference", marks.reference[0], DOTTED)
    for ghost in others:
        if ghost.shares:
            x = np.linspace(*chart.plane.x, 5)
            draw_ghost(chart, ghost, x, ghost.state.predictions([x]))
    chart.curve(_visible(chart.plane, *scene.before.parameters), "before", marks.before[0], DASHED)
    if scene.updated:
        chart.curve(_visible(chart.plane, *run.state(scene.number).parameters), "after", marks.after[0])
    cells = _data_cells(dataset, chart.plane)
    dense = len(cells) > DENSE * chart.plane.columns * chart.plane.rows
    chart.cells(cells, marks.dense if dense else marks.data, "text")
    if run.batches.size != len(dataset):
        (x, *_), y = scene.samples
        cells = chart.plane.cells(x, y)
    chart.cells(cells, marks.batch, "batch")
    return chart.rows()


def _legend(scene: Scene, marks: Marks, others: list[LegendEntry]) -> list[LegendEntry]:
    run, number = scene.run, scene.number
    legend = [
        LegendEntry(marks.batch, "batch", "this batch" if number else "first batch"),
        LegendEntry(marks.data, "text", "data"),
        LegendEntry(marks.before, "before", "before the update" if number else "initial line"),
    ]
    if scene.updated:
        finite = all(map(math.isfinite, run.state(number).parameters))
        legend.append(LegendEntry(marks.after, "after", "after" if finite else "after: not finite"))
    legend += others
    if run.reference.exists:
        legend.append(LegendEntry(marks.reference, "reference", "least squares"))
    return legend


def _window(run: Run) -> tuple[Interval, Interval]:
    """All data, and as much of the initial line as does not squeeze them; the same for the whole run."""
    if run not in _WINDOWS:
        x, y = widened(extent(run.dataset.x), 0.04), widened(extent(run.dataset.y), 0.05)
        line = extent(run.start.predictions([np.array(x)]))
        if line:
            room = y.width / 3
            y = widened((max(min(y.low, line[0]), y.low - room), min(max(y.high, line[1]), y.high + room)))
        _WINDOWS[run] = (x, y)
    return _WINDOWS[run]


@lru_cache(maxsize=16)
def _visible(plane: Plane, weight: float, bias: float) -> tuple[Polyline, ...]:
    """The part of a line on the canvas; what is after one update is before the next one."""
    x = np.array(plane.x)
    return plane.clip(x, State((weight, bias)).predictions([x]))


def _data_cells(dataset: Dataset, plane: Plane) -> NDArray[np.intp]:
    kept = _CELLS.setdefault(dataset, {})
    if plane not in kept:
        if len(kept) >= 4:
            kept.clear()
        kept[plane] = plane.cells(dataset.x, dataset.y)
    return kept[plane]
