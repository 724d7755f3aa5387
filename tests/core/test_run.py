"""The engine against a textbook loop, against figures that Keras printed, and against itself."""

import importlib.util
import math
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings

_spec = importlib.util.spec_from_file_location("oracle", Path(__file__).with_name("oracle.py"))
oracle = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(oracle)

MLCC_X = [float(i) for i in range(1, 13)]
MLCC_Y = [5.0, 8.8, 9.6, 14.2, 18.8, 19.5, 21.4, 26.8, 28.9, 32.0, 33.8, 38.2]
MLCC = Dataset("mlcc", np.array(MLCC_X), np.array(MLCC_Y))

FLOAT32 = 3e-7  # Keras computed these in float32

values = st.floats(-100, 100).map(lambda v: round(v, 3))


@st.composite
def runs(draw, **fixed):
    n = draw(st.integers(1, 14))
    x = draw(st.lists(values, min_size=n, max_size=n))
    y = draw(st.lists(values, min_size=n, max_size=n))
    chosen = {
        "learning_rate": draw(st.floats(1e-4, 1.0)),
        "batch_size": draw(st.integers(1, 16)),
        "epochs": draw(st.integers(1, 4)),
        "rho": draw(st.floats(0.0, 0.99)),
        "momentum": draw(st.sampled_from([0.0, 0.5, 0.9, 1.0])),
        "epsilon": draw(st.sampled_from([1e-7, 1e-3, 1.0])),
        "centered": draw(st.booleans()),
        "weight": draw(st.none() | values),
        "bias": draw(values),
        "seed": draw(st.integers(0, 5)),
        "shuffle": draw(st.booleans()),
    }
    return Run(Dataset("drawn", np.array(x), np.array(y)), Settings(**(chosen | fixed)))


def fingerprint(run, number):
    i = run.iteration(number)
    numbers = (
        *i.before.numbers,
        *i.after.numbers,
        *i.gradient,
        i.loss,
        i.cumulative_loss,
        i.full_loss,
        *(value for made in i.updates for value in made.values()),
    )
    return (
        np.array(numbers).tobytes(),  # nan is no number, and so not equal to itself
        i.samples.tobytes(), i.prediction.tobytes(), i.error.tobytes(), i.columns[0].tobytes(), i.y.tobytes(),
    )  # fmt: skip


@settings(deadline=None, max_examples=80)
@given(runs(epsilon=1e-3))
def test_equals_the_textbook_loop(run):
    # ρ near 0 with centered makes v − a² pure rounding, where no two orders of summation agree.
    assume(not (run.settings.centered and run.settings.rho < 0.1))
    s = run.settings
    orders = [run.batches.order(epoch).tolist() for epoch in range(1, s.epochs + 1)]
    expected = list(
        oracle.textbook(
            run.dataset.x.tolist(), run.dataset.y.tolist(), batch_size=s.batch_size, epochs=s.epochs,
            lr=s.learning_rate, rho=s.rho, epsilon=s.epsilon, momentum=s.momentum, centered=s.centered,
            weight=run.start.weights[0], bias=s.bias, orders=orders,
        )
    )  # fmt: skip
    assert len(expected) == run.n_iterations
    scale = 1 + max(abs(v) for row in expected for k, v in row.items() if k in ("weight", "bias"))
    for number, want in enumerate(expected, 1):
        got = run.iteration(number)
        assert got.epoch == want["epoch"]
        assert got.samples.tolist() == want["rows"]
        assert got.after.weights[0] == pytest.approx(want["weight"], rel=1e-6, abs=1e-7 * scale)
        assert got.after.bias == pytest.approx(want["bias"], rel=1e-6, abs=1e-7 * scale)
        assert got.loss == pytest.approx(want["loss"], rel=1e-5, abs=1e-7 * scale)
        assert got.cumulative_loss == pytest.approx(want["cumulative_loss"], rel=1e-5, abs=1e-7 * scale)
        assert got.full_loss == pytest.approx(want["full_loss"], rel=1e-5, abs=1e-7 * scale)


