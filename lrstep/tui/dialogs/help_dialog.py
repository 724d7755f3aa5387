"""All keys, from the table of commands."""

import textwrap
from itertools import groupby
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from lrstep.session.commands import COMMANDS, Command, key_names
from lrstep.tui.dialogs.dialog import Dialog, Said

_WORDS = (
    "An iteration takes one batch: predictions and loss with the weights as they are, gradient, accumulator, then "
    "the update. An epoch is one pass over all batches. Keras prints the RMSE of the epoch so far: each batch with "
    "the weights from before its update.\n"
    "The mouse works too: click a batch, a tab, a panel, a key. Esc or q closes this."
)


_KEYS = 21
"""Columns of the keys, before what they do."""


class Help(Dialog[None]):
    """All keys by what they are for.

    Args:
        commands: the table, with the keys of the person.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("q,question_mark,f1", "leave")]

    def __init__(self, commands: tuple[Command, ...] = COMMANDS) -> None:
        super().__init__()
        self._commands = commands

    def compose(self) -> ComposeResult:
        """One line per command under its heading."""
        lines = [_WORDS, ""]
        for group, commands in groupby(self._commands, key=lambda command: command.group):
            lines.append(group)
            lines += [f"  {key_names(command):<{_KEYS - 3}} {command.help}" for command in commands]
            lines.append("")
        yield self.box("Help", _Indented(self.chars("\n".join(lines))), scrolls=True)


class _Indented(Said):
    """A text whose indented lines go on below their second column where they are broken."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._lines = text.splitlines()

    def on_resize(self, event: events.Resize) -> None:
        """Break the lines anew."""
        self.say("\n".join(self._broken(line, event.size.width) for line in self._lines))

    @staticmethod
    def _broken(line: str, width: int) -> str:
        if not line.startswith(" ") or width <= _KEYS:
            return line
        return textwrap.fill(line, width, subsequent_indent=" " * _KEYS, break_on_hyphens=False)
