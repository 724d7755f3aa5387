"""Where somebody was in a run, as it is written in a run file."""

import re

from lrstep.core.iteration import Phase

CURSOR = re.compile(r"([0-9]{1,18})(?: ([a-z]+))?")


def format_cursor(iteration: int, phase: Phase | int = Phase.START) -> str:
    """``"5"``, or with a phase ``"5 gradient"``."""
    return str(iteration) if phase == Phase.START else f"{iteration} {Phase(phase).name.lower()}"


def parse_cursor(text: str) -> tuple[int, Phase]:
    """Iteration (0: the start) and phase of a cursor.

    The iteration may lie beyond the end of the run; only the run knows.

    Raises:
        ValueError: the text is no cursor.
    """
    match = CURSOR.fullmatch(text)
    if not match:
        raise ValueError(text)
    name = (match.group(2) or "start").upper()
    if name not in Phase.__members__:
        raise ValueError(text)
    return int(match.group(1)), Phase[name]
