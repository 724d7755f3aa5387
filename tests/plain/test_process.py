"""``lrstep --plain`` as a program: pipes, terminals, signals, what it imports, the configuration."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PLAIN = [sys.executable, "-m", "lrstep", "--plain"]


def test_lines_from_a_pipe_are_done_in_order_and_their_end_quits(lrstep):
    done = lrstep("--plain", lines="next\n\ng 5\nphase\n")
    assert done.returncode == 0 and not done.stderr
    assert re.findall(r"^Iteration (\d+) of 12", done.stdout, re.M) == ["1", "2", "5", "6"]
    assert done.stdout.replace("\n", "").isprintable()
    assert "> " not in done.stdout
    assert lrstep("--plain", lines="next\n\ng 5\nphase\nquit\nnext\n").stdout == done.stdout


def test_it_needs_neither_terminal_nor_input(environment, tmp_path):
    for variable in ("TERM", "HOME"):
        environment.pop(variable, None)
    done = subprocess.run(PLAIN, stdin=subprocess.DEVNULL, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "Start, before iteration 1 of 12." in done.stdout
    closed = subprocess.run(["sh", "-c", f"{' '.join(PLAIN)} <&-"], env=environment, capture_output=True, text=True)
    assert closed.returncode == 0 and closed.stdout == done.stdout


def test_the_options_of_the_stepper_hold(lrstep):
    done = lrstep("--plain", "line16", "--lr", "0.1", "--batch-size", "3", "--at", "e2b1.gradient")
    assert "Iteration 7 of " in done.stdout and "phase 3 gradient" in done.stdout
    assert "learning rate 0.1" in done.stdout


@pytest.mark.parametrize("arguments", [["--at", "99"], ["nothing.csv"], ["-"], ["--lr", "0"], ["--theme", "blue"]])
def test_what_is_wrong_is_one_message_and_exit_status_2(lrstep, arguments):
    done = lrstep("--plain", *arguments, lines="next\n")
    assert done.returncode == 2 and not done.stdout
    assert done.stderr.startswith("lrstep: ") and "Traceback" not in done.stderr


def test_textual_is_not_imported(lrstep, environment, tmp_path):
    script = """
import sys
from lrstep import cli
sys.argv = ["lrstep", "--plain"]
try:
    cli.main()
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""
    lines = "next\nx\nw 21.8\ns lr 0.1\np\n1\np\ne run.csv\n?\nq\n"
    done = subprocess.run(
        [sys.executable, "-c", script], input=lines, env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    loaded = set(done.stderr.split())
    assert "numpy" in loaded and "lrstep" in loaded
    assert not loaded & {"textual", "tensorflow", "keras", "xlsxwriter"}


@pytest.mark.parametrize("python", [{}, {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}], ids=["utf-8", "ascii"])
def test_the_locale_c_gets_ascii_whatever_python_writes_there(lrstep, python):
    done = lrstep("--plain", lines="next\nx\n", LC_ALL="C", **python)
    assert done.returncode == 0 and done.stdout.isascii()
    assert "sqrt(" in done.stdout and "?" not in done.stdout
    assert lrstep("--plain", "--ascii", lines="next\nx\n").stdout == done.stdout


def test_bytes_that_are_no_text_are_refused_as_a_command(environment):
    done = subprocess.run(PLAIN, input=b"\xff\xfe\x00\nnext\n", env=environment, capture_output=True, timeout=60)
    assert done.returncode == 0 and b"Not done" in done.stdout and b"Iteration 1 of 12" in done.stdout


def test_a_line_without_an_end_is_refused_and_the_place_stays_kept(lrstep, tmp_path):
    done = lrstep("--plain", lines=f"g 7\n{'a' * 10_000}\n{'a' * 10_001}\nnext\n")
    assert done.returncode == 2 and "a line has more than 10,000 characters" in done.stderr
    assert done.stdout.count("Not done") == 1 and 'cursor = "7"' in (tmp_path / "state" / "resume.toml").read_text()


def test_a_reader_that_leaves_ends_it_quietly(environment):
    command = f"yes next | {' '.join(PLAIN)} | head -n 3"
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, timeout=60)
    assert len(done.stdout.splitlines()) == 3 and not done.stderr


# --- how it ends ---------------------------------------------------------------------------------


def kept(environment):
    path = Path(environment["LRSTEP_STATE_DIR"]) / "resume.toml"
    return path.read_text() if path.exists() else ""


