"""Of several features: predictions against labels, which a line over one feature cannot show.

A sample lies on the diagonal where its prediction is right.
"""

import numpy as np
from numpy.typing import NDArray

from lrstep.core.dataset import Floats
from lrstep.core.iteration import Iteration
from lrstep.core.run import Run
from lrstep.core.state import State
from lrstep.export.drawing import GREEN, Axes, Pen, PictureCanvas, padded
from lrstep.export.fit_marks import Entries, draw_diamonds, draw_dots, draw_errors

DIAGONAL = Pen(GREEN, 2)

LEGEND: Entries = (
    (14, "after", "circle"),
    (140, "this batch, before", "diamond"),
    (346, "right prediction", DIAGONAL),
)


def prediction_axes(run: Run, box: tuple[float, float, float, float], scale: float, first: int, last: int) -> Axes:
    """Labels across, predictions up: all labels and, as far as they leave room, the predictions."""
    y = run.dataset.y
    low, high = float(y.min()), float(y.max())
    across = padded(low, high)
    room = (high - low) * 0.75 or max(abs(high), 1.0)
    for number in (first - 1, last):
        shown = run.state(number).predictions(run.dataset.columns)
        shown = shown[np.isfinite(shown)]
        if len(shown):
            low = min(low, max(float(shown.min()), low - room))
            high = max(high, min(float(shown.max()), high + room))
    return Axes(*box, across, padded(low, high), scale)


def draw_diagonal(canvas: PictureCanvas, axes: Axes) -> None:
    """Where prediction and label are equal."""
    canvas.line(axes, [(end, end) for end in axes.x], DIAGONAL)


def draw_predictions(canvas: PictureCanvas, axes: Axes, run: Run, state: State) -> None:
    """All samples with some weights and bias."""
    predicted = state.predictions(run.dataset.columns)
    shown = inside(axes, predicted)
    draw_dots(canvas, axes, run.dataset.y[shown], predicted[shown])


def draw_batch_predictions(canvas: PictureCanvas, axes: Axes, it: Iteration) -> None:
    """The batch with the weights from before the update, and its errors where there are few."""
    draw_errors(canvas, axes, it, it.y)
    shown = inside(axes, it.prediction)
    draw_diamonds(canvas, axes, it.y[shown], it.prediction[shown], always_edged=True)


def inside(axes: Axes, predicted: Floats) -> NDArray[np.bool_]:
    """Which predictions have a place on the axes; never nan."""
    return (predicted >= axes.y[0]) & (predicted <= axes.y[1])
