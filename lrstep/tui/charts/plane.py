"""The part of the plane that a chart shows, and the way from numbers to cells."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrstep.core.dataset import Floats
from lrstep.plotting.clipping import clipped
from lrstep.plotting.ticks import Interval, tick_step
from lrstep.tui.charts.curves import Polyline

LIMIT = 1e307
"""Windows end here, so that their width can still be computed."""

LEAST = 1e-290
"""The least width of a window, so that it can be divided into cells."""

RESOLUTION = 1e-11
"""The least width of a window, relative to its largest number: below it ticks could not be told apart."""


def extent(*values: ArrayLike) -> tuple[float, float] | None:
    """The smallest and the largest finite number among all values; None without any."""
    low, high = math.inf, -math.inf
    for part in values:
        array = np.asarray(part, dtype=np.float64)
        if array.size == 0:
            continue
        least, most = float(array.min()), float(array.max())
        if not math.isfinite(most - least):
            array = array[np.isfinite(array)]
            if array.size == 0:
                continue
            least, most = float(array.min()), float(array.max())
        low, high = min(low, least), max(high, most)
    return (low, high) if low <= high else None


def widened(interval: tuple[float, float] | None, margin: float = 0.0) -> Interval:
    """An interval that can be drawn: with a margin (a share of its width) on both sides, and not empty."""
    if interval is None:
        return Interval(0.0, 1.0)
    low, high = max(min(interval[0], LIMIT), -LIMIT), min(max(interval[1], -LIMIT), LIMIT)
    size = max(abs(low), abs(high))
    if high - low <= size * RESOLUTION:
        room = (size * 0.1 if low == high else size * RESOLUTION) or 1.0
    else:
        room = (high - low) * margin
    if high - low < LEAST:
        room = max(room, LEAST)
    return Interval(low - room, high + room)


def rounded(interval: Interval, ticks: int = 5) -> Interval:
    """The interval out to the next ticks, so that it stays the same while its content changes a little."""
    step = tick_step(interval.width, ticks)
    low, high = math.floor(interval.low / step) * step, math.ceil(interval.high / step) * step
    return Interval(low, high) if low < high else interval


class Plane(NamedTuple):
    """A window (the interval of each axis) on a canvas of cells.

    Attributes:
        x, y: what the canvas shows.
        columns, rows: its size in cells.
    """

    x: Interval
    y: Interval
    columns: int
    rows: int

    def place(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Points as (column, row) in cells, rows counted from the bottom; may lie outside or be NaN."""
        with np.errstate(all="ignore"):
            return (
                (np.asarray(x, dtype=np.float64) - self.x.low) * (self.columns / self.x.width),
                (np.asarray(y, dtype=np.float64) - self.y.low) * (self.rows / self.y.width),
            )

    def cells(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.intp]:
        """The cells in which points lie, each once: column and row from the *top*, shape (k, 2)."""
        column, row = self.place(x, y)
        with np.errstate(all="ignore"):
            inside = (column >= 0) & (column <= self.columns) & (row >= 0) & (row <= self.rows)
            across = np.minimum(column[inside], self.columns - 0.5).astype(np.intp)
            line = self.rows - 1 - np.minimum(row[inside], self.rows - 0.5).astype(np.intp)
        taken = np.zeros(self.columns * self.rows, dtype=np.bool_)
        taken[line * self.columns + across] = True
        number = np.flatnonzero(taken)
        return np.stack((number % self.columns, number // self.columns), axis=1)

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """The cell of one point, or None outside."""
        if not (self.x.low <= x <= self.x.high and self.y.low <= y <= self.y.high):
            return None
        return self.column(x), self.line(y)

    def column(self, x: float) -> int:
        """The column of a number on the x axis, the nearest one for a number beside it."""
        return _clamped((float(x) - self.x.low) * (self.columns / self.x.width), self.columns)

    def line(self, y: float) -> int:
        """The row (from the top) of a number on the y axis, the nearest one for a number beside it."""
        return self.rows - 1 - _clamped((float(y) - self.y.low) * (self.rows / self.y.width), self.rows)

    def clip(self, x: ArrayLike, y: ArrayLike) -> tuple[Polyline, ...]:
        """The parts of a curve through the given points that lie on the canvas.

        Points that are not finite interrupt the curve.
        """
        column, row = self.place(x, y)
        if len(column) < 2:
            return ()
        start, end, kept = clipped(np.stack((column, row), axis=1), (self.columns, self.rows))
        return _joined(start[kept], end[kept])


def _clamped(place: float, cells: int) -> int:
    return int(min(max(place, 0.0), cells - 1.0)) if place == place else 0


def _joined(start: Floats, end: Floats) -> tuple[Polyline, ...]:
    """Pieces into polylines: one continues where the next begins at its end."""
    lines: list[list[tuple[float, float]]] = []
    # Two decimals of a cell are finer than a dot and let equal pictures be recognised as equal.
    pieces = zip(start.round(2).tolist(), end.round(2).tolist(), strict=True)
    for first, last in pieces:
        if not lines or lines[-1][-1] != tuple(first):
            lines.append([tuple(first)])
        if lines[-1][-1] != tuple(last) or len(lines[-1]) == 1:
            lines[-1].append(tuple(last))
    return tuple(map(tuple, lines))
