"""The coach: silent where a run gets there, and each cure, followed, ends where it says."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.session.coach import cures
from lrstep.session.coach.about_the_data import about, about_the_data
from lrstep.session.coach.coach import AT_ONCE, Coach
from lrstep.session.coach.learning_rates import stable_below
from lrstep.session.coach.sentences import advice
from lrstep.session.session import Session
from lrstep.sources.open_source import open_source
from lrstep.sources.runfile import DataOrigin
from lrstep.sources.source import Source

KEYS = ("Enter", "F")


@pytest.fixture(autouse=True, scope="module")
def little_work():
    """A search gives up sooner than for a person; what it says must be true all the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cures, "MOST_WORK", 20_000)
        yield


def thought(run, number=None):
    """The coach of a run when it has nothing more to find out at an iteration, by default at the last one."""
    coach, number = Coach(run), run.n_iterations if number is None else number
    while coach.wonders(number):
        coach.think(number, 1000)
    return coach


def lowest(dataset):
    """RMSE of least squares by NumPy's own solver, on columns of one size."""
    table = np.column_stack(dataset.columns)
    table = (table - table.mean(axis=0)) / np.where(table.std(axis=0) > 0, table.std(axis=0), 1)
    table, labels = np.column_stack([table, np.ones(len(table))]), dataset.y - dataset.y.mean()
    found = np.linalg.lstsq(table, labels, rcond=1e-12)[0]
    return float(np.sqrt(np.mean((table @ found - labels) ** 2)))


def ended(dataset, settings):
    """RMSE after the last iteration, in the label's units."""
    run = Run(dataset, settings)
    rmse = run.iteration(run.n_iterations).full_rmse
    return run.scaling.unscaled_error(rmse) if run.scaling else rmse


