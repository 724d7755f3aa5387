"""Runs side by side in a session: each is the run alone, the moment stays, and what was asked can be given up."""

import math
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrstep.core.iteration import Phase
from lrstep.errors import LrstepError
from lrstep.session import comparing
from lrstep.session.panels.batch_table import columns as batch_columns
from lrstep.session.panels.batch_table import table
from lrstep.session.panels.losses import losses_across
from lrstep.session.panels.side_by_side import _number, compared, compared_runs, first_difference, side_by_side
from lrstep.session.session import Session
from lrstep.session.styled_rows import plain
from lrstep.sources.against import Comparison, parse_against
from lrstep.sources.open_source import open_source


def opened(*texts, at=None, name=None, **changes):
    source = open_source(name)
    source = replace(source, settings=source.settings.changed(**changes))
    session = Session(replace(source, comparison=Comparison(tuple(map(parse_against, texts)))), at)
    session.open()
    return session


def place(session):
    return session.lockstep.shown + 1, session.number, session.phase


def numbers(session):
    """Every number of every run where it stands."""
    found = compared_runs(session.view)
    return [[column.value(key) for key in compared(found)] for column in found]


def test_every_number_is_that_of_the_run_alone_forward_and_back():
    session = opened("batch_size=1", "optimizer=sgd lr=0.001", "optimizer=rmsprop-pytorch momentum=0.9 batch_size=5")
    alone = [source.run() for source in session.sources]
    ways = []
    while session.enabled("next"):
        session.do("next")
        ways.append(numbers(session))
        for column, run in zip(compared_runs(session.view), alone, strict=True):
            iteration = run.again().iteration(max(column.number, 1))
            state = iteration.after if column.number else iteration.before
            assert [column.value(name) for name in run.parameters] == list(state.parameters)
            assert column.value("full_rmse") == (iteration.full_rmse if column.number else iteration.full_rmse_before)
            assert column.value("rmse") == (iteration.rmse if column.number else None)
            assert column.seen == sum(run.iteration(number).m for number in range(1, column.number + 1))
    while session.number:
        assert numbers(session) == ways.pop()
        session.do("back")


def test_looking_at_the_others_and_back_keeps_the_moment():
    session = opened("batch_size=1", "batch_size=12", at="5.gradient")
    assert place(session) == (1, 5, Phase.GRADIENT)
    seen = []
    for _ in range(3):
        session.do("next_run")
        seen.append(place(session))
    assert seen == [(2, 20, Phase.GRADIENT), (3, 1, Phase.AFTER), (1, 5, Phase.GRADIENT)]
    session.do("next_run")
    session.do("next")
    assert [column.number for column in compared_runs(session.view)] == [5, 21, 1]
    session.do("back")
    assert [column.number for column in compared_runs(session.view)] == [5, 20, 1]


def test_the_pace_says_where_the_others_stand():
    session = opened("batch_size=1", "batch_size=12", at="5")
    stands = {}
    for _ in range(3):
        stands[session.lockstep.pace] = [column.number for column in compared_runs(session.view)]
        session.do("pace")
    assert stands == {"samples": [5, 20, 1], "epoch": [5, 12, 1], "iteration": [5, 5, 4]}


@pytest.mark.parametrize(
    ("word", "labels"),
    [
        ("batch", ["batch 4", "batch 1", "batch 12"]),
        ("lr", ["lr 0.05", "lr 0.005", "lr 0.5"]),
        ("optimizers", ["RMSprop", "SGD", "Adagrad", "Adam"]),
        ("dialects", ["Keras", "PyTorch", "TensorFlow 1", "tf.keras 2.10"]),
        ("batch_size=2; lr=0.1", ["lr 0.05 batch 4", "batch 2", "lr 0.1"]),
        ("OFF", ["this run"]),
    ],
)
def test_what_to_vary_is_chosen_at_any_moment_and_the_run_goes_on(word, labels):
    session = opened("seed=3", at="7.loss")
    run = session.run
    session.compare(comparing.meant(word, session.source))
    assert session.run is run and place(session) == (1, 7, Phase.LOSS)
    assert sorted(lane.label for lane in session.lockstep.lanes) == sorted(labels)
    assert [lane.run.settings for lane in session.lockstep.lanes] == [one.settings for one in session.sources]


