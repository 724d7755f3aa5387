"""A recorded run judged without Keras: what it did in each step beside the engine's step from the same state."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from lrstep.check.book import CheckBook
from lrstep.check.headless import LISTED, Report, as_document, as_text, status
from lrstep.check.protocol import Ready
from lrstep.check.quantity import Quantity, compared
from lrstep.check.verdict import StepVerdict
from lrstep.core.bounds import StepInput, step_bounds
from lrstep.core.dataset import Floats
from lrstep.core.iteration import Iteration
from lrstep.core.recorded_run import RecordedRun
from lrstep.core.rounding import PRECISIONS

PRINTED = {"loss": "cumulative_loss", "root_mean_squared_error": "cumulative_rmse"}
"""What Keras prints → the engine's quantity; other metrics are not judged."""


def judge_recorded(run: RecordedRun, number: int) -> StepVerdict:
    """Judge a recorded step within the rounding that its arithmetic explains.

    What was recorded of it (gradient, slots, parameters, loss, what was printed) is held against the engine's step
    from the state that was recorded before it.
    """
    it, recorded = run.iteration(number), run.recorded
    start = run.batches.span(it.batch).start
    total = float(run.series("cumulative_loss", np.array([number - 1]))[0]) * start if start else 0.0
    given = StepInput(number + run.counted, it.samples, it.columns, it.y, it.before, total, start)
    bounds = step_bounds(given, run.settings_at(number), PRECISIONS[recorded.dtype])
    pairs = [("loss", "loss", it.loss, float(recorded.loss[number - 1]), 1.0), *_printed(it, run)]
    quantities = [
        compared(name, mine, theirs, times * float(np.asarray(bounds[bound])), recorded.dtype)
        for name, bound, mine, theirs, times in pairs
    ]
    return StepVerdict(number, recorded.dtype, (*quantities, *_rows(it, run, bounds)))


def _printed(it: Iteration, run: RecordedRun) -> Iterator[tuple[str, str, float, float, float]]:
    """Keras sums the losses of an epoch in its own precision, so that each batch adds its rounding to the bound."""
    for printed, name in PRINTED.items():
        if printed in run.recorded.printed:
            theirs = float(run.recorded.printed[printed][it.number - 1])
            yield name, name, float(getattr(it, name)), theirs, 2.0 * it.batch


def _rows(it: Iteration, run: RecordedRun, bounds: Mapping[str, float | Floats]) -> Iterator[Quantity]:
    after, gradients = run.recorded.state(it.number), run.recorded.gradients[it.number - 1].tolist()
    kinds: list[tuple[str, str, Sequence[float], Sequence[float]]] = [("gradient_", "gradient", it.gradient, gradients)]
    kinds += [(f"{slot.name}_", slot.letter, it.after.slots[slot.name], after.slots[slot.name]) for slot in run.slots]
    kinds.append(("", "theta", it.after.parameters, after.parameters))
    for stem, computed, engine, theirs in kinds:
        for name, mine, other in zip(run.parameters, engine, theirs, strict=True):
            bound = float(np.asarray(bounds[f"{computed}_{name}"]))
            yield compared(f"{stem}{name}", mine, float(other), bound, run.recorded.dtype)


def check_recording(
    run: RecordedRun,
    iterations: Sequence[int] | None = None,
    as_json: bool = False,
    echo: Callable[[str], object] = print,
) -> int:
    """Judge the steps of a recorded run and say what was found; arguments and status as of ``check_command``."""
    recorded = run.recorded
    asked = range(1, run.n_iterations + 1) if iterations is None else iterations
    versions = Ready(0, recorded.versions["python"], recorded.versions["keras"], recorded.versions["backend"])
    report = Report(versions, CheckBook(run.n_iterations, keep=1), asked, recorded=recorded.framework)
    began = time.monotonic()
    for number in asked:
        verdict = judge_recorded(run, number)
        report.book.record(verdict)
        if len(asked) == 1 or (verdict.outcome == "differs" and len(report.listed) < LISTED):
            report.listed.append(verdict)
    report.seconds = time.monotonic() - began
    document = json.dumps(as_document(run, report, recorded.dtype), indent=2) if as_json else ""
    echo(document or as_text(run, report, recorded.dtype))
    return status(report)
