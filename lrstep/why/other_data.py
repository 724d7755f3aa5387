"""Worlds with other samples: columns exchanged or scaled, rows missing, a value typed wrong."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from lrstep.core.dataset import Dataset, Floats
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.why.other_columns import other_columns
from lrstep.why.worlds import COMMON, FINE, KNOWN, RARE, SELDOM, World

MOST_ROWS, MOST_SLIPS, ALL_SLIPS = 60, 120, 50
"""With more samples no single row is left out; with more values none is typed wrong, or in the usual ways alone: too
many would fit by chance."""

SPLITS = {0.2: COMMON, 0.1: KNOWN, 0.25: KNOWN, 0.3: KNOWN, 0.33: RARE, 0.5: KNOWN}
"""Parts that ``validation_split`` keeps back; Keras takes them from the end."""


def other_data(run: Run) -> Iterator[World]:
    """The samples are others."""
    data = run.dataset
    for rank, name, columns in _ways(run):
        try:
            made = _dataset(data, columns)
        except (LrstepError, ValueError):
            continue  # such data would not train either
        if len(made) != len(data) or not all(map(np.array_equal, _columns(made), _columns(data))):
            yield World("data", name, rank, data=made)
    if run.scaling is None:
        for scale, words in (("standard", "standardised"), ("minmax", "scaled to 0 … 1")):
            world = World("data", f"with x and y {words}", COMMON, {"scale": scale})
            try:
                world.settings(run)
                world.samples(run)
            except LrstepError:
                continue
            yield world
    else:
        yield World("data", "with the data not scaled", COMMON, {"scale": "none"})


DataColumns = Sequence[ArrayLike]
"""The features, then the label."""

ChangedData = tuple[int, str, DataColumns]


def _ways(run: Run) -> Iterator[ChangedData]:
    data = run.dataset
    x, y, n = data.columns, data.y, len(data)
    if len(x) == 1:
        yield COMMON, "with x and y exchanged", (y, x[0])
        yield COMMON, "with x counted from 0: the index of the row instead of the feature", (np.arange(n), y)
        yield KNOWN, "with x counted from 1: the number of the row instead of the feature", (np.arange(1, n + 1), y)
        yield KNOWN, "with x one too small", (x[0] - 1, y)
        yield RARE, "with x one too large", (x[0] + 1, y)
    else:
        yield KNOWN, "with the features in reverse order", (*x[::-1], y)
        for i in range(len(x)):
            yield KNOWN, f"without the feature {data.features[i]}", (*x[:i], np.zeros(n), *x[i + 1 :], y)
            if i:
                names = f"{data.features[i - 1]} and {data.features[i]}"
                yield KNOWN, f"with the features {names} exchanged", (*x[: i - 1], x[i], x[i - 1], *x[i + 1 :], y)
    yield from _scaled(data)
    yield from _drawn(data)
    yield from _apart(data)
    for name, column in (("x", x[0]), ("y", y)):
        words = f"with the samples sorted by {name}"
        yield KNOWN, words, _rows(data, np.argsort(column, kind="stable"))
        yield RARE, f"{words}, the largest first", _rows(data, np.argsort(-column, kind="stable"))
    for which, of in (("the largest", np.argmax), ("the smallest", np.argmin)):
        for name, column in zip((*data.features, data.label), _columns(data), strict=True):
            yield SELDOM, f"without the sample with {which} {name}", _rows(data, np.delete(np.arange(n), of(column)))
    yield COMMON, "without the first row, as if it were the header", _rows(data, slice(1, n))
    yield COMMON, "without the last row", _rows(data, slice(n - 1))
    for part, rank in SPLITS.items():
        kept = int(n * (1 - part))
        yield SELDOM, f"without the first {n - kept} of {n} samples", _rows(data, slice(n - kept, n))
        yield rank, f"with validation_split {part:g}: only the first {kept} of {n} samples", _rows(data, slice(kept))
    for count in (2, 3):
        yield SELDOM, f"without the first {count} rows", _rows(data, slice(count, n))
        yield SELDOM, f"without the last {count} rows", _rows(data, slice(max(n - count, 0)))
    yield SELDOM, "with every second row only", _rows(data, slice(0, n, 2))
    yield SELDOM, "with all rows twice", _rows(data, np.tile(np.arange(n), 2))
    yield KNOWN, "with y one row too late (shifted against x)", (*x, np.roll(y, 1))
    yield KNOWN, "with y one row too early (shifted against x)", (*x, np.roll(y, -1))
    yield KNOWN, "with y in reverse order against x", (*x, y[::-1])
    if n <= MOST_ROWS:
        yield from _row_by_row(data)


def _scaled(data: Dataset) -> Iterator[ChangedData]:
    x, y = data.columns, data.y
    features = "x" if len(x) == 1 else "the features"
    for words, rank, way in other_columns():
        with np.errstate(all="ignore"):
            columns, label = tuple(map(way, x)), way(y)
        yield rank, f"with {features} {words}", (*columns, y)
        yield max(rank, KNOWN), f"with y {words}", (*x, label)
        both = max(rank, KNOWN) if "n − 1" in words or "largest" in words else RARE
        yield both, f"with x and y {words.replace('its', 'their')}", (*columns, label)
        for i in range(len(x) if len(x) > 1 else 0):
            name = f"with the feature {data.features[i]} alone {words}"
            yield max(rank, RARE), name, (*x[:i], columns[i], *x[i + 1 :], y)
    if len(x) > 1:
        table = np.array(x)
        with np.errstate(all="ignore"):
            together = {
                "standardised together, as one table": (table - table.mean()) / table.std(),
                "scaled to 0 … 1 together, as one table": (table - table.min()) / (table.max() - table.min()),
                "divided by the largest together, as one table": table / np.abs(table).max(),
                "standardised sample by sample": (table - table.mean(axis=0)) / table.std(axis=0),
            }
        for words, one in together.items():
            yield RARE, f"with the features {words}", (*one, y)


def _apart(data: Dataset) -> Iterator[ChangedData]:
    """Columns that are sorted or shuffled each for itself, so that rows do not belong together any more."""
    x, y = data.columns, data.y
    ordered = tuple(map(np.sort, x))
    yield RARE, "with x sorted alone, so that rows are mixed up", (*ordered, y)
    yield RARE, "with y sorted alone, so that rows are mixed up", (*x, np.sort(y))
    yield RARE, "with x and y sorted each for itself, so that rows are mixed up", (*ordered, np.sort(y))
    for seed in (0, 1, 42):
        drawn = np.random.RandomState(seed)
        one, other = drawn.permutation(len(y)), drawn.permutation(len(y))
        words = f"with x and y shuffled one after the other after np.random.seed({seed})"
        yield SELDOM, words, (*(column[one] for column in x), y[other])


def _drawn(data: Dataset) -> Iterator[ChangedData]:
    """The training part that scikit-learn's train_test_split draws."""
    n = len(data)
    for part in (0.2, 0.25, 0.3, 0.1, 0.33):
        for seed in SEEDS:
            rows = np.random.RandomState(seed).permutation(n)[math.ceil(part * n) :]
            words = f"with train_test_split(test_size={part:g}, random_state={seed}): {len(rows)} of {n} samples"
            yield RARE if part == 0.2 and seed in (0, 42) else SELDOM, words, _rows(data, rows)


