"""The Keras model, one step of it from any start, and its ``fit``.

Keras and TensorFlow are handed in as modules; :mod:`lrstep.check.worker` is what imports them.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from lrstep.check import protocol as say
from lrstep.core.rmsprop import State


class Steppers:
    """The compiled step functions of late: building one takes longer than a hundred steps.

    Another data set or learning rate needs no other function; the learning rate is a variable of the
    optimizer.

    Args:
        keras: the module. tf: the module tensorflow.
    """

    KEEP = 4

    def __init__(self, keras: Any, tf: Any) -> None:
        self.keras, self.tf = keras, tf
        self._kept: OrderedDict[tuple[object, ...], tuple[Any, Any]] = OrderedDict()

    def get(self, setup: say.Setup) -> Any:
        """The step function for a setup, see :func:`stepper`; Keras must be in its precision."""
        fixed = {name: value for name, value in setup.optimizer.items() if name != "learning_rate"}
        key = (setup.precision, *sorted(fixed.items()))
        if key not in self._kept:
            model = compiled_model(self.keras, setup)
            self._kept[key] = model, stepper(self.keras, self.tf, model, np.dtype(setup.precision))
            if len(self._kept) > self.KEEP:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        model, take_step = self._kept[key]
        model.optimizer.learning_rate = setup.optimizer["learning_rate"]
        return take_step


class Session:
    """One precision, one data set, one optimizer: serves steps and ``fit``.

    Args:
        steppers: where to get the step function.
        setup: what to use.
    """

    def __init__(self, steppers: Steppers, setup: say.Setup) -> None:
        self.keras, self.setup = steppers.keras, setup
        self.dtype = np.dtype(setup.precision)
        keras = self.keras
        keras.backend.clear_session(free_memory=False)  # looking for garbage takes longer than a check of 24 steps
        keras.config.set_floatx(setup.precision)
        # Layers follow the policy, which keeps its first value when floatx changes later.
        keras.config.set_dtype_policy(setup.precision)
        with np.errstate(over="ignore"):
            self.x = say.unpack(setup.x).astype(self.dtype).reshape(-1, 1)
            self.y = say.unpack(setup.y).astype(self.dtype).reshape(-1, 1)
        self.take_step = steppers.get(setup)
        self.fitted: Any = None

    def step(self, step: say.Step) -> say.StepResult:
        """Let Keras take one step from the given start."""
        rows = say.unpack_rows(step.rows) if step.rows else slice(step.start, step.stop)
        with np.errstate(over="ignore"):
            start = np.array([*step.before, step.total, step.count]).astype(self.dtype)
        numbers = self.take_step(self.x[rows], self.y[rows], start).astype(np.float64)
        loss, rmse, g_w, g_b, *after = numbers[:12].tolist()
        return say.StepResult(say.pack(numbers[12:]), loss, rmse, [g_w, g_b], after)

    def fit(self, request: say.Fit, at_batch_end: Callable[[float, float, float, float], bool]) -> None:
        """Run ``fit`` as a learner would.

        Args:
            request: epochs, batch size, order, start.
            at_batch_end: is told weight, bias, printed loss and printed RMSE; False stops.
        """
        if request.start is not None:
            self.fitted = compiled_model(self.keras, self.setup)
            weight, bias = request.start
            self.fitted.set_weights([np.array([[weight]], self.dtype), np.array([bias], self.dtype)])
        model = self.fitted

        def on_train_batch_end(batch: int, logs: dict[str, float]) -> None:
            kernel, bias = model.get_weights()
            model.stop_training = not at_batch_end(
                float(kernel[0, 0]), float(bias[0]), float(logs["loss"]), float(logs["root_mean_squared_error"])
            )

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


def compiled_model(keras: Any, setup: say.Setup) -> Any:
    """The model as in a notebook: one dense unit on one input, RMSprop, mean squared error, RMSE.

    Raises:
        RuntimeError: Keras did not build it in the precision asked for.
    """
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    model.compile(
        optimizer=keras.optimizers.RMSprop(**setup.optimizer),
        loss="mean_squared_error",
        metrics=[keras.metrics.RootMeanSquaredError()],
    )
    model.optimizer.build(model.trainable_variables)
    held = [*model.variables, *model.optimizer.variables[1:]]  # the first one counts the iterations
    if wrong := [variable.path for variable in held if variable.dtype != setup.precision]:
        raise RuntimeError(f"Keras does not hold {', '.join(wrong)} in {setup.precision}")
    return model


def state_variables(model: Any) -> list[Any]:
    """The Keras variable behind each field of the engine's state; None for what is switched off."""
    kernel, bias = model.trainable_variables
    found: dict[str, Any] = {"weight": kernel, "bias": bias}
    for variable in model.optimizer.variables:
        for suffix, name in (
            ("velocity", "accumulator"),
            ("momentum", "momentum"),
            ("average_gradient", "mean_gradient"),
        ):
            if variable.path.endswith(f"_{suffix}"):
                found[f"{name}_{'weight' if f'kernel_{suffix}' in variable.path else 'bias'}"] = variable
    return [found.get(name) for name in State._fields]


def stepper(keras: Any, tf: Any, model: Any, dtype: np.dtype[Any]) -> Any:
    """A compiled function: one training step of the model from a given start.

    It does what Keras's own ``train_step`` does (forward pass, ``compute_loss``, gradient tape,
    ``optimizer.apply``, metric) and hands out what that keeps to itself, the predictions and gradients.

    Returns:
        function of x (m, 1), y (m, 1) and the start (10,), which is the eight numbers of the state, then
        total and count of the metric → one array (12 + m,): loss, RMSE, two gradients, the eight
        numbers of the state, predictions.
    """
    variables = state_variables(model)
    metric = keras.metrics.RootMeanSquaredError()
    trainable = model.trainable_variables

    def take_step(x: Any, y: Any, start: Any) -> Any:
        for i, variable in enumerate([*variables, *metric.variables]):
            if variable is not None:
                variable.assign(tf.reshape(start[i], variable.shape))
        with tf.GradientTape() as tape:
            prediction = model(x, training=True)
            loss = model.compute_loss(x=x, y=y, y_pred=prediction)
        gradients = tape.gradient(loss, trainable)
        model.optimizer.apply(gradients, trainable)
        metric.update_state(y, prediction)
        after = [tf.zeros((), dtype) if variable is None else variable.value for variable in variables]
        numbers = [loss, metric.result(), *gradients, *after, prediction]
        return tf.concat([tf.reshape(number, (-1,)) for number in numbers], axis=0)

    column = tf.TensorSpec((None, 1), dtype)
    compiled = tf.function(take_step).get_concrete_function(column, column, tf.TensorSpec((10,), dtype))
    # Called with tensors it need not look for a matching trace, which takes as long as the step.
    return lambda *arrays: compiled(*map(tf.constant, arrays)).numpy()
