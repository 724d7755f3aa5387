"""Curves as terminal cells: braille dots, 2 × 4 to a cell, or one mark to a cell.

A straight line is sampled once per dot that it crosses in the direction in which it crosses more of them.
"""

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lrstep.core.dataset import Floats

Polyline = tuple[tuple[float, float], ...]
"""Points (column, row) in cells of the canvas: columns from the left edge, rows from the *bottom* edge."""

BRAILLE = range(0x2800, 0x2900)
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)
"""The bit of each dot in a cell: row from the top, column."""

_EDGE = 0.0016
"""Cells between the outermost dots that are drawn and the edges, which belong to no cell."""


class Curve(NamedTuple):
    """Connected straight lines in one style.

    Attributes:
        lines: the pieces; between two of them the curve is interrupted.
        style: a name of :data:`lrstep.session.styled_rows.STYLES`.
        mark: the character of the curve where only ASCII may be used.
    """

    lines: tuple[Polyline, ...]
    style: str
    mark: str = "*"


class Cell(NamedTuple):
    """A cell that a curve goes through: its place from the top left, and its character."""

    column: int
    row: int
    mark: str


@lru_cache(maxsize=64)
def cells(curve: Curve, columns: int, rows: int, ascii: bool = False) -> tuple[Cell, ...]:
    """The cells of a curve, each once, row by row.

    Args:
        curve: every point finite and within 0 … columns, 0 … rows.
        columns: width of the canvas in cells, at least 1.
        rows: height of the canvas in cells, at least 1.
        ascii: draw with the curve's mark instead of braille dots.

    Raises:
        ValueError: a point is not finite or outside the canvas.
    """
    ends = np.array([pair for line in curve.lines for pair in (pairwise(line) if line[1:] else (line * 2,))])
    if not ends.size:
        return ()
    size = np.array((columns, rows))
    if not ((ends >= 0) & (ends <= size)).all():
        raise ValueError(f"the curve leaves a canvas of {columns} × {rows} cells")
    ends[..., 1] = rows - ends[..., 1]
    inside = _EDGE + (size - 2 * _EDGE) * (ends / size)
    across, along = (1, 1) if ascii else _DOTS.shape[::-1]
    column, row = _sampled(inside * (across, along))
    found = np.zeros(rows * columns, dtype=np.uint8)
    np.bitwise_or.at(found, row // along * columns + column // across, _DOTS[row % along, column % across])
    places = np.flatnonzero(found)
    marks = [curve.mark if ascii else chr(BRAILLE.start + dots) for dots in found[places].tolist()]
    return tuple(map(Cell, (places % columns).tolist(), (places // columns).tolist(), marks))


def _sampled(ends: Floats) -> tuple[np.ndarray, np.ndarray]:
    """Whole dots on straight lines: column and row. Lines have shape (n, 2, 2): first and last point, in dots."""
    first, last = ends[:, 0], ends[:, 1]
    steps = np.maximum(np.abs(last.astype(np.intp) - first.astype(np.intp)).max(axis=1), 1)
    line = np.repeat(np.arange(len(ends)), steps + 1)
    at = np.arange(len(line)) - np.repeat((steps + 1).cumsum() - steps - 1, steps + 1)
    column, row = (first[line] + (last - first)[line] * (at / steps[line])[:, None]).astype(np.intp).T
    return column, row
