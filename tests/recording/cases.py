"""Trains with and without the Recorder in one process, and writes what came of it: ``python cases.py FOLDER``."""

import json
import os
import sys
import traceback
import warnings
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "KERAS_BACKEND": "tensorflow"}

import keras
import numpy as np
import tensorflow as tf

import lrstep.keras as recorder_module
from lrstep.keras import Recorder, RecordingError

FOLDER = Path(sys.argv[1])
OPTIMIZERS, LAYERS, CALLBACKS = keras.optimizers, keras.layers, keras.callbacks
CASES, REFUSALS = {}, {}


def case(call):
    CASES[call.__name__] = call
    return call


class Table:
    """Rows that have names of columns, as pandas has them, and are an array only when asked."""

    columns = ("mine",)

    def __init__(self, rows):
        self.rows, self.shape = rows, rows.shape

    def __array__(self, dtype=None, copy=None):
        return np.array(self.rows, dtype)


def data(n=12, features=1):
    """Samples that are no round numbers."""
    random = np.random.default_rng(7)
    x = random.uniform(-3, 9, (n, features))
    return x, x @ np.arange(2, 2 + features) + 1 + random.normal(0, 0.7, n)


def compiled(features=1, optimizer=None, built=True, layers=None, **compiling):
    keras.utils.set_random_seed(11)
    stack = layers or [LAYERS.Dense(1)]
    model = keras.Sequential(([keras.Input((features,))] if built else []) + stack)
    optimizer = optimizer or OPTIMIZERS.RMSprop(0.05)
    model.compile(
        **{"optimizer": optimizer, "loss": "mse", "metrics": [keras.metrics.RootMeanSquaredError()]} | compiling
    )
    return model


def state(model):
    """All that training leaves, to the last bit."""
    return [np.asarray(v).tobytes().hex() for v in [*model.variables, *model.optimizer.variables]]


def tapped(model):
    """Whether something of the Recorder is left in the model."""
    function = type(getattr(model.train_function, "__self__", None))
    return bool({"train_step", "compute_loss"} & vars(model).keys() or "apply" in vars(model.optimizer)) or (
        function.__module__ == "lrstep.keras"
    )


def flat(model):
    return np.concatenate([np.ravel(weight) for weight in model.get_weights()]).astype(float).tolist()


def train(make, recorder=None, samples=None, callbacks=(), **fit):
    model = make()
    x, y = samples or data()
    fit = {"batch_size": 5, "epochs": 2, "verbose": 0} | fit
    given = [*(each() for each in callbacks), *([recorder] if recorder else [])]
    history = model.fit(x, y, callbacks=given, **fit)
    return model, history.history


def compare(name, make, samples=None, callbacks=(), plain=True, **fit):
    """Record one fit; with ``plain`` also train without the Recorder and compare the bits."""
    recorder = Recorder(FOLDER / f"{name}.toml")
    model, history = train(make, recorder, samples, callbacks, **fit)
    result = {
        "weights": flat(model),
        "loss": history["loss"],
        "left": tapped(model),
        "steps": recorder.steps,
    }
    if plain:
        other, unrecorded = train(make, None, samples, callbacks, **fit)
        result["same"] = state(model) == state(other) and history == unrecorded
    return result


@case
def shuffled():
    return compare("shuffled", compiled, shuffle=True)


@case
def unbuilt():
    return compare("unbuilt", lambda: compiled(built=False), epochs=1)


@case
def xla():
    return compare("xla", lambda: compiled(jit_compile=True), epochs=1)


@case
def eager():
    return compare("eager", lambda: compiled(run_eagerly=True), epochs=1)


@case
def several_features():
    make = lambda: compiled(3, OPTIMIZERS.RMSprop(0.02, momentum=0.5, centered=True))  # noqa: E731
    return compare("several_features", make, samples=data(13, 3))


@case
def batch_shuffle_and_validation():
    x, y = data()
    return compare(
        "batch_shuffle_and_validation", compiled, shuffle="batch", validation_data=(x + 1, y), plain=True, epochs=2
    )


@case
def validation_split():
    x, y = map(Table, data())
    return compare("validation_split", compiled, samples=(x, y), validation_split=0.25, plain=False)


@case
def sgd():
    make = lambda: compiled(2, OPTIMIZERS.SGD(0.004, momentum=0.8, nesterov=True))  # noqa: E731
    return compare("sgd", make, samples=data(12, 2), plain=False)


