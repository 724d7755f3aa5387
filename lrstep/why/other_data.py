"""Worlds with other samples: columns exchanged or scaled, rows missing, a value typed wrong."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
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
    for rank, name, make in _ways(run):
        try:
            data = make()
        except (LrstepError, ValueError):
            continue  # such data would not train either
        same = len(data) == len(run.dataset) and all(map(np.array_equal, _columns(data), _columns(run.dataset)))
        if not same:
            yield World("data", name, rank, {}, data)
    if run.scaling is None:
        for scale, words in (("standard", "standardised"), ("minmax", "scaled to 0 … 1")):
            try:
                run.settings.changed(scale=scale)
                World("data", "", COMMON, {"scale": scale}).samples(run)
            except LrstepError:
                continue
            yield World("data", f"with x and y {words}", COMMON, {"scale": scale})
    else:
        yield World("data", "with the data not scaled", COMMON, {"scale": "none"})


Way = tuple[int, str, Callable[[], Dataset]]


def _ways(run: Run) -> Iterator[Way]:
    data = run.dataset
    x, y, n = data.columns, data.y, len(data)

    def made(columns: Sequence[ArrayLike], label: Floats) -> Callable[[], Dataset]:
        return partial(_made, data, columns, label)

    if len(x) == 1:
        yield COMMON, "with x and y exchanged", made((y,), x[0])
        yield COMMON, "with x counted from 0: the index of the row instead of the feature", made((np.arange(n),), y)
        words = "with x counted from 1: the number of the row instead of the feature"
        yield KNOWN, words, made((np.arange(1, n + 1),), y)
        yield KNOWN, "with x one too small", made((x[0] - 1,), y)
        yield RARE, "with x one too large", made((x[0] + 1,), y)
    else:
        yield KNOWN, "with the features in reverse order", made(x[::-1], y)
        for i in range(len(x)):
            left_out = tuple(np.zeros(n) if j == i else other for j, other in enumerate(x))
            yield KNOWN, f"without the feature {data.features[i]}", made(left_out, y)
            if i:
                swapped = (*x[: i - 1], x[i], x[i - 1], *x[i + 1 :])
                names = f"{data.features[i - 1]} and {data.features[i]}"
                yield KNOWN, f"with the features {names} exchanged", made(swapped, y)
    yield from _scaled(run, made)
    yield from _drawn(data)
    yield from _apart(data, made)
    yield KNOWN, "with the samples sorted by x", lambda: _rows(data, np.argsort(x[0], kind="stable"))
    yield KNOWN, "with the samples sorted by y", lambda: _rows(data, np.argsort(y, kind="stable"))
    yield RARE, "with the samples sorted by x, the largest first", lambda: _rows(data, np.argsort(-x[0], kind="stable"))
    yield RARE, "with the samples sorted by y, the largest first", lambda: _rows(data, np.argsort(-y, kind="stable"))
    extreme = {"the largest": np.argmax, "the smallest": np.argmin}
    for which, of in extreme.items():
        for name, column in zip((*data.features, data.label), _columns(data), strict=True):
            rows = np.delete(np.arange(n), of(column))
            yield SELDOM, f"without the sample with {which} {name}", partial(_rows, data, rows)
    for part in SPLITS:
        first = n - int(n * (1 - part))
        yield SELDOM, f"without the first {first} of {n} samples", partial(_rows, data, np.arange(first, n))
    for count in (2, 3):
        yield SELDOM, f"without the first {count} rows", partial(_rows, data, np.arange(count, n))
        yield SELDOM, f"without the last {count} rows", partial(_rows, data, np.arange(n - count))
    yield SELDOM, "with every second row only", lambda: _rows(data, np.arange(0, n, 2))
    yield SELDOM, "with all rows twice", lambda: _rows(data, np.tile(np.arange(n), 2))
    yield COMMON, "without the first row, as if it were the header", lambda: _rows(data, np.arange(1, n))
    yield COMMON, "without the last row", lambda: _rows(data, np.arange(n - 1))
    for part, rank in SPLITS.items():
        kept = int(n * (1 - part))
        if 0 < kept < n:
            yield rank, f"with validation_split {part:g}: only the first {kept} of {n} samples", _first(data, kept)
    yield KNOWN, "with y one row too late (shifted against x)", made(x, np.roll(y, 1))
    yield KNOWN, "with y one row too early (shifted against x)", made(x, np.roll(y, -1))
    yield KNOWN, "with y in reverse order against x", made(x, y[::-1])
    if n <= MOST_ROWS:
        yield from _row_by_row(data)


def _scaled(run: Run, made: Callable[..., Callable[[], Dataset]]) -> Iterator[Way]:
    x, y = run.dataset.columns, run.dataset.y
    ways = dict(other_columns())
    features = "x" if len(x) == 1 else "the features"
    for words, (rank, way) in ways.items():
        with np.errstate(all="ignore"):
            columns, label = tuple(map(way, x)), way(y)
        yield rank, f"with {features} {words}", made(columns, y)
        yield max(rank, KNOWN), f"with y {words}", made(x, label)
        both = max(rank, KNOWN) if "n − 1" in words or "largest" in words else RARE
        yield both, f"with x and y {words.replace('its', 'their')}", made(columns, label)
        for place in range(len(x) if len(x) > 1 else 0):
            alone = tuple(columns[j] if j == place else other for j, other in enumerate(x))
            yield max(rank, RARE), f"with the feature {run.dataset.features[place]} alone {words}", made(alone, y)
    if len(x) > 1:
        table = np.array(x)
        with np.errstate(all="ignore"):
            together = {
                "standardised": (table - table.mean()) / table.std(),
                "scaled to 0 … 1": (table - table.min()) / (table.max() - table.min()),
                "divided by the largest": table / np.abs(table).max(),
                "standardised sample by sample": (table - table.mean(axis=0)) / table.std(axis=0),
            }
        for words, one in together.items():
            how = "with the features " + (
                words if "sample" in words else f"{words} together, by one mean and deviation"
            )
            yield RARE, how.replace("by one mean and deviation", "as one table"), made(tuple(one), y)


def _apart(data: Dataset, made: Callable[..., Callable[[], Dataset]]) -> Iterator[Way]:
    """Columns that are sorted or shuffled each for itself, so that rows do not belong together any more."""
    x, y = data.columns, data.y
    ordered = tuple(map(np.sort, x))
    yield RARE, "with x sorted alone, so that rows are mixed up", made(ordered, y)
    yield RARE, "with y sorted alone, so that rows are mixed up", made(x, np.sort(y))
    yield RARE, "with x and y sorted each for itself, so that rows are mixed up", made(ordered, np.sort(y))
    for seed in (0, 1, 42):
        drawn = np.random.RandomState(seed)
        one, other = drawn.permutation(len(y)), drawn.permutation(len(y))
        words = f"with x and y shuffled one after the other after np.random.seed({seed})"
        yield SELDOM, words, made(tuple(column[one] for column in x), y[other])


def _drawn(data: Dataset) -> Iterator[Way]:
    """The training part that scikit-learn's train_test_split draws."""
    n = len(data)
    for part in (0.2, 0.25, 0.3, 0.1, 0.33):
        for seed in SEEDS:
            rows = np.random.RandomState(seed).permutation(n)[math.ceil(part * n) :]
            words = f"with train_test_split(test_size={part:g}, random_state={seed}): {len(rows)} of {n} samples"
            yield RARE if part == 0.2 and seed in (0, 42) else SELDOM, words, partial(_rows, data, rows)


