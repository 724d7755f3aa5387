"""Where a lesson begins: what brings a person here, the guide through it, and which lesson comes after it."""

from typing import TYPE_CHECKING

from lrstep.sources.samples import lessons
from lrstep.sources.source import Source

if TYPE_CHECKING:  # imported where a lesson begins: a session starts quicker without
    from lrstep.session.lesson.guide import Guide


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
