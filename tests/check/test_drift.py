"""What is said about a free run of Keras's own fit."""

import json
import math

import pytest
from data import MLCC, noisy
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from simulated import simulated_fit

from lrstep.check.drift import Drift, FitFigure, FitPoint
from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings

CARRIED = "carried on from step to step"
EXCLUDED = "Rounding does not explain it"


def free(run: Run, precision: str, points: list[FitPoint]) -> Drift:
    found = Drift(run, precision)
    for point in points:
        found.add(point)
    return found


def off(run: Run, precision: str, number: int, **keras: float) -> list[FitPoint]:
    """The points of a right fit up to an iteration, where it has other figures."""
    points = simulated_fit(run, precision, number)
    (weight, bias, *slots), last = points[-1].state.numbers, points[-1]
    sent = {"loss": last.loss, "rmse": last.rmse, "weight": weight, "bias": bias, **keras}
    return [*points[:-1], FitPoint.beside(run, number, [*sent.values(), *slots])]


@hypothesis_settings(deadline=None)
@given(st.floats(), st.floats())
def test_drift_is_relative_and_the_same_both_ways(a, b):
    there, back = FitFigure("weight", a, b).drift, FitFigure("weight", b, a).drift
    assert there == back and there >= 0
    if math.isfinite(a) and math.isfinite(b):
        assert there <= 2 and (there == 0) == (a == b or abs(a - b) / max(abs(a), abs(b)) == 0)
    else:
        same = a == b or (math.isnan(a) and math.isnan(b))
        assert there == (0 if same else math.inf)


def test_drift_is_a_part_of_the_larger_number():
    assert FitFigure("loss", 500.0, 501.0).drift == pytest.approx(1 / 501)
    assert FitFigure("weight", -1e-9, -2e-9).drift == pytest.approx(0.5)


def test_the_largest_drift_is_named_with_its_figure_and_iteration():
    run = Run(MLCC, Settings(weight=0.5))
    found = free(run, "float32", simulated_fit(run, "float32", run.n_iterations))
    largest, text = found.largest, "\n".join(found.lines(0))
    assert 0 < largest.drift < 1e-5
    named = f"after iteration 12, at most {largest.drift:.2g} ({largest.furthest.name}, iteration {largest.iteration})"
    assert named in text and CARRIED in text


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_where_the_runs_part_by_rounding_alone_each_step_shows_it(precision):
    run = Run(MLCC, Settings(batch_size=12, learning_rate=0.01, epochs=800))
    found = free(run, precision, simulated_fit(run, precision, run.n_iterations))
    assert found.largest.drift > 1e-3, "this run is to be one where rounding grows"
    assert found.departure is None and CARRIED in "\n".join(found.lines(0))


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("slot", [1000.0, 1e-3])
def test_drift_from_another_start_of_a_slot_is_never_called_rounding(precision, slot):
    run = Run(MLCC, Settings(weight=0.5))
    points = simulated_fit(run, precision, run.n_iterations, slot)
    found = free(run, precision, points)
    text = "\n".join(found.lines(0))
    assert found.departure.iteration == 1 and found.departure.name == "accumulator_weight"
    assert EXCLUDED in text and "at iteration 1 fit has accumulator of w" in text and CARRIED not in text
    assert found.as_document()["departs_at"] == 1


@pytest.mark.parametrize("name", ["weight", "bias", "loss", "rmse"])
def test_a_single_step_of_fit_that_is_another_one_is_found(name):
    run = Run(MLCC, Settings(weight=0.5, epochs=2))
    found = free(run, "float32", off(run, "float32", 5, **{name: 1.5}))
    assert found.departure.iteration == 5 and EXCLUDED in "\n".join(found.lines(0))


def test_where_steps_differ_drift_is_not_called_rounding():
    run = Run(MLCC, Settings(weight=0.5))
    text = "\n".join(free(run, "float64", simulated_fit(run, "float64", 3)).lines(1))
    assert "Steps differ" in text and CARRIED not in text


@pytest.mark.parametrize(("precision", "rate", "said"), [
    ("float32", 1e-40, "learning rate is 1e-40"), ("float32", 1e-38, "learning rate is 1e-38"),
    ("float64", 1e-40, EXCLUDED), ("float32", 1.2e-38, EXCLUDED),
])  # fmt: skip
def test_a_learning_rate_that_the_precision_does_not_hold_is_the_reason(precision, rate, said):
    run = Run(MLCC, Settings(weight=0.5, learning_rate=rate))
    text = "\n".join(free(run, precision, off(run, precision, 1, bias=0.0)).lines(0))
    assert said in text and CARRIED not in text and (EXCLUDED in text) == (said == EXCLUDED)


def test_a_figure_below_the_precision_is_the_reason():
    run = Run(noisy(8, 1.0, 1e-39), Settings(weight=0.0, epsilon=0.1))
    text = "\n".join(free(run, "float32", off(run, "float32", 1, bias=0.0)).lines(0))
    assert f"bias of the engine is {run.iteration(1).after.bias:.4g}" in text and CARRIED not in text


def test_what_the_precision_cannot_decide_is_not_called_rounding():
    run = Run(noisy(8, 1e12, 1e25), Settings(batch_size=4, epochs=1, weight=0.5))
    found = free(run, "float32", off(run, "float32", 1, loss=1.0, rmse=1.0))
    text = "\n".join(found.lines(0))
    assert "float32 cannot decide from iteration 1 on" in text and CARRIED not in text


def test_figures_that_cannot_be_compared_are_shown_and_the_engine_s_own_ends_are_told():
    run = Run(Dataset("far", [1e308, 1e307], [2.0, 3.0]), Settings(weight=0.5, epochs=1))
    assert not math.isfinite(run.iteration(1).after.weights[0]) and math.isfinite(run.iteration(1).after.bias)
    mine = run.iteration(1)
    sent = [mine.cumulative_loss, mine.cumulative_rmse, mine.after.weights[0], math.nan, 0.0, 0.0]
    found = free(run, "float32", [FitPoint.beside(run, 1, sent)])
    text = "\n".join(found.lines(0))
    assert "iteration 1 it has bias nan (0)" in text and "weight" not in text.split("\n")[0]
    assert "engine itself are not finite either, first at iteration 1" in text
    assert json.loads(json.dumps(found.as_document(), allow_nan=False))["largest"] == "inf"

    run = Run(MLCC, Settings(weight=1e30))
    text = "\n".join(free(run, "float32", off(run, "float32", 1, loss=math.inf)).lines(0))
    assert "loss inf (" in text and "engine itself" not in text
