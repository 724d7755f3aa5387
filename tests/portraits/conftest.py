"""Helper modules lie beside the tests, and the Keras in NumPy beside those of the check."""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "check")]


@pytest.fixture(autouse=True)
def no_lesson_is_done(tmp_path, monkeypatch):
    """What was done in lessons before is seen."""
    monkeypatch.setenv("LRSTEP_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose name is short, and as long on every machine: where a line ends depends on it."""
    with tempfile.TemporaryDirectory(prefix="lrstep", dir=os.path.realpath("/tmp")) as folder:
        yield Path(folder)
