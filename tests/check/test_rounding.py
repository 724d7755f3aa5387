"""What the arithmetic with bounds knows besides the size of an error: what is undecided, and what is not negative."""

import math

import numpy as np
import pytest

from lrstep.core.rounding import FLOAT32, PRECISIONS, Approx

ONE = FLOAT32.exact(1.0)


@pytest.mark.parametrize("value", [1.6e38, -1.6e38, 1.8e38, -1.8e38])
def test_float32_decides_up_to_half_of_its_largest_number(value):
    decided = abs(value) < 2.0**127
    assert math.isfinite(FLOAT32.stored(value).error) == decided
    assert np.isfinite(FLOAT32.stored(np.array([1.0, value])).error).tolist() == [True, decided]


@pytest.mark.parametrize("precision", PRECISIONS.values(), ids=PRECISIONS)
def test_what_is_added_to_something_not_negative_can_be_divided_by(precision):
    unknown = Approx(precision, 0.0, 1.0).not_negative()  # such as v − a², where all digits cancel
    root = (unknown + 1e-7).root()
    assert root.low == pytest.approx(math.sqrt(1e-7), rel=1e-6)
    assert math.isfinite((precision.exact(1.0) / root).error)


def test_a_square_has_a_root_however_little_is_known_of_the_number():
    square = Approx(FLOAT32, 0.0, 1.0).square()
    assert square.low == 0
    assert math.isfinite(square.root().error)


def test_a_quotient_may_be_negative():
    quotient = -ONE / FLOAT32.exact(2.0)
    assert quotient.low <= -0.5 <= quotient.high
    assert quotient.root().error == math.inf


def test_a_divisor_that_may_be_0_cannot_be_decided_unless_both_are_0_exactly():
    unknown, nothing = Approx(FLOAT32, 1.0, 1.0), FLOAT32.exact(0.0)
    assert (unknown / unknown).error == math.inf
    assert (nothing / nothing).error == 0 and math.isnan((nothing / nothing).value)


@pytest.mark.parametrize("precision", PRECISIONS.values(), ids=PRECISIONS)
def test_rounding_lowers_a_lower_bound_by_as_much_as_it_may_lower_the_number(precision):
    held = np.float32 if precision.name == "float32" else np.float64
    for value in np.random.default_rng(5).uniform(-2, 2, 50).tolist():
        assert precision.rounded(value, 0.0, value).least <= held(value)
        assert precision.rounded(value, 0.0, value).least < value