@st.composite
def datasets(draw):
    """1 to 3 features of sizes 1e-6 … 1e6, offsets and noise; now and then a constant or a dependent one."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    n, k = draw(st.integers(2, 30)), draw(st.integers(1, 3))
    size = 10.0 ** rng.uniform(-6, 6, size=k + 1)
    x = (rng.normal(size=(n, k)) + draw(st.sampled_from([0, 1, 30])) * rng.normal(size=k)) * size[:k]
    y = (x / size[:k] @ rng.normal(size=k) + draw(st.sampled_from([0, 0.001, 0.1, 1])) * rng.normal(size=n)) * size[k]
    special = draw(st.sampled_from(["", "", "", "", "constant", "dependent"]))
    if special == "constant":
        x[:, 0] = size[0]
    elif special == "dependent" and k > 1:
        x[:, 1] = 2 * x[:, 0]
    return Dataset("d", x, y + draw(st.sampled_from([0, 1, 100])) * size[k])


@st.composite
def chosen(draw):
    name = draw(st.sampled_from(sorted(OPTIMIZERS)))
    options = OPTIMIZERS[name].options
    given = {
        "optimizer": name, "learning_rate": 10.0 ** draw(st.integers(-5, 2)), "shuffle": draw(st.booleans()),
        "epochs": draw(st.sampled_from([1, 4, 30])), "batch_size": draw(st.sampled_from([1, 4, 30])),
        "scale": draw(st.sampled_from(["none", "none", "none", "standard", "minmax"])),
    }  # fmt: skip
    possible = {"momentum": [0.5, 0.9, 1.0], "centered": [True], "nesterov": [True], "epsilon": [0.0]}
    for option, values in possible.items():
        if option in options and draw(st.sampled_from([False, False, True])):
            given[option] = draw(st.sampled_from(values))
    return Settings(**given)


@profile(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(datasets(), chosen())
def test_each_cure_ends_where_it_says_and_silence_means_that_the_run_gets_there(dataset, settings):
    run = Run(dataset, settings)
    coach, best = thought(run), lowest(dataset)
    units = run.scaling.unscaled_error(1.0) if run.scaling else 1.0
    said = advice(coach, run.n_iterations, KEYS)
    if not said and settings.epochs > 1:
        near = max(1.05 * best, 1e-3 * (np.std(dataset.y) or np.abs(dataset.y).max()))
        assert ended(dataset, settings) <= near * (1 + 1e-6) + 1e-300
    for place, cure in enumerate(coach.cures or ()):
        end = ended(dataset, cure.settings)
        assert cure.rmse * units == pytest.approx(end, rel=1e-9)
        assert cure.settings.epochs * run.batches.per_epoch <= max(cures.MOST_ITERATIONS, run.n_iterations)
        assert Run(dataset, cure.settings).diverged_at is None
        if cure.reaches:
            assert end <= 1.05 * best
            assert all(KEYS[place] in text for text in said[:1])
        else:
            assert any(f"{word} {about(cure.rmse)}" in said[0] for word in ("nearest, to", "comes to")), said[0]


HARD = {"thousands": (1, 0, 1000), "offset": (1, 500, 1), "tiny": (1e-6, 0, 1e-6), "huge": (1e6, 3e6, 1e-3)}
"""Data → size and offset of the feature, size of the label."""


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", HARD)
def test_there_is_a_cure_for_ordinary_data_of_any_size(monkeypatch, name, optimizer):
    monkeypatch.setattr(cures, "MOST_WORK", 100_000)
    size, offset, label = HARD[name]
    rng = np.random.default_rng(7)
    x = np.arange(20) * size + offset
    y = ((x - offset) / size + rng.normal(size=20) + 3) * label
    dataset = Dataset(name, x, y)
    run = Run(dataset, Settings(optimizer=optimizer, learning_rate=1e-4 * size, epochs=20))
    (cure, *_) = thought(run).cures
    assert cure.reaches and ended(dataset, cure.settings) <= 1.05 * lowest(dataset)


@pytest.mark.parametrize("name", ["noisy", "anscombe-1", "outlier", "anscombe-4"])
def test_where_the_run_gets_there_nothing_is_said(name):
    source = open_source(name)
    coach = thought(source.run())
    assert all(not advice(coach, number, KEYS) for number in range(1, source.n_iterations + 1))
    assert not list(about_the_data(coach.run))


def test_the_run_that_was_asked_for_is_left_in_peace_until_its_end():
    session = Session(open_source())
    said = []
    for number in range(13):
        session.go(number)
        said.append(session.coaching.advice())
    assert said[:12] == [()] * 12
    assert said[12][0].startswith("After these 12 iterations the RMSE is 15.6; the lowest is 0.935. f: ")


def test_a_single_epoch_is_a_look_and_no_training():
    run = open_source("first-question").run()
    assert advice(thought(run), run.n_iterations, KEYS) == ()


@pytest.mark.parametrize("number", [1, 2, 60, 120])
def test_what_crawls_is_said_with_the_pace_and_the_way_to_go(number):
    run = open_source("thousands").run()
    coach = thought(run)
    text = advice(coach, number, KEYS)[0]
    since = max(0, number - run.batches.per_epoch)
    ways = [
        (abs(best - now) / (now - then), letter, (now - then) / (number - since), abs(best - now))
        for letter, best, now, then in zip(
            "wb", run.reference.parameters, run.state(number).parameters, run.state(since).parameters, strict=True
        )
    ]
    _, letter, pace, way = max(ways)
    assert text.startswith(f"{letter} moves about {about(pace)} a step and has {about(way)} to go: at this pace ")
    first, other = coach.cures
    assert first.settings == run.settings.changed(learning_rate=first.settings.learning_rate)
    assert other.settings.scale == "standard"
    assert (
        f"Enter: learning rate {first.settings.learning_rate:g} (RMSE {about(first.rmse)}); F: standard scaling" in text
    )


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_parameter_that_is_there_but_for_rounding_has_no_way_to_go(number):
    chosen = Settings(optimizer="sgd", learning_rate=0.001, scale="standard", batch_size=12, epochs=3, weight=0.08)
    run = Run(open_source("mlcc").dataset, chosen)
    assert 0 < abs(run.state(number).parameters[1]) < 1e-15  # the bias, of which nothing but rounding is left
    assert advice(thought(run, number), number, KEYS)[0].startswith("w moves about 0.0018")


def test_divergence_is_told_with_the_step_where_it_began_and_where_it_ended():
    dataset = open_source("mlcc").dataset
    run = Run(dataset, Settings(optimizer="sgd", learning_rate=0.5, epochs=200, batch_size=12))
    coach = thought(run)
    at = coach.outlook.diverged_at
    again = Run(dataset, run.settings)
    assert not again.advance(at) or again.diverged_at == at
    assert advice(coach, at, KEYS)[0].startswith(f"The RMSE rose above its start in iteration 1; in iteration {at} it ")
    rising = advice(coach, 5, KEYS)[0]
    # The largest eigenvalue of the loss's second derivatives, by hand.
    table = np.column_stack([dataset.x, np.ones(12)])
    bound = 2 / np.linalg.eigvalsh(2 / 12 * table.T @ table)[-1]
    assert f"the learning rate is too high (stable below {about(bound)})" in rising
    assert coach.cures[0].settings.learning_rate < bound


def test_what_circles_is_said_from_where_it_circles_on():
    run = open_source("line16").run()
    coach = thought(run)
    ahead = coach.outlook
    losses = [run.reference.full_loss(*run.state(number).parameters) ** 0.5 for number in range(run.n_iterations + 1)]
    last = losses[-run.n_iterations // 4 - 1 :]
    assert (ahead.low, ahead.high) == pytest.approx((min(last), max(last)))
    since = next(number for number, rmse in enumerate(losses) if rmse <= ahead.high)
    assert advice(coach, since - 1, KEYS) == ()
    assert (
        f"In the end the RMSE circles between {about(min(last))} and {about(max(last))}"
        in advice(coach, since, KEYS)[0]
    )
    assert "the lowest is 0 (a line fits the data exactly)" in advice(coach, since, KEYS)[0]


DATA = {
    "one value": ([[5], [5], [5]], "x is 5 in every row, so no single line is best; the RMSE can come down to 1.25"),
    "one sample": ([[5]], "With one sample every line through it fits"),
    "constant": ([[1, 2], [2, 2], [4, 2]], "x2 does not vary: a weight of it can do no more than the bias"),
    "zeros": ([[1, 0], [2, 0], [4, 0]], "x2 does not vary: a weight of it can do no more than the bias"),
    "dependent": ([[1, 2], [2, 4], [4, 8]], "All 2 features follow from 1 of them"),
    "exact": (
        [[1, 3, 4], [2, 5, 4.5]],
        "All 3 features follow from 1 of them: many weights are equally good; the RMSE can come down to 0",
    ),
    "well": ([[1], [2], [4]], ""),
}  # fmt: skip


@pytest.mark.parametrize("name", DATA)
def test_what_the_data_make_impossible_is_said_at_the_start(name):
    x, says = DATA[name]
    run = Run(Dataset("d", x, [1.0, 2.0, 4.0][: len(x)]), Settings())
    said = list(about_the_data(run))
    assert said[0].startswith(says) if says else not said
    session = Session(Source(run.dataset, run.settings, DataOrigin()))
    assert list(session.coaching.advice()) == said
    session.leave()
    assert not session.coaching.advice(), "it was sent away"


def test_thinking_leaves_the_run_alone_and_comes_in_small_pieces():
    source = open_source("thousands")
    run = replace(source, settings=source.settings.changed(epochs=4000, learning_rate=1e-6)).run()
    coach = Coach(run)
    coach.think_at_once(1)
    assert coach.outlook is None, "too long a run to look ahead while a key waits"
    pieces = 0
    while coach.wonders(1):
        coach.think(1, 1)
        pieces += 1
    assert pieces > 10 and run.computed == 0 and coach.outlook.until == run.n_iterations
    assert coach.kind(1) == "crawls"


def test_a_short_run_is_judged_at_once_within_what_a_key_may_wait_for():
    session = Session(open_source("thousands"))
    session.go(1)
    assert session.coaching.coach.cures is not None and session.coaching.advice()
    assert session.run.n_iterations <= AT_ONCE


def test_a_cure_is_followed_and_taken_back_to_the_very_place():
    session = Session(open_source("thousands"), "7.gradient")
    session.open()
    before = session.run.settings
    assert session.enabled("follow") and session.enabled("follow_other") and not session.enabled("undo")
    session.do("follow")
    assert session.number == 0 and session.run.settings.learning_rate > before.learning_rate
    assert "learning rate" in session.notice and not session.coaching.advice()
    session.do("end")
    assert (
        session.coaching.advice() == () and session.view.iteration.full_rmse <= 1.05 * session.run.reference.loss**0.5
    )
    session.do("undo")
    assert (session.number, session.phase.name, session.run.settings) == (7, "GRADIENT", before)
    session.do("follow_other")
    assert session.run.settings.scale == "standard"
    session.do("undo")
    session.do("undo")
    assert session.run.settings.scale == "standard", "undone twice is done again"


def test_sent_away_it_is_silent_in_this_run():
    session = Session(open_source("thousands"))
    session.go(1)
    session.focus("gradient")
    session.leave()
    assert session.coaching.advice(), "the first Esc leaves the panel"
    session.leave()
    assert not session.coaching.advice() and not session.enabled("follow")
    session.go(9)
    assert not session.coaching.advice()


def test_practice_is_not_talked_into():
    session = Session(open_source("thousands"))
    session.go(1)
    session.do("practice")
    assert not session.coaching.advice()


@pytest.mark.parametrize(
    ("value", "text"), [(12586.04, "12,600"), (999.7, "1,000"), (0.05123, "0.0512"), (1e-9, "1e-09"), (math.inf, "inf")]
)
def test_about(value, text):
    assert about(value) == text


SAMPLES = [
    "mlcc", "line16", "line16-offset", "anscombe-1", "anscombe-2", "anscombe-3", "anscombe-4", "noisy", "outlier",
    "thousands", "thousands-scaled",
]  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_the_cures_of_every_sample_end_at_its_lowest_rmse(monkeypatch, name):
    monkeypatch.setattr(cures, "MOST_WORK", 100_000)
    source = open_source(name)
    coach = thought(source.run())
    for cure in coach.cures or ():
        end = ended(source.dataset, cure.settings)
        assert end <= 1.05 * lowest(source.dataset) if cure.reaches else end < coach.outlook.end


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_prices_that_crawl_at_an_everyday_learning_rate_have_a_cure(monkeypatch, optimizer):
    monkeypatch.setattr(cures, "MOST_WORK", 100_000)
    rng = np.random.default_rng(3)
    area = rng.integers(40, 220, 40)
    prices = Dataset("prices", area, 60_000 + 1_700 * area + np.round(rng.normal(size=40) * 25_000))
    run = Run(prices, Settings(optimizer=optimizer, learning_rate=0.05, epochs=20))
    coach = thought(run)
    said = advice(coach, 1, KEYS)[0]
    assert ("to go" in said and "steps" in said) or "rose from" in said
    assert coach.cures and all(cure.reaches for cure in coach.cures)
    assert all(ended(prices, cure.settings) <= 1.05 * lowest(prices) for cure in coach.cures)


def test_a_stable_learning_rate_is_known_of_gradient_descent_alone():
    data = open_source("mlcc").dataset
    assert stable_below(Run(data, Settings(batch_size=12, optimizer="sgd"))) == pytest.approx(0.018, rel=0.1)
    assert stable_below(Run(data, Settings(batch_size=12, epsilon=1e9))) is None  # as proportional, on another scale
