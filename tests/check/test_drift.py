"""What is said about a free run of Keras's own fit."""

import json
import math

import pytest
from data import MLCC, noisy
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lrstep.check.drift import Figure, FitPoint, FreeRun
from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings

GROWS = "grows from step to step"


def free(*points: FitPoint) -> FreeRun:
    found = FreeRun(points[0], points[0])
    for point in points:
        found.add(point)
    return found


def off(run: Run, number: int, **keras: float) -> FitPoint:
    """A point where Keras has the engine's figures but for some."""
    mine = run.iteration(number)
    same = {
        "weight": mine.after.weight, "bias": mine.after.bias,
        "loss": mine.cumulative_loss, "rmse": mine.cumulative_rmse,
    }  # fmt: skip
    return FitPoint.beside(run, number, **{**same, **keras})


@hypothesis_settings(deadline=None)
@given(st.floats(), st.floats())
def test_drift_is_relative_and_the_same_both_ways(a, b):
    there, back = Figure("weight", a, b).drift, Figure("weight", b, a).drift
    assert there == back and there >= 0
    if math.isfinite(a) and math.isfinite(b):
        assert there <= 2 and (there == 0) == (a == b or abs(a - b) / max(abs(a), abs(b)) == 0)
    else:
        assert there == (math.inf if math.isfinite(a) or math.isfinite(b) else 0)


def test_the_largest_drift_is_named_with_its_figure_and_iteration():
    run = Run(MLCC, Settings(weight=0.5))
    points = [off(run, 1), off(run, 2, bias=run.iteration(2).after.bias * 1.5), off(run, 3)]
    text = "\n".join(free(*points).lines(run, "float32", 0))
    assert "0 after iteration 3, at most 0.33 (bias, iteration 2)" in text
    assert GROWS in text


def test_where_steps_differ_drift_is_not_called_rounding():
    run = Run(MLCC, Settings(weight=0.5))
    text = "\n".join(free(off(run, 1, weight=9.0)).lines(run, "float64", 1))
    assert "Steps differ" in text and GROWS not in text


@pytest.mark.parametrize(("precision", "rate", "said"), [
    ("float32", 1e-40, "learning rate is 1e-40"), ("float32", 1e-38, "learning rate is 1e-38"),
    ("float64", 1e-40, GROWS), ("float32", 1.2e-38, GROWS),
])  # fmt: skip
def test_a_learning_rate_that_the_precision_does_not_hold_is_the_reason(precision, rate, said):
    run = Run(MLCC, Settings(weight=0.5, learning_rate=rate))
    text = "\n".join(free(off(run, 3, bias=0.0)).lines(run, precision, 0))
    assert "at most 1 (bias, iteration 3)" in text
    assert said in text and (GROWS in text) == (said == GROWS)


def test_a_figure_below_the_precision_is_the_reason():
    run = Run(noisy(8, 1.0, 1e-39), Settings(weight=0.0, epsilon=0.1))
    text = "\n".join(free(off(run, 1, bias=0.0)).lines(run, "float32", 0))
    assert f"bias of the engine is {run.iteration(1).after.bias:.4g}" in text and GROWS not in text


def test_figures_that_cannot_be_compared_are_shown_and_the_engine_s_own_ends_are_told():
    run = Run(Dataset("far", [1e308, 1e307], [2.0, 3.0]), Settings(weight=0.5, epochs=1))
    assert not math.isfinite(run.iteration(1).after.weight) and math.isfinite(run.iteration(1).after.bias)
    found = free(off(run, 1, bias=math.nan))
    text = "\n".join(found.lines(run, "float32", 0))
    assert "iteration 1 it has bias nan (0)" in text and "weight" not in text
    assert "engine itself are not finite either, first at iteration 1" in text
    assert json.loads(json.dumps(found.as_document(), allow_nan=False))["largest"] == "inf"

    run = Run(MLCC, Settings(weight=1e30))
    text = "\n".join(free(off(run, 1, loss=math.inf)).lines(run, "float32", 0))
    assert "loss inf (" in text and "engine itself" not in text
