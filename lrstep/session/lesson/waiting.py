"""What a step of a lesson waits for: the state of a session in which each of its conditions holds."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from lrstep.core.iteration import Phase
from lrstep.core.lockstep import PACES, Lockstep
from lrstep.core.position import PHASES, parse_position
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.formulas.conditions import parse_condition
from lrstep.session.checker import Checker
from lrstep.session.look import CHARTS, SIDE, Look
from lrstep.session.panels.names import PANELS
from lrstep.sources.columns import did_you_mean
from lrstep.sources.files import quoted
from lrstep.sources.runfile import RunFile
from lrstep.sources.source import Source

ON_SCREEN = ("chart", "panel", "scrolled")
"""Conditions on what only a screen shows; elsewhere nothing has to be done for them."""

_NAMES: dict[str, tuple[str, ...]] = {
    "phase": tuple(PHASES),
    "chart": (*CHARTS, SIDE),
    "panel": (*PANELS, "chart"),
    "pace": PACES,
}


class Pupil(Protocol):
    """What goes through a lesson: a session."""

    look: Look
    checker: Checker
    lockstep: Lockstep
    arrived: bool
    on_screen: bool

    @property
    def run(self) -> Run:
        """The run that is shown."""

    @property
    def number(self) -> int:
        """The iteration under the cursor."""

    @property
    def phase(self) -> Phase:
        """The phase under the cursor."""

    @property
    def computing(self) -> bool:
        """Whether something is being computed."""

    @property
    def here(self) -> Source:
        """What is open, to be opened at this very moment."""

    @property
    def run_file(self) -> RunFile:
        """The same, to be compared with another moment."""

    @property
    def kept(self) -> RunFile:
        """The same, to go on with it later, in the same step of a lesson."""

    def load(self, source: Source) -> None:
        """Open something else."""

    def say(self, notice: str | None) -> None:
        """Show a message."""


def _where(session: Pupil, text: Any) -> bool:
    condition, number = parse_condition(text, session.run), session.number
    return bool(condition.holds(session.run, number, number)[0])


HOLDS: dict[str, Callable[[Pupil, Any], bool]] = {
    "at": lambda session, place: (session.number, session.phase) == parse_position(str(place), session.run),
    "phase": lambda session, name: session.phase == PHASES[name],
    "where": _where,
    "chart": lambda session, name: session.look.chart == name,
    "panel": lambda session, name: session.look.focus == name,
    "settings": lambda session, now: all(getattr(session.run.settings, name) == now[name] for name in now),
    "data": lambda session, name: session.run.raw.name == name,
    "check": lambda session, wanted: session.checker.verdict(session.number) is not None,
    "scrolled": lambda session, wanted: session.look.scroll > 0,
    "runs": lambda session, count: len(session.lockstep.lanes) == count,
    "shown": lambda session, place: session.lockstep.shown + 1 == place,
    "pace": lambda session, pace: session.lockstep.pace == pace,
}
"""Condition → whether it holds; ``answer`` and ``command`` are things done, which the guide remembers."""


def holds(session: Pupil, until: Mapping[str, Any]) -> bool:
    """Whether all of these hold; what the run of now does not have, such as a place behind its end, does not."""
    try:
        return all(HOLDS[name](session, value) for name, value in until.items() if name in HOLDS)
    except LrstepError:
        return False


def require_name(kind: str, name: Any, said: str) -> None:
    """Refuse the name of a chart, panel, phase or pace that there is not; ``said`` is what to call it in the message.

    Raises:
        LrstepError: see above.
    """
    known = _NAMES.get(kind, ())
    if known and name not in known:
        hint = f"{did_you_mean(name, known)}It is one of {', '.join(known)}."
        raise LrstepError(f"{said} {quoted(name)} is not known", hint)


def require(until: Mapping[str, Any], run: Run) -> None:
    """Refuse conditions that nothing in the stepper can fulfil.

    Args:
        until: the conditions of a step.
        run: the run that the lesson has there.

    Raises:
        LrstepError: a name or a place in them is none; the hint says what there is.
    """
    for name, value in until.items():
        require_name(name, value, f"until.{name}")
        try:
            if name == "at":
                parse_position(str(value), run)
            elif name == "where":
                parse_condition(value, run)
        except LrstepError as error:
            raise LrstepError(f"until.{name}: {error.message}", error.hint) from None
