"""Slips about the samples, and the order in which they are taken."""

import numpy as np

from tests.why.learners import Learner
from tests.why.slip_parts import (
    Slip,
    many_features,
    minmax,
    number_epoch,
    one_feature,
    python_shuffle,
    samples,
    short_batch,
    split,
    standard,
    stream,
    transposed,
    typed_wrong,
    weights_only,
    wrapped,
)

DATA: tuple[Slip, ...] = (
    # data
    Slip("x standardised by n − 1", (("x", "n − 1"), ("standardised", "n − 1")), samples(lambda x, y: (standard(x, 1),
         y))),
    Slip("x standardised", (("x", "standardised"),), samples(lambda x, y: (standard(x), y))),
    Slip("all standardised by n − 1", ("n − 1",), samples(lambda x, y: (standard(x, 1), standard(y, 1)))),
    Slip("x from 0 to 1", ("0 … 1",), samples(lambda x, y: (minmax(x), y))),
    Slip("x from −1 to 1", ("−1 … 1", "-1 … 1"), samples(lambda x, y: (2 * minmax(x) - 1, y))),
    Slip("x divided by the norm", ("norm",), samples(lambda x, y: (x / np.linalg.norm(x, axis=0), y))),
    Slip("x in hundreds", (("x", "100"), ("x", "divided by 100")), samples(lambda x, y: (x / 100, y)),
         where=one_feature),
    Slip("y divided by its largest", (("y", "largest"),), samples(lambda x, y: (x, y / y.max()))),
    Slip("y centred", (("y", "centred"),), samples(lambda x, y: (x, y - y.mean()))),
    Slip("the logarithm of y", (("log", "y"),), samples(lambda x, y: (x, np.log(y))), where=lambda base: base.y.min() >
         0),
    Slip("the logarithm of x", (("log", "x"),), samples(lambda x, y: (np.log(x), y)), where=lambda base: base.x.min() >
         0),
    Slip("x squared", (("x", "squared"), "x²"), samples(lambda x, y: (x**2, y)), where=one_feature),
    Slip("whole y", (("y", "whole"),), samples(lambda x, y: (x, np.trunc(y)))),
    Slip("x cut to whole numbers", (("x", "whole"),), samples(lambda x, y: (np.trunc(x), y)), where=lambda base: "cloud"
         in base.name),
    Slip("x sorted alone", ("sorted",), samples(lambda x, y: (np.sort(x, axis=0), y)), where=lambda base: not
         many_features(base) and "mlcc" not in base.name),
    Slip("x and y sorted apart", ("sorted",), samples(lambda x, y: (np.sort(x, axis=0), np.sort(y))), where=lambda base:
         not many_features(base) and "mlcc" not in base.name),
    Slip("sorted by x", ("sorted", "order of x"), {"order": lambda self, epoch, n: np.argsort(self.all_x[:, 0],
         kind="stable")}, where=lambda base: "mlcc" not in base.name),
    Slip("sorted by y", ("sorted", "order of y"), {"order": lambda self, epoch, n: np.argsort(self.all_y,
         kind="stable")}, where=lambda base: "mlcc" not in base.name),
    Slip("x and y exchanged", ("exchanged",), samples(lambda x, y: (y[:, None], x[:, 0])), where=one_feature),
    Slip("two features exchanged", ("exchanged", "of weight 1"), samples(lambda x, y: (x[:, [1, 0, *range(2,
         x.shape[1])]], y)), where=many_features),
    Slip("scaled by one mean and deviation", ("one mean", "together"), samples(lambda x, y: ((x - x.mean()) / x.std(),
         y)), where=many_features),
    Slip("one feature standardised", (("standardised", "alone"), ("standardised", "area"), ("x2", "standardised"),
         ("x₂", "standardised")), samples(lambda x, y: (np.column_stack([x[:, 0], standard(x[:, 1]), *x.T[2:]]), y)),
         where=many_features),
    Slip("the first row lost", ("first row", "without sample 1"), weights_only((0,))),
    Slip("the last row lost", ("last row", "validation_split", "last sample", "without sample"), weights_only((-1,)),
         about=("full_loss", "full_rmse")),
    Slip("row 4 lost", ("sample 4", "row 4"), weights_only((3,))),
    Slip("row 2 twice", ("sample 2 twice", "row 2"), samples(lambda x, y: (np.insert(x, 1, x[1], axis=0), np.insert(y,
         1, y[1])))),
    Slip("validation_split 0.1", ("validation_split 0.1", "last row", "last 2 rows"), samples(lambda x, y: (x[:
         int(len(y) * 0.9)], y[: int(len(y) * 0.9)])), about=("full_loss",)),
    Slip("validation_split 0.3", ("validation_split",), samples(lambda x, y: (x[: int(len(y) * 0.7)], y[: int(len(y) *
         0.7)])), about=("full_loss", "full_rmse")),
    Slip("train_test_split 0.2, 42", ("train_test_split",), split(0.2, 42)),
    Slip("train_test_split 0.25, 0", ("train_test_split",), split(0.25, 0)),
    Slip("digits exchanged", ("sample 3",), typed_wrong(2, transposed), where=lambda base: transposed(base.y[2]) !=
         base.y[2]),
    Slip("point lost", ("sample 2",), typed_wrong(1, lambda v: 10 * v)),
    Slip("sign lost", ("sample 3",), typed_wrong(2, lambda v: -v)),
    Slip("x typed 10 times", ("sample 4",), typed_wrong(3, lambda v: 10 * v, label=False)),
    Slip("y one row late", ("shifted", "roll"), samples(lambda x, y: (x, np.roll(y, 1)))),
    Slip("y in reverse", ("reverse",), samples(lambda x, y: (x, y[::-1]))),
    # order
    Slip("in reverse", ("reverse",), {"order": lambda self, epoch, n: np.arange(n)[::-1]}),
    Slip("batches from the end", ("reverse", "from the end", "last batch first"), {"batches": lambda self, order:
         Learner.batches(self, order)[::-1]}),
    Slip("permutation of 42", ("42",), {"order": lambda self, epoch, n: np.random.RandomState(42).permutation(n)}),
    Slip("permutation of 1", ("(1)",), {"order": lambda self, epoch, n: np.random.RandomState(1).permutation(n)}),
    Slip("default_rng(42)", ("default_rng(42)",), {"order": lambda self, epoch, n:
         np.random.default_rng(42).permutation(n)}),
    Slip("random.seed(42)", ("42",), python_shuffle(42)),
    Slip("anew each epoch from 0", ("seed", "(0)", "RandomState"), stream(0)),
    Slip("anew each epoch from 42", ("42",), stream(42)),
    Slip("the short batch dropped", ("short last batch",), {"batches": lambda self, order: [one for one in
         Learner.batches(self, order) if len(one) == self.size]}, where=short_batch),
    Slip("the short batch joined", ("joined", "last batch"), {"batches": lambda self, order: [*Learner.batches(self,
         order)[:-2], np.concatenate(Learner.batches(self, order)[-2:])]}, where=short_batch),
    Slip("equal batches", ("equal", "array_split"), {"batches": lambda self, order: np.array_split(order,
         -(-len(order) // self.size))}, where=short_batch),
    Slip("on across the epoch", ("across", "goes on"), {"batches": wrapped, "epoch_begins": number_epoch},
         where=short_batch),
    Slip("every k-th", ("k-th",), {"batches": lambda self, order: [order[i :: -(-len(order) // self.size)] for i in
         range(-(-len(order) // self.size))]}),
    Slip("sliding", ("sliding", "window", "overlap"), {"batches": lambda self, order: [order[i : i + self.size] for i
         in range(len(order) - self.size + 1)]}),
    Slip("from the second batch", ("second batch", "shifted"), {"order": lambda self, epoch, n: np.roll(np.arange(n),
         -self.size)}),
    Slip("always the first batch", ("first batch",), {"batches": lambda self, order: [order[: self.size]] *
         -(-len(order) // self.size)}),
)  # fmt: skip