def test_a_choice_leaves_out_what_the_run_has_itself():
    words = {choice.word: [one.text for one in choice.against] for choice in comparing.choices(opened().source)}
    assert words["batch"] == ["batch_size=1", "batch_size=12"]
    whole = comparing.choices(opened(batch_size=100, optimizer="sgd").source)
    assert {choice.word: len(choice.against) for choice in whole} == {"batch": 1, "lr": 2, "optimizers": 3}
    assert whole[0].title == "batch size 1 beside 12"


@pytest.mark.parametrize(("rate", "rates"), [(2e307, [2e306]), (1e-323, [1e-322]), (0.05, [0.005, 0.5])])
def test_only_learning_rates_that_there_are_are_offered(rate, rates):
    choice = next(choice for choice in comparing.choices(opened(learning_rate=rate).source) if choice.word == "lr")
    assert [one.settings["learning_rate"] for one in choice.against] == rates


def test_a_choice_is_called_by_what_is_varied():
    source = opened(batch_size=5, learning_rate=0.0123456789).source
    assert [choice.title for choice in comparing.choices(source)] == [
        "batch sizes 1 and 12 beside 5",
        "learning rates 0.00123457 and 0.123457 beside 0.0123457",
        "SGD, Adagrad and Adam beside RMSprop",
        "RMSprop of PyTorch, RMSprop of TensorFlow 1 and RMSprop of tf.keras 2.10 beside RMSprop",
    ]
    rates = [one.settings["learning_rate"] for one in comparing.choices(source)[1].against]
    assert rates == [0.00123456789, 0.123456789]


def test_a_far_moment_of_other_runs_is_computed_on_the_way_and_can_be_given_up():
    session = opened("batch_size=1", epochs=400_000, at="3")
    session.do("end")
    assert session.target == (1_200_000, Phase.AFTER) and "iterations of 2 runs" in session.progress
    session.leave()
    assert session.target is None and place(session) == (1, 3, Phase.AFTER)
    session.run.advance(60_000)
    session.go(60_000)
    while not session.compute():
        pass
    session.compare(comparing.meant("batch_size=2", session.source))
    assert session.target == (60_000, Phase.AFTER) and session.lockstep.lanes[1].label == "batch 1"
    session.leave()
    assert [lane.label for lane in session.lockstep.lanes] == ["batch 4", "batch 1"]


def test_other_settings_are_those_of_the_run_that_is_shown():
    session = opened("batch_size=1", "optimizer=sgd lr=0.001")
    session.change(session.source.settings.changed(rho=0.5))
    assert [source.settings.rho for source in session.sources] == [0.5, 0.5, None]
    session.show(2)
    session.change(session.source.settings.changed(learning_rate=0.002, momentum=0.9))
    assert place(session) == (3, 0, Phase.START)
    assert session.sources[0].comparison.against[1].text == "learning_rate=0.002 momentum=0.9 optimizer=sgd"
    assert (session.sources[0].settings.learning_rate, session.source.settings.learning_rate) == (0.05, 0.002)
    session.show(0)
    session.change(session.source.settings.changed(batch_size=1))
    assert session.lockstep.alone and "no longer compared" in session.notice and session.run.batches.size == 1


def test_the_saved_run_opens_at_the_same_moment_with_the_same_run_shown():
    session = opened("batch_size=1", at="5")
    session.do("next_run")
    session.do("next")
    session.do("pace")
    kept = session.run_file
    again = Session(replace(open_source(), cursor=kept.cursor, comparison=kept.comparison))
    again.open()
    assert place(again) == place(session) == (2, 21, Phase.AFTER)
    assert numbers(again) == numbers(session) and again.lockstep.pace == "epoch"


