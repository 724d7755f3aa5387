"""A run: any of its iterations by number, forward or back, the same to the last bit.

The run keeps one row of numbers per iteration (parameters, optimizer state, loss) and derives the rest
of an :class:`Iteration` from the data when it is asked for. Going back is therefore a look-up, and
going forward again finds the very same bits.
"""

import math
import time
from array import array
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from lrstep.core.arithmetic import error, gradient, mean_squared_error, prediction, rmse, squared_error_sum
from lrstep.core.batches import Batches
from lrstep.core.compiled import gradient_function, update_function
from lrstep.core.dataset import Dataset, Floats, RowNumbers
from lrstep.core.iteration import Iteration
from lrstep.core.reference import Reference
from lrstep.core.scaling import Scaling
from lrstep.core.settings import Settings
from lrstep.core.start import initial_state
from lrstep.core.state import State, parameter_names
from lrstep.core.symbols import FEW
from lrstep.errors import LrstepError, SettingsError

OVERFLOWS = 1e150
"""An error of this size may be too large for its square, or the sum of a million such, to be a number."""

SLICE = 20_000
"""Samples to go through between two looks at the clock in :meth:`Run.advance`, a fraction of a millisecond's work."""

MOST_BYTES = 1_000_000_000
"""Of the states that a run keeps: 20 million iterations of RMSprop with one feature, a minute or two of work."""

Memory = tuple[float, ...]
"""A parameter and its slots: θ and what the optimizer remembers of it."""


