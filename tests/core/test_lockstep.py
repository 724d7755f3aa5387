"""Runs side by side: the same moment, found by counting samples one by one; and where two runs part."""

import math
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.lockstep import PACES, Lane, along, in_lockstep, partner
from lrstep.core.parting import Parting
from lrstep.core.run import Run
from lrstep.core.settings import Settings

X = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
Y = [2.0, 1.0, 4.0, 3.0, 7.0, 5.0, 9.0]


def run_of(n=7, **settings):
    return Run(Dataset("seven", np.array(X[:n]), np.array(Y[:n])), Settings(**{"epochs": 3} | settings))


def side(*runs):
    return in_lockstep(tuple(Lane(run, str(place)) for place, run in enumerate(runs)))


def batches(run):
    """How many samples each iteration takes, one after the other."""
    per_epoch = [len(run.batches.rows(1, batch)) for batch in range(1, run.batches.per_epoch + 1)]
    return per_epoch * run.settings.epochs


def stands_at(run, number, other, pace):
    """The definition, by counting."""
    if pace == "iteration":
        return min(number, other.n_iterations)
    mine, its = list(accumulate(batches(run), initial=0)), list(accumulate(batches(other), initial=0))
    if pace == "samples":
        return max(k for k, seen in enumerate(its) if seen <= mine[number])
    whole = mine[number] // run.batches.n
    return min(whole * other.batches.per_epoch, other.n_iterations)


def test_runs_are_mixed_that_were_not_scaled_alike():
    """By the numbers of the scaling, not by its name: other data are scaled by others."""
    assert not side(run_of(scale="standard"), run_of(scale="standard", learning_rate=0.3)).mixed
    assert side(run_of(scale="standard"), run_of(scale="minmax")).mixed
    assert side(run_of(scale="standard"), run_of(5, scale="standard")).mixed
    assert not side(run_of(), run_of(5)).mixed


sizes = st.integers(1, 8)


@given(sizes, sizes, st.integers(3, 7), st.sampled_from(PACES), st.integers(1, 4))
def test_the_others_stand_at_the_last_iteration_they_had_finished_by_then(size, its, n, pace, epochs) -> None:
    run, other = run_of(batch_size=size), run_of(n, batch_size=its, epochs=epochs)
    runs = side(run, other).paced(pace)
    for number in range(run.n_iterations + 1):
        place, phase = runs.moved(number, Phase.GRADIENT if number else Phase.START).place(1)
        assert place == stands_at(run, number, other, pace)
        behind = partner(run, number, other, pace) > other.n_iterations
        finished = behind or (number and place == stands_at(run, number - 1, other, pace))
        assert phase == (Phase.START if not place else Phase.AFTER if finished else Phase.GRADIENT)


@given(sizes, sizes, st.integers(3, 7), st.sampled_from(PACES), st.integers(1, 4))
def test_no_step_forward_brings_another_run_back(size, its, n, pace, epochs) -> None:
    run, other = run_of(batch_size=size), run_of(n, batch_size=its, epochs=epochs)
    runs, before = side(run, other).paced(pace), (0, Phase.START)
    for number in range(1, run.n_iterations + 1):
        for phase in list(Phase)[1:]:
            now = runs.moved(number, phase).place(1)
            assert now >= before
            before = now


@given(sizes, sizes, st.integers(3, 7), st.sampled_from(PACES))
def test_on_an_axis_of_iterations_another_run_stands_where_the_moment_is(size, its, n, pace) -> None:
    run, other = run_of(batch_size=size), run_of(n, batch_size=its)
    at = along(run, other, np.arange(other.n_iterations + 1), pace)
    assert at[0] == 0 and (np.diff(at) > 0).all()
    if pace == "epoch" or n == 7:
        ends = np.arange(1, 4)
        expected = ends * (other.batches.per_epoch if pace == "iteration" else run.batches.per_epoch)
        assert at[ends * other.batches.per_epoch].tolist() == expected.tolist()
    if pace == "samples":
        for number in range(run.n_iterations + 1):
            behind = np.flatnonzero(at <= number + 1e-12)[-1]
            assert behind == stands_at(run, number, other, pace)


