"""A run as a short Python script that needs NumPy alone and prints the iterations of ``lrstep trace``.

Every formula in it is written from the functions that the engine computes with, so it gives the same bits.
"""

from collections.abc import Sequence
from dataclasses import replace
from textwrap import fill

from lrstep.core import arithmetic
from lrstep.core.dataset import Dataset
from lrstep.core.recorded_run import FreeRun
from lrstep.core.reference import DIRECT_ROWS
from lrstep.core.run import Run
from lrstep.core.symbols import FEW, Leaf, Symbol
from lrstep.errors import LrstepError
from lrstep.export.rows import feature_keys
from lrstep.export.text import KERAS, columns, optimizer_settings
from lrstep.export.update_columns import results
from lrstep.formulas.notation import PYTHON, Writer
from lrstep.formulas.update import SETTINGS, UpdateFormulas, leaves, update_formulas
from lrstep.visible import visible

NUMPY = replace(
    PYTHON,
    calls={"root": "np.sqrt", "sum": "total", "sign": "np.sign", "absolute": "np.abs", "larger": "np.maximum"},
    power=lambda base, exponent: f"np.square({base})" if exponent == "2" else f"{base}**{exponent}",
)
"""Python with NumPy; np.square has the bits of a product."""

WIDTH = 100
"""Columns of a line of data."""


def python_script(run: Run) -> str:
    """The script.

    Raises:
        LrstepError: there are more samples than anyone would read in a script.
    """
    refuse_too_many(run.raw)
    setting = run.settings.rule
    title = f"{_plain(run.dataset.name)}: mini-batch {setting.title}, {', '.join(optimizer_settings(run.settings))}."
    said = "It prints the iterations that `lrstep trace` prints."
    if isinstance(run, FreeRun):
        said = "It takes the recorded steps from the recorded start, each from where its own last step came to."
    parts = [
        f'"""{title}\n\n{said}\n"""\n\nimport numpy as np\n',
        'np.seterr(all="ignore")  # a run that diverges goes on to inf and nan\n',
        data_lines(run),
        _settings(run),
        "\n" + _functions(run),
        "\n" + _update(run),
        "\n" + _loop(run),
    ]
    return "\n".join(parts)


def refuse_too_many(dataset: Dataset) -> None:
    """Raise an LrstepError where the data is too long to stand in a script."""
    if len(dataset) > DIRECT_ROWS:
        message = f"{len(dataset)} samples are too many for a script: at most {DIRECT_ROWS} can stand in it"
        raise LrstepError(message, "Export a .csv or .json file instead, or take fewer samples.")


