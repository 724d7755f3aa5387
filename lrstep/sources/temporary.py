"""Files on their way to their name: where they are written, and how they go if that never ends."""

import contextlib
import os
import re
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"\.lrstep-(?P<pid>[0-9]{1,9})-(?P<machine>[0-9a-f]{8})-[0-9a-f]{16}(?:[-.].*)?", re.DOTALL)
_begun: set[Path] = set()


@contextlib.contextmanager
def temporary_path(target: Path) -> Iterator[Path]:
    """A new name in the folder of ``target``, on the same file system, for a file or folder to be renamed to it.

    It is gone in the end unless it was renamed. What a killed lrstep has left under such names is removed first.
    """
    _remove_abandoned(target.parent)
    path = target.with_name(f".lrstep-{os.getpid()}-{_machine()}-{os.urandom(8).hex()}{target.suffix}")
    _begun.add(path)
    try:
        yield path
    finally:
        _remove(path)
        _begun.discard(path)


def remove_unfinished() -> None:
    """Remove what is half-written, where there is no time for those who write it to do so."""
    for path in tuple(_begun):
        _remove(path)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _remove_abandoned(folder: Path) -> None:
    """Remove this user's temporary files whose process, of this machine, is no more."""
    if os.name != "posix":
        return  # elsewhere there is no harmless way to ask whether a process lives
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = _NAME.fullmatch(entry.name)
            if found is None or found["machine"] != _machine() or _lives(int(found["pid"])):
                continue
            if entry.stat(follow_symlinks=False).st_uid == os.geteuid():
                _remove(Path(entry.path))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # it is somebody else's
    return True


def _machine() -> str:
    """This machine in 8 characters: a folder may be shared with others, whose processes cannot be seen here."""
    name = os.uname().nodename if hasattr(os, "uname") else ""
    return f"{zlib.crc32(name.encode('utf-8', 'surrogateescape')):08x}"
