"""What the Keras check found of one step: a sentence and the numbers, and their bounds at a key."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from lrstep.check.headless import step_table
from lrstep.session.check_sentences import agreed, agreement_table
from lrstep.session.checker import Checker
from lrstep.tui.dialogs.dialog import Dialog, Said

FRAME = 6
"""Columns beside the table: the dialog's border, padding and scroll bar."""


class VerdictTable(Dialog[str | None]):
    """Every number of a step by lrstep and by Keras; at the start, which key takes the first step.

    Gives "again", "off", "precision" or None.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("enter,q", "leave"),
        ("c", "again"),
        ("b", "bounds"),
        ("d", "turn_off"),
        ("p", "precision"),
    ]

    def __init__(self, checker: Checker, number: int, next_key: str) -> None:
        super().__init__()
        self._checker, self._number, self._next_key = checker, number, next_key
        self._bounds = False
        self._sentence = Said(id="sentence")
        self._table = Said(id="table")
        self._said = Said(id="said")
        self._box = VerticalScroll(self._sentence, self._table, self._said, classes="dialog")

    def compose(self) -> ComposeResult:
        """Sentence, table, the free run of Keras; the keys stand in the frame."""
        yield self._box

    def on_mount(self) -> None:
        """Fill it, and again while verdicts come in."""
        self._box.border_title = f"Keras check · iteration {self._number} · {self._checker.computed_in}"
        self._fill()
        self.set_interval(0.3, self._fill)

    def _fill(self) -> None:
        sentence, table, said = self._lines()
        self._sentence.say(sentence)
        self._table.display, self._said.display = bool(table), bool(said)
        self._table.say("\n".join(table))
        self._said.say("\n".join(said))
        keys = ["c tries again"] if self._checker.problem is not None else []
        if table:
            keys.append("b digits" if self._bounds else "b bounds")
        if max(map(len, table), default=0) > self.size.width - FRAME:
            keys.append("← → more")
        if not self._checker.of_recording:
            keys.append("p float32" if self._checker.precision == "float64" else "p float64")
        self._box.border_subtitle = " · ".join([*keys, "d turns the check off", "Esc closes"])

    def _lines(self) -> tuple[str, list[str], list[str]]:
        """The sentence, the table, whose rows stay whole, and what is said below it."""
        checker = self._checker
        if checker.problem is not None:
            return f"Keras cannot check: {checker.problem.message}.", [], checker.problem.hint.splitlines()
        if not self._number:
            return f"The start has no step to check: {self._next_key} takes the first one.", [], []
        verdict = checker.verdict(self._number)
        if verdict is None:
            return "Keras is starting …" if checker.state == "starting" else "This step is being checked …", [], []
        table = step_table(verdict)[1:] if self._bounds else agreement_table(verdict)
        return agreed(verdict), table, checker.drift_lines(self._number)

    def action_again(self) -> None:
        """Try again, where Keras could not check; else the key that opened it closes it."""
        self.dismiss("again" if self._checker.problem is not None else None)

    def action_bounds(self) -> None:
        """Differences, bounds and units in the last place instead of digits, or back."""
        self._bounds = not self._bounds
        self._fill()

    def action_turn_off(self) -> None:
        """Turn the check off."""
        self.dismiss("off")

    def action_precision(self) -> None:
        """Check in the other precision; a recording has its own."""
        if not self._checker.of_recording:
            self.dismiss("precision")
