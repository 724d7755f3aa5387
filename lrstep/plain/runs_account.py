"""Runs side by side in words: how the others stand beside the one that is told of, and all their numbers."""

from lrstep.export.comparison import same_as
from lrstep.formulas.numerals import same
from lrstep.plain.voice import Voice
from lrstep.plural import counted
from lrstep.session.figures import one
from lrstep.session.panels.bars import BY
from lrstep.session.panels.side_by_side import (
    DIGITS,
    ComparedRun,
    compared,
    compared_runs,
    first_difference,
    written,
)
from lrstep.session.view import View


def others(view: View, voice: Voice) -> None:
    """A sentence for each run beside the one that is told of."""
    runs, found = view.lockstep, compared_runs(view)
    if runs is None:
        return
    shown = found[runs.shown]
    voice.say(f"Side by side by {BY[runs.pace]}: this is run {shown.mark} of {len(found)}, {shown.label}.")
    for column in found:
        if column is not shown:
            same = same_as(shown.mark, column.same_until, column.same_now(shown))
            voice.say(f"Run {column.mark}, {column.label}: {_place(column)}. {_state(column)}; {same}.")


def table(view: View, voice: Voice) -> None:
    """All quantities, each with its value in every run and the first digit that differs."""
    assert view.lockstep is not None
    others(view, voice)
    found = compared_runs(view)
    shown = found[view.lockstep.shown]
    for key, name in compared(found).items():
        if key not in view.hidden and any(column.value(key) is not None for column in found):
            voice.say(f"{name}: {', '.join(_value(column, shown, key) for column in found)}")


def _place(column: ComparedRun) -> str:
    seen = counted(column.seen, "sample")
    place = f"iteration {column.number} of {column.run.n_iterations}" if column.number else "the start"
    return f"{column.trouble}, at {place}" if column.trouble else f"{place}, {seen} seen"


def _state(column: ComparedRun) -> str:
    parameters = [(name.replace("_", " "), column.value(name)) for name in column.run.parameters]
    told = [("RMSE of all data", column.value("full_rmse")), *parameters]
    return ", ".join(f"{name} {one(value).strip()}" for name, value in told if value is not None)


def _value(column: ComparedRun, shown: ComparedRun, key: str) -> str:
    value, beside = column.value(key), shown.value(key)
    if value is None:
        return f"run {column.mark} has none"
    number = written(value, DIGITS)
    said = f"run {column.mark} {number}"
    if column is shown or beside is None or same(value, beside):
        return said
    if value < 0 <= beside or beside < 0 <= value:
        return f"{said} (differs in its sign)"
    at = first_difference(number, written(beside, DIGITS))
    if at == len(number):
        return f"{said} (differs behind that)"
    digit = sum(character.isdigit() for character in number[: at + 1].lstrip("-0."))
    return f"{said} (differs in digit {max(digit, 1)})"
