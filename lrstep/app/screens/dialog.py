"""What all dialogs have in common: how they look, and that each is closed once, by nobody but itself."""

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """A screen over the stepper that gives an answer."""

    CSS_PATH = "dialogs.tcss"

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Close with an answer, at whatever moment.

        Textual closes the screen on top, whichever that is. A dialog that is still being opened closes once
        it is open, one that is closed already stays so, and what was opened on top of it closes with it.
        """
        if self.is_mounted and self.is_current:
            return super().dismiss(result)
        if self in self.app.screen_stack:
            if not self.is_current:
                self.app.screen.dismiss()
            self.call_later(self.dismiss, result)
        return AwaitComplete()
