"""What may be done to a column of numbers before it is trained on: scaled, rounded, as logarithms …"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.why.worlds import COMMON, KNOWN, RARE, SELDOM


def _without_points(values: Floats) -> Floats:
    """8.8 → 88, as where the decimal sign is not read as one."""
    return np.array([float(f"{value:.12g}".replace(".", "")) for value in values.tolist()])


Transformation = Callable[[Floats], Any]


def other_columns() -> Iterator[tuple[str, int, Transformation]]:
    """What may be done to a column: words, how common that is, and the way."""
    yield from _WAYS
    for factor, rank in _FACTORS.items():
        yield f"divided by {factor:g}", rank, lambda v, f=factor: v / f  # type: ignore[misc]
        yield f"times {factor:g}", max(rank, RARE), lambda v, f=factor: v * f  # type: ignore[misc]


_FACTORS = {10: RARE, 100: RARE, 1000: KNOWN, 2: RARE} | dict.fromkeys((12, 60, 1e6, 2.54, 3.6, 3, 4, 5, 20), SELDOM)

_WAYS: tuple[tuple[str, int, Transformation], ...] = (
    ("standardised", COMMON, lambda v: (v - v.mean()) / v.std()),
    ("standardised with n − 1", KNOWN, lambda v: (v - v.mean()) / (v.std() * np.sqrt(len(v) / np.float64(len(v) - 1)))),
    ("scaled to 0 … 1", COMMON, lambda v: (v - v.min()) / np.ptp(v)),
    ("scaled to −1 … 1", RARE, lambda v: (v - (v.min() + v.max()) / 2) / (np.ptp(v) / 2)),
    ("divided by its largest value", KNOWN, lambda v: v / np.abs(v).max()),
    ("centred (less its mean)", KNOWN, lambda v: v - v.mean()),
    ("less its smallest value", RARE, lambda v: v - v.min()),
    ("less its median", SELDOM, lambda v: v - np.median(v)),
    ("one too large", SELDOM, lambda v: v + 1),
    ("one too small", SELDOM, lambda v: v - 1),
    ("less its first value", SELDOM, lambda v: v - v[0]),
    ("less its mean, divided by its range", RARE, lambda v: (v - v.mean()) / np.ptp(v)),
    ("less its mean, divided by its variance", RARE, lambda v: (v - v.mean()) / v.var()),
    ("less its mean, divided by its largest value", SELDOM, lambda v: (v - v.mean()) / np.abs(v).max()),
    (
        "less its median, divided by its quartile range",
        SELDOM,
        lambda v: (v - np.median(v)) / (np.percentile(v, 75) - np.percentile(v, 25)),
    ),
    ("divided by its norm", RARE, lambda v: v / np.linalg.norm(v)),
    ("divided by its standard deviation", RARE, lambda v: v / v.std()),
    ("divided by its mean", RARE, lambda v: v / v.mean()),
    ("divided by its sum", SELDOM, lambda v: v / v.sum()),
    ("divided by its range", SELDOM, lambda v: v / np.ptp(v)),
    ("divided by its first value", SELDOM, lambda v: v / v[0]),
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
