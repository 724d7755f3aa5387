"""What is computed of many guesses at once is what a run of each of them computes."""

import contextlib
import random

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.formulas.quantities import quantities
from lrstep.why.ask_why import why
from lrstep.why.boards import TAKEN_IN, affordable, worlds
from lrstep.why.fleet import fleets
from lrstep.why.other_data import other_data, other_digits
from lrstep.why.other_orders import _drawn_later, other_orders
from lrstep.why.other_settings import finer_settings, other_optimizers, other_settings
from lrstep.why.worlds import Timetable, equally, measure

X = np.array(
    [
        [1.234567, 3.703701],
        [2.469134, 7.407402],
        [3.703701, 11.111103],
        [4.0, 9.9],
        [5.0, 10.4],
        [6.5, 13.8],
        [7.0, 14.0],
    ]
)
"""The features of the first three samples lie on a line: a slip in a late digit leaves them all but there."""

RUNS = {
    "one feature": Run(Dataset("line", X[:, 0], X[:, 1]), Settings(batch_size=3, epochs=3, weight=0.4)),
    "two features": Run(
        Dataset("plane", X, 2 * X[:, 0] - X[:, 1] + np.sin(X[:, 0])),
        Settings(optimizer="adam", batch_size=3, epochs=3, weight=0.3),
    ),
}


READ = {"weight", "weight_1", "bias", "loss", "full_loss", "accumulator_bias"}


def with_runs(worlds, run, last):
    """The worlds that are runs with other data or settings, each with that run."""
    for world in worlds:
        if world.order is None and not world.slots and world.rate is None and world.at is None:
            with contextlib.suppress(LrstepError):
                made = Run(world.samples(run), world.settings(run))
                if made.n_iterations >= last:
                    yield world, made


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("guesses", [other_data, other_digits, other_settings, other_optimizers, finer_settings])
def test_a_guess_gives_what_a_run_of_it_gives(name, guesses):
    run, number, compared = RUNS[name], 4, 0
    alone = dict(with_runs(guesses(run), run, number))
    for fleet in fleets(run, [*alone], number):
        ((_, figures),) = fleet.figures([number])
        for place, world in enumerate(fleet.worlds):
            it, of_run = alone[world].iteration(number), quantities(alone[world])
            for key in READ & figures.keys() & of_run.keys():
                right = of_run[key].value(it)
                assert figures[key][place] == pytest.approx(right, rel=1e-6, abs=1e-12), (world.name, key)
                compared += 1
    assert compared > 100


OF_SEVEN = {
    "the samples in reverse order": "654 321 0",
    "the short batch first": "601 234 5",
    "beginning with the second batch": "345 601 2",
    "with the last batch first": "456 012 3",
    "with the samples shifted by one, each one place later": "601 234 5",
    "with the samples shifted by one, each one place sooner": "123 456 0",
    "a sliding window": "012 123 234 345 456",
    "with the first batch again and again": "012 012 012",
    "with one sample too many in each batch": "0123 3456 6",
    "with one sample too few in each batch": "01 34 6",
    "with batches that begin with the second sample": "123 456",
    "with two steps for each batch": "012 012 345 345 6 6",
    "with only the first batch of each epoch": "012",
    "without the first batch of each epoch": "345 6",
    "without the last batch of each epoch": "012 345",
    "with the batches in the order 2 1 3": "345 012 6",
    "with the short batch cut from the begin of the data": "0 123 456",
    "the batches from the end": "6 345 012",
    "with batches cut from the end, the short one last": "456 123 0",
    "with the short last batch joined to the one before": "012 3456",
    "with batches as equal as can be (np.array_split)": "012 34 56",
    "with every batch made of each k-th sample (rows[i::k])": "036 14 25",
    "with the short last batch filled up from the begin of the data": "012 345 601",
    "with the short last batch filled up with the samples before it": "012 345 456",
    "with the order turned in every second epoch": "012 345 6, 654 321 0, 012 345 6",
}
"""What is done with seven samples in batches of three → the batches, of an epoch or of the first ones."""


@pytest.mark.parametrize("name", OF_SEVEN)
def test_another_order_is_what_its_words_say(name):
    found = [world for world in other_orders(RUNS["one feature"]) if name in world.name]
    assert found and found[0].order is not None
    for epoch, batches in enumerate(OF_SEVEN[name].split(", "), 1):
        made = found[0].order.batches(epoch, 3)
        assert ["".join(map(str, rows)) for rows in made] == batches.split()


