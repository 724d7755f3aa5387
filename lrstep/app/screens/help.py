"""All keys, from the table of commands."""

from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from lrstep.app.commands import COMMANDS, Command

_KEY_NAMES = {
    "left": "←", "right": "→", "up": "↑", "down": "↓", "pagedown": "PgDn", "pageup": "PgUp", "home": "Home",
    "end": "End", "space": "Space", "backspace": "Backspace", "tab": "Tab", "enter": "Enter",
    "left_square_bracket": "[", "right_square_bracket": "]", "question_mark": "?", "full_stop": ".", "comma": ",",
    "plus": "+", "minus": "-", "equals_sign": "=", "escape": "Esc",
    "left_curly_bracket": "{", "right_curly_bracket": "}",
}  # fmt: skip

_WORDS = (
    "An iteration takes one batch: predictions and loss with the weights as they are, gradient, accumulator, then "
    "the update. An epoch is one pass over all batches. Keras prints the RMSE of the epoch so far: each batch with "
    "the weights from before its update.\n"
    "The mouse works too: click a batch, a tab, a panel, a key. Esc or q closes this."
)


def key_names(command: Command) -> str:
    """The keys of a command as a person reads them."""
    return " ".join(key_name(key) for key in command.keys)


def key_name(key: str) -> str:
    """One key as a person reads it: ``shift+down`` is Shift+↓."""
    *modifiers, last = key.split("+")
    return "+".join(
        [*(word.capitalize() for word in modifiers), _KEY_NAMES.get(last, last.upper() if modifiers else last)]
    )


class Help(ModalScreen[None]):
    """All keys by what they are for."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1", "close", show=False)]

    def compose(self) -> ComposeResult:
        """One line per command under its heading."""
        lines = [_WORDS, ""]
        for group, commands in groupby(COMMANDS, key=lambda command: command.group):
            lines.append(f"{group}")
            lines += [f"  {key_names(command):<18} {command.help}" for command in commands]
            lines.append("")
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = "Help"
            ascii_only = getattr(self.app, "ascii", False)
            text = "\n".join(lines)
            if ascii_only:
                from lrstep.app.view import to_ascii

                text = to_ascii(text)
            yield Static(text, markup=False)

    def action_close(self) -> None:
        """Back to the stepper."""
        self.dismiss(None)
