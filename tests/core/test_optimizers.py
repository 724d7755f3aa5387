"""Every optimizer against a textbook loop of it, and what the registry promises."""

import importlib.util
import itertools
from pathlib import Path

import numpy as np
import pytest

from lrstep.core import symbols
from lrstep.core.dataset import Dataset
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.run import Run
from lrstep.core.settings import FIELDS, Settings, fields_of
from lrstep.core.symbols import evaluate
from lrstep.errors import SettingsError
from lrstep.formulas.notation import BOOK, Writer
from lrstep.formulas.rewrites import one_node_changed

_spec = importlib.util.spec_from_file_location("textbook", Path(__file__).with_name("textbook_optimizers.py"))
oracle = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(oracle)

SWITCHES = {"momentum": (0.0, 0.9), "centered": (False, True), "nesterov": (False, True)}
CASES = [
    (name, dict(zip(switches, values, strict=True)))
    for name, optimizer in OPTIMIZERS.items()
    for switches in [[switch for switch in SWITCHES if switch in optimizer.options]]
    for values in itertools.product(*(SWITCHES[switch] for switch in switches))
]


def made(name, switches, n, k, scale, batch_size, shuffle):
    rng = np.random.default_rng(n + k)
    x = rng.normal(1.0, 1.0, size=(n, k)) * scale
    y = (x / scale) @ np.arange(1.0, k + 1) + rng.normal(size=n)
    weights = tuple(rng.normal(size=k).tolist())
    chosen = Settings(
        optimizer=name, learning_rate=0.003, batch_size=batch_size, epochs=4, weight=weights, bias=0.3, seed=7,
        shuffle=shuffle, **switches,
    )  # fmt: skip
    return Run(Dataset("made", x, y), chosen)


@pytest.mark.parametrize(("name", "switches"), CASES)
@pytest.mark.parametrize(("n", "batch_size", "shuffle"), [(13, 5, False), (40, 17, True), (3, 1, True)])
@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("scale", [1.0, 30.0, 1e-3])
def test_equals_the_textbook_loop(name, switches, n, batch_size, shuffle, k, scale):
    run = made(name, switches, n, k, scale, batch_size, shuffle)
    s = run.settings
    orders = [run.batches.order(epoch) for epoch in range(1, s.epochs + 1)]
    options = {option: getattr(s, option) for option in s.rule.options}
    expected = oracle.textbook(
        run.dataset.columns, run.dataset.y, s.weight if k > 1 else [s.weight], s.bias, name, batch_size, orders,
        s.learning_rate, **options,
    )  # fmt: skip
    with np.errstate(all="ignore"):
        for number, want in enumerate(expected, 1):
            got = run.iteration(number)
            figures = {"parameters": got.after.parameters, "gradient": got.gradient, **got.after.slots}
            figures |= {key: getattr(got, key) for key in ("loss", "cumulative_loss", "full_loss")}
            assert figures.keys() == want.keys()
            for key, value in want.items():
                assert _difference(figures[key], value) <= 1e-9, (number, key)
    assert number == run.n_iterations


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_equals_the_textbook_loop_after_a_thousand_steps_too(name):
    run = made(name, {}, 3, 1, 1.0, 1, True)
    s = run.settings.changed(epochs=334)
    run, options = Run(run.dataset, s), {option: getattr(s, option) for option in s.rule.options}
    orders = [run.batches.order(epoch) for epoch in range(1, s.epochs + 1)]
    expected = oracle.textbook(
        run.dataset.columns, run.dataset.y, [s.weight], s.bias, name, 1, orders, s.learning_rate, **options
    )
    for number, want in enumerate(expected, 1):
        if number % 97 == 0:
            after = run.iteration(number).after
            assert _difference(after.parameters, want["parameters"]) <= 1e-11, number
            assert all(_difference(values, want[slot]) <= 1e-10 for slot, values in after.slots.items()), number


def _difference(got, want):
    """The largest difference relative to the size of what is compared; 0 where both are not finite alike."""
    got, want = np.asarray(got), np.asarray(want)
    if not np.isfinite(want).all():
        return 0.0 if np.array_equal(np.isfinite(got), np.isfinite(want)) else np.inf
    return float(np.max(np.abs(got - want)) / max(np.max(np.abs(want)), 1e-300))


@pytest.mark.parametrize(("name", "switches"), CASES)
def test_the_formulas_have_the_numbers_of_the_rule(name, switches):
    chosen = Settings(optimizer=name, **switches)
    slots = chosen.rule.kept(chosen)
    inputs = {"theta": 0.5, "g": -3.0} | {slot.letter: 0.25 + k for k, slot in enumerate(slots)}
    inputs |= {"t": 3} if chosen.rule.counts else {}
    ruled = chosen.rule.rule(**inputs, **chosen.rule.bound(chosen))
    formulas = chosen.rule.formulas(chosen)
    assert list(formulas) == list(ruled)
    for result, formula in formulas.items():
        np.testing.assert_equal(evaluate(formula, inputs | chosen.rule.bound(chosen)), ruled[result])


