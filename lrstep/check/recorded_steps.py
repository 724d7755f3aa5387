"""A recorded run judged without Keras: what it did in each step beside the engine's step from the same state."""

import math
from collections.abc import AsyncGenerator, Iterable

import numpy as np

from lrstep.check.client import Breath
from lrstep.check.drift import FitPoint
from lrstep.check.protocol import Ready
from lrstep.check.quantity import compared
from lrstep.check.verdict import StepVerdict
from lrstep.core.bounds import StepInput, step_bounds
from lrstep.core.recorded_run import RecordedRun, Recording
from lrstep.core.rounding import RECORDED
from lrstep.core.run import Run
from lrstep.formulas.quantities import quantities


class RecordedJudge:
    """Gives the verdicts that :class:`lrstep.check.client.KerasClient` gives, from a recording.

    Args:
        recording: of the run that is to be judged.

    Attributes:
        precision: what it was computed in.
        versions: what it was made with.
    """

    def __init__(self, recording: Recording) -> None:
        made = recording.versions
        self.precision = recording.dtype
        self.versions: Ready | None = Ready(0, made.python, made.keras, made.backend.removeprefix("tensorflow "))

    running = True

    async def start(self) -> Ready:
        """There is nothing to start."""
        assert self.versions is not None
        return self.versions

    async def stop(self) -> None:
        """There is nothing to stop."""

    async def check(self, run: Run, iterations: Iterable[int]) -> list[StepVerdict]:
        """Judge these steps."""
        assert isinstance(run, RecordedRun)
        verdicts, pauses = [], Breath()
        for number in iterations:
            verdicts.append(judge_recorded(run, number))
            await pauses()
        return verdicts

    async def fit(self, run: Run) -> AsyncGenerator[FitPoint, None]:
        """What was recorded, beside the engine's free run from the recorded start."""
        assert isinstance(run, RecordedRun)
        free, pauses = run.freely(), Breath()
        for number in range(1, run.n_iterations + 1):
            loss = run.as_it_ran(number)["cumulative_loss"]
            state = run.recording.state(number).numbers
            yield FitPoint.beside(free, number, [loss, math.sqrt(loss), *state])
            await pauses()


def judge_recorded(run: RecordedRun, number: int) -> StepVerdict:
    """Judge a recorded step within the rounding that its arithmetic explains.

    What was recorded of it (gradient, slots, parameters, loss, what was printed) is held against the engine's step
    from the state that was recorded before it.
    """
    it, precision = run.iteration(number), run.recording.dtype
    start = run.batches.span(it.batch).start
    total = run.printed_sum(number - 1, start) if start else 0.0
    given = StepInput(number + run.counted, it.samples, it.columns, it.y, it.before, total, start)
    bounds = step_bounds(given, run.settings_at(number), RECORDED[precision])
    known, theirs = quantities(run), run.as_it_ran(number)
    computed = {"": "theta", "gradient": "gradient"} | {slot.name: slot.letter for slot in run.slots}
    judged = []
    for quantity in sorted((known[key] for key in theirs), key=lambda quantity: quantity.phase):
        name, p = quantity.key, quantity.parameter
        bound = float(np.asarray(bounds[name if p is None else f"{computed[quantity.stem]}_{run.parameters[p]}"]))
        # Keras sums the losses of an epoch in its own precision, so that each batch adds its rounding.
        bound *= 2.0 * it.batch if name.startswith("cumulative_") else 1.0
        judged.append(compared(name, quantity.value(it), theirs[name], bound, precision))
    return StepVerdict(number, precision, tuple(judged))
