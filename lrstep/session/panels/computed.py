"""Panels 3 to 5: gradient, accumulator and weights, each with its arithmetic, for any optimizer.

Every function takes a view, a width and the parameters to show, and gives the lines of one panel, with the numbers
put in; :mod:`lrstep.session.panels.compact` has the forms for low screens. Where the numbers do not fit, the formula
gives way, never a result.
"""

import math
from collections.abc import Sequence

from lrstep.core.iteration import Phase
from lrstep.core.optimizers.base import Slot
from lrstep.core.run import Run
from lrstep.core.start import glorot_limit
from lrstep.formulas.update import parameter_letters
from lrstep.session.figures import LEAST_DIGITS, Update, aligned, factor, inline, one
from lrstep.session.panels.adding_up import Arithmetic, ResultPrefix, Steps, sum_digits
from lrstep.session.panels.parameters import Notation, ParameterStep, accumulated, formula, moved
from lrstep.session.styled_rows import Row, Rows, Span, fit, row
from lrstep.session.view import View

RESULT = 15
"""Width of a result at the end of a line; on a low screen two less."""

STEADY = 11
"""Width of a parameter before the update: what stands behind it keeps its place from step to step."""


def heights(view: View, count: int) -> tuple[int, int, int]:
    """Lines that the three panels need for so many parameters."""
    settings = view.run.settings
    return count, max(count * len(accumulated(settings)), 1), count * (2 + len(moved(settings)))


def gradient(view: View, width: int, steps: Steps) -> Rows:
    """Panel 3: ∂L/∂w = (2/m)·Σ error·x and ∂L/∂b = (2/m)·Σ error."""
    lines: Rows = []
    for p, result in zip(steps, aligned([p.g for p in steps], RESULT), strict=True):
        name = f" {p.derivative}"
        letters = f"{name} = {p.gradient}"
        if gradient_known(view, p):
            numbers = [f"{letters} = {p.with_sum(factor(p.total, digits))}" for digits in sum_digits(p, result)]
            lines.append(with_result(view, width, result, *numbers, letters, name))
        else:
            lines.append(row((letters, "dim")))
    return lines


def gradient_known(view: View, p: ParameterStep) -> bool:
    """Whether a derivative is there to be seen."""
    return view.reached(Phase.GRADIENT) and f"gradient_{p.key}" not in view.hidden


def accumulator(view: View, width: int, steps: Steps) -> Rows:
    """Panel 4: what the optimizer keeps of the gradients, slot by slot, such as v ← ρ·v + (1−ρ)·g²."""
    return slot_lines(view, width, RESULT, steps) or no_accumulator(view, width)


def slot_lines(view: View, width: int, size: int, steps: Steps, brief: bool = False) -> Rows:
    """A line for each slot of each parameter, the results in a column of so many characters; none without slots."""
    columns: list[Rows] = []
    for slot in accumulated(view.run.settings):
        known, results, texts = slot_arithmetic(view, width - size, size, steps, slot, brief)
        lines: Rows = []
        for p, result in zip(steps, results, strict=True):
            name = f" {slot.letter}_{p.letter}"
            if p in known:
                lines.append(with_result(view, width, result, texts.pop(0), name))
            else:
                lines.append(with_result(view, width, result, f"{name} so far", name, style="dim"))
        columns.append(lines)
    return [line for lines in zip(*columns, strict=True) for line in lines]


def slot_arithmetic(
    view: View, room: int, size: int, steps: Steps, slot: Slot, brief: bool
) -> tuple[list[ParameterStep], list[str], list[str]]:
    """The parameters of which a slot is known, its values as a column for all, and the formulas of the known ones."""
    known = [p for p in steps if slot_known(view, p, slot)]
    if not known:
        return known, aligned([p.numbers[f"{slot.letter} before"] for p in steps], size), []
    room -= touches(*aligned([p.numbers[slot.letter] for p in known], size))

    def said(p: ParameterStep, way: Notation) -> str:
        return f" {slot.letter}_{p.letter}{'=' if way.close else ' = '}{p.written(slot.letter, way)}"

    texts, results = Arithmetic.of(view, known, size, brief).slot(slot, room, said)
    made = dict(zip((p.letter for p in known), results, strict=True))
    return known, [made.get(p.letter) or one(p.numbers[f"{slot.letter} before"], size) for p in steps], texts


