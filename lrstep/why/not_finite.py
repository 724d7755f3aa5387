"""``why nan`` and ``why inf``: which number was the first that no float holds, and what helps."""

import math

import numpy as np

from lrstep.core.iteration import Phase
from lrstep.core.loss_surface import curvatures
from lrstep.core.optimizers.sgd import tolerated
from lrstep.core.rounding import FLOAT32
from lrstep.core.run import Run
from lrstep.formulas.divergence import NAMES, diverges_in, why_diverged
from lrstep.formulas.numerals import short
from lrstep.formulas.quantities import quantities
from lrstep.why.answer import Answer
from lrstep.why.match_text import place
from lrstep.why.question import Asked

FARTHEST = 20_000
"""So many iterations are computed to find it."""

WORDS = ("nan", "inf", "infinity", "∞")


def is_not_finite(text: str) -> bool:
    """Whether a text says nan or inf, with a sign or not."""
    return text.strip().lower().lstrip("+-−") in WORDS


def why_not_finite(run: Run, text: str) -> Answer:
    """Where the run gets a number that is not finite, and why."""
    last = min(run.reach, FARTHEST)
    run.advance(last)
    at = run.diverged_at
    single = _first_beyond(run, at or last, FLOAT32.limit)
    said = []
    if at is not None:
        it = run.iteration(at)
        began = diverges_in(run, it) or Phase.AFTER
        known = (one for one in quantities(run).values() if one.phase is began and one.parameter is not None)
        first = next((f"the {one.label}" for one in known if not math.isfinite(one.value(it))), NAMES[began])
        said.append(f"The first number that is not finite is {first} of {place(run, at)}. "
                    f"{why_diverged(run, it, began)}")  # fmt: skip
    else:
        said.append(f"No number of this run is nan or inf up to iteration {last}: {text.strip()} comes from other "
                    "settings, or from data with an empty or missing value.")  # fmt: skip
    if single is not None:
        number, key = single
        said.append(f"In float32, where Keras computes, numbers end at 3.4e38: the {quantities(run)[key].label} is "
                    f"beyond that in iteration {number}.")  # fmt: skip
    said += _bound(run)
    return Answer(text.strip(), Asked(None, at, None), "right" if at else "unknown", " ".join(said), (), (), (), 0)


def steepest(run: Run) -> tuple[float, float]:
    """λmax, the largest curvature of the loss: over all samples, and in its steepest batch."""
    batches = [run.batch(1, batch) for batch in range(1, run.batches.per_epoch + 1)]
    whole, *others = (float(curvatures(columns)[-1]) for columns in (run.dataset.columns, *(x for x, _ in batches)))
    return whole, max(others)


def _bound(run: Run) -> list[str]:
    """What gradient descent tolerates."""
    if run.settings.optimizer != "sgd":
        return []
    rate = run.settings.learning_rate
    whole, batch = steepest(run)
    formula = "2/λmax"
    if run.settings.momentum:
        formula = "2·(1 + μ)/((1 + 2·μ)·λmax)" if run.settings.nesterov else "2·(1 + μ)/λmax"
    bounds = [tolerated(run.settings) / value for value in (whole, batch)]
    of_batch = f", and below {short(bounds[1], 4)} in its steepest batch" if run.batches.per_epoch > 1 else ""
    verdict = "far too large" if rate > 2 * bounds[0] else "too large" if rate > bounds[0] else "below it"
    return [
        f"SGD is stable where the learning rate is below {formula} = {short(bounds[0], 4)} over all samples "
        f"(λmax = {short(whole, 4)} is the loss's largest curvature){of_batch}; here it is {short(rate)}, {verdict}."
    ]


def _first_beyond(run: Run, last: int, limit: float) -> tuple[int, str] | None:
    """The first iteration with a number of this size, and which."""
    numbers = np.arange(1, last + 1)
    firsts = []
    for key in (*run.keyed(run.start), "loss", "cumulative_loss", "full_loss"):
        with np.errstate(all="ignore"):
            beyond = ~(np.abs(run.series(key, numbers)) < limit)
        if beyond.any():
            firsts.append((int(numbers[beyond.argmax()]), key))
    return min(firsts, key=lambda one: one[0]) if firsts else None