@pytest.mark.parametrize("function", [symbols.root, symbols.sign, symbols.absolute, symbols.square])
def test_an_operation_does_the_same_to_a_number_as_to_an_array(function):
    numbers = [-2.5, 0.0, 3.0, np.inf, np.nan]
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(function(np.array(numbers)), [function(number) for number in numbers])


def test_the_larger_of_numbers_and_of_arrays():
    pairs = [(1.0, 2.0), (2.0, 1.0), (np.nan, 1.0), (1.0, np.nan), (-np.inf, 0.0)]
    a, b = np.array(pairs).T
    np.testing.assert_array_equal(symbols.larger(a, b), [symbols.larger(*pair) for pair in pairs])


def test_a_number_to_the_power_of_a_symbol():
    decay = symbols.power(0.96, symbols.Leaf("t") + 1)
    assert evaluate(decay, {"t": 2}) == 0.96**3
    assert Writer(BOOK, str).write(symbols.power(0.96, symbols.Leaf("t"))) == "0.96ᵗ"


@pytest.mark.parametrize("operation", [symbols.sign, symbols.absolute, symbols.larger])
def test_an_operation_may_be_forgotten(operation):
    inputs = [symbols.Leaf(name) for name in "gh"[: 1 + (operation is symbols.larger)]]
    assert list(one_node_changed(operation(*inputs))) == inputs


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_option_of_another_optimizer_is_refused_by_name(name):
    for field in set(FIELDS) - set(fields_of(name)):
        with pytest.raises(SettingsError) as caught:
            Settings(optimizer=name, **{field: True if FIELDS[field].kind == "bool" else 0.5})
        assert caught.value.field == field and name in caught.value.message


def test_another_optimizer_brings_its_defaults_and_keeps_what_was_set():
    chosen = Settings(rho=0.8, momentum=0.9).changed(optimizer="rmsprop-pytorch")
    assert (chosen.rho, chosen.momentum, chosen.epsilon) == (0.8, 0.9, 1e-8)
    assert chosen.changed(optimizer="adam").as_dict().keys() == fields_of("adam").keys()
    with pytest.raises(SettingsError, match="sgd has no rho"):
        Settings().changed(optimizer="sgd", rho=0.9)


def test_weights_of_several_features():
    data = Dataset("d", np.eye(3), np.arange(3.0))
    assert Run(data, Settings(weight=0.5)).start.parameters == (0.5, 0.5, 0.5, 0.0)
    assert Run(data, Settings(weight=(1, 2, 3), bias=4)).start.parameters == (1.0, 2.0, 3.0, 4.0)
    drawn = Run(data, Settings(seed=3)).start.weights
    assert len(set(drawn)) == 3 and max(map(abs, drawn)) <= np.sqrt(6 / 4)
    with pytest.raises(SettingsError, match="2 initial weights are given for 3 features"):
        Run(data, Settings(weight=(1, 2)))
    with pytest.raises(SettingsError, match="3 initial weights are given for 2 features"):
        Run(Dataset("d", np.eye(3)[:, :2], np.arange(3.0)), Settings(weight=(1, 2, 3)))
    with pytest.raises(SettingsError, match="are given for 1 feature\n"):
        Run(Dataset("d", np.arange(3.0), np.arange(3.0)), Settings(weight=(1, 2)))


def test_least_squares_of_several_features_and_of_data_that_do_not_decide_it():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 3)) * [1.0, 1e4, 1e-4]
    y = x @ [2.0, 3e-4, 5e3] + 1.5 + rng.normal(size=30)
    reference = Run(Dataset("d", x, y), Settings()).reference
    design = np.column_stack([x / [1.0, 1e4, 1e-4], np.ones(30)])
    best = np.linalg.lstsq(design, y, rcond=None)[0] / [1.0, 1e4, 1e-4, 1.0]
    np.testing.assert_allclose(reference.parameters, best, rtol=1e-9)
    assert reference.exists and reference.rank == 3
    away = [w + d for w, d in zip(reference.parameters, (0.1, 1e-5, 1e3, -0.2), strict=True)]
    assert reference.closed_form(*away) == pytest.approx(np.mean((x @ away[:3] + away[3] - y) ** 2), rel=1e-12)
    twice = Run(Dataset("d", np.column_stack([x[:, 0], 2 * x[:, 0]]), y), Settings()).reference
    assert not twice.exists and twice.rank == 1
    assert twice.loss == pytest.approx(Run(Dataset("d", x[:, 0], y), Settings()).reference.loss, rel=1e-9)
