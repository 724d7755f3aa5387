"""Find a command by its name."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.containers import Vertical
from textual.errors import NoWidget
from textual.widgets import Input

from lrstep.session.styled_rows import Row, block, row, text_width
from lrstep.tui.canvas import Canvas
from lrstep.tui.dialogs.dialog import Dialog

Action = Callable[[], Any]


class Palette(Dialog[Action | None]):
    """A field and the commands that fit what is typed there, the best first; gives what the chosen one does.

    Textual's own palette fills its list in the background and fails where keys and clicks are quicker than that.
    Here the list is what was typed at the moment at which it is painted, and a click is looked up in it.

    Args:
        commands: title, help and what to do.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("down", "move(1)"),
        ("up", "move(-1)"),
        ("pagedown", "move(8)"),
        ("pageup", "move(-8)"),
    ]

    def __init__(self, commands: Sequence[SystemCommand]) -> None:
        super().__init__()
        self._commands = self._found = tuple(commands)
        self._chosen = self._first = 0
        self._field = Input(placeholder="Search for commands …", id="text")
        self._list = Canvas("commands")

    def compose(self) -> ComposeResult:
        """Field and list."""
        yield Vertical(self._field, self._list, classes="dialog")

    def on_resize(self) -> None:
        """Lay the list out anew, once its size is known."""
        self.call_after_refresh(self._paint)

    @on(Input.Changed)
    def _search(self) -> None:
        typed = self._field.value.casefold().strip()
        ranked = [(_rank(typed, command.title.casefold()), command) for command in self._commands]
        fitting = sorted((pair for pair in ranked if pair[0] is not None), key=lambda pair: pair[0] or 0)
        self._found = tuple(command for _, command in fitting)
        self._chosen = 0
        self._paint()

    def _paint(self) -> None:
        if not self._list.size:
            return
        width, height = self._list.size
        self._first = min(max(self._first, self._chosen - height + 1), self._chosen)
        rows = [self._row(number, width) for number in range(len(self._found))][self._first :]
        self._list.paint(block(rows or [row((" no such command", "dim"))], width, height))

    def _row(self, number: int, width: int) -> Row:
        command, chosen = self._found[number], number == self._chosen
        title = f" {'▶' if chosen else ' '} {command.title}"
        gap = max(2, width - text_width(title) - text_width(command.help) - 1)
        return row((title, "focus" if chosen else "text"), " " * gap, (command.help, "key"))

    @on(Input.Submitted)
    def _take(self) -> None:
        if self._found:
            self.dismiss(self._found[self._chosen].callback)

    def on_click(self, event: events.Click) -> None:
        """A click on a command takes it, one beside the dialog closes it."""
        try:
            widget, region = self.get_widget_at(event.screen_x, event.screen_y)
        except NoWidget:
            return  # the window has shrunk since
        number = self._first + event.screen_y - region.y
        if widget is self:
            self.dismiss(None)
        elif widget is self._list and number < len(self._found):
            self._chosen = number
            self._take()

    def on_mouse_scroll_down(self) -> None:
        """Move down."""
        self.action_move(3)

    def on_mouse_scroll_up(self) -> None:
        """Move up."""
        self.action_move(-3)

    def action_move(self, lines: int) -> None:
        """Choose another command."""
        self._chosen = max(0, min(self._chosen + lines, len(self._found) - 1))
        self._paint()


def _rank(typed: str, title: str) -> int | None:
    """How well a title fits, 0 the best: it begins so, has all the words, or the letters in that order; None if not."""
    if title.startswith(typed):
        return 0
    if all(word in title for word in typed.split()):
        return 1
    letters = iter(title)
    return 2 if all(letter in letters for letter in typed if letter != " ") else None
