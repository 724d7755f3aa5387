"""The part of the plane that a chart shows, its ticks, and the way from numbers to cells."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrstep.core.dataset import Floats
from lrstep.tui.charts.plot import Polyline

LIMIT = 1e307
"""Windows end here, so that their width can still be computed."""

LEAST = 1e-290
"""The least width of a window, so that it can be divided into cells."""

RESOLUTION = 1e-11
"""The least width of a window, relative to its largest number: below it ticks could not be told apart."""


class Interval(NamedTuple):
    """From ``low`` to ``high``, low < high, both finite."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """high − low."""
        return self.high - self.low


class Tick(NamedTuple):
    """A number on an axis and how it is written."""

    value: float
    label: str


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
    step = _step(interval.width, ticks)
    low, high = math.floor(interval.low / step) * step, math.ceil(interval.high / step) * step
    return Interval(low, high) if low < high else interval


def ticks(interval: Interval, most: int) -> list[Tick]:
    """At most so many round numbers within an interval, all written in the same, shortest form."""
    if most < 1:
        return []
    count = most + 2  # the pieces at both ends need no tick
    while count:
        step = _step(interval.width, count)
        slack = step * 1e-6
        first = math.ceil((interval.low - slack) / step)
        last = math.floor((interval.high + slack) / step)
        if last - first < most:
            break
        count -= 1
    else:
        return []
    numbers = range(first, last + 1)
    return [Tick(k * step, label) for k, label in zip(numbers, _labels(numbers, step), strict=True)]


def _step(width: float, count: int) -> float:
    """1, 2 or 5 times a power of ten: the smallest that cuts the width into at most so many pieces."""
    raw = width / max(count, 1)
    exponent = math.floor(math.log10(raw))
    for digit in (1, 2, 5, 10):
        step = float(f"{digit}e{exponent}")
        if step >= raw * (1 - 1e-9):
            return step
    return float(f"1e{exponent + 1}")


def _labels(numbers: Sequence[int], step: float) -> list[str]:
    exponent = math.floor(math.log10(step) + 1e-9)
    powers = [_power_form(k, step, exponent) for k in numbers]
    largest = max((abs(k * step) for k in numbers), default=0.0)
    if exponent < -9 or largest >= 1e12:
        return powers
    decimals = [f"{k * step:.{max(0, -exponent)}f}" for k in numbers]
    shorter = max(map(len, powers), default=0) < max(map(len, decimals), default=0)
    return powers if shorter else decimals


def _power_form(number: int, step: float, exponent: int) -> str:
    """Like 1.5e-7, with the digits that tell the ticks apart."""
    value = number * step
    if not value:
        return "0"
    digits = max(0, math.floor(math.log10(abs(value)) + 1e-12) - exponent)
    mantissa, power = f"{value:.{digits}e}".split("e")
    return f"{mantissa}e{int(power)}"


@dataclass(frozen=True)
class Plane:
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

        Points that are not finite interrupt the curve. The method is that of Liang and Barsky
        ("A new concept and method for line clipping", 1984), for all pieces at once.
        """
        column, row = self.place(x, y)
        if len(column) < 2:
            return ()
        start, end, kept = _inside(column, row, self.columns, self.rows)
        return _joined(start[kept], end[kept])

    def clip_all(self, curves: Iterable[tuple[ArrayLike, ArrayLike]]) -> tuple[Polyline, ...]:
        """The same for several curves."""
        return tuple(line for x, y in curves for line in self.clip(x, y))


def _clamped(place: float, cells: int) -> int:
    return int(min(max(place, 0.0), cells - 1.0)) if place == place else 0


def _inside(column: Floats, row: Floats, columns: int, rows: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Clip the pieces between neighbours: their starts and ends, shape (k, 2), and which of them are visible."""
    points = np.stack((column, row), axis=1)
    size = np.array((columns, rows), dtype=np.float64)
    with np.errstate(all="ignore"):
        start, step = points[:-1], np.diff(points, axis=0)
        # Where along a piece (0 its start, 1 its end) it crosses the edge it comes in by and goes out by.
        into, out_of = np.where(step > 0, 0.0, size), np.where(step > 0, size, 0.0)
        flat, within = step == 0, (start >= 0) & (start <= size)
        enter = np.where(flat, np.where(within, 0.0, np.inf), (into - start) / step).clip(min=0.0)
        leave = np.where(flat, np.where(within, 1.0, -np.inf), (out_of - start) / step).clip(max=1.0)
        first, last = enter.max(axis=1, keepdims=True), leave.min(axis=1, keepdims=True)
        kept = (first <= last)[:, 0] & np.isfinite(step).all(axis=1) & np.isfinite(start).all(axis=1)
        # On an edge take the edge itself: for a far away start the sum has no digits left.
        begin = np.where((enter == first) & (first > 0), into, start + first * step)
        end = np.where(last == 1, points[1:], np.where(leave == last, out_of, start + last * step))
    return np.clip(begin, 0.0, size), np.clip(end, 0.0, size), kept


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
