"""The Keras process: how it starts, what is said when it cannot, and that nothing of it is left."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from data import MLCC
from interpreters import HERE, use_interpreter
from packaging.requirements import Requirement

from lrstep.check import process
from lrstep.check.client import KerasClient, KerasUnavailable
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError

STARTS = """
import asyncio, sys
from lrstep.check.client import KerasClient

async def main():
    client = KerasClient()
    await client.start()
    print(client.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Killed, but its parent (init of a container) has not looked at it: a zombie does not run.
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return True


def gone(pid: int, within: float = 20.0) -> bool:
    deadline = time.monotonic() + within
    while lives(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not lives(pid)


def members(group: int) -> list[int]:
    """The processes of a group that live."""
    stats = [path.read_text().rsplit(")", 1) for path in Path("/proc").glob("[0-9]*/stat")]
    return [int(name.split()[0]) for name, rest in stats if rest.split()[2] == str(group) and rest.split()[0] != "Z"]


def run() -> Run:
    return Run(MLCC, Settings())


async def test_it_starts_in_spite_of_noise_and_stops_without_a_trace(fake_keras):
    client = KerasClient()
    versions = await client.start()
    assert versions.tensorflow == versions.keras == "0.fake"
    pid = client.pid
    assert pid is not None and client.running and lives(pid)
    await client.stop()
    assert gone(pid)
    assert not client.running and client.pid is None
    log = (fake_keras / "lrstep" / "log" / "keras.log").read_text()
    assert "noise on descriptor 1" in log and "noise by print" in log and "noise on descriptor 2" in log


async def test_stopping_twice_or_without_a_start_is_harmless(fake_keras):
    client = KerasClient()
    await client.stop()
    await client.start()
    await client.stop()
    await client.stop()


async def test_what_keras_raises_is_told_and_it_lives_on(fake_keras):
    async with KerasClient() as client:
        for _ in range(2):
            with pytest.raises(KerasUnavailable, match="the fake Keras cannot compute"):
                await client.check(run(), [1])
        assert client.running


async def test_killed_it_is_told_with_a_hint_and_can_be_started_anew(fake_keras):
    client = KerasClient()
    await client.start()
    assert client.pid is not None
    os.kill(client.pid, signal.SIGKILL)
    with pytest.raises(KerasUnavailable, match="SIGKILL") as caught:
        await client.check(run(), [1])
        await client.check(run(), [1])
    assert "Start the check again" in caught.value.hint
    assert "noise on descriptor 2" in caught.value.hint  # the end of its log
    assert not client.running
    with pytest.raises(KerasUnavailable, match="not running"):
        await client.check(run(), [1])
    await client.start()
    assert client.running
    await client.stop()


@pytest.fixture
def worker_says(tmp_path, monkeypatch):
    """Has a script answer in place of the Keras process: ``said(message)`` says something, ``heard()`` waits."""

    def use(body: str) -> None:
        script = tmp_path / "script.py"
        script.write_text(
            "import sys, time\n"
            f"sys.path.insert(0, {str(HERE.parents[1])!r})\n"
            "from lrstep.check import protocol as say\n"
            "def said(message):\n"
            "    sys.stdout.buffer.write(say.encode(message)); sys.stdout.buffer.flush()\n"
            "def heard():\n"
            "    return say.decode(sys.stdin.buffer.readline())\n"
            "said(say.Ready(0, '3', 'fake', 'fake'))\n" + body
        )
        python = tmp_path / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}"\n')
        python.chmod(0o755)
        monkeypatch.setenv(process.PYTHON_VARIABLE, str(python))
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    return use


PREPARED = "said(say.Prepared(heard().id, {'accumulator': [0.0, 0.0]}))\n"
ONE_STEP = """
request = heard()
said(say.Checked(request.id, say.StepResult(say.pack([0.0] * 4), *[0.0] * 4, *[[0.0] * 2] * 3,
                                            {'accumulator': [0.0] * 2})))
"""
FOREVER = "while True: time.sleep(1)\n"


@pytest.mark.parametrize(("body", "where"), [
    (PREPARED + ONE_STEP + FOREVER, "at iteration 6"),
    (PREPARED + FOREVER, "at iteration 5"),
    (FOREVER, "while it builds the model"),
])  # fmt: skip
async def test_a_process_that_hangs_is_ended_and_the_step_is_named(worker_says, monkeypatch, body, where):
    worker_says(body)
    monkeypatch.setattr(process, "ANSWER_SECONDS", 2)
    monkeypatch.setattr(process, "START_SECONDS", 5)
    client = KerasClient()
    await client.start()
    pid = client.pid
    assert pid is not None
    with pytest.raises(KerasUnavailable, match=f"hangs: no answer for . seconds {where}") as caught:
        await client.check(run(), range(5, 8))
    assert "Start the check again" in caught.value.hint
    assert gone(pid) and not client.running
    await client.start()
    assert client.running and client.pid != pid
    await client.stop()


async def test_a_process_that_says_nothing_at_its_start_hangs(tmp_path, monkeypatch):
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "tensorflow.py").write_text("import time\nwhile True: time.sleep(1)")
    use_interpreter(tmp_path, monkeypatch, packages)
    monkeypatch.setattr(process, "START_SECONDS", 2)
    client = KerasClient()
    with pytest.raises(KerasUnavailable, match="hangs: no answer for 2 seconds at its start"):
        await client.start()
    assert client.pid is None


