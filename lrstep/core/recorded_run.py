"""A training run that was recorded from a framework, stepped through: each step begins where the framework stood."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from lrstep.core.dataset import Dataset, Floats, Rows
from lrstep.core.iteration import Iteration
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.core.state import State


@dataclass(frozen=True, eq=False)
class Recorded:
    """What a framework did, step by step; s steps, k features, p = k + 1 parameters.

    Attributes:
        versions: of ``keras``, ``backend`` and ``python``.
        dtype: what it computed in, ``float32`` or ``float64``.
        counted: steps that its optimizer had taken before the first one here.
        learning_rate: of each step, shape (s,).
        gradients: shape (s, p).
        parameters: shape (s + 1, p): row 0 is the start, row i stands after step i.
        slots: slot → its values, shaped likewise.
        loss: of each batch, shape (s,).
        printed: what it printed after each step, by name, each of shape (s,).
    """

    versions: Mapping[str, str]
    dtype: str
    counted: int
    learning_rate: Floats
    gradients: Floats
    parameters: Floats
    slots: Mapping[str, Floats]
    loss: Floats
    printed: Mapping[str, Floats]

    @property
    def framework(self) -> str:
        """What it ran in, for people."""
        return f"Keras {self.versions['keras']} on {self.versions['backend']}"

    def __len__(self) -> int:
        """The number of steps."""
        return len(self.loss)

    def state(self, step: int) -> State:
        """Parameters and slots after a step (0: the start)."""
        slots = {name: tuple(values[step].tolist()) for name, values in self.slots.items()}
        return State(tuple(self.parameters[step].tolist()), slots)


class RecordedRun(Run):
    """A run whose every iteration begins with the state that was recorded, so that a difference is of that step alone.

    The state after an iteration, and all that is computed in it, is the engine's; what the next one begins with is
    what was recorded.

    Args:
        dataset: the samples.
        settings: the optimizer with its options, and the order of the samples in each epoch.
        recorded: what happened.
    """

    def __init__(self, dataset: Dataset, settings: Settings, recorded: Recorded) -> None:
        super().__init__(dataset, settings)
        self.recorded = recorded
        self.n_iterations = len(recorded)
        self.counted = recorded.counted
        self._rows[: self._width - 2] = type(self._rows)("d", self._state_numbers(0))
        self._update = lambda number, *computed: self._state_numbers(number)
        self._settings_with = lru_cache(maxsize=64)(lambda rate: settings.changed(learning_rate=rate))

    def _state_numbers(self, step: int) -> tuple[float, ...]:
        state = self.recorded.state(step)
        return State(state.parameters, {slot.name: state.slots[slot.name] for slot in self.slots}).numbers

    def again(self) -> "RecordedRun":
        """The same run, with nothing computed yet."""
        return RecordedRun(self.raw, self.settings, self.recorded)

    def settings_at(self, number: int) -> Settings:
        """The settings of an iteration, with the learning rate that it had."""
        return self._settings_with(float(self.recorded.learning_rate[number - 1]))

    def iteration(self, number: int) -> Iteration:
        """All quantities of an iteration, from the recorded state on."""
        made = super().iteration(number)
        letters = {slot.name: slot.letter for slot in self.slots}
        after = State(
            tuple(update["theta"] for update in made.updates),
            {name: tuple(update[letter] for update in made.updates) for name, letter in letters.items()},
        )
        return replace(made, after=after, full_loss=self.reference.full_loss(*after.parameters))


def orders_of(samples: Rows, ends: Rows, epoch: Rows, n: int) -> tuple[tuple[int, ...], ...]:
    """The order of the samples in each epoch, as numbers from 1; what the last one had not come to stands behind.

    Args:
        samples: row numbers from 0 of all steps, one after the other.
        ends: where those of each step end, shape (s,).
        epoch: of each step, shape (s,).
        n: number of all samples.
    """
    last = [int(ends[i]) for i in range(len(ends)) if i + 1 == len(ends) or epoch[i + 1] != epoch[i]]
    begins = [0, *last[:-1]]
    orders = []
    for begin, end in zip(begins, last, strict=True):
        taken = samples[begin:end]
        rest = np.setdiff1d(np.arange(n), taken)
        orders.append(tuple((np.concatenate([taken, rest]) + 1).tolist()))
    return tuple(orders)
