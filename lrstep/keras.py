"""Records how Keras trains a linear model, step by step, into one text file.

    model.fit(x, y, epochs=4, callbacks=[Recorder("run.toml")])

It needs Keras 3 and NumPy and nothing else: ``lrstep recorder > lrstep_recorder.py`` prints this file, to lie beside
a notebook. The training itself is the same to the last bit with and without it. docs/recording.md describes what is
written; ``lrstep run.toml`` is what reads it.

How: for the time of one ``fit`` the model's ``train_step`` is replaced by one that calls it and adds a tensor to the
logs that it returns; that tensor is taken out again before Keras sees the logs. So what is recorded was computed by
the very function that trains, also where that is compiled.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import itertools
import json
import os
import platform
import sys
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

FORMAT = 1
"""Version of the file's format."""

FIRST_LINE = "# A training run recorded from Keras, step by step; open it with: lrstep FILE"
KEY = "_lrstep_recorder"
"""The name under which the recorded tensor travels in the logs."""

INLINE_VALUES = 4000
"""Data of more numbers than this goes to a CSV file beside the recording."""

AT_ONCE = 512
"""Tensors are kept as the backend made them until there are so many."""

LINEAR = "lrstep steps through linear regression: Sequential([Input((k,)), Dense(1)]) with loss='mse'."


class RecordingError(RuntimeError):
    """A fit that cannot be recorded.

    Args:
        problem: what stands against it, naming the thing.
        mend: what to do.
    """

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(f"this fit cannot be recorded: {problem}. {mend}")
        self.problem, self.mend = problem, mend


def _as_recording_error(error: Exception) -> RecordingError:
    """Any error as one that says what to do; other kinds mean a Keras that this file does not know."""
    if isinstance(error, RecordingError):
        return error
    what = f"the recorder does not understand Keras {keras.__version__} here ({type(error).__name__}: {error})"
    return RecordingError(what, "Tell the makers of lrstep, or try Keras 3.15")


class _Kind(NamedTuple):
    """An optimizer in lrstep's words.

    Attributes:
        name: of the optimizer.
        settings: Keras's names of them.
        slots: Keras's names → lrstep's.
        counts: whether a step depends on its number.
    """

    name: str
    settings: tuple[str, ...]
    slots: dict[str, str]
    counts: bool = False

    def settings_of(self, optimizer: Any) -> dict[str, float | bool]:
        """Its settings, in lrstep's words: those of Keras without ``_value``."""
        given = {name.removesuffix("_value"): getattr(optimizer, name) for name in self.settings}
        return {name: value if isinstance(value, bool) else float(value) for name, value in given.items()}


KINDS = {
    "RMSprop": _Kind(
        "rmsprop",
        ("rho", "momentum", "epsilon", "centered"),
        {"velocity": "accumulator", "momentum": "momentum", "average_gradient": "mean_gradient"},
    ),
    "SGD": _Kind("sgd", ("momentum", "nesterov"), {"momentum": "momentum"}),
    "Adagrad": _Kind("adagrad", ("initial_accumulator_value", "epsilon"), {"accumulator": "accumulator"}),
    "Adam": _Kind(
        "adam",
        ("beta_1", "beta_2", "epsilon"),
        {"momentum": "mean_gradient", "velocity": "accumulator"},
        counts=True,
    ),
}
"""Class name in ``keras.optimizers`` → what is recorded of it."""

Refusals = Iterator[tuple[str, str]]


def _model_refusals(model: Any) -> Refusals:
    kind, own = type(model), vars(model)
    if not isinstance(model, keras.Model):
        yield f"the model is a {kind.__module__.split('.')[0]} model", "Build it with Keras 3: import keras."
    if "train_step" in own:
        yield "its train step is replaced already", "One Recorder is enough; take other wrappers off."
    for name in own.keys() & {"call", "compute_loss"}:
        yield f"the model's {name} is replaced", LINEAR
    if not (kind.__module__.startswith("keras.") and kind.__name__ in ("Sequential", "Functional")):
        yield f"the model is a class of its own, {kind.__name__}", LINEAR
    passing = (keras.layers.InputLayer, keras.layers.Concatenate)
    layers = [layer for layer in model.layers if not isinstance(layer, passing)]
    if any(isinstance(layer, keras.layers.Normalization) for layer in layers):
        yield "the model has a Normalization layer", "Take it out and fit on what it gives: model.fit(layer(x), y)."
    if len(layers) != 1:
        yield f"the model has {len(layers)} layers", LINEAR
    if type(layers[0]) is not keras.layers.Dense:
        yield f"its layer is {type(layers[0]).__name__}, not Dense", LINEAR
    yield from _layer_refusals(layers[0])
    if kind.__name__ == "Functional":
        yield from _graph_refusals(model, layers[0])
    if not model.trainable:
        yield "the model is not trainable", "Set model.trainable = True before compile."
    if getattr(model, "losses", None):
        yield "the model adds losses of its own (add_loss, a regularizer)", "Leave them out."
    if model.steps_per_execution != 1:
        steps = model.steps_per_execution
        yield f"steps_per_execution is {steps}", "Compile with steps_per_execution=1; the numbers are the same."
    if keras.backend.backend() == "torch" and model.jit_compile:
        yield "torch compiles the train step", "Compile the model with jit_compile=False."
    replicas = getattr(getattr(model, "distribute_strategy", None), "num_replicas_in_sync", 1)
    if replicas != 1 or keras.distribution.distribution() is not None:
        yield "the training is distributed over several devices", "Train on one, without a strategy or distribution."


