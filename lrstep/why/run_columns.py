"""What the catalogue of mistakes computes from: the quantities of a stretch of iterations, as arrays."""

from collections.abc import Iterator
from functools import cached_property
from itertools import groupby, pairwise
from typing import Any
from weakref import ref

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.core.reference import DIRECT_ROWS
from lrstep.core.run import Run
from lrstep.core.symbols import square
from lrstep.formulas.quantities import applicable, quantities
from lrstep.formulas.rewrites import function_of
from lrstep.why.wrong_steps import Batch, Memory, Numbers, Scope, StepRule, Taken, batch_of, right_trees, take

Values = dict[str, Floats]
"""Quantity → its value in each iteration of a context, shape (k,); nan where there is none."""

FREE_RUN_LIMIT = 500
"""A mistake made in every step is followed from the start for up to so many iterations."""

WORK_LIMIT = 20_000_000
"""Samples that a search may go through; it bounds the time that ``why`` takes."""

QUICK = 20_000
"""So many iterations of a run that is not computed yet are computed for a search, fewer with large batches."""


class Context:
    """A stretch of consecutive iterations of a run.

    Args:
        run: the run.
        first, last: the stretch, both included, from 1.

    Attributes:
        numbers: the iterations, shape (k,).
        right: quantity → its right value per iteration, shape (k,) each.
        mean_abs: mean absolute error of each batch, shape (k,).
        samples: quantity of one sample → values of all batches one after the other, shape (Σ m,).
        owners: for each of those the position in ``numbers``, shape (Σ m,).
        rows, places: and its row in the data and its place in the batch, from 0, shape (Σ m,).
    """

    def __init__(self, run: Run, first: int, last: int) -> None:
        self._run = ref(run)
        self.settings = run.settings
        self.numbers = np.arange(first, last + 1)
        self._batches: dict[tuple[int, int], Batch] = {}
        run.advance(last)
        iterations = [run.iteration(number) for number in range(first, last + 1)]
        known = quantities(run)
        self.right = {key: np.array([known[key].value(it) for it in iterations], dtype=np.float64)
                      for key in applicable(run)}  # fmt: skip
        self.m = np.array([it.m for it in iterations], dtype=np.float64)
        self.count = np.array([it.cumulative_count for it in iterations], dtype=np.float64)
        with np.errstate(all="ignore"):
            self.mean_abs = np.array([float(np.add.reduce(np.abs(it.error))) / it.m for it in iterations])
            self.samples = {key: np.concatenate([getattr(it, key) for it in iterations])
                            for key in ("prediction", "error")}  # fmt: skip
            self.samples["squared_error"] = square(self.samples["error"])
        self.owners = np.repeat(np.arange(len(iterations)), self.m.astype(int))
        self.rows = np.concatenate([it.samples for it in iterations])
        self.places = np.concatenate([np.arange(it.m) for it in iterations])
        letters = run.settings.rule.letters(run.settings)
        table = np.array([run.memories(it.before) for it in iterations], dtype=np.float64).transpose(1, 2, 0)
        self.before: tuple[Memory, ...] = tuple(dict(zip(letters, memory, strict=True)) for memory in table)

    @property
    def run(self) -> Run:
        """The run; a context is kept for as long as there is its run, and does not keep it alive."""
        run = self._run()
        assert run is not None
        return run

    @cached_property
    def batch(self) -> Batch:
        """The samples of each iteration, each field of shape (k,)."""
        return self._stacked(0)

    @cached_property
    def batch_in_epoch(self) -> np.ndarray:
        """Which batch of its epoch each iteration takes, from 1, shape (k,)."""
        return self.run.batches.position(self.numbers)[1]

    @cached_property
    def scope(self) -> Scope:
        """Where the steps of these iterations are taken, with the right gradient given."""
        given = tuple(self.right[f"gradient_{name}"] for name in self.run.parameters)
        rates = [self.run.settings_at(number).learning_rate for number in self.numbers.tolist()]
        inputs = {"carried": (self.batch_in_epoch > 1).astype(np.float64)} | self._inputs(self.numbers)
        inputs["lr"] = np.array(rates) if len(set(rates)) > 1 else rates[0]
        outside = self._stacked(-1), self._stacked(1)
        return Scope(inputs, self.batch, *outside, self.run.batches.size, right_trees(self.settings), given)

    def _inputs(self, number: Any) -> dict[str, Any]:
        """What every step takes in: the settings by the rule's names, and the number of the step."""
        return dict(self.settings.rule.bound(self.settings)) | {"t": number + self.run.counted}

    def one_step(self, rule: StepRule) -> Taken | None:
        """One step by a rule from each iteration's right state before; None where the optimizer has no such mistake."""
        trees = rule.trees(right_trees(self.settings))
        return None if trees is None else take(rule, function_of(trees), self.scope, self.before)

    def free_run(self, rule: StepRule) -> tuple[Taken, Numbers] | None:
        """The run from the start with a rule in every step.

        Returns:
            The steps as arrays of shape (k,), and the parameters before them; None for a context that does not begin
            at the start, and where the optimizer has no such mistake.
        """
        trees = rule.trees(right_trees(self.settings))
        if self.numbers[0] != 1 or trees is None:
            return None
        compute, letters = function_of(trees), tuple(self.before[0])
        start = self.run.memories(self.run.start)
        memories: list[Memory] = [dict(zip(letters, memory, strict=True)) for memory in start]
        steps: list[list[float]] = []
        for scope in self._scopes:
            try:
                taken = take(rule, compute, scope, memories)
            except (ZeroDivisionError, OverflowError):
                break  # this wrong run has come to an end: there is nothing to compare from here on
            made = [number for one in taken.made for number in one.values()]
            steps.append([*taken.gradients, *(memory["theta"] for memory in memories), *made])
            memories = [{letter: one[letter] for letter in letters} for one in taken.made]
        p, names = len(memories), tuple(trees)
        table = np.full((len(self.numbers), p * (2 + len(names))), np.nan)
        table[: len(steps)] = np.array(steps).reshape(-1, table.shape[1])
        columns = list(table.T)
        results = [columns[begin : begin + len(names)] for begin in range(2 * p, len(columns), len(names))]
        ran = tuple(dict(zip(names, result, strict=True)) for result in results)
        return Taken(tuple(columns[:p]), ran), tuple(columns[p : 2 * p])

    def over_epoch(self, sums: Floats) -> Floats:
        """Running sums within each epoch, shape (k,); nan in an epoch whose begin is not in this context."""
        result = np.full(len(sums), np.nan)
        for begin, end in self._epochs():
            result[begin:end] = np.cumsum(sums[begin:end])
        return result

    def at_epoch_end(self, values: Floats) -> Floats:
        """For each iteration the value at the last iteration of its epoch, shape (k,); nan if not in here."""
        return self.shifted(values, self.run.batches.per_epoch - self.batch_in_epoch)

    def shifted(self, values: Floats, by: int | np.ndarray) -> Floats:
        """For each iteration the value of the one ``by`` later, shape (k,); nan if not in here."""
        places = np.arange(len(values)) + by
        inside = (places >= 0) & (places < len(values))
        return np.where(inside, values[np.clip(places, 0, len(values) - 1)], np.nan)

    def so_far_loss(self, parameters: Numbers) -> Floats:
        """Loss of all samples of the epoch so far with the parameters of each iteration, shape (k,)."""
        losses = np.full(len(self.numbers), np.nan)
        for begin, end in self._epochs():
            # Each pair (iteration, earlier batch) is looked at; a long epoch would cost too much.
            if end - begin > 400:
                continue
            part = Batch.of(list(np.array(self.batch.numbers)[:, begin:end]), len(self.run.dataset.columns))
            lines = np.array(parameters)[:, begin:end, None]
            table = part.loss(list(lines)) * part.m
            losses[begin:end] = np.tril(table).sum(axis=1) / self.count[begin:end]
        return losses

    def _epochs(self) -> Iterator[tuple[int, int]]:
        """The stretches of positions that are an epoch from its begin on."""
        yield from pairwise([*np.flatnonzero(self.batch_in_epoch == 1).tolist(), len(self.numbers)])

    @cached_property
    def _scopes(self) -> list[Scope]:
        """The same as :attr:`scope`, one by one and without the gradients, for the free runs."""
        size, per_epoch = self.run.batches.size, self.run.batches.per_epoch
        right = right_trees(self.settings)
        scopes = []
        for number in self.numbers[:FREE_RUN_LIMIT].tolist():
            batch, carried = self._batch_at(number), 1.0 if (number - 1) % per_epoch else 0.0
            inputs = self._inputs(number) | {"carried": carried, "lr": self.run.settings_at(number).learning_rate}
            scopes.append(Scope(inputs, batch, batch, batch, size, right))
        return scopes

    def _stacked(self, by: int) -> Batch:
        numbers = np.clip(self.numbers + by, 1, self.run.n_iterations)
        table = np.array([self._batch_at(number).numbers for number in numbers.tolist()], dtype=np.float64)
        table[numbers != self.numbers + by] = np.nan
        return Batch.of(list(table.T), len(self.run.dataset.columns))

    def _batch_at(self, number: int) -> Batch:
        epoch, batch = self.run.batches.position(number)
        place = (epoch if self.run.batches.varies else 0, batch)
        if place not in self._batches:
            columns, y = self.run.batch(epoch, batch)
            self._batches[place] = batch_of(columns, y)
        return self._batches[place]


