"""A file that is either written whole or not at all."""

import contextlib
import shutil
import signal
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO

from lrstep.errors import LrstepError
from lrstep.sources.files import mode_of
from lrstep.sources.system_errors import cannot_write
from lrstep.sources.temporary import temporary_path

ENDING_SIGNALS = ("SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGXCPU")
"""Signals that end a process unless it handles them: whoever is ended by one leaves things in order before."""


@contextlib.contextmanager
def open_output(path: Path | str, force: bool = False) -> Iterator[IO[str]]:
    """Open a text file (UTF-8) for writing that appears under its name only once all of it is written.

    Use it as a context manager; an exception inside it leaves nothing behind and an older file as it was.

    Args:
        path: where the file shall be. A device or a pipe is written to directly.
        force: replace a file that exists.

    Raises:
        LrstepError: the file exists, or the folder is missing, or it may not be written, or the disk is full.
    """
    with new_file(path, force) as place, place.open("w", encoding="utf-8", newline="") as out:
        yield out


@contextlib.contextmanager
def new_file(path: Path | str, force: bool) -> Iterator[Path]:
    """Yield the path of a temporary file in the folder of ``path`` which replaces it when all went well.

    For libraries that want a path or write bytes; otherwise as :func:`open_output`.
    """
    path = Path(path)
    with ending_tidily(), _explained(path):
        refuse_existing(path, force)
        if path.exists() and not path.is_file():
            yield path
            return
        # Through a symbolic link to what it points at: the link is the person's.
        target = path.resolve()
        with temporary_path(target) as temporary:
            yield temporary
            refuse_existing(path, force)
            if target.exists():
                shutil.copymode(target, temporary)
            temporary.replace(target)


@contextlib.contextmanager
def new_folder(path: Path | str, force: bool = False) -> Iterator[Path]:
    """Yield an empty folder whose files move to the folder ``path`` when all went well.

    Args:
        path: the folder; made where it is missing, inside a folder that exists.
        force: replace files of the same name; other files in the folder stay.

    Raises:
        LrstepError: as :func:`open_output`; also where the folder holds a file of a name that is to be written.
    """
    path = Path(path)
    with ending_tidily(), _explained(path):
        if path.exists() and not path.is_dir():
            raise LrstepError(f"{path} is a file", "Give the name of a folder for the pictures.")
        target = path.resolve()
        if not target.name:
            raise LrstepError(f"{path} is the root of all folders", "Give the name of a folder for the pictures.")
        with temporary_path(target) as temporary:
            temporary.mkdir()
            yield temporary
            written = sorted(temporary.iterdir())
            for file in written:
                refuse_existing(path / file.name, force)
            if target.exists():
                for file in written:
                    file.replace(target / file.name)
            else:
                temporary.replace(target)


def refuse_existing(path: Path, force: bool) -> None:
    """Raise an LrstepError where writing to ``path`` would destroy something or cannot work."""
    mode = mode_of(path)
    if stat.S_ISDIR(mode):
        raise LrstepError(f"{path} is a folder", "Give the name of a file.")
    if stat.S_ISREG(mode) and not force:
        raise LrstepError(f"{path} exists already", "Choose another name, or replace it with --force.")


@contextlib.contextmanager
def ending_tidily() -> Iterator[None]:
    """Meanwhile :data:`ENDING_SIGNALS` raise SystemExit (128 + the signal), so that what is half-written is removed.

    Only in the main thread, which alone may say so, and only where nobody else handles or ignores the signal.
    """

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    taken: list[signal.Signals] = []
    if threading.current_thread() is threading.main_thread():
        wanted = [one for one in signal.Signals if one.name in ENDING_SIGNALS]
        taken = [one for one in wanted if signal.getsignal(one) is signal.SIG_DFL]
    try:
        for one in taken:
            signal.signal(one, leave)
        yield
    finally:
        for one in taken:
            signal.signal(one, signal.SIG_DFL)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Say in words what the operating system says in an error number."""
    try:
        yield
    except OSError as error:
        raise cannot_write(path, error) from error
