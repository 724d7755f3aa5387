"""What :func:`lrstep.formulas.explanation.explain` says of each quantity."""

from collections.abc import Callable

import numpy as np

from lrstep.core.arithmetic import predict, squared_error_sum
from lrstep.core.dataset import Floats
from lrstep.core.iteration import Iteration, Phase
from lrstep.core.reference import DIRECT_ROWS
from lrstep.core.run import Run
from lrstep.core.symbols import total as summed
from lrstep.formulas.explanation import Explanation, Origin, Step, Terms
from lrstep.formulas.numerals import exact, put
from lrstep.formulas.quantities import QUANTITIES

DATA = Origin("x and y: the samples of the batch")


def _batch(run: Run, it: Iteration, quantity: str) -> Explanation:
    b, size, n = it.batch, run.batches.size, run.batches.n
    order = "a new order for this epoch" if run.settings.shuffle else "the order of the data, the same in each epoch"
    steps = (
        Step("first = (batch − 1)·size + 1", f"first = ({b} − 1)·{size} + 1 = {(b - 1) * size + 1}"),
        Step("last = min(batch·size, n)", f"last = min({b}·{size}, {n}) = {it.cumulative_count}"),
        Step("m = last − first + 1", f"m = {it.cumulative_count} − {(b - 1) * size + 1} + 1 = {it.m}"),
    )
    terms = Terms(("#", "x", "y"), it.m, lambda i: (str(it.samples[i] + 1), exact(it.x[i]), exact(it.y[i])))
    sources = (Origin(f"the samples: {run.dataset.name}, in {order}"), Origin("batch size: a setting"))
    title = f"Batch {b} of epoch {it.epoch}, iteration {it.number}"
    formula = "samples first … last of the epoch's order"
    return Explanation(title, Phase.BATCH, quantity, formula, steps, terms, "", "", sources)


def _predictions(run: Run, it: Iteration, quantity: str) -> Explanation:
    w, b = it.before.weight, it.before.bias
    first = f"{put(w)}·{put(it.x[0])} + {put(b)}"
    steps = (
        Step("w = weight before the update", f"w = {exact(w)}"),
        Step("b = bias before the update", f"b = {exact(b)}"),
        Step("ŷ = w·x + b", f"ŷ of sample {it.samples[0] + 1} = {first} = {exact(it.prediction[0])}"),
        Step(
            "error = ŷ − y",
            f"error of sample {it.samples[0] + 1} = {put(it.prediction[0])} − {put(it.y[0])} = {exact(it.error[0])}",
        ),
    )
    terms = sample_terms(it.samples, it.x, it.y, w, b)
    formula = "ŷ = w·x + b,  error = ŷ − y"
    sources = (*_parameters(it), Origin(DATA.label, it.number, Phase.BATCH))
    return Explanation(
        f"Predictions of iteration {it.number}", Phase.PREDICTIONS, quantity, formula, steps, terms, "", "", sources
    )


def sample_terms(samples: np.ndarray, x: Floats, y: Floats, weight: float, bias: float) -> Terms:
    """Rows of samples with prediction, error and squared error for a line, each made when asked for."""

    def row(i: int) -> tuple[str, ...]:
        with np.errstate(all="ignore"):
            prediction = weight * x[i] + bias
            error = prediction - y[i]
            values = (x[i], y[i], prediction, error, error * error)
        return (str(samples[i] + 1), *map(exact, values))

    return Terms(("#", "x", "y", "ŷ", "error", "error²"), len(x), row)


def _loss(run: Run, it: Iteration, quantity: str) -> Explanation:
    with np.errstate(all="ignore"):
        total = float(squared_error_sum(it.error))
    terms = sample_terms(it.samples, it.x, it.y, it.before.weight, it.before.bias)
    numbers = Step("L = Σ error² / m", f"L = {put(total)}/{it.m} = {exact(it.loss)}")
    steps, result = _with_root(quantity, numbers, it.loss, it.rmse)
    sources = (Origin("error: this iteration's predictions", it.number, Phase.PREDICTIONS), *_parameters(it))
    return _explanation(it, quantity, steps, terms, f"Σ error² = {exact(total)}", result, sources)