async def test_a_process_that_floods_is_cut_off(worker_says):
    worker_says(PREPARED + "while True: sys.stdout.buffer.write(b'x' * 65536)\n")
    client = KerasClient()
    await client.start()
    pid = client.pid
    assert pid is not None
    with pytest.raises(KerasUnavailable, match="cannot be understood"):
        await client.check(run(), [1])
    assert gone(pid) and not client.running
    await client.stop()


STEP = "Checked(heard().id, say.StepResult(say.pack([0.0] * {}), *[0.0] * 4, *[[0.0] * {}] * 3, {{{!r}: [0.0] * 2}}))"


@pytest.mark.parametrize(("first", "then"), [
    ("Done(heard().id)", None),
    ("Prepared(heard().id, {'momentum': [0.0, 0.0]})", None),
    ("Prepared(heard().id, {'accumulator': [0.0]})", None),
    (None, "Done(heard().id)"),
    (None, STEP.format(3, 2, "accumulator")),
    (None, STEP.format(4, 1, "accumulator")),
    (None, STEP.format(4, 2, "momentum")),
    (None, "Checked(heard().id, say.StepResult('AAAAA', *[0.0] * 4, *[[0.0] * 2] * 3, {'accumulator': [0.0] * 2}))"),
])  # fmt: skip
async def test_an_answer_to_something_else_ends_the_check(worker_says, first, then):
    worker_says(f"said(say.{first})\n" if first else f"{PREPARED}said(say.{then})\n{FOREVER}")
    client = KerasClient()
    await client.start()
    with pytest.raises(KerasUnavailable, match="cannot be understood"):
        await client.check(run(), [1])
    assert not client.running
    await client.stop()


@pytest.mark.parametrize("values", [[0.0] * 5, [0.0] * 6 * 13])
async def test_so_does_a_free_run_of_other_numbers(worker_says, values):
    worker_says(f"{PREPARED}said(say.Points(heard().id, {values}))\n{FOREVER}")
    client = KerasClient()
    await client.start()
    with pytest.raises(KerasUnavailable, match="cannot be understood"):
        async for _ in client.fit(run()):
            pass
    await client.stop()


async def test_what_it_started_itself_ends_with_it_also_where_that_stays_behind(worker_says):
    worker_says("import os\nif os.fork() == 0: time.sleep(1000)\nsys.stdin.read()\n")
    client = KerasClient()
    await client.start()
    pid = client.pid
    assert pid is not None
    await client.stop()
    assert all(map(gone, members(pid)))  # killed, which takes a moment


