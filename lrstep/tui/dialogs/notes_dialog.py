"""The notes of a lesson."""

from typing import ClassVar

from rich.markup import escape
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from lrstep.tui.dialogs.dialog import Dialog


class Notes(Dialog[None]):
    """Title and text; Enter, Esc, space or → closes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,space,right,q,i", "close", show=False)]

    def __init__(self, title: str, notes: str) -> None:
        super().__init__()
        self._title, self._notes = title, notes

    def compose(self) -> ComposeResult:
        """The notes as they were written."""
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = escape(self._title or "Notes")
            yield Static(self._notes.strip(), markup=False)
            yield Static("\nEnter closes · i shows this again", classes="hint", markup=False)

    def action_close(self) -> None:
        """Back to the stepper."""
        self.dismiss(None)
