"""The folders of a person's own files: configuration, kept run, log of errors."""

import os
from pathlib import Path
from typing import Literal

from lrstep.errors import LrstepError

STATE_VARIABLE = "LRSTEP_STATE_DIR"
"""Environment variable that names another folder for the kept run and the log of errors."""


def user_folder(kind: Literal["config", "state"]) -> Path:
    """The folder of the system for files of one kind; it need not exist.

    Raises:
        LrstepError: nothing says where it is: neither HOME nor an entry for this user.
    """
    import platformdirs

    try:
        folder = Path(getattr(platformdirs, f"user_{kind}_dir")("lrstep", appauthor=False))
    except (RuntimeError, OSError, KeyError):
        folder = Path()
    if not folder.is_absolute():  # a ~ that stands for nothing is not to become a folder of that name
        raise LrstepError("this user has no home folder", "Set HOME to a folder that you may write to.")
    return folder


def state_folder() -> Path:
    """The folder of the kept run and of the log of errors.

    Raises:
        LrstepError: there is none, see :func:`user_folder`.
    """
    given = os.environ.get(STATE_VARIABLE)
    return Path(given) if given else user_folder("state")
