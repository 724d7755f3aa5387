"""A program in a real pseudo-terminal, with pyte as the screen.

The reading end is driven by the caller: nothing is read between calls, and what is written is fed to the
emulated screen only when the screen is looked at, so that looking costs no time while something is timed.
"""

import codecs
import contextlib
import errno
import fcntl
import itertools
import os
import re
import select
import signal
import struct
import termios
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import pyte

KEYS = {
    "right": "\x1b[C", "left": "\x1b[D", "up": "\x1b[A", "down": "\x1b[B",
    "home": "\x1b[H", "end": "\x1b[F", "pagedown": "\x1b[6~", "pageup": "\x1b[5~",
    "enter": "\r", "tab": "\t", "shift+tab": "\x1b[Z", "escape": "\x1b", "backspace": "\x7f", "space": " ",
    "f1": "\x1bOP", "ctrl+c": "\x03", "ctrl+p": "\x10", "ctrl+z": "\x1a", "ctrl+l": "\x0c", "ctrl+\\": "\x1c",
}  # fmt: skip
"""Key names and what a terminal sends for them; any other text is sent as it stands."""

PATIENCE = 30.0
"""Seconds that anything awaited may take; generous, since a loaded machine is no fault."""

MARK = "TERMINAL_MARK"
"""Environment variable by which the processes of a terminal are found again."""

_numbers = itertools.count()
CURSOR = b"\x1b[6n"
"""The question where the cursor is."""

_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
_KITTY = re.compile(rb"\x1b\[([<>])(\d*)u")
_NOT_PYTE = re.compile(r"\x1b\[[<>=][\d;]*u|\x1b\[\?[\d;]*\$p|\x1b\[[>=][\d;]*[a-zA-Z]")
_CUT = re.compile(r"\x1b(?:\[[<>=?\d;$]*)?$")


class Timeout(AssertionError):
    """What was awaited did not come; the message shows the screen."""


class Modes(NamedTuple):
    """What a program has switched on and not yet off."""

    private: frozenset[int]
    kitty: int
    echo: bool
    canonical: bool


FRESH = frozenset({7, 25})
"""Private modes of a terminal that nobody changed: line wrap, visible cursor."""


