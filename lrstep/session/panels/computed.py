"""Panels 3 to 5: gradient, accumulator and weights, each with its arithmetic, for any optimizer.

Every function takes a view, a width and the parameters to show, and gives the lines of one panel. A panel has a
roomy form, a line with the numbers put in for each quantity, and one for low screens. Where the numbers do not fit,
the formula gives way, never a number.
"""

from collections.abc import Sequence

from lrstep.core.iteration import Phase
from lrstep.core.optimizers.base import Slot
from lrstep.formulas.update import parameter_letters
from lrstep.session.figures import aligned, factor, inline, one
from lrstep.session.panels.parameters import LEAST_DIGITS, ParameterStep, accumulated, formula, moved
from lrstep.session.styled_rows import Row, Rows, Span, fit, row, row_width
from lrstep.session.view import View

RESULT = 15
"""Width of a result at the end of a line; on a narrow panel two less."""

FEW = 2
"""Up to so many lines are two each on a low screen: the formula, and its result below it."""

Steps = Sequence[ParameterStep]


def result_width(width: int) -> int:
    """Room for the result on a panel of this width."""
    return RESULT if width > 30 else RESULT - 2


def heights(view: View, count: int, roomy: bool) -> tuple[int, int, int]:
    """Lines that the three panels need for so many parameters, without the line about least squares."""
    settings = view.run.settings
    slots = len(accumulated(settings))
    gradients, accumulators = (n if roomy or n > FEW else 2 * n for n in (count, count * slots))
    return gradients, max(accumulators, 1), count * (2 + len(moved(settings)))


def gradient(view: View, width: int, roomy: bool, steps: Steps) -> Rows:
    """Panel 3: ∂L/∂w = (2/m)·Σ error·x and ∂L/∂b = (2/m)·Σ error."""
    lines: Rows = []
    m = view.iteration.m
    low, dense = _forms(roomy, len(steps))
    results = aligned([p.g for p in steps], RESULT - 2 if dense else result_width(width))
    for p, result in zip(steps, results, strict=True):
        name = f" {p.derivative}"
        letters, numbers = f"{name} = 2/{m}·{p.summed}", f"2/{m}·{factor(p.total)}"
        if not view.reached(Phase.GRADIENT) or f"gradient_{p.key}" in view.hidden:
            lines.append(row((letters, "dim")))
            lines += [row("")] if low else []
        elif low:
            lines.append(row((letters, "dim")))
            lines.append(with_result(view, width, result, f"   = {numbers} =", f"  {numbers}", ""))
        else:
            brief = [f"{name} = {numbers}", f" ∂{p.letter} {numbers}"] if dense else [letters]
            lines.append(with_result(view, width, result, f"{letters} = {numbers}", *brief, name))
    return lines


def accumulator(view: View, width: int, roomy: bool, steps: Steps) -> Rows:
    """Panel 4: what the optimizer keeps of the gradients, slot by slot, such as v ← ρ·v + (1−ρ)·g²."""
    settings = view.run.settings
    slots = accumulated(settings)
    if not slots:
        keeps = "accumulator; its momentum stands in 5" if moved(settings) else "accumulator: nothing of the gradient"
        title = settings.rule.title
        texts = (f" {title} keeps no {keeps}.", f" {title} keeps no accumulator.", " no accumulator")
        return [view.first_fit(width, *(row((text, "dim")) for text in texts))]
    low, dense = _forms(roomy, len(slots) * len(steps))
    # Centered, the formula in letters says more than numbers without their last digits.
    dense = dense and (len(steps) > FEW or not settings.centered)
    size = RESULT - 2 if dense else result_width(width)
    columns = {slot.letter: aligned([_slot_value(view, p, slot) for p in steps], size) for slot in slots}
    lines: Rows = []
    for place, p in enumerate(steps):
        for slot in slots:
            result = columns[slot.letter][place]
            lines += _accumulated(view, width, p, slot, result, "low" if low else "dense" if dense else "")
    return lines


def _forms(roomy: bool, count: int) -> tuple[bool, bool]:
    """Whether so many lines are two each, and whether they are one each where that must do."""
    return not roomy and count <= FEW, not roomy and count > FEW


