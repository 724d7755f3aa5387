"""The run that was open last, kept in the user's state folder to go on with it.

It is kept as a run file with the absolute path of the data and a hash of its values.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from lrstep.errors import LrstepError
from lrstep.sources.files import exists, write_atomically
from lrstep.sources.folders import state_folder
from lrstep.sources.open_source import open_run, with_cursor_inside
from lrstep.sources.runfile import RunFile, as_toml
from lrstep.sources.source import Source
from lrstep.sources.system_errors import cannot_write, reason

_ANEW = "lrstep alone starts a new run."


class KeptRun(NamedTuple):
    """What was found in the state folder.

    Attributes:
        run: the run that was kept, or None.
        message: what a person should know about it; empty if all is well.
    """

    run: RunFile | None
    message: str = ""


class Resumed(NamedTuple):
    """A kept run, opened.

    Attributes:
        source: its data, settings and cursor.
        changed: a sentence where the data are no longer those of then, else empty.
    """

    source: Source
    changed: str = ""


def state_path() -> Path:
    """The file in which the run is kept.

    Raises:
        LrstepError: there is no folder for it.
    """
    return state_folder() / "resume.toml"


def keep(run: RunFile, path: Path | None = None) -> None:
    """Keep a run in place of the one that was kept before; only the user may read it.

    ``path`` is another file than the usual one.

    It costs one small file and does not wait for the disk, so that it can be done on a signal. The data's
    hash has to be in ``run`` already.

    Raises:
        LrstepError: the data is neither a sample nor a file, or the state folder cannot be written.
    """
    if run.origin.sample is None and run.origin.file is None:
        raise LrstepError("data from standard input cannot be kept", "Save the data as a CSV file and open that.")
    path = path or state_path()
    try:
        data = as_toml(run, None if run.origin.file is None else str(run.origin.file)).encode()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise cannot_write(path, error) from None
    write_atomically(path, data, force=True, mode=0o600, sync=False)


def kept() -> KeptRun:
    """The run that was kept. Nothing is raised: a damaged file is set aside, and the message says so."""
    try:
        path = state_path()
    except LrstepError as error:
        return KeptRun(None, f"There is no kept run: {error.message}.")
    try:
        if not os.path.lexists(path):
            return KeptRun(None)
        from lrstep.sources.runfile_reader import read

        return KeptRun(read(path))
    except LrstepError as error:
        return KeptRun(None, f"The kept run cannot be read and was not opened ({error.message}). {_set_aside(path)}")
    except OSError as error:
        return KeptRun(None, f"The kept run cannot be read and was not opened ({path}: {reason(error)}).")


def nothing_kept() -> bool:
    """Whether no run was ever kept, as before the first start."""
    try:
        return not os.path.lexists(state_path())
    except LrstepError:
        return False


def _set_aside(path: Path) -> str:
    damaged = path.with_name(f"{path.name}.damaged")
    try:
        path.replace(damaged)
    except OSError as error:
        return f"It could not be set aside either: {reason(error)}."
    return f"It was set aside as {damaged}."


def reopen(run: RunFile, progress: Callable[[float], None] | None = None) -> Resumed:
    """Open the data of a kept run; if that is too short for the place by now, at the end of the run.

    Args:
        run: what :func:`kept` gave.
        progress: called with the share of a CSV file that is read, 0 … 1.

    Raises:
        LrstepError: the data is gone or cannot be read any more.
    """
    file = run.origin.file
    if file is not None and not exists(file):
        raise LrstepError(f"the data of the kept run is not there any more: {file}", f"Put it back. {_ANEW}")
    try:
        source = open_run(run, "the kept run", progress=progress)
    except LrstepError as error:
        raise LrstepError(error.message, f"{error.hint} {_ANEW}") from None
    opened = with_cursor_inside(source)
    if run.data_hash is None or run.data_hash == source.data_hash:
        return Resumed(opened)
    changed = f"{source.dataset.name} has changed since this run was kept: its numbers are new."
    if opened is not source:
        changed += f" Iteration {int((run.cursor or '0').partition('.')[0])} is gone: this is the end."
    return Resumed(opened, changed)