def _layer_refusals(layer: Any) -> Refusals:
    if layer.units != 1:
        yield f"the layer has {layer.units} units", LINEAR
    if layer.activation is not keras.activations.linear:
        name = getattr(layer.activation, "__name__", type(layer.activation).__name__)
        yield f"the layer has the activation {name}", "Leave the activation out."
    if not layer.use_bias:
        yield "the layer has no bias", "Leave use_bias=False out; a column of ones is a feature like any other."
    parts = ("kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint")
    for name in parts:
        if getattr(layer, name) is not None:
            yield f"the layer has a {name.partition('_')[2]} ({name})", "Leave it out."
    if not layer.trainable:
        yield f"the layer {layer.name} is not trainable", "Set its trainable to True before compile."
    if getattr(layer, "lora_enabled", False) or getattr(layer, "quantization_mode", None):
        yield "the layer is quantized or has LoRA weights", "Use a plain Dense(1)."
    policy, floatx = layer.dtype_policy, keras.config.floatx()
    if policy.compute_dtype != policy.variable_dtype or policy.variable_dtype not in ("float32", "float64"):
        yield f"the layer computes in {policy.name}", "Use float32 or float64 throughout, no mixed precision."
    if policy.variable_dtype != floatx:
        yield (
            f"the layer computes in {policy.name}, and Keras its loss in {floatx}",
            f"Call keras.config.set_floatx('{policy.variable_dtype}') first, and build the model after it.",
        )
    if policy.variable_dtype == "float64" != keras.backend.result_type("float64", "float64"):
        backend = keras.backend.backend()
        yield f"Keras on {backend} computes in float32 what is float64", "Take float32 throughout, or TensorFlow."


def _graph_refusals(model: Any, layer: Any) -> Refusals:
    if len(model.outputs) != 1:
        yield f"the model has {len(model.outputs)} outputs", LINEAR
    if not _inputs(model):
        yield "the model computes more than its Dense layer", LINEAR
    for given in model.inputs:
        if given.dtype != layer.variable_dtype:
            yield f"the input {given.name} is of {given.dtype}", f"Make it {layer.variable_dtype}: leave its dtype out."


class _Input(NamedTuple):
    """An input of a model: its name, its place among all of them, and how many features it has."""

    name: str
    place: int
    width: int


def _dense(model: Any) -> Any:
    return next(layer for layer in model.layers if isinstance(layer, keras.layers.Dense))


def _inputs(model: Any) -> list[_Input]:
    """The inputs in the order in which the Dense layer has them, alone or put together by a Concatenate.

    Empty if it is given anything else, or is not the last.
    """
    if type(model).__name__ == "Sequential":
        return [_Input("x", 0, 0)]
    tensors = model.outputs
    for kind in (keras.layers.Dense, keras.layers.Concatenate):
        made_by = tensors[0]._keras_history
        if type(made_by.operation) is kind and getattr(made_by.operation, "axis", -1) in (-1, 1):
            tensors = made_by.operation._inbound_nodes[made_by.node_index].input_tensors
    places = {id(tensor): place for place, tensor in enumerate(model.inputs)}
    if sorted(map(id, tensors)) != sorted(places) or (len(tensors) > 1 and any(len(t.shape) != 2 for t in tensors)):
        return []
    return [_Input(tensor.name, places[id(tensor)], tensor.shape[-1]) for tensor in tensors]


def _parts(x: Any, inputs: list[_Input]) -> list[Any]:
    """What x has for each of the inputs, in their order."""
    given = [*x] if isinstance(x, dict) else []
    if others := [str(name) for name in given if name not in [each.name for each in inputs]]:
        problem = f"x has arrays that are no inputs of the model: {', '.join(others)}"
        mend = "Leave them out: with them Keras takes the arrays in the order of their names, whatever the inputs are."
        raise RecordingError(problem, mend)
    if not isinstance(x, dict | list | tuple):
        x = [x]
    if len(x) != len(inputs):
        raise RecordingError("x has not one array for each input", "Name them as the inputs are: {'name': array, …}.")
    return [x[each.name if given else each.place] for each in inputs]


def _joined(x: Any, inputs: list[_Input], dtype: str) -> Any:
    """A batch as the Dense layer has it, shape (m, k)."""
    ops, parts = keras.ops, _parts(x, inputs)
    if len(parts) == 1:
        return parts[0]
    shaped = zip(parts, inputs, strict=True)
    return ops.concatenate([ops.reshape(ops.cast(part, dtype), (-1, each.width)) for part, each in shaped], axis=1)


def _loss_refusals(model: Any) -> Refusals:
    loss = model.loss
    if isinstance(loss, list | tuple | dict) and len(loss) == 1:
        loss = next(iter(loss.values() if isinstance(loss, dict) else loss))
    loss = keras.losses.get(loss)
    name = getattr(loss, "name", None) or getattr(loss, "__name__", str(loss))
    if type(loss) is keras.losses.MeanSquaredError:
        if loss.reduction != "sum_over_batch_size":
            yield f"the loss is reduced by {loss.reduction}", "Leave reduction out: lrstep has the mean over a batch."
        if loss.dtype != keras.config.floatx():
            yield f"the loss computes in {loss.dtype}", "Leave its dtype out."
    elif loss is not keras.losses.mean_squared_error:
        yield f"the loss is {name}", "Compile with loss='mse'."
    if getattr(getattr(model, "_compile_loss", None), "_user_loss_weights", None) is not None:
        yield "the loss is weighted (loss_weights)", "Leave loss_weights out."


