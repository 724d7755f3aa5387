"""The chart Fit: the data, the batch, and the line before and after the update."""

import math
from functools import lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from lrstep.core.dataset import Dataset, Floats
from lrstep.core.iteration import Phase
from lrstep.core.lockstep import Lockstep
from lrstep.core.run import Run
from lrstep.plotting.ticks import Interval
from lrstep.session.styled_rows import Rows
from lrstep.tui.charts import predicted_chart
from lrstep.tui.charts.curves import Polyline
from lrstep.tui.charts.frame import DASHED, DOTTED, Chart, Entry, too_small
from lrstep.tui.charts.ghosts import Ghost, draw_ghost, ghosts
from lrstep.tui.charts.plane import Plane, extent, widened

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


@np.errstate(all="ignore")  # numbers of a run may overflow; then less is drawn, and nothing is said
def draw(
    run: Run,
    number: int,
    width: int,
    height: int,
    *,
    phase: Phase = Phase.AFTER,
    ascii: bool = False,
    runs: Lockstep | None = None,
) -> Rows:
    """Draw data and lines of one iteration.

    At the start (number 0) the line is the initial one and the batch is the one to come.

    Args:
        run: the run.
        number: an iteration, 0 … n_iterations.
        width: cells.
        height: cells.
        phase: up to which phase of the iteration things are known; the line after the update appears
            with the update.
        ascii: whether only ASCII may be drawn.
        runs: the run and those beside it, whose lines are drawn where they have the same feature.

    Returns:
        ``height`` rows of ``width`` cells.
    """
    small = too_small(width, height)
    if small:
        return small
    dataset, marks = run.dataset, ASCII if ascii else DRAWN
    if len(dataset.columns) > 1:
        return predicted_chart.draw(run, number, width, height, phase=phase, ascii=ascii, runs=runs)
    x, y = _window(run)
    names = (dataset.feature, dataset.label)
    others = ghosts(runs)
    legend = _legend(run, number, phase, marks, others.legend())
    chart = Chart(width, height, x, y, names, legend, ascii=ascii)
    if run.reference.exists:
        _line(chart, run.reference.parameters, "reference", marks.reference, DOTTED)
    for ghost in others.sharing:
        _ghost(chart, ghost)
    before = run.state(max(number - 1, 0))
    _line(chart, before.parameters, "before", marks.before, DASHED)
    if _updated(number, phase):
        after = run.state(number)
        _line(chart, after.parameters, "after", marks.after, None)
    cells = _data_cells(dataset, chart.plane)
    dense = len(cells) > DENSE * chart.plane.columns * chart.plane.rows
    chart.cells(cells, marks.dense if dense else marks.data, "text")
    batch = cells if run.batches.size == len(dataset) else chart.plane.cells(*_batch(run, number))
    chart.cells(batch, marks.batch, "batch")
    return chart.rows()


def _ghost(chart: Chart, ghost: Ghost) -> None:
    """The line of a run beside this one, with its mark now and then."""
    x = np.linspace(*chart.plane.x, 5)
    weight, bias = ghost.run.state(ghost.known(Phase.UPDATE)).parameters
    draw_ghost(chart, ghost, x, weight * x + bias)


def _updated(number: int, phase: Phase) -> bool:
    return number > 0 and phase >= Phase.UPDATE


def _legend(run: Run, number: int, phase: Phase, marks: Marks, others: list[Entry]) -> list[Entry]:
    entries = [
        Entry(marks.batch, "batch", "this batch" if number else "first batch"),
        Entry(marks.data, "text", "data"),
        Entry(marks.before, "before", "before the update" if number else "initial line"),
    ]
    if _updated(number, phase):
        after = run.state(number)
        finite = all(map(math.isfinite, after.parameters))
        entries.append(Entry(marks.after, "after", "after" if finite else "after: not finite"))
    entries += others
    if run.reference.exists:
        entries.append(Entry(marks.reference, "reference", "least squares"))
    return entries


def _window(run: Run) -> tuple[Interval, Interval]:
    """All data, and as much of the initial line as does not squeeze them; the same for the whole run."""
    if run not in _WINDOWS:
        x, y = widened(extent(run.dataset.x), 0.04), widened(extent(run.dataset.y), 0.05)
        line = extent(run.start.weights[0] * np.array(x) + run.start.bias)
        if line:
            room = y.width / 3
            y = widened((max(min(y.low, line[0]), y.low - room), min(max(y.high, line[1]), y.high + room)))
        _WINDOWS[run] = (x, y)
    return _WINDOWS[run]


def _line(
    chart: Chart,
    parameters: tuple[float, ...],
    style: str,
    mark: str,
    dash: tuple[float, float] | None,
) -> None:
    chart.curve(_visible(chart.plane, *parameters), style, mark[0], dash)


@lru_cache(maxsize=16)
def _visible(plane: Plane, weight: float, bias: float) -> tuple[Polyline, ...]:
    """The part of a line on the canvas; what is after one update is before the next one."""
    x = np.array(plane.x)
    return plane.clip(x, weight * x + bias)


def _batch(run: Run, number: int) -> tuple[Floats, Floats]:
    columns, y = run.batch(*run.batches.position(max(number, 1)))
    return columns[0], y


def _data_cells(dataset: Dataset, plane: Plane) -> NDArray[np.intp]:
    kept = _CELLS.setdefault(dataset, {})
    if plane not in kept:
        if len(kept) >= 4:
            kept.clear()
        kept[plane] = plane.cells(dataset.x, dataset.y)
    return kept[plane]
