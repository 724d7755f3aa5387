"""Panels 3 to 5 where there is little room: on a screen of 24 lines they all stand, with their numbers.

Gradient and accumulator stand side by side, the update of a parameter on one line with its step. What a formula needs
stands as a number on the screen: in the formula, or where it was computed.
"""

from collections.abc import Sequence

from lrstep.core.iteration import Phase
from lrstep.session.figures import Update, aligned, factor, inline
from lrstep.session.panels import computed
from lrstep.session.panels.adding_up import Arithmetic, ResultPrefix, Steps, sum_digits
from lrstep.session.panels.parameters import ParameterStep, accumulated, moved
from lrstep.session.styled_rows import Row, Rows, Span, row, row_width
from lrstep.session.view import View

RESULT = 13
"""Width of a result at the end of a line."""

_ARROW = 3

FEW = 2
"""Up to so many lines are two each, where there is room: the formula, and its result below it."""


def heights(view: View, count: int, dense: bool) -> tuple[int, int]:
    """Lines of panels 3 and 4, and of panel 5, for so many parameters.

    Args:
        view: what is shown.
        count: how many parameters.
        dense: whether there is only one line for each formula.
    """
    settings = view.run.settings
    counts = count, count * len(accumulated(settings))
    gradients, slots = (n if dense or n > FEW else 2 * n for n in counts)
    return max(gradients, slots), count * (1 + len(moved(settings)))


def gradient(view: View, width: int, steps: Steps, dense: bool) -> Rows:
    """Panel 3: ∂L/∂w = (2/m)·Σ error·x and ∂L/∂b = (2/m)·Σ error."""
    lines: Rows = []
    low = len(steps) <= FEW and not dense
    for p, result in zip(steps, aligned([p.g for p in steps], RESULT), strict=True):
        letters = f" {p.derivative} = {p.gradient}"
        digits = sum_digits(p, result)
        numbers, fewer = (p.with_sum(factor(p.total, count)) for count in digits[:2])
        bare = [f" {p.with_sum(inline(p.total, count))}" for count in digits]
        if not computed.gradient_known(view, p):
            lines += [row((letters, "dim")), *([row("")] if low else [])]
        elif low:
            lines.append(row((letters, "dim")))
            said = [f"   = {numbers} =", f"   {numbers} =", f" {numbers} =", f" {numbers}", f" {fewer}", *bare]
            lines.append(computed.with_result(view, width, result, *said))
        else:
            short = [f" ∂{p.letter}{text}" for text in (f" {numbers}", bare[0], f" {fewer}", *bare[1:])]
            lines.append(
                computed.with_result(view, width, result, f" {p.derivative} = {numbers}", *short, f" {p.derivative}")
            )
    return lines


def accumulator(view: View, width: int, steps: Steps, dense: bool) -> Rows:
    """Panel 4: what the optimizer keeps of the gradients, slot by slot."""
    slots = accumulated(view.run.settings)
    if dense or len(slots) * len(steps) > FEW or not slots:
        return computed.slot_lines(view, width, RESULT, steps, brief=True) or computed.no_accumulator(view, width)
    lines: Rows = []
    for slot in slots:
        known, results, formulas = computed.slot_arithmetic(view, width, RESULT, steps, slot, brief=True)
        for p, result in zip(steps, results, strict=True):
            name = f" {slot.letter}_{p.letter}"
            if p in known:
                lines.append(row(formulas.pop(0)))
                lines.append(computed.with_result(view, width, result, f"  {' ' * len(name)}="))
            else:
                lines.append(computed.with_result(view, width, result, f"{name} so far", style="dim"))
                lines.append(row((f"  next: {p.lettered(slot.letter)}", "dim")))
    return lines


def weights(view: View, width: int, steps: Steps) -> Rows:
    """Panel 5: each parameter before and after, its step, and what the update keeps of it (momentum)."""
    if view.phase == Phase.START:
        return computed.start(view, width, RESULT, steps)
    known = [p for p in steps if computed.update_known(view, p)]
    # A momentum needs the room.
    least = 0 if any(slot.phase is Phase.UPDATE for slot in view.run.slots) else computed.STEADY

    def room(shown: Sequence[Update], results: Sequence[str]) -> int:
        return width - _indent(_heads(steps, known, shown, least)) - RESULT - computed.touches(*results)

    shown, columns = Arithmetic.of(view, known, RESULT, brief=True).weights(room, _result_text)
    heads = _heads(steps, known, shown, least)
    indent = _indent(heads)
    lines: Rows = []
    for p, head in zip(steps, heads, strict=True):
        if p not in known:
            lines += _so_far(view, width, p, head)
            continue
        begin: Row = (*head, Span(view.chars(" →").ljust(_ARROW), "dim"), Span(shown[known.index(p)].after, "changed"))
        for name, texts, results in columns:
            end = computed.with_result(view, width - indent, results.pop(0), texts.pop(0), f" {name}", style="text")
            lines.append((*begin, *end))
            begin = row(" " * indent)
    return lines


def _heads(steps: Steps, known: Steps, shown: Sequence[Update], least: int) -> Rows:
    """Each parameter before the update, all of one width; in the digits of the updates where all are known."""
    befores = [text.before for text in shown] if len(known) == len(steps) else [inline(p.before) for p in steps]
    letters, numbers = max(len(p.letter) for p in steps), max(least, *map(len, befores))
    return [
        row((f" {p.letter:<{letters}} ", "text"), (before.ljust(numbers), "before"))
        for p, before in zip(steps, befores, strict=True)
    ]


def _indent(heads: Rows) -> int:
    """What stands left of the formulas: a parameter before and after."""
    return row_width(heads[0]) + _ARROW + RESULT


def _result_text(name: str) -> ResultPrefix:
    return lambda p, way: f" {name}{'=' if way.close else ' = '}{p.written(name, way)}"


def _so_far(view: View, width: int, p: ParameterStep, head: Row) -> Rows:
    comes = view.first_text(width - row_width(head), (f"  {text}" for text in computed.next_texts(view, p)), "dim")
    kept = [
        row((f"   {slot.letter} so far {inline(p.numbers[f'{slot.letter} before'])}", "dim"))
        for slot in moved(view.run.settings)
    ]
    return [(*head, *comes), *kept]
