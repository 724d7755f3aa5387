"""The one widget that panels and charts are painted on: it repaints only what changed."""

from rich.segment import Segment
from rich.style import Style
from textual._styles_cache import StylesCache
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from lrstep.session.styled_rows import Row, Rows, row_width


def forget_closed_dialogs() -> None:
    """Free the rows of widgets that are gone.

    A cache inside Textual is keyed on the object that holds a widget's rows, and so keeps the last thousand of
    them alive: some 60 MB after a few hundred dialogs.
    """
    clear = getattr(getattr(StylesCache, "get_inner_outer", None), "cache_clear", None)
    if clear is not None:
        clear()


class Canvas(Widget):
    """Shows rows of styled cells.

    :meth:`paint` compares the new rows with those on the screen, in characters and in styles, and asks
    Textual to repaint the rows that differ; :mod:`lrstep.tui.terminal.cell_diff` sends only the cells of them that do.
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
        changed = [y for y, (before, after) in enumerate(zip(old, rows, strict=True)) if before != after]
        for y in changed:
            self._strips[y] = self._strip(rows[y])
        if changed:
            self.refresh(*_regions(changed, self.size.width))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows themselves: there is no border and no padding around them."""
        strips = [self.render_line(y) for y in crop.line_range]
        if crop.x == 0 and crop.width >= self.size.width:
            return strips
        return [strip.crop(crop.x, crop.right) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        if y < len(self._strips):
            return self._strips[y]
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


def _regions(rows: list[int], width: int) -> list[Region]:
    """These rows, neighbours as one region."""
    regions: list[Region] = []
    for y in rows:
        if regions and regions[-1].bottom == y:
            regions[-1] = Region(0, regions[-1].y, width, regions[-1].height + 1)
        else:
            regions.append(Region(0, y, width, 1))
    return regions
