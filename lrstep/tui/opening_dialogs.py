"""What opens another screen: go to, settings, data, explanations, the check, notes, help."""

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import work

from lrstep.core.iteration import Phase
from lrstep.core.position import parse_position, position_text
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.session.checker import Checker
from lrstep.session.commands import Command
from lrstep.sources.source import Source
from lrstep.tui.moving import Moving
from lrstep.tui.terminal.key_queue import ASKING

if TYPE_CHECKING:
    from lrstep.formulas.explanation import Origin
    from lrstep.session.practice import Practice

_PHASE_OF = {
    "batch": Phase.BATCH,
    "predictions": Phase.PREDICTIONS,
    "gradient": Phase.GRADIENT,
    "accumulator": Phase.ACCUMULATOR,
    "weights": Phase.UPDATE,
    "rmse": Phase.LOSS,
}


class Dialogs(Moving):
    """The commands that ask or show something on a screen of their own.

    Attributes:
        checker: the Keras check.
        focused_panel: name of the panel with the focus, "chart", "check" or "".
        table: the commands, with the keys of the person.
        practice: what is asked, while practising.
    """

    checker: Checker
    focused_panel: str
    table: tuple[Command, ...]
    practice: "Practice | None" = None

    @work(exclusive=True, group=ASKING)
    async def action_go_to(self) -> None:
        """Ask where to go."""
        from lrstep.tui.dialogs.ask import Ask

        def check(text: str) -> str:
            try:
                parse_position(text, self.run)
            except LrstepError as error:
                return str(error).replace("\n", ". ")
            return ""

        hint = f"iteration 0 … {self.run.n_iterations}, epoch e3, batch e3b2, phase 5.gradient, start, end"
        text = await self.app.push_screen_wait(Ask("Go to", hint, check=check))
        if text:
            self.stop_playing()
            self.go(*parse_position(text, self.run))

    @work(exclusive=True, group=ASKING)
    async def action_settings(self) -> None:
        """Change the settings; the run stays as it was until they are right."""
        from lrstep.tui.dialogs.settings_dialog import SettingsForm

        changed: Settings | None = await self.app.push_screen_wait(SettingsForm(self.source.settings))
        if changed is not None and changed != self.source.settings:
            self.load(replace(self.source, settings=changed, cursor=None))

    @work(exclusive=True, group=ASKING)
    async def action_open(self) -> None:
        """Open a sample or a file."""
        from lrstep.tui.dialogs.open_dialog import OpenData

        source: Source | None = await self.app.push_screen_wait(OpenData())
        if source is not None:
            self.load(source)
            if source.notes and not self.number:
                self.action_notes()

    @work(exclusive=True, group=ASKING)
    async def action_explain(self) -> None:
        """Explain the focused panel, or the phase under the cursor."""
        from lrstep.tui.dialogs.explain_dialog import Explain

        if self.focused_panel == "check" and self.checker.on:
            await self._show_verdict()
            return
        phase = _PHASE_OF.get(self.focused_panel, self.phase)
        if self.focused_panel == "rmse" and self.phase == Phase.AFTER:
            phase = Phase.AFTER
        iteration = self.run.iteration(max(self.number, 1))
        origin: Origin | None = await self.app.push_screen_wait(Explain(self.run, iteration, Phase(max(phase, 1))))
        if origin is not None and origin.iteration is not None and origin.phase is not None:
            self.stop_playing()
            self.go(origin.iteration, origin.phase)

    @work(exclusive=True, group=ASKING)
    async def action_why(self) -> None:
        """Ask for a number and say what gives it."""
        from lrstep.tui.dialogs.why_dialog import Why

        number: int | None = await self.app.push_screen_wait(Why(self.run, self.number))
        if number is not None:
            self.stop_playing()
            self.go(number)

    def action_practice(self) -> None:
        """Begin or leave practice; the score is of this run."""
        from lrstep.session.practice import Practice

        self.stop_playing()
        if self.practice is None:
            self.practice = Practice(self.run, max(self.number, 1))
            self.ask_next()
        else:
            over = "that was the last iteration; " if self.practice.over else ""
            self.notice = f"{over}practice: {self.practice.score}"
            self.practice = None
            self.repaint()

    def ask_next(self) -> None:
        """Put the cursor where the asked quantity is computed."""
        if self.practice is not None and (self.number, self.phase) != (self.practice.iteration, self.practice.phase):
            self.go(self.practice.iteration, self.practice.phase)
        self.repaint()

    @work(exclusive=True, group=ASKING)
    async def action_save(self) -> None:
        """Save data, settings and cursor as a run file."""
        from lrstep.tui.dialogs.save_dialog import save_as

        place = position_text(self.number, self.phase)
        said = await save_as(self.app, self.source.run_file(self.run.settings, place), self.source.title)
        self.notice = said or self.notice
        self.repaint()

    @work(exclusive=True, group=ASKING)
    async def action_export(self) -> None:
        """Export the run."""
        from lrstep.tui.dialogs.export_dialog import ExportDialog

        self.stop_playing()
        said: str | None = await self.app.push_screen_wait(ExportDialog(self.run, max(self.number, 1)))
        self.notice = said or self.notice
        self.repaint()

    async def action_check(self) -> None:
        """Turn the Keras check on, try again, or show the table of this step."""
        if self.checker.state in ("off", "failed"):
            self.checker.start(self.run, self.number)
        else:
            self.focused_panel = "check"
            self.action_explain()

    async def _show_verdict(self) -> None:
        from lrstep.tui.dialogs.check_dialog import VerdictTable

        answer: str | None = await self.app.push_screen_wait(VerdictTable(self.checker, self.number))
        if answer == "off":
            await self.checker.stop()
            self.focused_panel = ""
        elif answer == "precision":
            other = "float64" if self.checker.precision == "float32" else "float32"
            await self.checker.stop()
            self.checker.precision = other
            self.checker.start(self.run, self.number)
        self.repaint()

    def action_failed_next(self) -> None:
        """To the next step that differs."""
        self._to_failed(self.checker.book.next_failed(self.number) if self.checker.book else None)

    def action_failed_back(self) -> None:
        """To the previous step that differs."""
        self._to_failed(self.checker.book.previous_failed(self.number) if self.checker.book else None)

    def _to_failed(self, number: int | None) -> None:
        if number is None:
            self.notice = "no further step that differs in this direction"
            self.repaint()
        else:
            self.go(number)

    def action_notes(self) -> None:
        """Show the notes of a lesson."""
        from lrstep.tui.dialogs.notes_dialog import Notes

        self.app.push_screen(Notes(self.source.title, self.source.notes))

    def action_help(self) -> None:
        """Show all keys."""
        from lrstep.tui.dialogs.help_dialog import Help

        self.app.push_screen(Help(self.table))

    def action_palette(self) -> None:
        """Find a command by its name."""
        self.app.action_command_palette()

    def action_quit(self) -> None:
        """Leave."""
        self.app.exit()
