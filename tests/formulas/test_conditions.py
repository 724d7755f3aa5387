"""Conditions hold exactly where the numbers of ``lrstep trace`` say so, and what is wrong with one is named."""

import itertools
import math
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.export.rows import row
from lrstep.formulas.conditions import is_condition, parse_condition
from lrstep.formulas.quantities import quantities
from lrstep.formulas.series import Series, series_names


def a_run(n=7, features=1, epochs=4, **settings):
    random = np.random.default_rng(3)
    x = random.normal(size=(n, features)) if features > 1 else random.normal(size=n)
    return Run(Dataset("data", x, random.normal(size=n)), Settings(epochs=epochs, **settings))


def values_of(run, name):
    """A quantity at each iteration from 1 on, one iteration at a time."""
    made = []
    for number in range(1, run.n_iterations + 1):
        it = run.iteration(number)
        table = row(run, it)
        made.append(table[name] if name in table else quantities(run)[name].value(it))
    return made


RUNS = [
    *({"optimizer": name, "batch_size": 3} for name in OPTIMIZERS),
    *({"optimizer": name, "batch_size": 3, "learning_rate": 1e200} for name in OPTIMIZERS),
    {"features": 2, "batch_size": 3, "optimizer": "sgd", "learning_rate": 1e100, "momentum": 0.9, "scale": "standard"},
    {"centered": True, "momentum": 0.5, "batch_size": 7},
    {"n": 50, "batch_size": 20, "shuffle": True, "epochs": 2},
    {"features": 3, "batch_size": 2, "optimizer": "adam"},
    {"features": 2, "batch_size": 2, "scale": "standard"},
]


@pytest.mark.parametrize("settings", RUNS, ids=str)
def test_every_quantity_has_the_bits_of_trace_at_every_iteration(settings):
    run = a_run(**settings)
    series = Series(run, 0, run.n_iterations)
    powers = "beta_1" in run.settings.rule.options  # NumPy's powers may differ by rounding
    for name in series_names(run):
        expected = values_of(run, name)
        if powers and name.startswith("step"):
            assert series[name][1:] == pytest.approx(expected, rel=1e-14, nan_ok=True)
        else:
            np.testing.assert_array_equal(series[name][1:], expected, name)
    assert series["full_loss"][0] == run.iteration(1).full_loss_before
    assert series["weight_before" if len(run.parameters) == 2 else "weight_1_before"][1] == run.start.weights[0]
    assert all(math.isnan(series[name][0]) for name in ("loss", "cumulative_rmse", "step_bias", "gradient_bias"))


def test_a_part_of_a_run_says_the_same_as_the_whole():
    run = a_run(batch_size=2)
    for text in (
        "loss rises",
        "full_loss falls",
        "full_loss rises",
        "weight rises",
        "bias falls",
        "|step_weight|<0.03",
        "bias_before>0 and batch=2",
    ):
        condition = parse_condition(text, run)
        whole = condition.holds(run, 0, run.n_iterations).tolist()
        parts = [condition.holds(run, k, k)[0] for k in range(run.n_iterations + 1)]
        assert parts == whole, text
        assert any(whole), text
        assert not all(whole), text


def test_what_stays_the_same_neither_rises_nor_falls():
    run = a_run(batch_size=3)
    rises = parse_condition("epoch rises", run).holds(run, 1, run.n_iterations)
    assert [number for number, holds in enumerate(rises, 1) if holds] == [
        number for number in range(2, run.n_iterations + 1) if run.iteration(number).batch == 1
    ]
    assert not parse_condition("epoch falls", run).holds(run, 1, run.n_iterations).any()


COMPARED = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
ONE_RUN = a_run(batch_size=3)
KNOWN = {name: values_of(ONE_RUN, name) for name in series_names(ONE_RUN)}


@given(
    st.sampled_from(list(KNOWN)), st.sampled_from(list(COMPARED)), st.booleans(), st.integers(0, 11),
    st.sampled_from(["", " ", "  "]),
)  # fmt: skip
def test_a_comparison_holds_where_the_numbers_say_so(name, sign, size, place, blank):
    bound = abs(KNOWN[name][place]) if size else KNOWN[name][place]
    term = f"|{blank}{name}{blank}|" if size else name
    condition = parse_condition(f"{blank}{term}{blank}{sign}{blank}{bound!r}{blank}", ONE_RUN)
    expected = [COMPARED[sign](abs(value) if size else value, bound) for value in KNOWN[name]]
    assert condition.holds(ONE_RUN, 1, ONE_RUN.n_iterations).tolist() == expected
    assert parse_condition(condition.text, ONE_RUN) == condition


