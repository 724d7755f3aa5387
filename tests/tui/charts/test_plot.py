"""Curves as cells, whatever state plotext and the terminal are in."""

import math

import plotext
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrstep.session.styled_rows import STYLES, plain
from lrstep.tui.charts.plot import Curve, draw_curves

SIZES = st.tuples(st.integers(1, 130), st.integers(1, 60))


def curves(columns, rows):
    point = st.tuples(st.floats(0, columns), st.floats(0, rows))
    line = st.lists(point, min_size=1, max_size=5).map(tuple)
    curve = st.builds(Curve, st.lists(line, max_size=3).map(tuple), st.sampled_from(STYLES), st.sampled_from("*+o"))
    return st.lists(curve, max_size=3).map(tuple)


@given(SIZES.flatmap(lambda size: st.tuples(st.just(size), curves(*size))), st.booleans())
@settings(deadline=None, max_examples=60)
def test_the_size_is_exact_and_the_characters_are_those_allowed(case, ascii):
    (columns, rows), drawn = case
    found = draw_curves(drawn, columns, rows, ascii)
    texts = plain(list(found))
    assert len(texts) == rows and all(len(text) == columns for text in texts)
    used = set("".join(texts)) - {" "}
    assert used <= set("*+o") if ascii else all(0x2800 <= ord(mark) <= 0x28FF for mark in used)
    styles = {span.style for row in found for span in row if span.text.strip()}
    assert styles <= {curve.style for curve in drawn}


def test_a_point_lights_its_own_dot():
    for column in range(4):
        for row in range(4):
            texts = plain(list(draw_curves((Curve((((column / 2 + 0.25, row / 4 + 0.1),),), "text"),), 2, 1)))
            bits = [[0x40, 0x80], [0x04, 0x20], [0x02, 0x10], [0x01, 0x08]]
            expected = chr(0x2800 | bits[row][column % 2])
            assert texts == [expected + " " if column < 2 else " " + expected]


def test_a_line_is_connected_and_its_pieces_are_not():
    diagonal = Curve((((0.5, 0.5), (9.5, 9.5)),), "after", "x")
    texts = plain(list(draw_curves((diagonal,), 10, 10, ascii=True)))
    assert texts == [" " * (9 - row) + "x" + " " * row for row in range(10)]
    parts = Curve((((0.5, 0.5), (2.5, 0.5)), ((7.5, 0.5), (9.5, 0.5))), "after", "x")
    assert plain(list(draw_curves((parts,), 10, 1, ascii=True))) == ["xxx    xxx"]


@pytest.mark.parametrize("point", [(math.nan, 1.0), (1.0, math.inf), (-0.1, 1.0), (1.0, 5.1), (1e300, 1.0)])
def test_what_would_end_the_process_is_refused_before(point):
    with pytest.raises(ValueError, match="outside"):
        draw_curves((Curve((((1.0, 1.0), point),), "text"),), 10, 5)


def test_the_global_figure_and_the_terminal_do_not_matter(monkeypatch):
    line = (Curve((((0.0, 0.0), (200.0, 90.0)),), "before"),)
    first = draw_curves.__wrapped__(line, 200, 90)
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("LINES", "5")
    monkeypatch.setenv("NO_COLOR", "1")
    plotext.terminal.clear()
    plotext.figure.plot_size(3, 3)
    plotext.figure.title("other")
    plotext.figure.draw(plotext.figure.signal([1, 2, 3]))
    assert draw_curves.__wrapped__(line, 200, 90) == first
