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
        top = self.app.screen
        if self.is_mounted and top is self:
            return super().dismiss(result)
        if self in self.app.screen_stack:
            if top is not self:
                top.dismiss()
            self.call_later(self._close, result)
        return AwaitComplete()

    def _close(self, result: Answer | None) -> None:
        # What a callback returns is awaited, and a screen cannot wait for its own end.
        self.dismiss(result)