def _known(view: View, p: ParameterStep, slot: Slot) -> bool:
    return view.reached(slot.phase) and f"{slot.name}_{p.key}" not in view.hidden


def _slot_value(view: View, p: ParameterStep, slot: Slot) -> float:
    return p.numbers[slot.letter if _known(view, p, slot) else f"{slot.letter} before"]


def _accumulated(view: View, width: int, p: ParameterStep, slot: Slot, result: str, form: str) -> Rows:
    """One slot of one parameter."""
    name = f" {slot.letter}_{p.letter}"
    if not _known(view, p, slot):
        so_far = with_result(view, width, result, f"{name} so far", name, style="dim")
        return [so_far, row((f"  next: {p.in_letters(slot.letter)}", "dim"))] if form == "low" else [so_far]
    full = f"{name} = {p.with_numbers(slot.letter)}"
    brief = f"{name} = {p.with_numbers(slot.letter, ('g',))}"
    letters = f"{name} = {p.in_letters(slot.letter)}"
    if form == "low":
        formula_line = view.first_fit(width, row(full), row(brief), row(letters))
        return [formula_line, with_result(view, width, result, f"  {' ' * len(name)}=", "")]
    kept = ((), ("g",), ("g", *p.formulas.slots))
    close = [f"{name}={p.with_numbers(slot.letter, stay, close=True)}" for stay in kept]
    return [with_result(view, width, result, full, brief, *(close[:2] if form == "dense" else []), letters,
                        *close[2:], name)]  # fmt: skip


def weights(view: View, width: int, roomy: bool, steps: Steps, goal: bool = True) -> Rows:
    """Panel 5: the step, what the update keeps of it (momentum), and each parameter before and after.

    Args:
        view: what to show.
        width: of the panel.
        roomy: whether the numbers are put in.
        steps: the parameters to show.
        goal: whether to say below what least squares gives; of scaled data, where the parameters are in its units.
    """
    if view.phase == Phase.START:
        return _start(view, width, steps)
    kept = moved(view.run.settings)
    lines: Rows = []
    for p in steps:
        hides = {p.key, *(f"{slot.name}_{p.key}" for slot in view.run.slots if slot.phase is Phase.UPDATE)}
        if view.reached(Phase.UPDATE) and not view.hidden & hides:
            lines.append(_moved(view, width, p))
            lines += [_result_line(view, width, p, slot.letter, roomy) for slot in kept]
            lines.append(_result_line(view, width, p, "step", roomy))
        else:
            lines += _so_far(view, width, p, kept)
    return [*lines, *_goals(view, width, roomy)] if goal else lines


def _so_far(view: View, width: int, p: ParameterStep, kept: Sequence[Slot]) -> Rows:
    size = result_width(width)
    lines = [with_result(view, width, one(p.before, size), f" {p.letter} so far", f" {p.letter}", style="before")]
    for slot in kept:
        text = one(p.numbers[f"{slot.letter} before"], size)
        lines.append(with_result(view, width, text, f"   {slot.letter} so far", f"   {slot.letter}", style="dim"))
    texts = (f"   next: {formula(view.run.settings, 'theta', p.letter)}", f"   next: {p.letter} - step")
    return [*lines, view.first_fit(width, *(row((text, "dim")) for text in texts))]


def _moved(view: View, width: int, p: ParameterStep) -> Row:
    """A parameter before and after the update."""
    room = max(0, width - result_width(width))
    arrow = row((f" {p.letter} ", "text"), (inline(p.before), "before"), (" →", "dim"))
    brief = row((f" {p.letter} ", "text"), (inline(p.before, LEAST_DIGITS), "before"), (" →", "dim"))
    said_before = view.first_fit(room, arrow, brief, row((f" {p.letter} →", "text")))
    return (*fit(view.row(said_before), room), Span(one(p.after, result_width(width)), "changed"))


def _result_line(view: View, width: int, p: ParameterStep, name: str, roomy: bool) -> Row:
    """The step, or a slot that the update computes."""
    letters = formula(view.run.settings, name)
    said = [f"   {name} {p.with_numbers(name)} =", f"   {name} = {letters} ="] if roomy else [f"   {name} {letters} ="]
    result = one(p.numbers[name], result_width(width))
    return with_result(view, width, result, *said, f"   {name} =", style="text")


