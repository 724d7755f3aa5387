"""A training run that was recorded from a framework, stepped through: each step begins where the framework stood."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, Self

from lrstep.core.compiled import update_function
from lrstep.core.dataset import Dataset, Floats, RowNumbers
from lrstep.core.iteration import Iteration
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.core.state import State


class Versions(NamedTuple):
    """What a recording was made with, such as 3.15.1, tensorflow 2.21.0 and 3.11.7."""

    keras: str
    backend: str
    python: str


@dataclass(frozen=True, eq=False)
class Recording:
    """A training run as a framework took it, step by step; s steps, k features, p = k + 1 parameters.

    States, gradients and losses are float64 that hold exactly what the framework had in its own type; data, learning
    rates and settings are as a person would write them (0.05 and not the float32 next to it). Arrays are read-only.

    Attributes:
        dataset: the samples.
        settings: the optimizer with its options, its first learning rate above 0, the parameters of the start, and
            the order of the samples in each epoch.
        versions: what it was made with.
        dtype: what it computed in, ``float32`` or ``float64``.
        jit_compile: whether XLA compiled the step.
        counted: steps that the optimizer had taken before the first one here.
        epochs: number of the last epoch that was asked for.
        finished: whether the training came to its own end, which may have been an early one.
        epoch: of each step, as the framework counts from 1, shape (s,).
        learning_rate: of each step, shape (s,).
        gradients: those of the weights, then that of the bias, shape (s, p).
        parameters: shape (s + 1, p): row 0 is the start, row i stands after step i.
        slots: the optimizer's own numbers of each parameter by name (accumulator, momentum, mean_gradient), shaped
            likewise.
        loss: of each batch, shape (s,).
        printed: ``loss`` as it was shown after each step, shape (s,); likewise ``rmse`` where it was shown.
    """

    dataset: Dataset
    settings: Settings
    versions: Versions
    dtype: str
    jit_compile: bool
    counted: int
    epochs: int
    finished: bool
    epoch: RowNumbers
    learning_rate: Floats
    gradients: Floats
    parameters: Floats
    slots: Mapping[str, Floats]
    loss: Floats
    printed: Mapping[str, Floats]

    @property
    def framework(self) -> str:
        """What it ran in, for people."""
        return f"Keras {self.versions.keras} on {self.versions.backend}"

    def __len__(self) -> int:
        """The number of steps."""
        return len(self.loss)

    def state(self, step: int) -> State:
        """Parameters and slots after a step (0: the start)."""
        slots = {name: tuple(values[step].tolist()) for name, values in self.slots.items()}
        return State(tuple(self.parameters[step].tolist()), slots)


class FreeRun(Run):
    """The engine's own run from the start that was recorded, with the recorded orders and learning rates.

    Args:
        recording: what happened.
    """

    def __init__(self, recording: Recording) -> None:
        super().__init__(recording.dataset, recording.settings)
        self.recording = recording
        self.n_iterations = len(recording)
        self.counted = recording.counted
        self._rows[: self._width - 2] = type(self._rows)("d", recording.state(0).numbers)
        self._settings_with = lru_cache(maxsize=64)(self.settings.at_rate)
        self._update = self._next_state

    def again(self) -> Self:
        """The same run, with nothing computed yet."""
        return type(self)(self.recording)

    def settings_at(self, number: int) -> Settings:
        """The settings of an iteration, with the learning rate that it had."""
        return self._settings_with(float(self.recording.learning_rate[number - 1]))

    def _next_state(self, number: int, *computed: float) -> tuple[float, ...]:
        return update_function(self.settings_at(number), len(self.parameters))(number + self.counted, *computed)


class RecordedRun(FreeRun):
    """A run whose every iteration begins with the state that was recorded, so that a difference is of that step alone.

    The state after an iteration, and all that is computed in it, is the engine's; what the next one begins with is
    what was recorded.
    """

    recorded = True

    def freely(self) -> FreeRun:
        """The same from the start on, with nothing that was recorded of later states."""
        return FreeRun(self.recording)

    def _next_state(self, number: int, *computed: float) -> tuple[float, ...]:
        return self.recording.state(number).numbers

    def _compute(self, until: int) -> None:
        """Likewise the loss of the epoch so far goes on from what was printed after the batch before."""
        first = self.computed + 1
        super()._compute(until)
        for number in range(first, until + 1):
            span = self.batches.span(self.batches.position(number)[1])
            if span.start:
                last = (number + 1) * self._width - 1
                squares = self._rows[last - 1] * (span.stop - span.start)
                self._rows[last] = self.printed_sum(number - 1, span.start) + squares

    def printed_sum(self, number: int, count: int) -> float:
        """Sum of the squared errors of an epoch so far, ``count`` samples, as printed after an iteration."""
        return float(self.recording.printed["loss"][number - 1]) * count

    def iteration(self, number: int) -> Iteration:
        """All quantities of an iteration, from the recorded state on."""
        made = super().iteration(number)
        after = State(
            tuple(update["theta"] for update in made.updates),
            {slot.name: tuple(update[slot.letter] for update in made.updates) for slot in self.slots},
        )
        return replace(made, after=after, full_loss=self.reference.full_loss(*after.parameters))

    def as_it_ran(self, number: int) -> dict[str, float]:
        """What the framework had in an iteration."""
        recorded, place = self.recording, number - 1
        gradients = zip(self.parameters, recorded.gradients[place].tolist(), strict=True)
        return {
            "loss": float(recorded.loss[place]),
            **{f"cumulative_{name}": float(values[place]) for name, values in recorded.printed.items()},
            **{f"gradient_{name}": value for name, value in gradients},
            **self.keyed(recorded.state(number)),
        }
