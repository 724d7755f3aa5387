"""Which quantities of a run, and which mistakes, give a number."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.core.run import Run
from lrstep.formulas.model import model_formulas
from lrstep.formulas.numerals import Typed
from lrstep.why.catalogue import MISTAKES, Mistake, rewritten_rules
from lrstep.why.kept import kept
from lrstep.why.run_columns import Context, Values, reach, stretches
from lrstep.why.worlds import Kind
from lrstep.why.wrong_steps import both

SAME = 1e-9
"""Values that are relatively as near as this come from the same computation, rounded in another order."""

KEPT, KEPT_MISTAKES = 40, 6
"""So many places at which one quantity, or one mistake, fits are looked at, those nearest to the focus."""


NEAREST = 3
"""So many of what comes nearest are told."""


@dataclass(frozen=True)
class RightHit:
    """A figure of the run that fits.

    Attributes:
        quantity: its key.
        iteration: from 1, 0 for the start, None for data and for the least-squares line.
        value: the figure.
        row: row number of its sample, from 0, or None.
        place: place of that sample in the batch, from 0, or None.
        least_squares: it belongs to the least-squares line.
    """

    quantity: str
    iteration: int | None
    value: float
    row: int | None = None
    place: int | None = None
    least_squares: bool = False

    @property
    def kind(self) -> Kind:
        """Where it is not what was asked for, it was read at the wrong place."""
        return "reading"


@dataclass(frozen=True, eq=False)
class MistakeHit:
    """A mistake's value that fits, beside the right one; ``parameters`` are what it leads to."""

    mistake: Mistake
    quantity: str
    iteration: int
    value: float
    right_value: float
    parameters: tuple[float, ...]

    @property
    def kind(self) -> Kind:
        """What kind of mistake it is."""
        return "reading" if self.mistake.family == "position" else "formula"

    @property
    def key(self) -> str:
        """What tells it from others."""
        return self.mistake.key


class RightValues(NamedTuple):
    """Right values of a quantity, and where each stands.

    Attributes:
        quantity: its key.
        numbers: the iterations, −1 for none.
        values: the values.
        rows, places: of what belongs to a sample its row in the data, and its place in the batch.
        least_squares: whether they are of the least-squares line.
    """

    quantity: str
    numbers: np.ndarray
    values: Floats
    rows: np.ndarray | None = None
    places: np.ndarray | None = None
    least_squares: bool = False

    def hit(self, i: int) -> RightHit:
        """One of them as a figure that fits."""
        number = int(self.numbers[i])
        row, place = (None if one is None else int(one[i]) for one in (self.rows, self.places))
        value = float(self.values[i])
        return RightHit(self.quantity, number if number >= 0 else None, value, row, place, self.least_squares)


