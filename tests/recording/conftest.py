import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from lrstep.sources.recording import read_recording

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """What one Keras process recorded (cases.py): its folder, results by case, and a reader of its recordings."""
    folder = tmp_path_factory.mktemp("recorded")
    env = os.environ | {"PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run(
        [sys.executable, "-P", HERE / "cases.py", folder], env=env, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    told = json.loads((folder / "results.json").read_text())
    return SimpleNamespace(folder=folder, read=lambda name: read_recording(folder / f"{name}.toml"), **told)
