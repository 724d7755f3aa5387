"""Formulas with numbers put in, in as few digits as still give the result that is shown beside them."""

import math
import re
from collections.abc import Callable

from lrstep.core.symbols import root
from lrstep.formulas.numerals import inside, short

DIGITS = (7, 9, 12, 15, 17)
"""So many significant digits are tried; 17 tell any two float64 apart."""

_OPERAND = r"(\((?:[^()]|\([^()]*\))*\)|\d[\d.]*(?:e[+-]?\d+)?)"
_KNOWN = {"square": lambda v: v * v, "root": root, "abs": abs, "max": max, "sign": lambda v: math.copysign(1.0, v)}
_ALLOWED = re.compile(r"(?:square|root|abs|max|sign|e|[\d.\s()*/+,-])*")


def evaluated(text: str) -> float | None:
    """The value of a formula in which only numbers stand, as :data:`lrstep.formulas.notation.NUMBERS` writes it.

    Returns:
        The value; None for a text that is no such formula, or has no value.
    """
    plain = re.sub(_OPERAND + "²", r"square(\1)", text)
    for sign, instead in (("·", "*"), ("−", "-"), ("√(", "root("), ("^", "**")):
        plain = plain.replace(sign, instead)
    if not _ALLOWED.fullmatch(plain):
        return None
    try:
        return float(eval(plain, {"__builtins__": {}}, _KNOWN))  # made of numbers and operators alone
    except (ArithmeticError, SyntaxError, TypeError, ValueError):
        return None


def with_enough_digits(write: Callable[[Callable[[float], str]], str], result: float) -> str:
    """A formula in as few digits as give the result to the digits in which it is shown.

    Args:
        write: the formula with numbers put in, given how a number is written.
        result: its value in full.
    """
    text = ""
    for digits in DIGITS:
        text = write(lambda value, digits=digits: inside(short(value, digits)))  # type: ignore[misc]
        value = evaluated(text)
        if value is None or not math.isfinite(result) or short(value) == short(result):
            break
    return text
