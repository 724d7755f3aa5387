"""The room of a large screen is used: no panel has many empty lines below each other."""

import pytest

from lrstep.session.session import Session
from lrstep.session.styled_rows import plain
from lrstep.sources.open_source import open_source
from lrstep.tui import layout

SIZES = [(120, 40), (160, 50), (200, 60)]
MOST = 5
"""So many empty lines below each other are no hole."""


def holes(lines, first, last):
    """The longest stretch of empty lines between two columns; a line with the axis of a chart is none."""
    longest = here = 0
    for line in lines:
        inside = line[first + 1 : last - 1]
        empty = not inside.replace("│", " ").strip() and "│" not in inside[:10]
        here = here + 1 if empty else 0
        longest = max(longest, here)
    return longest


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("chart", ["fit", "rmse", "weights", "surface", "models"])
@pytest.mark.parametrize(("name", "at"), [("mlcc", "5"), ("noisy", "30"), ("anscombe-1", "3")])
def test_no_panel_is_empty_over_many_lines(name, at, chart, size):
    session = Session(open_source(name), at)
    session.open()
    session.show_chart(chart)
    painting = layout.compose(session.view, *size, [()] * 3, with_chart=False)
    lines = plain(painting.rows)[:-3]
    lines = lines[next(place for place, line in enumerate(lines) if line.startswith("╭")) :]
    border = lines[0].index("╮")
    assert all(len(line) == size[0] for line in lines)
    assert holes(lines, 0, border + 1) <= MOST, "\n".join(lines)
    assert holes(lines, border + 1, size[0]) <= MOST, "\n".join(lines)