class Terminal:
    """A running program and its terminal.

    Args:
        command: the program and its arguments.
        size: columns and rows.
        env: changes to the environment; None removes a variable.
        rate: bytes a second that the link carries; None is without limit.
        buffer: bytes that wait between the program's end of the terminal and a slow link, as in the
            buffers of ssh and TCP.
        answers: whether it tells where its cursor is when asked, as terminals do.
        spawn: starts the program: its command, the terminal's path and the environment → its process, a child of this.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (120, 40),
        env: Mapping[str, str | None] | None = None,
        rate: float | None = None,
        buffer: int = 0,
        answers: bool = True,
        spawn: Callable[[Sequence[str], str, Mapping[str, str]], int] | None = None,
    ) -> None:
        self.output = bytearray()  # all that was written since the start
        self.rate = rate
        self.buffer = buffer
        self.answers = answers
        self._asked_at: deque[float] = deque()  # when the questions for the cursor arrive at the screen
        self.status: int | None = None
        self.ended_at: float | None = None
        self._fed = 0
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._held = ""
        self.delivered_at = 0.0
        self.screen = pyte.Screen(*size)
        self._stream = pyte.Stream(self.screen)
        self._master, self._slave = os.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.started_at = self.last_output_at = time.perf_counter()
        self._mark = f"{MARK}={os.getpid()}-{next(_numbers)}"
        marked = environment({**(env or {}), MARK: self._mark[len(MARK) + 1 :]})
        self.pid = (spawn or _spawn)(command, os.ttyname(self._slave), marked)
        self.open = True

    # --- input -----------------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Send keys, by name or as text."""
        self.send("".join(KEYS.get(key, key) for key in keys))

    def send(self, text: str) -> None:
        """Send text as typed or pasted."""
        data = text.encode()
        while data:
            data = data[os.write(self._master, data) :]

    def mouse_move(self, x: int, y: int) -> None:
        """Move the mouse without a button, in cells from 1."""
        self.send(f"\x1b[<35;{x};{y}M")

    def click(self, x: int, y: int) -> None:
        """Click the left button, in cells from 1."""
        self.send(f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m")

    def resize(self, columns: int, rows: int) -> None:
        """Change the size; the kernel tells the program."""
        self._feed()
        self.screen.resize(rows, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the program itself."""
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Take the terminal away, as a dropped connection does."""
        if self.open:
            self.open = False
            for end in (self._slave, self._master):
                if end >= 0:
                    os.close(end)

    # --- output ----------------------------------------------------------------------------------

    def pump(self, seconds: float) -> bool:
        """Read what comes within so many seconds, returning at the first piece; whether there was any."""
        if not self.open:
            time.sleep(min(seconds, 0.01))
            return False
        if self._asked_at:
            due = self._asked_at[0] - time.perf_counter()
            if due <= 0:
                self._asked_at.popleft()
                # The place does not matter: who asks wants to know when.
                self.send("\x1b[1;1R")
                return self.pump(seconds)
            seconds = min(seconds, due)
        held = self.buffer / self.rate if self.rate else 0.0
        wait = max(0.0, self.delivered_at - held - time.perf_counter())
        if wait > seconds:
            time.sleep(seconds)
            return False
        time.sleep(wait)
        if not select.select([self._master], [], [], seconds - wait)[0]:
            return False
        data = self._read(65536 if self.rate is None else 256)
        if not data:
            return False
        self.last_output_at = time.perf_counter()
        took = len(data) / self.rate if self.rate else 0.0
        self.delivered_at = max(self.delivered_at, self.last_output_at) + took
        asked = data.count(CURSOR) + (self.output[-3:] + data[:3]).count(CURSOR)
        if self.answers:
            self._asked_at.extend([self.delivered_at] * asked)
        self.output += data
        return True

    def settle(self, quiet: float = 0.1, within: float = PATIENCE) -> None:
        """Wait until nothing was written for ``quiet`` seconds."""
        end = time.perf_counter() + within
        last = time.perf_counter()
        while (now := time.perf_counter()) - last < quiet:
            if now > end:
                raise Timeout(self._report(f"still writing after {within} s"))
            if self.pump(quiet - (now - last)):
                last = time.perf_counter()

    def drain(self, seconds: float) -> int:
        """Read for exactly so many seconds; the number of bytes that came."""
        start, end = len(self.output), time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.pump(left)
        return len(self.output) - start

    def wait_until(self, condition: Callable[[], object], what: str = "", within: float = PATIENCE) -> None:
        """Read until a condition holds."""
        end = time.perf_counter() + within
        while not condition():
            if time.perf_counter() > end:
                raise Timeout(self._report(f"waited {within} s for {what or condition}"))
            self.pump(0.05)

    def wait_for(self, text: str, within: float = PATIENCE, quiet: float = 0.0) -> None:
        """Read until a text is on the screen, and then until it is quiet for so long."""
        self.wait_until(lambda: self.shows(text) or self._gone_without(text), repr(text), within)
        if quiet:
            self.settle(quiet)

    def wait_for_exit(self, within: float = PATIENCE) -> int:
        """Read until the program has ended; its exit status (negative: ended by that signal)."""
        self.wait_until(lambda: self.poll() is not None, "the program to end", within)
        while self.pump(0.02):
            pass
        assert self.status is not None
        return self.status

    def poll(self) -> int | None:
        """The exit status, or None while the program runs."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.ended_at = time.perf_counter()
                self.status = os.waitstatus_to_exitcode(status)
        return self.status

    # --- looking ---------------------------------------------------------------------------------

    @property
    def lines(self) -> list[str]:
        """The rows of the screen as text."""
        self._feed()
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    @property
    def cells(self) -> list[list[pyte.screens.Char]]:
        """Every cell with its character, colours and attributes, as far as they can be seen."""
        self._feed()
        columns = range(self.screen.columns)
        return [[_seen(self.screen.buffer[y][x]) for x in columns] for y in range(self.screen.lines)]

    def shows(self, text: str) -> bool:
        """Whether a text stands in a row of the screen."""
        return any(text in line for line in self.lines)

    @property
    def said(self) -> str:
        """Everything written, without escape sequences."""
        text = self.output.decode("utf-8", "replace").replace("\r\n", "\n")
        return re.sub(
            r"\x1b\[[<>=?]?[\d;]*\$?[a-zA-Z]|\x1b[()][A-Z0-9]|\x1b[=>78]|\x1b\][^\x07\x1b]*(?:\x1b\\|\x07)|\x07",
            "",
            text,
        )

    def modes(self) -> Modes:
        """The terminal modes as the program has left them up to now."""
        private = set(FRESH)
        for match in _MODE.finditer(self.output):
            for number in map(int, match[1].split(b";")):
                (private.add if match[2] == b"h" else private.discard)(number)
        kitty = sum(1 if match[1] == b">" else -1 for match in _KITTY.finditer(self.output))
        flags = termios.tcgetattr(self._slave)[3]
        return Modes(frozenset(private), max(kitty, 0), bool(flags & termios.ECHO), bool(flags & termios.ICANON))

    def restored(self) -> bool:
        """Whether the terminal is as it was before the program: screen, cursor, mouse, paste, keyboard, echo."""
        return self.modes() == Modes(FRESH, 0, True, True)

    def processes(self) -> list[int]:
        """Living processes that the program has started, in its session or in one of their own; itself included."""
        return [pid for pid in _processes() if pid == self.pid or self._mark.encode() in _environ(pid)]

    def cpu_seconds(self) -> float:
        """CPU time of the program itself up to now."""
        fields = _stat(self.pid)
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0

    # --- the end ---------------------------------------------------------------------------------

    def close(self) -> None:
        """End the program if it still runs, and give the terminal back."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            if self.status is None:
                os.waitpid(self.pid, 0)
        self.hang_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- inside ----------------------------------------------------------------------------------

    def _read(self, size: int) -> bytes:
        try:
            return os.read(self._master, size)
        except OSError as error:
            if error.errno == errno.EIO:  # Linux: nobody holds the other end any more
                return b""
            raise

    def _feed(self) -> None:
        text = self._held + self._decode(bytes(self.output[self._fed :]))
        self._fed = len(self.output)
        cut = _CUT.search(text)
        self._held = cut[0] if cut else ""
        self._stream.feed(_NOT_PYTE.sub("", text[: cut.start()] if cut else text))

    def _gone_without(self, text: str) -> bool:
        if self.poll() is None:
            return False
        while self.pump(0.02):
            pass
        if not self.shows(text):
            raise Timeout(self._report(f"ended with status {self.status} without showing {text!r}"))
        return True

    def _report(self, problem: str) -> str:
        return f"{problem}; the screen is:\n{self.text}"


def _seen(cell: pyte.screens.Char) -> pyte.screens.Char:
    """A space has no foreground and is not bold, unless it is reversed or a line goes through it."""
    if cell.data != " " or cell.reverse or cell.underscore or cell.strikethrough:
        return cell
    return cell._replace(fg="default", bold=False, italics=False)


def environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    """The environment of a plain truecolor terminal, without what could leak in from outside."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TEXTUAL", "LC_", "LRSTEP"))}
    left_out = (
        "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM_PROGRAM", "PYTHONDEVMODE", "PYTHONWARNINGS",
        "PYTHONDONTWRITEBYTECODE",  # an installed program is compiled, a checkout once it has been started
    )  # fmt: skip
    for name in left_out:
        env.pop(name, None)
    env |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    env |= {name: value for name, value in changes.items() if value is not None}
    return {name: value for name, value in env.items() if changes.get(name, "") is not None}


def _spawn(command: Sequence[str], tty: str, env: Mapping[str, str]) -> int:
    # The first terminal that the leader of a new session opens becomes its controlling terminal.
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, tty, os.O_RDWR, 0),
        (os.POSIX_SPAWN_DUP2, 0, 1),
        (os.POSIX_SPAWN_DUP2, 0, 2),
    ]
    return os.posix_spawnp(
        command[0],
        list(command),
        dict(env),
        file_actions=actions,
        setsid=True,
        setsigmask=[],
        setsigdef=[signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM, signal.SIGPIPE],
    )


def _stat(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat from the state on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _environ(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _processes() -> Iterator[int]:
    """All processes that live."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))) and fields[0] not in "ZX":
            yield int(entry.name)
