"""What stands beside or below the panels: the step of a lesson, or what a newcomer is asked."""

from typing import TYPE_CHECKING, NamedTuple

from lrstep.plural import counted
from lrstep.session.commands import HELPS
from lrstep.session.lesson.course import ALONE, BEGINNINGS, following
from lrstep.session.lesson.wording import Piece, pieces, wrapped
from lrstep.session.styled_rows import Row, Rows, row
from lrstep.session.view import View

if TYPE_CHECKING:
    from lrstep.session.lesson.guide import Guide


class Dock(NamedTuple):
    """Where one is in it, its title, the keys that belong to it, lines of text, and how many the longest step has."""

    where: Row
    title: Row
    keys: Row
    rows: Rows
    lines: int = 0


def dock(view: View, width: int, with_hint: bool = True) -> Dock | None:
    """The dock with its text broken into lines of a width; None where there is nothing to say.

    Args:
        view: what is seen.
        width: of the lines.
        with_hint: whether the hint and what became of an answer are among the lines.
    """
    if view.guide is not None and not view.guide.hidden:
        made = _step(view, view.guide, width) if view.guide.step is not None else _over(view, view.guide, width)
        aside = wrapped(remark(view), width, "warn") if with_hint else []
        return made._replace(rows=[*made.rows, *aside], lines=_longest(view, view.guide, width))
    if view.newcomer:
        rows = [row((f"{view.keys[command]} ", "key"), HELPS[command]) for command in BEGINNINGS]
        where = row((" What brings you here? ", "strong"))
        alone = row((view.keys[ALONE], "key"), f" {HELPS[ALONE]}")
        return Dock(where, (), alone, rows)
    return None


def remark(view: View) -> list[Piece]:
    """What became of the last answer, and the hint once it is given."""
    guide = view.guide
    if guide is None or not guide.teaches or guide.step is None:
        return []
    said = [(f"{guide.said} ", False)] if guide.said else []
    return [*said, *(pieces(guide.hint, view.keys) if guide.hinted else [])]


def _step(view: View, guide: "Guide", width: int) -> Dock:
    assert guide.step is not None
    where = row((f" {guide.at + 1} of {len(guide.lesson.steps)} ", "strong"))
    back = ((" · ", "dim"), (view.keys["lesson_back"], "key"), (" back", "dim"))
    if guide.asks:
        keys = row("answer: ", (f"{guide.typed[-12:]}_", "changed"), (" Enter", "key"))
    elif guide.ready:
        keys = row((view.keys["lesson_next"] if view.focus else "Enter", "key"), " goes on", *back)
    else:
        keys = row((view.keys["lesson_next"], "key"), (" skips", "dim"), *back)
    return Dock(where, row((guide.lesson.title, "title")), keys, wrapped(pieces(guide.step.text, view.keys), width))


def _longest(view: View, guide: "Guide", width: int) -> int:
    """Lines of the longest text of a lesson: with room for it nothing moves from step to step."""
    texts = [pieces(step.text, view.keys) for step in guide.lesson.steps]
    return view.kept("dock", (guide.lesson, width), lambda: max(len(wrapped(text, width)) for text in texts))


def _over(view: View, guide: "Guide", width: int) -> Dock:
    name, away = following(guide.lesson.name), view.keys["notes"]
    text = f"✓ Done: {counted(len(guide.lesson.steps), 'step')}. "
    text += f"Enter begins the next lesson, {name}; {{notes}} puts this away." if name else "{notes} puts this away."
    keys = row(("Enter", "key"), " next lesson") if name else row((away, "key"), " puts it away")
    title = row((guide.lesson.title, "title"))
    return Dock(row((" Done ", "good")), title, keys, wrapped(pieces(text, view.keys), width))
