"""Rows of styled cells: what panels and charts are made of, and what the screen paints.

A style is a name out of :data:`STYLES`, never a colour, so that content can be made and tested without a
terminal and themes stay in one place.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, Self

from rich.cells import cell_len, set_cell_size

from lrstep.session.characters import to_ascii
from lrstep.visible import visible

STYLES = (
    "text", "dim", "frame", "title", "focus", "strong", "changed", "batch", "done", "before", "after", "reference",
    "series1", "series2", "series3", "run1", "run2", "run3", "run4", "differs", "axis", "keras", "good", "bad", "warn",
    "key", "off", "bar",
)  # fmt: skip
"""What each is for stands beside its looks, in ``tui/theme.py``."""


class _Cells(NamedTuple):
    text: str
    style: str


class Span(_Cells):
    """Text of one style. Whatever the text is made of, it can be seen and stays on its line."""

    __slots__ = ()

    def __new__(cls, text: str, style: str = "text") -> Self:
        """Let the text through the gate."""
        return tuple.__new__(cls, (text if text.isprintable() else visible(text), style))


Row = tuple[Span, ...]
Rows = list[Row]


def row(*parts: Span | tuple[str, str] | str) -> Row:
    """A row out of spans, (text, style) pairs and plain texts."""
    return tuple(Span(part) if isinstance(part, str) else Span(*part) for part in parts)


NARROW = re.compile(
    "[ -~\u00a1-\u00ac\u00ae-\u02ff\u0391-\u03c9\u1d40-\u1d6a\u2010-\u2027\u2070-\u2094\u2190-\u22ff"
    "\u2500-\u25fc\u2713-\u2718\u2800-\u28ff]*"
)
"""Texts of characters that take one cell each: all that the screen itself is made of."""


@lru_cache(maxsize=8192)
def text_width(text: str) -> int:
    """Width in terminal cells; wide characters take two."""
    return len(text) if NARROW.fullmatch(text) else cell_len(text)


def row_width(cells: Row) -> int:
    """Width of a row in terminal cells."""
    return sum([len(text) if text.isascii() else text_width(text) for text, _ in cells])


def in_chars(cells: Row, ascii: bool) -> Row:
    """The row in the characters that a terminal can show: all of them, or ASCII alone."""
    return tuple(Span(to_ascii(text), style) for text, style in cells) if ascii else cells


def fit(cells: Row, width: int, mark: str = "…") -> Row:
    """The row at exactly ``width`` cells: filled with spaces, or cut with a mark at the end."""
    missing = width - row_width(cells)
    if missing == 0:
        return cells
    if missing > 0:
        return (*cells, Span(" " * missing))
    if width <= 0:
        return ()
    kept: list[Span] = []
    room = width - 1
    for span in cells:
        size = text_width(span.text)
        if size > room:
            break
        kept.append(span)
        room -= size
    return (*kept, Span(set_cell_size(span.text, room) + mark, span.style))


def fit_text(text: str, width: int, mark: str = "…") -> str:
    """A text at exactly ``width`` cells, like :func:`fit`."""
    return "".join(span.text for span in fit((Span(text),), width, mark))


def beside(*blocks: Rows) -> Rows:
    """Blocks of equal height, side by side."""
    return [tuple(span for cells in line for span in cells) for line in zip(*blocks, strict=True)]


def block(rows: Iterable[Row], width: int, height: int, mark: str = "…") -> Rows:
    """Exactly ``height`` rows of exactly ``width`` cells, like :func:`fit`."""
    fitted = [fit(cells, width, mark) for _, cells in zip(range(height), rows, strict=False)]
    return fitted + [(Span(" " * width),)] * (height - len(fitted))


def plain(rows: Rows) -> list[str]:
    """The characters alone."""
    return ["".join(span.text for span in cells) for cells in rows]
