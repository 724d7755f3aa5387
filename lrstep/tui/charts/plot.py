"""Curves as terminal cells: the one place that calls plotext.

plotext draws straight lines between points on a canvas of cells with braille dots (2 × 4 to a cell) and
merges the dots of curves that cross. Its compiled part ends the whole process when it meets a NaN or a
line that leaves the canvas far enough, so nothing but finite points inside the canvas reaches it: see
:meth:`lrstep.tui.charts.plane.Plane.clip`. A figure of our own keeps its results apart from plotext's
global figure and from the size of the terminal.
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from types import ModuleType
from typing import Any

from lrstep.session.styled_rows import STYLES, Row, Span

Polyline = tuple[tuple[float, float], ...]
"""Points (column, row) in cells of the canvas: columns from the left edge, rows from the *bottom* edge."""

BLANK = " "
_STYLED = re.compile(r"\x1b\[0m(?:\x1b\[38;2;0;0;(\d+)m)?([^\x1b\n]*)")
_LOCK = Lock()

_STAND_INS = {"plotext._doc.doc": "docs", "plotext._tests.run": "test", "PIL": ""}
"""Parts of plotext that are not needed here, with what it takes from them; without Pillow it shows no images."""


def load() -> None:
    """Import plotext ahead of the first curve.

    Two thirds of that time go into plotext's own interactive documentation and tests, and into Pillow. Empty modules
    stand in for them meanwhile; where plotext has no such part, that changes nothing.
    """
    mine = [] if "plotext" in sys.modules else [name for name in _STAND_INS if name not in sys.modules]
    for name in mine:
        stand_in = ModuleType(name)
        if _STAND_INS[name]:
            setattr(stand_in, _STAND_INS[name], None)
        sys.modules[name] = stand_in
    try:
        import plotext  # noqa: F401 - for the import itself
    finally:
        for name in mine:
            del sys.modules[name]


@dataclass(frozen=True)
class Curve:
    """Connected straight lines in one style.

    Attributes:
        lines: the pieces; between two of them the curve is interrupted.
        style: a name of :data:`lrstep.session.styled_rows.STYLES`.
        mark: the character of the curve where only ASCII may be used.
    """

    lines: tuple[Polyline, ...]
    style: str
    mark: str = "*"


@lru_cache(maxsize=64)
def draw_curves(curves: tuple[Curve, ...], columns: int, rows: int, ascii: bool = False) -> tuple[Row, ...]:
    """Curves drawn over each other, later ones on top.

    Args:
        curves: every point finite and within 0 … columns, 0 … rows.
        columns: width of the canvas in cells, at least 1.
        rows: height of the canvas in cells, at least 1.
        ascii: draw each curve with its mark instead of braille dots.

    Returns:
        ``rows`` rows of ``columns`` cells, from the top; blanks where no curve is.

    Raises:
        ValueError: a point is not finite or outside the canvas.
    """
    _require_inside(curves, columns, rows)
    with _LOCK:
        figure = _figure(columns, rows)
        figure.clear.data()
        for curve in curves:
            _add(figure, curve, ascii)
        text = figure.build().string()
    return tuple(_parse(line, columns) for line in text.split("\n")[:rows])


def _require_inside(curves: Iterable[Curve], columns: int, rows: int) -> None:
    for curve in curves:
        for line in curve.lines:
            for x, y in line:
                if not (0 <= x <= columns and 0 <= y <= rows):
                    raise ValueError(f"({x}, {y}) is outside a canvas of {columns} × {rows} cells")


@lru_cache(maxsize=8)
def _figure(columns: int, rows: int) -> Any:
    load()
    import plotext

    terminal = type(plotext.terminal)()
    terminal.limit(False, False)
    figure = type(plotext.figure)(parent=terminal)
    figure.plot_size(columns, rows)
    figure.axes(False)
    figure.legend(False)
    figure.canvas("default")
    for axis, size in (("x", columns), ("y", rows)):
        figure.ruler(axis).lim(0, size).frequency(0).alignment(lim="edge")
    return figure


@lru_cache(maxsize=64)
def _marker(mark: str, style: str) -> Any:
    import plotext

    # The number of the style travels as the blue part of a colour.
    return plotext.marker(mark, plotext.pixel((0, 0, STYLES.index(style))))


def _add(figure: Any, curve: Curve, ascii: bool) -> None:
    points = [point for line in curve.lines for point in line]
    if not points:
        return
    x, y = zip(*points, strict=True)
    signal = figure.signal(list(x), list(y), marker=_marker(curve.mark if ascii else "braille", curve.style))
    signal.lines(True)
    start = 0
    for line in curve.lines:
        signal.line(start, False)
        start += len(line)
    figure.draw(signal)


def _parse(line: str, columns: int) -> Row:
    spans = [Span(text, STYLES[int(number or 0)]) for number, text in _STYLED.findall(line) if text]
    return tuple(spans) or (Span(BLANK * columns),)
