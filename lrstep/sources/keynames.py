"""Names of keys: what a person writes in the configuration, and the one name that the stepper knows a key by.

A character is known by itself if it is a letter or a digit, else by its Unicode name (``?`` is
``question_mark``); keys without a character have names of their own (``pagedown``). Modifiers stand in front,
in alphabetical order, joined by ``+``.
"""

import re
import string
import unicodedata

NAMED = (
    "left", "right", "up", "down", "home", "end", "pageup", "pagedown", "insert", "delete", "space", "tab", "enter",
    "backspace", "escape", *(f"f{number}" for number in range(1, 25)),
)  # fmt: skip
"""Keys without a character to write; the space bar is among them."""

MODIFIERS = ("alt", "ctrl", "shift")

_LABELS = {
    "left": "←", "right": "→", "up": "↑", "down": "↓", "pagedown": "PgDn", "pageup": "PgUp", "home": "Home",
    "end": "End", "space": "Space", "backspace": "Backspace", "tab": "Tab", "enter": "Enter", "escape": "Esc",
}  # fmt: skip
"""Keys without a character → what stands on them."""

_SYNONYMS = {label.lower(): key for key, label in _LABELS.items()} | {
    "return": "enter", "del": "delete", "ins": "insert", "page_up": "pageup", "page_down": "pagedown", " ": "space",
    "solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at", "hyphen_minus": "minus",
    "plus_sign": "plus", "low_line": "underscore",
}  # fmt: skip

_SENT_AS = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+h": "backspace",
    "ctrl+left_square_bracket": "escape",
    "ctrl+space": "ctrl+at",
}
"""Combinations for which a terminal sends what it sends for another key."""


class NoKey(ValueError):
    """A text that names no key; the message says why, as the end of a sentence."""


def key_name(text: str) -> str:
    """The name of the key that a person wrote: ``PgDn`` → ``pagedown``, ``?`` → ``question_mark``.

    Raises:
        NoKey: there is no such key, or no terminal sends it.
    """
    match = re.fullmatch(r"((?:\w+\+)*)(.+)", text.strip() or text, re.DOTALL)
    if match is None:
        raise NoKey("names no key")
    modifiers = sorted({_modifier(word) for word in match[1].lower().split("+") if word})
    key = _base(match[2])
    if "shift" in modifiers and _character(key):
        if not (len(key) == 1 and key.isalpha()):
            raise NoKey("is written as the character that it gives, without shift")
        if modifiers == ["shift"] and len(key.upper()) == 1:
            return key.upper()
    if modifiers and len(key) == 1:
        key = key.lower()
    name = "+".join([*modifiers, key])
    return _SENT_AS.get(name, name)


def shown(key: str) -> str:
    """How the name of a key is written for a person, who may write it so too: ``question_mark`` → ``?``."""
    *modifiers, last = key.split("+")
    return "+".join([*modifiers, _character(last) or last])


def key_label(key: str) -> str:
    """A key as footers and help write it: ``shift+down`` is Shift+↓, ``question_mark`` is ?."""
    *modifiers, last = key.split("+")
    text = _LABELS.get(last) or _character(last) or last.capitalize()
    if modifiers and last not in _LABELS:
        text = text.upper()
    return "+".join([*(word.capitalize() for word in modifiers), text])


def _modifier(word: str) -> str:
    word = {"control": "ctrl", "option": "alt"}.get(word, word)
    if word not in MODIFIERS:
        raise NoKey(f"begins with {word!r}, which is none of {', '.join(MODIFIERS)}")
    return word


def _base(text: str) -> str:
    if len(text) == 1 and text not in _SYNONYMS:
        return _of_character(text)
    name = _SYNONYMS.get(text.lower(), text.lower())
    if name not in NAMED and not _character(name):
        raise NoKey("names no key")
    return name


def _of_character(character: str) -> str:
    name = character if character.isalnum() else _unicode_name(character)
    # The name of a character that has a hyphen in it cannot be told from one with a blank.
    if not character.isprintable() or _character(name) != character:
        raise NoKey("names no key")
    return name


def _unicode_name(character: str) -> str:
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return _SYNONYMS.get(name, name)


def _character(name: str) -> str:
    """The character that a key writes; "" for a key that writes none."""
    if name in NAMED:
        return ""
    if name in _PUNCTUATION or len(name) == 1:
        return _PUNCTUATION.get(name, name)
    try:
        return unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return ""


_PUNCTUATION = {_unicode_name(character): character for character in string.punctuation}
"""Name of an ASCII punctuation mark → the mark."""
