"""Starting and ending the Keras process, and the conversation with it."""

import asyncio
import contextlib
import importlib.util
import os
import platform
import re
import shlex
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from types import UnionType
from typing import Any, BinaryIO

from lrstep.check import protocol as say
from lrstep.errors import LrstepError

PYTHON_VARIABLE = "LRSTEP_KERAS_PYTHON"
"""Environment variable: the Python interpreter whose TensorFlow is to be used instead of this one's."""

START_SECONDS = 180
"""So long it may take to load Keras (usual: 3 to 10 s) or to build a model (usual: 1 s)."""

ANSWER_SECONDS = 60
"""After so many seconds without an answer it counts as hung (usual: milliseconds for a step)."""

MESSAGE_LIMIT = 2**28
"""Longest message, in characters, of all its parts together: twice what a batch of ten million samples takes."""

TAIL_BYTES = 2000
NEWEST_PYTHON = (3, 13)
"""The newest Python that TensorFlow is published for."""

MISSING_MODULE = re.compile(r"^ModuleNotFoundError: No module named '(?!lrstep)(\w+)", re.MULTILINE)


class KerasUnavailable(LrstepError):
    """Keras cannot be asked, or not any more: what happened, and how to mend it."""


def tensorflow_package() -> str:
    """The package of TensorFlow for this machine, as in the extra ``keras`` of the project."""
    small = sys.platform == "linux" and platform.machine() == "x86_64"
    return "tensorflow-cpu" if small else "tensorflow"


def install_hint(executable: str = sys.executable) -> str:
    """How to get TensorFlow for an interpreter; what this Python is says nothing about another one."""
    package, own = tensorflow_package(), sys.version_info[:2]
    if executable == sys.executable and own > NEWEST_PYTHON:
        newest = ".".join(map(str, NEWEST_PYTHON))
        return (
            f"TensorFlow has no package for Python {own[0]}.{own[1]} yet. Install it under Python {newest}: "
            f"python{newest} -m pip install {package}\nThen set {PYTHON_VARIABLE} to that interpreter."
        )
    return f"Install it (the extra keras of lrstep): {shlex.quote(executable)} -m pip install {package}"


def interpreter() -> str:
    """The Python that runs Keras.

    Raises:
        KerasUnavailable: TensorFlow is not installed, or the interpreter that was named does not exist.
    """
    if named := os.environ.get(PYTHON_VARIABLE):
        if not (Path(named).is_file() and os.access(named, os.X_OK)):
            raise KerasUnavailable(
                f"{PYTHON_VARIABLE} names {named}, which is no program",
                "Set it to a Python interpreter that has TensorFlow, or unset it.",
            )
        return named
    if not installed("tensorflow"):
        raise KerasUnavailable("the Keras check needs TensorFlow, which is not installed here", install_hint())
    return sys.executable


def installed(package: str) -> bool:
    """Whether a package can be found, without importing it."""
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def open_log() -> BinaryIO:
    """The file for whatever TensorFlow prints, empty; one without a name where none can be written."""
    import platformdirs

    try:
        folder = platformdirs.user_log_path("lrstep")
        if folder.is_absolute():  # else this user has no home folder
            folder.mkdir(parents=True, exist_ok=True)
            return (folder / "keras.log").open("w+b")
    except (OSError, RuntimeError):
        pass
    return tempfile.TemporaryFile("w+b")


def _environment() -> dict[str, str]:
    """That of the Keras process: this one's. Where there is no home, Keras would make a folder called ``~`` here."""
    at_home = Path(os.path.expanduser("~")).is_absolute()  # noqa: PTH111 - the method of Path raises instead
    return ({} if at_home else {"KERAS_HOME": os.devnull}) | dict(os.environ)


