"""The configuration file, read: every key is known, every value is valid, or its line is named."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lrstep.errors import LrstepError
from lrstep.sources.columns import did_you_mean
from lrstep.sources.config import Config, Keys
from lrstep.sources.files import quoted, read_text
from lrstep.sources.keynames import NoKey, key_name, shown
from lrstep.sources.toml_lines import Key, parse_toml
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
    return _Reader(path, *parse_toml(text, path), actions).config()


class _Reader:
    """The parsed content on its way to a :class:`Config`; knows the line of every key."""

    def __init__(
        self, path: Path, content: dict[str, Any], lines: dict[Key, int], actions: Mapping[str, Sequence[str]]
    ) -> None:
        self.path = path
        self.content = content
        self.lines = lines
        self.actions = actions

    def config(self) -> Config:
        known = (*CHOICES, *FLAGS, "keys")
        for name in self.content:
            if name not in known:
                hint = f"{did_you_mean(name, known)}Known here: {', '.join(known)}."
                raise self._refusal((name,), f"unknown key {quoted(name)}", hint)
        values: dict[str, Any] = {name: self._value(name) for name in (*CHOICES, *FLAGS)}
        return Config(**values, keys=self._keys())

    def _value(self, name: str) -> Any:
        value = self.content.get(name)
        allowed: tuple[Any, ...] = CHOICES.get(name, (True, False))
        # 1 == True in Python, but a number is no answer to yes or no.
        if value is None or any(value is one or (isinstance(value, str) and value == one) for one in allowed):
            return value
        wanted = " or ".join(map(toml_value, allowed))
        raise self._refusal((name,), f"{name} is {shown_value(value)}", f"It must be {wanted}.")

    def _keys(self) -> Keys:
        table = self.content.get("keys", {})
        if not isinstance(table, dict):
            raise self._refusal(("keys",), "keys is a table", "Write [keys] on a line of its own.")
        keys = {action: self._keys_of(action, value) for action, value in table.items()}
        self._refuse_clashes(keys)
        return keys

    def _keys_of(self, action: str, value: Any) -> tuple[str, ...]:
        if action not in self.actions:
            hint = f"{did_you_mean(action, self.actions)}'lrstep keys' lists them."
            raise self._refusal(("keys", action), f"there is no action {quoted(action)}", hint)
        written = [value] if isinstance(value, str) else value
        if not isinstance(written, list) or not written or not all(isinstance(text, str) for text in written):
            hint = 'Write one as "x" or several as ["x", "f2"].'
            raise self._refusal(("keys", action), f"the keys of {action} are {shown_value(value)}", hint)
        return tuple(dict.fromkeys(self._key(action, text) for text in written))

    def _key(self, action: str, text: str) -> str:
        try:
            key = key_name(text)
        except NoKey as error:
            hint = 'Keys are called as "x", "?", "N", "space", "pagedown", "f2", "ctrl+n"; lrstep keys shows more.'
            raise self._refusal(("keys", action), f"{quoted(text)} {error}", hint) from None
        if key in FIXED and key not in self.actions[action]:
            problem = f"{quoted(text)} cannot be the key of {action}: {FIXED[key]}"
            raise self._refusal(("keys", action), problem, "Choose another key.")
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
                raise self._refusal(("keys", action), f"{quoted(shown(key))} is a key of {other} and {action}", hint)

    def _refusal(self, key: Key, problem: str, hint: str) -> LrstepError:
        return LrstepError(f"{self.path}, line {self.lines.get(key, 1)}: {problem}", hint)


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
