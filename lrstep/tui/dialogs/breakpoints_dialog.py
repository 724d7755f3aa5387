"""Breakpoints: set, list and clear the conditions at which playing stops."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.formulas.conditions import EXAMPLES
from lrstep.session.breakpoints import Breakpoints
from lrstep.tui.dialogs.dialog import Asking, Said

_HINT = f"""Such as {EXAMPLES}.
Enter sets one · ↓ and Enter, or a click, clears one · Esc closes"""


class BreakpointsDialog(Asking[None]):
    """A field for a new one, and the list of those there are; both change the breakpoints at once.

    Args:
        breakpoints: to be changed.
        run: the run that they are about.
        key: what plays.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("down", "to_list")]

    def __init__(self, breakpoints: Breakpoints, run: Run, key: str) -> None:
        super().__init__()
        self._breakpoints, self._run, self._key = breakpoints, run, key
        self._field = Input(placeholder="stop where …", id="text")
        self._list = OptionList()

    def compose(self) -> ComposeResult:
        """Field, list, what may be typed, what is wrong."""
        hint = Said(_HINT, classes="hint")
        yield self.box(f"Breakpoints: {self._key} stops there", self._field, self._list, hint, self.error)

    def on_mount(self) -> None:
        """Show those there are."""
        self._fill()

    def _fill(self) -> None:
        texts = self._breakpoints.texts
        self._list.clear_options()
        all_of_them = ["all of them"] if len(texts) > 1 else []
        self._list.add_options([Option(Text(f"clear {text}")) for text in (*texts, *all_of_them)])
        self._list.display = bool(texts)

    @on(Input.Submitted)
    def _set(self) -> None:
        if not self._field.value.strip():
            return
        try:
            self._breakpoints.add(self._field.value, self._run)
        except LrstepError as error:
            self.error.say(str(error))
            return
        self._field.value = ""
        self._fill()

    @on(OptionList.OptionSelected)
    def _clear(self, event: OptionList.OptionSelected) -> None:
        if event.option_index < len(self._breakpoints.conditions):
            self._breakpoints.remove(event.option_index)
        else:
            self._breakpoints.clear()
        self._fill()
        self._field.focus()

    def action_to_list(self) -> None:
        """From the field to the list."""
        if self._list.display:
            self._list.focus()
            self._list.highlighted = 0
