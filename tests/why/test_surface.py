"""Each point of a contour has the loss of that contour, summed sample by sample."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.core.loss_surface import (
    Bowl,
    Window,
    bowl_of_all,
    bowl_of_batch,
    path,
    window_around,
    window_path,
    window_whole,
)
from lrstep.core.reference import Reference
from lrstep.core.run import Run
from lrstep.core.settings import Settings

COORDINATE = st.floats(-20, 20).map(lambda v: round(v, 2))


def sampled_loss(x, y, weight, bias):
    return math.fsum((weight * xi + bias - yi) ** 2 for xi, yi in zip(x, y, strict=True)) / len(x)


@st.composite
def bowls(draw, smallest=1):
    n = draw(st.integers(smallest, 8))
    x = draw(st.lists(COORDINATE, min_size=n, max_size=n))
    y = draw(st.lists(COORDINATE, min_size=n, max_size=n))
    assume(max(x) == min(x) or max(x) - min(x) > 0.5)
    return x, y, Bowl(Reference(Dataset("data", x, y)))


@given(bowls(), st.floats(0.1, 100))
@settings(deadline=None)
def test_points_of_an_ellipse_have_its_loss(made, above):
    x, y, bowl = made
    level = bowl.reference.loss + above
    weights, biases = bowl.ellipse_points(level, 50)
    assert (len(weights) == 0) == bowl.is_valley
    for weight, bias in zip(weights, biases, strict=True):
        assert sampled_loss(x, y, weight, bias) == pytest.approx(level, rel=1e-9)


@given(bowls(), st.floats(0.1, 100))
@settings(deadline=None)
def test_the_ellipse_has_the_axes_of_its_points(made, above):
    x, y, bowl = made
    level = bowl.reference.loss + above
    shape = bowl.ellipse(level)
    assert (shape is None) == bowl.is_valley
    if shape is None:
        return
    long, short = shape.semi_axes
    assert long >= short
    for length, angle in ((long, shape.rotation), (short, shape.rotation + math.pi / 2)):
        for sign in (1, -1):
            weight = shape.weight + sign * length * math.cos(angle)
            bias = shape.bias + sign * length * math.sin(angle)
            assert sampled_loss(x, y, weight, bias) == pytest.approx(level, rel=1e-6)


@given(bowls(), st.tuples(COORDINATE, COORDINATE), st.floats(0.5, 30), st.floats(0.5, 30))
@settings(deadline=None)
def test_arcs_are_inside_the_window_and_on_the_contour(made, middle, width, height):
    x, y, bowl = made
    window = Window(middle[0] - width, middle[0] + width, middle[1] - height, middle[1] + height)
    for level in bowl.levels(window):
        arcs = bowl.arcs(level, window)
        assert arcs, "a level of this window is nowhere in it"
        for weights, biases in arcs:
            slack = 1e-9 * (1 + width + height + abs(middle[0]) + abs(middle[1]))
            assert window.left - slack <= weights.min() <= weights.max() <= window.right + slack
            assert window.bottom - slack <= biases.min() <= biases.max() <= window.top + slack
            for weight, bias in zip(weights[::7], biases[::7], strict=True):
                assert sampled_loss(x, y, weight, bias) == pytest.approx(level, rel=1e-9, abs=1e-11)


@given(bowls(smallest=2), st.tuples(COORDINATE, COORDINATE), st.floats(1, 20))
@settings(deadline=None, max_examples=40)
def test_arcs_miss_nothing(made, middle, size):
    """Where a fine walk along the window's sides passes a level, an arc ends there."""
    _, _, bowl = made
    assume(not bowl.is_valley)
    window = Window(middle[0] - size, middle[0] + size, middle[1] - size, middle[1] + size)
    levels = bowl.levels(window, 3)
    for level in levels:
        corners = [*window.corners, window.corners[0]]
        crossings = 0
        for (w1, b1), (w2, b2) in pairwise(corners):
            t = np.linspace(0, 1, 2001)
            inside = bowl.reference.full_losses(w1 + t * (w2 - w1), b1 + t * (b2 - b1)) < level
            crossings += int(np.sum(np.diff(inside.astype(int)) != 0))
        ends = sum(
            min(abs(w[0] - window.left), abs(w[0] - window.right), abs(b[0] - window.bottom), abs(b[0] - window.top))
            < 1e-6
            for w, b in bowl.arcs(level, window)
        )
        assert 2 * ends >= crossings


def test_one_sample_makes_parallel_lines():
    bowl = Bowl(Reference(Dataset("one", [3.0], [5.0])))
    pieces = bowl.arcs(4.0, Window(-10, 10, -100, 100))
    assert bowl.is_valley
    assert len(pieces) == 2
    for weights, biases in pieces:
        assert np.allclose((3 * weights + biases - 5) ** 2, 4.0)


def test_no_contour_below_the_lowest_loss():
    bowl = Bowl(Reference(Dataset("line", [0.0, 1.0, 2.0], [1.0, 0.0, 2.0])))
    window = Window(-10, 10, -10, 10)
    assert bowl.arcs(bowl.reference.loss / 2, window) == []
    assert len(bowl.ellipse_points(bowl.reference.loss / 2)[0]) == 0


def test_windows_hold_what_they_show(all_runs):
    for run in all_runs.values():
        last = run.n_iterations
        whole, follows = window_whole(run, last), window_path(run, last, steps=3)
        weights, biases = path(run, last)
        assert all(whole.holds(w, b) for w, b in zip(weights, biases, strict=True))
        assert whole.holds(*run.reference.parameters)
        assert all(follows.holds(w, b) for w, b in zip(weights[-4:], biases[-4:], strict=True))
        assert bowl_of_all(run).levels(whole)
        assert bowl_of_batch(run.iteration(last)).levels(whole)


def test_a_window_around_one_point_has_room():
    window = window_around(np.array([2.0, np.inf]), np.array([0.0, 1.0]))
    assert window.left < 2.0 < window.right
    assert window.bottom < 0.0 < window.top


def test_equal_features_that_do_not_add_up_evenly_are_still_a_valley():
    run = Run(Dataset("equal", [0.1] * 3, [1.0, 2.0, 4.0]), Settings(batch_size=3))
    bowl = bowl_of_batch(run.iteration(1))
    assert bowl.is_valley
    assert bowl.loss(1.0, 2.0) == pytest.approx(sampled_loss([0.1] * 3, [1.0, 2.0, 4.0], 1.0, 2.0), rel=1e-9)
