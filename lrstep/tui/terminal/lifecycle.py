"""However the stepper ends: the terminal is given back, the run is kept, the exit status says what happened."""

import asyncio
import contextlib
import io
import os
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from rich.console import Console
from textual.app import App

from lrstep.errors import LrstepError
from lrstep.export.output import ENDING_SIGNALS
from lrstep.sources.folders import state_folder
from lrstep.sources.temporary import remove_unfinished
from lrstep.visible import visible, visible_lines

SIGNALS = (*ENDING_SIGNALS, "SIGINT")
DEADLINE = 5.0
"""Seconds that an orderly end may take: what is on its way over a slow link is still sent."""

LOST = 1.0
"""Seconds in which a stepper whose terminal is gone has to keep the run."""

LOG_SIZE = 100_000
"""Characters of errors after which the log begins anew; the one before is kept beside it."""

LONGEST = 1_000
"""Characters of an error that are printed."""

RESTORE = (
    b"\x1b[m\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"  # colours, mouse
    b"\x1b[?2004l\x1b[?2048l\x1b[?1004l\x1b[<u\x1b[?7h"  # paste, resize and focus reports, keyboard, wrapping
    b"\x1b[?1049l\x1b[?25h"  # screen, cursor
)
"""What Textual switches on, switched off."""

Keep = Callable[[], None]


def run(app: App[Any], keep: Keep | None = None, *, mouse: bool = True) -> int:
    """Run an app to its end.

    Args:
        app: the app; its own ``exit(return_code=…)`` is the status of an ordinary end.
        keep: saves the run, to go on with it later, or raises why not; called once if anything but the person ends
            the app. It may be called in another thread, and must not wait for the app.
        mouse: whether the mouse is used.

    Returns:
        The exit status: 0 or what the app says, 128 + signal where a signal ended it or the terminal went
        away, 1 after an error in the program, whose traceback then is in a log file that is named on stderr.
    """
    printed = io.StringIO()
    app.error_console = Console(file=printed, width=120, color_system=None)
    end, broken = _End(app, keep), None
    try:
        with _watched(end):
            asyncio.run(_run(app, end, mouse))
    except Exception as raised:  # while Textual began or ended
        broken = raised
    finally:
        end.close()
    if end.signal:
        return 128 + end.signal
    error = getattr(app, "_exception", None) or broken
    if error is None and not printed.getvalue().strip():
        return app.return_code or 0
    end.keep()
    return _report(error, printed.getvalue(), kept=end.kept)


async def _run(app: App[Any], end: "_End", mouse: bool) -> None:
    end.loop = asyncio.get_running_loop()
    with _woken(end.loop), _handled(end):
        await app.run_async(mouse=mouse)


class _End:
    """Ends the app once, from whichever side the end comes."""

    def __init__(self, app: App[Any], keep: Keep | None) -> None:
        self.app = app
        self.loop: asyncio.AbstractEventLoop | None = None
        self.signal = 0
        self.kept = False
        self._keep = keep
        self._lock = threading.Lock()
        self.awake, self._wake = os.pipe()

    def keep(self) -> None:
        """Keep the run, if that was not done yet; an error in that must not stand in the way.

        Who comes second waits until it is kept: it may be about to end the process.
        """
        with self._lock:
            keep, self._keep = self._keep, None
            if keep is not None:
                with contextlib.suppress(Exception):
                    keep()
                    self.kept = True

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """A signal handler: tell the loop, and the watcher, which counts the seconds."""
        if not self.signal:
            self.signal = number
            if getattr(getattr(self.app, "_driver", None), "suspended", False):
                # After Ctrl+Z the terminal is the shell's: to touch it again would only stop the process again.
                self.leave()
            os.write(self._wake, b"!")
            if self.loop is not None:
                self.loop.call_soon_threadsafe(self._orderly)

    def _orderly(self) -> None:
        self.keep()
        self.app.exit(return_code=128 + self.signal)

    def leave(self) -> NoReturn:
        """End here and now, without the terminal."""
        self.keep()
        remove_unfinished()
        os._exit(128 + self.signal)

    def done(self) -> None:
        """The app has ended by itself: release the watcher."""
        with contextlib.suppress(OSError):
            os.write(self._wake, b".")

    def close(self) -> None:
        """Give the pipe back."""
        os.close(self.awake)
        os.close(self._wake)


