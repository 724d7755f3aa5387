"""``why`` of numbers that are not finite, and of runs whose samples were shuffled."""

import math
import re
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.formulas.numerals import parse_number, short
from lrstep.formulas.quantities import quantities
from lrstep.sources.open_source import open_source
from lrstep.why.ask_why import why
from lrstep.why.epoch_orders import every_order, few_enough
from lrstep.why.not_finite import _bound, steepest

X, Y = np.arange(1.0, 7.0), np.array([2.0, 3.5, 3.0, 6.0, 5.5, 9.0])


def small(**settings):
    return Run(Dataset("six", X, Y), Settings(weight=0.5, batch_size=2, epochs=1).changed(**settings))


@pytest.mark.parametrize("optimizer", ["rmsprop", "sgd", "adam"])
def test_the_orders_that_give_a_loss_are_those_of_runs_in_every_order(optimizer):
    run = small(optimizer=optimizer)
    wanted = run.settings.changed(order=((5, 2, 6, 1, 3, 4),))
    value = Run(run.dataset, wanted).iteration(3).cumulative_loss
    losses = {}
    for order in permutations(range(1, 7)):
        batches = tuple(tuple(sorted(order[i : i + 2])) for i in (0, 2, 4))
        if batches not in losses:
            losses[batches] = Run(run.dataset, run.settings.changed(order=(order,))).iteration(3).cumulative_loss
    found = every_order(run, 3)
    assert found.taken.shape[1] == len(losses) == 90
    assert np.sort(found.values["cumulative_loss"]) == pytest.approx(sorted(losses.values()), rel=1e-9)
    typed = parse_number(f"{value:.6g}")
    fits = sum(typed.fits(loss) for loss in losses.values())
    advice = " ".join(why(run, typed.text, "cumulative_loss", 3).advice)
    assert f"Of the 90 ways to shuffle the first epoch {fits} give" in advice
    example = [list(map(int, batch.split())) for batch in re.search(r"such as ([0-9 |]+)\.", advice)[1].split("|")]
    assert sorted(map(len, example)) == [2, 2, 2]
    drawn = Run(run.dataset, run.settings.changed(order=(tuple(row for batch in example for row in batch),)))
    assert typed.fits(drawn.iteration(3).cumulative_loss)
    assert "lrstep record" in advice


def test_the_first_number_that_is_none_is_the_first_of_the_computation():
    run = Run(Dataset("zero", np.zeros(2), np.ones(2)), Settings(weight=0.5, epsilon=0.0, batch_size=2))
    it = run.iteration(1)
    assert it.gradient[0] == 0 and math.isnan(it.after.parameters[0]) and math.isnan(it.full_loss)
    assert "The first number that is not finite is the weight" in why(run, "nan").sentence


@pytest.mark.parametrize(("x", "weight", "first"), [
    (1.0, 1e160, "the loss"), (1e200, 1e200, "a prediction"), (1e100, 1e50, "the accumulator of the weight"),
])  # fmt: skip
def test_of_a_start_that_is_too_large_no_learning_rate_is_to_blame(x, weight, first):
    run = Run(Dataset("large", np.array([x, 2 * x]), np.ones(2)), Settings(weight=weight, batch_size=2))
    said = why(run, "inf").sentence
    assert f"The first number that is not finite is {first} of iteration 1" in said
    assert "before any step" in said and "learning rate" not in said


def test_the_order_of_a_recorded_run_is_known():
    recorded = open_source(str(Path(__file__).parents[1] / "recording" / "mlcc.toml")).run()
    assert "Keras shuffles" in " ".join(why(small(), "3.33333", "rmse").advice)
    assert "huffle" not in " ".join(why(recorded, "3.33333", "rmse").advice)


def test_twelve_samples_in_fours_have_34650_orders():
    run = Run(Dataset("twelve", np.arange(12.0), np.arange(12.0) ** 2), Settings(weight=0.5))
    assert few_enough(run, 3)
    assert not few_enough(run, 4)
    assert every_order(run, 3).taken.shape == (3, 34_650)


def test_no_order_is_made_up_where_none_fits():
    advice = " ".join(why(small(), "123.456", "cumulative_loss", 3).advice)
    assert "Of the 90 ways to shuffle the first epoch none gives 123.456" in advice


def test_nan_and_inf_are_traced_to_the_first_number_that_overflowed():
    run = small(optimizer="sgd", learning_rate=0.9, epochs=300)
    for text in ("nan", "inf", "-INF"):
        answer = why(run, text)
        assert answer.verdict == "right"
        first = answer.asked.iteration
        it, before = run.iteration(first), run.iteration(first - 1)
        assert np.isfinite([before.loss, before.full_loss, *before.after.parameters]).all()
        assert not np.isfinite([it.loss, it.cumulative_loss, it.full_loss, *it.gradient, *it.after.parameters]).all()
        assert f"of iteration {first}" in answer.sentence
        assert "A smaller learning rate helps" in answer.sentence
        assert "2/λmax" in answer.sentence


