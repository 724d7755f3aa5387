"""Panels: a number stands on them from the phase on that computes it, at every size."""

import re

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.core.start import glorot_limit
from lrstep.formulas.explain import explain
from lrstep.session.panels import compact, computed, small
from lrstep.session.panels.bars import header, position
from lrstep.session.panels.batch_table import columns, table
from lrstep.session.panels.names import phase_of
from lrstep.session.panels.parameters import parameter_steps
from lrstep.session.styled_rows import plain
from lrstep.session.view import View
from lrstep.sources.open_source import open_sample

RUN = Run(open_sample("mlcc").dataset, Settings(optimizer="rmsprop-pytorch", momentum=0.5, weight=0.1))
WAYS = {
    "small": lambda view: small.lines(view, 60, 13, columns(RUN, 60)),
    "compact": lambda view: [
        *compact.gradient(view, 33, parameter_steps(view), dense=False),
        *compact.accumulator(view, 44, parameter_steps(view), dense=False),
        *compact.weights(view, 78, parameter_steps(view)),
    ],
    "whole": lambda view: [
        *computed.gradient(view, 90, parameter_steps(view)),
        *computed.accumulator(view, 90, parameter_steps(view)),
        *computed.weights(view, 90, parameter_steps(view)),
    ],
}


def is_shown(value, text):
    """Whether a number stands in a text, with six digits or more."""
    return any(abs(float(word) - value) <= 6e-6 * abs(value) for word in re.findall(r"-?\d+\.\d+(?:e[-+]\d+)?", text))


@pytest.mark.parametrize("way", WAYS)
def test_a_number_is_shown_from_its_phase_on(way):
    it = RUN.iteration(5)
    for phase in list(Phase)[1:]:
        text = "\n".join(plain(WAYS[way](View(RUN, 5, phase))))
        assert is_shown(it.gradient[0], text) == (phase >= Phase.GRADIENT)
        assert is_shown(it.after.slots["accumulator"][0], text) == (phase >= Phase.ACCUMULATOR)
        assert is_shown(it.before.slots["accumulator"][0], text) or phase >= Phase.ACCUMULATOR
        assert is_shown(it.after.parameters[0], text) == (phase >= Phase.UPDATE)
        assert is_shown(it.before.parameters[0], text) or phase >= Phase.UPDATE
        if way != "small":
            assert is_shown(it.after.slots["momentum"][0], text) == (phase >= Phase.UPDATE)
            assert is_shown(it.before.slots["momentum"][0], text) or phase >= Phase.UPDATE
        else:
            assert is_shown(it.cumulative_rmse, text) == is_shown(it.loss, text) == (phase >= Phase.LOSS)
            assert is_shown(it.full_rmse, text) == (phase >= Phase.AFTER)


def test_columns_of_the_batch_fill_phase_by_phase():
    it, cols = RUN.iteration(5), columns(RUN, 100)
    since = {
        "prediction": Phase.PREDICTIONS,
        "error": Phase.PREDICTIONS,
        "square": Phase.LOSS,
        "product": Phase.GRADIENT,
    }
    values = {
        "prediction": it.prediction,
        "error": it.error,
        "square": it.error**2,
        "product": it.error * it.columns[0],
    }
    assert set(cols.names) == set(since)
    for phase in list(Phase)[1:]:
        _, right = table(View(RUN, 5, phase), cols, 5)
        for place, name in enumerate(cols.names):
            shown = [float(line[place].text) if line[place].text.strip() else None for line in right[1:]]
            assert shown == (
                [pytest.approx(value, rel=1e-6) for value in values[name]] if phase >= since[name] else [None] * 4
            )


def test_parameters_and_rmse_in_the_units_of_the_data_are_those_of_the_phase():
    run = Run(RUN.dataset, Settings(scale="standard", weight=0.1))
    it, scaling = run.iteration(4), run.scaling
    for phase in list(Phase)[1:]:
        text = plain(computed.goals(View(run, 4, phase), 120))[1]
        state = it.after if phase >= Phase.UPDATE else it.before
        expected = [*scaling.unscaled_parameters(state.parameters)]
        expected += [scaling.unscaled_error(it.full_rmse)] if phase >= Phase.AFTER else []
        assert [float(word) for word in re.findall(r"-?[0-9]+[.][0-9]+", text)] == pytest.approx(expected, rel=1e-6)


