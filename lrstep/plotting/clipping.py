"""Curves cut to what lies within a rectangle."""

import numpy as np
from numpy.typing import NDArray

from lrstep.core.dataset import Floats


def clipped(points: Floats, size: tuple[float, float]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Clip the pieces between neighbours to the rectangle from (0, 0) to ``size``.

    Points that are not finite interrupt the curve. The method is that of Liang and Barsky ("A new concept and
    method for line clipping", 1984), for all pieces at once.

    Args:
        points: shape (k + 1, 2); may lie outside.
        size: width and height.

    Returns:
        starts and ends of the pieces, shape (k, 2), and which of them are visible, shape (k,).
    """
    edge = np.array(size, dtype=np.float64)
    with np.errstate(all="ignore"):
        start, step = points[:-1], np.diff(points, axis=0)
        # Where along a piece (0 its start, 1 its end) it crosses the edge it comes in by and goes out by.
        into, out_of = np.where(step > 0, 0.0, edge), np.where(step > 0, edge, 0.0)
        flat, within = step == 0, (start >= 0) & (start <= edge)
        enter = np.where(flat, np.where(within, 0.0, np.inf), (into - start) / step).clip(min=0.0)
        leave = np.where(flat, np.where(within, 1.0, -np.inf), (out_of - start) / step).clip(max=1.0)
        first, last = enter.max(axis=1, keepdims=True), leave.min(axis=1, keepdims=True)
        kept = (first <= last)[:, 0] & np.isfinite(step).all(axis=1) & np.isfinite(start).all(axis=1)
        # On an edge take the edge itself: for a far away start the sum has no digits left.
        begin = np.where((enter == first) & (first > 0), into, start + first * step)
        end = np.where(last == 1, points[1:], np.where(leave == last, out_of, start + last * step))
    return np.clip(begin, 0.0, edge), np.clip(end, 0.0, edge), kept
