"""Numbers as text, and a typed text as the interval of values that it may stand for."""

import math
import re
from decimal import Decimal
from typing import NamedTuple

from lrstep.errors import LrstepError
from lrstep.plural import counted

ROUNDING = 1e-12
"""Relative slack of a match: float64 sums in another order differ by about as much."""

LONGEST = 400
"""Characters of a number: the longest float64, written out without an exponent, has 326."""

FEWEST_DIGITS = 2
"""With fewer digits an answer is a guess, which is right too easily."""


def exact(value: float) -> str:
    """The shortest text from which float64 gives the same number back; the minus is ASCII."""
    return str(value) if isinstance(value, int) else repr(float(value))


def inside(text: str) -> str:
    """A number as it stands inside a formula: a negative one in parentheses."""
    return f"({text})" if text.startswith("-") else text


def put(value: float) -> str:
    """The shortest exact text inside a formula."""
    return inside(exact(value))


def short(value: float, digits: int = 7) -> str:
    """A number rounded to so many significant digits, without needless zeros."""
    return str(value) if isinstance(value, int) else f"{float(value):.{digits}g}"


def same(a: float, b: float) -> bool:
    """Whether two numbers are the same one, nan too."""
    return a == b or (math.isnan(a) and math.isnan(b))


def agreeing_digits(a: float, b: float) -> float:
    """To how many significant digits two numbers agree: −log₁₀ of their relative difference; inf where it is 0."""
    if same(a, b):
        return math.inf
    difference = abs(a - b)
    return max(0, math.floor(-math.log10(difference / max(abs(a), abs(b))))) if math.isfinite(difference) else 0


def agreement(digits: float) -> str:
    """The same as a person reads it: "7 digits", "no digit"; "all digits" where the numbers are equal."""
    if digits == math.inf:
        return "all digits"
    return counted(int(digits), "digit") if digits else "no digit"


class Typed(NamedTuple):
    """A number as a person typed it.

    Attributes:
        text: as typed, without blanks around it.
        value: its value.
        digits: significant digits given; zeros at the end count.
        half_unit: half a unit of the last digit given.
        note: how the text was read, where that is not plain; else empty.
    """

    text: str
    value: float
    digits: int
    half_unit: float
    note: str = ""

    @property
    def tolerance(self) -> float:
        """How far a value may lie from the typed one and still round to it."""
        return self.half_unit + ROUNDING * abs(self.value)

    def fits(self, value: float) -> bool:
        """Whether a value, rounded to the digits given, is the typed number."""
        return abs(value - self.value) <= self.tolerance


def parse_number(text: str) -> Typed:
    """Read a number with the digits it was given in: 21.8 stands for 21.75 to 21.85.

    Accepts a sign, an exponent, a minus sign of typography, and a decimal comma (with a note).

    Raises:
        LrstepError: the text is no finite number.
    """
    typed = text.strip()
    plain = typed.replace("−", "-")
    note = ""
    if re.fullmatch(r"[+-]?\d+,\d+([eE][+-]?\d+)?", plain):
        plain = plain.replace(",", ".")
        note = f"{typed} was read as {plain}, with a decimal comma."
    form = re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,9})?", plain, re.ASCII)
    if not form or len(typed) > LONGEST:
        said = repr(typed) if len(typed) <= LONGEST else f"{typed[:20]!r}…"
        hint = "Give the number as you got it, with all its digits, such as 21.8 or -1.5e-3."
        raise LrstepError(f"{said} is not a number", hint)
    value = float(plain)
    given = re.sub(r"\D", "", form[1]).lstrip("0")
    if math.isinf(value):
        hint = "In a float64 it is infinite: such a run has diverged, and its last iteration says where."
        raise LrstepError(f"{typed} is beyond the largest float64, 1.7976931348623157e308", hint)
    if not value and given:
        note = f"{typed} is below the smallest float64, 4.9e-324, and was read as 0."
        return Typed(typed, value, len(given), 0.0, note)
    number = Decimal(plain)
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    unit = exponent if value else min(exponent, 0)  # 0e9 is 0, not anything up to 1e9
    return Typed(typed, value, len(digits), float(f"5e{unit - 1}"), note)
