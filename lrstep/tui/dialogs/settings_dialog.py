"""The form for the settings of a run."""

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label

from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.setting import Value, as_typed
from lrstep.core.settings import FIELDS, Settings, fields_of
from lrstep.core.start import glorot_uniform
from lrstep.errors import SettingsError
from lrstep.tui.dialogs.dialog import Dialog, Said


class SettingsForm(Dialog[Settings | None]):
    """One field per setting; what is wrong stands beside its field.

    Enter in any field takes all of them once they are right, Esc leaves the run as it was.

    Args:
        settings: those of now.
        features: how many features the data has.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("down", "app.focus_next"), ("up", "app.focus_previous")]

    def __init__(self, settings: Settings, features: int) -> None:
        super().__init__()
        self._settings, self._optimizer, self._n_features = settings, settings.optimizer, features
        self._fields = {
            name: Input(
                as_typed(getattr(settings, name)), id=name,
                placeholder="drawn with the seed" if name == "weight" else "",
                # What is proposed behind the cursor while a name is typed; → takes it.
                suggester=SuggestFromList(field.choices) if field.choices else None,
            )
            for name, field in FIELDS.items()
        }  # fmt: skip
        self._notes = {name: Said(self._may_be(name), id=f"{name}-note") for name in FIELDS}

    def compose(self) -> ComposeResult:
        """A row for each setting: label, field, what it may be or what is wrong."""
        rows = [
            Horizontal(Label(field.label), self._fields[name], self._notes[name], id=f"{name}-row")
            for name, field in sorted(FIELDS.items(), key=lambda item: item[0] != "optimizer")
        ]
        hint = Said("Enter starts a new run with these · Esc leaves the run as it is", classes="hint")
        box = self.box("Settings", *rows, hint, scrolls=True)
        box.can_focus = False
        yield box

    def on_mount(self) -> None:
        """Begin with the first field; of the options only those of the optimizer are there."""
        self._show_options()
        self._fields["learning_rate"].focus()

    @on(Input.Changed)
    def _judge(self, event: Input.Changed) -> None:
        name = str(event.input.id)
        if not isinstance(self._value(name), SettingsError) and name == "optimizer":
            self._choose(str(self._value(name)))

    def _choose(self, optimizer: str) -> None:
        """Take another optimizer: its options appear with its own defaults, those of the old one go."""
        if optimizer == self._optimizer:
            return
        old, self._optimizer = OPTIMIZERS[self._optimizer].options, optimizer
        for name, default in OPTIMIZERS[optimizer].options.items():
            field = self._fields[name]
            if name not in old or field.value == as_typed(old[name]):
                field.value = as_typed(default)
        self._show_options()

    def _show_options(self) -> None:
        there = fields_of(self._optimizer)
        for name in FIELDS:
            self.query_one(f"#{name}-row").display = name in there

    @on(Input.Submitted)
    def _take(self) -> None:
        values = {name: self._value(name) for name in fields_of(self._optimizer)}
        wrong = [name for name, value in values.items() if isinstance(value, SettingsError)]
        if wrong:
            self._fields[wrong[0]].focus()
            return
        good: dict[str, Any] = values
        self.dismiss(self._settings.changed(**good))

    def _value(self, name: str) -> Value | SettingsError:
        note = self._notes[name]
        try:
            value = FIELDS[name].parse(self._fields[name].value)
        except SettingsError as error:
            note.say(f"must be {FIELDS[name].range}")
            note.add_class("wrong")
            return error
        note.say(self._may_be(name))
        note.remove_class("wrong")
        if name == "seed" and self._draws_weight:
            self._notes["weight"].say(self._may_be("weight"))
        return value

    @property
    def _draws_weight(self) -> bool:
        return not self._fields["weight"].value.strip()

    def _may_be(self, name: str) -> str:
        """What a setting may be; where no initial weight is given, the one that the seed draws."""
        if name != "weight" or not self._draws_weight:
            return FIELDS[name].range
        try:
            seed = FIELDS["seed"].parse(self._fields["seed"].value)
        except SettingsError:
            seed = None
        if not isinstance(seed, int):
            return FIELDS[name].range
        return "drawn: " + " ".join(f"{weight:.6g}" for weight in glorot_uniform(seed, self._n_features))
