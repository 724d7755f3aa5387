"""What opens another screen: go to, settings, data, explanations, the check, notes, help.

Each is asked in a worker, so that the keys typed meanwhile reach the screen that opens.
"""

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from lrstep.core.iteration import Phase
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.session.coach.coaching import LEAVING
from lrstep.session.commands import ASKING, SHOWING
from lrstep.session.panels.names import phase_of
from lrstep.session.session import Session
from lrstep.sources.source import Source
from lrstep.tui.terminal import ASKING_GROUP

if TYPE_CHECKING:
    from lrstep.formulas.explanation import Origin


class Openings:
    """The commands that ask or show something on a screen of their own: each is a method, ``ask_…`` or ``show_…``.

    Args:
        screen: the stepper, over which they open.
        session: what it shows.
    """

    def __init__(self, screen: Screen[Any], session: Session) -> None:
        self._screen, self._session = screen, session

    def open(self, command: str) -> bool:
        """Open what a command opens; whether it opens something."""
        if command == "notes" and self._session.guide is not None:
            return False  # it puts the lesson away
        if command in ASKING:
            self._screen.run_worker(self._ask(command), group=ASKING_GROUP, exclusive=True)
        elif command in SHOWING:
            getattr(self, f"show_{command}")()
        return command in ASKING + SHOWING

    async def _ask(self, command: str) -> None:
        await getattr(self, f"ask_{command}")()
        self._session.doing(command)
        self._session.touch()

    async def _answer_of(self, screen: Screen[Any]) -> Any:
        return await self._screen.app.push_screen_wait(screen)

    # --- what asks -------------------------------------------------------------------------------

    async def ask_go_to(self) -> None:
        """Go to a place, or to where a condition holds."""
        from lrstep.session.condition_search import parse_target
        from lrstep.tui.dialogs.ask import Ask

        session = self._session

        def check(text: str) -> str:
            try:
                parse_target(text, session.run, session.number)
            except LrstepError as error:
                return str(error).replace("\n", ". ")
            return ""

        hint = f"iteration 0 … {session.run.n_iterations}, epoch e3, batch e3b2, 5.gradient, start, end\n"
        hint += "or where something holds: rmse<20, loss rises, back nan"
        text = await self._answer_of(Ask("Go to", hint, "", check))
        if text:
            session.go_to(text)

    async def ask_breakpoints(self) -> None:
        """Set and clear breakpoints; they are changed while the dialog is open."""
        from lrstep.tui.dialogs.breakpoints_dialog import BreakpointsDialog

        session = self._session
        session.pause()
        await self._answer_of(BreakpointsDialog(session.breakpoints, session.run, session.keys["play"]))
        listed = " or ".join(session.breakpoints.texts)
        session.say(f"playing stops where {listed}" if listed else "no breakpoint is set")

    async def ask_settings(self) -> None:
        """Change the settings; the run stays as it was until they are right."""
        from lrstep.tui.dialogs.confirm import Confirm
        from lrstep.tui.dialogs.settings_dialog import SettingsForm

        session, source = self._session, self._session.source
        changed: Settings | None = await self._answer_of(SettingsForm(source.settings, len(source.dataset.columns)))
        if changed is None or changed == source.settings:
            return
        question = f"{LEAVING} {session.keys['undo']} comes back to it."
        if session.run.recorded and not await self._answer_of(Confirm(question)):
            return
        try:
            session.change_in_place(changed)
        except LrstepError as error:  # they are right, but not for these data
            session.say(str(error).replace("\n", ". "))

    async def ask_compare(self) -> None:
        """Compare the run with others."""
        from lrstep.tui.dialogs.compare_dialog import CompareDialog

        source: Source | None = await self._answer_of(CompareDialog(self._session))
        if source is not None:
            self._session.compare(source)

    async def ask_open(self) -> None:
        """Open other data; the notes of a run file are shown at its start."""
        from lrstep.tui.dialogs.open_dialog import OpenData

        source: Source | None = await self._answer_of(OpenData())
        if source is not None:
            self._session.load(source)
            if source.notes and not self._session.number and source.lesson is None:
                self.show_notes()

    async def ask_explain(self) -> None:
        """Explain the focused panel, or the phase under the cursor."""
        from lrstep.tui.dialogs.explain_dialog import Explain

        session = self._session
        if session.look.focus == "check" and session.checker.on:
            await self._verdict()
            return
        if session.on_models and session.view.chosen_model != session.number:
            session.pause()
            session.go(session.view.chosen_model)
            return
        phase = max(phase_of(session.look.focus, session.phase), Phase.BATCH)
        origin: Origin | None = await self._answer_of(Explain(session.run, session.view.iteration, Phase(phase)))
        if origin is not None and origin.iteration is not None and origin.phase is not None:
            session.pause()
            session.go(origin.iteration, origin.phase)

    async def ask_why(self) -> None:
        """Ask what gives a number, and go to where it is."""
        from lrstep.tui.dialogs.why_dialog import Why

        number: int | None = await self._answer_of(Why(self._session.run, self._session.number))
        if number is not None:
            self._session.pause()
            self._session.go(number)

    async def ask_save(self) -> None:
        """Save the run as a run file."""
        from lrstep.tui.dialogs.save_dialog import save_as

        session = self._session
        session.say(await save_as(self._screen.app, session.run_file, session.source.title))

    async def ask_export(self) -> None:
        """Export the run, with those beside it."""
        from lrstep.tui.dialogs.export_dialog import ExportDialog

        session = self._session
        session.pause()
        session.say(await self._answer_of(ExportDialog(session.lockstep)))

    async def _verdict(self) -> None:
        from lrstep.tui.dialogs.check_dialog import VerdictTable

        session, checker = self._session, self._session.checker
        answer: str | None = await self._answer_of(VerdictTable(checker, session.number, session.keys["next"]))
        if answer == "off":
            await checker.stop()
            session.focus("")
        elif answer == "again":
            checker.start(session.run, session.number)
        elif answer == "precision":
            await checker.stop()
            checker.precision = "float64" if checker.precision == "float32" else "float32"
            checker.start(session.run, session.number)

    # --- what shows ------------------------------------------------------------------------------

    def show_check(self) -> None:
        """Turn the Keras check on, or show what it found of this step, or why it cannot."""
        checker = self._session.checker
        if checker.state == "off":
            checker.start(self._session.run, self._session.number)
        else:
            self._screen.run_worker(self._verdict(), group=ASKING_GROUP, exclusive=True)

    def show_notes(self) -> None:
        """Show the notes of a run file."""
        from lrstep.tui.dialogs.notes_dialog import Notes

        source, key = self._session.source, self._session.keys["notes"]
        self._screen.app.push_screen(Notes(source.title, source.notes, key))

    def show_help(self) -> None:
        """Show all keys."""
        from lrstep.tui.dialogs.help_dialog import Help

        self._screen.app.push_screen(Help(self._session.table))

    def show_palette(self) -> None:
        """Find a command by its name."""
        self._screen.app.action_command_palette()
