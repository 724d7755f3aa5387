"""However it ends: the terminal restored, the run kept once, the status right, no process and no CPU left."""

import os
import shlex
import signal
import sys
import time
from pathlib import Path

import pytest

from lrstep.tui.terminal import lifecycle

pytestmark = pytest.mark.pty

APP = (sys.executable, str(Path(__file__).with_name("ending_app.py")))


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "kept"


@pytest.fixture
def ending(run, kept, tmp_path):
    """The app that ends badly, ready for a key."""

    def launch(*arguments, before=()):
        terminal = run(*before, *APP, str(kept), *arguments, size=(60, 10), env={"LRSTEP_STATE_DIR": str(tmp_path)})
        terminal.wait_for("ready", quiet=0.1)
        return terminal

    return launch


def times_kept(kept):
    return kept.read_text().count("kept") if kept.exists() else 0


def gone(terminal):
    """Whether every process of the session has ended."""
    terminal.wait_until(lambda: not terminal.processes(), "all processes to end")
    return True


ENDING = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM]


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_restores_the_terminal_and_keeps_the_run(ending, kept, number):
    terminal = ending()
    terminal.kill(number)
    assert terminal.wait_for_exit() == 128 + number
    assert terminal.restored(), terminal.modes()
    assert times_kept(kept) == 1
    assert gone(terminal)


def test_signals_one_after_the_other_end_it_once(ending, kept):
    terminal = ending()
    for _ in range(5):
        terminal.kill(signal.SIGTERM)
    assert terminal.wait_for_exit() == 128 + signal.SIGTERM
    assert terminal.restored(), terminal.modes()
    assert times_kept(kept) == 1


@pytest.mark.parametrize("before", [(), ("sh", "-c", 'trap "" HUP; exec "$@"', "sh")], ids=["plain", "SIGHUP ignored"])
def test_a_terminal_that_goes_away_ends_it_and_keeps_the_run(ending, kept, before):
    terminal = ending(before=before)
    terminal.hang_up()
    assert terminal.wait_for_exit() == 128 + signal.SIGHUP
    assert times_kept(kept) == 1
    assert gone(terminal)


def test_a_terminal_that_goes_away_while_it_starts_ends_it_too(run, kept):
    waits = 'trap "" HUP; echo waits; until [ -e "$0" ]; do sleep 0.02; done; exec "$@"'
    begin = kept.with_name("begin")
    terminal = run("sh", "-c", waits, str(begin), *APP, str(kept))
    terminal.wait_for("waits")
    terminal.hang_up()
    begin.touch()
    assert terminal.wait_for_exit() == 128 + signal.SIGHUP
    assert gone(terminal)


def test_the_run_is_kept_to_the_end_when_the_terminal_goes_away_meanwhile(ending, kept):
    kept.with_name("slow").touch()
    terminal = ending()
    terminal.kill(signal.SIGHUP)
    time.sleep(0.1)
    terminal.hang_up()
    assert terminal.wait_for_exit() == 128 + signal.SIGHUP
    assert times_kept(kept) == 1


def test_an_app_that_hangs_still_gives_the_terminal_back(ending, kept):
    terminal = ending("0.5")
    terminal.press("b")
    terminal.drain(0.3)
    terminal.kill(signal.SIGTERM)
    assert terminal.wait_for_exit() == 128 + signal.SIGTERM
    assert terminal.restored(), terminal.modes()
    assert times_kept(kept) == 1


@pytest.mark.parametrize(
    ("key", "what"), [("a", "action"), ("p", "panel"), ("w", "worker"), ("t", "thread"), ("m", "timer"), ("e", "end")]
)
def test_an_error_is_a_short_message_and_a_traceback_in_a_file(ending, kept, tmp_path, key, what):
    terminal = ending()
    terminal.press(key)
    assert terminal.wait_for_exit() == 1
    assert terminal.restored(), terminal.modes()
    told = [line for line in terminal.lines if line]
    assert "ValueError: broken " + what in "".join(told)
    assert "Traceback (" not in terminal.said
    log = tmp_path / "error.log"
    assert str(log) in "".join(told)
    assert "ending_app.py" in log.read_text()
    assert times_kept(kept) == 1


def test_a_second_error_does_not_take_the_place_of_the_first_in_the_log(ending, tmp_path):
    for key in ("a", "m"):
        terminal = ending()
        terminal.press(key)
        assert terminal.wait_for_exit() == 1
    log = (tmp_path / "error.log").read_text()
    assert log.index("ValueError: broken action") < log.index("ValueError: broken timer")


def test_a_pipe_in_place_of_the_log_does_not_hold_up_the_end(ending, tmp_path):
    os.mkfifo(tmp_path / "error.log")
    terminal = ending()
    terminal.press("a")
    assert terminal.wait_for_exit() == 1
    assert terminal.restored(), terminal.modes()
    assert "Traceback (" in terminal.said


def test_the_log_of_errors_is_bounded_and_keeps_the_one_before(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("LRSTEP_STATE_DIR", str(tmp_path))
    for number in range(1, 31):
        error = ValueError(f"number {number}\x1b]2;t\x07" + "x" * (10**number if number < 7 else 0))
        lifecycle._report(error, "", kept=False)
    logs = sorted(tmp_path.iterdir())
    assert [log.name for log in logs] == ["error.log", "error.old.log"]
    assert sum(log.stat().st_size for log in logs) < 5 * lifecycle.LOG_SIZE
    assert "\x1b" not in capsys.readouterr().err + "".join(log.read_text() for log in logs)


def test_an_ordinary_end_keeps_nothing(ending, kept):
    terminal = ending()
    terminal.press("q")
    assert terminal.wait_for_exit() == 0
    assert terminal.restored()
    assert times_kept(kept) == 0


@pytest.fixture
def in_a_shell(run, kept, tmp_path):
    """The same app, as a job of a shell."""
    env = {"PS1": "prompt> ", "LRSTEP_STATE_DIR": str(tmp_path), "ENV": None}
    terminal = run("bash", "--norc", "--noprofile", "-i", size=(60, 10), env=env)
    terminal.wait_for("prompt>")
    terminal.send(shlex.join((*APP, str(kept))) + "\r")
    terminal.wait_for("ready", quiet=0.1)
    return terminal


@pytest.mark.parametrize("key", ["ctrl+z", "s"], ids=["a key", "a signal in the middle of a write"])
def test_suspended_and_back_again(in_a_shell, key):
    terminal = in_a_shell
    terminal.press(key)
    terminal.wait_for("Stopped")
    modes = terminal.modes()
    assert modes.echo or 25 in modes.private
    assert 1049 not in modes.private
    assert 1003 not in modes.private
    goes_on_and_quits(terminal)


def test_stopped_without_notice_and_back_again(in_a_shell):
    terminal = in_a_shell
    os.kill(max(terminal.processes()), signal.SIGSTOP)
    terminal.wait_for("Stopped")
    goes_on_and_quits(terminal)
    assert terminal.modes().kitty == 0


def goes_on_and_quits(terminal):
    terminal.screen.reset()  # the alternate screen that the terminal shows from here on is blank
    terminal.send("fg\r")
    terminal.wait_for("ready", quiet=0.1)
    assert 1049 in terminal.modes().private
    terminal.press("q")
    terminal.wait_for("prompt>")
    assert 1049 not in terminal.modes().private
    terminal.send("exit $?\r")
    assert terminal.wait_for_exit() == 0
