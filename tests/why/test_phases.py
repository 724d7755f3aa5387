"""Every number of an explanation can be recomputed from the shown ones."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.formulas.explanation import explain, quantities_of

PHASES = [phase for phase in Phase if phase is not Phase.START]


@st.composite
def runs(draw):
    n = draw(st.integers(1, 9))
    numbers = st.floats(-100, 100).map(lambda v: round(v, 3))
    data = Dataset(
        "data", draw(st.lists(numbers, min_size=n, max_size=n)), draw(st.lists(numbers, min_size=n, max_size=n))
    )
    chosen = Settings(
        learning_rate=draw(st.sampled_from([0.001, 0.05, 1.0])),
        batch_size=draw(st.integers(1, n + 1)),
        rho=draw(st.sampled_from([0.0, 0.5, 0.9])),
        momentum=draw(st.sampled_from([0.0, 0.7])),
        epsilon=draw(st.sampled_from([1e-7, 0.1])),
        centered=draw(st.booleans()),
        weight=draw(st.floats(-3, 3)),
        shuffle=draw(st.booleans()),
    )  # fmt: skip
    run = Run(data, chosen)
    return run, run.iteration(draw(st.integers(1, run.n_iterations)))


def close(one: float, other: float, scale: float = 0.0) -> bool:
    if not (math.isfinite(one) and math.isfinite(other)):
        return one == other or (math.isnan(one) and math.isnan(other))
    return abs(one - other) <= 1e-13 * max(abs(one), abs(other), scale)


@given(runs())
@settings(deadline=None, max_examples=120)
def test_each_shown_line_gives_its_result(evaluate, made):
    run, it = made
    for phase in PHASES:
        for quantity in quantities_of(phase, run):
            shown = explain(run, it, phase, quantity)
            for line in "\n".join(shown.lines()[1:]).splitlines():
                parts = line.split(" = ")
                for expression in parts[1:-1]:
                    if "Σ" not in expression:
                        assert close(evaluate(expression), evaluate(parts[-1])), line


@given(runs())
@settings(deadline=None, max_examples=120)
def test_each_table_gives_its_sum_and_the_formula_uses_it(evaluate, made):
    run, it = made
    for phase in PHASES:
        for quantity in quantities_of(phase, run):
            shown = explain(run, it, phase, quantity)
            if not shown.total:
                continue
            column = "error" if quantity == "gradient_bias" else shown.terms.headers[-1]
            place = shown.terms.headers.index(column)
            terms = [float(shown.terms.row(i)[place]) for i in range(shown.terms.count)]
            total = shown.total.split(" = ")[-1]
            assert close(math.fsum(terms), float(total), scale=sum(map(abs, terms)))
            assert any(total in step.numbers for step in shown.steps)
            assert shown.steps[-1].numbers.endswith(shown.result)


@given(runs())
@settings(deadline=None, max_examples=120)
def test_each_row_can_be_recomputed_from_the_row_and_the_line(made):
    run, it = made
    shown = explain(run, it, Phase.PREDICTIONS)
    after = explain(run, it, Phase.AFTER)
    for explanation in (shown, after):
        text = "\n".join(explanation.lines())
        w, b = (float(re.search(rf"^{name} = (\S+)$", text, re.M)[1]) for name in "wb")
        for i in range(explanation.terms.count):
            _, x, y, prediction, error, squared = map(float, explanation.terms.row(i))
            assert prediction == w * x + b
            assert error == prediction - y
            assert squared == error * error
    weight = explain(run, it, Phase.GRADIENT, "gradient_weight")
    for i in range(it.m):
        _, error, x, product = map(float, weight.terms.row(i))
        assert product == error * x
    so_far = explain(run, it, Phase.LOSS, "cumulative_loss")
    assert so_far.terms.count == it.batch
    for i in range(it.batch):
        number, _, m, loss, product = map(float, so_far.terms.row(i))
        assert product == m * loss
        assert loss == run.iteration(int(number)).loss
        assert so_far.terms.iteration(i) == number


@given(runs())
@settings(deadline=None, max_examples=60)
def test_results_are_those_of_the_iteration(made):
    run, it = made
    expected = {
        "loss": it.loss, "rmse": it.rmse, "cumulative_loss": it.cumulative_loss, "cumulative_rmse": it.cumulative_rmse,
        "full_loss": it.full_loss, "full_rmse": it.full_rmse, "gradient_weight": it.gradient[0],
        "gradient_bias": it.gradient[1], **run.keyed(it.after),
    }  # fmt: skip
    for phase in PHASES:
        for quantity in quantities_of(phase, run):
            shown = explain(run, it, phase, quantity)
            assert shown.phase is phase
            if quantity in expected:
                assert shown.result == repr(float(expected[quantity]))


def test_inputs_from_before_lead_to_the_iteration_before(all_runs):
    run = all_runs["noisy centered, momentum"]
    for number in (1, 2, 5):
        for phase, quantity in [(Phase.ACCUMULATOR, "accumulator_bias"), (Phase.UPDATE, "weight")]:
            sources = explain(run, run.iteration(number), phase, quantity).sources
            (before,) = [one for one in sources if one.iteration == number - 1][:1]
            assert before.phase is (Phase.START if number == 1 else phase)


def test_a_large_batch_costs_only_the_rows_that_are_looked_at():
    n = 200_000
    x = np.linspace(0, 1, n)
    run = Run(Dataset("large", x, 2 * x), Settings(batch_size=n, epochs=1))
    shown = explain(run, run.iteration(1), Phase.AFTER)
    assert shown.terms.count == n
    assert float(shown.terms.row(n - 1)[1]) == x[-1]


def test_a_quantity_of_another_phase_is_refused(learners_run):
    with pytest.raises(LrstepError, match="not computed in this phase"):
        explain(learners_run, learners_run.iteration(1), Phase.LOSS, "weight")