def test_trends_compare_with_the_iteration_before():
    losses = KNOWN["loss"]
    rises = [False, *(after > before for before, after in itertools.pairwise(losses))]
    assert parse_condition("loss RISES", ONE_RUN).holds(ONE_RUN, 1, len(losses)).tolist() == rises
    with_and = parse_condition("loss rises AND epoch=2", ONE_RUN).holds(ONE_RUN, 1, len(losses)).tolist()
    assert with_and == [up and epoch == 2 for up, epoch in zip(rises, KNOWN["epoch"], strict=True)]


def test_nan_holds_from_where_the_run_diverged():
    run = a_run(optimizer="sgd", learning_rate=1e30)
    run.advance(run.n_iterations)
    first = run.diverged_at
    assert 1 < first < run.n_iterations
    holds = parse_condition("nan", run).holds(run, 0, run.n_iterations)
    assert holds.tolist() == [number >= first for number in range(run.n_iterations + 1)]
    assert not parse_condition("nan", ONE_RUN).holds(ONE_RUN, 0, ONE_RUN.n_iterations).any()


SAME = [("20>rmse", "rmse<20"), ("rmse≤20", "rmse<=20"), ("w>−1", "weight>-1"), ("val_loss==1", "full_loss=1")]


def test_numbers_may_stand_on_both_sides_and_have_other_signs():
    run = ONE_RUN
    for pair in SAME:
        holds = [parse_condition(text, run).holds(run, 0, run.n_iterations).tolist() for text in pair]
        assert holds[0] == holds[1]
    assert parse_condition("rmse<full_rmse", run).names == ("rmse", "full_rmse")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("speed<3", "'speed'"),
        ("rmse<", "'rmse<'"),
        ("rmse 20", "'rmse 20'"),
        ("|rmse<20", "'|rmse<20'"),
        ("1<rmse<2", "'1<rmse<2'"),
        ("rmse<20 or loss>3", "'rmse<20 or loss>3'"),
        ("rmse<2;3", "';3'"),
        ("rmse<20 and", "missing"),
        ("", "missing"),
        ("gradient<3", "'gradient' is more than one"),
        ("prediction<3", "'prediction'"),
        ("rmse<1_000", "'rmse<1_000'"),
    ],
)
def test_what_is_not_understood_is_named(text, said):
    with pytest.raises(LrstepError) as caught:
        parse_condition(text, ONE_RUN)
    assert said in caught.value.message
    assert caught.value.hint


def test_an_unknown_name_is_told_what_there_is():
    with pytest.raises(LrstepError, match="no quantity is called 'weight_2'") as caught:
        parse_condition("weight_2>1", ONE_RUN)
    assert all(name in caught.value.hint for name in series_names(ONE_RUN))


def test_places_are_no_conditions():
    assert not any(map(is_condition, ("5", "e3", "e3b2", "5.gradient", "start", "end", "nanas")))
    assert all(map(is_condition, ("rmse<20", "loss rises", "nan", "NaN", "|x", "bias≥0")))


def test_the_count_of_steps_and_the_learning_rate_are_those_of_each_iteration():
    run = a_run(optimizer="adam", batch_size=3)
    run.counted = 5
    run.settings_at = lambda number: run.settings.changed(learning_rate=0.1 / number)
    expected = [run.iteration(number).updates[0]["step"] for number in range(1, 4)]
    assert Series(run, 1, 3)["step_weight"].tolist() == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("text", "first"), [("loss<inf", 1), ("loss>-inf", 1), ("loss<+inf", 1), ("loss>inf", None), ("full_loss<=inf", 0)]
)
def test_a_number_may_be_infinite(text, first):
    holds = parse_condition(text, a_run()).holds(a_run(), 0, 3).tolist()
    assert holds == [first is not None and place >= first for place in range(4)]
