import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lrstep.sources.recording import read_recording

HERE = Path(__file__).parent
sys.path.append(str(HERE))


@pytest.fixture(scope="session")
def recorded(tmp_path_factory, keras_python):
    """What one Keras process recorded (cases.py): its folder, results by case, and a reader of its recordings."""
    folder = tmp_path_factory.mktemp("recorded")
    env = os.environ | {"PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run(
        [keras_python, "-P", HERE / "cases.py", folder], env=env, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr
    told = json.loads((folder / "results.json").read_text())
    read = lambda name: Steps(read_recording(folder / f"{name}.toml"))  # noqa: E731
    return SimpleNamespace(folder=folder, read=read, **told)


class Steps:
    """A recording with its data and batches cut out by themselves, apart from what the engine makes of them."""

    def __init__(self, recording):
        self.recording, self.settings = recording, recording.settings
        self.x, self.y = np.column_stack(recording.dataset.columns), recording.dataset.y
        self.batches = []
        for epoch, order in zip(np.unique(recording.epoch), self.settings.order, strict=True):
            size, steps = self.settings.batch_size, int((recording.epoch == epoch).sum())
            self.batches += [np.array(order[i * size : (i + 1) * size]) - 1 for i in range(steps)]

    def __len__(self):
        return len(self.batches)

    def __getattr__(self, name):
        return getattr(self.recording, name)
