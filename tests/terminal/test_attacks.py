"""What comes from outside, be it a file, a paste or a flood of keys: it steers neither the terminal nor lrstep."""

import random
import re
import sys
from pathlib import Path

import pytest

from lrstep.visible import STEERING

pytestmark = pytest.mark.pty

BREAKING = str(Path(__file__).with_name("breaking_stepper.py"))
OURS = re.compile(
    r"\x1b\[\d*(?:;\d*)?[HCG]|\x1b\[[\d;]*m|\x1b\[6n"  # moves, colours, where is the cursor?
    r"|\x1b\[\?(?:\d+;?)+(?:[hl]|\$p)|\x1b\[[<>]\d*u|\x1b\[2J|\r\x1b\[K|\x1b\]22;[a-z-]*\x07"
)
ATTACKS = {
    "clipboard and screen": "\x1b]52;c;aGk=\x07\x1b[2J\x1bc",
    "title and modes": "\x1b]2;pwned\x1b\\\x1b[?1049l\x1b[?1000l\x1b[?7h",
    "eight bits and line ends": "\x9b2J\x9d2;pwned\x9c\x90q\x9ca\nb\tc\rd\u2028e\x0bf",
    "writing direction and unseen": "\u202egnorw\u2066\u200f\u200b\ufeff\U000e0041",
}


def foreign(terminal):
    """Everything written that is neither text nor what lrstep itself sends."""
    return STEERING.findall(OURS.sub("", terminal.output.decode()))


def hostile_run(folder, attack):
    """A run file and its CSV file, in whose names, headers, title and notes an attack stands."""
    name = "".join(mark for mark in attack if mark not in "\0/")
    data = folder / f"d{name}.csv"
    data.write_text(f'"x{attack}z","y{attack}z"\n' + "".join(f"{x},{2 * x + 1}\n" for x in range(1, 13)), newline="")
    escaped = {"file": data.name, "title": f"t{attack}", "notes": f"n{attack}\nsecond line"}
    quoted = {key: '"' + "".join(_toml(mark) for mark in text) + '"' for key, text in escaped.items()}
    run = folder / "run.toml"
    lines = (f"title = {quoted['title']}", f"notes = {quoted['notes']}", "[data]",
             f"file = {quoted['file']}", "feature = 1", "label = 2")  # fmt: skip
    run.write_text("\n".join(lines))
    return run, data


def _toml(mark):
    return mark if mark.isascii() and mark.isprintable() and mark not in '"\\' else f"\\U{ord(mark):08x}"


def open_run(lrstep, tmp_path, attack, **options):
    run, data = hostile_run(tmp_path, attack)
    terminal = lrstep(str(run), env={"LRSTEP_STATE_DIR": str(tmp_path)}, **options)
    terminal.wait_for("second line", quiet=0.2)
    return terminal, data


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_no_text_of_a_file_steers_the_terminal(lrstep, tmp_path, attack):
    terminal, data = open_run(lrstep, tmp_path, attack)
    terminal.press("escape")
    terminal.wait_until(lambda: not terminal.shows("second line"), "the notes to close")
    for key, text in (("x", "Esc closes"), ("e", "Enter exports"), ("S", "ending in .toml"), ("i", "second line")):
        terminal.press(key)
        terminal.wait_for(text, quiet=0.2)
        terminal.press("escape")
        terminal.wait_until(lambda text=text: not terminal.shows(text), f"{text} to go")
    terminal.press("o")
    terminal.wait_for("Tab goes on", quiet=0.2)
    terminal.send(f"\x1b[200~{data.parent}/no{attack}.csv\x1b[201~\r")
    terminal.settle(0.4)
    terminal.press("escape", "escape")
    terminal.settle(0.3)
    assert foreign(terminal) == []
    assert {7, 25} & terminal.modes().private == set()
    assert 1049 in terminal.modes().private


def test_a_line_break_and_a_tab_in_a_column_name_are_marks_and_the_table_stays_whole(lrstep, tmp_path):
    terminal, _ = open_run(lrstep, tmp_path, "\n\t")
    terminal.press("escape", "right")
    terminal.wait_for("Iteration 1 of", quiet=0.2)
    assert terminal.shows(r"x\n\tz")
    assert terminal.shows(r"y\n\tz")
    table = next(number for number, line in enumerate(terminal.lines) if "1 Batch" in line)
    edges = [{at for at, mark in enumerate(line) if mark in "│┬╭╮"} for line in terminal.lines[table : table + 5]]
    corners = {at for at, mark in enumerate(terminal.lines[table]) if mark in "┬╭╮"}
    assert all(corners <= edge for edge in edges)


def test_a_paste_without_an_end_deadens_no_key(lrstep):
    terminal = lrstep()
    terminal.wait_for("before iteration 1", quiet=0.2)
    terminal.send("\x1b[200~never ends")
    terminal.settle(2)
    terminal.press("right")
    terminal.wait_for("Iteration 1 of 12")
    terminal.send("\x1b[200~nor does this")
    terminal.press("ctrl+c")
    assert terminal.wait_for_exit() == 0
    assert terminal.restored(), terminal.modes()


@pytest.mark.parametrize(
    ("typed", "ctrl_c"), [(100_000, "\x03"), (20_000, "\x1b[99;5u")], ids=["as ever", "as kitty says it"]
)
def test_ctrl_c_overtakes_what_was_typed_before(lrstep, tmp_path, typed, ctrl_c):
    terminal = lrstep("mlcc", "--epochs", "333334", env={"LRSTEP_STATE_DIR": str(tmp_path)})
    terminal.wait_for("before iteration 1", quiet=0.2)
    terminal.send("l" * typed + ctrl_c)
    assert terminal.wait_for_exit() == 0
    assert terminal.restored(), terminal.modes()
    kept = (tmp_path / "resume.toml").read_text()
    assert int(re.search(r'cursor = "(\d+)', kept)[1]) < typed / 2


def test_a_flood_of_esc_is_no_flood_for_ctrl_c(lrstep):
    terminal = lrstep()
    terminal.wait_for("before iteration 1", quiet=0.2)
    terminal.send("\x1b" * 5_000)
    terminal.press("ctrl+c")
    assert terminal.wait_for_exit() == 0
    assert terminal.restored(), terminal.modes()


def test_the_palette_bears_keys_and_clicks_in_any_order(lrstep, tmp_path):
    terminal = lrstep(env={"LRSTEP_STATE_DIR": str(tmp_path)})
    terminal.wait_for("before iteration 1", quiet=0.2)
    chance = random.Random(7)
    for _ in range(12):
        for _ in range(40):
            if chance.random() < 0.4:
                terminal.press("ctrl+p")
            elif chance.random() < 0.5:
                terminal.click(chance.randint(1, 120), chance.randint(4, 36))
            else:
                terminal.press(chance.choice(["escape", "backspace", "down", "up", "n", "i", "pagedown"]))
        terminal.drain(0.02)
        assert terminal.poll() is None, terminal.text
    terminal.settle(0.5)
    assert terminal.poll() is None, terminal.text
    terminal.press("ctrl+c")
    assert terminal.wait_for_exit() == 0
    assert not (tmp_path / "error.log").exists()


def test_a_second_error_leaves_the_first_in_the_log(run, tmp_path):
    for number in (1, 2):
        terminal = run(sys.executable, BREAKING, "--at", "1", env={"LRSTEP_STATE_DIR": str(tmp_path)})
        terminal.wait_for("Iteration 1 of 12", quiet=0.1)
        terminal.press("right")
        assert terminal.wait_for_exit() == 1
        assert (tmp_path / "error.log").read_text().count("ValueError: broken iteration") == number