@pytest.mark.parametrize("changes", [{}, {"optimizer": "sgd", "learning_rate": 0.9, "epochs": 300}, {"bias": 1e30}])
def test_what_float32_cannot_hold_is_named_where_it_comes_first(changes):
    run, largest = small(**changes), float(np.finfo(np.float32).max)
    run.advance(run.n_iterations)
    beyond = [
        (number, key)
        for number in range(1, run.n_iterations + 1)
        for key in (*run.keyed(run.start), "loss", "cumulative_loss", "full_loss")
        if not abs(run.series(key, np.array([number]))[0]) <= largest
    ]
    said = why(run, "nan").sentence
    assert ("In float32" in said) == bool(beyond) == bool(changes)
    if beyond:
        number, key = beyond[0]
        assert f"the {quantities(run)[key].label} is beyond that in iteration {number}." in said


def test_a_run_that_stays_finite_is_said_to():
    answer = why(small(), "nan")
    assert answer.verdict == "unknown"
    assert "No number of this run is nan" in answer.sentence


def test_the_bound_is_where_gradient_descent_begins_to_grow():
    """With all samples in a batch the loss falls just below 2/λmax and grows just above it."""
    run = small(optimizer="sgd", batch_size=6)
    whole, batch = steepest(run)
    assert whole == pytest.approx(batch)
    x = np.column_stack([X, np.ones(6)])
    assert whole == pytest.approx(np.linalg.eigvalsh(2 / 6 * x.T @ x)[-1])
    for factor, grows in ((0.99, False), (1.01, True)):
        long = small(optimizer="sgd", batch_size=6, epochs=900, learning_rate=factor * 2 / whole)
        assert (long.iteration(900).loss > long.iteration(450).loss) == grows
        assert math.isfinite(long.iteration(900).loss)


@pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.5, False), (0.5, True), (0.9, True)])
def test_a_momentum_changes_how_large_the_rate_can_be(momentum, nesterov):
    """Just below the bound that is told the loss falls in the end, and just above it grows."""
    settings = {"optimizer": "sgd", "batch_size": 6, "epochs": 900, "momentum": momentum, "nesterov": nesterov}
    bound = 2 * (1 + momentum) / (1 + 2 * momentum * nesterov) / steepest(small(**settings))[0]
    for factor, grows in ((0.99, False), (1.01, True)):
        long = small(**settings, learning_rate=factor * bound)
        assert (long.iteration(900).loss > long.iteration(450).loss) == grows
        assert re.search(rf"λmax\)? = {bound:.4g} over all samples", _bound(long)[0])


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize(
    ("of_bound", "said"), [(0.99, "below it"), (1.01, "too large"), (1.99, "too large"), (2.01, "far too large")]
)
def test_a_learning_rate_is_judged_by_the_bound_over_all_samples(of_bound, said, momentum):
    whole, batch = steepest(small(optimizer="sgd"))
    assert batch > 1.1 * whole  # the bound of the steepest batch is another
    rate = of_bound * 2 * (1 + momentum) / whole
    (sentence,) = _bound(small(optimizer="sgd", learning_rate=rate, momentum=momentum))
    assert sentence.endswith(f"here it is {short(rate)}, {said}.")
    assert f"(λmax = {short(whole, 4)} is the loss's largest curvature)" in sentence
    assert f", and below {short(2 * (1 + momentum) / batch, 4)} in its steepest batch" in sentence


@pytest.mark.parametrize("scale", ["none", "standard"])
@pytest.mark.parametrize("n", [1, 2])
def test_data_with_hardly_anything_in_them_can_be_asked_about(n, scale):
    """One sample has no deviation from its mean, and n − 1 of it is 0."""
    run = Run(Dataset("few", X[:n], Y[:n]), Settings(weight=0.5, scale=scale, epochs=2))
    answer = why(run, f"{run.iteration(2).rmse:.6g}", "rmse")
    assert answer.verdict == "right"
    assert why(run, "0.3719").verdict != "right"


def test_a_division_by_an_epsilon_of_0_is_a_guess_like_others():
    x = np.array([[1.0, 2.0, 0.0], [3.0, 1.0, 2.0]])
    run = Run(Dataset("few", x, Y[:2]), Settings(optimizer="adam", epsilon=0.0, weight=0.5, batch_size=2, epochs=1))
    assert why(run, "3.1234", "rmse").verdict != "right"
    assert why(run, f"{run.iteration(1).rmse:.6g}", "rmse").verdict == "right"
