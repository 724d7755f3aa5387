"""The table of the Keras check for one step."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from lrstep.check.headless import step_table
from lrstep.session.checker import Checker
from lrstep.tui.dialogs.dialog import Dialog, Said

FRAME = 10
"""Columns beside the table: the dialog's border and margins."""


class VerdictTable(Dialog[str | None]):
    """Every quantity of a step: engine, Keras, difference, bound. Gives "off", "precision" or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,c", "leave", show=False),
        Binding("d", "turn_off", show=False),
        Binding("p", "precision", show=False),
    ]

    def __init__(self, checker: Checker, number: int) -> None:
        super().__init__()
        self._checker, self._number = checker, number
        self._table = Said(id="table")
        self._said = Said(id="said")
        self._keys = Said(classes="hint")

    def compose(self) -> ComposeResult:
        """Table, the free run of Keras, keys."""
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = f"Keras check · iteration {self._number} · {self._checker.computed_in}"
            yield self._table
            yield self._said
            yield self._keys

    def on_mount(self) -> None:
        """Fill it, and again while verdicts come in."""
        self._fill()
        self.set_interval(0.3, self._fill)

    def _fill(self) -> None:
        table, said = self._lines()
        self._table.display = bool(table)
        self._table.say("\n".join(table))
        self._said.say("\n".join(said))
        wide = max(map(len, table), default=0) > self.size.width - FRAME
        other = "" if self._checker.of_recording else " · p other precision"
        keys = f"Esc closes{other} · d turns the check off"
        self._keys.say(f"\n{'← → the rest of the table · ' if wide else ''}{keys}")

    def _lines(self) -> tuple[list[str], list[str]]:
        """The table, whose rows stay whole, and what is said in sentences."""
        checker = self._checker
        if checker.problem is not None:
            return [], [checker.problem.message, *checker.problem.hint.splitlines()]
        if not self._number:
            return [], ["The start has no step to check: → takes the first one."]
        verdict = checker.verdict(self._number)
        if verdict is None:
            return [], ["Keras is starting …" if checker.state == "starting" else "This step is being checked …"]
        return step_table(verdict), checker.drift_lines(self._number)

    def action_leave(self) -> None:
        """Back to the stepper."""
        self.dismiss(None)

    def action_turn_off(self) -> None:
        """Turn the check off."""
        self.dismiss("off")

    def action_precision(self) -> None:
        """Check in the other precision; a recording has its own."""
        if not self._checker.of_recording:
            self.dismiss("precision")
