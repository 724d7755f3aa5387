"""What lrstep does where it cannot draw, and on terminals that can do little."""

import re
import shlex
import sys

import pytest

pytestmark = pytest.mark.pty

COMMAND = shlex.join((sys.executable, "-m", "lrstep"))
COLOUR = re.compile(rb"\x1b\[[\d;]*m")


def colours(output):
    """The SGR parameters that set a colour."""
    found = set()
    for sequence in COLOUR.findall(output):
        parameters = [int(number or 0) for number in sequence[2:-1].split(b";")]
        found |= {p for p in parameters[:1] + parameters if 30 <= p <= 49 or 90 <= p <= 107}
    return found


def refused(terminal):
    """The message of a start that was refused."""
    assert terminal.wait_for_exit() == 2
    assert terminal.restored()
    return terminal.said.strip()


def test_a_message_takes_the_place_of_the_progress(lrstep, tmp_path):
    (tmp_path / "run.csv").touch()
    terminal = lrstep("export", str(tmp_path / "run.csv"))
    assert terminal.wait_for_exit() == 2
    assert "writing" in terminal.said and terminal.lines[0].startswith("lrstep: /"), terminal.text


@pytest.mark.parametrize(
    ("redirect", "stream"),
    [("</dev/null", "standard input"), (">out.txt", "standard output"), ("2>err.txt", "standard error")],
)
def test_a_redirected_stream_is_refused_with_what_to_use_instead(run, tmp_path, redirect, stream):
    terminal = run("sh", "-c", f"cd {shlex.quote(str(tmp_path))} && exec {COMMAND} {redirect}")
    told = refused(terminal) or (tmp_path / "err.txt").read_text()
    assert stream in told
    assert "lrstep trace" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("term", ["dumb", "", None])
def test_a_terminal_that_cannot_be_drawn_on_is_refused(lrstep, term):
    told = refused(lrstep(env={"TERM": term}))
    assert "TERM" in told
    assert "lrstep trace" in told


def test_no_color_writes_no_colour_codes(lrstep):
    terminal = lrstep(env={"NO_COLOR": "1"})
    terminal.wait_for("before iteration 1", quiet=0.15)
    terminal.press("right")
    terminal.wait_for("Iteration 1 of 12", quiet=0.15)
    terminal.press("?")
    terminal.settle(0.3)
    assert colours(terminal.output) == set()


def test_colours_are_written_otherwise(lrstep):
    terminal = lrstep()
    terminal.wait_for("before iteration 1", quiet=0.15)
    assert 38 in colours(terminal.output)


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_an_encoding_without_utf_8_gets_ascii(lrstep, locale):
    terminal = lrstep(env={"LANG": None, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    terminal.wait_for("before iteration 1", quiet=0.15)
    terminal.press("right")
    terminal.wait_for("Iteration 1 of 12", quiet=0.15)
    assert terminal.output.isascii()
    assert "\\u" not in terminal.text


@pytest.mark.parametrize("chosen", [{"LC_ALL": "C"}, {"LC_CTYPE": "POSIX"}, {"LANG": "C"}], ids=str)
def test_the_locale_c_gets_ascii_though_python_writes_utf_8_there(lrstep, chosen):
    terminal = lrstep(env={"LANG": None, **chosen})
    terminal.wait_for("before iteration 1", quiet=0.15)
    terminal.press("?")
    terminal.wait_for("An iteration takes one batch", quiet=0.15)
    assert terminal.output.isascii()


def test_where_no_locale_is_chosen_all_characters_are_drawn(lrstep):
    terminal = lrstep(env={"LANG": None})
    terminal.wait_for("before iteration 1", quiet=0.15)
    assert not terminal.output.isascii()


@pytest.mark.parametrize(("options", "plain"), [((), True), (("--no-ascii",), False)])
def test_the_linux_console_gets_what_its_font_has(lrstep, options, plain):
    terminal = lrstep(*options, env={"TERM": "linux", "COLORTERM": None})
    terminal.wait_for("before iteration 1", quiet=0.15)
    assert terminal.output.isascii() == plain


@pytest.mark.parametrize("term", ["linux", "screen", "tmux-256color", "xterm", "xterm-256color", "vt220"])
def test_the_usual_terminals_show_the_same_text(lrstep, term):
    terminal = lrstep(env={"TERM": term, "COLORTERM": None})
    terminal.wait_for("before iteration 1", quiet=0.15)
    terminal.press("right")
    terminal.wait_for("Iteration 1 of 12", quiet=0.15)
    assert terminal.shows("6 RMSE")
    assert b"38;2;" not in terminal.output
