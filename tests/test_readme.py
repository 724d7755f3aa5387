"""The commands of the README and of the help pages work as they are written, and they leave nothing out."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lrstep.cli import COMMANDS as LINE_COMMANDS
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.settings import FIELDS
from lrstep.session.commands import COMMANDS
from lrstep.sources.open_source import open_source

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/help").glob("*.md"))}
TEXTS = "\n".join((README, *PAGES.values()))
COMMAND_LINES = list(
    dict.fromkeys(
        line for block in re.findall(r"```sh\n(.*?)```", TEXTS, flags=re.DOTALL) for line in block.splitlines() if line
    )
)
LRSTEP = [line for line in COMMAND_LINES if line.startswith(("lrstep", "cat data.csv", "printf"))]
KERAS = [line for line in LRSTEP if " check" in line or " record " in line]
NOT_OPENING = (*LINE_COMMANDS, "--plain")
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
    (tmp_path / "run.log").write_text("Epoch 1/1\n1/1 - 0s - loss: 535.4800\n")
    return tmp_path


def run(line, folder):
    env = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LRSTEP_STATE_DIR": str(folder / "state"),
    }
    if " record " in line:
        env.pop("LRSTEP_KERAS_PYTHON", None)  # it is the import of Keras that record waits for
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


def test_every_command_and_setting_is_told():
    for name in LINE_COMMANDS:
        if name != "open":
            assert f"lrstep {name}" in TEXTS, name
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
        assert option in TEXTS, option
    assert all(f"`{name}`" in TEXTS for name in OPTIMIZERS)


def test_every_key_is_told():
    page = PAGES["stepper"]
    table = page[page.index("| key |") : page.index("At 80×24 the charts")]
    for command in COMMANDS:
        if command.id not in ("panel_back", "chart_1"):
            assert re.search(rf"(?<!\w){re.escape(command.shown)}(?!\w)", table), command.id


def test_its_pictures_are_there_and_were_drawn_by_the_app():
    for name in re.findall(r"\]\((docs/[\w.-]+\.svg)\)", TEXTS.replace("](../", "](docs/")):
        picture = (ROOT / name).read_text(encoding="utf-8")
        assert "Iteration" in picture.replace("&#160;", " ")
        assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")


def test_links_go_somewhere():
    for page, text in {"README.md": README, **{f"docs/help/{name}.md": text for name, text in PAGES.items()}}.items():
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (ROOT / page).parent.joinpath(link).exists(), (page, link)


def test_each_page_is_listed_with_its_title_in_the_readme_and_by_help(folder):
    listed = run("lrstep help", folder).stdout
    for name, text in PAGES.items():
        assert f"[{name}](docs/help/{name}.md)" in README
        title = text.partition("\n")[0].removeprefix("# ")
        assert re.search(rf"^  {name} +{re.escape(title)}$", listed, re.MULTILINE)


def test_help_shows_a_page_or_the_options_of_a_command_and_refuses_what_is_neither(folder):
    assert run("lrstep help Data", folder).stdout == PAGES["data"]
    assert run("lrstep help samples", folder).stdout.startswith("Usage: lrstep samples")
    refused = run("lrstep help nothing", folder)
    assert refused.returncode == 2
    assert "no page about nothing" in refused.stderr
    assert all(name in refused.stderr for name in PAGES)


def test_the_two_numbers_of_the_question_are_right():
    step = open_source("first-question").run().iteration(1)
    assert f"{step.rmse:.4f}, the RMSE with the weights before the step" in README
    assert f"{step.full_rmse:.4f}, the RMSE with the weights after it" in README


def test_its_moving_picture_is_small_and_20_seconds_long():
    Image = pytest.importorskip("PIL.Image")
    ImageSequence = pytest.importorskip("PIL.ImageSequence")
    with Image.open(ROOT / "docs/movie.gif") as movie:
        seconds = sum(frame.info["duration"] for frame in ImageSequence.Iterator(movie)) / 1000
    assert 15 < seconds < 25
    assert (ROOT / "docs/movie.gif").stat().st_size < 1_000_000
