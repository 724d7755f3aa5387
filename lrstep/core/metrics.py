"""The figures of one batch: each is an entry out of which everything else that there is of it follows.

Its formula is a plain function. With an iteration's numbers it gives the figure; with symbols its formula, out of which
come the letters, the explanation, the cell of the spreadsheet and, with numbers that carry their rounding, its bound.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from lrstep.core.arithmetic import mean_squared_error, rmse, squared_error_sum
from lrstep.core.symbols import Number


class Metric(NamedTuple):
    """A figure of one batch, with the parameters from before the update.

    Attributes:
        key: its name in ``lrstep trace``.
        label: what it is called in a sentence.
        symbol: its letter in formulas.
        formula: what it is. Its arguments are called what they take in: ``prediction``, ``error`` and ``y`` of the
            samples, their number ``m``, and metrics that stand before this one.
        words: how it is computed, for the heading of a column.
        aliases: other names a person may give it.
    """

    key: str
    label: str
    symbol: str
    formula: Callable[..., Number]
    words: str
    aliases: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """What it takes in."""
        code = self.formula.__code__
        return code.co_varnames[: code.co_argcount]


METRICS = {
    metric.key: metric
    for metric in (
        Metric(
            "loss", "loss of the batch", "L", lambda error, m: mean_squared_error(squared_error_sum(error), m),
            "sum of error² / m", ("batch_loss", "mse"),
        ),
        Metric("rmse", "RMSE of the batch", "RMSE", lambda loss: rmse(loss), "√ loss, this batch", ("batch_rmse",)),
    )
}  # fmt: skip
"""Key → metric, in the order of the computation."""


def computed(known: Mapping[str, Number]) -> dict[str, Number]:
    """All metrics, of numbers of any kind.

    Args:
        known: inputs by name; metrics among them are taken as they are.
    """
    made = dict(known)
    for key, metric in METRICS.items():
        if key not in made:
            made[key] = metric.formula(*(made[name] for name in metric.inputs))
    return {key: made[key] for key in METRICS}
