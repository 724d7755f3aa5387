"""The quantities of a run: of every optimizer, one feature and several."""

import gc
import re
import weakref

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.formulas.quantities import parse_meant, quantities


def a_run(features=1, **settings):
    random = np.random.default_rng(3)
    x = random.normal(size=(6, features)) if features > 1 else random.normal(size=6)
    return Run(Dataset("data", x, random.normal(size=6)), Settings(**settings))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("features", [1, 3])
def test_each_has_the_value_that_the_iteration_has(optimizer, features):
    run = a_run(features, optimizer=optimizer)
    it = run.iteration(3)
    expected = run.keyed(it.after) | {"loss": it.loss, "full_rmse": it.full_rmse}
    for name, g, made in zip(run.parameters, it.gradient, it.updates, strict=True):
        expected |= {f"gradient_{name}": g, f"step_{name}": made["step"]}
    known = quantities(run)
    assert {key: known[key].value(it) for key in expected} == expected
    labels = [quantity.label for quantity in known.values()]
    assert len(set(labels)) == len(labels)
    assert not any(re.match(r"weight \d", label) for label in labels)  # sentences say "the" before them


def test_formulas_are_those_of_the_settings():
    known = quantities(a_run(optimizer="rmsprop", centered=True, momentum=0.5))
    assert known["step_bias"].formula == "μ·M_b + lr·g_b / √(v_b − a_b² + ε)"
    assert known["gradient_weight"].formula == "2/m·Σ error·x"
    several = quantities(a_run(2, optimizer="adam"))
    assert several["mean_gradient_weight_2"].formula == "m_w₂ + (g_w₂ − m_w₂)·(1 − β₁)"
    assert several["gradient_weight_2"].formula == "2/m·Σ error·x₂"
    assert several["prediction"].formula == "w₁·x₁ + w₂·x₂ + b"
    assert several["full_loss"].formula == "Σ error² / n with the new w₁, w₂ and b"


@pytest.mark.parametrize(
    ("features", "settings", "name", "keys"),
    [
        (1, {}, "Weight", ("weight",)),
        (1, {}, "velocity", ("accumulator_weight", "accumulator_bias")),
        (1, {"optimizer": "sgd", "momentum": 0.5}, "velocity", ("momentum_weight", "momentum_bias")),
        (1, {"optimizer": "adam"}, "mean gradient", ("mean_gradient_weight", "mean_gradient_bias")),
        (1, {}, "val_loss", ("full_loss",)),
        (1, {}, "feature", ("x",)),
        (2, {}, "weight", ("weight_1", "weight_2")),
        (2, {}, "weight_2", ("weight_2",)),
        (2, {}, "w2", ("weight_2",)),
        (2, {}, "intercept", ("bias",)),
        (2, {}, "gradient", ("gradient_weight_1", "gradient_weight_2", "gradient_bias")),
        (2, {}, "feature 2", ("x_2",)),
    ],
)
def test_what_a_name_means_depends_on_the_run(features, settings, name, keys):
    assert parse_meant(name, a_run(features, **settings)) == keys


@pytest.mark.parametrize(
    ("name", "settings"), [("momentum", {}), ("accumulator", {"optimizer": "sgd"}), ("weight_1", {})]
)
def test_what_a_run_has_not_is_refused_with_what_it_has(name, settings):
    with pytest.raises(LrstepError) as caught:
        parse_meant(name, a_run(**settings))
    assert "gradient_bias" in caught.value.hint
    assert name not in caught.value.hint.replace(":", ",").split(", ")


def test_a_run_is_not_kept_alive():
    run = a_run()
    quantities(run)
    gone = weakref.ref(run)
    del run
    gc.collect()
    assert gone() is None
