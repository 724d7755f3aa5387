"""Prints how many microseconds one iteration of Keras ``fit`` takes with a callback that reads the weights."""

import json
import os
import time

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1"}

import keras
import numpy as np

from benchmarks.engine import BATCH, LR, RHO, X, Y

EPOCHS = 300


class Read(keras.callbacks.Callback):
    """What a person writes to see every step."""

    def on_train_begin(self, logs=None):
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append([float(np.ravel(weight)[0]) for weight in self.model.get_weights()])


def seconds(epochs: int) -> float:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.RMSprop(LR, rho=RHO), loss="mse", metrics=[keras.metrics.RootMeanSquaredError()])
    model.fit(X, Y, batch_size=BATCH, epochs=2, shuffle=False, verbose=0, callbacks=[Read()])  # traces the graph
    start = time.perf_counter()
    model.fit(X, Y, batch_size=BATCH, epochs=epochs, shuffle=False, verbose=0, callbacks=[Read()])
    return time.perf_counter() - start


if __name__ == "__main__":
    print(json.dumps(seconds(EPOCHS) / (EPOCHS * len(X) // BATCH) * 1e6))
