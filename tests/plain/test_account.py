"""What plain mode says of an iteration: the engine's numbers, and formulas that give what stands before them."""

import math
import re
from itertools import pairwise

import pytest

from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.session.styled_rows import plain
from lrstep.tui.layout import compose

RUNS = {
    "mlcc": {},
    "momentum": {"momentum": 0.9},
    "centered": {"centered": True, "epsilon": 0.01},
    "both": {"momentum": 0.5, "centered": True, "epsilon": 1.0, "batch_size": 5},
    "shuffled": {"shuffle": True, "seed": 3, "batch_size": 1, "learning_rate": 0.2},
    "whole": {"batch_size": 100, "weight": -250.0},
}
NUMBER = re.compile(r"-?(?:inf|nan|\d+(?:\.\d+)?(?:e[+-]?\d+)?)")


def unbroken(said):
    """The lines, those that were too long in one piece."""
    return re.sub(r"\n {4,}(?=\S)(?!\d+ )", " ", said).splitlines()


AFTER = "after the update, Keras's val_root_mean_squared_error and val_loss"


def figures(said):
    """Label → its numbers, of the lines "label: numbers"."""
    lines = [line for line in unbroken(said) if not line.startswith(" ") and ": " in line]
    return {line.partition(":")[0]: [float(n) for n in NUMBER.findall(line.partition(":")[2])] for line in lines}


def close(said, value):
    return said == pytest.approx(value, rel=5.1e-6, abs=1e-12)


@pytest.mark.parametrize("settings", RUNS.values(), ids=RUNS)
def test_the_numbers_are_the_engines(talk, settings):
    t = talk(**settings)
    run = Run(t.session.source.dataset, t.session.source.settings)
    for number in (1, 2, run.n_iterations):
        i = run.iteration(number)
        said = figures(t(f"g {number}"))
        count = i.cumulative_count
        assert close(said["This batch, weights before the update"], [i.rmse, i.loss])
        epoch = [key for key in said if key.startswith("Keras prints, epoch so far")]
        assert close(said[epoch[0]], [i.cumulative_rmse, i.cumulative_loss])
        assert f"({count} of 12 samples)" in epoch[0]
        for when, state in (
            ("before the update", i.before),
            (AFTER, i.after),
        ):
            squares = (state.weights[0] * run.dataset.x + state.bias - run.dataset.y) ** 2
            assert close(said[f"All data {when}"], [math.sqrt(squares.mean()), squares.mean()])
        for p, side in enumerate(("weight", "bias")):
            assert close(said[f"Gradient of the {side}"], [i.gradient[p]])
            assert close(said[f"Accumulator of the {side}"], [i.after.slots["accumulator"][p]])
            assert close(said[f"Step of the {side}"], [i.updates[p]["step"]])
            assert close(said[side.capitalize()], [i.after.parameters[p], i.before.parameters[p]])
            if run.settings.centered:
                assert close(said[f"Mean gradient of the {side}"], [i.after.slots["mean_gradient"][p]])


@pytest.mark.parametrize("settings", RUNS.values(), ids=RUNS)
def test_every_formula_gives_the_number_before_it(talk, settings):
    t = talk(**settings)
    checked = 0
    for number in range(1, t.session.run.n_iterations + 1):
        for label, formula in pairwise(unbroken(t(f"g {number}"))):
            if not re.match(r"  \S.* = ", formula):
                continue
            right = formula.rpartition(" = ")[2]
            expression = right.replace("·", "*").replace("²", "**2").replace("√", "sqrt")
            value = eval(expression, {"sqrt": math.sqrt})
            result = float(NUMBER.findall(label.partition(":")[2])[0])
            scale = max(abs(float(n)) for n in NUMBER.findall(right)) * 1e-6
            assert value == pytest.approx(result, rel=1e-5, abs=min(scale, 1e-4)), (label, formula)
            checked += 1
    assert checked >= 8 * t.session.run.n_iterations


@pytest.mark.parametrize("settings", RUNS.values(), ids=RUNS)
def test_the_numbers_are_those_on_the_screen(talk, settings):
    t = talk(**settings)
    for number in (1, 4):
        said = t(f"g {number}")
        screen = "\n".join(plain(compose(t.session.view, 200, 60, [], False).rows))
        shown = set(NUMBER.findall(screen))
        for label, numbers in re.findall(r"^((?:Gradient|Accumulator|Mean|Step|This|Keras|All).*?): (.*)$", said, re.M):
            if "Keras prints RMSE" in label:
                continue
            for text in NUMBER.findall(numbers):
                assert text in shown, (label, text)


def test_each_phase_says_its_own_numbers_and_all_of_them_are_said(talk):
    t = talk(momentum=0.9, centered=True)
    whole = figures(t("g 3"))
    parts = {}
    for phase in Phase:
        if phase:
            parts |= figures(t(f"g 3.{phase.name.lower()}"))
    assert whole.items() <= parts.items()


def test_the_table_holds_every_sample_of_the_batch(talk):
    t = talk("line16", batch_size=5)
    i = t.session.run.iteration(2)
    rows = [line.split() for line in t("g 2").splitlines() if re.match(r" +\d+ ", line)]
    assert [int(cells[0]) for cells in rows] == [sample + 1 for sample in i.samples]
    for place, cells in enumerate(rows):
        expected = (i.columns[0][place], i.y[place], i.prediction[place], i.error[place], i.error[place] ** 2)
        assert [float(cell) for cell in cells[1:]] == pytest.approx(expected, rel=2e-6)


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large.csv"
    path.write_text("x,y\n" + "".join(f"{n},{2 * n}.5\n" for n in range(2500)))
    return str(path)


def test_of_a_large_batch_the_first_rows_and_how_many_more(talk, large):
    t = talk(large, batch_size=2500)
    said = t("next")
    rows = [line for line in said.splitlines() if re.match(r" +\d+ ", line)]
    more = int(re.search(r"and (\d+) more samples", said)[1])
    assert len(rows) + more == 2500 and len(rows) < 20
    everything = [line for line in t("batch").splitlines() if re.match(r" +\d+ ", line)]
    assert [int(line.split()[0]) for line in everything] == list(range(1, 2501))


def test_what_diverges_is_said(talk):
    t = talk(learning_rate=1e300, epochs=4)
    said = t("end")
    assert f"Diverged at iteration {t.session.run.diverged_at}" in said


def test_of_scaled_data_the_units_of_the_data_are_said_too(talk):
    heard = talk("thousands", scale="minmax")
    assert "All numbers are of the data after minmax scaling of features and label." in " ".join(heard.opening.split())
    run = heard.session.run
    weight, bias = run.scaling.unscaled_parameters(run.state(1).parameters)
    assert f"In the data's units: weight {weight:.8g}, bias {bias:.8g}, RMSE" in heard("next")
