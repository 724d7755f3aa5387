"""Charts of several runs: each line where it belongs, the same axes for all of them, whatever diverges beside it."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.lockstep import PACES, Lane, along, in_lockstep
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.core.state import State
from lrstep.session.styled_rows import plain, row_width
from lrstep.tui.charts import history
from lrstep.tui.charts.ghosts import ghost_curve, ghosts
from lrstep.tui.charts.scene import Scene

_spec = importlib.util.spec_from_file_location("charts", Path(__file__).with_name("test_charts.py"))
_charts = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_charts)
CHARTS, DRAWS, Picture, toy = _charts.CHARTS, _charts.DRAWS, _charts.Picture, _charts.toy

BATCHES = {"batch 4": {}, "batch 1": {"batch_size": 1}, "batch 12": {"batch_size": 12}}


def side(number=5, **runs):
    lanes = (Lane(run if isinstance(run, Run) else toy(**run), label) for label, run in runs.items())
    return in_lockstep(tuple(lanes)).moved(number, Phase.AFTER if number else Phase.START)


def drawn(name, runs, size=(78, 30), **options):
    number, phase = runs.place(runs.shown)
    return CHARTS[name](runs.run, number, *size, phase=phase, runs=runs, **options)


@pytest.mark.parametrize(("name", "options"), DRAWS)
@pytest.mark.parametrize("ascii", [False, True])
def test_every_run_is_told_by_its_number_without_colour(name, options, ascii):
    runs = side(**BATCHES, **{"SGD lr 0.001": {"optimizer": "sgd", "learning_rate": 0.001}})
    text = plain(drawn(name, runs, ascii=ascii, **options))
    assert all(row_width(cells) == 78 for cells in drawn(name, runs, ascii=ascii, **options))
    for mark, label in ((2, "batch 1"), (3, "batch 12"), (4, "SGD lr 0.001")):
        assert f"{mark} {label}" in "\n".join(text)
        assert any(str(mark) in line[line.find("│|"[ascii]) + 1 :] for line in text[5:-3])
    assert not ascii or all(line.isascii() for line in text)


@pytest.mark.parametrize(("name", "options"), DRAWS)
def test_going_there_and_back_shows_the_same(name, options):
    runs = side(**BATCHES)
    there = [drawn(name, runs.moved(number, Phase.AFTER), **options) for number in range(1, 13)]
    back = [drawn(name, runs.moved(number, Phase.AFTER), **options) for number in range(12, 0, -1)]
    assert there == back[::-1]


@pytest.mark.parametrize("size", [(78, 16), (48, 20), (100, 40)])
@pytest.mark.parametrize("name", ["rmse", "weights"])
def test_no_run_is_hidden_by_the_marks_of_the_shown_one(name, size):
    runs = side(5, **BATCHES)
    for number in range(1, 13):
        text = plain(drawn(name, runs.moved(number, Phase.AFTER), size))
        for mark, label in ((2, "batch 1"), (3, "batch 12")):
            rows = [line.replace("┤", "│").partition("│")[2] for line in text if f"{mark} {label}" not in line]
            assert any(str(mark) in row for row in rows)


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("number", [5, 9])
def test_the_rmse_of_the_others_ends_where_they_stand(pace, number):
    runs = side(number, **BATCHES).paced(pace)
    picture = Picture(drawn("rmse", runs, (100, 40)))
    for place in (1, 2):
        run, at = runs.lanes[place].run, runs.place(place)[0]
        known = run.series("full_loss", np.arange(at + 1)) ** 0.5
        points = list(zip(along(runs.run, run, np.arange(at + 1), pace).tolist(), known.tolist(), strict=True))
        found = picture.marks(str(place + 1), f"run{place + 1}")
        assert found and picture.near(found, points)
        if pace != "iteration":  # there a mark of the shown run may stand in the same cell
            assert picture.near(points[-1:], found)


@pytest.mark.parametrize("phase", [Phase.GRADIENT, Phase.UPDATE, Phase.AFTER])
def test_the_weights_of_the_others_are_on_the_same_axes(phase):
    runs = side(6, **BATCHES).moved(6, phase)
    picture = Picture(drawn("weights", runs, (100, 40)), 0, 20)
    for place in (1, 2):
        run, (number, its) = runs.lanes[place].run, runs.place(place)
        at = number - (its < Phase.UPDATE)
        x = along(runs.run, run, np.arange(at + 1), "samples")
        points = list(zip(x.tolist(), run.series("weight", np.arange(at + 1)).tolist(), strict=True))
        found = picture.marks(str(place + 1), f"run{place + 1}")
        assert found and picture.near(found, points) and picture.near(points[-1:], found)


@pytest.mark.parametrize("phase", [Phase.GRADIENT, Phase.UPDATE, Phase.AFTER])
def test_the_lines_of_the_others_are_drawn_over_the_data(phase):
    runs = side(6, **BATCHES).moved(6, phase)
    picture = Picture(drawn("fit", runs, (100, 40)))
    for place in (1, 2):
        number, at = runs.place(place)
        weight, bias = runs.lanes[place].run.state(number - (at < Phase.UPDATE)).parameters
        found = picture.marks(str(place + 1), f"run{place + 1}")
        assert found and all(abs(weight * x + bias - y) < picture.cell[1] + weight * picture.cell[0] for x, y in found)


@pytest.mark.parametrize("phase", [Phase.GRADIENT, Phase.UPDATE, Phase.AFTER])
def test_the_others_predict_with_the_weights_that_they_have_by_then(phase, monkeypatch):
    x = np.column_stack([np.arange(12.0), np.arange(12.0) % 5])
    made = [Run(Dataset("two", x, np.arange(12.0) * 2 + 1), Settings(batch_size=size)) for size in (4, 1)]
    runs = side(0, one=made[0], other=made[1]).moved(6, phase)
    used, predictions = [], State.predictions
    monkeypatch.setattr(State, "predictions", lambda state, columns: used.append(state) or predictions(state, columns))
    assert runs.advance() and drawn("fit", runs)
    mine, its = (lane.run.state(runs.place(place)[0] - (phase < Phase.UPDATE)) for place, lane in enumerate(runs.lanes))
    assert used == [mine, its, *([made[0].state(5)] if phase >= Phase.UPDATE else []), mine]


def test_a_line_beside_has_as_many_points_as_its_part_of_the_width_can_show():
    runs = side(0, few={"batch_size": 12, "epochs": 400}, many={"batch_size": 1, "epochs": 400}).moved(400, Phase.AFTER)
    assert runs.advance() and runs.pace == "samples"
    (ghost,) = ghosts(runs).others
    scene = Scene(runs.run, 400, 50, 20, runs=runs)
    places, values = ghost_curve(scene, ghost, "full_loss", Phase.AFTER, 400)
    assert len(places) == len(values) == 100 and places[-1] == pytest.approx(400, abs=9)


def test_the_rmse_of_another_scale_is_in_the_units_of_the_run_that_is_shown():
    runs = side(2, plain={}, scaled={"scale": "standard"})
    width = runs.lanes[1].run.scaling.unscaled_error(1.0)
    units = [[ghost.unit for ghost in ghosts(runs.showing(place)).others] for place in (0, 1)]
    assert units == [[pytest.approx(width)], [pytest.approx(1 / width)]]


@pytest.mark.parametrize("zoom", ["follow", "whole"])
def test_the_paths_of_the_others_end_where_they_are(zoom):
    runs = side(6, **BATCHES)
    picture = Picture(drawn("surface", runs, (100, 40), zoom=zoom))
    for place in (1, 2):
        end = runs.lanes[place].run.state(runs.place(place)[0]).parameters
        found = picture.marks(str(place + 1), f"run{place + 1}")
        assert found and picture.near([end], found)


@pytest.mark.parametrize("name", ["rmse", "weights", "surface"])
@pytest.mark.parametrize("shown", [0, 1])
def test_a_run_that_diverges_squashes_no_other_and_is_said(name, shown):
    calm = {"batch 4": {}, "batch 12": {"batch_size": 12}}
    wild = {"lr 9": {"optimizer": "sgd", "learning_rate": 9.0, "epochs": 60}}
    options = {"zoom": "whole"} if name == "surface" else {}
    rows = drawn(name, side(9, **calm, **wild).showing(shown), (100, 40), **options)
    alone = drawn(name, side(9, **calm).showing(shown), (100, 40), **options)
    ends = [
        (one.y_at(one.corner), one.y_at(one.top)) for one in (Picture(made, *_first(name)) for made in (rows, alone))
    ]
    assert ends[0] == pytest.approx(ends[1], abs=Picture(alone, *_first(name)).cell[1])
    assert "3 lr 9: beyond the axis" in "\n".join(plain(rows))
    far = side(160, **{"batch 4": {"epochs": 60}}, **wild)
    assert far.advance() and far.lanes[1].run.diverged_at
    assert f"2 lr 9: diverged at {far.lanes[1].run.diverged_at}" in "\n".join(plain(drawn(name, far, **options)))


def _first(name):
    """The rows of the first picture of a chart."""
    return (0, 20) if name == "weights" else (0, None)


def test_when_the_shown_run_diverges_the_axes_are_those_of_the_others():
    runs = side(9, **{"batch 4": {}, "lr 9": {"optimizer": "sgd", "learning_rate": 9.0}})
    one, other = (Picture(drawn("rmse", runs.showing(place))) for place in (0, 1))
    assert one.y_at(one.corner) == pytest.approx(other.y_at(other.corner), abs=1)
    assert abs(one.y[0]) < 5 and abs(other.y[0]) < 5


@pytest.mark.parametrize("zoom", ["follow", "whole"])
def test_where_the_shown_run_has_left_the_surface_the_others_are_seen_whole(zoom):
    runs = side(9, **{"batch 4": {}, "lr 9": {"optimizer": "sgd", "learning_rate": 9.0}}).showing(1)
    picture, calm = Picture(drawn("surface", runs, (100, 40), zoom=zoom)), runs.lanes[0].run
    here = calm.state(runs.place(0)[0]).parameters
    assert picture.near([here], picture.marks("1", "run1")) and max(map(abs, (*picture.x, *picture.y))) < 50


@pytest.mark.parametrize("name", ["fit", "weights", "surface"])
def test_a_run_with_other_parameters_is_said_to_have_no_place_on_the_axes(name):
    x = np.arange(12.0)
    two = Run(Dataset("two", np.array([x, x**2]).T, x, ("a", "b")), Settings())
    text = "\n".join(plain(drawn(name, side(5, one={}, two=two, scaled={"scale": "standard"}))))
    assert "2 two: other parameters" in text and "3 scaled: other parameters" in text
    assert "1 one: other parameters" in "\n".join(plain(drawn(name, side(5, one={}, two=two).showing(1))))
    assert "other parameters" not in "\n".join(plain(drawn("rmse", side(5, one={}, two=two))))


def test_the_rmse_of_a_run_that_is_scaled_otherwise_is_in_the_units_of_the_shown_one():
    runs = side(9, plain={}, scaled={"scale": "standard"})
    picture = Picture(drawn("rmse", runs, (100, 40)))
    run = runs.lanes[1].run
    losses = run.series("full_loss", np.arange(10)) ** 0.5 * run.scaling.widths[-1]
    assert picture.near(picture.marks("2", "run2"), list(enumerate(losses.tolist())))


def test_several_features_show_what_the_others_predict():
    x = np.arange(12.0)
    data = Dataset("two", np.array([x, 3 - x**2]).T, 2 * x + 1, ("a", "b"))
    runs = side(5, one=Run(data, Settings(weight=0.1)), other=Run(data, Settings(weight=0.5, batch_size=6)))
    picture = Picture(drawn("fit", runs, (100, 40)))
    columns, labels = runs.run.batch(*runs.run.batches.position(5))
    *weights, bias = runs.lanes[1].run.state(runs.place(1)[0]).parameters
    predicted = sum(weight * column for weight, column in zip(weights, columns, strict=True)) + bias
    found = picture.marks("2", "run2")
    assert found and picture.near(found, list(zip(labels.tolist(), predicted.tolist(), strict=True)))


@pytest.mark.parametrize("column", ["loss", "cumulative_loss", "full_loss", "weight"])
def test_a_long_history_is_thinned_to_its_extremes_and_the_same_on_the_way_back(column, monkeypatch):
    run = toy(epochs=500, learning_rate=0.02, seed=1)
    run.advance(run.n_iterations)
    first = 1 if column in ("loss", "cumulative_loss") else 0
    whole = {last: history.curve(run, column, first, last, 40) for last in (900, 1200, 1499)}
    monkeypatch.setattr(history, "DIRECT", 500)
    run = toy(epochs=500, learning_rate=0.02, seed=1)
    run.advance(run.n_iterations)
    there = {last: history.curve(run, column, first, last, 40) for last in (900, 1200, 1499)}
    for last in (1499, 1200, 900):
        x, y = history.curve(run, column, first, last, 40)
        assert x.tolist() == there[last][0].tolist() and y.tolist() == there[last][1].tolist()
        assert (np.diff(x) >= 0).all() and x[0] >= 0 and x[-1] <= last + history.BLOCK / 2
        assert (y.min(), y.max()) == (whole[last][1].min(), whole[last][1].max())
        values = run.series(column, np.arange(first, last + 1))
        assert history.least_and_most(run, column, last) == (values.min(), values.max())
        for place, value in zip(x.tolist(), y.tolist(), strict=True):
            near = slice(max(0, int(place) - last // 40 - history.BLOCK), int(place) + last // 40 + history.BLOCK)
            assert value in values[near]
        some = history.sampled(run, column, last)
        every = 2 if last < 1000 else 4
        assert some[1:].tolist() == run.series(column, np.arange(every, last + 1, every)).tolist() and len(some) <= 500


def test_nothing_leaves_the_axes_where_all_are_calm_or_none_is_finite():
    assert not ghosts(side(9, **BATCHES)).leaves and not any(one.leaves for one in ghosts(side(9, **BATCHES)).others)
    assert ghosts(None).others == []
    wild = {"optimizer": "sgd", "learning_rate": 1e200}
    runs = side(6, a=wild, b=wild | {"learning_rate": 1e210})
    drawn("rmse", runs), drawn("weights", runs), drawn("surface", runs)
