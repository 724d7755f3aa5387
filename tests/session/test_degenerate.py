"""At the ends of what floats hold nothing breaks, stands still or is said of numbers that there are not."""

import math
import warnings

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.formulas.numerals import agreeing_digits
from lrstep.session.coach.coach import Coach
from lrstep.session.coach.sentences import advice
from lrstep.session.figures import inline


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
    said = coached([1e155, 2e155, 4e155], [1.0, 3.0, 2.0], weight=0.0)
    assert said.endswith("No other learning rate or scale that was tried gets nearer")


@pytest.mark.parametrize(
    ("x", "weight"),
    [([[1.0, 1.0], [2.0, 2.0], [1.0, 3.0]], (1.7e308, -1.7e308)), ([1.0, 2.0, 3.0], 1e300)],
    ids=["nan", "infinite"],
)
def test_the_coach_says_where_a_run_diverged_that_begins_beyond_all_numbers(x, weight):
    said = coached(np.array(x), [1.0, 3.0, 2.0], weight=weight, batch_size=3)
    assert said.startswith("Diverged in iteration 1. ") and "rose" not in said


@pytest.mark.parametrize("other", [math.nan, math.inf, 1.0])
def test_zero_agrees_with_no_digit_of_another_number(other):
    assert agreeing_digits(0.0, other) == agreeing_digits(other, 0.0) == 0


def test_a_negative_zero_is_written_and_set_as_zero():
    assert inline(-0.0) == "0"
    assert inline(-1e-300) == "-1e-300"
    settings = Settings(weight=-0.0, bias=-0.0)
    assert math.copysign(1, settings.weight) == math.copysign(1, settings.bias) == 1
