"""A recorded run: each step from the recorded state, with the recorded learning rate and order."""

from dataclasses import replace

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.recorded_run import Recorded, RecordedRun, orders_of
from lrstep.core.run import Run
from lrstep.core.settings import Settings

DATA = Dataset("d", np.arange(10.0).reshape(5, 2) ** 1.5, np.arange(5.0))


def recorded_of(run, **changes):
    """A free run as if a framework had recorded it."""
    numbers = range(1, run.n_iterations + 1)
    states = [run.start, *(run.state(number) for number in numbers)]
    made = Recorded(
        {"keras": "3", "backend": "tests", "python": "3"}, "float64", 0,
        np.full(len(numbers), run.settings.learning_rate),
        np.array([run.iteration(number).gradient for number in numbers]),
        np.array([state.parameters for state in states]),
        {name: np.array([state.slots[name] for state in states]) for name in run.start.slots},
        np.array([run.iteration(number).loss for number in numbers]), {},
    )  # fmt: skip
    return replace(made, **changes)


@pytest.mark.parametrize("optimizer", ["rmsprop", "sgd", "adam"])
def test_what_the_engine_itself_did_is_the_same_run(optimizer):
    settings = Settings(optimizer=optimizer, learning_rate=0.01, batch_size=2, epochs=3, shuffle=True, seed=4)
    free = Run(DATA, settings)
    orders = tuple(tuple((free.batches.order(epoch) + 1).tolist()) for epoch in (1, 2, 3))
    again = RecordedRun(DATA, settings.changed(shuffle=False, order=orders), recorded_of(free))
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
    run = RecordedRun(DATA, free.settings, recorded)
    assert run.iteration(2).after == free.iteration(2).after
    assert run.iteration(3).before.parameters == tuple(p + 0.5 for p in free.iteration(2).after.parameters)
    assert run.state(2) == run.iteration(3).before


def test_the_learning_rate_may_change_and_the_count_go_on():
    free = Run(DATA, Settings(optimizer="adam", batch_size=5, epochs=3))
    rates = np.array([0.05, 0.025, 0.0125])
    run = RecordedRun(DATA, free.settings, recorded_of(free, learning_rate=rates, counted=10))
    assert [run.settings_at(number).learning_rate for number in (1, 2, 3)] == rates.tolist()
    expected = 0.025 * np.sqrt(1 - 0.999**12) / (1 - 0.9**12)
    assert run.iteration(2).updates[0]["rate"] == pytest.approx(expected, rel=1e-15)


def test_the_orders_of_a_recording_that_was_stopped():
    samples, ends, epoch = np.array([2, 0, 1, 1, 2]), np.array([2, 3, 4, 5]), np.array([4, 4, 5, 5])
    assert orders_of(samples, ends, epoch, 3) == ((3, 1, 2), (2, 3, 1))