def _cumulative(run: Run, it: Iteration, quantity: str) -> Explanation:
    """The epoch so far: one row per batch, each with its own Σ error² = m·L."""
    first = it.number - it.batch + 1
    losses = run.series("loss", np.arange(first, it.number + 1))
    lengths = np.full(it.batch, run.batches.size)
    lengths[-1] = it.m

    def row(i: int) -> tuple[str, ...]:
        return str(first + i), str(i + 1), str(lengths[i]), exact(losses[i]), exact(losses[i] * lengths[i])

    with np.errstate(all="ignore"):
        total = summed(losses * lengths)
    terms = Terms(("iteration", "batch", "m", "L", "m·L"), it.batch, row, lambda i: first + i)
    numbers = Step(
        "L = Σ error² / count", f"L = {put(total)}/{it.cumulative_count} = {exact(it.cumulative_loss)}"
    )  # fmt: skip
    steps, result = _with_root(quantity, numbers, it.cumulative_loss, it.cumulative_rmse)
    earlier = (
        (Origin(f"m·L of the earlier batches: iterations {first} to {it.number - 1}", first, Phase.LOSS),)
        if it.batch > 1
        else ()
    )
    sources = (*earlier, Origin("L of this batch", it.number, Phase.LOSS))
    return _explanation(it, quantity, steps, terms, f"Σ error² = Σ m·L = {exact(total)}", result, sources)


def _full(run: Run, it: Iteration, quantity: str) -> Explanation:
    n, after, data = len(run.dataset), it.after, run.dataset
    with np.errstate(all="ignore"):
        if n <= DIRECT_ROWS:
            total = squared_error_sum(predict(data.x, after.weight, after.bias) - data.y)
        else:
            total = it.full_loss * n
    terms = sample_terms(np.arange(n), data.x, data.y, after.weight, after.bias)
    numbers = Step("L = Σ error² / n", f"L = {put(total)}/{n} = {exact(it.full_loss)}")
    steps, result = _with_root(quantity, numbers, it.full_loss, it.full_rmse)
    head = (
        Step("w = weight after the update", f"w = {exact(after.weight)}"),
        Step("b = bias after the update", f"b = {exact(after.bias)}"),
    )
    sources = (
        Origin("w and b: this iteration's update", it.number, Phase.UPDATE),
        Origin("x and y: all samples"),
    )
    return _explanation(it, quantity, (*head, *steps), terms, f"Σ error² = {exact(total)}", result, sources)


def _gradient(run: Run, it: Iteration, quantity: str) -> Explanation:
    weight = quantity.endswith("weight")
    symbol = QUANTITIES[quantity].symbol
    with np.errstate(all="ignore"):
        products = it.error * it.x if weight else it.error
        total = summed(products)

    def row(i: int) -> tuple[str, ...]:
        head = (str(it.samples[i] + 1), exact(it.error[i]))
        return (*head, exact(it.x[i]), exact(products[i])) if weight else head

    name = "error·x" if weight else "error"
    terms = Terms(("#", "error", "x", "error·x") if weight else ("#", "error"), it.m, row)
    value = float(getattr(it.gradient, "weight" if weight else "bias"))
    steps = (Step(f"{symbol} = 2/m·Σ {name}", f"{symbol} = 2/{it.m}·{put(total)} = {exact(value)}"),)
    sources: tuple[Origin, ...] = (Origin("error: this iteration's predictions", it.number, Phase.PREDICTIONS),)
    if weight:
        sources += (Origin("x: the samples of the batch", it.number, Phase.BATCH),)
    return _explanation(it, quantity, steps, terms, f"Σ {name} = {exact(total)}", exact(value), sources)


def _accumulator(run: Run, it: Iteration, quantity: str) -> Explanation:
    symbol, side = QUANTITIES[quantity].symbol, QUANTITIES[quantity].side
    g, rho = float(getattr(it.gradient, side)), run.settings.rho
    before, after = float(getattr(it.before, quantity)), float(getattr(it.after, quantity))
    square = "²" if symbol.startswith("v") else ""
    letter = symbol[-1]
    step = Step(
        f"{symbol} ← ρ·{symbol} + (1 − ρ)·g_{letter}{square}",
        f"{symbol} = {exact(rho)}·{put(before)} + (1 − {exact(rho)})·{put(g)}{square} = {exact(after)}",
    )
    sources = (
        Origin(f"g_{letter}: this iteration's gradient", it.number, Phase.GRADIENT),
        _before(it, symbol, Phase.ACCUMULATOR),
        Origin("ρ: a setting"),
    )
    return _explanation(it, quantity, (step,), None, "", exact(after), sources)


