"""Asking Keras: steps and whole runs, for the stepper and for the command line."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from typing import Self

from lrstep.check import process
from lrstep.check import protocol as say
from lrstep.check.drift import FitPoint
from lrstep.check.process import KerasUnavailable, WorkerProcess
from lrstep.check.step_inputs import StepInputs, StepToCheck, stated_order, varies
from lrstep.check.verdict import Held, StepVerdict, judge
from lrstep.core.bounds import StepInput
from lrstep.core.rounding import PRECISIONS
from lrstep.core.run import Run
from lrstep.core.start import initial_state
from lrstep.errors import LrstepError

STEPS_PER_MESSAGE = 8
SAMPLES_PER_MESSAGE = 20_000
BREATH_SECONDS = 0.002
"""After so long the event loop is given a turn: the client shares it with a screen."""

__all__ = ["FitPoint", "KerasClient", "KerasUnavailable"]


class KerasClient:
    """A Keras process and what to ask it.

    Use as ``async with KerasClient() as client``, or call :meth:`start` and :meth:`stop`. All methods may
    be cancelled. One caller may check steps while another one's ``fit`` is running.

    Args:
        precision: ``float32``, as a notebook has it, or ``float64``; may be changed at any time
            and counts for what is asked next.

    Attributes:
        versions: of Python, Keras and TensorFlow, once started.
    """

    def __init__(self, precision: str = "float32") -> None:
        if precision not in PRECISIONS:
            raise LrstepError(f"precision {precision!r} is not known", f"It must be {' or '.join(PRECISIONS)}.")
        self.precision = precision
        self.versions: say.Ready | None = None
        self._worker: WorkerProcess | None = None
        self._prepared: Held | None = None
        self._preparing = asyncio.Lock()
        self._fitting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    @property
    def running(self) -> bool:
        """Whether Keras is loaded and can be asked."""
        return self.versions is not None and self._worker is not None and self._worker.alive

    @property
    def pid(self) -> int | None:
        """Process id of the Keras process, None where there is none."""
        return self._worker.pid if self._worker else None

    async def start(self) -> say.Ready:
        """Start Keras (3 to 10 s), anew if it ended.

        Raises:
            KerasUnavailable: TensorFlow is missing or cannot run here.
        """
        await self.stop()
        try:
            self._worker = await WorkerProcess.start()
            self.versions = await self._worker.ready()
        except BaseException:
            await self.stop()
            raise
        return self.versions

    async def stop(self) -> None:
        """End the Keras process; nothing is left running. Harmless when there is none."""
        worker, self._worker, self.versions, self._prepared = self._worker, None, None, None
        if worker:
            await worker.stop()

    async def check(self, run: Run, iterations: Iterable[int]) -> list[StepVerdict]:
        """Let Keras take these steps of the run, each from the engine's own start, and judge them.

        Raises:
            KerasUnavailable: Keras has ended, or hangs, or was not started.
        """
        worker, prepared = await self._prepare(run)
        pauses = Breath()
        verdicts: list[StepVerdict] = []
        waiting: tuple[list[StepToCheck], asyncio.Task[list[say.StepResult]]] | None = None
        try:
            # While Keras takes one message's steps the engine computes the next message's.
            async for steps in self._messages(run, iterations, pauses):
                ready, waiting = waiting, (steps, self._ask(worker, steps))
                await asyncio.sleep(0)
                if ready:
                    verdicts += await _judged(prepared, *ready, pauses)
            if waiting:
                verdicts += await _judged(prepared, *waiting, pauses)
        finally:
            if waiting:
                waiting[1].cancel()
        return verdicts

    async def fit(self, run: Run) -> AsyncGenerator[FitPoint, None]:
        """Run Keras's own ``fit`` from the same start with the same batches, to be iterated over.

        Close the generator (``contextlib.aclosing``) or cancel the task that iterates to stop early. It
        stops by itself when steps of another run or in another precision are checked.

        Raises:
            KerasUnavailable: Keras has ended or was not started.
        """
        async with self._fitting:
            worker, _ = await self._prepare(run)
            epochs, width, iteration = run.settings.epochs, FitPoint.width(run), 0
            # An epoch's own order needs a call of its own; the model and its optimizer go on.
            for first in range(1, epochs + 1) if run.batches.varies else (1,):
                last = first if run.batches.varies else epochs
                async with aclosing(self._fit_epochs(worker, run, first, last, width)) as portions:
                    async for values in portions:
                        for point in zip(*[iter(values)] * width, strict=True):
                            iteration += 1
                            yield FitPoint.beside(run, iteration, point)
                if self._prepared is None or self._prepared.run is not run:
                    return

    async def _fit_epochs(
        self, worker: WorkerProcess, run: Run, first: int, last: int, width: int
    ) -> AsyncGenerator[list[float], None]:
        start = initial_state(run.settings, len(run.dataset.columns))
        request = say.Fit(
            id=worker.new_id(),
            first=first,
            last=last,
            batch_size=run.settings.batch_size,
            order=say.pack_rows(stated_order(len(run.dataset), run.settings, first)) if varies(run.settings) else "",
            start=list(start.parameters) if first == 1 else None,
        )
        iteration, done = (first - 1) * run.batches.per_epoch + 1, False
        try:
            async with worker.request(request) as answer:
                doing, seconds = "in a free run of fit, at iteration", process.START_SECONDS  # the first builds a model
                while isinstance(
                    message := await answer(say.Points | say.Done, f"{doing} {iteration}", seconds), say.Points
                ):
                    iteration += len(message.values) // width
                    if len(message.values) % width or iteration > last * run.batches.per_epoch + 1:
                        raise worker.misunderstood(f"other numbers than those of a step {doing} {iteration}")
                    yield message.values
                done = True
        finally:
            if not done and worker.alive:
                await asyncio.shield(worker.send(say.Cancel(request.id)))

    async def _prepare(self, run: Run) -> tuple[WorkerProcess, Held]:
        async with self._preparing:
            if not (self._worker and self.running):
                raise KerasUnavailable("Keras is not running", "Start the check again.")
            precision, held = self.precision, self._prepared
            if held is None or held.run is not run or held.precision != precision:
                self._prepared = None
                request = _setup(self._worker.new_id(), run, precision)
                async with self._worker.request(request) as answer:
                    message: say.Prepared = await answer(
                        say.Prepared, "while it builds the model", process.START_SECONDS
                    )
                if not _are_for(message.start, request.slots, len(request.columns) + 1):
                    raise self._worker.misunderstood("other slots than the optimizer's")
                fresh = {slot: tuple(numbers) for slot, numbers in message.start.items()}
                held = self._prepared = Held(run, precision, fresh)
            return self._worker, held

    def _ask(self, worker: WorkerProcess, steps: list[StepToCheck]) -> asyncio.Task[list[say.StepResult]]:
        async def ask() -> list[say.StepResult]:
            request = say.Check(worker.new_id(), [_as_step(step) for step in steps])
            results = []
            async with worker.request(request) as answer:
                for step in steps:
                    doing = f"at iteration {step.given.iteration}"
                    message: say.Checked = await answer(say.Checked, doing)
                    if not _is_for(message.result, step.given):
                        raise worker.misunderstood(f"other numbers than those of the step {doing}")
                    results.append(message.result)
            return results

        task = asyncio.create_task(ask())
        task.add_done_callback(_seen)
        return task

    async def _messages(
        self, run: Run, iterations: Iterable[int], pauses: "Breath"
    ) -> AsyncGenerator[list[StepToCheck], None]:
        """The engine's iterations with what Keras is to be given, in portions of one message each."""
        inputs = StepInputs(run)
        portion: list[StepToCheck] = []
        samples = 0
        for number in iterations:
            while not run.advance(number, BREATH_SECONDS):
                await asyncio.sleep(0)
            portion.append(inputs(number))
            samples += portion[-1].given.m
            await pauses()
            if len(portion) == STEPS_PER_MESSAGE or samples >= SAMPLES_PER_MESSAGE:
                yield portion
                portion, samples = [], 0
        if portion:
            yield portion


