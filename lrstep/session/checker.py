"""The Keras check of a session: on or off, what is confirmed so far, and the process that confirms it."""

import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import TYPE_CHECKING

from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.session import check_sentences
from lrstep.session.commands import KEYS
from lrstep.session.panels.names import PANEL_OF
from lrstep.session.styled_rows import Row, Span

if TYPE_CHECKING:
    # What the check needs is imported when it is asked for: a session starts quicker without.
    import asyncio

    from lrstep.check.book import CheckBook
    from lrstep.check.drift import Drift, FitPoint
    from lrstep.check.judge import Judge
    from lrstep.check.verdict import StepVerdict

_CHUNK = 16

FREE_RUN = 5_000
"""Longest run, in iterations, that Keras also trains by itself: ``fit`` takes milliseconds for each."""


class Checker:
    """Has Keras check the steps of a run.

    Either in the background, those near the cursor first (:meth:`start`), or those that are asked for, one after
    the other (:meth:`open`, then :meth:`check`). Both end with :meth:`stop`.

    Args:
        changed: called when there is something new to show.
        precision: ``float32`` or ``float64``; counts from the next start.

    Attributes:
        state: ``off``, ``starting``, ``checking``, ``done`` or ``failed``.
        problem: what went wrong, where the state is ``failed``.
        book: the verdicts of the present run; None while the check is off.
        fit: iteration → what Keras has there, trained by itself.
    """

    def __init__(self, changed: Callable[[], None], precision: str = "float32") -> None:
        self.state = "off"
        self.problem: LrstepError | None = None
        self.book: CheckBook | None = None
        self.precision = precision
        self.fit: dict[int, FitPoint] = {}
        self._changed = changed
        self._judge: Judge | None = None
        self._task: asyncio.Task[None] | None = None
        self._wanted: asyncio.Event | None = None
        self._run: Run | None = None
        self._cursor = 0
        self._free: Drift | None = None

    @property
    def on(self) -> bool:
        """Whether there is something to say about the check."""
        return self.state != "off"

    @property
    def of_recording(self) -> bool:
        """Whether the run was recorded, so that no Keras is asked."""
        return self._run is not None and self._run.recorded

    @property
    def computed_in(self) -> str:
        """The precision in which the steps were computed that the run is held against."""
        return self._judge.precision if self._judge is not None else self.precision

    # --- on and off ------------------------------------------------------------------------------

    def start(self, run: Run, cursor: int) -> None:
        """Begin to check a run in the background, or begin afresh with another one."""
        import asyncio

        if self._task is not None:
            self._task.cancel()
        self._begin(run, cursor)
        self._wanted = asyncio.Event()
        self._task = asyncio.create_task(self._check_all(self._wanted))
        self._changed()

    async def open(self, run: Run) -> None:
        """Begin to check steps of a run as they are asked for.

        Raises:
            LrstepError: Keras cannot run here; the check has failed.
        """
        self._begin(run, 0)
        await self._ready()

    def use(self, run: Run, cursor: int) -> None:
        """Check another run from now on, if the check is on; after a recorded run Keras is not started unasked."""
        if self.of_recording and not run.recorded:
            self._leave()
        elif self._task is not None and self.on:
            self.start(run, cursor)
        elif self.on:
            self._begin(run, cursor)

    async def stop(self) -> None:
        """Turn the check off; no process is left."""
        import asyncio

        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        await self._end_judge()
        self.state, self.book = "off", None

    def _leave(self) -> None:
        """Turn off the check of a recorded run, of which no process is left."""
        if self._task is not None:
            self._task.cancel()
        self._task = self._judge = self.book = None
        self.state = "off"

    def look_at(self, number: int) -> None:
        """The cursor is there now: its step is the next one to be checked."""
        self._cursor = number
        if self._wanted is not None:
            self._wanted.set()

    def _begin(self, run: Run, cursor: int) -> None:
        from lrstep.check.book import CheckBook

        self._run, self._cursor = run, cursor
        self.problem, self.book = None, CheckBook(run.n_iterations)
        self.fit, self._free = {}, None
        self.state = "checking" if self._judge is not None and self._judge.running else "starting"

    async def _end_judge(self) -> None:
        judge, self._judge = self._judge, None
        if judge is not None:
            await judge.stop()

    # --- checking --------------------------------------------------------------------------------

    async def check(self, numbers: list[int]) -> "list[StepVerdict]":
        """Check these steps now and enter the verdicts; they are given in order.

        Raises:
            LrstepError: Keras has ended; the check has failed.
        """
        run, book = self._run, self.book
        assert run is not None and book is not None
        async with self._failing():
            verdicts = await (await self._ready()).check(run, numbers) if numbers else []
        for verdict in verdicts:
            book.record(verdict)
        return sorted(verdicts, key=lambda verdict: verdict.iteration)

    async def _ready(self) -> "Judge":
        """Who judges the present run, started if need be."""
        from lrstep.check.judge import judge_of

        assert self._run is not None
        async with self._failing():
            judge = judge_of(self._run, self.precision, self._judge)
            if judge is not self._judge:
                await self._end_judge()
                self._judge = judge
                await judge.start()
            if self.state == "starting":
                self.state = "checking"
                self._changed()
            return judge

    @contextlib.asynccontextmanager
    async def _failing(self) -> AsyncGenerator[None, None]:
        try:
            yield
        except LrstepError as error:
            self.state, self.problem = "failed", error
            await self._end_judge()
            self._changed()
            raise

    async def _check_all(self, wanted: "asyncio.Event") -> None:
        """Check every step, those near the cursor first, and later what the cursor comes to."""
        book = self.book
        assert book is not None
        with contextlib.suppress(LrstepError):  # it is the problem, which is shown
            await self._ready()
            while True:
                numbers = book.pending(max(self._cursor, 1), _CHUNK)
                if not numbers:
                    self.state = "done"
                    self._changed()
                    await self._run_freely()
                    wanted.clear()
                    await wanted.wait()
                    if book.verdict(max(self._cursor, 1)) is None:
                        numbers = [max(self._cursor, 1)]
                await self.check(numbers)
                self._changed()

    async def _run_freely(self) -> None:
        """Let Keras train by itself once, from the same start with the same batches."""
        run = self._run
        if run is None or self._judge is None or self.fit or run.n_iterations > FREE_RUN:
            return
        from lrstep.check.drift import Drift

        free = Drift(run, self._judge.precision)
        async with self._failing(), contextlib.aclosing(self._judge.fit(run)) as points:
            async for point in points:
                self.fit[point.iteration] = point
                free.add(point)
        self._free = free
        self._changed()

    # --- what to show ----------------------------------------------------------------------------

    def verdict(self, number: int) -> "StepVerdict | None":
        """The verdict on a step, if there is one."""
        return self.book.verdict(number) if self.book else None

    def lines(self, number: int, keys: Mapping[str, str] = KEYS) -> tuple[Row, ...]:
        """The line about the check, the longest way to say it first; none while it is off.

        Args:
            number: the iteration.
            keys: command → its key, as people read it.
        """
        match self.state:
            case "off":
                return ()
            case "starting":
                return check_sentences.STARTING
            case "failed":
                return check_sentences.failed(self.problem or LrstepError("failed"), keys["check"])
        assert self.book is not None
        return check_sentences.status(self.book, number, self.computed_in, keys)

    def marks(self, number: int, digits: bool = False) -> dict[str, Span]:
        """Panel → ✓ or ✗ for its quantities in this step, and if wanted to how many digits they agree."""
        verdict = self.verdict(number)
        return check_sentences.marks(verdict, PANEL_OF, digits) if verdict else {}

    def outcomes(self, number: int) -> dict[str, Span]:
        """Quantity → ✓ or ✗ in this step."""
        verdict = self.verdict(number)
        return check_sentences.outcomes(verdict) if verdict else {}

    def drift_lines(self, number: int) -> list[str]:
        """Keras's own ``fit`` at this iteration, and whether rounding explains how far it is from the engine."""
        point = self.fit.get(number)
        if point is None or self._free is None or self.book is None:
            return []
        return check_sentences.drift(point, self._free, self.book.differing)