SEEDS = (42, 0, 1, 2, 7, 10, 101, 123, 1234)
"""What people take for random_state."""


def _row_by_row(data: Dataset) -> Iterator[ChangedData]:
    n, values = len(data), len(data) * (len(data.features) + 1)
    rows = np.arange(n)
    for row in range(n):
        if 0 < row < n - 1:
            yield KNOWN, f"without sample {row + 1}", _rows(data, np.delete(rows, row))
        yield RARE, f"with sample {row + 1} twice", _rows(data, np.insert(rows, row, row))
    for place, row, value, name in _values(data) if values <= MOST_SLIPS else ():
        column = _columns(data)[place]
        others = {float(column.mean()), *column[max(row - 1, 0) : row].tolist(), *column[row + 1 : row + 2].tolist()}
        usual = slips(value)
        more = {*unusual_slips(value), *others} - {value, *usual} if values <= ALL_SLIPS else set()
        for wrong in [*usual, *sorted(more)]:
            yield SELDOM, _instead(name, wrong, value), _typed(data, place, row, wrong)
    for row in range(n - 1):
        order = np.arange(n)
        order[[row, row + 1]] = order[[row + 1, row]]
        yield SELDOM, f"with samples {row + 1} and {row + 2} exchanged", _rows(data, order)
        words = f"with the labels of samples {row + 1} and {row + 2} exchanged"
        yield SELDOM, words, (*data.columns, data.y[order])


