"""Going through lessons in a session: the next step, the step before, the next lesson, and where a newcomer begins."""

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from lrstep.errors import LrstepError
from lrstep.session.lesson.guide import Guide, require
from lrstep.sources import lesson_progress
from lrstep.sources.samples import lessons
from lrstep.sources.source import Source, open_source

if TYPE_CHECKING:
    from lrstep.session.session import Session


class Beginning(NamedTuple):
    """What may bring a person here: the command for it, which says it in its help, and the lesson that answers."""

    command: str
    lesson: str


BEGINNINGS = (
    Beginning("begin_numbers", "first-question"),
    Beginning("begin_words", "second-question"),
    Beginning("begin_own", "your-own-run"),
)


def guide_of(source: Source) -> Guide | None:
    """The guide through the lesson of a source, if it has one.

    Raises:
        LrstepError: a step of it cannot be gone through.
    """
    lesson = source.lesson
    if lesson is None:
        return None
    if not any(one.name == lesson.name for one in lessons()):  # those are tested
        require(source)
    return Guide(lesson, source.step)


def begin(session: "Session", name: str) -> None:
    """Open a lesson that comes with lrstep, where it was left."""
    try:
        session.load(lesson_progress.gone_on(open_source(name)))
    except LrstepError as error:
        session.say(error.message)


def following(name: str) -> str:
    """The lesson after one that comes with lrstep; empty after the last one and after any other."""
    names = [lesson.name for lesson in lessons()]
    return names[names.index(name) + 1] if name in names[:-1] else ""


def can_go_on(session: "Session") -> bool:
    """Whether there is a next step or a next lesson."""
    guide = session.guide
    return guide is not None and not guide.hidden and (guide.step is not None or bool(following(guide.lesson.name)))


def go_on(session: "Session") -> None:
    """The next step; at the end of the lesson, the next lesson."""
    guide = session.guide
    if guide is None or guide.hidden:
        return
    if guide.step is not None:
        guide.go_on(session)
    elif following(guide.lesson.name):
        begin(session, following(guide.lesson.name))


def go_back(session: "Session") -> None:
    """The step as it began, or the step before it."""
    if session.guide is not None:
        session.guide.hidden = False
        session.guide.go_back(session)


def put_away(session: "Session") -> None:
    """Put the lesson away, and show it again."""
    if session.guide is not None:
        session.guide.hidden = not session.guide.hidden
        session.touch()


def left(session: "Session") -> Source:
    """What is open, with its lesson, which another one is about to take the place of; how far it came is kept."""
    guide = session.guide
    if guide is None:
        return session.here
    with contextlib.suppress(LrstepError):  # the keeper says it where nothing can be kept
        lesson_progress.keep(session.kept)
    return replace(session.here, lesson=guide.lesson, step=guide.at)
