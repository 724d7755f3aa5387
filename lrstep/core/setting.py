"""One setting: how it is called, what it may be, and how a typed text becomes its value.

This module imports nothing heavy: the command line builds its options before it knows whether it will compute
anything.
"""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from lrstep.errors import SettingsError, repeated

Value = float | int | bool | str | tuple[float, ...] | tuple[str, ...] | tuple[tuple[int, ...], ...] | None
SettingKind = Literal["float", "floats", "int", "bool", "choice", "orders"]

LARGEST = 10**15
"""Of the whole numbers: nobody counts further, and floats hold all of them up to here."""


class Field(NamedTuple):
    """One setting: how it is called, what it may be and what it does.

    Attributes:
        name: attribute of :class:`lrstep.core.settings.Settings`.
        label: the field's standard term, as a person reads it.
        symbol: the letter used in the formulas.
        kind: the type of its value; ``floats`` is one number or one for each feature, ``orders`` are lists of sample
            numbers, which only files hold.
        requirement: what a valid value is, as the end of "must be …".
        accepts: whether a value of the right type is in range.
        help: one line for ``--help`` and the form.
        range: what a valid value is, in a few words.
        optional: whether it may be left open (None).
        choices: the values of a choice.
        default: what it is unless something else is given; options of optimizers have the defaults that those say.
    """

    name: str
    label: str
    symbol: str
    kind: SettingKind
    requirement: str
    accepts: Callable[[Any], bool]
    help: str
    range: str = "a finite number"
    optional: bool = False
    choices: tuple[str, ...] = ()
    default: Value = None

    @property
    def option(self) -> str:
        """The name on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def off(self) -> str:
        """The name there that switches it off."""
        return self.option.replace("--", "--no-", 1)

    def check(self, value: object) -> Value:
        """Return ``value`` in the setting's own type (an int given for a float becomes a float).

        Raises:
            SettingsError: wrong type, not finite, or out of range.
        """
        if value is None and self.optional:
            return None
        checked = self._typed(value)
        if checked is None or not self.accepts(checked):
            raise self.refusal(_shown(value))
        return checked

    def _typed(self, value: object) -> Value:
        match self.kind, value:
            case "bool", bool():
                return value
            case "choice", str():
                return value
            case "int", int() if not isinstance(value, bool):
                return value
            case "float" | "floats", int() | float() if not isinstance(value, bool):
                return _finite(value)
            case "orders", list() | tuple() if value:
                return _orders(value)
            case "floats", list() | tuple() if value:
                numbers = tuple(_finite(one) if type(one) in (int, float) else None for one in value)
                if None not in numbers:
                    return numbers[0] if len(numbers) == 1 else numbers  # type: ignore[return-value]
        return None

    def parse(self, text: str) -> Value:
        """Turn what a person typed into the value of the setting; an empty text leaves an optional one open (None).

        Raises:
            SettingsError: the text is no value of the setting's type in plain digits, or out of range.
        """
        text = text.strip()
        if not text and self.optional:
            return None
        try:
            return self.check(self._read(text))
        except (ValueError, KeyError, SettingsError):
            raise self.refusal(repr(repeated(text))) from None

    def _read(self, text: str) -> Value:
        if self.kind == "choice":
            return text.lower()
        if "_" in text or not text.isascii():  # int() and float() take 1_0 and digits of all scripts
            raise ValueError
        if self.kind == "bool":
            return {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}[text.lower()]
        if self.kind == "int":
            return int(text)
        if self.kind == "floats":
            return tuple(float(part) for part in re.split(r"[,\s]+", text))
        return float(text)

    def refusal(self, shown: str) -> SettingsError:
        """The error for a value that the setting cannot have."""
        return SettingsError(self.name, f"{self.label} {shown} is not valid", f"It must be {self.requirement}.")


def as_typed(value: Value) -> str:
    """A setting as it is typed; :meth:`Field.parse` reads it back to the same value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return value if isinstance(value, str) else repr(value)


def _shown(value: object) -> str:
    """A value as a message repeats it; a whole number can have more digits than Python writes."""
    if isinstance(value, int) and abs(value) >= 10**40:
        return "of more than 40 digits"
    return repeated(repr(value), 60)


def _finite(value: float) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    return number + 0.0 if math.isfinite(number) else None  # -0.0 is 0


