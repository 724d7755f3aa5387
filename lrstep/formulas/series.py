"""The quantities of consecutive iterations as arrays, for what looks at many of them at once."""

from functools import cached_property
from typing import Any

import numpy as np

from lrstep.core.arithmetic import rmse
from lrstep.core.dataset import Floats
from lrstep.core.metrics import METRICS
from lrstep.core.run import Run
from lrstep.formulas.quantities import applicable, quantities

UNSCALED = "unscaled_"
"""What stands before the names of quantities in the data's units, where the run is on scaled data."""


def series_names(run: Run) -> tuple[str, ...]:
    """What a :class:`Series` of a run has: the single numbers of ``lrstep trace``, and the steps."""
    mapped = (f"{UNSCALED}{name}" for name in (*run.parameters, "full_rmse") if run.scaling)
    return ("iteration", "epoch", "batch", *(f"{name}_before" for name in run.parameters), *applicable(run), *mapped)


class Series:
    """The quantities of the iterations first … last, each computed when it is asked for.

    They have the bits of ``lrstep trace``, but for the loss over all of very many samples, and for powers of the
    number of the step, which may differ by rounding; of a recorded run the state after a step is the recorded one.

    Args:
        run: the run; it is computed up to the last iteration.
        first, last: 0 … n_iterations; 0 is the start.
    """

    def __init__(self, run: Run, first: int, last: int) -> None:
        run.advance(last)
        self.run = run
        self.numbers = np.arange(first, last + 1)
        self._steps = self.numbers[self.numbers > 0]
        self._made: dict[str, Floats] = {}

    def __getitem__(self, name: str) -> Floats:
        """A quantity by its name in :func:`series_names`, shape (last − first + 1,); nan where the start has none."""
        if name not in self._made:
            with np.errstate(all="ignore"):
                self._made[name] = self._compute(name)
        return self._made[name]

    def _compute(self, name: str) -> Floats:
        if name.startswith(UNSCALED):
            return self._unscaled(name.removeprefix(UNSCALED))
        if name == "iteration":
            return self.numbers.astype(np.float64)
        if name.endswith("rmse"):
            return np.asarray(rmse(self[name.removesuffix("rmse") + "loss"]))
        if name == "full_loss" or name in self.run.keyed(self.run.start):
            return self.run.series(name, self.numbers)
        values = np.full(len(self.numbers), np.nan)
        values[self.numbers > 0] = self._of_steps(name)
        return values

    def _unscaled(self, name: str) -> Floats:
        scaling: Any = self.run.scaling
        if name == "full_rmse":
            return np.asarray(scaling.unscaled_error(self[name]))
        mapped = scaling.unscaled_parameters([self[parameter] for parameter in self.run.parameters])
        return np.asarray(mapped[self.run.parameters.index(name)])

    def _of_steps(self, name: str) -> Floats:
        run, steps = self.run, self._steps
        if name in ("epoch", "batch"):
            return run.batches.position(steps)[name == "batch"].astype(np.float64)
        if name.endswith("loss"):
            return run.series(name, steps)
        if name.endswith("_before"):
            return run.series(name.removesuffix("_before"), steps - 1)
        if name in METRICS:
            return np.array([run.iteration(number).metrics[name] for number in steps.tolist()])
        quantity = quantities(run)[name]
        assert quantity.parameter is not None
        if quantity.stem == "gradient":
            return np.asarray(self._gradients[:, quantity.parameter])
        return np.broadcast_to(self._updates(quantity.parameter)[quantity.stem], steps.shape)

    @cached_property
    def _gradients(self) -> Floats:
        if not len(self._steps):
            return np.empty((0, len(self.run.parameters)))
        return self.run.gradients(int(self._steps[0]), int(self._steps[-1]))

    def _updates(self, parameter: int) -> dict[str, Any]:
        """What the optimizer's rule computes for a parameter, by name."""
        run, steps = self.run, self._steps
        rule, name = run.settings.rule, run.parameters[parameter]
        keys = {"theta": name} | {slot.letter: f"{slot.name}_{name}" for slot in run.slots}
        memory = {letter: run.series(key, steps - 1) for letter, key in keys.items()}
        options: dict[str, Any] = dict(rule.bound(run.settings))
        options["lr"] = np.array([run.settings_at(number).learning_rate for number in steps.tolist()])
        if rule.counts:
            options["t"] = steps + run.counted
        return rule.rule(g=self._gradients[:, parameter], **memory, **options)
