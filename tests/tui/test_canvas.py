"""What of a screen is painted anew: every cell that has changed, and whole rows where Textual paints."""

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.geometry import Region

from lrstep.session.styled_rows import Span, text_width
from lrstep.tui.canvas import _differing, _regions

SPANS = st.lists(
    st.builds(Span, st.text("ab高 ", min_size=1, max_size=4), st.sampled_from(("text", "dim"))), max_size=6
)


def painted(cells, spans):
    """Cells with spans painted over them."""
    cells = list(cells)
    for x, y, span in spans:
        assert y == 7
        for character in span.text:
            size = text_width(character)
            cells[x : x + size] = [(character, span.style), *[("", "")] * (size - 1)]
            x += size
    return cells


@settings(deadline=None, max_examples=40)
@given(SPANS, SPANS)
def test_what_differs_makes_the_row_of_before_the_row_of_now(before, after):
    width = max(sum(text_width(span.text) for span in row) for row in (before, after))
    rows = [[*row, Span(" " * (width - sum(text_width(span.text) for span in row)), "text")] for row in (before, after)]
    old, new = (painted([(" ", "text")] * width, _placed(row)) for row in rows)
    assert painted(old, _differing(7, *rows)) == new
    assert not [*_differing(7, rows[1], rows[1])]


def _placed(row):
    x = 0
    for span in row:
        yield x, 7, span
        x += text_width(span.text)


def test_rows_that_stand_below_each_other_are_one_region():
    found = _regions([1, 2, 3, 7, 9, 10], 80)
    assert found == [Region(0, 1, 80, 3), Region(0, 7, 80, 1), Region(0, 9, 80, 2)]
    assert _regions([], 80) == []
