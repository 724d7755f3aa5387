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


def run_of(n: int, size: int, **settings) -> Run:
    return Run(
        Dataset("line", np.arange(float(n)), np.arange(float(n))), Settings(batch_size=size, epochs=2, **settings)
    )


def boxes(n: int, size: int, number: int, width: int, **settings) -> dict[int, list[int]]:
    """Batch → the numbers that stand in its box."""
    found = ribbon(View(run_of(n, size, **settings), number, Phase.AFTER), width)
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


@pytest.mark.parametrize("number", [1, 3, 4, 6])
def test_shuffled_samples_stand_in_the_order_of_their_epoch(number):
    batches = run_of(10, 4, shuffle=True, seed=3).batches
    epoch = batches.position(number)[0]
    expected = {batch: (batches.rows(epoch, batch) + 1).tolist() for batch in (1, 2, 3)}
    assert boxes(10, 4, number, 80, shuffle=True, seed=3) == expected


@pytest.mark.parametrize("number", range(7))
def test_what_is_done_what_is_current_and_what_is_to_come(number):
    boxes = ribbon(View(run_of(10, 4), number, Phase.AFTER), 80)
    current = (max(number, 1) - 1) % 3 + 1
    for box in boxes:
        done = "batch" if box.batch == current else "done" if number and box.batch < current else "dim"
        assert box.cells[1].style == done
        assert (box.cells[1].text[0] == "[") == (box.batch == current)