@pytest.mark.parametrize("batch_size", [1, 3, 4, 5, 12])
@pytest.mark.parametrize("centered", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_equals_the_textbook_loop_to_rounding_on_mlcc(batch_size, centered, momentum):
    run = Run(MLCC, Settings(batch_size=batch_size, epochs=3, weight=0.5, centered=centered, momentum=momentum))
    expected = oracle.textbook(
        MLCC_X, MLCC_Y, batch_size=batch_size, epochs=3, lr=0.05, rho=0.9, epsilon=1e-7,
        momentum=momentum, centered=centered, weight=0.5, bias=0.0,
    )  # fmt: skip
    for number, want in enumerate(expected, 1):
        got = run.iteration(number)
        row = {
            "weight_before": got.before.weights[0], "bias_before": got.before.bias,
            "gradient_weight": got.gradient[0], "gradient_bias": got.gradient[-1],
            "accumulator_weight": got.after.slots["accumulator"][0],
            "accumulator_bias": got.after.slots["accumulator"][-1],
            "weight": got.after.weights[0], "bias": got.after.bias, "loss": got.loss,
            "cumulative_loss": got.cumulative_loss, "full_loss": got.full_loss,
        }  # fmt: skip
        for name, value in row.items():
            assert value == pytest.approx(want[name], rel=1e-12), (number, name)


def test_one_full_batch_prints_what_keras_printed():
    run = Run(MLCC, Settings(batch_size=12, epochs=1, weight=0.08255479319424332))
    i = run.iteration(1)
    assert f"{i.loss:.2f} {i.rmse:.2f} {i.full_loss:.2f} {i.full_rmse:.3f}" == "535.48 23.14 476.82 21.836"
    run = Run(MLCC, Settings(batch_size=12, epochs=1, weight=0.5))
    i = run.iteration(1)
    assert f"{i.loss:.4f} {i.rmse:.4f}" == "402.9850 20.0745"
    assert f"{i.full_loss:.3f} {i.full_rmse:.4f}" == "352.335 18.7706"
    assert i.after.weights[0] == pytest.approx(0.65811384, rel=FLOAT32)
    assert i.after.bias == pytest.approx(0.15811387, rel=FLOAT32)


def test_batches_of_three_carry_the_accumulator_over_as_keras_does():
    run = Run(MLCC, Settings(batch_size=3, epochs=1, weight=0.5))
    printed = [
        ("48.9000 6.9929 352.3350 18.7706", 0.6581138372421265, 0.15811386704444885),
        ("200.9296 14.1750 306.3082 17.5017", 0.8132714033126831, 0.3018075227737427),
        ("363.2630 19.0595 266.7119 16.3313", 0.9573485255241394, 0.42669767141342163),
        ("565.5593 23.7815 232.1553 15.2366", 1.0924618244171143, 0.5409283638000488),
    ]
    for number, (figures, weight, bias) in enumerate(printed, 1):
        i = run.iteration(number)
        assert [i.loss, i.rmse, i.full_loss, i.full_rmse] == pytest.approx(
            [float(figure) for figure in figures.split()], abs=1.01e-4
        )
        assert i.after.weights[0] == pytest.approx(weight, rel=FLOAT32)
        assert i.after.bias == pytest.approx(bias, rel=FLOAT32)


def test_the_first_step_is_lr_over_the_root_of_one_minus_rho():
    run = Run(MLCC, Settings(weight=0.5, epsilon=0.0))
    assert run.iteration(1).updates[0]["step"] == pytest.approx(-0.05 / math.sqrt(0.1))


@settings(deadline=None, max_examples=60)
@given(runs(), st.data())
def test_back_is_forward_to_the_last_bit(run, data):
    forward = [fingerprint(run, number) for number in range(1, run.n_iterations + 1)]
    visits = data.draw(st.lists(st.integers(1, run.n_iterations), max_size=20))
    for number in visits:
        assert fingerprint(run, number) == forward[number - 1]


@settings(deadline=None, max_examples=60)
@given(runs(), st.data())
def test_a_seek_gives_what_a_replay_gives(run, data):
    number = data.draw(st.integers(1, run.n_iterations))
    replay = Run(run.dataset, run.settings)
    for step in range(1, number + 1):
        replay.iteration(step)
    assert fingerprint(run, number) == fingerprint(replay, number)
    sliced = Run(run.dataset, run.settings)
    while not sliced.advance(number, seconds=0):
        pass
    assert fingerprint(sliced, number) == fingerprint(run, number)


@settings(deadline=None, max_examples=60)
@given(runs())
def test_what_each_iteration_hands_on(run):
    previous = run.start
    for number in range(1, run.n_iterations + 1):
        i = run.iteration(number)
        # With centered, rounding can make v − a² + ε negative, and the step nan.
        np.testing.assert_array_equal(i.before.numbers, previous.numbers)
        assert not i.after.slots["accumulator"][0] < 0
        assert not i.after.slots["accumulator"][-1] < 0
        np.testing.assert_array_equal([made["theta"] for made in i.updates], i.after.parameters)
        previous = i.after


def test_a_short_last_batch_is_averaged_over_its_own_length():
    x = np.arange(13.0)
    run = Run(Dataset("thirteen", x, 2 * x), Settings(batch_size=5, epochs=2, weight=0.0))
    assert run.n_iterations == 6
    for number in (3, 6):
        i = run.iteration(number)
        assert i.samples.tolist() == [10, 11, 12]
        assert i.gradient[-1] == 2 / 3 * sum(i.error.tolist())
        assert i.cumulative_count == 13


def test_a_batch_larger_than_the_data_takes_all():
    run = Run(MLCC, Settings(batch_size=100, epochs=2))
    assert run.n_iterations == 2
    assert run.iteration(2).m == 12


def test_numbers_that_overflow_are_marked_and_raise_nothing():
    run = Run(MLCC, Settings(learning_rate=1e308, epochs=2, weight=0.5))
    marks = [run.iteration(number).diverged for number in range(1, 7)]
    assert marks == [True] * 6
    assert run.diverged_at == 1
    assert math.isinf(run.iteration(1).full_rmse)
    later = Run(Dataset("late", np.array([1.0, 1e160]), np.array([1.0, 1.0])), Settings(batch_size=1, epochs=2))
    assert [later.iteration(number).loss < math.inf for number in (1, 2)] == [True, False]
    assert later.diverged_at == 1  # the loss over all samples overflows before that of the batch
    assert later.iteration(1).full_loss == math.inf
    assert not Run(MLCC, Settings()).iteration(12).diverged


def test_zero_gradient_without_epsilon_is_not_a_number_as_in_keras():
    run = Run(Dataset("flat", np.array([0.0, 0.0]), np.array([0.0, 0.0])), Settings(epsilon=0.0, weight=0.0))
    assert math.isnan(run.iteration(1).after.weights[0])
    assert run.iteration(1).diverged


def test_series_are_the_iterations_numbers():
    run = Run(MLCC, Settings(batch_size=5, epochs=3, centered=True))
    run.advance(run.n_iterations)
    numbers = np.arange(1, run.n_iterations + 1)
    its = [run.iteration(int(number)) for number in numbers]
    for column, want in {
        "weight": [i.after.weights[0] for i in its], "bias": [i.after.bias for i in its],
        "loss": [i.loss for i in its], "cumulative_loss": [i.cumulative_loss for i in its],
        "full_loss": [i.full_loss for i in its],
    }.items():  # fmt: skip
        assert run.series(column, numbers) == pytest.approx(want, rel=1e-12)


def test_the_history_costs_less_than_100_bytes_an_iteration():
    run = Run(MLCC, Settings(batch_size=12, epochs=20_000, momentum=0.9, centered=True))
    run.advance(20_000)
    assert run._rows.__sizeof__() / 20_000 < 100


def test_there_is_no_iteration_beyond_the_ends():
    run = Run(MLCC, Settings())
    for number in (0, 13, -1):
        with pytest.raises(IndexError):
            run.iteration(number)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("centered", [False, True])
def test_an_iteration_is_kept_in_at_most_100_bytes(momentum, centered):
    run = Run(MLCC, Settings(batch_size=4, epochs=4_000, momentum=momentum, centered=centered))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        run.advance(2_000)
        run.advance(10_000)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert 8 * 6 <= grown / 10_000 <= 100


@pytest.mark.parametrize("rate", [1e160, 1e300, 1e153])
@pytest.mark.parametrize("size", [1, 4, 12])
def test_diverged_is_said_of_the_same_iterations_forward_and_back(rate, size):
    run = Run(MLCC, Settings(learning_rate=rate, batch_size=size, epochs=12 // size, weight=0.5))
    numbers = range(1, run.n_iterations + 1)
    forward = [run.iteration(number).diverged for number in numbers]
    assert forward == [run.iteration(number).diverged for number in numbers]
    finite = [math.isfinite(run.iteration(number).full_loss + run.iteration(number).loss) for number in numbers]
    assert run.diverged_at == (finite.index(False) + 1 if False in finite else None)
    assert forward == [run.diverged_at is not None and number >= run.diverged_at for number in numbers]


def test_an_interrupt_hides_no_divergence():
    run = Run(MLCC, Settings(learning_rate=1e160, batch_size=1, epochs=10, weight=0.5))
    compute = run._compute

    def interrupted(until):
        compute(until)
        raise KeyboardInterrupt

    run._compute = interrupted
    with pytest.raises(KeyboardInterrupt):
        run.advance(120)
    del run._compute
    run.advance(120)
    assert run.diverged_at == 1


def test_the_loss_of_all_samples_is_the_same_number_alone_and_in_a_series_at_any_scale():
    x, y = np.array([1.0, 2.0, -1.5]) * 1e-160, np.array([1e3, -2e3, 5e2])
    run = Run(Dataset("tiny", x, y), Settings(batch_size=1, epochs=1, weight=0.0))
    run.advance(3)
    series = run.series("full_loss", np.arange(1, 4))
    assert series == pytest.approx([run.iteration(number).full_loss for number in (1, 2, 3)], rel=1e-12)


def test_the_square_of_the_gradient_is_taken_first_as_in_the_formula():
    run = Run(Dataset("steep", np.array([1.0, 2.0]), np.array([1e154, 2.0])), Settings(batch_size=1, weight=0.0))
    assert math.isfinite(run.iteration(1).gradient[0])
    assert run.iteration(1).after.slots["accumulator"][0] == math.inf


@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e151])
@pytest.mark.parametrize("learning_rate", [0.5, 1e3, 1e100, 1e155])
def test_a_run_has_diverged_at_the_same_iteration_step_by_step_as_at_once(scale, learning_rate):
    data = Dataset("scaled", np.array([1.0, 2.0, 4.0]) * scale, np.array([2.0, 3.0, 7.0]) * scale)
    settings = Settings(optimizer="sgd", learning_rate=learning_rate, batch_size=2, epochs=40, weight=0.5)
    at_once, by_step = Run(data, settings), Run(data, settings)
    at_once.advance(80)
    for number in range(1, 81):
        by_step.advance(number)
    steps = map(at_once.iteration, range(1, 81))
    numbers = [(*it.after.numbers, it.loss, it.cumulative_loss, it.full_loss) for it in steps]
    first = next((n for n, of in enumerate(numbers, 1) if not np.isfinite(of).all()), None)
    assert at_once.diverged_at == by_step.diverged_at == first
