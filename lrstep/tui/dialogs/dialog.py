"""What all dialogs have in common: how they look, and that each is closed once, by nobody but itself."""

from collections.abc import Callable
from typing import ClassVar, TypeVar

from rich.markup import escape
from textual import events, on
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from lrstep.session.characters import to_ascii
from lrstep.tui.terminal import TerminalApp
from lrstep.visible import visible, visible_lines

DialogResult = TypeVar("DialogResult")

_SOON = 0.005


class Dialog(ModalScreen[DialogResult]):
    """A screen over the stepper that gives an answer; Esc leaves it without one."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave")]
    app: TerminalApp

    CSS_PATH = "dialogs.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (116, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-high")]  # noqa: RUF012

    def dismiss(self, result: DialogResult | None = None) -> AwaitComplete:
        """Close with an answer, at whatever moment, and no other screen.

        Textual closes the screen on top, whichever that is. A dialog that is still being opened closes once it is
        open, one that is closed already stays so, and what was opened on top of it closes with it.
        """
        top = self.app.screen
        if self.is_mounted and top is self:
            return super().dismiss(result)
        if self in self.app.screen_stack:
            if top is not self:
                top.dismiss()

            def again() -> None:
                # What a callback returns is awaited, and a screen cannot wait for its own end.
                self.dismiss(result)

            # By a timer, since the screens need their turn meanwhile.
            self.set_timer(_SOON, again)
        return AwaitComplete()

    def action_leave(self) -> None:
        """Back to the stepper, without an answer."""
        self.dismiss(None)

    def box(self, title: str, *shown: Widget, scrolls: bool = False) -> Widget:
        """All that it shows, one below the other in a frame."""
        made = (VerticalScroll if scrolls else Vertical)(*shown, classes="dialog")
        made.border_title = escape(visible(title))
        return made

    def chars(self, text: str) -> str:
        """The text in the characters that the terminal can show."""
        return to_ascii(text) if self.app.ascii else text

    def tell(self, show: Callable[..., object], *what: object, **how: object) -> None:
        """Have something shown from a worker's thread, as long as somebody waits for it."""
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(show, *what, **how)


class Asking(Dialog[DialogResult]):
    """A dialog with fields, and a line for what is wrong, which is gone as soon as a field changes."""

    def __init__(self) -> None:
        super().__init__()
        self.error = Said("", id="error", classes="error")

    @on(Input.Changed)
    def _forget_error(self) -> None:
        self.error.say("")


def type_into(field: Input, event: events.Key) -> None:
    """Let what is typed while a list has the focus go to a field."""
    if event.is_printable and event.character and event.character != " ":
        event.stop()
        field.focus()
        field.insert_text_at_cursor(event.character)


class Said(Static):
    """Lines of plain text. Whatever they are made of, they can be seen and begin nothing in the terminal."""

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(visible_lines(text), id=id, classes=classes, markup=False)

    def say(self, text: str) -> None:
        """Show another text."""
        self.update(visible_lines(text))