def data_lines(run: Run) -> str:
    """The features and the label as arrays, and how they are scaled."""
    data = run.raw
    names = (*zip(feature_keys(run), data.features, data.columns, strict=True), ("y", data.label, data.y))
    lines = []
    for key, name, values in names:
        lines.append(f"# {key} is {_plain(name)}")
        text = ", ".join(map(repr, values.tolist()))
        one_line = f"{key} = np.array([{text}])"
        wrapped = fill(text, WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
        lines.append(one_line if len(one_line) <= WIDTH else f"{key} = np.array([\n{wrapped},\n])")
    return "\n".join([*lines, *_scaling_lines(run)]) + "\n"


SCALED = {
    "standard": ("{0}.mean()", "{0}.std()"),
    "minmax": ("{0}.min()", "{0}.max() - {0}.min()"),
}
"""A way of scaling → what is taken off a column and what it is divided by, as expressions."""


def _scaling_lines(run: Run) -> list[str]:
    """The scaling of the arrays; offsets and widths are kept to come back to the data's units."""
    if run.scaling is None:
        return []
    constant = dict(zip((*feature_keys(run), "y"), run.scaling.constant, strict=True))
    offset, width = SCALED[run.settings.scale]
    offsets = ", ".join("0.0" if constant[key] else offset.format(key) for key in constant)
    widths = ", ".join("1.0" if constant[key] else width.format(key) for key in constant)
    return [
        "",
        f"# {run.settings.scale} scaling: what is taken off each column, and what it is divided by",
        f"offsets = np.array([{offsets}])",
        f"widths = np.array([{widths}])",
        *(f"{key} = ({key} - offsets[{i}]) / widths[{i}]" for i, key in enumerate(constant) if not constant[key]),
    ]


def order_of(run: Run) -> str:
    """The order of the samples in an epoch, as an expression; one of its own is in :func:`order_lines`."""
    if run.settings.shuffle:
        return f"np.random.default_rng(({run.settings.seed}, epoch)).permutation(len(y))"
    return "np.arange(len(y))" if run.batches.in_order_of_data else "orders[(epoch - 1) % len(orders)] - 1"


def order_lines(run: Run) -> list[str]:
    """The orders of a run that has its own, as an array of the sample numbers from 1."""
    if run.settings.order is None:
        return []
    texts = (
        fill(str(list(order)), WIDTH, initial_indent="    ", subsequent_indent="     ") for order in run.settings.order
    )
    return ["orders = np.array([", *(f"{text}," for text in texts), "])"]


def python(tree: Symbol, **names: str) -> str:
    """A formula as a Python expression."""
    return Writer(NUMPY, lambda name: names.get(name, name)).write(tree)


def _plain(text: str) -> str:
    """A name from outside, as it can stand in a comment or in a docstring."""
    return visible(text).replace("\\", "\\\\").replace('"', "'")


def _settings(run: Run) -> str:
    formulas = update_formulas(run.settings)
    used = {leaf.name for tree in formulas.trees.values() for leaf in leaves(tree)}
    values = run.settings.rule.bound(run.settings)
    lines = [f"batch_size = {run.batches.size}", f"epochs = {run.settings.epochs}"]
    return "\n".join([*lines, *(f"{name} = {values[name]!r}" for name in SETTINGS if name in used)]) + "\n"


def _functions(run: Run) -> str:
    xs, names = feature_keys(run), parameters_of(run)
    ws, features = [Leaf(name) for name in names[:-1]], [Leaf(x) for x in xs]
    prediction = arithmetic.prediction(ws, features, Leaf(names[-1]))
    return f'''def total(terms):
    """The sum of the terms; few of them one after the other from 0.0 on, as lrstep adds them."""
    return terms.cumsum()[-1] + 0.0 if len(terms) <= {FEW} else terms.sum()


def errors(theta, {", ".join(xs)}, y):
    """Prediction - label of each sample."""
    {", ".join(names)} = theta
    prediction = {python(prediction)}
    return {python(arithmetic.error(Leaf("prediction"), Leaf("y")))}
'''


def parameters_of(run: Run) -> list[str]:
    """Short names of the parameters: w, b, or w_1 … w_k, b."""
    return [name.replace("weight", "w").replace("bias", "b") for name in run.parameters]


def _update(run: Run) -> str:
    """The optimizer's rule as a function of all parameters at once."""
    formulas = update_formulas(run.settings)
    order = results(formulas)
    again = _used_again(formulas, order)
    inputs = ["theta", "g", *formulas.slots, *(["t"] if run.settings.rule.counts else [])]

    def old(name: str) -> str:
        return f"old_{name}" if name in again else name

    made = {id(formulas.trees[name]): name for name in reversed(order) if formulas.trees[name].op}
    writer = Writer(NUMPY, old, made)
    lines, seen = [], dict[int, str]()
    for name in order:
        tree = formulas.trees[name]
        lines.append(f"    {name} = {seen.get(id(tree)) or writer.write(tree)}")
        seen.setdefault(id(tree), name)
    results_ = ", ".join(["theta", *formulas.slots])
    words = f'    """One step of {run.settings.rule.title}, for all parameters at once."""'
    head = f"def update({', '.join(map(old, inputs))}):"
    return "\n".join([head, words, *lines, f"    return {results_}\n"])


def _used_again(formulas: UpdateFormulas, order: Sequence[str]) -> set[str]:
    """Inputs whose value from before the step is needed after their new one is made."""
    inputs = {name: set(formulas.inputs(name)) for name in order}
    return {made for place, name in enumerate(order) for made in order[:place] if f"{made} before" in inputs[name]}


def _loop(run: Run) -> str:
    xs = feature_keys(run)
    slots = [slot.name for slot in run.slots]
    state = ", ".join(["theta", *slots])
    passed = ", ".join(["theta", "gradient", *slots, *(["t"] if run.settings.rule.counts else [])])
    m, error = Leaf("m"), Leaf("error")
    weights = [python(arithmetic.gradient_of_weight(error, Leaf(x), m), **{x: f"{x}[rows]"}) for x in xs]
    loss = arithmetic.mean_squared_error
    squares = python(arithmetic.squared_error_sum(error))
    of_all = python(loss(arithmetic.squared_error_sum(Leaf("full_error")), Leaf("n")), n="len(y)")
    lines = [
        f"theta = np.array({list(run.start.parameters)!r})  # {', '.join(run.parameters)}",
        *(f"{name} = np.array({list(values)!r})" for name, values in run.start.slots.items()),
        "t = 0",
        *order_lines(run),
        *_heading(run),
        "for epoch in range(1, epochs + 1):",
        f"    order = {order_of(run)}",
        "    squares = count = 0",
        "    for batch, first in enumerate(range(0, len(y), batch_size), 1):",
        "        t += 1",
        "        rows = order[first : first + batch_size]",
        "        m = len(rows)",
        f"        error = errors(theta, {', '.join(f'{key}[rows]' for key in (*xs, 'y'))})",
        f"        loss = {python(loss(Leaf(squares), m))}",
        f"        squares, count = squares + {squares}, count + m",
        f"        cumulative_loss = {python(loss(Leaf('squares'), Leaf('count')))}",
        "        gradient = np.array([",
        *(f"            {text}," for text in [*weights, python(arithmetic.gradient_of_bias(error, m))]),
        "        ])",
        f"        {state} = update({passed})",
        f"        full_error = errors(theta, {', '.join((*xs, 'y'))})",
        f"        full_loss = {of_all}",
        f"        numbers = [{', '.join(_numbers())}]",
        '        texts = [f"{number:#.8g}".removesuffix(".").rjust(14) for number in numbers]',
        '        print(f"{t:5} {epoch:5} {batch:5}", *texts)',
        *_in_units_of_data(run),
    ]
    return "\n".join(lines) + "\n"


def _in_units_of_data(run: Run) -> list[str]:
    """The parameters as they fit the data before they were scaled."""
    if run.scaling is None:
        return []
    return [
        "",
        "# in the data's units",
        "weights = theta[:-1] * widths[-1] / widths[:-1]",
        "bias = theta[-1] * widths[-1] + offsets[-1] - (weights * offsets[:-1]).sum()",
        'print("in the data\'s units:", *weights, bias, "RMSE", np.sqrt(full_loss) * widths[-1])',
    ]


def _numbers() -> list[str]:
    """What is printed, in the order of the columns of the table."""
    rmse, cumulative, full = (python(arithmetic.rmse(Leaf(f"{of}loss"))) for of in ("", "cumulative_", "full_"))
    return ["loss", rmse, cumulative, "*gradient", "*theta", "full_loss", full]


def _heading(run: Run) -> list[str]:
    groups = {KERAS: "epoch ", "all data, after": "full "}
    titles = [groups.get(column.group, "") + column.heading for column in columns(run) if column.group]
    return [f'print(" iter epoch batch", *(text.rjust(14) for text in {titles!r}))']