class WorkerProcess:
    """A running Keras process.

    Answers go to the request they belong to; those to a request that was given up are dropped, so that
    a cancelled caller leaves nothing behind.
    """

    def __init__(self, process: asyncio.subprocess.Process, log: BinaryIO, python: str) -> None:
        self._process, self._log, self._python = process, log, python
        self._answers: dict[int, asyncio.Queue[say.Message | None]] = {0: asyncio.Queue()}
        self._last_id = 0
        self._failure: KerasUnavailable | None = None
        self._killed = False
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls) -> "WorkerProcess":
        """Start it; it is not ready yet.

        Raises:
            KerasUnavailable: it cannot be started.
        """
        python = interpreter()
        log = open_log()
        # -P: a file tensorflow.py in the current folder must not be taken for the package. Another interpreter
        # gets lrstep and nothing else from here: its other packages are its own.
        package = str(Path(__file__).parents[1])
        code = (
            "import sys; from importlib.util import module_from_spec, spec_from_file_location; "
            f"spec = spec_from_file_location('lrstep', {package + '/__init__.py'!r}, "
            f"submodule_search_locations=[{package!r}]); "
            "sys.modules['lrstep'] = module_from_spec(spec); from lrstep.check.worker import main; main()"
        )
        try:
            process = await asyncio.create_subprocess_exec(
                python, "-P", "-c", code,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
                limit=say.LINE_LIMIT, start_new_session=True, env=_environment(),
            )  # fmt: skip
        except OSError as error:
            log.close()
            raise KerasUnavailable(f"the Keras process cannot be started: {error}", f"It would be {python}") from error
        return cls(process, log, python)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._failure is None

    async def ready(self) -> say.Ready:
        """Wait until Keras is loaded.

        Raises:
            KerasUnavailable: it cannot be loaded.
        """
        try:
            ready: say.Ready = await self.answer(0, say.Ready, "at its start", START_SECONDS)
            return ready
        finally:
            del self._answers[0]

    def new_id(self) -> int:
        """A number for a request; its answers are kept from now on."""
        self._last_id += 1
        self._answers[self._last_id] = asyncio.Queue()
        return self._last_id

    async def send(self, message: say.Message) -> None:
        """Send a message; waits while the process is behind.

        Raises:
            KerasUnavailable: the process has ended.
        """
        assert self._process.stdin is not None
        if self._failure:
            raise self._failure
        with contextlib.suppress(ConnectionError):  # the reader finds out why, and answers with it
            self._process.stdin.write(say.encode(message))
            await self._process.stdin.drain()

    @contextlib.asynccontextmanager
    async def request(self, message: say.Message) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
        """Send a request whose id is from :meth:`new_id`; its answers are dropped at the end.

        Yields:
            :meth:`answer` for this request.
        """
        try:
            await self.send(message)
            yield partial(self.answer, message.id)
        finally:
            self._answers.pop(message.id, None)

    async def stop(self) -> None:
        """End it: close its input, and kill it if that does not do. Leaves no process and no open file."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
            async with asyncio.timeout(0.5):
                await self._process.wait()
        except TimeoutError:
            pass
        finally:
            self.kill()
            await asyncio.shield(self._process.wait())
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            await self._drain()
            self._log.close()

    async def _drain(self) -> None:
        """Read what is left behind, without which a pipe that was full is never closed."""
        assert self._process.stdout is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                while await self._process.stdout.read(say.LINE_LIMIT):
                    pass

    async def answer(self, id: int, kind: type | UnionType, doing: str, seconds: int | None = None) -> Any:
        """The next answer to a request.

        Args:
            id: of the request. kind: what is to be expected. doing: what it is about, for the message. seconds: how
                long to wait for it.

        Raises:
            KerasUnavailable: the request failed, or the process has ended, or it hangs or says something else, and is
                ended.
        """
        seconds = ANSWER_SECONDS if seconds is None else seconds
        # Counted second by second: time in which this process itself did not run is not Keras's.
        for _ in range(seconds):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    message = await self._next(id)
                if not isinstance(message, kind):
                    raise self.misunderstood(f"it said {type(message).__name__} {doing}")
                return message
        hint = f"It was ended. Start the check again.\nIts log: {self._log_name()}"
        self._failure = KerasUnavailable(f"Keras hangs: no answer for {seconds} seconds {doing}", hint)
        self.kill()
        raise self._failure

    def misunderstood(self, why: str) -> KerasUnavailable:
        """End it because of what it said: why it cannot be asked any more."""
        error = KerasUnavailable(f"the Keras process cannot be understood: {why}", "Start the check again.")
        self._failure = self._failure or error
        self.kill()
        return self._failure

    def kill(self) -> None:
        """End it at once, with what it started itself: a named interpreter may be a script that starts one."""
        if not self._killed:
            self._killed = True  # later its number may be another's
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)  # it leads a group of its own

    async def _next(self, id: int) -> say.Message:
        answers = self._answers[id]
        message = await answers.get() if self._failure is None or not answers.empty() else None
        if message is None:
            assert self._failure is not None
            raise self._failure
        if isinstance(message, say.Failure):
            raise self._refusal(message)
        return message

    async def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            joined = say.Joined(MESSAGE_LIMIT)
            while line := await self._line(self._process.stdout):
                message = joined.add(say.decode(line))
                if message and (queue := self._answers.get(message.id)):
                    queue.put_nowait(message)
            failure = self._post_mortem(await self._process.wait())
            self.kill()
        except ValueError as error:
            failure = self.misunderstood(str(error))
        self._failure = self._failure or failure
        for queue in self._answers.values():
            queue.put_nowait(None)

    @staticmethod
    async def _line(stream: asyncio.StreamReader) -> bytes:
        try:
            return await stream.readline()
        except ValueError:
            raise ValueError(f"a line of it has more than {say.LINE_LIMIT / 1e6:.0f} MB") from None

    def _refusal(self, failure: say.Failure) -> KerasUnavailable:
        anew = f"{shlex.quote(self._python)} -m pip install --force-reinstall {tensorflow_package()}"
        log = f"Its log: {self._log_name()}"
        how = {
            "missing": (
                f"the Keras check needs TensorFlow, which {self._python} does not have", install_hint(self._python)
            ),
            "import": ("TensorFlow is installed but cannot be loaded", f"Install it anew: {anew}\n{log}"),
            "refused": (
                "this Keras does not take these settings",
                "Change what it names; an epsilon of 0, which some versions refuse, to a small number such as 1e-7.",
            ),
        }  # fmt: skip
        said, hint = how.get(failure.kind, ("Keras failed", log))
        return KerasUnavailable(f"{said}: {failure.message}", hint)

    def _post_mortem(self, status: int) -> KerasUnavailable:
        tail = self._tail()
        if status > 0 and (missing := MISSING_MODULE.search(tail)):
            return self._incomplete(missing[1])
        hint = "Start the check again."
        if "Unknown option: -P" in tail:
            how = f"{self._python} is older than Python 3.11, which the Keras process needs"
            return KerasUnavailable(how, f"Set {PYTHON_VARIABLE} to a newer one that has TensorFlow.")
        if status == -signal.SIGILL:
            how = "TensorFlow cannot run on this processor: it uses instructions that the processor does not have"
            hint = "Everything but the Keras check works without it."
        elif status < 0:
            how = f"the Keras process was ended by the signal {_signal_name(-status)}"
            if status == -signal.SIGKILL:
                hint += " If that happens again, memory may be short: it needs about 600 MB."
        else:
            how = f"the Keras process ended by itself with status {status}"
        if tail:
            hint += f"\nThe end of its log, {self._log_name()}:\n{tail}"
        return KerasUnavailable(how, hint)

    def _incomplete(self, module: str) -> KerasUnavailable:
        """The interpreter lacks what the Keras process imports; NumPy comes with TensorFlow."""
        message = f"the Keras process needs the package {module}, which {self._python} does not have"
        hint = f"Install it: {shlex.quote(self._python)} -m pip install {module}"
        if module in ("numpy", "tensorflow", "keras"):
            hint = f"It comes with TensorFlow. {install_hint(self._python)}"
        return KerasUnavailable(message, f"{hint}\nIts log: {self._log_name()}")

    def _tail(self) -> str:
        try:
            size = os.fstat(self._log.fileno()).st_size
            data = os.pread(self._log.fileno(), TAIL_BYTES, max(0, size - TAIL_BYTES))
        except (OSError, ValueError):
            return ""
        return "\n".join(data.decode(errors="replace").strip().splitlines()[-5:])

    def _log_name(self) -> str:
        return self._log.name if isinstance(self._log.name, str) else "(none)"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
