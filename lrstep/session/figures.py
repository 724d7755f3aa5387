"""Numbers as text for panels: at least 6 significant digits, ASCII minus, aligned on the decimal point.

What is shown can be pasted into a spreadsheet as it stands.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import chain, product
from typing import NamedTuple

from lrstep.formulas.numerals import inside

COLUMN = 15
"""Width of an aligned column: room for 8 digits, a sign, a point, and an exponent."""

DIGITS = 8
LEAST_DIGITS = 6
_ALIGNED = 12
"""Narrowest column in which numbers with and without an exponent can stand below each other."""


def inline(value: float, digits: int = DIGITS) -> str:
    """A number inside a formula, e.g. ``-330.84123``; trailing zeros are left out."""
    return f"{value + 0.0:.{digits}g}"  # -0.0 is 0


def as_printed(value: float) -> str:
    """A number as the progress bar of Keras prints it: ``21.0953``, ``9.7656e-04``.

    Four decimals, or an exponent up to 0.001; of a large number no more digits than its float32 has. From 10^16 on
    it has an exponent too, where Keras writes up to 39 digits.
    """
    if not math.isfinite(value):
        return f"{value}"
    if abs(value) <= 1e-3 or abs(value) >= 1e16:
        return f"{value:.4e}"
    return f"{value:.{max(0, min(4, 6 - math.floor(math.log10(abs(value)))))}f}"


def factor(value: float, digits: int = DIGITS) -> str:
    """A number that is squared or comes after an operator sign: a negative one stands in parentheses."""
    return inside(inline(value, digits))


def exact(value: float) -> str:
    """The shortest text that gives back the very same float64; a whole number without ``.0``."""
    return repr(float(value)).removesuffix(".0")


def aligned(values: Sequence[float], width: int = COLUMN, digits: int | Sequence[int] = DIGITS) -> list[str]:
    """Numbers of one column, each ``width`` wide, their decimal points below each other.

    Large and small magnitudes that fixed notation cannot show with 6 significant digits are written
    with an exponent. The place of the point depends on the largest magnitude only.

    Args:
        values: the numbers.
        width: of the column.
        digits: significant digits of all or of each, where there is room.
    """
    largest = max([abs(value) for value in values if math.isfinite(value)], default=0.0)
    whole = len(f"{largest:.0f}") if largest < 1e15 else 99
    left = min(max(5, whole + 1), width - 7)
    right = width - left - 1
    if isinstance(digits, int):
        return [_cell(value, left, right, digits) for value in values]
    return [_cell(value, left, right, count) for value, count in zip(values, digits, strict=True)]


def coming_out(values: Sequence[float], by_hand: Sequence[float], width: int) -> list[str]:
    """Results as :func:`aligned`, each in as many digits as come out where it is computed with the numbers shown.

    Args:
        values: the results.
        by_hand: what comes out for each.
        width: of the column.
    """
    made = aligned(values, width)
    for digits in range(DIGITS - 1, LEAST_DIGITS - 1, -1):
        right = [comes_to(value, text) for value, text in zip(by_hand, made, strict=True)]
        if all(right):
            break
        fewer = aligned(values, width, digits)
        made = [text if come_out else less for come_out, text, less in zip(right, made, fewer, strict=True)]
    return made


def decimals_of(text: str) -> int:
    """Decimals of a number as it is written."""
    mantissa, _, exponent = text.strip().partition("e")
    return len(mantissa.partition(".")[2]) - int(exponent or 0)


def digits_for(value: float, decimals: int) -> int:
    """Significant digits with which a number has so many decimals; as many as usual, if that is more."""
    return max(DIGITS, decimals + 1 + math.floor(math.log10(abs(value)))) if value and math.isfinite(value) else DIGITS


def column(values: Sequence[float], digits: int = DIGITS) -> list[str]:
    """Numbers of one column with the same decimals, so many that the largest has ``digits`` significant digits.

    What would keep fewer than :data:`LEAST_DIGITS` less two of them, or need many more, has an exponent.
    """
    sizes = [abs(value) for value in values if value and math.isfinite(value)]
    exponent = math.floor(math.log10(max(sizes))) if sizes else 0
    decimals = max(0, digits - 1 - exponent)
    if decimals > digits + 2 or exponent > digits:
        return [f"{value:.{LEAST_DIGITS - 1}e}" for value in values]
    least = 10.0 ** (LEAST_DIGITS - 3 - decimals)
    return [
        f"{value:.{decimals}f}" if abs(value) >= least or not value else f"{value:.{LEAST_DIGITS - 1}e}"
        for value in values
    ]


def one(value: float, width: int = COLUMN) -> str:
    """A single aligned number."""
    return aligned([value], width)[0]


class Update(NamedTuple):
    """An update as text: before − step = after, in the digits shown."""

    before: str
    step: str
    after: str


def updates(numbers: Sequence[tuple[float, float, float]], width: int = COLUMN, fewer: int = 0) -> list[Update]:
    """Updates below each other, each in digits with which it adds up; step and result are ``width`` wide.

    The numbers that go in have a digit more than the result where it takes that: 0.54187236 + 0.0110077 would not
    come to 0.5528800. Where no digits that there is room for add up (1e9 − 1e9 = 1e-9), each stands as it is.

    Args:
        numbers: before, step and after.
        width: of step and result.
        fewer: digits that are left out at the end.
    """
    texts = [_adding_up(*three, width, fewer) for three in numbers]
    columns = [_below_each_other(column, width) for column in list(zip(*texts, strict=True))[1:]]
    return [Update(text.before, *places) for text, *places in zip(texts, *columns, strict=True)]


def _adding_up(before: float, step: float, after: float, width: int, fewer: int) -> Update:
    if all(map(math.isfinite, (before, step, after))) and after and step:
        most = _decimals(after, DIGITS - fewer)
        fixed = product([(_at_least, "f")], range(most, max(_decimals(after) - 3, 0), -1), range(3))
        small = product([(_with_exponent, "e")], range(LEAST_DIGITS - 1, LEAST_DIGITS - 3, -1), range(3))
        for (written, form), decimals, more in chain(fixed, small):
            into = decimals + more
            made = Update(written(before, into), written(step, into), f"{after:.{decimals}{form}}")
            if adds_up(*made) and max(map(len, made)) <= width:
                return made
    return Update(inline(before), one(step, width).strip(), one(after, width).strip())


def adds_up(before: str, step: str, after: str) -> bool:
    """Whether the numbers as they stand, computed by hand and rounded, give the result as it stands."""
    result = Decimal(after)
    unit = Decimal(1).scaleb(int(result.as_tuple().exponent))
    return abs(Decimal(before) - Decimal(step) - result) < unit / 2


def comes_to(value: float, text: str) -> bool:
    """Whether a number, rounded to the digits of a text, is what stands there."""
    return not math.isfinite(value) or abs(value - float(text)) < 0.5 * 10.0 ** -decimals_of(text)


def _at_least(value: float, decimals: int) -> str:
    """A number with so many decimals, or more where it is so small that it needs them for its digits."""
    needed = max(decimals, LEAST_DIGITS - 1 - math.floor(math.log10(abs(value)))) if value else 1
    return f"{value:.{needed}f}" if needed <= decimals + 4 else f"{value:.{DIGITS - 1}e}"


def _with_exponent(value: float, decimals: int) -> str:
    return f"{value:.{decimals}e}" if value else "0.0"


def _below_each_other(texts: Sequence[str], width: int) -> list[str]:
    """Texts with their decimal points below each other, where there is room."""
    padded = _padded(texts)
    return [text.rjust(width) for text in (padded if max(map(len, padded)) <= width else texts)]


def _padded(texts: Sequence[str]) -> list[str]:
    """Texts with blanks behind them, so that their decimal points stand below each other."""
    behind = [len(text) - text.index(".") if "." in text and "e" not in text else 0 for text in texts]
    most = max(behind, default=0)
    return [text + " " * (most - after) for text, after in zip(texts, behind, strict=True)]


def data_width(values: Sequence[float]) -> int:
    """Width that the data's own numbers need."""
    return max(min(len(exact(value)), 13) for value in values)


