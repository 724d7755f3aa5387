"""The form for the settings of a run."""

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Label

from lrstep.core.setting import Value
from lrstep.core.settings import FIELDS, Settings, parse_value
from lrstep.errors import SettingsError
from lrstep.tui.dialogs.dialog import Dialog, Said


class SettingsForm(Dialog[Settings | None]):
    """One field per setting; what is wrong stands beside its field.

    Enter in any field takes all of them once they are right, Esc leaves the run as it was.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._fields = {
            name: Input(as_text(getattr(settings, name)), id=name, placeholder="drawn with the seed") for name in FIELDS
        }
        self._notes = {name: Said(_may_be(name), id=f"{name}-note") for name in FIELDS}

    def compose(self) -> ComposeResult:
        """A row for each setting: label, field, what it may be or what is wrong."""
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = "Settings"
            dialog.can_focus = False
            for name, field in FIELDS.items():
                with Horizontal():
                    yield Label(field.label)
                    yield self._fields[name]
                    yield self._notes[name]
            yield Said("Enter starts a new run with these · Esc leaves the run as it is", classes="hint")

    def on_mount(self) -> None:
        """Begin with the first field."""
        self._fields["learning_rate"].focus()

    @on(Input.Changed)
    def _judge(self, event: Input.Changed) -> None:
        self._value(str(event.input.id))

    @on(Input.Submitted)
    def _take(self) -> None:
        values = {name: self._value(name) for name in FIELDS}
        wrong = [name for name, value in values.items() if isinstance(value, SettingsError)]
        if wrong:
            self._fields[wrong[0]].focus()
            return
        good: dict[str, Any] = values
        self.dismiss(self._settings.changed(**good))

    def _value(self, name: str) -> Value | SettingsError:
        note = self._notes[name]
        try:
            value = parse_value(name, self._fields[name].value)
        except SettingsError as error:
            note.say(f"must be {FIELDS[name].requirement}")
            note.add_class("wrong")
            return error
        note.say(_may_be(name))
        note.remove_class("wrong")
        return value

    def action_cancel(self) -> None:
        """Leave the run as it was."""
        self.dismiss(None)


def as_text(value: Value) -> str:
    """A setting as it is typed; parse_value reads it back to the same value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value)


def _may_be(name: str) -> str:
    field = FIELDS[name]
    return field.range