def _update(run: Run, it: Iteration, quantity: str) -> Explanation:
    """The parameter after the update, or its momentum, from gradient, accumulator and what came before."""
    settings, side = run.settings, QUANTITIES[quantity].side
    p = side[0]
    made = getattr(it, f"update_{side}")
    g, v, a = (float(value) for value in (getattr(it.gradient, side), made.v, made.a))
    under, numbers = f"v_{p} + ε", f"{put(v)} + {exact(settings.epsilon)}"
    if settings.centered:
        under, numbers = f"v_{p} − a_{p}² + ε", f"{put(v)} − {put(a)}² + {exact(settings.epsilon)}"
    steps = [Step(f"root = √({under})", f"root = √({numbers}) = {exact(made.denominator)}")]
    plain = f"{exact(settings.learning_rate)}·{put(g)}/{put(made.denominator)}"
    if settings.momentum > 0:
        old = float(getattr(it.before, f"momentum_{side}"))
        steps.append(
            Step(
                f"step = M_{p} ← μ·M_{p} + lr·g_{p}/root",
                f"step = {exact(settings.momentum)}·{put(old)} + {plain} = {exact(made.step)}",
            )
        )
    else:
        steps.append(Step(f"step = lr·g_{p}/root", f"step = {plain} = {exact(made.step)}"))
    if not quantity.startswith("momentum"):
        theta = float(getattr(it.before, side))
        numbers = f"{p} = {put(theta)} − {put(made.step)} = {exact(made.theta)}"
        steps.append(Step(f"{p} ← {p} − step", numbers))
    result = exact(float(getattr(it.after, quantity)))
    return _explanation(it, quantity, tuple(steps), None, "", result, _update_sources(run, it, p))


def _update_sources(run: Run, it: Iteration, p: str) -> tuple[Origin, ...]:
    settings = run.settings
    accumulated = f"v_{p} and a_{p}" if settings.centered else f"v_{p}"
    sources = [
        Origin(f"g_{p}: this iteration's gradient", it.number, Phase.GRADIENT),
        Origin(f"{accumulated}: this iteration's accumulator", it.number, Phase.ACCUMULATOR),
        _before(it, p, Phase.UPDATE),
    ]
    if settings.momentum > 0:
        sources.append(_before(it, f"M_{p}", Phase.UPDATE))
    return (*sources, Origin("lr, ε, μ: settings" if settings.momentum > 0 else "lr, ε: settings"))


def _with_root(quantity: str, loss: Step, value: float, root: float) -> tuple[tuple[Step, ...], str]:
    if quantity.endswith("loss"):
        return (loss,), exact(value)
    return (loss, Step("RMSE = √L", f"RMSE = √({exact(value)}) = {exact(root)}")), exact(root)


def _parameters(it: Iteration) -> tuple[Origin, ...]:
    return (_before(it, "w and b", Phase.UPDATE),)


def _before(it: Iteration, what: str, phase: Phase) -> Origin:
    """The origin of something that the iteration before left."""
    if it.number == 1:
        return Origin(f"{what} before: the start", 0, Phase.START)
    return Origin(f"{what} before, from iteration {it.number - 1}", it.number - 1, phase)


def _explanation(
    it: Iteration, quantity: str, steps: tuple[Step, ...], terms: Terms | None, total: str, result: str,
    sources: tuple[Origin, ...],
) -> Explanation:  # fmt: skip
    known = QUANTITIES[quantity]
    title = f"{known.label[0].upper()}{known.label[1:]}, iteration {it.number}"
    formula = "\n".join(step.letters for step in steps)
    return Explanation(title, known.phase, quantity, formula, steps, terms, total, result, sources)


EXPLAINERS: dict[str, Callable[[Run, Iteration, str], Explanation]] = {
    "batch": _batch,
    "predictions": _predictions,
    "loss": _loss,
    "rmse": _loss,
    "cumulative_loss": _cumulative,
    "cumulative_rmse": _cumulative,
    "gradient": _gradient,
    "accumulator": _accumulator,
    "mean_gradient": _accumulator,
    "weight": _update,
    "bias": _update,
    "momentum": _update,
    "full_loss": _full,
    "full_rmse": _full,
}
"""Quantity, without the side, → its explanation."""
