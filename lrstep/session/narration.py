"""The line in plain words: what is happening and why."""

import textwrap

from lrstep.core.iteration import Phase
from lrstep.formulas.quantities import listed
from lrstep.plural import counted
from lrstep.session.divergence import has_diverged
from lrstep.session.figures import as_printed
from lrstep.session.phase_sentences import line
from lrstep.session.styled_rows import Rows, row
from lrstep.session.view import View


def narrate(view: View, width: int, height: int, before: str = "") -> Rows:
    """At most ``height`` lines about the place under the cursor; the first candidate that fits whole."""
    ended = view.phase == Phase.AFTER and not has_diverged(view.run, view.iteration, view.phase)
    candidates = _after(view) if ended else _during(view)
    texts = [view.chars(before + text) for text in candidates]
    room = (width + 1) * height  # no text fits that has more characters
    lines: list[str] = []
    for text in [*(text for text in texts[:-1] if len(text) < room), texts[-1]]:
        lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
        if len(lines) <= height:
            break
    return [row(f" {part}") for part in lines[:height]]


def _during(view: View) -> tuple[str, ...]:
    text = line(view.run, view.iteration if view.number else None, view.phase)
    first = text.split(". ")[0].rstrip(".") + "."
    return (text + " → takes the first step.", text, first) if not view.number else (text, first)


def _after(view: View) -> tuple[str, ...]:
    i, scaling = view.iteration, view.run.scaling
    keras, after = as_printed(i.cumulative_rmse), as_printed(i.full_rmse)
    every, count = i.cumulative_count == view.run.batches.n, i.cumulative_count
    seen = "all samples" if every and count > 1 else f"{counted(count, 'sample')} of this epoch"
    seen += (
        ", each with the weights from before its batch's update"
        if count > 1
        else ", the weights from before its update"
    )
    said: tuple[str, ...] = (
        f"Keras prints RMSE {keras}: {seen}. With the weights after this update, all data give {after}.",
        f"Keras prints {keras} (weights before each update); all data with the new weights: {after}.",
    )
    ends = i.batch == view.run.batches.per_epoch
    if ends:  # Keras validates at the end of an epoch only
        said = (said[0].removesuffix(".") + ": val_root_mean_squared_error.", *said)
    if scaling is not None:
        of_data = f" In the label's units: {as_printed(scaling.unscaled_error(i.full_rmse))}."
        said = (*(f"{text}{of_data}" for text in said), *said)
    if ends and i.epoch < view.run.settings.epochs:
        end, on = f"Epoch {i.epoch} ends: Keras keeps {keras}", f"The RMSE starts anew; {_kept(view)} go on."
        now = f"{end} (weights before each update; all data now: {after})."
        return (
            *(f"{text} {end}. {on}" for text in said),
            f"{now} {on}",
            f"{end}. {on}",
            f"{end}; all data: {after}",
        )
    return (
        *said,
        f"Keras: {keras}, weights before the update; after it: {after}.",
        f"Keras {keras}; after the update {after}",
    )


def _kept(view: View) -> str:
    """What a new epoch does not reset: parameters, and what the optimizer keeps."""
    weights = "w" if len(view.run.parameters) == 2 else "the weights"
    return listed([weights, "b", *(slot.letter for slot in view.run.slots)])