@case
def plain_sgd():
    return compare("plain_sgd", lambda: compiled(1, OPTIMIZERS.SGD(0.004)), plain=False)


@case
def adagrad():
    return compare("adagrad", lambda: compiled(1, OPTIMIZERS.Adagrad(0.3)), plain=False)


@case
def adam():
    return compare("adam", lambda: compiled(1, OPTIMIZERS.Adam(0.1)), plain=False)


@case
def schedule():
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
    return compare("schedule", lambda: compiled(1, OPTIMIZERS.RMSprop(rate)), plain=False)


@case
def warmed_up():
    """A rate that begins with 0, a metric that is only called RMSE, and the RMSE under another name."""

    def root_mean_squared_error(y, found):
        return keras.ops.mean(keras.ops.abs(y - found))

    rate = keras.optimizers.schedules.CosineDecay(0.0, 10, warmup_target=0.1, warmup_steps=3)
    metrics = [root_mean_squared_error, keras.metrics.RootMeanSquaredError(name="mine")]
    return compare("warmed_up", lambda: compiled(1, OPTIMIZERS.RMSprop(rate), metrics=metrics), plain=False)


@case
def rate_by_callback():
    slower = lambda: CALLBACKS.LearningRateScheduler(lambda epoch, rate: rate / 2)  # noqa: E731
    return compare("rate_by_callback", compiled, callbacks=(slower,), plain=False)


@contextmanager
def in_float64():
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        yield
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")


def compare_in_float64(name, *optimizer, **options):
    with in_float64():
        return compare(name, lambda: compiled(1, *(make(**options) for make in optimizer)), plain=False)


@case
def float64():
    return compare_in_float64("float64")


@case
def float64_adam():
    return compare_in_float64("float64_adam", OPTIMIZERS.Adam, learning_rate=0.1)


@case
def float64_momentum():
    return compare_in_float64("float64_momentum", OPTIMIZERS.SGD, learning_rate=0.004, momentum=0.9, nesterov=True)


@case
def whole_numbers_and_twins():
    x = np.array([[1], [2], [2], [3], [2], [4]])
    return compare(
        "whole_numbers_and_twins", compiled, samples=(x, np.array([3, 5, 5, 7, 9, 9])), batch_size=4, plain=False
    )


@case
def tensors_in_one_dimension():
    x, y = data()
    return compare(
        "tensors_in_one_dimension", compiled, samples=(tf.constant(x[:, 0], tf.float32), tf.constant(y)), plain=False
    )


@case
def functional():
    def make():
        keras.utils.set_random_seed(2)
        inputs = keras.Input((1,))
        model = keras.Model(inputs, LAYERS.Dense(1)(inputs))
        model.compile(OPTIMIZERS.RMSprop(0.05), loss=keras.losses.MeanSquaredError())
        return model

    return compare("functional", make, initial_epoch=3, epochs=4, plain=False)


def two_inputs():
    keras.utils.set_random_seed(2)
    inputs = {"zone": keras.Input((2,), name="zone"), "age": keras.Input((1,), name="age")}
    joined = LAYERS.Concatenate()([inputs["zone"], inputs["age"]])
    model = keras.Model(inputs, LAYERS.Dense(1)(joined))
    model.compile(OPTIMIZERS.RMSprop(0.05), loss="mse", metrics=[keras.metrics.RootMeanSquaredError()])
    return model


@case
def inputs_put_together():
    x, y = data(12, 3)
    x = x.round(1)
    return compare("inputs_put_together", two_inputs, samples=({"age": x[:, 2], "zone": x[:, :2]}, y), plain=True)


@case
def columns_of_several_types():
    """As pandas gives columns of which one is of floats and one of truth values, and Keras makes numbers of them."""
    x, y = data(12, 2)
    mixed = np.array([[first, bool(second > 0)] for first, second in x.tolist()], dtype=object)
    recorder = Recorder(FOLDER / "columns_of_several_types.toml", data=(mixed, y))
    model = compiled(2)
    model.fit([mixed.astype("float32")], y, batch_size=5, epochs=2, verbose=0, callbacks=[recorder])
    return {"weights": flat(model)}


@case
def data_set():
    x, y = data()
    batches = tf.data.Dataset.from_tensor_slices((x.astype("float32"), y.astype("float32"))).shuffle(12).batch(5)
    recorder = Recorder(FOLDER / "data_set.toml", data=(x, y))
    model = compiled()
    model.fit(batches, epochs=2, verbose=0, callbacks=[recorder])
    return {"weights": flat(model)}


