"""The line in plain words: what is happening and why."""

from lrstep.app.cells import row, row_width
from lrstep.app.numbers import inline
from lrstep.app.view import View
from lrstep.core.iteration import Phase


def narrate(view: View, width: int) -> str:
    """A sentence about the place under the cursor; the longest one that fits."""
    candidates = _after(view) if view.phase == Phase.AFTER else _start(view)
    for text in candidates:
        if row_width(view.row(row(text))) <= width:
            return text
    return candidates[-1]


def _start(view: View) -> tuple[str, ...]:
    m, per_epoch = view.iteration.m, view.run.batches.per_epoch
    return (
        f"Before any step. An epoch is {per_epoch} iteration{'s' if per_epoch > 1 else ''}; "
        f"the first takes the {m} sample{'s' if m > 1 else ''} above. → takes it.",
        f"Before any step; the first batch has {m} samples. → takes it.",
    )


def _after(view: View) -> tuple[str, ...]:
    i = view.iteration
    keras, after = inline(i.cumulative_rmse, 6), inline(i.full_rmse, 6)
    return (
        f"Keras prints RMSE {keras}: batches of this epoch, each with the weights from before its update. "
        f"All data with the new weights: {after}.",
        f"Keras prints {keras} (weights before each update); all data with the new weights: {after}.",
        f"Keras: {keras}, weights before the update; after it: {after}.",
        f"Keras {keras}; after the update {after}",
    )
