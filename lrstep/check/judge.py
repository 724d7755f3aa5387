"""Who confirms the steps of a run: Keras itself, or what was recorded of it."""

from collections.abc import AsyncGenerator, Iterable
from typing import Protocol

from lrstep.check.client import KerasClient
from lrstep.check.drift import FitPoint
from lrstep.check.process import KerasUnavailable
from lrstep.check.protocol import Ready
from lrstep.check.recorded_steps import RecordedJudge
from lrstep.check.verdict import StepVerdict
from lrstep.core.optimizers import OF_KERAS
from lrstep.core.recorded_run import RecordedRun
from lrstep.core.run import Run


class Judge(Protocol):
    """What is asked of both; see :class:`KerasClient` for what it may raise.

    Attributes:
        precision: in which the steps were computed that a run is held against.
        versions: of Python, Keras and its backend, once started.
    """

    precision: str
    versions: Ready | None

    @property
    def running(self) -> bool:
        """Whether it can be asked."""

    async def start(self) -> Ready:
        """Make ready to be asked."""

    async def stop(self) -> None:
        """Leave nothing running."""

    async def check(self, run: Run, iterations: Iterable[int]) -> list[StepVerdict]:
        """Judge these steps of a run."""

    def fit(self, run: Run) -> AsyncGenerator[FitPoint, None]:
        """What Keras comes to from the same start by itself, beside the engine's free run."""


def judge_of(run: Run, precision: str, present: Judge | None = None) -> Judge:
    """Who judges a run: what was recorded of it, else Keras in this precision.

    Args:
        run: the run.
        precision: ``float32`` or ``float64``.
        present: who judged another run; it goes on if it can.

    Raises:
        KerasUnavailable: Keras has no such optimizer.
    """
    if isinstance(run, RecordedRun):
        return RecordedJudge(run.recording)
    rule = run.settings.rule
    if not rule.keras:
        problem = f"{rule.name} is an optimizer of {rule.framework}, and Keras 3 has no such optimizer"
        raise KerasUnavailable(problem, f"Keras can check {', '.join(OF_KERAS)}.")
    return present if isinstance(present, KerasClient) and present.running else KerasClient(precision)
