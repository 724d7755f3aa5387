"""Worlds that take the samples in another order."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations, islice, permutations

import numpy as np

from lrstep.core.dataset import RowNumbers
from lrstep.core.run import Run
from lrstep.why.worlds import COMMON, FINE, KNOWN, RARE, SELDOM, Order, World, equally

SEEDS = (0, 1, 2, 3, 4, 5, 7, 10, 42, 123, 1234)
"""Seeds that people take for an order."""

EPOCHS = 64
"""So many orders are drawn; then they come again."""


def other_orders(run: Run) -> Iterator[World]:
    """The samples come in another order, or not all of them."""
    settings, n = run.settings, len(run.dataset)
    size, rows = run.batches.size, np.arange(n)
    per_epoch = run.batches.per_epoch
    if settings.shuffle:
        yield World("order", "without shuffling", COMMON, {"shuffle": False})
        name = "with the samples shuffled once, with the same order in every epoch"
        yield _fixed(name, COMMON, run.batches.order(1))
    elif settings.order is not None:
        yield _fixed("with the samples in the order of the data", COMMON, rows)
    else:
        name = f"with the samples shuffled in every epoch (seed {settings.seed})"
        yield World("order", name, COMMON, {"shuffle": True}, explanation="Keras shuffles by default.")
        yield from _shuffles(n)
    if n % size:
        whole = Order(run.batches.order, run.batches.varies, lambda rows, m, e: equally(rows, m)[: len(rows) // m])
        yield World("order", "without the short last batch", COMMON, order=whole)
        yield _fixed("with the short batch first", RARE, np.concatenate([rows[-(n % size) :], rows[: -(n % size)]]))
    yield _fixed("with the samples in reverse order", COMMON, rows[::-1])
    yield from _cuts(run)
    if per_epoch > 1:
        last_first = np.concatenate([rows[start : start + size] for start in range(0, n, size)][::-1])
        yield _fixed("with the batches in reverse order", KNOWN, last_first)
        yield _fixed("beginning with the second batch", KNOWN, np.roll(rows, -size))
        yield _fixed("with every batch made of each k-th sample", KNOWN, np.argsort(rows % per_epoch, kind="stable"))
        yield _fixed("with the last batch first", KNOWN, np.roll(rows, size))
        for k, kth in enumerate(("2nd", "3rd", "4th", "5th"), 2):
            if k != per_epoch and k < n:
                name = f"with every {kth} sample first, then those between"
                yield _fixed(name, SELDOM, np.argsort(rows % k, kind="stable"))
        for begin in (0, 1):
            name = f"with the samples shuffled after np.random.seed(epoch), epochs counted from {begin}"
            drawn = Order(lambda epoch, b=begin: np.random.RandomState(epoch - 1 + b).permutation(n), True)  # type: ignore[misc]
            yield World("order", name, SELDOM, order=drawn)
        turned = Order(lambda epoch: rows[:: 1 if epoch % 2 else -1], True)
        yield World("order", "with the order turned in every second epoch", RARE, order=turned)
    for by in (1, -1):
        words = "later" if by < 0 else "sooner"
        yield _fixed(f"with the samples shifted by one, each one place {words}", KNOWN, np.roll(rows, -by))


def _cuts(run: Run) -> Iterator[World]:
    """The samples of an epoch are cut into other batches."""
    n, size, per_epoch, order = len(run.dataset), run.batches.size, run.batches.per_epoch, run.batches.order
    if per_epoch == 1:
        return

    def world(name: str, rank: int, cut: Cut) -> World:
        return World("order", name, rank, order=Order(order, run.batches.varies or "epoch" in name, cut=cut))

    yield world("with batches that overlap (a sliding window)", RARE, lambda rows, m, e: [
        rows[i : i + m] for i in range(len(rows) - m + 1)])  # fmt: skip
    yield world("with each batch drawn at random after np.random.seed(0)", SELDOM, partial(_drawn, 0))
    yield world("with each batch drawn at random after np.random.seed(42)", SELDOM, partial(_drawn, 42))
    yield world("with the first batch again and again", KNOWN, lambda rows, m, e: [rows[:m]] * per_epoch)
    if size > 1:
        yield world("with one sample too many in each batch", RARE, lambda rows, m, e: [
            rows[i : i + m + 1] for i in range(0, len(rows), m)])  # fmt: skip
        yield world("with one sample too few in each batch", RARE, lambda rows, m, e: [
            rows[i : i + m - 1] for i in range(0, len(rows), m) if len(rows[i : i + m - 1])])  # fmt: skip
        yield world("with batches that begin with the second sample", SELDOM, lambda rows, m, e: equally(rows[1:], m))
    twice = world("with two steps for each batch", RARE, lambda rows, m, e: [
        one for one in equally(rows, m) for _ in range(2)])  # fmt: skip
    yield twice
    yield replace(twice, name="with two steps for each batch, after the second one", at=lambda t: 2 * t)
    yield world("with only the first batch of each epoch", RARE, lambda rows, m, e: [rows[:m]])
    yield world("without the first batch of each epoch", SELDOM, lambda rows, m, e: equally(rows, m)[1:])
    yield world("without the last batch of each epoch", RARE, lambda rows, m, e: equally(rows, m)[:-1])
    for taken in _of_batches(per_epoch):
        said = " ".join(str(one + 1) for one in taken)
        yield world(f"with the batches in the order {said}", SELDOM, lambda rows, m, e, taken=taken: [  # type: ignore[misc]
            equally(rows, m)[one] for one in taken])  # fmt: skip
    if n % size:
        yield world("with the short batch cut from the begin of the data", RARE, lambda rows, m, e: [
            rows[: len(rows) % m], *equally(rows[len(rows) % m :], m)])  # fmt: skip
        yield world("with the short last batch first: the batches from the end", RARE, lambda rows, m, e: [
            *equally(rows, m)[::-1]])  # fmt: skip
        yield world("with batches cut from the end, the short one last", RARE, lambda rows, m, e: [
            rows[max(end - m, 0) : end] for end in range(len(rows), 0, -m)])  # fmt: skip
        yield world("with the short last batch joined to the one before", KNOWN, lambda rows, m, e: [
            *equally(rows, m)[:-2], rows[(len(rows) // m - 1) * m :]])  # fmt: skip
        yield world("with batches as equal as can be (np.array_split)", KNOWN, lambda rows, m, e: list(
            np.array_split(rows, -(-len(rows) // m))))  # fmt: skip
        yield world("with every batch made of each k-th sample (rows[i::k])", KNOWN, lambda rows, m, e: [
            rows[i :: -(-len(rows) // m)] for i in range(-(-len(rows) // m))])  # fmt: skip
        yield world("with the short last batch filled up from the begin of the data", RARE, lambda rows, m, e: [
            np.take(rows, range(i, i + m), mode="wrap") for i in range(0, len(rows), m)])  # fmt: skip
        yield world("with the short last batch filled up with the samples before it", RARE, lambda rows, m, e: [
            rows[min(i, len(rows) - m) :][:m] for i in range(0, len(rows), m)])  # fmt: skip
        yield world("with batches that go on across the end of the epoch", RARE, _across)


Cut = Callable[[RowNumbers, int, int], list[RowNumbers]]


def _of_batches(count: int) -> Iterator[tuple[int, ...]]:
    """Orders of an epoch's batches: all of few, and two exchanged of many."""
    if count <= 4:
        yield from list(permutations(range(count)))[1:]
        return
    for one, other in combinations(range(min(count, 12)), 2):
        order = list(range(count))
        order[one], order[other] = order[other], order[one]
        yield tuple(order)


