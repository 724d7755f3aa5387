"""Textual's driver with a diff of cells between it and the terminal: the same picture for fewer bytes."""

import contextlib
import os
import select
import signal
import termios
import threading
import time
import tty
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver
from textual.events import CursorPosition, Key
from textual.message import Message
from textual.messages import InBandWindowResize

from lrstep.tui.terminal.back_pressure import BackPressure
from lrstep.tui.terminal.cell_diff import CellDiff, Placed
from lrstep.tui.terminal.input_decoder import InputDecoder, interrupts, tells_the_cursor

if TYPE_CHECKING:
    from textual.app import App


READ_WITHIN = 0.02
"""Seconds in which what was written has been read at the other end of a pseudo-terminal, which cannot be asked."""

CLEAR = "\x1b[m\x1b[2J"
"""Not every terminal empties its second screen when it is switched to."""

AHEAD = 1 << 20
"""Bytes typed ahead that are kept."""

SLICE, ENOUGH = 256, 64
"""So many bytes are turned into messages at a time, while fewer messages than that wait for the app."""

LOOK_AGAIN = 0.005
"""Seconds until the app is looked at again, while keys wait for it."""

SEQUENCE = 16
"""Bytes of the longest way to say Ctrl+C."""


class ThriftyDriver(LinuxDriver):
    """Sends only the cells that changed.

    ``NO_COLOR`` and an encoding without box-drawing characters are seen to here, for everything that is
    drawn: dialogs and Textual's own widgets too.

    Attributes:
        suspended: whether Ctrl+Z has stopped the program, and the terminal is the shell's.
        interrupted: whether Ctrl+C has come.
    """

    def __init__(self, app: "App[Any]", **options: Any) -> None:
        super().__init__(app, **options)
        self.cells = CellDiff(colours=not os.environ.get("NO_COLOR"), ascii=bool(getattr(app, "ascii", False)))
        self.pressure = BackPressure()
        self.suspended = False
        self.interrupted = False
        self._stale = False
        self._lock = threading.Lock()  # Textual's input thread writes too

    def write(self, data: str) -> None:
        """Send what has to be sent of this."""
        with self._lock:
            self._send(self._known_cells().feed(data))

    def paint(self, spans: Iterable[Placed], codes: Mapping[str, str]) -> bool:
        """Send what differs of these spans, see :meth:`CellDiff.paint`; whether the terminal is ours to paint on."""
        with self._lock:
            if not self.pressure.asking:
                return False
            self._send(self._known_cells().paint(spans, codes))
            return True

    def _known_cells(self) -> CellDiff:
        if self._stale:
            self._stale = False
            self.cells.forget(_terminal_size())
        return self.cells

    def _send(self, needed: str) -> None:
        if needed:
            super().write(needed + self.pressure.sent(len(needed)))

    @property
    def behind(self) -> bool:
        """Whether what was painted before is still on its way to the terminal (a slow link)."""
        queue = getattr(self._writer_thread, "_queue", None)
        return self.pressure.behind or (queue is not None and not queue.empty())

    def forget(self) -> None:
        """Send everything anew from the next frame on; may be called at any moment."""
        self._stale = True

    def start_application_mode(self) -> None:
        """Take the terminal over; from then on a resize invalidates what is known about it."""
        self.pressure.asking = True
        self.forget()  # nobody told of a resize while the terminal was the shell's
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._key_thread is None or not self._key_thread.is_alive():
            return  # in the background (bg): the terminal is still the shell's
        self.suspended = False
        with self._lock:
            super().write(CLEAR + self.pressure.ask())
            self._known_cells().cleared()
        resized = signal.getsignal(signal.SIGWINCH)

        def on_resize(number: int, frame: FrameType | None) -> None:
            self.forget()
            if callable(resized):
                resized(number, frame)

        signal.signal(signal.SIGWINCH, on_resize)

    def stop_application_mode(self) -> None:
        """Give the terminal back; its last answer would otherwise be typed into the shell."""
        self.pressure.asking = False
        while self.pressure.open:
            time.sleep(0.005)
        if self._mouse_pixels:
            self.write("\x1b[?1016l")  # switched on for terminals that report their size, and never off
        attributes = self.attrs_before
        if attributes is not None:
            # Ctrl+C must not throw away the last sequences on their way: they give the screen back.
            self.attrs_before = [*attributes]
            self.attrs_before[tty.LFLAG] |= termios.NOFLSH
        super().stop_application_mode()
        self.attrs_before = attributes

    def close(self) -> None:
        """End the output; when the last of it has been read the terminal is as it was."""
        super().close()
        if self.attrs_before is not None:
            time.sleep(READ_WITHIN)
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSADRAIN, self.attrs_before)

    def run_input_thread(self) -> None:
        """Pass on what the terminal sends, until the app ends."""
        decoder, ahead, before = InputDecoder(), bytearray(), b""
        while not self.exit_event.is_set():
            held = bool(ahead) and self._app_behind
            data = self._typed(LOOK_AGAIN if held else 0 if ahead else 0.1)
            if interrupts(before + data):
                # At once, whatever was typed before it: that belongs to what is about to end. Not so an answer of the
                # terminal, for which the end would wait.
                if tells_the_cursor(bytes(ahead) + data):
                    self.pressure.answered()
                decoder, ahead, before = InputDecoder(), bytearray(), b""
                self.interrupted = True
                self.process_message(Key("ctrl+c", "\x03"))
                continue
            before = (before + data)[-SEQUENCE:]
            ahead += data[: AHEAD - len(ahead)]
            if not held:
                for message in decoder.feed(bytes(ahead[:SLICE])) if ahead else decoder.tick():
                    self.process_message(message)
                del ahead[:SLICE]

    def _typed(self, seconds: float) -> bytes:
        """What the terminal sends within so many seconds."""
        if not select.select([self.fileno], [], [], seconds)[0]:
            return b""
        data = os.read(self.fileno, 4096)
        if not data:
            self.exit_event.wait(0.1)
        return data

    @property
    def _app_behind(self) -> bool:
        """Whether the app has enough to do with what it was given."""
        return self._app.message_queue_size + int(getattr(self._app, "keys_waiting", 0)) > ENOUGH

    def _sigtstp_application(self, *_: object) -> None:
        # Not here: the signal may have come in the middle of a write, and what that holds is never let go of.
        self._soon(self._suspend)

    def _suspend(self) -> None:
        # Where no shell could wake it up again (ssh -t host lrstep) the kernel would not stop it either.
        if has_job_control():
            self.suspended = True
            super()._sigtstp_application()

    def _sigcont_application(self, *_: object) -> None:
        if not self.suspended:
            self._soon(self._take_again)
            return
        if not self._in_foreground:
            # Woken in the background: to ask for the terminal stops the process again at once, and with it a
            # thread that the kernel has given the signal of a kill %1 to, before the handler could see it.
            time.sleep(0.2)
        super()._sigcont_application()

    def _take_again(self) -> None:
        """Go on after a SIGSTOP, of which a program hears nothing; the shell has used the terminal meanwhile."""
        if self._in_foreground and not self.suspended:
            self.suspend_application_mode()
            self.resume_application_mode()
            self._app.app_resume_signal.publish(self._app)

    @property
    def _in_foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:
            return True  # there is nobody else

    def _soon(self, action: Callable[[], None]) -> None:
        """Do something from the app's loop; called by handlers of signals."""
        with contextlib.suppress(RuntimeError):  # the app has ended
            self._loop.call_soon_threadsafe(action)

    def process_message(self, message: Message) -> None:
        """Pass a message on; a resize that the terminal itself reports counts like the signal."""
        if isinstance(message, CursorPosition) and self.pressure.answered():
            return
        if isinstance(message, InBandWindowResize):
            self.forget()
        super().process_message(message)


def _terminal_size() -> tuple[int, int] | None:
    """Columns and rows of the terminal, None where they cannot be had."""
    try:
        columns, rows = os.get_terminal_size(2)
    except OSError:
        return None
    return (columns, rows) if columns and rows else None


def has_job_control() -> bool:
    """Whether a shell waits for this job: a process of the same session, but of another group, is its parent.

    Otherwise POSIX calls the group orphaned, and what is stopped in it stays so.
    """
    parent = os.getppid()
    try:
        while parent and os.getsid(parent) == os.getsid(0):
            if os.getpgid(parent) != os.getpgrp():
                return True
            parent = int(Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[1])
    except FileNotFoundError:
        return True  # a system without /proc: as it is nearly always
    except OSError:
        pass
    return False
