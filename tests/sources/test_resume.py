"""The kept run: found again as it was, and never in the way."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.sources import files
from lrstep.sources.open_source import open_source
from lrstep.sources.resume import keep, kept, reopen, state_path
from lrstep.sources.runfile import DataOrigin, RunFile
from lrstep.sources.source import Source


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    folder = tmp_path / "state" / "lrstep"
    monkeypatch.setenv("LRSTEP_STATE_DIR", str(folder))
    return folder


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("x,y,note\n1,2,a\n3,4,b\n")
    return path


def test_nothing_was_kept():
    assert kept() == (None, "")


def test_a_run_is_found_again_as_it_was(data):
    source = open_source(str(data), features=["y"])
    changed = source.settings.changed(learning_rate=0.1 + 0.2, weight=-1e-300)
    run = source.changed(changed).run_file("2.accumulator", hashed=True)
    keep(run)
    assert kept() == (run, "")
    again = reopen(run)
    assert again.changed == ""
    assert (again.source.settings, again.source.cursor) == (changed, "2.accumulator")
    assert again.source.dataset.feature == "y" and again.source.data_hash == run.data_hash


def test_a_later_run_takes_the_place_of_the_one_before(data, state):
    keep(open_source("mlcc").run_file(hashed=True))
    keep(open_source(str(data)).run_file(cursor="1", hashed=True))
    found = kept().run
    assert found is not None and found.cursor == "1" and found.origin.file == data.resolve()
    assert names(state) == ["resume.toml"]


def test_only_the_user_may_read_it(state):
    old = os.umask(0)
    try:
        keep(open_source("mlcc").run_file(hashed=True))
    finally:
        os.umask(old)
    assert stat.S_IMODE(state_path().stat().st_mode) == 0o600 and stat.S_IMODE(state.stat().st_mode) == 0o700


def test_changed_data_is_noticed_and_an_unrelated_edit_is_not(data):
    run = open_source(str(data)).run_file(hashed=True)
    data.write_text("x;y;note\n1,0;2;edited\n3,0;4;too\n")
    assert reopen(run).changed == ""
    data.write_text("x,y,note\n1,2,a\n3,5,b\n")
    assert "data.csv has changed" in reopen(run).changed
    data.write_text("x,y,note\n1,2,a\n")
    assert "data.csv has changed" in reopen(run).changed


def test_a_place_behind_the_end_of_changed_data_becomes_the_end(data):
    data.write_text("x,y\n" + "1,2\n" * 40)
    source = open_source(str(data))
    place = source.n_iterations
    run = source.run_file(cursor=f"{place}.loss", hashed=True)
    assert reopen(run).source.cursor == f"{place}.loss"
    data.write_text("x,y\n1,2\n3,4\n")
    opened = reopen(run)
    assert opened.source.cursor == str(opened.source.n_iterations) != str(place)
    assert "data.csv has changed" in opened.changed and f"Iteration {place} is gone" in opened.changed
    keep(run)
    found = kept().run
    assert found is not None and found.cursor == f"{place}.loss"


def test_data_that_is_gone_is_not_the_fault_of_a_spelling(data):
    run = open_source(str(data), features=["y"]).run_file(hashed=True)
    data.write_text("a,b\n1,2\n")
    with pytest.raises(LrstepError, match=r"there is no column 'y'(.|\n)*lrstep alone starts a new run"):
        reopen(run)
    data.unlink()
    with pytest.raises(LrstepError) as caught:
        reopen(run)
    assert caught.value.message == f"the data of the kept run is not there any more: {data.resolve()}"
    assert "lrstep alone" in caught.value.hint and "spelling" not in caught.value.hint


def test_the_hash_sees_every_bit_and_the_order():
    base = Dataset("a", np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    others = [([2.0, 1.0], [3.0, 4.0]), ([3.0, 4.0], [1.0, 2.0]), ([1.0, np.nextafter(2, 3)], [3.0, 4.0])]

    def data_hash(data: Dataset) -> str:
        return Source(data, Settings(), DataOrigin()).data_hash

    hashes = {data_hash(Dataset("b", np.array(x), np.array(y))) for x, y in others}
    assert len(hashes | {data_hash(base)}) == 4
    assert data_hash(base) == data_hash(Dataset("other name", base.x, base.y, "p", "q"))


@pytest.mark.parametrize(
    "damage", [b"", b"\xff\xfe", b"[data", b'[data]\nsample = "mlcc"\nx = 1\n', b"[settings]\nrho = 7\n", b"\0" * 100]
)
def test_a_damaged_file_is_set_aside_and_said(state, damage):
    state.mkdir(parents=True)
    state_path().write_bytes(damage)
    run, message = kept()
    assert run is None and "was not opened" in message and str(state / "resume.toml.damaged") in message
    assert (state / "resume.toml.damaged").read_bytes() == damage
    assert kept() == (None, "")


def test_a_folder_in_its_place_does_not_stop_the_start(state):
    state_path().mkdir(parents=True)
    assert kept().run is None
    assert kept() == (None, "")


def test_a_file_where_the_folder_should_be_does_not_stop_the_start(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("LRSTEP_STATE_DIR", str(tmp_path / "file"))
    assert kept() == (None, "")
    with pytest.raises(LrstepError, match="cannot be written"):
        keep(open_source("mlcc").run_file(hashed=True))


def test_if_it_cannot_be_set_aside_it_is_said(state, monkeypatch):
    state.mkdir(parents=True)
    state_path().write_text("[")

    def fails(*args: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("pathlib.Path.replace", fails)
    assert "could not be set aside" in kept().message


def test_an_error_while_keeping_leaves_the_run_kept_before(state, monkeypatch):
    keep(open_source("mlcc").run_file(cursor="3", hashed=True))

    def fails(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", fails)
    with pytest.raises(LrstepError, match="no room left"):
        keep(open_source("mlcc").run_file(cursor="4", hashed=True))
    monkeypatch.undo()
    os.environ["LRSTEP_STATE_DIR"] = str(state)
    try:
        found = kept().run
    finally:
        del os.environ["LRSTEP_STATE_DIR"]
    assert found is not None and found.cursor == "3" and names(state) == ["resume.toml"]


def test_standard_input_cannot_be_kept(state):
    with pytest.raises(LrstepError, match="standard input"):
        keep(RunFile(DataOrigin()))
    assert not state.exists()


def test_without_the_variable_it_is_in_the_users_state_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("LRSTEP_STATE_DIR")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_path() == tmp_path / "lrstep" / "resume.toml"


def test_killed_at_any_moment_it_is_whole(state):
    code = (
        "from lrstep.sources.resume import keep; from lrstep.sources.open_source import open_source\n"
        "source = open_source('mlcc'); print('ready', flush=True); n = 0\n"
        "while True: n += 1; keep(source.run_file(cursor=str(n), hashed=True))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=dict(os.environ)) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        while kept().run is None:
            pass
        for _ in range(50):
            assert kept().message == ""
        process.kill()
    run, message = kept()
    assert run is not None and message == "" and files.read_text(state_path()).endswith("\n")
