"""The body of ``lrstep check``: Keras confirms the steps of a run, without a screen."""

import asyncio
import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import islice

from lrstep.check.book import CheckBook
from lrstep.check.client import KerasUnavailable
from lrstep.check.drift import Drift
from lrstep.check.judge import Judge, judge_of
from lrstep.check.protocol import Ready
from lrstep.check.quantity import ComparedQuantity, quantity_dict
from lrstep.check.verdict import StepVerdict
from lrstep.core.recorded_run import RecordedRun
from lrstep.core.run import Run
from lrstep.plural import counted, differ
from lrstep.visible import visible

CONFIRMED, DIFFERS, UNAVAILABLE, UNDECIDED = 0, 1, 3, 4
"""Exit codes; 2 is left to what a person can mend in the command itself."""

PORTION = 256
DRIFT_SECONDS = 20.0
"""The free run of ``fit`` costs up to 25 ms an iteration; after so long it stops and says how far it came."""

LISTED = 20
"""So many steps that differ are told in full; the number of them is always told."""


@dataclass
class Report:
    """What was found.

    Attributes:
        versions: of Python, Keras and TensorFlow.
        book: counts and the worst quantity.
        asked: the steps that were to be checked.
        listed: verdicts in full: the only one, or the first that differ.
        free: the free run of ``fit``, None where it was not asked for.
        seconds: time for the steps.
        precision: what Keras computed in.
    """

    versions: Ready
    book: CheckBook
    asked: Sequence[int]
    listed: list[StepVerdict] = field(default_factory=list)
    free: Drift | None = None
    seconds: float = 0.0
    precision: str = "float32"


def check_command(
    run: Run,
    precision: str = "float32",
    iterations: Sequence[int] | None = None,
    as_json: bool = False,
    echo: Callable[[str], object] = print,
    progress: Callable[[str], object] = lambda _: None,
) -> int:
    """Check steps of a run and say what was found.

    Args:
        run: the run.
        precision: ``float32`` or ``float64``; a recorded run has its own.
        iterations: numbers of the steps, a range for choice; None for all, with the free run of ``fit``.
        as_json: say it as one JSON object instead of text.
        echo: takes what is to be printed on standard output.
        progress: told again and again how far it is, at last an empty text.

    Raises:
        LrstepError: a step is too far to be computed.

    Returns:
        The exit code: 0 every step that was asked for is confirmed, 1 a step differs, 3 Keras cannot run
        here, 4 none differs but some are undecided.
    """
    run.require(iterations[-1] if iterations else run.n_iterations)
    try:
        report = asyncio.run(_check(run, precision, iterations, progress))
    except KerasUnavailable as error:
        print("lrstep:", f"\n{' ' * 8}".join(map(visible, str(error).split("\n"))), file=sys.stderr)
        return UNAVAILABLE
    echo(as_text(run, report) if not as_json else json.dumps(as_document(run, report), indent=2))
    return status(report)


def status(report: Report) -> int:
    """The exit code that a report means."""
    book = report.book
    if book.differing or (report.free and report.free.departure):
        return DIFFERS
    return UNDECIDED if book.undecided else CONFIRMED


def _so_far(text: str, done: int, whole: int) -> str:
    filled = 24 * done // whole
    return f"{text} [{'#' * filled}{'-' * (24 - filled)}] {done}/{whole}"


async def _check(
    run: Run, precision: str, iterations: Sequence[int] | None, progress: Callable[[str], object]
) -> Report:
    judge = judge_of(run, precision)
    asked = range(1, run.n_iterations + 1) if iterations is None else iterations
    progress("Starting Keras")
    try:
        versions = await judge.start()
        report = Report(versions, CheckBook(run.n_iterations, keep=1), asked, precision=judge.precision)
        began = time.monotonic()
        for start in range(0, len(asked), PORTION):
            for verdict in await judge.check(run, asked[start : start + PORTION]):
                report.book.record(verdict)
                if len(asked) == 1 or (verdict.outcome == "differs" and len(report.listed) < LISTED):
                    report.listed.append(verdict)
            progress(_so_far("Checking", min(start + PORTION, len(asked)), len(asked)))
        report.seconds = time.monotonic() - began
        if iterations is None:
            await _free_run(judge, run, report, progress)
    finally:
        await judge.stop()
        progress("")
    return report


async def _free_run(judge: Judge, run: Run, report: Report, progress: Callable[[str], object]) -> None:
    began = time.monotonic()
    report.free = Drift(run, judge.precision)
    async with aclosing(judge.fit(run)) as points:
        async for point in points:
            report.free.add(point)
            progress(_so_far("Free run of fit", point.iteration, run.n_iterations))
            if time.monotonic() - began > DRIFT_SECONDS:
                break


