"""At the ends of what floats hold nothing breaks, stands still or is said of numbers that there are not."""

import math
import warnings

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.formulas.numerals import agreeing_digits
from lrstep.session.coach import cures
from lrstep.session.coach.about_the_data import about_the_data
from lrstep.session.coach.coach import Coach
from lrstep.session.coach.sentences import advice
from lrstep.session.figures import inline
from lrstep.session.panels.computed import no_goal
from lrstep.session.session import Session
from lrstep.sources.runfile import DataOrigin
from lrstep.sources.source import Source


def coached(x, y, **settings):
    """What the coach says at the end of a run when it has thought all it can, the longest form."""
    run = Run(Dataset("d", x, y), Settings(**settings))
    run.advance(run.n_iterations, 60)
    coach = Coach(run)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(200):
            if not coach.wonders(run.n_iterations):
                return next(iter(advice(coach, run.n_iterations, ("f", "F"))), "")
            coach.think(run.n_iterations)
    raise AssertionError("it does not come to an end")


def test_the_coach_comes_to_an_end_with_data_that_cannot_be_scaled():
    said = coached([1e-200, 2e-200, 4e-200], [1.0, 3.0, 2.0], weight=0.0, bias=1e20)
    assert said.endswith("No other learning rate or scale that was tried gets much nearer")


@pytest.mark.parametrize(
    ("x", "settings"),
    [
        ([[1.0, 1.0], [2.0, 2.0], [1.0, 3.0]], {"weight": (1.7e308, -1.7e308)}),
        ([1.0, 2.0, 3.0], {"weight": 1e300}),
        ([0.0, 0.0, 0.0], {"weight": 1.0, "epsilon": 0.0}),
        ([1e150, -1e150, 2e150], {"weight": 0.5}),
    ],
    ids=["nan", "infinite", "0/0", "squares"],
)
def test_the_coach_says_where_a_run_diverged_whose_rmse_did_not_rise_before(x, settings):
    said = coached(np.array(x), [1.0, 3.0, 2.0], batch_size=3, **settings)
    assert said.startswith("Diverged in iteration 1. ") and "rose" not in said


def test_the_coach_knows_no_learning_rate_that_reaches_beyond_all_numbers():
    assert coached([1e-200], [1.7e308], optimizer="rmsprop-tf2", batch_size=1, epochs=50, bias=0.0)


def test_losses_that_are_too_large_to_be_added_fall_in_silence():
    run = Run(Dataset("d", [1.0, 2.0, 3.0], [6e153] * 3), Settings(batch_size=3, epochs=20, weight=0.0))
    run.advance(20)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not cures._falls(run)


@pytest.mark.parametrize(
    ("x", "begins"),
    [
        ([1e-200, 3e-200, 2e-200], "The numbers are too large or too close together to compute the best line"),
        ([[1e300, 1.0], [-1e300, 2.0], [1e300, 4.0]], "The numbers are too large or too close together to compute"),
        ([1.0, 2.0, 4.0], "The numbers are too large or too close together to compute the best line"),
        ([1.0, 1.0, 1.0], "x is 1 in every row: no single best line"),
    ],
)
def test_what_is_said_of_the_data_names_no_lowest_rmse_where_there_is_none(x, begins):
    run = Run(Dataset("d", np.array(x), [1e300, -1e300, 3.0]), Settings(weight=0.0))
    (said,) = about_the_data(run)
    assert said.startswith(begins)


def test_one_sample_has_many_planes():
    run = Run(Dataset("d", [[1.0, 2.0]], [3.0]), Settings())
    assert list(about_the_data(run)) == ["With one sample every plane through it fits: no single plane is best"]


@pytest.mark.parametrize(("x", "y"), [([1e200, -1e200, 0.0], [1.0, 2.0, 3.0]), ([1.0, 2.0, 4.0], [1e200, 2e200, 0.0])])
def test_least_squares_beyond_float64_is_said_to_be(x, y):
    session = Session(Source(Dataset("d", x, y), Settings(weight=0.0), DataOrigin()))
    assert not session.run.reference.exists and no_goal(session.view) == "beyond float64"


@pytest.mark.parametrize("other", [math.nan, math.inf, 1.0])
def test_zero_agrees_with_no_digit_of_another_number(other):
    assert agreeing_digits(0.0, other) == agreeing_digits(other, 0.0) == 0


def test_a_negative_zero_is_written_and_set_as_zero():
    assert inline(-0.0) == "0"
    assert inline(-1e-300) == "-1e-300"
    settings = Settings(weight=-0.0, bias=-0.0)
    assert math.copysign(1, settings.weight) == math.copysign(1, settings.bias) == 1
