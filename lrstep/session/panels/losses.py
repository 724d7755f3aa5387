"""Panel 6: RMSE and loss of this batch, of the epoch so far, and of all data."""

from typing import NamedTuple

from lrstep.core.iteration import Phase
from lrstep.session.figures import aligned, one
from lrstep.session.styled_rows import Row, Rows, Span, fit, row
from lrstep.session.view import View

LINES_ACROSS = 2
"""Lines of the panel where its heads stand in its title."""

_KERAS = ("← Keras prints", "← Keras prints", "← Keras")
_VALIDATION = ("← val_root_mean_squared_error, val_loss", "← Keras's val_", "← val_")
"""What Keras calls a figure, the longest way first: where there is room beside it, else there, and in a heading."""

_HEADS = (((0, 1), (0, 1)), ((1, 1), (1, 1)), ((1, 2), (2, 1)), ((2, 2), (2, 2)))
"""Ways to write the headings, the longest first: which name and which tag, and which of what Keras prints."""

_SIZE = 14
_LABEL = 24
"""Columns of the label that the longest tag has to leave; a label is shortened for the others."""

TITLE = 10
"""Columns for the title of the panel."""


class LossFigure(NamedTuple):
    """RMSE and loss of some samples, how these are called (the longest way first), and what Keras calls them."""

    names: tuple[str, str, str]
    rmse: float
    loss: float
    shown: bool
    style: str
    tag: tuple[str, ...] = ()


def figures(view: View) -> tuple[LossFigure, ...]:
    """All that the panel shows, in its order."""
    i, hidden = view.iteration, view.hidden
    seen, after = view.reached(Phase.LOSS), view.reached(Phase.AFTER)
    this = seen and not hidden & {"loss", "rmse"}
    epoch = seen and not hidden & {"cumulative_loss", "cumulative_rmse"}
    full = after and not hidden & {"full_loss", "full_rmse"}
    so_far = (f"epoch so far, {i.cumulative_count} of {view.run.batches.n}", "epoch so far", "epoch")
    return (
        LossFigure(("this batch, w before", "this batch", "this batch"), i.rmse, i.loss, this, "changed"),
        LossFigure(so_far, i.cumulative_rmse, i.cumulative_loss, epoch, "keras", _KERAS),
        LossFigure(
            ("all data, w before", "all, before", "before"), i.full_rmse_before, i.full_loss_before, True, "text"
        ),
        LossFigure(
            ("all data, w after", "all, after", "after"), i.full_rmse, i.full_loss, full, "changed", _VALIDATION
        ),
    )


def height(view: View) -> int:
    """Lines of the panel: a recorded run has one more."""
    return 6 if view.run.recorded else 5


def losses(view: View, width: int) -> Rows:
    """The figures below each other."""
    tag = next(place for place in (0, 1) if place or len(_VALIDATION[0]) + 2 * _SIZE + _LABEL <= width)
    size = max(len(_VALIDATION[tag]), len(_KERAS[tag])) + 1
    room = width - 2 * _SIZE - size
    heads = (f"{name:>8}".ljust(_SIZE) for name in ("RMSE", "loss"))
    lines: Rows = [row((" " * room, "dim"), *((head, "dim") for head in heads))]
    shown = figures(view)
    columns = [aligned(values, _SIZE) for values in _values(shown)]
    for figure, *numbers in zip(shown, *columns, strict=True):
        label = view.first_fit(room, *(row(f" {name}") for name in figure.names))
        spans = (*(Span(number, figure.style) for number in numbers), Span(f" {_tag(view, figure, tag)}", "keras"))
        lines.append((*fit(view.row(label), room), *(spans if figure.shown else ())))
        if figure.tag == _KERAS and view.run.recorded:
            lines.append(_as_it_ran(view, room) if figure.shown else ())
    return lines


def _as_it_ran(view: View, room: int) -> Row:
    """What Keras printed in a recorded run."""
    numbers = (
        one(view.as_it_ran[name], _SIZE) if name in view.as_it_ran else " " * _SIZE
        for name in ("cumulative_rmse", "cumulative_loss")
    )
    said = view.fit(row(" Keras, as it ran"), room)
    return (*said, *(Span(number, "keras") for number in numbers), Span(" "), _mark(view))


def _mark(view: View) -> Span:
    """Of what Keras prints."""
    marks = [view.outcomes[name] for name in ("cumulative_rmse", "cumulative_loss") if name in view.outcomes]
    return next((mark for mark in marks if mark.text != "✓"), marks[0] if marks else Span(" "))


def losses_across(view: View, width: int) -> Rows:
    """The figures beside each other: their heads, which belong behind the title of the panel, and two lines."""
    shown = figures(view)
    for lengths, of_keras in _HEADS:
        forms = [(figure, *(of_keras if figure.tag == _KERAS else lengths)) for figure in shown]
        heads = [f"{figure.names[name]} {_tag(view, figure, tag)}".rstrip() for figure, name, tag in forms]
        sizes = [max(_SIZE, len(head) + 1) for head in heads]
        if sum(sizes) < width - TITLE:
            break
    spare = (width - TITLE - 1 - sum(sizes)) // len(sizes)  # a blank ends the title
    titles = zip(shown, heads, sizes, strict=True)
    lines: Rows = [
        tuple(Span(f" {head}".ljust(size + spare), "keras" if figure.tag else "dim") for figure, head, size in titles)
    ]
    for name, values in zip(("RMSE", "loss"), _values(shown), strict=True):
        cells = [Span(f" {name}".ljust(TITLE), "dim")]
        for figure, number, size in zip(shown, aligned(values, _SIZE - 1), sizes, strict=True):
            cells.append(Span((number if figure.shown else "").ljust(size + spare), figure.style))
        lines.append(tuple(cells))
    return lines


def _values(shown: tuple[LossFigure, ...]) -> tuple[list[float], list[float]]:
    """RMSE of all figures, and loss of all."""
    return [figure.rmse for figure in shown], [figure.loss for figure in shown]


def _tag(view: View, figure: LossFigure, length: int) -> str:
    if not figure.tag:
        return ""
    if figure.tag == _KERAS and view.outcomes:
        return f"{_mark(view).text} Keras"
    tag = figure.tag[length]
    return tag.replace("← ", "<-") if view.ascii else tag  # as wide as before