@pytest.mark.parametrize(
    ("name", "counted"),
    [
        ("with t as the number of the epoch", lambda t: (t - 1) // 3 + 1),
        ("with t counted anew in each epoch", lambda t: (t - 1) % 3 + 1),
    ],
)
def test_steps_counted_by_epochs_are_those_of_a_loop_that_counts_so(name, counted):
    run = RUNS["two features"]
    (world,) = (world for world in worlds(run, 9) if world.name == name)
    (fleet,) = fleets(run, [world], 9)
    theta, m, v = np.array([0.3, 0.3, 0.0]), np.zeros(3), np.zeros(3)
    table, y = np.column_stack([*run.dataset.columns, np.ones(7)]), run.dataset.y
    for t, figures in fleet.figures(range(1, 10)):
        x = table[run.iteration(t).samples]
        g = 2 * x.T @ (x @ theta - y[run.iteration(t).samples]) / len(x)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        k = counted(t)
        theta = theta - run.settings.learning_rate * np.sqrt(1 - 0.999**k) / (1 - 0.9**k) * m / (np.sqrt(v) + 1e-7)
        got = [figures[key][0] for key in ("weight_1", "weight_2", "bias")]
        assert got == pytest.approx(theta, rel=1e-9), t


def large(n=3000, k=1, epochs=50):
    x = np.random.default_rng(1).normal(size=(n, k))
    return Run(Dataset("large", x, x.sum(axis=1)), Settings(batch_size=100, epochs=epochs, weight=0.4))


def test_no_more_batches_are_laid_out_than_there_are_steps():
    run = large()
    overlap = next(world for world in other_orders(run) if "sliding window" in world.name)
    made = Timetable(run.dataset, run.settings, overlap.order, 5)
    assert [rows.tolist() for rows in made.batches] == [list(range(i, i + 100)) for i in range(5)]
    assert (made.per_epoch, made.places.tolist()) == (2901, [0, 1, 2, 3, 4])


@pytest.mark.parametrize("portion", [1, 3, 4, 20])
def test_samples_are_taken_in_in_portions(monkeypatch, portion):
    run, paused = RUNS["two features"], []
    other = next(iter(other_data(run))).data
    tables = [[Timetable(data, run.settings, None, 6) for data in (run.dataset, other, run.dataset)] for _ in "ab"]
    measure(tables[0])
    monkeypatch.setattr("lrstep.why.worlds.AT_ONCE", portion)
    measure(tables[1], lambda: paused.append(1))
    for one, again in zip(*tables, strict=True):
        np.testing.assert_array_equal(one.table, again.table)
        np.testing.assert_array_equal(one.whole, again.whole)
        assert len(one.table) == 3
    assert bool(paused)


def test_an_order_is_drawn_when_it_is_asked_for():
    run = large()
    orders = {world.name: world.order for world in other_orders(run)}
    again, plain = np.random.RandomState(42), list(range(3000))
    drawn = [again.permutation(3000).tolist() for _ in range(3)]
    every = orders["with the samples shuffled in every epoch after np.random.seed(42)"]
    once = orders["with the samples shuffled once after np.random.seed(42)"]
    assert [every.rows(epoch).tolist() for epoch in (3, 1, 65)] == [drawn[2], drawn[0], drawn[0]]
    assert once.rows(2).tolist() == drawn[0]
    asked = []
    order = _drawn_later(asked.append(place) or place for place in range(99))
    assert [order(2), order(1), asked] == [1, 0, [0, 1]]
    random.Random(7).shuffle(plain)
    assert orders["with the samples shuffled once after random.seed(7)"].rows(1).tolist() == plain


def test_of_large_data_the_common_guesses_alone_are_followed(monkeypatch):
    small, last = RUNS["one feature"], 9
    found = worlds(small, last)
    assert affordable(small, found, last) == found
    run = large(k=2)
    found, last = worlds(run, 60), 60
    assert affordable(run, found, last) == found
    monkeypatch.setattr("lrstep.why.boards.TAKEN_IN", 20 * 4 * 6000)
    chosen = affordable(run, found, last)
    assert len({(id(world.data), id(world.order), world.settings(run).batch_size) for world in chosen}) <= 20
    own = [
        world
        for world in found
        if not {"batch_size", "shuffle"} & world.changes.keys() and not world.order and not world.rule.raw
    ]
    assert [world for world in own if world.samples(run) is run.dataset] == [
        world for world in chosen if world.samples(run) is run.dataset and world in own
    ]
    dear = [world for world in found if world.order and not world.order.varies and world.order.cut is equally]
    assert [world for world in chosen if world in dear] == dear[: len([world for world in chosen if world in dear])]


def test_a_step_of_many_features_counts_more(monkeypatch):
    monkeypatch.setattr("lrstep.why.boards.MOST", 60 * 90)
    assert [len(worlds(large(300, k), 60)) for k in (2, 5, 6, 12)] == [90, 90, 30, 3]


def test_of_rules_that_go_through_the_samples_in_each_step_each_counts(monkeypatch):
    run = large(k=2)
    raw = [world for world in worlds(run, 60) if world.rule.raw]
    assert len(raw) > 5 and not any(world.order or world.changes for world in raw)
    monkeypatch.setattr("lrstep.why.boards.TAKEN_IN", 2 * 3000 * 4 + 3 * 60 * 100 * 2)
    assert affordable(run, raw, 60) == raw[:3]


def test_what_is_read_much_later_than_in_the_run_is_left_out():
    run = large(3000)
    later = {last: [world.at(last) for world in worlds(run, last) if world.at] for last in (60, 1000)}
    assert 6000 in later[60]  # batch size 1, after as many samples
    assert 0 < max(later[1000]) <= 40_000


@pytest.mark.parametrize("taken_in", [TAKEN_IN, 2000])
def test_what_large_data_leave_out_is_said_once(monkeypatch, taken_in):
    monkeypatch.setattr("lrstep.why.boards.TAKEN_IN", taken_in)
    run = Run(RUNS["one feature"].dataset, RUNS["one feature"].settings)
    answer = why(run, "123.4567", "loss", 2)
    said = [advice for advice in answer.advice if advice.startswith("The data are large: of other settings,")]
    assert answer.verdict != "right" and len(said) == (taken_in < TAKEN_IN)
