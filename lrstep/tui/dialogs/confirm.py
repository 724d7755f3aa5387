"""A yes-or-no question."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from lrstep.tui.dialogs.dialog import Dialog, Said


class Confirm(Dialog[bool]):
    """Gives True for y, False for n or Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [("y", "answer(True)"), ("n,escape,q", "answer(False)")]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """The question."""
        yield Vertical(Said(self._question), Said("y yes · n no", classes="hint"), classes="dialog")

    def action_answer(self, answer: bool) -> None:
        """Take the answer."""
        self.dismiss(answer)
