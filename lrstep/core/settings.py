"""The settings of a run. This module imports nothing heavy."""

from collections.abc import Mapping
from typing import Any

from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.optimizers.base import Optimizer
from lrstep.core.setting import OF_OPTIMIZERS, OF_RUNS, OF_STARTS, ORDER, Field, Value, as_typed
from lrstep.errors import SettingsError

_NAMES = f"one of {', '.join(OPTIMIZERS)}"

OPTIMIZER = Field(
    "optimizer", "optimizer", "optimizer", "choice", _NAMES, lambda name: name in OPTIMIZERS,
    f"The update rule, {_NAMES}.", _NAMES, choices=tuple(OPTIMIZERS), default="rmsprop",
)  # fmt: skip


_OF_ONE = [field for optimizer in OPTIMIZERS.values() for field in optimizer.fields]

FIELDS: dict[str, Field] = {field.name: field for field in (*OF_RUNS, OPTIMIZER, *OF_OPTIMIZERS, *_OF_ONE, *OF_STARTS)}
"""Name → setting that a person can type, in the order in which they are listed."""

IN_FILES: dict[str, Field] = FIELDS | {"order": ORDER}
"""The same with what only files have."""

DEFAULTS: dict[str, Value] = {field.name: field.default for field in (*OF_RUNS, OPTIMIZER, *OF_STARTS, ORDER)}
"""What a run has unless something else is given; the options of an optimizer have the defaults that it says."""


class Settings:
    """Everything that decides a run besides its data; checked when made, and never changed.

    An option that the chosen optimizer does not have is None. The defaults are those of the framework that the
    optimizer is of, with a learning rate that moves within a few iterations.

    Args:
        values: name → value; what is missing has its default, and so has an option of the optimizer that is None.

    Raises:
        SettingsError: a value is of the wrong type or out of range, or the optimizer has no such option; the error
            names the setting.
    """

    __slots__ = ("__dict__", "__weakref__", "_hash")

    learning_rate: float
    batch_size: int
    epochs: int
    optimizer: str
    rho: float
    momentum: float
    nesterov: bool
    beta_1: float
    beta_2: float
    initial_accumulator: float
    epsilon: float
    centered: bool
    weight: float | tuple[float, ...] | None
    bias: float
    seed: int
    shuffle: bool
    scale: str
    order: tuple[tuple[int, ...], ...] | None
    _hash: int

    def __init__(self, **values: Value) -> None:
        if unknown := values.keys() - IN_FILES:
            raise TypeError(f"no setting is called {', '.join(sorted(unknown))}")
        given = {name: value for name, value in values.items() if value is not None or name in DEFAULTS}
        chosen = OPTIMIZERS[str(OPTIMIZER.check(given.get("optimizer", DEFAULTS["optimizer"])))]
        defaults = DEFAULTS | dict(chosen.options)
        for name, field in IN_FILES.items():
            if name in defaults:
                self.__dict__[name] = field.check(given.get(name, defaults[name]))
            elif name in given:
                raise _not_an_option(field, chosen)
            else:
                self.__dict__[name] = None
        if self.order is not None and self.shuffle:
            problem = "the run has an order of its own and is to be shuffled"
            raise SettingsError("order", problem, "Leave one of them out.")
        self._keep_hash()

    def _keep_hash(self) -> None:
        """Formulas are looked up by settings many times a key. The order may be a million numbers long."""
        object.__setattr__(self, "_hash", hash(tuple(v for name, v in self.__dict__.items() if name != "order")))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("settings do not change; make others with changed()")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Settings) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in self.as_dict().items())})"

    @property
    def rule(self) -> Optimizer:
        """The chosen optimizer."""
        return OPTIMIZERS[self.optimizer]

    def changed(self, **changes: Value) -> "Settings":
        """A copy with some values replaced, checked like any other.

        With another optimizer its own defaults come; an option that was set to something else than the default of the
        old one stays, where the new one has it too. A run that is to be shuffled gives up an order of its own.
        """
        values, new = self.as_dict(), changes.get("optimizer")
        alone = new in (None, self.optimizer) and not changes.keys() & {"shuffle", "order"}
        if alone and all(value is not None and name in values for name, value in changes.items()):
            return self._with({name: FIELDS[name].check(value) for name, value in changes.items()})
        if changes.get("shuffle"):
            changes = {"order": None} | changes
        if new is not None and new != self.optimizer and new in OPTIMIZERS:
            old, options = self.rule.options, OPTIMIZERS[str(new)].options
            values = {
                name: value
                for name, value in values.items()
                if name not in old or (name in options and value != old[name])
            }
        return Settings(**(values | changes))

    def at_rate(self, learning_rate: float) -> "Settings":
        """The same with a learning rate that a framework had in one of its steps, which may also be 0 or below."""
        return self._with({"learning_rate": learning_rate})

    def _with(self, checked: Mapping[str, Value]) -> "Settings":
        other = Settings.__new__(Settings)
        other.__dict__.update(self.__dict__, **checked)
        other._keep_hash()
        return other

    def asked(self, changes: Mapping[str, Value]) -> "Settings":
        """:meth:`changed` as a person means it: a seed asks for a drawn weight, where none is given."""
        drawn: dict[str, Value] = {"weight": None} if "seed" in changes else {}
        return self.changed(**drawn | dict(changes))

    def as_dict(self) -> dict[str, Value]:
        """Name → value of the settings that there are with this optimizer, in the order in which they are listed."""
        values = {name: self.__dict__[name] for name in fields_of(self.optimizer)}
        return values if self.order is None else values | {"order": self.order}

    def as_document(self) -> dict[str, Any]:
        """The same for files, with lists where there are several values; of data that is not scaled nothing is said."""
        said = {name: value for name, value in self.as_dict().items() if (name, value) != ("scale", "none")}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


def fields_of(optimizer: str) -> Mapping[str, Field]:
    """The settings that there are with an optimizer, in the order in which they are listed."""
    options = OPTIMIZERS[optimizer].options
    return {name: field for name, field in FIELDS.items() if name in DEFAULTS or name in options}


def as_options(values: Mapping[str, Value]) -> list[str]:
    """Settings as the words of the command line that give them; one that is left open is left out."""
    words: list[str] = []
    for name, value in values.items():
        if isinstance(value, bool):
            words.append(FIELDS[name].option if value else FIELDS[name].off)
        elif value is not None:
            for one in value if isinstance(value, tuple) else (value,):
                words += [FIELDS[name].option, as_typed(one)]
    return words


def setting_named(text: str) -> str | None:
    """The setting that a text names, by its name, option, label or symbol; None where it names none."""
    return NAMES.get(folded(text))


def folded(text: str) -> str:
    """The name of a setting however it was typed: ``--Batch-Size`` and ``batch size`` are ``batch_size``."""
    return text.strip().lower().removeprefix("--").replace("-", "_").replace(" ", "_")


NAMES = {folded(text): field.name for field in FIELDS.values() for text in (field.symbol, field.label, field.name)}
"""What settings may be called."""


def _not_an_option(field: Field, optimizer: Optimizer) -> SettingsError:
    has = ", ".join(FIELDS[name].option for name in optimizer.options)
    others = ", ".join(name for name, other in OPTIMIZERS.items() if field.name in other.options)
    return SettingsError(
        field.name, f"{optimizer.name} has no {field.label}", f"It has {has}; {field.label} goes with {others}."
    )
