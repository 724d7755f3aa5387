"""The panels on a very small screen: one line per quantity."""

from lrstep.core.iteration import Phase
from lrstep.session.figures import one
from lrstep.session.panels.batch_table import Columns, table
from lrstep.session.panels.computed import parameters
from lrstep.session.styled_rows import Row, Rows, Span, block, row
from lrstep.session.view import View

QUANTITIES = 6
"""Lines below the table."""


def lines(view: View, width: int, height: int, cols: Columns) -> Rows:
    """All quantities in ``height`` lines: the table on top gets what is left."""
    i = view.iteration
    w, b = parameters(view)
    hidden = view.hidden
    loss = view.reached(Phase.LOSS) and "loss" not in hidden
    after = view.reached(Phase.AFTER) and "full_loss" not in hidden
    gradient = view.reached(Phase.GRADIENT) and not hidden & {"gradient_weight", "gradient_bias"}
    accumulated = view.reached(Phase.ACCUMULATOR) and not hidden & {"accumulator_weight", "accumulator_bias"}
    updated = view.reached(Phase.UPDATE) and not hidden & {"weight", "bias"}
    quantities: Rows = [
        _pair("3 Gradient", w.g, b.g, gradient, "w", "b"),
        _pair("4 Accumulator", *((w.v_new, b.v_new) if accumulated else (w.v, b.v)), True, "w", "b"),
        _pair("5 Weights", *((w.theta_new, b.theta_new) if updated else (w.theta, b.theta)), True, "w", "b"),
        _pair("6 This batch", i.rmse, i.loss, loss, "RMSE", "loss"),
        _pair("  Keras prints", i.cumulative_rmse, i.cumulative_loss, loss, "RMSE", "loss", "keras"),
        _pair("  All, w after", i.full_rmse, i.full_loss, after, "RMSE", "loss"),
    ]
    room = height - len(quantities)
    left, right = table(view, cols, room)
    samples = [(*a, *b) for a, b in zip(left, right, strict=True)]
    return block(samples, width, room) + block([view.row(cells) for cells in quantities], width, len(quantities))


def _pair(label: str, first: float, second: float, shown: bool, name: str, other: str, style: str = "changed") -> Row:
    if not shown:
        return row((f" {label}", "dim"))
    return (
        Span(f" {label:<15}", "title"),
        Span(f"{name:>4} ", "dim"),
        Span(one(first), style),
        Span(f" {other:>4} ", "dim"),
        Span(one(second), style),
    )
