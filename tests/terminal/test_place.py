"""The place in a run: kept while the stepper is open, whatever kills it; and said where it cannot be kept."""

import os
import signal
import sys

import pytest

pytestmark = pytest.mark.pty


@pytest.fixture
def kept(tmp_path):
    """The text of the kept run."""
    return lambda: path.read_text() if (path := tmp_path / "state" / "resume.toml").exists() else ""


@pytest.fixture
def stepper(lrstep, tmp_path):
    """Start lrstep with a state folder of its own."""
    return lambda *arguments: lrstep(*arguments, env={"LRSTEP_STATE_DIR": str(tmp_path / "state")})


def test_a_killed_stepper_is_found_again_where_it_was(stepper, kept):
    terminal = stepper("--lr", "0.1")
    terminal.wait_for("before iteration 1", quiet=0.1)
    for number in (1, 2, 3):
        terminal.press("right")
        terminal.wait_for(f"Iteration {number} of 12", quiet=0.1)
    terminal.wait_until(lambda: 'cursor = "3"' in kept(), "the place to be kept")
    terminal.kill(signal.SIGKILL)
    assert terminal.wait_for_exit() == -signal.SIGKILL
    again = stepper("--resume")
    again.wait_for("Iteration 3 of 12", quiet=0.1)
    again.press("q")
    assert again.wait_for_exit() == 0
    assert "learning_rate = 0.1" in kept()


def test_a_killed_plain_session_is_found_again_where_it_was(stepper, kept):
    terminal = stepper("--plain")
    terminal.wait_for("start of 12>")
    terminal.send("g 5.loss\n")
    terminal.wait_for("iteration 5 of 12 loss>")
    assert 'cursor = "5.loss"' in kept()
    terminal.kill(signal.SIGKILL)
    terminal.wait_for_exit()
    again = stepper("--plain", "--resume")
    again.wait_for("iteration 5 of 12 loss>")


@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGUSR1])
@pytest.mark.parametrize("plain", [False, True], ids=["screen", "plain"])
def test_signals_that_are_sent_by_mistake_end_it_in_order(stepper, kept, plain, number):
    terminal = stepper(*["--plain"] * plain, "--at", "4")
    terminal.wait_for("iteration 4 of 12>" if plain else "Iteration 4 of 12", quiet=0.1)
    terminal.kill(number)
    assert terminal.wait_for_exit() == 128 + number
    assert terminal.restored(), terminal.modes()
    assert 'cursor = "4"' in kept()


def test_an_idle_stepper_keeps_nothing_again_and_writes_nothing(stepper, tmp_path, kept):
    terminal = stepper()
    terminal.wait_for("before iteration 1", quiet=0.1)
    terminal.wait_until(lambda: 'cursor = "0"' in kept(), "the place to be kept")
    terminal.settle(0.5)
    before = (tmp_path / "state" / "resume.toml").stat()
    assert terminal.drain(2.5) == 0
    after = (tmp_path / "state" / "resume.toml").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


FULL = ("sh", "-c", 'ulimit -f 0; exec "$@"', "sh", sys.executable, "-m", "lrstep")
"""lrstep where not one byte more can be written to a file, as on a full disk."""


@pytest.mark.parametrize("trouble", ["no folder", "no room"])
def test_where_it_cannot_be_kept_that_is_said_once_and_at_the_end(stepper, run, tmp_path, trouble):
    if trouble == "no folder":
        (tmp_path / "state").write_text("a file where the folder should be")
        terminal = stepper()
    else:
        terminal = run(*FULL, env={"LRSTEP_STATE_DIR": str(tmp_path / "state")})
    terminal.wait_for("The place is not kept for --resume")
    terminal.press("right")
    terminal.wait_for("Iteration 1 of 12", quiet=0.1)
    terminal.drain(2.5)
    assert not terminal.shows("The place is not kept")
    terminal.press("q")
    assert terminal.wait_for_exit() == 0
    assert terminal.restored(), terminal.modes()
    assert "lrstep: the place was not kept for --resume" in "".join(terminal.lines)
    assert trouble == "no folder" or not any((tmp_path / "state").iterdir())


def test_in_plain_mode_likewise(stepper, tmp_path):
    (tmp_path / "state").write_text("a file where the folder should be")
    terminal = stepper("--plain")
    terminal.wait_for("start of 12>")
    terminal.send("next\nnext\nq\n")
    assert terminal.wait_for_exit() == 0
    said = " ".join(terminal.said.split())
    assert said.count("The place is not kept for --resume") == 1
    assert said.count("lrstep: the place was not kept for --resume") == 1


@pytest.mark.parametrize("plain", [False, True], ids=["screen", "plain"])
def test_a_place_that_is_not_reached_again_stays_kept(stepper, kept, tmp_path, plain):
    ended = stepper("--plain", "--epochs", "9999999", "--at", "5")
    ended.wait_for("iteration 5 of")
    ended.send("q\n")
    ended.wait_for_exit()
    far = kept().replace('cursor = "5"', 'cursor = "20000000"')
    assert far != kept()
    (tmp_path / "state" / "resume.toml").write_text(far)
    terminal = stepper("--resume", *["--plain"] * plain)
    terminal.wait_for("of 20000000" if plain else "omputing")
    terminal.kill(signal.SIGTERM)
    assert terminal.wait_for_exit() == 128 + signal.SIGTERM
    assert 'cursor = "20000000"' in kept()


@pytest.mark.parametrize("name", ["run.toml", "state/resume.toml", "config.toml"])
def test_a_pipe_in_place_of_a_file_does_not_hang(lrstep, tmp_path, name):
    (tmp_path / "state").mkdir()
    os.mkfifo(tmp_path / name)
    env = {"LRSTEP_STATE_DIR": str(tmp_path / "state"), "LRSTEP_CONFIG": str(tmp_path / "config.toml")}
    if name == "state/resume.toml":
        terminal = lrstep("--resume", env=env)
        terminal.wait_for("The kept run cannot be read")
        terminal.wait_for("before iteration 1", quiet=0.1)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert 'cursor = "0"' in (tmp_path / name).read_text()
    else:
        terminal = lrstep(*[str(tmp_path / name)] * (name == "run.toml"), env=env)
        assert terminal.wait_for_exit() == 2
        assert "this is a pipe" in "".join(terminal.lines)
