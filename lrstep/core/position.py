"""Places in a run as a person types them: ``5``, ``e3``, ``e3b2``, ``5.gradient``, ``start``, ``end``."""

import re

from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.errors import LrstepError

_PATTERN = (
    r"(?i)(?:(?P<number>[0-9]{1,18})|e(?P<epoch>[0-9]{1,18})(?:b(?P<batch>[0-9]{1,18}))?)"
    r"(?:\.(?P<phase>[a-z]+))?"
)
PHASES = {phase.name.lower(): phase for phase in Phase if phase != Phase.START}
"""What each phase but the start is called where it is typed."""

_EXPECTED = "Type an iteration (5), an epoch (e3), a batch of it (e3b2), or one with a phase (5.gradient)."


def parse_position(text: str, run: Run) -> tuple[int, Phase]:
    """Iteration number (0 is the start) and phase that a text names.

    An epoch alone means its first batch; without a phase the whole iteration is meant, up to after the update.

    Raises:
        LrstepError: the text is no place, or the run does not have it; the hint says what there is.
    """
    word = text.strip().lower()
    if word in ("start", "end"):
        return (0, Phase.START) if word == "start" else (run.n_iterations, Phase.AFTER)
    match = re.fullmatch(_PATTERN, word)
    if not match:
        raise LrstepError(f"{text.strip()!r} is no place in a run", _EXPECTED)
    if match["epoch"]:
        epoch, batch = int(match["epoch"]), int(match["batch"] or 1)
        _within("epoch", epoch, 1, run.settings.epochs)
        _within("batch", batch, 1, run.batches.per_epoch)
        number = (epoch - 1) * run.batches.per_epoch + batch
    else:
        number = int(match["number"])
        _within("iteration", number, 0, run.n_iterations)
    return number, _phase(match["phase"], number)


def is_position(text: str) -> bool:
    """Whether a text is a place in some run: an iteration, with or without a phase."""
    match = re.fullmatch(_PATTERN, text)
    return match is not None and match["number"] is not None and (match["phase"] or "after") in PHASES


def position_text(number: int, phase: Phase) -> str:
    """The shortest text that :func:`parse_position` reads as this place."""
    return str(number) if phase in (Phase.START, Phase.AFTER) else f"{number}.{phase.name.lower()}"


def _phase(name: str | None, number: int) -> Phase:
    if not number:
        if name:
            raise LrstepError("iteration 0 is the start and has no phases", "Phases begin with iteration 1.")
        return Phase.START
    if name is None:
        return Phase.AFTER
    if name not in PHASES:
        raise LrstepError(f"{name!r} is no phase", f"Phases are {', '.join(PHASES)}.")
    return PHASES[name]


def _within(what: str, value: int, first: int, last: int) -> None:
    if not first <= value <= last:
        raise LrstepError(f"this run has no {what} {value}", f"It has {first} … {last}.")
