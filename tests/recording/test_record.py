"""lrstep record: the script runs as it would alone, and its fit is recorded beside."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import lrstep
from lrstep.recording.script_runner import Fits
from lrstep.sources.recording import read_recording

TRAIN = """
import os, signal, sys
import keras
import numpy as np
os.makedirs("elsewhere", exist_ok=True)
os.chdir("elsewhere")
keras.utils.set_random_seed(4)
print("backend", os.environ.get("KERAS_BACKEND"), keras.backend.backend(), file=sys.stderr)
x = {x}
y = {y}
if {end!r} == "interrupt":
    other = keras.Sequential([keras.layers.Dense(1, activation="relu")])
    other.compile(loss="mse")
    other.fit(np.ones((4, 1)), np.ones(4), verbose=0)
    print("trained", other.optimizer.iterations.numpy())
model = keras.Sequential([keras.layers.Dense(1)])
model.compile(keras.optimizers.RMSprop(0.05), loss="mse")
class Print(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.steps = getattr(self, "steps", 0) + 1
        print(self.steps, logs["loss"], np.ravel(self.model.get_weights()[0]))
        if {end!r} == "interrupt" and self.steps == 5:
            os.kill(os.getpid(), signal.SIGINT)
model.fit(x, y, 5, 2, 0, Print())
model.fit(np.asarray(x), np.asarray(y), batch_size=12, verbose=0)
print(*[w.tolist() for w in model.get_weights()], sys.argv)
{end}
"""
X = "[[i / 3] for i in range(12)]"
Y = "[i * 1.5 + 2 for i in range(12)]"


def run(*command, cwd, python=sys.executable, **env):
    env = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"} | env
    env.pop("LRSTEP_KERAS_PYTHON", None)  # it is the import of Keras that record waits for
    return subprocess.run([python, *map(str, command)], capture_output=True, text=True, cwd=cwd, env=env, timeout=120)


def record(*arguments, cwd, **env):
    return run("-m", "lrstep", "record", *arguments, cwd=cwd, **env)


def said(done):
    return [line for line in done.stderr.splitlines() if line.startswith("lrstep:")]


@pytest.fixture
def script(tmp_path):
    def write(text):
        (tmp_path / "my script.py").write_text(text)
        return "my script.py"

    return write


@pytest.mark.keras
def test_a_script_trains_alike_with_and_without(script, tmp_path, keras_python):
    arrays = {"x": f"np.array({X})", "y": f"np.array({Y})", "end": "sys.exit(7)"}
    script(TRAIN.format(**arrays))
    alone = run("my script.py", "--fit", "-o", cwd=tmp_path, python=keras_python)
    recorded = record("--fit", 2, "-o", "second.toml", "my script.py", "--fit", "-o", cwd=tmp_path)
    assert alone.returncode == recorded.returncode == 7, recorded.stderr
    assert alone.stdout == recorded.stdout != ""
    assert "backend None tensorflow" in recorded.stderr
    assert said(recorded) == [
        "lrstep: fit 2: 1 step recorded in second.toml; open them: lrstep second.toml",
        "lrstep: fit 1 was not recorded: --fit 1 records it.",
    ]
    second = read_recording(tmp_path / "second.toml")
    assert second.counted == 6 and second.settings.batch_size == 12
    assert repr(float(second.parameters[-1, 0])) in recorded.stdout.splitlines()[-1]


@pytest.mark.keras
def test_ctrl_c_the_lists_of_old_scripts_and_a_fit_that_cannot_be_recorded(script, tmp_path):
    script(TRAIN.format(x=X, y=Y, end="interrupt"))
    done = record("my script.py", cwd=tmp_path)
    assert done.returncode == -2 and done.stdout.startswith("trained 1\n")
    assert said(done) == [
        "lrstep: fit 2: x and y are lists, which Keras 3 refuses; taken as x = np.array(x), y = np.array(y).",
        "lrstep: fit 1 cannot be recorded: the layer has the activation relu. Leave the activation out.",
        "lrstep: fit 2: 5 steps recorded in run.toml; open them: lrstep run.toml",
    ]
    assert "KeyboardInterrupt" in done.stderr and "script_runner" not in done.stderr
    recording = read_recording(tmp_path / "run.toml")
    assert (len(recording), recording.finished, recording.epochs) == (5, False, 2)


@pytest.mark.keras
@pytest.mark.parametrize(
    "text",
    [
        "import sys; print(sys.argv, __name__, __file__, sys.path[0]); sys.exit(3)",
        "print(sorted(globals()), vars(__loader__), __annotations__, __cached__, __spec__)",
        "raise SystemExit('enough')",
        "def f():\n    raise ValueError('mine')\nf()",
        "try:\n    1 / 0\nexcept ArithmeticError as error:\n    raise KeyError from error",
        "x = (1\n",
        "import atexit, pickle\nclass A: pass\natexit.register(lambda: print('at the end', A))\n"
        "print(pickle.loads(pickle.dumps(A())))",
        "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)",
        "import sys; print(sys.stdin.read()); raise KeyboardInterrupt",
    ],
)
def test_output_status_and_errors_are_the_script_s_own(script, tmp_path, text):
    name = f"./{script(text)}"
    alone, recorded = run(name, "a", "--help", cwd=tmp_path), record(name, "a", "--help", cwd=tmp_path)
    without_address = lambda text: "".join(part.split(">")[-1] for part in text.split(" at 0x"))  # noqa: E731
    assert recorded.returncode == alone.returncode
    assert without_address(recorded.stdout) == without_address(alone.stdout)
    own = [line for line in recorded.stderr.splitlines(keepends=True) if not line.startswith("lrstep:")]
    assert without_address("".join(own)) == without_address(alone.stderr)
    if alone.returncode >= 0 or "Keyboard" in text:
        assert said(recorded) == ["lrstep: ./my script.py never imported Keras: nothing was recorded."]


KERAS = """
import os, signal, sys, types
__version__ = "3.0"
class Model:
    def fit(self, **arguments):
        self.arguments = arguments
        self.train()
class Recorder:
    problem, steps = None, 5
    def __init__(self, path, strict):
        self.path = self.written = path
    def close(self):
        os.kill(os.getpid(), signal.SIGHUP)  # the shell says it once more
        self.path.write_text("kept")
sys.modules["lrstep_recorder"] = types.SimpleNamespace(Recorder=Recorder)
"""
"""A Keras that trains nothing, with a Recorder of its own."""

MODEL = """
import os, signal, keras
class Mine(keras.Model):
    def train(self):
        {before}
        os.kill(os.getpid(), signal.{name})
        print("goes on", flush=True)
try:
    Mine().fit()
finally:
    print("at its end", flush=True)
"""


@pytest.mark.parametrize(("name", "before", "status", "printed"), [
    ("SIGTERM", "", -15, ""), ("SIGHUP", "", -1, ""),
    ("SIGTERM", "for each in (1, 15): signal.signal(each, signal.SIG_IGN)", 0, "goes on\nat its end\n"),
    ("SIGTERM", "if os.fork(): os._exit(-os.waitstatus_to_exitcode(os.wait()[1]))", 15, ""),
])  # fmt: skip
def test_a_signal_that_ends_a_fit_ends_the_script_with_what_was_recorded_kept(
    script, tmp_path, name, before, status, printed
):
    (tmp_path / "keras.py").write_text(KERAS)
    runner = Path(lrstep.__file__).parent / "recording" / "script_runner.py"
    done = run(runner, "run.toml", 0, script(MODEL.format(name=name, before=before)), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (status, printed), done.stderr
    if status != 15:
        assert (tmp_path / "run.toml").read_text() == "kept"
        assert done.stderr == "lrstep: fit 1: 5 steps recorded in run.toml; open them: lrstep run.toml\n"


def test_a_fit_with_a_recorder_of_its_own_is_left_alone():
    fits, arguments = Fits("run.toml", 0), {"callbacks": type("Recorder", (), {})()}
    with fits.recording(dict(arguments)) as nothing:
        assert nothing is None
    assert fits.told == ["fit 1 was not recorded: it has a Recorder of its own."]


def test_what_was_recorded_is_said_however_many_fits_there_are():
    fits = Fits("run.toml", 12)
    for _ in range(11):
        with fits.recording({}):
            pass
    fits.count, recorder = 12, SimpleNamespace(problem=None, written="run.toml", steps=1)
    fits._tell(12, recorder)
    assert fits.summary("train.py") == [
        "fit 12: 1 step recorded in run.toml; open them: lrstep run.toml",
        "11 other fits were not recorded: --fit N records the N-th.",
    ]


def test_keras_2_is_told_by_its_name(script, tmp_path):
    (tmp_path / "keras.py").write_text("__version__ = '2.15.0'\n")
    done = record(script("import keras"), cwd=tmp_path)
    assert done.returncode == 0
    assert "uses Keras 2.15.0, which cannot be recorded: it takes Keras 3" in said(done)[0]


@pytest.mark.keras
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["none.py"], "none.py: there is no such file"),
        (["-m", "a"], "Name its file"),
        (["python3", "a.py"], "Leave python3 out"),
        (["."], "this is a folder"),
        (["a.ipynb"], "a notebook cannot be run as a script"),
        (["-o", "run.txt", "a.py"], "does not end in .toml"),
        (["-o", "none/run.toml", "a.py"], "there is no folder none"),
        (["-o", "mine.toml", "a.py"], "this file exists and is no recording"),
        (["--python", "no-such-python", "a.py"], "--python names no-such-python, which is no program"),
        (["--fit", "0", "a.py"], "--fit"),
        ([], "Missing argument 'SCRIPT'"),
    ],
)
def test_what_cannot_be_run_is_refused_before_it_begins(tmp_path, arguments, told):
    (tmp_path / "a.py").write_text("print('ran')")
    (tmp_path / "mine.toml").write_text('title = "mine"')
    done = record(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_the_recorder_is_one_file_that_needs_keras_and_numpy_alone(tmp_path):
    done = run("-m", "lrstep", "recorder", cwd=tmp_path)
    assert done.stdout == (Path(lrstep.__file__).parent / "keras.py").read_text()
    imported = set()
    for node in ast.walk(ast.parse(done.stdout)):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported - sys.stdlib_module_names == {"keras", "numpy"}


def test_the_runner_needs_nothing_of_lrstep():
    source = (Path(lrstep.__file__).parent / "recording" / "script_runner.py").read_text()
    assert "import lrstep" not in source and "from lrstep" not in source
