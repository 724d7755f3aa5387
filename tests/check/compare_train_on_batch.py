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
from lrstep.check.model import Session, Steppers, compiled_model, state_variables

CASES = [
    {"rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False},
    {"rho": 0.5, "momentum": 0.9, "epsilon": 1e-3, "centered": False},
    {"rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": True},
    {"rho": 0.3, "momentum": 1.0, "epsilon": 1.0, "centered": True},
]
BATCHES = [slice(0, 5), slice(5, 10), slice(10, 12), slice(0, 300), slice(3, 4)]


def by_train_on_batch(keras, setup, start):
    model = compiled_model(keras, setup)
    x, y = (say.unpack(column).astype(setup.precision).reshape(-1, 1) for column in (setup.x, setup.y))
    model.set_weights([np.array([[start[0]]]), np.array([start[1]])])
    for batch in BATCHES:
        loss = float(model.train_on_batch(x[batch], y[batch])[0])
        variables = state_variables(model)
        yield [loss, *(0.0 if v is None else float(np.asarray(v).reshape(())) for v in variables)]


def by_session(session, start):
    before = [*start, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    for batch in BATCHES:
        result = session.step(say.Step(batch.start, batch.stop, "", before, 0.0, 0))
        before = result.after
        yield [result.loss, *before]


def main() -> None:
    os.environ.update(worker.QUIET)
    import keras
    import tensorflow as tf

    steppers = Steppers(keras, tf)
    data = noisy(300, 30.0, 7.0)
    for precision in ("float32", "float64", "float32"):
        for i, case in enumerate(CASES):
            optimizer = {"learning_rate": 0.05 / (i + 1), **case}
            setup = say.Setup(1, precision, optimizer, say.pack(data.x), say.pack(data.y))
            session = Session(steppers, setup)
            mine, keras_own = list(by_session(session, [0.7, -0.2])), list(by_train_on_batch(keras, setup, [0.7, -0.2]))
            print(json.dumps({"precision": precision, "case": i, "mine": mine, "keras": keras_own}))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
