"""Drawing with Pillow: a coordinate system with ticks, clipped and dashed lines, marks of different shape.

Shapes are drawn twice as large and reduced, which smooths their edges; text is written at its size in the end.
"""

import math
import shlex
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np

from lrstep.errors import LrstepError
from lrstep.plotting.clipping import clipped

try:
    from PIL import Image as Image
    from PIL import ImageDraw as ImageDraw
    from PIL import ImageFont
except ImportError as error:
    hint = f"Install it (the extra pictures of lrstep): {shlex.quote(sys.executable)} -m pip install pillow"
    raise LrstepError("Pictures need the package Pillow, which is missing", hint) from error

Point = tuple[float, float]
Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

SMOOTH = 2
"""Shapes are drawn so many times as large as they appear."""

WHITE, BLACK, GREY, LIGHT = (255, 255, 255), (0, 0, 0), (128, 128, 128), (226, 226, 226)
ORANGE, BLUE, GREEN = (213, 94, 0), (0, 114, 178), (0, 158, 115)
"""Vermillion, blue and bluish green of the palette of Okabe and Ito, which colour-blind people can tell apart."""

LARGEST, SMALLEST = sys.float_info.max, 1e-290
"""Axes do not go beyond; between the two, halves are exact and differences of halves finite."""

SOLID: tuple[float, ...] = ()
DASHED, DOTTED, DASH_DOT = (9.0, 5.0), (2.0, 4.0), (13.0, 4.0, 3.0, 4.0)
"""Lengths drawn and left out in turn, in pixels at normal size."""


OTHER_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial.ttf", "Helvetica.ttc")
"""Fonts of the system, tried for names of data that Pillow's own font has no letters for."""


@lru_cache(maxsize=32)
def font(size: int, ascii_only: bool = True) -> Font:
    """Pillow's own font, which needs no file; for letters beyond ASCII one of the system's, where there is one."""
    if not ascii_only:
        for name in OTHER_FONTS:
            try:
                return ImageFont.truetype(name, size)
            except OSError:
                continue
    return ImageFont.load_default(size)


@dataclass(frozen=True)
class Pen:
    """Colour, width in pixels and dash pattern of a line."""

    colour: Colour
    width: float = 2.0
    dash: tuple[float, ...] = SOLID


