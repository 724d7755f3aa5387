"""How far float32 may have come from the right value: the bounds of the check, carried on from step to step."""

from typing import Any

import numpy as np

from lrstep.core.bounds import Reach, StepInput, full_bounds, step_bounds
from lrstep.core.dataset import Floats
from lrstep.core.rounding import FLOAT32
from lrstep.core.run import Run
from lrstep.formulas.quantities import quantities, value_at
from lrstep.why.fleet import Fleet
from lrstep.why.kept import kept
from lrstep.why.worlds import World

CHAOS = 1e-3
"""Runs that rounding lets part by such a part of a number are not compared any more."""

COPIES, BOUNDS, FARTHEST = 12, 60, 5_000
"""Runs with rounding put in; steps at which their bounds are computed; iterations that are followed."""

USUAL = 0.2
"""The bounds add up the worst of every rounding; runs in float32 come to no more than this part of them."""

NEAR = 0.01
"""Numbers that are off by more are not float32's rounding, unless the run is chaotic."""


def reach(run: Run, quantity: str, iteration: int, distance: float) -> float:
    """How far from the right value a run in float32 may be; 0 where the distance is too large for it to matter, and
    where runs have parted, as nothing is told by a distance there."""
    right = abs(value_at(run, quantity, iteration))
    if distance > NEAR * right or iteration > FARTHEST:
        return 0.0
    spread = _spread(run, iteration).get(quantity, 0.0)
    if spread > CHAOS * right:
        return 0.0
    return spread + _step(run, iteration).get(quantity, 0.0)


def apart(run: Run, quantity: str, iteration: int) -> float:
    """By which part of a number rounding has let runs part at an iteration."""
    if iteration > FARTHEST:
        return 0.0
    right = abs(value_at(run, quantity, iteration))
    return _spread(run, iteration).get(quantity, 0.0) / right if right else 0.0


def _step(run: Run, number: int) -> dict[str, float]:
    """The bounds of one step in float32, by quantity."""
    it = run.iteration(number)
    given = StepInput(
        number + run.counted, it.samples, it.columns, it.y, it.before,
        it.cumulative_loss * it.cumulative_count - it.loss * it.m, it.cumulative_count - it.m,
    )  # fmt: skip
    made = step_bounds(given, run.settings_at(number), FLOAT32)
    data_reach = kept(run, "data reach", lambda: Reach.of(run.dataset))
    made |= full_bounds(it.full_loss, it.after.parameters, data_reach, FLOAT32)
    for name in run.parameters:
        made[name] = made[f"theta_{name}"]
        made |= {f"{slot.name}_{name}": made[f"{slot.letter}_{name}"] for slot in run.slots}
    return {key: USUAL * float(np.max(bound)) for key, bound in made.items()}


def _spread(run: Run, iteration: int) -> dict[str, float]:
    """How far copies of the run come apart when each step is off by at most what float32 may be."""
    return kept(run, ("float32", iteration), lambda: _copies_apart(run, iteration))


def _copies_apart(run: Run, iteration: int) -> dict[str, float]:
    steps = np.unique(np.linspace(1, iteration, min(BOUNDS, iteration)).astype(int)).tolist()
    letters = {slot.letter: slot.name for slot in run.slots}
    bounds = [_step(run, number) for number in steps]
    random = np.random.default_rng(0)

    def rounded(t: int, memories: list[dict[str, Any]]) -> list[dict[str, Any]]:
        bound = bounds[min(int(np.searchsorted(steps, t)), len(bounds) - 1)]

        def off(name: str, letter: str) -> Floats:
            size = bound.get(name if letter == "theta" else f"{letters[letter]}_{name}", 0.0)
            return random.uniform(-1, 1, COPIES) * (size if np.isfinite(size) else 0.0)

        named = zip(run.parameters, memories, strict=True)
        return [{letter: values + off(name, letter) for letter, values in memory.items()} for name, memory in named]

    with np.errstate(all="ignore"):
        fleet = Fleet(run, [World("right", "", 0)] * COPIES, iteration)
        ((_, figures),) = fleet.figures([iteration], rounded)
        # Where all copies overflow there is no spread: NaN, to which nothing is near.
        return {
            key: float(2 * np.fmax.reduce(np.abs(figures[key] - right)))
            for key in figures
            if key in quantities(run) and np.isfinite(right := value_at(run, key, iteration))
        }
