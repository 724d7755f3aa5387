"""How many lines and numbers plain mode lists, at each limit and just beyond."""

from types import SimpleNamespace

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.phase import Phase
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.export.text import summary
from lrstep.plain.account import _samples
from lrstep.plain.moves import _count
from lrstep.plain.runs_account import _place
from lrstep.session.view import View


def listed(said):
    return [int(line.split()[0]) for line in said.splitlines() if line[:1] == " " and line.split()[0].isdecimal()]


@pytest.mark.parametrize(("m", "shown", "more"), [(10, 10, None), (11, 8, "and 3 more samples;")])
def test_ten_samples_are_shown_and_of_more_eight(talk, m, shown, more):
    said = talk("line16", batch_size=m)("next")
    assert listed(said) == list(range(1, shown + 1))
    assert (more in said) if more else "more samples" not in said


@pytest.mark.parametrize(("m", "more"), [(20, ""), (21, " and 1 more")])
def test_twenty_samples_of_another_order_are_listed(m, more):
    run = Run(Dataset("d", np.arange(30.0), np.arange(30.0)), Settings(batch_size=m, shuffle=True))
    view = View(run, 1, Phase.AFTER)
    assert _samples(view) == " ".join(str(sample + 1) for sample in view.iteration.samples[:20]) + more
    run = Run(run.dataset, Settings(batch_size=m))
    numbers = " ".join(map(str, range(1, 21)))
    assert _samples(View(run, 1, Phase.AFTER)) == (f"1 to {m}" if more else numbers)


def test_the_table_of_models_has_25_lines(talk):
    said = talk(batch_size=1, epochs=9)("models 50")
    assert len(said.partition("* is the end")[0].splitlines()) == 25


def test_a_count_has_18_digits():
    assert _count("9" * 18) == 10**18 - 1 and _count("") == 1
    for text in ("9" * 19, "0", "x", "-1", "٣"):
        with pytest.raises(LrstepError):
            _count(text)


@pytest.mark.parametrize(("size", "said"), [(12, "Batch size 12, "), (13, "Batch size 12 (asked 13, all taken), ")])
def test_a_batch_of_more_samples_than_there_are_is_said_to_be_of_all(talk, size, said):
    assert said in " ".join(talk(batch_size=size).opening.split())


@pytest.mark.parametrize(
    ("number", "trouble", "said"),
    [(7, "", "iteration 7 of 9, 1 sample seen"), (7, "diverged at 5", "diverged at 5, at iteration 7 of 9"),
     (0, "", "the start, 1 sample seen")],
)  # fmt: skip
def test_where_a_run_beside_stands_is_told_with_its_trouble(number, trouble, said):
    run = SimpleNamespace(n_iterations=9)
    assert _place(SimpleNamespace(number=number, trouble=trouble, seen=1, run=run)) == said


@pytest.mark.parametrize(
    ("settings", "order"),
    [({}, "in the order of the data"), ({"order": ((3, 1, 2),)}, "in an order of its own"),
     ({"shuffle": True, "seed": 4}, "shuffled with seed 4")],
)  # fmt: skip
def test_the_order_of_the_samples_is_told(settings, order):
    run = Run(Dataset("d", np.arange(3.0), np.arange(3.0)), Settings(weight=0.5, **settings))
    assert [*summary(run)][1].endswith(f", {order}")
