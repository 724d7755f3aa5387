"""Every number of an explanation can be recomputed from the shown ones."""

import math
import re
from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.formulas.explain import explain, quantities_of
from lrstep.formulas.quantities import quantities
from lrstep.formulas.update import parameter_letters

PHASES = [phase for phase in Phase if phase is not Phase.START]


OPTIONS = {
    "rho": [0.0, 0.5, 0.9],
    "momentum": [0.0, 0.7],
    "nesterov": [False, True],
    "beta_1": [0.0, 0.9],
    "beta_2": [0.5, 0.999],
    "initial_accumulator": [0.0, 0.1],
    "epsilon": [1e-7, 0.1],
    "centered": [False, True],
}


@st.composite
def runs(draw):
    """A run of any optimizer with one feature or three, and one of its iterations."""
    n, k = draw(st.integers(1, 9)), draw(st.sampled_from([1, 3]))
    numbers = st.floats(-100, 100).map(lambda v: round(v, 3))
    columns = [draw(st.lists(numbers, min_size=n, max_size=n)) for _ in range(k + 1)]
    data = Dataset("data", columns[0] if k == 1 else np.column_stack(columns[:-1]), columns[-1])
    optimizer = draw(st.sampled_from(sorted(OPTIMIZERS)))
    options = {name: draw(st.sampled_from(OPTIONS[name])) for name in OPTIMIZERS[optimizer].options}
    chosen = Settings(
        optimizer=optimizer,
        learning_rate=draw(st.sampled_from([0.001, 0.05, 1.0])),
        batch_size=draw(st.integers(1, n + 1)),
        weight=draw(st.floats(-3, 3)),
        shuffle=draw(st.booleans()),
        **options,
    )
    run = Run(data, chosen)
    return run, run.iteration(draw(st.integers(1, run.n_iterations)))


def close(one: float, other: float, scale: float = 0.0) -> bool:
    if not (math.isfinite(one) and math.isfinite(other)):
        return one == other or (math.isnan(one) and math.isnan(other))
    return abs(one - other) <= 1e-13 * max(abs(one), abs(other), scale)


@given(runs())
@settings(deadline=None, max_examples=60)
def test_each_shown_line_gives_its_result(evaluate, made):
    run, it = made
    for phase in PHASES:
        for quantity in quantities_of(phase, run):
            shown = explain(run, it, phase, quantity)
            for line in "\n".join(shown.lines()[1:]).splitlines():
                parts = line.split(" = ")
                for expression in parts[1:-1]:
                    if "Σ" not in expression:
                        assert close(evaluate(expression), evaluate(parts[-1])), line


@given(runs())
@settings(deadline=None, max_examples=60)
def test_each_table_gives_its_sum_and_the_formula_uses_it(evaluate, made):
    run, it = made
    for phase in PHASES:
        for quantity in quantities_of(phase, run):
            shown = explain(run, it, phase, quantity)
            if not shown.total:
                continue
            column = "error" if quantity == "gradient_bias" else shown.terms.headers[-1]
            place = shown.terms.headers.index(column)
            terms = [float(shown.terms.row(i)[place]) for i in range(shown.terms.count)]
            total = shown.total.split(" = ")[-1]
            assert close(math.fsum(terms), float(total), scale=sum(map(abs, terms)))
            assert any(total in step.numbers for step in shown.steps)
            assert shown.steps[-1].numbers.endswith(shown.result)


@given(runs())
@settings(deadline=None, max_examples=60)
def test_each_row_can_be_recomputed_from_the_row_and_the_line(made):
    run, it = made
    letters = parameter_letters(run.parameters)
    for phase in (Phase.PREDICTIONS, Phase.AFTER):
        explanation = explain(run, it, phase)
        text = "\n".join(explanation.lines())
        *weights, bias = (float(re.search(rf"^{name} = (\S+)$", text, re.M)[1]) for name in letters)
        for i in range(explanation.terms.count):
            _, *x, y, prediction, error, squared = map(float, explanation.terms.row(i))
            products = [w * value for w, value in zip(weights, x, strict=True)]
            assert prediction == reduce(add, products) + bias  # sum() compensates from Python 3.12 on
            assert error == prediction - y
            assert squared == error * error
    for p in range(len(run.parameters) - 1):
        weight = explain(run, it, Phase.GRADIENT, f"gradient_{run.parameters[p]}")
        for i in range(it.m):
            _, error, x, product = map(float, weight.terms.row(i))
            assert (error, x) == (it.error[i], it.columns[p][i])
            assert product == error * x
    so_far = explain(run, it, Phase.LOSS, "cumulative_loss")
    assert so_far.terms.count == it.batch
    for i in range(it.batch):
        number, _, m, loss, product = map(float, so_far.terms.row(i))
        assert product == m * loss
        assert loss == run.iteration(int(number)).loss
        assert so_far.terms.iteration(i) == number


@given(runs())
@settings(deadline=None, max_examples=40)
def test_results_are_those_of_the_iteration(made):
    run, it = made
    names = ("loss", "rmse", "cumulative_loss", "cumulative_rmse", "full_loss", "full_rmse")
    expected = {name: getattr(it, name) for name in names} | run.keyed(it.after)
    expected |= {f"gradient_{name}": g for name, g in zip(run.parameters, it.gradient, strict=True)}
    explained = set()
    for phase in PHASES:
        for quantity in quantities_of(phase, run):
            shown = explain(run, it, phase, quantity)
            assert shown.phase is phase
            if quantity in expected:
                assert shown.result == repr(float(expected[quantity]))
                explained.add(quantity)
    assert explained == set(expected)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("features", [1, 3])
