"""A grid of cells on which curves, marks and texts lie over each other."""

from collections.abc import Iterable

from lrstep.session.styled_rows import Row, Rows, Span
from lrstep.tui.charts.curves import BRAILLE, Curve, cells

BLANK, CLEAR = " ", "text"


class Grid:
    """Cells of one character and one style each, blank at first.

    Args:
        columns: width in cells.
        rows: height in cells.
        ascii: whether only ASCII may be drawn.
    """

    def __init__(self, columns: int, rows: int, ascii: bool) -> None:
        self.columns, self.rows, self.ascii = columns, rows, ascii
        self._marks = [[BLANK] * columns for _ in range(rows)]
        self._styles = [[CLEAR] * columns for _ in range(rows)]

    def curve(self, curve: Curve) -> None:
        """Draw a curve over what is there; braille dots of earlier curves stay."""
        for column, row, mark in cells(curve, self.columns, self.rows, self.ascii):
            below = self._marks[row][column]
            both = below != BLANK and ord(below) in BRAILLE and ord(mark) in BRAILLE
            self._marks[row][column] = chr(ord(below) | ord(mark)) if both else mark
            self._styles[row][column] = curve.style

    def marks(self, cells: Iterable[Iterable[int]], mark: str, style: str) -> None:
        """Put the same character into many cells, columns and rows counted from the top left."""
        for column, row in cells:
            self._marks[row][column] = mark
            self._styles[row][column] = style

    def lines(self) -> Rows:
        """The rows of the canvas."""
        return [_spans(marks, styles) for marks, styles in zip(self._marks, self._styles, strict=True)]


def _spans(marks: list[str], styles: list[str]) -> Row:
    text = "".join(marks)
    start, current = 0, styles[0]
    if styles.count(current) == len(styles):
        return (Span(text, current),)
    spans = []
    for at, style in enumerate(styles):
        if style is not current:
            spans.append(Span(text[start:at], current))
            start, current = at, style
    spans.append(Span(text[start:], current))
    return tuple(spans)
