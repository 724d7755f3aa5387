"""Real Keras confirms the engine: on the samples, and on data and settings of any scale."""

import pytest
from data import MLCC, noisy
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from strategies import datasets, settings

from lrstep.check.drift import Drift
from lrstep.core.dataset import Dataset
from lrstep.core.rounding import PRECISIONS
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.sources.open_source import open_sample
from lrstep.sources.samples import catalogue

pytestmark = pytest.mark.keras

VARIANTS = {
    "own settings": {},
    "momentum": {"momentum": 0.9, "batch_size": 1},
    "centered": {"centered": True, "batch_size": 5},
    "shuffled": {"shuffle": True, "batch_size": 5},
    "full batch": {"batch_size": 10**6, "momentum": 0.9, "centered": True},
}


def expect_confirmed(verdicts) -> None:
    for verdict in verdicts:
        assert verdict.confirmed, (verdict.iteration, verdict.worst)


@pytest.mark.parametrize("name", [sample.name for sample in catalogue()])
@pytest.mark.parametrize("precision", PRECISIONS)  # the outer loop: Keras builds a step once for all samples
def test_every_sample_is_confirmed(keras, name, precision):
    source = open_sample(name)
    for changes in VARIANTS.values():
        run = Run(source.dataset, source.settings.changed(optimizer="rmsprop").changed(**changes))
        expect_confirmed(keras.check(run, precision, range(1, min(run.n_iterations, 10) + 1)))


OPTIMIZERS = {
    "rmsprop": {"momentum": 0.9, "centered": True},
    "sgd": {"momentum": 0.0},
    "sgd with momentum": {"momentum": 0.9},
    "sgd with Nesterov's": {"momentum": 0.9, "nesterov": True},
    "adagrad": {},
    "adagrad from elsewhere": {"initial_accumulator": 0.3},
    "adam": {},
    "adam with other betas": {"beta_1": 0.8, "beta_2": 0.99},
}


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("features", [1, 3])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_is_confirmed_and_its_free_run_followed(keras, name, features, precision):
    settings = Settings(optimizer=name.split()[0], batch_size=5, epochs=3, learning_rate=0.01, weight=0.5)
    run = Run(noisy(23, 3.0, 7.0, features=features), settings.changed(**OPTIMIZERS[name]))
    expect_confirmed(keras.check(run, precision))
    if (precision == "float32") != (features == 1):
        return  # to build a model for fit takes longest: each optimizer's is followed in both precisions, once
    free = Drift(run, precision)
    for point in keras.fit(run, precision):
        free.add(point)
    assert free.departure is None and "carried on from step to step" in "\n".join(free.lines(0))


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_full_batch_is_confirmed_where_free_runs_part(keras, precision):
    run = Run(MLCC, Settings(batch_size=12, learning_rate=0.01, epochs=1500))
    expect_confirmed(keras.check(run, precision, range(1, 1501, 5)))


@pytest.mark.parametrize("scale", ["standard", "minmax"])
def test_scaled_data_are_what_keras_gets(keras, scale):
    run = Run(Dataset("prices", [1, 2, 4, 7], [3100, 5200, 9900, 17000]), Settings(scale=scale, batch_size=2))
    expect_confirmed(keras.check(run, "float64"))


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_large_batch_is_confirmed(keras, precision):
    run = Run(noisy(100_000), Settings(batch_size=60_000, epochs=2, shuffle=True))
    expect_confirmed(keras.check(run, precision))


@pytest.mark.parametrize("precision", PRECISIONS)
@hypothesis_settings(deadline=None, max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dataset=datasets(), chosen=settings())
def test_right_engines_are_never_accused(keras, precision, dataset, chosen):
    run = Run(dataset, chosen)
    for verdict in keras.check(run, precision):
        assert verdict.outcome != "differs", (verdict.iteration, verdict.worst)


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_steps_can_be_checked_in_any_order(keras, precision, shuffle):
    run = Run(noisy(23), Settings(batch_size=5, shuffle=shuffle, momentum=0.5))
    forward = keras.check(run, precision)
    backward = keras.check(run, precision, range(run.n_iterations, 0, -1))
    assert backward[::-1] == forward


@pytest.mark.parametrize(("precision", "drift"), [("float32", 1e-4), ("float64", 1e-12)])
@pytest.mark.parametrize("shuffle", [False, True])
def test_fit_from_the_same_start_stays_near_where_rounding_does_not_grow(keras, precision, drift, shuffle):
    run = Run(MLCC, Settings(batch_size=5, epochs=3, shuffle=shuffle, momentum=0.5, weight=0.5))
    points = keras.fit(run, precision)
    assert [point.iteration for point in points] == list(range(1, run.n_iterations + 1))
    assert 0 < max(point.drift for point in points) < drift