async def test_a_script_that_floods_in_the_place_of_python_ends_with_all_that_it_started(tmp_path, monkeypatch):
    script, child = tmp_path / "python", tmp_path / "child"
    script.write_text(f"#!/bin/sh\nsleep 1000 &\necho $! > {child}\ntr '\\0' x < /dev/zero | cat\n")
    script.chmod(0o755)
    monkeypatch.setenv(process.PYTHON_VARIABLE, str(script))
    client = KerasClient()
    with pytest.raises(KerasUnavailable, match="cannot be understood: a line of it has more than 1 MB"):
        await client.start()
    assert gone(int(child.read_text())) and not client.running


async def test_a_terminal_s_signals_do_not_reach_it(fake_keras):
    async with KerasClient() as client:
        assert client.pid is not None
        os.kill(client.pid, signal.SIGINT)
        assert os.getpgid(client.pid) == os.getsid(client.pid) == client.pid
        with pytest.raises(KerasUnavailable, match="cannot compute"):
            await client.check(run(), [1])


async def test_a_cancelled_start_leaves_nothing(fake_keras, monkeypatch):
    started = []
    original = process.WorkerProcess.start

    async def start():
        worker = await original()
        started.append(worker.pid)
        return worker

    monkeypatch.setattr(process.WorkerProcess, "start", start)
    task = asyncio.create_task(KerasClient().start())
    while not started:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gone(started[0])


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_when_what_started_it_is_killed(fake_keras, how):
    with subprocess.Popen([sys.executable, "-c", STARTS], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert lives(pid)
        parent.send_signal(how)
    assert gone(pid)


@pytest.mark.parametrize("when", ["at once", "later"])
def test_it_ends_when_its_input_closes(fake_keras, when):
    command = [os.environ["LRSTEP_KERAS_PYTHON"], "-m", "lrstep.check.worker"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as worker:
        assert worker.stdin is not None and worker.stdout is not None
        if when == "later":
            assert b'"Ready"' in worker.stdout.readline()
        worker.stdin.close()
        assert worker.wait(20) == 0


async def test_a_missing_tensorflow_is_told_at_once_with_the_command(monkeypatch):
    monkeypatch.delenv(process.PYTHON_VARIABLE, raising=False)
    monkeypatch.setattr(process, "installed", lambda package: False)
    monkeypatch.setattr(asyncio, "create_subprocess_exec", None)  # no process is started
    with pytest.raises(KerasUnavailable, match="TensorFlow, which is not installed here") as caught:
        await KerasClient().start()
    assert caught.value.hint == process.install_hint()


def test_whether_a_package_is_installed_is_found_without_importing_it(monkeypatch):
    assert process.installed("numpy")
    assert not process.installed("no_such_package_at_all")
    monkeypatch.syspath_prepend(HERE / "fake_keras")
    assert process.installed("tensorflow")
    assert "tensorflow" not in sys.modules


def test_the_install_command_names_the_interpreter_and_the_newest_python(monkeypatch):
    package = process.tensorflow_package()
    assert process.install_hint("/a b/python").endswith(f"'/a b/python' -m pip install {package}")
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    too_new = process.install_hint()
    assert "no package for Python 3.14" in too_new and f"python3.13 -m pip install {package}" in too_new
    assert process.PYTHON_VARIABLE in too_new
    # What this Python is says nothing about another one.
    assert "no package" not in process.install_hint("/elsewhere/python")


@pytest.mark.parametrize("system", ["linux", "darwin"])
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_package_to_install_is_the_one_that_the_project_asks_for(monkeypatch, system, machine):
    pyproject = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text())
    asked = map(Requirement, pyproject["project"]["optional-dependencies"]["keras"])
    here = {"sys_platform": system, "platform_machine": machine, "python_version": "3.12"}
    wanted = [one.name for one in asked if one.marker.evaluate(here) and one.name != "keras"]  # TensorFlow brings it
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(process.platform, "machine", lambda: machine)
    assert [process.tensorflow_package()] == wanted


@pytest.mark.parametrize(
    ("tensorflow", "message", "hint"),
    [
        ("raise ModuleNotFoundError('gone', name='tensorflow')", "does not have", "pip install"),
        (
            "raise ImportError('libfoo.so: cannot open')",
            "cannot be loaded: ImportError: libfoo.so",
            f"-m pip install --force-reinstall {process.tensorflow_package()}\n",
        ),
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "cannot run on this processor", "works without"),
        ("import os; os.write(2, b'last words'); os._exit(7)", "ended by itself with status 7", "last words"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV", "Start the check again"),
    ],
)
async def test_a_tensorflow_that_cannot_be_loaded_is_told(tmp_path, monkeypatch, tensorflow, message, hint):
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "tensorflow.py").write_text(tensorflow)
    use_interpreter(tmp_path, monkeypatch, packages)
    client = KerasClient()
    with pytest.raises(KerasUnavailable) as caught:
        await client.start()
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert client.pid is None