def test_practice_is_of_one_run_and_its_numbers_stay_hidden_beside_the_others():
    session = opened("batch_size=1")
    session.do("practice")
    assert session.view.hidden
    shown = compared_runs(session.view)[0]
    text = "\n".join(plain(side_by_side(session.view, 118, 11)))
    assert f"{shown.iteration.rmse:.6g}" not in text
    session.do("next_run")
    assert session.practice is None


@pytest.mark.parametrize("height", [6, 11, 15, 30])
def test_rows_without_room_are_counted(height):
    session = Session(replace(open_source("flats"), comparison=Comparison((parse_against("batch_size=1"),))))
    session.go(3)
    names = list(compared(compared_runs(session.view)).values())
    lines = plain(side_by_side(session.view, 98, height))
    missing = [name for name in names if not any(line.startswith(f" {name}") for line in lines)]
    assert len(lines) <= height
    assert (
        lines[-1] == f" … {len(missing)} more rows where the screen is higher" if missing else "…" not in lines[-1][:3]
    )


def test_breakpoints_are_those_that_the_shown_run_can_have():
    session = opened("optimizer=sgd", at="2")
    for text in ("accumulator_weight>1", "rmse<5"):
        session.breakpoints.add(text, session.run)
    session.do("next_run")
    assert session.breakpoints.texts == ("rmse<5",)
    session.play_on(1.0)
    assert session.number > 2


def test_the_keras_check_follows_the_run_that_is_shown(monkeypatch):
    session, used = opened("batch_size=1", at="2"), []
    monkeypatch.setattr(session.checker, "use", lambda run, number: used.append((run, number)))
    session.do("next")
    session.do("next_run")
    assert used == [(session.run, 12)]


def test_a_run_that_cannot_stand_beside_it_leaves_all_as_it_is():
    session = opened("batch_size=1", at="2")
    for text in ("batch_size=4", "nothing.csv", "lr=1;lr=2;lr=3;lr=4", "lr=1;"):
        with pytest.raises(LrstepError):
            comparing.meant(text, session.source)
    assert place(session) == (1, 2, Phase.AFTER) and len(session.lockstep.lanes) == 2


def test_until_where_runs_are_the_same_is_known_only_up_to_here():
    # SGD with and without momentum take the same first step.
    session = opened("momentum=0.9", optimizer="sgd", learning_rate=0.001, at="1")
    assert "now" in plain(side_by_side(session.view, 118, 11))[3]
    session.do("next")
    assert plain(side_by_side(session.view, 118, 11))[3].split() == ["same", "as", "1", "until", "1"]
    session.do("back")
    assert "now" in plain(side_by_side(session.view, 118, 11))[3]


def test_runs_that_are_scaled_otherwise_are_compared_in_the_units_of_the_data():
    session = opened("scale=standard", at="2")
    mine, scaled = compared_runs(session.view)
    assert [mine.value(key) for key in ("full_rmse", "weight")] == [
        mine.iteration.full_rmse,
        *mine.iteration.after.weights,
    ]
    unscaled = scaled.run.scaling.unscaled_parameters(scaled.iteration.after.parameters)
    x, y = session.sources[1].dataset.x, session.sources[1].dataset.y
    rmse = (((unscaled[0] * x + unscaled[1] - y) ** 2).mean()) ** 0.5
    assert [scaled.value(key) for key in ("weight", "bias")] == list(unscaled)
    assert scaled.value("full_rmse") == pytest.approx(rmse, rel=1e-12)
    w, b = scaled.run.scaling.unscaled_parameters(scaled.iteration.before.parameters)
    batch = scaled.iteration.samples
    rmse = ((w * x[batch] + b - y[batch]) ** 2).mean() ** 0.5
    assert scaled.value("rmse") == pytest.approx(rmse, rel=1e-12)
    assert scaled.value("cumulative_rmse") == scaled.run.scaling.unscaled_error(scaled.iteration.cumulative_rmse)
    assert list(compared([mine, scaled])) == ["full_rmse", "cumulative_rmse", "rmse", "weight", "bias"]
    assert scaled.same_until is None


