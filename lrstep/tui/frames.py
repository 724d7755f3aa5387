"""Frames around panels: borders with titles in them, and lines between their sides."""

from collections.abc import Iterable, Sequence

from lrstep.session.styled_rows import Row, Rows, Span, fit, row_width
from lrstep.session.view import View


def edge(
    view: View, start: str, end: str, parts: list[tuple[int, Row]], style: str = "frame", above: Sequence[int] = ()
) -> Row:
    """A horizontal border with titles; ``above`` are the columns at which vertical lines end in it."""
    cells, at = [Span(start, style)], 0
    for place, (width, title) in enumerate(parts):
        if place:
            cells.append(Span("┼" if at in above else "┬", style))
            at += 1
        shown = view.row(title)
        if row_width(shown) > width:
            shown = fit(shown, width)
        begin, at = at + row_width(shown), at + width
        line = "─" * (at - begin)
        for joint in above:
            if begin <= joint < at:
                line = line[: joint - begin] + "┴" + line[joint - begin + 1 :]
        cells += (*shown, Span(line, style))
    return view.row((*cells, Span(end, style)))


def framed(view: View, cells: Iterable[Row], style: str = "frame") -> Row:
    """Rows of one line, each as wide as its panel, between vertical lines."""
    bar = Span(view.chars("│"), style)
    parts: list[Span] = [bar]
    for content in cells:
        parts += content
        parts.append(bar)
    return tuple(parts)


def boxed(view: View, rows: Rows, width: int, title: Row, keys: Row = (), style: str = "frame") -> Rows:
    """Rows, each two cells narrower than the frame that they get, with a title above and keys below."""
    top, bottom = edge(view, "╭", "╮", [(width - 2, title)], style), edge(view, "╰", "╯", [(width - 2, keys)], style)
    return [top, *(framed(view, (cells,), style) for cells in rows), bottom]
