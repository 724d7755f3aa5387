"""Many worlds at once: those that compute a step alike go side by side, as arrays with a number for each world."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, TypeVar

import numpy as np

from lrstep.core.dataset import Dataset, Floats, RowNumbers
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.core.start import initial_state
from lrstep.formulas.rewrites import function_of
from lrstep.why.worlds import Timetable, World, measure
from lrstep.why.wrong_steps import (
    Batch,
    Memory,
    Samples,
    Scope,
    StepRule,
    Taken,
    both,
    parameters_of,
    right_trees,
    take,
)

Figures = dict[str, Floats]
"""Quantity → its value in each world, shape (h,)."""

T = TypeVar("T")

AFTER = "after_"
"""Begins the keys of the batch's loss and RMSE with the parameters from after its update."""


class Fleet:
    """Worlds of a run that compute a step by the same formulas.

    Args:
        run: the run.
        worlds: the worlds, h of them, those of a rule one after the other.
        last: the last iteration that is wanted.
        tables: timetables that are known already; new ones are added.
        pause: is called every few milliseconds.

    Attributes:
        worlds: the same.
        per_epoch: iterations of an epoch in each world, shape (h,).
    """

    def __init__(
        self, run: Run, worlds: Sequence[World], last: int, tables: dict[Any, Timetable] | None = None,
        pause: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self.worlds, self.last, self._run = list(worlds), last, run
        self._settings = [world.settings(run) for world in self.worlds]
        first = self._settings[0]
        self._rules: list[tuple[StepRule, slice]] = []
        for _, group in groupby(enumerate(self.worlds), key=lambda one: id(one[1].rule)):
            (begin, world), *others = group
            self._rules.append((world.rule, slice(begin, begin + 1 + len(others))))
        right = right_trees(first)
        trees = self._rules[0][0].trees(right)
        assert trees is not None, "such worlds are left out by fleets()"
        self._compute, self._right = function_of(trees), right
        self._slots = first.rule.kept(first)
        self._k = len(run.parameters) - 1
        self._lay_out({} if tables is None else tables, pause)

    def _lay_out(self, known: dict[Any, Timetable], pause: Callable[[], None]) -> None:
        """Tables of all batches, and which of them each world takes in each iteration."""
        timetables: list[Timetable] = []
        for world, settings in zip(self.worlds, self._settings, strict=True):
            data = world.samples(self._run)
            drawn = (settings.shuffle, settings.seed if settings.shuffle else 0)
            key = id(data), settings.batch_size, drawn, id(world.order), self.last
            if key not in known:
                pause()
                known[key] = Timetable(data, settings, world.order, self.last)
            timetables.append(known[key])
        distinct = list({id(one): one for one in timetables}.values())
        measure([one for one in distinct if not len(one.table)], pause)
        lengths = [len(one.table) for one in distinct]
        begins = dict(zip(map(id, distinct), (np.cumsum(lengths) - lengths).tolist(), strict=True))
        self._table = np.concatenate([one.table for one in distinct])
        self._places = np.array([one.places + begins[id(one)] for one in timetables], dtype=np.int32).T
        self.per_epoch = np.array([one.per_epoch for one in timetables])
        self._whole = Batch.of(list(np.array([one.whole for one in timetables]).T), self._k)
        self._raw: Samples | None = None
        if any(rule.raw for rule, _ in self._rules):
            self._raw = _padded([(one.data, rows) for one in distinct for rows in one.batches], self._k)

    def take_in(self, table: Floats, places: np.ndarray) -> None:
        """Take other batches: their :func:`lrstep.why.worlds.moments`, and which each iteration takes, (last, h)."""
        self._table, self._places = table, places

    def figures(
        self, wanted: Sequence[int], between: Callable[[int, list[dict[str, Any]]], list[Any]] = lambda t, made: made,
        pause: Callable[[], None] = lambda: None,
    ) -> Iterator[tuple[int, Figures]]:  # fmt: skip
        """The figures of each wanted iteration, in their order.

        Args:
            wanted: the iterations.
            between: what becomes of the parameters with their slots after an iteration, before the next one.
            pause: is called in each iteration.
        """
        sse = count = np.zeros(len(self.worlds))
        asked, memories = set(wanted), self._start()
        used: tuple[Any, ...] | None = None
        earlier: tuple[Any, ...] | None = None
        constant = self._inputs()
        sizes: Any = np.array([settings.batch_size for settings in self._settings], dtype=np.float64)
        rates = self._rates()
        for t in range(1, self.last + 1):
            pause()
            places = self._places[t - 1]
            batch = Batch.of(list(self._table[places].T), self._k)
            carried = ((t - 1) % self.per_epoch > 0).astype(np.float64)
            inputs = constant | {
                "t": float(t + self._run.counted), "carried": carried, "lr": constant["lr"] * rates[t - 1],
                "first": float(t == 1), "epoch": (t - 1) // self.per_epoch + 1.0,
                "in epoch": (t - 1) % self.per_epoch + 1.0,
            }  # fmt: skip
            raw = self._raw and self._raw.part(places)
            scope = Scope(
                inputs, batch, batch, batch, sizes, self._right, used=used, earlier=earlier, whole=self._whole,
                samples=raw,
            )  # fmt: skip
            taken = self._take(scope, memories)
            used = taken.gradients
            before = parameters_of(memories)
            loss = batch.loss(before)
            sse, count = sse * carried + loss * batch.m, count * carried + batch.m
            if t in asked:
                yield t, self._figures(taken, loss, sse / count, batch)
            earlier = tuple(before)
            after = [{key: made[key] for key in memory} for made, memory in zip(taken.made, memories, strict=True)]
            memories = between(t, after)

    def _take(self, scope: Scope, memories: Sequence[Memory]) -> Taken:
        """One step: the gradients of each rule for its worlds, and what the formulas that they share make of them."""
        rule, _ = self._rules[0]
        if len(self._rules) > 1:
            parts = []
            for one, places in self._rules:
                some = [{letter: value[places] for letter, value in memory.items()} for memory in memories]
                shape = (places.stop - places.start,)
                parts.append([np.broadcast_to(g, shape) for g in one.gradient(scope.part(places), some)])
            gradients = tuple(np.concatenate(of_parameter) for of_parameter in zip(*parts, strict=True))
            rule = StepRule(gradient=lambda s, memories: gradients)
        return take(rule, self._compute, scope, memories)

    def _rates(self) -> Floats:
        """What the learning rate of each step is multiplied by, shape (last, h): as in the run, and as in the world."""
        run, rate = self._run, self._run.settings.learning_rate
        of_run = [run.settings_at(t).learning_rate / rate if t <= run.n_iterations else 1.0
                  for t in range(1, self.last + 1)]  # fmt: skip
        made = np.repeat(np.array(of_run)[:, None], len(self.worlds), axis=1)
        for place, world in enumerate(self.worlds):
            if world.rate is not None:
                per_epoch = int(self.per_epoch[place])
                total = per_epoch * self._settings[place].epochs
                made[:, place] *= [world.rate(t, (t - 1) // per_epoch + 1, total) for t in range(1, self.last + 1)]
        return made

    def _figures(self, taken: Taken, loss: Floats, cumulative: Floats, batch: Batch) -> Figures:
        parameters = taken.parameters
        made = both("", loss) | both("cumulative_", cumulative) | both("full_", self._whole.loss(parameters))
        made |= both(AFTER, batch.loss(parameters)) | taken.figures(self._run.parameters, self._slots)
        return {
            key: value if np.shape(value) == loss.shape else np.full(loss.shape, float(value))
            for key, value in made.items()
        }

    def _inputs(self) -> dict[str, Any]:
        bound = _of_each(self._settings, lambda settings: settings.rule.bound(settings))
        numbers = [name for name, value in bound[0].items() if not isinstance(value, bool)]
        return {name: np.array([one[name] for one in bound], dtype=np.float64) for name in numbers}

    def _start(self) -> list[Memory]:
        """Each parameter with its slots, shape (h,) each."""
        starts = np.array(_of_each(self._settings, self._start_of)).T.copy()
        p = self._k + 1
        letters = self._settings[0].rule.letters(self._settings[0])
        for of, world in enumerate(self.worlds):
            for letter, value in world.slots.items():
                if letter in letters:
                    place = letters.index(letter)
                    starts[place * p : (place + 1) * p, of] = value
        return [
            {letter: starts[place * p + parameter] for place, letter in enumerate(letters)} for parameter in range(p)
        ]

    def _start_of(self, settings: Settings) -> tuple[float, ...]:
        if settings.optimizer == self._run.settings.optimizer and self._run.counted:
            return self._run.start.numbers
        return initial_state(settings, self._k).numbers


def _of_each(settings: Sequence[Settings], make: Callable[[Settings], T]) -> list[T]:
    """What is made of each: once of those that many worlds share."""
    made = {key: make(one) for key, one in {id(one): one for one in settings}.items()}
    return [made[id(one)] for one in settings]


def _padded(batches: Sequence[tuple[Dataset, RowNumbers]], k: int) -> Samples:
    """The samples of batches, each batch as long as the longest.

    Args:
        batches: the data and the rows of each. k: features.
    """
    m = np.array([len(rows) for _, rows in batches], dtype=np.float64)
    shape = len(batches), int(m.max())
    columns, y, there = np.zeros((k, *shape)), np.zeros(shape), np.zeros(shape)
    for place, (data, rows) in enumerate(batches):
        for feature, column in enumerate(data.columns):
            columns[feature, place, : len(rows)] = column[rows]
        y[place, : len(rows)], there[place, : len(rows)] = data.y[rows], 1.0
    return Samples(tuple(columns), y, there, m)


def _formulas(settings: Settings) -> tuple[Any, ...]:
    """What decides which formulas a step has: the optimizer, its slots and switches."""
    switches = tuple(value for value in settings.rule.bound(settings).values() if isinstance(value, bool))
    return settings.optimizer, settings.rule.letters(settings), switches


def fleets(run: Run, worlds: Sequence[World], last: int, pause: Callable[[], None] = lambda: None) -> list[Fleet]:
    """The worlds, those together that compute a step alike; without those whose rule has no such mistake.

    Worlds whose rules differ in the gradient alone go together too, those of a rule side by side.
    """
    groups: dict[Any, list[World]] = {}
    for world, formulas in zip(worlds, _of_each([world.settings(run) for world in worlds], _formulas), strict=True):
        pause()
        rule, features = world.rule, len(world.samples(run).columns)
        alone = (rule.bias_last or rule.weights_last) and id(rule)
        groups.setdefault((formulas, id(rule.trees), alone, features, rule.raw, world.at is None), []).append(world)
    made, tables = [], dict[Any, Timetable]()
    for group in groups.values():
        pause()
        if group[0].rule.trees(right_trees(group[0].settings(run))) is not None:
            order = {id(world.rule): place for place, world in enumerate(reversed(group))}
            farthest = max((world.at(last) for world in group if world.at), default=last)
            made.append(Fleet(run, sorted(group, key=lambda world: -order[id(world.rule)]), farthest, tables, pause))
    return made
