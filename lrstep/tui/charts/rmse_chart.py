"""The chart RMSE: of each batch, of the epoch so far, and of all data, over the iterations."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lrstep.core.arithmetic import rmse
from lrstep.core.dataset import Floats
from lrstep.core.iteration import Phase
from lrstep.plotting.ticks import Interval
from lrstep.session.styled_rows import Rows
from lrstep.tui.charts.chart import DASHED, FEW, Chart, LegendEntry, drawing
from lrstep.tui.charts.ghosts import draw_ghost, entries, ghost_curve, ghosts, reach
from lrstep.tui.charts.history import curve
from lrstep.tui.charts.plane import extent, rounded, widened
from lrstep.tui.charts.scene import Scene


class RmseCurve(NamedTuple):
    """One of the three curves.

    Attributes:
        column: the loss it is the root of, as :meth:`lrstep.core.run.Run.series` names it.
        style: a name of :data:`lrstep.session.styled_rows.STYLES`.
        mark, ascii: of a single value.
        words: for the legend.
        since: the phase in which it comes to be known.
        first: the iteration it begins at.
        line: whether its points are connected.
        resets: whether it begins anew in each epoch.
        dash: how its line is interrupted where points are few.
    """

    column: str
    style: str
    mark: str
    ascii: str
    words: str
    since: Phase
    first: int
    line: bool
    resets: bool
    dash: tuple[float, float] | None


SERIES = (
    RmseCurve("loss", "series1", "■", "#", "this batch", Phase.LOSS, 1, False, False, None),
    RmseCurve("cumulative_loss", "series2", "●", "o", "epoch so far (Keras prints)", Phase.LOSS, 1, True, True, None),
    RmseCurve("full_loss", "series3", "◆", "*", "all data, after", Phase.AFTER, 0, True, False, DASHED),
)


@drawing
def draw(scene: Scene) -> Rows:
    """Draw the three RMSE up to an iteration; borders of epochs are vertical lines.

    The frame holds the whole run (of a very long one, a part that doubles when it is full), so that a
    step adds to the picture without moving it. The current iteration is marked on the axis and by the
    marks at the end of each curve. Of the runs beside this one the RMSE of all data is drawn.
    """
    run, ascii, others = scene.run, scene.ascii, ghosts(scene.runs)
    curves, end = [], scene.end
    for series in SERIES:
        last = scene.known(series.since)
        x, losses = curve(run, series.column, series.first, last, scene.width * last / end)
        curves.append((x, rmse(losses)))
    lines = [(ghost, *ghost_curve(scene, ghost, "full_loss", Phase.AFTER, end)) for ghost in others.others]
    lines = [(ghost, x, rmse(losses) * ghost.unit) for ghost, x, losses in lines]
    legend = [LegendEntry(s.ascii if ascii else s.mark, s.style, s.words) for s in SERIES] + entries(
        others.others, False
    )
    scale = _scale(reach(others, lines, *(y for _, y in curves)))
    chart = Chart(scene, Interval(0, end), scale, ("iteration", "RMSE"), legend, whole=True)
    chart.borders(run.batches.per_epoch, end)
    for line in lines:
        draw_ghost(chart, *line, behind=True)
    # The first batch of an epoch is the epoch so far: there the mark of the batch is the one to see.
    for series, (x, y) in sorted(zip(SERIES, curves, strict=True), key=lambda drawn: not drawn[0].resets):
        _add(chart, series, x, y, run.batches.per_epoch, ascii)
    chart.here(scene.number)
    return chart.rows()


def _add(chart: Chart, series: RmseCurve, x: Floats, y: Floats, per_epoch: int, ascii: bool) -> None:
    few = FEW * len(x) <= chart.plane.columns
    mark = series.ascii if ascii else series.mark
    if series.line:
        connected = _cut(x, y, per_epoch) if few and series.resets else (x, y)
        chart.curve(chart.plane.clip(*connected), series.style, mark, series.dash if few else None)
    if few:
        chart.points(x, y, mark, series.style)
    elif not series.line:
        chart.points(x, y, "." if ascii else "·", series.style)
    chart.points(x[-1:], y[-1:], mark, series.style)


def _cut(x: Floats, y: Floats, per_epoch: int) -> tuple[Floats, Floats]:
    """The curve with a gap before the first batch of each epoch, where the metric begins anew."""
    first = np.flatnonzero((x - 1) % per_epoch == 0)
    return np.insert(x, first, np.nan), np.insert(y, first, np.nan)


def _scale(values: Sequence[ArrayLike]) -> Interval:
    """From 0 to a round number above all values."""
    found = extent(0.0, *values)
    return rounded(widened((0.0, (found[1] if found else 0.0) or 1.0)))
