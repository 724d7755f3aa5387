"""What an optimizer says of itself: its settings, what it remembers of each parameter, its rule, its words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lrstep.core.phase import Phase
from lrstep.core.setting import Field, Value
from lrstep.core.symbols import Leaf, Number, Symbol

Rule = Callable[..., dict[str, Number]]
"""(θ, g, slots by letter, settings by argument) → what it computes, by name; ``theta`` is the parameter after it."""


class Slot(NamedTuple):
    """A number that an optimizer keeps of each parameter from one iteration to the next.

    Attributes:
        letter: what the rule calls it; not w or b, which are parameters.
        name: what it is called in ``lrstep trace``, in the singular: ``accumulator``, ``momentum``, ``mean_gradient`` …
        start: its value before the first iteration, or the name of the setting that has it.
        when: the setting that switches it on; empty for a slot that is always there.
        phase: the phase that computes it.
        keras: how the name of its variable ends in Keras.
    """

    letter: str
    name: str
    start: float | str = 0.0
    when: str = ""
    phase: Phase = Phase.ACCUMULATOR
    keras: str = ""

    @property
    def label(self) -> str:
        """What it is called in a sentence."""
        return self.name.replace("_", " ")


VELOCITY = Slot("v", "accumulator", keras="velocity")
"""The running mean of squared gradients."""


@dataclass(frozen=True, eq=False)
class Optimizer:
    """An update rule with what belongs to it.

    Attributes:
        name: as ``--optimizer`` takes it.
        title: as a person writes it.
        framework: whose optimizer it is.
        options: its settings beside the learning rate, with their defaults.
        slots: what it may keep of each parameter, in the order of Keras's variables.
        rule: one step for one parameter. Its positional arguments are θ, g and the letters of the slots (a slot that
            is switched off is None), its keyword arguments the settings; with an argument ``t`` it is told the
            number of the iteration.
        keras: the class in ``keras.optimizers``; empty where Keras 3 has no such optimizer.
        keras_names: setting → what Keras calls it, where that is another name.
        cast: settings that Keras rounds to its precision before it computes with them, so that its 1 − β is that of the
            rounded β; the others it computes with as Python does.
        hidden: what Keras computes on the way to the step and keeps to itself: such results of the rule by name, out of
            the slots after the step and ``step`` by name, the settings, and the number of the iteration. Written
            apart from the rule, so that a number that is shown but leads to nothing does not go unseen.
        fields: settings that no other optimizer has.
        accumulates: what happens to the slots of the phase Accumulator, in a sentence.
        moves: what the step is, as the end of a sentence.
        first_accumulates, first_moves: the same of the first step, from slots of 0, where there is more to say of it;
            the latter where the step is as long for any gradient.
    """

    name: str
    title: str
    framework: str
    options: Mapping[str, Value]
    slots: tuple[Slot, ...]
    rule: Rule
    keras: str = ""
    keras_names: Mapping[str, str] = field(default_factory=dict)
    cast: tuple[str, ...] = ()
    hidden: Callable[[Mapping[str, Number], Any, int], dict[str, Number]] = lambda kept, settings, t: {}
    fields: tuple[Field, ...] = ()
    accumulates: Callable[[Any], str] | None = None
    moves: Callable[[Any], str] = lambda settings: "the learning rate times what the rule makes of the gradient"
    first_accumulates: Callable[[Any], str] | None = None
    first_moves: Callable[[Any], str] | None = None

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names that the rule gives its arguments."""
        code = self.rule.__code__
        return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]

    @property
    def counts(self) -> bool:
        """Whether the rule depends on the number of the iteration."""
        return "t" in self.arguments

    def kept(self, settings: Any) -> tuple[Slot, ...]:
        """The slots that there are with these settings."""
        return tuple(slot for slot in self.slots if not slot.when or getattr(settings, slot.when))

    def letters(self, settings: Any) -> tuple[str, ...]:
        """What the rule calls a parameter and the slots that there are."""
        return ("theta", *(slot.letter for slot in self.kept(settings)))

    def starts(self, settings: Any) -> dict[str, float]:
        """Slot → its value before the first iteration."""
        return {
            slot.name: getattr(settings, slot.start) if isinstance(slot.start, str) else slot.start
            for slot in self.kept(settings)
        }

    def bound(self, settings: Any) -> dict[str, Value]:
        """The settings as keyword arguments of the rule."""
        taken, names = self.arguments, ("learning_rate", *self.options)
        named = ((ARGUMENTS.get(name, name), name) for name in names)
        return {argument: getattr(settings, name) for argument, name in named if argument in taken}

    def in_keras(self, settings: Any) -> dict[str, Value]:
        """The settings as keyword arguments of the class in Keras."""
        names = ("learning_rate", *self.options)
        return {self.keras_names.get(name, name): getattr(settings, name) for name in names}

    def formulas(self, settings: Any) -> dict[str, Symbol]:
        """What the rule computes with these settings, by name, as formulas.

        The leaves are ``theta``, ``g``, ``t``, the letters of the slots (their values before the step) and the rule's
        names for the settings. A setting that switches (yes or no) is its value, so the formulas are those of these
        settings.
        """
        bound = self.bound(settings)
        switches = {name: value for name, value in bound.items() if isinstance(value, bool)}
        numbers = [name for name in bound if name not in switches]
        return self.traced(self.letters(settings), numbers, switches)

    def traced(self, letters: Sequence[str], options: Sequence[str], switches: Mapping[str, bool]) -> dict[str, Symbol]:
        """The same from what it depends on: its :meth:`letters`, names of options, and switches."""
        inputs = {name: Leaf(name) for name in ("g", *letters, *(["t"] if self.counts else []), *options)}
        return self.rule(**inputs, **switches)


ARGUMENTS = {"learning_rate": "lr", "momentum": "mu"}
"""Setting → what rules call it, where that is another name."""
