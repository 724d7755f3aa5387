"""Files opened, decoded and written so that whatever goes wrong is said in a person's words."""

import errno
import io
import os
import re
import stat
from pathlib import Path
from typing import BinaryIO

from lrstep.errors import LrstepError, repeated
from lrstep.sources.system_errors import cannot_write, number_of, reason
from lrstep.sources.temporary import temporary_path

STANDARD_INPUT = "-"
"""What is read instead of a file where a person gives it for one."""

MOST_TEXT = 500_000
"""Bytes of a run file, a configuration, a kept run: some hundred times what one has."""

PIECE = 1 << 20
"""Bytes of a stream to read at a time."""

SIGNATURES = {
    b"PK\x03\x04": ("a spreadsheet or a zip archive", "In the spreadsheet program save the sheet as CSV."),
    b"\xd0\xcf\x11\xe0": ("an old spreadsheet file", "In the spreadsheet program save the sheet as CSV."),
    b"\x1f\x8b": ("compressed", "Decompress it first (gunzip)."),
    b"\xff\xfe": ("UTF-16", "Save it as UTF-8 (spreadsheets call it 'CSV UTF-8')."),
    b"\xfe\xff": ("UTF-16", "Save it as UTF-8 (spreadsheets call it 'CSV UTF-8')."),
}
"""First bytes → what such a file is, and what to do with it."""


def quoted(text: str, most: int = 40) -> str:
    """A text from a file, fit for one line of a message: in quotes, shortened, control characters escaped."""
    return repr(repeated(text, most))


def typed_path(text: str) -> Path:
    """The path that a person typed: ``~`` and ``~user`` stand for a home, where there is one."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 - the method of Path raises where there is no home


def exists(path: Path) -> bool:
    """Whether something of that name is there, be it a link that leads nowhere.

    Raises:
        LrstepError: that cannot be found out: the name is too long, or its folder may not be entered.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except PermissionError:
        raise LrstepError(f"{path}: no permission to look into its folder", "Give another folder.") from None
    except (OSError, ValueError) as error:
        hint = "Give a shorter name." if number_of(error) == errno.ENAMETOOLONG else "Give another name."
        raise LrstepError(f"{repeated(str(path), 80)}: this is no usable name: {reason(error)}", hint) from None
    return True


def mode_of(path: Path) -> int:
    """What kind of file a path leads to, as :mod:`stat` reads it; 0, which is none, where that is not known."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return 0


def open_binary(path: Path, most: int) -> BinaryIO:
    """Open a file for reading from any position; what is no ordinary file, such as a pipe, is read to its end first.

    Args:
        path: the file.
        most: bytes that it may have; asked before anything is read.

    Raises:
        LrstepError: it is missing, a folder, a device, not readable or too large.
    """
    try:
        kind = path.stat()
        if stat.S_ISDIR(kind.st_mode):
            raise LrstepError(f"{path}: this is a folder", "Give a file in it.")
        if stat.S_ISCHR(kind.st_mode) or stat.S_ISBLK(kind.st_mode):  # to open some of them is to do something
            raise LrstepError(f"{path}: this is a device", "Give a file.")
        if kind.st_size > most:
            raise too_large(str(path), most)
        handle = path.open("rb")
        if stat.S_ISREG(os.fstat(handle.fileno()).st_mode) and kind.st_size:
            return handle
        with handle:  # what the system makes while it is read (/proc) has no size either
            return read_stream(handle, str(path), most)
    except (OSError, ValueError) as error:
        raise _cannot_read(path, error) from None


def read_stream(stream: BinaryIO, name: str, most: int) -> BinaryIO:
    """All bytes of a stream, refused as soon as they are too many or cannot be text.

    Raises:
        LrstepError: see above.
        OSError: the stream cannot be read.
    """
    held = io.BytesIO()
    while piece := stream.read(PIECE):
        held.write(piece)
        if b"\0" in piece:
            raise not_text(name, held.getvalue())
        if held.tell() > most:
            raise too_large(name, most)
    held.seek(0)
    return held


def too_large(name: str, most: int) -> LrstepError:
    """The refusal of a file or stream with more than ``most`` bytes."""
    size = f"{most // 1_000_000} MB" if most >= 1_000_000 else f"{most // 1000} KB"
    return LrstepError(f"{name}: this is larger than {size}", "Give a smaller file, or a part of it.")


def _cannot_read(path: Path, error: OSError | ValueError) -> LrstepError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return LrstepError(f"{path}: there is no such file", "Look at the spelling and at the folder you are in.")
    if isinstance(error, PermissionError):
        return LrstepError(f"{path}: no permission to read it", "Let yourself read it: chmod u+r.")
    return LrstepError(f"{path}: cannot be read: {reason(error)}", "Give another file.")


def read_text(path: Path, most: int = MOST_TEXT) -> str:
    """The whole of a small UTF-8 file (at most ``most`` bytes), with or without a byte order mark.

    Raises:
        LrstepError: as :func:`open_binary`; also for a pipe, whose writer may never come or never end; or the
            bytes are no UTF-8 text (with the line).
    """
    try:
        if stat.S_ISFIFO(mode_of(path)):
            raise LrstepError(f"{path}: this is a pipe", "Give a file.")
        with open_binary(path, most) as handle:
            raw = handle.read(most + 1)
    except (OSError, ValueError) as error:
        raise _cannot_read(path, error) from None
    if len(raw) > most:
        raise too_large(str(path), most)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_text(str(path), raw, error) from None


def not_text(name: str, raw: bytes, error: UnicodeDecodeError | None = None) -> LrstepError:
    """The refusal of bytes that are no UTF-8 text.

    Args:
        name: what to call the file.
        raw: its bytes from the beginning.
        error: where decoding failed; without it the first NUL byte is the culprit.
    """
    for signature, (what, hint) in SIGNATURES.items():
        if raw.startswith(signature):
            return LrstepError(f"{name}, line 1: this is no UTF-8 text: the file is {what}", hint)
    at = error.start if error else raw.index(b"\0")
    line = len(re.findall(rb"\r\n|\r|\n", raw[:at])) + 1
    hint = "Save the file as UTF-8 (spreadsheets call it 'CSV UTF-8')."
    return LrstepError(f"{name}, line {line}: this is no UTF-8 text (byte 0x{raw[at]:02X})", hint)


def write_atomically(path: Path, data: bytes, *, force: bool, mode: int = 0o666, sync: bool = True) -> None:
    """Write a file whole or not at all: into a temporary file beside it, which then takes its name.

    Args:
        path: where to; a link is followed.
        data: the content.
        force: whether a file that is there may be replaced.
        mode: permissions before the umask.
        sync: wait until it is on the disk, so that it also survives a power cut.

    Raises:
        LrstepError: the file exists (and not force), its folder is missing, no permission, a full disk.
    """
    if not force and exists(path):
        raise LrstepError(f"{path}: this file exists", "Give another name, or --force to overwrite it.")
    try:
        path = path.resolve()
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.exists() and not path.is_file():  # a link to /dev/null must not have that replaced
            raise LrstepError(f"{path}: this is a device or a pipe", "Give the name of a file.")
        with temporary_path(path) as temporary:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as handle:
                handle.write(data)
                handle.flush()
                if sync:
                    os.fsync(handle.fileno())
            temporary.replace(path)
    except (OSError, ValueError, RuntimeError) as error:
        raise cannot_write(path, error) from None
