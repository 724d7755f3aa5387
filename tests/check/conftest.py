"""What the tests of the Keras check share: one Keras process for the whole session."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrstep.check.client import FitPoint, KerasClient
from lrstep.check.verdict import StepVerdict
from lrstep.core.run import Run

# Helper modules lie beside the tests; importlib mode does not put the folder on the search path.
sys.path.insert(0, str(Path(__file__).parent))
from interpreters import HERE, use_interpreter


class RealKeras:
    """A running client with a loop of its own, for tests that are not asynchronous."""

    def __init__(self) -> None:
        self.client = KerasClient()
        self._runner = asyncio.Runner()
        self._runner.run(self.client.start())

    def check(self, run: Run, precision: str, iterations: range | None = None) -> list[StepVerdict]:
        self.client.precision = precision
        asked = range(1, run.n_iterations + 1) if iterations is None else iterations
        return self._runner.run(self.client.check(run, asked))

    def fit(self, run: Run, precision: str) -> list[FitPoint]:
        async def points() -> list[FitPoint]:
            return [point async for point in self.client.fit(run)]

        self.client.precision = precision
        return self._runner.run(points())

    def close(self) -> None:
        self._runner.run(self.client.stop())
        self._runner.close()


@pytest.fixture(scope="session")
def keras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealKeras]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        real = RealKeras()
        yield real
        real.close()


@pytest.fixture
def fake_keras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An interpreter whose TensorFlow loads at once and computes nothing; returns the state folder."""
    return use_interpreter(tmp_path, monkeypatch, HERE / "fake_keras")
