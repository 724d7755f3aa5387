"""Panel 6: RMSE and loss of this batch, of the epoch so far, and of all data."""

from typing import NamedTuple

from lrstep.core.iteration import Phase
from lrstep.session.figures import aligned
from lrstep.session.styled_rows import Rows, Span, fit, row
from lrstep.session.view import View

LINES = 5
"""Lines of the panel."""

LINES_ACROSS = 2
"""Lines of the panel where its heads stand in its title."""

_SIZE = 14
_TAG = 8
TITLE = 10
"""Columns for the title of the panel."""


class Figure(NamedTuple):
    """RMSE and loss of some samples, how these are called (the longest way first), and what Keras calls them."""

    names: tuple[str, str, str]
    rmse: float
    loss: float
    shown: bool
    style: str
    tag: str = ""


def figures(view: View) -> tuple[Figure, ...]:
    """All that the panel shows, in its order."""
    i, hidden = view.iteration, view.hidden
    seen, after = view.reached(Phase.LOSS), view.reached(Phase.AFTER)
    this = seen and not hidden & {"loss", "rmse"}
    epoch = seen and not hidden & {"cumulative_loss", "cumulative_rmse"}
    full = after and not hidden & {"full_loss", "full_rmse"}
    so_far = (f"epoch so far, {i.cumulative_count} of {view.run.batches.n}", "epoch so far", "so far")
    return (
        Figure(("this batch, w before", "this batch", "this batch"), i.rmse, i.loss, this, "changed"),
        Figure(so_far, i.cumulative_rmse, i.cumulative_loss, epoch, "keras", "← Keras"),
        Figure(("all data, w before", "all, before", "before"), i.full_rmse_before, i.full_loss_before, True, "text"),
        Figure(("all data, w after", "all, after", "after"), i.full_rmse, i.full_loss, full, "changed", "← val_"),
    )


def losses(view: View, width: int) -> Rows:
    """The figures below each other."""
    room = width - 2 * _SIZE - _TAG
    heads = (f"{name:>8}".ljust(_SIZE) for name in ("RMSE", "loss"))
    lines: Rows = [row((" " * room, "dim"), *((head, "dim") for head in heads))]
    shown = figures(view)
    columns = [aligned(values, _SIZE) for values in _values(shown)]
    for figure, *numbers in zip(shown, *columns, strict=True):
        label = view.row(row(f" {figure.names[0]}"))
        spans = (*(Span(number, figure.style) for number in numbers), Span(f" {_tag(view, figure):<7}", "keras"))
        lines.append((*fit(label, room), *(spans if figure.shown else ())))
    return lines


def losses_across(view: View, width: int) -> Rows:
    """The figures beside each other: their heads, which belong behind the title of the panel, and two lines."""
    shown = figures(view)
    for length in (1, 2):
        heads = [f"{figure.names[length]} {_tag(view, figure)}".rstrip() for figure in shown]
        sizes = [max(_SIZE, len(head) + 1) for head in heads]
        if sum(sizes) <= width - TITLE:
            break
    spare = (width - TITLE - sum(sizes)) // len(sizes)
    lines: Rows = [tuple(Span(f" {head}".ljust(size + spare), "dim") for head, size in zip(heads, sizes, strict=True))]
    for name, values in zip(("RMSE", "loss"), _values(shown), strict=True):
        cells = [Span(f" {name}".ljust(TITLE), "dim")]
        for figure, number, size in zip(shown, aligned(values, _SIZE - 1), sizes, strict=True):
            cells.append(Span((number if figure.shown else "").ljust(size + spare), figure.style))
        lines.append(tuple(cells))
    return lines


def _values(shown: tuple[Figure, ...]) -> tuple[list[float], list[float]]:
    """RMSE of all figures, and loss of all."""
    return [figure.rmse for figure in shown], [figure.loss for figure in shown]


def _tag(view: View, figure: Figure) -> str:
    return figure.tag.replace("← ", "<-") if view.ascii else figure.tag  # as wide as before