def _optimizer_refusals(optimizer: Any) -> Refusals:
    kind = type(optimizer).__name__
    own = type(optimizer).__module__.startswith("keras.")  # on torch it is a class of Keras's backend
    if kind not in KINDS or not own or not isinstance(optimizer, getattr(keras.optimizers, kind)):
        yield f"the optimizer is {kind}", f"lrstep has {', '.join(KINDS)}, as Keras makes them."
    for name in vars(optimizer).keys() & {"update_step", "apply", "apply_gradients", "stateless_apply"}:
        yield f"the optimizer's {name} is replaced", "Take it as Keras makes it."
    for name in ("clipnorm", "clipvalue", "global_clipnorm"):
        if getattr(optimizer, name) is not None:
            yield f"the optimizer clips the gradient ({name})", f"Leave {name} out."
    for name in ("weight_decay", "use_ema", "gradient_accumulation_steps", "loss_scale_factor"):
        if getattr(optimizer, name):
            yield f"the optimizer has {name}", f"Leave {name} out."
    if getattr(optimizer, "amsgrad", False):
        yield "the optimizer is Adam with amsgrad", "Leave amsgrad out."
    for name in KINDS[kind].settings:
        value = getattr(optimizer, name)
        below = 1e30 if name in ("epsilon", "initial_accumulator_value") else 1
        usual = isinstance(value, bool) or 0 <= value < below or (name == "momentum" and value == 1)
        if not usual:
            yield f"the optimizer has {name}={value}", "Take the usual range: ε is not below 0, the others 0 … below 1."
    rate = optimizer._learning_rate
    schedule = isinstance(rate, keras.optimizers.schedules.LearningRateSchedule)
    if not isinstance(rate, keras.Variable) and not (schedule and type(rate).__module__.startswith("keras.")):
        yield (
            f"its learning rate is a {'schedule' if schedule else 'function'} of your own, {type(rate).__name__}",
            "Set the rate in a LearningRateScheduler callback, which can be recorded, or take a schedule of Keras.",
        )


def _fit_refusals(fit: dict[str, Any]) -> Refusals:
    for name in ("sample_weight", "class_weight"):
        if fit.get(name) is not None:
            yield f"the samples are weighted ({name})", f"Leave {name} out."
    x = fit.get("x")
    if fit.get("steps_per_epoch") is not None and (isinstance(x, dict | list | tuple) or hasattr(x, "__array__")):
        yield "steps_per_epoch cuts the epochs", "Leave it out: an epoch is one pass over the samples."


