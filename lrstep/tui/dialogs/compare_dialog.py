"""Choose what a run is compared with: what to vary, or any settings."""

from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from lrstep.errors import LrstepError
from lrstep.session.comparing import OFF, choices, meant
from lrstep.session.session import Session
from lrstep.sources.source import Source
from lrstep.tui.dialogs.dialog import Dialog, Said, type_into

_HINT = (
    "or type: batch_size=1 ; optimizer=sgd lr=0.001 ; other.toml    (up to three runs, ; between them)\n"
    "Enter compares · Esc leaves all as it is"
)


class CompareDialog(Dialog[Source | None]):
    """Gives what is shown with what it is to be compared with, or None.

    Args:
        session: whose run is compared.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._source = session.source
        options = [Option(choice.title, id=choice.word) for choice in choices(session.source)]
        if not session.lockstep.alone:
            options.append(Option("no other run: end comparing", id=OFF))
        self._list = OptionList(*options, id="choices")
        self._typed = Input(placeholder="settings that differ", id="settings", select_on_focus=False)
        self._error = Said("", id="error", classes="error")

    def compose(self) -> ComposeResult:
        """What can be varied, and a field for anything else."""
        hint = Said(_HINT, classes="hint")
        yield self.box("Compare side by side with", self._list, self._typed, hint, self._error)

    def on_mount(self) -> None:
        """Begin with what can be varied."""
        self._list.focus()

    def on_key(self, event: events.Key) -> None:
        """Settings may be typed at once: they go to their field, though the list has the focus."""
        if self.focused is self._list:
            type_into(self._typed, event)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self._take(str(event.option.id))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self._take(event.value)

    def _take(self, text: str) -> None:
        try:
            self.dismiss(meant(text, self._source))
        except LrstepError as error:
            self._error.say(str(error))
