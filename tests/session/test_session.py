"""A session without a screen and without lines: the cursor, what can be done, what is made once."""

from dataclasses import replace

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.session.commands import COMMANDS, with_keys
from lrstep.session.movements import MOVES, destination
from lrstep.session.session import SPEEDS, Session
from lrstep.session.styled_rows import plain
from lrstep.sources.open_source import open_source
from lrstep.sources.runfile import DataOrigin
from lrstep.sources.source import Source
from lrstep.tui import layout
from lrstep.tui.status_lines import status_lines

LONG = 2_000_000
"""Epochs that take longer than any patience."""


def opened(name=None, at=None, changed=lambda: None, **settings):
    source = open_source(name)
    session = Session(replace(source, settings=source.settings.changed(**settings)), at, changed=changed)
    session.open()
    return session


def test_every_place_is_reached_forward_and_back_by_phases():
    session = opened()
    places = [(session.number, session.phase)]
    while session.enabled("phase_next"):
        session.do("phase_next")
        places.append((session.number, session.phase))
    assert places == [(0, Phase.START), *((k, phase) for k in range(1, 13) for phase in list(Phase)[1:])]
    while session.enabled("phase_back"):
        assert (session.number, session.phase) == places.pop()
        session.do("phase_back")
    assert places == [(0, Phase.START)]


@pytest.mark.parametrize("move", sorted(MOVES))
@pytest.mark.parametrize("place", [(0, Phase.START), (5, Phase.GRADIENT), (12, Phase.AFTER)])
@pytest.mark.parametrize("count", [1, 3, 100])
def test_a_movement_with_a_count_is_that_many_movements(move, place, count):
    source = open_source()
    run = Run(source.dataset, source.settings)
    there = place
    for _ in range(count):
        there = destination(move, run, there)
    assert destination(move, run, place, count) == there


@pytest.mark.parametrize("at", ["start", "1.batch", "5.gradient", "end"])
def test_what_is_enabled_moves_and_what_is_not_does_not(at):
    for move in MOVES:
        session = opened(at=at)
        can, before = session.enabled(move), (session.number, session.phase)
        session.do(move)
        assert ((session.number, session.phase) != before) <= can, move


def test_one_view_and_one_iteration_for_a_place(monkeypatch):
    made = []
    iteration = Run.iteration
    monkeypatch.setattr(Run, "iteration", lambda run, number: made.append(number) or iteration(run, number))
    session = opened()
    for number in range(1, 6):
        session.do("next")
        for command in COMMANDS:
            session.enabled(command.id)
        assert session.view is session.view and session.view.iteration.number == number
        session.do("chart_2")
        assert session.view.chart == "rmse" and session.view.iteration.number == number
        session.do("phase_back")
        assert session.view.but(phase=Phase.BATCH).iteration is session.view.iteration
        session.do("phase_next")
    assert made == [1, 2, 3, 4, 5]


def test_what_takes_long_is_the_target_until_it_was_computed_in_slices_or_given_up():
    session = opened(epochs=LONG)
    session.do("end")
    assert session.target == (session.run.n_iterations, Phase.AFTER) and session.number == 0
    known = session.run.computed
    assert not session.compute(0.001) and session.run.computed > known and session.number == 0
    session.stop_computing()
    assert session.target is None and f"up to {session.run.computed} are known" in session.notice
    session.do("next")
    assert (session.number, session.target) == (1, None)


@pytest.mark.parametrize("command", [c.id for c in COMMANDS if not c.opens and c.id not in ("quit", "chart")])
def test_every_command_that_opens_nothing_is_done_and_told(command):
    told = []
    session = opened(at="5.gradient", changed=lambda: told.append(command))
    told.clear()
    session.do(command)
    assert told


def test_playing_goes_on_by_its_speed_and_stops_at_the_end():
    session = opened(epochs=100)
    session.do("play")
    session.speed = SPEEDS.index(1000)
    session.play_on(0.05)
    assert session.number == 50 and session.playing
    while session.playing:
        session.play_on(0.05)
    assert session.number == session.run.n_iterations and session.ended
    session.do("play")
    assert session.playing and (session.number, session.ended) == (0, False)


def test_playing_so_slowly_that_less_than_an_iteration_is_due_stops_at_a_breakpoint_too():
    session = opened()
    session.breakpoints.add("epoch=2", session.run)
    session.do("play")
    session.speed = 0
    for number in (1, 2, 3, 4):
        assert session.playing
        session.play_on(0.05)
        assert session.number == number
    assert not session.playing and session.notice == "stopped at iteration 4: epoch=2 (epoch 2)"


def test_a_row_of_all_models_is_looked_for_until_the_cursor_moves():
    session = opened(at="3")
    session.look.model = 1
    assert session.view.model == 1
    session.do("next")
    assert session.view.model is None


@pytest.mark.parametrize("command", sorted(MOVES))
def test_going_back_and_through_the_phases_ends_playing(command):
    session = opened(at="5")
    session.do("play")
    session.do(command)
    assert session.playing == (command in ("next", "epoch_next", "end"))


def test_going_to_a_place_ends_playing():
    session = opened(at="5")
    for text in ("7", "rmse<1e9"):
        session.do("play")
        session.go_to(text)
        assert not session.playing


def test_parameters_are_scrolled_one_by_one_however_many_lines_are_meant():
    session = Session(Source(Dataset("wide", np.eye(9)[:, :6], np.arange(9.0)), Settings(), DataOrigin()))
    session.open()
    session.painted(4, 2, None)
    session.focus("gradient")
    for lines, first in ((1, 1), (3, 2), (3, 3), (-3, 2), (-1, 1)):
        session.scroll(lines)
        assert session.view.first_parameter == first


