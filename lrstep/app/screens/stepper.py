"""The main screen: it owns the run and the cursor; panels and charts only show them."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from lrstep.app import layout
from lrstep.app.canvas import Canvas
from lrstep.app.cells import Row, Span, row, row_width
from lrstep.app.commands import BY_ID, COMMANDS, footer
from lrstep.app.gallery import CHARTS
from lrstep.app.narrate import narrate
from lrstep.app.theme import styles
from lrstep.app.view import View
from lrstep.core.iteration import Phase
from lrstep.core.position import parse_position
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.sources.source import Source

if TYPE_CHECKING:
    from lrstep.app.main import Stepper

SPEEDS = (1, 2, 5, 10, 20, 50, 200, 1000)
"""Iterations per second when playing."""

_FRAME = 1 / 20
_PATIENCE = 0.03


class StepperScreen(Screen[None]):
    """The stepper.

    State: the source, its run, and the cursor (iteration number and phase). Everything shown is derived
    from it in :meth:`_paint`, once for all the keys that were waiting.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(command.keys), command.id, command.label, id=command.id, show=False) for command in COMMANDS
    ]
    app: "Stepper"

    def __init__(self, source: Source, at: str | None = None) -> None:
        super().__init__()
        self.source = source
        self.run = Run(source.dataset, source.settings)
        self.number, self.phase = 0, Phase.START
        self.chart = "fit"
        self.with_chart = False
        self.scroll_to_sample = 0
        self.focused_panel = ""
        self.playing = False
        self.speed = 2
        self.target: int | None = None
        self.notice = ""
        self._zones: list[layout.Zone] = []
        self._paint_due = False
        self._timer: Any = None
        if at or source.cursor:
            self.number, self.phase = parse_position(at or source.cursor or "", self.run)

    # --- what is on the screen -------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """One canvas for everything."""
        yield Canvas(styles(self.app.looks), id="canvas")

    def on_mount(self) -> None:
        """Go where the stepper was asked to open."""
        number, phase = self.number, self.phase
        if number > self.run.computed:
            self.number, self.phase = 0, Phase.START
            self.go(number, phase)

    def on_resize(self, event: events.Resize) -> None:
        """Lay the panels out anew."""
        self.repaint()

    @property
    def canvas(self) -> Canvas:
        """The widget that everything is painted on."""
        return self.query_one(Canvas)

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
        )

    def repaint(self) -> None:
        """Paint soon: once, after all the keys that are waiting."""
        if not self._paint_due:
            self._paint_due = True
            self.call_later(self._paint)

    def _paint(self) -> None:
        if self.app.output_waits():
            # A slow link: do not draw what is stale before it arrives.
            self.set_timer(0.01, self._paint)
            return
        self._paint_due = False
        width, height = self.size
        if not width or not height or not self.is_mounted:
            return
        view = self.view
        painting = layout.compose(view, width, height, self._message(view), self._footer(width), self.with_chart)
        self._zones = painting.zones
        self.canvas.paint(painting.rows)

    def _message(self, view: View) -> Row:
        if self.target is not None:
            share = self.run.computed / max(self.target, 1)
            return row(
                (f" computing iteration {self.run.computed} of {self.target} ({share:.0%}) · Esc stops", "warn"),
            )
        if self.notice:
            return row((f" {self.notice}", "warn"))
        playing = f" ▶ {SPEEDS[self.speed]}/s · " if self.playing else " "
        return row((playing, "strong"), (narrate(view, self.size.width - len(playing)), "text"))

    def _footer(self, width: int) -> Row:
        enabled = [command.id for command in COMMANDS if self.enabled(command.id)]
        items = footer(enabled)
        chosen = {command.id for command, _ in items}
        view = self.view
        for worst in sorted(items, key=lambda item: -item[0].rank):
            cells = self._footer_cells([item for item in items if item[0].id in chosen])
            if row_width(view.row(cells)) <= width:
                break
            chosen.discard(worst[0].id)
        cells = self._footer_cells([item for item in items if item[0].id in chosen])
        x = 0
        self._footer_zones = []
        for command, _ in [item for item in items if item[0].id in chosen]:
            size = len(view.chars(f" {command.shown} {command.label} "))
            self._footer_zones.append((x, size, command.id))
            x += size
        return cells

    @staticmethod
    def _footer_cells(items: list[tuple[Any, bool]]) -> Row:
        return tuple(
            span
            for command, usable in items
            for span in (
                Span(f" {command.shown}", "key" if usable else "off"),
                Span(f" {command.label} ", "bar" if usable else "off"),
            )
        )

    # --- what can be done now --------------------------------------------------------------------

    def enabled(self, command: str) -> bool:
        """Whether a command can do anything now; what cannot is greyed out."""
        at_start, at_end = self.number == 0, self.number == self.run.n_iterations
        match command:
            case "back" | "epoch_back" | "start" | "restart":
                return not at_start
            case "phase_back":
                return not at_start
            case "next" | "epoch_next" | "end" | "play":
                return not at_end
            case "phase_next":
                return not (at_end and self.phase == Phase.AFTER)
            case "scroll_up":
                return self.scroll_to_sample > 0
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
        for command in COMMANDS:
            if command.id != "palette" and self.enabled(command.id):
                action = getattr(self, f"action_{command.id}")
                yield SystemCommand(f"{command.help[0].upper()}{command.help[1:]}", f"key {command.shown}", action)

    # --- moving ----------------------------------------------------------------------------------

    def go(self, number: int, phase: Phase = Phase.AFTER) -> None:
        """Move the cursor; iterations that are not known yet are computed first, with progress if that takes long."""
        number = max(0, min(number, self.run.n_iterations))
        self.notice = ""
        self.workers.cancel_group(self, "seek")
        if self.run.advance(number, _PATIENCE):
            self._arrive(number, phase)
        else:
            self._seek(number, phase)

    def _arrive(self, number: int, phase: Phase) -> None:
        self.target = None
        if number != self.number:
            self.scroll_to_sample = 0
        self.number, self.phase = number, phase if number else Phase.START
        self.refresh_bindings()
        self.repaint()

    @work(group="seek", exclusive=True, exit_on_error=False)
    async def _seek(self, number: int, phase: Phase) -> None:
        self.target = number
        try:
            while not self.run.advance(number, _PATIENCE):
                self.repaint()
                await asyncio.sleep(0)
            self._arrive(number, phase)
        finally:
            self.target = None
            self.repaint()

    def key_escape(self) -> None:
        """Stop computing or playing."""
        if self.target is not None:
            self.workers.cancel_group(self, "seek")
            self.notice = f"stopped; iterations up to {self.run.computed} are known"
        self._stop_playing()
        self.focused_panel = ""
        self.repaint()

    def action_next(self) -> None:
        """Next iteration."""
        self.go(self.number + 1)

    def action_back(self) -> None:
        """Previous iteration."""
        self._stop_playing()
        self.go(self.number - 1)

    def action_phase_next(self) -> None:
        """Next phase; after the last one the next iteration begins."""
        if self.phase in (Phase.START, Phase.AFTER):
            self.go(self.number + 1, Phase.BATCH)
        else:
            self.go(self.number, Phase(self.phase + 1))

    def action_phase_back(self) -> None:
        """Previous phase; before the first one lies the iteration before."""
        if self.phase == Phase.BATCH:
            self.go(self.number - 1)
        else:
            self.go(self.number, Phase(self.phase - 1))

    def action_epoch_next(self) -> None:
        """One epoch further: the same batch again, or the end of the next epoch where Keras prints its numbers."""
        self.go(self.number + self.run.batches.per_epoch)

    def action_epoch_back(self) -> None:
        """One epoch back."""
        self._stop_playing()
        self.go(self.number - self.run.batches.per_epoch)

    def action_start(self) -> None:
        """To the start."""
        self._stop_playing()
        self.go(0)

    def action_end(self) -> None:
        """To the last iteration."""
        self.go(self.run.n_iterations)

    def action_restart(self) -> None:
        """Back to the start."""
        self.action_start()

    @work(exclusive=True, group="dialog")
    async def action_go_to(self) -> None:
        """Ask where to go."""
        from lrstep.app.screens.ask import Ask

        def check(text: str) -> str:
            try:
                parse_position(text, self.run)
            except LrstepError as error:
                return str(error).replace("\n", ". ")
            return ""

        hint = f"iteration 0 … {self.run.n_iterations}, epoch e3, batch e3b2, phase 5.gradient, start, end"
        text = await self.app.push_screen_wait(Ask("Go to", hint, check=check))
        if text:
            self._stop_playing()
            self.go(*parse_position(text, self.run))

    # --- playing ---------------------------------------------------------------------------------

    def action_play(self) -> None:
        """Play and pause."""
        if self.playing:
            self._stop_playing()
        else:
            self.playing = True
            self._tick_anew()
        self.repaint()

    def action_faster(self) -> None:
        """Play faster."""
        self._set_speed(self.speed + 1)

    def action_slower(self) -> None:
        """Play slower."""
        self._set_speed(self.speed - 1)

    def _set_speed(self, speed: int) -> None:
        self.speed = max(0, min(speed, len(SPEEDS) - 1))
        if self.playing:
            self._tick_anew()
        else:
            self.notice = f"plays {SPEEDS[self.speed]} iterations a second; a starts"
        self.repaint()

    def _tick_anew(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_interval(max(1 / SPEEDS[self.speed], _FRAME), self._tick)

    def _tick(self) -> None:
        if not self.playing or self.target is not None or self._paint_due or self.app.screen is not self:
            return
        self.go(self.number + max(1, round(SPEEDS[self.speed] * _FRAME)))
        if self.number >= self.run.n_iterations:
            self._stop_playing()

    def _stop_playing(self) -> None:
        self.playing = False
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    # --- looking ---------------------------------------------------------------------------------

    def action_chart(self) -> None:
        """Next chart; where charts and panels take turns, the panels are one of the stations."""
        names = list(CHARTS)
        if layout.needs_toggle(self.view, *self.size):
            stations = ["", *names]
            at = stations.index(self.chart) if self.with_chart else 0
            self._show_chart(stations[(at + 1) % len(stations)])
        else:
            self._show_chart(names[(names.index(self.chart) + 1) % len(names)])

    def _show_chart(self, name: str) -> None:
        self.with_chart = bool(name)
        self.chart = name or self.chart
        self.repaint()

    def action_chart_1(self) -> None:
        """Chart Fit."""
        self._show_chart("fit")

    def action_chart_2(self) -> None:
        """Chart RMSE."""
        self._show_chart("rmse")

    def action_chart_3(self) -> None:
        """Chart Weights."""
        self._show_chart("weights")

    def action_panel_next(self) -> None:
        """Give the focus to the next panel."""
        self._focus(1)

    def action_panel_back(self) -> None:
        """Give the focus to the previous panel."""
        self._focus(-1)

    def _focus(self, direction: int) -> None:
        stations = ["", *layout.PANELS, "chart"]
        self.focused_panel = stations[(stations.index(self.focused_panel) + direction) % len(stations)]
        self.repaint()

    def action_scroll_down(self) -> None:
        """Scroll the batch down by one screenful less one."""
        self._scroll(1)

    def action_scroll_up(self) -> None:
        """Scroll the batch up."""
        self._scroll(-1)

    def _scroll(self, direction: int, lines: int = 3) -> None:
        last = max(0, self.view.iteration.m - 2)
        self.scroll_to_sample = max(0, min(self.scroll_to_sample + direction * lines, last))
        self.refresh_bindings()
        self.repaint()

    # --- data and settings -----------------------------------------------------------------------

    def load(self, source: Source) -> None:
        """Start another run; the cursor goes to where the source says, else to the start."""
        self._stop_playing()
        self.workers.cancel_group(self, "seek")
        self.source = source
        self.run = Run(source.dataset, source.settings)
        self.number, self.phase, self.scroll_to_sample, self.notice = 0, Phase.START, 0, ""
        if source.cursor:
            self.go(*parse_position(source.cursor, self.run))
        self.refresh_bindings()
        self.repaint()

    @work(exclusive=True, group="dialog")
    async def action_settings(self) -> None:
        """Change the settings; the run stays as it was until they are right."""
        from lrstep.app.screens.settings import SettingsForm

        changed: Settings | None = await self.app.push_screen_wait(SettingsForm(self.source.settings))
        if changed is not None and changed != self.source.settings:
            self.load(replace(self.source, settings=changed, cursor=None))

    @work(exclusive=True, group="dialog")
    async def action_open(self) -> None:
        """Open a sample or a file."""
        from lrstep.app.screens.open import OpenData

        source: Source | None = await self.app.push_screen_wait(OpenData())
        if source is not None:
            self.load(source)

    # --- lrstep itself ---------------------------------------------------------------------------

    def action_help(self) -> None:
        """Show all keys."""
        from lrstep.app.screens.help import Help

        self.app.push_screen(Help())

    def action_palette(self) -> None:
        """Find a command by its name."""
        self.app.action_command_palette()

    def action_quit(self) -> None:
        """Leave."""
        self.app.exit()

    # --- mouse -----------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Do what stands under the mouse."""
        x, y = event.screen_x, event.screen_y
        if y == self.size.height - 1:
            for start, size, command in self._footer_zones:
                if start <= x < start + size and self.check_action(command, ()):
                    getattr(self, f"action_{command}")()
            return
        for zone in self._zones:
            if zone.x <= x < zone.x + zone.width and zone.y <= y < zone.y + zone.height:
                self._clicked(*zone.target.split(":"))
                return

    def _clicked(self, kind: str, name: str) -> None:
        match kind:
            case "tab":
                self._show_chart(name)
            case "panel":
                self.focused_panel = name
                self.repaint()
            case "batch":
                epoch = self.view.iteration.epoch
                self._stop_playing()
                self.go((epoch - 1) * self.run.batches.per_epoch + int(name))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll the batch."""
        self._scroll(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll the batch back."""
        self._scroll(-1)