def test_settings_and_count_of_steps_are_those_of_the_iteration():
    run = Run(RUN.dataset, Settings(optimizer="adam", weight=0.1))
    run.counted = 5  # as in a recording of a training that went on
    run.settings_at = lambda number: run.settings.changed(learning_rate=number / 1000)
    view = View(run, 3, Phase.AFTER)
    numbers = parameter_steps(view)[0].numbers
    assert (numbers["t before"], numbers["lr before"]) == (8, 0.003)
    assert "lr 0.003" in plain([header(view, 120)])[0]
    text = "\n".join(plain(computed.weights(view, 120, parameter_steps(view))))
    assert is_shown(0.003 * (1 - 0.999**8) ** 0.5 / (1 - 0.9**8), text)
    told = "\n".join(step.numbers for step in explain(run, run.iteration(3), Phase.UPDATE, "weight").steps)
    assert "rate = 0.003·√(1 − 0.999^8)/(1 − 0.9^8)" in told


def test_the_iteration_at_which_a_run_diverged_is_named_ever_after():
    run = Run(RUN.dataset, Settings(optimizer="sgd", learning_rate=1e60, epochs=9))
    for number in range(1, 12):
        text = plain([position(View(run, number, Phase.AFTER), 120)])[0]
        told = run.diverged_at is not None and number >= run.diverged_at
        assert (f"diverged at iteration {run.diverged_at}" in text) == told == ("diverged" in text)
    assert 1 < run.diverged_at < 9


@pytest.mark.parametrize(("features", "limit"), [(1, "3"), (3, "1.5"), (5, "1")])
def test_where_a_weight_was_drawn_from_is_said(features, limit):
    data = Dataset("data", np.eye(features + 2)[:, :features], np.arange(features + 2.0))
    run = Run(data, Settings(weight=None, seed=4))
    view = View(run, 0, Phase.START)
    said = plain(computed.start(view, 90, 15, parameter_steps(view)))[0]
    assert f"Glorot uniform U(-√{limit}, √{limit}), seed 4" in said
    assert glorot_limit(features) ** 2 == pytest.approx(float(limit))


def test_practice_hides_the_rmse_in_the_units_of_the_data_too():
    run = Run(RUN.dataset, Settings(weight=0.5, scale="standard"))
    for hidden in (frozenset(), frozenset({"full_rmse", "full_loss"})):
        text = plain(computed.goals(View(run, 1, Phase.AFTER, hidden=hidden), 150))[-1]
        assert "in the data's units: w " in text and ("RMSE" in text) == (not hidden)


@pytest.mark.parametrize("features", [1, 2])
def test_practice_hides_the_new_parameters_in_the_units_of_the_data_too(features):
    table = np.column_stack([np.arange(6.0), np.arange(6.0) ** 2])[:, :features]
    run = Run(Dataset("d", table, np.arange(6.0) * 3), Settings(weight=0.5, scale="standard"))
    for hidden, state in ((frozenset(), "after"), (frozenset(run.parameters[:1]), "before"), ({"bias"}, "before")):
        values = run.scaling.unscaled_parameters(getattr(run.iteration(1), state).parameters)
        text = plain(computed.goals(View(run, 1, Phase.AFTER, hidden=frozenset(hidden)), 150))[-1]
        assert all(f" {value:.8g}" in text for value in values), (text, values)


@pytest.mark.parametrize("scroll", [0, 3, 7])
def test_before_they_were_scaled_the_numbers_are_those_of_the_samples_that_are_shown(scroll):
    run = Run(open_sample("mlcc").dataset, Settings(scale="standard", batch_size=12, shuffle=True, seed=4, weight=0.1))
    view = View(run, 1, Phase.AFTER, scroll=scroll)
    cols = columns(run, 90)
    assert cols.raw
    left, _ = table(view, cols, 6)
    it = run.iteration(1)
    for line, sample in zip(plain(left)[1:], it.samples[scroll:], strict=False):
        number, *given = (float(word) for word in line.split()[:3])
        assert number == sample + 1 and given == [run.raw.columns[0][sample], run.raw.y[sample]]


def test_a_panel_that_was_chosen_means_the_phase_under_the_cursor_or_its_own():
    own = {"batch": 1, "predictions": 2, "rmse": 3, "gradient": 4, "accumulator": 5, "weights": 6}
    for phase in Phase:
        for panel, its in own.items():
            also = Phase.AFTER if panel == "rmse" and phase is Phase.AFTER else Phase(its)
            assert phase_of(panel, phase) is also
        assert phase_of("chart", phase) is phase


@pytest.mark.parametrize("optimizer", ["rmsprop-tf1", "rmsprop-tf2", "rmsprop-pytorch"])
@pytest.mark.parametrize("source", ["mlcc", "flats", "thousands-scaled"])
def test_the_header_of_80_columns_names_the_framework(source, optimizer):
    opened = open_sample(source)
    settings = opened.settings.changed(optimizer=optimizer, momentum=0.9, centered=True)
    (said,) = plain([header(View(Run(opened.dataset, settings), 0, Phase.START), 80)])
    assert settings.rule.title.partition(" of ")[2] in said and "μ 0.9 ε" in said and len(said) == 80
