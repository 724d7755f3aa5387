"""Panel 6: RMSE and loss of this batch, of the epoch so far, and of all data."""

from typing import NamedTuple

from lrstep.core.iteration import Phase
from lrstep.session.figures import aligned
from lrstep.session.styled_rows import Row, Rows, Span, fit, row
from lrstep.session.view import View

LINES = 5
"""Lines of the panel."""


def losses(view: View, width: int) -> Rows:
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
