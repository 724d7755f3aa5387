"""Figures of the run itself, put together otherwise: other sums of its errors, means over its iterations, a root more.

Everything here is right up to the figure that is typed: which iteration it belongs to, and from which errors it comes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial

import numpy as np

from lrstep.core.arithmetic import error
from lrstep.core.dataset import Floats
from lrstep.core.run import Run
from lrstep.formulas.quantities import quantities
from lrstep.why.worlds import RARE, SELDOM

Figure = tuple[int, str, str, float]
"""Rank, words as the end of "computed …", why the right way is another, and the value."""

MOST_SAMPLES = 5_000
"""So many samples of an epoch are gone through one by one."""

FARTHEST = 2_000
"""So many iterations are averaged."""


Own = Callable[[str, int], float]
"""A figure of the run: quantity and iteration → its value."""


def own_figures(run: Run, known: Sequence[str]) -> Own:
    """The figures of a run, each iteration computed once however many quantities and means ask for it."""
    of_run = quantities(run)

    @cache
    def figures(number: int) -> dict[str, float]:
        iteration = run.iteration(number)
        return {key: of_run[key].value(iteration) for key in known}

    return lambda quantity, number: figures(number)[quantity]


def other_figures(run: Run, quantity: str, number: int, own: Own) -> Iterator[Figure]:
    """What else may be typed for a quantity of an iteration.

    Args:
        run: the run. quantity: a key of ``lrstep trace``, of no single sample.
        number: the iteration, from 1.
        own: the figures of the run.
    """
    right = own(quantity, number)
    with np.errstate(all="ignore"):
        if quantity.endswith(("loss", "rmse")):
            errors, labels = _errors(run, quantity, number)
            if len(errors):
                yield from _of_errors(errors, labels, run, quantity)
        yield from _of_value(right, run, quantity, number)
        if number <= FARTHEST:
            yield from _over_iterations(run, number, partial(own, quantity))


def _errors(run: Run, quantity: str, number: int) -> tuple[Floats, Floats]:
    """The errors that a loss is of, and the labels of their samples; empty where they are too many."""
    _, batch = run.batches.position(number)
    if quantity.startswith("full"):
        if len(run.dataset) > MOST_SAMPLES:
            return np.empty(0), np.empty(0)
        predicted = run.iteration(number).after.predictions(run.dataset.columns)
        return error(predicted, run.dataset.y), run.dataset.y
    first = number - batch + 1 if quantity.startswith("cumulative") else number
    if (number - first + 1) * run.batches.size > MOST_SAMPLES:
        return np.empty(0), np.empty(0)
    of_epoch = [run.iteration(t) for t in range(first, number + 1)]
    return np.concatenate([it.error for it in of_epoch]), np.concatenate([it.y for it in of_epoch])


def _of_errors(e: Floats, y: Floats, run: Run, quantity: str) -> Iterator[Figure]:
    """Other means of the errors: of other powers of them, divided by something else, with a root or without."""
    m, n, size, square = len(e), len(run.dataset), run.batches.size, e * e
    rooted, said = quantity.endswith("rmse"), "The loss is the mean of the squared errors, the RMSE its root."
    sums: Mapping[str, np.float64] = {
        "the squared errors": square.sum(), "the errors": e.sum(), "the absolute errors": np.abs(e).sum(),
        "the cubed absolute errors": (np.abs(e) ** 3).sum(),
        "the fourth powers of the errors": (square * square).sum(),
        "log cosh of the errors": np.logaddexp(e, -e).sum() - m * np.log(2),
        "Huber's loss": np.where(np.abs(e) <= 1, square / 2, np.abs(e) - 0.5).sum(),
        "|error / y|": np.abs(e / y).sum(), "(log(1 + ŷ) − log(1 + y))²": ((np.log1p(e + y) - np.log1p(y)) ** 2).sum(),
    }  # fmt: skip
    usual = {"number": m, "number less 1": m - 1, "number less 2": m - 2, "number twice": 2 * m, "": 1}
    divisors = usual | {"number of all samples": n, "batch size": size, "number squared": m * m,
                        "number's root": m**0.5}  # fmt: skip
    for of, total in sums.items():
        for by, divisor in divisors.items():
            mean = float(total) / divisor if divisor else np.nan
            words = f"as the sum of {of} divided by their {by}" if by else f"as the sum of {of}"
            if by == "number":
                words = f"as the mean of {of}"
            rank = RARE if "errors" in of and by in usual else SELDOM
            yield rank, words, said, mean
            yield rank, f"{words}, with the root of it", said, float(np.sqrt(mean))
            yield SELDOM, f"{words}, squared", said, mean * mean
            yield SELDOM, f"{words}, without its sign", said, abs(mean)
            if by and divisor > 0:
                words = f"as the root of the sum of {of}, divided by their {by}"
                yield SELDOM, words, said, float(np.sqrt(total)) / divisor
    singles = {"the largest absolute error": np.abs(e).max(), "the largest squared error": square.max(),
               "the smallest squared error": square.min(), "the squared error of the last sample": square[-1],
               "the squared error of the first sample": square[0], "the median squared error": np.median(square),
               "the error of the last sample": e[-1], "the absolute error of the last sample": abs(e[-1]),
               "the error of the first sample": e[0], "the absolute error of the first sample": abs(e[0]),
               "the median absolute error": np.median(np.abs(e)), "the largest error": e.max(),
               "the standard deviation of the errors": e.std(), "the variance of the errors": e.var(),
               "the standard deviation of the errors (n − 1)": e.std() * np.sqrt(m / max(m - 1, 1)),
               "the norm of the errors": np.sqrt(square.sum())}  # fmt: skip
    for words, value in singles.items():
        yield RARE, f"as {words}", said, float(value)
    loss = float(square.mean())
    spread = float(((y - y.mean()) ** 2).sum())
    relative = {"divided by the mean of y": abs(y.mean()), "divided by the standard deviation of y": y.std(),
                "divided by the range of y": y.max() - y.min(), "divided by the variance of y": y.var()}  # fmt: skip
    for words, divisor in relative.items():
        yield SELDOM, words, "Keras does not divide by the labels.", (loss**0.5 if rooted else loss) / divisor
    if spread:
        yield RARE, "as R²: 1 − Σ error² / Σ (y − ȳ)²", said, 1 - loss * m / spread
        yield SELDOM, "as 1 − R²", said, loss * m / spread


def _of_value(right: float, run: Run, quantity: str, number: int) -> Iterator[Figure]:
    """The right figure with one more operation."""
    m, n, rate = run.iteration(number).m, len(run.dataset), run.settings_at(number).learning_rate
    factors = {"twice": 2.0, "halved": 0.5, "times the number of samples of the batch": m,
               "divided by their number": 1 / m}  # fmt: skip
    by = {"the number of all samples": n, "100": 100.0, "the learning rate": rate, "10": 10.0, "1000": 1000.0,
          "the number of batches": run.batches.per_epoch}  # fmt: skip
    for words, factor in by.items():
        factors |= {f"times {words}": factor, f"divided by {words}": 1 / factor}
    for words, factor in factors.items():
        rank = RARE if words in ("twice", "halved", "times the learning rate", "times 10", "divided by 10") else SELDOM
        yield rank, words, "", right * factor
    yield RARE, "with a root of it", "", right**0.5 if right >= 0 else np.nan
    yield RARE, "squared", "", right * right
    yield SELDOM, "as one over it", "", 1 / right if right else np.nan
    yield SELDOM, "as its logarithm", "", float(np.log(right)) if right > 0 else np.nan
    *weights, _ = run.iteration(number).before.parameters
    for size in (0.1, 0.01, 0.001, 1.0) if quantity in ("loss", "cumulative_loss", "full_loss") else ():
        said, square = "Keras adds penalties to the loss.", sum(w * w for w in weights)
        yield RARE, f"with the penalty {size:g}·w² of L2 in it", said, right + size * square
        yield SELDOM, f"with the penalty {size:g}·|w| of L1 in it", "", right + size * sum(map(abs, weights))


def _over_iterations(run: Run, number: int, of_run: Callable[[int], float]) -> Iterator[Figure]:
    """Means, sums and differences of the figure over iterations."""
    per_epoch = run.batches.per_epoch
    numbers = range(max(1, number - max(10, 2 * per_epoch)), min(number + per_epoch, run.n_iterations) + 1)
    known = {t: of_run(t) for t in numbers}
    _, batch = run.batches.position(number)
    first, last = number - batch + 1, min(number - batch + per_epoch, run.n_iterations)

    def of(begin: int, end: int) -> Sequence[float]:
        return [known[t] for t in range(begin, end + 1)] if begin >= 1 and begin in known else []

    spans = {"the last two iterations": of(number - 1, number), "the last three iterations": of(number - 2, number),
             "the last five iterations": of(number - 4, number), "the last ten iterations": of(number - 9, number),
             "the epoch so far": of(first, number), "the whole epoch": of(first, last)}  # fmt: skip
    ways: Mapping[str, Callable[[Sequence[float]], float]] = {
        "mean": lambda values: float(np.mean(values)), "sum": lambda values: float(np.sum(values)),
        "lowest": min, "highest": max}  # fmt: skip
    for span, values in spans.items():
        for way, make in ways.items():
            if len(values) > 1:
                rank = RARE if way in ("mean", "sum") and "epoch" in span else SELDOM
                yield rank, f"as the {way} over {span}", "It is of one iteration.", make(values)
    if number > 1:
        words = "as its change since the iteration before"
        yield RARE, words, "", known[number] - known[number - 1]
        yield SELDOM, f"{words}, with the sign turned", "", known[number - 1] - known[number]
    if number + 1 in known:
        yield RARE, "as its change to the next iteration", "", known[number + 1] - known[number]
    if number <= FARTHEST // 4:
        series = [of_run(t) for t in range(1, number + 1)]
        yield RARE, "as the mean over all iterations so far", "It is of one iteration.", float(np.mean(series))
        yield SELDOM, "as the lowest of all iterations so far", "It is of one iteration.", min(series)
        for share in (0.6, 0.9, 0.99, 0.8, 0.5, 0.95):
            smooth, weight, plain = 0.0, 0.0, series[0]
            for value in series:
                smooth, weight = share * smooth + (1 - share) * value, share * weight + (1 - share)
                plain = share * plain + (1 - share) * value
            said = "TensorBoard shows smoothed curves, unless its smoothing is 0."
            yield RARE, f"smoothed by {share:g}, as TensorBoard does", said, smooth / weight
            yield SELDOM, f"smoothed by {share:g} from the first value on", said, plain
            yield SELDOM, f"smoothed by {share:g} from 0 on", said, smooth
