"""What surrounds a canvas: the legend, the axes with their numbers and names."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, wraps
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from lrstep.core.dataset import Floats
from lrstep.plotting.ticks import Interval, Tick, tick_step, ticks
from lrstep.session.characters import to_ascii
from lrstep.session.styled_rows import Row, Rows, Span, block, fit_text, row, row_width
from lrstep.tui.charts.curves import Curve, Polyline
from lrstep.tui.charts.grid import Grid
from lrstep.tui.charts.plane import Plane
from lrstep.tui.charts.scene import Scene
from lrstep.tui.charts.strokes import dashed
from lrstep.visible import visible

LEAST_WIDTH, LEAST_HEIGHT = 20, 6
NAMED_HEIGHT = 11
"""From this height on the axis names have rows of their own."""

BORDER_GAP = 5
"""Columns between two borders of epochs, at least."""

FEW = 3
"""Columns to a point, at least, for points to be marked one by one."""

DOTTED = (0.0, 3.0)
DASHED = (5.0, 4.0)


class LegendEntry(NamedTuple):
    """One entry of a legend: the mark as drawn, its style, and the words."""

    mark: str
    style: str
    words: str


class Signs(NamedTuple):
    """The characters that frames are made of."""

    left: str
    left_tick: str
    bottom: str
    bottom_tick: str
    corner: str
    here: str
    border: str
    cut: str


DRAWN = Signs("│", "┤", "─", "┬", "└", "▲", "┊", "…")
ASCII = Signs(*map(to_ascii, DRAWN))


class ChartLayout(NamedTuple):
    """Where the parts of a chart stand.

    Attributes:
        plane: the window on the canvas.
        legend: the rows above it.
        x_ticks, y_ticks: the numbers on the axes.
        gutter: cells left of the canvas: the numbers and the axis.
        names: whether the axis names have rows of their own.
    """

    plane: Plane
    legend: tuple[Row, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    gutter: int
    names: bool


class Chart:
    """A chart in the making: a legend, a canvas with axes, and what is drawn on it.

    Args:
        scene: what it is of, and its size.
        x, y: the window.
        names: of the x and the y axis.
        legend: what the marks mean.
        whole: whether x counts things, so that only whole numbers stand on its axis.
    """

    def __init__(
        self,
        scene: Scene,
        x: Interval,
        y: Interval,
        names: tuple[str, str],
        legend: Sequence[LegendEntry],
        whole: bool = False,
    ) -> None:
        self.width, self.height, self.ascii = scene.width, scene.height, scene.ascii
        self.names = tuple(to_ascii(visible(name)) if self.ascii else visible(name) for name in names)
        self.signs = ASCII if self.ascii else DRAWN
        self._layout = _layout(self.width, self.height, x, y, names, tuple(legend), whole)
        self.plane = self._layout.plane
        self.grid = Grid(self.plane.columns, self.plane.rows, self.ascii)
        self._curves: list[Curve] = []
        self._marks: list[tuple[list[tuple[int, int]], str, str]] = []
        self._heads: list[tuple[int, str]] = []
        self._here: int | None = None

    def curve(
        self, lines: tuple[Polyline, ...], style: str, mark: str, dash: tuple[float, float] | None = None
    ) -> None:
        """Draw clipped lines (see :meth:`Plane.clip`): over earlier curves and under all marks.

        Args:
            lines: what to draw.
            style: its style.
            mark: its character where only ASCII may be used.
            dash: dots of a dash and of a gap; solid without.
        """
        if dash:
            lines = dashed(lines, 1.0, 2.0, 1, 1) if self.ascii else dashed(lines, *dash)
        if lines:
            self._curves.append(Curve(lines, style, mark))

    def points(self, x: Floats, y: Floats, mark: str, style: str) -> None:
        """Draw the same mark at each point inside the window."""
        self.cells(self.plane.cells(x, y), mark, style)

    def point(self, x: float, y: float, mark: str, style: str) -> None:
        """Draw a mark, if it is inside the window."""
        cell = self.plane.cell(x, y)
        if cell:
            self._marks.append(([cell], mark, style))

    def cells(self, cells: NDArray[np.intp], mark: str, style: str) -> None:
        """Draw the same mark in cells (see :meth:`Plane.cells`)."""
        self._marks.append((cells.tolist(), mark, style))

    def text(self, column: int, row: int, text: str, style: str) -> None:
        """Write a text from a cell on, rows counted from the top."""
        for place, character in enumerate(text):
            self._marks.append(([(column + place, row)], character, style))

    def borders(self, per_epoch: int, end: int) -> None:
        """Draw where epochs end, on an x axis of iterations; of very many epochs, every tenth or so."""
        gap = per_epoch * self.plane.columns / max(end, 1)
        room = max(BORDER_GAP, len(str(end // per_epoch)) + 2)
        every = int(tick_step(max(room / gap, 1.0), 1))
        for epoch in range(every, -(-end // per_epoch), every):
            column = self.plane.column(epoch * per_epoch + 0.5)
            self.grid.marks([(column, line) for line in range(self.plane.rows)], self.signs.border, "frame")
            words = f"epoch {epoch + 1}" if every * gap > len(f"epoch {epoch + 1}") + 1 else str(epoch + 1)
            if column + len(words) <= self.plane.columns:
                self._heads.append((column, words))

    def here(self, x: float) -> None:
        """Point at a place of the x axis from below."""
        self._here = self.plane.column(x)

    def rows(self) -> Rows:
        """The finished chart: ``height`` rows of ``width`` cells."""
        layout = self._layout
        rows = list(layout.legend)
        if layout.names:
            rows.append(self._head())
        labels = self._left_labels()
        for curve in self._curves:
            self.grid.curve(curve)
        for cells, mark, style in self._marks:
            self.grid.marks(cells, mark, style)
        body = self.grid.lines()
        rows += [(Span(left, "axis"), *cells) for left, cells in zip(labels, body, strict=True)]
        rows += [self._bottom(), *self._bottom_labels()]
        return block(rows, self.width, self.height)

    def _head(self) -> Row:
        """The name of the y axis, and the numbers of the epochs after their borders."""
        name = fit_text(self.names[1], self.width, self.signs.cut).rstrip()
        line = [" "] * self.width
        line[: len(name)] = name
        for column, words in self._heads:
            start = self._layout.gutter + column
            if start > cell_len(name):
                line[start : start + len(words)] = words
        return row(("".join(line)[: self.width - cell_len(name) + len(name)], "axis"))

    def _left_labels(self) -> list[str]:
        layout, signs = self._layout, self.signs
        labels = [" " * (layout.gutter - 1) + signs.left] * self.plane.rows
        for value, label in layout.y_ticks:
            labels[self.plane.line(value)] = label.rjust(layout.gutter - 1) + signs.left_tick
        return labels

    def _bottom(self) -> Row:
        signs, line = self.signs, [self.signs.bottom] * self.plane.columns
        for column in _columns(self._layout.x_ticks, self.plane):
            line[column] = signs.bottom_tick
        left = " " * (self._layout.gutter - 1) + signs.corner
        if self._here is None:
            return row((left + "".join(line), "axis"))
        before, after = "".join(line[: self._here]), "".join(line[self._here + 1 :])
        return row((left + before, "axis"), (signs.here, "strong"), (after, "axis"))

    def _bottom_labels(self) -> Rows:
        layout = self._layout
        line = [" "] * self.width
        for tick, column in zip(layout.x_ticks, _columns(layout.x_ticks, self.plane), strict=True):
            start = _label_start(tick, column, layout.gutter, self.width)
            line[start : start + len(tick.label)] = tick.label
        name = fit_text(self.names[0], self.width - layout.gutter, self.signs.cut).rstrip()
        labels = row(("".join(line), "axis"))
        if layout.names and name:
            return [labels, row((" " * (self.width - cell_len(name)) + name, "axis"))]
        return [labels]


def drawing(draw: Callable[[Scene], Rows]) -> Callable[..., Rows]:
    """Have what draws a scene take the parts of it, and say so where there is no room."""

    @wraps(draw)
    @np.errstate(all="ignore")  # numbers of a run may overflow; then less is drawn, and nothing is said
    def drawn(*place: Any, **how: Any) -> Rows:
        scene = Scene(*place, **how)
        return too_small(scene.width, scene.height) or draw(scene)

    return drawn


def too_small(width: int, height: int) -> Rows | None:
    """The message that stands where a chart has no room, or None where it has."""
    if width >= LEAST_WIDTH and height >= LEAST_HEIGHT:
        return None
    text = "too small for a chart" if width >= 21 else "too small"
    rows: list[Row] = [()] * (max(height - 1, 0) // 2)
    return block([*rows, row((text, "dim"))], width, height, "~")


@lru_cache(maxsize=32)
def _layout(
    width: int,
    height: int,
    x: Interval,
    y: Interval,
    names: tuple[str, str],
    legend: tuple[LegendEntry, ...],
    whole: bool,
) -> ChartLayout:
    named = height >= NAMED_HEIGHT
    top = _packed(legend, width, 1 if height < NAMED_HEIGHT else 3)
    canvas_rows = max(1, height - len(top) - 2 - named - (named and bool(names[0])))
    y_ticks = ticks(y, max(2, min(canvas_rows // 2, 3 + canvas_rows // 5)))
    widest = max((len(tick.label) for tick in y_ticks), default=0)
    if widest > width // 3:
        y_ticks, widest = [], 0
    plane = Plane(x, y, width - widest - 1, canvas_rows)
    x_ticks = _fitting(plane, widest + 1, width, whole)
    return ChartLayout(plane, tuple(top), tuple(x_ticks), tuple(y_ticks), widest + 1, named)


def _packed(entries: Iterable[LegendEntry], width: int, most: int) -> list[Row]:
    """The legend in as few rows as it needs; entries that find no room are left out whole."""
    rows: list[Row] = []
    for mark, style, words in entries:
        entry = row((mark, style), (f" {words}", "text"))
        if rows and row_width(rows[-1]) + 2 + row_width(entry) <= width:
            rows[-1] = (*rows[-1], Span("  "), *entry)
        elif len(rows) < most and row_width(entry) <= width:
            rows.append(entry)
    return rows


def _fitting(plane: Plane, gutter: int, width: int, whole: bool) -> list[Tick]:
    """As many ticks on the x axis as have room for their numbers."""
    for most in range(max(2, plane.columns // 5), 0, -1):
        found = ticks(plane.x, most)
        if whole and any(tick.value != round(tick.value) for tick in found):
            continue
        columns = _columns(found, plane)
        starts = [_label_start(tick, column, gutter, width) for tick, column in zip(found, columns, strict=True)]
        ends = [start + len(tick.label) for tick, start in zip(found, starts, strict=True)]
        apart = all(end + 2 <= start for end, start in zip(ends, starts[1:], strict=False))
        if apart and all(len(tick.label) <= width for tick in found):
            return found
    return []


def _columns(found: Iterable[Tick], plane: Plane) -> list[int]:
    # A tick can lie outside by a rounding error, hence the clamp.
    return [plane.column(tick.value) for tick in found]


def _label_start(tick: Tick, column: int, gutter: int, width: int) -> int:
    return max(0, min(gutter + column - len(tick.label) // 2, width - len(tick.label)))