def slot_known(view: View, p: ParameterStep, slot: Slot) -> bool:
    """Whether a slot of this iteration is there to be seen."""
    return view.reached(slot.phase) and f"{slot.name}_{p.key}" not in view.hidden


def no_accumulator(view: View, width: int) -> Rows:
    """Said where the optimizer has none."""
    settings = view.run.settings
    keeps = "accumulator; its momentum stands in 5" if moved(settings) else "accumulator: nothing of the gradient"
    title = settings.rule.title
    texts = (f" {title} keeps no {keeps}.", f" {title} keeps no accumulator.", " no accumulator")
    return [view.first_text(width, texts, "dim")]


def weights(view: View, width: int, steps: Steps) -> Rows:
    """Panel 5: the step, what the update keeps of it (momentum), and each parameter before and after."""
    if view.phase == Phase.START:
        return start(view, width, RESULT, steps)
    kept = moved(view.run.settings)
    known = [p for p in steps if update_known(view, p)]
    shown, columns = Arithmetic.of(view, known, RESULT, brief=False).weights(lambda *_: width - RESULT, _result_text)
    lines: Rows = []
    for p in steps:
        if p in known:
            lines.append(_moved(view, width, p, shown.pop(0)))
            for name, said, results in columns:
                lines.append(with_result(view, width, results.pop(0), said.pop(0), f"   {name} =", style="text"))
        else:
            lines += _so_far(view, width, p, kept)
    return lines


def update_known(view: View, p: ParameterStep) -> bool:
    """Whether the update of a parameter is there to be seen."""
    hides = {p.key, *(f"{slot.name}_{p.key}" for slot in view.run.slots if slot.phase is Phase.UPDATE)}
    return view.reached(Phase.UPDATE) and not view.hidden & hides


def _result_text(name: str) -> ResultPrefix:
    return lambda p, way: f"   {name} {p.written(name, way)} ="


def _so_far(view: View, width: int, p: ParameterStep, kept: Sequence[Slot]) -> Rows:
    before = one(p.before, RESULT)
    lines = [with_result(view, width, before, f" {p.letter} so far", f" {p.letter}", style="before")]
    for slot in kept:
        text = one(p.numbers[f"{slot.letter} before"], RESULT)
        lines.append(with_result(view, width, text, f"   {slot.letter} so far", f"   {slot.letter}", style="dim"))
    return [*lines, view.first_text(width, (f"   {text}" for text in next_texts(view, p)), "dim")]


def next_texts(view: View, p: ParameterStep) -> tuple[str, str]:
    """What the update will do, the longest way to say it first."""
    return f"next: {formula(view.settings, p.letter)}", f"next: {p.letter} - step"


def _moved(view: View, width: int, p: ParameterStep, text: Update) -> Row:
    """A parameter before and after the update."""
    said = row((f" {p.letter} ", "text"), (text.before.ljust(STEADY), "before"), (" →", "dim"))
    return (*fit(view.row(said), width - RESULT), Span(text.after, "changed"))


def goals(view: View, width: int) -> Rows:
    """What least squares gives, and of scaled data where the parameters are in its units."""
    goal = view.kept("goal", (view.run, width, view.ascii), lambda: _goal(view, width))
    return [goal] if view.run.scaling is None else [goal, _in_units_of_data(view, width)]