def as_text(run: Run, report: Report) -> str:
    """The report for a person."""
    book, precision = report.book, report.precision
    lines = [_took(run, report), _outcome(book), *_start(report.listed)]
    if book.worst and math.isfinite(book.worst[1].bound):
        number, quantity = book.worst
        how = "Furthest outside its bound" if quantity.share > 1 else "Closest to its bound"
        lines.append(
            f"{how}: {quantity.label} of iteration {number}, {quantity.difference:.3g} apart, "
            f"{_percent(quantity)} the {quantity.bound:.3g} that rounding explains."
        )
    for verdict in report.listed:
        lines += ["", *step_table(verdict)]
    if book.differing > len(report.listed):
        lines.append(f"… and {book.differing - len(report.listed)} more.")
    if book.undecided:
        lines.append(
            f"Undecided: a number beyond what {precision} can hold or resolve. {_remedy(run, precision)}".strip()
        )
    if report.free and report.free.last:
        lines += ["", *report.free.lines(book.differing)]
        if report.free.last.iteration < run.n_iterations:
            reached = f"after {DRIFT_SECONDS:.0f} s, at iteration {report.free.last.iteration} of {run.n_iterations}"
            lines.append(f"The free run stopped {reached}.")
    return "\n".join(map(visible, lines))


def _took(run: Run, report: Report) -> str:
    """Whose steps these are."""
    versions, steps = report.versions, f"{counted(len(report.asked), 'step')} of {run.dataset.name}"
    if isinstance(run, RecordedRun):
        return (
            f"{run.recording.framework}, in {report.precision}, as it ran: {steps}, each beside the engine's step from "
            "the state that was recorded before it."
        )
    keras = f"Keras {versions.keras} (TensorFlow {versions.tensorflow}, {report.precision})"
    return f"{keras} took {steps}, each from the engine's own start."


def _start(listed: list[StepVerdict]) -> list[str]:
    """What the run starts with that Keras does not."""
    wrong = [q for verdict in listed if verdict.iteration == 1 for q in verdict.quantities if q.name == "start"]
    return [
        f"The run does not start as it should: with {q.engine!r} where {q.keras!r} is the start." for q in wrong[:1]
    ]


def _remedy(run: Run, precision: str) -> str:
    """What decides the undecided, if anything does."""
    settings = run.settings
    if settings.centered and (precision == "float64" or not settings.rho):
        where = "everywhere with rho 0" if not settings.rho else "near the optimum"
        return (
            f"Centered, v − a² is nothing but rounding where the gradients are alike, as {where}: "
            "no precision decides its root; a larger --epsilon or rho does, or centered switched off."
        )
    return "Check it with --precision float64." if precision != "float64" else ""


def _outcome(book: CheckBook) -> str:
    if book.differing:
        first = next(book.failed())
        return f"✗ Of {counted(book.checked, 'step')} {differ(book.differing)}, first iteration {first}."
    if book.undecided:
        whole = counted(book.checked, "step")
        return f"? {book.confirmed} of {whole} confirmed, none differs, but {book.undecided} undecided: not confirmed."
    return "✓ Every step confirmed." if book.checked > 1 else "✓ Confirmed."


def step_table(verdict: StepVerdict) -> list[str]:
    """A verdict as lines: every quantity, engine, Keras, difference, bound."""
    signs = {"confirmed": "✓", "differs": "✗", "undecided": "?"}
    rows = [("", "quantity", "engine", "Keras", "difference", "bound", "share", "ulps")]
    rows += [
        (
            signs[q.outcome], q.label, repr(q.engine), repr(q.keras),
            f"{q.difference:.3g}", f"{q.bound:.3g}", _percent(q).removesuffix(" of"), f"{q.ulps:.3g}",
        )
        for q in verdict.quantities
    ]  # fmt: skip
    return [f"Iteration {verdict.iteration} ({verdict.precision}): {verdict.outcome}", *aligned(rows)]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines: the first two columns, a mark and a name, flush left, the numbers after them flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    placed = [[*map(str.ljust, row[:2], widths), *map(str.rjust, row[2:], widths[2:])] for row in rows]
    return ["  ".join(cells).rstrip() for cells in placed]


def as_document(run: Run, report: Report) -> dict[str, object]:
    """The report for JSON; numbers that are not finite are the texts ``inf``, ``-inf`` and ``nan``."""
    book, versions, data = report.book, report.versions, run.raw
    features = {"features": list(data.features)} if len(data.features) > 1 else {}
    named = {"name": data.name, "feature": data.feature, **features, "label": data.label}
    return {
        "dataset": {**named, "n_samples": len(data)},
        "settings": run.settings.as_document(),
        "precision": report.precision,
        "versions": {"python": versions.python, "keras": versions.keras, "tensorflow": versions.tensorflow},
        "checked": book.checked,
        "confirmed": book.confirmed,
        "differs": book.differing,
        "undecided": book.undecided,
        "worst": {"iteration": book.worst[0], **quantity_dict(book.worst[1])} if book.worst else None,
        "differing_iterations": list(islice(book.failed(), 1000)),
        "steps": [verdict.to_dict() for verdict in report.listed],
        "drift": report.free.as_document() if report.free else None,
        "seconds": round(report.seconds, 3),
    }


def _percent(quantity: ComparedQuantity) -> str:
    if math.isfinite(quantity.share) and quantity.share < 100:
        return f"{quantity.share:.0%} of"
    times = f"{quantity.share:,.0f}" if quantity.share < 1e6 else f"{quantity.share:.1g}"
    return f"{times} times" if math.isfinite(quantity.share) else "not within"
