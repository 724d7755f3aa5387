"""Panels 3 to 6: gradient, accumulator, weights and RMSE, each with its arithmetic.

Every function takes a view and a width and gives the lines of one panel. A panel has a roomy form, one
line per parameter with the numbers put in, and a compact one for low screens. Where the numbers do not
fit, the formula gives way, never a number.
"""

from typing import NamedTuple

from lrstep.core.iteration import Phase
from lrstep.session.figures import aligned, factor, inline, one
from lrstep.session.styled_rows import Row, Rows, Span, fit, row, row_width
from lrstep.session.view import View

RESULT = 15
"""Width of a result at the end of a line; on a narrow panel two less."""


def result_width(width: int) -> int:
    """Room for the result on a panel of this width."""
    return RESULT if width > 30 else RESULT - 2


class Parameter(NamedTuple):
    """One of the two parameters, with its quantities around the update."""

    key: str
    name: str
    derivative: str
    summed: str
    total: float
    g: float
    v: float
    v_new: float
    a: float
    a_new: float
    M: float
    M_new: float
    denominator: float
    step: float
    theta: float
    theta_new: float


def parameters(view: View) -> tuple[Parameter, Parameter]:
    """Weight and bias of the iteration under the cursor."""
    i = view.iteration
    before, m = i.before, i.m
    weight, bias = i.update_weight, i.update_bias
    return (
        Parameter(
            "weight", "w", "∂L/∂w", "Σ error·x", i.gradient.weight * m / 2, i.gradient.weight,
            before.accumulator_weight, weight.v, before.mean_gradient_weight, weight.a,
            before.momentum_weight, weight.M, weight.denominator, weight.step, before.weight, weight.theta,
        ),
        Parameter(
            "bias", "b", "∂L/∂b", "Σ error", i.gradient.bias * m / 2, i.gradient.bias,
            before.accumulator_bias, bias.v, before.mean_gradient_bias, bias.a,
            before.momentum_bias, bias.M, bias.denominator, bias.step, before.bias, bias.theta,
        ),
    )  # fmt: skip


def gradient(view: View, width: int, roomy: bool) -> Rows:
    """Panel 3: ∂L/∂w = (2/m)·Σ error·x and ∂L/∂b = (2/m)·Σ error."""
    lines: Rows = []
    m = view.iteration.m
    both = parameters(view)
    results = aligned([p.g for p in both], result_width(width))
    for p, result in zip(both, results, strict=True):
        letters = f" {p.derivative} = 2/{m}·{p.summed}"
        if not view.reached(Phase.GRADIENT) or f"gradient_{p.key}" in view.hidden:
            lines.append(row((letters, "dim")))
            lines += [] if roomy else [row("")]
            continue
        numbers = f" = 2/{m}·{factor(p.total)}"
        if roomy:
            lines.append(with_result(view, width, result, letters + numbers, letters, f" {p.derivative}"))
        else:
            lines.append(row((letters, "dim")))
            lines.append(with_result(view, width, result, f"  {numbers} =", f"  2/{m}·{factor(p.total)}", ""))
    return lines


def accumulator(view: View, width: int, roomy: bool) -> Rows:
    """Panel 4: v ← ρ·v + (1−ρ)·g², and the mean gradient a ← ρ·a + (1−ρ)·g when centered."""
    settings = view.run.settings
    kept, new = inline(settings.rho), inline(1 - settings.rho)
    done = view.reached(Phase.ACCUMULATOR)
    both = parameters(view)
    shown = [p.v_new if done and f"accumulator_{p.key}" not in view.hidden else p.v for p in both]
    means = [p.a_new if done and f"mean_gradient_{p.key}" not in view.hidden else p.a for p in both]
    results, mean_results = aligned(shown, result_width(width)), aligned(means, result_width(width))
    lines: Rows = []
    for p, result, mean in zip(both, results, mean_results, strict=True):
        name = f" v_{p.name}"
        if not done or f"accumulator_{p.key}" in view.hidden:
            lines.append(with_result(view, width, result, f"{name} so far", name, style="dim"))
            lines += [] if roomy or settings.centered else [row((f"  next: {kept}·v + {new}·g²", "dim"))]
        else:
            full = f"{name} = {kept}·{inline(p.v)} + {new}·{factor(p.g)}²"
            brief = f"{name} = {kept}·{inline(p.v)} + {new}·g²"
            letters = f"{name} = {kept}·v + {new}·g²"
            if roomy or settings.centered:
                lines.append(with_result(view, width, result, full, brief, letters, name))
            else:
                lines.append(view.first_fit(width, row(full), row(brief), row(letters)))
                lines.append(with_result(view, width, result, f"  {' ' * len(name)}=", ""))
        if settings.centered:
            lines.append(_mean_gradient(view, width, p, mean, done and f"mean_gradient_{p.key}" not in view.hidden))
    return lines


def _mean_gradient(view: View, width: int, p: Parameter, result: str, done: bool) -> Row:
    kept, new = inline(view.run.settings.rho), inline(1 - view.run.settings.rho)
    name = f" a_{p.name}"
    if not done:
        return with_result(view, width, result, f"{name} so far", name, style="dim")
    full = f"{name} = {kept}·{factor(p.a)} + {new}·{factor(p.g)}"
    brief = f"{name} = {kept}·{factor(p.a)} + {new}·g"
    return with_result(view, width, result, full, brief, f"{name} = {kept}·a + {new}·g", name)


