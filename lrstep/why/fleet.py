"""Many worlds at once: those that compute a step alike go side by side, as arrays with a number for each world."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.core.start import initial_state
from lrstep.formulas.rewrites import function_of
from lrstep.why.worlds import Timetable, World
from lrstep.why.wrong_steps import Batch, Memory, Scope, Taken, right_trees, take

Figures = dict[str, Floats]
"""Quantity → its value in each world, shape (h,)."""

AFTER = "after_"
"""Begins the keys of the batch's loss and RMSE with the parameters from after its update."""


class Fleet:
    """Worlds of a run that compute a step by the same formulas.

    Args:
        run: the run.
        worlds: the worlds, h of them.
        last: the last iteration that is wanted.

    Attributes:
        worlds: the same.
        per_epoch: iterations of an epoch in each world, shape (h,).
    """

    def __init__(
        self, run: Run, worlds: Sequence[World], last: int, tables: dict[Any, Timetable] | None = None
    ) -> None:  # fmt: skip
        self.worlds, self.last, self._run = list(worlds), last, run
        self._settings = [world.settings(run) for world in self.worlds]
        first = self._settings[0]
        self._rule = self.worlds[0].rule
        right = right_trees(first)
        trees = self._rule.trees(right)
        assert trees is not None, "such worlds are left out by fleets()"
        self._compute, self._right = function_of(trees), right
        self._slots = first.rule.kept(first)
        self._k = len(run.parameters) - 1
        self._lay_out({} if tables is None else tables)

    def _lay_out(self, known: dict[Any, Timetable]) -> None:
        """Tables of all batches, and which of them each world takes in each iteration."""
        begins: dict[int, int] = {}
        tables, rows = list[Floats](), 0
        self._places = np.empty((self.last, len(self.worlds)), dtype=np.int32)
        self.per_epoch = np.empty(len(self.worlds), dtype=int)
        whole = []
        for place, (world, settings) in enumerate(zip(self.worlds, self._settings, strict=True)):
            data = world.samples(self._run)
            drawn = (settings.shuffle, settings.seed if settings.shuffle else 0)
            key = id(data), settings.batch_size, drawn, id(world.order)
            if key not in known:
                known[key] = Timetable(data, settings, world.order, self.last)
            table = known[key]
            if id(table) not in begins:
                begins[id(table)] = rows
                tables.append(table.table)
                rows += len(table.table)
            self._places[:, place] = table.places + begins[id(table)]
            self.per_epoch[place] = table.per_epoch
            whole.append(table.whole)
        self._table = np.concatenate(tables)
        self._whole = Batch.of(list(np.array(whole).T), self._k)

    def take_in(self, table: Floats, places: np.ndarray) -> None:
        """Take other batches: a table of them as of a :class:`Timetable`, and the row of each, shape (last, h)."""
        self._table, self._places = table, places

    def figures(
        self, wanted: Sequence[int], between: Callable[[int, list[dict[str, Any]]], list[Any]] = lambda t, made: made
    ) -> Iterator[tuple[int, Figures]]:
        """The figures of each wanted iteration, in their order.

        Args:
            wanted: the iterations.
            between: what becomes of the parameters with their slots after an iteration, before the next one.
        """
        sse = count = np.zeros(len(self.worlds))
        asked, memories, used = set(wanted), self._start(), None
        constant = self._inputs()
        sizes: Any = np.array([settings.batch_size for settings in self._settings], dtype=np.float64)
        rate = self._run.settings.learning_rate
        for t in range(1, self.last + 1):
            batch = Batch.of(list(self._table[self._places[t - 1]].T), self._k)
            carried = ((t - 1) % self.per_epoch > 0).astype(np.float64)
            factor = self._run.settings_at(t).learning_rate / rate if t <= self._run.n_iterations else 1.0
            inputs = {**constant, "t": float(t + self._run.counted), "carried": carried, "lr": constant["lr"] * factor}
            scope = Scope(inputs, batch, batch, batch, sizes, self._right, used=used)
            taken = take(self._rule, self._compute, scope, memories)
            used = taken.gradients
            before = [memory["theta"] for memory in memories]
            loss = batch.loss(before)
            sse, count = sse * carried + loss * batch.m, count * carried + batch.m
            if t in asked:
                yield t, self._figures(taken, loss, sse / count, batch)
            after = [{key: made[key] for key in memory} for made, memory in zip(taken.made, memories, strict=True)]
            memories = between(t, after)

    def _figures(self, taken: Taken, loss: Floats, cumulative: Floats, batch: Batch) -> Figures:
        parameters = taken.parameters
        losses = {
            "": loss,
            "cumulative_": cumulative,
            "full_": self._whole.loss(parameters),
            AFTER: batch.loss(parameters),
        }
        made = {f"{stem}loss": value for stem, value in losses.items()}
        made |= {f"{stem}rmse": np.sqrt(value) for stem, value in losses.items()}
        for name, g, of in zip(self._run.parameters, taken.gradients, taken.made, strict=True):
            made |= {name: of["theta"], f"step_{name}": of["step"], f"gradient_{name}": g}
            for slot in self._slots:
                made[f"{slot.name}_{name}"] = of.get(f"corrected {slot.letter}", of[slot.letter])
        return {key: np.broadcast_to(np.asarray(value, dtype=np.float64), loss.shape) for key, value in made.items()}

    def _inputs(self) -> dict[str, Any]:
        bound = [settings.rule.bound(settings) for settings in self._settings]
        numbers = [name for name, value in bound[0].items() if not isinstance(value, bool)]
        return {name: np.array([one[name] for one in bound], dtype=np.float64) for name in numbers}

    def _start(self) -> list[Memory]:
        """Each parameter with its slots, shape (h,) each."""
        starts = np.array([self._start_of(settings) for settings in self._settings]).T
        p = self._k + 1
        letters = ("theta", *(slot.letter for slot in self._slots))
        return [
            {letter: starts[place * p + parameter] for place, letter in enumerate(letters)} for parameter in range(p)
        ]

    def _start_of(self, settings: Settings) -> tuple[float, ...]:
        if settings.optimizer == self._run.settings.optimizer and self._run.counted:
            return self._run.start.numbers
        return initial_state(settings, self._k).numbers


def fleets(run: Run, worlds: Sequence[World], last: int) -> list[Fleet]:
    """The worlds, those together that compute a step alike; without those whose rule has no such mistake."""
    groups: dict[Any, list[World]] = {}
    for world in worlds:
        settings = world.settings(run)
        letters = tuple(slot.letter for slot in settings.rule.kept(settings))
        switches = tuple(value for value in settings.rule.bound(settings).values() if isinstance(value, bool))
        key = settings.optimizer, letters, switches, id(world.rule)
        groups.setdefault(key, []).append(world)
    made, tables = [], dict[Any, Timetable]()
    for group in groups.values():
        if group[0].rule.trees(right_trees(group[0].settings(run))) is not None:
            made.append(Fleet(run, group, last, tables))
    return made