@pytest.mark.parametrize(("module", "installs"), [("numpy", process.tensorflow_package()), ("zipp", "zipp")])
async def test_what_a_named_interpreter_lacks_is_told_with_the_command(tmp_path, monkeypatch, module, installs):
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "numpy.py").write_text(f"import sys\nsys.modules['{module}'] = None\n"
                                       f"raise ModuleNotFoundError(\"No module named '{module}'\")")  # fmt: skip
    use_interpreter(tmp_path, monkeypatch, packages)
    with pytest.raises(KerasUnavailable, match=f"needs the package {module}, which .*python does not have") as caught:
        await KerasClient().start()
    assert f"{tmp_path}/python -m pip install {installs}\n" in caught.value.hint
    assert "again" not in caught.value.hint


async def test_a_named_interpreter_that_does_not_exist_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv(process.PYTHON_VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(KerasUnavailable, match=f"{process.PYTHON_VARIABLE} names"):
        await KerasClient().start()


async def test_a_log_that_cannot_be_written_is_done_without(fake_keras, monkeypatch):
    fake_keras.write_text("a file where the folder should be")
    async with KerasClient() as client:
        assert client.running


def test_an_unknown_precision_is_refused():
    with pytest.raises(LrstepError, match="float16"):
        KerasClient("float16")


def test_only_the_worker_imports_tensorflow_and_the_command_s_modules_do_not_import_textual():
    code = "import sys, lrstep.check.headless; print(*{'tensorflow', 'keras', 'textual', 'rich'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'Unknown option: -P' >&2; exit 2", r"is older than Python 3\.11"),
        (f'exec "{sys.executable}" -S -I "$@"', r"needs the package numpy, which .* does not have"),
    ],
    ids=["too old", "without packages of its own"],
)
async def test_an_interpreter_that_cannot_check_is_told_apart(tmp_path, monkeypatch, script, said):
    other = tmp_path / "python"
    other.write_text(f"#!/bin/sh\n{script}\n")
    other.chmod(0o755)
    monkeypatch.setenv("LRSTEP_KERAS_PYTHON", str(other))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with pytest.raises(KerasUnavailable, match=said):
        async with KerasClient():
            pass


@pytest.mark.keras
@pytest.mark.parametrize("package", ["keras", process.tensorflow_package()])
def test_the_installed_versions_are_among_those_that_were_tried(package):
    """A newer one came: run the tests of the check with it, then move its bound in pyproject.toml."""
    pyproject = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text())
    asked = map(Requirement, pyproject["project"]["optional-dependencies"]["keras"])
    (wanted,) = {one.specifier for one in asked if one.name == package and one.marker.evaluate()}
    assert any(one.operator.startswith("<") for one in wanted), "a version that was not tried would be taken"
    assert version(package) in wanted
