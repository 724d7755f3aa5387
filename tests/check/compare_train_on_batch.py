"""Run by test_model.py in a process of its own: the step function beside Keras's own train_on_batch.

Prints one JSON object per case: the state and loss after each of some steps, by both.
"""

import json
import os
import sys

import numpy as np
from data import noisy

from lrstep.check import protocol as say
from lrstep.check import worker
from lrstep.check.keras_model import KerasTrainer, Steppers, compiled_model, flat, slot_variables

RMSPROP = {"accumulator": "velocity"}
ADAM = {"mean_gradient": "momentum", "accumulator": "velocity"}
CASES = [
    ("RMSprop", {"rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False}, RMSPROP),
    ("RMSprop", {"rho": 0.5, "momentum": 0.9, "epsilon": 1e-3, "centered": False}, {**RMSPROP, "momentum": "momentum"}),
    (
        "RMSprop",
        {"rho": 0.3, "momentum": 1.0, "epsilon": 1.0, "centered": True},
        {**RMSPROP, "mean_gradient": "average_gradient", "momentum": "momentum"},
    ),
    ("SGD", {"momentum": 0.0, "nesterov": False}, {}),
    ("SGD", {"momentum": 0.9, "nesterov": True}, {"momentum": "momentum"}),
    ("Adagrad", {"initial_accumulator_value": 0.1, "epsilon": 1e-7}, {"accumulator": "accumulator"}),
    ("Adam", {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}, ADAM),
]
BATCHES = [slice(0, 5), slice(5, 10), slice(10, 12), slice(0, 300), slice(3, 4)]


def by_train_on_batch(keras, setup, start):
    model = compiled_model(keras, setup)
    x = np.stack([say.unpack(column) for column in setup.columns], axis=1).astype(setup.precision)
    y = say.unpack(setup.y).astype(setup.precision).reshape(-1, 1)
    model.set_weights([np.array(start[:-1]).reshape(-1, 1), np.array(start[-1:])])
    for batch in BATCHES:
        loss = float(model.train_on_batch(x[batch], y[batch])[0])
        slots = [flat(variables) for variables in slot_variables(model, setup.slots).values()]
        yield [loss, *flat(model.trainable_variables), *(number for numbers in slots for number in numbers)]


def by_trainer(trainer, start):
    before, slots = start, trainer.stepper.fresh
    for number, batch in enumerate(BATCHES, 1):
        result = trainer.step(say.StepRequest(batch.start, batch.stop, "", number, before, slots, 0.0, 0, before))
        before, slots = result.parameters, result.slots
        yield [result.loss, *before, *(number for numbers in slots.values() for number in numbers)]


def main() -> None:
    os.environ.update(worker.QUIET)
    import keras
    import tensorflow as tf

    steppers = Steppers(keras, tf)
    data, other = noisy(300, 30.0, 7.0), noisy(300, 2.0, seed=1)
    for precision, cases in (("float32", CASES), ("float64", CASES), ("float32", CASES[:2])):
        for i, (optimizer, options, slots) in enumerate(cases):
            options = {"learning_rate": 0.05 / (i + 1), **options}
            columns = [say.pack(data.x), say.pack(other.x)][: 1 + i % 2]
            setup = say.Setup(1, precision, optimizer, options, slots, columns, say.pack(data.y))
            trainer, start = KerasTrainer(steppers, setup), [0.7, 0.4, -0.2][-1 - len(columns) :]
            mine, keras_own = list(by_trainer(trainer, start)), list(by_train_on_batch(keras, setup, start))
            print(json.dumps({"precision": precision, "case": i, "mine": mine, "keras": keras_own}))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
