"""The lines under the panels: what happens and why, what the check says, the question of practice."""

from lrstep.session.lesson.wording import wrapped
from lrstep.session.narration import narrate
from lrstep.session.panels import dock as docks
from lrstep.session.session import SPEEDS, Session
from lrstep.session.styled_rows import Rows, fit, row

LINES = 2
"""Lines of message and check."""

ROOMY = 30
"""A screen so high has a further line for the coach, who elsewhere takes one of the message."""


def status_lines(session: Session, width: int, height: int, beside: bool = False) -> Rows:
    """The coach, message and check, each as wide as the screen at most.

    Args:
        session: what they are about.
        width, height: of the screen.
        beside: whether a lesson stands beside the panels; below them it takes room from these lines.
    """
    view = session.view
    check: Rows = []
    lines = session.checker.lines(session.number, session.keys)
    if lines:
        said = view.row(view.first_fit(width, *lines))
        check = [tuple(span._replace(style="focus") for span in said) if view.focus == "check" else said]
    if session.practice is not None:
        return [*session.practice.lines(view, width), *check]
    if not beside and docks.dock(view, width) is not None:
        return [] if session.newcomer else _beneath(session, width, check)
    advice = _advice(session, width)
    room = LINES + (height >= ROOMY and len(advice)) - len(check) - len(advice)
    return [*advice, *_message(session, width, max(1, room)), *check]


def _beneath(session: Session, width: int, check: Rows) -> Rows:
    """The one line below a lesson: what is computed, a message, a hint, the check, else what happens."""
    view, said = session.view, docks.remark(session.view)
    if session.progress or session.notice or not (said or check):
        return _message(session, width, 1)
    return [fit(view.row(row(" ", *cells)), width) for cells in wrapped(said, width - 2, "warn")[:1]] or check


def _advice(session: Session, width: int) -> Rows:
    """What the coach says, in one line."""
    view = session.view
    texts = session.coaching.advice("" if view.focus else "Enter")
    return [view.row(view.first_text(width, (f" {text}" for text in texts), "warn"))] if texts else []


def _message(session: Session, width: int, height: int) -> Rows:
    view = session.view
    if session.progress:
        said: Rows = [row((f" {session.progress} · Esc stops", "warn"))]
    elif session.notice:
        said = [row((f" {session.notice}", "warn"))]
    else:
        ended = f"■ the end, {session.keys['play']} starts over · " if session.ended else ""
        playing = f"▶ {SPEEDS[session.speed]}/s · " if session.playing else ended
        said = narrate(view, width - 2, height, playing)
    return [fit(view.row(cells), width) for cells in [*said, row(""), row("")][:height]]