@contextlib.contextmanager
def _woken(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Let every signal wake the loop: the kernel may give it to any thread, but its handler waits for this one."""
    ours, kernels = socket.socketpair()
    with ours, kernels:
        ours.setblocking(False)
        kernels.setblocking(False)
        loop.add_reader(ours, ours.recv, 4096)
        before = signal.set_wakeup_fd(kernels.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            loop.remove_reader(ours)


@contextlib.contextmanager
def _handled(end: _End) -> Iterator[None]:
    """Signal handlers that lead to an orderly end; what is ignored (nohup) stays ignored."""
    before = {}
    for name in SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            before[number] = signal.signal(number, end.on_signal)
    try:
        yield
    finally:
        for number, handler in before.items():
            # A second signal while the last bytes are on their way must not break the terminal after all; a held
            # Ctrl+C is one as soon as the terminal is given back.
            signal.signal(number, signal.SIG_IGN if end.signal or number == signal.SIGINT else handler)


@contextlib.contextmanager
def _watched(end: _End) -> Iterator[None]:
    """A thread that waits for the terminal to go away, without ever waking up before that."""
    if not hasattr(select, "poll"):
        yield
        return
    import termios

    fileno = sys.stdin.fileno()
    try:
        attributes = termios.tcgetattr(fileno)
    except termios.error:
        attributes = []  # gone while lrstep started, as the watcher finds at once
    thread = threading.Thread(target=_watch, args=(end, fileno, attributes), name="lrstep-terminal", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.done()
        thread.join()


def _watch(end: _End, fileno: int, attributes: list[Any]) -> None:
    poll = select.poll()
    poll.register(fileno, 0)  # a hang-up is reported though nothing was asked for
    poll.register(end.awake, select.POLLIN)
    deadline: float | None = None
    while True:
        found = dict(poll.poll(None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000))
        if found.get(fileno, 0) & select.POLLHUP:
            _leave_lost_terminal(end)
        if fileno in found:
            poll.unregister(fileno)  # this system cannot tell of terminals
        if end.awake in found:
            if os.read(end.awake, 1) != b"!":
                return
            deadline = time.monotonic() + DEADLINE
        elif deadline is not None and time.monotonic() >= deadline:
            restore(fileno, attributes)
            end.leave()


def _leave_lost_terminal(end: _End) -> None:
    """End at once: writing to a terminal that is gone can block, and nobody reads it."""
    end.signal = end.signal or signal.SIGHUP
    leaving = threading.Thread(target=end.leave, daemon=True)
    leaving.start()
    leaving.join(LOST)
    os._exit(128 + end.signal)


def restore(fileno: int, attributes: list[Any]) -> None:
    """Give the terminal back without waiting for anything, when the app itself cannot any more."""
    import termios

    with contextlib.suppress(OSError, termios.error):
        termios.tcsetattr(fileno, termios.TCSANOW, attributes)
        tty = os.open(os.ttyname(fileno), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        os.write(tty, RESTORE)


# --- errors in the program ---------------------------------------------------------------------------


def _report(error: BaseException | None, printed: str, kept: bool) -> int:
    cause = getattr(error, "error", None) or error  # a worker's failure wraps the error in it
    if isinstance(cause, LrstepError):
        hint = "".join(f"\n        {visible(line)}" for line in cause.hint.splitlines())
        print(f"lrstep: {visible(cause.message)}{hint}", file=sys.stderr)
        return 1
    details = "".join(traceback.format_exception(cause)) if isinstance(cause, BaseException) else printed
    details = visible_lines(_shortened(details))
    what = f"{type(cause).__name__}: {cause}" if cause else "the terminal could not be read"
    print(f"lrstep: an error in lrstep ended it: {visible(what[:LONGEST])}", file=sys.stderr)
    try:
        print(f"        The traceback is at the end of {visible(str(_log(_heading() + details)))}", file=sys.stderr)
    except (OSError, LrstepError):
        print(details, file=sys.stderr)
    if kept:
        print("        lrstep --resume goes on where you were.", file=sys.stderr)
    return 1


def _log(report: str) -> Path:
    """Add a report to the log, which keeps the ones before; where they are."""
    path = state_folder() / "error.log"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_file() and path.stat().st_size > LOG_SIZE:
        path.replace(path.with_suffix(".old.log"))
    # A pipe in its place would hold up the end for ever: it is no log, and opening it without waiting fails.
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK, 0o600)
    with os.fdopen(number, "a", encoding="utf-8", errors="backslashreplace") as log:
        log.write(f"{report.rstrip()}\n\n")
    return path


def _shortened(report: str) -> str:
    """A report of bounded length; what went wrong stands at its end."""
    return report if len(report) <= LOG_SIZE else f"{report[:LONGEST]}\n…\n{report[-LOG_SIZE:]}"


def _heading() -> str:
    import platform
    from importlib.metadata import version

    from lrstep import __version__

    system = f"Python {platform.python_version()}, {platform.platform()}, TERM {os.environ.get('TERM', '')}"
    return f"{time.strftime('%Y-%m-%d %H:%M:%S')} lrstep {__version__}, Textual {version('textual')}, {system}\n"
