"""Runs a person's script as Python itself would, and records its Keras fits.

This file is a program of its own, run by the Python that the script belongs to, where lrstep may not be installed::

    python script_runner.py OUTPUT FIT SCRIPT [ARGS…]

Keras is left to the script to import, in its own time and with its own environment; it is only then that ``fit`` is
replaced by one that adds a Recorder. All that is said goes to standard error, after the script has ended.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib.util
import inspect
import numbers
import os
import signal
import sys
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

RECORDER = Path(__file__).parents[1] / "keras.py"
MOST_TOLD = 8
ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end a program without a word, where nothing else is said of them."""

UNSEEN = "train_on_batch and training loops of your own are not seen."


class OnImport:
    """A finder of modules that calls a function with the module keras as soon as that has been imported."""

    def __init__(self, then: Callable[[Any], None]) -> None:
        self.then = then
        self.asking = False

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """Find keras as the other finders do, and see to it that its import is followed by the call."""
        if name != "keras" or self.asking:
            return None
        self.asking = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self.asking = False
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module: types.ModuleType) -> None:
            execute(module)
            self.then(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


class Fits:
    """The fits of a script: counts them, records one, and knows what became of each.

    Args:
        output: where the recording goes.
        wanted: the number of the fit to record, from 1; 0 is the first that can be recorded.
    """

    def __init__(self, output: str, wanted: int) -> None:
        self.output, self.wanted = output, wanted
        self.path = Path(output).absolute()  # the script may go to another folder
        self.count = 0
        self.recorded = self.recording_one = False
        self.told: list[str] = []
        self.notices: list[str] = []
        self.passed: list[int] = []  # fits that were not the one to record
        self.result = ""
        self.keras_version = ""

    def replace(self, keras: Any) -> None:
        """Put a recording ``fit`` in the place of Keras's."""
        self.keras_version = keras.__version__
        if int(keras.__version__.split(".")[0]) < 3:
            return
        original = keras.Model.fit
        signature = inspect.signature(original)

        def fit(model: Any, *args: Any, **named: Any) -> Any:
            try:
                arguments = dict(signature.bind(model, *args, **named).arguments)
            except TypeError:
                return original(model, *args, **named)
            arguments.pop("self", None)
            with self.recording(arguments):
                return original(model, **arguments)

        fit.__name__, fit.__doc__, fit.__wrapped__ = "fit", original.__doc__, original  # type: ignore[attr-defined]
        keras.Model.fit = fit

    @contextmanager
    def recording(self, arguments: dict[str, Any]) -> Iterator[None]:
        """Record the fit with these arguments, which are changed, if it is the one to record."""
        self.count += 1
        number = self.count
        self._convert(arguments, number)
        if self.recorded or self.recording_one or self.wanted not in (0, number):  # a callback may fit, too
            self.passed.append(number)
            yield
            return
        callbacks, why_not = arguments.get("callbacks"), ""
        if callable(getattr(callbacks, "on_train_batch_begin", None)) and hasattr(callbacks, "callbacks"):
            why_not = "its callbacks are a CallbackList. Give a plain list"
        given = callbacks if isinstance(callbacks, list | tuple) else [callbacks] if callbacks else []
        if any(type(callback).__name__ == "Recorder" for callback in given):
            why_not = "it has a Recorder of its own"
        if why_not:
            self.told.append(f"fit {number} was not recorded: {why_not}.")
            yield
            return
        recorder = self._recorder()(self.path, strict=False)
        arguments["callbacks"] = [*given, recorder]
        self.recording_one, ended = True, 0
        try:
            with _ending_signals_raise():
                yield
        except _Ended as end:
            ended = end.signal
        finally:
            self.recording_one = False
            recorder.close()
            self._tell(number, recorder)
        if ended:
            self.say("")
            signal.signal(ended, signal.SIG_DFL)
            os.kill(os.getpid(), ended)

    def summary(self, script: str) -> list[str]:
        """What a person is told when the script has ended."""
        lines = [*self.notices, *self.told[:MOST_TOLD]]
        if len(self.told) > MOST_TOLD:
            lines.append(f"{len(self.told) - MOST_TOLD} more fits were not recorded.")
        lines += [self.result] if self.result else []
        if len(self.passed) == 1:
            lines.append(f"fit {self.passed[0]} was not recorded: --fit {self.passed[0]} records it.")
        elif self.passed:
            lines.append(f"{len(self.passed)} other fits were not recorded: --fit N records the N-th.")
        if not self.count:
            lines.append(self._no_fit(script))
        elif self.wanted > self.count:
            lines.append(f"{script} has {self.count} fit{'s' * (self.count > 1)}: there is no fit {self.wanted}.")
        return lines

    def say(self, script: str) -> None:
        """Say it on standard error, after all that the script has written."""
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and not stream.closed:
                with contextlib.suppress(OSError):  # the terminal may be gone
                    stream.flush()
        if sys.stderr is not None and not sys.stderr.closed:
            for line in self.summary(script):
                with contextlib.suppress(OSError):
                    print("lrstep:", "".join(sign if sign.isprintable() else "?" for sign in line), file=sys.stderr)

    def _no_fit(self, script: str) -> str:
        old = self.keras_version and int(self.keras_version.split(".")[0]) < 3
        if old or "tf_keras" in sys.modules:
            version = self.keras_version if old else getattr(sys.modules["tf_keras"], "__version__", "2")
            return (
                f"{script} uses Keras {version}, which cannot be recorded: it takes Keras 3 (TensorFlow 2.16 or newer)."
            )
        if not self.keras_version:
            return f"{script} never imported Keras: nothing was recorded."
        return f"{script} called no fit of a Keras model: nothing was recorded. {UNSEEN}"

    def _tell(self, number: int, recorder: Any) -> None:
        if recorder.problem is not None:
            self.told.append(f"fit {number} cannot be recorded: {recorder.problem.problem}. {recorder.problem.mend}")
        elif recorder.written is not None:
            self.recorded = True
            steps = f"{recorder.steps} step{'s' * (recorder.steps != 1)}"
            self.result = f"fit {number}: {steps} recorded in {self.output}; open them: lrstep {self.output}"
        else:
            self.told.append(f"fit {number} ended before it began to train.")

    def _convert(self, arguments: dict[str, Any], number: int) -> None:
        """Make arrays of lists of numbers, which older versions of Keras took and Keras 3 refuses."""
        converted = [name for name in ("x", "y") if _is_list(arguments.get(name))]
        arguments |= {name: _array(arguments[name]) for name in converted}
        held_back = arguments.get("validation_data")
        if isinstance(held_back, list | tuple) and len(held_back) == 2:
            arguments["validation_data"] = tuple(map(_array, held_back))
        if converted and not self.notices:
            names = " and ".join(converted)
            each = ", ".join(f"{name} = np.array({name})" for name in converted)
            was = "are lists" if len(converted) > 1 else "is a list"
            self.notices.append(f"fit {number}: {names} {was}, which Keras 3 refuses; taken as {each}.")

    @staticmethod
    def _recorder() -> Any:
        """The class Recorder, from the file beside; lrstep itself need not be there."""
        if "lrstep_recorder" not in sys.modules:
            spec = importlib.util.spec_from_file_location("lrstep_recorder", RECORDER)
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules["lrstep_recorder"] = module
            spec.loader.exec_module(module)
        return sys.modules["lrstep_recorder"].Recorder


class _Ended(BaseException):
    """A signal that ends the program, on its way out of a fit."""

    def __init__(self, signal: int) -> None:
        self.signal = signal


@contextmanager
def _ending_signals_raise() -> Iterator[None]:
    """Have signals that would end the program raise meanwhile, as Ctrl+C does, so that what was recorded is kept."""
    own, main = os.getpid(), threading.current_thread() is threading.main_thread()
    taken = [each for each in ENDING if main and signal.getsignal(each) is signal.SIG_DFL]

    def end(number: int, frame: types.FrameType | None) -> None:
        if os.getpid() != own:  # a worker that was forked meanwhile
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        for each in taken:
            signal.signal(each, signal.SIG_IGN)  # a shell says it again to all that it has started
        raise _Ended(number)

    for each in taken:
        signal.signal(each, end)
    try:
        yield
    finally:
        for each in taken:
            if signal.getsignal(each) is end:
                signal.signal(each, signal.SIG_DFL)


def _is_list(value: Any) -> bool:
    """Whether a value is a list of numbers, or of lists of them."""
    if not isinstance(value, list | tuple) or not value:
        return False
    return all(isinstance(item, numbers.Real) or _is_list(item) for item in value)


def _array(value: Any) -> Any:
    import numpy as np

    return np.array(value) if _is_list(value) else value


def run_script(script: str, args: list[str]) -> None:
    """Run a script as ``python script args`` does; whatever it raises is raised."""
    source = Path(script).read_bytes()
    path = os.path.join(os.getcwd(), script)  # noqa: PTH109, PTH118 - as Python itself writes it
    main = types.ModuleType("__main__")
    vars(main).update(__file__=path, __loader__=SourceFileLoader("__main__", path), __cached__=None)
    vars(main).update(__builtins__=builtins, __annotations__={})
    sys.modules["__main__"] = main
    sys.argv = [script, *args]
    sys.path[0] = os.path.dirname(os.path.realpath(script))  # noqa: PTH120 - as Python itself writes it
    exec(compile(source, path, "exec", dont_inherit=True), vars(main))


def _without_own(trace: types.TracebackType | None) -> types.TracebackType | None:
    """A traceback without what this file adds to it."""
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    if trace is not None:
        trace.tb_next = _without_own(trace.tb_next)
    return trace


def _hide_own_frames() -> None:
    """Let the traceback of an error that ends the script be the script's own."""
    hook = sys.excepthook

    def excepthook(kind: type[BaseException], error: BaseException, trace: types.TracebackType | None) -> None:
        hook(kind, error.with_traceback(_without_own(trace)), error.__traceback__)

    sys.excepthook = excepthook


def main(arguments: list[str]) -> None:
    """Run a script with its fits recorded; an error of the script goes on from here as its own."""
    output, wanted, script, *args = arguments
    fits = Fits(output, int(wanted))
    sys.meta_path.insert(0, OnImport(fits.replace))
    try:
        run_script(script, args)
    finally:
        _hide_own_frames()
        fits.say(script)


if __name__ == "__main__":
    main(sys.argv[1:])
