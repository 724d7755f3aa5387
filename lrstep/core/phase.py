"""The phases inside an iteration."""

from enum import IntEnum


class Phase(IntEnum):
    """The phases inside an iteration, in the order of the computation."""

    START = 0
    BATCH = 1
    PREDICTIONS = 2
    LOSS = 3
    GRADIENT = 4
    ACCUMULATOR = 5
    UPDATE = 6
    AFTER = 7