def _orders(value: Sequence[object]) -> tuple[tuple[int, ...], ...] | None:
    """Lists of the numbers 1 … n, each once, all equally long; None if they are something else."""
    orders = tuple(tuple(one) if isinstance(one, list | tuple) else () for one in value)
    n = len(orders[0])
    right = all(len(one) == n and all(type(row) is int for row in one) for one in orders)
    return orders if n and right and all(sorted(one) == list(range(1, n + 1)) for one in orders) else None


def _anything(value: object) -> bool:
    return True


def _yes_or_no(name: str, label: str, help: str, default: Value = None) -> Field:
    return Field(name, label, label, "bool", "yes or no", _anything, help, "yes or no", default=default)


def _share(name: str, label: str, symbol: str, help: str) -> Field:
    requirement = "a number from 0 up to, but not including, 1"
    return Field(name, label, symbol, "float", requirement, lambda v: 0 <= v < 1, help, "0 … below 1")


def _not_negative(name: str, label: str, symbol: str, help: str) -> Field:
    return Field(name, label, symbol, "float", "a finite number of at least 0", lambda v: v >= 0, help, "0 or more")


def _whole(name: str, label: str, symbol: str, least: int, help: str, default: int) -> Field:
    requirement, few = f"a whole number of at least {least}, at most 10^15", f"{least}, {least + 1}, {least + 2} …"
    return Field(name, label, symbol, "int", requirement, lambda v: least <= v <= LARGEST, help, few, default=default)


OF_OPTIMIZERS: tuple[Field, ...] = (
    _share("rho", "rho", "ρ", "How much of the old accumulator is kept."),
    Field("momentum", "momentum", "μ", "float", "a number from 0 to 1", lambda v: 0 <= v <= 1,
          "How much of the previous step is kept.", "0 … 1"),
    _yes_or_no("nesterov", "Nesterov", "Momentum in the form of Nesterov: the step looks ahead."),
    _share("beta_1", "beta 1", "β₁", "How much of the old mean gradient is kept."),
    _share("beta_2", "beta 2", "β₂", "How much of the old accumulator is kept."),
    _not_negative("initial_accumulator", "initial accumulator", "v₀", "What the accumulator starts with."),
    _not_negative("epsilon", "epsilon", "ε", "Added to what is divided by, so that nothing is divided by 0."),
    _yes_or_no("centered", "centered",
               "Divide by the standard deviation of the gradient instead of its root mean square."),
)  # fmt: skip
"""The settings that only some optimizers have."""

OF_RUNS: tuple[Field, ...] = (
    Field("learning_rate", "learning rate", "lr", "float", "a finite number above 0", lambda v: v > 0,
          "Size of a step.", "above 0", default=0.05),
    _whole("batch_size", "batch size", "m", 1, "Samples per batch; larger than the data takes all.", 4),
    _whole("epochs", "epochs", "epochs", 1, "Passes over all samples.", 4),
)  # fmt: skip
"""The settings that every run has, and that are named first."""

SCALES = ("none", "standard", "minmax")
"""How the data may be scaled, see :class:`lrstep.core.scaling.Scaling`."""

OF_STARTS: tuple[Field, ...] = (
    Field("weight", "initial weight", "w", "floats", "a finite number", _anything,
          "Initial weight (slope); without it one is drawn from Glorot uniform with the seed.", optional=True),
    Field("bias", "initial bias", "b", "float", "a finite number", _anything, "Initial bias (intercept).", default=0.0),
    _whole("seed", "seed", "seed", 0, "Seed of the initial weight and of the shuffling.", 0),
    _yes_or_no("shuffle", "shuffle", "A new order of the samples in every epoch.", False),
    Field("scale", "scaling", "scale", "choice", f"one of {', '.join(SCALES)}", lambda name: name in SCALES,
          "Scale each feature and the label: standard (mean 0, standard deviation 1) or minmax (0 to 1).",
          "none, standard, minmax", choices=SCALES, default="none"),
)  # fmt: skip
"""The settings of the start, of the order of the samples, and of their scale."""

ORDER = Field("order", "order", "order", "orders", "a list of all sample numbers from 1 on, each once, for each epoch",
              _anything, "The order of the samples in each epoch; a single list is that of every epoch.",
              optional=True)  # fmt: skip
"""An order of one's own, which is too long to be typed: files have it."""
