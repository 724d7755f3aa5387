"""The table of all models: every number is the run's, whatever the size, and only what is seen is computed."""

import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.session.figures import DIGITS, LEAST_DIGITS, column
from lrstep.session.panels.models import LEGEND, models, models_shown
from lrstep.session.styled_rows import plain, row_width
from lrstep.session.view import View
from lrstep.sources.open_source import open_source


def a_run(n=12, features=1, **settings):
    random = np.random.default_rng(5)
    x = random.normal(size=(n, features)) if features > 1 else random.normal(size=n)
    return Run(Dataset("data", x, 30 * random.normal(size=n)), Settings(**settings))


def mlcc():
    return open_source("mlcc").run()


def view_of(run, number=0, **how):
    run.advance(number)
    return View(run, number, Phase.AFTER if number else Phase.START, **how)


def half_unit(text):
    mantissa, _, exponent = text.partition("e")
    return 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def figures_of(run, number, cells, parameters):
    """The values that the cells of a row have to be, for those parameters that are shown."""
    state = run.state(number)
    values = list(state.parameters[:parameters])
    full = math.sqrt(run.reference.full_loss(*state.parameters))
    if number:
        it = run.iteration(number)
        values += [it.loss] if len(cells) == parameters + 3 else []
        values.append(it.cumulative_rmse)
    return [*values, full]


@pytest.mark.parametrize("width", [44, 46, 58, 70, 78, 98, 118])
@pytest.mark.parametrize(
    ("features", "settings"),
    [(1, {"batch_size": 4, "epochs": 4}), (1, {"batch_size": 5, "epochs": 50}), (8, {"epochs": 3})],
)
def test_every_number_is_the_runs_to_its_last_digit(width, features, settings):
    run = a_run(features=features, **settings)
    view, height = view_of(run, 7), 18
    head, *lines = models(view, width, height, legend=False)
    assert all(row_width(line) <= width for line in (head, *lines))
    shown = models_shown(view, height, legend=False)
    assert len(lines) == len(shown) == min(height - 1, run.n_iterations + 1)
    parameters = len(re.findall(r"\b[wb][₀-₉]*(?= )", plain([head])[0]))
    assert 1 <= parameters <= features + 1
    assert parameters == features + 1 or width < 58 or features > 1
    assert ("…" in plain([head])[0]) == (parameters <= features)
    apart = plain([head])[0].strip().startswith("iter")
    for number, line in zip(shown, plain(lines), strict=True):
        mark, count, *cells = (line[0], *line[1:].split())
        assert (mark == "▸") == (number == 7)
        assert int(count) == number
        place, cells = (cells[:2], cells[2:]) if apart else (cells[:1], cells[1:])
        epoch, batch = run.batches.position(number) if number else ("-", "-")
        assert place == ([f"{epoch}", f"{batch}"] if apart else [f"e{epoch}b{batch}" if number else "-"])
        ends = number > 0 and number % run.batches.per_epoch == 0
        assert ("*" in line) == ends
        if "epoch" in cells:
            assert ends and cells[-3:] == ["epoch", str(number // run.batches.per_epoch), "ends"]
            cells = cells[:-3]
        texts = [cell.removesuffix("*") for cell in cells]
        for text, value in zip(texts, figures_of(run, number, texts, parameters), strict=True):
            assert abs(float(text) - value) <= half_unit(text) * (1 + 1e-6), (number, text, value)


def test_all_models_of_the_default_run_stand_on_a_screen_of_80_columns_and_24_lines():
    lines = plain(models(view_of(mlcc()), 78, 16))
    assert [line.split()[0] for line in lines[1:14]] == ["▸", *map(str, range(1, 13))]
    assert "21.095344*" in lines[4] and "19.377351" in lines[4]
    assert all(not line.strip() or "." not in line[40:] or re.search(r"\d\.\d{6}", line) for line in lines[1:14])


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 60))
def test_the_chosen_row_is_always_among_those_shown(last, chosen, room):
    seen = SimpleNamespace(chosen_model=min(chosen, last), run=SimpleNamespace(n_iterations=last))
    shown = models_shown(seen, room + 1, legend=False)
    assert seen.chosen_model in shown
    assert shown.start >= 0 and shown.stop <= last + 1
    assert len(shown) == min(room, last + 1)


def test_a_million_iterations_cost_what_is_seen():
    run = a_run(batch_size=4, epochs=400_000)
    lines = models(view_of(run, 5), 78, 30)
    assert run.computed < 1000
    assert all(re.search(r"\d\.\d", line) for line in plain(lines)[1:28])
    view = view_of(run, 5, focus="chart", chart="models", model=900_000)
    text = plain(models(view, 78, 30))
    assert run.computed < 1000  # nobody waits for what lies far ahead
    assert any(line.split()[:3] == ["900000", "300000", "3"] for line in text)


def test_what_practice_asks_for_is_not_shown():
    lines = plain(models(view_of(mlcc(), 4, hidden=frozenset({"loss"})), 78, 16))
    assert "19.377351" in lines[4]
    assert all("." not in line for line in lines[5:14])


def test_the_cursors_row_is_filled_as_its_phases_compute_it():
    run = mlcc()
    run.advance(3)
    texts = {}
    for phase in list(Phase)[1:]:
        line = plain(models(View(run, 3, phase), 78, 16))[4]
        texts[phase] = [word for word in ("0.54187236", "835.93868", "21.095344", "19.377351") if word in line]
    loss, update, after = ["835.93868", "21.095344"], ["0.54187236", "835.93868", "21.095344"], 4
    assert [texts[phase] for phase in (Phase.BATCH, Phase.LOSS, Phase.GRADIENT, Phase.UPDATE)] == [
        [],
        loss,
        loss,
        update,
    ]
    assert len(texts[Phase.AFTER]) == after


def test_the_keys_stand_below_while_the_table_has_the_focus():
    without, with_focus = (
        plain(models(view_of(mlcc(), 4, focus=focus, chart="models"), 78, 16)) for focus in ("", "chart")
    )
    assert "Enter goes there" in with_focus[14] and "Enter" not in without[14]
    assert "Keras keeps this RMSE" in without[14]
    assert len(models(view_of(mlcc(), 4), 78, LEGEND - 1)) == LEGEND - 1


def test_a_diverged_run_has_its_words():
    run = a_run(optimizer="sgd", learning_rate=1e60, epochs=3)
    lines = plain(models(view_of(run, run.n_iterations), 70, 16))
    assert "nan" in lines[10] and "inf" in "".join(lines)


FINITE = st.floats(-1e12, 1e12) | st.floats(-1e-6, 1e-6)


@profile(deadline=None)
@given(st.lists(FINITE | st.just(math.inf) | st.just(math.nan), max_size=6), st.integers(LEAST_DIGITS, DIGITS))
def test_numbers_of_a_column_say_what_they_are(values, digits):
    for text, value in zip(column(values, digits), values, strict=True):
        if not math.isfinite(value):
            assert text == str(value)
            continue
        assert abs(float(text) - value) <= half_unit(text) * (1 + 1e-9)
        shown = text.partition("e")[0].replace(".", "").lstrip("-0")
        assert not value or len(shown) >= LEAST_DIGITS - 2
