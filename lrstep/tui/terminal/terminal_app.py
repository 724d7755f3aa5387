"""The app as the terminal layer needs it: keys in their order, and a short way to the terminal for what is painted."""

import os
from collections.abc import Iterable, Mapping

from rich.console import COLOR_SYSTEMS
from rich.style import Style
from textual import constants, events

from lrstep.errors import LrstepError, repeated
from lrstep.tui.terminal.cell_diff import Placed
from lrstep.tui.terminal.driver import ThriftyDriver
from lrstep.tui.terminal.key_queue import KeyedApp, KeyQueue

Codes = Mapping[str, str]
"""Style name → its SGR parameters."""

_DONE = events.InputEvent | events.Paste | events.AppFocus | events.AppBlur
"""What comes of what a person does."""


class TerminalApp(KeyedApp):
    """A Textual app behind the terminal layer.

    Args:
        opening: key → whether it opens a screen of its own, for all keys of the first screen.
        looks: ``dark`` or ``light``.
        ascii: whether only ASCII characters may be shown.

    Attributes:
        no_colour: whether the terminal may be sent no colours (``NO_COLOR``).
        looks: ``dark``, ``light`` or, without colours, ``plain``.
        ascii: whether only ASCII characters may be shown.

    Raises:
        LrstepError: the environment asks for colours that Textual does not know.
    """

    def __init__(self, opening: Mapping[str, bool], *, looks: str, ascii: bool) -> None:
        if (system := constants.COLOR_SYSTEM) not in ("auto", *COLOR_SYSTEMS):
            known = f"one of auto, {', '.join(COLOR_SYSTEMS)}"
            raise LrstepError(f"TEXTUAL_COLOR_SYSTEM is {repeated(str(system))}", f"Leave it out, or make it {known}.")
        self.no_colour = bool(os.environ.get("NO_COLOR"))
        self.looks = "plain" if self.no_colour else looks
        self.ascii = ascii
        super().__init__(ThriftyDriver, ansi_color=True if self.no_colour else None)
        self._has_line_feed = "ctrl+j" in opening
        self._keys = KeyQueue(self, frozenset(key for key, opens in opening.items() if not opens))

    def on_mount(self) -> None:
        """Draw everything anew after Ctrl+Z and ``fg``."""
        self.app_resume_signal.subscribe(self, lambda resumed: resumed.refresh(layout=True))

    # --- keys ------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Have each key dealt with before the next one is handed out."""
        if isinstance(event, events.Key) and event.key == "ctrl+j" and not self._has_line_feed:
            # Enter, typed before the terminal was switched over, or on one that sends a line feed for it.
            event = events.Key("enter", "\r")
        if self.interrupted and isinstance(event, _DONE) and getattr(event, "key", "") != "ctrl+c":
            return  # it came before and has waited: it belongs to what is about to end
        if not self._keys.holds(event):
            await self.hand_out(event)

    async def hand_out(self, event: events.Event) -> None:
        """Pass an event on to where it belongs now."""
        waits = self._keys.waits_for(event)
        await super().on_event(event)
        if waits is not None:
            self._keys.follow(waits)

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl+C has come, which always ends the app."""
        return isinstance(self._driver, ThriftyDriver) and self._driver.interrupted

    @property
    def keys_waiting(self) -> int:
        """Keys that wait for those before them, and what the screen on top has been given and not looked at."""
        return len(self._keys) + sum(screen.message_queue_size for screen in self.screen_stack[-1:])

    # --- output ----------------------------------------------------------------------------------

    def output_waits(self) -> bool:
        """Whether what was painted before is still on its way to the terminal (a slow link)."""
        return isinstance(self._driver, ThriftyDriver) and self._driver.behind

    def codes(self, looks: Mapping[str, Style]) -> Codes:
        """What :meth:`paint` takes for these looks, in the colours that the terminal has."""
        system = COLOR_SYSTEMS.get(self.console.color_system or "")
        return {name: look.render(" ", color_system=system).partition(" ")[0][2:-1] for name, look in looks.items()}

    def paint(self, spans: Iterable[Placed], codes: Codes) -> bool:
        """Show these spans, without the way through Textual's compositor.

        Returns:
            Whether that can be done: there is a terminal, and it is ours now. Else Textual has to be asked.
        """
        return isinstance(self._driver, ThriftyDriver) and self._driver.paint(spans, codes)
