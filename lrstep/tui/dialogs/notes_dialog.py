"""The notes of a lesson."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from lrstep.tui.dialogs.dialog import Dialog, Said


class Notes(Dialog[None]):
    """Title and text; Enter, Esc, space or → closes, and a key of the stepper shows them again."""

    BINDINGS: ClassVar[list[BindingType]] = [("enter,space,right,q,i", "leave")]

    def __init__(self, title: str, notes: str, key: str) -> None:
        super().__init__()
        self._title, self._notes, self._key = title, notes, key

    def compose(self) -> ComposeResult:
        """The notes as they were written."""
        hint = Said(f"\nEnter closes · {self._key} shows this again", classes="hint")
        yield self.box(self._title or "Notes", Said(self._notes.strip()), hint, scrolls=True)
