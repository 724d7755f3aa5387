"""lrstep where something that programs take for granted is missing, or is not what it seems to be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lrstep import cli

LRSTEP = [sys.executable, "-m", "lrstep"]


def lrstep(*arguments, **options):
    return subprocess.run(
        [*LRSTEP, *arguments], **{"stdin": subprocess.DEVNULL, **options}, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def homeless(tmp_path):
    """The environment of a user without HOME and without an entry in the table of users; where it runs is empty."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import pwd\ndef nobody(which): raise KeyError(which)\npwd.getpwuid = pwd.getpwnam = nobody\n"
    )
    (tmp_path / "here").mkdir()
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "LRSTEP_"))}
    mine.pop("HOME", None)
    return {"env": mine | {"PYTHONPATH": str(tmp_path / "site"), "PYTHONUTF8": "1"}, "cwd": tmp_path / "here"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["keys"],
        ["keys", "--format", "toml"],
        ["--plain"],
        ["--plain", "--resume"],
        ["trace"],
        ["why", "3"],
        ["samples"],
    ],
    ids=" ".join,
)
def test_without_a_home_folder_everything_works(homeless, arguments):
    done = lrstep(*arguments, **homeless)
    assert done.returncode == 0 and done.stdout
    assert "Traceback" not in done.stderr
    assert ("this user has no home folder" in done.stdout + done.stderr) == ("--plain" in arguments)
    assert list(homeless["cwd"].iterdir()) == []


def test_keys_says_how_to_have_a_configuration_all_the_same(homeless, tmp_path):
    assert "LRSTEP_CONFIG names one" in lrstep("keys", **homeless).stdout
    (tmp_path / "c.toml").write_text('[keys]\nnext = "f8"\n')
    homeless["env"]["LRSTEP_CONFIG"] = str(tmp_path / "c.toml")
    assert "f8" in lrstep("keys", **homeless).stdout


@pytest.mark.keras
def test_the_check_leaves_nothing_where_it_runs_without_a_home_folder(homeless):
    assert lrstep("check", "--only", "1", **homeless).returncode == 0
    assert list(homeless["cwd"].iterdir()) == []


@pytest.mark.parametrize("option", ["--epochs", "--seed", "--batch-size"])
@pytest.mark.parametrize("digits", [16, 30, 4300, 100_000])
def test_a_huge_whole_number_is_refused_by_name(option, digits):
    done = lrstep("trace", option, "9" * digits)
    assert done.returncode == 2 and not done.stdout
    assert done.stderr.startswith(f"lrstep: {option}: ") and "10^15" in done.stderr
    assert len(done.stderr) < 300


def test_nul_on_standard_input_is_refused_at_once():
    with Path("/dev/zero").open("rb") as zero:
        done = lrstep("trace", "-", stdin=zero)
    assert done.returncode == 2 and "no UTF-8 text (byte 0x00)" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="a folder in use cannot be removed here")
def test_in_a_folder_that_was_removed(tmp_path):
    script = "import os, sys; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone'); "
    script += "os.execv(sys.executable, sys.argv[1:])"
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "LRSTEP_STATE_DIR": "state"}

    def run(*arguments, lines=""):
        command = [sys.executable, "-c", script, *LRSTEP, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=env, input=lines, capture_output=True, text=True, timeout=120)

    assert run("trace").returncode == run("keys").returncode == 0
    for arguments in (["export", "x.csv"], ["trace", "x.csv"], ["trace", "-o", "x.csv"]):
        done = run(*arguments)
        assert done.returncode == 2 and done.stderr.startswith("lrstep: x.csv") and "Traceback" not in done.stderr
    talk = run("--plain", lines="S x.toml\ne x.csv\ne x/\nnext\nq\n")
    assert talk.returncode == 0 and talk.stdout.count("Not done: ") == 3 and "Iteration 1 of 12" in talk.stdout
    assert talk.stderr.startswith("lrstep: the place was not kept") and "Traceback" not in talk.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_where_not_even_the_message_can_be_written_the_status_says_so():
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("w") as full:
        assert subprocess.run([*LRSTEP, "trace"], stdout=full, stderr=full, env=env, timeout=120).returncode == 2


def test_a_thread_that_cannot_be_started_is_a_lack_of_memory(monkeypatch, capsys):
    def fail():
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(cli, "_invoke", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2 and "not enough memory" in capsys.readouterr().err
