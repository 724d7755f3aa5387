"""The commands that a lesson names in its texts, as the keys of a person or as words."""

import contextlib
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from lrstep.errors import LrstepError
from lrstep.session.commands import COMMANDS, KEYS
from lrstep.session.styled_rows import Rows, Span, text_width
from lrstep.sources.columns import did_you_mean
from lrstep.sources.files import quoted
from lrstep.sources.keynames import NAMED, NoKey, key_name

if TYPE_CHECKING:
    from lrstep.sources.lesson_file import LessonStep

_NAMED = re.compile(r"\{(\w*)\}")
_BLANKS = re.compile(r"((?<!=) +(?!=))")
"""Where a line may end: w = 0.5 stays together."""
_KNOWN = {command.id: command for command in COMMANDS}

NARROWEST, BELOW = 78, 3
"""Columns and lines that a text has below the panels of a narrow screen; a hint has one line."""

Piece = tuple[str, bool]
"""A part of a text, and whether it is a key."""


def pieces(text: str, keys: Mapping[str, str]) -> list[Piece]:
    """A text in parts, each ``{command}`` in it as its key.

    Args:
        text: as it stands in the lesson.
        keys: command → its key, as people read it.
    """
    parts = _NAMED.split(text)
    return [(keys.get(part, part), True) if place % 2 else (part, False) for place, part in enumerate(parts) if part]


def in_words(text: str) -> str:
    """The text for lines that are typed: commands by their names, typed rather than pressed."""
    text = re.sub(r"\b([Pp])ress (?=\{)", lambda match: "Type " if match[1] == "P" else "type ", text)
    return _NAMED.sub(lambda match: match[1], text)


def pressed(step: "LessonStep") -> list[str]:
    """The names of the keys that a step says to press, in their order; a typed text as its characters.

    Raises:
        LrstepError: a command in it is none.
    """
    words = _NAMED.findall(step.text) if step.press is None else step.press.split()
    return [key for word in words for key in ([_KNOWN[word].keys[0]] if word in _KNOWN else _keys(word))]


def require(step: "LessonStep") -> None:
    """Refuse commands that there are not.

    Raises:
        LrstepError: a ``{command}`` of the text or the hint, or the command that is waited for, is none.
    """
    named = [*_NAMED.findall(step.text), *_NAMED.findall(step.hint), *filter(None, [step.until.get("command")])]
    for name in named:
        if name not in _KNOWN:
            hint = f"{did_you_mean(name, _KNOWN)}lrstep keys lists them."
            raise LrstepError(f"there is no command {quoted(name)}", hint)
    for what, text, most in (("text", step.text, BELOW), ("hint", step.hint, 1)):
        lines = len(wrapped(pieces(text, KEYS), NARROWEST))
        if lines > most:
            hint = f"There is room for {most}: shorten it, or make two steps of it."
            raise LrstepError(f"{what} takes {lines} lines at 80 columns", hint)


def _keys(word: str) -> list[str]:
    """The key that a word names, such as Enter, else its characters."""
    with contextlib.suppress(NoKey):
        name = key_name(word)
        if name in NAMED:
            return [name]
    try:
        return [key_name(character) for character in word]
    except NoKey:
        raise LrstepError(f"{quoted(word)} is no key", "press has commands, key names and typed texts.") from None


def wrapped(parts: Iterable[Piece], width: int, style: str = "text") -> Rows:
    """A text in lines of a width, broken between words; its keys look like keys."""
    rows: Rows = []
    line: list[Span] = []
    used = 0
    for word in _words(parts, style):
        size = sum(text_width(span.text) for span in word)
        if line and used + 1 + size > width:
            rows.append(tuple(line))
            line, used = [], 0
        if line:
            line.append(Span(" "))
            used += 1
        line += word
        used += size
    return [*rows, tuple(line)] if line else rows


def _words(parts: Iterable[Piece], style: str) -> list[list[Span]]:
    """The words of a text, each as its spans: a key may stand between quotes or before a comma."""
    words: list[list[Span]] = [[]]
    for text, is_key in parts:
        for piece in [text] if is_key else _BLANKS.split(text):
            if piece.strip():
                words[-1].append(Span(piece, "key" if is_key else style))
            elif piece:
                words.append([])
    return [word for word in words if word]
