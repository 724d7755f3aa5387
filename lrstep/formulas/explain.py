"""Explain a phase of an iteration: its quantities, and how batch, predictions, losses and gradients are computed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from lrstep.core import arithmetic
from lrstep.core.arithmetic import rmse, squared_error_sum
from lrstep.core.dataset import Floats, RowNumbers
from lrstep.core.iteration import Iteration, Phase
from lrstep.core.metrics import METRICS
from lrstep.core.reference import DIRECT_ROWS
from lrstep.core.run import Run
from lrstep.core.scaling import WAYS
from lrstep.core.symbols import evaluate, square
from lrstep.core.symbols import total as summed
from lrstep.errors import LrstepError
from lrstep.formulas.explanation import Equation, Explanation, Origin, Terms
from lrstep.formulas.model import ModelFormulas, letter, model_formulas, sums, write_letters, write_numbers
from lrstep.formulas.numerals import agreeing_digits, agreement, exact, put
from lrstep.formulas.quantities import Quantity, listed, quantities
from lrstep.formulas.steps import before, explain_nothing_kept, explain_step, explained
from lrstep.formulas.update import leaves, parameter_letters


def quantities_of(phase: Phase, run: Run) -> tuple[str, ...]:
    """Keys of what can be explained in a phase, the main one first."""
    if phase in (Phase.START, Phase.BATCH):
        return ("batch",)
    if phase is Phase.PREDICTIONS:
        return ("predictions",)
    if phase is Phase.LOSS:
        return (*METRICS, "cumulative_loss", "cumulative_rmse")
    found = tuple(key for key, one in quantities(run).items() if one.phase is phase and one.stem != "step")
    return found or ("nothing_kept",)


def explain(run: Run, iteration: Iteration, phase: Phase, quantity: str | None = None) -> Explanation:
    """Explain one quantity of one phase of an iteration.

    Args:
        run: the run that the iteration belongs to.
        iteration: its quantities.
        phase: which phase.
        quantity: a key of :func:`quantities_of`; without it the phase's main one.

    Raises:
        LrstepError: the phase has no such quantity.
    """
    known = quantities_of(phase, run)
    key = quantity or known[0]
    if key not in known:
        raise LrstepError(f"{key!r} is not computed in this phase", f"It has: {', '.join(known)}.")
    found = quantities(run).get(key)
    made = _explained(run, iteration, phase, key)
    theirs = run.as_it_ran(iteration.number)
    if found is None or key not in theirs:
        return made
    digits = agreement(agreeing_digits(found.value(iteration), theirs[key]))
    return replace(made, keras=f"{exact(theirs[key])}, which agrees to {digits}")


def _explained(run: Run, iteration: Iteration, phase: Phase, key: str) -> Explanation:
    without = {"batch": explain_batch, "predictions": explain_predictions, "nothing_kept": explain_nothing_kept}
    if key in without:
        return without[key](run, iteration)
    of_phase = {Phase.LOSS: explain_loss, Phase.AFTER: explain_loss, Phase.GRADIENT: explain_gradient}
    return of_phase.get(phase, explain_step)(run, iteration, quantities(run)[key])


def explain_batch(run: Run, it: Iteration) -> Explanation:
    """Which samples the batch has."""
    b, size, n, columns = it.batch, run.batches.size, run.batches.n, it.columns
    own = "the order of the data" if run.batches.in_order_of_data else "an order of its own"
    order = "the order of this epoch" if run.batches.varies else f"{own}, the same in each epoch"
    steps: tuple[Equation, ...] = (
        Equation("first = (batch − 1)·size + 1", f"first = ({b} − 1)·{size} + 1 = {(b - 1) * size + 1}"),
        Equation("last = min(batch·size, n)", f"last = min({b}·{size}, {n}) = {it.cumulative_count}"),
        Equation("m = last − first + 1", f"m = {it.cumulative_count} − {(b - 1) * size + 1} + 1 = {it.m}"),
    )

    given: tuple[Floats, ...] = ()
    if run.scaling is not None:
        steps += _scaling_steps(run, it)
        given = tuple(values[it.samples] for values in (*run.raw.columns, run.raw.y))

    def row(i: int) -> tuple[str, ...]:
        return str(it.samples[i] + 1), *(exact(x[i]) for x in (*given, *columns)), exact(it.y[i])

    names = (*run.raw.features, run.raw.label) if given else ()
    terms = Terms(("#", *names, *map(letter, _model(run).features), "y"), it.m, row)
    sources = (Origin(f"the samples: {run.dataset.name}, in {order}"), Origin("batch size: a setting"))
    called = f"Batch {b} of epoch {it.epoch}, iteration {it.number}"
    formula = "samples first … last of the epoch's order"
    return Explanation(called, Phase.BATCH, "batch", formula, steps, terms, "", "", sources)


def _scaling_steps(run: Run, it: Iteration) -> tuple[Equation, ...]:
    """How the columns of the first sample were scaled."""
    scaling, first = run.scaling, it.samples[0]
    assert scaling is not None
    way, raw, used = WAYS[run.settings.scale], run.raw, run.dataset
    names, signs = (*raw.features, raw.label), (*map(letter, _model(run).features), "y")
    columns = zip((*raw.columns, raw.y), (*used.columns, used.y), *scaling, strict=True)
    return tuple(
        Equation(
            f"{sign} = ({name} − {way.offset}) / {way.width}",
            f"{sign} of sample {first + 1} = ({exact(x[first])} − {put(offset)}) / {exact(width)} = {exact(z[first])}",
        )
        for name, sign, (x, z, offset, width, constant) in zip(names, signs, columns, strict=True)
        if not constant
    )


def explain_predictions(run: Run, it: Iteration) -> Explanation:
    """Prediction and error of each sample; the first one written out."""
    model, number = _model(run), it.samples[0] + 1
    y_hat, error = f"ŷ = {model.written('prediction')}", f"error = {model.written('error')}"
    inputs = model.inputs(it, 0)
    first = write_numbers(model.trees["prediction"], inputs)
    steps = (
        *_parameters(run, it.before.parameters, "before"),
        Equation(y_hat, f"ŷ of sample {number} = {first} = {exact(it.prediction[0])}"),
        Equation(
            error, f"error of sample {number} = {write_numbers(model.trees['error'], inputs)} = {exact(it.error[0])}"
        ),
    )
    terms = sample_terms(it.samples, it.columns, it.y, it.before.parameters)
    data = f"{listed([*map(letter, model.features), 'y'])}: the samples of the batch"
    sources = (_letters_before(run, it), Origin(data, it.number, Phase.BATCH))
    called = f"Predictions of iteration {it.number}"
    formula = f"{y_hat},  {error}"
    return Explanation(called, Phase.PREDICTIONS, "predictions", formula, steps, terms, "", "", sources)


def sample_terms(samples: RowNumbers, columns: Sequence[Floats], y: Floats, parameters: Sequence[float]) -> Terms:
    """Rows of samples with prediction, error and squared error of a line or plane, each made when asked for."""
    model = model_formulas(len(columns))

    def row(i: int) -> tuple[str, ...]:
        with np.errstate(all="ignore"):
            features = [x[i] for x in columns]
            prediction = arithmetic.prediction(parameters[:-1], features, parameters[-1])
            error = arithmetic.error(prediction, y[i])
            shown = (*features, y[i], prediction, error, square(error))
        return (str(samples[i] + 1), *map(exact, shown))

    return Terms(("#", *map(letter, model.features), "y", "ŷ", "error", "error²"), len(y), row)


def explain_loss(run: Run, it: Iteration, quantity: Quantity) -> Explanation:
    """A loss, or its root: of the batch, of the epoch so far, of all samples after the update."""
    of_stem = {"cumulative": _cumulative, "full": _full}
    return of_stem.get(quantity.key.partition("_")[0], _metric)(run, it, quantity)


def _metric(run: Run, it: Iteration, quantity: Quantity) -> Explanation:
    """A figure of the batch, after those that it is computed from; of the sums in it a column each."""
    model = _model(run)
    tree, columns = model.trees[quantity.key], {"prediction": it.prediction, "error": it.error, "y": it.y}
    table = sample_terms(it.samples, it.columns, it.y, it.before.parameters)
    nodes, inputs = sums(tree), {leaf.name for leaf in leaves(tree)}
    with np.errstate(all="ignore"):
        terms = {write_letters(node.args[0]): evaluate(node.args[0], columns) for node in nodes}
        totals = {id(node): summed(values) for node, values in zip(nodes, terms.values(), strict=True)}
    shown = {name: values for name, values in terms.items() if name not in table.headers}
    heads = (*table.headers, *shown)
    rows = Terms(heads, it.m, lambda i: (*table.row(i), *(exact(values[i]) for values in shown.values())))
    said = "\n".join(f"Σ {name} = {exact(total)}" for name, total in zip(terms, totals.values(), strict=True))
    steps = _metric_steps(run, quantity.key, "m", it.m, it.metrics, totals)
    sources = []
    if made := [letter(name) for name in ("prediction", "error") if name in inputs]:
        sources.append(Origin(f"{listed(made)}: this iteration's predictions", it.number, Phase.PREDICTIONS))
        sources.append(_letters_before(run, it))
    if "y" in inputs:
        sources.append(Origin("y: the samples of the batch", it.number, Phase.BATCH))
    return explained(it, quantity, steps, rows, said, tuple(sources))


def _cumulative(run: Run, it: Iteration, quantity: Quantity) -> Explanation:
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
    steps = _loss_steps(run, quantity, "count", total, it.cumulative_count, it.cumulative_loss)
    sources = [Origin("L of this batch", it.number, Phase.LOSS)]
    if it.batch > 1:
        earlier = f"m·L before this batch, from iteration {first} on"
        sources.insert(0, Origin(earlier, first, Phase.LOSS))
    return explained(it, quantity, steps, terms, f"Σ error² = Σ m·L = {exact(total)}", tuple(sources))


def _full(run: Run, it: Iteration, quantity: Quantity) -> Explanation:
    data, after = run.dataset, it.after.parameters
    n = len(data)
    with np.errstate(all="ignore"):
        if n <= DIRECT_ROWS:
            total = squared_error_sum(arithmetic.error(it.after.predictions(data.columns), data.y))
        else:
            total = it.full_loss * n
    terms = sample_terms(np.arange(n), data.columns, data.y, after)
    steps = (*_parameters(run, after, "after"), *_loss_steps(run, quantity, "n", total, n, it.full_loss))
    sources = (
        Origin(f"{listed(parameter_letters(run.parameters))}: this iteration's update", it.number, Phase.UPDATE),
        Origin(f"{listed([*map(letter, _model(run).features), 'y'])}: all samples"),
    )
    return explained(it, quantity, steps, terms, f"Σ error² = {exact(total)}", sources)


def _loss_steps(run: Run, quantity: Quantity, count: str, total: float, m: int, loss: float) -> tuple[Equation, ...]:
    """The loss of other samples than the batch, from its sum; for their RMSE its root too."""
    (sum_,) = sums(_model(run).trees["loss"])
    key = "loss" if quantity.key.endswith("loss") else "rmse"
    return _metric_steps(run, key, count, m, {"loss": loss, "rmse": rmse(loss)}, {id(sum_): total})


def _metric_steps(
    run: Run, key: str, count: str, m: int, values: Mapping[str, float], totals: Mapping[int, float]
) -> tuple[Equation, ...]:
    """A line for a figure and for each that it is computed from.

    Args:
        run: the run. key: of the figure. count: what the number of samples is called. m: that number.
        values: of all figures. totals: of the sums, by the identity of their nodes.
    """
    trees = _model(run).trees
    nodes = {id(node) for node in trees[key].nodes()}
    chain = [metric for metric in METRICS.values() if id(trees[metric.key]) in nodes]
    letters = {id(trees[metric.key]): metric.symbol for metric in chain}
    known = {f"sum {node}": total for node, total in totals.items()}
    names = {id(trees[metric.key]): metric.key for metric in chain} | {node: f"sum {node}" for node in totals}
    steps = []
    for metric in chain:
        tree = trees[metric.key]
        numbers = write_numbers(tree, {"m": m, **values, **known}, names)
        written = write_letters(tree, count=count, named=letters)
        steps.append(
            Equation(f"{metric.symbol} = {written}", f"{metric.symbol} = {numbers} = {exact(values[metric.key])}")
        )
    return tuple(steps)


def explain_gradient(run: Run, it: Iteration, quantity: Quantity) -> Explanation:
    """2/m times a sum over the samples, term by term."""
    assert quantity.parameter is not None
    tree = _model(run).gradients[quantity.parameter]
    (sum_,) = sums(tree)
    term = sum_.args[0]
    columns = {"error": it.error} | dict(zip(_model(run).features, it.columns, strict=True))
    with np.errstate(all="ignore"):
        products = evaluate(term, columns)
        total = summed(products)
    name, shown = write_letters(term), {letter(leaf.name): columns[leaf.name] for leaf in leaves(sum_)}
    shown.setdefault(name, products)
    value, symbol = quantity.value(it), quantity.symbol
    numbers = write_numbers(tree, {"m": it.m, "sum": total}, {id(sum_): "sum"})
    steps = (Equation(f"{symbol} = {quantity.formula}", f"{symbol} = {numbers} = {exact(value)}"),)
    sources = [Origin("error: this iteration's predictions", it.number, Phase.PREDICTIONS)]
    if features := [one for one in [*shown][:-1] if one != "error"]:
        sources.append(Origin(f"{features[0]}: the samples of the batch", it.number, Phase.BATCH))
    terms = Terms(("#", *shown), it.m, lambda i: (str(it.samples[i] + 1), *(exact(x[i]) for x in shown.values())))
    return explained(it, quantity, steps, terms, f"Σ {name} = {exact(total)}", tuple(sources))


def _model(run: Run) -> ModelFormulas:
    return model_formulas(len(run.parameters) - 1)


def _parameters(run: Run, numbers: Sequence[float], when: str) -> tuple[Equation, ...]:
    """A line of each parameter: what its letter stands for, and its number."""
    named = zip(run.parameters, parameter_letters(run.parameters), numbers, strict=True)
    return tuple(
        Equation(f"{sign} = {name.replace('_', ' ')} {when} the update", f"{sign} = {exact(value)}")
        for name, sign, value in named
    )


def _letters_before(run: Run, it: Iteration) -> Origin:
    return before(run, it, listed(parameter_letters(run.parameters)), Phase.UPDATE)
