"""What is docked to the panels: a lesson beside or below them, and the numbers of runs side by side below all."""

from lrstep.session.look import SIDE_BY_SIDE
from lrstep.session.panels.dock import dock
from lrstep.session.panels.side_by_side import side_by_side
from lrstep.session.styled_rows import Rows, Span, row, row_width
from lrstep.session.view import View
from lrstep.tui.frames import boxed

_ROOM, _LINES = (100, 38), 11
"""Width and height from which the numbers of runs side by side stand below the panels, and their lines."""

_WIDE = 70
"""Columns from which a lesson needs fewer lines."""


def has_page(view: View, width: int, height: int) -> bool:
    """Whether the numbers of runs side by side are a page of the charts; where there is room they stand below all."""
    return view.lockstep is not None and (width < _ROOM[0] or height < _ROOM[1])


def runs_below(view: View, width: int, height: int) -> Rows:
    """The numbers of runs side by side, where they stand below all else."""
    if not lines_below(view, width, height):
        return []
    rows = view.block(side_by_side(view, width - 2, _LINES), width - 2, _LINES)
    return boxed(view, rows, width, row((f" {SIDE_BY_SIDE} ", "title")))


def lines_below(view: View, width: int, height: int) -> int:
    """How many lines the numbers of runs side by side take below all else, with their frame."""
    return 0 if view.lockstep is None or has_page(view, width, height) else _LINES + 2


def lesson_below(view: View, width: int) -> Rows:
    """A lesson below the panels: a line with its title and keys, and its text."""
    made = dock(view, width - 2, with_hint=False)
    if made is None:
        return []
    keys = row(" ", *made.keys, " ")
    room = width - row_width(view.row(keys)) - 1
    both = row(*made.where, "· ", *made.title, " ")
    title = view.row(view.first_fit(room - 1, both, made.where) if made.title else made.where)
    line = Span("─" * (room - row_width(title)), "frame")
    lines = max(made.lines, len(made.rows))
    text = [row(" ", *cells) for cells in made.rows]
    return [row(("─", "frame"), *title, line, *keys), *text, *[row("")] * (lines - len(text))]


def lesson_beside(view: View, width: int) -> Rows:
    """A lesson in a frame of its own; nothing where there is none."""
    made = dock(view, width - 4)
    if made is None:
        return []
    lines = [made.title, *made.rows] if made.title else made.rows
    high = min(max(bool(made.title) + made.lines, len(lines)), lines_beside(width))
    rows = view.block([row(" ", *cells) for cells in lines], width - 2, high)
    return boxed(view, rows, width, made.where, row(" ", *made.keys, " "))


def lines_beside(width: int) -> int:
    """How many lines a lesson beside the panels has inside its frame at most."""
    return 6 if width >= _WIDE else 9
