"""The lessons of a session: what brings a person here, the one that is gone through, and where others were left."""

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from lrstep.errors import LrstepError
from lrstep.sources import lesson_progress
from lrstep.sources.open_source import open_source
from lrstep.sources.samples import lessons
from lrstep.sources.source import Source

if TYPE_CHECKING:  # imported where a lesson begins: a session starts quicker without
    from lrstep.session.lesson.guide import Guide
    from lrstep.session.lesson.waiting import Pupil

BEGINNINGS = {"begin_numbers": "first-question", "begin_words": "second-question", "begin_own": "your-own-run"}
"""What may bring a person here: the command for it, which says it in its help → the lesson that answers."""

ALONE = "begin_alone"
"""The command for no lesson at all."""


def guide_of(source: Source) -> "Guide | None":
    """The guide through the lesson of a source, if it has one.

    Raises:
        LrstepError: a step of it cannot be gone through.
    """
    lesson = source.lesson
    if lesson is None:
        return None
    from lrstep.session.lesson.guide import Guide, require

    if not any(one.name == lesson.name for one in lessons()):  # those are tested
        require(source)
    return Guide(lesson, source.step)


def following(name: str) -> str:
    """The lesson after one that comes with lrstep; empty after the last one and after any other."""
    names = [lesson.name for lesson in lessons()]
    return names[names.index(name) + 1] if name in names[:-1] else ""


class Course:
    """Goes through lessons with a session, and from one to the next.

    Args:
        session: what goes through them.
        guide: the lesson that it begins with.

    Attributes:
        guide: the lesson that is gone through, or None.
    """

    def __init__(self, session: "Pupil", guide: "Guide | None") -> None:
        self.guide = guide
        self._session = session
        self._left: dict[str, Guide] = {}

    def begin(self, name: str) -> None:
        """Open a lesson that comes with lrstep, where it was left."""
        try:
            self._session.load(lesson_progress.gone_on(open_source(name)))
        except LrstepError as error:
            self._session.say(error.message)

    @property
    def goes_on(self) -> bool:
        """Whether there is a next step or a next lesson."""
        guide = self.guide
        return guide is not None and not guide.hidden and (guide.step is not None or bool(following(guide.lesson.name)))

    def go_on(self) -> None:
        """The next step; at the end of the lesson, the next lesson."""
        if self.guide is None or not self.goes_on:
            return
        if self.guide.step is not None:
            self.guide.go_on(self._session)
        else:
            self.begin(following(self.guide.lesson.name))

    def go_back(self) -> None:
        """The step as it began, or the step before it."""
        if self.guide is not None:
            self.guide.hidden = False
            self.guide.go_back(self._session)

    def put_away(self) -> None:
        """Put the lesson away, and show it again."""
        if self.guide is not None:
            self.guide.hidden = not self.guide.hidden

    def go_alone(self) -> None:
        """Just the stepper: put a lesson away; it comes back as any that was put away."""
        if self.guide is not None:
            self.guide.hidden = True

    def change(self, guide: "Guide | None") -> Source:
        """Another lesson, or none, takes the place of this one.

        A lesson that was gone through before, and is at the same step, still knows how that began.

        Returns:
            What is open until then, with its lesson, to come back to it; how far that came is kept.
        """
        here, left = self._session.here, self.guide
        if left is not None:
            with contextlib.suppress(LrstepError):  # the keeper says it where nothing can be kept
                lesson_progress.keep(self._session.kept)
            self._left[left.lesson.name] = left
            here = replace(here, lesson=left.lesson, step=left.at)
        before = self._left.get(guide.lesson.name) if guide else None
        if guide and before and before.lesson == guide.lesson and before.at == guide.at:
            before.hidden, guide = False, before
        self.guide = guide
        return here
