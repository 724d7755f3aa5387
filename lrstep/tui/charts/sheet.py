"""A sheet of cells on which curves, marks and texts lie over each other."""

from collections.abc import Iterable

from lrstep.session.styled_rows import Row, Rows, Span
from lrstep.tui.charts.plot import BLANK, Curve, draw_curves

BRAILLE = range(0x2800, 0x2900)
CLEAR = "text"


class Sheet:
    """Cells of one character and one style each, blank at first.

    Args:
        columns: width in cells.
        rows: height in cells.
        ascii: whether only ASCII may be drawn.
    """

    def __init__(self, columns: int, rows: int, ascii: bool = False) -> None:
        self.columns = columns
        self.rows = rows
        self.ascii = ascii
        self._marks = [[BLANK] * columns for _ in range(rows)]
        self._styles = [[CLEAR] * columns for _ in range(rows)]

    def curves(self, curves: Iterable[Curve]) -> None:
        """Draw curves over what is there; braille dots of earlier curves stay."""
        drawn = draw_curves(tuple(curves), self.columns, self.rows, self.ascii)
        for row, spans in enumerate(drawn):
            column = 0
            for text, style in spans:
                if text.strip():
                    self._overlay(row, column, text, style)
                column += len(text)

    def mark(self, column: int, row: int, mark: str, style: str) -> None:
        """Put one character (column and row from the top left); nothing outside the canvas."""
        if 0 <= column < self.columns and 0 <= row < self.rows:
            self._marks[row][column] = mark
            self._styles[row][column] = style

    def marks(self, cells: Iterable[Iterable[int]], mark: str, style: str) -> None:
        """Put the same character into many cells."""
        for column, row in cells:
            self._marks[row][column] = mark
            self._styles[row][column] = style

    def text(self, column: int, row: int, text: str, style: str) -> None:
        """Write characters side by side."""
        for offset, mark in enumerate(text):
            self.mark(column + offset, row, mark, style)

    def lines(self) -> Rows:
        """The rows of the canvas."""
        return [_spans(marks, styles) for marks, styles in zip(self._marks, self._styles, strict=True)]

    def _overlay(self, row: int, column: int, text: str, style: str) -> None:
        marks, styles = self._marks[row], self._styles[row]
        for at, mark in enumerate(text, start=column):
            if mark != BLANK:
                below, above = ord(marks[at]), ord(mark)
                marks[at] = chr(below | above) if below in BRAILLE and above in BRAILLE else mark
                styles[at] = style


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