def test_every_input_of_an_update_says_where_it_came_from(optimizer, features):
    """Each letter of the formulas is either computed above or named among the sources."""
    random = np.random.default_rng(2)
    x = random.normal(size=(12, features)) if features > 1 else random.normal(size=12)
    switched = {name: True for name in ("nesterov", "centered") if name in OPTIMIZERS[optimizer].options}
    momentum = {"momentum": 0.9} if "momentum" in OPTIMIZERS[optimizer].options else {}
    run = Run(Dataset("data", x, random.normal(size=12)), Settings(optimizer=optimizer, **switched, **momentum))
    it = run.iteration(5)
    for key in (*quantities_of(Phase.ACCUMULATOR, run), *quantities_of(Phase.UPDATE, run)):
        if key == "nothing_kept":
            continue
        shown = explain(run, it, quantities(run)[key].phase, key)
        said = set(re.findall(LETTER, " ".join(origin.label.split(":")[0] for origin in shown.sources)))
        for step in shown.steps:
            head, formula = re.split(" [=←] ", step.letters)[0], re.split(" (?:=|←) ", step.letters)[-1]
            assert set(re.findall(LETTER, formula)) - said <= set(), (step.letters, said)
            said |= {head, *re.findall(LETTER, step.letters.rpartition(" ←")[0])}


LETTER = r"lr|t(?!\w)|[ρμε]|β[₁₂]|[wb](?:[₁-₉])?(?!\w)|(?:[A-Za-z]_[wb][₁-₉]?)|root|rate|denominator|move|step"
"""Letters of settings, parameters, slots and results as formulas have them (ᵗ, raised, is the t of a power)."""


def test_the_phase_of_an_accumulator_that_there_is_not_says_so():
    run = Run(Dataset("data", [1.0, 2.0], [3.0, 4.0]), Settings(optimizer="sgd", momentum=0.5))
    shown = explain(run, run.iteration(1), Phase.ACCUMULATOR)
    assert "SGD has no accumulator" in shown.formula
    assert shown.steps == ()


def test_adam_is_explained_from_its_rate_to_the_parameter():
    run = Run(Dataset("data", np.array([[1.0, 2.0], [2.0, 5.0]]), [3.0, 4.0]), Settings(optimizer="adam"))
    shown = explain(run, run.iteration(3), Phase.UPDATE, "weight_2")
    assert shown.formula.splitlines() == [
        "rate = lr·√(1 − β₂ᵗ)/(1 − β₁ᵗ)",
        "denominator = √v_w₂ + ε",
        "step = rate·m_w₂/denominator",
        "w₂ ← w₂ − step",
    ]
    assert shown.steps[0].numbers.startswith("rate = 0.05·√(1 − 0.999^3)/(1 − 0.9^3) = ")
    assert [origin.label for origin in shown.sources] == [
        "m_w₂ and v_w₂: this iteration's accumulator",
        "w₂ before, from iteration 2",
        "t: the number of the iteration",
        "lr, β₁, β₂, ε: settings",
    ]


def test_inputs_from_before_lead_to_the_iteration_before():
    x = np.linspace(-1, 2, 7)
    run = Run(Dataset("data", x, 2 * x + 1), Settings(momentum=0.8, centered=True))
    for number in (1, 2, 5):
        for phase, quantity in [(Phase.ACCUMULATOR, "accumulator_bias"), (Phase.UPDATE, "weight")]:
            sources = explain(run, run.iteration(number), phase, quantity).sources
            (before,) = [one for one in sources if one.iteration == number - 1][:1]
            assert before.phase is (Phase.START if number == 1 else phase)
            said = [one for one in sources if "before" in one.label]
            assert said and {one.iteration for one in said} == {number - 1}
            assert all(one.label.endswith("the start" if number == 1 else f"iteration {number - 1}") for one in said)


def test_a_large_batch_costs_only_the_rows_that_are_looked_at():
    n = 200_000
    x = np.linspace(0, 1, n)
    run = Run(Dataset("large", x, 2 * x), Settings(batch_size=n, epochs=1))
    shown = explain(run, run.iteration(1), Phase.AFTER)
    assert shown.terms.count == n
    assert float(shown.terms.row(n - 1)[1]) == x[-1]


def test_a_quantity_of_another_phase_is_refused():
    run = Run(Dataset("data", [1.0, 2.0], [3.0, 4.0]), Settings())
    with pytest.raises(LrstepError, match="not computed in this phase"):
        explain(run, run.iteration(1), Phase.LOSS, "weight")


def test_the_sample_that_is_written_out_is_called_by_its_number():
    run = Run(Dataset("data", [5.0, 1.0, 2.0, 4.0], [1.0, 2.0, 3.0, 5.0]), Settings(batch_size=2, shuffle=True, seed=4))
    for number in (1, 2, 3):
        it = run.iteration(number)
        first = it.samples[0] + 1
        text = "\n".join(explain(run, it, Phase.PREDICTIONS, "predictions").lines())
        assert f"ŷ of sample {first} = " in text and f"error of sample {first} = " in text