@pytest.mark.parametrize(
    ("text", "other", "marked"),
    [
        ("17.82171", "17.90470", "17.[8]2171"),
        ("1.120764", "17.82171", "[1].120764"),
        ("302.5268", "61437.38", "[3]02.5268"),
        ("-1.692797", "-40.16066", "-[1].692797"),
        ("-1.692797", "1.692797", "[-]1.692797"),
        ("1.500000", "-1.500000", "[1].500000"),
        ("0.03520000", "0.03510000", "0.035[2]0000"),
        ("1.500000e+22", "1.500000e+21", "[1].500000e+22"),
        ("1.500000", "1.500000", "1.500000[]"),
    ],
)
def test_the_first_digit_that_differs(text, other, marked):
    at = first_difference(text, other)
    assert f"{text[:at]}[{text[at : at + 1]}]{text[at + 1 :]}" == marked


@pytest.mark.parametrize(
    ("value", "other", "marked"),
    [(1.5, 1.5, False), (1.5, 1.6, True), (math.nan, math.nan, False), (math.nan, 1.5, True)],
)
def test_numbers_that_are_alike_have_no_mark(value, other, marked):
    assert any(span.style == "differs" for span in _number(value, other, 20)) == marked


def test_names_that_do_not_fit_go_on_below():
    session = opened("batch_size=1", "optimizer=sgd lr=0.001", "optimizer=rmsprop-pytorch", at="2")
    lines = plain(side_by_side(session.view, 78, 15))
    assert "iteration" in lines[3]
    assert [line.split() for line in lines[:3]] == [
        ["▶1", "RMSprop", "2", "batch", "1", "3", "SGD", "4", "RMSprop", "of"],
        ["lr", "0.05", "lr", "0.001", "PyTorch"],
        ["batch", "4"],
    ]
    wide = plain(side_by_side(session.view, 198, 15))
    assert "▶1 RMSprop lr 0.05 batch 4" in wide[0] and "iteration" in wide[1]


def test_beside_it_too_nothing_is_shown_before_its_phase():
    session = opened("batch_size=1", at="5.predictions")
    other, iteration = compared_runs(session.view)[1], session.lockstep.lanes[1].run.iteration(20)
    assert [other.value(name) for name in other.run.parameters] == list(iteration.before.parameters)
    assert (other.value("full_rmse"), other.value("rmse")) == (iteration.full_rmse_before, None)
    session.do("phase_next")
    assert compared_runs(session.view)[1].value("rmse") == iteration.rmse
    assert plain(side_by_side(session.view, 118, 11))[2].split() == ["samples", "seen", "20", "20"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"learning_rate": 0.1}, 5),
        ({"epochs": 8}, 5),
        ({"epochs": 1}, 3),
        ({"batch_size": 1}, 0),
        ({"batch_size": 5}, 5),
    ],
)
def test_other_settings_keep_the_place_where_an_epoch_has_as_many_batches(changes, place):
    session = Session(open_source(), "5.gradient")
    session.open()
    session.change_in_place(session.source.settings.changed(**changes))
    assert session.number == place
    if place:
        assert session.phase is Phase.GRADIENT and "the same place" in session.notice
        assert session.run.iteration(place).number == place


