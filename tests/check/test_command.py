"""The body of ``lrstep check``: its words, its JSON, its exit codes."""

import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from data import MLCC, noisy
from interpreters import use_interpreter
from simulated import simulated_fit
from test_process import gone
from wrong_engines import AccumulatorStartsHigh, RhoSwapped

from lrstep import streams
from lrstep.check import headless as command
from lrstep.check import process
from lrstep.check.book import CheckBook
from lrstep.check.drift import Drift
from lrstep.check.protocol import Ready
from lrstep.check.worker import LOG_BYTES
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.run import Run
from lrstep.core.settings import Settings

FAKE_KERAS = Path(__file__).with_name("fake_keras")

LONG = """
import sys
from lrstep.__main__ import main
sys.stderr.isatty = lambda: True
sys.argv = ["lrstep", "check", "mlcc", "--batch-size", "1", "--epochs", "25000"]
main()
"""


def test_without_tensorflow_it_says_how_to_get_it_and_exits_with_3(monkeypatch, capsys):
    monkeypatch.delenv(process.PYTHON_VARIABLE, raising=False)
    monkeypatch.setattr(process, "installed", lambda package: False)
    assert command.check_command(Run(MLCC, Settings())) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    first, *more = captured.err.splitlines()
    assert first.startswith("lrstep: ") and "not installed" in first
    assert more and all(line.startswith(" " * 8 + "I") for line in more)
    assert process.install_hint() in captured.err


def test_every_line_of_a_hint_stands_below_the_message(tmp_path, monkeypatch, capsys):
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "tensorflow.py").write_text("raise ImportError('libfoo.so')")
    use_interpreter(tmp_path, monkeypatch, packages)
    assert command.check_command(Run(MLCC, Settings())) == 3
    first, *more = capsys.readouterr().err.splitlines()
    assert first.startswith("lrstep: ") and "libfoo.so" in first
    assert len(more) == 2 and all(line.startswith(" " * 8) for line in more)


@pytest.mark.parametrize("ends", ["raise ImportError({})", "import os; os.write(2, {}.encode()); os._exit(7)"])
def test_what_a_keras_process_says_does_not_steer_the_terminal(tmp_path, monkeypatch, capsys, ends):
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "tensorflow.py").write_text(ends.format(repr("\x1b]52;c;aGk=\x07\x9b2J\u202e")))
    use_interpreter(tmp_path, monkeypatch, packages)
    assert command.check_command(Run(MLCC, Settings())) == 3
    said = capsys.readouterr().err
    assert said.replace("\n", "").isprintable() and r"\x1b]52;c;aGk=\x07\x9b2J\u202e" in said


def test_a_keras_process_that_prints_without_an_end_does_not_fill_the_disk(tmp_path, monkeypatch, capsys):
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "tensorflow.py").write_text("import os\nwhile True: os.write(1, b'x' * 100_000)")
    state = use_interpreter(tmp_path, monkeypatch, packages)
    assert command.check_command(Run(MLCC, Settings())) == 3
    assert "cannot be loaded" in capsys.readouterr().err
    assert [log.stat().st_size for log in state.rglob("*.log")] == [LOG_BYTES]


def test_a_name_in_a_report_is_on_one_line_and_does_not_steer_the_terminal():
    run = Run(MLCC.named("a\n✓ b\x1b[2J"), Settings())
    text = command.as_text(run, command.Report(Ready(0, "3", "0", "0"), CheckBook(12), range(1, 13)))
    assert r"12 steps of a\n✓ b\x1b[2J, each" in text.splitlines()[0]


@pytest.mark.keras
def test_all_is_said_of_a_right_run_and_of_a_wrong_one(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    said: list[str] = []
    assert command.check_command(Run(MLCC, Settings()), "float64", echo=said.append) == 0
    text = said.pop()
    assert "12 steps of mlcc" in text and "✓ Every step confirmed." in text
    assert re.search(r"Drift .* after iteration 12", text)

    far = Run(noisy(8, 1e12, 1e25), Settings())
    assert command.check_command(far, "float32", [1], echo=said.append) == command.UNDECIDED == 4
    text = said.pop()
    assert "1 undecided: not confirmed" in text and "--precision float64" in text and "✓ Every" not in text

    wrong = RhoSwapped(MLCC, Settings())
    assert command.check_command(wrong, "float32", range(2, 4), as_json=True, echo=said.append) == 1
    found = json.loads(said.pop(), parse_constant=pytest.fail)
    assert found["dataset"] == {"name": "mlcc", "feature": "x", "label": "y", "n_samples": 12}
    assert (found["checked"], found["differs"], found["confirmed"]) == (2, 2, 0)
    assert found["differing_iterations"] == [2, 3] and found["drift"] is None
    first = found["steps"][0]["quantities"]
    by_name = {quantity["name"]: quantity for quantity in first}
    assert by_name["accumulator_weight"]["outcome"] == "differs"
    assert by_name["gradient_weight"]["outcome"] == "confirmed"
    assert by_name["accumulator_weight"]["engine"] == wrong.iteration(2).after.slots["accumulator"][0]


@pytest.mark.keras
def test_an_interrupt_ends_it_with_130_and_leaves_no_process(tmp_path):
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", LONG], stdout=pipe, stderr=pipe, env=environment) as started:
        assert started.stderr is not None
        seen = b""
        while b"Checking" not in seen:
            piece = os.read(started.stderr.fileno(), 1000)
            assert piece, seen
            seen += piece
        children = f"/proc/{started.pid}/task/{started.pid}/children"
        workers = [int(pid) for pid in Path(children).read_text().split()] if Path(children).exists() else []
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=30)
    assert started.returncode == 130
    assert out == b"" and b"Interrupted" in err and b"Traceback" not in err
    assert all(gone(pid) for pid in workers)


