"""Curves as cells."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrstep.session.styled_rows import STYLES, plain
from lrstep.tui.charts.curves import Curve, cells
from lrstep.tui.charts.grid import Grid

SIZES = st.tuples(st.integers(1, 130), st.integers(1, 60))


def draw_curves(curves, columns, rows, ascii=False):
    grid = Grid(columns, rows, ascii)
    for curve in curves:
        grid.curve(curve)
    return grid.lines()


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
    texts = plain(found)
    assert len(texts) == rows and all(len(text) == columns for text in texts)
    used = set("".join(texts)) - {" "}
    assert used <= set("*+o") if ascii else all(0x2800 <= ord(mark) <= 0x28FF for mark in used)
    styles = {span.style for row in found for span in row if span.text.strip()}
    assert styles <= {curve.style for curve in drawn}


def test_a_point_lights_its_own_dot():
    for column in range(4):
        for row in range(4):
            texts = plain(draw_curves((Curve((((column / 2 + 0.25, row / 4 + 0.1),),), "text"),), 2, 1))
            bits = [[0x40, 0x80], [0x04, 0x20], [0x02, 0x10], [0x01, 0x08]]
            expected = chr(0x2800 | bits[row][column % 2])
            assert texts == [expected + " " if column < 2 else " " + expected]


def test_a_line_is_connected_and_its_pieces_are_not():
    diagonal = Curve((((0.5, 0.5), (9.5, 9.5)),), "after", "x")
    texts = plain(draw_curves((diagonal,), 10, 10, ascii=True))
    assert texts == [" " * (9 - row) + "x" + " " * row for row in range(10)]
    parts = Curve((((0.5, 0.5), (2.5, 0.5)), ((7.5, 0.5), (9.5, 0.5))), "after", "x")
    assert plain(draw_curves((parts,), 10, 1, ascii=True)) == ["xxx    xxx"]


@given(st.integers(1, 40), st.integers(1, 40), st.tuples(*[st.floats(0, 1)] * 4))
@settings(deadline=None, max_examples=60)
def test_a_line_has_no_gaps_and_keeps_to_its_way(columns, rows, ends):
    (x, y), (u, v) = first, last = [(ends[at] * columns, ends[at + 1] * rows) for at in (0, 2)]
    found = [
        (cell.column + 0.5, rows - cell.row - 0.5)
        for cell in cells(Curve(((first, last),), "text"), columns, rows, True)
    ]
    longer = 0 if abs(int(u) - int(x)) >= abs(int(v) - int(y)) else 1
    assert len({place[longer] for place in found}) >= abs(int(last[longer]) - int(first[longer])) - 1
    many = np.linspace(first, last, 2000)
    assert all(np.abs(many - place).max(axis=1).min() <= 0.53 for place in found)


@pytest.mark.parametrize("point", [(math.nan, 1.0), (1.0, math.inf), (-0.1, 1.0), (1.0, 5.1), (1e300, 1.0)])
def test_what_lies_outside_is_refused(point):
    with pytest.raises(ValueError, match="leaves"):
        draw_curves((Curve((((1.0, 1.0), point),), "text"),), 10, 5)