@case
def second_fit():
    model, (x, y) = compiled(1, OPTIMIZERS.Adam(0.1)), data()
    recorder = Recorder(FOLDER / "second_fit-first.toml")
    for _ in range(2):
        model.fit(x, y, epochs=1, batch_size=5, verbose=0, callbacks=[recorder])
    recorder.written.replace(FOLDER / "second_fit.toml")
    names = sorted(path.name for path in FOLDER.glob("second_fit*"))
    return {"names": names, "weights": flat(model), "left": tapped(model)}


@case
def early_stopping():
    stop = lambda: CALLBACKS.EarlyStopping(monitor="loss", patience=0, mode="max")  # noqa: E731
    return compare("early_stopping", compiled, callbacks=(stop,), epochs=9, plain=False)


class Break(CALLBACKS.Callback):
    """Ends a fit in the middle of its second epoch."""

    def on_train_batch_begin(self, batch, logs=None):
        self.batches = getattr(self, "batches", 0) + 1
        if self.batches == 5:
            raise KeyboardInterrupt


@case
def another_try():
    """A recorder that is not strict, with a model that it cannot record and then with one that it can."""
    recorder, told = Recorder(FOLDER / "another_try.toml", strict=False), []
    for layers in ([LAYERS.Dense(2), LAYERS.Dense(1)], None):
        train(lambda: compiled(layers=layers), recorder)  # noqa: B023 - called before the next
        told.append(str(recorder.problem or ""))
    return {"problems": told}


@case
def interrupted():
    model, (x, y) = compiled(), data()
    try:
        with Recorder(FOLDER / "interrupted.toml") as recorder:
            model.fit(x, y, epochs=3, batch_size=5, verbose=0, callbacks=[recorder, Break()])
    except KeyboardInterrupt:
        return {"weights": flat(model), "left": tapped(model), "steps": recorder.steps}


@case
def interrupted_reading():
    """Ctrl+C in the moment in which tensors are turned into numbers, for the second time."""
    model, (x, y), calls = compiled(), data(), []
    find = recorder_module._Samples.find

    def breaking(samples, rows):
        calls.append(rows)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return find(samples, rows)

    recorder_module.AT_ONCE, recorder_module._Samples.find = 2, breaking
    try:
        with Recorder(FOLDER / "interrupted_reading.toml") as recorder:
            model.fit(x, y, epochs=3, batch_size=4, verbose=0, callbacks=[recorder])
    except KeyboardInterrupt:
        return {"steps": recorder.steps, "problem": str(recorder.problem or "")}
    finally:
        recorder_module.AT_ONCE, recorder_module._Samples.find = 512, find


@case
def failing_step():
    """A data set whose third batch does not fit the model: the step itself raises."""
    batches = [np.ones((4, 1), "float32")] * 2 + [np.ones((4, 2), "float32")]
    source = lambda: ((x, np.ones((4, 1), "float32")) for x in batches)  # noqa: E731
    recorder = Recorder(FOLDER / "failing_step.toml", data=(np.ones((8, 1)), np.ones(8)))
    model = compiled()
    try:
        model.fit(source(), epochs=1, verbose=0, callbacks=[recorder])
    except Exception as error:
        return {"error": type(error).__name__, "steps": recorder.steps, "left": tapped(model)}


@case
def many_samples():
    x, y = data(1000, 4)
    return compare("many_samples", lambda: compiled(4), samples=(x, y), batch_size=250, epochs=1, plain=False)


def refused(name, make=compiled, samples=None, callbacks=(), **fit):
    """What is said of a fit that cannot be recorded."""
    path = FOLDER / f"refused-{name}.toml"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            recorder = Recorder(path, **fit.pop("recorder", {}))
            train(make, recorder, samples, callbacks, **{"epochs": 1} | fit)
            said = [str(each.message) for each in caught if "cannot be recorded" in str(each.message)]
        except RecordingError as error:
            said = [str(error)]
    REFUSALS[name] = {"said": said, "written": path.exists()}


class Evaluating(CALLBACKS.Callback):
    """Evaluates after the second batch, with the metrics that the fit goes on with."""

    def on_train_batch_end(self, batch, logs=None):
        if batch == 1:
            self.model.evaluate(*data(), verbose=0)


