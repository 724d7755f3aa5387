"""The chart Fit of several features: what is predicted against the label, before and after the update."""

from lrstep.session.styled_rows import Rows
from lrstep.tui.charts.chart import DOTTED, Chart, LegendEntry, drawing
from lrstep.tui.charts.ghosts import entries, ghosts, style
from lrstep.tui.charts.plane import extent, widened
from lrstep.tui.charts.scene import Scene

MOST = 20_000
"""At most about so many samples are looked at."""


@drawing
def draw(scene: Scene) -> Rows:
    """Draw ŷ against y: a sample lies on the diagonal where it is predicted exactly.

    What the runs beside this one predict for this batch is drawn where they have the same features.
    """
    run, number, before = scene.run, scene.number, scene.before
    batch, rest, old = ("@", "o", "-") if scene.ascii else ("●", "○", "×")
    legend = [LegendEntry(batch, "batch", "this batch" if number else "first batch"), LegendEntry(rest, "text", "data")]
    legend += [LegendEntry(old, "before", "batch before the update")] if scene.updated else []
    others = ghosts(scene.runs)
    legend += [*entries(others.others), LegendEntry("." if scene.ascii else "··", "reference", "exact")]
    every = slice(None, None, max(1, len(run.dataset) // MOST))
    columns, y = [x[every] for x in run.dataset.columns], run.dataset.y[every]
    now = run.state(number) if scene.updated else before
    window = widened(extent(run.dataset.y), 0.05)
    predicted = now.predictions(columns)
    across = widened(extent(predicted, window), 0.02)
    chart = Chart(scene, window, across, (run.dataset.label, "y_hat" if scene.ascii else "ŷ"), legend)
    chart.curve(chart.plane.clip(window, window), "reference", ".", DOTTED)
    chart.points(y, predicted, rest, "text")
    columns_of_batch, labels = scene.samples
    for ghost in others.sharing:
        chart.points(labels, ghost.state.predictions(columns_of_batch), ghost.mark, style(ghost))
    if scene.updated:
        chart.points(labels, before.predictions(columns_of_batch), old, "before")
    chart.points(labels, now.predictions(columns_of_batch), batch, "batch")
    return chart.rows()
