"""A whole run as it might have been: other settings, other data, another order, another rule."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

import numpy as np

from lrstep.core.batches import Batches
from lrstep.core.dataset import Dataset, Floats, RowNumbers
from lrstep.core.run import Run
from lrstep.core.scaling import Scaling
from lrstep.core.setting import Value
from lrstep.core.settings import Settings, as_options
from lrstep.errors import LrstepError
from lrstep.why.kept import kept
from lrstep.why.wrong_steps import RIGHT, StepRule, batch_numbers

Kind = Literal["formula", "setting", "optimizer", "data", "order", "reading", "rounding", "right"]
"""What went wrong: a formula, a setting …; "right" where nothing did."""

COMMON, KNOWN, RARE, SELDOM, FINE, PAIR = 1, 2, 3, 4, 5, 6
"""How often people do something: what is tried first, what is well known, what is rare, one of very many things that
are as rare, one of all the numbers that a setting may have, and two things at once."""


def equally(rows: RowNumbers, size: int, epoch: int = 1) -> list[RowNumbers]:
    """Batches of as many samples each as there are."""
    return [rows[i : i + size] for i in range(0, len(rows), size)]


@dataclass(frozen=True, eq=False)
class Order:
    """The samples of each epoch in the order in which they are taken.

    Attributes:
        rows: epoch (from 1) → row numbers, shape (j,); some may be missing.
        varies: whether epochs differ.
        cut: the rows of an epoch, batch size, epoch → its batches.
    """

    rows: Callable[[int], RowNumbers]
    varies: bool = False
    cut: Callable[[RowNumbers, int, int], list[RowNumbers]] = equally

    def batches(self, epoch: int, size: int) -> list[RowNumbers]:
        """The batches of an epoch."""
        rows = self.rows(epoch)
        return self.cut(rows, min(size, len(rows)), epoch)


Rate = Callable[[int, int, int], float]
"""Number of the step, of the epoch, and of all steps → what the learning rate is multiplied by."""


@dataclass(frozen=True, eq=False)
class Guess:
    """A guess at what was done.

    Attributes:
        kind, name: what is different; the name ends a sentence: "with learning rate 0.5 instead of 0.05".
        rank: how common that is, from :data:`COMMON` on.
        changes: settings that are different.
        explanation: what helps to see it; may be empty.
    """

    kind: Kind
    name: str
    rank: int
    changes: Mapping[str, Value] = field(default_factory=dict)
    explanation: str = ""

    @property
    def options(self) -> str:
        """How to see it in lrstep, as options of the command line; may be empty."""
        return shlex.join(as_options(self.changes))


@dataclass(frozen=True, eq=False)
class World(Guess):
    """A run as it might have been, from the start on. What is not given is as it was.

    Attributes:
        data: other samples.
        order: another order of them.
        rule: how a step is computed.
        rate: what the learning rate of each step is multiplied by.
        slots: letters of slots → what they start with.
        at: iteration that is asked about → the one of this world that is read.
    """

    data: Dataset | None = None
    order: Order | None = None
    rule: StepRule = RIGHT
    rate: Rate | None = None
    slots: Mapping[str, float] = field(default_factory=dict)
    at: Callable[[int], int] | None = None

    def also(self, other: "World", run: Run) -> "World | None":
        """Both at once; None where the two do not go together."""
        twice = self.changes.keys() & other.changes.keys() or RIGHT not in (self.rule, other.rule)
        pairs = ((self.data, other.data), (self.order, other.order), (self.rate, other.rate))
        if twice or self.at or other.at or any(None not in pair for pair in pairs):
            return None
        data, order = self.data or other.data, self.order or other.order
        if data and order and len(data) != len(run.dataset):
            return None
        changes = {**self.changes, **other.changes}
        both_at_once = World(
            self.kind, f"{self.name} and {other.name.removeprefix('with ')}", PAIR, changes, "",
            data, order, other.rule if self.rule is RIGHT else self.rule, self.rate or other.rate,
            {**self.slots, **other.slots},
        )  # fmt: skip
        try:
            both_at_once.settings(run)
        except LrstepError:
            return None  # the other optimizer has no such option
        return both_at_once

    def settings(self, run: Run) -> Settings:
        """Its settings."""
        return kept(self, "settings", lambda: run.settings.changed(**self.changes)) if self.changes else run.settings

    def samples(self, run: Run) -> Dataset:
        """Its samples, as they are trained on."""
        if self.data is not None:
            return self.data
        if "scale" not in self.changes:
            return run.dataset
        scale = str(self.changes["scale"])
        if scale == "none":
            return run.raw
        return kept(run, ("scaled", scale), lambda: Scaling.of(run.raw, scale).applied(run.raw))


class Timetable:
    """Which batch each iteration of a world takes.

    Args:
        data: the samples.
        settings: batch size, and the order where none is given.
        order: the order of the epochs, or None.
        last: so many iterations.

    Attributes:
        batches: the rows of B batches.
        places: which of them each iteration takes, shape (last,).
        per_epoch: iterations of an epoch.
        table, whole: their :func:`moments`, one row each, and those of a batch of all samples; empty before
            :func:`measure`.
    """

    def __init__(self, data: Dataset, settings: Settings, order: Order | None, last: int) -> None:
        if order is None:
            own = settings.order if settings.order and len(settings.order[0]) == len(data) else None
            its = Batches(len(data), settings.batch_size, settings.shuffle, settings.seed, own)
            order = Order(its.order if its.varies else lambda epoch: its.order(1), its.varies)
        size = min(settings.batch_size, len(order.rows(1)))
        self.per_epoch = len(order.batches(1, size))
        epochs = -(-last // self.per_epoch) if order.varies else 1
        batches = (batch for epoch in range(1, epochs + 1) for batch in order.batches(epoch, size))
        self.batches = list(islice(batches, last))
        self.places = np.arange(last) % len(self.batches)
        self.data = data  # its identity is a key for as long as this is kept
        self.table = self.whole = np.empty(0)


AT_ONCE = 100_000
"""So many samples are taken in at once."""


def measure(timetables: Sequence[Timetable], pause: Callable[[], None] = lambda: None) -> None:
    """Give timetables their tables. Many worlds differ in a few samples: alone each costs more than its numbers."""
    if not timetables:
        return
    data = list({id(one.data): one.data for one in timetables}.values())
    whole = dict(zip(map(id, data), _measured([(one, [np.arange(len(one))]) for one in data], pause), strict=True))
    table = _measured([(one.data, one.batches) for one in timetables], pause)
    ends = np.cumsum([len(one.batches) for one in timetables])
    for one, part in zip(timetables, np.split(table, ends[:-1]), strict=True):
        one.table, one.whole = part, whole[id(one.data)]


def _measured(batches: Sequence[tuple[Dataset, Sequence[RowNumbers]]], pause: Callable[[], None]) -> Floats:
    """The :func:`moments`, taken in portions that bound memory and time."""
    made, portion, room = [], list[tuple[Dataset, list[RowNumbers]]](), AT_ONCE
    for data, some in batches:
        for rows in some:
            if portion and len(rows) > room:
                pause()
                made.append(moments(portion))
                portion, room = [], AT_ONCE
            if not portion or portion[-1][0] is not data:
                portion.append((data, []))
            portion[-1][1].append(rows)
            room -= len(rows)
    return np.concatenate([*made, moments(portion)])


def moments(batches: Sequence[tuple[Dataset, Sequence[RowNumbers]]]) -> Floats:
    """The numbers of :class:`lrstep.why.wrong_steps.Batch` of some batches each of some data, one row for each batch.

    All data has as many features.
    """
    sizes = np.array([len(rows) for _, some in batches for rows in some])
    parts: dict[int, list[Floats]] = {}
    for data, some in batches:
        table, alike = np.array([*data.columns, data.y]), dict[int, list[RowNumbers]]()
        for rows in some:
            alike.setdefault(len(rows), []).append(rows)
        for size, same in alike.items():
            parts.setdefault(size, []).append(table[:, np.array(same)])
    k = len(table) - 1
    made = np.empty((len(sizes), 3 + k * (2 + k)))
    for size, found in parts.items():
        *x, y = np.concatenate(found, axis=1)
        made[sizes == size] = batch_numbers(np.array(x), y)
    return made
