"""Which steps are judged, and when."""

import asyncio

from sitting import SimulatedJudge, runs_of
from sittings import of

from lrstep.check.book import AROUND
from lrstep.check.verdict import StepVerdict
from lrstep.core.run import Run
from lrstep.session.checker import Checker


class Noting(SimulatedJudge):
    """Notes what it is asked."""

    def __init__(self) -> None:
        super().__init__("float64")
        self.asked: list[int] = []

    async def check(self, run: Run, numbers: list[int]) -> list[StepVerdict]:
        self.asked += numbers
        return await super().check(run, numbers)


async def judged_from(cursor: int, monkeypatch) -> list[int]:
    """The steps of a run of 36 in the order in which they are judged, with the cursor there."""
    judge = Noting()
    monkeypatch.setattr("lrstep.check.judge.judge_of", lambda *_: judge)
    checker = Checker(lambda: None)
    checker.start(runs_of(of("mlcc", "", epochs=12)).run, cursor)
    while not checker.fit:
        await asyncio.sleep(0)
    assert checker.state == "done" and checker.book.confirmed == 36
    await checker.stop()
    assert checker.state == "off" and checker.book is None
    return judge.asked


async def test_the_steps_around_the_cursor_are_judged_first_then_those_to_the_end(monkeypatch):
    for cursor in (20, 1, 36, 0):
        here = max(cursor, 1)
        asked = await judged_from(cursor, monkeypatch)
        around = [k for away in range(1, AROUND + 1) for k in (here + away, here - away) if 1 <= k <= 36]
        first = [here, *around]
        rest = [k for k in (*range(here, 37), *range(1, here)) if k not in first]
        assert asked == [*first, *rest], cursor
