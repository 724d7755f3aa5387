"""The one widget that panels and charts are painted on: it repaints only the cells that changed."""

from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from lrstep.app.cells import Row, Rows, Span

_GAP = 6
"""Unchanged cells between two changed ones that are cheaper to send again than to jump over."""


class Canvas(Widget):
    """Shows rows of styled cells.

    :meth:`paint` compares the new rows with those on the screen, in characters and in styles, and asks
    Textual to repaint one region per changed span. That keeps what goes over the wire small.
    """

    def __init__(self, looks: dict[str, Style], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._looks = looks
        self._rows: Rows = []
        self._strips: list[Strip] = []

    @property
    def rows(self) -> Rows:
        """What was painted last."""
        return self._rows

    def use(self, looks: dict[str, Style]) -> None:
        """Change the looks of the styles and paint all again."""
        self._looks = looks
        self._strips = [self._strip(cells) for cells in self._rows]
        self.refresh()

    def paint(self, rows: Rows) -> None:
        """Show these rows."""
        old, self._rows = self._rows, rows
        if len(old) != len(rows) or len(self._strips) != len(rows):
            self._strips = [self._strip(cells) for cells in rows]
            self.refresh()
            return
        regions = []
        for y, (before, after) in enumerate(zip(old, rows, strict=True)):
            if before != after:
                self._strips[y] = self._strip(after)
                regions += [Region(x, y, end - x, 1) for x, end in changed_spans(before, after)]
        size = self.size.region
        regions = [region.intersection(size) for region in regions]
        if regions:
            self.refresh(*(region for region in regions if region))

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(self.size.width)

    def _strip(self, cells: Row) -> Strip:
        looks = self._looks
        merged = [
            Segment("".join(span.text for span in group), looks[style])
            for style, group in groupby(cells, key=itemgetter(1))
        ]
        return Strip(merged, sum(segment.cell_length for segment in merged))


def changed_spans(before: Row, after: Row) -> list[tuple[int, int]]:
    """(start, end) of the cells that differ in character or style, near ones joined."""
    old, new = _cells(before), _cells(after)
    if len(old) != len(new):
        return [(0, max(len(old), len(new)))]
    spans: list[tuple[int, int]] = []
    for x, (a, b) in enumerate(zip(old, new, strict=True)):
        if a == b:
            continue
        if spans and x - spans[-1][1] <= _GAP:
            spans[-1] = (spans[-1][0], x + 1)
        else:
            spans.append((x, x + 1))
    return spans


def _cells(cells: Row) -> list[Span]:
    """One span per terminal cell; a wide character takes two."""
    made: list[Span] = []
    for text, style in cells:
        if text.isascii():
            made += [Span(character, style) for character in text]
            continue
        for character in text:
            width = cell_len(character)
            made += [Span(character, style)] * width
    return made
