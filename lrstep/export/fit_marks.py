"""Marks and pens that the pictures of a fit share, whatever stands across."""

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.export.drawing import DOTTED, ORANGE, Axes, Pen, Point

MAX_MARKS = 4000
"""More samples than this are thinned out: they would only cover each other."""

MAX_RESIDUALS = 40
"""Up to so many samples in the batch, each error is drawn as a line from the sample to the prediction."""

RESIDUAL = Pen(ORANGE, 1.2, DOTTED)

Entries = tuple[tuple[str, Pen | str], ...]
"""Name → pen of a line, or shape of a mark."""


def thinned(axes: Axes, x: Floats, y: Floats) -> list[Point]:
    """Pixels of samples, one for those that share a pixel, and at most :data:`MAX_MARKS`, evenly chosen."""
    left, top = axes.place(x, y)  # type: ignore[arg-type]
    places = np.column_stack((left, top))
    if len(places) > MAX_MARKS:
        places = np.unique(np.round(places), axis=0)
        places = places[:: -(-len(places) // MAX_MARKS)]
    return [(float(across), float(down)) for across, down in places]
