"""The step that is checked is the step that Keras takes in training, to the last bit."""

import json
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def compared(keras_python) -> list[dict]:
    script = Path(__file__).with_name("compare_train_on_batch.py")
    found = subprocess.run([keras_python, script], capture_output=True, text=True, check=True, timeout=600)
    return [json.loads(line) for line in found.stdout.splitlines()]


def test_the_step_is_that_of_train_on_batch_to_the_last_bit(compared):
    assert len(compared) == 16
    for case in compared:
        assert case["mine"] == case["keras"], case


def test_each_precision_is_what_it_says_also_after_the_other(compared):
    import numpy as np

    for case in compared:
        losses = [values[0] for values in case["mine"]]
        in_single = [float(np.float32(loss)) == loss for loss in losses]
        assert all(in_single) == (case["precision"] == "float32")
