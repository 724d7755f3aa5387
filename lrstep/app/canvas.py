"""The one widget that panels and charts are painted on: it repaints only the cells that changed."""

from itertools import groupby, repeat
from operator import itemgetter

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from lrstep.app.cells import Row, Rows, row_width, text_width

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
        return Strip(merged, row_width(cells))


def changed_spans(before: Row, after: Row) -> list[tuple[int, int]]:
    """(start, end) of the cells that differ in character or style, near ones joined."""
    # Most of a row is the same: only what stands between its equal ends is looked at cell by cell.
    first = 0
    while first < min(len(before), len(after)) and before[first] == after[first]:
        first += 1
    last = 0
    while last < min(len(before), len(after)) - first and before[-1 - last] == after[-1 - last]:
        last += 1
    start = row_width(after[:first])
    old = _cells(before[first : len(before) - last])
    new = _cells(after[first : len(after) - last])
    if len(old) != len(new):
        return [(start, start + max(len(old), len(new)) + row_width(after[len(after) - last :]))]
    spans: list[tuple[int, int]] = []
    for x, (a, b) in enumerate(zip(old, new, strict=True), start):
        if a == b:
            continue
        if spans and x - spans[-1][1] <= _GAP:
            spans[-1] = (spans[-1][0], x + 1)
        else:
            spans.append((x, x + 1))
    return spans


def _cells(cells: Row) -> list[tuple[str, str]]:
    """One (character, style) per terminal cell; a wide character takes two."""
    made: list[tuple[str, str]] = []
    for text, style in cells:
        if text_width(text) == len(text):
            made += zip(text, repeat(style), strict=False)
        else:
            made += [(character, style) for character in text for _ in range(text_width(character))]
    return made
