"""The user's configuration: a TOML file with looks, habits and keys.

::

    theme = "light"              # or "dark"
    ascii = true                 # ASCII characters only
    mouse = false                # leave the mouse to the terminal
    plain = true                 # lines of text instead of the screen
    precision = "float64"        # of the Keras check; or "float32"

    [keys]
    next = ["n", "space"]        # in place of the keys that it has
    failed_next = "ctrl+n"

What is left out stays as it is. ``lrstep keys`` prints the keys and where the file is looked for;
:mod:`lrstep.sources.config_reader` reads it.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lrstep.errors import LrstepError
from lrstep.sources.folders import user_folder

PATH_VARIABLE = "LRSTEP_CONFIG"
"""Environment variable that names another file."""

Keys = Mapping[str, tuple[str, ...]]
"""Action → names of its keys."""


class Config(NamedTuple):
    """What the file says; None for what it does not.

    Attributes:
        theme: ``dark`` or ``light``.
        ascii: whether only ASCII characters are used.
        mouse: whether the mouse is used.
        plain: whether plain mode opens instead of the screen.
        precision: of the Keras check, ``float32`` or ``float64``.
        keys: action → the keys that replace its own; only what the file changes.
    """

    theme: str | None = None
    ascii: bool | None = None
    mouse: bool | None = None
    plain: bool | None = None
    precision: str | None = None
    keys: Mapping[str, tuple[str, ...]] = {}


def config_path() -> Path | None:
    """Where the file is looked for; None where this user has no home folder."""
    given = os.environ.get(PATH_VARIABLE)
    if given:
        return Path(given)
    try:
        return user_folder("config") / "config.toml"
    except LrstepError:
        return None
