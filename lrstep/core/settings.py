"""The settings of a run, what each of them may be, and how a typed text becomes a value.

This module imports nothing heavy: the command line builds its options from :data:`FIELDS` before it
knows whether it will compute anything.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from lrstep.errors import SettingsError

LARGEST = 10**15
"""Of the whole numbers: nobody counts further, and floats hold all of them up to here."""

Value = float | int | bool | None
Kind = Literal["float", "int", "bool"]


@dataclass(frozen=True)
class Field:
    """One setting: how it is called, what it may be and what it does.

    Attributes:
        name: attribute of :class:`Settings`.
        label: the field's standard term, as a person reads it.
        symbol: the letter used in the formulas.
        kind: the type of its value.
        requirement: what a valid value is, as the end of "must be …".
        accepts: whether a value of the right type is in range.
        help: one line for ``--help`` and the form.
        optional: whether it may be left open (None).
    """

    name: str
    label: str
    symbol: str
    kind: Kind
    requirement: str
    accepts: Callable[[Any], bool]
    help: str
    optional: bool = False

    @property
    def range(self) -> str:
        """What a valid value is, in a few words."""
        return {
            "rho": "0 … below 1",
            "momentum": "0 … 1",
            "learning_rate": "above 0",
            "batch_size": "1, 2, 3 …",
            "epochs": "1, 2, 3 …",
            "epsilon": "0 or more",
            "seed": "0, 1, 2 …",
        }.get(self.name, "yes or no" if self.kind == "bool" else "a finite number")

    @property
    def option(self) -> str:
        """The name on the command line."""
        return "--" + self.name.replace("_", "-")


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("learning_rate", "learning rate", "lr", "float", "a finite number above 0", lambda v: v > 0,
              "Size of a step."),
        Field("batch_size", "batch size", "m", "int", "a whole number of at least 1, at most 10^15",
              lambda v: 1 <= v <= LARGEST,
              "Samples per batch; larger than the data takes all."),
        Field("epochs", "epochs", "epochs", "int", "a whole number of at least 1, at most 10^15",
              lambda v: 1 <= v <= LARGEST,
              "Passes over all samples."),
        Field("rho", "rho", "ρ", "float", "a number from 0 up to, but not including, 1", lambda v: 0 <= v < 1,
              "How much of the old accumulator is kept."),
        Field("momentum", "momentum", "μ", "float", "a number from 0 to 1", lambda v: 0 <= v <= 1,
              "How much of the previous step is kept."),
        Field("epsilon", "epsilon", "ε", "float", "a finite number of at least 0", lambda v: v >= 0,
              "Added under the root so that nothing is divided by 0."),
        Field("centered", "centered", "centered", "bool", "yes or no", lambda v: True,
              "Divide by the standard deviation of the gradient instead of its root mean square."),
        Field("weight", "initial weight", "w", "float", "a finite number", lambda v: True,
              "Initial weight (slope); without it one is drawn from Glorot uniform with the seed.", optional=True),
        Field("bias", "initial bias", "b", "float", "a finite number", lambda v: True,
              "Initial bias (intercept)."),
        Field("seed", "seed", "seed", "int", "a whole number of at least 0, at most 10^15", lambda v: 0 <= v <= LARGEST,
              "Seed of the initial weight and of the shuffling."),
        Field("shuffle", "shuffle", "shuffle", "bool", "yes or no", lambda v: True,
              "A new order of the samples in every epoch."),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run besides its data; checked when made.

    The defaults are those of Keras's RMSprop (rho 0.9, momentum 0, epsilon 1e-7, not centered) with a
    learning rate that moves within a few iterations.

    Raises:
        SettingsError: a value is of the wrong type or out of range; the error names the setting.
    """

    learning_rate: float = 0.05
    batch_size: int = 4
    epochs: int = 4
    rho: float = 0.9
    momentum: float = 0.0
    epsilon: float = 1e-07
    centered: bool = False
    weight: float | None = None
    bias: float = 0.0
    seed: int = 0
    shuffle: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            checked = check_value(field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, checked)

    def changed(self, **changes: Value) -> "Settings":
        """A copy with some values replaced, checked like any other."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def as_dict(self) -> dict[str, Value]:
        """Name → value, in the order of declaration."""
        return asdict(self)


def check_value(name: str, value: object) -> Value:
    """Return ``value`` in the setting's own type (an int given for a float becomes a float).

    Raises:
        SettingsError: wrong type, not finite, or out of range.
    """
    field = FIELDS[name]
    if value is None and field.optional:
        return None
    checked: Value
    match field.kind, value:
        case "bool", bool():
            checked = value
        case "int", int() if not isinstance(value, bool):
            checked = value
        case "float", int() | float() if not isinstance(value, bool):
            try:
                checked = float(value)
            except OverflowError:
                checked = math.inf
        case _:
            raise _refusal(field, _shown(value))
    if (isinstance(checked, float) and not math.isfinite(checked)) or not field.accepts(checked):
        raise _refusal(field, _shown(value))
    return checked


def parse_value(name: str, text: str) -> Value:
    """Turn what a person typed into the value of a setting.

    An empty text leaves an optional setting open (None).

    Raises:
        SettingsError: the text is no value of the setting's type in plain digits, or out of range.
    """
    field = FIELDS[name]
    text = text.strip()
    if not text and field.optional:
        return None
    shown = repr(text if len(text) <= 40 else f"{text[:39]}…")
    if "_" in text or not text.isascii():  # int() and float() take 1_0 and digits of all scripts
        raise _refusal(field, shown)
    try:
        match field.kind:
            case "bool":
                return {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}[text.lower()]
            case "int":
                return check_value(name, int(text))
            case _:
                return check_value(name, float(text))
    except (ValueError, KeyError):
        raise _refusal(field, shown) from None


def _shown(value: object) -> str:
    """A value as a message repeats it; a whole number can have more digits than Python writes."""
    if isinstance(value, int) and abs(value) > 10**40:
        return "of more than 40 digits"
    return repr(value)


def _refusal(field: Field, shown: str) -> SettingsError:
    return SettingsError(field.name, f"{field.label} {shown} is not valid", f"It must be {field.requirement}.")