def stretches(run: Run, focus: int | None) -> list[tuple[int, int]]:
    """The stretches of iterations that are searched for mistakes: all of a short run, else begin, focus and end.

    Args:
        run: the run; it is looked at as far as it is computed, or as is soon done.
        focus: the iteration that matters most, or None.
    """
    m = run.batches.size
    room = int(min(1000, max(WORK_LIMIT // (min(len(run.dataset), DIRECT_ROWS) * 2 + m * 8), 3)))
    last = reach(run, focus)
    if last <= room:
        return [(1, last)]
    third = max(room // 3, 1)
    middle = focus or (third + 1)
    wanted = [(1, third), (middle - third // 2, middle + third // 2), (last - third + 1, last)]
    numbers = sorted({number for begin, end in wanted for number in range(max(begin, 1), min(end, last) + 1)})
    runs = [list(run) for _, run in groupby(enumerate(numbers), key=lambda one: one[1] - one[0])]
    return [(run[0][1], run[-1][1]) for run in runs]


def reach(run: Run, focus: int | None) -> int:
    """The last iteration that is searched: as far as is computed, or as takes little time."""
    quick = max(QUICK * 200 // max(run.batches.size, 200), 1)
    return min(run.reach, max(run.computed, quick, (focus or 0) + 1))