def weights(view: View, width: int, roomy: bool) -> Rows:
    """Panel 5: step = lr·g/√(v+ε), with momentum M ← μ·M + step, then w ← w − step."""
    if view.phase == Phase.START:
        return _start(view, width)
    lines: Rows = []
    for p in parameters(view):
        done = view.reached(Phase.UPDATE) and not view.hidden & {p.key, f"momentum_{p.key}"}
        if done:
            lines += _moved(view, width, p, roomy)
        else:
            so_far = one(p.theta, result_width(width))
            lines.append(with_result(view, width, so_far, f" {p.name} so far", f" {p.name}", style="before"))
            lines.append(row((f"   next: {p.name} - lr·g/√({_radicand(view)})", "dim")))
    reference = view.run.reference
    if reference.exists:
        goal = f" least squares: w {inline(reference.weight)}  b {inline(reference.bias)}"
        short = f" least squares {inline(reference.weight, 6)}, {inline(reference.bias, 6)}"
        lines.append(view.first_fit(width, row((goal, "reference")), row((short, "reference")), row("")))
    else:
        lines.append(row((" least squares: no single best line", "reference")))
    return lines


def _radicand(view: View) -> str:
    return "v-a²+ε" if view.run.settings.centered else "v+ε"


def _moved(view: View, width: int, p: Parameter, roomy: bool) -> Rows:
    settings = view.run.settings
    lr = inline(settings.learning_rate)
    before = inline(p.theta)
    room = max(0, width - result_width(width))
    arrow = row((f" {p.name} ", "text"), (before, "before"), (" →", "dim"))
    brief = row((f" {p.name} ", "text"), (inline(p.theta, 6), "before"), (" →", "dim"))
    said_before = view.first_fit(room, arrow, brief, row((f" {p.name} →", "text")))
    line = (*fit(view.row(said_before), room), Span(one(p.theta_new, result_width(width)), "changed"))
    root = f"√({inline(p.v_new)}{f' - {factor(p.a_new)}²' if settings.centered else ''} + {inline(settings.epsilon)})"
    move = f"{lr}·{factor(p.g)}/{root}"
    letters = f"lr·g/√({_radicand(view)})"
    if settings.momentum > 0:
        move = f"{inline(settings.momentum)}·{factor(p.M)} + {move}"
        letters = f"μ·M + {letters}"
    said = [f"   step {move} =", f"   step = {letters} ="] if roomy else [f"   step {letters} ="]
    step_line = with_result(view, width, one(p.step, result_width(width)), *said, "   step =", style="text")
    return [line, step_line]


def _start(view: View, width: int) -> Rows:
    settings, start = view.run.settings, view.run.start
    origin = "as set" if settings.weight is not None else f"Glorot uniform U(-√3, √3), seed {settings.seed}"
    size = result_width(width)
    short = "as set" if settings.weight is not None else f"Glorot, seed {settings.seed}"
    return [
        with_result(view, width, one(start.weight, size), f" w: {origin}", f" w: {short}", " w"),
        with_result(view, width, one(start.bias, size), " b: as set" if settings.bias else " b: starts at 0", " b"),
        view.first_fit(
            width,
            row((" accumulators start at 0; → takes the first step", "dim")),
            row((" v = 0; → takes the first step", "dim")),
        ),
    ]


def rmse(view: View, width: int, roomy: bool) -> Rows:
    """Panel 6: RMSE and loss of this batch, of the epoch so far, and of all data before and after."""
    i = view.iteration
    lines: Rows = [_heads(view, width)]
    seen, after = view.reached(Phase.LOSS), view.reached(Phase.AFTER)
    hidden = view.hidden
    epoch = (
        f"epoch so far, {i.cumulative_count} of {view.run.batches.n}",
        f"epoch so far {i.cumulative_count}",
        "epoch so far",
        "so far",
    )
    this_shown = seen and not hidden & {"loss", "rmse"}
    epoch_shown = seen and not hidden & {"cumulative_loss", "cumulative_rmse"}
    after_shown = after and not hidden & {"full_loss", "full_rmse"}
    figures = (
        Figure(("this batch, w before", "this batch"), i.rmse, i.loss, this_shown, "changed", ""),
        Figure(epoch, i.cumulative_rmse, i.cumulative_loss, epoch_shown, "keras", "← Keras"),
        Figure(("all data, w before", "all, before"), i.full_rmse_before, i.full_loss_before, True, "text", ""),
        Figure(("all data, w after", "all, after"), i.full_rmse, i.full_loss, after_shown, "changed", "← val_"),
    )
    size = 14 if width > 52 else 13
    columns = [aligned(values, size) for values in zip(*((f.rmse, f.loss) for f in figures), strict=True)]
    room = width - 2 * size - 8
    for figure, *numbers in zip(figures, *columns, strict=True):
        touches = figure.shown and not numbers[0].startswith(" ")  # a long number fills its column
        label = view.row(view.first_fit(room - touches, *(row(f" {text}") for text in figure.labels)))
        tag = figure.tag.replace("← ", "<-") if view.ascii else figure.tag  # as wide as before
        spans = (*(Span(number, figure.style) for number in numbers), Span(f" {tag:<7}", "keras"))
        lines.append((*fit(label, room), *(spans if figure.shown else ())))
    return lines


class Figure(NamedTuple):
    """A line of panel 6."""

    labels: tuple[str, ...]
    rmse: float
    loss: float
    shown: bool
    style: str
    tag: str


def _heads(view: View, width: int) -> Row:
    size = 14 if width > 52 else 13
    return row((" " * (width - 2 * size - 8), "dim"), *((f"{name:>8}".ljust(size), "dim") for name in ("RMSE", "loss")))


def with_result(view: View, width: int, result: str, *said: str, style: str = "changed") -> Row:
    """A line that ends in an aligned result; of the texts before it the first that fits."""
    room = width - len(result)
    text = view.first_fit(room, *(row(part) for part in said))
    if row_width(view.row(text)) > room:
        text = ()
    return (*fit(view.row(text), room), Span(result, style))
