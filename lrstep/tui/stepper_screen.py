"""The main screen: it shows the run and the cursor, and turns keys and clicks into commands."""

from collections.abc import Iterator
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType

from lrstep.core.iteration import Phase
from lrstep.session.checker import Checker
from lrstep.session.commands import BY_ID, COMMANDS, Command
from lrstep.session.narration import narrate
from lrstep.session.styled_rows import Rows, fit, row
from lrstep.session.view import View
from lrstep.sources.source import Source
from lrstep.tui import layout
from lrstep.tui.canvas import Canvas, forget_closed_dialogs
from lrstep.tui.charts import registry
from lrstep.tui.footer import Footer
from lrstep.tui.looking import Looking
from lrstep.tui.moving import SPEEDS
from lrstep.tui.theme import styles


class StepperScreen(Looking):
    """The stepper.

    Everything shown is derived from the run, the cursor and the check in :meth:`_paint`, once for all the
    keys that were waiting.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(command.keys), command.id, command.label, id=command.id, show=False) for command in COMMANDS
    ]

    def __init__(self, source: Source, at: str | None = None, table: tuple[Command, ...] = COMMANDS) -> None:
        super().__init__(source, at)
        self.checker = Checker(self.repaint)
        self.table = table
        self.footer = Footer(table)
        self.opening_notice = ""
        self._canvas: Canvas | None = None
        self._zones: list[layout.Zone] = []
        self._paint_due = False
        self._charts_asked = registry.loaded()

    # --- what is on the screen -------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """One canvas for everything."""
        self._canvas = Canvas(styles(self.app.looks), id="canvas")
        yield self._canvas

    def on_mount(self) -> None:
        """Go where the stepper was asked to open, and show the notes of a lesson."""
        self.go(*self._opens_at)
        self.notice = self.opening_notice
        # The run is kept with a hash of its data, which must not be computed when time is short.
        self.call_after_refresh(lambda: self.source.data_hash)
        if self.source.notes and not self.number:
            self.call_after_refresh(self.action_notes)

    async def on_unmount(self) -> None:
        """Leave no process behind."""
        await self.checker.stop()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the panels out anew."""
        self.repaint()

    def on_screen_resume(self) -> None:
        """A dialog was closed: let go of what Textual would keep of it."""
        forget_closed_dialogs()

    @property
    def canvas(self) -> Canvas:
        """The widget that everything is painted on; there once the screen is."""
        assert self._canvas is not None
        return self._canvas

    @property
    def view(self) -> View:
        """What the panels get to see."""
        return View(
            run=self.run,
            number=self.number,
            phase=self.phase,
            scroll=self.scroll_to_sample,
            focus=self.focused_panel,
            chart=self.chart,
            ascii=self.app.ascii,
            zoom=self.zoom,
            axes=self.axes if max(self.axes) < len(self.run.parameters) else (0, 1),
            first_parameter=self.first_parameter,
            marks=self.checker.marks(self.number),
            hidden=self.practice.hidden if self.practice else frozenset(),
        )

    def moved(self) -> None:
        """Have the step under the cursor checked next, and ask about it when practising."""
        self.checker.look_at(self.number)
        if self.practice is not None:
            self.practice.move_to(self.number)
        super().moved()

    def load(self, source: Source) -> None:
        """Start another run; the check starts afresh."""
        self.practice = None
        super().load(source)
        self.call_after_refresh(lambda: source.data_hash)
        if self.checker.on:
            self.checker.start(self.run, self.number)

    @property
    def ready(self) -> bool:
        """Whether the last painting is on its way to the terminal."""
        return not self._paint_due

    def repaint(self) -> None:
        """Paint soon: once, after all the keys that are waiting."""
        if not self._paint_due and self.is_mounted:
            self._paint_due = True
            self.call_later(self._paint)

    def _paint(self) -> None:
        if self.app.output_waits():
            # A slow link: do not draw what is stale before it arrives.
            self.set_timer(0.01, self._paint)
            return
        self._paint_due = False
        width, height = self.size
        if not width or not height or self._canvas is None:
            return
        below = [] if self.too_small else self._below(width)
        painting = layout.compose(self.view, width, height, below, self.with_chart)
        self._zones = painting.zones
        self.visible_samples = layout.visible_samples(painting)
        self.visible_parameters = layout.visible_parameters(self.view, painting)
        self.canvas.paint(painting.rows)
        if not self._charts_asked and any(zone.target.startswith("tab:") for zone in painting.zones):
            self._charts_asked = True
            self._load_charts()

    @work(thread=True, group="charts")
    def _load_charts(self) -> None:
        registry.load()
        self.app.call_from_thread(self.repaint)

    def _below(self, width: int) -> Rows:
        view = self.view
        lines = self.checker.lines(self.number)
        check: Rows = []
        if lines:
            said = view.row(view.first_fit(width, *lines))
            check = [tuple(span._replace(style="focus") for span in said) if self.focused_panel == "check" else said]
        message = (
            self._message(view, width, 2 - len(check)) if self.practice is None else self.practice.lines(view, width)
        )
        return [*message, *check, self.footer.cells(view, width, self.enabled)]

    def _message(self, view: View, width: int, height: int) -> Rows:
        if self.target is not None:
            share = self.run.computed / max(self.target, 1)
            said: Rows = [
                row((f" computing iteration {self.run.computed} of {self.target} ({share:.0%}) · Esc stops", "warn"))
            ]
        elif self.notice:
            said = [row((f" {self.notice}", "warn"))]
        else:
            playing = f"▶ {SPEEDS[self.speed]}/s · " if self.playing else ""
            said = narrate(view, width - 2, height, playing)
        return [fit(view.row(cells), width) for cells in [*said, row(""), row("")][:height]]

    # --- what can be done now --------------------------------------------------------------------

    def enabled(self, command: str) -> bool:
        """Whether a command can do anything now; what cannot is greyed out."""
        at_start, at_end = self.number == 0, self.number == self.run.n_iterations
        match command:
            case "back" | "epoch_back" | "start" | "restart" | "phase_back":
                return not at_start
            case "next" | "epoch_next" | "end" | "play":
                return not at_end
            case "phase_next":
                return not (at_end and self.phase == Phase.AFTER)
            case "scroll_up":
                return self.focused_panel in layout.SCROLLING or self.scroll_to_sample > 0
            case "scroll_down":
                return self.focused_panel in layout.SCROLLING or self.scroll_to_sample < self.last_scroll
            case "notes":
                return bool(self.source.notes)
            case "failed_next" | "failed_back":
                return self.checker.book is not None and self.checker.book.differing > 0
            case "zoom":
                return self.chart == "surface"
            case "surface_axes":
                return self.chart == "surface" and len(self.run.parameters) > 2
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Textual's question whether an action can run: None greys it out."""
        if action in BY_ID:
            if self.too_small and action not in ("quit", "help"):
                return False
            return True if self.enabled(action) else None
        return True

    @property
    def too_small(self) -> bool:
        """Whether the screen has no room for the panels."""
        return self.size.width < layout.LEAST_WIDTH or self.size.height < layout.LEAST_HEIGHT

    def commands(self) -> Iterator[SystemCommand]:
        """What the palette offers."""
        for command in self.table:
            if command.id != "palette" and self.enabled(command.id):
                action = getattr(self, f"action_{command.id}")
                yield SystemCommand(f"{command.help[0].upper()}{command.help[1:]}", f"key {command.shown}", action)

    # --- keys that are no commands ---------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """While practising, digits and Enter belong to the answer."""
        if self.practice is not None and self.practice.key(event.key, event.character):
            event.stop()
            event.prevent_default()
            if self.practice.over:
                self.action_practice()
            else:
                self.ask_next()

    def key_escape(self) -> None:
        """Stop computing, playing or practising, leave the focus."""
        if self.practice is not None:
            self.action_practice()
            return
        self.stop_seeking()
        self.stop_playing()
        self.focused_panel = ""
        self.repaint()

    # --- mouse -----------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Do what stands under the mouse."""
        if self.too_small:
            return
        x, y = event.screen_x, event.screen_y
        if y == self.size.height - 1:
            command = self.footer.at(x)
            if command and self.check_action(command, ()):
                self.call_later(self.run_action, command)
            return
        if self.checker.on and y == self.size.height - 2:
            self.focused_panel = "check"
            self.action_explain()
            return
        for zone in self._zones:
            if zone.x <= x < zone.x + zone.width and zone.y <= y < zone.y + zone.height:
                self._clicked(*zone.target.split(":"))
                return

    def _clicked(self, kind: str, name: str) -> None:
        match kind:
            case "tab":
                self.show_chart(name)
            case "panel":
                again = self.focused_panel == name
                self.focused_panel = name
                self.action_explain() if again else self.repaint()
            case "batch":
                epoch = self.view.iteration.epoch
                self.stop_playing()
                self.go((epoch - 1) * self.run.batches.per_epoch + int(name))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll the batch."""
        self.scroll_batch(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll the batch back."""
        self.scroll_batch(-1)
