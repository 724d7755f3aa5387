"""Prints how many microseconds an iteration of Keras ``fit`` takes with a callback that reads the weights: with 3 and
with 60 iterations in an epoch."""

import json
import os
import time

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1"}

import keras
import numpy as np

from benchmarks.engine import BATCH, LR, X, Y

ITERATIONS = 600


class Read(keras.callbacks.Callback):
    """What a person writes to see every step."""

    def on_train_begin(self, logs=None):
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append([float(np.ravel(weight)[0]) for weight in self.model.get_weights()])


def per_step(repeats: int) -> float:
    """Microseconds for one iteration on the samples repeated so often: an epoch as such costs time too."""
    x, y = np.tile(X, repeats), np.tile(Y, repeats)
    epochs = ITERATIONS * BATCH // len(x)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.RMSprop(LR), loss="mse", metrics=[keras.metrics.RootMeanSquaredError()])
    options = {"batch_size": BATCH, "shuffle": False, "verbose": 0}
    model.fit(x, y, epochs=2, callbacks=[Read()], **options)  # traces the graph
    start = time.perf_counter()
    model.fit(x, y, epochs=epochs, callbacks=[Read()], **options)
    return (time.perf_counter() - start) / ITERATIONS * 1e6


if __name__ == "__main__":
    print(json.dumps([per_step(1), per_step(20)]))
