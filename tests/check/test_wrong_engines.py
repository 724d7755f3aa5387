"""The check can fail: every engine with a mistake is caught at the step where the mistake first matters."""

import pytest
from data import MLCC, noisy
from simulated import simulated_verdict
from wrong_engines import WRONG_ENGINES, PlainRun

from lrstep.check.rounding import PRECISIONS
from lrstep.core.run import Run
from lrstep.core.settings import Settings

CASES = {
    "mlcc": (MLCC, Settings(batch_size=5, epochs=2, weight=0.08255479319424332)),
    "small": (noisy(23, 1e-2, 1e-4, seed=1), Settings(batch_size=4, epochs=2, learning_rate=0.001, weight=0.3)),
    "large": (noisy(14, 1e3, 1e6, seed=2), Settings(batch_size=6, epochs=2, learning_rate=5.0, bias=2.0)),
}


def wrong_run(engine: type[PlainRun], case: str) -> PlainRun:
    dataset, settings = CASES[case]
    return engine(dataset, settings.changed(**engine.changes))


def name_of(engine: type[PlainRun]) -> str:
    return engine.__name__


def expect_caught(run: PlainRun, verdicts) -> None:
    first = run.first_wrong(run.per_epoch)
    assert [verdict.outcome for verdict in verdicts[: first - 1]] == ["confirmed"] * (first - 1)
    assert verdicts[first - 1].outcome == "differs", verdicts[first - 1]


def simulated(run: PlainRun | Run, precision: str):
    numbers = range(1, run.n_iterations + 1)
    return [simulated_verdict(run, number, precision, "lanes", True) for number in numbers]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("engine", WRONG_ENGINES, ids=name_of)
def test_caught_by_a_simulated_keras(engine, case):
    run = wrong_run(engine, case)
    expect_caught(run, simulated(run, "float64"))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("engine", [e for e in WRONG_ENGINES if not e.needs_float64], ids=name_of)
def test_most_mistakes_are_seen_in_float32_too(engine, case):
    run = wrong_run(engine, case)
    expect_caught(run, simulated(run, "float32"))


@pytest.mark.keras
@pytest.mark.parametrize("engine", WRONG_ENGINES, ids=name_of)
def test_caught_by_keras_in_float64(keras, engine):
    # The cases take turns: each mistake meets one of them, each of them a third of the mistakes.
    case = list(CASES)[WRONG_ENGINES.index(engine) % len(CASES)]
    run = wrong_run(engine, case)
    expect_caught(run, keras.check(run, "float64", range(1, run.first_wrong(run.per_epoch) + 1)))


@pytest.mark.keras
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("case", CASES)
def test_the_same_engine_without_a_mistake_is_confirmed(keras, case, precision):
    dataset, settings = CASES[case]
    for changes in ({}, {"momentum": 0.9}, {"centered": True}, {"shuffle": True}):
        run = PlainRun(dataset, settings.changed(**changes))
        for verdict in keras.check(run, precision):
            assert verdict.confirmed, verdict.worst
