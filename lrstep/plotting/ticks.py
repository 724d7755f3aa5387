"""Round numbers on an axis, and how they are written."""

import math
import sys
from typing import NamedTuple


class Interval(NamedTuple):
    """From ``low`` to ``high``, low < high, both finite."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """high − low."""
        return self.high - self.low


class Tick(NamedTuple):
    """A number on an axis and how it is written."""

    value: float
    label: str


def ticks(interval: Interval, most: int) -> list[Tick]:
    """At most so many round numbers within an interval, all written in the same, shortest form."""
    for pieces in range(most + 2, 0, -1):  # those at both ends need no tick
        numbers, step = multiples(interval, pieces)
        if len(numbers) <= most:
            return _written(numbers, step)
    return []


def ticks_about(interval: Interval, pieces: int, room: int) -> list[Tick]:
    """The ticks that cut an interval into about so many pieces; in powers of ten only what is longer than the room."""
    low, high = interval
    if max(-low, high) <= 1e300:
        return _written(*multiples(interval, pieces), room)
    # The width may be more than the largest number, and so may a step, of which 0 is then the only multiple.
    numbers, step = multiples(Interval(low / 1e10, high / 1e10), pieces)
    return _written(numbers, min(step * 1e10, sys.float_info.max))


def multiples(interval: Interval, pieces: int) -> tuple[range, float]:
    """The step that cuts an interval into at most so many whole pieces, and its multiples k·step within."""
    step = tick_step(interval.width, pieces)
    slack = step * 1e-6
    return range(math.ceil((interval.low - slack) / step), math.floor((interval.high + slack) / step) + 1), step


def _written(numbers: range, step: float, room: int = 0) -> list[Tick]:
    values, exponent = [k * step for k in numbers], math.floor(math.log10(step) + 1e-9)
    labels = [_power_form(value, exponent) for value in values]
    if values and exponent >= -9 and max(map(abs, values)) < 1e12:
        decimals = [f"{value:.{max(0, -exponent)}f}" for value in values]
        labels = min(decimals, labels, key=lambda texts: max(room, *map(len, texts)))
    return list(map(Tick, values, labels))


def tick_step(width: float, count: int) -> float:
    """1, 2 or 5 times a power of ten: the smallest that cuts the width into at most so many pieces."""
    raw = width / max(count, 1)
    exponent = math.floor(math.log10(raw))
    steps = (float(f"{digit}e{exponent}") for digit in (1, 2, 5))
    return next((step for step in steps if step >= raw * (1 - 1e-9)), float(f"1e{exponent + 1}"))


def _power_form(value: float, exponent: int) -> str:
    """Like 1.5e-7, with the digits that tell the ticks apart."""
    if not value:
        return "0"
    digits = max(0, math.floor(math.log10(abs(value)) + 1e-12) - exponent)
    mantissa, power = f"{value:.{digits}e}".split("e")
    return f"{mantissa}e{int(power)}"
