"""Words and numbers of a match: formulas with an iteration's numbers put in, places, sentences."""

from collections.abc import Callable
from functools import partial

from lrstep.core.iteration import Iteration
from lrstep.core.metrics import METRICS
from lrstep.core.run import Run
from lrstep.core.symbols import evaluate
from lrstep.formulas.enough_digits import with_enough_digits
from lrstep.formulas.model import model_formulas, summed, sums, write_numbers
from lrstep.formulas.quantities import Quantity
from lrstep.formulas.steps import result_name, step_numbers
from lrstep.formulas.update import parameter_letters, update_formulas

Text = Callable[[float], str]
"""How a number is written inside a formula."""

SUMS = {"cumulative": ("epoch_sse", "count"), "full": ("full_sse", "n")}
"""Which samples a loss is about, beside those of the batch → its sum and its count, see :func:`names`."""


def names(run: Run, it: Iteration, quantity: Quantity, text: Text) -> dict[str, str]:
    """The right numbers of an iteration by the names that templates use.

    Names: m, n, count, size; sse, epoch_sse, full_sse (sums of squared errors of the batch, of the epoch so far, of
    all samples); batch_sse, batch_m (those of the batch, whatever the quantity is of); after and after_weights (all
    parameters, or the weights, after the update, as "w = …, b = …"); and of the parameter that the quantity belongs
    to: v0 (the accumulator before), sum (Σ error·x), other_g (the gradient at the other end of the list); kept is ρ.
    """
    p, settings = quantity.parameter or 0, run.settings
    numbers: dict[str, float] = {
        "m": it.m, "n": len(run.dataset), "count": it.cumulative_count, "size": run.batches.size,
        "sse": it.loss * it.m, "batch_sse": it.loss * it.m, "batch_m": it.m,
        "epoch_sse": it.cumulative_loss * it.cumulative_count,
        "full_sse": it.full_loss * len(run.dataset), "sum": summed(it.gradient[p], it.m),
        "other_g": it.gradient[len(it.gradient) - 1 - p],
        "v0": it.before.slots.get("accumulator", (0.0,) * (p + 1))[p],
        "kept": settings.rho or settings.beta_2 or 0.0,
    }  # fmt: skip
    lines = [f"{sign} = {text(value)}" for sign, value in
             zip(parameter_letters(run.parameters), it.after.parameters, strict=True)]  # fmt: skip
    texts = {name: text(value) for name, value in numbers.items()}
    return texts | {"after": ", ".join(lines), "after_weights": ", ".join(lines[:-1])}


def right_numbers(run: Run, it: Iteration, quantity: Quantity) -> str:
    """The right formula of a quantity with the numbers of an iteration."""
    return with_enough_digits(partial(_right_numbers, run, it, quantity), quantity.value(it))


def _right_numbers(run: Run, it: Iteration, quantity: Quantity, text: Text) -> str:
    p, model = quantity.parameter, model_formulas(len(run.parameters) - 1)
    if quantity.key in METRICS:
        tree = model.trees[quantity.key]
        columns = {"prediction": it.prediction, "error": it.error, "y": it.y}
        found = {id(node): evaluate(node, columns) for node in sums(tree)}
        totals = {f"sum {node}": total for node, total in found.items()}
        return write_numbers(tree, {"m": it.m, **totals}, {node: f"sum {node}" for node in found}, text)
    if p is None:
        about, _, kind = quantity.key.rpartition("_")
        known = names(run, it, quantity, text)
        total, count = (known[name] for name in SUMS[about])
        return f"√({total}/{count})" if kind == "rmse" else f"{total}/{count}"
    if quantity.stem == "gradient":
        tree = model.gradients[p]
        (sum_,) = sums(tree)
        inputs = {"m": it.m, "sum": summed(it.gradient[p], it.m)}
        return write_numbers(tree, inputs, {id(sum_): "sum"}, text)
    result = result_name(run.settings, quantity.stem)
    return update_formulas(run.settings_at(it.number)).with_numbers(result, step_numbers(run, it, p), text)


def sample_numbers(run: Run, it: Iteration, quantity: str, at: int) -> str:
    """The formula of a quantity of one sample with its numbers; empty for what is given."""
    model = model_formulas(len(run.parameters) - 1)
    if quantity not in ("prediction", "error", "squared_error"):
        return ""
    inputs = model.inputs(it, at)
    tree = model.trees[quantity]
    return with_enough_digits(lambda text: write_numbers(tree, inputs, text=text), float(evaluate(tree, inputs)))


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