def data_cells(values: Sequence[float], width: int) -> list[str]:
    """The data's own numbers, as they stand in the file where they fit below each other, else with fewer digits."""
    padded = _padded([exact(value) for value in values])
    if all(len(text) <= width for text in padded):
        return [text.rjust(width) for text in padded]
    if width >= _ALIGNED:
        return aligned(values, width)
    return [f"{value:.{LEAST_DIGITS}g}".rjust(width) for value in values]


@lru_cache(maxsize=1024)  # a number stands in several places, and once more in the next step
def _cell(value: float, left: int, right: int, most: int) -> str:
    width = left + 1 + right
    if not math.isfinite(value):
        return f"{value}".rjust(left).ljust(width)
    if value == 0:
        return _placed("0.0", left, right)
    decimals = _decimals(value, most)
    text = f"{value:.{min(right, decimals)}f}"
    too_few = decimals > right and len(text.replace(".", "").lstrip("-0")) < LEAST_DIGITS
    if too_few or len(text.partition(".")[0]) > left:
        text = f"{value:.{LEAST_DIGITS - 1}e}"
    return _placed(text, left, right)


def _decimals(value: float, digits: int = DIGITS) -> int:
    """Decimals that show so many significant digits; at least one, where they are not fewer than usual."""
    exponent = math.floor(math.log10(abs(value)))
    return max(int(digits == DIGITS), digits - 1 - exponent)


def _placed(text: str, left: int, right: int) -> str:
    before, point, after = text.partition(".")
    if len(before) <= left and len(after) <= right:
        return f"{before:>{left}}{point or ' '}{after:<{right}}"
    return text.rjust(left + 1 + right)
