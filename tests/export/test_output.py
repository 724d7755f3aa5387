"""A file is written whole or not at all."""

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lrstep.errors import LrstepError
from lrstep.export.output import ending_tidily, new_folder, open_output
from lrstep.sources.temporary import temporary_path


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_the_file_appears_when_all_is_written(tmp_path) -> None:
    with open_output(tmp_path / "a.csv") as out:
        out.write("ρ\n")
        assert "a.csv" not in names(tmp_path)
    assert (tmp_path / "a.csv").read_bytes() == "ρ\n".encode()
    assert names(tmp_path) == ["a.csv"]


def test_a_new_file_has_the_permissions_that_the_person_wants(tmp_path) -> None:
    old = os.umask(0o027)
    try:
        with open_output(tmp_path / "a"):
            pass
    finally:
        os.umask(old)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(KeyError), open_output(path, force=True) as out:
        out.write("new")
        raise KeyError
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.csv"]


def test_an_existing_file_needs_force(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(LrstepError, match=r"a\.csv exists already"), open_output(path):
        pass
    assert path.read_text() == "old"
    path.chmod(0o600)
    with open_output(path, force=True) as out:
        out.write("new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_came_meanwhile_is_not_overwritten(tmp_path) -> None:
    path = tmp_path / "a.csv"
    with pytest.raises(LrstepError, match="exists already"), open_output(path) as out:
        out.write("new")
        path.write_text("other")
    assert path.read_text() == "other"
    assert names(tmp_path) == ["a.csv"]


def test_a_symbolic_link_stays_one(tmp_path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    with open_output(tmp_path / "link", force=True) as out:
        out.write("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_device_is_written_to_directly() -> None:
    with open_output("/dev/null") as out:
        out.write("x")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("place", ["missing/a.csv", "file/a.csv", "."])
def test_a_place_that_cannot_hold_a_file_is_named(tmp_path, place) -> None:
    (tmp_path / "file").write_text("")
    before = names(tmp_path)
    with pytest.raises(LrstepError) as caught, open_output(tmp_path / place):
        pass
    assert str(tmp_path) in caught.value.message
    assert caught.value.hint
    assert names(tmp_path) == before


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "no room left"), (errno.EACCES, "no permission"), (errno.EIO, "cannot be")]
)
def test_what_the_system_refuses_is_said_in_words(tmp_path, number, words) -> None:
    with pytest.raises(LrstepError, match=words), open_output(tmp_path / "a") as out:
        out.write("half")
        raise OSError(number, os.strerror(number))
    assert names(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_said() -> None:
    with pytest.raises(LrstepError, match="no room left"), open_output("/dev/full") as out:
        out.write("x" * 100_000)


def test_a_folder_is_made_whole_or_not_at_all(tmp_path) -> None:
    with pytest.raises(KeyError), new_folder(tmp_path / "frames") as place:
        (place / "img0001.png").write_text("1")
        raise KeyError
    assert names(tmp_path) == []
    with new_folder(tmp_path / "frames") as place:
        (place / "img0001.png").write_text("1")
    assert names(tmp_path / "frames") == ["img0001.png"]
    assert names(tmp_path) == ["frames"]


def test_pictures_in_a_folder_need_force_and_other_files_stay(tmp_path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "img0001.png").write_text("old")
    with pytest.raises(LrstepError, match=r"img0001\.png exists already"), new_folder(tmp_path) as place:
        (place / "img0001.png").write_text("new")
    assert (tmp_path / "img0001.png").read_text() == "old"
    with new_folder(tmp_path, force=True) as place:
        (place / "img0001.png").write_text("new")
    assert (tmp_path / "img0001.png").read_text() == "new"
    assert names(tmp_path) == ["img0001.png", "notes.txt"]


def test_a_file_where_a_folder_is_wanted_is_refused(tmp_path) -> None:
    (tmp_path / "frames").write_text("")
    with pytest.raises(LrstepError, match="is a file"), new_folder(tmp_path / "frames"):
        pass


STOPPED = """
import os, signal, sys
from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.export.export_file import export

def stop(done, whole):
    if done == 9:
        print(os.listdir(), flush=True)
        os.kill(os.getpid(), int(sys.argv[2]))

export(Run(Dataset("d", [1.0, 2.0, 3.0], [2.0, 4.0, 7.0]), Settings(batch_size=1)), sys.argv[1], progress=stop)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1])
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.gif", "frames/"])
def test_a_signal_that_ends_lrstep_leaves_nothing_half_written(tmp_path, name, number) -> None:
    here, other = tmp_path / "here", tmp_path / "other"
    here.mkdir()
    other.mkdir()
    ended = subprocess.run(
        [sys.executable, "-c", STOPPED, name, str(int(number))],
        capture_output=True, text=True, cwd=here, env=os.environ | {"TMPDIR": str(other)},
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (128 + number, "")
    assert ".lrstep-" in ended.stdout or name == "a.xlsx"
    assert names(here) == names(other) == []


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.gif", "frames/"])
def test_what_a_killed_export_left_goes_at_the_next_one(tmp_path, name) -> None:
    ended = subprocess.run([sys.executable, "-c", STOPPED, name, "9"], capture_output=True, cwd=tmp_path)
    assert ended.returncode == -signal.SIGKILL
    assert names(tmp_path) and all(left.startswith(".lrstep-") for left in names(tmp_path))
    with open_output(tmp_path / "b.csv") as out:
        out.write("x")
    assert names(tmp_path) == ["b.csv"]


def test_temporary_files_of_the_living_and_of_other_machines_and_people_stay(tmp_path, monkeypatch) -> None:
    with temporary_path(tmp_path / "a.csv") as path:
        mine = path.name
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    left = mine.replace(str(os.getpid()), dead.stdout.strip(), 1)
    of_init = mine.replace(str(os.getpid()), "1", 1)
    elsewhere = f".lrstep-{dead.stdout.strip()}-00000000-{'0' * 16}.csv"
    stay = [mine, of_init, elsewhere, ".lrstep-notes", ".lrstep-99999999999999999999-x", "a.csv"]
    for name in (left, *stay):
        (tmp_path / name).touch()
    folder = tmp_path / left.replace(".csv", "")
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "a.csv")
    with monkeypatch.context() as patch:
        patch.setattr("os.geteuid", lambda: 987654)
        with temporary_path(tmp_path / "b.csv"):
            pass
    assert names(tmp_path) == sorted([left, folder.name, *stay])
    with temporary_path(tmp_path / "b.csv"):
        assert names(tmp_path) == sorted(stay)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
@pytest.mark.parametrize("before", [signal.SIG_IGN, signal.SIG_DFL, lambda number, frame: None])
def test_only_a_signal_that_nobody_handles_is_taken_and_it_is_given_back(number, before) -> None:
    old = signal.signal(number, before)
    try:
        with pytest.raises(KeyError), ending_tidily():
            assert (signal.getsignal(number) == before) == (before is not signal.SIG_DFL)
            with ending_tidily():
                pass
            assert (signal.getsignal(number) == before) == (before is not signal.SIG_DFL)
            raise KeyError
        assert signal.getsignal(number) == before
    finally:
        signal.signal(number, old)


def test_a_thread_leaves_signals_alone(tmp_path) -> None:
    found = []

    def write() -> None:
        with open_output(tmp_path / "a.csv") as out:
            out.write("x")
            found.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGTERM)]
    assert names(tmp_path) == ["a.csv"]
