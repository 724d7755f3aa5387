"""The client with real Keras: several askers, cancelling, a crash in the middle."""

import asyncio
import os
import signal
from contextlib import aclosing

import pytest
from data import MLCC, noisy
from test_process import gone

from lrstep.check.client import KerasClient, KerasUnavailable
from lrstep.core.run import Run
from lrstep.core.settings import Settings

pytestmark = pytest.mark.keras


def long_run() -> Run:
    return Run(noisy(24), Settings(batch_size=4, epochs=5000))


async def test_steps_are_checked_while_fit_runs_and_after_it_was_cancelled(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with KerasClient() as client:
        run, seen = long_run(), []
        async with aclosing(client.fit(run)) as points:
            async for point in points:
                seen.append(point.iteration)
                if len(seen) == 1:
                    verdicts = await asyncio.wait_for(client.check(run, range(1, 40)), 60)
                    assert all(verdict.confirmed for verdict in verdicts)
                if len(seen) > 200:
                    break
        assert seen == list(range(1, 202))
        # The cancelled fit is over: another one starts at the start.
        async with aclosing(client.fit(run)) as points:
            assert (await anext(points)).iteration == 1
        # Steps of another run end a fit that is still going on.
        other = Run(MLCC, Settings())
        async with aclosing(client.fit(run)) as points:
            await anext(points)
            assert len(await asyncio.wait_for(client.check(other, [3]), 60)) == 1
            count = len([point async for point in points])
        assert count < run.n_iterations - 1
        # A cancelled check leaves nothing that a later one could take for its own.
        task = asyncio.create_task(client.check(run, range(1, 5000)))
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [verdict.iteration for verdict in await client.check(run, [7, 5])] == [7, 5]
        # Killed in the middle of a check.
        pid = client.pid
        assert pid is not None
        task = asyncio.create_task(client.check(run, range(1, 20000)))
        await asyncio.sleep(0.3)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(KerasUnavailable, match="SIGKILL"):
            await task
    assert gone(pid)
