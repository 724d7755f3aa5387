"""The one widget that panels and charts are painted on: it repaints only what changed."""

from collections.abc import Iterator
from functools import cached_property
from itertools import groupby, zip_longest
from operator import itemgetter

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from lrstep.session.styled_rows import Row, Rows, row_width, text_width
from lrstep.tui.terminal import Codes, Placed, TerminalApp
from lrstep.tui.theme import styles


class Canvas(Widget):
    """Shows rows of styled cells.

    :meth:`paint` compares the new rows with those on the screen, in characters and in styles. Where its screen is on
    top and shows nothing else, the spans that differ go straight to :mod:`lrstep.tui.terminal`, which sends the cells
    of them that do; elsewhere Textual is asked to repaint the rows, and also where their size has changed: then Textual
    paints all of the screen itself, at a moment of its own, and what was the same before would stay as it left it.

    Args:
        whole: whether it is all that its screen shows.

    Attributes:
        rows: what was painted last.
    """

    app: TerminalApp

    def __init__(self, id: str, *, whole: bool = False) -> None:
        super().__init__(id=id)
        self._whole = whole
        self.rows: Rows = []

    @cached_property
    def _codes(self) -> Codes:
        return self.app.codes(styles(self.app.looks))

    def paint(self, rows: Rows) -> None:
        """Show these rows."""
        old, self.rows = self.rows, rows
        both = zip_longest(old[: len(rows)], rows, fillvalue=())
        changed = [(y, before, after) for y, (before, after) in enumerate(both) if before != after]
        resized = bool(old) and _size(old) != _size(rows)
        if self._whole and self.screen.is_current and not resized:
            spans = (span for row in changed for span in _differing(*row))
            if not changed or self.app.paint(spans, self._codes):
                return
        if resized or not old:
            self.refresh()
        elif changed:
            self.refresh(*_regions([y for y, *_ in changed], self.size.width))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows themselves: there is no border and no padding around them."""
        strips = [self.render_line(y) for y in crop.line_range]
        if crop.x == 0 and crop.width >= self.size.width:
            return strips
        return [strip.crop(crop.x, crop.right) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        if y < len(self.rows):
            return self._strip(self.rows[y])
        return Strip.blank(self.size.width)

    def _strip(self, cells: Row) -> Strip:
        looks, runs = styles(self.app.looks), groupby(cells, key=itemgetter(1))
        segments = [Segment("".join(text for text, _ in spans), looks[style]) for style, spans in runs]
        return Strip(segments, row_width(cells))


def _differing(y: int, before: Row, after: Row) -> Iterator[Placed]:
    """The spans of a row that the row before did not have at the same place."""
    spans = iter(before)
    at, was = 0, next(spans, None)
    x = 0
    for span in after:
        while was is not None and at < x:
            at, was = at + text_width(was.text), next(spans, None)
        if at != x or span != was:
            yield x, y, span
        x += text_width(span.text)


def _size(rows: Rows) -> tuple[int, int]:
    return (row_width(rows[0]) if rows else 0), len(rows)


def _regions(rows: list[int], width: int) -> list[Region]:
    """These rows, neighbours as one region."""
    regions: list[Region] = []
    for y in rows:
        if regions and regions[-1].bottom == y:
            regions[-1] = Region(0, regions[-1].y, width, regions[-1].height + 1)
        else:
            regions.append(Region(0, y, width, 1))
    return regions
