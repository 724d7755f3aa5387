"""``lrstep lesson``: the list, a lesson by lines, and what is wrong in a file."""

import os

import forked
import pytest
from click.shell_completion import ShellComplete

from lrstep.cli import cli


@pytest.fixture
def lrstep(tmp_path):
    env = os.environ | {"LRSTEP_STATE_DIR": str(tmp_path / "state"), "PYTHONUTF8": "1"}

    def run(*arguments, lines=""):
        return forked.run(*arguments, input=lines, env=env, cwd=tmp_path)

    return run


def test_a_lesson_is_gone_through_by_lines_and_goes_on_where_it_was_left(lrstep):
    first = lrstep("lesson", "full-batch", "--plain", lines="next\n")
    assert first.returncode == 0 and "Step 2 of 4" in first.stdout
    assert "2 of 4" not in lrstep("lesson").stdout and "1 of 4 steps" in lrstep("samples").stdout
    again = lrstep("lesson", "full-batch", "--plain", lines="end\n")
    assert "Step 2 of 4" in again.stdout and "Step 1 of 4" not in again.stdout and "Step 3 of 4" in again.stdout
    assert "Step 3 of 4" in lrstep("--plain", "--resume").stdout
    assert "Step 1 of 4" in lrstep("lesson", "full-batch", "--again", "--plain").stdout
    assert "Step 1 of 4" in lrstep("full-batch", "--plain", lines="m\nm\nm\nm\n").stdout
    assert "✓ done" in lrstep("lesson").stdout


def test_what_is_wrong_in_a_file_is_named(lrstep, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('title = "Mine"\n[data]\nsample = "mlcc"\n[[steps]]\ntext = "Press {next}."\nuntil = { at = 1 }\n')
    good = lrstep("lesson", "check", "mine.toml")
    assert (good.returncode, good.stdout) == (0, "mine.toml: 1 step, nothing wrong.\n")
    file.write_text(file.read_text().replace("at = 1", "at = 99"))
    for how in (["lesson", "check"], ["lesson", "--plain"], ["--plain"]):
        bad = lrstep(*how, "mine.toml")
        assert bad.returncode == 2 and "mine.toml, step 1: until.at: this run has no iteration 99" in bad.stderr
    assert "this is no lesson" in lrstep("lesson", "check", "mlcc").stderr
    told = lrstep("lesson", "mlcc", "--plain").stderr
    assert "this is no lesson, it has no [[steps]]\n        lrstep lesson lists those there are.\n" in told


def test_the_names_of_lessons_are_completed():
    values = [item.value for item in ShellComplete(cli, {}, "lrstep", "_").get_completions(["lesson"], "by-")]
    assert values == ["by-hand", "by-"]
