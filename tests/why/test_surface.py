"""Each point of a contour has the loss of that contour, summed sample by sample."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.core.loss_surface import Bowl, Window, bowl_of_batch
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


def test_equal_features_that_do_not_add_up_evenly_are_still_a_valley():
    run = Run(Dataset("equal", [0.1] * 3, [1.0, 2.0, 4.0]), Settings(batch_size=3))
    bowl = bowl_of_batch(run.iteration(1))
    assert bowl.is_valley
    assert bowl.lowest + bowl.radius_at(1.0, 2.0) ** 2 == pytest.approx(
        sampled_loss([0.1] * 3, [1.0, 2.0, 4.0], 1.0, 2.0), rel=1e-9
    )


@given(
    st.integers(2, 3),
    st.integers(1, 9),
    st.integers(0, 2**32),
    st.booleans(),
    st.sampled_from([(0, 1), (0, 2), (1, 2)]),
)
@settings(deadline=None)
def test_of_several_features_two_parameters_have_contours_with_the_others_held(k, n, seed, dependent, axes):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, k)).round(2)
    if dependent:
        x[:, 1] = 2 * x[:, 0]
    y, held = rng.normal(size=n), rng.normal(size=k + 1)
    bowl = Bowl(Reference(Dataset("data", x, y)), axes, tuple(held.tolist()))
    window = Window(-3.0, 4.0, -5.0, 2.0)
    for level in bowl.levels(window):
        arcs = bowl.arcs(level, window)
        assert arcs, "a level of this window is nowhere in it"
        for p, q in ((p, q) for line in arcs for p, q in zip(*line, strict=True)):
            theta = held.copy()
            theta[list(axes)] = p, q
            assert np.mean((x @ theta[:-1] + theta[-1] - y) ** 2) == pytest.approx(level, rel=1e-8, abs=1e-10)
