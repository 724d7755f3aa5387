"""The stepper itself, ended from outside, with the run kept and no process left behind."""

import re
import signal
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pty

BREAKING = str(Path(__file__).with_name("breaking_stepper.py"))


@pytest.fixture
def stepper(lrstep, tmp_path):
    terminal = lrstep(env={"LRSTEP_STATE_DIR": str(tmp_path)})
    terminal.wait_for("before iteration 1", quiet=0.1)
    terminal.press("right", "right", "right")
    terminal.wait_for("Iteration 3 of 12", quiet=0.1)
    return terminal


def check_with_keras(terminal, until):
    terminal.press("c")
    terminal.wait_until(lambda: len(terminal.processes()) > 1, "the Keras process")
    if until == "checks":
        terminal.wait_until(lambda: re.search(r"✓ \d+ of 12 confirmed", terminal.text), "a confirmed step", within=90)


def end(terminal, how):
    if how == "closed terminal":
        terminal.hang_up()
        return signal.SIGHUP
    number = signal.Signals[how]
    terminal.kill(number)
    return number


@pytest.mark.parametrize(
    "keras",
    [
        pytest.param("", id="alone"),
        pytest.param("starts", id="while Keras starts", marks=pytest.mark.keras),
        pytest.param("checks", id="while Keras checks", marks=pytest.mark.keras),
    ],
)
@pytest.mark.parametrize("how", ["SIGTERM", "SIGHUP", "closed terminal"])
def test_the_place_is_kept_and_no_process_is_left(stepper, tmp_path, how, keras):
    if keras:
        check_with_keras(stepper, keras)
    number = end(stepper, how)
    assert stepper.wait_for_exit() == 128 + number
    stepper.wait_until(lambda: not stepper.processes(), "all processes to end")
    assert stepper.open == (how != "closed terminal")
    if stepper.open:
        assert stepper.restored(), stepper.modes()
    assert 'cursor = "3' in (tmp_path / "resume.toml").read_text()


def test_an_error_in_the_engine_is_told_shortly_and_logged(run, tmp_path):
    terminal = run(sys.executable, BREAKING, env={"LRSTEP_STATE_DIR": str(tmp_path)})
    terminal.wait_for("before iteration 1", quiet=0.1)
    terminal.press("right")
    terminal.wait_for("Iteration 1 of 12", quiet=0.1)
    terminal.press("right")
    assert terminal.wait_for_exit() == 1
    assert terminal.restored(), terminal.modes()
    assert "ValueError: broken iteration" in terminal.text
    assert "Traceback (" not in terminal.said
    assert "breaking_stepper.py" in (tmp_path / "error.log").read_text()


def test_nothing_is_promised_after_an_error_where_the_place_cannot_be_kept(run, tmp_path):
    (tmp_path / "state").write_text("a file where the folder should be")
    terminal = run(sys.executable, BREAKING, "--at", "1", env={"LRSTEP_STATE_DIR": str(tmp_path / "state")})
    terminal.wait_for("Iteration 1 of 12", quiet=0.1)
    terminal.press("right")
    assert terminal.wait_for_exit() == 1
    assert "the place was not kept" in terminal.said and "goes on where you were" not in terminal.said


@pytest.fixture
def suspended(run, tmp_path):
    """A stepper that Ctrl+Z has stopped in a shell, and the cells that it showed before."""
    env = {"PS1": "prompt> ", "LRSTEP_STATE_DIR": str(tmp_path)}
    terminal = run("bash", "--norc", "--noprofile", "-i", env=env)
    terminal.wait_for("prompt>")
    terminal.send(f"{sys.executable} -m lrstep\r")
    terminal.wait_for("before iteration 1", quiet=0.15)
    terminal.press("right")
    terminal.wait_for("Iteration 1 of 12", quiet=0.15)
    before = terminal.cells
    terminal.press("ctrl+z")
    terminal.wait_for("Stopped")
    return terminal, before


def test_it_is_suspended_and_comes_back_with_the_same_screen(suspended):
    terminal, before = suspended
    terminal.screen.reset()  # pyte has no alternate screen; a real one is blank when it is entered again
    terminal.send("fg\r")
    terminal.wait_for("Iteration 1 of 12", quiet=0.3)
    assert terminal.cells == before
    terminal.press("q")
    terminal.wait_for("prompt>")
    assert 1049 not in terminal.modes().private
    terminal.send("exit $?\r")
    assert terminal.wait_for_exit() == 0


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
def test_nothing_stale_stays_where_the_window_shrank_meanwhile(suspended, lrstep, size):
    terminal, _ = suspended
    fresh = lrstep("--at", "1", size=size)
    fresh.wait_for("Iteration 1 of 12", quiet=0.3)
    terminal.resize(*size)
    terminal.send("fg\r")
    terminal.wait_until(lambda: terminal.lines[-1].strip().startswith("←"), "the footer in the last row")
    terminal.settle(0.5)
    assert terminal.cells == fresh.cells


@pytest.mark.parametrize("first", [None, "bg"])
def test_ended_by_the_shell_while_it_is_suspended(suspended, tmp_path, first):
    terminal, _ = suspended
    if first:
        terminal.send(f"{first}\r")
        terminal.settle(0.5)
    terminal.send("kill %1\r")
    terminal.wait_until(lambda: (tmp_path / "resume.toml").exists(), "the run to be kept")
    terminal.wait_until(lambda: terminal.processes() == [terminal.pid], "the stepper to end")

    def told():
        terminal.send("\r")  # bash tells of a job that has ended before one of its next prompts
        terminal.drain(0.2)
        return terminal.shows("Exit 143")

    terminal.wait_until(told, "the shell to tell its status")


def test_it_cannot_be_suspended_where_no_shell_would_wake_it_up(stepper):
    stepper.press("ctrl+z", "right")
    stepper.wait_for("Iteration 4 of 12")
    stepper.press("q")
    assert stepper.wait_for_exit() == 0


def test_mouse_positions_in_pixels_are_given_up_too(stepper):
    stepper.send("\x1b[?2048;2$y\x1b[48;40;120;800;1200t")  # a terminal that reports its size by itself
    stepper.wait_until(lambda: {1016, 2048} <= stepper.modes().private, "the reports to be wanted")
    stepper.press("q")
    assert stepper.wait_for_exit() == 0
    assert stepper.restored(), stepper.modes()