class Meddling(CALLBACKS.Callback):
    """Sets the weights before the third step."""

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 2:
            kernel, bias = self.model.get_weights()
            self.model.set_weights([kernel * 1.5, bias])


class Recounting(CALLBACKS.Callback):
    """Changes the count of steps before the second one."""

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 1:
            self.model.optimizer.iterations.assign(5)


class Forgetting(CALLBACKS.Callback):
    """Changes rho, which counts where the step is not compiled."""

    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.rho = 0.5


def diverged():
    model = compiled()
    model.set_weights([np.array([[np.nan]]), np.array([0.0])])
    return model


class OwnSchedule(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 0.1


class OwnModel(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = LAYERS.Dense(1)

    def call(self, x):
        return self.dense(x) * 2


class Frame(np.ndarray):
    """An array with names of columns, as pandas has them, two of them the same."""

    columns = ("price", "price")


def own_model():
    model = OwnModel()
    model.compile(loss="mse")
    return model


def doubled():
    inputs = keras.Input((1,))
    model = keras.Model(inputs, LAYERS.Dense(1)(inputs) * 2)
    model.compile(loss="mse")
    return model


def twice():
    inputs, layer = keras.Input((1,)), LAYERS.Dense(1)
    model = keras.Model(inputs, layer(layer(inputs)))
    model.compile(loss="mse")
    return model


def inputs_added():
    inputs = [keras.Input((1,)), keras.Input((1,))]
    model = keras.Model(inputs, LAYERS.Dense(1)(LAYERS.Add()(inputs)))
    model.compile(loss="mse")
    return model


def whole_input():
    inputs = keras.Input((1,), dtype="int32")
    model = keras.Model(inputs, LAYERS.Dense(1)(inputs))
    model.compile(loss="mse")
    return model


def own_step():
    model = compiled()
    step = model.optimizer.update_step
    model.optimizer.update_step = lambda gradient, variable, rate: step(2 * gradient, variable, rate)
    return model


def own_loss():
    model = compiled()
    loss = model.compute_loss
    model.compute_loss = lambda *args, **named: 2 * loss(*args, **named)
    return model


def frozen():
    model = compiled()
    model.layers[0].trainable = False
    model.compile(OPTIMIZERS.RMSprop(0.05), loss="mse")
    return model


def with_layer(**options):
    return lambda: compiled(layers=[LAYERS.Dense(1, **options)])


def with_optimizer(kind, **options):
    return lambda: compiled(1, getattr(OPTIMIZERS, kind)(**options))


def refuse_all():
    x, y = data()
    refused("layers", lambda: compiled(layers=[LAYERS.Dense(2), LAYERS.Dense(1)]))
    refused("other layer", lambda: compiled(layers=[LAYERS.BatchNormalization()]))
    refused("units", lambda: compiled(layers=[LAYERS.Dense(2)]), samples=(x, np.stack([y, y], axis=1)))
    refused("activation", with_layer(activation="relu"))
    refused("no bias", with_layer(use_bias=False))
    refused("regularizer", with_layer(kernel_regularizer="l2"))
    refused("constraint", with_layer(kernel_constraint="non_neg"))
    refused("frozen", frozen)
    refused("mixed precision", with_layer(dtype="mixed_bfloat16"))
    refused("float64 layer alone", with_layer(dtype="float64"))
    with in_float64(), mock.patch.object(keras.backend, "result_type", lambda *types: "float32"):
        refused("float64 in name alone", compiled)
    refused("own model", own_model)
    refused("more computed", doubled)
    refused("layer twice", twice)
    refused("inputs added", inputs_added, samples=([x, x], y))
    refused("input of whole numbers", whole_input)
    refused("input without array", two_inputs, samples=({"age": x}, y))
    refused("array without input", two_inputs, samples=({"age": x, "zone": np.hstack([x, x]), "year": x}, y))
    refused("normalization", lambda: compiled(layers=[LAYERS.Normalization(mean=1.0, variance=4.0), LAYERS.Dense(1)]))
    refused("loss", lambda: compiled(loss="mae"))
    refused("loss sum", lambda: compiled(loss=keras.losses.MeanSquaredError(reduction="sum")))
    refused("loss in another type", lambda: compiled(loss=keras.losses.MeanSquaredError(dtype="float16")))
    refused("step replaced", own_step)
    refused("loss replaced", own_loss)
    refused("loss weights", lambda: compiled(loss_weights=[2.0]))
    refused("steps_per_execution", lambda: compiled(steps_per_execution=2))
    refused("optimizer", with_optimizer("Nadam"))
    refused("adamw", with_optimizer("AdamW"))
    refused("clipping", with_optimizer("RMSprop", clipnorm=1.0))
    refused("clipping at a value", with_optimizer("RMSprop", clipvalue=1.0))
    refused("clipping all together", with_optimizer("RMSprop", global_clipnorm=1.0))
    refused("weight decay", with_optimizer("SGD", weight_decay=0.1))
    refused("ema", with_optimizer("SGD", use_ema=True))
    refused("accumulation", with_optimizer("SGD", gradient_accumulation_steps=2))
    refused("loss scale", with_optimizer("SGD", loss_scale_factor=2.0))
    refused("amsgrad", with_optimizer("Adam", amsgrad=True))
    refused("own schedule", with_optimizer("SGD", learning_rate=OwnSchedule()))
    refused("function as rate", with_optimizer("SGD", learning_rate=lambda: 0.1))
    refused("sample weights", sample_weight=np.ones(12))
    refused("class weights", class_weight={0: 1.0, 1: 2.0}, samples=(x, np.arange(12) % 2))
    refused("steps_per_epoch", steps_per_epoch=2)
    cut = ((x[begin:end], y[begin:end]) for begin, end in ((0, 5), (5, 8), (8, 12)))
    refused("several sizes", samples=(cut, None), batch_size=None, recorder={"data": (x, y)})
    half = tf.data.Dataset.from_tensor_slices((x, y)).batch(4)
    refused(
        "half an epoch", samples=(half, None), batch_size=None, recorder={"data": (x, y)}, steps_per_epoch=2, epochs=2
    )
    refused("diverged before", diverged)
    refused("rate 0", with_optimizer("SGD", learning_rate=0.0))
    refused("settings changed", lambda: compiled(run_eagerly=True), callbacks=(Forgetting,))
    refused("no input", lambda: compiled(built=False), samples=(x[:, 0], y))
    refused("metric called loss", lambda: compiled(metrics=[keras.metrics.MeanAbsoluteError(name="loss")]))
    refused("x in a list of two", samples=([x, x], y))
    refused("y in a dict", samples=(x, {"dense": y}))
    refused("labels of one name", samples=(x, np.stack([y, y], axis=1).view(Frame)))
    refused("several labels", samples=(x, np.stack([y, y], axis=1)))
    refused("not finite", samples=(np.where(np.arange(12)[:, None] == 6, np.nan, x), y))
    texts = np.array([[3.5], ["high"]] * 6, dtype=object)
    refused("texts", recorder={"data": (texts, y)})
    refused("weights changed", callbacks=(Meddling,))
    refused("metrics used", callbacks=(Evaluating,))
    refused("count changed", with_optimizer("Adam"), callbacks=(Recounting,))
    refused("rho", with_optimizer("RMSprop", rho=1.0))
    refused("rate", with_optimizer("RMSprop", learning_rate=float("nan")))
    refused("foreign rows", recorder={"data": (x + 1, y)})
    passes = [tf.data.Dataset.from_tensor_slices((x + far, y)).batch(5) for far in (0, 1)]
    refused(
        "foreign rows later", samples=(passes[0].concatenate(passes[1]), None), batch_size=None, epochs=2,
        steps_per_epoch=3, recorder={"data": (x, y)},
    )  # fmt: skip
    refused("two recorders", callbacks=(lambda: Recorder(FOLDER / "other.toml"),))
    batches = tf.data.Dataset.from_tensor_slices((x, y)).batch(5)
    refused("data set", samples=(batches, None), batch_size=None)
    refused("repeated", samples=(batches.repeat(2), None), batch_size=None, recorder={"data": (x, y)})
    weighted = tf.data.Dataset.from_tensor_slices((x, y, np.ones(12))).batch(5)
    refused("weighted data set", samples=(weighted, None), batch_size=None, recorder={"data": (x, y)})
    (FOLDER / "refused-no recording.toml").write_text('title = "mine"\n')
    refused("no recording")


def main():
    results = {}
    for name, call in CASES.items():
        try:
            results[name] = call()
        except Exception:
            results[name] = {"raised": traceback.format_exc()}
    refuse_all()
    (FOLDER / "results.json").write_text(json.dumps({"cases": results, "refusals": REFUSALS}))


main()
