"""The run as it comes out on paper, where every number that is written down is rounded."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from lrstep.core.arithmetic import rmse
from lrstep.core.dataset import Floats
from lrstep.core.run import Run
from lrstep.core.symbols import evaluate
from lrstep.formulas.quantities import quantities
from lrstep.formulas.rewrites import NEW
from lrstep.why.wrong_steps import Taken, right_trees

DECIMALS, DIGITS = (1, 2, 3, 4, 5), (2, 3, 4, 5)
"""Places after the point, and significant digits, that people round to."""

WAYS = len(DECIMALS) + len(DIGITS) + 1
"""Ways of rounding: to these, and to half precision."""

EVERY, RESULTS, KEPT = "each intermediate number", "each result", "weights and what the optimizer keeps"
WEIGHTS, GRADIENT = "weights and bias after each step", "the gradient"
"""What is rounded; with the last two the start is taken as it is."""

WHAT = (EVERY, RESULTS, KEPT, WEIGHTS, GRADIENT)

MOST_WORK = 2_000
"""So many samples are gone through on paper."""

Figures = dict[str, Floats]


def names() -> list[str]:
    """What is done, in the order of the values of :func:`on_paper`."""
    places = [f"{d} decimal{'s' * (d > 1)}" for d in DECIMALS] + [f"{d} significant digits" for d in DIGITS]
    places += ["half precision (float16)"]
    return [f"with {what} rounded to {to}" for what in WHAT for to in places]


def on_paper(
    run: Run, wanted: Sequence[int], pause: Callable[[], None] = lambda: None
) -> Iterator[tuple[int, Figures]]:
    """The figures of wanted iterations, each of shape (h,), in the order of :func:`names`."""
    papers = [_Paper(run, what) for what in WHAT]
    for t in range(1, max(wanted) + 1):
        pause()
        made = [paper.step(t) for paper in papers]
        if t in wanted:
            yield t, {key: np.concatenate([figures[key] for figures in made]) for key in made[0]}


def rounded(values: Any) -> Floats:
    """A number for each way of rounding, rounded in that way; shape (h,)."""
    values = np.broadcast_to(np.asarray(values, dtype=np.float64), (WAYS,))
    half = values[-1:].astype(np.float16).astype(np.float64)
    values = values[:-1]
    with np.errstate(all="ignore"):
        size = np.floor(np.log10(np.abs(values[len(DECIMALS) :])))
    size = np.where(np.isfinite(size), size, 0.0)
    scale = 10.0 ** np.concatenate([np.array(DECIMALS, dtype=np.float64), np.array(DIGITS) - 1 - size])
    return np.concatenate([np.rint(values * scale) / scale, half])


class _Paper:
    """A run in which some numbers are rounded, in all ways at once."""

    def __init__(self, run: Run, what: str) -> None:
        self.run, self.what = run, what
        letters = run.settings.rule.letters(run.settings)
        written = rounded if what in (EVERY, RESULTS, KEPT) else partial(np.full, WAYS)
        self.memories = [dict(zip(letters, map(written, memory), strict=True)) for memory in run.memories(run.start)]
        self.sse: Any = 0.0
        self.count = 0

    def _result(self, value: Any) -> Any:
        return rounded(value) if self.what in (EVERY, RESULTS) else value

    def _inner(self, value: Any) -> Any:
        return rounded(value) if self.what == EVERY else value

    def step(self, t: int) -> Figures:
        """One iteration."""
        epoch, batch = self.run.batches.position(t)
        columns, y = self.run.batch(epoch, batch)
        theta = [memory["theta"] for memory in self.memories]
        errors = []
        for *x, label in zip(*columns, y, strict=True):
            predicted = theta[-1]
            for w, value in zip(theta, x, strict=False):
                predicted = predicted + self._inner(w * value)
            errors.append(self._inner(self._inner(predicted) - label))
        m = len(y)
        sse: Any = sum(self._inner(e * e) for e in errors)
        if batch == 1:
            self.sse, self.count = 0.0, 0
        self.sse, self.count = self.sse + sse, self.count + m
        sums = [sum(self._inner(e * value) for e, value in zip(errors, x, strict=True)) for x in (*columns, np.ones(m))]
        gradients = [self._result(2 / m * self._inner(one)) for one in sums]
        if self.what == GRADIENT:
            gradients = [rounded(g) for g in gradients]
        made = [self._update(t, g, memory) for g, memory in zip(gradients, self.memories, strict=True)]
        figures = self._figures(sse / m, gradients, made)
        self.memories = [{letter: one[letter] for letter in self.memories[0]} for one in made]
        return figures

    def _update(self, t: int, g: Any, memory: Mapping[str, Any]) -> dict[str, Any]:
        run, settings = self.run, self.run.settings_at(t)
        values: dict[str, Any] = {**settings.rule.bound(settings), **memory, "g": g, "t": float(t + run.counted)}
        results: dict[str, Any] = {}
        for name, tree in right_trees(run.settings).items():
            value = evaluate(tree, values | {NEW + key: one for key, one in results.items()}, self._noted)
            kept = {KEPT: name in memory, WEIGHTS: name == "theta"}.get(self.what, False)
            results[name] = rounded(value) if kept else self._result(value)
        return results

    def _noted(self, made: Any) -> Any:
        return self._inner(made) if isinstance(made, np.ndarray) else made  # of settings alone nothing is written down

    def _figures(self, loss: Any, gradients: list[Any], made: list[dict[str, Any]]) -> Figures:
        run, shape = self.run, (WAYS,)
        parameters = [np.broadcast_to(one["theta"], shape) for one in made]
        full = run.reference.full_losses(*parameters)
        losses = {"": loss, "cumulative_": self.sse / self.count, "full_": full}
        losses = {stem: self._result(value) for stem, value in losses.items()}
        figures = {f"{stem}loss": value for stem, value in losses.items()}
        figures |= {f"{stem}rmse": self._result(rmse(value)) for stem, value in losses.items()}
        figures |= Taken(tuple(gradients), tuple(made)).figures(run.parameters, run.slots)
        known = quantities(run)
        return {key: np.broadcast_to(value, shape) for key, value in figures.items() if key in known}
