"""The bounds, without TensorFlow: NumPy in the check's precision stands in for Keras."""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from data import MLCC, noisy
from hypothesis import given, target
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from simulated import ORDERS, simulated_verdict
from strategies import datasets, settings

from lrstep.core.bounds import Reach, full_bounds
from lrstep.core.dataset import Dataset
from lrstep.core.rounding import FLOAT32, FLOAT64, PRECISIONS, Approx, tree_additions
from lrstep.core.run import Run
from lrstep.core.settings import Settings


def verdicts(run: Run, precision: str, order: str = "forward", flush: bool = False):
    for number in range(1, run.n_iterations + 1):
        yield simulated_verdict(run, number, precision, order, flush)


@hypothesis_settings(deadline=None, max_examples=80)
@given(datasets(), settings(), st.sampled_from(ORDERS), st.booleans(), st.sampled_from(list(PRECISIONS)))
def test_right_engines_are_never_accused(dataset, chosen, order, flush, precision):
    share = 0.0
    for verdict in verdicts(Run(dataset, chosen), precision, order, flush):
        assert verdict.outcome != "differs", verdict.worst
        share = max(share, verdict.worst.share)
    target(share)


@hypothesis_settings(deadline=None, max_examples=30)
@given(datasets(), settings())
def test_float64_decides_every_step_but_where_centring_cancels(dataset, chosen):
    sure = {"centered": False, "epsilon": max(chosen.epsilon or 0.0, 1e-7)}
    chosen = chosen.changed(**{name: value for name, value in sure.items() if name in chosen.rule.options})
    for verdict in verdicts(Run(dataset, chosen), "float64"):
        assert verdict.confirmed, verdict.worst


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("order", ORDERS)
def test_long_sums_of_equal_terms_are_not_accused(precision, order):
    # Equal terms are the worst case of a chain of additions: their rounding errors all have one sign.
    dataset = Dataset("equal", np.full(3000, 1 / 3), np.full(3000, -0.1))
    run = Run(dataset, Settings(batch_size=3000, epochs=1, weight=0.7))
    (verdict,) = verdicts(run, precision, order)
    assert verdict.confirmed, verdict.worst


@pytest.mark.parametrize("orders", [((3, 1, 2, 5, 4),), ((3, 1, 2, 5, 4), (5, 4, 3, 2, 1))])
def test_a_run_in_orders_of_its_own_is_not_accused(orders):
    data = Dataset("five", np.arange(5.0), np.arange(5.0) ** 2)
    run = Run(data, Settings(batch_size=2, epochs=3, order=orders, weight=0.3))
    assert all(verdict.confirmed for verdict in verdicts(run, "float64"))
    assert [tuple(run.iteration(3 * epoch + 1).samples + 1) for epoch in range(3)] == [
        orders[epoch % len(orders)][:2] for epoch in range(3)
    ]


def test_what_float32_cannot_hold_is_undecided_there_and_confirmed_in_float64():
    run = Run(noisy(8, 1e12, 1e25), Settings(batch_size=4, epochs=1))
    found = {precision: [v.outcome for v in verdicts(run, precision)] for precision in PRECISIONS}
    assert found == {"float32": ["undecided"] * 2, "float64": ["confirmed"] * 2}


def test_a_number_that_overflows_in_both_is_confirmed():
    run = Run(noisy(8, 1e200, 1e200), Settings(batch_size=4, epochs=1))
    assert not np.isfinite(run.iteration(1).loss)
    assert {verdict.outcome for verdict in verdicts(run, "float64")} == {"confirmed"}


@pytest.mark.parametrize("precision", PRECISIONS.values(), ids=str)
def test_the_bound_of_the_loss_over_all_data_grows_with_the_sum_and_is_wider_for_the_closed_form(precision):
    def bound(n: int) -> float:
        return full_bounds(2.5, (1.5, -0.5), Reach(n, (2.0,), 3.0), precision)["full_loss"]

    often = 2.0 if precision is FLOAT64 else 1.0
    for few, many in ((2, 3), (200, 1000), (100, 100_000)):
        more = tree_additions(many) - tree_additions(few)
        # Each addition on a term's way rounds it once; twice of that covers the rounding of the bound itself.
        assert bound(many) - bound(few) == pytest.approx(often * 2 * more * precision.u * 2.5, rel=1e-2)
    assert bound(100_001) == pytest.approx(8 * bound(100_000), rel=1e-9)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_bounds_stay_near_the_rounding(precision):
    """A bound that is wide would be blind: here none is more than 60 units in the last place."""
    unit = np.finfo(precision).eps
    for verdict in verdicts(Run(MLCC, Settings(weight=0.5)), precision):
        for quantity in verdict.quantities:
            assert quantity.bound <= 60 * unit * max(abs(quantity.engine), 1)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("field", ["loss", "cumulative_loss", "full_loss"])
def test_a_number_just_outside_its_bound_differs_and_just_inside_does_not(precision, field):
    run = Run(MLCC, Settings())
    right = run.iteration(2)

    def outcome(factor: float) -> str:
        run.iteration = {1: first, 2: right}.get
        (quantity,) = (q for q in simulated_verdict(run, 2, precision).quantities if q.name == field)
        wrong = dataclasses.replace(right, **{field: quantity.keras + factor * quantity.bound})
        run.iteration = {1: first, 2: wrong}.get
        return next(q.outcome for q in simulated_verdict(run, 2, precision).quantities if q.name == field)

    first = run.iteration(1)
    assert [outcome(factor) for factor in (-1.5, -0.5, 0.5, 1.5)] == ["differs", "confirmed", "confirmed", "differs"]


single = st.floats(-1e6, 1e6, width=32)
OPERATIONS = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
}


@hypothesis_settings(deadline=None)
@given(single, single, st.floats(0, 0.9), st.floats(0, 0.9), st.sampled_from(list(OPERATIONS)), st.data())
def test_an_operation_covers_every_operand_within_its_error(a, b, a_error, b_error, name, data):
    first, second = Approx(FLOAT32, a, abs(a) * a_error), Approx(FLOAT32, b, abs(b) * b_error)
    covered = OPERATIONS[name](first, second)
    if not np.isfinite(covered.error):
        # Only a quotient can be that large: the divisor is 0, or next to nothing.
        assert name == "divide"
        assert abs(b) * (1 - b_error) <= abs(a) * 2 / FLOAT32.limit
        return
    if np.isnan(covered.value):
        assert name == "divide" and first.value == first.error == second.value == second.error == 0
        return
    x = a + data.draw(st.floats(-1, 1)) * first.error
    y = b + data.draw(st.floats(-1, 1)) * second.error
    exact = OPERATIONS[name](Fraction(x), Fraction(y))
    centre, allowed = Fraction(float(covered.value)), Fraction(float(covered.error))
    # The centre itself is a float64, off by at most half a unit of it.
    assert abs(exact - centre) <= allowed + abs(centre) / 2**52 + Fraction(2) ** -1000
    assert abs(Fraction(float(np.float32(float(exact)))) - centre) <= allowed + abs(centre) / 2**52


@hypothesis_settings(deadline=None)
@given(st.floats(0, 1e6), st.floats(0, 2), st.floats(-1, 1))
def test_a_root_covers_every_radicand_within_its_error(value, error, place):
    approx = Approx(FLOAT32, value, value * error)
    actual = max(0.0, value + place * approx.error)
    covered = approx.not_negative().root()
    assert abs(actual**0.5 - covered.value) <= covered.error
    assert np.isinf(approx.root().error) == (approx.error > value)
