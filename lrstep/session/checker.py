"""The Keras check as the stepper sees it: on or off, what is confirmed, what to say about it."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.session.styled_rows import Row, Span, row

if TYPE_CHECKING:
    # The parts of the check are imported when it is asked for: the stepper starts quicker without.
    from lrstep.check.book import CheckBook
    from lrstep.check.client import FitPoint, KerasClient
    from lrstep.check.drift import FreeRun
    from lrstep.check.verdict import StepVerdict

_CHUNK = 16

FREE_RUN = 5_000
"""Longest run, in iterations, that Keras also trains by itself: ``fit`` takes milliseconds for each."""

_WORDS = {
    "confirmed": ("✓", "confirmed", "good"),
    "differs": ("✗", "DIFFERS", "bad"),
    "undecided": ("?", "cannot be decided", "warn"),
    "pending": ("·", "not yet checked", "dim"),
}
_GRAVITY = "✓?✗"

_PANEL_OF = {
    Phase.BATCH: "batch",
    Phase.PREDICTIONS: "predictions",
    Phase.LOSS: "rmse",
    Phase.GRADIENT: "gradient",
    Phase.ACCUMULATOR: "accumulator",
    Phase.UPDATE: "weights",
    Phase.AFTER: "rmse",
}


class Checker:
    """Has Keras check the steps of a run in the background, those near the cursor first.

    Args:
        changed: called when there is something new to show.
        precision: ``float32`` or ``float64``.

    Attributes:
        state: ``off``, ``starting``, ``checking``, ``done`` or ``failed``.
        problem: what went wrong, where the state is ``failed``.
        book: the verdicts of the present run.
    """

    def __init__(self, changed: Callable[[], None], precision: str = "float32") -> None:
        self.state = "off"
        self.problem: LrstepError | None = None
        self.book: CheckBook | None = None
        self.precision = precision
        self._changed = changed
        self._client: KerasClient | None = None
        self._task: asyncio.Task[None] | None = None
        self._cursor = 0
        self._wanted = asyncio.Event()
        self.fit: dict[int, FitPoint] = {}
        self._free: FreeRun | None = None

    @property
    def on(self) -> bool:
        """Whether the line about the check is shown."""
        return self.state != "off"

    def start(self, run: Run, cursor: int) -> None:
        """Begin to check a run, or begin afresh with another one."""
        from lrstep.check.book import CheckBook

        if self._task is not None:
            self._task.cancel()
        self._cursor = cursor
        self.problem = None
        self.book = CheckBook(run.n_iterations)
        self.fit, self._free = {}, None
        self.state = "checking" if self._client is not None and self._client.running else "starting"
        self._task = asyncio.create_task(self._check(run, self.book))
        self._changed()

    def look_at(self, number: int) -> None:
        """The cursor is there now: its step is the next one to be checked."""
        self._cursor = number
        self._wanted.set()

    async def stop(self) -> None:
        """Turn the check off; no process is left."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._task
            self._task = None
        if self._client is not None:
            client, self._client = self._client, None
            await client.stop()
        self.state, self.book = "off", None

    async def _check(self, run: Run, book: "CheckBook") -> None:
        from lrstep.check.client import KerasClient, refuse_dialects

        try:
            refuse_dialects(run.settings)
            if self._client is None or not self._client.running:
                if self._client is not None:
                    await self._client.stop()
                self._client = KerasClient(self.precision)
                await self._client.start()
            self.state = "checking"
            self._changed()
            while True:
                numbers = book.pending(max(self._cursor, 1), _CHUNK)
                if not numbers:
                    self.state = "done"
                    self._changed()
                    await self._run_freely(run)
                    self._wanted.clear()
                    await self._wanted.wait()
                    if book.verdict(max(self._cursor, 1)) is None:
                        numbers = [max(self._cursor, 1)]
                for verdict in await self._client.check(run, numbers) if numbers else ():
                    book.record(verdict)
                self._changed()
        except LrstepError as error:
            self.state, self.problem = "failed", error
            if self._client is not None:
                client, self._client = self._client, None
                await client.stop()
            self._changed()

    async def _run_freely(self, run: Run) -> None:
        """Let Keras train by itself once, from the same start with the same batches."""
        if self._client is None or self.fit or run.n_iterations > FREE_RUN:
            return
        from lrstep.check.drift import FreeRun

        free = FreeRun(run, self.precision)
        async with contextlib.aclosing(self._client.fit(run)) as points:
            async for point in points:
                self.fit[point.iteration] = point
                free.add(point)
        self._free = free
        self._changed()

    # --- what to show ----------------------------------------------------------------------------

    def verdict(self, number: int) -> "StepVerdict | None":
        """The verdict on a step, if there is one."""
        return self.book.verdict(number) if self.book else None

    def lines(self, number: int) -> tuple[Row, ...]:
        """The line about the check, the longest way to say it first."""
        match self.state:
            case "off":
                return ()
            case "starting":
                return (row((" Keras is starting …", "keras")), row((" Keras …", "keras")))
            case "failed":
                problem = self.problem or LrstepError("failed")
                hint = problem.hint.replace("\n", " ")
                return (
                    row((f" Keras cannot check: {problem.message}. {hint} · c tries again", "warn")),
                    row((" Keras cannot check: Enter tells why, c tries again", "warn")),
                )
        book = self.book
        assert book is not None
        parts: list[Span] = [Span(" Keras ", "keras")]
        parts.append(Span(f"✓ {book.confirmed} of {book.n_iterations} confirmed", "good" if book.confirmed else "dim"))
        if book.differing:
            parts.append(Span(f" ✗ {book.differing} differ (n, N)", "bad"))
        if book.undecided:
            parts.append(Span(f" ? {book.undecided} beyond {self.precision}", "warn"))
        verdict = self.verdict(number)
        mark, word, style = _WORDS[book.outcome(number)]
        if not number:
            return (tuple(parts),)
        said = f" · step {number} {mark} {word}"
        short = (*parts, Span(f" · {mark} {word}", style))
        if verdict is None:
            return ((*parts, Span(said, style)), short)
        worst = verdict.worst
        full = f", worst {worst.label}: {worst.share:.0%} of its bound"
        return (
            (*parts, Span(said, style), Span(full, "dim")),
            (*parts, Span(said, style), Span(f", {worst.name} {worst.share:.0%}", "dim")),
            short,
        )

    def marks(self, number: int) -> dict[str, Span]:
        """Panel → ✓ or ✗ for its quantities in this step."""
        verdict = self.verdict(number)
        marks: dict[str, Span] = {}
        if verdict is None:
            return marks
        for quantity in verdict.quantities:
            panel = _PANEL_OF.get(quantity.phase)
            if panel is None:
                continue
            mark, _, style = _WORDS[quantity.outcome]
            if panel not in marks or _GRAVITY.index(mark) > _GRAVITY.index(marks[panel].text):
                marks[panel] = Span(mark, style)
        return marks

    def drift_lines(self, number: int) -> list[str]:
        """Keras's own ``fit`` at this iteration, and whether rounding explains how far it is from the engine."""
        point = self.fit.get(number)
        if point is None or self._free is None or self.book is None:
            return []
        weights = "   ".join(f"{figure.name} {figure.keras!r}" for figure in point.figures[:-2])
        return [
            "",
            "Keras's own fit, run freely from the same start, at this iteration:",
            f"  {weights}",
            f"  prints loss {point.loss!r}   RMSE {point.rmse!r}",
            *self._free.lines(self.book.differing),
        ]
