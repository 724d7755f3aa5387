"""How far the terminal has come: nothing waits for one that does not answer, nor for ever for one that did."""

import threading
from types import SimpleNamespace

import pytest

from lrstep.tui.terminal.back_pressure import AHEAD, AT_FIRST, OFTEN, PATIENCE, QUESTION, BackPressure
from lrstep.tui.terminal.driver import ThriftyDriver


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def known(clock):
    """BackPressure of a terminal that has answered once."""
    pressure = BackPressure(clock)
    assert pressure.sent(OFTEN) == QUESTION
    assert pressure.answered()
    return pressure


def test_nothing_waits_for_a_terminal_that_never_answered(clock):
    pressure = BackPressure(clock)
    asked = [pressure.sent(500) for _ in range(1000)]
    assert asked.count(QUESTION) == 1
    assert not pressure.behind


def test_the_end_waits_a_moment_for_the_very_first_answer(clock):
    pressure = BackPressure(clock)
    assert pressure.ask() == QUESTION
    assert pressure.open
    clock.now += AT_FIRST
    assert not pressure.open


def test_little_is_not_asked_about(known):
    assert known.sent(OFTEN - 1) == ""
    assert not known.open
    assert known.sent(1) == QUESTION
    assert known.open


def test_what_is_on_its_way_is_bounded_and_an_answer_clears_it(known):
    on_its_way = 0
    while not known.behind:
        known.sent(700)
        on_its_way += 700
    assert AHEAD <= on_its_way < AHEAD + 700
    assert known.answered()
    assert not known.behind


def test_only_what_came_before_the_question_is_known_to_have_arrived(known):
    known.sent(OFTEN)
    known.sent(AHEAD)
    assert known.behind
    known.answered()
    known.sent(0)
    assert known.behind


def test_it_waits_no_longer_than_its_patience(known, clock):
    known.sent(AHEAD)
    assert known.behind
    clock.now += PATIENCE
    assert not known.behind
    assert not known.open
    assert known.answered()
    known.sent(AHEAD)
    assert known.behind


def test_nothing_is_asked_while_the_terminal_is_given_back(known):
    known.asking = False
    assert known.sent(AHEAD) == ""
    assert not known.open


def test_an_answer_that_nobody_asked_for_is_somebody_elses(known):
    assert not known.answered()


@pytest.mark.parametrize(
    "typed", [[b"\x1b" * 900 + b"\x1b[1;1R", b"\x03"], [b"l" * 900, b"l\x1b[40;120R\x03"]], ids=repr
)
def test_the_end_does_not_wait_for_an_answer_among_the_keys_that_ctrl_c_overtakes(typed):
    driver, messages, pieces = ThriftyDriver.__new__(ThriftyDriver), [], iter(typed)
    driver.exit_event, driver.pressure = threading.Event(), BackPressure()
    driver._app = SimpleNamespace(message_queue_size=1000, keys_waiting=0)
    driver.process_message = messages.append

    def read(seconds):
        piece = next(pieces, b"")
        if not piece:
            driver.exit_event.set()
        return piece

    driver._typed = read
    driver.pressure.ask()
    driver.run_input_thread()
    assert "ctrl+c" in [message.key for message in messages] and not driver.pressure.open