def test_the_meter_writes_only_where_it_is_shown(monkeypatch, capsys):
    for shown in (False, True):
        monkeypatch.setattr(sys.stderr, "isatty", lambda shown=shown: shown)
        for text in ("Starting", "12/24", "24/24", ""):
            streams.meter(text)
        assert capsys.readouterr().err == "\rStarting\r12/24   \r24/24\r     \r" * shown


def test_a_number_that_is_not_finite_is_a_text_in_json():
    from lrstep.check.quantity import ComparedQuantity, quantity_dict

    quantity = ComparedQuantity("loss", float("nan"), float("-inf"), float("inf"), 1.0, float("inf"), 2.0, "differs")
    found = json.loads(json.dumps(quantity_dict(quantity), allow_nan=False))
    assert (found["engine"], found["keras"], found["share"]) == ("nan", "-inf", "inf")


def test_a_report_names_the_columns_as_the_data_do():
    run = Run(MLCC, Settings(scale="standard"))
    report = command.Report(Ready(0, "3.11", "3.15", "2.21"), CheckBook(run.n_iterations, keep=1), [1])
    document = command.as_document(run, report)["dataset"]
    assert document == {"name": "mlcc", "feature": MLCC.feature, "label": MLCC.label, "n_samples": 12}
    assert run.dataset.feature != MLCC.feature


@pytest.mark.keras
def test_a_start_that_is_not_keras_s_own_is_told_as_that(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    said: list[str] = []
    assert command.check_command(AccumulatorStartsHigh(MLCC, Settings(weight=0.5)), echo=said.append) == 1
    assert "does not start as it should: with 1000.0 where 0.0 is the start" in said[0]
    assert "✗ Rounding does not explain it" in said[0] and "is rounding" not in said[0]


def test_a_free_run_that_rounding_does_not_explain_fails_alone():
    run = Run(MLCC, Settings(weight=0.5))
    report = command.Report(Ready(0, "3", "fake", "fake"), CheckBook(run.n_iterations), range(1, 13))
    report.free = Drift(run, "float32")
    for point in simulated_fit(run, "float32", 3):
        report.free.add(point)
    assert command.status(report) == 0
    for point in simulated_fit(run, "float32", 5)[3:]:
        report.free.add(dataclasses.replace(point, loss=point.loss * 1.01))
    assert command.status(report) == 1


def test_settings_that_a_keras_refuses_are_named_before_any_step(tmp_path, monkeypatch, capsys):
    packages = tmp_path / "packages"
    shutil.copytree(FAKE_KERAS, packages)
    keras = packages / "keras.py"
    refused = 'ValueError("`epsilon` must be greater than 0")'
    keras.write_text(keras.read_text().replace('RuntimeError("the fake Keras cannot compute")', refused))
    use_interpreter(tmp_path, monkeypatch, packages)
    assert command.check_command(Run(MLCC, Settings(epsilon=0.0))) == 3
    captured = capsys.readouterr()
    assert captured.out == "" and "log" not in captured.err
    assert "this Keras does not take these settings: ValueError: `epsilon` must be greater than 0" in captured.err
    assert "an epsilon of 0, which some versions refuse, to a small number such as 1e-7" in captured.err


@pytest.mark.parametrize("optimizer", [name for name, one in OPTIMIZERS.items() if not one.keras])
def test_an_optimizer_of_another_framework_is_said_to_be_that(optimizer, capsys, monkeypatch):
    monkeypatch.setattr(process, "interpreter", None)  # no process is started
    assert command.check_command(Run(MLCC, Settings(optimizer=optimizer))) == 3
    said = capsys.readouterr().err
    assert OPTIMIZERS[optimizer].framework in said and "Keras 3 has no such optimizer" in said
    assert "Keras can check rmsprop, sgd, adagrad, adam." in said


@pytest.mark.parametrize(("precision", "changes", "said"), [
    ("float32", {}, "--precision float64"),
    ("float32", {"centered": True}, "--precision float64"),
    ("float32", {"centered": True, "rho": 0.0}, "as everywhere with rho 0: no precision decides"),
    ("float64", {"centered": True}, "as near the optimum: no precision decides"),
    ("float64", {}, ""),
])  # fmt: skip
def test_what_decides_the_undecided_is_told(precision, changes, said):
    found = command._remedy(Run(MLCC, Settings(**changes)), precision)
    assert said in found and ("--precision" in found) == (said == "--precision float64")
