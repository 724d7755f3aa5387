"""Marks and pens that the pictures of a fit share, whatever stands across."""

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.core.iteration import Iteration
from lrstep.export.drawing import BLACK, DOTTED, ORANGE, Axes, Colour, Pen, PictureCanvas, Point

MAX_MARKS = 4000
"""More samples than this are thinned out: they would only cover each other."""

MAX_RESIDUALS = 40
"""Up to so many samples in the batch, each error is drawn as a line from the sample to the prediction."""

RESIDUAL = Pen(ORANGE, 1.2, DOTTED)
DOT: Colour = (70, 70, 70)

Entries = tuple[tuple[int, str, Pen | str], ...]
"""Entries of a legend: where each begins, in pixels at normal size; its name; the pen of a line or shape of a mark."""


def thinned(axes: Axes, x: Floats, y: Floats) -> list[Point]:
    """Pixels of samples, one for those that share a pixel, and at most :data:`MAX_MARKS`, evenly chosen."""
    left, top = axes.place(x, y)  # type: ignore[arg-type]
    places = np.column_stack((left, top))
    if len(places) > MAX_MARKS:
        places = np.unique(np.round(places), axis=0)
        places = places[:: -(-len(places) // MAX_MARKS)]
    return [(float(across), float(down)) for across, down in places]


def draw_dots(canvas: PictureCanvas, axes: Axes, x: Floats, y: Floats) -> None:
    """Samples as dots, smaller where there are many."""
    places = thinned(axes, x, y)
    for place in places:
        canvas.mark(place, "circle", (4.0 if len(places) <= 300 else 2.0) * axes.scale, DOT)


def draw_diamonds(canvas: PictureCanvas, axes: Axes, x: Floats, y: Floats, always_edged: bool = False) -> None:
    """The samples of a batch as diamonds; where there are many they are smaller, and most often without an edge."""
    places = thinned(axes, x, y)
    few = len(places) <= 100
    radius, edge = (7.0 if few else 3.5) * axes.scale, BLACK if few or always_edged else None
    for place in places:
        canvas.mark(place, "diamond", radius, ORANGE, edge)


def draw_errors(canvas: PictureCanvas, axes: Axes, it: Iteration, x: Floats) -> None:
    """The errors of a batch, where there are few: lines from the labels to the predictions."""
    if it.m <= MAX_RESIDUALS:
        for at, y, prediction in zip(x.tolist(), it.y.tolist(), it.prediction.tolist(), strict=True):
            canvas.line(axes, [(at, y), (at, prediction)], RESIDUAL)