def goal_lines(view: View) -> int:
    """Lines about least squares, and about the units of scaled data, on a roomy panel."""
    return 1 if view.run.scaling is None else 2


def _goals(view: View, width: int, roomy: bool) -> Rows:
    if view.run.scaling is None:
        return [_goal(view, width)]
    return [*([_goal(view, width)] if roomy else []), _in_units_of_data(view, width)]


def _in_units_of_data(view: View, width: int) -> Row:
    """Of scaled data: the parameters in its own units, and the RMSE over all of it once it is known."""
    run, i = view.run, view.iteration
    assert run.scaling is not None
    letters = parameter_letters(run.parameters)
    known = view.reached(Phase.UPDATE) and not view.hidden & set(run.parameters)
    values = run.scaling.unscaled_parameters((i.after if known else i.before).parameters)
    named = "  ".join(f"{letter} {inline(value)}" for letter, value in zip(letters, values, strict=True))
    ended = view.reached(Phase.AFTER) and not view.hidden
    error = f"  RMSE {inline(run.scaling.unscaled_error(i.full_rmse))}" if ended else ""
    short = ", ".join(inline(value, LEAST_DIGITS) for value in values)
    texts = [f" in the data's units: {named}{error}", f" in the data's units: {named}", f" data's units: {short}"]
    return view.first_fit(width, *(row((text, "text")) for text in [*texts, f" in data: {short}", ""]))


def _goal(view: View, width: int) -> Row:
    reference = view.run.reference
    if not reference.exists:
        return row((f" least squares: {no_goal(view)}", "reference"))
    letters = parameter_letters(view.run.parameters)
    named = "  ".join(f"{letter} {inline(value)}" for letter, value in zip(letters, reference.parameters, strict=True))
    short = ", ".join(inline(value, LEAST_DIGITS) for value in reference.parameters)
    texts = (f" least squares: {named}", f" least squares {short}", "")
    return view.first_fit(width, *(row((text, "reference")) for text in texts))


def no_goal(view: View) -> str:
    """Why least squares has no answer."""
    features = len(view.run.dataset.columns)
    if features == 1:
        return "no single best line"
    return f"no single best plane ({view.run.reference.rank} of {features} features count)"


def _start(view: View, width: int, steps: Steps) -> Rows:
    settings, size = view.run.settings, result_width(width)
    drawn = settings.weight is None
    limit = inline(6 / (len(view.run.dataset.columns) + 1), 4)  # of Glorot's uniform distribution, squared
    origin = f"Glorot uniform U(-√{limit}, √{limit}), seed {settings.seed}" if drawn else "as set"
    short = f"Glorot, seed {settings.seed}" if drawn else "as set"
    lines: Rows = []
    for p in steps:
        texts = [origin, short] if p.factor_letter else ["as set" if settings.bias else "starts at 0"]
        said = [f" {p.letter}: {text}" for text in texts]
        lines.append(with_result(view, width, one(p.before, size), *said, f" {p.letter}"))
    return [*lines, _slots_at_start(view, width)]


def _slots_at_start(view: View, width: int) -> Row:
    starts = view.run.settings.rule.starts(view.run.settings)
    slots = [slot for slot in view.run.slots if slot.phase is Phase.ACCUMULATOR] or list(view.run.slots)
    if not slots:
        return row((" → takes the first step", "dim"))
    slot = next((slot for slot in slots if slot.name == "accumulator"), slots[0])
    value = inline(starts[slot.name])
    begin = f"accumulators start at {value}" if slot.name == "accumulator" else f"{slot.label} starts at {value}"
    texts = (f" {begin}; → takes the first step", f" {slot.letter} = {value}; → takes the first step")
    return view.first_fit(width, *(row((text, "dim")) for text in texts))


def with_result(view: View, width: int, result: str, *said: str, style: str = "changed") -> Row:
    """A line that ends in an aligned result; of the texts before it the first that fits."""
    room = width - len(result)
    text = view.first_fit(room, *(row(part) for part in said))
    if row_width(view.row(text)) > room:
        text = ()
    return (*fit(view.row(text), room), Span(result, style))