def test_looking_at_another_run_and_back_comes_to_the_very_same_place() -> None:
    runs = side(run_of(batch_size=1), run_of(batch_size=3), run_of(batch_size=7))
    assert runs.pace == "samples"
    moved = runs.moved(5, Phase.GRADIENT)
    places = [moved.showing(place).place(place) for place in (0, 1, 2, 3 % 3)]
    assert places == [(5, Phase.GRADIENT), (1, Phase.AFTER), (0, Phase.START), (5, Phase.GRADIENT)]
    assert moved.showing(1).moved(2, Phase.AFTER).place(0) == (6, Phase.AFTER)


def test_runs_of_the_same_batches_go_by_iteration() -> None:
    assert side(run_of(), run_of(optimizer="sgd")).pace == "iteration"
    assert side(run_of(batch_size=7), run_of(batch_size=99)).pace == "iteration"


def test_all_runs_are_computed_up_to_the_moment_in_slices_and_the_same_as_alone() -> None:
    runs = side(run_of(batch_size=2, epochs=2000), run_of(batch_size=1, epochs=2000))
    moved, slices = runs.moved(8000, Phase.AFTER), 1
    while not moved.advance(0.001):
        slices += 1
    assert slices > 1
    assert moved.progress == (8000 + 14000, 8000 + 14000)
    assert moved.moved(4, Phase.AFTER).progress == (4 + 7, 4 + 7)  # more is known than is wanted
    for lane in moved.lanes:
        alone = lane.run.again()
        alone.advance(lane.run.computed)
        assert lane.run.state(lane.run.computed).numbers == alone.state(lane.run.computed).numbers


def parted_at(one, other):
    """The first common moment at which the parameters differ, by counting; and all such moments."""
    mine, its = ([*accumulate(batches(run), initial=0)] for run in (one, other))
    n = one.batches.n
    moments = [
        (i, j)
        for i, seen in enumerate(mine)
        for j, other_seen in enumerate(its)
        if seen == other_seen and (not seen % n or not seen % n % math.lcm(one.batches.size, other.batches.size))
    ]
    differ = [place for place in moments if one.state(place[0]).parameters != other.state(place[1]).parameters]
    return moments, differ


@pytest.mark.parametrize(
    ("settings", "others"),
    [
        ({"batch_size": 2}, {"batch_size": 3}),
        ({}, {"learning_rate": 0.1}),
        ({"optimizer": "sgd"}, {"optimizer": "sgd", "momentum": 0.9}),  # the first step is the same
        ({"shuffle": True}, {"shuffle": True, "seed": 1, "weight": 0.5}),
        ({"epochs": 2}, {"epochs": 4}),
        ({"optimizer": "sgd", "batch_size": 7}, {"optimizer": "sgd", "batch_size": 8}),
    ],
)
def test_two_runs_are_the_same_until_their_parameters_differ(settings, others) -> None:
    one, other = run_of(**settings | {"weight": 0.1}), run_of(**{"weight": 0.1} | others)
    moments, differ = parted_at(one, other)
    for number in range(one.n_iterations + 1):
        place = stands_at(one, number, other, "samples")
        until = Parting(one, other).until(number, place)
        common = [moment for moment in moments if moment[0] <= number and moment[1] <= place]
        same = [moment for moment in common if not differ or moment < differ[0]]
        assert until == (same[-1][0] if same else None)


def test_runs_that_diverge_alike_are_the_same_to_the_end() -> None:
    far = {"optimizer": "sgd", "learning_rate": 1e200, "weight": 0.5}
    one, other = run_of(batch_size=7, epochs=6, **far), run_of(batch_size=9, epochs=6, **far)
    assert one.advance(6) and other.advance(6) and math.isnan(one.state(6).bias)
    assert Parting(one, other).until(6, 6) == 6
    assert Parting(one, run_of(batch_size=7, epochs=6, **far | {"learning_rate": 1e201})).until(0, 0) == 0


def test_runs_with_other_parameters_are_never_the_same_and_data_of_other_size_are_compared_by_iteration() -> None:
    two = Run(Dataset("two", np.array([X, Y]).T, np.array(Y)), Settings())
    assert Parting(run_of(), two).until(1, 1) is None
    run, shorter = run_of(weight=0.5), run_of(6, weight=0.5)
    assert run.advance(3) and shorter.advance(3)
    assert Parting(run, shorter).until(3, 3) == 1  # batches 1 to 4, then 5 to 7 beside 5 and 6
