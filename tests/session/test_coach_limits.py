"""How much the coach looks at and tries at most: at each limit, and just beyond it."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.plotting.beside import leaving
from lrstep.session.coach import cures, outlook
from lrstep.session.coach.about_the_data import about
from lrstep.session.coach.coach import Coach
from lrstep.session.coach.cures import Cure
from lrstep.session.coach.learning_rates import STEPS, _steepest, _travel, learning_rates
from lrstep.session.coach.outlook import Goal, Outlook
from lrstep.session.coach.sentences import _lowest, _offers, _since_start, _too_high
from lrstep.sources.open_source import open_source


def of_length(per_epoch, iterations, **settings):
    return SimpleNamespace(
        batches=SimpleNamespace(per_epoch=per_epoch), n_iterations=iterations, settings=Settings(**settings)
    )


@pytest.mark.parametrize(
    ("per_epoch", "iterations", "lengths"),
    [
        (1, 7, [50, 200, 1000, 5000, 20_000, 100_000]),
        (1, 8, [8, 50, 200, 1000, 5000, 20_000, 100_000]),
        (1, 13, [13, 100, 500, 2000, 10_000, 50_000]),
        (3, 60, [60, 300, 1500, 6000, 30_000]),
        (4, 10, [8, 80, 400, 2000, 8000, 40_000]),
        (1, 100_000, [100_000]),
        (1, 100_001, [100_000]),
        (30_000, 150_000, [90_000]),
        (200_000, 200_000, [200_000]),
    ],
)
def test_the_run_and_then_about_four_times_as_many_iterations_each_time_are_tried(per_epoch, iterations, lengths):
    assert cures._lengths(of_length(per_epoch, iterations)) == lengths


def test_few_iterations_are_rather_spent_than_the_data_scaled():
    lengths = [1000, 4000, 20_000, 80_000]
    order = [("none", 1000), ("none", 4000), *(("standard", each) for each in lengths)]
    order += [("none", 20_000), ("none", 80_000)]
    plan = list(cures._plan(of_length(4, 1000), None))
    assert [(settings.scale, length) for settings, length in plan] == order
    assert [settings.epochs for settings, _ in plan] == [length // 4 for _, length in order]
    assert {settings.scale for settings, _ in cures._plan(of_length(4, 1000), "standard")} == {"standard"}


@pytest.mark.parametrize(("units", "runs"), [(100_000, 4), (300_000, 2), (300_001, 1)])
def test_a_search_ends_after_two_seconds_of_work(monkeypatch, units, runs):
    run, tried = open_source("mlcc").run(), []

    def advance(one, until):
        one.advance(until)
        tried.append(one)
        yield units

    monkeypatch.setattr(cures, "advance", advance)
    monkeypatch.setattr(cures, "_plan", lambda *_: [(run.settings.changed(epochs=n), 3 * n) for n in range(1, 9)])
    monkeypatch.setattr(cures, "learning_rates", lambda *_: [])
    assert sum(1 for _ in cures.look_for_cure(run, Goal.of(run))) == runs == len(tried)


def test_of_more_than_200_000_rows_nothing_is_tried(monkeypatch):
    planned = []
    monkeypatch.setattr(cures, "_plan", lambda run, only: planned.append(len(run.raw)) or ())
    said = []
    for rows in (200_000, 200_001):
        run = SimpleNamespace(raw=range(rows))
        assert list(cures.look_for_cure(run, None)) == []
        said.append(next(_offers(SimpleNamespace(cures=(), run=run), None, ("f", "F"))))
    assert planned == [200_000]
    assert said == [
        "No other learning rate or scale that was tried gets much nearer",
        "With so many rows nothing else was tried",
    ]


@pytest.mark.parametrize(
    ("settings", "unit"),
    [
        ({"batch_size": 4}, 1.04),
        ({"batch_size": 16}, 1.16),
        ({"batch_size": 17}, 3.17),
        ({"batch_size": 4, "shuffle": True}, 1.04),
    ],
)
def test_how_far_is_looked_depends_on_the_work_of_an_iteration(monkeypatch, settings, unit):
    source, seen = open_source("outlier" if settings["batch_size"] == 4 else "noisy"), []
    run = source.changed(source.settings.changed(epochs=10**6, **settings)).run()
    of_orders = 6 / run.batches.per_epoch if run.settings.shuffle else 0
    assert outlook.unit(run) == pytest.approx(unit + of_orders)

    def look_ahead(run, goal, until):
        seen.append(until)
        yield 1.0

    monkeypatch.setattr(outlook, "look_ahead", look_ahead)
    Coach(run).think(1, 0.5)
    assert seen == [int(100_000 / outlook.unit(run))]


def test_of_numbers_too_large_for_the_slope_no_rate_is_named():
    data = Dataset("huge", np.array([1e160, 2e160, 5e160]), np.array([1.0, 2.0, 4.0]))
    run = Run(data, Settings(optimizer="sgd", batch_size=3, weight=0.0))
    assert learning_rates(run, 100) == [] and math.isinf(_steepest(run))


@pytest.mark.parametrize(("features", "what"), [(1, "line"), (2, "plane"), (3, "plane")])
def test_data_without_a_rest_are_fitted_by_a_line_or_a_plane(features, what):
    table = np.arange(4.0 * features).reshape(4, features) ** 2
    coach = Coach(Run(Dataset("exact", table, table.sum(axis=1)), Settings()))
    coach.think(1)
    assert coach.outlook.goal.exact and _lowest(coach, coach.outlook) == f"0 (a {what} fits the data exactly)"


@pytest.mark.parametrize(
    ("start", "now", "said"),
    [(3.12, 3.14, "The RMSE rose from 3.12 to 3.14"), (3.121, 3.124, "The RMSE is 3.12, as at the start")],
)
def test_an_rmse_is_not_said_to_rise_to_the_digits_that_it_had(start, now, said):
    ahead = Outlook(Goal(1.0, 1.05, False), 9, start, now, 1.0, 4.0, False, None, 1, None)
    assert _since_start(ahead, about(now), "rose") == said


@pytest.mark.parametrize(("cure", "shorter"), [
    ({"learning_rate": 0.001}, True), ({"learning_rate": 0.001, "epochs": 50}, True), ({"learning_rate": 0.1}, False),
    ({"learning_rate": 0.001, "momentum": 0.9}, False), ({"learning_rate": 0.001, "scale": "standard"}, False),
])  # fmt: skip
def test_a_learning_rate_is_called_too_high_where_it_alone_is_changed(cure, shorter):
    coach = Coach(Run(open_source("mlcc").dataset, Settings(momentum=1.0)))
    coach.cures = (Cure(coach.run.settings.changed(**cure), 1.0, True),)
    assert (_too_high(coach) != "") == shorter


def looked(run, share, until=None):
    """A coach who has seen a run make a share of its way by an iteration."""
    coach = Coach(run)
    goal = Goal(1.0, 1e-9, False)
    until = until or run.n_iterations
    coach.outlook = Outlook(goal, until, 11.0, 11.0 - 10 * share, 1.0, 11.0, False, None, None, None)
    return coach


@pytest.mark.parametrize(("part", "offered"), [(0.89, 1), (0.91, 0)])
def test_what_reaches_nothing_is_offered_where_it_ends_a_tenth_nearer_than_the_run(monkeypatch, part, offered):
    coach = looked(open_source("mlcc").run(), 0.5)
    assert coach.outlook.end == 6.0 < coach.outlook.start

    def found(run, goal):
        yield 1.0
        return cures.Cure(run.settings, part * coach.outlook.end, False)

    monkeypatch.setattr(cures, "look_for_cure", found)
    for _ in coach._search():
        pass
    assert len(coach.cures) == offered


@pytest.mark.parametrize(("epochs", "share", "kind"), [(4, 0.0999, "crawls"), (4, 0.1001, None), (1, 0.00999, "crawls"),
                                                       (1, 0.01001, None)])  # fmt: skip
def test_less_than_a_tenth_of_the_way_is_crawling_and_of_one_epoch_less_than_a_hundredth(epochs, share, kind):
    run = open_source("mlcc").changed(open_source("mlcc").settings.changed(epochs=epochs)).run()
    coach = looked(run, share)
    assert coach.outlook.share == pytest.approx(share)
    assert coach.kind(1) == kind and coach.kind(0) is None
    assert coach.kind(run.n_iterations) == (kind or ("short" if epochs > 1 else None))
    half = looked(run, share / 2, run.n_iterations // 2 if epochs > 1 else run.n_iterations)
    assert half.kind(1) == (kind if epochs > 1 else "crawls")


def test_near_the_lowest_is_five_per_cent_or_next_to_nothing():
    y = np.array([1.0, 3.0, 2.0, 5.0])
    near = Goal.of(Run(Dataset("far", np.arange(4.0), y), Settings()))
    assert near.near == pytest.approx(1.05 * near.lowest) and not near.exact
    for share, exact in ((0.98e-6, True), (1.02e-6, False)):
        off = share * np.arange(4.0).std()
        line = np.arange(4.0) + np.array([1.0, -1.0, -1.0, 1.0]) * off
        goal = Goal.of(Run(Dataset("line", np.arange(4.0), line), Settings()))
        assert goal.near == pytest.approx(1e-3 * line.std()) and goal.exact == exact
        assert goal.lowest == pytest.approx(off, rel=1e-3)


@pytest.mark.parametrize(("per_epoch", "until", "last"), [(3, 2, 2), (3, 9, 3), (1, 29, 3), (1, 40, 4), (5, 40, 5)])
def test_so_many_of_the_last_iterations_tell_where_a_run_has_settled(per_epoch, until, last):
    assert outlook.end_of(of_length(per_epoch, until), until) == last


def test_a_run_that_goes_three_times_as_far_leaves_the_axes():
    data, other = (SimpleNamespace(raw=Dataset("d", [1.0, 2.0], y)) for y in ([1.0, 2.0], [1.0, 3.0]))
    runs = {0: data, 1: data, 2: data, 3: data, 4: other}
    assert leaving({0: 2.0, 1: 6.0, 2: 6.001, 3: math.inf, 4: 0.1}, runs, shown=3) == {2, 3}
    assert leaving({0: 0.3, 1: 0.301, 2: 6.0, 3: math.inf, 4: 0.1}, runs, shown=4) == {1, 2, 3}


def test_what_comes_nearest_is_the_lowest_of_what_was_tried():
    run = open_source("mlcc").run()
    search = cures._Search(run, Goal(1e-9, 1e-12, True))
    rmses = []
    for rate in (0.02, 0.1, 0.3, 0.05):
        tried = Run(run.raw, run.settings.changed(learning_rate=rate, epochs=4))
        tried.advance(tried.n_iterations)
        assert search._judged(tried) is None
        rmses.append(tried.iteration(tried.n_iterations).full_rmse)
        assert search.nearest.rmse == pytest.approx(min(rmses))
    assert rmses != sorted(rmses) and rmses != sorted(rmses, reverse=True)


@pytest.mark.parametrize("times", [1, 2, 8])
def test_with_a_gradient_that_stays_a_parameter_goes_as_far_as_the_rule_takes_it(times):
    run = Run(open_source("mlcc").dataset, Settings(optimizer="sgd", learning_rate=0.3, weight=1.0))
    assert _travel(run, 0.5, times * STEPS) == pytest.approx(0.5 * times * STEPS)
    slowing = Run(open_source("mlcc").dataset, Settings(optimizer="adagrad", initial_accumulator=0.0, weight=1.0))
    # Σ 1/√t of the steps is 2·√t but for what a few steps make.
    assert _travel(slowing, 0.5, times * STEPS) == pytest.approx(2 * math.sqrt(times * STEPS), rel=0.1)