@pytest.mark.parametrize("lines", ["g 5.loss\nq\n", "g 5.loss\n"])
def test_leaving_keeps_the_run(lrstep, environment, lines):
    assert lrstep("--plain", "--lr", "0.2", lines=lines).returncode == 0
    again = lrstep("--plain", "--resume")
    assert "Iteration 5 of 12" in again.stdout and "learning rate 0.2" in again.stdout


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=str
)
def test_a_signal_ends_it_with_its_status_and_keeps_the_run(environment, number, status):
    process = subprocess.Popen(PLAIN, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdin.write("g 7\n")
    process.stdin.flush()
    for line in process.stdout:
        if line.startswith("Keras prints RMSE"):
            break
    time.sleep(0.2)
    process.send_signal(number)
    assert process.wait(timeout=20) == status
    assert 'cursor = "7"' in kept(environment)
    process.stdin.close(), process.stdout.close()


class Screen:
    """A terminal that plain mode runs in."""

    def __init__(self, environment, *arguments):
        self.output = b""
        self.pid, self._file = pty.fork()
        if not self.pid:
            os.execvpe(PLAIN[0], [*PLAIN, *arguments], environment)

    def read_until(self, wanted):
        end = time.monotonic() + 30
        while wanted not in self.output and time.monotonic() < end:
            try:
                self.output += os.read(self._file, 4096)
            except OSError:
                break
        assert wanted in self.output
        return self.output

    def type(self, text):
        os.write(self._file, text)

    def status(self):
        while select.select([self._file], [], [], 30)[0]:
            try:
                read = os.read(self._file, 4096)
            except OSError:
                break
            self.output += read
            if not read:
                break
        else:
            os.kill(self.pid, signal.SIGKILL)
        os.close(self._file)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.mark.pty
def test_in_a_terminal_it_asks_with_the_place_and_writes_no_control_characters(environment):
    screen = Screen(environment)
    screen.read_until(b"start of 12> ")
    screen.type(b"g 5\n")
    screen.read_until(b"iteration 5 of 12> ")
    screen.type(b"j\n")
    screen.read_until(b"iteration 6 of 12 batch> ")
    screen.type(b"\x04")
    assert screen.status() == 0
    assert screen.output.decode().replace("\r\n", "").isprintable()
    assert 'cursor = "6.batch"' in kept(environment)


@pytest.mark.pty
def test_ctrl_c_in_a_terminal_quits_with_130(environment):
    screen = Screen(environment, "--at", "3")
    screen.read_until(b"iteration 3 of 12> ")
    screen.type(b"\x03")
    assert screen.status() == 130
    assert b"Traceback" not in screen.output
    assert 'cursor = "3"' in kept(environment)


@pytest.mark.keras
def test_a_signal_during_the_check_leaves_no_process(environment):
    pipe = subprocess.PIPE
    process = subprocess.Popen(PLAIN, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    process.stdin.write("g 2\nc all\n")
    process.stdin.flush()
    for line in process.stdout:
        if "Keras is starting" in line:
            break
    time.sleep(0.5)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        process.kill()
        pytest.skip("this system does not list the children of a process")
    worker = int(children.read_text().split()[0])
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 143
    assert not Path(f"/proc/{worker}").exists()
    assert 'cursor = "2"' in kept(environment)
    assert "Traceback" not in process.stderr.read()
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()


# --- the configuration ---------------------------------------------------------------------------


@pytest.fixture
def configured(environment):
    """Write the configuration."""
    return Path(environment["LRSTEP_CONFIG"]).write_text


def test_the_configuration_can_ask_for_plain_mode_ascii_and_keys(lrstep, configured):
    configured('plain = true\nascii = true\n[keys]\nnext = "y"\n')
    done = lrstep(lines="y\nl\n")
    assert done.returncode == 0 and done.stdout.isascii()
    assert "Iteration 1 of 12" in done.stdout and "'l' is no command" in done.stdout


def test_the_command_line_wins_over_the_configuration(lrstep, configured):
    configured("plain = true\nascii = true\n")
    assert not lrstep("--no-ascii", lines="next\n").stdout.isascii()
    refused = lrstep("--no-plain", lines="next\n")
    assert refused.returncode == 2 and "needs a terminal" in refused.stderr and "--plain" in refused.stderr


@pytest.mark.parametrize("arguments", [[], ["--plain"], ["keys"], ["mlcc", "--at", "3"]])
def test_a_wrong_configuration_is_refused_at_the_start_with_its_line(lrstep, configured, environment, arguments):
    configured('theme = "dark"\n[keys]\nnext = "b"\nexplane = "y"\n')
    done = lrstep(*arguments, lines="next\n")
    assert done.returncode == 2 and not done.stdout
    assert done.stderr.startswith(f"lrstep: {environment['LRSTEP_CONFIG']}, line 4: ")
    assert "explain" in done.stderr


def test_what_needs_no_configuration_does_not_look_at_it(lrstep, configured):
    configured("nonsense")
    for arguments in (["trace", "--format", "json"], ["samples"], ["--help"]):
        assert lrstep(*arguments).returncode == 0


def test_keys_lists_them_as_they_are_configured_and_where(lrstep, configured, environment):
    before = lrstep("keys").stdout
    assert environment["LRSTEP_CONFIG"] in before and "there is none" in before
    assert re.search(r"^next +right l space +next iteration$", before, re.M)
    configured('[keys]\nnext = ["N", "f8"]\nfailed_back = "ctrl+n"\n')
    after = lrstep("keys").stdout
    assert re.search(r"^next +N f8 +next iteration$", after, re.M)
    assert "there is none" not in after


def test_the_printed_table_is_a_configuration_that_changes_nothing(lrstep, configured):
    before = lrstep("keys").stdout
    configured(lrstep("keys", "--format", "toml").stdout)
    assert lrstep("keys").stdout == before.replace(" (there is none)", "")


@pytest.mark.keras
def test_the_precision_of_the_check_is_the_configured_one(lrstep, configured):
    configured('precision = "float64"\n')
    assert json.loads(lrstep("check", "--only", "1", "--format", "json").stdout)["precision"] == "float64"
    assert "in float64" in lrstep("--plain", lines="c\n").stdout
