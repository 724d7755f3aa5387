"""The panels on a very small screen: one line per quantity."""

from collections.abc import Sequence

from lrstep.core.iteration import Phase
from lrstep.core.optimizers.base import Slot
from lrstep.session.figures import one
from lrstep.session.panels.batch_table import ColumnWidths, scroll_start, table
from lrstep.session.panels.names import PANELS
from lrstep.session.panels.parameters import ParameterStep, accumulated, parameter_steps
from lrstep.session.styled_rows import Row, Rows, Span, row, row_width
from lrstep.session.view import View

SHOWN = 2
"""Parameters that a line has room for."""


def quantities(view: View) -> int:
    """Lines below the table."""
    return 5 + len(_shown_slots(view))


def lines(view: View, width: int, height: int, cols: ColumnWidths) -> Rows:
    """All quantities below each other: the table on top gets what is left of ``height`` lines."""
    i = view.iteration
    loss = view.reached(Phase.LOSS) and "loss" not in view.hidden
    after = view.reached(Phase.AFTER) and "full_loss" not in view.hidden
    made: Rows = [
        *_of_parameters(view),
        _pair(_marked(view, "6 This batch", "rmse"), (i.rmse, i.loss), loss),
        _pair(Span("  Keras prints", "title"), (i.cumulative_rmse, i.cumulative_loss), loss, style="keras"),
        _pair(Span("  All, w after", "title"), (i.full_rmse, i.full_loss), after),
    ]
    made = made[-height:]  # a long text of a lesson may take even more
    room = height - len(made)
    left, right = table(view, cols, room)
    samples = [(*a, *b) for a, b in zip(left, right, strict=True)]
    if samples and i.m >= room:
        samples[0] = _with_rows(view, samples[0], room - 1, width)
    return view.block(samples, width, room) + view.block(made, width, len(made))


def _with_rows(view: View, head: Row, rows: int, width: int) -> Row:
    """The head of the table, at its end which samples of the batch are shown."""
    first, m = scroll_start(view, rows), view.iteration.m
    while not head[-1].text.strip():
        head = head[:-1]
    head = (*head[:-1], head[-1]._replace(text=head[-1].text.rstrip()))
    free = width - row_width(view.row(head))
    marks = (f" {first + 1}-{first + rows}/{m}", " …") if rows > 0 else (" …",)
    return (*head, *view.first_text(free, (f"{mark:>{free}}" for mark in marks), "warn"))


def _of_parameters(view: View) -> Rows:
    """Gradient, what the optimizer keeps of it, and the parameters themselves: two of them, others by scrolling."""
    every = parameter_steps(view)
    first = min(view.first_parameter, len(every) - SHOWN)
    steps = every[first : first + SHOWN]
    names = tuple(p.letter for p in steps)
    more = () if steps[-1] is every[-1] else row((" …", "warn"))
    known = _known(view, Phase.GRADIENT, "gradient_", steps)
    label = _marked(view, PANELS["gradient"].title, "gradient")
    made = [_pair(label, tuple(p.g for p in steps), known, names)]
    for slot in _shown_slots(view):
        name = slot.letter if _known(view, slot.phase, f"{slot.name}_", steps) else f"{slot.letter} before"
        label = _marked(view, f"4 {slot.label.capitalize()}", "accumulator")
        made.append(_pair(label, tuple(p.numbers[name] for p in steps), True, names))
    updated = _known(view, Phase.UPDATE, "", steps)
    label = _marked(view, PANELS["weights"].title, "weights")
    made.append(_pair(label, tuple(p.after if updated else p.before for p in steps), True, names))
    return [(*line, *more) if len(line) > 1 else line for line in made]


def _marked(view: View, label: str, panel: str) -> Span:
    """A label with the mark of the check; that of the panel with the focus stands out."""
    text = f"{label[:13]} {view.marks[panel].text[:1]}" if panel in view.marks else label[:15]
    return Span(text, "focus" if view.focus == panel else "title")


def _shown_slots(view: View) -> list[Slot]:
    """One slot at most: a mean gradient beside the accumulator is left out."""
    slots = accumulated(view.run.settings)
    return [slot for slot in slots if slot.name == "accumulator"] or slots[:1]


def _known(view: View, phase: Phase, stem: str, steps: list[ParameterStep]) -> bool:
    return view.reached(phase) and not view.hidden & {f"{stem}{p.key}" for p in steps}


def _pair(
    label: Span, values: Sequence[float], shown: bool, names: Sequence[str] = ("RMSE", "loss"), style: str = "changed"
) -> Row:
    if not shown:
        return row((f" {label.text}", "focus" if label.style == "focus" else "dim"))
    parts = [Span(f" {label.text:<15}", label.style)]
    for place, (name, value) in enumerate(zip(names, values, strict=True)):
        parts += [Span(f"{' ' * bool(place)}{name:>4} ", "dim"), Span(one(value), style)]
    return tuple(parts)
