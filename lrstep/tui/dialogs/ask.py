"""A dialog that asks for one line of text."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from lrstep.tui.dialogs.dialog import Asking, Said


class Ask(Asking[str | None]):
    """Ask for a text; Enter takes it once it is right, Esc gives None.

    Args:
        title: what is asked for.
        hint: what may be typed.
        value: text to begin with.
        check: gives what is wrong with a text, or "".
    """

    def __init__(self, title: str, hint: str, value: str, check: Callable[[str], str]) -> None:
        super().__init__()
        self._title, self._hint, self._value, self._check = title, hint, value, check

    def compose(self) -> ComposeResult:
        """Title, field, hint, error."""
        hint = Said(f"{self._hint}\nEnter takes it · Esc leaves", classes="hint")
        yield self.box(self._title, Input(self._value, id="text"), hint, self.error)

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        wrong = self._check(event.value)
        if wrong:
            self.error.say(wrong)
        else:
            self.dismiss(event.value)