MOVES = ["next", "next", "back", "phase_next", "phase_back", "epoch_next", "end", "next_run", "pace"]
ways = st.lists(st.sampled_from(MOVES), min_size=3, max_size=12)
settings_of_runs = st.lists(
    st.sampled_from(
        ["batch_size=1", "batch_size=5", "batch_size=12 epochs=2", "optimizer=sgd lr=0.001 momentum=0.9", "lr=1e200",
         "optimizer=adam lr=0.5 epochs=7", "scale=standard", "shuffle=yes seed=3", "optimizer=sgd lr=9 batch_size=2"]
    ), min_size=1, max_size=3, unique=True,
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(settings_of_runs, ways)
def test_everything_that_is_known_of_a_run_is_that_of_the_run_alone_bit_for_bit_wherever_one_goes(others, commands):
    session = opened(*others)
    alone = [Session(replace(source, comparison=Comparison())) for source in session.sources]
    for command in commands:
        if session.enabled(command):
            session.do(command)
        for place, one in enumerate(alone):
            number, phase = session.lockstep.place(place)
            one.go(number, phase)
            assert (one.number, one.phase) == (number, phase)
        shown = alone[session.lockstep.shown].view
        assert shown.phase == session.phase
        for panel in (lambda view: table(view, batch_columns(view.run, 60), 9), lambda view: losses_across(view, 76)):
            assert panel(session.view) == panel(shown)
        for column, one in zip(compared_runs(session.view), alone, strict=True):
            assert bits(column.iteration) == bits(one.view.iteration)


def bits(part):
    """All numbers of an iteration, as they are in memory."""
    if is_dataclass(part):
        return [bits(getattr(part, field.name)) for field in fields(part)]
    if isinstance(part, dict):
        return [(name, bits(value)) for name, value in part.items()]
    return [bits(value) for value in part] if isinstance(part, tuple) else np.asarray(part).tobytes()


def test_the_first_digit_that_differs_is_the_one_that_is_marked():
    session = opened("lr=0.0500001", at="5")
    found = 0
    for cells in side_by_side(session.view, 100, 11)[4:]:
        texts = [cell.text for cell in cells]
        marked = next((place for place, cell in enumerate(cells) if cell.style == "differs"), None)
        if marked is not None:
            mine, start = "".join(texts[: marked - 1]).split()[-1], texts[marked - 1].strip()
            assert mine.startswith(start) and mine[len(start)] != texts[marked]
            found += 1
    assert found > 5


def test_a_run_that_diverges_later_is_not_in_trouble_before():
    session = opened("optimizer=sgd lr=1e100")
    session.do("end")
    assert "diverged at" in compared_runs(session.view)[1].trouble
    at = compared_runs(session.view)[1].run.diverged_at
    for number in range(at + 1, -1, -1):
        session.go(number)
        mine, other = compared_runs(session.view)
        assert mine.trouble == "" and other.trouble == (f"diverged at {at}" if number >= at else "")


def test_a_run_that_has_ended_or_has_not_seen_as_much_is_the_same_as_far_as_it_went():
    for others, at, numbers, until in (
        ("epochs=1", "9", [9, 3], "3"),
        ("epochs=1", "3", [3, 3], "now"),
        ("batch_size=12", "2", [2, 0], "start"),
        ("batch_size=12", "0", [0, 0], "now"),
    ):
        session = opened(others, at=at)
        assert [column.number for column in compared_runs(session.view)] == numbers
        assert plain(side_by_side(session.view, 118, 11))[3].split() == ["same", "as", "1", "until", until]
    session.go(2)
    session.do("next_run")
    assert plain(side_by_side(session.view, 118, 11))[3].split() == ["same", "as", "2", "until", "start"]


def test_other_settings_of_a_run_beside_begin_at_the_start():
    source = replace(open_source("mlcc"), cursor="5", comparison=Comparison((parse_against("batch_size=1"),)))
    settings = source.settings.changed(batch_size=1, learning_rate=0.2)
    made = comparing.changed(source, 1, settings)
    assert made.cursor is None and made.comparison.shown == 1 and made.settings == source.settings
    assert comparing.changed(source, 0, settings).settings == settings