def slips(value: float) -> list[float]:
    """What a number becomes when it is typed wrong: a point moved, two digits exchanged, one left out, the sign."""
    text = f"{value:.12g}"
    if "e" in text:
        return [value * 10, value / 10, -value]
    made = {value * 10, value / 10, -value, 0.0, float(round(value))}
    digits = [place for place, letter in enumerate(text) if letter.isdigit()]
    for a, b in pairwise(digits):
        swapped = list(text)
        swapped[a], swapped[b] = swapped[b], swapped[a]
        made.add(float("".join(swapped)))
    made |= {float(text[:place] + text[place + 1 :]) for place in digits if len(digits) > 1}
    made |= {value + 1, value - 1}
    return sorted(float(f"{one:.12g}") for one in made if abs(one - value) > 1e-9 * max(abs(value), 1e-300))


def other_digits(run: Run) -> Iterator[World]:
    """A value of the data is typed with one digit that is another."""
    data = run.dataset
    if run.scaling is not None or len(data) * (len(data.features) + 1) > ALL_SLIPS:
        return
    for place, row, value, name in _values(data):
        text = f"{value:.12g}"
        known = {value, *slips(value), *unusual_slips(value)}
        for at in [at for at, letter in enumerate(text) if letter.isdigit()]:
            for digit in "0123456789":
                wrong = float(text[:at] + digit + text[at + 1 :])
                if wrong not in known:
                    made = _dataset(data, _typed(data, place, row, wrong))
                    yield World("data", _instead(name, wrong, value), FINE, data=made)


def unusual_slips(value: float) -> set[float]:
    """What else becomes of it: another unit, another first digit."""
    return {float(f"{one:.12g}") for one in (value * 2, value / 2, value + 10, value - 10, value * 100, value / 100)}


def _values(data: Dataset) -> Iterator[tuple[int, int, float, str]]:
    """Each value: column, row, value, and what it is called."""
    for place, name in enumerate((*data.features, data.label)):
        for row, value in enumerate(_columns(data)[place].tolist()):
            yield place, row, value, f"{name} of sample {row + 1}"


def _instead(name: str, wrong: float, value: float) -> str:
    return f"with {name} as {wrong:.12g} instead of {value:.12g}"


def _typed(data: Dataset, place: int, row: int, wrong: float) -> DataColumns:
    columns = [column.copy() for column in _columns(data)]
    columns[place][row] = wrong
    return columns


def _rows(data: Dataset, rows: np.ndarray | slice) -> DataColumns:
    return [column[rows] for column in _columns(data)]


def _columns(data: Dataset) -> tuple[Floats, ...]:
    return (*data.columns, data.y)


def _dataset(data: Dataset, columns: DataColumns) -> Dataset:
    return Dataset(data.name, np.column_stack(columns[:-1]), columns[-1], data.features, data.label)
