"""Which samples make which batch: an epoch's order, cut into pieces."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np

from lrstep.core.dataset import RowNumbers

Count = TypeVar("Count", int, RowNumbers)


class Batches:
    """The batches of every epoch of a run.

    An epoch has ⌈n / batch size⌉ batches. The last one may be short; it is used, with its own m.
    The order of an epoch depends only on (n, seed, epoch), so that any epoch can be had at once.

    Args:
        n: number of samples, at least 1.
        size: samples per batch; larger than n takes all.
        shuffle: whether each epoch has an order of its own; otherwise it is 0 … n−1.
        seed: seed of the orders.
        orders: sample numbers from 1; the epochs have these orders in turn.
    """

    def __init__(
        self, n: int, size: int, shuffle: bool = False, seed: int = 0, orders: Sequence[Sequence[int]] | None = None
    ) -> None:
        self.n = n
        self.size = min(size, n)
        self.shuffle = shuffle
        self.seed = seed
        self.orders = orders
        self.per_epoch = -(-n // self.size)
        # Two epochs: stepping back and forth over a border must not shuffle a million rows each time.
        self._shuffled = lru_cache(maxsize=2)(self._draw)

    def order(self, epoch: int) -> RowNumbers:
        """Row numbers (from 0) in the order of the given epoch (from 1), shape (n,)."""
        return self._shuffled(epoch if self.varies else 0)

    @property
    def varies(self) -> bool:
        """Whether epochs may differ in their order."""
        return self.shuffle or (self.orders is not None and len(self.orders) > 1)

    @property
    def in_order_of_data(self) -> bool:
        """Whether every epoch takes the samples as they stand in the data."""
        return not self.shuffle and self.orders is None

    def rows(self, epoch: int, batch: int) -> RowNumbers:
        """Row numbers of one batch (epoch and batch from 1), shape (m,)."""
        return self.order(epoch)[self.span(batch)]

    def span(self, batch: int) -> slice:
        """Where a batch (from 1) lies in the order of its epoch."""
        return slice((batch - 1) * self.size, min(batch * self.size, self.n))

    def stretch(self, first: int, last: int) -> Iterator[tuple[int, Iterator[slice]]]:
        """The batches of the iterations first … last: each epoch's number, and its spans among them."""
        for epoch in range(self.position(first)[0], self.position(last)[0] + 1):
            done = (epoch - 1) * self.per_epoch
            begin, end = max(first - done - 1, 0), min(last - done, self.per_epoch)
            starts = range(begin * self.size, end * self.size, self.size)
            yield epoch, (slice(start, start + self.size) for start in starts)

    def position(self, iteration: Count) -> tuple[Count, Count]:
        """(epoch, batch) of an iteration, or of each of many, all counted from 1."""
        epoch, batch = divmod(iteration - 1, self.per_epoch)
        return epoch + 1, batch + 1

    def seen(self, iteration: int) -> int:
        """How many samples the iterations 1 … ``iteration`` take in together."""
        epochs, rest = divmod(iteration, self.per_epoch)
        return epochs * self.n + rest * self.size

    def within(self, samples: int) -> int:
        """How many iterations, from the first one on, take in at most so many samples together."""
        epochs, rest = divmod(samples, self.n)
        return epochs * self.per_epoch + rest // self.size

    def _draw(self, epoch: int) -> RowNumbers:
        if self.orders is not None:
            rows = np.array(self.orders[(epoch - 1) % len(self.orders)], dtype=np.intp) - 1
        else:
            rows = np.random.default_rng((self.seed, epoch)).permutation(self.n) if epoch else np.arange(self.n)
        rows.setflags(write=False)
        return rows
