"""What a step is judged by besides its bounds: the start of the slots, and which infinities can be told apart."""

import dataclasses
import math

import numpy as np
import pytest
from simulated import Step, StepInputs, fresh_slots

from lrstep.check.quantity import ComparedQuantity, label_of, ulps_of
from lrstep.check.verdict import Held, StepVerdict, judge
from lrstep.core.bounds import Reach, full_bounds
from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.metrics import METRICS, Metric
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.rounding import PRECISIONS
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.core.symbols import absolute, total
from lrstep.formulas.quantities import quantities


def first_step(run: Run, precision: str = "float64", fresh: float = 0.0, **keras: float):
    """The quantities of the first step, by name, with another start of Keras's slots or other numbers of Keras's."""
    with np.errstate(all="ignore"):
        asked = StepInputs(run)(1)
        after = asked.iteration.after.parameters
        result = Step(asked.given, run.settings, precision, "forward", False).result(after, run.dataset)
        slots = {slot: (keras.get(slot, numbers[0]), *numbers[1:]) for slot, numbers in result.slots.items()}
        gradient = [keras.get("gradient", result.gradient[0]), *result.gradient[1:]]
        result = dataclasses.replace(result, slots=slots, gradient=gradient)
        starts = {slot: tuple(fresh + number for number in row) for slot, row in fresh_slots(run).items()}
        verdict = judge(asked, result, Held(run, precision, starts))
    return {quantity.name: quantity for quantity in verdict.quantities}


@pytest.mark.parametrize("name", [name for name, optimizer in OPTIMIZERS.items() if optimizer.keras])
def test_all_that_a_rule_of_keras_computes_is_compared(name):
    switches = {"momentum": 0.9, "nesterov": True, "centered": True}
    chosen = {switch: value for switch, value in switches.items() if switch in OPTIMIZERS[name].options}
    run = Run(Dataset("two", [1.0, 2.0], [3.0, 5.0]), Settings(optimizer=name, **chosen))
    letters = {"theta": "", **{slot.letter: f"{slot.name}_" for slot in run.slots}}
    results = {letters.get(result, f"{result}_") for result in run.iteration(1).updates[0]}
    found = first_step(run)
    assert {f"{result}{parameter}" for result in results for parameter in run.parameters} <= found.keys()
    letters.pop("theta")
    for result in run.iteration(1).updates[0].keys() - letters.keys() - {"theta"}:
        assert found[f"{result}_weight"].phase is Phase.UPDATE, result


def test_what_is_compared_is_of_the_phase_in_which_it_is_shown():
    run = Run(Dataset("two", [1.0, 2.0], [3.0, 5.0]), Settings(momentum=0.9, centered=True))
    shown, compared = quantities(run), first_step(run)
    assert shown.keys() & compared.keys() >= {"prediction", "error", "loss", "gradient_weight", "bias", "full_rmse"}
    for name in shown.keys() & compared.keys():
        assert compared[name].phase is shown[name].phase, name


def test_a_figure_of_the_batch_that_is_added_is_compared(monkeypatch):
    monkeypatch.setitem(METRICS, "mae", Metric("mae", "", "", lambda error, m: total(absolute(error)) / m, ""))
    run = Run(Dataset("three", [1.0, 2.0, 4.0], [3.0, 5.0, -1.0]), Settings(batch_size=3))
    found = first_step(run)["mae"]
    assert found.outcome == "confirmed" and found.engine == pytest.approx(
        float(np.mean(np.abs(run.iteration(1).error)))
    )


@pytest.mark.parametrize(("off", "differs"), [(0.0, False), (4.4e-9, False), (4.6e-9, True), (0.25, True)])
def test_slots_start_as_those_of_keras_to_the_roundings_of_float32(off, differs):
    settings = Settings(optimizer="adagrad", initial_accumulator=0.1)
    run = Run(Dataset("two", [1.0, 2.0], [3.0, 5.0]), settings)
    assert ("start" in first_step(run, fresh=off)) == differs


@pytest.mark.parametrize("off", [1e-300, 0.25])
def test_slots_that_start_with_0_do_so_exactly(off):
    run = Run(Dataset("two", [1.0, 2.0], [3.0, 5.0]), Settings())
    assert "start" not in first_step(run) and "start" in first_step(run, fresh=off)