class Run:
    """Linear regression of a data set by mini-batch gradient descent.

    Args:
        dataset: the samples.
        settings: optimizer, learning rate, batch size and so on.

    Attributes:
        raw: the samples as they were given.
        dataset: the samples that it is trained on: scaled, where the settings say so.
        scaling: how, or None.
        n_iterations: epochs · ⌈n / batch size⌉.
        parameters: names of the parameters, the bias last.
        slots: what the optimizer keeps of each parameter.
        counted: steps that the optimizer had taken before the first iteration.
        recorded: whether each iteration begins with what a framework had there.
        diverged_at: the first computed iteration with a number that is not finite, or None.
    """

    recorded = False

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        self.raw = dataset
        self.settings = settings
        self.scaling = scaling_of(dataset, settings)
        self.dataset = dataset = self.scaling.applied(dataset) if self.scaling else dataset
        self.batches = batches_of(settings, len(dataset))
        self.reference = Reference(dataset)
        self.n_iterations = settings.epochs * self.batches.per_epoch
        self.parameters = parameter_names(len(dataset.columns))
        self.slots = settings.rule.kept(settings)
        self.counted = 0
        self.diverged_at: int | None = None
        self._looked_at = 0  # the last iteration of which it is known whether the run has diverged
        # Kept per iteration: the parameters, then slot by slot, then the loss of the batch and the
        # sum of squared errors of the epoch so far. A flat array of doubles costs 8 bytes a number.
        start = initial_state(settings, len(dataset.columns)).numbers
        self._width = len(start) + 2
        self._rows = array("d", (*start, math.nan, 0.0))
        self._epoch_data = lru_cache(maxsize=2)(self._gather)
        self._gradient_of_few = gradient_function(len(dataset.columns))
        self._update = update_function(settings, len(self.parameters))

    @cached_property
    def start(self) -> State:
        """The state before the first iteration."""
        return self.state(0)

    @property
    def computed(self) -> int:
        """The last iteration whose state is known; grows as later ones are asked for."""
        return len(self._rows) // self._width - 1

    @property
    def reach(self) -> int:
        """The last iteration that can be computed: the states of all before it are kept."""
        return min(self.n_iterations, MOST_BYTES // (self._rows.itemsize * self._width) - 1)

    def require(self, iteration: int) -> None:
        """Refuse an iteration that cannot be computed.

        Raises:
            LrstepError: it is too far from the start.
        """
        if iteration > self.reach:
            hint = "Each one is computed from the one before. Take fewer epochs or a larger batch size, or stop sooner."
            raise LrstepError(f"iteration {iteration} is too far: at most {self.reach} can be computed", hint)

    def state(self, iteration: int) -> State:
        """Parameters and optimizer state after an iteration (0: the start), computing up to it if need be."""
        self.advance(iteration)
        kept = self._rows[iteration * self._width : (iteration + 1) * self._width - 2].tolist()
        p = len(self.parameters)
        slots = {slot.name: tuple(kept[p * k : p * (k + 1)]) for k, slot in enumerate(self.slots, 1)}
        return State(tuple(kept[:p]), slots)

    def full_rmse(self, iteration: int) -> float:
        """RMSE over all samples after an iteration (0: the start)."""
        return float(rmse(self.reference.full_loss(*self.state(iteration).parameters)))

    def keyed(self, state: State) -> dict[str, float]:
        """Every number of a state by the key it has in ``lrstep trace``: ``weight``, ``accumulator_weight`` …"""
        names = [*self.parameters, *(f"{slot}_{name}" for slot in state.slots for name in self.parameters)]
        return dict(zip(names, state.numbers, strict=True))

    def step(self, number: int) -> Callable[[float, Memory], dict[str, float]]:
        """The optimizer's rule at an iteration: (gradient, a parameter and its slots) → what it computes, by name."""
        settings, rule = self.settings_at(number), self.settings.rule
        letters, options = rule.letters(settings), dict[str, Any](rule.bound(settings))
        if rule.counts:
            options["t"] = number + self.counted
        return lambda g, memory: rule.rule(g=g, **dict(zip(letters, memory, strict=True)), **options)

    def again(self) -> "Run":
        """The same run, with nothing computed yet."""
        return Run(self.raw, self.settings)

    def settings_at(self, number: int) -> Settings:
        """The settings of an iteration; the learning rate of a recorded run may change."""
        return self.settings

    def as_it_ran(self, number: int) -> dict[str, float]:
        """What a framework had in an iteration, by the keys of ``lrstep trace``; empty where none was recorded."""
        return {}

    def memories(self, state: State) -> list[Memory]:
        """Each parameter with its slots."""
        return list(zip(state.parameters, *state.slots.values(), strict=True))

    def advance(self, until: int, seconds: float = math.inf) -> bool:
        """Compute the states up to an iteration, for at most about so many seconds.

        Returns:
            Whether they are all known now; if not, call again to go on.

        Raises:
            IndexError: the run has no such iteration.
            LrstepError: it is too far, see :attr:`reach`.
        """
        if not 0 <= until <= self.n_iterations:
            raise IndexError(f"iteration {until} is not within 0 … {self.n_iterations}")
        self.require(until)
        deadline = time.monotonic() + seconds
        stride = max(1, min(256, SLICE // self.batches.size))
        self._look_for_divergence()  # in what an interrupt may have left
        with np.errstate(all="ignore"):
            while self.computed < until:
                self._compute(min(until, self.computed + stride))
                self._look_for_divergence()
                if time.monotonic() >= deadline:
                    break
        return self.computed >= until

    def iteration(self, number: int) -> Iteration:
        """All quantities of an iteration, 1 … n_iterations."""
        before, after = self.state(number - 1), self.state(number)
        epoch, batch = self.batches.position(number)
        columns, y = self.batch(epoch, batch)
        with np.errstate(all="ignore"):
            predictions = before.predictions(columns)
            errors = error(predictions, y)
            gradients = gradient(columns, errors)
            updates = tuple(map(self.step(number), gradients, self.memories(before)))
        count = self.batches.span(batch).stop
        loss, sse = self._rows[(number + 1) * self._width - 2 : (number + 1) * self._width]
        return Iteration(
            number=number,
            epoch=epoch,
            batch=batch,
            samples=self.batches.rows(epoch, batch),
            columns=columns,
            y=y,
            prediction=predictions,
            error=errors,
            before=before,
            after=after,
            gradient=gradients,
            updates=updates,
            loss=loss,
            cumulative_count=count,
            cumulative_loss=mean_squared_error(sse, count),
            full_loss_before=self.reference.full_loss(*before.parameters),
            full_loss=self.reference.full_loss(*after.parameters),
            diverged=(self.diverged_at or math.inf) <= number,
        )

    def batch(self, epoch: int, batch: int) -> tuple[tuple[Floats, ...], Floats]:
        """Features and label of a batch (epoch and batch from 1), each of shape (m,)."""
        columns, y = self._epoch_data(epoch if self.batches.varies else 0)
        span = self.batches.span(batch)
        return tuple(x[span] for x in columns), y[span]

    def series(self, column: str, iterations: RowNumbers) -> Floats:
        """One kept quantity at many computed iterations at once, for charts.

        Args:
            column: a number of the state by its key in :meth:`keyed`, ``loss`` (of the batch), ``cumulative_loss``
                or ``full_loss``, or the RMSE of one of them: ``rmse``, ``cumulative_rmse``, ``full_rmse``.
            iterations: iteration numbers, shape (k,), 0 … computed; the losses of batches begin at 1.
        """
        if column.endswith("rmse"):
            return np.asarray(rmse(self.series(column.removesuffix("rmse") + "loss", iterations)))
        if column == "full_loss":
            return self.reference.full_losses(*(self.series(name, iterations) for name in self.parameters))
        place = self._places[column]
        # The copy matters: an array.array that lends its buffer cannot grow.
        values = np.frombuffer(self._rows)[iterations * self._width + place].copy()
        if column == "cumulative_loss":
            _, batch = self.batches.position(iterations)
            values /= np.minimum(batch * self.batches.size, self.batches.n)
        return values

    @cached_property
    def _places(self) -> dict[str, int]:
        """Where the numbers that are kept of an iteration stand in its row."""
        return {name: place for place, name in enumerate((*self.keyed(self.start), "loss", "cumulative_loss"))}

    def gradients(self, first: int, last: int) -> Floats:
        """∂L/∂θ of each parameter in the iterations first … last, shape (last − first + 1, k + 1)."""
        self.advance(last)
        p, made = len(self.parameters), array("d")
        with np.errstate(all="ignore"):
            for number in range(first, last + 1):
                columns, y = self.batch(*self.batches.position(number))
                before = self._rows[(number - 1) * self._width : (number - 1) * self._width + p].tolist()
                made.extend(self._gradient([*columns], y, tuple(before))[:p])
        return np.array(made).reshape(-1, p)

    def _compute(self, until: int) -> None:
        number, p = self.computed, len(self.parameters)
        state, sse = self.state(number).numbers, self._rows[-1]
        for epoch, spans in self.batches.stretch(number + 1, until):
            columns, y = self._epoch_data(epoch if self.batches.varies else 0)
            for span in spans:
                number += 1
                batch = [x[span] for x in columns]
                *gradients, squares = self._gradient(batch, y[span], state[:p])
                state = self._update(number, *gradients, *state)
                sse = sse + squares if span.start else squares
                self._rows.extend((*state, mean_squared_error(squares, len(batch[0])), sse))

    def _gradient(self, columns: list[Floats], y: Floats, parameters: tuple[float, ...]) -> tuple[float, ...]:
        """∂L/∂θ of each parameter, then Σ error²."""
        if len(y) <= FEW:
            return self._gradient_of_few(*[x.tolist() for x in columns], y.tolist(), *parameters)
        errors = error(prediction(parameters[:-1], columns, parameters[-1]), y)
        return (*gradient(columns, errors), squared_error_sum(errors))

    def _look_for_divergence(self) -> None:
        first, last = self._looked_at + 1, self.computed
        if self.diverged_at is None and first <= last:
            self.diverged_at = self._first_not_finite(first, last)
        self._looked_at = last

    def _first_not_finite(self, first: int, last: int) -> int | None:
        """The first of some computed iterations of which a kept number or the loss over all samples is not finite."""
        rows = self._rows[first * self._width : (last + 1) * self._width]
        if last - first < FEW and all(abs(number) < self._calm for number in rows):
            return None  # mostly so, and for one step a tenth of what NumPy takes
        kept = np.array(rows).reshape(-1, self._width)
        finite = np.isfinite(kept).all(axis=1)
        # That loss is not kept; it is computed where the parameters are large enough for it to overflow.
        parameters = kept[:, : len(self.parameters)]
        reaches = np.array([*self.reference.x_reach, 1.0])
        with np.errstate(all="ignore"):
            far = (np.abs(parameters) * reaches).sum(axis=1) + self.reference.y_reach > OVERFLOWS
        for place in np.flatnonzero(far | ~finite):
            if not finite[place] or not math.isfinite(self.reference.full_loss(*parameters[place].tolist())):
                return first + int(place)
        return None

    @cached_property
    def _calm(self) -> float:
        """With parameters below it no error comes near what overflows; 0 or nan where the data alone do."""
        return (OVERFLOWS - self.reference.y_reach) / (1 + sum(self.reference.x_reach))

    def _gather(self, epoch: int) -> tuple[tuple[Floats, ...], Floats]:
        if self.batches.in_order_of_data:
            return self.dataset.columns, self.dataset.y
        order = self.batches.order(epoch)
        return tuple(x[order] for x in self.dataset.columns), self.dataset.y[order]


def scaling_of(dataset: Dataset, settings: Settings) -> Scaling | None:
    """The scaling of the data that the settings ask for, if any.

    Raises:
        SettingsError: the data cannot be scaled.
    """
    return None if settings.scale == "none" else Scaling.of(dataset, settings.scale)


def batches_of(settings: Settings, n: int) -> Batches:
    """The batches of a run of n samples.

    Raises:
        SettingsError: its own order is one of another number of samples.
    """
    if settings.order is not None and len(settings.order[0]) != n:
        hint = "An order has the number of each sample once."
        raise SettingsError("order", f"the order has {len(settings.order[0])} samples, and the data {n}", hint)
    return Batches(n, settings.batch_size, settings.shuffle, settings.seed, settings.order)