def _in_units_of_data(view: View, width: int) -> Row:
    """Of scaled data: the parameters in its own units, and the RMSE over all of it once it is known."""
    run, i = view.run, view.iteration
    assert run.scaling is not None
    known = view.reached(Phase.UPDATE) and not view.hidden & set(run.parameters)
    values = run.scaling.unscaled_parameters((i.after if known else i.before).parameters)
    named, short = _named(run, values)
    ended = view.reached(Phase.AFTER) and not view.hidden
    error = f"  RMSE {inline(run.scaling.unscaled_error(i.full_rmse))}" if ended else ""
    texts = (f" in the data's units: {named}{error}", f" in the data's units: {named}", f" data's units: {short}")
    return view.first_text(width, (*texts, f" in data: {short}", ""), "text")


def _goal(view: View, width: int) -> Row:
    reference = view.run.reference
    if not reference.exists:
        return row((f" least squares: {no_goal(view)}", "reference"))
    named, short = _named(view.run, reference.parameters)
    return view.first_text(width, (f" least squares: {named}", f" least squares {short}", ""), "reference")


def _named(run: Run, values: Sequence[float]) -> tuple[str, str]:
    """Parameters with their letters, and in brief."""
    letters = parameter_letters(run.parameters)
    named = "  ".join(f"{letter} {inline(value)}" for letter, value in zip(letters, values, strict=True))
    return named, ", ".join(inline(value, LEAST_DIGITS) for value in values)


def no_goal(view: View) -> str:
    """Why least squares has no answer."""
    reference, features = view.run.reference, len(view.run.dataset.columns)
    if reference.rank == features or not math.isfinite(reference.loss):
        return "beyond float64"
    if features == 1:
        return "no single best line"
    return f"no single best plane (all {features} features follow from {reference.rank})"


def start(view: View, width: int, size: int, steps: Steps) -> Rows:
    """Where the parameters come from, their values in a column of so many characters, and how the slots start."""
    settings = view.run.settings
    drawn, given = settings.weight is None, "as recorded" if view.run.recorded else "as set"
    limit = inline(glorot_limit(len(view.run.dataset.columns)) ** 2, 4)
    origin = f"Glorot uniform U(-√{limit}, √{limit}), seed {settings.seed}" if drawn else given
    short = f"Glorot, seed {settings.seed}" if drawn else given
    lines: Rows = []
    for p in steps:
        texts = [origin, short] if p.key != "bias" else [given if settings.bias else "starts at 0"]
        said = [f" {p.letter}: {text}" for text in texts]
        lines.append(with_result(view, width, one(p.before, size), *said, f" {p.letter}"))
    return [*lines, _slots_at_start(view, width)]


def _slots_at_start(view: View, width: int) -> Row:
    slots = [slot for slot in view.run.slots if slot.phase is Phase.ACCUMULATOR] or list(view.run.slots)
    takes = f" {view.keys['next']} takes the first step"
    if not slots:
        return row((takes, "dim"))
    slot = next((slot for slot in slots if slot.name == "accumulator"), slots[0])
    values = view.run.start.slots[slot.name]
    if len(set(values)) > 1:
        return view.first_text(width, (f" {slot.label}s go on;{takes}", ""), "dim")
    value = inline(values[0])
    begin = f"accumulators start at {value}" if slot.name == "accumulator" else f"{slot.label} starts at {value}"
    texts = (f" {begin};{takes}", f" {slot.letter} = {value};{takes}")
    return view.first_text(width, texts, "dim")


def touches(*results: str) -> bool:
    """Whether one of these numbers fills its column, so that a blank is needed before it."""
    return not all(result.startswith(" ") for result in results)


def with_result(view: View, width: int, result: str, *said: str, style: str = "changed") -> Row:
    """A line that ends in an aligned result; of the texts before it the first that fits."""
    room = width - len(result)
    text = view.first_fit(room - touches(result), *map(row, said), ())
    return (*fit(view.row(text), room), Span(result, style))
