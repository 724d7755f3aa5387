"""What may be done to a column of numbers before it is trained on: scaled, rounded, as logarithms …"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.why.worlds import COMMON, KNOWN, RARE, SELDOM


def _without_points(values: Floats) -> Floats:
    """8.8 → 88, as where the decimal sign is not read as one."""
    return np.array([float(f"{value:.12g}".replace(".", "")) for value in values.tolist()])


Column = Callable[[Floats], Any]


def other_columns() -> Iterator[tuple[str, tuple[int, Column]]]:
    """What may be done to a column: words, how common that is, and the way; scalings are a shift and a divisor each."""
    for words, rank, shift, divisor in _SCALINGS:
        yield words, (rank, lambda v, shift=shift, divisor=divisor: (v - shift(v)) / divisor(v))  # type: ignore[misc]
    for words, rank, way in _WAYS:
        yield words, (rank, way)
    for factor, rank in _FACTORS.items():
        yield f"divided by {factor:g}", (rank, lambda v, f=factor: v / f)  # type: ignore[misc]
        yield f"times {factor:g}", (max(rank, RARE), lambda v, f=factor: v * f)  # type: ignore[misc]


_FACTORS = {10: RARE, 100: RARE, 1000: KNOWN, 2: RARE} | dict.fromkeys((12, 60, 1e6, 2.54, 3.6, 3, 4, 5, 20), SELDOM)


def _std(v: Floats) -> float:
    return float(v.std() * np.sqrt(len(v) / (len(v) - 1.0)))


def _nothing(v: Floats) -> float:
    return 0.0


def _one(v: Floats) -> float:
    return 1.0


_SCALINGS: tuple[tuple[str, int, Callable[[Floats], Any], Callable[[Floats], Any]], ...] = (
    ("standardised", COMMON, np.mean, np.std),
    ("standardised with n − 1", KNOWN, np.mean, _std),
    ("scaled to 0 … 1", COMMON, np.min, np.ptp),
    ("scaled to −1 … 1", RARE, lambda v: (v.min() + v.max()) / 2, lambda v: np.ptp(v) / 2),
    ("divided by its largest value", KNOWN, _nothing, lambda v: np.abs(v).max()),
    ("centred (less its mean)", KNOWN, np.mean, _one),
    ("less its smallest value", RARE, np.min, _one),
    ("less its median", SELDOM, np.median, _one),
    ("one too large", SELDOM, lambda v: -1.0, _one),
    ("one too small", SELDOM, _one, _one),
    ("less its first value", SELDOM, lambda v: v[0], _one),
    ("less its mean, divided by its range", RARE, np.mean, np.ptp),
    ("less its mean, divided by its variance", RARE, np.mean, np.var),
    ("less its mean, divided by its largest value", SELDOM, np.mean, lambda v: np.abs(v).max()),
    ("less its median, divided by its quartile range", SELDOM, np.median,
     lambda v: np.percentile(v, 75) - np.percentile(v, 25)),
    ("divided by its norm", RARE, _nothing, np.linalg.norm),
    ("divided by its standard deviation", RARE, _nothing, np.std),
    ("divided by its mean", RARE, _nothing, np.mean),
    ("divided by its sum", SELDOM, _nothing, np.sum),
    ("divided by its range", SELDOM, _nothing, np.ptp),
    ("divided by its first value", SELDOM, _nothing, lambda v: v[0]),
)  # fmt: skip

_WAYS: tuple[tuple[str, int, Column], ...] = (
    ("rounded to whole numbers", KNOWN, np.round),
    ("cut to whole numbers", KNOWN, np.trunc),
    ("rounded to one decimal", RARE, lambda v: np.round(v, 1)),
    ("rounded to two decimals", SELDOM, lambda v: np.round(v, 2)),
    ("with the sign turned", RARE, np.negative),
    ("without its sign", SELDOM, np.abs),
    ("as logarithms", RARE, np.log),
    ("as logarithms to base 10", RARE, np.log10),
    ("as logarithms to base 2", SELDOM, np.log2),
    ("as log(1 + v)", SELDOM, np.log1p),
    ("squared", RARE, np.square),
    ("as roots", RARE, np.sqrt),
    ("cubed", SELDOM, lambda v: v**3),
    ("as 1/v", SELDOM, lambda v: 1 / v),
    ("added up (a running sum)", SELDOM, np.cumsum),
    ("as ranks from 1", SELDOM, lambda v: np.argsort(np.argsort(v)) + 1.0),
    ("without its decimal point", RARE, _without_points),
)
