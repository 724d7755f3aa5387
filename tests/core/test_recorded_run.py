"""A recorded run: each step from the recorded state, with the recorded learning rate and order."""

from dataclasses import replace

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.recorded_run import RecordedRun, Recording, Versions
from lrstep.core.run import Run
from lrstep.core.settings import Settings

DATA = Dataset("d", np.arange(10.0).reshape(5, 2) ** 1.5, np.arange(5.0))


def recorded_of(run, settings=None, **changes):
    """A free run as if a framework had recorded it."""
    numbers = range(1, run.n_iterations + 1)
    states = [run.start, *(run.state(number) for number in numbers)]
    iterations = [run.iteration(number) for number in numbers]
    made = Recording(
        run.dataset, settings or run.settings, Versions("3", "tests", "3"), "float64", False, 0,
        run.settings.epochs, True,
        np.array([it.epoch for it in iterations]),
        np.full(len(numbers), run.settings.learning_rate),
        np.array([it.gradient for it in iterations]),
        np.array([state.parameters for state in states]),
        {name: np.array([state.slots[name] for state in states]) for name in run.start.slots},
        np.array([it.loss for it in iterations]),
        {"loss": np.array([it.cumulative_loss for it in iterations])},
    )  # fmt: skip
    return replace(made, **changes)


@pytest.mark.parametrize("optimizer", ["rmsprop", "sgd", "adam"])
def test_what_the_engine_itself_did_is_the_same_run(optimizer):
    settings = Settings(optimizer=optimizer, learning_rate=0.01, batch_size=2, epochs=3, shuffle=True, seed=4)
    free = Run(DATA, settings)
    orders = tuple(tuple((free.batches.order(epoch) + 1).tolist()) for epoch in (1, 2, 3))
    again = RecordedRun(recorded_of(free, settings.changed(shuffle=False, order=orders)))
    for number in range(1, free.n_iterations + 1):
        one, other = free.iteration(number), again.iteration(number)
        assert one.samples.tolist() == other.samples.tolist()
        assert (one.before, one.after, one.gradient, one.loss) == (
            other.before,
            other.after,
            other.gradient,
            other.loss,
        )
        assert (one.cumulative_loss, one.full_loss, one.updates) == (
            other.cumulative_loss,
            other.full_loss,
            other.updates,
        )


def test_a_step_begins_with_the_recorded_state_and_ends_with_the_engines():
    free = Run(DATA, Settings(batch_size=2, epochs=2))
    recorded = recorded_of(free)
    recorded.parameters[2] += 0.5
    run = RecordedRun(recorded)
    assert run.iteration(2).after == free.iteration(2).after
    assert run.iteration(3).before.parameters == tuple(p + 0.5 for p in free.iteration(2).after.parameters)
    assert run.state(2) == run.iteration(3).before


def test_the_learning_rate_may_change_and_the_count_go_on():
    free = Run(DATA, Settings(optimizer="adam", batch_size=5, epochs=3))
    rates = np.array([0.05, 0.025, 0.0125])
    run = RecordedRun(recorded_of(free, learning_rate=rates, counted=10))
    assert [run.settings_at(number).learning_rate for number in (1, 2, 3)] == rates.tolist()
    expected = 0.025 * np.sqrt(1 - 0.999**12) / (1 - 0.9**12)
    assert run.iteration(2).updates[0]["rate"] == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("optimizer", ["rmsprop", "sgd", "adam"])
def test_a_free_run_goes_on_from_the_recorded_start_as_the_engine_did(optimizer):
    """The second half of a run as a recording: it begins with slots and a count that are not those of a start."""
    options = {"momentum": 0.8} if optimizer != "adam" else {}
    whole = Run(DATA, Settings(optimizer=optimizer, learning_rate=0.01, batch_size=2, epochs=4, **options))
    half = recorded_of(whole)
    second = replace(
        half, settings=whole.settings.changed(epochs=2), counted=6, epoch=half.epoch[6:],
        learning_rate=half.learning_rate[6:], gradients=half.gradients[6:], parameters=half.parameters[6:],
        slots={name: values[6:] for name, values in half.slots.items()}, loss=half.loss[6:],
        printed={"loss": half.printed["loss"][6:]},
    )  # fmt: skip
    free = RecordedRun(second).freely()
    assert free.n_iterations == 6
    assert [free.state(number) for number in range(7)] == [whole.state(number) for number in range(6, 13)]
    assert free.iteration(6).cumulative_loss == whole.iteration(12).cumulative_loss


def test_what_was_recorded_of_an_iteration_has_the_names_of_trace():
    run = RecordedRun(recorded_of(Run(DATA, Settings(batch_size=2, epochs=2))))
    it, had = run.freely().iteration(4), run.as_it_ran(4)
    expected = {"loss": it.loss, "cumulative_loss": it.cumulative_loss} | run.keyed(it.after)
    assert had == expected | {f"gradient_{name}": g for name, g in zip(run.parameters, it.gradient, strict=True)}
    assert run.freely().as_it_ran(4) == {}
