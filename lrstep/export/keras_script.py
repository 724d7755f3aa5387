"""A run as a Keras script: the model, the optimizer with its settings, the start, the batches in their order."""

from textwrap import indent

from lrstep.core.recorded_run import FreeRun
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.export.rows import feature_keys
from lrstep.export.script import data_lines, order_lines, order_of, refuse_too_many

FIT = """model.fit(
    {x}, {y},
    batch_size={size}, epochs={until}, initial_epoch={first},
    shuffle=False, verbose=0, callbacks=[show],
)
"""


def keras_script(run: Run) -> str:
    """The script.

    Raises:
        LrstepError: Keras 3 has no such optimizer, or there are too many samples.
    """
    rule = run.settings.rule
    if not rule.keras:
        hint = "Without --format keras the script is written with NumPy alone."
        raise LrstepError(f"{rule.title} is of {rule.framework}: Keras 3 has no such optimizer", hint)
    refuse_too_many(run.dataset)
    return "\n".join([_head(run), data_lines(run), _model(run), _show(run), _fit(run)])


def _head(run: Run) -> str:
    precision = '# keras.config.set_floatx("float64")  # to see more digits than Keras has in a notebook'
    if isinstance(run, FreeRun) and run.recording.dtype == "float64":
        precision = 'keras.config.set_floatx("float64")  # as it was recorded'
    return f'''"""A run of lrstep made by Keras: after each batch it prints what Keras says, and the parameters."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

{precision}
'''


def _model(run: Run) -> str:
    k, rule = len(run.dataset.columns), run.settings.rule
    given = ", ".join(f"{name}={value!r}" for name, value in rule.in_keras(run.settings).items())
    *weights, bias = run.start.parameters
    return f"""X = np.column_stack([{", ".join(feature_keys(run))}])

model = keras.Sequential([keras.layers.Input(({k},)), keras.layers.Dense(1)])
model.compile(
    optimizer=keras.optimizers.{rule.keras}({given}),
    loss="mean_squared_error",
    metrics=[keras.metrics.RootMeanSquaredError()],
)
model.set_weights([np.array({[[weight] for weight in weights]!r}), np.array([{bias!r}])])
"""


def _show(run: Run) -> str:
    titles = ["loss", "RMSE", *run.parameters]
    return f'''
class Show(keras.callbacks.Callback):
    """Prints loss and RMSE of the epoch so far, and the parameters after the update."""

    iteration = 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        self.iteration += 1
        kernel, bias = self.model.get_weights()
        numbers = [logs["loss"], logs["root_mean_squared_error"], *kernel[:, 0], *bias]
        print(f"{{self.iteration:5}} {{self.epoch:5}} {{batch + 1:5}}", *(f"{{number:14.8g}}" for number in numbers))


show = Show()
print(" iter epoch batch", *(text.rjust(14) for text in {titles!r}))'''


def _fit(run: Run) -> str:
    size, epochs = run.batches.size, run.settings.epochs
    if run.batches.in_order_of_data:
        return FIT.format(x="X", y="y", size=size, until=epochs, first=0)
    # Keras would shuffle in an order of its own.
    orders = "".join(f"{line}\n" for line in order_lines(run))
    loop = f"{orders}for epoch in range(1, {epochs + 1}):\n    order = {order_of(run)}\n"
    return loop + indent(FIT.format(x="X[order]", y="y[order]", size=size, until="epoch", first="epoch - 1"), "    ")
