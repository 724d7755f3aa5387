"""The one widget that panels and charts are painted on: it repaints only what changed."""

from collections.abc import Iterator
from functools import cached_property

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from lrstep.session.styled_rows import Row, Rows, row_width, text_width
from lrstep.tui.terminal import Codes, Placed, TerminalApp


class Canvas(Widget):
    """Shows rows of styled cells.

    :meth:`paint` compares the new rows with those on the screen, in characters and in styles. Where nothing else is on
    the screen the spans that differ go straight to :mod:`lrstep.tui.terminal`, which sends the cells of them that do;
    elsewhere Textual is asked to repaint the rows.
    """

    app: TerminalApp

    def __init__(self, looks: dict[str, Style], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._looks = looks
        self._rows: Rows = []

    @property
    def rows(self) -> Rows:
        """What was painted last."""
        return self._rows

    @cached_property
    def _codes(self) -> Codes:
        return self.app.codes(self._looks)

    def paint(self, rows: Rows) -> None:
        """Show these rows."""
        old, self._rows = self._rows, rows
        if len(old) != len(rows):
            self.refresh()
            return
        changed = [y for y, (before, after) in enumerate(zip(old, rows, strict=True)) if before != after]
        spans = (span for y in changed for span in _differing(old[y], rows[y], y))
        if changed and not (self._alone and self.app.paint(spans, self._codes)):
            self.refresh(*_regions(changed, self.size.width))

    @property
    def _alone(self) -> bool:
        """Whether the screen shows this and nothing else."""
        return self.screen.is_current and self.region.size == self.app.size

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows themselves: there is no border and no padding around them."""
        strips = [self.render_line(y) for y in crop.line_range]
        if crop.x == 0 and crop.width >= self.size.width:
            return strips
        return [strip.crop(crop.x, crop.right) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        if y < len(self._rows):
            return self._strip(self._rows[y])
        return Strip.blank(self.size.width)

    def _strip(self, cells: Row) -> Strip:
        looks = self._looks
        segments: list[Segment] = []
        texts: list[str] = []
        current = ""
        for text, style in cells:
            if style != current and texts:
                segments.append(Segment("".join(texts), looks[current]))
                texts = []
            current = style
            texts.append(text)
        if texts:
            segments.append(Segment("".join(texts), looks[current]))
        return Strip(segments, row_width(cells))


def _differing(before: Row, after: Row, y: int) -> Iterator[Placed]:
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


def _regions(rows: list[int], width: int) -> list[Region]:
    """These rows, neighbours as one region."""
    regions: list[Region] = []
    for y in rows:
        if regions and regions[-1].bottom == y:
            regions[-1] = Region(0, regions[-1].y, width, regions[-1].height + 1)
        else:
            regions.append(Region(0, y, width, 1))
    return regions