def test_a_slot_may_start_with_what_is_0_in_float32():
    settings = Settings(optimizer="adagrad", initial_accumulator=1e-300)
    assert "start" not in first_step(Run(Dataset("d", [1.0, 2.0], [1.0, 3.0]), settings))


def test_a_sum_whose_infinity_hangs_on_its_order_is_not_accused():
    settings = Settings(batch_size=2, epochs=1, weight=0.0)
    both = Run(Dataset("both", [1e200, -1e200], [-1e150, -1e150]), settings)
    alike = Run(Dataset("alike", [1e200, 1e200], [-1e150, -1e150]), settings)
    assert math.isnan(both.iteration(1).gradient[0]) and alike.iteration(1).gradient[0] == math.inf
    assert first_step(both, gradient=-math.inf)["gradient_weight"].outcome == "undecided"
    assert first_step(alike, gradient=-math.inf)["gradient_weight"].outcome == "differs"


@pytest.mark.parametrize("precision", PRECISIONS)
def test_an_overflow_after_a_sum_that_does_not_overflow_is_told_apart(precision):
    run = Run(Dataset("far", [1e100, -1e100], [-1e100, -2e100]), Settings(batch_size=2, epochs=1, weight=0.0))
    mine = run.iteration(1)
    assert math.isfinite(mine.gradient[0]) and mine.after.slots["accumulator"][0] == math.inf
    assert first_step(run, precision, accumulator=-math.inf)["accumulator_weight"].outcome == "differs"


@pytest.mark.parametrize(("name", "label"), [
    ("gradient_weight", "gradient ∂L/∂w"), ("accumulator_bias", "accumulator of b"),
    ("mean_gradient_weight_2", "mean gradient of w₂"), ("weight_12", "weight w₁₂"), ("bias", "bias b"),
    ("full_loss", "loss of all data"), ("full_loss_before", "loss of all data before"),
    ("iteration", "number of the iteration"),
    ("epoch", "epoch"), ("batch_number", "number of the batch"), ("samples", "sample numbers"), ("batch", "batch"),
    ("before", "state before"), ("start", "state that the run starts with"), ("diverged", "mark of divergence"),
    ("cumulative_count", "samples of the epoch so far"), ("cumulative_rmse", "RMSE of the epoch so far"),
    ("update", "update beside the state after"), ("error", "error"),
])  # fmt: skip
def test_a_quantity_is_read_with_the_letter_of_its_parameter(name, label):
    assert label_of(name) == label


def test_the_worst_is_the_first_that_differs_though_others_before_it_cannot_be_decided():
    kinds = ["confirmed", "undecided", "differs", "undecided", "differs"]
    for n, worst in ((5, 2), (2, 1)):
        quantities = [
            ComparedQuantity(f"gradient_{place}", 1.0, 1.0, 0.0, 1.0, 0.5 + place / 10, 0.0, kind)
            for place, kind in enumerate(kinds[:n])
        ]
        assert StepVerdict(1, "float32", tuple(quantities)).worst is quantities[worst]
    confirmed = [ComparedQuantity("loss", 1.0, 1.0, 0.0, 1.0, share, 0.0, "confirmed") for share in (0.1, 0.4, 0.2)]
    assert StepVerdict(1, "float32", tuple(confirmed)).worst is confirmed[1]


@pytest.mark.parametrize(("precision", "unit"), [("float32", 2.0**-23), ("float64", 2.0**-52)])
def test_ulps_are_units_in_the_last_place_of_the_precision_of_the_check(precision, unit):
    assert ulps_of(3 * unit, 1.5, precision) == 3
    assert ulps_of(3 * unit, 2.0, precision) == 1.5


def test_the_bounds_of_all_samples_are_those_of_the_parameters_after_the_step():
    run = Run(Dataset("two", [1.0, 2.0], [3.0, 5.0]), Settings(learning_rate=100.0))
    full = first_step(run)["full_loss"]
    states = run.iteration(1).before, run.iteration(1).after
    bounds = [full_bounds(full.keras, at.parameters, Reach.of(run.dataset), PRECISIONS["float64"]) for at in states]
    assert full.bound == bounds[1]["full_loss"] != bounds[0]["full_loss"]