def _fit_arguments(model: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments of the ``fit`` that is running, as Keras has them by now (without the validation split, which makes
    arrays of tables), and as they were given (to the wrapper that Keras puts around ``fit``)."""
    frame = sys._getframe()
    while frame := frame.f_back:  # type: ignore[assignment]
        if frame.f_code.co_name == "fit" and frame.f_locals.get("self") is model:
            around = frame.f_back.f_locals if frame.f_back else {}
            given = dict(zip(frame.f_code.co_varnames, around.get("args", ()), strict=False)) | around.get("kwargs", {})
            return dict(frame.f_locals), given if given.get("self") is model else {}
    return {}, {}


class _Samples:
    """The samples as Keras trains on them, and which number belongs to which bytes.

    Args:
        x: features, for each input of the model an array-like of shape (n,) or (n, k).
        y: labels, array-like of shape (n,) or (n, 1).
        dtype: the type that the model computes in.
        named: what has the names of the columns, as x and as y.
        inputs: names of the inputs.
    """

    def __init__(self, x: list[Any], y: Any, dtype: str, named: tuple[list[Any], Any], inputs: list[str]) -> None:
        parts, y = [*map(_columns, x, inputs, itertools.repeat(dtype))], _columns(y, "y", dtype)
        if y.shape[1] != 1:
            raise RecordingError(f"y has {y.shape[1]} columns", "Give one label for each sample.")
        lengths = {len(part) for part in parts}
        if lengths != {len(y)} or not len(y):
            rows = " and ".join(map(str, sorted(lengths)))
            raise RecordingError(f"x has {rows} rows and y has {len(y)}", "Give each sample both.")
        widths = [part.shape[1] for part in parts]
        self.features = [*itertools.chain(*map(_names, named[0], inputs, widths))]
        (self.label,) = _names(named[1], "y", 1)
        if len(set(self.features)) != len(self.features):
            self.features = [f"x{i + 1}" for i in range(sum(widths))]
        while self.label in self.features:
            self.label += "_"
        self.rows = np.concatenate([*parts, y], axis=1)
        self.number: dict[bytes, int] = {}
        self.twins: dict[int, list[int]] = {}
        for number, key in enumerate(_keys(self.rows)):
            first = self.number.setdefault(key, number)
            if first != number:
                self.twins.setdefault(first, [first]).append(number)

    def find(self, rows: Any) -> Any:
        """Numbers of rows (m, k + 1) as an array (m,); of equal samples the first, −1 for what is none of them."""
        return np.array([self.number.get(key, -1) for key in _keys(rows)], dtype=np.int64)

    def dealt(self, numbers: Any) -> Any:
        """The numbers of one epoch, with those of equal samples dealt out one after the other."""
        if not self.twins:
            return numbers
        left = {first: iter(group) for first, group in self.twins.items()}
        dealt = [next(left[number], number) if number in left else number for number in numbers.tolist()]
        return np.array(dealt, dtype=np.int64)


def _keys(rows: Any) -> list[bytes]:
    raw = np.ascontiguousarray(rows)
    return list(raw.view(f"V{raw.itemsize * raw.shape[1]}").ravel().tolist())


def _columns(values: Any, name: str, dtype: str) -> Any:
    """An array as the model has it, shape (n, columns)."""
    tensor = keras.ops.is_tensor(values)
    array = np.asarray(keras.ops.convert_to_numpy(values) if tensor else values)
    if array.dtype.kind == "O":  # as pandas gives columns of several types, such as float and bool
        array = np.array([*_numbers(array, name, dtype)])
    if array.dtype.kind not in "buif":
        raise RecordingError(f"{name} holds no numbers ({array.dtype})", "Give NumPy arrays of numbers.")
    if array.ndim not in (1, 2):
        raise RecordingError(f"{name} has the shape {array.shape}", "Give one row for each sample.")
    with np.errstate(over="ignore"):
        cast = array.reshape(len(array), -1).astype(dtype)
    wrong = np.flatnonzero(~np.isfinite(cast).all(axis=1))
    if len(wrong):
        raise RecordingError(f"{name} is not finite in row {wrong[0] + 1}", "Leave such rows out before fit.")
    return cast


def _numbers(rows: Any, name: str, dtype: str) -> Iterator[Any]:
    """Rows of objects as numbers."""
    for number, row in enumerate(rows, start=1):
        try:
            yield np.asarray(row, dtype)
        except (TypeError, ValueError):
            mend = "Give NumPy arrays of numbers; leave rows with missing values out before fit."
            raise RecordingError(f"{name} holds something that is no number in row {number}", mend) from None


def _names(values: Any, name: str, count: int) -> list[str]:
    """Names of so many columns, those of pandas where it gives some."""
    names = getattr(values, "columns", None)
    if names is None:
        names = [getattr(values, "name", None) if hasattr(values, "iloc") else None]
    if len(names) != count:
        names = [name] if count == 1 else [f"{name}{i + 1}" for i in range(count)]
    return [name if text is None else _plain(str(text)) or name for text in names]


def _plain(text: str) -> str:
    """A name without what would need quoting in a table."""
    kept = "".join(sign if sign.isprintable() and sign not in "\",'\\" else " " for sign in text)
    return " ".join(kept.split())[:60]


@contextlib.contextmanager
def _replaced(thing: Any, name: str, call: Callable[..., Any]) -> Iterator[None]:
    """Another function in the place of a method, on this one object and for a while."""
    vars(thing)[name] = call
    try:
        yield
    finally:
        del vars(thing)[name]


class _Tap:
    """Stands in the train step of a model and hands out a tensor a step.

    Args:
        model: built and compiled; its optimizer is built too.
        inputs: of the model, as its Dense layer has them.
        slots: the optimizer's variables by slot, each as [that of the kernel, that of the bias].
        dtype: of the model.
        take: is given the tensor of each step.
        end: is called when a step raises, and the fit therefore ends.
    """

    def __init__(
        self,
        model: Any,
        inputs: list[_Input],
        slots: dict[str, list[Any]],
        dtype: str,
        take: Callable[[Any], None],
        end: Callable[[], None],
    ) -> None:
        self.model, self.inputs, self.dtype, self.take, self.end = model, inputs, dtype, take, end
        self.optimizer = model.optimizer
        self.variables = [*model.trainable_variables, *itertools.chain(*slots.values())]
        self.printed: list[str] = []
        self.problem: RecordingError | None = None
        self.jax = keras.backend.backend() == "jax"
        self.train_step = model.train_step
        self.untapped = model.train_function
        vars(model)["train_step"] = self._step
        try:
            model.make_train_function(force=True)
        except BaseException:
            del vars(model)["train_step"]
            raise
        self.tapped = model.train_function
        model.train_function = self._run

    def remove(self) -> None:
        """Leave the model as it was."""
        vars(self.model).pop("train_step", None)
        self.model.train_function = self.untapped

    def _run(self, *args: Any) -> Any:
        """Keras's train function, whose logs are Keras's own again."""
        try:
            result = self.tapped(*args)
        except BaseException as error:
            # The end of data of unknown length is no failure, and Keras goes on after it.
            if not isinstance(error, StopIteration) and type(error).__name__ != "OutOfRangeError":
                self.end()
            raise
        logs = result[0] if self.jax else result
        extras = logs.pop(KEY, None)
        if extras is not None:
            self.take(extras)
        return result

    def _step(self, *args: Any) -> Any:
        """The train step as it is, and what it computed; a failure to look never reaches the training."""
        seen: dict[str, Any] = {}
        with self._looking():
            seen["before"] = self._state(args[0] if self.jax else None)
            seen["rate"] = self._rate(args[0] if self.jax else None)
        with self._watched(seen):
            result = self.train_step(*args)
        with self._looking():
            logs = result[0] if self.jax else result
            seen["after"] = self._state(result[1] if self.jax else None)
            extras = self._extras(seen, logs, args[-1])
            logs = {**logs, KEY: extras}
            result = (logs, result[1]) if self.jax else logs
        return result  # noqa: RET504 - as it was, where looking failed

    @contextlib.contextmanager
    def _looking(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.problem = self.problem or _as_recording_error(error)

    def _watched(self, seen: dict[str, Any]) -> contextlib.ExitStack:
        """Note loss and gradients where they pass by."""
        stack = contextlib.ExitStack()

        def note(what: str, thing: Any, name: str, place: int | None) -> None:
            """See to it that each call of a method notes one of its arguments, or what it gives."""
            method = getattr(thing, name)

            def noting(*args: Any, **named: Any) -> Any:
                result = method(*args, **named)
                seen[what] = result if place is None else args[place]
                return result

            stack.enter_context(_replaced(thing, name, noting))

        if self.jax:
            note("gradients", self.optimizer, "stateless_apply", 1)
            note("loss", self.model, "_update_metrics_variables", 1)
        else:
            note("gradients", self.optimizer, "apply", 0)
            note("loss", self.model, "compute_loss", None)
        return stack

    def _state(self, state: Any) -> Any:
        """Parameters and slots of this moment as one tensor."""
        if state is None:
            return self._flat(self.variables)
        values = dict(zip(map(id, self.model.trainable_variables), state[0], strict=True))
        values |= dict(zip(map(id, self.optimizer.variables), state[2], strict=True))
        return self._flat([values[id(variable)] for variable in self.variables])

    def _rate(self, state: Any) -> Any:
        """Learning rate and count of steps, before this one is counted."""
        scope: Any = contextlib.nullcontext()
        if state is not None:
            scope = keras.StatelessScope(state_mapping=list(zip(self.optimizer.variables, state[2], strict=True)))
        with scope:
            return self._flat([self.optimizer.learning_rate, self.optimizer.iterations])

    def _extras(self, seen: dict[str, Any], logs: dict[str, Any], data: Any) -> Any:
        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        if weights is not None:
            raise RecordingError("the samples are weighted", "Leave the weights out of the data.")
        if isinstance(y, dict | list | tuple):
            raise RecordingError("a step has several labels", LINEAR)
        printed = {"loss": logs["loss"], **self._printed_rmse(logs)}
        self.printed = list(printed)
        step = [seen["before"], seen["rate"], seen["loss"], *seen["gradients"], seen["after"], *printed.values()]
        return self._flat([*step, _joined(x, self.inputs, self.dtype), y])

    def _printed_rmse(self, logs: dict[str, Any]) -> dict[str, Any]:
        """What Keras's own RMSE shows, whatever it is called; a metric that is only called so is not believed."""
        compiled = [inner for metric in self.model.metrics for inner in getattr(metric, "metrics", [metric])]
        names = [metric.name for metric in compiled]
        if names.count("loss") > 1:
            raise RecordingError("a metric is called loss", "Give it another name.")
        for metric in compiled:
            own = type(metric) is keras.metrics.RootMeanSquaredError and metric.dtype == self.dtype
            if own and names.count(metric.name) == 1:
                return {"rmse": logs[metric.name]}
        return {}

    def _flat(self, values: list[Any]) -> Any:
        ops = keras.ops
        tensors = [ops.cast(ops.stop_gradient(ops.convert_to_tensor(value)), self.dtype) for value in values]
        return ops.concatenate([ops.reshape(tensor, (-1,)) for tensor in tensors])


_open: weakref.WeakSet[Recorder] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for recorder in list(_open):
        recorder.close()


class Recorder(keras.callbacks.Callback):  # type: ignore[misc]
    """Records a ``fit`` and writes it when that ends, also by Ctrl+C or an error in a step.

    In a notebook write ``with Recorder("run.toml") as recorder: model.fit(…, callbacks=[recorder])``: then it is
    written whatever ends the fit, also an error in another callback. A second fit with the same Recorder is written
    beside the first, to run-2.toml.

    Args:
        path: the file to write; one that is there is replaced if it is a recording.
        data: (x, y), the arrays that the samples come from, where ``fit`` is given a generator or a data set.
        strict: raise where the fit cannot be recorded, before it trains, and warn where that shows later; otherwise
            only :attr:`problem` says so.

    Attributes:
        problem: why nothing was recorded; None if all is well.
        written: the file that was written last.
        steps: how many steps it holds.

    Raises:
        RecordingError: this is not Keras 3; and, at the begin of ``fit``, whatever cannot be recorded.
    """

    def __init__(self, path: str | os.PathLike[str] = "run.toml", data: Any = None, *, strict: bool = True) -> None:
        super().__init__()
        if int(keras.__version__.split(".")[0]) < 3:
            raise RecordingError(f"this is Keras {keras.__version__}", "Install Keras 3 (TensorFlow 2.16 or newer).")
        self.path, self.data, self.strict = Path(path).absolute(), data, strict
        self.problem: RecordingError | None = None
        self.written: Path | None = None
        self.steps = self.fits = 0
        self._run: _Run | None = None

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Look at what is to be trained and begin to record it."""
        self.close()
        self.problem = None
        path = self.path if not self.fits else self.path.with_stem(f"{self.path.stem}-{self.fits + 1}")
        try:
            self._run = _Run(path, self.model, self.data, self.params or {}, self.close)
            self.fits += 1
            _open.add(self)
        except Exception as error:
            self.problem = _as_recording_error(error)
            if self.strict:
                raise self.problem from None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note where an epoch begins."""
        if self._run:
            self._run.epoch = epoch + 1

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Write what was recorded."""
        if self._run:
            self._run.finished = True
        self.close()

    def close(self) -> None:
        """Leave the model as it was and write what was recorded, once."""
        run, self._run = self._run, None
        if run is None:
            return
        _open.discard(self)
        try:
            self.steps = run.close()
            self.written = run.path
        except Exception as error:  # the training is done, and must not be lost to the recording
            self.problem = _as_recording_error(error)
            if self.strict:
                warnings.warn(str(self.problem), stacklevel=2)


class _Steps(NamedTuple):
    """The numbers of all steps, an array (s, …) of each kind, in the order in which :meth:`_Tap._extras` packs them.

    A state is the parameters, then slot by slot; what is printed is the loss, then the RMSE where there is one.
    """

    before: Any
    rate: Any
    count: Any
    loss: Any
    gradient: Any
    after: Any
    printed: Any


class _Run:
    """One fit that is being recorded.

    Args:
        path: where to write it.
        model: what is trained.
        data: (x, y) or None for those of the fit.
        params: what Keras tells its callbacks: epochs.
        end: is called when a step raises.
    """

    def __init__(self, path: Path, model: Any, data: Any, params: dict[str, Any], end: Callable[[], None]) -> None:
        self.path, self.model = path, model
        self.asked_epochs, self.epoch, self.finished = int(params.get("epochs") or 1), 1, False
        self.epochs: list[int] = []  # of each step
        self.pending: list[Any] = []
        self.numbers: list[Any] = []
        self.samples_of: list[Any] = []
        fit, given = _fit_arguments(model)
        checks = (_model_refusals(model), _loss_refusals(model), _optimizer_refusals(model.optimizer))
        for refusal in itertools.chain(*checks, _fit_refusals(fit), _file_refusals(path)):
            raise RecordingError(*refusal)
        self.dtype, self.inputs = str(_dense(model).variable_dtype), _inputs(model)
        x, y = data if data is not None else _arrays(fit)
        named = {"x": x, "y": y} | (given if data is None else {})
        parts, named_parts = _parts(x, self.inputs), _parts(named["x"], self.inputs)
        names = [each.name for each in self.inputs] if isinstance(x, dict) or len(parts) > 1 else ["x"]
        self.samples = _Samples(parts, y, self.dtype, (named_parts, named["y"]), names)
        self.kind = KINDS[type(model.optimizer).__name__]
        self.settings = self.kind.settings_of(model.optimizer)
        _build(model, parts[0])
        self.slots = _slots(model, self.kind)
        self.tap = _Tap(model, self.inputs, self.slots, self.dtype, self._take, end)

    @property
    def parameters(self) -> int:
        """How many numbers are trained: the weights and the bias."""
        return int(self.samples.rows.shape[1])

    def close(self) -> int:
        """Leave the model as it was, write the file, and tell the number of steps in it.

        Raises:
            RecordingError: what was recorded is not to be trusted, or cannot be written.
        """
        self.tap.remove()
        if self.tap.problem:
            raise self.tap.problem
        self._convert()
        if not self.numbers:
            mend = "Train for at least one." if self.finished else "Mend the error that ended it first."
            raise RecordingError("not a single step was taken", mend)
        parts = np.split(np.stack(self.numbers), np.cumsum(self._widths)[:-1], axis=1)
        before, rate, count, loss, gradient, after, printed = parts
        steps = _Steps(before, rate[:, 0], count[:, 0], loss[:, 0], gradient, after, printed)
        for refusal in itertools.chain(self._changes(steps), self._rates(steps), self._passes(), self._prints(steps)):
            raise RecordingError(*refusal)
        _write(self, steps)
        return len(self.numbers)

    @property
    def _widths(self) -> list[int]:
        """How many numbers of each kind a step has."""
        p, printed = self.parameters, len(self.tap.printed)
        state = p * (1 + len(self.slots))
        return [state, 1, 1, 1, p, state, printed]

    def _take(self, extras: Any) -> None:
        self.pending.append(extras)
        self.epochs.append(self.epoch)
        if len(self.pending) >= AT_ONCE:
            self._convert()

    def _convert(self) -> None:
        """Turn the tensors of late into numbers; steps of one length at once."""
        tensors = self.pending
        numbers: list[Any] = []
        samples_of: list[Any] = []
        width, head = self.parameters, sum(self._widths)
        arrays = [keras.ops.convert_to_numpy(tensor) for tensor in tensors]
        for length, group in itertools.groupby(arrays, len):
            block = np.stack(list(group))
            m = (length - head) // width
            x, y = block[:, head : length - m].reshape(-1, width - 1), block[:, length - m :].reshape(-1, 1)
            numbers.extend(block[:, :head])
            samples_of.extend(self.samples.find(np.concatenate([x, y], axis=1)).reshape(-1, m))
        # Last of all: Ctrl+C meanwhile leaves the tensors to be turned into numbers when it is written.
        self.numbers += numbers
        self.samples_of += samples_of
        self.pending = []

    def _changes(self, steps: _Steps) -> Refusals:
        """What was not done by the optimizer alone: the state before a step is the one after the step before."""
        if not np.isfinite(steps.before[0]).all():
            yield "the model is not finite before the first step", "Begin with a new one: this one has diverged."
        before, after = steps.before[1:], steps.after[:-1]
        wrong = np.flatnonzero(~((before == after) | (np.isnan(before) & np.isnan(after))).all(axis=1))
        if len(wrong):
            yield (
                f"something other than the optimizer changed the weights or its state before step {wrong[0] + 2}",
                "Take the callback that does it out, or record the fits before and after it.",
            )
        if self.kind.settings_of(self.model.optimizer) != self.settings:
            yield "something changed the optimizer's settings during the fit", "Take the callback that does it out."

    def _rates(self, steps: _Steps) -> Refusals:
        """A learning rate that is none, and where a step depends on its number, a count that is not that."""
        finite = np.isfinite(steps.rate)
        if not finite.all():
            yield f"the learning rate of step {int(np.argmin(finite)) + 1} is not finite", "Look at what sets it."
        if not (steps.rate > 0).any():
            yield "the learning rate is never above 0", "Set one with which the weights move."
        jumps = np.flatnonzero(np.diff(steps.count) != 1)
        if self.kind.counts and len(jumps):
            yield (
                f"the optimizer's count of steps jumps before step {jumps[0] + 2}",
                "Give arrays: where the length of the data is unknown, Keras counts their end as a step.",
            )

    def _prints(self, steps: _Steps) -> Refusals:
        """What Keras printed that is no mean of the epoch so far: of its samples or, in older versions, its batches."""
        first = 0
        for _, group in itertools.groupby(self.epochs):
            last = first + len(list(group))
            sizes = np.array([len(numbers) for numbers in self.samples_of[first:last]], dtype="float64")
            loss, printed = steps.loss[first:last].astype("float64"), steps.printed[first:last, 0].astype("float64")
            count = np.arange(1, len(sizes) + 1)
            wrong = np.isfinite(printed)
            with np.errstate(all="ignore"):
                for mean in (np.cumsum(loss * sizes) / np.cumsum(sizes), np.cumsum(loss) / count):
                    # A sum in float32 may be off by a rounding for each of its terms.
                    wrong &= np.abs(printed - mean) > (1e-3 + 1e-7 * count) * np.abs(mean)
            if wrong.any():
                step = first + int(np.argmax(wrong)) + 1
                yield (
                    f"the loss that Keras shows after step {step} is not the mean of its epoch so far",
                    "Take out what uses or resets the metrics meanwhile, such as evaluate in a callback.",
                )
            first = last

    def _passes(self) -> Refusals:
        """Find the sample numbers; what is wrong with an epoch that is not one pass over the samples."""
        n, size, first = len(self.samples.rows), len(self.samples_of[0]), 0
        for _, group in itertools.groupby(self.epochs):
            last = first + len(list(group))
            ends = np.cumsum([len(numbers) for numbers in self.samples_of[first:last]])
            numbers, epoch = np.concatenate(self.samples_of[first:last]), f"the epoch that begins with step {first + 1}"
            if (numbers < 0).any():
                step = first + int(np.searchsorted(ends, np.argmax(numbers < 0), side="right")) + 1
                mend = "Give the arrays that the samples come from, after all that changes them: Recorder(data=(x, y))."
                yield f"a sample of step {step} is no row of x and y", mend
            numbers = self.samples.dealt(numbers)
            if len(np.unique(numbers)) != len(numbers):
                yield f"a sample comes twice in {epoch}", "Let an epoch be one pass over the samples, without repeat()."
            if last < len(self.epochs) and len(numbers) != n:
                mend = "Let an epoch be one pass over the samples, without steps_per_epoch or drop_remainder."
                yield f"{epoch} takes {len(numbers)} of {n} samples", mend
            if (ends != np.minimum(size * np.arange(1, len(ends) + 1), n)).any():
                yield f"the batches of {epoch} are of several sizes", "Let only the last one of an epoch be shorter."
            self.samples_of[first:last] = np.split(numbers, ends[:-1])
            first = last


def _arrays(fit: dict[str, Any]) -> tuple[Any, Any]:
    """x and y of the fit, if they are arrays, x also if it is made of some."""
    x, y = fit.get("x"), fit.get("y")
    if isinstance(y, dict | list | tuple):
        what = "several arrays" if len(y) > 1 else f"a {type(y).__name__} around its array"
        raise RecordingError(f"y is {what}", LINEAR if len(y) > 1 else "Give y as the array itself.")
    parts = [*x.values()] if isinstance(x, dict) else x if isinstance(x, list | tuple) else [x]
    if not all(hasattr(part, "__array__") for part in (*parts, y)):
        what = f"x is a {type(x).__name__}" if fit else "this is no fit of Keras"
        raise RecordingError(
            f"{what}, whose rows cannot be looked up", "Give the arrays that they come from: Recorder(data=(x, y))."
        )
    return x, y


def _build(model: Any, x: Any) -> None:
    """Make the weights that Keras would make with the first step: they are the same, and the start is to be known."""
    if not model.built and np.ndim(x) != 2:
        problem = f"the model has no Input, and x has the shape {np.shape(x)}"
        raise RecordingError(problem, "Give x one row for each sample, x.reshape(-1, 1), or the model an Input((1,)).")
    try:
        if not model.built:
            first = keras.ops.convert_to_numpy(x[:1]) if keras.ops.is_tensor(x) else np.asarray(x)[:1]
            model(first.astype(keras.config.floatx()))
        layer = _dense(model)
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
    except Exception as error:
        raise RecordingError(f"Keras cannot build the model on x ({error})", LINEAR) from None
    same = [*map(id, model.trainable_variables)] == [id(layer.kernel), id(layer.bias)]
    if not same or model.non_trainable_variables:
        raise RecordingError("the model has more variables than weights and bias", LINEAR)


def _slots(model: Any, kind: _Kind) -> dict[str, list[Any]]:
    """lrstep's name of a slot → its variables for kernel and bias; only slots that the optimizer has."""
    held = model.optimizer.variables
    named = {ours: [v for v in held if v.path.endswith(f"_{theirs}")] for theirs, ours in kind.slots.items()}
    found = {slot: variables for slot, variables in named.items() if variables}
    shapes = [tuple(weight.shape) for weight in model.trainable_variables]
    if any([tuple(v.shape) for v in variables] != shapes for variables in found.values()):
        raise RecordingError("the optimizer trained another model before", "Compile the model with a new optimizer.")
    return found


def _document(run: _Run, steps: _Steps, data: str, beside: str | None) -> str:
    """The whole file; ``beside`` names the CSV file that holds the data, None puts them in here."""
    samples, p, backend = run.samples, run.parameters, keras.backend.backend()
    version = getattr(sys.modules.get(backend), "__version__", "")
    hashed = {"file": beside, "sha256": hashlib.sha256(data.encode()).hexdigest()} if beside else {}
    start = zip(["parameters", *run.slots], np.split(steps.before[0], 1 + len(run.slots)), strict=True)
    weights = ["weight"] if p == 2 else [f"weight_{i + 1}" for i in range(p - 1)]
    states = [f"{slot}{name}" for slot in ("", *(f"{slot}_" for slot in run.slots)) for name in (*weights, "bias")]
    columns = {
        "epoch": map(str, run.epochs),
        "samples": (" ".join(map(str, (step + 1).tolist())) for step in run.samples_of),
        "learning_rate": _texts(steps.rate),
        **{f"gradient_{name}": _texts(values) for name, values in zip(states, steps.gradient.T, strict=False)},
        **{name: _texts(values) for name, values in zip(states, steps.after.T, strict=True)},
        "loss": _texts(steps.loss),
        **{f"printed_{name}": _texts(values) for name, values in zip(run.tap.printed, steps.printed.T, strict=True)},
    }
    lines = [
        f"{FIRST_LINE}\nrecording = {FORMAT}",
        *_section("keras", version=keras.__version__, backend=f"{backend} {version}".strip()),
        *_lines(python=platform.python_version(), dtype=run.dtype, jit_compile=bool(run.model.jit_compile)),
        *_section("fit", epochs=run.asked_epochs, batch_size=len(run.samples_of[0]), finished=run.finished),
        *_section("data", features=samples.features, label=samples.label, samples=len(samples.rows), **hashed),
        *([] if beside else [f"table = '''\n{data}'''"]),
        *_section("optimizer", name=run.kind.name, **run.settings),
        *_section("start", iterations=int(steps.count[0])),
        *(f"{name} = [{', '.join(_texts(values))}]" for name, values in start),
        *_section("steps", count=len(run.epochs)),
        f"table = '''\n{_table(columns)}'''\n",
    ]
    return "\n".join(lines)


def _section(title: str, /, **values: Any) -> list[str]:
    return [f"\n[{title}]", *_lines(**values)]


def _lines(**values: Any) -> list[str]:
    """Keys with their values, as JSON writes them, which TOML reads."""
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]


