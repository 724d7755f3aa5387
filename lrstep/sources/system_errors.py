"""What the operating system says in error numbers, in a person's words: the one table of them."""

import contextlib
import errno
import os
from pathlib import Path

from lrstep.errors import LrstepError

_NO_PERMISSION = ("no permission", "Give a folder in which you may write.")
_NO_ROOM = ("no room left on the disk", "Make room, or give another folder.")

_WRITING = {
    errno.ENOENT: ("there is no folder {folder}", "Make the folder first, or give another."),
    errno.ENOTDIR: ("{folder} is not a folder", "Give a folder that exists."),
    errno.EACCES: _NO_PERMISSION,
    errno.EPERM: _NO_PERMISSION,
    errno.EROFS: _NO_PERMISSION,
    errno.ENOSPC: _NO_ROOM,
    errno.EDQUOT: _NO_ROOM,
    errno.EFBIG: _NO_ROOM,
    errno.EISDIR: ("this is a folder", "Give the name of a file, not of a folder."),
    errno.ENAMETOOLONG: ("the name is too long", "Give a shorter name."),
}
"""Number → what it means where a file is written, and what to do."""


def cannot_write(path: Path, error: Exception) -> LrstepError:
    """The refusal that belongs to an error met while writing a file."""
    number = number_of(error)
    folder = path.parent
    with contextlib.suppress(OSError):  # the folder that one is in may be gone
        folder = path.absolute().parent
    words, hint = _WRITING.get(number, (None, "Give another file name."))
    there = os.path.exists(folder)  # noqa: PTH110 - the method of Path raises where a folder may not be entered
    if words is None or (number == errno.ENOENT and there):
        return LrstepError(f"{path}: cannot be written: {reason(error)}", hint)
    return LrstepError(f"{path}: cannot be written: {words.format(folder=folder)}", hint)


def number_of(error: Exception) -> int:
    """The system's number of an error; 0 for an error that is not the system's."""
    return getattr(error, "errno", None) or 0


def reason(error: Exception) -> str:
    """What the system says of an error, without number and path."""
    return (getattr(error, "strerror", None) or str(error)).lower()
