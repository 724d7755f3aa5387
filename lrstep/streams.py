"""The standard streams, in whatever state the program was given them."""

import contextlib
import io
import os
import sys
from typing import TextIO

from lrstep.errors import LrstepError


class Closed(io.TextIOBase):
    """Standard output that was closed before the program began; whoever writes to it hears so."""

    encoding = "utf-8"
    errors = "strict"

    def write(self, text: str) -> int:
        """Refuse.

        Raises:
            LrstepError: always.
        """
        raise LrstepError("standard output is closed", "Send it to a terminal, a pipe or a file, such as > out.txt.")


def prepare() -> None:
    """Make the streams such that writing to them either works or says why not."""
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _occupy_their_numbers()
    if sys.stdout is None:
        sys.stdout = Closed()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open as long as the program runs
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name that the terminal's encoding lacks is no reason to fail.
            stream.reconfigure(errors="backslashreplace")


def need_output() -> None:
    """Refuse at once, instead of after long work, where nobody could see the result.

    Raises:
        LrstepError: standard output is closed.
    """
    if isinstance(sys.stdout, Closed):
        sys.stdout.write("")


_metered = ""


def meter(text: str = "") -> None:
    """Show on standard error, where that is a terminal, how far something is: one line that is written over.

    Args:
        text: the line; an empty one takes it away.
    """
    global _metered
    if text != _metered and sys.stderr.isatty():
        with contextlib.suppress(OSError):
            sys.stderr.write(f"\r{text:<{len(_metered)}}" + "\r" * (not text))
            sys.stderr.flush()
        _metered = text


def drop_output(stream: TextIO | None = None) -> None:
    """Let go of what could not be written, on standard output by default, so that Python does not try it again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), (stream or sys.stdout).fileno())


def _occupy_their_numbers() -> None:
    """Open the null device in place of closed streams: the next file would get their number, and their output."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
