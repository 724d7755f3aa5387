"""What stands beside the contours of a surface: their loss, which way is down, where the lowest point is if outside."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from lrstep.core.loss_surface import Bowl
from lrstep.tui.charts.curves import Polyline
from lrstep.tui.charts.plane import Plane

GAP = 2
"""Cells between two labels, at least."""


class Label(NamedTuple):
    """A text on the canvas: its first cell, column and row from the top."""

    column: int
    row: int
    text: str

    @property
    def cells(self) -> set[tuple[int, int]]:
        """The cells that it takes, with a gap on both sides."""
        return {(self.column + place, self.row) for place in range(-GAP, len(self.text) + GAP)}


def labels(
    plane: Plane, bowl: Bowl, contours: Sequence[tuple[float, Polyline]], taken: set[tuple[int, int]], arrows: str
) -> list[Label]:
    """The loss of each contour with an arrow towards less of it, where there is room: near the lower edge first.

    Args:
        plane: the window.
        bowl: the surface.
        contours: each piece of a contour in cells, with its loss.
        taken: cells that are needed otherwise.
        arrows: their heads, counterclockwise from the right.
    """
    found: dict[float, Label] = {}
    numbers = _apart({loss for loss, _ in contours})
    used = set(taken)
    for loss, line in contours:
        if loss in found:
            continue
        for column, row in sorted(_inside(plane, line), key=lambda cell: -cell[1]):
            label = Label(column, row, f"{numbers[loss]}{_down(plane, bowl, column, row, arrows)}")
            if column + len(label.text) <= plane.columns and not label.cells & used:
                found[loss] = label
                used |= label.cells
                break
    return list(found.values())


def _apart(losses: set[float]) -> dict[float, str]:
    """Losses as texts, in as few digits as tell them apart, at least three."""
    made: dict[float, str] = {}
    for digits in range(3, 8):
        made = {loss: f"{loss:.{digits}g}" for loss in losses}
        if len(set(made.values())) == len(losses):
            break
    return made


def _inside(plane: Plane, line: Polyline) -> Iterator[tuple[int, int]]:
    """The cells along a line, but for those at the upper and the lower edge where there are more."""
    for (x0, y0), (x1, y1) in pairwise(line):
        steps = max(1, int(max(abs(x1 - x0), abs(y1 - y0))))
        for step in range(steps + 1):
            x, y = x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps
            column, row = int(x), plane.rows - 1 - int(y)
            if 0 <= column < plane.columns and (0 < row < plane.rows - 1 or plane.rows < 4):
                yield column, row


def _down(plane: Plane, bowl: Bowl, column: int, row: int, arrows: str) -> str:
    """The head of an arrow that leads down from a cell; empty where that cannot be computed."""
    across, up = plane.x.width / plane.columns, plane.y.width / plane.rows
    x, y = plane.x.low + (column + 0.5) * across, plane.y.low + (plane.rows - row - 0.5) * up
    right = bowl.radius_at(x + across, y) - bowl.radius_at(x - across, y)
    above = bowl.radius_at(x, y + up) - bowl.radius_at(x, y - up)
    if not math.isfinite(right + above) or not (right or above):
        return ""
    return arrow(arrows, -right, -above / 2)  # a cell is about twice as high as it is wide


def arrow(arrows: str, right: float, up: float) -> str:
    """The one of eight arrow heads that is nearest to a direction."""
    return arrows[round(math.atan2(up, right) / (math.pi / 4)) % 8]


def pointer(plane: Plane, goal: tuple[float, float], mark: str, arrows: str) -> Label | None:
    """Where the lowest point lies, at the edge nearest to it; None where it is inside the window."""
    if plane.cell(*goal) is not None:
        return None
    (column,), (up,) = plane.place([goal[0]], [goal[1]])
    right, above = float(column) - plane.columns / 2, float(up) - plane.rows / 2
    text = f"{mark} {goal[0]:.3g}, {goal[1]:.3g} {arrow(arrows, right, 2 * above)}"
    if len(text) > plane.columns or not math.isfinite(right + above):
        return None
    ways = (plane.columns / 2, right), (plane.rows / 2, above)
    share = min((half / abs(way) for half, way in ways if way), default=math.inf)
    column = min(max(plane.columns / 2 + right * share - len(text) / 2, 0), plane.columns - len(text))
    row = min(max(plane.rows / 2 - above * share, 0), plane.rows - 1)
    return Label(int(column), int(row), text)
