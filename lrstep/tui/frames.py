"""Frames around panels: borders with titles in them, and lines between their sides."""

from collections.abc import Iterable

from lrstep.session.styled_rows import Row, Rows, Span, fit, row_width
from lrstep.session.view import View


def edge(
    view: View,
    start: str,
    end: str,
    parts: list[tuple[int, Row]],
    style: str = "frame",
    above: list[int] | None = None,
) -> Row:
    """A horizontal border with titles; ``above`` are the columns at which vertical lines end in it."""
    cells: list[Span] = []
    joints = "┬"
    cells.append(Span(start, style))
    at = 0
    for place, (width, title) in enumerate(parts):
        shown = view.row(title)
        if row_width(shown) > width:
            shown = fit(shown, width)
        rest = width - row_width(shown)
        line = "─" * rest
        cells += shown
        offset = at + row_width(shown)
        for joint in above or ():
            if offset <= joint < at + width:
                line = line[: joint - offset] + "┴" + line[joint - offset + 1 :]
        cells.append(Span(line, style))
        at += width
        if place + 1 < len(parts):
            cells.append(Span("┼" if at in (above or ()) else joints, style))
            at += 1
    cells.append(Span(end, style))
    return view.row(tuple(cells))


def framed(view: View, cells: Iterable[Row], style: str = "frame") -> Row:
    """Rows of one line, each as wide as its panel, between vertical lines."""
    bar = Span(view.chars("│"), style)
    parts: list[Span] = [bar]
    for content in cells:
        parts += content
        parts.append(bar)
    return tuple(parts)


def boxed(view: View, rows: Rows, width: int, title: Row = (), keys: Row = ()) -> Rows:
    """Rows, each two cells narrower than the frame that they get, with a title above and keys below."""
    top, bottom = edge(view, "╭", "╮", [(width - 2, title)]), edge(view, "╰", "╯", [(width - 2, keys)])
    return [top, *(framed(view, (cells,)) for cells in rows), bottom]
