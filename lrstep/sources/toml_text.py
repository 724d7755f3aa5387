"""Values written as TOML, which the standard library reads but does not write."""

import datetime
import math
from collections.abc import Sequence
from typing import Any

from lrstep.errors import repeated
from lrstep.sources.files import quoted

LAYOUT = "\n\t"
"""What a multi-line string keeps as it is."""
ESCAPES = {chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F)} | {
    "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\",
}  # fmt: skip
"""What a basic string cannot hold → how it has that."""


def toml_value(value: str | float | int | bool | Sequence[Any]) -> str:
    """A value as TOML; a float in the fewest digits that give the same float again.

    Raises:
        ValueError: a string that is no Unicode text (it holds half of a surrogate pair).
    """
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"""\n{_escaped(value, LAYOUT)}"""' if "\n" in value else f'"{_escaped(value)}"'
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return repr(value)


def shown_value(value: Any) -> str:
    """A value that was read, as it stands in the file, fit for one line of a message."""
    match value:
        case str():
            return quoted(value)
        case datetime.date() | datetime.time():
            return value.isoformat()
        case list():
            text = f"[{', '.join(map(shown_value, value))}]"
        case dict():
            text = "{ " + ", ".join(f"{name} = {shown_value(one)}" for name, one in value.items()) + " }"
        case _:
            text = toml_value(value)
    return repeated(text)


def _escaped(text: str, plain: str = "") -> str:
    """The text with all escaped that a basic string cannot hold, but for the characters in ``plain``."""
    text.encode()
    return "".join(character if character in plain else ESCAPES.get(character, character) for character in text)
