"""The Textual app around the screens."""

import gc
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.theme import Theme
from textual.widgets import Input

from lrstep.session.commands import with_keys
from lrstep.session.session import Session
from lrstep.sources.runfile import RunFile
from lrstep.sources.source import Source
from lrstep.tui.marks import MarksFilter
from lrstep.tui.stepper_screen import StepperScreen
from lrstep.tui.terminal import TerminalApp
from lrstep.tui.theme import BACKGROUNDS

_MARKS = MarksFilter()


def _themes() -> Iterable[Theme]:
    for name, dark in (("dark", True), ("light", False)):
        yield Theme(
            name=f"lrstep-{name}",
            primary="#5fafff" if dark else "#005faf",
            warning="#ffd75f" if dark else "#875f00",
            error="#ff5f5f" if dark else "#af0000",
            background=BACKGROUNDS[name],
            surface="#1c1c1c" if dark else "#f4f4f4",
            panel="#262626" if dark else "#e8e8e8",
            foreground="#d8d8d8" if dark else "#262626",
            dark=dark,
        )


class StepperApp(TerminalApp):
    """The stepper as an application: looks, start and end.

    Args:
        source: data and settings to open.
        at: place to open at, as :func:`lrstep.core.position.parse_position` reads it.
        looks: ``dark`` or ``light``.
        ascii: use ASCII characters only.
        keys: command → keys that replace its own.
        notice: a message to begin with.
        precision: of the Keras check.
        newcomer: whether to ask what brings the person here.
    """

    CSS_PATH = "lrstep.tcss"
    TITLE = "lrstep"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", show=False, priority=True),
    ]

    def __init__(
        self,
        source: Source,
        at: str | None = None,
        *,
        looks: str = "dark",
        ascii: bool = False,
        keys: Mapping[str, tuple[str, ...]] | None = None,
        notice: str = "",
        precision: str = "float32",
        newcomer: bool = False,
    ) -> None:
        table = with_keys(keys or {})
        opening = {key: command.opens for command in table for key in command.keys}
        super().__init__(opening, looks=looks, ascii=ascii)
        for theme in _themes():
            self.register_theme(theme)
        self.theme = "ansi-dark" if self.no_colour else f"lrstep-{looks}"
        self._session = Session(source, at, ascii=ascii, precision=precision, table=table)
        self._session.newcomer = newcomer
        self._first = StepperScreen(self._session, notice)
        self.set_keymap({command: ",".join(names) for command, names in (keys or {}).items()})

    def get_default_screen(self) -> StepperScreen:
        """The stepper, in place of Textual's blank screen."""
        return self._first

    def on_mount(self) -> None:
        """End what made the start quick."""
        if not gc.isenabled():
            # Started by the command line, which switched it off: what is there now stays, and need not be
            # looked through at each collection.
            gc.freeze()
            gc.enable()

    def refresh_css(self, animate: bool = True) -> None:
        """Style everything anew; where there is nothing yet, the first to come takes the colours of the theme."""
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Fields have a cursor that does not blink: an idle stepper sends nothing."""
        if isinstance(event.widget, Input):
            event.widget.cursor_blink = False

    @property
    def opened(self) -> bool:
        """Whether the stepper is there: keys typed before that wait for it."""
        return self._first.is_mounted

    @property
    def stepping(self) -> bool:
        """Whether the stepper is on top, not a dialog."""
        return self.screen is self._first

    def action_command_palette(self) -> None:
        """Find a command by its name."""
        from lrstep.tui.dialogs.palette import Action, Palette

        def run(chosen: Action | None) -> None:
            if chosen is not None:
                self.call_later(chosen)

        if self.stepping:
            self.push_screen(Palette(tuple(self._first.commands())), run)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What each row goes through on its way to the screen."""
        return [*super().get_line_filters(), _MARKS]

    def place_to_keep(self) -> RunFile | None:
        """The run as it is now; None while it is on the way to where it opens. It may be called in any thread."""
        return self._session.kept if self._session.arrived else None

    def tell(self, message: str) -> None:
        """Show a message until the next move; from any thread."""
        self.call_later(self._session.say, message)