class Search:
    """What can be searched of a run, around an iteration.

    Args:
        run: the run.
        focus: the iteration that matters most, or None.

    Attributes:
        contexts: the stretches of iterations that are searched for everything.
        last: the last iteration that is searched for weights and losses.
    """

    def __init__(self, run: Run, focus: int | None) -> None:
        self.run = run
        self.focus = focus or 1
        self.last = reach(run, focus)
        run.advance(self.last)
        self.contexts = [kept(run, stretch, partial(Context, run, *stretch)) for stretch in stretches(run, focus)]

    @property
    def complete(self) -> bool:
        """Whether every iteration was searched for everything."""
        return len(self.contexts) == 1 and len(self.contexts[0].numbers) == self.run.n_iterations

    def right(self, typed: Typed) -> tuple[list[RightHit], Floats]:
        """The right values that fit, and all their values, sorted (more than there are hits, where many fit)."""
        hits: list[RightHit] = []
        values: list[Floats] = []
        for column in self._right_columns():
            fits = np.flatnonzero(np.abs(column.values - typed.value) <= typed.tolerance)
            values.append(column.values[fits])
            hits += map(column.hit, self._nearest_places(fits, column.numbers).tolist())
        return hits, np.sort(np.concatenate(values))

    def mistakes(self, typed: Typed, rewritten: bool = False) -> list[MistakeHit]:
        """The mistakes that fit where the right value does not: those of the catalogue, or any changed formula."""
        hits = []
        for ctx in self.contexts:
            outcomes = _outcomes(ctx, rewritten)
            fits = np.abs(outcomes.values - typed.value) <= typed.tolerance
            for row in np.flatnonzero(fits.any(axis=1)).tolist():
                mistake, quantity = outcomes.rows[row]
                wrong = fits[row] & (np.abs(ctx.right[quantity] - typed.value) > typed.tolerance)
                places = self._nearest_places(np.flatnonzero(wrong), ctx.numbers, KEPT_MISTAKES)
                hits += [_mistake_hit(ctx, outcomes, mistake, quantity, i) for i in places.tolist()]
        return hits

    def tables(self, rewritten: bool = False) -> Iterator[tuple[list[tuple[Mistake, str]], np.ndarray, Floats]]:
        """What all mistakes give: mistake and quantity of each row, the iterations, values of shape (rows, k)."""
        for ctx in self.contexts:
            outcomes = _outcomes(ctx, rewritten)
            yield outcomes.rows, ctx.numbers, outcomes.values

    def right_value(self, quantity: str, number: int) -> float | None:
        """The right value of an iteration that is searched; None where it is not."""
        for ctx in self.contexts:
            place = number - int(ctx.numbers[0])
            if 0 <= place < len(ctx.numbers):
                return float(ctx.right[quantity][place])
        return None

    def nearest(self, value: float) -> list[RightHit | MistakeHit]:
        """What comes nearest, one place per quantity and mistake."""
        found: list[RightHit | MistakeHit] = []

        def best(column: Floats) -> int | None:
            distances = np.abs(column - value)
            return int(np.nanargmin(distances)) if np.isfinite(distances).any() else None

        def away(hit: RightHit | MistakeHit) -> float:
            return abs(hit.value - value)

        for column in self._right_columns():
            if column.rows is None and (i := best(column.values)) is not None:
                found.append(column.hit(i))
        for ctx in self.contexts:
            outcomes = _outcomes(ctx)
            for (mistake, quantity), values in zip(outcomes.rows, outcomes.values, strict=True):
                direct = not mistake.tier(quantity) and mistake.family != "position"
                if direct and (i := best(values)) is not None:
                    found.append(_mistake_hit(ctx, outcomes, mistake, quantity, i))
        distinct: list[RightHit | MistakeHit] = []
        # Right values first, so that a mistake that hardly differs from one does not stand for it.
        for one in sorted(found, key=lambda hit: (isinstance(hit, MistakeHit), away(hit))):
            if not any(abs(one.value - other.value) <= 1e-5 * abs(other.value) for other in distinct):
                distinct.append(one)
        return sorted(distinct, key=away)[:NEAREST]

    def _right_columns(self) -> Iterator[RightValues]:
        run = self.run
        for ctx in self.contexts:
            for quantity, column in ctx.right.items():
                yield RightValues(quantity, ctx.numbers, column)
            for quantity, column in ctx.samples.items():
                yield RightValues(quantity, ctx.numbers[ctx.owners], column, ctx.rows, ctx.places)
        inside = np.zeros(self.last + 1, dtype=bool)
        for ctx in self.contexts:
            inside[ctx.numbers] = True
        inside[0] = True
        outside, reference = np.flatnonzero(~inside), run.reference
        for quantity, column in series_values(run, outside).items():
            yield RightValues(quantity, outside, column)
        start = run.start.parameters
        for quantity, column in _line(run, start, reference.full_loss(*start)).items():
            yield RightValues(quantity, np.zeros(1, dtype=int), column)
        if reference.exists:
            for quantity, column in _line(run, reference.parameters, reference.loss).items():
                yield RightValues(quantity, np.full(1, -1), column, least_squares=True)
        rows = np.arange(len(run.dataset))
        features = zip(model_formulas(len(run.dataset.columns)).features, run.dataset.columns, strict=True)
        for quantity, column in (*features, ("y", run.dataset.y)):
            yield RightValues(quantity, np.full(len(rows), -1), column, rows)

    def _nearest_places(self, places: np.ndarray, numbers: np.ndarray, most: int = KEPT) -> np.ndarray:
        if len(places) <= most:
            return places
        return places[np.argsort(np.abs(numbers[places] - self.focus), kind="stable")[:most]]


def coincides(value: float, values: Floats) -> bool:
    """Whether a value is, but for rounding, among sorted ones."""
    low, high = np.searchsorted(values, (value - SAME * abs(value), value + SAME * abs(value)))
    return bool(high > low or (low < len(values) and values[low] == value))


def series_values(run: Run, numbers: np.ndarray) -> Values:
    """What a run keeps of many iterations at once, shape (k,) each."""
    if not len(numbers):
        return {}
    figures = (f"{stem}{of}" for of in ("loss", "rmse") for stem in ("", "cumulative_", "full_"))
    return {key: run.series(key, numbers) for key in (*run.parameters, *figures)}


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What all mistakes give in a context, as one table, so that a number is looked up in one go.

    Attributes:
        rows: mistake and quantity of each row.
        values: shape (rows, k); nan where a mistake gives nothing, or nothing but the right value.
        by_key: the same by mistake and quantity, as far as other values follow from them.
    """

    rows: list[tuple[Mistake, str]]
    values: Floats
    by_key: dict[str, Values]


def _outcomes(ctx: Context, rewritten: bool = False) -> Outcomes:
    return kept(ctx, rewritten, partial(_compute_outcomes, ctx, rewritten))


def _compute_outcomes(ctx: Context, rewritten: bool) -> Outcomes:
    rows: list[tuple[Mistake, str]] = []
    columns: list[Floats] = []
    by_key: dict[str, Values] = {}
    with np.errstate(all="ignore"):
        for mistake in rewritten_rules(ctx.settings) if rewritten else MISTAKES:
            values = by_key[mistake.key] = mistake.compute(ctx)
            for quantity, column in values.items():
                if quantity in ctx.right and mistake.reaches(quantity):
                    rows.append((mistake, quantity))
                    right = ctx.right[quantity]
                    columns.append(np.where(np.abs(column - right) <= 1e-12 * np.abs(right), np.nan, column))
    return Outcomes(rows, np.array(columns).reshape(len(rows), -1), by_key)


def _mistake_hit(ctx: Context, outcomes: "Outcomes", mistake: Mistake, quantity: str, i: int) -> MistakeHit:
    values = outcomes.by_key[mistake.key]
    parameters = tuple(float(values.get(name, ctx.right[name])[i]) for name in ctx.run.parameters)
    value, right = float(values[quantity][i]), float(ctx.right[quantity][i])
    return MistakeHit(mistake, quantity, int(ctx.numbers[i]), value, right, parameters)


def _line(run: Run, parameters: tuple[float, ...], loss: float) -> Values:
    values = dict(zip(run.parameters, parameters, strict=True)) | both("full_", loss)
    return {key: np.array([value]) for key, value in values.items()}
