"""Worlds that take the samples in another order."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from lrstep.core.dataset import Rows
from lrstep.core.run import Run
from lrstep.why.worlds import COMMON, KNOWN, RARE, Order, World

SEEDS = (0, 1, 2, 3, 4, 5, 7, 10, 42, 123, 1234)
"""Seeds that people take for an order."""


def other_orders(run: Run) -> Iterator[World]:
    """The samples come in another order, or not all of them."""
    settings, n = run.settings, len(run.dataset)
    size, rows = run.batches.size, np.arange(n)
    per_epoch = run.batches.per_epoch
    if settings.shuffle:
        yield World("order", "without shuffling", COMMON, {"shuffle": False})
        once = run.batches.order(1)
        yield _fixed("with the samples shuffled once, with the same order in every epoch", COMMON, once)
    elif settings.order is not None:
        yield _fixed("with the samples in the order of the data", COMMON, rows)
    else:
        name = f"with the samples shuffled in every epoch (seed {settings.seed})"
        yield World("order", name, COMMON, {"shuffle": True}, explanation="Keras shuffles by default.")
        yield from _shuffles(n)
    if n % size:
        order = run.batches.order
        whole = Order(order, run.batches.varies, whole=True)
        yield World("order", "without the short last batch", COMMON, {}, order=whole)
        yield _fixed("with the short batch first", RARE, np.concatenate([rows[-(n % size) :], rows[: -(n % size)]]))
    yield _fixed("with the samples in reverse order", COMMON, rows[::-1])
    if per_epoch > 1:
        last_first = np.concatenate([rows[start : start + size] for start in range(0, n, size)][::-1])
        yield _fixed("with the batches in reverse order", KNOWN, last_first)
        yield _fixed("beginning with the second batch", KNOWN, np.roll(rows, -size))
        yield _fixed("with every batch made of each k-th sample", KNOWN, np.argsort(rows % per_epoch, kind="stable"))
        yield _fixed("with the first batch again and again", KNOWN, rows[:size])
        yield _fixed("with the last batch first", KNOWN, np.roll(rows, size))
        turned = [rows[::-1], rows]
        yield World("order", "with the order turned in every second epoch", RARE, {},
                    order=Order(lambda epoch: turned[epoch % 2], True))  # fmt: skip
    for by in (1, -1):
        words = "later" if by < 0 else "sooner"
        yield _fixed(f"with the samples shifted by one, each one place {words}", KNOWN, np.roll(rows, -by))


def _shuffles(n: int) -> Iterator[World]:
    for seed in SEEDS:
        new, old = np.random.default_rng(seed), np.random.RandomState(seed)
        yield _fixed(f"with the samples shuffled once by np.random.default_rng({seed})", RARE, new.permutation(n))
        first = old.permutation(n)
        yield _fixed(f"with the samples shuffled once after np.random.seed({seed})", RARE, first)
        orders = [first, *(old.permutation(n) for _ in range(63))]
        name = f"with the samples shuffled in every epoch after np.random.seed({seed})"
        yield World("order", name, RARE, order=Order(partial(_in_turn, orders), True))


def _in_turn(orders: Sequence[Rows], epoch: int) -> Rows:
    return orders[(epoch - 1) % len(orders)]


def _fixed(name: str, rank: int, rows: Rows) -> World:
    return World("order", name, rank, {}, order=Order(lambda epoch: rows))
