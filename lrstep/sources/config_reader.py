"""The configuration file, read: every key is known, every value is valid, or its line is named."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lrstep.sources.columns import did_you_mean
from lrstep.sources.config import Config, Keys
from lrstep.sources.files import quoted, read_text
from lrstep.sources.keynames import NoKey, key_name, shown
from lrstep.sources.toml_lines import Document
from lrstep.sources.toml_text import shown_value, toml_value

CHOICES = {"theme": ("dark", "light"), "precision": ("float32", "float64")}
FLAGS = ("ascii", "mouse", "plain")

FIXED = {
    "ctrl+c": "it always quits",
    "ctrl+q": "it always quits",
    "ctrl+p": "it always opens the palette",
    "ctrl+z": "it always suspends lrstep",
    "escape": "it always closes and stops",
}
"""Keys that do the same whatever else is bound; an action that has one by default may keep it."""


def read(path: Path, actions: Mapping[str, Sequence[str]]) -> Config:
    """Read the person's file.

    Args:
        path: where it is.
        actions: every action that can have keys → the keys that it has by default.

    Raises:
        LrstepError: the file cannot be read, or something in it is not valid (with its line).
    """
    return parse(read_text(path), path, actions)


def parse(text: str, path: Path, actions: Mapping[str, Sequence[str]]) -> Config:
    """Understand the text of a configuration; ``path`` is for messages.

    Raises:
        LrstepError: as :func:`read`.
    """
    return _Reader(text, path, actions).config()


class _Reader(Document):
    """The parsed content on its way to a :class:`Config`."""

    def __init__(self, text: str, path: Path, actions: Mapping[str, Sequence[str]]) -> None:
        super().__init__(text, path)
        self.actions = actions

    def config(self) -> Config:
        known = (*CHOICES, *FLAGS, "keys")
        self.refuse_unknown((), self.content, known, known)
        values: dict[str, Any] = {name: self._value(name) for name in (*CHOICES, *FLAGS)}
        return Config(**values, keys=self._keys())

    def _value(self, name: str) -> Any:
        value = self.content.get(name)
        allowed: tuple[Any, ...] = CHOICES.get(name, (True, False))
        # 1 == True in Python, but a number is no answer to yes or no.
        if value is None or any(value is one or (isinstance(value, str) and value == one) for one in allowed):
            return value
        wanted = " or ".join(map(toml_value, allowed))
        raise self.refusal((name,), f"{name} is {shown_value(value)}", f"It must be {wanted}.")

    def _keys(self) -> Keys:
        keys = {action: self._keys_of(action, value) for action, value in self.table("keys").items()}
        self._refuse_clashes(keys)
        return keys

    def _keys_of(self, action: str, value: Any) -> tuple[str, ...]:
        if action not in self.actions:
            hint = f"{did_you_mean(action, self.actions)}'lrstep keys' lists them."
            raise self.refusal(("keys", action), f"there is no action {quoted(action)}", hint)
        written = [value] if isinstance(value, str) else value
        if not isinstance(written, list) or not written or not all(isinstance(text, str) for text in written):
            hint = 'Write one as "x" or several as ["x", "f2"].'
            raise self.refusal(("keys", action), f"the keys of {action} are {shown_value(value)}", hint)
        return tuple(dict.fromkeys(self._key(action, text) for text in written))

    def _key(self, action: str, text: str) -> str:
        try:
            key = key_name(text)
        except NoKey as error:
            hint = 'Keys are called as "x", "?", "N", "space", "pagedown", "f2", "ctrl+n"; lrstep keys shows more.'
            raise self.refusal(("keys", action), f"{quoted(text)} {error}", hint) from None
        if key in FIXED and key not in self.actions[action]:
            problem = f"{quoted(text)} cannot be the key of {action}: {FIXED[key]}"
            raise self.refusal(("keys", action), problem, "Choose another key.")
        return key

    def _refuse_clashes(self, keys: Keys) -> None:
        owner: dict[str, str] = {}
        for action in (*(name for name in self.actions if name not in keys), *keys):
            for key in keys.get(action, self.actions[action]):
                other = owner.setdefault(key, action)
                if other == action:
                    continue
                hint = f"Give {other} or {action} another key."
                if other not in keys:
                    hint = f"{other} has it by default. Give {other} another key too, or choose one for {action}."
                raise self.refusal(("keys", action), f"{quoted(shown(key))} is a key of {other} and {action}", hint)


def keys_as_toml(keys: Keys, helps: Mapping[str, str]) -> str:
    """A table ``[keys]`` to start from: every action with its keys, and what it does as a comment.

    Args:
        keys: action → its keys.
        helps: action → what it does, on one line.
    """
    lines = ["[keys]"]
    for action, names in keys.items():
        texts = ", ".join(toml_value(shown(name)) for name in names)
        lines.append(f"{action} = [{texts}]  # {helps[action]}")
    return "\n".join(lines) + "\n"