@dataclass(frozen=True)
class Axes:
    """A rectangle of the picture with a range of x and of y.

    Attributes:
        left, top, right, bottom: the rectangle, in pixels of the picture.
        x, y: (lowest, highest) value, finite, the second larger.
        scale: how much larger than normal marks, lines and ticks are.
        whole: whether there is nothing between the whole numbers of x.
    """

    left: float
    top: float
    right: float
    bottom: float
    x: tuple[float, float]
    y: tuple[float, float]
    scale: float = 1.0
    whole: bool = False

    def place(self, x: float, y: float) -> Point:
        """Pixel of a point; outside the rectangle for a point outside the ranges."""
        # By halves: the whole of a range may be more than the largest number.
        across = (x / 2 - self.x[0] / 2) / (self.x[1] / 2 - self.x[0] / 2)
        up = (y / 2 - self.y[0] / 2) / (self.y[1] / 2 - self.y[0] / 2)
        return self.left + across * (self.right - self.left), self.bottom - up * (self.bottom - self.top)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies within the ranges; never so for nan."""
        return self.x[0] <= x <= self.x[1] and self.y[0] <= y <= self.y[1]

    def clipped(self, points: Sequence[Point]) -> list[tuple[Point, Point]]:
        """The visible parts of the pieces between points (in data coordinates), in pixels."""
        corner = np.array((self.left, self.top))
        pixels = np.array([self.place(*point) for point in points]).reshape(-1, 2) - corner
        start, end, kept = clipped(pixels, (self.right - self.left, self.bottom - self.top))
        pieces = zip((start[kept] + corner).tolist(), (end[kept] + corner).tolist(), strict=True)
        return [((p[0], p[1]), (q[0], q[1])) for p, q in pieces]


class PictureCanvas:
    """A picture being drawn: shapes at :data:`SMOOTH` times the size, and the texts that will stand over them.

    Args:
        size: width and height of the picture in pixels.
        background: shapes that are there already, at :data:`SMOOTH` times the size.
    """

    def __init__(self, size: tuple[int, int], background: Image.Image | None = None) -> None:
        large = (size[0] * SMOOTH, size[1] * SMOOTH)
        self.image = background.copy() if background else Image.new("RGB", large, WHITE)
        self._draw = ImageDraw.Draw(self.image)
        self._texts: list[tuple[Point, str, Colour, Font, str]] = []

    def finished(self) -> Image.Image:
        """The picture in its size, edges smoothed, with its texts."""
        picture = self.image.reduce(SMOOTH)
        draw = ImageDraw.Draw(picture)
        for text in self._texts:
            draw.text(*text)
        return picture

    def write(self, at: Point, text: str, size: int, anchor: str, colour: Colour = BLACK) -> None:
        """Write a line of text; ``anchor`` is Pillow's: l, m or r for across, then a, m or s for up and down."""
        chosen = font(size, text.isascii())
        if chosen is font(size) and not text.isascii():
            text = unicodedata.normalize("NFKD", text).encode("ascii", "replace").decode()
        self._texts.append((at, text, colour, chosen, anchor))

    def line(self, axes: Axes, points: Sequence[Point], pen: Pen) -> None:
        """A line through points in data coordinates, clipped to the axes; points that are not finite leave gaps."""
        self._strokes(axes.clipped(points), pen, axes.scale)

    def segment(self, p: Point, q: Point, pen: Pen, scale: float = 1.0) -> None:
        """A line between two pixels."""
        self._strokes([(p, q)], pen, scale)

    def mark(self, at: Point, shape: str, radius: float, fill: Colour, edge: Colour | None = None) -> None:
        """A mark at a pixel: ``circle``, ``square`` or ``diamond``."""
        x, y, r = at[0] * SMOOTH, at[1] * SMOOTH, radius * SMOOTH
        width = SMOOTH if edge else 0
        if shape == "circle":
            self._draw.ellipse((x - r, y - r, x + r, y + r), fill, edge, width)
        elif shape == "square":
            self._draw.rectangle((x - r, y - r, x + r, y + r), fill, edge, width)
        else:
            self._draw.polygon([(x, y - r), (x + r, y), (x, y + r), (x - r, y)], fill, edge, max(width, 1))

    def _strokes(self, pieces: Iterable[tuple[Point, Point]], pen: Pen, scale: float) -> None:
        width, dashes = max(1, round(pen.width * scale * SMOOTH)), _Dashes([length * scale for length in pen.dash])
        for (x0, y0), (x1, y1) in chain.from_iterable(dashes.cut(p, q) for p, q in pieces):
            self._draw.line((x0 * SMOOTH, y0 * SMOOTH, x1 * SMOOTH, y1 * SMOOTH), pen.colour, width)


class _Dashes:
    """Cuts segments into dashes; the pattern goes on from one segment of a line to the next."""

    def __init__(self, pattern: list[float]) -> None:
        self.pattern = pattern
        self.part = 0
        self.left = pattern[0] if pattern else math.inf

    def cut(self, p: Point, q: Point) -> Iterator[tuple[Point, Point]]:
        """The drawn parts of the segment from p to q, in pixels."""
        length = math.hypot(q[0] - p[0], q[1] - p[1])
        if not self.pattern or not length:
            yield p, q
            return
        done = 0.0
        while done < length:
            end = min(length, done + self.left)
            if self.part % 2 == 0:
                yield between(p, q, done / length), between(p, q, end / length)
            if end == length:
                self.left -= end - done
            else:
                self.part = (self.part + 1) % len(self.pattern)
                self.left = self.pattern[self.part]
            done = end


def between(p: Point, q: Point, share: float) -> Point:
    """The point at a share of the way from p to q."""
    return p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])


def padded(low: float, high: float, share: float = 0.05) -> tuple[float, float]:
    """A range with room on both sides; a range around a single value where both are (almost) equal."""
    largest = max(abs(low), abs(high))
    room = high * share - low * share
    if not room > 1e-9 * largest or largest < SMALLEST:
        room = 0.5 * largest if largest >= SMALLEST else 1.0
    return max(low - room, -LARGEST), min(high + room, LARGEST)
