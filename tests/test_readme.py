"""The README's commands work as they are written, and it leaves nothing out."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lrstep.cli import cli
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.settings import FIELDS
from lrstep.session.commands import COMMANDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND_LINES = [
    line for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL) for line in block.splitlines() if line
]
LRSTEP = [line for line in COMMAND_LINES if line.startswith(("lrstep", "cat data.csv", "printf"))]
KERAS = [line for line in LRSTEP if " check" in line or " record " in line]
NOT_OPENING = (*cli.commands, "--plain")
OPENS = [line for line in LRSTEP if "|" not in line and shlex.split(line)[1:2] and line.split()[1] not in NOT_OPENING]

TRAIN = """import keras, numpy as np
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile("rmsprop", "mse")
model.fit(np.arange(6.0).reshape(6, 1), np.arange(6.0), verbose=0)
"""


@pytest.fixture
def folder(tmp_path):
    rows = "".join(f"{i};{20 + i};{150 + 3 * i};{60 + i}\n" for i in range(40))
    (tmp_path / "data.csv").write_text("id;age;height;weight\n" + rows)
    (tmp_path / "train.py").write_text(TRAIN)
    return tmp_path


def run(line, folder):
    env = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LRSTEP_STATE_DIR": str(folder / "state"),
    }
    return subprocess.run(
        line, shell=True, cwd=folder, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300
    )


def test_the_readme_has_commands():
    assert len(LRSTEP) > 15


@pytest.mark.parametrize("line", [line for line in LRSTEP if line not in (*KERAS, *OPENS)])
def test_a_command_of_the_readme_works(line, folder):
    if line == "lrstep":
        pytest.skip("opens the stepper: tests/terminal")
    done = run(line, folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout or list(folder.glob("*run.*")) or "-o" in line or " > " in line


@pytest.mark.keras
@pytest.mark.parametrize("line", KERAS)
def test_a_check_of_the_readme_is_confirmed_and_its_script_recorded(line, folder):
    done = run(line, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " record " not in line or (folder / "run.toml").exists(), done.stderr


@pytest.mark.parametrize("line", OPENS)
def test_what_opens_the_stepper_has_right_options_and_asks_for_a_terminal(line, folder):
    done = run(line, folder)
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr


def test_every_command_and_setting_is_in_the_readme():
    for name, command in cli.commands.items():
        if not command.hidden:
            assert f"lrstep {name}" in README, name
    settings = [field.option for field in FIELDS.values()]
    for option in (
        *settings,
        "--lr",
        "--feature",
        "--label",
        "--at",
        "--resume",
        "--precision",
        "--samples",
        "--force",
    ):
        assert option in README, option
    assert all(f"`{name}`" in README for name in OPTIMIZERS)


def test_every_key_is_in_the_readme():
    table = README[README.index("| key |") : README.index("At 80×24 the charts")]
    for command in COMMANDS:
        if command.id not in ("panel_back", "chart_1"):
            assert re.search(rf"(?<!\w){re.escape(command.shown)}(?!\w)", table), command.id


def test_its_pictures_are_there_and_were_drawn_by_the_app():
    for name in re.findall(r"\]\((docs/[\w.-]+\.svg)\)", README):
        picture = (ROOT / name).read_text(encoding="utf-8")
        assert "Iteration" in picture.replace("&#160;", " ")
        assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")
