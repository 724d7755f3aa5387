"""The main screen: it shows a session, and turns keys and clicks into commands."""

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.screen import Screen
from textual.timer import Timer

from lrstep.core.run import Run
from lrstep.plural import capitalized
from lrstep.session.commands import COMMANDS
from lrstep.session.session import SCROLL_LINES, SPEEDS, Session
from lrstep.session.styled_rows import Rows
from lrstep.tui import layout
from lrstep.tui.canvas import Canvas
from lrstep.tui.docked import has_page
from lrstep.tui.footer import Footer
from lrstep.tui.openings import Openings
from lrstep.tui.status_lines import status_lines
from lrstep.tui.terminal import TerminalApp, forget_closed_dialogs

_FRAME = 1 / 20
"""Seconds between two frames when playing."""

_REST = 0.3
"""Seconds without a key before the coach begins to think."""

_PIECE = 1000
"""Work of the coach between two looks at the keys: a few milliseconds."""

_HINT = 25
"""Seconds after which a lesson gives its hint."""

_BREATH = 0.002
"""Long enough for keys and for the painting of the progress to get their turn."""


class StepperScreen(Screen[None]):
    """The stepper.

    Its state is the session, and :attr:`revision` says that there is a new one: then the screen is painted once
    for all the keys that were waiting, and what the session wants (to be computed on, to play) is set going.

    Args:
        session: what it shows.
        notice: a message to begin with.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(command.keys), f"do('{command.id}')", command.label, id=command.id, show=False)
        for command in COMMANDS
    ]

    app: TerminalApp
    revision: reactive[int] = reactive(0, init=False, repaint=False)

    def __init__(self, session: Session, notice: str = "") -> None:
        super().__init__()
        self.session = session
        session.changed = self.repaint
        self.canvas = Canvas("canvas", whole=True)
        self.footer = Footer(session.table)
        self.openings = Openings(self, session)
        self._opening_notice = notice
        self._waiting_for: object = None  # the step of a lesson whose hint is due
        self._run: Run | None = None
        self._zones: list[layout.Zone] = []
        self._advice_at = -1  # the row of the coach
        self._paint_due = False
        self._seeking = False
        self._player: tuple[int, Timer] | None = None

    # --- what is on the screen -------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """One canvas for everything."""
        yield self.canvas

    def on_mount(self) -> None:
        """Go where the stepper was asked to open, and show the notes of a run file."""
        self.session.open(self._opening_notice)
        self._paint()  # at once: what comes before it is a blank screen
        if self.session.source.notes and not self.session.number and self.session.guide is None:
            self.call_after_refresh(self.openings.show_notes)

    async def on_unmount(self) -> None:
        """Leave no process behind."""
        await self.session.checker.stop()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the panels out anew."""
        self.repaint()

    def on_screen_resume(self) -> None:
        """A dialog was closed: let go of what Textual would keep of it."""
        forget_closed_dialogs()

    def _opened(self) -> None:
        """Another run is there: one that was recorded is checked by itself, which needs no Keras."""
        session = self.session
        self._run = session.run
        if session.run.recorded and not session.checker.on:
            session.checker.start(session.run, session.number)
        # The run is kept with a hash of its data, which must not be computed when time is short.
        source = session.source
        self.call_after_refresh(lambda: source.data_hash)

    def repaint(self) -> None:
        """Paint soon: there is something new to show."""
        self.revision += 1

    def watch_revision(self) -> None:
        """Paint once, after all the keys that are waiting; compute and play on, if the session wants that."""
        if self._run is not self.session.run:
            self._opened()
        if not self._paint_due:
            self._paint_due = True
            self.call_later(self._paint)
        if self.session.busy and not self._seeking:
            self._seeking = True
            self._seek()
        self._play()
        if self.session.coaching.wonders:
            self._think()
        self._give_hint_later()

    def _paint(self) -> None:
        if not self._paint_due:
            return
        if self.app.output_waits():
            # A slow link: do not draw what is stale before it arrives.
            self.set_timer(0.01, self._paint)
            return
        self._paint_due = False
        width, height = self.size
        if not width or not height:
            return
        session = self.session
        view, with_chart = session.view, session.look.with_chart
        below: Rows = []
        if not self.too_small:
            below = status_lines(session, width, height, layout.has_lesson_beside(view, width, height, with_chart))
            self._advice_at = height - 1 - len(below) if session.coaching.advice() else -1
            below.append(self.footer.cells(view, width, session.enabled))
        painting = layout.compose(view, width, height, below, with_chart)
        self._zones = painting.zones
        session.painted(
            layout.visible_samples(painting), layout.visible_parameters(view, painting), layout.last_model(painting)
        )
        self.canvas.paint(painting.rows)
        if session.look.focus == "models" and session.look.last_model is None:
            session.focus("")
        elif session.busy and not self._seeking:
            self.repaint()

    @property
    def too_small(self) -> bool:
        """Whether the screen has no room for the panels."""
        return self.size.width < layout.LEAST_WIDTH or self.size.height < layout.LEAST_HEIGHT

    # --- what goes on by itself ------------------------------------------------------------------

    @work(group="seek")
    async def _seek(self) -> None:
        try:
            while not self.session.compute():
                self.repaint()
                await asyncio.sleep(_BREATH)
        finally:
            self._seeking = False

    @work(group="think", exclusive=True)
    async def _think(self) -> None:
        """Let the coach think once the keys rest, in pieces that no key has to wait for."""
        await asyncio.sleep(_REST)
        while self.session.coaching.wonders:
            self.session.coaching.think(_PIECE)
            await asyncio.sleep(_BREATH)

    def _play(self) -> None:
        """Have a timer while the session plays, of its speed."""
        speed = self.session.speed if self.session.playing else None
        if self._player is not None and self._player[0] != speed:
            self._player[1].stop()
            self._player = None
        if speed is not None and self._player is None:
            self._player = speed, self.set_interval(max(1 / SPEEDS[speed], _FRAME), self._tick)

    def _tick(self) -> None:
        # Playing must not run ahead of the terminal.
        if self.session.playing and not self.session.progress and not self._paint_due and self.app.stepping:
            self.session.play_on(_FRAME)

    def _give_hint_later(self) -> None:
        """Give the hint of a lesson's step to who is at it for some time."""
        guide = self.session.guide
        if guide is None or guide.step is self._waiting_for:
            return
        step = self._waiting_for = guide.step

        def give() -> None:
            if self._waiting_for is step and guide.wait_no_longer():
                self.session.touch()

        if guide.hint:
            self.set_timer(_HINT, give)

    # --- commands --------------------------------------------------------------------------------

    def action_do(self, command: str) -> None:
        """Do what a command of the table says."""
        if command == "quit":
            self.app.exit()
        elif command == "chart":
            view, size = self.session.view, self.size
            self.session.next_chart(layout.needs_toggle(view, *size), has_page(view, *size))
        elif not self.openings.open(command):
            self.session.do(command)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Textual's question whether an action can run: None greys it out."""
        if action != "do":
            return True
        command = str(parameters[0])
        if self.too_small and command not in ("quit", "help"):
            return False
        return True if self.session.enabled(command) else None

    def commands(self) -> Iterator[SystemCommand]:
        """What the palette offers."""
        for command in self.session.table:
            if command.id != "palette" and self.session.enabled(command.id):
                yield SystemCommand(capitalized(command.help), command.shown, partial(self.action_do, command.id))

    def on_key(self, event: events.Key) -> None:
        """Digits and Enter belong to an answer that is asked; Enter goes on in a lesson, or takes advice."""
        if self.session.key(event.key, event.character):
            event.stop()
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """A pasted number is an answer in practice, and nothing else here."""
        self.session.paste(event.text)

    def key_escape(self) -> None:
        """Stop computing, playing or practising, leave the focus."""
        self.session.leave()

    # --- mouse -----------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Do what stands under the mouse."""
        if self.too_small:
            return
        self.session.newcomer = False
        x, y = event.screen_x, event.screen_y
        if y == self.size.height - 1:
            command = self.footer.at(x)
            if command and self.check_action("do", (command,)):
                self.call_later(self.action_do, command)
        elif y == self._advice_at:
            self.session.do("follow")
        elif self.session.checker.on and y == self.size.height - 2:
            self.session.focus("check")
            self.action_do("explain")
        elif target := self._zone(x, y):
            self._clicked(*target.split(":"))

    def _zone(self, x: int, y: int) -> str:
        """What a place on the screen means; empty where it means nothing."""
        inside = (z.target for z in self._zones if z.x <= x < z.x + z.width and z.y <= y < z.y + z.height)
        return next(inside, "")

    def _clicked(self, kind: str, name: str) -> None:
        session = self.session
        match kind:
            case "tab":
                session.show_chart(name)
            case "panel" if session.look.focus == name:
                self.action_do("explain")
            case "panel":
                session.focus(name)
            case "model":
                session.go_to(name)
            case "batch":
                session.go_to(f"e{session.view.iteration.epoch}b{name}")

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll what is under the mouse: all models, else the batch."""
        self._scrolled(event, SCROLL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll it back."""
        self._scrolled(event, -SCROLL_LINES)

    def _scrolled(self, event: events.MouseEvent, lines: int) -> None:
        if self._zone(event.screen_x, event.screen_y).startswith("model:") and not self.session.on_models:
            self.session.focus("chart" if self.session.look.chart == "models" else "models")
        self.session.scroll(lines)