def _across(rows: RowNumbers, size: int, epoch: int) -> list[RowNumbers]:
    count = -(-len(rows) // size)
    begin = (epoch - 1) * count * size
    return [np.take(rows, range(i, i + size), mode="wrap") for i in range(begin, begin + count * size, size)]


def _drawn(seed: int, rows: RowNumbers, size: int, epoch: int) -> list[RowNumbers]:
    """Batches that a loop draws with np.random.choice, with replacement."""
    drawn, count = np.random.RandomState(seed), -(-len(rows) // size)
    taken = [rows[drawn.choice(len(rows), size)] for _ in range(epoch * count)]
    return taken[-count:]


def _shuffles(n: int) -> Iterator[World]:
    for seed in SEEDS:
        for way, draw, again, once, always in (
            (f"by np.random.default_rng({seed})", _permuted(np.random.default_rng(seed), n), "", RARE, SELDOM),
            (f"after np.random.seed({seed})", _permuted(np.random.RandomState(seed), n), "", RARE, RARE),
            (f"after random.seed({seed})", _shuffled(random.Random(seed), n), " again", SELDOM, SELDOM),
        ):
            order = _drawn_later(draw)
            yield _once(f"with the samples shuffled once {way}", once, order)
            yield World("order", f"with the samples shuffled{again} in every epoch {way}", always,
                        order=Order(order, True))  # fmt: skip
    for seed in sorted({*range(31), *range(2015, 2028), 99, 100, 101, 111, 321, 1337, 12345} - set(SEEDS)):
        by_new = _drawn_later(_permuted(np.random.default_rng(seed), n))
        after_old = _drawn_later(_permuted(np.random.RandomState(seed), n))
        yield _once(f"with the samples shuffled once by np.random.default_rng({seed})", FINE, by_new)
        yield _once(f"with the samples shuffled once after np.random.seed({seed})", FINE, after_old)


def _permuted(drawn: np.random.Generator | np.random.RandomState, n: int) -> Iterator[RowNumbers]:
    while True:
        yield drawn.permutation(n)


def _shuffled(drawn: random.Random, n: int) -> Iterator[RowNumbers]:
    places = list(range(n))
    while True:
        drawn.shuffle(places)
        yield np.array(places)


def _drawn_later(draws: Iterator[RowNumbers]) -> Callable[[int], RowNumbers]:
    """The order of each epoch, drawn when it is asked for: most are not, and those of many samples take long."""
    made: list[RowNumbers] = []

    def order(epoch: int) -> RowNumbers:
        place = (epoch - 1) % EPOCHS
        made.extend(islice(draws, max(place + 1 - len(made), 0)))
        return made[place]

    return order


def _once(name: str, rank: int, order: Callable[[int], RowNumbers]) -> World:
    return World("order", name, rank, order=Order(lambda epoch: order(1)))


def _fixed(name: str, rank: int, rows: RowNumbers) -> World:
    return World("order", name, rank, order=Order(lambda epoch: rows))
