"""The first start of a person, in a real terminal: the question is asked once, and never where a SOURCE is given."""

import pytest

pytestmark = pytest.mark.pty

ASKED = "What brings you here?"


def test_the_question_is_asked_at_the_first_start_alone(lrstep, tmp_path):
    state = {"LRSTEP_STATE_DIR": str(tmp_path / "state")}
    for arguments in (("mlcc",), ("--lr", "0.1")):
        terminal = lrstep(*arguments, env=state | {"LRSTEP_STATE_DIR": str(tmp_path / arguments[0])})
        terminal.wait_for("before iteration 1", quiet=0.15)
        assert not terminal.shows(ASKED)
    terminal = lrstep(env=state, size=(80, 24))
    terminal.wait_for(ASKED, quiet=0.15)
    assert terminal.shows("6 RMSE")
    terminal.press("7")
    terminal.wait_for("One epoch with all 12 samples", quiet=0.15)
    terminal.press("right")
    terminal.wait_for("Both are right.", quiet=0.15)
    assert terminal.shows("23.1404") and terminal.shows("21.8362")
    terminal.press("q")
    assert terminal.wait_for_exit() == 0
    terminal = lrstep(env=state, size=(80, 24))
    terminal.wait_for("before iteration 1", quiet=0.15)
    assert not terminal.shows(ASKED)
