"""Polylines made into dashes, or into fewer points."""

import math
from functools import lru_cache

import numpy as np

from lrstep.tui.charts.curves import Polyline


@lru_cache(maxsize=16)
def dashed(lines: tuple[Polyline, ...], on: float, off: float, across: int = 2, along: int = 4) -> tuple[Polyline, ...]:
    """Curves cut into dashes of ``on`` dots and gaps of ``off`` dots (``on`` 0: single dots).

    Args:
        lines: curves in cells.
        on: length of a dash in dots.
        off: length of a gap in dots.
        across: dots to the width of a cell.
        along: dots to the height of a cell.
    """
    dashes: list[Polyline] = []
    scale = np.array((across, along), dtype=np.float64)
    for line in lines:
        points = np.array(line) * scale
        travelled = np.concatenate(([0.0], np.hypot(*np.diff(points, axis=0).T).cumsum()))
        begin = np.arange(0.0, travelled[-1] + 1e-9, on + off)
        ends = np.minimum(begin + on, travelled[-1])
        x, y = points.T / scale[:, None]
        first = zip(np.interp(begin, travelled, x).tolist(), np.interp(begin, travelled, y).tolist(), strict=True)
        last = zip(np.interp(ends, travelled, x).tolist(), np.interp(ends, travelled, y).tolist(), strict=True)
        dashes += [(a, b) if on else (a,) for a, b in zip(first, last, strict=True)]
    return tuple(dashes)


def simplified(line: Polyline, tolerance: float) -> Polyline:
    """A line with fewer points that stays within so many cells of the given one.

    The method is that of Ramer ("An iterative procedure for the polygonal approximation of plane
    curves", 1972) and of Douglas and Peucker (1973).
    """
    points = np.array(line)
    kept = {0, len(line) - 1}
    open_spans = [(0, len(line) - 1)]
    while open_spans:
        first, last = open_spans.pop()
        if last - first < 2:
            continue
        chord, between = points[last] - points[first], points[first + 1 : last] - points[first]
        length = math.hypot(*chord)
        if length:
            away = np.abs(between[:, 0] * chord[1] - between[:, 1] * chord[0]) / length
        else:
            away = np.hypot(between[:, 0], between[:, 1])
        farthest = int(away.argmax())
        if away[farthest] > tolerance:
            middle = first + 1 + farthest
            kept.add(middle)
            open_spans += [(first, middle), (middle, last)]
    return tuple(line[k] for k in sorted(kept))