def _table(columns: dict[str, Iterable[str]]) -> str:
    """A line of names, then one for each sample or step."""
    return "\n".join([",".join(columns), *map(",".join, zip(*columns.values(), strict=True)), ""])


def _texts(values: Any) -> list[str]:
    """Each number in the fewest digits that give the same number of its type back."""
    return [text.removesuffix(".0") for text in values.astype("U").tolist()]


def _data_path(path: Path) -> Path:
    return path.with_name(f"{path.stem}-data.csv")


def _file_refusals(path: Path) -> Refusals:
    """What must not be written over, and where nothing can be written, before the training begins."""
    if path.suffix != ".toml":
        yield f"{path} does not end in .toml", "Name the file so: lrstep knows recordings by it."
    if not path.parent.is_dir():
        yield f"there is no folder {path.parent}", "Make it first, or give another."
    try:
        if path.exists():
            with path.open(encoding="utf-8", errors="replace") as lines:
                mine = lines.readline().rstrip() == FIRST_LINE
        else:
            path, mine = _data_path(path), not _data_path(path).exists()
    except OSError as error:
        raise RecordingError(f"{path} cannot be read ({error.strerror})", "Give another name.") from None
    if not mine:
        yield f"{path} exists and is no recording", "Give another name."


def _write(run: _Run, steps: _Steps) -> None:
    """Write the recording, and its data beside it where they are many."""
    path, rows = run.path, run.samples.rows
    data = _table(dict(zip([*run.samples.features, run.samples.label], map(_texts, rows.T), strict=True)))
    beside = _data_path(path) if rows.size > INLINE_VALUES else None
    try:
        if beside:
            _replace(beside, data)
        _replace(path, _document(run, steps, data, beside.name if beside else None))
    except OSError as error:
        raise RecordingError(f"{path} cannot be written ({error.strerror})", "Give another place.") from None


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
