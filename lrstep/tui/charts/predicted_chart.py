"""The chart Fit of several features: what is predicted against the label, before and after the update."""

import numpy as np

from lrstep.core.arithmetic import prediction
from lrstep.core.dataset import Floats
from lrstep.core.iteration import Phase
from lrstep.core.lockstep import Lockstep
from lrstep.core.run import Run
from lrstep.core.state import State
from lrstep.session.styled_rows import Rows
from lrstep.tui.charts.frame import DOTTED, Chart, Entry
from lrstep.tui.charts.ghosts import ghosts
from lrstep.tui.charts.plane import extent, widened

MOST = 20_000
"""At most about so many samples are looked at."""


def draw(
    run: Run, number: int, width: int, height: int, *, phase: Phase, ascii: bool, runs: Lockstep | None = None
) -> Rows:
    """Draw ŷ against y: a sample lies on the diagonal where it is predicted exactly.

    Args:
        run: the run, of several features.
        number: an iteration, 0 … n_iterations.
        width, height: cells.
        phase: up to which phase of the iteration things are known.
        ascii: whether only ASCII may be drawn.
        runs: the run and those beside it; what they predict for this batch is drawn where they have the same features.

    Returns:
        ``height`` rows of ``width`` cells.
    """
    updated = number > 0 and phase >= Phase.UPDATE
    before, after = run.state(max(number - 1, 0)), run.state(number)
    batch, rest, old = ("@", "o", "-") if ascii else ("●", "○", "×")
    legend = [Entry(batch, "batch", "this batch" if number else "first batch"), Entry(rest, "text", "data")]
    legend += [Entry(old, "before", "batch before the update")] if updated else []
    others = ghosts(runs)
    legend += [*others.legend(), Entry("." if ascii else "··", "reference", "exact")]
    every = slice(None, None, max(1, len(run.dataset) // MOST))
    columns, y = [x[every] for x in run.dataset.columns], run.dataset.y[every]
    now = after if updated else before
    window = widened(extent(run.dataset.y), 0.05)
    predicted = _predicted(now, columns)
    across = widened(extent(predicted, window), 0.02)
    name = "y_hat" if ascii else "ŷ"
    chart = Chart(width, height, window, across, (run.dataset.label, name), legend, ascii=ascii)
    chart.curve(chart.plane.clip(window, window), "reference", ".", DOTTED)
    chart.points(y, predicted, rest, "text")
    columns_of_batch, labels = run.batch(*run.batches.position(max(number, 1)))
    for ghost in others.sharing:
        state = ghost.run.state(ghost.known(Phase.UPDATE))
        chart.points(labels, _predicted(state, columns_of_batch), ghost.mark, ghost.style)
    if updated:
        chart.points(labels, _predicted(before, columns_of_batch), old, "before")
    chart.points(labels, _predicted(now, columns_of_batch), batch, "batch")
    return chart.rows()


def _predicted(state: State, columns: list[Floats] | tuple[Floats, ...]) -> Floats:
    return np.asarray(prediction(state.weights, columns, state.bias))
