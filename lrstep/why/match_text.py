"""Words and numbers of a match: formulas with an iteration's numbers put in, places, sentences."""

from lrstep.core.iteration import Iteration
from lrstep.core.run import Run
from lrstep.formulas.numerals import short
from lrstep.formulas.quantities import quantities

RIGHT_NUMBERS = {
    "cumulative_rmse": "√({epoch_sse}/{count})",
    "cumulative_loss": "{epoch_sse}/{count}",
    "full_rmse": "√({full_sse}/{n})",
    "full_loss": "{full_sse}/{n}",
    "rmse": "√({sse}/{m})",
    "loss": "{sse}/{m}",
    "weight": "{theta} − {step}",
    "bias": "{theta} − {step}",
    "gradient": "2/{m}·{sum}",
    "accumulator": "{rho}·{v0} + (1 − {rho})·{g}²",
    "mean_gradient": "{rho}·{a0} + (1 − {rho})·{g}",
    "momentum": "{mu}·{M0} + {lr}·{g}/{root}",
    "step": "{lr}·{g}/{root}",
}
"""Quantity without the side → its right formula with names of :func:`names` in place of the letters."""


def names(run: Run, it: Iteration, quantity: str) -> dict[str, str]:
    """The right numbers of an iteration by the names that templates use, rounded, negative ones in parentheses.

    Names: m, n, count, size, t; lr, rho, eps, mu; sse, epoch_sse, full_sse (sums of squared errors of the
    batch, of the epoch so far, of all samples); w, b before and w1, b1 after the update; and of the side
    that the quantity belongs to: theta, v0, a0, M0 before, v, step, root, g, sum (Σ error·x), other_g (of
    the other side); under and under0 are what stands beside ε under the root, after and before the step.
    """
    c, side = run.settings, run.parameters[quantities(run)[quantity].parameter or 0]
    made = it.update_weight if side == "weight" else it.update_bias
    g, other = it.gradient if side == "weight" else it.gradient[::-1]
    numbers: dict[str, float] = {
        "m": it.m, "n": len(run.dataset), "count": it.cumulative_count, "size": run.batches.size, "t": it.number,
        "lr": c.learning_rate, "rho": c.rho, "eps": c.epsilon, "mu": c.momentum,
        "sse": it.loss * it.m, "epoch_sse": it.cumulative_loss * it.cumulative_count,
        "full_sse": it.full_loss * len(run.dataset),
        "w": it.before.weight, "b": it.before.bias, "w1": it.after.weight, "b1": it.after.bias,
        "theta": getattr(it.before, side), "v0": getattr(it.before, f"accumulator_{side}"),
        "a0": getattr(it.before, f"mean_gradient_{side}"), "M0": getattr(it.before, f"momentum_{side}"),
        "v": made.v, "step": made.step, "root": made.denominator,
        "g": g, "other_g": other, "sum": g * it.m / 2,
    }  # fmt: skip
    texts = {name: _put(value) for name, value in numbers.items()}
    before, after = (texts["v0"], texts["a0"]), (texts["v"], _put(made.a))
    under0, under = (f"{v} − {a}²" if c.centered else v for v, a in (before, after))
    return texts | {"under": under, "under0": under0}


def right_numbers(run: Run, it: Iteration, quantity: str) -> str:
    """The right formula of a quantity with the numbers of an iteration."""
    stem = quantity.removesuffix("_weight").removesuffix("_bias")
    template = RIGHT_NUMBERS[stem]
    if stem == "step" and run.settings.momentum > 0:
        template = RIGHT_NUMBERS["momentum"]
    return template.format(**names(run, it, quantity))


def sample_numbers(it: Iteration, quantity: str, place: int) -> str:
    """The formula of a quantity of one sample with its numbers; empty for what is given."""
    x, y, prediction = (_put(float(values[place])) for values in (it.x, it.y, it.prediction))
    match quantity:
        case "prediction":
            return f"{_put(it.before.weight)}·{x} + {_put(it.before.bias)}"
        case "error":
            return f"{prediction} − {y}"
        case "squared_error":
            return f"({prediction} − {y})²"
        case _:
            return ""


def place(run: Run, iteration: int) -> str:
    """Where an iteration is: its number, epoch and batch."""
    if iteration == 0:
        return "the start"
    if run.n_iterations == 1:
        return "iteration 1"
    epoch, batch = run.batches.position(iteration)
    if run.batches.per_epoch == 1:
        return f"iteration {iteration} (epoch {epoch})"
    return f"iteration {iteration} (epoch {epoch}, batch {batch})"


def _put(value: float) -> str:
    text = short(value)
    return f"({text})" if text.startswith("-") else text