class Breath:
    """Gives the event loop a turn, at most every few milliseconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    async def __call__(self) -> None:
        if time.monotonic() - self._last > BREATH_SECONDS:
            await asyncio.sleep(0)
            self._last = time.monotonic()


def _seen(task: "asyncio.Task[list[say.StepResult]]") -> None:
    """Look at the exception of a task that nobody waits for any more, or asyncio prints it."""
    if not task.cancelled():
        task.exception()


async def _judged(
    held: Held, steps: list[StepToCheck], task: asyncio.Task[list[say.StepResult]], pauses: Breath
) -> list[StepVerdict]:
    verdicts = []
    for asked, result in zip(steps, await task, strict=True):
        verdicts.append(judge(asked, result, held))
        await pauses()
    return verdicts


def _is_for(result: say.StepResult, given: StepInput) -> bool:
    """Whether there is a number for each sample, parameter and slot of a step."""
    k = len(given.before.parameters)
    try:
        samples = say.unpack(result.prediction).size
    except ValueError:
        return False
    of_parameters = {"gradient": result.gradient, "step": result.step, "parameters": result.parameters}
    return (
        samples == given.m
        and _are_for(of_parameters, of_parameters, k)
        and _are_for(result.slots, given.before.slots, k)
    )


def _are_for(numbers: Mapping[str, list[float]], names: Iterable[str], k: int) -> bool:
    """Whether there are k numbers under each of these names."""
    return numbers.keys() == set(names) and all(len(each) == k for each in numbers.values())


def _setup(id: int, run: Run, precision: str) -> say.Setup:
    settings, rule = run.settings, run.settings.rule
    slots = {slot.name: slot.keras for slot in rule.kept(settings)}
    data = [say.pack(column) for column in run.dataset.columns]
    return say.Setup(id, precision, rule.keras, rule.in_keras(settings), slots, data, say.pack(run.dataset.y))


def _as_step(asked: StepToCheck) -> say.StepRequest:
    given = asked.given
    span, rows = (given.rows, "") if isinstance(given.rows, slice) else (slice(0, 0), say.pack_rows(given.rows))
    return say.StepRequest(
        start=span.start,
        stop=span.stop,
        rows=rows,
        number=given.iteration,
        parameters=list(given.before.parameters),
        slots={slot: list(numbers) for slot, numbers in given.before.slots.items()},
        total=float(given.total),
        count=given.count,
        after=list(asked.iteration.after.parameters),
    )
