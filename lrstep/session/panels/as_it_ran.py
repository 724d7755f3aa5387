"""What Keras had beside what the engine has, in the panels of a recorded run."""

from lrstep.core.phase import Phase
from lrstep.session.figures import aligned
from lrstep.session.panels.adding_up import Steps
from lrstep.session.panels.computed import gradient_known, slot_known, update_known
from lrstep.session.panels.parameters import accumulated, moved
from lrstep.session.styled_rows import Row, Rows, Span, row_width
from lrstep.session.view import View

HEADING = "Keras, as it ran"
_NUMBER = 14
WIDTH = _NUMBER + 2
"""Of the column: a number and the mark behind it."""

Names = list[str]
"""For each line of a panel the quantity that it ends in; empty for one that was not recorded or is not shown yet."""


def gradient_names(view: View, steps: Steps) -> Names:
    """Of panel 3."""
    return [f"gradient_{p.key}" if gradient_known(view, p) else "" for p in steps]


def accumulator_names(view: View, steps: Steps) -> Names:
    """Of panel 4."""
    slots = accumulated(view.run.settings)
    return [f"{slot.name}_{p.key}" if slot_known(view, p, slot) else "" for p in steps for slot in slots]


def weights_names(view: View, steps: Steps) -> Names:
    """Of panel 5; the step itself may be a slot."""
    slots = [slot.name for slot in moved(view.run.settings)]
    step = next((slot.name for slot in view.run.slots if slot.phase is Phase.UPDATE and slot.name not in slots), "")
    names: Names = []
    for p in steps:
        shown = [p.key, *(f"{slot}_{p.key}" if slot else "" for slot in (*slots, step))]
        names += shown if update_known(view, p) else [""] * len(shown)
    return names


NAMES = {"gradient": gradient_names, "accumulator": accumulator_names, "weights": weights_names}
"""Panel → what names its lines."""


def column(view: View, names: Names, height: int) -> Rows:
    """Keras's numbers for the lines of a panel, each with its mark; empty lines where there is none."""
    known = [name for name in names if name in view.as_it_ran]
    numbers = dict(zip(known, aligned([view.as_it_ran[name] for name in known], _NUMBER), strict=True))
    lines: Rows = [
        (Span(f"{numbers[name]} ", "keras"), view.outcomes.get(name, Span(" "))) if name in numbers else ()
        for name in names
    ]
    return lines + [()] * (height - len(lines))


def heading(view: View, width: int) -> Row:
    """What stands above the column, at the end of a border with so much room."""
    line = view.chars("─") * (width - row_width(view.row((Span(HEADING),))) - 2)
    return (Span(line, "frame"), Span(f" {HEADING}", "keras")) if line else ()
