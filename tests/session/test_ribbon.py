"""The ribbon names each batch's samples, from the first to the last of them."""

import re

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.session.panels.bars import ribbon
from lrstep.session.view import View


def boxes(n: int, size: int, number: int, width: int) -> dict[int, list[int]]:
    """Batch → the numbers that stand in its box."""
    run = Run(Dataset("line", np.arange(float(n)), np.arange(float(n))), Settings(batch_size=size, epochs=2))
    found = ribbon(View(run, number, Phase.AFTER), width)
    return {box.batch: list(map(int, re.findall(r"\d+", "".join(s.text for s in box.cells)))) for box in found}


@pytest.mark.parametrize("number", [1, 2, 4])
def test_with_room_every_sample_is_named(number):
    assert boxes(10, 4, number, 80) == {1: [1, 2, 3, 4], 2: [5, 6, 7, 8], 3: [9, 10]}


@pytest.mark.parametrize("number", [1, 3, 5])
def test_with_less_room_the_first_and_the_last_sample_of_each_batch(number):
    assert boxes(41, 10, number, 50) == {1: [1, 10], 2: [11, 20], 3: [21, 30], 4: [31, 40], 5: [41]}


@pytest.mark.parametrize("number", [1, 50, 97, 100])
def test_with_little_room_the_batches_around_the_current_one(number):
    found = boxes(3000, 30, number, 60)
    found.pop(0)  # what stands for the others
    assert number in found and len(found) > 2
    assert list(found) == list(range(min(found), max(found) + 1))
    for batch, numbers in found.items():
        assert [numbers[0], numbers[-1]] == [30 * batch - 29, 30 * batch]