SEEDS = (42, 0, 1, 2, 7, 10, 101, 123, 1234)
"""What people take for random_state."""


def _row_by_row(data: Dataset) -> Iterator[Way]:
    n, values = len(data), len(data) * (len(data.features) + 1)
    for row in range(n):
        if 0 < row < n - 1:
            yield KNOWN, f"without sample {row + 1}", partial(_rows, data, np.delete(np.arange(n), row))
        yield RARE, f"with sample {row + 1} twice", partial(_rows, data, np.insert(np.arange(n), row, row))
    for place, name in enumerate((*data.features, data.label)):
        for row in range(n if values <= MOST_SLIPS else 0):
            value = float(_columns(data)[place][row])
            column = _columns(data)[place]
            others = {float(column.mean()), *(float(column[near]) for near in (row - 1, row + 1) if 0 <= near < n)}
            usual = slips(value)
            more = {*unusual_slips(value), *others} - {value, *usual} if values <= ALL_SLIPS else set()
            for wrong in [*usual, *sorted(more)]:
                words = f"with {name} of sample {row + 1} as {wrong:.12g} instead of {value:.12g}"
                yield SELDOM, words, partial(_typed, data, place, row, wrong)
    for row in range(n - 1):
        order = np.arange(n)
        order[[row, row + 1]] = order[[row + 1, row]]
        yield SELDOM, f"with samples {row + 1} and {row + 2} exchanged", partial(_rows, data, order)
        words = f"with the labels of samples {row + 1} and {row + 2} exchanged"
        yield SELDOM, words, partial(_made, data, data.columns, data.y[order])


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
    for place, name in enumerate((*data.features, data.label)):
        for row, value in enumerate(_columns(data)[place].tolist()):
            text = f"{value:.12g}"
            known = {value, *slips(value), *unusual_slips(value)}
            for at in [at for at, letter in enumerate(text) if letter.isdigit()]:
                for digit in "0123456789":
                    wrong = float(text[:at] + digit + text[at + 1 :])
                    if wrong not in known:
                        words = f"with {name} of sample {row + 1} as {wrong:.12g} instead of {value:.12g}"
                        yield World("data", words, FINE, {}, _typed(data, place, row, wrong))


def unusual_slips(value: float) -> set[float]:
    """What else becomes of it: another unit, another first digit."""
    return {float(f"{one:.12g}") for one in (value * 2, value / 2, value + 10, value - 10, value * 100, value / 100)}


def _made(data: Dataset, columns: Sequence[ArrayLike], label: Floats) -> Dataset:
    return Dataset(data.name, np.column_stack(columns), label, data.features, data.label)


def _typed(data: Dataset, place: int, row: int, wrong: float) -> Dataset:
    columns = [column.copy() for column in _columns(data)]
    columns[place][row] = wrong
    return Dataset(data.name, np.column_stack(columns[:-1]), columns[-1], data.features, data.label)


def _rows(data: Dataset, rows: np.ndarray) -> Dataset:
    return Dataset(data.name, np.column_stack([x[rows] for x in data.columns]), data.y[rows], data.features, data.label)


def _first(data: Dataset, count: int) -> Callable[[], Dataset]:
    return lambda: _rows(data, np.arange(count))


def _columns(data: Dataset) -> tuple[Floats, ...]:
    return (*data.columns, data.y)
