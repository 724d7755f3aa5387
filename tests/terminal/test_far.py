"""Far iterations: progress, keys that stay alive, Esc, and what is known then is there at once."""

import re

import pytest

pytestmark = pytest.mark.pty

MILLION = ("mlcc", "--epochs", "333334")  # 1,000,002 iterations


def test_going_far_shows_progress_keeps_the_keys_alive_and_can_be_stopped(lrstep):
    terminal = lrstep(*MILLION, size=(80, 24))
    terminal.wait_for("before iteration 1 of 1000002", quiet=0.2)
    terminal.send("g1000000\r")
    terminal.wait_for("computing iteration")
    seen = [computed(terminal)]
    terminal.wait_until(lambda: computed(terminal) > seen[0] or terminal.shows("Iteration 1000000"), "more of it")
    terminal.press("?")
    terminal.wait_for("Help")
    terminal.press("q")
    terminal.wait_until(lambda: not terminal.shows("Help"), "the help to close")
    terminal.wait_for("computing iteration")  # a screen may come in pieces
    terminal.press("escape")
    terminal.wait_for("stopped; iterations up to", quiet=0.2)
    known = int(re.search(r"up to (\d+) are known", terminal.text)[1])
    assert seen[0] <= known < 1_000_000
    assert terminal.shows("before iteration 1 of")
    terminal.send(f"g{known}\r")
    terminal.wait_for(f"Iteration {known} of 1000002", quiet=0.2)
    assert not terminal.shows("computing")
    terminal.press("home")
    terminal.wait_for("before iteration 1 of")


def computed(terminal):
    """Iterations that the progress line says are computed; 0 where there is no such line."""
    found = re.search(r"computing iteration (\d+) of 1000000 \((\d+)%\)", terminal.text)
    if not found:
        return 0
    assert int(found[2]) == pytest.approx(int(found[1]) / 10_000, abs=1)
    return int(found[1])


def test_playing_at_full_speed_obeys_keys(lrstep):
    terminal = lrstep(*MILLION, size=(120, 40))
    terminal.wait_for("○ data", quiet=0.2)
    terminal.send("+" * 7 + "a")
    terminal.wait_for("▶ 1000/s")
    terminal.drain(0.5)
    terminal.send("a")
    terminal.wait_until(lambda: not terminal.shows("▶ 1000"), "it to pause")
    terminal.settle(0.2)
    place = re.search(r"Iteration (\d+) of", terminal.text)[1]
    assert int(place) > 50
    assert terminal.drain(0.5) == 0
    terminal.send("h")
    terminal.wait_for(f"Iteration {int(place) - 1} of")
