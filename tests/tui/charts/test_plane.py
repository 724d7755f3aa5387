"""Windows, ticks, and the way from numbers to cells."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrstep.plotting.ticks import Interval, ticks
from lrstep.tui.charts.plane import Plane, extent, rounded, widened
from lrstep.tui.charts.strokes import dashed, simplified
from lrstep.tui.charts.surface_chart import _around

ANY = st.floats(allow_nan=True, allow_infinity=True)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
NEAR = st.floats(-30, 30)
INTERVALS = st.tuples(FINITE, FINITE).map(sorted).map(tuple).map(widened)


@given(st.lists(ANY), st.floats(0, 1))
@settings(deadline=None)
def test_a_widened_extent_is_an_interval_around_all_finite_values(values, margin):
    found = widened(extent(values), margin)
    assert found.low < found.high and math.isfinite(found.width)
    finite = [v for v in values if math.isfinite(v) and abs(v) < 1e300]
    assert all(found.low <= v <= found.high for v in finite)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30))
@settings(deadline=None)
def test_a_window_that_follows_a_path_has_room_for_eight_steps_as_long_as_those_before(path):
    last, rate = len(path) - 1, 0.05
    begun = last - last % 8
    low, high = _around(np.array(path), last, rate)
    steps = [abs(b - a) for a, b in itertools.pairwise(path[max(0, begun - 8) : begun + 1])]
    least = max(8 * max(steps, default=2 * rate), 1.05 * max(abs(at - path[begun]) for at in path[begun:]), 1e-300)
    middle, half = (low + high) / 2, (high - low) / 2
    assert middle == pytest.approx(path[begun], abs=1e-9 * max(half, abs(path[begun]), 1))
    assert least * (1 - 1e-9) <= half + 1e-9 * abs(middle)
    assert half <= least * math.sqrt(2) * (1 + 1e-9) + 1e-9 * abs(middle) + 1


@given(INTERVALS, st.integers(0, 12))
@settings(deadline=None)
def test_ticks_are_even_within_and_told_apart_by_their_labels(interval, most):
    found = ticks(interval, most)
    assert len(found) <= most
    slack = interval.width * 1e-5
    assert all(interval.low - slack <= value <= interval.high + slack for value, _ in found)
    labels = [label for _, label in found]
    assert len(set(labels)) == len(labels)
    gaps = [b.value - a.value for a, b in itertools.pairwise(found)]
    assert all(gap == pytest.approx(gaps[0], rel=1e-3) for gap in gaps)
    for value, label in found:
        step = gaps[0] if gaps else interval.width
        assert abs(Fraction(label) - Fraction(value)) <= Fraction(abs(step)) / 1000


@given(INTERVALS.filter(lambda interval: interval.width > 1e-250))
@settings(deadline=None)
def test_there_are_ticks_where_a_few_may_stand(interval):
    assert len(ticks(interval, 6)) >= 2


@given(INTERVALS)
@settings(deadline=None)
def test_rounding_only_ever_widens(interval):
    found = rounded(interval)
    slack = interval.width * 1e-9
    assert found.low <= interval.low + slack and found.high >= interval.high - slack
    assert found.width <= 4 * interval.width


PLANE = Plane(Interval(-10, 10), Interval(-5, 5), 40, 10)


@given(st.lists(st.tuples(NEAR | ANY, NEAR | ANY), max_size=30))
@settings(deadline=None)
def test_cells_are_those_of_a_loop(points):
    x, y = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    expected = set()
    for a, b in points:
        if -10 <= a <= 10 and -5 <= b <= 5:
            expected.add((min(int((a + 10) * 2), 39), 9 - min(int(b + 5), 9)))
    assert {tuple(cell) for cell in PLANE.cells(x, y).tolist()} == expected
    assert {PLANE.cell(a, b) for a, b in points} - {None} == expected


@given(st.lists(st.tuples(NEAR | ANY, NEAR | ANY), max_size=12))
@settings(deadline=None)
def test_clipped_lines_lie_on_the_canvas(points):
    x, y = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    for line in PLANE.clip(x, y):
        assert len(line) >= 2
        assert all(0 <= a <= 40 and 0 <= b <= 10 for a, b in line)


@given(NEAR, NEAR, NEAR, NEAR)
@settings(deadline=None)
def test_clipping_keeps_what_is_inside_of_a_line_and_nothing_else(x0, y0, x1, y1):
    lines = PLANE.clip([x0, x1], [y0, y1])
    share = np.linspace(0, 1, 401)
    x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
    column, row = PLANE.place(x, y)
    inside = (column >= 0) & (column <= 40) & (row >= 0) & (row <= 10)
    reach = max(float(np.hypot(column[1] - column[0], row[1] - row[0])), 0.02)
    if not lines:
        deep = (column > 0.1) & (column < 39.9) & (row > 0.1) & (row < 9.9)
        assert not deep.any()
        return
    ((begin, *_, end),) = lines
    assert inside.any() or math.dist(begin, end) < 2 * reach
    if inside.any():
        first, last = np.flatnonzero(inside)[[0, -1]]
        assert math.dist(begin, (column[first], row[first])) <= reach + 0.02
        assert math.dist(end, (column[last], row[last])) <= reach + 0.02


def test_a_line_from_far_outside_ends_at_the_right_edges():
    ((begin, end),) = PLANE.clip([-1.0, 1.0], [-1e200, 1e200])
    assert begin[1] == 0 and end[1] == 10
    assert begin[0] == end[0] == pytest.approx(20, abs=0.01)


def test_a_number_that_is_not_finite_interrupts_a_curve():
    x = np.arange(5.0)
    assert len(PLANE.clip(x, [0, 1, math.nan, 1, 0])) == 2
    assert len(PLANE.clip(x, [0, 1, math.inf, 1, 0])) == 2


@given(st.lists(st.tuples(st.floats(0, 40), st.floats(0, 10)), min_size=2, max_size=30), st.floats(0.05, 1))
@settings(deadline=None)
def test_a_simplified_line_stays_near_and_keeps_its_ends(line, tolerance):
    found = simplified(tuple(line), tolerance)
    assert found[0] == line[0] and found[-1] == line[-1] and len(found) <= len(line)
    rest = iter(line)
    assert all(point in rest for point in found)
    for point in line:
        assert min(_distance(point, a, b) for a, b in itertools.pairwise(found)) <= tolerance + 1e-9


def _distance(p, a, b):
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    if square == 0:
        return math.dist(p, a)
    return abs((p[0] - a[0]) * dy - (p[1] - a[1]) * dx) / math.sqrt(square)


def test_dashes_and_gaps_have_the_lengths_asked_for():
    found = dashed((((0.0, 1.0), (40.0, 1.0)),), 4, 2)
    assert found[0] == ((0, 1), (2, 1)) and found[1] == ((3, 1), (5, 1))
    assert all(a[0] <= b[0] <= 40 for a, b in found)
    assert dashed((((0.0, 0.0), (0.0, 1.0)),), 0, 2) == (((0, 0),), ((0, 0.5),), ((0, 1),))