def test_another_run_that_has_no_such_place_leaves_the_session_as_it_is():
    session = opened(at="5")
    run = session.run
    with pytest.raises(LrstepError, match="no iteration 13"):
        session.load(replace(session.source, cursor="13"))
    assert session.run is run and session.number == 5
    session.load(replace(session.source, cursor="3.gradient"))
    assert session.run is not run and (session.number, session.phase) == (3, Phase.GRADIENT)


def test_practice_moves_the_cursor_to_what_is_asked_and_ends_with_the_run():
    session = opened(batch_size=12, epochs=1)
    session.do("practice")
    assert (session.number, session.phase) == (1, Phase.LOSS) and "loss" in session.view.hidden
    for _ in range(40):
        if session.practice is None:
            break
        assert session.phase == session.practice.phase
        assert session.answer("enter", None)
    assert session.practice is None and session.notice.startswith("that was the last iteration")
    assert session.view.hidden == frozenset() and not session.answer("enter", None)


def test_practice_asks_about_every_iteration_up_to_the_last():
    session = opened(batch_size=4, epochs=1)
    session.do("practice")
    asked = []
    while session.practice is not None:
        asked.append((session.number, session.practice.quantity))
        session.answer("enter", None)
    of_each = [[key for number, key in asked if number == one] for one in (1, 2, 3)]
    assert len(asked) == sum(map(len, of_each)) and of_each[0] == of_each[1] == of_each[2] != []


def test_without_the_focus_the_table_of_all_models_is_at_the_cursor_again():
    session = opened(epochs=20)
    session.painted(4, 2, 12)
    session.show_chart("models")
    session.focus("chart")
    session.choose_model(9)
    assert session.view.chosen_model == 9
    session.leave()
    session.focus("chart")
    assert session.view.chosen_model == 0


def test_tab_comes_to_the_table_of_all_models_once():
    def stations(session):
        while True:
            session.do("panel_next")
            yield session.look.focus
            if not session.look.focus:
                return

    session = opened(epochs=20)
    alone = [*stations(session)]
    session.painted(4, 2, 12)  # the table stands below the panels
    assert sorted(stations(session)) == sorted([*alone, "models"])
    session.show_chart("models")
    session.focus("")
    assert [*stations(session)] == alone


def test_leaving_ends_practice_first_then_what_goes_on_and_the_focus():
    session = opened(epochs=LONG)
    session.do("practice")
    session.focus("gradient")
    session.leave()
    assert session.practice is None and session.look.focus == "gradient"
    session.do("play"), session.do("end"), session.leave()
    assert (session.playing, session.target, session.look.focus) == (False, None, "")


def test_another_run_begins_with_the_first_samples_of_a_batch():
    session = opened(batch_size=12)
    session.do("next")
    session.look.scroll = 3
    session.change(session.source.settings.changed(learning_rate=0.2))
    assert session.look.scroll == 0


def test_the_surface_has_axes_that_the_run_has():
    session = opened()
    for features, axes in ((3, (1, 2)), (2, (1, 2)), (1, (0, 1)), (2, (1, 2))):
        columns = np.arange(12.0 * features).reshape(12, features) % 7
        session.load(Source(Dataset("d", columns, np.arange(12.0)), Settings(weight=0.5), DataOrigin()))
        session.look.axes = (1, 2)
        session.touch()
        assert session.view.axes == axes


def test_practice_goes_with_the_cursor_and_begins_anew_there():
    session = opened()
    session.do("next")
    session.do("practice")
    for _ in range(2):
        session.answer("enter", "\r")
    for character in "21":
        session.answer(character, character)
    practice = session.practice
    later, first = practice.quantity, practice._asked[0]
    session.do("phase_next")  # the same iteration: what is typed stays
    assert (practice.quantity, practice.typed) == (later, "21")
    session.do("next")
    assert (practice.iteration, practice.quantity, practice.typed, practice.said) == (2, first, "", "")


def test_a_panel_of_parameters_is_scrolled_both_ways():
    columns = np.arange(60.0).reshape(12, 5) % 7
    session = opened()
    session.load(Source(Dataset("d", columns, np.arange(12.0)), Settings(weight=0.5), DataOrigin()))
    session.look.focus = "gradient"
    places = []
    for lines in (1, 1, -1, 1, -1, -1, -1):
        session.scroll(lines)
        places.append(session.look.parameter)
    assert places == [1, 2, 1, 2, 1, 0, 0]


def test_what_keys_do_is_said_with_the_keys_of_the_person():
    names = ("next", "play", "practice", "quit", "scroll_up", "zoom", "check")
    own = with_keys({name: (f"f{place}",) for place, name in enumerate(names, 1)})
    session = Session(open_source(), table=own)
    session.open()

    def screen(width, height):
        return "\n".join(plain(layout.compose(session.view, width, height, [], False).rows))

    assert "F1 takes the first step" in screen(80, 24) and "F4 quits" in screen(59, 14)
    session.show_chart("surface")
    assert "F6 around the path" in screen(120, 40)
    session.change(session.source.settings.changed(batch_size=12))
    session.do("end")
    assert "of 12 F5 . " in screen(80, 20)
    session.ended = True
    session.touch()
    assert any("F2 starts over" in line for line in plain(status_lines(session, 80, 24)))
    session.checker.state, session.checker.problem = "failed", LrstepError("none")
    assert any("F7 F7 tries again" in line for line in plain(status_lines(session, 80, 24)))
    session.do("practice")
    assert "F3 leaves practice" in "\n".join(plain(session.practice.lines(session.view, 80)))
