"""The Keras model, one step of it from any start, and its ``fit``.

Keras and TensorFlow are handed in as modules; :mod:`lrstep.check.worker` is what imports them.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from lrstep.check import protocol as say


class Stepper:
    """A model and its compiled step, from whatever start.

    Attributes:
        fresh: name of a slot → its numbers before the optimizer has taken a step.
    """

    def __init__(self, keras: Any, tf: Any, setup: say.Setup) -> None:
        self.model = compiled_model(keras, setup)
        self.slots = slot_variables(self.model, setup.slots)
        self.fresh = {slot: flat(variables) for slot, variables in self.slots.items()}
        self.take_step = compiled_step(keras, tf, self.model, self.slots, np.dtype(setup.precision))


class Steppers:
    """The compiled steps of late: building one takes longer than a hundred steps.

    Another data set or learning rate needs no other one; the learning rate is a variable of the
    optimizer.

    Args:
        keras: the module. tf: the module tensorflow.
    """

    KEEP = 8

    def __init__(self, keras: Any, tf: Any) -> None:
        self.keras, self.tf = keras, tf
        self._kept: OrderedDict[tuple[object, ...], Stepper] = OrderedDict()

    def get(self, setup: say.Setup) -> Stepper:
        """The stepper for a setup; Keras must be in its precision."""
        fixed = {name: value for name, value in setup.options.items() if name != "learning_rate"}
        key = (setup.precision, setup.optimizer, len(setup.columns), *sorted(fixed.items()))
        if key not in self._kept:
            self._kept[key] = Stepper(self.keras, self.tf, setup)
            if len(self._kept) > self.KEEP:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        self._kept[key].model.optimizer.learning_rate = setup.options["learning_rate"]
        return self._kept[key]


class KerasTrainer:
    """One precision, one data set, one optimizer: serves steps and ``fit``.

    Args:
        steppers: where to get the step.
        setup: what to use.
    """

    def __init__(self, steppers: Steppers, setup: say.Setup) -> None:
        self.keras, self.setup = steppers.keras, setup
        self.dtype = np.dtype(setup.precision)
        with np.errstate(over="ignore"):
            self.x = np.stack([say.unpack(column) for column in setup.columns], axis=1).astype(self.dtype)
            self.y = say.unpack(setup.y).astype(self.dtype).reshape(-1, 1)
        self.stepper = steppers.get(setup)
        self.all_samples = steppers.tf.constant(self.x), steppers.tf.constant(self.y)
        self.fitted: Any = None

    def step(self, step: say.StepRequest) -> say.StepResult:
        """Let Keras take one step from the given start."""
        rows = say.unpack_rows(step.rows) if step.rows else slice(step.start, step.stop)
        slots = [number for slot in self.setup.slots for number in step.slots[slot]]
        metrics = [step.total, step.count, step.total, step.count]
        with np.errstate(over="ignore"):
            start = np.array([*step.parameters, *slots, *metrics, *step.after]).astype(self.dtype)
        numbers = self.stepper.take_step(
            self.x[rows], self.y[rows], *self.all_samples, start, np.int64(step.number - 1)
        )
        return self._result(numbers.astype(np.float64))

    def fit(self, request: say.Fit, at_batch_end: Callable[..., bool]) -> None:
        """Run ``fit`` as a learner would.

        Args:
            request: epochs, batch size, order, start.
            at_batch_end: is told printed loss, printed RMSE, parameters and slots; False stops.
        """
        if request.start is not None:
            self.fitted = compiled_model(self.keras, self.setup)
            *weights, bias = request.start
            self.fitted.set_weights([np.array(weights, self.dtype).reshape(-1, 1), np.array([bias], self.dtype)])
        model = self.fitted
        slots = slot_variables(model, self.setup.slots)

        def on_train_batch_end(batch: int, logs: dict[str, float]) -> None:
            printed = float(logs["loss"]), float(logs["root_mean_squared_error"])
            state = [flat(model.trainable_variables), *map(flat, slots.values())]
            model.stop_training = not at_batch_end(*printed, *(number for numbers in state for number in numbers))

        order = say.unpack_rows(request.order) if request.order else slice(None)
        model.fit(
            self.x[order],
            self.y[order],
            batch_size=request.batch_size,
            epochs=request.last,
            initial_epoch=request.first - 1,
            shuffle=False,
            verbose=0,
            callbacks=[self.keras.callbacks.LambdaCallback(on_train_batch_end=on_train_batch_end)],
        )

    def _result(self, numbers: Any) -> say.StepResult:
        loss, cumulative_loss, cumulative_rmse, full_loss = numbers[:4].tolist()
        k, held = self.x.shape[1] + 1, 3 + len(self.setup.slots)
        gradient, step, parameters, *slots = numbers[4 : 4 + k * held].reshape(held, k).tolist()
        return say.StepResult(
            prediction=say.pack(numbers[4 + k * held :]),
            loss=loss,
            cumulative_loss=cumulative_loss,
            cumulative_rmse=cumulative_rmse,
            full_loss=full_loss,
            gradient=gradient,
            step=step,
            parameters=parameters,
            slots=dict(zip(self.setup.slots, slots, strict=True)),
        )


def compiled_model(keras: Any, setup: say.Setup) -> Any:
    """The model as in a notebook: one dense unit, the optimizer, mean squared error, RMSE.

    What Keras keeps of models before it is let go of here, and not for each data set: compiled steps that are still in
    use are then prepared anew, which takes longer than a check of 24 steps, and so does looking for garbage.

    Raises:
        RuntimeError: Keras did not build it in the precision asked for.
    """
    keras.backend.clear_session(free_memory=False)
    keras.config.set_floatx(setup.precision)
    # Layers follow the policy, which keeps its first value when floatx changes later.
    keras.config.set_dtype_policy(setup.precision)
    model = keras.Sequential([keras.layers.Input((len(setup.columns),)), keras.layers.Dense(1)])
    model.compile(
        optimizer=getattr(keras.optimizers, setup.optimizer)(**_options(setup)),
        loss="mean_squared_error",
        metrics=[keras.metrics.RootMeanSquaredError()],
    )
    model.optimizer.build(model.trainable_variables)
    held = [*model.variables, *model.optimizer.variables[1:]]  # the first one counts the iterations
    if wrong := [variable.path for variable in held if variable.dtype != setup.precision]:
        raise RuntimeError(f"Keras does not hold {', '.join(wrong)} in {setup.precision}")
    return model


def _options(setup: say.Setup) -> dict[str, Any]:
    """The keyword arguments of the optimizer; in float64 numbers that say so.

    Keras turns some Python floats (momentum of SGD, the powers of β, the initial accumulator) into float32 first
    whatever the precision, and NumPy's float64 not.
    """
    if setup.precision == "float32":
        return setup.options
    return {name: DeferringFloat(value) if isinstance(value, float) else value for name, value in setup.options.items()}


class DeferringFloat(np.float64):
    """A float64 of NumPy's that leaves the operators to Keras's variables, where NumPy would make arrays of them."""


def _operator(name: str) -> Callable[..., Any]:
    computed = getattr(np.float64, name)
    return lambda mine, *other: (
        DeferringFloat(computed(mine, *other))
        if all(isinstance(number, (int, float)) for number in other)
        else NotImplemented
    )


for _name in ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "pow", "rpow", "neg"):
    setattr(DeferringFloat, f"__{_name}__", _operator(f"__{_name}__"))


def slot_variables(model: Any, names: dict[str, str]) -> dict[str, list[Any]]:
    """Name of a slot → the Keras variables that hold it, that of the kernel, then that of the bias.

    Args:
        model: built, as from :func:`compiled_model`.
        names: name of a slot → how the paths of its variables end; Keras makes them in the order of the parameters.

    Raises:
        RuntimeError: the optimizer has no such variables.
    """
    found = {
        slot: [v for v in model.optimizer.variables if v.path.endswith((f"_{name}", f"/{name}"))]
        for slot, name in names.items()
    }
    if any(len(variables) != len(model.trainable_variables) for variables in found.values()):
        raise RuntimeError(f"Keras keeps other variables than {', '.join(filter(None, names.values()))}")
    return found


def flat(variables: list[Any]) -> list[float]:
    """The numbers of some variables, one after another."""
    return [float(number) for variable in variables for number in np.asarray(variable).ravel()]


def compiled_step(keras: Any, tf: Any, model: Any, slots: dict[str, list[Any]], dtype: np.dtype[Any]) -> Any:
    """A compiled function: one training step of the model from a given start.

    It does what Keras's own ``train_step`` does (forward pass, ``compute_loss``, gradient tape,
    ``optimizer.apply``, metrics) and hands out what that keeps to itself, the predictions and gradients. The same
    step is taken a second time from parameters that are 0, which then hold nothing but what was subtracted. At last all
    samples are evaluated, as ``evaluate`` does it.

    Returns:
        function of x (m, k), y (m, 1), all samples x (n, k) and y (n, 1), the start, which is parameters, slots,
        total and count of either metric, parameters to evaluate with, and the number of steps so far → one array:
        loss, cumulative loss and RMSE, loss of all samples; gradients, steps, parameters, slots; predictions.
    """
    trainable, optimizer = model.trainable_variables, model.optimizer
    k = int(trainable[0].shape[0])
    state = [variable for variables in slots.values() for variable in variables]
    mean, rmse = keras.metrics.Mean(), keras.metrics.RootMeanSquaredError()

    def assign(variables: list[Any], numbers: Any) -> Any:
        """Put numbers into variables; returns those that are left."""
        sizes = [int(np.prod(variable.shape)) for variable in variables]
        *parts, left = tf.split(numbers, [*sizes, int(numbers.shape[0]) - sum(sizes)])
        for variable, part in zip(variables, parts, strict=True):
            variable.assign(tf.reshape(part, variable.shape))
        return left

    def take_step(x: Any, y: Any, all_x: Any, all_y: Any, start: Any, steps: Any) -> Any:
        after = assign([*trainable, *state, *mean.variables, *rmse.variables], start)
        optimizer.iterations.assign(tf.cast(steps, optimizer.iterations.dtype))
        with tf.GradientTape() as tape:
            prediction = model(x, training=True)
            loss = model.compute_loss(x=x, y=y, y_pred=prediction)
        gradients = tape.gradient(loss, trainable)
        optimizer.apply(gradients, trainable)
        mean.update_state(loss, sample_weight=tf.shape(x)[0])
        rmse.update_state(y, prediction)
        moved = [tf.identity(variable.value) for variable in (*trainable, *state)]
        assign([*trainable, *state], tf.concat([tf.zeros(k + 1, dtype), start[k + 1 :]], axis=0))
        optimizer.iterations.assign(tf.cast(steps, optimizer.iterations.dtype))
        optimizer.apply(gradients, trainable)
        steps_taken = [-tf.identity(variable.value) for variable in trainable]
        assign(trainable, after)
        full = model.compute_loss(x=all_x, y=all_y, y_pred=model(all_x, training=False))
        numbers = [loss, mean.result(), rmse.result(), full, *gradients, *steps_taken, *moved, prediction]
        return tf.concat([tf.reshape(number, (-1,)) for number in numbers], axis=0)

    batch, column = tf.TensorSpec((None, k), dtype), tf.TensorSpec((None, 1), dtype)
    length = 2 * (k + 1) + (k + 1) * len(slots) + 4
    signature = batch, column, batch, column, tf.TensorSpec((length,), dtype), tf.TensorSpec((), tf.int64)
    compiled = tf.function(take_step, autograph=False).get_concrete_function(*signature)
    # Called with tensors it need not look for a matching trace, which takes as long as the step.
    return lambda *arrays: compiled(*map(tf.constant, arrays)).numpy()
