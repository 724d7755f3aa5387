"""The place is kept while the run is open, written only when it changed, and not kept in silence never."""

import threading
import time

import pytest

from lrstep.sources import keeper as module
from lrstep.sources import resume
from lrstep.sources.keeper import Keeper
from lrstep.sources.open_source import open_source


class Stepping:
    """A run at some place, kept by a keeper."""

    def __init__(self):
        self.source = open_source("mlcc")
        self.place = "0"
        self.asked = 0
        self.told = []
        self.keeper = Keeper(self.run, self.told.append)

    def run(self):
        self.asked += 1
        return self.source.run_file(cursor=self.place, hashed=True) if self.place else None


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("LRSTEP_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def stepping(state):
    return Stepping()


def kept():
    return getattr(resume.kept().run, "cursor", None)


def test_it_is_written_when_it_changed_and_only_then(stepping):
    stepping.keeper.keep()
    assert kept() == "0"
    resume.state_path().unlink()
    stepping.keeper.keep()
    assert kept() is None
    stepping.place = "3.loss"
    stepping.keeper.keep()
    assert kept() == "3.loss" and not stepping.told


def test_on_the_way_to_the_first_place_what_was_kept_before_stays(stepping):
    resume.keep(stepping.source.run_file(cursor="7", hashed=True))
    stepping.place = ""
    stepping.keeper.keep()
    assert stepping.keeper.at_the_end() == "" and kept() == "7"


def test_at_the_end_it_is_written_again_over_what_another_has_kept(stepping):
    stepping.keeper.keep()
    resume.keep(stepping.source.run_file(cursor="9", hashed=True))
    assert stepping.keeper.at_the_end() == ""
    assert kept() == "0"


def test_in_a_thread_it_follows_the_run(stepping, monkeypatch):
    monkeypatch.setattr(module, "EVERY", 0.001)
    with stepping.keeper.now_and_then():
        for place in ("1", "2.gradient"):
            stepping.place = place
            wait_until(lambda: kept() == place)  # noqa: B023 - called before the next one
    for thread in [thread for thread in threading.enumerate() if thread.name == "lrstep-keeper"]:
        thread.join()
    stepping.place = "5"
    time.sleep(0.05)  # many times as long as it waited between two looks
    assert kept() == "2.gradient"


def wait_until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.001)


def test_trouble_is_told_once_and_at_the_end_and_is_over_when_it_is_over(stepping, state):
    state.write_text("a file where the folder should be")
    for place in ("1", "2", "3"):
        stepping.place = place
        stepping.keeper.keep()
    assert len(stepping.told) == 1
    assert "not kept for --resume" in stepping.told[0] and str(state) in stepping.told[0]
    assert "was not kept for --resume" in stepping.keeper.at_the_end() and len(stepping.told) == 1
    state.unlink()
    stepping.keeper.keep()
    assert kept() == "3" and stepping.keeper.trouble == "" and stepping.keeper.at_the_end() == ""


def test_trouble_that_comes_again_is_told_again(stepping, state, monkeypatch):
    stepping.keeper.keep()

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    for place in ("1", "2"):
        stepping.place = place
        with monkeypatch.context() as patch:
            patch.setattr("lrstep.sources.files.os.open", full)
            stepping.keeper.keep()
        assert kept() == str(int(place) - 1)
        stepping.keeper.keep()
        assert kept() == place
    assert len(stepping.told) == 2 and all("no room left" in message for message in stepping.told)
    assert [path.name for path in state.iterdir()] == ["resume.toml"]


def test_an_error_in_the_program_neither_ends_it_nor_is_silent(stepping):
    stepping.source = None
    stepping.keeper.keep()
    assert stepping.told and "AttributeError" in stepping.told[0]


def test_a_disk_that_does_not_answer_is_not_waited_for(stepping, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    hangs, goes_on = threading.Event(), threading.Event()

    def keep(run):
        hangs.set()
        assert goes_on.wait(30)

    monkeypatch.setattr(module.resume, "keep", keep)
    thread = threading.Thread(target=stepping.keeper.keep)
    thread.start()
    assert hangs.wait(30)
    assert "does not answer" in stepping.keeper.at_the_end()
    goes_on.set()
    thread.join()
